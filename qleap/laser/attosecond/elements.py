"""Films and mirrors of the extreme ultraviolet as elements that a pulse passes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind
from qleap.laser.media.multilayer import Multilayer
from qleap.laser.media.xuv import XuvMedium

__all__ = ["MultilayerMirror", "ThinFilm"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class ThinFilm:
    r"""A film that light passes: a filter, and below its edges a compressor.

    Parameters
    ----------
    medium : XuvMedium
    thickness : float
        m.

    Notes
    -----
    The phase is that against vacuum, :math:`(n-1)\,\omega L/c`; reflections at both
    faces, below 1e-3 above 30 eV, are left out. Between the plasma frequency
    :math:`\omega_p` and the edges of its inner shells a metal is a gas of free
    electrons, with the negative group delay dispersion
    :math:`-\omega_p^2L/(\omega^3c)`.
    """

    medium: XuvMedium
    thickness: float

    def __post_init__(self) -> None:
        if not isinstance(self.medium, XuvMedium):
            raise InvalidKind(
                f"medium must be an XuvMedium, got {self.medium!r:.60}; take "
                "XuvMedium(formula='Al') or another one."
            )
        kept = checks.non_negative("thickness", self.thickness, "m")
        object.__setattr__(self, "thickness", kept)

    @property
    def valid(self) -> tuple[float, float]:
        """Lowest and highest angular frequency of the medium's tables, rad/s."""
        return self.medium.valid

    def phase(self, omega: Floats) -> Floats:
        """Return the spectral phase against vacuum, rad."""
        excess = self.medium.index(omega).real - 1.0
        return np.asarray(excess * omega * self.thickness / SPEED_OF_LIGHT)

    def transmission(self, omega: Floats) -> Floats:
        """Return the share of the power that is not absorbed."""
        return self.medium.transmission(omega, self.thickness)


@dataclass(frozen=True, kw_only=True, slots=True)
class MultilayerMirror:
    """A stack of layers that reflects.

    Parameters
    ----------
    stack : Multilayer
    incidence : float
        From the normal, rad.
    polarisation : str
        ``"s"`` or ``"p"``, as in `Multilayer.reflection`.
    bounces : int
        Reflections one after the other.
    """

    stack: Multilayer
    incidence: float = 0.0
    polarisation: str = "s"
    bounces: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.stack, Multilayer):
            raise InvalidKind(
                f"stack must be a Multilayer, got {self.stack!r:.60}; see "
                "qleap.laser.media."
            )
        angle = checks.between("incidence", self.incidence, 0.0, 0.5 * np.pi, "rad")
        object.__setattr__(self, "incidence", angle)
        checks.one_of("polarisation", self.polarisation, ("s", "p"))
        checks.count("bounces", self.bounces)

    @property
    def valid(self) -> tuple[float, float]:
        """Angular frequencies between which all media are tabulated, rad/s."""
        layers = (*self.stack.period, *self.stack.cap)
        media = [self.stack.substrate, *(layer.medium for layer in layers)]
        ends = [medium.valid for medium in media]
        return max(low for low, _ in ends), min(high for _, high in ends)

    def phase(self, omega: Floats) -> Floats:
        """Return the phase of the reflection, rad, without jumps.

        Frequencies may come in any order, but have to be dense enough that the phase
        changes by less than pi from one to the next.
        """
        order = np.argsort(omega)
        angle = np.empty(omega.shape)
        angle[order] = np.unwrap(np.angle(self._reflection(omega[order])))
        return self.bounces * angle

    def transmission(self, omega: Floats) -> Floats:
        """Return the share of the power that is reflected."""
        return np.asarray(np.abs(self._reflection(omega)) ** (2 * self.bounces))

    def _reflection(self, omega: Floats) -> NDArray[np.complex128]:
        return self.stack.reflection(
            omega, self.incidence, polarisation=self.polarisation
        )
