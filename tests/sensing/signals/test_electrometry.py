"""Electric fields: formula against diagonalisation, and back again."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing.nv import NVCentre, Strain
from qleap.sensing.nv.signals import (
    Tone,
    accumulated_phase,
    double_quantum,
    electric_lines,
    electric_lines_second_order,
    electric_slopes,
    fit_electric_field,
    spin_one_channels,
)
from qleap.sensing.nv.strain import STARK_PARALLEL, STARK_PERPENDICULAR
from qleap.sensing.sequences import Free, Pulse, Sequence, signal

CENTRE = NVCentre(g_parallel=2.003, g_perpendicular=2.003)
ACROSS = 4e-3  # T


def turning(n: int = 24, size: float = ACROSS) -> np.ndarray:
    angle = 2 * np.pi * np.arange(n) / n
    return size * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=-1)


def test_an_electric_field_is_a_strain() -> None:
    electric = np.array([2e6, -1e6, 3e6])
    strained = NVCentre(
        g_parallel=2.003,
        g_perpendicular=2.003,
        strain=Strain.from_electric_field(electric),
    )
    energies = strained.electron_energies(turning())
    assert_allclose(
        electric_lines(CENTRE, turning(), electric),
        energies[:, 1:] - energies[:, :1],
        atol=1e-4,
    )


def test_without_a_magnetic_field_the_splitting_is_twice_the_stark_shift() -> None:
    lines = electric_lines(CENTRE, [0.0, 0.0, 0.0], [3e6, 4e6, 1e7])
    d = CENTRE.zero_field_splitting + STARK_PARALLEL * 1e7
    assert_allclose(np.diff(lines), 2 * STARK_PERPENDICULAR * 5e6, rtol=1e-6)
    assert_allclose(lines.mean(), d, rtol=1e-12)


def test_the_formula_follows_the_hamiltonian_at_all_angles() -> None:
    for angle in np.linspace(0.0, 2 * np.pi, 7):
        electric = 1e6 * np.array([math.cos(angle), math.sin(angle), 0.5])
        exact = electric_lines(CENTRE, turning(), electric)
        found = electric_lines_second_order(CENTRE, turning(), electric)
        # beta is 2.2 MHz; the next orders are b^4 / D^3 = 6 kHz
        assert_allclose(found, exact, atol=15e3)
        change = np.diff(exact)[:, 0] - np.diff(found)[:, 0]
        assert np.ptp(change) < 1e3  # what the electric field does is right to 0.3 %
        assert np.ptp(np.diff(exact)) > 300e3


def test_the_splitting_goes_as_the_cosine_of_twice_the_angle_of_the_field() -> None:
    # Dolde et al. 2011: cos(2 phi_B + phi_E); for weak electric fields alone
    phi = 0.7
    electric = 1e4 * np.array([math.cos(phi), math.sin(phi), 0.0])
    change = np.diff(electric_lines(CENTRE, turning(), electric))[:, 0]
    change = change - np.diff(electric_lines(CENTRE, turning(), np.zeros(3)))[:, 0]
    angle = 2 * np.pi * np.arange(24) / 24
    expected = -2 * STARK_PERPENDICULAR * 1e4 * np.cos(2 * angle + phi)
    assert_allclose(change, expected, atol=0.01 * np.abs(expected).max())


def test_a_field_along_the_axis_turns_the_sensor_off() -> None:
    electric = [1e4, 0.0, 0.0]
    sensitive = electric_slopes(CENTRE, [ACROSS, 0.0, 0.0], electric)
    blind = electric_slopes(CENTRE, [0.0, 0.0, ACROSS], electric)
    assert_allclose(np.abs(sensitive[:, 0]), STARK_PERPENDICULAR, rtol=0.02)
    assert np.abs(blind[:, 0]).max() < 1e-4 * STARK_PERPENDICULAR


def test_slopes_are_the_derivatives_of_the_lines() -> None:
    field, electric = np.array([3e-3, -2e-3, 1e-4]), np.array([2e6, 1e6, -5e6])
    found = electric_slopes(CENTRE, field, electric)
    step = 1e5
    for k in range(3):
        shift = step * np.eye(3)[k]
        ends = [electric_lines(CENTRE, field, electric + s * shift) for s in (1, -1)]
        assert_allclose(found[:, k], (ends[0] - ends[1]) / (2 * step), atol=1e-6)


def test_all_components_come_back_from_a_turning_field() -> None:
    for seed in range(5):
        electric = np.random.default_rng(seed).normal(scale=2e6, size=3)
        lines = electric_lines(CENTRE, turning(), electric)
        fit = fit_electric_field(CENTRE, turning(), lines)
        assert_allclose(fit.electric, electric, atol=1.0)
        assert fit.rms_residual < 1e-2


def test_errors_of_the_fitted_field_cover_its_scatter() -> None:
    electric = np.array([1e6, -2e6, 5e6])
    lines = electric_lines(CENTRE, turning(), electric)
    rng = np.random.default_rng(1)
    pulls = []
    for _ in range(60):
        noisy = lines + rng.normal(scale=5e3, size=lines.shape)
        fit = fit_electric_field(CENTRE, turning(), noisy)
        pulls.append((fit.electric - electric) / fit.standard_errors)
    assert_allclose(np.std(pulls), 1.0, atol=0.2)


def test_one_direction_is_too_few() -> None:
    with pytest.raises(InvalidValue, match="n >= 2 fields"):
        fit_electric_field(CENTRE, [[ACROSS, 0, 0]], [[2.86e9, 2.88e9]])


def test_the_double_quantum_counts_an_electric_field_and_no_temperature() -> None:
    field, times = np.array([ACROSS, 0.0, 0.0]), np.linspace(0.0, 10e-6, 21)
    lines = electric_lines(CENTRE, field, np.zeros(3))
    warm = NVCentre(
        zero_field_splitting=CENTRE.zero_field_splitting - 50e3,
        g_parallel=2.003,
        g_perpendicular=2.003,
        strain=Strain.from_electric_field([3e5, 0.0, 0.0]),
    )
    # a field in a mirror plane makes |x> and |y>: only slanted drives reach both
    spins = spin_one_channels(
        warm.spin_system(),
        field,
        carriers=(float(lines[0]), float(lines[1])),
        drive=(1.0, 1.0, 0.0),
    )
    seen = signal(spins, [double_quantum(t) for t in times])
    change = np.diff(electric_lines(warm, field, np.zeros(3)))[0] - np.diff(lines)[0]
    assert_allclose(seen, 0.5 + 0.5 * np.cos(2 * np.pi * change * times), atol=1e-6)
    slopes = electric_slopes(CENTRE, field, np.zeros(3))[:, 0]
    assert_allclose(change, (slopes[1] - slopes[0]) * 3e5, rtol=0.02)


def test_an_ac_electric_field_turns_the_phase_by_its_slope() -> None:
    # the state itself stepped with the field in the Hamiltonian
    field, steady = np.array([ACROSS, 0.5 * ACROSS, 0.0]), np.array([0.0, 1e5, 0.0])
    wave, direction = Tone(amplitude=1e5, frequency=60e3, phase=0.4), np.eye(3)[0]
    time = 12e-6
    slopes = electric_slopes(CENTRE, field, steady) @ direction
    ramsey = Sequence(
        (Pulse.rotation(math.pi / 2), Free(duration=time), Pulse.rotation(math.pi / 2))
    )
    strained = NVCentre(
        g_parallel=2.003,
        g_perpendicular=2.003,
        strain=Strain.from_electric_field(steady),
    )
    still = strained.hamiltonian(field)
    levels, states = np.linalg.eigh(still)
    tiny = NVCentre(strain=Strain.from_electric_field(direction)).hamiltonian(
        np.zeros(3)
    )
    stark = tiny - NVCentre().hamiltonian(np.zeros(3))
    steps = 3000
    at = time * (np.arange(steps) + 0.5) / steps
    moved = still + wave(at)[:, None, None] * stark - levels[0] * np.eye(3)
    values, vectors = np.linalg.eigh(moved)
    phases = np.exp(-2j * np.pi * time / steps * values)
    whole = np.eye(3, dtype=complex)
    for step in (vectors * phases[:, None, :]) @ vectors.conj().swapaxes(1, 2):
        whole = step @ whole
    kept = np.diag(states.conj().T @ whole @ states)
    kept = kept * np.exp(2j * np.pi * time * (levels - levels[0]))
    for level in (1, 2):
        expected = float(accumulated_phase(ramsey, wave, float(slopes[level - 1])))
        found = -np.angle(kept[level] / kept[0])
        assert_allclose(found, expected, atol=0.02 * abs(expected))
        assert abs(expected) > 0.1


@pytest.mark.parametrize("degrees", [[0, 0, 0], [0, 180], [0, 90], [30, 120, 210]])
def test_fields_that_leave_the_direction_open_are_refused(degrees: list[int]) -> None:
    # Such fits found a component across to be 0 with an error of 0.
    angle = np.radians(degrees)
    across = np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=-1)
    field = 4e-3 * across
    lines = electric_lines(NVCentre(), field, [1e5, 2e5, -3e5])
    with pytest.raises(InvalidValue, match="field must point in at least two direc"):
        fit_electric_field(NVCentre(), field, lines)
    along = [[0.0, 0.0, 1e-2], [0.0, 0.0, 2e-2]]
    with pytest.raises(InvalidValue, match="field must point in at least two direc"):
        fit_electric_field(NVCentre(), along, lines[:2])
