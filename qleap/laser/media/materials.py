"""How fast light travels in glasses, crystals and gases, and how that varies."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.media.sellmeier import TABLE, Coefficients

__all__ = ["MATERIALS", "Material"]

Floats = NDArray[np.float64]

MATERIALS: Final = tuple(TABLE)
"""Names of the media with published coefficients."""

BAR = 1e5
"""Pa; with 273 K the state in which the gases' coefficients hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """A transparent medium with published Sellmeier coefficients.

    Parameters
    ----------
    name : str
        One of `MATERIALS`; ``(o)`` and ``(e)`` are the ordinary and the
        extraordinary ray.
    pressure : float
        Of a gas, Pa.
    temperature : float
        Of a gas, K. The susceptibility goes with the density of an ideal gas,
        good to 1 % below 10 bar.

    Notes
    -----
    Derivatives are those of the formula itself, by arithmetic with truncated Taylor
    series in the angular frequency; no differences are taken.
    """

    name: str
    pressure: float = BAR
    temperature: float = 273.0

    def __post_init__(self) -> None:
        checks.one_of("name", self.name, MATERIALS)
        for quantity, unit in (("pressure", "Pa"), ("temperature", "K")):
            value = checks.positive(quantity, getattr(self, quantity), unit)
            object.__setattr__(self, quantity, value)
        if not self._coefficients.gas and (self.pressure, self.temperature) != (
            BAR,
            273.0,
        ):
            raise InvalidValue(
                f"pressure and temperature are for gases, but {self.name} is none; "
                "leave them out."
            )

    @property
    def _coefficients(self) -> Coefficients:
        return TABLE[self.name]

    @property
    def source(self) -> str:
        """The publication of the coefficients."""
        return self._coefficients.source

    @property
    def valid(self) -> tuple[float, float]:
        """Shortest and longest wavelength of validity, m."""
        return self._coefficients.low * 1e-6, self._coefficients.high * 1e-6

    def refractive_index(self, wavelength: float) -> float:
        """Return the refractive index at a vacuum ``wavelength`` (m)."""
        return float(self._index_series(wavelength, 0)[0])

    def group_index(self, wavelength: float) -> float:
        """Return c over the group velocity at a vacuum ``wavelength`` (m)."""
        return self.beta(1, wavelength) * SPEED_OF_LIGHT

    def group_velocity_dispersion(self, wavelength: float) -> float:
        """Return beta2 at a vacuum ``wavelength`` (m), s^2/m."""
        return self.beta(2, wavelength)

    def beta(self, order: int, wavelength: float) -> float:
        """Return the derivative of the wave number after omega, s^order/m.

        Parameters
        ----------
        order : int
            0 (the wave number itself) to 20.
        wavelength : float
            In vacuum, m.
        """
        order = checks.count("order", order, 0, 20)
        index = self._index_series(wavelength, order)
        # k = n omega / c with omega = omega0 (1 + x), so its series is n (1 + x).
        before = index[order - 1] if order > 0 else 0.0
        omega0 = 2.0 * math.pi * SPEED_OF_LIGHT / wavelength
        scale = math.factorial(order) * omega0 ** (1 - order) / SPEED_OF_LIGHT
        return float((index[order] + before) * scale)

    def betas(self, wavelength: float, highest: int = 10) -> tuple[float, ...]:
        """Return beta2 to beta of order ``highest``, as `qleap.laser.Fibre` wants."""
        last = checks.count("highest", highest, 2, 20)
        return tuple(self.beta(order, wavelength) for order in range(2, last + 1))

    def _index_series(self, wavelength: float, order: int) -> Floats:
        """Return the Taylor coefficients of n in x = omega/omega0 - 1."""
        value = checks.positive("wavelength", wavelength, "m")
        low, high = self.valid
        if not low <= value <= high:
            raise InvalidValue(
                f"wavelength must lie between {low * 1e6:g} and {high * 1e6:g} um "
                f"for {self.name} ({self.source}), got {value * 1e6:g} um."
            )
        return _square_root(self._square_series(value * 1e6, order))

    def _square_series(self, microns: float, order: int) -> Floats:
        density = 1.0
        if self._coefficients.gas:
            density = self.pressure / BAR * 273.0 / self.temperature
        series = np.zeros(order + 1)
        series[0] = 1.0
        for b, c in self._coefficients.terms:
            share = c / microns**2
            # 1 - share (1 + x)^2, whose reciprocal is the resonance.
            series += (
                density * b * _reciprocal(1.0 - share, -2.0 * share, -share, order)
            )
        return series


def _reciprocal(p0: float, p1: float, p2: float, order: int) -> Floats:
    """Return the Taylor series of ``1 / (p0 + p1 x + p2 x^2)``."""
    series = np.zeros(order + 1)
    series[0] = 1.0 / p0
    for k in range(1, order + 1):
        before = series[k - 2] if k > 1 else 0.0
        series[k] = -(p1 * series[k - 1] + p2 * before) / p0
    return series


def _square_root(square: Floats) -> Floats:
    """Return the Taylor series whose square is ``square``."""
    series = np.zeros_like(square)
    series[0] = math.sqrt(square[0])
    for k in range(1, square.size):
        cross = float(np.dot(series[1:k], series[k - 1 : 0 : -1]))
        series[k] = (square[k] - cross) / (2.0 * series[0])
    return series
