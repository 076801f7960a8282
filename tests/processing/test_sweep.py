"""Sweeps over a state and their tables, at several widths and in both precisions."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from qleap.core.simd import host_lanes
from qleap.processing._kernels import assembly as assembly_kernels
from qleap.processing._kernels import sheet
from qleap.processing._kernels import sweep as kernels
from qleap.processing._reference import assembly as assembly_reference
from qleap.processing._reference import sweep as reference
from qleap.processing._reference.fusion import (
    FLIP,
    LOOKUP,
    MATRIX_MANY,
    MATRIX_ONE,
    MATRIX_TWO,
    PHASE,
    SHEAR,
    SWAP,
    TERM,
)

Random = np.random.Generator
Numbers = NDArray[Any]

N_QUBITS = 10
BEYOND = 1 << N_QUBITS
"""A qubit that numbers several states: operations may depend on it."""

KINDS = (SHEAR, FLIP, MATRIX_ONE, MATRIX_TWO, SWAP, MATRIX_MANY, TERM, PHASE, LOOKUP)
BLOCK_KINDS = [
    *("EXCHANGE_ROWS", "MATRIX_ROWS", "MATRIX_LANE", "MATRIX_PAIR", "MATRIX_ROW_LANE"),
    *("MATRIX_LANES", "PHASE_ROWS", "PHASES", "DENSE", "ENTRIES"),
    *("SHEAR_ONE", "SHEAR_TWO", "SHEAR_THREE"),
]
seeds = st.integers(0, 2**32 - 1)


def reduced(rng: Random, z: Numbers) -> Numbers:
    """Return a matrix of which the first column, or that of a unitary, is reduced.

    Or ``z``: the kernels must tell the three apart.
    """
    way = int(rng.integers(3))
    if way == 0:
        return z
    c, s = np.cos(0.6), np.sin(0.6)
    turn = np.eye(4, dtype=complex)
    turn[[0, 0, 3, 3], [0, 3, 0, 3]] = c, -s, s, c
    inner = np.eye(4, dtype=complex)
    inner[1:, 1:] = np.linalg.qr(
        rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    )[0]
    if way == 1:
        inner[0, 1:] = z[:3]
    matrix = turn @ inner
    matrix[:, 0] = c, 0, 0, s
    return matrix.ravel()


class Rows:
    """Fused operations that a block of the qubits ``inner`` can run."""

    def __init__(self, inner: int) -> None:
        self.inner = [q for q in range(N_QUBITS) if inner >> q & 1]
        self.rows: list[tuple[int, ...]] = []
        self.numbers: list[complex] = []
        self.wires: list[int] = []
        self.coefficients: list[float] = []

    def add(self, kind: int, *columns: int, numbers: Any = ()) -> None:
        """Append a row: a, b, mask, value."""
        self.rows.append((kind, *columns, len(self.numbers), len(self.wires)))
        self.numbers += list(numbers)

    def add_random(self, rng: Random) -> None:
        """Append a row of any kind; its numbers are near to a unitary's."""
        kind = int(rng.choice(KINDS, p=np.array([6, 2, 1, 1, 1, 1, 4, 1, 1]) / 18))
        z = np.exp(1j * rng.uniform(-3, 3, 16)) / 2
        diagonal = kind in (TERM, PHASE, LOOKUP)
        free = list(range(N_QUBITS + 1)) if diagonal else self.inner
        n_targets = {MATRIX_TWO: 2, SWAP: 2, TERM: 0, PHASE: 0}.get(kind, 1)
        if kind in (MATRIX_MANY, LOOKUP):
            n_targets = int(rng.integers(2 if kind == MATRIX_MANY else 1, 4))
        targets = rng.permutation(free)[:n_targets].tolist()
        others = rng.permutation([q for q in range(N_QUBITS + 1) if q not in targets])
        n_controls = int(rng.choice([0, 1, 1, 2, 3]))
        if kind == TERM:
            n_controls = int(rng.integers(1, 3))
        if kind in (MATRIX_TWO, SWAP):
            n_controls = 0
        mask = sum(1 << q for q in others[:n_controls].tolist())
        value = mask if kind == TERM else mask & int(rng.integers(2 << N_QUBITS))
        if kind == SHEAR:
            axis = int(rng.integers(3))
            pair = [z[:2].real, 1j * z[:2].imag, z[:2]][axis]
            swapped = int(rng.integers(2))
            self.add(kind, *targets, swapped, mask, value, numbers=[*pair, 0.8 + 0j])
        elif kind in (FLIP, MATRIX_ONE):
            self.add(kind, *targets, 0, mask, value, numbers=z[:4])
        elif kind in (MATRIX_TWO, SWAP):
            self.add(kind, *targets, 0, 0, numbers=reduced(rng, z))
        elif kind in (TERM, PHASE):
            self.add(kind, 0, 0, mask, value, numbers=[complex(rng.uniform(-3, 3))])
        else:
            size = 1 << (2 * n_targets if kind == MATRIX_MANY else n_targets)
            place = len(self.coefficients)
            self.coefficients += (rng.normal(size=2 * size) / 2).tolist()
            columns = (kind, 0, n_targets, mask, value, place, len(self.wires))
            self.rows.append(columns)
            self.wires += targets

    def tables(self, module: Any, lanes: int, depth: int, dtype: str) -> Any:
        """Return the first arguments of `sweep_blocks` and the factor."""
        inner = sum(1 << q for q in self.inner)
        rows = np.array(self.rows, np.int64).reshape(-1, 7)
        numbers = np.array([*self.numbers, *[0j] * 16])
        wires = np.array(self.wires, np.int64)
        order = np.arange(len(rows))
        *tables, scale = module.assemble(
            rows, numbers, wires, order, inner, N_QUBITS + 1, lanes, depth
        )
        tables[1] = tables[1].astype(dtype)
        coefficients = np.array([*self.coefficients, 0.0, 0.0])
        return (*tables, coefficients, inner), scale


