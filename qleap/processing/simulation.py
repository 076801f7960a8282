"""The state that a circuit prepares."""

from typing import TYPE_CHECKING

import numpy as np

from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    import os

    from qiskit import QuantumCircuit

    from qleap.processing.engine import Amplitudes, Precision
    from qleap.processing.program import Program

__all__ = ["statevector"]


def statevector(
    circuit: "QuantumCircuit | str | os.PathLike[str]",
    *,
    precision: "Precision" = "double",
) -> "Amplitudes":
    """Return the state that ``circuit`` prepares from all qubits in zero.

    Parameters
    ----------
    circuit : QuantumCircuit, str or path-like
        A Qiskit circuit, OpenQASM text, or the path of such a file, with all
        parameters bound. Measurements at the end are left out.
    precision : {"double", "single"}
        Of the amplitudes: errors of some 1e-15 or 1e-6, in half the time and memory.

    Returns
    -------
    ndarray of complex128 or complex64, shape (2**n,)
        Amplitudes including the global phase; qubit 0 is the least significant
        bit of the index, as in Qiskit.

    Raises
    ------
    InvalidValue
        Where the circuit has no single final state (a measurement, reset or
        condition in the middle), an unbound parameter, an instruction without a
        matrix, or more qubits than the memory holds.
    """
    from qleap.processing.circuits import as_circuit
    from qleap.processing.engine import amplitude_type, evolve
    from qleap.processing.lowering import check_bound
    from qleap.processing.memory import check_memory

    loaded = as_circuit(circuit)
    check_bound(loaded)
    size = np.dtype(amplitude_type(precision)).itemsize
    check_memory(loaded.num_qubits, size, "a statevector")
    program = gate_program(loaded)
    return evolve(program, np.flatnonzero(program.is_gate), precision)


def gate_program(circuit: "QuantumCircuit") -> "Program":
    """Return the program of a circuit that has a single final state."""
    from qleap.processing.lowering import compile_circuit

    program = compile_circuit(circuit)
    if not program.has_terminal_measurements:
        raise InvalidValue(
            "statevector needs a circuit of gates, but this one measures or resets in "
            "the middle or has a condition; use qleap.processing.run."
        )
    return program
