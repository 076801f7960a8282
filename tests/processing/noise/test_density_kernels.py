"""The compiled loops of the density matrix against their twins."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from qleap.core.buffers import aligned_array
from qleap.core.simd import host_lanes
from qleap.processing._kernels import density as kernels
from qleap.processing._kernels import strings as string_kernels
from qleap.processing._reference import density as reference
from qleap.processing._reference import strings as string_reference
from qleap.processing.noise import sweeps
from qleap.processing.noise.fusion import Fused

seeds = st.integers(0, 2**32 - 1)

WIDTHS = [host_lanes(8), host_lanes(8, 128)]


def affine(rng: np.random.Generator) -> Any:
    matrix = rng.normal(size=(4, 4))
    matrix[0] = [1, 0, 0, 0]
    return matrix


def operation(rng: np.random.Generator, kind: int, qubits: list[int]) -> Fused:
    """Return one that is encoded as ``kind``."""
    order = rng.permutation(qubits).tolist()
    if kind == kernels.AFFINE:
        return Fused(qubits=(order[0],), turns=[affine(rng), None])
    if kind == kernels.LOCAL:
        return Fused(
            qubits=(order[0], order[1]),
            source=rng.permutation(16),
            factors=rng.normal(size=16),
            turns=[affine(rng), None],
        )
    if kind == kernels.DENSE:
        full = rng.normal(size=(16, 16))
        return Fused(qubits=(order[0], order[1]), matrix=full)
    width = int(rng.choice([1, 3]))
    matrix = rng.normal(size=(4**width, 4**width))
    matrix *= rng.random(matrix.shape) < 0.2
    matrix[0, -1] = 1.0
    return Fused(qubits=tuple(order[:width]), matrix=matrix)


@pytest.mark.parametrize("lanes", WIDTHS, ids=len)
@pytest.mark.parametrize("kind", ["AFFINE", "LOCAL", "DENSE", "SPARSE"])
@settings(max_examples=8, deadline=None)
@given(seed=seeds, spare=st.sampled_from([(), (0, 1), (4, 5)]))
def test_blocks_equal_the_reference(
    kind: str, lanes: tuple[int, ...], seed: int, spare: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(seed)
    inner = (2, 3, 5) if spare == (0, 1) else (0, 1, 3)
    outer = tuple(q for q in range(6) if q not in inner + spare)
    steps = [operation(rng, getattr(kernels, kind), list(inner)) for _ in range(2)]
    tables = sweeps._tables(steps, inner)
    assert set(tables[0][:, 0]) == {getattr(kernels, kind)}
    state = aligned_array(4**6)
    state[:] = rng.normal(size=4**6)
    twin = state.copy()
    rows, columns, bases = (sweeps._offsets(qubits) for qubits in (inner, spare, outer))
    kernels.transfer_blocks(*tables, rows, columns, bases, lanes, state)
    reference.transfer_blocks(*tables, rows, columns, bases, lanes, twin)
    assert_allclose(state, twin, rtol=0, atol=1e-12 * np.abs(twin).max())


def test_the_kinds_are_those_of_the_kernels() -> None:
    for name in ("AFFINE", "LOCAL", "DENSE", "SPARSE", "LARGEST"):
        assert getattr(kernels, name) == getattr(reference, name)


@pytest.mark.parametrize("n_qubits", [1, 4, 6])
def test_strings_and_entries_equal_the_reference(n_qubits: int) -> None:
    rng = np.random.default_rng(n_qubits)
    portions = 4 ** max(n_qubits - string_kernels.PORTION, 0)
    tiles = 4 ** max(n_qubits - string_kernels.TILE, 0)
    size = 1 << n_qubits
    found: list[list[Any]] = []
    strings = rng.normal(size=size**2)
    for module in (string_kernels, string_reference):
        own = strings.copy()
        for first in range(portions):
            module.flip_signs_into(n_qubits, first, first + 1, own)
        entries = np.full((size, size), np.nan, np.complex128)
        back = np.full(size**2, np.nan)
        for first in range(tiles):
            module.entries_into(n_qubits, first, first + 1, own, entries)
        for first in range(tiles):
            module.transformed_into(n_qubits, first, first + 1, entries, back)
        found.append([own, entries, back])
    for ours, twin in zip(*found, strict=True):
        assert_array_equal(ours, twin)
    assert np.any(found[0][0] != strings) == (n_qubits > 1)
    assert_allclose(found[0][2], found[0][0], atol=1e-14)
