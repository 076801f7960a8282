"""Compiled sums and products of Pauli strings against their twins."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from qleap.core.buffers import aligned_array
from qleap.core.jit import set_threads, threads
from qleap.core.simd import host_lanes
from qleap.processing import tiling
from qleap.processing._kernels import pauli, pauli_apply, tiles
from qleap.processing._reference import pauli as pauli_twin
from qleap.processing._reference import pauli_apply as pauli_apply_twin
from qleap.processing._reference import tiles as tiles_twin

SUMS = (pauli.pauli_sums, pauli.pauli_sums_shared)
PRODUCTS = (pauli_apply.add_paulis, pauli_apply.add_paulis_shared)
PRECISIONS = {8: (np.complex128, 1e-13), 4: (np.complex64, 2e-5)}


def random_state(n_qubits: int, itemsize: int, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    state = rng.normal(size=2 << n_qubits).view(np.complex128)
    state /= np.linalg.norm(state)
    return state.astype(PRECISIONS[itemsize][0])


def real_view(state: Any) -> Any:
    return state.view(state.real.dtype)


def strings(n_qubits: int, n_strings: int, seed: int) -> tuple[Any, Any]:
    """Return different masks; flips repeat, so that some have many terms."""
    rng = np.random.default_rng(seed)
    kept = rng.integers(0, 1 << n_qubits, max(n_strings // 4, 1))
    x = np.where(rng.random(n_strings) < 0.5, rng.choice(kept, n_strings), 0)
    x = np.where(rng.random(n_strings) < 0.3, 1 << rng.integers(0, n_qubits), x)
    z = rng.integers(0, 1 << n_qubits, n_strings)
    pairs = np.unique(np.stack([x, z], 1), axis=0)
    return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])


def exact_sums(state: NDArray[np.complex128], x: Any, z: Any) -> NDArray[np.float64]:
    """Return the sums straight from masks, without any table."""
    k = np.arange(state.size)
    found = []
    for flip, signed in zip(x.tolist(), z.tolist(), strict=True):
        signs = 1.0 - 2.0 * (np.bitwise_count(k & signed) & 1)
        value = np.sum(signs * np.conj(state[k ^ flip]) * state)
        found.append(value.imag if (flip & signed).bit_count() & 1 else value.real)
    return np.array(found)


@pytest.mark.parametrize("bits", [128, 256, 512])
@pytest.mark.parametrize("itemsize", PRECISIONS)
@pytest.mark.parametrize(("n_qubits", "n_strings"), [(7, 60), (11, 90)])
def test_sums_and_products_equal_their_twins(
    bits: int, itemsize: int, n_qubits: int, n_strings: int
) -> None:
    lanes = host_lanes(itemsize, bits)
    state = real_view(random_state(n_qubits, itemsize, 1))
    x, z = strings(n_qubits, n_strings, 2)
    weights = np.random.default_rng(3).normal(size=x.size).astype(state.dtype)
    tolerance = PRECISIONS[itemsize][1]
    for step in tiling.plan(x, z, n_qubits, len(lanes)):
        tables = (state, step.generators, step.pivots, step.flips, step.terms)
        expected = pauli_twin.pauli_sums_shared(*tables, lanes)
        for sums in SUMS:
            assert_allclose(sums(*tables, lanes), expected, rtol=0, atol=tolerance)
        image = np.ones_like(state)
        pauli_apply_twin.add_paulis_shared(*tables, weights[step.strings], lanes, image)
        for product in PRODUCTS:
            out = np.ones_like(state)
            product(*tables, weights[step.strings], lanes, out)
            assert_allclose(out, image, rtol=0, atol=10 * tolerance)


@given(
    n_qubits=st.integers(7, 11),
    tile_bits=st.integers(7, 11),
    n_strings=st.integers(1, 80),
    bits=st.sampled_from([128, 512]),
    itemsize=st.sampled_from([8, 4]),
    seed=st.integers(0, 2**32 - 1),
)
def test_all_strings_are_summed_in_tiles_of_any_size(
    n_qubits: int, tile_bits: int, n_strings: int, bits: int, itemsize: int, seed: int
) -> None:
    lanes = host_lanes(itemsize, bits)
    state = random_state(n_qubits, itemsize, seed)
    x, z = strings(n_qubits, n_strings, seed)
    found = np.full(x.size, np.nan)
    for step in tiling.plan(x, z, n_qubits, len(lanes), tile_bits):
        tables = (step.generators, step.pivots, step.flips, step.terms)
        found[step.strings] = pauli.pauli_sums(real_view(state), *tables, lanes)
    expected = exact_sums(state.astype(np.complex128), x, z)
    assert_allclose(found, expected, rtol=0, atol=PRECISIONS[itemsize][1])


@pytest.mark.parametrize("itemsize", PRECISIONS)
def test_results_do_not_depend_on_the_number_of_threads(itemsize: int) -> None:
    n_qubits, lanes = 17, host_lanes(itemsize)
    state = real_view(random_state(n_qubits, itemsize, 5))
    x, z = strings(n_qubits, 50, 6)
    weights = np.random.default_rng(7).normal(size=x.size).astype(state.dtype)
    before = threads()
    found = []
    try:
        for count in (1, before):
            set_threads(count)
            image = np.zeros_like(state)
            for step in tiling.plan(x, z, n_qubits, len(lanes)):
                tables = (state, step.generators, step.pivots, step.flips, step.terms)
                found.append(pauli.pauli_sums_shared(*tables, lanes))
                pauli_apply.add_paulis_shared(
                    *tables, weights[step.strings], lanes, image
                )
            found.append(image)
    finally:
        set_threads(before)
    half = len(found) // 2
    for one, other in zip(found[:half], found[half:], strict=True):
        assert_array_equal(one, other)


def test_many_flips_of_one_space_take_one_pass() -> None:
    flips = np.array([(1 << 20) - 1, 0, 5 << 15, ((1 << 20) - 1) ^ (5 << 15)])
    assert len(tiling.plan(flips, np.zeros_like(flips), 20, 3)) == 1


def test_tiles_cover_the_state_once() -> None:
    flips = np.array([0b11110000000, 0b10001000000, 0b01010000000])
    (step,) = tiling.plan(flips, np.zeros_like(flips), 11, 3, 8)
    offsets = tiles.tile_offsets(step.generators)
    assert_array_equal(offsets, tiles_twin.tile_offsets(step.generators))
    bases = [tiles.tile_base(tile, step.pivots) for tile in range(8)]
    assert bases == [tiles_twin.tile_base(tile, step.pivots) for tile in range(8)]
    covered = np.concatenate([base ^ offsets for base in bases])
    assert_array_equal(np.sort(covered), np.arange(1 << 11))


@pytest.mark.parametrize("bits", [128, 512])
@pytest.mark.parametrize("itemsize", PRECISIONS)
def test_tiles_are_copied_like_their_twins(bits: int, itemsize: int) -> None:
    lanes = host_lanes(itemsize, bits)
    state = real_view(random_state(9, itemsize, 4))
    generators = np.array([1, 2, 4, 8, 32, 128])
    offsets = tiles_twin.tile_offsets(generators)
    copies = [aligned_array(64, state.dtype) for _ in range(2)]
    twins = [np.zeros(64, state.dtype) for _ in range(2)]
    tiles.gather_into(state, 64 + 256, generators, offsets, lanes, *copies)
    tiles_twin.gather_into(state, 64 + 256, generators, offsets, lanes, *twins)
    assert_array_equal(copies, twins)
    table = tiles.sign_table(state, lanes)
    assert_array_equal(table, tiles_twin.sign_table(state, lanes))
    assert table.ctypes.data % 64 == 0
    assert table[(1 << len(lanes)) + 1] == -1.0
