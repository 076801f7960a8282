"""Sweeps of operations: the rule, and the laws that every order must obey."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from qleap.core.jit import kernel
from qleap.processing._kernels import schedule as kernels
from qleap.processing._kernels import waiting
from qleap.processing._reference import fusion as kinds
from qleap.processing._reference import schedule as reference

Integers = NDArray[np.int64]
Rows = tuple[Integers, Integers]

NAMES = (
    *("SHEAR", "FLIP", "MATRIX_ONE", "MATRIX_TWO", "SWAP"),
    *("MATRIX_MANY", "TERM", "PHASE", "LOOKUP"),
)
seeds = st.integers(0, 2**32 - 1)
involved: Any = kernel(kernels.involved.py_func)  # type: ignore[attr-defined]  # numba's


def random_rows(rng: np.random.Generator, n_qubits: int, n_rows: int) -> Rows:
    """Return rows of all kinds; their numbers do not matter here."""
    rows = np.zeros((n_rows, 7), np.int64)
    wires: list[int] = []
    for row in rows:
        kind = int(rng.integers(len(NAMES)))
        order = rng.permutation(n_qubits).tolist()
        row[0], row[6] = kind, len(wires)
        n_targets = 0
        if kind in (kinds.MATRIX_MANY, kinds.LOOKUP):
            n_targets = int(rng.integers(1, 5))
            row[2] = n_targets
            wires += order[:n_targets]
        elif kind in (kinds.MATRIX_TWO, kinds.SWAP):
            n_targets = 2
            row[1:3] = order[:2]
        elif kind < kinds.MATRIX_TWO:
            n_targets = 1
            row[1], row[2] = order[0], kind == kinds.SHEAR and rng.integers(2)
        if kind not in (kinds.MATRIX_TWO, kinds.SWAP):
            n_controls = int(rng.integers(kind in (kinds.TERM, kinds.PHASE), 3))
            row[3] = sum(1 << q for q in order[n_targets : n_targets + n_controls])
            row[4] = row[3] & int(rng.integers(1 << n_qubits))
    return rows, np.array(wires, np.int64)


def commute(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Tell whether operations are diagonal on all qubits that they share."""
    either = first[0] | first[1], second[0] | second[1]
    return not (first[0] & either[1] or second[0] & either[0])


def test_the_kinds_are_those_of_the_kernels() -> None:
    for name in NAMES:
        assert getattr(kinds, name) == getattr(waiting, name)
    for name in ("LONGEST_SWEEP", "MOST_WAITING"):
        assert getattr(reference, name) == getattr(kernels, name)


@given(seed=seeds)
def test_kernel_names_the_same_qubits_as_the_reference(seed: int) -> None:
    rows, wires = random_rows(np.random.default_rng(seed), 9, 30)
    for row in rows:
        assert involved(row, wires) == reference.involved(row, wires)


@given(
    seed=seeds,
    n_qubits=st.integers(6, 12),
    n_rows=st.integers(0, 150),
    spare=st.integers(0, 4),
)
def test_kernel_equals_reference(
    seed: int, n_qubits: int, n_rows: int, spare: int
) -> None:
    rows, wires = random_rows(np.random.default_rng(seed), n_qubits, n_rows)
    contiguous = min(n_qubits - 4, 6)
    size = min(contiguous + spare + 1, n_qubits)
    arguments = (rows, wires, n_qubits, size, contiguous)
    ours, twin = kernels.schedule(*arguments), reference.schedule(*arguments)
    for one, two in zip(ours, twin, strict=True):
        assert_array_equal(one, two)


