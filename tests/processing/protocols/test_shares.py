"""What counts say of a target, and which gates of a circuit are pulses."""

import pytest
from qiskit import QuantumCircuit

from qleap.processing.protocols.shares import label, native_gates, share_of


def test_shares_read_bits_as_qiskit_writes_them() -> None:
    counts = {"001": 6, "100": 3, "101": 1}
    assert share_of(counts, [0], "1") == pytest.approx(0.7)
    assert share_of(counts, [0, 2], "01") == pytest.approx(0.6)
    assert share_of(counts, [2, 0], "01") == pytest.approx(0.3)
    assert share_of({"0 01": 6, "1 00": 4}, [2], "1") == pytest.approx(0.4)


def test_turns_of_z_are_virtual() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.rz(0.3, 0)
    circuit.sx(0)
    circuit.x(1)
    circuit.barrier()
    circuit.ecr(0, 1)
    circuit.delay(10, 0)
    circuit.measure([0, 1], [0, 1])
    assert native_gates(circuit) == (2, 1)


def test_estimates_are_named_by_their_qubits() -> None:
    assert label((3, 12)) == "q3_q12"
