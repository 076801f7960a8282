"""Running the unitary part of a flat program: the state that it prepares.

Gates are fused, ordered into sweeps and written as tables (`plan`); each sweep reads
and writes the state once, block by block through the cache, on several threads. A
block is computed by the same operations in the same order whoever does it, so results
do not depend on the number of threads. The kernels stay behind this module.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.processing import costs
from qleap.processing.first_use import prepare
from qleap.processing.memory import check_memory
from qleap.processing.program import Program

__all__ = [
    "ONE_STATE_AT_A_TIME",
    "Amplitudes",
    "Precision",
    "Sweep",
    "amplitude_type",
    "evolve",
    "plan",
    "run_sweep",
    "run_sweeps",
    "share_blocks",
]

Precision: TypeAlias = Literal["double", "single"]
Amplitudes: TypeAlias = NDArray[np.complex128] | NDArray[np.complex64]

PLAIN_BELOW: Final = 8
"""Qubits below which a state is a handful of vectors and gates run one by one."""

CONTIGUOUS_QUBITS: Final = 6
"""Lowest qubits, which every block holds so that it is read in runs of 1 KiB."""

TABLE_QUBITS: Final = 10
"""Lowest qubits of a block whose phases are tabulated: 16 KiB in the L1 cache."""

BLOCK_QUBITS: Final = 15
"""Qubits of a block: 2^15 amplitudes are 512 KiB and stay in the L2 cache."""

LOWEST: Final = 0b1111
"""Mask of the qubits within a vector, which every block holds and every sweep reads."""

SMALLEST_GIVEN: Final = 14
"""Qubits of a block that is worth giving to another thread while this one plans."""

SMALLEST_BLOCK: Final = 7
"""Qubits of a block with eight vectors of sixteen numbers, which kernels rely on."""

ONE_STATE_AT_A_TIME: Final = threading.Lock()
"""Without OpenMP or TBB numba's threads abort where two callers share them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fused:
    """Operations that do what the gates of a program do.

    Parameters
    ----------
    rows, numbers, wires : ndarray
        As `qleap.processing._kernels.fusion.fuse` returns them.
    coefficients : ndarray of float64
        Of the program: matrices that were not fused.
    n_qubits : int
        Of the state.
    angle : float
        Of the global phase, rad.
    """

    rows: NDArray[np.int64]
    numbers: NDArray[np.complex128]
    wires: NDArray[np.int64]
    coefficients: NDArray[np.float64]
    n_qubits: int
    angle: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweep:
    """One pass over the state.

    Parameters
    ----------
    operations, tables, terms, angles, places : ndarray
        As `qleap.processing._kernels.assembly.assemble` returns them.
    coefficients : ndarray of float64
        Of the program: matrices that were not fused.
    inner : int
        Mask of the qubits that a block holds.
    known : int
        Mask of the qubits that may be other than zero when the sweep begins.
        Amplitudes elsewhere count as zero, whatever memory holds.
    reached : int
        Mask of these and of the qubits that it mixes; it leaves amplitudes elsewhere
        alone.
    depth : int
        Qubits of the table of phases.
    factor : complex
        The result is multiplied by it.
    """

    operations: NDArray[np.int64]
    tables: NDArray[Any]
    terms: NDArray[np.int64]
    angles: NDArray[np.float64]
    places: NDArray[np.int64]
    coefficients: NDArray[np.float64]
    inner: int
    known: int
    reached: int
    depth: int
    factor: complex


def amplitude_type(precision: str) -> type[np.complex128] | type[np.complex64]:
    """Return the type of an amplitude; refuse an unknown precision."""
    checks.one_of("precision", precision, ("double", "single"))
    return np.complex128 if precision == "double" else np.complex64


