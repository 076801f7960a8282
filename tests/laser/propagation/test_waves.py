"""Rows of waves across a beam: kernels and their twins."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.simd import host_lanes
from qleap.laser._kernels import waves as kernels
from qleap.laser._reference import waves as twins

LANES = host_lanes(8)
PANEL = 3 * 2 ** len(LANES)


@pytest.mark.parametrize("ends", [[90], [14, 78, 90], [2, 4, 6]])
def test_energies_of_parts_of_rows_equal_their_twin(ends: list[int]) -> None:
    pairs = np.random.default_rng(4).standard_normal((3, 90))
    found, expected = np.empty((2, 3, len(ends)))
    kernels.energies_into(pairs, np.array(ends), found)
    twins.energies_into(pairs, np.array(ends), expected)
    assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize("light", [1.0, 0.0, np.nan])
def test_lit_rows_are_those_of_their_twin(light: float) -> None:
    rows = np.arange(40.0)[:, None]
    energies = light * np.array([1.0, 1e-9, 1e-31, 0.0]) * np.exp(-3.0 * rows)
    energies[:, 1] += light * np.exp(-((rows[:, 0] - 20.0) ** 2))
    found, expected = np.empty((2, 4), np.int64)
    kernels.lit_rows_into(energies, 1e-15, 1e-30, found)
    twins.lit_rows_into(energies, 1e-15, 1e-30, expected)
    assert np.array_equal(found, expected)
    assert np.array_equal(found, [12, 26, 0, 0] if light == 1.0 else [0, 0, 0, 0])


def product(
    matrix: np.ndarray, x: np.ndarray, y: np.ndarray, kernel: bool = True
) -> None:
    """Write the product of all of ``x`` into ``y``."""
    n = x.shape[1]
    parts, weights = (np.array([n]), np.array([len(x)])), np.ones((1, n))
    module = kernels if kernel else twins
    module.product_into(matrix, x, *parts, weights, y, LANES)


@pytest.mark.parametrize("rows", [4, 7, 16])
@pytest.mark.parametrize("columns", [1, PANEL - 1, PANEL, 2 * PANEL + 5])
def test_products_equal_their_twin(rows: int, columns: int) -> None:
    rng = np.random.default_rng(5)
    matrix, x = rng.standard_normal((rows, 12)), rng.standard_normal((9, columns))
    found, expected = np.empty((2, rows, columns))
    product(matrix, x, found)
    product(matrix, x, expected, kernel=False)
    assert_allclose(found, expected, rtol=0.0, atol=1e-14)


@pytest.mark.parametrize("heavy", [1, 6])
def test_products_of_parts_equal_their_twin(heavy: int) -> None:
    rng = np.random.default_rng(7)
    ends = np.array([PANEL + 3, PANEL + 5, 4 * PANEL + 5, 5 * PANEL + 5])
    counts = np.array([9, 4, 0, 7])
    matrix, x = rng.standard_normal((6, 12)), rng.standard_normal((9, ends[-1]))
    weights = rng.standard_normal((heavy, ends[-1]))
    found, expected = np.full((2, 6, ends[-1]), np.nan)
    for module, y in ((kernels, found), (twins, expected)):
        module.product_into(matrix, x, ends, counts, weights, y, LANES)
    assert_allclose(found, expected, rtol=0.0, atol=3e-14)


def test_a_product_of_a_part_of_the_columns_has_the_bits_of_the_whole() -> None:
    rng = np.random.default_rng(6)
    matrix, x = rng.standard_normal((6, 8)), rng.standard_normal((8, 3 * PANEL))
    whole, part = np.empty((6, 3 * PANEL)), np.zeros((6, 3 * PANEL))
    product(matrix, x, whole)
    product(matrix, x[:, 5 : PANEL + 8], part[:, 5 : PANEL + 8])
    assert np.array_equal(part[:, 5 : PANEL + 8], whole[:, 5 : PANEL + 8])
    assert not part[:, :5].any()
    assert not part[:, PANEL + 8 :].any()
