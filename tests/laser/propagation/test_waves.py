"""Rows of waves across a beam: kernels and their twins."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.simd import host_lanes
from qleap.laser._kernels import waves as kernels
from qleap.laser._reference import waves as twins

LANES = host_lanes(8)
PANEL = 3 * 2 ** len(LANES)


@pytest.mark.parametrize("ends", [[45], [7, 39, 45], [1, 2, 3]])
def test_energies_of_parts_of_rows_equal_their_twin(ends: list[int]) -> None:
    pairs = np.random.default_rng(4).standard_normal((3, 90))
    found, expected = np.empty((2, len(ends), 3))
    kernels.energies_into(pairs, np.array(ends), found)
    twins.energies_into(pairs, np.array(ends), expected)
    assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize("rows", [4, 7, 16])
@pytest.mark.parametrize("columns", [1, PANEL - 1, PANEL, 2 * PANEL + 5])
def test_products_equal_their_twin(rows: int, columns: int) -> None:
    rng = np.random.default_rng(5)
    matrix, x = rng.standard_normal((rows, 12)), rng.standard_normal((9, columns))
    found, expected = np.empty((2, rows, columns))
    kernels.product_into(matrix, x, found, LANES)
    twins.product_into(matrix, x, expected, LANES)
    assert_allclose(found, expected, rtol=0.0, atol=1e-14)


def test_a_product_of_a_part_of_the_columns_has_the_bits_of_the_whole() -> None:
    rng = np.random.default_rng(6)
    matrix, x = rng.standard_normal((6, 8)), rng.standard_normal((8, 3 * PANEL))
    whole, part = np.empty((6, 3 * PANEL)), np.zeros((6, 3 * PANEL))
    kernels.product_into(matrix, x, whole, LANES)
    kernels.product_into(matrix, x[:, 5 : PANEL + 8], part[:, 5 : PANEL + 8], LANES)
    assert np.array_equal(part[:, 5 : PANEL + 8], whole[:, 5 : PANEL + 8])
    assert not part[:, :5].any()
    assert not part[:, PANEL + 8 :].any()