def evolve(
    program: Program,
    rows: NDArray[np.int64],
    precision: Precision = "double",
    out: Amplitudes | None = None,
) -> Amplitudes:
    """Return the state after the unitary operations ``rows``, shape ``(2**n,)``.

    It is written into ``out`` where that is given. Nothing reads amplitudes before
    they are written, so that memory need not be zero, and new memory is first touched
    by the thread that writes to it.
    """
    kind = np.dtype(amplitude_type(precision))
    n_qubits = program.n_qubits
    if out is None:
        check_memory(n_qubits, kind.itemsize, "a statevector")
    state = np.zeros(1 << n_qubits, kind) if out is None else out
    if n_qubits < PLAIN_BELOW:
        from qleap.processing._kernels import statevector as kernels

        whole = np.zeros(1 << n_qubits, np.complex128)
        whole[0] = 1.0
        tables = (program.operations[rows], program.wires, program.coefficients)
        kernels.evolve_into(*tables, whole.view(np.float64))
        state[:] = whole
        return state
    prepare(f"sweep {precision}", "fuse", "plan", "schedule")
    state[: LOWEST + 1] = 0.0
    state[0] = 1.0
    reached = run_sweeps(plan(fused(program, rows), kind), state)
    if out is not None:
        _clear(state, reached)
    return state


def _clear(state: Amplitudes, reached: int) -> None:
    """Set amplitudes to zero where qubits that are not ``reached`` are set."""
    n_qubits = state.size.bit_length() - 1
    view: NDArray[Any] = state.reshape((2,) * n_qubits)
    for qubit in reversed(range(n_qubits)):
        if reached >> qubit & 1:
            view = np.moveaxis(view, 0, -1)
        else:
            view[1] = 0.0
            view = view[0]


def fused(program: Program, rows: NDArray[np.int64]) -> Fused:
    """Return the unitary operations ``rows`` of a program, fused."""
    from qleap.processing._kernels.fusion import fuse

    found, numbers, wires, angle = fuse(
        program.n_qubits, program.operations[rows], program.wires, program.coefficients
    )
    return Fused(
        rows=found,
        numbers=numbers,
        wires=wires,
        coefficients=program.coefficients,
        n_qubits=program.n_qubits,
        angle=angle,
    )


def plan(
    work: Fused,
    kind: "np.dtype[Any]",
    *,
    reached: int = 0,
    block_qubits: int | None = None,
    contiguous: int | None = None,
) -> Iterator[Sweep]:
    """Yield the sweeps that together do what the fused operations do.

    Parameters
    ----------
    work : Fused
        The operations.
    kind : dtype
        Of an amplitude.
    reached : int
        Mask of the qubits that may be other than zero before.
    block_qubits, contiguous : int, optional
        Qubits of a block and the lowest ones that each block holds; by default what
        the measured costs of this machine make fastest.
    """
    from qleap.core.simd import host_lanes
    from qleap.processing._kernels.assembly import assemble

    order, starts, inner = schedule_sweeps(work, kind, block_qubits, contiguous)
    real = kind.type(0).real.dtype
    lanes = len(host_lanes(real.itemsize))
    for k in range(inner.size):
        mask = int(inner[k])
        depth = min(TABLE_QUBITS, mask.bit_count())
        operations, tables, terms, angles, places, scale = assemble(
            work.rows,
            work.numbers,
            work.wires,
            order[starts[k] : starts[k + 1]],
            mask,
            work.n_qubits,
            lanes,
            depth,
        )
        known = reached | LOWEST
        reached |= mask
        yield Sweep(
            operations=operations,
            tables=tables.astype(real, copy=False),
            terms=terms,
            angles=angles,
            places=places,
            coefficients=work.coefficients,
            inner=mask,
            known=known,
            reached=reached,
            depth=depth,
            factor=scale * (np.exp(1j * work.angle) if k == inner.size - 1 else 1.0),
        )