def random_block(rng: Random, depth: int) -> int:
    """Return the mask of a block's qubits: the lowest four and at least three more."""
    high = rng.permutation(np.arange(4, N_QUBITS))
    n_high = int(rng.integers(max(depth - 4, 3), N_QUBITS - 3))
    chosen: list[int] = high[:n_high].tolist()
    return sum((1 << q for q in chosen), 15)


def run(
    module: Any,
    assembler: Any,
    rows: Rows,
    state: Numbers,
    lanes: tuple[int, ...],
    depth: int,
    beyond: int = 0,
    known: int = -1,
) -> Numbers:
    """Return what a whole sweep makes of ``state`` (interleaved)."""
    tables, scale = rows.tables(assembler, len(lanes), depth, state.dtype.name)
    outside = (1 << N_QUBITS) - 1 & ~tables[-1]
    after = state.copy()
    factor = np.array([scale, 0.0], state.dtype)
    last = 1 << outside.bit_count()
    data = (beyond, depth, 0, last, factor, lanes, after)
    module.sweep_blocks(*tables, known, outside, *data)
    return after


def random_sweep(seed: int, n_rows: int) -> tuple[Rows, Numbers, int, int]:
    rng = np.random.default_rng(seed)
    depth = int(rng.integers(5, N_QUBITS + 1))
    rows = Rows(random_block(rng, depth))
    for _ in range(n_rows):
        rows.add_random(rng)
    state = rng.normal(size=2 << N_QUBITS)
    return rows, state, depth, BEYOND * int(rng.integers(2))


def test_the_kinds_are_those_of_the_kernels() -> None:
    for name in BLOCK_KINDS:
        assert getattr(assembly_reference, name) == getattr(sheet, name)
    kinds = [getattr(sheet, name) for name in BLOCK_KINDS]
    assert sorted(kinds) == list(range(len(BLOCK_KINDS)))


@given(seed=seeds, n_rows=st.integers(0, 40), lanes=st.integers(1, 4))
@settings(max_examples=200)
def test_kernel_tables_do_what_those_of_the_reference_do(
    seed: int, n_rows: int, lanes: int
) -> None:
    rows, state, depth, beyond = random_sweep(seed, n_rows)
    arguments = (rows, state, (0,) * lanes, depth, beyond)
    ours = run(reference, assembly_kernels, *arguments)
    twin = run(reference, assembly_reference, *arguments)
    assert_allclose(ours, twin, rtol=0, atol=1e-12 * np.abs(twin).max())


@pytest.mark.parametrize(
    "assembler", [assembly_kernels, assembly_reference], ids=["kernel", "reference"]
)
@pytest.mark.parametrize(
    ("dtype", "bits"),
    [("double", 128), ("double", None), ("single", None)],
)
@given(seed=seeds, n_rows=st.integers(0, 40))
@settings(max_examples=60)
def test_sweep_kernel_equals_reference(
    assembler: Any, dtype: str, bits: int | None, seed: int, n_rows: int
) -> None:
    rows, state, depth, beyond = random_sweep(seed, n_rows)
    lanes = host_lanes(np.dtype(dtype).itemsize, bits)
    arguments = (rows, state.astype(dtype), lanes, depth, beyond)
    ours = run(kernels, assembler, *arguments)
    twin = run(reference, assembler, *arguments)
    tolerance = 1e-12 if dtype == "double" else 1e-4
    assert_allclose(ours, twin, rtol=0, atol=tolerance * np.abs(twin).max())


