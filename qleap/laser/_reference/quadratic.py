"""Instantaneous response of a crystal in NumPy: the definition."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def add_quadratic_into(
    tensor: Floats, cubic: float, field: Floats, polarisation: Floats
) -> None:
    """Add ``tensor`` times the products of the field, and ``cubic E^2 E``.

    ``tensor`` ``(3, 6)`` belongs to ``xx, yy, zz, yz, xz, xy``, each once; ``field``
    and ``polarisation`` are ``(3, n)``.
    """
    x, y, z = field
    products = np.stack([x * x, y * y, z * z, y * z, x * z, x * y])
    polarisation += tensor @ products + cubic * np.sum(field**2, axis=0) * field
