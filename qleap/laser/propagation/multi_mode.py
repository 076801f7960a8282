"""Several modes of a hollow guide: the field at points of the cross-section.

Modes HE1m of one linear polarisation are round, so that points along one radius are
the whole cross-section.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidValue
from qleap.laser.guides.modes import Mode

__all__ = ["RadialModes"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


class RadialModes:
    """Amplitudes in sqrt(W) of modes, and the field (V/m) along a radius.

    Parameters
    ----------
    modes : sequence of Mode
        ``HE`` of azimuthal order 1 and the same angle.
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
        for mode in modes:
            if mode.bessel_order != 0 or mode.angle != modes[0].angle:
                raise InvalidValue(
                    "modes must be HE1m of one polarisation, got "
                    f"{mode.name} with an angle of {mode.angle:g} rad; other modes "
                    "cannot be coupled here."
                )
        self.n_points = n_points
        self._radius = core_radius
        places, shares = np.polynomial.legendre.leggauss(n_points)
        self.places = 0.5 * (places + 1.0)
        area = np.pi * shares * self.places  # of each ring over core radius^2
        fields = np.stack([_along_field(mode, self.places) for mode in modes])
        self._to_points = np.ascontiguousarray(fields.T)
        self._to_modes = np.ascontiguousarray(fields * area)
        admittance = VACUUM_PERMITTIVITY * SPEED_OF_LIGHT
        self._field, self._source = (
            np.sqrt(2.0 / admittance),
            np.sqrt(0.125 / admittance),
        )

    def to_points_into(
        self, position: float, amplitudes: Complex, out: Complex
    ) -> None:
        """Write the amplitudes of the field into ``out``, shape ``(points, n)``."""
        scale = self._field / self._radius(position)
        np.matmul(scale * self._to_points, _pairs(amplitudes), out=_pairs(out))

    def to_modes_into(self, position: float, sources: Complex, out: Complex) -> None:
        """Write the projection of the sources into ``out``, shape ``(modes, n)``."""
        scale = self._source * self._radius(position)
        np.matmul(scale * self._to_modes, _pairs(sources), out=_pairs(out))


def _along_field(mode: Mode, places: Floats) -> Floats:
    """Return the component along the polarisation."""
    field = mode.field(places)
    turned = np.cos(mode.angle) * field[0] + np.sin(mode.angle) * field[1]
    return np.asarray(turned)


def _pairs(values: Complex) -> Floats:
    """Return complex rows as rows of pairs of numbers."""
    return values.view(np.float64)
