"""Three waves in a crystal: phase matching, bandwidths, effective nonlinearity."""

import math
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.media.crystals import Crystal

__all__ = ["ThreeWaveMixing"]

Floats = NDArray[np.float64]

MOST_ORDER: Final = 1000
"""Of a poled grating."""

HALF_SINC_SQUARED = 1.391557378251510
"""x at which (sin x / x)^2 is one half."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreeWaveMixing:
    """Two waves and the one of the sum of their frequencies, all along one direction.

    The same for sum and difference frequencies, second harmonics and parametric
    amplification: they have the same mismatch.

    Parameters
    ----------
    crystal : Crystal
        Where they meet.
    wavelengths : (float, float)
        Of the two waves of lower frequency in vacuum, m.
    polarisations : str
        Three letters, the two low waves first: of ``o`` and ``e`` in uniaxial crystals,
        of ``s`` and ``f`` in biaxial ones. Type I is ``"ooe"`` (negative crystals such
        as BBO), ``"eeo"`` (positive) or ``"ssf"``; type II ``"oee"``, ``"eoe"``,
        ``"sff"``, ``"fsf"``.
    """

    crystal: Crystal
    wavelengths: tuple[float, float]
    polarisations: str

    def __post_init__(self) -> None:
        if not isinstance(self.crystal, Crystal):
            raise InvalidKind(
                f"crystal must be a Crystal, got {self.crystal!r:.60}; take "
                "Crystal(name='BBO') or another one."
            )
        both = checks.vector("wavelengths", self.wavelengths, "m")
        if both.size != 2 or both.min() <= 0.0:
            raise InvalidValue(
                "wavelengths must be two > 0 m, of the waves of lower frequency, got "
                f"{self.wavelengths!r:.60}."
            )
        allowed = self.crystal.polarisations
        if not isinstance(self.polarisations, str):
            raise InvalidKind(
                "polarisations must be three letters, such as "
                f"{allowed[0] * 2 + allowed[1]!r}, got {self.polarisations!r:.60}."
            )
        if len(self.polarisations) != 3 or set(self.polarisations) - set(allowed):
            raise InvalidValue(
                f"polarisations must be three letters of {' and '.join(allowed)} for "
                f"{self.crystal.name}, such as {allowed[0] * 2 + allowed[1]!r}, got "
                f"{self.polarisations!r}."
            )

    @classmethod
    def second_harmonic(
        cls, crystal: Crystal, wavelength: float, polarisations: str
    ) -> Self:
        """Return the doubling of light of a vacuum ``wavelength`` (m)."""
        return cls(
            crystal=crystal,
            wavelengths=(wavelength, wavelength),
            polarisations=polarisations,
        )

    @classmethod
    def parametric(
        cls, crystal: Crystal, *, pump: float, signal: float, polarisations: str
    ) -> Self:
        """Return the amplification of ``signal`` by ``pump`` (m); the idler follows.

        The polarisations are those of signal, idler and pump.
        """
        pump = checks.positive("pump", pump, "m")
        signal = checks.positive("signal", signal, "m")
        if not pump < signal:
            raise InvalidValue(
                f"signal must be longer than the pump's {pump:g} m, got {signal:g} m."
            )
        idler = 1.0 / (1.0 / pump - 1.0 / signal)
        return cls(
            crystal=crystal, wavelengths=(signal, idler), polarisations=polarisations
        )

    @property
    def all_wavelengths(self) -> tuple[float, float, float]:
        """The two of lower frequency and that of the sum, m."""
        first, second = self.wavelengths
        return first, second, 1.0 / (1.0 / first + 1.0 / second)

    def mismatch(self, theta: ArrayLike, phi: ArrayLike = 0.0) -> Floats:
        """Return ``k3 - k1 - k2`` (1/m) in directions that broadcast."""
        total = np.zeros(np.broadcast_shapes(np.shape(theta), np.shape(phi)))
        for sign, wavelength, polarisation in self._waves():
            index = self.crystal.refractive_index(wavelength, polarisation, theta, phi)
            total = total + sign * 2.0 * np.pi * index / wavelength
        return np.asarray(total)

    def matching_angles(
        self, *, theta: float | None = None, phi: float | None = None
    ) -> Floats:
        """Return the angles between 0 and pi/2 at which the phases match, rad.

        Parameters
        ----------
        theta, phi : float, optional
            The one that is given stays fixed, the other is sought. A uniaxial crystal
            needs neither: its theta is sought.

        Returns
        -------
        ndarray
            All angles, ascending; empty where nothing matches. Found by changes of
            sign on a grid of 0.05 degrees.
        """
        if theta is not None and phi is not None:
            raise InvalidValue("give theta or phi, not both: the other one is sought.")
        if theta is None and phi is None and not self.crystal.uniaxial:
            raise InvalidValue(
                f"give theta or phi: {self.crystal.name} is biaxial, so the matching "
                "directions form a curve."
            )
        for name, angle in (("theta", theta), ("phi", phi)):
            if angle is not None:
                checks.finite(name, angle, "rad")
        fixed = phi or 0.0

        def mismatch(angle: ArrayLike) -> Floats:
            if theta is not None:
                return self.mismatch(theta, angle)
            return self.mismatch(angle, fixed)

        grid = np.linspace(0.0, 0.5 * np.pi, 1801)
        values = mismatch(grid)
        crossings = np.flatnonzero(values[:-1] * values[1:] < 0.0)
        return np.array(
            [brentq(mismatch, grid[i], grid[i + 1], xtol=1e-13) for i in crossings]
        )

    def effective_nonlinearity(self, theta: float, phi: float = 0.0) -> float:
        """Return ``|d_eff|`` in m/V, walk-off of the fields included.

        With the tensor as it was measured; it is not scaled to other wavelengths.
        """
        fields = [
            self.crystal.field_direction(wavelength, polarisation, theta, phi)
            for _, wavelength, polarisation in self._waves()
        ]
        d = self.crystal.nonlinear_tensor
        return abs(float(np.einsum("ijk,i,j,k", d, fields[2], fields[0], fields[1])))

    def walk_offs(self, theta: float, phi: float = 0.0) -> Floats:
        """Return the walk-off angles of the three waves, rad."""
        return np.array(
            [
                self.crystal.walk_off(wavelength, polarisation, theta, phi)
                for _, wavelength, polarisation in self._waves()
            ]
        )

    def group_indices(self, theta: float, phi: float = 0.0) -> Floats:
        """Return the group indices of the three waves."""
        return np.array(
            [
                self.crystal.group_index(wavelength, polarisation, theta, phi)
                for _, wavelength, polarisation in self._waves()
            ]
        )

    def group_velocity_mismatch(self, theta: float, phi: float = 0.0) -> Floats:
        """Return the delay of the third wave behind the other two, s/m."""
        index = self.group_indices(theta, phi)
        return np.asarray((index[2] - index[:2]) / SPEED_OF_LIGHT)

    def acceptance_angle(
        self, length: float, theta: float, phi: float = 0.0, *, of: str = "theta"
    ) -> float:
        """Return the full width at half maximum of the efficiency in an angle, rad.

        Of ``sinc^2`` of half the mismatch times ``length`` (m), to first order: at a
        noncritical direction, where the mismatch is stationary, it is infinite.
        """
        checks.positive("length", length, "m")
        checks.one_of("of", of, ("theta", "phi"))
        step = 1e-5
        angles = np.array([-step, step])
        if of == "theta":
            ends = self.mismatch(theta + angles, phi)
        else:
            ends = self.mismatch(theta, phi + angles)
        return _width(length, float(ends[1] - ends[0]) / (2.0 * step))

    def acceptance_bandwidth(
        self, length: float, theta: float, phi: float = 0.0
    ) -> float:
        """Return the full width at half maximum in frequency of the first wave, Hz.

        The second wave's frequency stays; in a second harmonic both change, and the
        width is that of the fundamental. First order in the frequency.
        """
        checks.positive("length", length, "m")
        delay = self.group_velocity_mismatch(theta, phi)
        slope = float(delay[0])
        if self.wavelengths[0] == self.wavelengths[1]:
            slope = float(delay.sum())
        return _width(length, 2.0 * math.pi * slope)

    def poling_period(
        self, theta: float = 0.5 * math.pi, phi: float = 0.0, *, order: int = 1
    ) -> float:
        """Return the period (m) of a poled crystal that matches the phases."""
        checks.count("order", order, 1, MOST_ORDER)
        return order * 2.0 * math.pi / abs(float(self.mismatch(theta, phi)))

    def _waves(self) -> list[tuple[float, float, str]]:
        """Return sign in the mismatch, wavelength and polarisation of each wave."""
        return list(
            zip(
                (-1.0, -1.0, 1.0),
                self.all_wavelengths,
                self.polarisations,
                strict=True,
            )
        )


def _width(length: float, slope: float) -> float:
    """Return the full width in what the mismatch has the ``slope`` after."""
    if slope == 0.0:
        return math.inf
    return 4.0 * HALF_SINC_SQUARED / (length * abs(slope))