@given(
    seed=seeds,
    n_qubits=st.integers(6, 12),
    n_rows=st.integers(1, 150),
    spare=st.integers(4, 6),
)
def test_every_operation_runs_once_in_a_block_that_holds_it_and_in_order(
    seed: int, n_qubits: int, n_rows: int, spare: int
) -> None:
    rows, wires = random_rows(np.random.default_rng(seed), n_qubits, n_rows)
    contiguous = n_qubits - 6
    size = min(contiguous + spare, n_qubits)
    order, starts, inner = kernels.schedule(rows, wires, n_qubits, size, contiguous)
    assert sorted(order.tolist()) == list(range(n_rows))
    assert starts[0] == 0
    assert starts[-1] == n_rows
    assert np.all(np.diff(starts) > 0)
    touched = [reference.involved(row, wires) for row in rows]
    for k, mask in enumerate(inner.tolist()):
        assert mask.bit_count() == size
        assert mask & (1 << contiguous) - 1 == (1 << contiguous) - 1
        for j in order[starts[k] : starts[k + 1]]:
            assert touched[j][0] & ~mask == 0
    place = np.argsort(order)
    for j in range(n_rows):
        for k in range(j):
            assert place[k] < place[j] or commute(touched[j], touched[k])


def test_what_fits_into_one_block_is_one_sweep() -> None:
    rows, wires = random_rows(np.random.default_rng(1), 8, 500)
    order, _, inner = kernels.schedule(rows, wires, 8, 8, 6)
    assert_array_equal(order, np.arange(500))
    assert inner.tolist() == [255]


def test_phases_and_controls_outside_the_block_cost_no_sweep() -> None:
    # Phases on all pairs of 20 qubits, and X on qubit 0 under each of the others
    n = 20
    terms = [(kinds.TERM, 0, 0, 1 << a | 1 << b) for a in range(n) for b in range(a)]
    flips = [(kinds.FLIP, 0, 0, 1 << q) for q in range(1, n)]
    rows = np.zeros((len(terms) + len(flips), 7), np.int64)
    rows[:, :4] = terms + flips
    rows[:, 4] = rows[:, 3]
    _, starts, _ = kernels.schedule(rows, np.zeros(0, np.int64), n, 10, 6)
    assert starts.size == 2


@pytest.mark.parametrize("n_rows", [2048, 2049, 5000])
def test_long_sweeps_are_cut(n_rows: int) -> None:
    rows = np.zeros((n_rows, 7), np.int64)
    order, starts, _ = kernels.schedule(rows, np.zeros(0, np.int64), 8, 8, 6)
    assert np.all(np.diff(starts) <= kernels.LONGEST_SWEEP)
    assert starts.size == 1 + -(-n_rows // kernels.LONGEST_SWEEP)
    assert_array_equal(order, np.arange(n_rows))


@pytest.mark.parametrize("widest", [1, 2])
def test_long_circuits_take_linear_work(widest: int) -> None:
    # Each sweep looks at what waits and at what is fresh; count what it looks at.
    n_qubits, n_rows = 24, 100_000
    rng = np.random.default_rng(3)
    rows = np.zeros((n_rows, 7), np.int64)
    rows[:, 0] = kinds.MATRIX_TWO if widest == 2 else kinds.FLIP
    rows[:, 1] = rng.integers(0, n_qubits, n_rows)
    other = (rows[:, 1] + rng.integers(1, n_qubits, n_rows)) % n_qubits
    if widest == 2:
        rows[:, 2] = other
    else:
        rows[:, 3] = rows[:, 4] = 1 << other
    order, starts, _ = kernels.schedule(rows, np.zeros(0, np.int64), n_qubits, 15, 6)
    assert_array_equal(np.sort(order), np.arange(n_rows))
    looked_at = 0
    newest = -1
    for k in range(starts.size - 1):
        newest = max(newest, int(order[starts[k] : starts[k + 1]].max()))
        looked_at += newest + 1 - int(starts[k])
    assert looked_at < 12 * n_rows
    assert n_rows / (starts.size - 1) > 10  # operations a sweep


@given(seed=seeds)
@settings(max_examples=20)
def test_phases_alone_are_one_sweep_however_they_are_shuffled(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, wires = random_rows(rng, 12, 200)
    rows = rows[np.isin(rows[:, 0], (kinds.TERM, kinds.PHASE, kinds.LOOKUP))]
    _, starts, _ = kernels.schedule(rng.permutation(rows), wires, 12, 7, 6)
    assert starts.size == 2
