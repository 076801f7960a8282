"""qsim (Google), single precision: translated before the clock starts."""

from typing import Any

import numpy as np
from qiskit import QuantumCircuit

from ._circuits import bound_gates
from ._peers import StateWork, Work, fastest

__all__ = ["final_state", "samples"]

FUSION = (2, 3, 4)
"""Largest number of qubits of a fused gate."""


def final_state(circuit: QuantumCircuit, threads: int) -> StateWork:
    """Return the work with the fastest of qsim's gate fusions, in complex64.

    It calls the compiled module that `QSimSimulator.simulate` calls, without that
    function's translation of the circuit and its wrapping of the result.
    """
    return fastest(_work(circuit, threads, fusion) for fusion in FUSION)


def samples(circuit: QuantumCircuit, shots: int, threads: int) -> Work:
    """Return the work from zero to a list of outcomes, in complex64."""
    from qsimcirq import qsim

    options = translated(circuit, threads, FUSION[0])

    def work() -> Any:
        outcomes = qsim.qsim_sample_final(options, shots)
        return lambda: np.array(outcomes)

    return work


def _work(circuit: QuantumCircuit, threads: int, fusion: int) -> StateWork:
    from qsimcirq import qsim

    options = translated(circuit, threads, fusion)

    def work() -> Any:
        state = qsim.qsim_simulate_fullstate(options, 0)
        return lambda: np.asarray(state).view(np.complex64)

    return work


def translated(circuit: QuantumCircuit, threads: int, fusion: int) -> dict[str, Any]:
    """Return qsim's options with the translated circuit among them."""
    import cirq
    import qsimcirq

    # The first of cirq's order is the most significant bit of the index.
    qubits = cirq.LineQubit.range(circuit.num_qubits)
    native = cirq.Circuit(
        _gate(name, angles, matrix).on(*(qubits[k] for k in _order(name, wires)))
        for name, wires, angles, matrix in bound_gates(circuit)
    )
    options = qsimcirq.QSimOptions(max_fused_gate_size=fusion, cpu_threads=threads)
    simulator = qsimcirq.QSimSimulator(options, seed=1)
    order = list(reversed(qubits))
    lowered, _ = simulator._translate_circuit(
        qsimcirq.QSimCircuit(native), "translate_cirq_to_qsim", order
    )
    return {**simulator.qsim_options, "c": lowered, "s": 1}


def _order(name: str, wires: tuple[int, ...]) -> tuple[int, ...]:
    """Return the wires with the most significant of a matrix first."""
    return wires[::-1] if name == "unitary" else wires


def _gate(name: str, angles: Any, matrix: Any) -> Any:
    import cirq

    match name:
        case "rx" | "ry" | "rz":
            return getattr(cirq, name)(angles[0])
        case "h" | "x":
            return getattr(cirq, name.upper())
        case "cx":
            return cirq.CNOT
        case "cz" | "swap":
            return getattr(cirq, name.upper())
        case "cp":
            return cirq.CZPowGate(exponent=angles[0] / np.pi)
        case "rzz":
            return cirq.ZZPowGate(exponent=angles[0] / np.pi, global_shift=-0.5)
    return cirq.MatrixGate(matrix)
