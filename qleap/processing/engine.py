"""Running a flat program: the state that it prepares.

The kernels stay behind this module: another engine replaces this function and
nothing else.
"""

import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.processing.memory import check_memory
from qleap.processing.program import Program
from qleap.processing.schedule import BLOCK_QUBITS, sweeps

__all__ = ["ONE_STATE_AT_A_TIME", "evolve"]

PARALLEL_FROM: Final = 14
"""Qubits from which several threads share one state."""

ONE_STATE_AT_A_TIME: Final = threading.Lock()
"""Without OpenMP or TBB numba's threads abort where two callers share them."""


def evolve(program: Program, rows: NDArray[np.int64]) -> NDArray[np.complex128]:
    """Return the state after the unitary operations ``rows``, shape ``(2**n,)``."""
    from qleap.core.jit import threads
    from qleap.processing._kernels import statevector as kernels

    check_memory(program.n_qubits, 16, "a statevector")
    state = np.zeros(1 << program.n_qubits, np.complex128)
    state[0] = 1.0
    amplitudes = state.view(np.float64)
    tables = (program.wires, program.coefficients)
    if program.n_qubits < PARALLEL_FROM:
        kernels.evolve_into(program.operations[rows], *tables, amplitudes)
        return state
    block_qubits = min(BLOCK_QUBITS, program.n_qubits - 2)
    for sweep in sweeps(program, rows, block_qubits):
        operations = program.operations[sweep.rows]
        workers = min(threads(), 1 << sweep.outer.size)
        with ONE_STATE_AT_A_TIME:
            kernels.sweep_into(
                operations, *tables, sweep.inner, sweep.outer, workers, amplitudes
            )
    return state
