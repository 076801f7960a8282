"""Channels as a unitary and events: the split is exact, and events are rare."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from qiskit.quantum_info import random_quantum_channel, random_unitary

from qleap.processing.noise import (
    Channel,
    amplitude_damping,
    coherent,
    depolarizing,
    kraus_channel,
    over_rotation,
    pauli_channel,
    phase_damping,
    thermal_relaxation,
)
from qleap.processing.noise.unravelling import Unravelling, unravel

T1, TIME = 100e-6, 300e-9
RELAXED = thermal_relaxation(T1, 80e-6, TIME)

CHANNELS = [
    depolarizing(0.02),
    depolarizing(0.02, 2),
    depolarizing(16 / 15, 2),
    pauli_channel({"XZ": 0.7, "IY": 0.1}),
    pauli_channel({"X": 1.0}),
    phase_damping(0.3),
    coherent(np.diag([1.0, 1j])),
    over_rotation("X", 0.3).then(depolarizing(0.05)),
    RELAXED,
    thermal_relaxation(T1, 150e-6, TIME, 0.2),
    thermal_relaxation(T1, 2 * T1, TIME),
    amplitude_damping(0.3),
    amplitude_damping(0.3, 0.4),
    depolarizing(0.01, 2).then(RELAXED.tensor(RELAXED)),
]


def _superoperator(kraus: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.einsum("kab,kcd->acbd", kraus, kraus.conj())
    return found


def _all_operators(found: Unravelling, dimension: int) -> np.ndarray:
    """Return the Kraus operators of the unitary and of the events together."""
    unitary = np.eye(dimension) if found.unitary is None else found.unitary
    kraus = found.kraus
    if found.weights is not None:
        kraus = np.sqrt(found.weights)[:, None, None] * kraus
    parts = [math.sqrt(found.share) * unitary[None], math.sqrt(1 - found.share) * kraus]
    return np.concatenate(parts)


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda one: one.name)
def test_the_unitary_and_the_events_are_the_channel(channel: Channel) -> None:
    found = unravel(channel)
    together = _all_operators(found, channel.kraus.shape[1])
    expected = _superoperator(channel.kraus)
    assert_allclose(_superoperator(together), expected, atol=1e-12)


@given(st.integers(0, 10**6), st.integers(1, 2), st.floats(0.01, 0.3))
def test_noise_of_any_kind_is_split_exactly(seed: int, n: int, rest: float) -> None:
    noise = random_quantum_channel(2**n, seed=seed).to_instruction().params
    kraus = [math.sqrt(rest) * np.asarray(operator) for operator in noise]
    unitary = random_unitary(2**n, seed=seed).data
    kraus.append(math.sqrt(1.0 - rest) * unitary)
    channel = kraus_channel(kraus)
    found = unravel(channel)
    together = _all_operators(found, 2**n)
    expected = _superoperator(channel.kraus)
    assert_allclose(_superoperator(together), expected, atol=1e-10)


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda one: one.name)
def test_an_event_preserves_probability(channel: Channel) -> None:
    kraus = unravel(channel).kraus
    weights = unravel(channel).weights
    scale = np.ones(len(kraus)) if weights is None else weights
    total = np.einsum("k,kba,kbc->ac", scale, kraus.conj(), kraus)
    assert_allclose(total, np.eye(len(total)), atol=1e-12)


def test_relaxation_with_equal_times_is_a_reset_from_time_to_time() -> None:
    # T2 = T1 without excitation: (1 - g) rho + g |0><0|, g = 1 - exp(-t / T1).
    found = unravel(thermal_relaxation(T1, T1, TIME))
    assert_allclose(1.0 - found.share, -math.expm1(-TIME / T1), rtol=1e-9)


@pytest.mark.parametrize("t2", [50e-6, 120e-6, 190e-6])
def test_the_share_of_relaxation_is_a_quotient_of_determinants(t2: float) -> None:
    # Damping without a jump is a + b Z, a flip (probability f) exchanges a and b: in
    # the basis of 1 and Z the Choi matrix is 2 x 2, and 1 / p an entry of its inverse.
    kept = math.exp(-0.5 * TIME / T1)
    a, b = 0.5 * (1.0 + kept), 0.5 * (1.0 - kept)
    f = -0.5 * math.expm1(-TIME * (1.0 / t2 - 0.5 / T1))
    determinant = f * (1.0 - f) * (a**2 - b**2) ** 2
    expected = determinant / ((1.0 - f) * b**2 + f * a**2)
    assert_allclose(unravel(thermal_relaxation(T1, t2, TIME)).share, expected)


def test_pure_damping_has_no_unitary_part() -> None:
    assert unravel(amplitude_damping(0.1)).share == 0.0


def test_a_coherent_error_never_has_an_event() -> None:
    found = unravel(coherent(np.diag([1.0, 1j])))
    assert found.share == 1.0
    assert found.unitary is not None
    phase = found.unitary[1, 1] / found.unitary[0, 0]
    assert_allclose(phase, 1j, atol=1e-12)


def test_the_likeliest_string_is_no_event() -> None:
    found = unravel(pauli_channel({"X": 0.6}))
    assert found.share == pytest.approx(0.6)
    assert found.unitary is not None
    assert_allclose(found.unitary, [[0, 1], [1, 0]])
    assert found.paulis is not None
    assert found.paulis.tolist() == [0]
