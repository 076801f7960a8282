"""Mirrors of thin layers for the extreme ultraviolet.

L. G. Parratt, Phys. Rev. 95, 359 (1954): the reflection of a stack from its last
boundary upwards. Rough boundaries lose by the factor of L. Nevot and P. Croce, Rev.
Phys. Appl. 15, 761 (1980), ``exp(-2 k_z k_z' sigma^2)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.media.xuv import XuvMedium

__all__ = ["Layer", "Multilayer"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One film.

    Parameters
    ----------
    medium : XuvMedium
        What it is made of.
    thickness : float
        m.
    roughness : float
        Standard deviation of its upper boundary, m.
    """

    medium: XuvMedium
    thickness: float
    roughness: float = 0.0

    def __post_init__(self) -> None:
        _check_medium("medium", self.medium)
        checks.non_negative("thickness", self.thickness, "m")
        checks.non_negative("roughness", self.roughness, "m")


@dataclass(frozen=True, kw_only=True, slots=True)
class Multilayer:
    """A stack of films in vacuum.

    Parameters
    ----------
    period : tuple of Layer
        The films that repeat, the uppermost first.
    n_periods : int
        How often; 0 for none of them.
    substrate : XuvMedium
        What is below.
    cap : tuple of Layer
        Films above all others, the uppermost first.
    substrate_roughness : float
        Standard deviation of the lowest boundary, m.
    """

    period: tuple[Layer, ...]
    n_periods: int
    substrate: XuvMedium
    cap: tuple[Layer, ...] = ()
    substrate_roughness: float = 0.0

    def __post_init__(self) -> None:
        for name in ("period", "cap"):
            films = getattr(self, name)
            if not isinstance(films, Sequence) or not all(
                isinstance(film, Layer) for film in films
            ):
                raise InvalidKind(
                    f"{name} must be a tuple of Layer, got {films!r:.60}; write "
                    "(layer,) for a single one."
                )
            object.__setattr__(self, name, tuple(films))
        _check_medium("substrate", self.substrate)
        checks.count("n_periods", self.n_periods, 0)
        checks.non_negative("substrate_roughness", self.substrate_roughness, "m")

    def reflection(
        self, omega: ArrayLike, incidence: ArrayLike = 0.0, *, polarisation: str = "s"
    ) -> Complex:
        """Return the complex amplitude of the reflected field.

        Parameters
        ----------
        omega : array_like
            Angular frequencies, rad/s.
        incidence : array_like
            Angle from the normal, rad; broadcasts with ``omega``.
        polarisation : str
            ``"s"`` (across the plane of incidence) or ``"p"``.

        Returns
        -------
        ndarray
            Electric field for s; for p the magnetic field, whose sign at normal
            incidence is the opposite one.
        """
        checks.one_of("polarisation", polarisation, ("s", "p"))
        frequency, angle = np.broadcast_arrays(
            np.asarray(omega, np.float64), np.asarray(incidence, np.float64)
        )
        beyond = ~(np.abs(angle) <= 0.5 * np.pi)
        if np.any(beyond):
            raise InvalidValue(
                "incidence must lie between -pi/2 and pi/2 rad from the normal, got "
                f"{float(angle[beyond].flat[0]):g}; np.radians turns degrees."
            )
        wave = frequency / SPEED_OF_LIGHT
        indices = {
            medium: medium.index(frequency)
            for medium in {*(layer.medium for layer in self._layers()), self.substrate}
        }
        across = np.sin(angle) ** 2

        def normal(index: Complex | Floats) -> Complex:
            # Of the two roots the one that decays downwards.
            return np.asarray(wave * np.sqrt(index**2 - across + 0j))

        def admittance(component: Complex, index: Complex | Floats) -> Complex:
            return component if polarisation == "s" else component / index**2

        below = indices[self.substrate]
        k_below = normal(below)
        q_below = admittance(k_below, below)
        roughness = self.substrate_roughness
        total = np.zeros(frequency.shape, np.complex128)
        for layer in reversed(self._layers()):
            index = indices[layer.medium]
            k = normal(index)
            q = admittance(k, index)
            total = _boundary(total, k, q, k_below, q_below, roughness)
            total = total * np.exp(2j * k * layer.thickness)
            k_below, q_below, roughness = k, q, layer.roughness
        vacuum = np.ones(frequency.shape)
        k = normal(vacuum)
        return _boundary(total, k, admittance(k, vacuum), k_below, q_below, roughness)

    def reflectivity(
        self, omega: ArrayLike, incidence: ArrayLike = 0.0, *, polarisation: str = "s"
    ) -> Floats:
        """Return the part of the intensity that is reflected, as in `reflection`."""
        amplitude = self.reflection(omega, incidence, polarisation=polarisation)
        return np.asarray(np.abs(amplitude) ** 2)

    def _layers(self) -> tuple[Layer, ...]:
        return self.cap + self.period * self.n_periods


def _boundary(
    beneath: Complex,
    k: Complex,
    q: Complex,
    k_below: Complex,
    q_below: Complex,
    roughness: float,
) -> Complex:
    """Return the reflection from above a boundary, given that from beneath it."""
    fresnel = (q - q_below) / (q + q_below)
    fresnel = fresnel * np.exp(-2.0 * k * k_below * roughness**2)
    return np.asarray((fresnel + beneath) / (1.0 + fresnel * beneath))


def _check_medium(name: str, given: object) -> None:
    if not isinstance(given, XuvMedium):
        raise InvalidKind(
            f"{name} must be an XuvMedium, got {given!r:.60}; take "
            "XuvMedium(formula='Si') or another one."
        )
