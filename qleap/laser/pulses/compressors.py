"""Stretchers and compressors: gratings, prisms, glass."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.media.materials import Material
from qleap.laser.pulses.light import carrier

__all__ = ["Bulk", "GratingPair", "PrismPair"]

Floats = NDArray[np.float64]

MOST_PASSES: Final = 64

FEWEST_LINES: Final = 5e3
"""Coarser gratings (1/m) are numbers per millimetre, taken for others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GratingPair:
    r"""Two parallel gratings (Treacy): negative GDD, positive TOD.

    Parameters
    ----------
    line_density : float
        Grooves per length, 1/m (1200 per mm are 1.2e6).
    separation : float
        Distance of the gratings **along their normal**, m. Negative where an imaging
        stretcher (Martinez) makes it so.
    incidence : float
        Angle from the normal on the first grating, rad.
    order : int
        Of the diffraction; -1 is the usual one, on the side of the incident beam.
    passes : int
        How often the pair is passed: 2 with a roof mirror, which also undoes the
        spatial chirp.
    efficiency : float
        Of one diffraction, 0 to 1, the same for all wavelengths.

    Notes
    -----
    A wave between two planes: :math:`\phi = N L \sqrt{k^2 - k_x^2}` with
    :math:`k_x = k\sin\theta_i + 2\pi m\,g`, exact for plane waves. Its second and
    third derivatives are those of E. B. Treacy, IEEE J. Quantum Electron. 5, 454
    (1969).
    """

    line_density: float
    separation: float
    incidence: float
    order: int = -1
    passes: int = 2
    efficiency: float = 1.0

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        lines = checks.positive("line_density", self.line_density, "1/m")
        if lines < FEWEST_LINES:
            raise InvalidValue(
                f"line_density must be >= {FEWEST_LINES:g} 1/m, got {lines:g} 1/m; "
                "1200 per mm are 1.2e6 1/m."
            )
        set_field(self, "line_density", lines)
        apart = checks.finite("separation", self.separation, "m")
        set_field(self, "separation", apart)
        most = 0.5 * math.pi
        angle = checks.between("incidence", self.incidence, -most, most, "rad")
        set_field(self, "incidence", angle)
        checks.count("passes", self.passes, 1, MOST_PASSES)
        checks.probability("efficiency", self.efficiency)
        if int(self.order) != self.order or self.order == 0:
            raise InvalidValue(
                f"order must be a whole number other than 0, got {self.order}."
            )

    @property
    def valid(self) -> tuple[float, float]:
        """Angular frequencies whose order exists, rad/s."""
        # |k sin(theta) + K| < k, with K the grating's wave number times the order.
        turned = 2.0 * math.pi * self.order * self.line_density
        sine = math.sin(self.incidence)
        if turned * sine >= 0.0:
            edge = abs(turned) / max(1.0 - abs(sine), 1e-12)
        else:
            edge = abs(turned) / (1.0 + abs(sine))
        return edge * SPEED_OF_LIGHT * (1.0 + 1e-9), math.inf

    def diffraction_angle(self, wavelength: float) -> float:
        """Return the angle of the diffracted ray from the normal, rad."""
        sine = math.sin(self.incidence) + self.order * self.line_density * wavelength
        if abs(sine) >= 1.0:
            raise InvalidValue(
                f"wavelength must be diffracted in the order {self.order}, got "
                f"{wavelength:.4g} m, whose sine would be {sine:.4g}."
            )
        return math.asin(sine)

    def phase(self, omega: Floats) -> Floats:
        """Return the spectral phase, rad."""
        k = omega / SPEED_OF_LIGHT
        turned = 2.0 * math.pi * self.order * self.line_density
        sideways = k * math.sin(self.incidence) + turned
        onward = np.sqrt(np.maximum(k**2 - sideways**2, 0.0))
        return np.asarray(self.passes * self.separation * onward)

    def transmission(self, omega: Floats) -> Floats:
        """Return the efficiency of all diffractions together."""
        return np.full(omega.shape, self.efficiency ** (2 * self.passes))


