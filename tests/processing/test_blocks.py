"""Gates on a block of amplitudes, at every width of vectors and in both precisions."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.jit import kernel
from qleap.core.simd import host_lanes
from qleap.processing._kernels import diagonal, matrices, shears
from qleap.processing._reference import diagonal as diagonal_reference
from qleap.processing._reference import matrices as matrices_reference
from qleap.processing._reference import shears as shears_reference

Numbers = NDArray[Any]
Random = np.random.Generator
Case = Callable[[Random, int], tuple[Any, ...]]

N_ROW_BITS = 6
seeds = st.integers(0, 2**32 - 1)
widths = pytest.mark.parametrize(
    ("dtype", "bits"),
    [(dtype, bits) for dtype in ("double", "single") for bits in (128, 256, 512)],
)
TWINS = {
    name: (kernel(getattr(module, name).py_func), twin)
    for module, reference in (
        (shears, shears_reference),
        (matrices, matrices_reference),
        (diagonal, diagonal_reference),
    )
    for name, twin in inspect.getmembers(reference, inspect.isfunction)
    if twin.__module__ == reference.__name__ and name[0] != "_"
}


def row_bits(rng: Random, n_targets: int) -> tuple[list[int], int, int]:
    """Return targets and a condition on other bits of the row."""
    order = (1 << rng.permutation(N_ROW_BITS)).tolist()
    rest = order[n_targets:]
    fixed = sum(rest[: int(rng.integers(0, len(rest) + 1))])
    return order[:n_targets], fixed, int(rng.integers(1 << N_ROW_BITS)) & fixed


def factors(rng: Random, lanes: int, count: int) -> Numbers:
    """Return (re, im) of ``count`` factors, a vector each."""
    return rng.normal(size=2 * count << lanes)


def shear(rng: Random, n_targets: int, kinds: int) -> tuple[Any, ...]:
    """Return arguments of a group of shears, whose kind is below ``kinds``."""
    targets, fixed, value = row_bits(rng, n_targets)
    outcome = rng.permutation(1 << n_targets).tolist()
    order = sum(place << 3 * k for k, place in enumerate(outcome))
    table = rng.normal(size=4 * n_targets)
    if n_targets == 1:
        return *targets, fixed, value, order, table
    kind = int(rng.integers(kinds))
    if kind < 2:
        table[1 - kind :: 2] = 0.0
    return *targets, fixed, value, order, table, kind


def on_one_row(rng: Random, lanes: int) -> tuple[Any, ...]:
    (target,), fixed, value = row_bits(rng, 1)
    return target, fixed, value, factors(rng, lanes, 4)


def on_a_lane(rng: Random, lanes: int) -> tuple[Any, ...]:
    _, fixed, value = row_bits(rng, 0)
    return int(rng.integers(lanes)), fixed, value, factors(rng, lanes, 2)


def on_two_rows(rng: Random, lanes: int) -> tuple[Any, ...]:
    targets, _, _ = row_bits(rng, 2)
    return *sorted(targets), factors(rng, lanes, 16)


def reduced(rng: Random) -> Numbers:
    """Return the table of a reduced matrix: rows of a, a + b, b - a, and a shear."""
    a, b = rng.normal(size=(2, 3, 3))
    return np.append(np.stack([a, a + b, b - a], 1).ravel(), rng.normal())


def on_two_rows_reduced(rng: Random, lanes: int) -> tuple[Any, ...]:  # noqa: ARG001
    targets, _, _ = row_bits(rng, 2)
    return *sorted(targets), reduced(rng)


def on_row_and_lane_reduced(rng: Random, lanes: int) -> tuple[Any, ...]:
    (target,), _, _ = row_bits(rng, 1)
    return target, int(rng.integers(lanes)), reduced(rng)


def on_row_and_lane(rng: Random, lanes: int) -> tuple[Any, ...]:
    (target,), _, _ = row_bits(rng, 1)
    return target, int(rng.integers(lanes)), factors(rng, lanes, 8)


def on_two_lanes(rng: Random, lanes: int) -> tuple[Any, ...]:
    if lanes < 2:
        pytest.skip("vectors of two numbers have one lane bit")
    one, other = sorted(rng.permutation(lanes)[:2].tolist())
    return one, other, factors(rng, lanes, 4)


def phase(rng: Random, lanes: int) -> tuple[Any, ...]:
    _, fixed, value = row_bits(rng, 0)
    return fixed, value, factors(rng, lanes, 1)


def exchange(rng: Random, lanes: int) -> tuple[Any, ...]:  # noqa: ARG001
    (one, other), fixed, value = row_bits(rng, 2)
    if rng.integers(2):
        return fixed | one, value, value | one
    return fixed | one | other, value | one, value | other


CASES: dict[str, Case] = {
    "shear_one": lambda rng, _: shear(rng, 1, 3),
    "shear_two": lambda rng, _: shear(rng, 2, 3),
    "shear_three": lambda rng, _: shear(rng, 3, 2),
    "matrix_rows": on_one_row,
    "matrix_lane": on_a_lane,
    "matrix_pair": on_two_rows,
    "matrix_pair_reduced": on_two_rows_reduced,
    "matrix_row_lane": on_row_and_lane,
    "matrix_row_lane_reduced": on_row_and_lane_reduced,
    "matrix_lanes": on_two_lanes,
    "phase_rows": phase,
    "exchange_rows": exchange,
}


def assert_twins_agree(
    name: str, block: Numbers, arguments: tuple[Any, ...], lanes: tuple[int, ...] | None
) -> None:
    """Run kernel and twin on (re, im), in the precision of ``block``."""
    arguments = tuple(
        a.astype(block.dtype)
        if isinstance(a, np.ndarray) and a.dtype.kind == "f"
        else a
        for a in arguments
    )
    if lanes is not None:
        arguments = (*arguments, lanes)
    ours, twin = (np.pad(block, ((0, 0), (64, 64))) for _ in range(2))
    for function, whole in zip(TWINS[name], (ours, twin), strict=True):
        function(*whole[:, 64:-64], *arguments)  # what lies beside stays zero
    tolerance = 1e-12 if block.dtype == np.float64 else 2e-5
    assert_allclose(ours, twin, rtol=0, atol=tolerance * np.abs(twin).max())


def test_every_function_is_tested() -> None:
    apart = {"phase_table", "multiply_phases", "multiply_entries"}
    assert set(TWINS) == set(CASES) | apart


@widths
@pytest.mark.parametrize("name", CASES)
@given(seed=seeds)
@settings(max_examples=15)
def test_gate_on_rows_and_lanes_equals_reference(
    name: str, dtype: str, bits: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    lanes = host_lanes(np.dtype(dtype).itemsize, bits)
    block = rng.normal(size=(2, 1 << (N_ROW_BITS + len(lanes)))).astype(dtype)
    assert_twins_agree(name, block, CASES[name](rng, len(lanes)), lanes)


@pytest.mark.parametrize("dtype", ["double", "single"])
@given(seed=seeds, depth=st.integers(1, 10), n_terms=st.integers(0, 20))
def test_table_of_phases_equals_reference(
    dtype: str, seed: int, depth: int, n_terms: int
) -> None:
    rng = np.random.default_rng(seed)
    masks = rng.integers(0, 1 << depth, n_terms)
    masks &= rng.integers(0, 1 << depth, n_terms)  # fewer bits, among them none
    angles = rng.uniform(-7, 7, n_terms)
    ours, twin = np.empty((2, 2 << depth), dtype)
    compiled, reference = TWINS["phase_table"]
    compiled(depth, masks, angles, ours)
    reference(depth, masks, angles, twin)
    assert_allclose(ours, twin, rtol=0, atol=1e-13 if dtype == "double" else 1e-6)


@widths
@given(
    seed=seeds,
    depth=st.integers(5, 9),
    n_terms=st.integers(0, 12),
    plain=st.booleans(),
)
@settings(max_examples=30)
def test_phases_of_a_block_equal_reference(
    dtype: str, bits: int, seed: int, depth: int, n_terms: int, plain: bool
) -> None:
    rng = np.random.default_rng(seed)
    n_bits = depth + int(rng.integers(0, 4))
    angle = np.zeros(1 << depth) if plain else rng.uniform(-7, 7, 1 << depth)
    table = np.concatenate((np.cos(angle), np.sin(angle))).astype(dtype)
    terms = np.empty((n_terms, 3), np.int64)
    terms[:, 0] = rng.integers(0, 1 << (n_bits - depth), n_terms)
    terms[:, 1] = rng.integers(0, 4, n_terms) << 20 & rng.integers(0, 4, n_terms) << 20
    terms[:, 2] = rng.integers(-1, depth, n_terms)
    base = int(rng.integers(4)) << 20
    block = rng.normal(size=(2, 1 << n_bits)).astype(dtype)
    ours, twin = block.copy(), block.copy()
    angles = rng.uniform(-7, 7, n_terms)
    lanes = host_lanes(block.itemsize, bits)
    arguments = (base, table, int(plain), terms, angles, lanes)
    compiled, reference = TWINS["multiply_phases"]
    compiled(ours[0], ours[1], *arguments)
    reference(twin[0], twin[1], *arguments)
    assert_allclose(ours, twin, rtol=0, atol=1e-12 if dtype == "double" else 2e-5)


@pytest.mark.parametrize("dtype", ["double", "single"])
@given(seed=seeds, n_targets=st.integers(1, 5))
def test_diagonal_given_by_its_entries_equals_reference(
    dtype: str, seed: int, n_targets: int
) -> None:
    rng = np.random.default_rng(seed)
    order = rng.permutation(8)
    places = np.where(rng.random(8) < 0.3, -10 - order, order)[:n_targets]
    fixed = sum(1 << q for q in order[n_targets:].tolist() if rng.integers(2))
    value, base = int(rng.integers(256)) & fixed, int(rng.integers(1 << 18))
    block = rng.normal(size=(2, 256)).astype(dtype)
    ours, twin = block.copy(), block.copy()
    arguments = (base, places, fixed, value, rng.normal(size=2 << n_targets))
    compiled, reference = TWINS["multiply_entries"]
    compiled(ours[0], ours[1], *arguments)
    reference(twin[0], twin[1], *arguments)
    assert_allclose(ours, twin, rtol=0, atol=1e-12 if dtype == "double" else 2e-5)
