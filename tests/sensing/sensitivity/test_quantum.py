"""Quantum Fisher information: closed forms, bounds and sequences."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.linalg import expm_frechet, solve_continuous_lyapunov

from qleap.core.errors import InvalidValue
from qleap.sensing.nv import NITROGEN_15, NVCentre
from qleap.sensing.sensitivity import (
    measurement_information,
    quantum_fisher_information,
    smooth_slope,
    state_slope,
    symmetric_logarithmic_derivative,
)
from qleap.sensing.sequences import Free, Pulse, Sequence, rotating_frame

Matrix = NDArray[np.complex128]
X = np.array([[0, 1], [1, 0]], complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1.0 + 0j, -1.0])


def mixed(seed: int, d: int) -> tuple[Matrix, Matrix]:
    """Return a random state and a random traceless Hermitian change."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, d, d)) + 1j * rng.normal(size=(2, d, d))
    rho = a @ a.conj().T
    slope = b + b.conj().T
    return rho / np.trace(rho), slope - np.trace(slope) / d * np.eye(d)


@pytest.mark.parametrize("left", [1.0, 0.8, 0.1])
def test_precession_tells_the_square_of_the_time(left: float) -> None:
    # visibility v after a time t: F = v^2 t^2 for the angular frequency
    t, omega = 3.0, 0.4
    phase = omega * t
    rho = 0.5 * (np.eye(2) + left * (np.cos(phase) * X + np.sin(phase) * Y))
    slope = 0.5 * left * t * (-np.sin(phase) * X + np.cos(phase) * Y)
    assert_allclose(
        quantum_fisher_information(rho, [slope]), (left * t) ** 2, rtol=1e-12
    )


def test_vectors_and_their_projectors_tell_the_same() -> None:
    rng = np.random.default_rng(1)
    psi = rng.normal(size=4) + 1j * rng.normal(size=4)
    psi /= np.linalg.norm(psi)
    generators = [a + a.conj().T for a in rng.normal(size=(2, 4, 4)) + 0j]
    d_psi = np.array([-1j * g @ psi for g in generators])
    rho = np.outer(psi, psi.conj())
    d_rho = [-1j * (g @ rho - rho @ g) for g in generators]
    one = quantum_fisher_information(psi, d_psi)
    assert_allclose(one, quantum_fisher_information(rho, d_rho), rtol=1e-10)
    for g, f in zip(generators, np.diag(one), strict=True):  # four times the variance
        mean = (psi.conj() @ g @ psi).real
        assert_allclose(f, 4.0 * ((psi.conj() @ g @ g @ psi).real - mean**2))


def test_the_logarithmic_derivative_solves_its_equation() -> None:
    rho, slope = mixed(2, 4)
    found = symmetric_logarithmic_derivative(rho, slope)
    # rho L + L rho = 2 drho, a Lyapunov equation
    assert_allclose(found, solve_continuous_lyapunov(rho, 2.0 * slope), atol=1e-10)
    information = quantum_fisher_information(rho, [slope])
    assert_allclose(information, np.trace(rho @ found @ found).real, rtol=1e-10)


def test_its_eigenstates_are_the_best_measurement_and_others_tell_less() -> None:
    rho, slope = mixed(3, 3)
    limit = quantum_fisher_information(rho, [slope])[0, 0]
    _, states = np.linalg.eigh(symmetric_logarithmic_derivative(rho, slope))
    best = np.einsum("ik,jk->kij", states, states.conj())
    assert_allclose(measurement_information(rho, [slope], best), limit, rtol=1e-10)
    for seed in range(5):
        _, other = np.linalg.eigh(mixed(seed, 3)[1])
        effects = np.einsum("ik,jk->kij", other, other.conj())
        assert measurement_information(rho, [slope], effects)[0, 0] < limit


def test_levels_that_are_empty_before_and_after_tell_nothing() -> None:
    # one level into two: the formula counts the pair (0, 0) alone, (-1)^2 / 1
    rho, slope = np.diag([1.0, 0.0, 0.0]), np.diag([-1.0, 0.5, 0.5])
    assert_allclose(quantum_fisher_information(rho, [slope]), 1.0)


def test_smooth_slopes_lose_no_digits() -> None:
    value, slope = smooth_slope(
        lambda x: np.array([math.sin(x), math.exp(x)]), 0.7, scale=1.5
    )
    assert_allclose(value, [math.sin(0.7), math.exp(0.7)], rtol=1e-13)
    assert_allclose(slope, [math.cos(0.7), math.exp(0.7)], rtol=2e-13)


def test_states_of_a_sequence_have_the_slope_of_frechet_derivatives() -> None:
    centre = NVCentre(nitrogen=NITROGEN_15)
    spins = rotating_frame(centre.spin_system(), [1e-3, 0, 0.02], levels=(0, 1))
    half = Pulse.rotation(math.pi / 2, rabi_frequency=5e6)
    sequence = Sequence((half, Free(duration=1.7e-6), half))
    rho, slope = state_slope(spins, sequence, field=2e-7)

    assert spins.sensitive is not None
    expected, change = spins.initial, np.zeros_like(spins.initial)
    h = spins.static + 2e-7 * spins.sensitive
    drive = 5e6 * spins.channels["microwave"].in_phase
    for part, t in (
        (drive, half.duration),
        (0.0 * drive, 1.7e-6),
        (drive, half.duration),
    ):
        u, du = expm_frechet(
            -2j * np.pi * t * (h + part), -2j * np.pi * t * spins.sensitive
        )
        moved = du @ expected @ u.conj().T
        change = u @ change @ u.conj().T + moved + moved.conj().T
        expected = u @ expected @ u.conj().T
    assert_allclose(rho, expected, atol=1e-11)
    assert_allclose(slope, change, atol=1e-11 * np.abs(change).max())


def test_a_ramsey_readout_at_half_height_reaches_the_quantum_limit() -> None:
    # ideal pulses, no decay: F = (2 pi gamma tau)^2
    centre = NVCentre()
    spins = rotating_frame(centre.spin_system(), [0, 0, 0.02], levels=(0, 1))
    tau = 2e-6
    quarter = Pulse.rotation(math.pi / 2)
    turned = Pulse.rotation(math.pi / 2, phase=math.pi / 2)
    rho, slope = state_slope(spins, Sequence((quarter, Free(duration=tau), turned)))
    limit = quantum_fisher_information(rho, [slope])[0, 0]
    assert_allclose(
        limit, (2 * np.pi * centre.gyromagnetic_ratios[2] * tau) ** 2, rtol=1e-9
    )
    seen = [spins.readout, np.eye(2) - spins.readout]
    assert_allclose(measurement_information(rho, [slope], seen), limit, rtol=1e-9)


def test_wrong_shapes_and_incomplete_measurements_are_refused() -> None:
    rho, slope = mixed(1, 2)
    with pytest.raises(InvalidValue, match="slopes must have the shape"):
        quantum_fisher_information(rho, slope)
    with pytest.raises(InvalidValue, match="add up to one"):
        measurement_information(rho, [slope], [np.diag([1.0, 0.0])])


def test_states_that_are_not_normalised_are_refused() -> None:
    with pytest.raises(InvalidValue, match="state must have the norm"):
        quantum_fisher_information([2.0, 0.0], [[0.0, 1.0]])
    with pytest.raises(InvalidValue, match="state must have the norm"):
        quantum_fisher_information(np.eye(2), np.zeros((1, 2, 2)))
    with pytest.raises(InvalidValue, match="state must be Hermitian"):
        quantum_fisher_information([[0.5, 1.0], [0.0, 0.5]], np.zeros((1, 2, 2)))