@dataclass(frozen=True, kw_only=True, slots=True)
class PrismPair:
    r"""Two equal prisms, the second upside down, by exact rays.

    Parameters
    ----------
    material : Material
    wavelength : float
        Of the ray by which the prisms are placed, m.
    separation : float
        Length of that ray between the prisms, m.
    insertion : tuple of float
        How far from the apex, along the inner faces, that ray leaves the first and
        enters the second prism, m; glass adds positive GDD.
    apex : float, optional
        Angle, rad; by default so that the ray passes symmetrically at Brewster's
        angle: :math:`2\arctan(1/n)`.
    incidence : float, optional
        On the first face, rad; by default Brewster's angle :math:`\arctan n`.
    passes : int
        2 with an end mirror.

    Notes
    -----
    Plane waves that go by both apexes: :math:`\phi = N \frac\omega c\,\hat u(\omega)
    \cdot \vec R`, with the direction of the ray between the prisms and the vector
    from apex to apex, whatever the insertion (the argument of R. L. Fork,
    O. E. Martinez and J. P. Gordon, Opt. Lett. 9, 150 (1984)). Light that goes by
    an apex on the wrong side does not pass.
    """

    material: Material
    wavelength: float
    separation: float
    insertion: tuple[float, float]
    apex: float = math.nan
    incidence: float = math.nan
    passes: int = 2

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        _check_material(self.material)
        for name in ("wavelength", "separation"):
            value = checks.positive(name, getattr(self, name), "m")
            set_field(self, name, value)
        both = checks.vector("insertion", self.insertion, "m")
        if both.size != 2 or both.min() < 0.0:
            raise InvalidValue(
                "insertion must be two lengths >= 0 m, of the first and the second "
                f"prism, got {self.insertion!r:.60}."
            )
        set_field(self, "insertion", (float(both[0]), float(both[1])))
        checks.count("passes", self.passes, 1, MOST_PASSES)
        index = self.material.refractive_index(self.wavelength)
        for name, usual in (
            ("apex", 2.0 * math.atan(1.0 / index)),
            ("incidence", math.atan(index)),
        ):
            given = getattr(self, name)
            angle = usual if math.isnan(given) else given
            set_field(self, name, checks.between(name, angle, 0.0, 0.5 * math.pi))
        if not np.isfinite(self._exit(np.array([carrier(self.wavelength)]))[1][0]):
            raise InvalidValue(
                f"the ray of {self.wavelength:.4g} m must leave the prism, but is "
                "reflected totally; take a smaller apex or a larger incidence."
            )

    @property
    def valid(self) -> tuple[float, float]:
        """Angular frequencies at which the glass is known, rad/s."""
        low, high = self.material.valid
        return carrier(high), carrier(low)

    def phase(self, omega: Floats) -> Floats:
        """Return the spectral phase, rad; 0 where the ray does not leave the prism."""
        _, outside = self._exit(omega)
        along, across = self._apexes
        path = np.cos(outside) * along + np.sin(outside) * across
        turned = self.passes * omega / SPEED_OF_LIGHT * path
        return np.asarray(np.where(np.isfinite(outside), turned, 0.0))

    def transmission(self, omega: Floats) -> Floats:
        """Return 1 where the ray passes through both prisms, else 0."""
        inside, outside = self._exit(omega)
        along, across = self._apexes
        centre = np.array([carrier(self.wavelength)])
        ray, _ = self._exit(centre)
        # The beam enters at one place, from which rays fan out within the prism.
        entry = self.insertion[0] * math.cos(ray[0]) / self._inner_cosine(centre)[0]
        left = entry * self._inner_cosine(omega) / np.cos(inside)
        hit = across - left - along * np.tan(outside)
        passes = np.isfinite(outside) & (hit >= -1e-12)
        return np.where(passes, 1.0, 0.0)

    @property
    def _apexes(self) -> tuple[float, float]:
        """Vector from apex to apex: along the faces' normal and along the faces, m."""
        ray = self._exit(np.array([carrier(self.wavelength)]))[1][0]
        along = self.separation * math.cos(ray)
        return along, self.separation * math.sin(ray) + sum(self.insertion)

    def _inner_cosine(self, omega: Floats) -> Floats:
        """Return the cosine of the ray's angle behind the first face."""
        sine = math.sin(self.incidence) / self.material.index(omega, outside="hold")
        return np.asarray(np.sqrt(1.0 - sine**2))

    def _exit(self, omega: Floats) -> tuple[Floats, Floats]:
        """Return the angles at the second face, inside and outside; NaN if none."""
        index = self.material.index(omega, outside="hold")
        inside = self.apex - np.arcsin(math.sin(self.incidence) / index)
        with np.errstate(invalid="ignore"):
            return inside, np.arcsin(index * np.sin(inside))


@dataclass(frozen=True, kw_only=True, slots=True)
class Bulk:
    """A length of glass, crystal or gas.

    Parameters
    ----------
    material : Material
    length : float
        m.
    """

    material: Material
    length: float

    def __post_init__(self) -> None:
        _check_material(self.material)
        value = checks.non_negative("length", self.length, "m")
        object.__setattr__(self, "length", value)

    @property
    def valid(self) -> tuple[float, float]:
        """Angular frequencies at which the material is known, rad/s."""
        low, high = self.material.valid
        return carrier(high), carrier(low)

    def phase(self, omega: Floats) -> Floats:
        """Return the spectral phase, rad."""
        index = self.material.index(omega, outside="hold")
        return np.asarray(index * omega * self.length / SPEED_OF_LIGHT)

    def transmission(self, omega: Floats) -> Floats:
        """Return 1: surfaces and absorption are left out."""
        return np.ones_like(omega)


def _check_material(given: object) -> None:
    if not isinstance(given, Material):
        raise InvalidKind(
            f"material must be a Material, got {given!r:.60}; take "
            "Material(name='fused silica') of qleap.laser.media or another one."
        )
