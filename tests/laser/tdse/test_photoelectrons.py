"""Spectra of electrons against energy conservation and each other; absorbers."""

from functools import cache

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from numpy.typing import ArrayLike
from scipy.signal import find_peaks

from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    HARTREE,
    SPEED_OF_LIGHT,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import DrivingField
from qleap.laser.harmonics import sfa_dipole
from qleap.laser.tdse import (
    SoftCore,
    energy_spectrum,
    level_spectrum,
    photoelectron_spectrum,
    solve_line,
)
from qleap.laser.tdse.absorbers import absorber_width, absorbing_potential
from qleap.laser.tdse.line_grid import Line
from qleap.laser.tdse.line_steps import Atomic, CompactSteps, Impulses

HYDROGEN = SoftCore(softening=np.sqrt(2.0))
OMEGA, STRENGTH, CYCLES = 0.114, 0.04, 10  # 400 nm
ENERGIES = np.linspace(0.08, 0.45, 150)


def light() -> DrivingField:
    end = 2.0 * np.pi * CYCLES / OMEGA
    time = np.linspace(0.0, 1.8 * end, 2480)
    phase = np.pi * np.minimum(time / end, 1.0)
    turn = OMEGA * time
    # Minus the slope of A = -E0/omega sin^2(phase) sin(turn).
    field = np.sin(phase) ** 2 * np.cos(turn)
    field += np.pi / (end * OMEGA) * np.sin(2.0 * phase) * np.sin(turn)
    return DrivingField(
        time=time * ATOMIC_TIME,
        field=STRENGTH * field * ATOMIC_ELECTRIC_FIELD,
        wavelength=2.0 * np.pi * SPEED_OF_LIGHT * ATOMIC_TIME / OMEGA,
    )


@cache
def freed(absorber: bool) -> xr.Dataset:
    return solve_line(
        light(),
        HYDROGEN,
        surface=150.0 * BOHR_RADIUS,
        half_width=(190.0 if absorber else 1300.0) * BOHR_RADIUS,
        absorber=absorber,
        spacing=0.2 * BOHR_RADIUS,
        time_step=0.2 * ATOMIC_TIME,
    )


@cache
def through_the_surface() -> np.ndarray:
    data = photoelectron_spectrum(freed(True), ENERGIES * HARTREE)
    return np.asarray(data["spectrum"].values.sum(axis=0) * HARTREE)


def polarisability() -> float:
    """Return that of hydrogen on a line by the sum over states, atomic units."""
    x, h = np.linspace(-40.0, 40.0, 201, retstep=True)
    apart = np.subtract.outer(np.arange(x.size), np.arange(x.size))
    safe = np.where(apart == 0, 1, apart)
    kinetic = np.where(apart == 0, np.pi**2 / 6.0, (-1.0) ** apart / safe**2) / h**2
    energies, states = np.linalg.eigh(kinetic + np.diag(HYDROGEN.values_au(x)))
    moments = (states.T @ (x * states[:, 0]))[1:]
    apart = energies[1:] - energies[0]
    # At the frequency of the light.
    return float(np.sum(2.0 * moments**2 * apart / (apart**2 - OMEGA**2)))


def test_peaks_lie_where_photons_pay_for_ionisation_and_quiver() -> None:
    spectrum = through_the_surface()
    at = find_peaks(np.log(spectrum), prominence=2.0)[0]
    found = ENERGIES[at]
    shift = 0.25 * STRENGTH**2 * (1.0 / OMEGA**2 + polarisability())
    expected = np.arange(6, 10) * OMEGA - 0.5 - shift
    expected = expected[(expected > ENERGIES[0]) & (expected < ENERGIES[-1])]
    assert found.size == expected.size >= 3
    # The pulse's envelope widens the shift: most are born near its peak.
    assert np.abs(found - expected).max() < 0.06 * OMEGA
    assert np.diff(found) == pytest.approx(OMEGA, rel=0.03)


def test_flux_and_windows_give_one_spectrum() -> None:
    window = energy_spectrum(freed(False), ENERGIES * HARTREE, 0.002 * HARTREE)
    other, ours = window["spectrum"].values * HARTREE, through_the_surface()
    strong = ours > 0.3 * ours.max()
    assert np.abs(ours[strong] / other[strong] - 1.0).max() < 0.05
    total, same = (np.trapezoid(each, ENERGIES) for each in (ours, other))
    assert total == pytest.approx(same, rel=3e-3)


class Well:
    """A potential that ends soon: beyond it electrons are free, field or not."""

    def values_au(self, x: ArrayLike) -> np.ndarray:
        return np.asarray(-0.9 * np.exp(-(np.asarray(x) ** 2)))

    def gradient_au(self, x: ArrayLike) -> np.ndarray:
        return np.asarray(-2.0 * np.asarray(x) * self.values_au(x))


