"""One transverse mode: the field is taken at one strength over an effective area."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY

__all__ = ["ModeAverage"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


class ModeAverage:
    """Amplitudes in sqrt(W) of one mode, and the field (V/m) at one point.

    Parameters
    ----------
    effective_area : callable
        Effective area at a position in m, m^2.
    index : ndarray, shape (n,) or float
        Refractive index over frequency; near one in gases.

    Notes
    -----
    A power ``|A|^2`` is the intensity ``eps0 c n |E|^2 / 2`` times the area.
    """

    n_points = 1

    def __init__(
        self, effective_area: Callable[[float], float], index: Floats | float = 1.0
    ) -> None:
        self._area = effective_area
        self._admittance = VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * np.asarray(index)

    def to_points_into(
        self, position: float, amplitudes: Complex, out: Complex
    ) -> None:
        """Write the amplitudes of the field into ``out``, shape ``(1, n)``."""
        scale = np.sqrt(2.0 / (self._admittance * self._area(position)))
        np.multiply(scale, amplitudes, out=out[0])

    def to_modes_into(self, position: float, sources: Complex, out: Complex) -> None:
        """Write ``C`` times the sources into ``out``, shape ``(n,)``."""
        scale = np.sqrt(self._area(position) / (8.0 * self._admittance))
        np.multiply(scale, sources[0], out=out)
