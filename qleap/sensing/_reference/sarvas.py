"""Current dipoles in a conducting sphere: the definition."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["sphere_gains"]


def sphere_gains(
    dipoles: NDArray[np.float64],
    points: NDArray[np.float64],
    axes: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    r"""Return what each sensor sees of a unit dipole along x, y and z, ``(n, 3, d)``.

    Parameters
    ----------
    dipoles : ndarray, shape (3, d), m
        From the centre of the sphere.
    points : ndarray, shape (n, k, 3), m
        Of the volume of each sensor, from the centre of the sphere and outside of it.
    axes : ndarray, shape (n, 3)
        Along which a sensor measures.
    weights : ndarray, shape (k,)
        Of the points, times :math:`\mu_0/4\pi`.

    Notes
    -----
    With :math:`\vec a = \vec r - \vec r_0` and
    :math:`F = a\,(r a + r^2 - \vec r_0\cdot\vec r)`

    .. math::
        \vec B = \frac{\mu_0}{4\pi F^2}\bigl(F\,\vec Q\times\vec r_0
        - (\vec Q\times\vec r_0\cdot\vec r)\,\nabla F\bigr)

    (J. Sarvas, Phys. Med. Biol. 32, 11 (1987)).
    """
    gains = np.zeros((len(points), 3, dipoles.shape[1]))
    place = dipoles.T
    for k, weight in enumerate(weights):
        r = points[:, k, None, :]
        a = r - place
        size_a = np.linalg.norm(a, axis=-1, keepdims=True)
        size_r = np.linalg.norm(r, axis=-1, keepdims=True)
        along = np.sum(a * r, axis=-1, keepdims=True)
        f = size_a * (size_r * size_a + along)
        slope = (
            size_a**2 / size_r + along / size_a + 2.0 * size_a + 2.0 * size_r
        ) * r - (size_a + 2.0 * size_r + along / size_a) * place
        for j, unit in enumerate(np.eye(3)):
            turned = np.cross(unit, place)
            through = np.sum(turned * r, axis=-1, keepdims=True)
            field = (f * turned - through * slope) / f**2
            gains[:, j] += weight * np.einsum("ndx,nx->nd", field, axes)
    return gains
