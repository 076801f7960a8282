"""Modes of a hollow cylinder: their fields, areas and numbers.

Fields are those of a core many wavelengths wide, which vanish at the wall. With
``A`` in sqrt(W) the electric field is ``A e(r, theta) sqrt(2 / (eps0 c))`` (V/m) where
the integral of ``|e|^2`` over the cross-section is one.

References
----------
E. A. J. Marcatili and R. A. Schmeltzer, Bell Syst. Tech. J. 43, 1783 (1964).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["FUNDAMENTAL", "KINDS", "Mode", "gaussian_coupling", "linear_modes"]

Floats = NDArray[np.float64]

KINDS: Final = ("HE", "EH", "TE", "TM")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mode:
    """A mode of a hollow cylinder.

    Parameters
    ----------
    kind : {"HE", "EH", "TE", "TM"}
        Hybrid, transverse electric or transverse magnetic. ``HE`` of azimuthal order 1
        is linearly polarised.
    azimuthal, radial : int
        Orders; the azimuthal one of TE and TM is 0.
    angle : float
        Turns the field; of linearly polarised modes the angle of the field to x, rad.
    """

    kind: str = "HE"
    azimuthal: int = 1
    radial: int = 1
    angle: float = 0.0

    def __post_init__(self) -> None:
        checks.one_of("kind", self.kind, KINDS)
        hybrid = self.kind in {"HE", "EH"}
        least, most = (1, 50) if hybrid else (0, 0)
        if not least <= self.azimuthal <= most:
            raise InvalidValue(
                f"azimuthal must be {'1 to 50' if hybrid else '0'} for {self.kind}, "
                f"got {self.azimuthal}."
            )
        checks.count("radial", self.radial, 1, 200)
        angle = checks.finite("angle", self.angle, "rad")
        object.__setattr__(self, "angle", angle)

    @property
    def name(self) -> str:
        """Such as ``HE11``."""
        return f"{self.kind}{self.azimuthal}{self.radial}"

    @property
    def bessel_order(self) -> int:
        """Order of the Bessel function over the radius."""
        if self.kind == "HE":
            return self.azimuthal - 1
        return self.azimuthal + 1 if self.kind == "EH" else 1

    @property
    def root(self) -> float:
        """Zero of that Bessel function at the wall."""
        return _root(self.bessel_order, self.radial)

    @property
    def relative_area(self) -> float:
        """Effective area ``(int |e|^2 dA)^2 / int |e|^4 dA`` over core radius^2."""
        return _relative_area(self.bessel_order, self.radial)

    def field(self, radius: ArrayLike, theta: ArrayLike = 0.0) -> Floats:
        """Return ``e`` times the core radius, shape ``(2, ...)``: x and y.

        Parameters
        ----------
        radius : array_like
            Over the core radius; zero is returned beyond 1.
        theta : array_like
            Azimuth, rad.
        """
        from scipy.special import jv

        r, azimuth = np.broadcast_arrays(radius, theta)
        order, root = self.bessel_order, self.root
        norm = 1.0 / (math.sqrt(math.pi) * abs(float(jv(order + 1, root))))
        size = np.where(r <= 1.0, norm * jv(order, root * r), 0.0)
        if self.kind in {"TE", "TM"}:
            turned = azimuth + self.angle + (0.5 * np.pi if self.kind == "TE" else 0.0)
            return np.stack([size * np.cos(turned), size * np.sin(turned)])
        order = order if self.kind == "HE" else -order
        turned = self.angle - order * azimuth
        return np.stack([size * np.cos(turned), size * np.sin(turned)])


FUNDAMENTAL: Final = Mode()
"""HE11, polarised along x."""


def linear_modes(count: int) -> tuple[Mode, ...]:
    """Return HE11 to HE1 ``count``, all polarised along x."""
    number = checks.count("count", count, 1, 50)
    return tuple(Mode(radial=m) for m in range(1, number + 1))


def gaussian_coupling(
    waist: float, core_radius: float, modes: Sequence[Mode]
) -> Floats:
    """Return the amplitudes of modes that a Gaussian beam along x excites.

    Parameters
    ----------
    waist : float
        Radius at which the intensity is 1/e^2 of that on the axis, m; it lies at the
        entrance, on the axis.
    core_radius : float
        m.
    modes : sequence of Mode
        Of any kind.

    Returns
    -------
    ndarray, shape (modes,)
        Squares are shares of the beam's energy; the largest of HE11 is 0.981 at a
        waist of 0.643 core radii. What ``launch`` of `propagate_capillary` takes.
    """
    ratio = checks.positive("waist", waist, "m") / checks.positive(
        "core_radius", core_radius, "m"
    )
    places, shares = np.polynomial.legendre.leggauss(
        96 + 8 * max(mode.radial for mode in modes)
    )
    r = 0.5 * (places + 1.0)
    beam = math.sqrt(2.0 / math.pi) / ratio * np.exp(-((r / ratio) ** 2))
    # Azimuths that see every mode below order 20 exactly.
    theta = np.arange(64) * (2.0 * np.pi / 64.0)
    weight = np.pi * shares * r * beam
    found = [weight @ mode.field(r[:, None], theta)[0].mean(axis=1) for mode in modes]
    return np.asarray(found)


@cache
def _root(order: int, number: int) -> float:
    from scipy.special import jn_zeros

    return float(jn_zeros(order, number)[-1])


@cache
def _relative_area(order: int, number: int) -> float:
    """Return the area by quadrature; the square of the field is a smooth function."""
    from scipy.special import jv

    places, shares = np.polynomial.legendre.leggauss(40 + 8 * number)
    r, w = 0.5 * (places + 1.0), 0.5 * shares
    root = _root(order, number)
    fourth = 2.0 * np.pi * float(np.sum(w * r * jv(order, root * r) ** 4))
    return float((np.pi * jv(order + 1, root) ** 2) ** 2 / fourth)