@given(seed=seeds)
@settings(max_examples=20)
def test_only_the_given_blocks_are_touched_and_the_factor_is_complex(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, state, _, beyond = random_sweep(seed, 5)
    lanes = host_lanes(8)
    tables, _ = rows.tables(assembly_kernels, len(lanes), 5, "double")
    others = [q for q in range(N_QUBITS) if not tables[-1] >> q & 1]
    outside = sum(1 << q for q in others if rng.integers(2))
    edges = rng.integers(0, 1 + (1 << outside.bit_count()), 2)
    first, last = sorted(edges.tolist())
    factor = np.array([0.6, -0.8])
    ours, twin = state.copy(), state.copy()
    for module, after in ((kernels, ours), (reference, twin)):
        data = (beyond, 5, first, last, factor, lanes, after)
        module.sweep_blocks(*tables, -1, outside, *data)
    assert_allclose(ours, twin, rtol=0, atol=1e-12 * np.abs(twin).max())
    blocks = np.arange(1 << N_QUBITS) & ~tables[-1]
    chosen = np.unique(blocks[blocks & ~outside == 0])[first:last]
    left_alone = np.repeat(~np.isin(blocks, chosen), 2)
    assert_array_equal(ours[left_alone], state[left_alone])


@pytest.mark.parametrize("module", [kernels, reference], ids=["kernel", "reference"])
@pytest.mark.parametrize("dtype", ["double", "single"])
@given(seed=seeds)
@settings(max_examples=40)
def test_what_is_not_known_counts_as_zero(module: Any, dtype: str, seed: int) -> None:
    rows, state, depth, beyond = random_sweep(seed, 10)
    lanes = host_lanes(np.dtype(dtype).itemsize)
    index = np.repeat(np.arange(1 << N_QUBITS), 2)
    inner = sum(1 << q for q in rows.inner)
    known = int(np.random.default_rng(seed).integers(1 << N_QUBITS)) | 15 | ~inner
    zeros = np.where(index & inner & ~known, 0.0, state).astype(dtype)
    anything = np.where(index & inner & ~known, np.nan, state).astype(dtype)
    arguments = (lanes, depth, beyond)
    expected = run(module, assembly_kernels, rows, zeros, *arguments)
    found = run(module, assembly_kernels, rows, anything, *arguments, known)
    assert_array_equal(found, expected)


def test_phases_of_all_pairs_are_one_operation() -> None:
    rows = Rows(0b0011111111)
    for a in range(N_QUBITS):
        rows.add(TERM, 0, 0, 1 << a, 1 << a, numbers=[0.1 + 0j])
        for b in range(a):
            mask = 1 << a | 1 << b
            rows.add(TERM, 0, 0, mask, mask, numbers=[0.2j + a])
    (operations, *_), _ = rows.tables(assembly_kernels, 3, 6, "double")
    assert operations[:, 0].tolist() == [sheet.PHASES]


def test_shears_of_several_row_qubits_are_grouped() -> None:
    rows = Rows((1 << N_QUBITS) - 1)
    for q in range(4, 10):
        rows.add(SHEAR, q, 0, 0, 0, numbers=[1.0 + 0j, -1.0 + 0j, 0.7 + 0j])
    (operations, *_), _ = rows.tables(assembly_kernels, 3, 6, "double")
    assert len(operations) <= 3


def test_many_shears_neither_overflow_nor_underflow() -> None:
    rows = Rows((1 << N_QUBITS) - 1)
    half = np.sqrt(0.5)
    for k in range(2000):  # H behind H: 2^1000 without the factors
        rows.add(SHEAR, k // 2 % 10, 0, 0, 0, numbers=[1.0 + 0j, -1.0 + 0j, half + 0j])
        rows.add(TERM, 0, 0, *[1 << k // 2 % 10] * 2, numbers=[np.pi + 0j])
    state = np.random.default_rng(1).normal(size=2 << N_QUBITS).astype(np.float32)
    lanes = host_lanes(4)
    ours = run(kernels, assembly_kernels, rows, state, lanes, 8)
    assert_allclose(ours, state, rtol=0, atol=1e-3)