def test_electrons_that_pass_the_surface_in_the_field_are_counted_as_they_end() -> None:
    data = solve_line(
        light(),
        Well(),
        surface=15.0 * BOHR_RADIUS,
        half_width=1300.0 * BOHR_RADIUS,
        absorber=False,
        spacing=0.2 * BOHR_RADIUS,
        time_step=0.2 * ATOMIC_TIME,
    )
    energies = np.linspace(0.1, 0.5, 100) * HARTREE
    flux = photoelectron_spectrum(data, energies)["spectrum"].values.sum(axis=0)
    window = energy_spectrum(data, energies, 0.002 * HARTREE)["spectrum"].values
    strong = flux > 0.3 * flux.max()
    assert np.abs(flux[strong] / window[strong] - 1.0).max() < 0.03


def test_the_spectrum_has_the_electrons_that_left() -> None:
    energies = np.linspace(0.002, 0.5, 200)
    spectrum = photoelectron_spectrum(freed(True), energies * HARTREE)["spectrum"]
    left = float(spectrum.sum("direction").integrate("energy"))
    assert left == pytest.approx(1.0 - float(freed(True)["survival"][-1]), rel=0.1)


def test_bound_states_are_lines_of_the_whole_spectrum() -> None:
    energies = np.linspace(-0.53, -0.47, 121)
    width = 0.002
    data = energy_spectrum(freed(False), energies * HARTREE, width * HARTREE)
    line = data["spectrum"].values * HARTREE
    share = float(freed(False)["state_population"][-1])
    assert energies[line.argmax()] == pytest.approx(-0.5, abs=2e-4)
    assert np.trapezoid(line, energies) == pytest.approx(share, rel=2e-3)


def reflection(momentum: float, slowest: float, h: float = 0.02) -> float:
    """Return the share of a wave that comes back, by Numerov's recursion inwards."""
    x = np.arange(0.0, absorber_width(slowest), h)
    loss = absorbing_potential(x, 0.0, slowest)
    f = 1.0 + h**2 / 6.0 * (0.5 * momentum**2 + 1j * loss)
    after, here = 0.0j, 1.0 + 0.0j
    for value in f[:0:-1]:
        after, here = here, (12.0 / value - 10.0) * here - after
    waves = np.exp(1j * momentum * x[:2])
    both = np.array([waves, waves.conj()]).T
    out, back = np.linalg.solve(both, np.array([here / f[0], after / f[1]]))
    return float(abs(back / out) ** 2)


def test_absorbers_reflect_less_the_faster_the_electron() -> None:
    shares = [reflection(times * 0.2, 0.2) for times in (1.0, 1.5, 2.5, 5.0, 10.0)]
    assert np.all(np.diff(shares) < 0.0)
    assert shares[0] < 1e-2  # Manolopoulos, for this length
    assert shares[3] < 1e-6


def test_a_packet_that_meets_an_absorber_is_gone() -> None:
    line, begin = Line(1024, 0.2), 69.0
    x = line.x
    packet = np.exp(-(x**2) / 100.0) * np.cos(0.8 * x)
    nothing = np.zeros(x.size)
    atom = Atomic(
        line=line,
        values=nothing,
        gradient=nothing,
        loss=absorbing_potential(x, begin),
        state=packet / np.linalg.norm(packet) / np.sqrt(line.spacing),
        inside=nothing,
    )
    time = np.linspace(0.0, 400.0, 17)
    steps = CompactSteps(atom, Impulses.of(time, np.zeros(17), 125), 125)
    norms = [steps.measure()[0]]
    for _ in range(16):
        steps.advance()
        norms.append(steps.measure()[0])
    assert norms[1] == pytest.approx(1.0, abs=1e-6)
    assert norms[-1] < 1e-4


def test_only_what_fits_is_taken() -> None:
    with pytest.raises(InvalidValue, match="energies must be > 0"):
        photoelectron_spectrum(freed(True), [-1e-19, 1e-19])
    with pytest.raises(InvalidValue, match="what solve_line returned"):
        photoelectron_spectrum(sfa_dipole(light(), "H"), [1e-19, 2e-19])
    with pytest.raises(InvalidKind, match="what solve_line returned, got 3"):
        energy_spectrum(3, [1e-19], 1e-20)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match=r"the kind .laser.dipole. without a wave"):
        level_spectrum(freed(True), [1e-19], 1e-20)


def test_one_energy_is_enough() -> None:
    both = photoelectron_spectrum(freed(True), [3e-19, 4e-19])
    alone = photoelectron_spectrum(freed(True), [4e-19])
    assert_allclose(alone["spectrum"][:, 0], both["spectrum"][:, 1], rtol=1e-12)
