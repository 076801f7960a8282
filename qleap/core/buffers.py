"""Working memory of kernels that begins where a cache line does.

A vector that lies across two cache lines takes two accesses: loops over such memory ran
half as fast.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel

__all__ = ["aligned", "aligned_as"]

Numbers = NDArray[np.float64] | NDArray[np.float32]


@inner_kernel
def aligned(size: int) -> NDArray[np.float64]:
    """Return zeros in double precision that begin at a cache line."""
    raw = np.zeros(size + 8)
    start = (-raw.ctypes.data & 63) // 8
    return raw[start : start + size]


@inner_kernel
def aligned_as(size: int, like: Numbers) -> Numbers:
    """Return zeros of the precision of ``like`` that begin at a cache line."""
    raw = np.zeros(size + 16, like.dtype)
    start = (-raw.ctypes.data & 63) // raw.itemsize
    return raw[start : start + size]
