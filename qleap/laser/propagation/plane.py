"""Points of a plane across the beam, and the plane waves that make up a field there."""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["PlaneGrid"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class PlaneGrid:
    """A square of ``n_side`` times ``n_side`` points, periodic at its edges.

    Parameters
    ----------
    edge : float
        Half of the square's side, m.
    n_side : int
        Even, 8 to 1024.

    Notes
    -----
    Points and waves are counted in the order of FFTs, ``x`` first: the first point is
    the middle of the square.
    """

    edge: float
    n_side: int

    def __post_init__(self) -> None:
        checks.positive("edge", self.edge, "m")
        checks.count("n_side", self.n_side, 8, 1024)
        if self.n_side % 2:
            raise InvalidValue(f"n_side must be even, got {self.n_side}.")

    @property
    def ordered(self) -> bool:
        """Points and waves come in the order of FFTs."""
        return False

    @property
    def matrices(self) -> None:
        """None: FFTs are faster."""
        return

    @property
    def n_points(self) -> int:
        """Number of points, and of waves."""
        return self.n_side**2

    @property
    def line(self) -> Floats:
        """Places along a side, m, increasing, shape ``(n_side,)``."""
        return np.fft.fftshift(self._line)

    @property
    def x(self) -> Floats:
        """Of the points, m, shape ``(n_points,)``."""
        return np.repeat(self._line, self.n_side)

    @property
    def y(self) -> Floats:
        """Of the points, m, shape ``(n_points,)``."""
        return np.tile(self._line, self.n_side)

    @property
    def radius(self) -> Floats:
        """Distance of the points from the middle, m."""
        return np.hypot(self.x, self.y)

    @property
    def area(self) -> Floats:
        """Of each point, m^2."""
        return np.full(self.n_points, (2.0 * self.edge / self.n_side) ** 2)

    @property
    def wave_x(self) -> Floats:
        """Wave numbers along x of the waves, rad/m, shape ``(n_points,)``."""
        return np.repeat(self._waves, self.n_side)

    @property
    def wave_y(self) -> Floats:
        """Wave numbers along y of the waves, rad/m, shape ``(n_points,)``."""
        return np.tile(self._waves, self.n_side)

    @property
    def wavenumber(self) -> Floats:
        """Transverse wave numbers of the waves, rad/m, shape ``(n_points,)``."""
        return np.hypot(self.wave_x, self.wave_y)

    @property
    def axis(self) -> Floats:
        """What a wave of amplitude one has in the middle, 1/m."""
        return np.full(self.n_points, 0.5 / self.edge)

    def to_points_into(self, waves: Complex, out: Complex) -> None:
        """Write the sum of the waves at the points, per root of area, into ``out``.

        Both ``(n_points, n)``; ``sum |out|^2 area`` is ``sum |waves|^2``.
        """
        found = scipy.fft.ifft2(self.square(waves), axes=(0, 1), norm="ortho")
        scale = 0.5 * self.n_side / self.edge
        np.multiply(found.reshape(out.shape), scale, out=out)

    def to_waves_into(self, points: Complex, out: Complex) -> None:
        """Write the waves that make up the values at the points into ``out``."""
        found = scipy.fft.fft2(self.square(points), axes=(0, 1), norm="ortho")
        scale = 2.0 * self.edge / self.n_side
        np.multiply(found.reshape(out.shape), scale, out=out)

    def radial_derivative(self, waves: Complex) -> Complex:
        """Return ``x d/dx + y d/dy`` of what `to_points_into` writes."""
        total = np.zeros_like(waves)
        part = np.empty_like(waves)
        for place, wave in ((self.x, self.wave_x), (self.y, self.wave_y)):
            self.to_points_into(np.asarray(1j * wave[:, None] * waves), part)
            total += place[:, None] * part
        return total

    def square(self, values: Complex) -> Complex:
        """Return values over ``(points, n)`` as ``(x, y, n)``."""
        return values.reshape(self.n_side, self.n_side, values.shape[-1])

    @property
    def _line(self) -> Floats:
        return np.asarray(np.fft.fftfreq(self.n_side) * 2.0 * self.edge)

    @property
    def _waves(self) -> Floats:
        step = 2.0 * self.edge / self.n_side
        return np.asarray(2.0 * np.pi * np.fft.fftfreq(self.n_side, step))