def schedule_sweeps(
    work: Fused,
    kind: "np.dtype[Any]",
    block_qubits: int | None,
    contiguous: int | None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the order of the operations, where sweeps begin, and their qubits.

    Of several sizes of a block the one is taken that promises the shortest time.
    """
    from qleap.processing._kernels.schedule import schedule

    n_qubits = work.n_qubits
    if block_qubits is not None or contiguous is not None:
        sizes = [(block_qubits or BLOCK_QUBITS, contiguous or CONTIGUOUS_QUBITS)]
    else:
        sizes = costs.candidates(n_qubits, kind.itemsize)
    found = []
    for block, low in sizes:
        size = min(max(block, SMALLEST_BLOCK), n_qubits)
        made = schedule(work.rows, work.wires, n_qubits, size, min(low, size))
        seconds = 0.0
        if len(sizes) > 1:
            seconds = costs.predict(
                n_qubits, kind.itemsize, size, low, made[1], made[2]
            )
        found.append((seconds, made))
    return min(found, key=lambda choice: choice[0])[1]


def run_sweeps(sweeps: Iterator[Sweep], state: Amplitudes) -> int:
    """Run sweeps on a state in place and return the mask of what they have reached.

    While one runs, the next is planned.
    """
    reached = 0
    ahead = [*islice(sweeps, 1)]
    while ahead:
        sweep = ahead.pop()
        run_sweep(sweep, state, meanwhile=lambda: ahead.extend(islice(sweeps, 1)))
        reached = sweep.reached
    return reached


def run_sweep(
    sweep: Sweep,
    state: Amplitudes,
    *,
    beyond: int = 0,
    workers: int | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> None:
    """Run one sweep on a state in place.

    ``beyond`` are the set bits of qubits that number several states; ``workers`` is the
    number of threads, by default as many as kernels use; ``meanwhile`` is what this
    thread does first, once the others have begun.
    """
    from qleap.core.jit import threads
    from qleap.core.simd import host_lanes
    from qleap.processing._kernels.sweep import sweep_blocks

    real: np.dtype[Any] = state.real.dtype
    amplitudes: NDArray[Any] = state.view(real)
    outside = sweep.reached & ~sweep.inner & (state.size - 1)
    n_blocks = 1 << outside.bit_count()
    factor = np.array([sweep.factor.real, sweep.factor.imag], real)

    def run(first: int, last: int) -> None:
        sweep_blocks(
            sweep.operations,
            sweep.tables,
            sweep.terms,
            sweep.angles,
            sweep.places,
            sweep.coefficients,
            sweep.inner,
            sweep.known,
            outside,
            beyond,
            sweep.depth,
            first,
            last,
            factor,
            host_lanes(real.itemsize),
            amplitudes,
        )

    small = n_blocks == 1 and sweep.inner.bit_count() < SMALLEST_GIVEN
    share_blocks(run, n_blocks, 1 if small else workers or threads(), meanwhile)


def share_blocks(
    run: Callable[[int, int], None],
    n_blocks: int,
    workers: int,
    meanwhile: Callable[[], None] | None = None,
) -> None:
    """Call ``run(first, last)`` so that together all blocks are done once.

    Every thread, the caller's among them, takes portions until none is left, so that
    one which another program slows down does not keep the others waiting. The caller's
    calls ``meanwhile`` before.
    """
    workers = min(workers, n_blocks + (meanwhile is not None))
    if workers == 1:
        run(0, n_blocks)
        if meanwhile is not None:
            meanwhile()
        return
    portions = min(n_blocks, 16 * workers)
    edges = [n_blocks * k // portions for k in range(portions + 1)]
    left = deque(pairwise(edges))

    def work() -> None:
        while left:
            try:
                first, last = left.popleft()
            except IndexError:  # another thread was faster
                return
            run(first, last)

    helpers = [_pool(workers - 1).submit(work) for _ in range(workers - 1)]
    try:
        if meanwhile is not None:
            meanwhile()
        work()
    finally:
        left.clear()
        for helper in helpers:
            helper.result()


@cache
def _pool(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers, thread_name_prefix="qleap-sweep")


if hasattr(os, "register_at_fork"):  # threads do not survive into a child process
    os.register_at_fork(after_in_child=_pool.cache_clear)
