"""Running a flat program: states, samples and shots.

The kernels stay behind this module: another engine replaces these functions and
nothing else.
"""

import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.processing.memory import check_memory
from qleap.processing.program import Program
from qleap.processing.schedule import BLOCK_QUBITS, sweeps

__all__ = ["evolve", "sample", "simulate"]

PARALLEL_FROM: Final = 14
"""Qubits from which several threads share one state."""

STEP_LIMIT: Final = 50_000_000
"""Operations of one shot after which a loop counts as endless."""

_ONE_STATE_AT_A_TIME: Final = threading.Lock()
"""Without OpenMP or TBB numba's threads abort where two callers share them."""

Bits = NDArray[np.uint8]


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
        with _ONE_STATE_AT_A_TIME:
            kernels.sweep_into(
                operations, *tables, sweep.inner, sweep.outer, workers, amplitudes
            )
    return state


def simulate(program: Program, shots: int, seed: int) -> tuple[Bits, str]:
    """Return the classical bits of every shot and how they were found.

    Parameters
    ----------
    program : Program
        With measurements.
    shots : int
        Number of runs.
    seed : int
        The bits are the same for the same seed, whatever the number of threads.

    Returns
    -------
    bits : ndarray of uint8, shape (shots, n_clbits)
    method : str
        ``"sampling"`` from the final state where nothing follows a measurement,
        else ``"trajectories"``, one run of the circuit a shot.
    """
    if program.has_terminal_measurements:
        check_memory(program.n_qubits, 24, "sampling")
        state = evolve(program, np.flatnonzero(program.is_gate))
        return sample(state, program, shots, seed), "sampling"
    return _trajectories(program, shots, seed), "trajectories"


def sample(
    state: NDArray[np.complex128], program: Program, shots: int, seed: int
) -> Bits:
    """Return the measured bits of ``shots`` independent readings of ``state``."""
    cumulative = np.square(state.real)
    cumulative += np.square(state.imag)
    np.cumsum(cumulative, out=cumulative)
    uniform = np.random.default_rng(seed).random(shots) * cumulative[-1]
    outcome = np.searchsorted(cumulative, uniform, side="right")
    bits = np.zeros((shots, program.n_clbits), np.uint8)
    for clbit, qubit in program.measurements.items():
        bits[:, clbit] = outcome >> qubit & 1
    return bits


def _trajectories(program: Program, shots: int, seed: int) -> Bits:
    """Run the part before the first measurement once and the rest for every shot."""
    from qleap.core.jit import threads
    from qleap.processing._kernels import statevector as kernels

    workers = min(threads(), shots)
    check_memory(program.n_qubits, 16 * (1 + workers), "a run of shots")
    begin = int(np.argmin(program.is_gate))
    state = evolve(program, np.arange(begin))
    drawn = np.random.SeedSequence(seed).generate_state(shots, np.uint64)
    seeds = np.asarray(drawn, np.uint64)
    bits = np.zeros((shots, program.n_clbits), np.uint8)
    with _ONE_STATE_AT_A_TIME:
        endless = kernels.run_shots_into(
            program.operations[begin:],
            program.wires,
            program.coefficients,
            state.view(np.float64),
            seeds,
            workers,
            STEP_LIMIT,
            bits,
        )
    if endless:
        raise InvalidValue(
            f"a shot must end within {STEP_LIMIT} operations, but {endless} of {shots} "
            "shots did not; give the while loop a condition that becomes false."
        )
    return bits
