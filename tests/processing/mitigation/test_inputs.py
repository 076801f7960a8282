"""What mitigation refuses, and wide readout."""

import numpy as np
import pytest
from qiskit import QuantumCircuit

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.mitigation import (
    ErrorCancellation,
    ReadoutMitigation,
    fold_gates,
    fold_globally,
)
from qleap.processing.noise import NoiseModel, depolarizing
from qleap.processing.snapshots import snapshot

TABLE = np.array([[0.98, 0.05], [0.02, 0.95]])


def loop() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    with circuit.for_loop(range(2)):
        circuit.x(0)
    return circuit


def test_iterative_readout_mitigation_has_no_widest_circuit() -> None:
    """A GHZ state of 100 qubits of which three are misread."""
    n = 100
    clean = np.eye(2)
    tables = (TABLE, TABLE, TABLE, *([clean] * (n - 3)))
    counts = {"0" * n: 0, "1" * n: 0}
    shots = 100_000
    for state, rest in ((0, "0"), (1, "1")):
        for read in range(8):
            p = np.prod([TABLE[read >> k & 1, state] for k in range(3)])
            counts[rest * (n - 3) + f"{read:03b}"] = round(0.5 * p * shots)
    known = ReadoutMitigation(n_bits=n, method="iterative", assignments=tables)
    found = known.combine(counts)
    assert found.probabilities["0" * n] == pytest.approx(0.5, abs=1e-3)
    assert found.probabilities["1" * n] == pytest.approx(0.5, abs=1e-3)
    value, error = found.expectation("I" * (n - 2) + "ZZ")
    assert value == pytest.approx(1.0, abs=1e-3)
    assert 0.0 < error < 0.01


@pytest.mark.parametrize("qubits", [[0], [0, 0], [0, -1], ["a", 1]])
def test_calibration_needs_one_qubit_for_each_bit(qubits: list[int]) -> None:
    with pytest.raises((InvalidValue, InvalidKind), match="qubits"):
        ReadoutMitigation(n_bits=2).build(qubits)


def test_assignments_must_fit_the_method() -> None:
    with pytest.raises(InvalidValue, match="2 matrices of 2 rows"):
        ReadoutMitigation(n_bits=2, assignments=(TABLE,))
    with pytest.raises(InvalidValue, match="1 matrices of 4 rows"):
        ReadoutMitigation(n_bits=2, method="full", assignments=(TABLE, TABLE))
    with pytest.raises(InvalidValue, match="method"):
        ReadoutMitigation.from_snapshot(
            snapshot("fake:manila"),
            [0, 1],
            "full",  # type: ignore[arg-type]
        )


def test_readout_mitigation_names_what_it_cannot_run() -> None:
    with pytest.raises(InvalidKind, match="QuantumCircuit"):
        ReadoutMitigation(n_bits=1).run(5, None)
    with pytest.raises(InvalidKind, match="SamplerV2"):
        ReadoutMitigation(n_bits=1).run(QuantumCircuit(1, 1), 5)


def test_loops_are_neither_folded_nor_cancelled() -> None:
    for fold in (fold_globally, fold_gates):
        with pytest.raises(InvalidValue, match="for_loop"):
            fold(loop(), 3.0)
    noise = NoiseModel().after(1, depolarizing(0.01))
    with pytest.raises(InvalidValue, match="unroll"):
        ErrorCancellation(noise=noise).build(loop(), "Z")
    with pytest.raises(InvalidKind, match="NoiseModel"):
        ErrorCancellation(noise=5)  # type: ignore[arg-type]
