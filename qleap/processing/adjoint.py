"""The adjoint method: all derivatives from one run forwards and one backwards.

The kernels stay behind this module. See ``docs/processing/gradients.md``.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qleap.processing.engine import (
    CONTIGUOUS_QUBITS,
    PLAIN_BELOW,
    Amplitudes,
    Precision,
    amplitude_type,
    evolve,
    fused,
    plan,
    run_sweeps,
    share_blocks,
)
from qleap.processing.memory import check_memory
from qleap.processing.paulis import PauliSum
from qleap.processing.program import Program, fill
from qleap.processing.recipes import FREQUENCIES, Recipe
from qleap.processing.recipes import size as floats

__all__ = ["adjoint", "angle_counts", "coefficient_slopes"]

BLOCK_QUBITS: Final = 14
"""Of a block of each state: together 512 KiB in the L2 cache."""

MOST_ANGLES: Final = 4

FEWEST_BLOCKS: Final = 3
"""Logarithm of the blocks of a state, where it has enough qubits; also if threads
are few, because sums are made block by block."""

VALUE: Final = 3
"""As `qleap.processing._kernels.turning.VALUE`."""

MOST_PARTS: Final = 64
"""Partial sums of each derivative, over blocks in a fixed order."""


class _Reversed(NamedTuple):
    """What `qleap.processing._kernels.reversal.reverse` returns."""

    rows: NDArray[np.int64]
    numbers: NDArray[np.complex128]
    wires: NDArray[np.int64]
    inverses: NDArray[np.float64]
    crosses: NDArray[np.int64]
    terms: NDArray[np.int64]
    weights: NDArray[np.float64]
    n_records: int
    real: bool


def adjoint(
    program: Program,
    bound: Program,
    observable: PauliSum,
    active: NDArray[np.bool_],
    precision: Precision,
) -> tuple[float, NDArray[np.float64]]:
    """Return the expectation value and its derivatives by the angles of the gates.

    Parameters
    ----------
    program, bound : Program
        Of gates alone; with free parameters, and with values.
    observable : PauliSum
        Hermitian, of the same number of qubits.
    active : ndarray of bool, shape (n_slots,)
        Angles whose derivatives are wanted; the others' are 0.
    precision : {"double", "single"}
        Of the two states.

    Returns
    -------
    tuple of float and ndarray of float64, shape (n_slots,)
    """
    from qleap.processing.observables import apply

    real_coefficients = observable.real_coefficients()
    n_qubits = program.n_qubits
    size = np.dtype(amplitude_type(precision)).itemsize
    check_memory(n_qubits, 2.0 * size, "a gradient with its two states")
    backwards = _reverse(program.recipes, bound, active)
    sizes = program.operations[:, 1] + program.operations[:, 2]
    rows = np.flatnonzero(program.is_gate & (sizes > 0))  # no global phases
    psi = _prepared(bound, rows, precision)
    even = np.bitwise_count(observable.x & observable.z) % 2 == 0
    lam = apply(
        psi,
        PauliSum(
            n_qubits=n_qubits,
            x=observable.x,
            z=observable.z,
            coefficients=real_coefficients.astype(np.complex128),
        ),
    )
    packed = backwards.real and bool(even.all())
    if packed:
        psi.imag = lam.real
        lam = psi[:0]
    records = _undo(backwards, n_qubits, psi, lam, packed)
    slopes = np.zeros(active.size)
    np.add.at(
        slopes,
        backwards.terms[:, 0],
        backwards.weights * records[backwards.terms[:, 1]],
    )
    return float(records[VALUE]), slopes


def _prepared(
    bound: Program, rows: NDArray[np.int64], precision: Precision
) -> Amplitudes:
    """Return the state that gates prepare, to the bit for any number of threads."""
    n_qubits = bound.n_qubits
    if n_qubits <= PLAIN_BELOW:
        return evolve(bound, rows, precision)
    state: Amplitudes = np.zeros(1 << n_qubits, amplitude_type(precision))  # type: ignore[assignment]  # of either kind
    state[0] = 1.0
    size = _block_qubits(n_qubits, packed=True)
    work, kind = fused(bound, rows), np.dtype(state.dtype)
    sweeps = plan(work, kind, block_qubits=size, contiguous=CONTIGUOUS_QUBITS)
    run_sweeps(sweeps, state)
    return state


def _block_qubits(n_qubits: int, *, packed: bool) -> int:
    """Return the size of a block, which must not depend on the threads."""
    return max(min(BLOCK_QUBITS + packed, n_qubits - FEWEST_BLOCKS), PLAIN_BELOW)


def _reverse(
    recipes: NDArray[np.int64], bound: Program, active: NDArray[np.bool_]
) -> _Reversed:
    from qleap.processing._kernels.reversal import reverse

    found = reverse(
        bound.n_qubits,
        bound.operations,
        bound.wires,
        bound.coefficients,
        recipes,
        angle_counts(recipes),
        active.astype(np.int64),
        coefficient_slopes(recipes, bound),
    )
    return _Reversed(*found)


def angle_counts(recipes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many angles each recipe has, shape ``(n_recipes,)``."""
    counts: NDArray[np.int64] = np.count_nonzero(_TURNS[recipes[:, 0]], axis=1)
    return counts


