"""The state that a circuit prepares."""

from typing import TYPE_CHECKING, Any

import numpy as np

from qleap.core.errors import InvalidKind, InvalidValue

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
    out: "Amplitudes | None" = None,
) -> "Amplitudes":
    """Return the state that ``circuit`` prepares from all qubits in zero.

    Parameters
    ----------
    circuit : QuantumCircuit, str or path-like
        A Qiskit circuit, OpenQASM text, or the path of such a file, with all
        parameters bound. Measurements at the end are left out.
    precision : {"double", "single"}
        Of the amplitudes: errors of some 1e-15 or 1e-6, in half the time and memory.
    out : ndarray of complex128 or complex64, shape (2**n,), optional
        Contiguous memory of the type of ``precision`` for the result, whatever it
        holds before; by default new memory. Used again for many large states it saves
        the system the work of handing out new pages, which can take longer than the
        gates. The amplitudes are the same to the bit.

    Returns
    -------
    ndarray of complex128 or complex64, shape (2**n,)
        Amplitudes including the global phase; qubit 0 is the least significant
        bit of the index, as in Qiskit. It is ``out`` where that is given.

    Raises
    ------
    InvalidKind
        Where ``out`` is no array of NumPy's.
    InvalidValue
        Where the circuit has no single final state (a measurement, reset or
        condition in the middle), an unbound parameter, an instruction without a
        matrix, or more qubits than the memory holds, and where ``out`` does not fit.
    """
    from qleap.processing.circuits import as_circuit
    from qleap.processing.engine import amplitude_type, evolve
    from qleap.processing.lowering import check_bound
    from qleap.processing.memory import check_memory

    loaded = as_circuit(circuit)
    check_bound(loaded)
    kind = np.dtype(amplitude_type(precision))
    if out is None:
        check_memory(loaded.num_qubits, kind.itemsize, "a statevector")
    else:
        _check_out(out, loaded.num_qubits, kind)
    program = gate_program(loaded)
    rows = np.flatnonzero(program.is_gate)
    if out is None:
        return evolve(program, rows, precision)
    memory: Any = np.asarray(out)
    evolve(program, rows, precision, memory)
    return out


def _check_out(out: Any, n_qubits: int, kind: "np.dtype[Any]") -> None:
    """Refuse an array that cannot hold the state."""
    wanted = f"np.empty(2**{n_qubits}, np.{kind.name})"
    if not isinstance(out, np.ndarray):
        raise InvalidKind(
            f"out must be an array, got {type(out).__name__}; make it with {wanted}."
        )
    if out.dtype != kind or out.shape != (1 << n_qubits,):
        raise InvalidValue(
            f"out must have the type {kind.name} and the shape (2**n,) with n = "
            f"{n_qubits}, got {out.dtype} and {out.shape}; make it with {wanted}."
        )
    flags = out.flags
    if not (flags.c_contiguous and flags.aligned and flags.writeable):
        raise InvalidValue(
            "out must be contiguous, aligned and writeable memory, got contiguous = "
            f"{flags.c_contiguous}, aligned = {flags.aligned}, writeable = "
            f"{flags.writeable}; make it with {wanted}."
        )


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
