"""Answers of a medium to a field that need no memory, added in one pass.

Arrays are ``(points, samples)``.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@kernel
def cube_into(field: Floats, coefficient: float, out: Floats) -> None:
    """Add ``coefficient E^3``."""
    for row in range(field.shape[0]):
        x, y = field[row], out[row]
        for i in range(x.size):
            y[i] += coefficient * x[i] * x[i] * x[i]


@kernel
def own_intensity_into(field: Complex, coefficient: float, out: Complex) -> None:
    """Add ``coefficient |A|^2 A``."""
    for row in range(field.shape[0]):
        x, y = field[row], out[row]
        for i in range(x.size):
            square = x[i].real * x[i].real + x[i].imag * x[i].imag
            y[i] += coefficient * square * x[i]


@kernel
def without_harmonic_into(
    field: Floats, quadrature: Floats, coefficient: float, out: Floats
) -> None:
    """Add ``coefficient (E^2 + Q^2) E``; ``Q`` is the field a quarter cycle later."""
    for row in range(field.shape[0]):
        x, q, y = field[row], quadrature[row], out[row]
        for i in range(x.size):
            y[i] += coefficient * (x[i] * x[i] + q[i] * q[i]) * x[i]


@kernel
def product_into(field: Floats, weight: Floats, out: Floats) -> None:
    """Add ``weight E``, both ``(points, samples)``."""
    for row in range(field.shape[0]):
        x, w, y = field[row], weight[row], out[row]
        for i in range(x.size):
            y[i] += w[i] * x[i]


@kernel
def sources_into(
    from_polarisation: Complex,
    polarisation: Complex,
    from_current: Floats,
    current: Complex,
    out: Complex,
) -> None:
    """Write both sources' spectra times what turns them into the field's change."""
    for row in range(out.shape[0]):
        p, j, y = polarisation[row], current[row], out[row]
        for k in range(y.size):
            y[k] = from_polarisation[k] * p[k] + from_current[k] * j[k]
