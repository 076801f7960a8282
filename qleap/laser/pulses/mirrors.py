"""Dispersive mirrors by their measured or designed curves."""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue

__all__ = ["ChirpedMirror"]

Floats = NDArray[np.float64]

MOST_BOUNCES: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ChirpedMirror:
    r"""Reflections on a mirror that is known by a curve.

    The phase is the GDD integrated twice over the angular frequency, or the group
    delay integrated once; a linear phase is of no interest.

    Parameters
    ----------
    wavelength : array_like, shape (n,)
        Increasing, m.
    gdd : array_like, shape (n,)
        Of one reflection, s^2; or
    group_delay : array_like, shape (n,)
        of one reflection, s.
    reflectivity : array_like, shape (n,), optional
        Of the power, 0 to 1; by default 1.
    bounces : int
        Number of reflections; mirrors in pairs are two elements of
        half the bounces each.
    notes : tuple of str
        Where the curve came from and what was guessed.
    """

    wavelength: ArrayLike
    gdd: ArrayLike | None = None
    group_delay: ArrayLike | None = None
    reflectivity: ArrayLike | None = None
    bounces: int = 1
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        places = checks.increasing("wavelength", self.wavelength, "m", min_size=4)
        checks.positive("wavelength[0]", float(places[0]), "m")
        set_field(self, "wavelength", places)
        if (self.gdd is None) == (self.group_delay is None):
            raise InvalidValue(
                "exactly one of gdd (s^2) and group_delay (s) must be given."
            )
        for name, unit in (
            ("gdd", "s^2"),
            ("group_delay", "s"),
            ("reflectivity", "1"),
        ):
            given = getattr(self, name)
            if given is None:
                continue
            values = checks.vector(name, given, unit)
            if values.size != places.size:
                raise InvalidValue(
                    f"{name} must have as many values as wavelength ({places.size}), "
                    f"got {values.size}."
                )
            set_field(self, name, values)
        if self.reflectivity is not None:
            lowest, highest = np.min(self.reflectivity), np.max(self.reflectivity)
            if lowest < 0.0 or highest > 1.0 + 1e-6:
                raise InvalidValue(
                    "reflectivity must lie between 0 and 1, got "
                    f"{lowest:.4g} to {highest:.4g}; percents are divided by 100."
                )
        checks.count("bounces", self.bounces, 1, MOST_BOUNCES)

    @property
    def valid(self) -> tuple[float, float]:
        """Angular frequencies of the curve, rad/s."""
        omega = self._omega
        return float(omega[0]), float(omega[-1])

    def phase(self, omega: Floats) -> Floats:
        """Return the spectral phase of all reflections, rad."""
        from scipy.interpolate import PchipInterpolator

        given = self.gdd if self.gdd is not None else self.group_delay
        curve: Any = PchipInterpolator(self._omega, np.asarray(given)[::-1])
        whole = curve.antiderivative(2 if self.gdd is not None else 1)
        # About the middle, where the integral's constant and slope are zero.
        middle = 0.5 * (self._omega[0] + self._omega[-1])
        phase = whole(omega) - whole(middle)
        if self.gdd is not None:
            phase = phase - whole.derivative()(middle) * (omega - middle)
        return np.asarray(self.bounces * phase)

    def transmission(self, omega: Floats) -> Floats:
        """Return the reflectivity of all reflections together."""
        if self.reflectivity is None:
            return np.ones_like(omega)
        once = np.interp(omega, self._omega, np.asarray(self.reflectivity)[::-1])
        return np.asarray(np.clip(once, 0.0, 1.0) ** self.bounces)

    @property
    def _omega(self) -> Floats:
        return 2.0 * math.pi * SPEED_OF_LIGHT / np.asarray(self.wavelength)[::-1]
