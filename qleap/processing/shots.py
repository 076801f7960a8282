"""Classical bits from a program: samples of its final state, or shot by shot."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.processing.bits import n_bytes, pack
from qleap.processing.engine import ONE_STATE_AT_A_TIME, Precision, evolve, share_blocks
from qleap.processing.memory import check_memory
from qleap.processing.program import Program

__all__ = ["draw", "label", "sample", "simulate", "split", "stream"]

STEP_LIMIT: Final = 50_000_000
"""Operations of one shot after which a loop counts as endless."""

LEAST_NORM: Final = 0.3
LARGEST_NORM: Final = 1.7
"""Squared norms between which weights are counted finely and do not overflow."""

BLOCKS_PER_WORKER: Final = 1 << 7
"""Fewer to weigh are not worth another thread."""

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
        Of any norm; is not copied.
    shots : int
        Number of readings.
    seed : int
        Reading k depends on the seed and on k alone.

    Raises
    ------
    InvalidValue
        Where the norm is zero, infinite or not a number.
    """
    qubits = np.arange(state.size.bit_length() - 1)
    packed = np.empty((shots, 8), np.uint8)
    _read(state, seed, np.stack([qubits, qubits], axis=1), packed)
    return packed.view("<i8").ravel().astype(np.int64, copy=False)


def sample(state: NDArray[Any], program: Program, shots: int, seed: int) -> Bytes:
    """Return the measured bits of ``shots`` independent readings of ``state``."""
    width = n_bytes(program.n_clbits)
    packed = np.empty((shots, width), np.uint8)
    wires = np.array(
        [
            (qubit, 8 * (width - 1 - clbit // 8) + clbit % 8)
            for clbit, qubit in program.measurements.items()
        ],
        np.int64,
    )
    _read(state, seed, wires.reshape(-1, 2), packed)
    return packed


def label(outcomes: NDArray[np.int64], program: Program) -> Bytes:
    """Return the measured bits where readings have found the basis states."""
    width = n_bytes(program.n_clbits)
    packed = np.zeros((outcomes.size, width), np.uint8)
    for clbit, qubit in program.measurements.items():
        bit = (outcomes >> qubit & 1) << clbit % 8
        packed[:, width - 1 - clbit // 8] |= bit.astype(np.uint8)
    return packed


def _read(
    state: NDArray[Any], seed: int, wires: NDArray[np.int64], packed: Bytes
) -> None:
    """Write one row of bytes a reading; see `look_up_into`."""
    from qleap.core.jit import threads
    from qleap.processing._kernels import sampling as kernels

    parts = np.ascontiguousarray(state).view(state.real.dtype)
    shots = len(packed)
    workers = min(threads(), 1 + shots // SHOTS_PER_WORKER)
    scale, sums = _weights(parts, kernels.BLOCK)
    ends = np.full(sums.size + 8, np.iinfo(np.int64).max)
    np.cumsum(sums, out=ends[:-8])
    total = int(ends[-9])
    shift = max(total.bit_length() - sums.size.bit_length(), 0)
    steps = np.arange((total >> shift) + 1) << shift
    guide = np.searchsorted(ends[:-8], steps, "right").astype(np.int32)

    def look_up(first: int, last: int) -> None:
        kernels.look_up_into(
            parts,
            scale,
            ends,
            guide,
            shift,
            stream(seed),
            shots * first // workers,
            shots * last // workers,
            wires,
            packed,
        )

    share_blocks(look_up, workers, workers)


def _weights(parts: NDArray[Any], block: int) -> tuple[float, NDArray[np.int64]]:
    """Return what a probability is multiplied by, and the weights of all blocks.

    The scale is a power of two with which the weights of a state sum up to some
    2**61. Most states have norm one; the others are weighed twice.
    """
    from qleap.core.jit import threads
    from qleap.processing._kernels import sampling as kernels

    sums = np.empty(max(parts.size // (2 * block), 1), np.int64)
    norms: list[float] = []

    def weigh(first: int, last: int) -> None:
        norms.append(kernels.weigh_into(parts, scale, first, last, sums))

    scale = 2.0**61
    workers = min(threads(), 1 + sums.size // BLOCKS_PER_WORKER)
    share_blocks(weigh, sums.size, workers)
    norm = sum(norms)
    if not 0.0 < norm < math.inf:
        raise InvalidValue(
            "a state that is sampled must have a finite norm above zero, but its "
            f"square is {norm:.4g}; make all gates of the circuit unitary."
        )
    if not LEAST_NORM < norm < LARGEST_NORM:
        scale = 2.0 ** (61 - round(math.log2(norm)))
        share_blocks(weigh, sums.size, workers)
    return scale, sums


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
