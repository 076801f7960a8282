"""Instantaneous response of a crystal to the three components of a real field."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel

Floats = NDArray[np.float64]


@kernel
def add_quadratic_into(
    tensor: Floats, cubic: float, field: Floats, polarisation: Floats
) -> None:
    """Add ``tensor`` times the products of the field, and ``cubic E^2 E``.

    ``tensor`` ``(3, 6)`` belongs to ``xx, yy, zz, yz, xz, xy``, each once; ``field``
    and ``polarisation`` are ``(3, n)``.
    """
    x, y, z = field[0], field[1], field[2]
    px, py, pz = polarisation[0], polarisation[1], polarisation[2]
    a, b, c = tensor[0], tensor[1], tensor[2]
    for t in range(x.size):
        xx, yy, zz = x[t] * x[t], y[t] * y[t], z[t] * z[t]
        yz, xz, xy = y[t] * z[t], x[t] * z[t], x[t] * y[t]
        third = cubic * (xx + yy + zz)
        px[t] += (
            a[0] * xx + a[1] * yy + a[2] * zz + a[3] * yz + a[4] * xz + a[5] * xy
        ) + third * x[t]
        py[t] += (
            b[0] * xx + b[1] * yy + b[2] * zz + b[3] * yz + b[4] * xz + b[5] * xy
        ) + third * y[t]
        pz[t] += (
            c[0] * xx + c[1] * yy + c[2] * zz + c[3] * yz + c[4] * xz + c[5] * xy
        ) + third * z[t]
