"""Fourier transform of the toggling frame at many frequencies."""

import numpy as np
from numpy.typing import NDArray

from qleap.core import vmath
from qleap.core.jit import kernel

__all__ = ["toggling_spectrum"]


@kernel
def toggling_spectrum(
    middle: NDArray[np.float64],
    duration: NDArray[np.float64],
    shift: NDArray[np.float64],
    weight: NDArray[np.complex128],
    omega: NDArray[np.float64],
) -> NDArray[np.complex128]:
    """Return the transforms of pieces of waves, ``(m, n_omega)``; see the reference."""
    components, n = weight.shape[0], omega.size
    real = np.zeros((components, n))
    imaginary = np.zeros((components, n))
    along, across = np.empty(n), np.empty(n)
    for k in range(middle.size):
        t, half, nu = middle[k], 0.5 * duration[k], shift[k]
        for i in range(n):
            x = half * (omega[i] + nu)
            sine, _ = vmath.sincos(x)
            small = abs(x) < 1e-4
            size = 1.0 - x * x / 6.0 if small else sine / (1.0 if small else x)
            s, c = vmath.sincos(omega[i] * t)
            along[i] = duration[k] * size * c
            across[i] = duration[k] * size * s
        for j in range(components):
            a, b = weight[j, k].real, weight[j, k].imag
            if a == 0.0 and b == 0.0:
                continue
            for i in range(n):
                real[j, i] += a * along[i] - b * across[i]
                imaginary[j, i] += a * across[i] + b * along[i]
    return real + 1j * imaginary
