"""Vectors in kernels against NumPy, at every width and in both precisions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from qleap.core import choices, exponents, neighbours, simd
from qleap.core.jit import kernel

Numbers = NDArray[np.float64] | NDArray[np.float32]


@kernel
def _arithmetic(x: Numbers, out: Numbers, lanes: tuple[int, ...]) -> float:
    count = 1 << len(lanes)
    a = simd.load(x, 0, lanes)
    b = simd.load(x, count, lanes)
    c = simd.splat(x[2], lanes)
    simd.store(out, 0, simd.fma(a, b, c))
    simd.store(out, count, simd.fnma(a, b, c))
    simd.store(out, 2 * count, simd.subtract(simd.add(a, b), simd.multiply(a, c)))
    simd.store(out, 3 * count, simd.mirror(a, (0,)))
    found: float = simd.total(b)
    return found


@kernel
def _swap_pairs(x: Numbers, out: Numbers, lanes: tuple[int, ...]) -> None:
    even, odd = simd.load_pairs(x, 0, lanes)
    simd.store_pairs(out, 0, odd, even)


@pytest.mark.parametrize("bits", [128, 256, 512])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_vectors_compute_what_numpy_computes(
    bits: int, dtype: type, rng: np.random.Generator
) -> None:
    x: Numbers = rng.normal(size=64).astype(dtype)
    lanes = simd.host_lanes(x.itemsize, bits)
    n = 1 << len(lanes)
    assert n == bits // (8 * x.itemsize)
    out = np.zeros_like(x)
    a, b, c = x[:n], x[n : 2 * n], x[2]
    expected = b.astype(float).sum()
    assert_allclose(_arithmetic(x, out, lanes), expected, rtol=1e-12)
    assert_allclose(out[:n], a * b + c, rtol=1e-5)
    assert_allclose(out[n : 2 * n], c - a * b, rtol=1e-5)
    assert_allclose(out[2 * n : 3 * n], a + b - a * c, rtol=1e-5)
    assert_array_equal(out[3 * n : 4 * n], a[(np.arange(n) ^ 2) % n])


@kernel
def _neighbours(x: Numbers, out: Numbers, lanes: tuple[int, ...]) -> None:
    count = 1 << len(lanes)
    a, b = simd.load(x, 0, lanes), simd.load(x, count, lanes)
    simd.store(out, 0, neighbours.after(a, b))
    simd.store(out, count, neighbours.before(a, b))


@pytest.mark.parametrize("bits", [128, 512])
def test_neighbours_come_from_the_next_and_the_last_vector(bits: int) -> None:
    x, out = np.arange(32.0), np.zeros(32)
    lanes = simd.host_lanes(8, bits)
    n = 1 << len(lanes)
    _neighbours(x, out, lanes)
    assert_array_equal(out[:n], x[1 : n + 1])
    assert_array_equal(out[n : 2 * n], x[n - 1 : 2 * n - 1])


@kernel
def _choices(x: Numbers, out: Numbers, lanes: tuple[int, ...]) -> bool:
    count = 1 << len(lanes)
    a, b = simd.load(x, 0, lanes), simd.load(x, count, lanes)
    simd.store(out, 0, simd.divide(a, b))
    simd.store(out, count, simd.square_root(a))
    simd.store(out, 2 * count, choices.choose_less(a, b, a, b))
    found: bool = choices.any_less(a, b)
    return found


@pytest.mark.parametrize("bits", [128, 256, 512])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_choices_and_roots_are_those_of_numpy(
    bits: int, dtype: type, rng: np.random.Generator
) -> None:
    x: Numbers = rng.uniform(1.0, 2.0, size=64).astype(dtype)
    lanes = simd.host_lanes(x.itemsize, bits)
    n = 1 << len(lanes)
    out = np.zeros_like(x)
    a, b = x[:n].copy(), x[n : 2 * n].copy()
    assert _choices(x, out, lanes) == np.any(a < b)
    assert_allclose(out[:n], a / b, rtol=1e-6)
    assert_allclose(out[n : 2 * n], np.sqrt(a), rtol=1e-6)
    assert_array_equal(out[2 * n : 3 * n], np.minimum(a, b))
    x[:n] = 3.0
    assert not _choices(x, out, lanes)
    x[n - 1] = 0.5
    assert _choices(x, out, lanes)


@kernel
def _roots(x: Numbers, out: Numbers, lanes: tuple[int, ...]) -> None:
    count = 1 << len(lanes)
    a, b = simd.load(x, 0, lanes), simd.load(x, count, lanes)
    simd.store(out, 0, simd.divide(a, b))
    simd.store(out, count, simd.square_root(simd.multiply(a, a)))
    simd.store(out, 2 * count, simd.copy_sign(a, b))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_quotients_roots_and_signs_are_those_of_numpy(
    dtype: type, rng: np.random.Generator
) -> None:
    x: Numbers = rng.normal(size=64).astype(dtype)
    lanes = simd.host_lanes(x.itemsize)
    n = 1 << len(lanes)
    out = np.zeros_like(x)
    _roots(x, out, lanes)
    a, b = x[:n], x[n : 2 * n]
    assert_allclose(out[:n], a / b, rtol=1e-6)
    assert_allclose(out[n : 2 * n], np.abs(a), rtol=1e-6)
    assert_array_equal(out[2 * n : 3 * n], np.copysign(a, b))


@kernel
def _exchange(x: Numbers, out: Numbers, lanes: tuple[int, ...]) -> None:
    count = 1 << len(lanes)
    a, b = simd.load(x, 0, lanes), simd.load(x, count, lanes)
    a, b = simd.exchange(a, b, (0,))
    simd.store(out, 0, a)
    simd.store(out, count, b)


@pytest.mark.parametrize("bits", [256, 512])
def test_exchange_is_a_transposition_of_two_bits(
    bits: int, rng: np.random.Generator
) -> None:
    x = rng.normal(size=64)
    out = np.zeros_like(x)
    lanes = simd.host_lanes(8, bits)
    _exchange(x, out, lanes)
    n = 2 << len(lanes)
    table = x[:n].reshape(2, -1, 2, 2)  # vector, other bits, bit 1, bit 0
    assert_array_equal(out[:n], table.transpose(2, 1, 0, 3).ravel())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_pairs_are_taken_apart_and_joined(
    dtype: type, rng: np.random.Generator
) -> None:
    z: Numbers = rng.normal(size=64).astype(dtype)
    out = np.zeros_like(z)
    lanes = simd.host_lanes(z.itemsize, 256)
    _swap_pairs(z, out, lanes)
    n = 2 << len(lanes)
    assert_array_equal(out[:n], z[:n].reshape(-1, 2)[:, ::-1].ravel())
    assert not out[n:].any()


@kernel
def _mirror(
    x: Numbers, order: int, out: Numbers, bits: int, lanes: tuple[int, ...]
) -> int:
    even, odd = simd.load_pairs(x, 0, lanes)
    simd.store_pairs(out, 0, *simd.mirror_both(even, odd, order))
    found: int = simd.odd(bits)
    return found


@pytest.mark.parametrize("bits", [128, 512])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_elements_change_places_as_a_number_says(
    bits: int, dtype: type, rng: np.random.Generator
) -> None:
    x: Numbers = rng.normal(size=64).astype(dtype)
    lanes = simd.host_lanes(x.itemsize, bits)
    count = 1 << len(lanes)
    out: Numbers = np.empty_like(x)
    for order in range(count):
        odd = _mirror(x, order, out, order << 50, lanes)
        assert odd == np.bitwise_count(order) % 2
        expected = x[: 2 * count].reshape(-1, 2)[np.arange(count) ^ order]
        assert_array_equal(out[: 2 * count], expected.ravel())


def test_the_host_has_registers() -> None:
    assert simd.host_bits() in {128, 256, 512}
    assert len(simd.host_lanes(4)) == len(simd.host_lanes(8)) + 1


@kernel
def _count(x: NDArray[np.int64], index: int, limit: int) -> int:
    found: int = simd.count_at_most(x, index, limit)
    return found


def test_integers_up_to_a_limit_are_counted(rng: np.random.Generator) -> None:
    largest = np.iinfo(np.int64).max
    x = np.sort(rng.integers(-largest, largest, 20))
    for index in (0, 3, 12):
        for limit in (x[index] - 1, *x[index : index + 8], largest):
            expected = np.count_nonzero(x[index : index + 8] <= limit)
            assert _count(x, index, limit) == expected


@kernel
def _halves(x: Numbers, out: Numbers, lanes: tuple[int, ...]) -> None:
    for k in range(0, x.size, 1 << len(lanes)):
        simd.store(out, k, exponents.halves(simd.load(x, k, lanes), lanes, x))


@pytest.mark.parametrize("bits", [128, 512])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_powers_of_one_half_are_exact_to_roundings(
    bits: int, dtype: type, rng: np.random.Generator
) -> None:
    x: Numbers = np.concatenate([rng.uniform(0.0, 119.0, 60), [0, 1, 121, 1e30]])
    x = x.astype(dtype)
    out: Numbers = np.empty_like(x)
    _halves(x, out, simd.host_lanes(x.itemsize, bits))
    expected = np.where(x < 120.0, np.exp2(-x.astype(np.float64)), 0.0)
    assert_allclose(out, expected, rtol=4.0 * float(np.finfo(dtype).eps))
    assert out[60] == 1.0
