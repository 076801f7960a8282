"""What the operations of a program do to a density matrix in the Pauli basis."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qleap.processing.noise import pauli_basis, sweeps
from qleap.processing.noise.fusion import Fuser
from qleap.processing.noise.transfers import MOST_QUBITS, transfers
from qleap.processing.program import Program

__all__ = ["bytes_per_number", "evolve"]

Reals = NDArray[np.float64]


def evolve(
    program: Program,
    rows: Sequence[int],
    state: Reals | None = None,
    first: Sequence[tuple[int, Reals]] = (),
) -> Reals:
    """Return the state after the operations ``rows``.

    Parameters
    ----------
    program : Program
        Measurements among the rows forget their outcomes.
    rows : sequence of int
        No jumps, no readout errors.
    state : ndarray of float64, shape (4**n,), optional
        Before, used up; by default every qubit is in zero.
    first : sequence of (int, ndarray)
        Transfer matrices of single qubits that act before the rows.
    """
    fuser = Fuser(program.n_qubits, fresh=state is None)
    for qubit, matrix in first:
        fuser.one(qubit, matrix)
    rows = [row for row in rows if program.qubits[row]]  # no global phases
    for row, (qubits, step) in zip(rows, transfers(program, rows), strict=True):
        if step is None:
            state = _finish(fuser, program.n_qubits, state)
            _conjugate(program, row, state)
            fuser = Fuser(program.n_qubits, fresh=False)
        else:
            fuser.append(qubits, step)
    return _finish(fuser, program.n_qubits, state)


def bytes_per_number(program: Program) -> int:
    """Return the memory that running a program takes for each of ``4**n`` numbers."""
    gates = program.operations[program.is_gate]
    wide = np.any(gates[:, 1] + gates[:, 2] > MOST_QUBITS)
    return 40 if wide else 8  # the matrix itself and a copy of it; or the vector


def _finish(fuser: Fuser, n_qubits: int, state: Reals | None) -> Reals:
    if state is None:
        assert fuser.vectors is not None  # the fuser is fresh
        state = pauli_basis.product(fuser.vectors)
    sweeps.run(fuser.operations(), n_qubits, state)
    return state


def _conjugate(program: Program, row: int, state: Reals) -> None:
    """Apply a unitary operation to rows and columns of the density matrix itself.

    The matrix is a state of twice as many qubits; the columns are the first ones.
    """
    from qleap.processing._kernels.statevector import evolve_into

    n_qubits = program.n_qubits
    entries = pauli_basis.matrix(state, n_qubits)
    operations = program.operations[[row]]
    conjugate = program.coefficients.copy()
    conjugate[1::2] *= -1.0
    flat = entries.reshape(-1).view(np.float64)
    evolve_into(operations, program.wires, conjugate, flat)
    evolve_into(operations, program.wires + n_qubits, program.coefficients, flat)
    pauli_basis.set_matrix(state, n_qubits, entries)
