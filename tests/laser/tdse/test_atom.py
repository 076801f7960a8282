"""Atoms in light against exact laws and a published solver."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    ELECTRONVOLT,
    PLANCK,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Pulse, driving_field
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics import harmonic_spectrum, sfa_dipole
from qleap.laser.tdse import soft_core
from qleap.laser.tdse.atom import DIPOLE_UNIT, solve_atom
from qleap.laser.tdse.models import atom_model
from qleap.laser.tdse.radii import RadialGrid
from tests.laser.tdse.fields import field_of, gaussian_potential, sine_squared


def ramped(strength: float, rise: float, end: float, step: float) -> DrivingField:
    time = np.arange(0.0, end, step)
    field = strength * np.sin(0.5 * np.pi * np.clip(time / rise, 0.0, 1.0)) ** 2
    return field_of(time, field, 0.05)


@pytest.mark.parametrize(
    ("strength", "rate"), [(0.06, 5.150775e-4), (0.08, 4.539658e-3)]
)
def test_hydrogen_decays_in_a_static_field_at_the_exact_rate(
    strength: float, rate: float
) -> None:
    driving = ramped(strength, 40.0, 150.0, 0.5)
    data = solve_atom(driving, "H", radius=40.0, n_l=64, time_step=0.1, radial_step=0.3)
    late = slice(-150, None)
    time = data["time"].values[late] / ATOMIC_TIME
    slope = np.polyfit(time, np.log(data["survival"].values[late]), 1)[0]
    assert -slope == pytest.approx(rate, rel=3e-3)


def test_a_weak_field_shifts_hydrogen_by_its_polarisability() -> None:
    driving = ramped(1e-3, 100.0, 150.0, 0.5)
    data = solve_atom(driving, "H", radius=20.0, n_l=4, time_step=0.1)
    shifted = data["dipole"].values[0, -60:].mean() / DIPOLE_UNIT
    assert shifted == pytest.approx(4.5e-3, rel=1e-3)


def test_the_acceleration_is_the_second_derivative_of_the_dipole() -> None:
    driving = sine_squared(0.05, 0.057, 2.0)
    data = solve_atom(driving, "H", radius=120.0, time_step=0.1)
    step = driving.step
    second = np.diff(data["dipole"].values[0], 2) / step**2
    given = data["dipole_acceleration"].values[0, 1:-1]
    assert np.abs(second - given).max() < 3e-3 * np.abs(given).max()


def test_finer_steps_at_the_nucleus_mend_the_acceleration_of_bound_electrons() -> None:
    driving, off = sine_squared(0.02, 0.2, 3.0), []
    for nucleus_step in (None, 0.05):
        data = solve_atom(driving, "Ar", radius=20.0, n_l=16, nucleus_step=nucleus_step)
        second = np.diff(data["dipole"].values[0], 2) / driving.step**2
        given = data["dipole_acceleration"].values[0, 1:-1]
        off.append(np.abs(second - given).max() / np.abs(second).max())
    assert off[0] < 0.1
    assert off[1] < 0.4 * off[0]


def test_first_order_theory_gives_the_excitation_of_hydrogen() -> None:
    driving = sine_squared(5e-4, 0.375, 20.0)
    data = solve_atom(driving, "H", radius=40.0, n_l=3, time_step=0.05)
    time = driving.time / ATOMIC_TIME
    field = driving.field[0] / ATOMIC_ELECTRIC_FIELD
    amplitude = 0.7449 * np.trapezoid(field * np.exp(0.375j * time), time)
    excited = float(data["l_population"][1])
    assert excited == pytest.approx(abs(amplitude) ** 2, rel=1e-3)


@pytest.mark.parametrize("omega", [0.7, 1.0])
def test_hydrogen_is_ionised_with_stobbes_cross_section(omega: float) -> None:
    driving = sine_squared(0.01, omega, 20.0, after=60.0)
    data = solve_atom(driving, "H", radius=40.0, n_l=4, time_step=0.05)
    eta = 1.0 / np.sqrt(2.0 * omega - 1.0)
    section = 2.0**9 * np.pi**2 / 3.0 / 137.036 * (0.5 / omega) ** 4
    section *= np.exp(-4.0 * eta * np.arctan(1.0 / eta)) / -np.expm1(-2.0 * np.pi * eta)
    field = driving.field[0] / ATOMIC_ELECTRIC_FIELD
    # Photons an area: the integral of eps0 c E^2, with eps0 c = 137.036/4 pi.
    fluence = 137.036 / (4.0 * np.pi) * np.sum(field**2) * driving.step / ATOMIC_TIME
    lost = 1.0 - float(data["ground_population"])
    assert lost == pytest.approx(section * fluence / omega, rel=0.02)


def test_a_resonant_pulse_excites_as_much_as_in_scid_tdse() -> None:
    driving = gaussian_potential(
        4.5075e-3, 0.375, 60.0, (70.0, 95.0), 100.0, 200.0, 0.1
    )
    data = solve_atom(driving, "H", radius=60.0, n_l=4, time_step=0.1)
    # doc/EXAMPLES.txt of SCID-TDSE, example E2.
    assert float(data["l_population"][1]) == pytest.approx(3.0988e-3, rel=6e-4)


def test_the_third_harmonic_of_weak_light_grows_with_the_third_power() -> None:
    found = []
    for strength in (0.004, 0.008):
        driving = sine_squared(strength, 0.07, 8.0, step=0.2)
        data = solve_atom(
            driving, "H", radius=25.0, n_l=8, time_step=0.2, radial_step=0.3
        )
        spectrum = harmonic_spectrum(data, taper=0.0)
        near = np.abs(spectrum["order"].values - 3.0) < 0.4
        found.append(np.linalg.norm(spectrum["amplitude"].values[0, near]))
    assert np.log2(found[1] / found[0]) == pytest.approx(3.0, abs=0.01)


def test_argon_loses_the_electron_that_points_along_the_field() -> None:
    driving = sine_squared(0.07, 0.057, 2.0)
    lost = []
    for m in (0, 1):
        data = solve_atom(driving, "Ar", m=m, time_step=0.1, radial_step=0.25)
        assert float(data["l"][0]) == m
        lost.append(1.0 - float(data["ground_population"]))
    assert 15.0 < lost[0] / lost[1] < 40.0


def test_steps_at_the_nucleus_are_told_their_bounds() -> None:
    with pytest.raises(InvalidValue, match=r"nucleus_step must .* got 0\.7"):
        atom_model(sine_squared(0.02, 0.2, 3.0), "Ar", nucleus_step=0.7)


def test_what_is_no_field_and_no_atom_is_refused() -> None:
    driving = sine_squared(0.01, 0.2, 1.0)
    with pytest.raises(InvalidKind, match="driving must be a DrivingField"):
        solve_atom(driving.field, "H")  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="target must be a CentralPotential"):
        solve_atom(driving, soft_core("H"))  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="m must be between 0 and 0"):
        solve_atom(driving, "H", m=1)
    with pytest.raises(InvalidValue, match="slowest must be > 0"):
        solve_atom(driving, "H", slowest=0.0)
    with pytest.raises(InvalidValue, match="n_l times the radii must be at most"):
        solve_atom(driving, "H", radius=1e5, n_l=512)


def test_more_angular_momenta_are_asked_for_where_they_do_not_suffice() -> None:
    driving = sine_squared(0.08, 0.057, 1.0)
    with pytest.raises(InvalidValue, match="n_l must be larger than"):
        solve_atom(driving, "H", n_l=8, time_step=0.2, radial_step=0.4)
    turning = DrivingField(
        time=driving.time, field=np.stack([driving.field[0]] * 2), wavelength=800e-9
    )
    with pytest.raises(InvalidValue, match="linearly polarised"):
        solve_atom(turning, "H")
    with pytest.raises(InvalidValue, match=r"choices \(m\) must be those of the"):
        solve_atom(driving, atom_model(driving, "H"), m=0)


@pytest.mark.parametrize("choices", [{"radius": 5.0}, {"n": 5, "l": 0}])
def test_a_level_that_an_absorber_would_eat_is_refused(
    choices: dict[str, Any],
) -> None:
    dark = sine_squared(0.0, 0.5, 1.0)
    with pytest.raises(InvalidValue, match=r"radius must hold the level n = \d, l = 0"):
        solve_atom(dark, "H", n_l=16, **choices)


@pytest.mark.parametrize(("name", "zero"), [("Ar", 42.4), ("Ar (Muller)", 51.5)])
def test_harmonics_of_argon_have_a_cooper_minimum(name: str, zero: float) -> None:
    # The zeros are those of recombination along the light (quantum_paths.md),
    # by Numerov's method; the strong-field approximation gives the wave packet.
    pulse = Pulse(shape="gaussian", wavelength=1300e-9, fwhm=5e-15, energy=1e-6)
    time = np.arange(-8e-15, 8e-15, 1.2e-17)
    driving = driving_field(pulse, peak_intensity=1.6e18, time=time)
    exact = solve_atom(
        driving, name, radius=130.0, n_l=128, radial_step=0.4, time_step=0.2
    )
    energies = np.arange(30.0, 66.0)
    packets = []
    for data in (exact, sfa_dipole(driving, "Ar")):
        found = harmonic_spectrum(data)
        each = found["frequency"].values * PLANCK / ELECTRONVOLT
        near = np.exp(-(((energies[:, None] - each) / 3.0) ** 2))
        packets.append(near @ found["spectrum"].values[0])
    ratio = packets[0] / packets[1]
    assert energies[ratio.argmin()] == pytest.approx(zero, abs=3.0)
    assert ratio.min() < 0.4 * min(ratio[0], ratio[-1])


SHORT: dict[str, Any] = {
    "radius": 40.0,
    "n_l": 16,
    "radial_step": 0.3,
    "time_step": 0.1,
}


@pytest.mark.parametrize(
    ("name", "omega", "choices"),
    [
        ("H", 0.3, {}),
        ("H", 0.3, {"radial_step": 0.5, "time_step": 0.025}),
        ("H", 0.3, {"gauge": "velocity"}),
        ("He", 0.15, {"n_l": 32, "time_step": 0.2}),
    ],
    ids=["time", "radius", "velocity gauge", "helium"],
)
def test_the_estimated_error_is_that_against_finer_steps(
    name: str, omega: float, choices: dict[str, Any]
) -> None:
    driving = sine_squared(0.05, omega, 2.0, step=0.2)
    model = atom_model(driving, name, **{**SHORT, **choices})
    data = solve_atom(driving, model, estimate_error=True)
    wide = model.grid
    grid = RadialGrid(
        n_points=2 * wide.n_points,
        first_step=0.5 * wide.first_step,
        step=0.5 * wide.step,
        bend=2.0 * wide.bend,
    )
    finer = dataclasses.replace(model, grid=grid, time_step=model.time_step / 5.0)
    exact = solve_atom(driving, finer)["dipole_acceleration"].values
    apart = np.abs(data["dipole_acceleration"].values - exact).max()
    error = apart / np.abs(exact).max()
    assert error / 3.0 < float(data["estimated_error"]) < 3.0 * error
    assert error > 3e-5


def test_solutions_have_the_same_bits_for_any_number_of_threads() -> None:
    driving = sine_squared(0.05, 0.3, 2.0, step=0.2)
    one, two = (
        solve_atom(driving, "H", surface=30.0, threads=threads, **SHORT)
        for threads in (1, 2)
    )
    assert one.equals(two)
    with pytest.raises(InvalidValue, match="threads must be"):
        solve_atom(driving, "H", threads=0)
