"""Sums of spectral lines and hyperfine multiplets, and their derivatives."""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core import vmath
from qleap.core.jit import kernel

__all__ = ["multiplet_jacobian", "multiplet_sum"]

_LN2 = math.log(2.0)


@kernel
def multiplet_sum(
    frequency: NDArray[np.float64],
    lines: NDArray[np.float64],
    offsets: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the sum of all multiplets, shape ``(n,)``; see the reference."""
    total = np.zeros(frequency.size)
    for k in range(lines.shape[0]):
        fwhm, depth, mixing = lines[k, 1], lines[k, 2], lines[k, 3]
        scale = 2.0 / fwhm
        for offset in offsets:
            position = lines[k, 0] + offset
            if mixing == 1.0:  # no exponential: half of the time of a fit
                for i in range(frequency.size):
                    u = (frequency[i] - position) * scale
                    total[i] += depth / (1.0 + u * u)
                continue
            for i in range(frequency.size):
                u = (frequency[i] - position) * scale
                u2 = u * u
                gauss = vmath.exp(-_LN2 * u2)
                total[i] += depth * (gauss + mixing * (1.0 / (1.0 + u2) - gauss))
    return total


@kernel
def multiplet_jacobian(
    frequency: NDArray[np.float64],
    lines: NDArray[np.float64],
    offsets: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the derivatives of the sum, shape ``(n_lines, 4, n)``."""
    n = frequency.size
    derivative = np.zeros((lines.shape[0], 4, n))
    for k in range(lines.shape[0]):
        fwhm, depth, mixing = lines[k, 1], lines[k, 2], lines[k, 3]
        scale = 2.0 / fwhm
        for offset in offsets:
            position = lines[k, 0] + offset
            for i in range(n):
                u = (frequency[i] - position) * scale
                u2 = u * u
                lorentz = 1.0 / (1.0 + u2)
                gauss = vmath.exp(-_LN2 * u2)
                shape = gauss + mixing * (lorentz - gauss)
                # -d(shape)/du = 2 u (mixing L^2 + (1 - mixing) ln2 G)
                steep = mixing * lorentz * lorentz + (1.0 - mixing) * _LN2 * gauss
                fall = 2.0 * u * steep * depth
                derivative[k, 0, i] += fall * scale
                derivative[k, 1, i] += fall * u / fwhm
                derivative[k, 2, i] += shape
                derivative[k, 3, i] += depth * (lorentz - gauss)
    return derivative
