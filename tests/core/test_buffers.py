"""Working memory of kernels begins at a cache line."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qleap.core.buffers import aligned, aligned_as, aligned_empty
from qleap.core.jit import kernel

Numbers = NDArray[np.float64] | NDArray[np.float32]


@kernel
def _addresses(sizes: NDArray[np.int64], like: Numbers) -> NDArray[np.int64]:
    """Return for each size address, length and sum of all kinds of memory."""
    found = np.zeros((sizes.size, 3, 3), np.int64)
    for k in range(sizes.size):
        double, other = aligned(sizes[k]), aligned_as(sizes[k], like)
        found[k, 0, 0], found[k, 1, 0] = double.ctypes.data, other.ctypes.data
        found[k, 0, 1], found[k, 1, 1] = double.size, other.size
        empty = aligned_empty(sizes[k], like)
        found[k, 2, 0], found[k, 2, 1] = empty.ctypes.data, empty.size
        found[k, 0, 2], found[k, 1, 2] = np.abs(double).sum(), np.abs(other).sum()
    return found


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_memory_begins_at_a_cache_line_and_is_zero_where_promised(
    dtype: type,
) -> None:
    sizes = np.array([1, 2, 3, 5, 7, 8, 13, 64, 100, 1000])
    found = _addresses(sizes, np.zeros(1, dtype=dtype))
    assert np.all(found[:, :, 0] % 64 == 0)
    assert np.array_equal(found[:, :, 1], np.stack([sizes] * 3, axis=1))
    assert np.all(found[:, :, 2] == 0)
