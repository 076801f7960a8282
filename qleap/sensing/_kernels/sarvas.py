"""Current dipoles in a conducting sphere, many dipoles at many sensors."""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel

__all__ = ["sphere_gains"]


@kernel
def sphere_gains(
    dipoles: NDArray[np.float64],
    points: NDArray[np.float64],
    axes: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return what each sensor sees of unit dipoles, ``(n, 3, d)``; see the reference.

    The triple products of Sarvas's formula are turned so that the moment stands
    apart: the gain is r0 x (n/F - r (grad F . n)/F^2).
    """
    n, count = points.shape[0], dipoles.shape[1]
    gains = np.zeros((n, 3, count))
    x, y, z = dipoles[0], dipoles[1], dipoles[2]
    for i in range(n):
        nx, ny, nz = axes[i, 0], axes[i, 1], axes[i, 2]
        first, second, third = gains[i, 0], gains[i, 1], gains[i, 2]
        for k in range(points.shape[1]):
            rx, ry, rz = points[i, k, 0], points[i, k, 1], points[i, k, 2]
            weight = weights[k]
            r = math.sqrt(rx * rx + ry * ry + rz * rz)
            inverse_r = 1.0 / r
            nr = nx * rx + ny * ry + nz * rz
            for j in range(count):
                ax, ay, az = rx - x[j], ry - y[j], rz - z[j]
                a = math.sqrt(ax * ax + ay * ay + az * az)
                along = ax * rx + ay * ry + az * rz
                f = a * (r * a + along)
                tail = along / a + a + 2.0 * r
                slope = (a * a * inverse_r + a + tail) * nr - tail * (
                    nx * x[j] + ny * y[j] + nz * z[j]
                )
                head = weight / f
                back = head * slope / f
                wx = head * nx - back * rx
                wy = head * ny - back * ry
                wz = head * nz - back * rz
                first[j] += y[j] * wz - z[j] * wy
                second[j] += z[j] * wx - x[j] * wz
                third[j] += x[j] * wy - y[j] * wx
    return gains
