"""Classical bits from a program: samples of its final state, or shot by shot."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.processing.bits import n_bytes, pack
from qleap.processing.engine import ONE_STATE_AT_A_TIME, Precision, evolve
from qleap.processing.memory import check_memory
from qleap.processing.program import Program

__all__ = ["draw", "label", "sample", "simulate", "split", "stream"]

STEP_LIMIT: Final = 50_000_000
"""Operations of one shot after which a loop counts as endless."""

GROUP: Final = 16
"""Amplitudes that share an interval of the table in which samples are looked up."""

SHOTS_PER_WORKER: Final = 1 << 14
"""Fewer are not worth another thread."""

Bytes = NDArray[np.uint8]


def simulate(
    program: Program, shots: int, seed: int, precision: Precision = "double"
) -> tuple[Bytes, str]:
    """Return the classical bits of every shot and how they were found.

    Parameters
    ----------
    program : Program
        With measurements.
    shots : int
        Number of runs.
    seed : int
        The bits are the same for the same seed, whatever the number of threads.
    precision : {"double", "single"}
        Of a final state that is sampled; shot by shot it is always double.

    Returns
    -------
    packed : ndarray of uint8, shape (shots, n_bytes)
        See `qleap.processing.bits`.
    method : str
        ``"sampling"`` from the final state where nothing follows a measurement,
        else ``"trajectories"``, one run of the circuit a shot.
    """
    if program.has_terminal_measurements:
        state = evolve(program, np.flatnonzero(program.is_gate), precision)
        return sample(state, program, shots, seed), "sampling"
    return pack(_trajectories(program, shots, seed)), "trajectories"


def stream(seed: int) -> np.uint64:
    """Return the start of a stream of random numbers for the kernels."""
    return np.uint64(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])


def split(streams: NDArray[np.uint64], numbers: Any) -> NDArray[np.uint64]:
    """Return the starts of new streams, one for each of ``numbers`` (SplitMix64)."""
    count = np.atleast_1d(np.asarray(numbers, np.uint64)) + np.uint64(1)
    z = np.asarray(streams, np.uint64) + count * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), np.uint64)


def draw(state: NDArray[Any], shots: int, seed: int) -> NDArray[np.int64]:
    """Return the basis states that ``shots`` independent readings find.

    Parameters
    ----------
    state : ndarray of complex128 or complex64, shape (2**n,)
        Is not copied; the work needs 5 % of its memory and 8 bytes a shot.
    shots : int
        Number of readings.
    seed : int
        Reading k depends on the seed and on k alone.
    """
    from qleap.core.jit import threads
    from qleap.processing._kernels import sampling as kernels

    parts = np.ascontiguousarray(state).view(state.real.dtype)
    outcomes = np.empty(shots, np.int64)
    group = min(GROUP, state.size)
    work = max(shots, state.size // GROUP)
    workers = min(threads(), 1 + work // SHOTS_PER_WORKER)
    with ONE_STATE_AT_A_TIME:
        kernels.sample_into(parts, stream(seed), group, workers, outcomes)
    return outcomes


def sample(state: NDArray[Any], program: Program, shots: int, seed: int) -> Bytes:
    """Return the measured bits of ``shots`` independent readings of ``state``."""
    return label(draw(state, shots, seed), program)


def label(outcomes: NDArray[np.int64], program: Program) -> Bytes:
    """Return the measured bits where readings have found the basis states."""
    from qleap.core.jit import threads
    from qleap.processing._kernels import sampling as kernels

    shots = outcomes.size
    packed = np.empty((shots, n_bytes(program.n_clbits)), np.uint8)
    workers = min(threads(), 1 + shots // SHOTS_PER_WORKER)
    with ONE_STATE_AT_A_TIME:
        kernels.relabel_into(outcomes, _labels(program), workers, packed)
    return packed


def _labels(program: Program) -> Bytes:
    """Return what each value of each byte of a basis state sets in a shot's bytes."""
    width = n_bytes(program.n_clbits)
    tables = np.zeros((n_bytes(program.n_qubits), 256, width), np.uint8)
    values = np.arange(256)
    for clbit, qubit in program.measurements.items():
        bit = (values >> qubit % 8 & 1) << clbit % 8
        tables[qubit // 8, :, width - 1 - clbit // 8] |= bit.astype(np.uint8)
    return tables


def _trajectories(program: Program, shots: int, seed: int) -> Bytes:
    """Run the part before the first measurement once and the rest for every shot."""
    from qleap.core.jit import threads
    from qleap.processing._kernels import statevector as kernels

    workers = min(threads(), shots)
    check_memory(program.n_qubits, 16 * (1 + workers), "a run of shots")
    begin = int(np.argmin(program.is_gate))
    state = evolve(program, np.arange(begin))
    seeds = split(np.array([stream(seed)]), np.arange(shots))
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
