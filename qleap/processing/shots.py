"""Classical bits from a program: samples of its final state, or shot by shot."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.processing.engine import ONE_STATE_AT_A_TIME, evolve
from qleap.processing.memory import check_memory
from qleap.processing.program import Program

__all__ = ["sample", "simulate"]

STEP_LIMIT: Final = 50_000_000
"""Operations of one shot after which a loop counts as endless."""

Bits = NDArray[np.uint8]


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
    with ONE_STATE_AT_A_TIME:
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
