"""Several modes of a hollow guide: the field at points of the cross-section.

Modes HE1m of one linear polarisation are round, so that points along one radius are
the whole cross-section. Others take all of it, and both components of the field.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.laser.guides.modes import Mode

__all__ = ["RadialModes", "VectorModes", "are_round"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


def are_round(modes: Sequence[Mode]) -> bool:
    """Return whether modes are HE1m of one linear polarisation."""
    return all(m.bessel_order == 0 and m.angle == modes[0].angle for m in modes)


class _Points:
    """The field at points as one real matrix of modes, and back as another.

    Parameters
    ----------
    to_points : ndarray, shape (points, modes)
        Fields of modes over the inverse core radius.
    area : ndarray, shape (points,)
        Of the cross-section around each point, over the squared core radius.
    core_radius : callable
        At a position in m, m.
    """

    def __init__(
        self, to_points: Floats, area: Floats, core_radius: Callable[[float], float]
    ) -> None:
        self.n_points = area.size
        self._radius = core_radius
        admittance = VACUUM_PERMITTIVITY * SPEED_OF_LIGHT
        self._to_points = np.sqrt(2.0 / admittance) * np.ascontiguousarray(to_points)
        self._to_modes = np.sqrt(0.125 / admittance) * np.ascontiguousarray(
            to_points.T * area
        )

    def to_points_into(
        self, position: float, amplitudes: Complex, out: Complex
    ) -> None:
        """Write the amplitudes of the field into ``out``, shape ``(points, n)``."""
        matrix = self._to_points / self._radius(position)
        np.matmul(matrix, _pairs(amplitudes), out=_pairs(out))

    def to_modes_into(self, position: float, sources: Complex, out: Complex) -> None:
        """Write the projection of the sources into ``out``, shape ``(modes, n)``."""
        matrix = self._to_modes * self._radius(position)
        np.matmul(matrix, _pairs(sources), out=_pairs(out))


class RadialModes(_Points):
    """Amplitudes in sqrt(W) of round modes, and the field (V/m) along a radius.

    Parameters
    ----------
    modes : sequence of Mode
        For which `are_round` holds.
    core_radius : callable
        At a position in m, m.
    n_points : int
        Gauss-Legendre places; the field is entire, so that the projections converge
        faster than any power of their number.
    """

    def __init__(
        self,
        modes: Sequence[Mode],
        core_radius: Callable[[float], float],
        n_points: int,
    ) -> None:
        places, area = _radial(n_points)
        fields = [_along_field(mode, places) for mode in modes]
        super().__init__(np.stack(fields, axis=1), area, core_radius)


class VectorModes(_Points):
    """Amplitudes in sqrt(W) of any modes, and both components of the field (V/m).

    Points are those of a radius on spokes; all x components come before all y.

    Parameters
    ----------
    modes : sequence of Mode
        Any.
    core_radius : callable
        At a position in m, m.
    n_radial : int
        Places along each spoke; there are as many spokes, or one where no mode depends
        on the azimuth.
    """

    def __init__(
        self,
        modes: Sequence[Mode],
        core_radius: Callable[[float], float],
        n_radial: int,
    ) -> None:
        places, area = _radial(n_radial)
        spokes = n_radial if any(mode.bessel_order > 0 for mode in modes) else 1
        theta = np.arange(spokes) * (2.0 * np.pi / spokes)
        fields = [mode.field(places[:, None], theta).ravel() for mode in modes]
        around = np.tile(np.repeat(area / spokes, spokes), 2)
        super().__init__(np.stack(fields, axis=1), around, core_radius)


def _radial(count: int) -> tuple[Floats, Floats]:
    """Return places over the core radius, and the areas of their rings."""
    places, shares = np.polynomial.legendre.leggauss(count)
    found = 0.5 * (places + 1.0)
    return found, np.pi * shares * found


def _along_field(mode: Mode, places: Floats) -> Floats:
    """Return the component along the polarisation."""
    field = mode.field(places)
    turned = np.cos(mode.angle) * field[0] + np.sin(mode.angle) * field[1]
    return np.asarray(turned)


def _pairs(values: Complex) -> Floats:
    """Return complex rows as rows of pairs of numbers."""
    return values.view(np.float64)
