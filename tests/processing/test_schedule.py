"""Sweeps keep the order of operations that share a qubit, and bound the block."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit.circuit.library import UnitaryGate
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import random_unitary

from qleap.processing.lowering import compile_circuit
from qleap.processing.program import Kind
from qleap.processing.schedule import sweeps


@given(seed=st.integers(0, 2**31), block_qubits=st.integers(3, 9))
@settings(max_examples=30)
def test_sweeps_run_every_operation_once_and_in_order(
    seed: int, block_qubits: int
) -> None:
    program = compile_circuit(random_circuit(12, 10, max_operands=3, seed=seed))
    rows = np.flatnonzero(program.is_gate)
    done: list[int] = []
    for sweep in sweeps(program, rows, block_qubits):
        assert sorted([*sweep.inner, *sweep.outer]) == list(range(12))
        for row in sweep.rows.tolist():
            kind, n_targets = program.operations[row, :2]
            if kind != Kind.DIAGONAL:
                assert set(program.qubits[row][:n_targets]) <= set(sweep.inner.tolist())
            earlier = [k for k in range(row) if k not in done]
            for k in earlier:
                assert set(program.qubits[k]).isdisjoint(program.qubits[row])
            done.append(row)
    assert sorted(done) == rows.tolist()


def test_blocks_have_the_size_asked_for_unless_a_gate_is_wider() -> None:
    circuit = random_circuit(12, 5, max_operands=2, seed=1)
    program = compile_circuit(circuit)
    rows = np.flatnonzero(program.is_gate)
    assert {s.inner.size for s in sweeps(program, rows, 8)} == {8}
    circuit.append(UnitaryGate(random_unitary(2**5, seed=1)), range(7, 12))
    program = compile_circuit(circuit)
    rows = np.flatnonzero(program.is_gate)
    assert max(s.inner.size for s in sweeps(program, rows, 8)) == 6 + 5
