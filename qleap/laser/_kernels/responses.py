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
def vector_cube_into(field: Floats, coefficient: float, out: Floats) -> None:
    """Add ``coefficient (E . E) E``, both ``(2, points, samples)``."""
    for row in range(field.shape[1]):
        x, y = field[0, row], field[1, row]
        p, q = out[0, row], out[1, row]
        for i in range(x.size):
            size = coefficient * (x[i] * x[i] + y[i] * y[i])
            p[i] += size * x[i]
            q[i] += size * y[i]


@kernel
def vector_intensity_into(field: Complex, coefficient: float, out: Complex) -> None:
    """Add ``coefficient (2 |A|^2 A + (A . A) A*) / 3``, ``(2, points, n)``."""
    for row in range(field.shape[1]):
        x, y = field[0, row], field[1, row]
        p, q = out[0, row], out[1, row]
        for i in range(x.size):
            size = x[i].real * x[i].real + x[i].imag * x[i].imag
            size += y[i].real * y[i].real + y[i].imag * y[i].imag
            square = coefficient / 3.0 * (x[i] * x[i] + y[i] * y[i])
            size *= 2.0 / 3.0 * coefficient
            p[i] += size * x[i] + square * x[i].conjugate()
            q[i] += size * y[i] + square * y[i].conjugate()


@kernel
def vector_current_into(
    field: Floats,
    rate: Floats,
    fraction: Floats,
    step: float,
    free: float,
    energy: float,
    current: Floats,
) -> None:
    """Write the current that a field of two components drives.

    ``field`` and ``current`` ``(2, points, samples)``, ``rate`` and ``fraction``
    ``(points, samples)``. ``free`` is ``e^2/m`` times the number density, ``energy``
    that of ionisation times the number density. The running integral of
    ``free fraction E`` is trapezoidal with the correction of its end (fourth order).
    """
    n = field.shape[2]
    for part in range(2):
        for row in range(field.shape[1]):
            e, f, out = field[part, row], fraction[row], current[part, row]
            other, w = field[1 - part, row], rate[row]
            before, total = free * f[0] * e[0], 0.0
            last = before
            bend = (free * f[1] * e[1] - before) / 12.0
            for i in range(n):
                here = free * f[i] * e[i]
                ahead = free * f[min(i + 1, n - 1)] * e[min(i + 1, n - 1)]
                total += 0.5 * step * (last + here) if i > 0 else 0.0
                inside = 0 < i < n - 1
                slope = (ahead - last) / 24.0 if inside else (ahead - last) / 12.0
                square = e[i] * e[i] + other[i] * other[i]
                spent = (
                    energy * w[i] * (1.0 - f[i]) * e[i] / square if w[i] > 0.0 else 0.0
                )
                out[i] = total - step * (slope - bend) + spent
                last = here


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
