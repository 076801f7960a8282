"""Currents all over a conductor: the least that explain what sensors measured."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["minimum_norm"]

Array = NDArray[np.float64]


def minimum_norm(
    gains: ArrayLike,
    values: ArrayLike,
    *,
    signal_to_noise: float = 3.0,
    depth: float = 0.0,
) -> Array:
    r"""Return the moments of least norm that explain readings, shape ``(d, 3)``, A m.

    .. math::
        \hat q = R G^T (G R G^T + \lambda^2)^{-1} b, \qquad
        \lambda^2 = \frac{\mathrm{tr}(G R G^T)}{n\,\mathrm{SNR}^2}

    (M. Hämäläinen and R. Ilmoniemi, Med. Biol. Eng. Comput. 32, 35 (1994)) for n
    sensors of equal noise.

    Parameters
    ----------
    gains : array_like, shape (n_sensors, d, 3), T/(A m)
        From the ``gains`` of a conductor.
    values : array_like, shape (n_sensors,), T
    signal_to_noise : float
        Of amplitudes; the smaller, the smoother.
    depth : float
        Exponent of the weights :math:`R_d = |G_d|^{-2\,\mathrm{depth}}` that keep deep
        sources from being drawn to the surface; 0 for none, 0.8 is usual.
    """
    matrix = checks.vectors("gains", gains, "T/(A m)")
    b = checks.vector("values", values, "T")
    if matrix.ndim != 3 or matrix.shape[2] != 3 or len(matrix) != b.size:
        raise InvalidValue(
            f"gains must have the shape ({b.size}, d, 3), one row for each value, got "
            f"{matrix.shape}."
        )
    ratio = checks.positive("signal_to_noise", signal_to_noise)
    power = np.einsum("ndx,ndx->d", matrix, matrix)
    if not np.all(power > 0.0):
        raise InvalidValue(
            "gains must not vanish, as they do in the centre of a sphere, got zero at "
            f"place {int(np.argmin(power))} ({int(np.sum(power == 0.0))} of "
            f"{power.size} places); leave these out."
        )
    weight = power ** -checks.between("depth", depth, 0.0, 1.0)
    flat = matrix.reshape(b.size, -1)
    weighted = (matrix * weight[:, None]).reshape(b.size, -1)
    kernel = weighted @ flat.T
    ridge = np.trace(kernel) / (b.size * ratio**2)
    weights = np.linalg.solve(kernel + ridge * np.eye(b.size), b)
    return np.asarray((weighted.T @ weights).reshape(-1, 3))
