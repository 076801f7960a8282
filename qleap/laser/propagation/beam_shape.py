"""What a beam looks like where it enters."""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.laser.propagation.given import pair

__all__ = ["Beam"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Two = tuple[float, float]

FLATTEST: Final = 20
"""Highest order of a profile."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beam:
    r"""Profile, curvature and direction of a beam at its entrance.

    Parameters
    ----------
    radius : float or (float, float)
        Where the intensity has fallen to 1/e^2, m; along x and y of an elliptical
        beam. Half of what some call the beam's diameter.
    focal_length : float or (float, float)
        Distance at which a perfect lens at the entrance makes all rays meet in the
        medium, m; along x and y of an astigmatic one. Below zero they part; infinity
        is no lens.
    order : int
        Of the profile :math:`\exp(-(r/w)^{2 n})` of the field; 1 is a Gaussian.
    charge : int
        Of a vortex: the field has the factor :math:`(r/w)^{|l|} e^{i l \varphi}`.
    tilt : (float, float)
        Angles against the axis along x and y, rad, the same for all colours.
    offset : (float, float)
        Place of the centre, m.

    Notes
    -----
    All frequencies have the same profile and the same focal length. Beams that are
    not round need three dimensions.
    """

    radius: float | Two
    focal_length: float | Two = math.inf
    order: int = 1
    charge: int = 0
    tilt: Two = (0.0, 0.0)
    offset: Two = (0.0, 0.0)

    def __post_init__(self) -> None:
        for name in ("radius", "focal_length"):
            object.__setattr__(self, name, _one_or_two(name, getattr(self, name)))
        for value in _both(self.radius):
            checks.positive("radius", value, "m")
        for value in _both(self.focal_length):
            if math.isnan(value) or value == 0.0:
                raise InvalidValue(
                    f"focal_length must be a distance other than zero, m, got {value}; "
                    "infinity is no lens."
                )
        checks.count("order", self.order, 1, FLATTEST)
        whole = checks.count("charge", self.charge, -FLATTEST, FLATTEST)
        object.__setattr__(self, "charge", whole)
        for name, unit in (("tilt", "rad"), ("offset", "m")):
            both = _two(name, getattr(self, name), unit)
            object.__setattr__(self, name, both)
        for angle in self.tilt:
            checks.between("tilt", angle, -0.5 * math.pi, 0.5 * math.pi, "rad")

    @classmethod
    def with_waist(
        cls, waist: float, distance: float, wavelength: float, *, index: float = 1.0
    ) -> "Beam":
        """Return the Gaussian beam that has its waist somewhere on the way.

        Parameters
        ----------
        waist : float
            Radius of the waist (1/e^2 of the intensity), m.
        distance : float
            From the entrance to the waist in the medium, m; below zero it lies before.
        wavelength : float
            In vacuum, of the carrier, m.
        index : float
            Of the medium.

        Notes
        -----
        Without nonlinearity, and for the carrier. Others meet a radius and a curvature
        that are the carrier's, so that their waists lie elsewhere.
        """
        rayleigh = math.pi * checks.positive("waist", waist, "m") ** 2
        rayleigh *= checks.positive("index", index)
        rayleigh /= checks.positive("wavelength", wavelength, "m")
        away = checks.finite("distance", distance, "m")
        return cls(
            radius=waist * math.hypot(1.0, away / rayleigh),
            focal_length=math.inf if away == 0.0 else away + rayleigh**2 / away,
        )

    @property
    def round(self) -> bool:
        """Whether it has radial symmetry."""
        radius, focal = _both(self.radius), _both(self.focal_length)
        straight = self.tilt == (0.0, 0.0) == self.offset
        return straight and self.charge == 0 and len({*radius}) == len({*focal}) == 1

    @property
    def largest_radius(self) -> float:
        """The larger of both radii, m."""
        return max(_both(self.radius))

    @property
    def smallest_radius(self) -> float:
        """The smaller of both radii, m."""
        return min(_both(self.radius))

    @property
    def peak_area(self) -> float:
        """Power at the entrance over the largest intensity there, m^2."""
        a, b = _both(self.radius)
        u = np.linspace(0.0, 8.0, 8001)
        shape = u ** (2 * abs(self.charge)) * np.exp(-2.0 * u ** (2 * self.order))
        whole = 2.0 * math.pi * float(np.trapezoid(shape * u, u))
        return a * b * whole / float(shape.max())

    def radius_at(self, distance: float, wavenumber: float) -> Two:
        """Return the smallest and the largest radius after ``distance`` (m), m.

        Without nonlinearity, by Gaussian optics of a wave number (rad/m); vortices
        and flat tops spread more, as their quality factor does.
        """
        quality = 1.0 + abs(self.charge) + 0.5 * (self.order - 1)
        found = []
        for radius, focal in zip(
            _both(self.radius), _both(self.focal_length), strict=True
        ):
            spread = 2.0 * quality * distance / (wavenumber * radius**2)
            found.append(radius * math.hypot(1.0 - distance / focal, spread))
        return min(found), max(found)

    def at_radii(self, radius: Floats, wavenumber: Floats) -> Complex:
        """Return the field at radii (m), ``(radii, n)``, one on the axis.

        ``wavenumber`` of the medium over frequency, rad/m, shape ``(n,)``.

        Raises
        ------
        InvalidValue
            Where the beam is not round.
        """
        self.check_round()
        return self.at(radius, np.zeros_like(radius), wavenumber)

    def check_round(self) -> None:
        """Refuse what has no radial symmetry."""
        if not self.round:
            raise InvalidValue(
                "a beam of radial symmetry must be round, upright and centred, got "
                f'{self}; take symmetry="none".'
            )

    def at(self, x: Floats, y: Floats, wavenumber: Floats) -> Complex:
        """Return the field at places (m), ``(places, n)``.

        ``wavenumber`` of the medium over frequency, rad/m, shape ``(n,)``.
        """
        u, v = x - self.offset[0], y - self.offset[1]
        a, b = _both(self.radius)
        square = (u / a) ** 2 + (v / b) ** 2
        size = np.exp(-(square**self.order)).astype(np.complex128)
        if self.charge:
            size *= square ** (0.5 * abs(self.charge))
            size *= np.exp(1j * self.charge * np.arctan2(v, u))
        path = np.sin(self.tilt[0]) * x + np.sin(self.tilt[1]) * y
        f, g = _both(self.focal_length)
        if f == g:
            path = path - _lens(np.hypot(u, v), f)
        else:
            path = path - _lens(u, f) - _lens(v, g)
        return np.asarray(size[:, None] * np.exp(1j * wavenumber * path[:, None]))


def _lens(distance: Floats, focal: float) -> Floats:
    """Return by how much the path from a place to the focus is longer than the axis."""
    if math.isinf(focal):
        return np.zeros_like(distance)
    longer = distance**2 / (np.hypot(distance, focal) + abs(focal))
    return np.asarray(math.copysign(1.0, focal) * longer)


def _both(value: float | Two) -> Two:
    return value if isinstance(value, tuple) else (value, value)


def _one_or_two(name: str, given: Any) -> float | Two:
    """Return a number, or those along x and y, m; not finite ones are left as such."""
    if isinstance(given, (tuple, list, np.ndarray)) and np.ndim(given):
        x, y = pair(name, given, "one number, or two along x and y, in m")
        return _number(name, x), _number(name, y)
    return _number(name, given)


def _number(name: str, given: Any) -> float:
    if isinstance(given, (float, np.floating)):
        return float(given)
    return checks.finite(name, given, "m")


def _two(name: str, given: Any, unit: str) -> Two:
    x, y = pair(name, given, f"two numbers, along x and y, in {unit}")
    return checks.finite(name, x, unit), checks.finite(name, y, unit)
