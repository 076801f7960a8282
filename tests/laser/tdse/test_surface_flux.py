"""Spectra of electrons against conservation of probability and selection rules."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import sph_harm_y

from qleap.core.constants import HARTREE
from qleap.core.errors import InvalidValue
from qleap.laser.tdse.atom import solve_atom
from qleap.laser.tdse.surface_flux import (
    _harmonics,
    electron_distribution,
    level_spectrum,
)
from tests.laser.tdse.fields import field_of, sine_squared


@pytest.mark.parametrize("m", [0, 2])
def test_spherical_harmonics_are_those_of_scipy(m: int) -> None:
    momenta, cosines = np.arange(m, m + 9), np.linspace(-0.9, 0.8, 5)
    theirs = sph_harm_y(momenta, m, np.arccos(cosines)[:, None], 0.0).real
    assert_allclose(_harmonics(momenta, m, cosines), (-1) ** m * theirs, atol=1e-14)


def test_one_photon_sets_electrons_free_along_the_field() -> None:
    driving = sine_squared(0.02, 1.0, 12.0, after=150.0)
    data = solve_atom(driving, "H", n_l=4, radius=40.0, surface=35.0, radial_step=0.3)
    energies = np.linspace(0.02, 1.2, 60) * HARTREE
    found = electron_distribution(data, energies, n_angles=8)
    spectrum = found["spectrum"].values
    # All that left the atom passed the surface.
    lost = 1.0 - float(data["norm"])
    assert np.trapezoid(spectrum, energies) == pytest.approx(lost, rel=2e-3)
    best = int(spectrum.argmax())
    assert energies[best] / HARTREE == pytest.approx(0.5, abs=0.02)
    # A p wave, of an s state and one photon.
    shape = found["distribution"].values[best]
    assert_allclose(
        shape / shape[0], (found["cosine"] / found["cosine"][0]) ** 2, atol=8e-3
    )


def test_windows_hold_bound_states_and_what_is_free() -> None:
    driving = sine_squared(0.02, 1.0, 8.0)
    data = solve_atom(driving, "H", n_l=4, radius=140.0, radial_step=0.3, time_step=0.1)
    bound = np.linspace(-0.8, -0.2, 300) * HARTREE
    inside = level_spectrum(data, bound, 0.01 * HARTREE)["spectrum"].sum("l").values
    ground = float(data["ground_population"])
    assert np.trapezoid(inside, bound) == pytest.approx(ground, rel=2e-3)
    free = np.linspace(0.05, 1.2, 100) * HARTREE
    outside = level_spectrum(data, free, 0.01 * HARTREE)["spectrum"].values
    assert np.trapezoid(outside[1], free) == pytest.approx(1.0 - ground, rel=1e-2)


def test_peaks_above_threshold_are_photons_apart() -> None:
    omega, strength = 0.3, 0.06
    driving = sine_squared(strength, omega, 14.0, after=150.0, step=0.2)
    data = solve_atom(
        driving, "H", n_l=16, radius=60.0, surface=55.0, time_step=0.1, radial_step=0.3
    )
    shift = strength**2 / (4.0 * omega**2)
    peaks = []
    for photons in (2, 3, 4):
        middle = photons * omega - 0.5 - shift
        energies = np.linspace(middle - 0.5 * omega, middle + 0.5 * omega, 60)
        near = energies[energies > 0.03] * HARTREE
        spectrum = electron_distribution(data, near, n_angles=8)["spectrum"].values
        peaks.append(near[spectrum.argmax()] / HARTREE)
    assert_allclose(peaks, omega * np.array([2, 3, 4]) - 0.5 - shift, atol=0.01)


def test_a_surface_must_have_been_recorded() -> None:
    data = solve_atom(sine_squared(0.001, 1.0, 1.0), "H", n_l=4, radius=20.0)
    with pytest.raises(InvalidValue, match="solve_atom with a surface"):
        electron_distribution(data, [HARTREE])
    with pytest.raises(InvalidValue, match="surface must"):
        solve_atom(sine_squared(0.001, 1.0, 1.0), "H", radius=20.0, surface=30.0)


def test_no_electron_comes_where_nothing_reaches_the_surface() -> None:
    dark = field_of(np.arange(0.0, 2.0, 0.1), np.zeros(20), 0.5)
    data = solve_atom(dark, "H", n_l=4, radius=60.0, surface=50.0)
    found = electron_distribution(data, [0.5 * HARTREE])
    assert float(found["spectrum"].max()) * HARTREE < 1e-20