def coefficient_slopes(
    recipes: NDArray[np.int64], bound: Program
) -> NDArray[np.float64]:
    """Return derivatives of the coefficients, by the first, second ... angle of a gate.

    They are difference quotients without error; see
    `qleap.processing.recipes.FREQUENCIES`.

    Returns
    -------
    ndarray of float64, shape (4, n_coefficients)
    """
    angles = bound.angles.offsets
    shifted = np.tile(angles, (2 * MOST_ANGLES, 1))
    frequencies = _TURNS[recipes[:, 0]]
    tables = np.zeros((2 * MOST_ANGLES, bound.coefficients.size))
    scale = np.zeros((MOST_ANGLES, bound.coefficients.size))
    most = int(angle_counts(recipes).max(initial=0))
    for k in range(most):
        has = frequencies[:, k] > 0.0
        slots = recipes[has, 3] + k
        step = 0.5 * np.pi / frequencies[has, k]
        shifted[2 * k, slots] += step
        shifted[2 * k + 1, slots] -= step
        fill(recipes[has], shifted[2 * k : 2 * k + 2], tables[2 * k : 2 * k + 2])
        starts, stops = recipes[has, 2], recipes[has, 2] + _SIZES[recipes[has, 0]]
        marks = np.zeros(bound.coefficients.size + 1)
        np.add.at(marks, starts, 0.5 * frequencies[has, k])
        np.add.at(marks, stops, -0.5 * frequencies[has, k])
        scale[k] = np.cumsum(marks)[:-1]
    found: NDArray[np.float64] = scale * (tables[0::2] - tables[1::2])
    return found


def _undo(
    backwards: _Reversed, n_qubits: int, psi: Amplitudes, lam: Amplitudes, packed: bool
) -> NDArray[np.float64]:
    """Undo all gates on both states; return what was measured, ``(n_records,)``."""
    from qleap.core.jit import threads
    from qleap.core.simd import host_lanes
    from qleap.processing._kernels.schedule import schedule
    from qleap.processing._kernels.undo import undo_blocks
    from qleap.processing._kernels.undoing import assemble_reversed

    if n_qubits < PLAIN_BELOW:  # a block needs several vectors
        psi, lam = _padded(psi), lam if packed else _padded(lam)
        n_qubits = PLAIN_BELOW
    size = _block_qubits(n_qubits, packed=packed)
    low = min(CONTIGUOUS_QUBITS, n_qubits)
    rows, wires = backwards.rows, backwards.wires
    order, starts, inner = schedule(rows, wires, n_qubits, size, low)
    real: np.dtype[Any] = psi.real.dtype
    lanes = host_lanes(real.itemsize)
    n_blocks = 1 << n_qubits - size
    n_parts = min(n_blocks, MOST_PARTS)
    edges = [n_blocks * k // n_parts for k in range(n_parts + 1)]
    records = np.zeros((n_parts, backwards.n_records))
    pair: Any = (psi.view(real), lam.view(real))
    for k, mask in enumerate(inner.tolist()):
        operations, tables, places = assemble_reversed(
            rows,
            backwards.numbers,
            wires,
            backwards.crosses,
            order[starts[k] : starts[k + 1]],
            mask,
            n_qubits,
            len(lanes),
            packed,
        )
        outside = (1 << n_qubits) - 1 & ~mask
        tables = tables.astype(real, copy=False)
        sweep = (operations, tables, places, backwards.inverses, mask, outside)
        keep = k < inner.size - 1

        def run(first: int, last: int, sweep: Any = sweep, keep: bool = keep) -> None:
            for part in range(first, last):
                span, out = (edges[part], edges[part + 1]), records[part]
                undo_blocks(*sweep, *span, packed, keep, lanes, *pair, out)  # type: ignore[call-arg]  # mypy cannot count them

        share_blocks(run, n_parts, threads())
    total: NDArray[np.float64] = records.sum(0)
    return total


def _padded(state: Amplitudes) -> Amplitudes:
    """Return a state with more qubits, all in zero."""
    padded = np.zeros(1 << PLAIN_BELOW, state.dtype)
    padded[: state.size] = state
    return padded


def _frequency_table() -> NDArray[np.float64]:
    table = np.zeros((len(Recipe), MOST_ANGLES))
    for code, frequencies in FREQUENCIES.items():
        table[code, : len(frequencies)] = frequencies
    return table


_TURNS: Final = _frequency_table()
_SIZES: Final = np.array([floats(code) for code in Recipe])
