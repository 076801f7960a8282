"""Channels against Qiskit, Aer and what the textbooks say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from qiskit.quantum_info import (
    PTM,
    SuperOp,
    average_gate_fidelity,
    random_quantum_channel,
)

from qleap.core.errors import InvalidValue
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
    zz_rotation,
)

aer = pytest.importorskip("qiskit_aer.noise")


def _table(channel: object) -> np.ndarray:
    return np.asarray(SuperOp(channel).data)


def _random(n_qubits: int, seed: int) -> Channel:
    from qiskit.quantum_info import Kraus

    found = random_quantum_channel(2**n_qubits, 2**n_qubits, rank=3, seed=seed)
    return kraus_channel(Kraus(found).data)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (depolarizing(0.1), aer.depolarizing_error(0.1, 1)),
        (depolarizing(1.02, 2), aer.depolarizing_error(1.02, 2)),
        (amplitude_damping(0.2, 0.3), aer.amplitude_damping_error(0.2, 0.3)),
        (phase_damping(0.2), aer.phase_damping_error(0.2)),
        (
            pauli_channel({"XI": 0.1, "ZY": 0.2}),
            aer.pauli_error([("XI", 0.1), ("ZY", 0.2), ("II", 0.7)]),
        ),
        (
            thermal_relaxation(50e-6, 30e-6, 1e-6, 0.1),
            aer.thermal_relaxation_error(50e-6, 30e-6, 1e-6, 0.1),
        ),
        (
            thermal_relaxation(50e-6, 90e-6, 1e-6, 0.1),
            aer.thermal_relaxation_error(50e-6, 90e-6, 1e-6, 0.1),
        ),
    ],
    ids=lambda channel: getattr(channel, "name", ""),
)
def test_a_channel_is_that_of_aer(ours: Channel, theirs: object) -> None:
    assert_allclose(_table(ours.to_qiskit()), _table(theirs), atol=1e-14)


@pytest.mark.parametrize("n_qubits", [1, 2])
def test_the_transfer_matrix_is_that_of_qiskit(n_qubits: int) -> None:
    channel = _random(n_qubits, 3)
    expected = np.asarray(PTM(channel.to_qiskit()).data).real
    # Qiskit numbers Pauli strings as we do: the last letter counts least.
    assert_allclose(channel.transfer_matrix, expected, atol=1e-13)


@given(seed=st.integers(0, 1000))
def test_channels_in_a_row_multiply_their_transfer_matrices(seed: int) -> None:
    first, second = _random(2, seed), _random(2, seed + 1)
    both = first.then(second)
    product = second.transfer_matrix @ first.transfer_matrix
    assert_allclose(both.transfer_matrix, product, atol=1e-12)
    assert len(both.kraus) <= 16


def test_mixtures_of_paulis_stay_mixtures_of_paulis() -> None:
    first, second = depolarizing(0.1), pauli_channel({"X": 0.2, "Y": 0.05})
    row, side = first.then(second), first.tensor(second)
    assert row.pauli is not None
    assert side.pauli is not None
    product = second.transfer_matrix @ first.transfer_matrix
    assert_allclose(row.transfer_matrix, product, atol=1e-15)
    pair = np.kron(second.transfer_matrix, first.transfer_matrix)
    assert_allclose(side.transfer_matrix, pair, atol=1e-15)


def test_many_kraus_operators_are_compressed_to_the_same_channel() -> None:
    first = amplitude_damping(0.1, 0.3)
    many = first.then(first).then(first)
    power = np.linalg.matrix_power(first.transfer_matrix, 3)
    assert len(many.kraus) <= 4
    assert_allclose(many.transfer_matrix, power, atol=1e-14)


@pytest.mark.parametrize(
    "channel", [depolarizing(0.1, 2), thermal_relaxation(5e-5, 3e-5, 1e-6)]
)
def test_infidelity_is_that_of_qiskit(channel: Channel) -> None:
    expected = 1.0 - average_gate_fidelity(channel.to_qiskit())
    assert_allclose(channel.infidelity, expected, rtol=1e-10)


def test_relaxation_of_two_intervals_is_that_of_their_sum() -> None:
    parts = thermal_relaxation(5e-5, 3e-5, 1e-6).then(
        thermal_relaxation(5e-5, 3e-5, 2e-6)
    )
    whole = thermal_relaxation(5e-5, 3e-5, 3e-6)
    assert_allclose(parts.transfer_matrix, whole.transfer_matrix, atol=1e-14)


def test_an_over_rotation_of_pi_is_the_pauli() -> None:
    expected = np.diag([1.0, -1.0, -1.0, 1.0])[[0, 1, 2, 3]]
    assert_allclose(
        over_rotation("X", np.pi).transfer_matrix,
        np.diag([1.0, 1.0, -1.0, -1.0]),
        atol=1e-15,
    )
    assert_allclose(zz_rotation(np.pi).kraus[0], -1j * expected, atol=1e-15)


def test_only_channels_that_keep_the_mixed_state_are_unital() -> None:
    assert depolarizing(0.3).is_unital
    assert not amplitude_damping(0.1).is_unital
    assert amplitude_damping(0.1, 0.5).is_unital


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: depolarizing(1.4), r"between 0 and 1\.33"),
        (lambda: pauli_channel({"X": 0.7, "Y": 0.6}), "add up to at most 1, got 1.3"),
        (lambda: pauli_channel({"X": 0.1, "YY": 0.1}), "equally long"),
        (lambda: pauli_channel({"Q": 0.1}), "letters I, X, Y and Z, got 'Q'"),
        (lambda: thermal_relaxation(1e-5, 3e-5, 1e-6), "at most 2 t1"),
        (lambda: thermal_relaxation(1e-5, 0.0, 1e-6), "t2 must be > 0 s"),
        (lambda: kraus_channel([np.eye(2) * 0.9]), r"preserve the trace .* 0\.19"),
        (lambda: kraus_channel([np.eye(3)]), "2, 4, 8, 16 rows"),
        (lambda: kraus_channel([np.eye(2) * np.nan]), "finite"),
        (lambda: coherent([[1, 0], [0, 2]]), "unitary"),
        (lambda: depolarizing(0.1).then(depolarizing(0.1, 2)), "equally many qubits"),
    ],
)
def test_what_is_no_channel_is_refused(make: object, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("string", ["X", "YZ", "ZXY"])
def test_mixtures_of_strings_have_the_transfer_matrix_of_their_operators(
    string: str,
) -> None:
    mixed = pauli_channel(
        {string: 0.2, string.replace("X", "Z").replace("Y", "X"): 0.3}
    )
    plain = Channel(name="the same", kraus=mixed.kraus)
    assert mixed.pauli is not None
    assert_allclose(mixed.transfer_matrix, plain.transfer_matrix, atol=1e-14)
