"""Birefringent crystals in any direction: indices, dispersion, walk-off.

A wave in direction ``s`` has two indices; their ``1/n^2`` are the eigenvalues of the
impermeability ``eta = diag(1/n_x^2, 1/n_y^2, 1/n_z^2)`` across ``s`` and solve
``L^2 - b L + c = 0`` (Fresnel's equation; Born and Wolf, section 15.2).
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.media import series
from qleap.laser.media.crystal_data import CRYSTAL_TABLE, CrystalData
from qleap.laser.media.materials import OUTSIDE, beta_of_series
from qleap.laser.media.sellmeier import Coefficients
from qleap.laser.media.thermo_optics import ROOM, THERMO_OPTICS

__all__ = ["CRYSTALS", "Crystal"]

Floats = NDArray[np.float64]

CRYSTALS: Final = tuple(CRYSTAL_TABLE)
"""Names of the crystals."""

TEMPERATURES: Final = (250.0, 500.0)
"""Between which indices are taken to change linearly, K."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Crystal:
    """A crystal without inversion symmetry.

    Directions are the polar angle ``theta`` from the dielectric axis z and the azimuth
    ``phi`` from x, in rad, inside the crystal. Polarisations are ``"o"`` and ``"e"`` of
    a uniaxial crystal (z is its optic axis), ``"s"`` (slow, the larger index) and
    ``"f"`` (fast) of a biaxial one, whose axes are named such that
    ``n_x < n_y < n_z``.

    Parameters
    ----------
    name : str
        One of `CRYSTALS`.
    temperature : float
        K. Other than 293.15 for BBO, KTP and LBO alone, whose dn/dT are known here
        (`thermo_source`); the second-order tensor does not change.
    """

    name: str
    temperature: float = ROOM

    def __post_init__(self) -> None:
        checks.one_of("name", self.name, CRYSTALS)
        kelvin = checks.between("temperature", self.temperature, *TEMPERATURES, "K")
        object.__setattr__(self, "temperature", kelvin)
        if kelvin != ROOM and self.name not in THERMO_OPTICS:
            raise InvalidValue(
                f"temperature must be {ROOM} K for {self.name}, whose dn/dT is not "
                f"known here, got {kelvin:g} K; {', '.join(THERMO_OPTICS)} have one."
            )

    @property
    def uniaxial(self) -> bool:
        """Whether two principal indices are equal."""
        return self._data.uniaxial

    @property
    def polarisations(self) -> tuple[str, str]:
        """Names of the two waves in a direction."""
        return ("o", "e") if self.uniaxial else ("s", "f")

    @property
    def source(self) -> str:
        """The publication of the indices."""
        return self._data.axes[0].source

    @property
    def thermo_source(self) -> str | None:
        """The publication of dn/dT, or None where there is none here."""
        known = THERMO_OPTICS.get(self.name)
        return None if known is None else known.source

    @property
    def tensor_source(self) -> str:
        """The publication of the second-order tensor, with its wavelength."""
        return self._data.tensor_source

    @property
    def valid(self) -> tuple[float, float]:
        """Shortest and longest wavelength of validity, m."""
        fit = self._data.axes[0]
        return fit.low * 1e-6, fit.high * 1e-6

    @property
    def nonlinear_tensor(self) -> Floats:
        """``d_ijk = chi2_ijk / 2`` in the dielectric frame, m/V, shape (3, 3, 3)."""
        return self._data.tensor()

    def principal_indices(self, wavelength: float) -> Floats:
        """Return ``n_x, n_y, n_z`` at a vacuum ``wavelength`` (m)."""
        whole: Floats = 1.0 / np.sqrt(self._impermeability([wavelength])[:, 0])
        return whole

    def index(
        self,
        omega: ArrayLike,
        polarisation: str,
        theta: float,
        phi: float = 0.0,
        *,
        outside: str = "error",
    ) -> Floats:
        """Return the index at angular frequencies (rad/s) in one direction.

        ``outside`` is what happens beyond the fits, as in `Material.index`.
        """
        with np.errstate(divide="ignore"):
            wavelength = 2 * np.pi * SPEED_OF_LIGHT / np.abs(np.asarray(omega, float))
        return self.refractive_index(
            wavelength, polarisation, theta, phi, outside=outside
        )

    def refractive_index(
        self,
        wavelength: ArrayLike,
        polarisation: str,
        theta: ArrayLike,
        phi: ArrayLike = 0.0,
        *,
        outside: str = "error",
    ) -> Floats:
        """Return the index; wavelength (m) and angles (rad) broadcast."""
        self.check_polarisation(polarisation)
        waves, polar, azimuth = np.broadcast_arrays(
            _reals("wavelength", wavelength, "m"),
            *(_angles(name, x) for name, x in (("theta", theta), ("phi", phi))),
        )
        eta = self._impermeability(waves, outside)
        s = _direction(polar, azimuth)
        if polarisation == "o":
            inverse = eta[0]
        elif polarisation == "e":
            inverse = eta[0] * s[2] ** 2 + eta[2] * (1.0 - s[2] ** 2)
        else:
            x, y, z = eta
            b = np.einsum("i...,i...", s**2, np.stack([y + z, x + z, x + y]))
            product = np.einsum("i...,i...", s**2, np.stack([y * z, x * z, x * y]))
            root = np.sqrt(np.maximum(b * b - 4.0 * product, 0.0))
            inverse = 0.5 * (b + (root if polarisation == "f" else -root))
        return np.asarray(1.0 / np.sqrt(inverse))

    def group_index(
        self, wavelength: float, polarisation: str, theta: float, phi: float = 0.0
    ) -> float:
        """Return c over the group velocity along the wave vector."""
        return self.beta(1, wavelength, polarisation, theta, phi) * SPEED_OF_LIGHT

    def beta(
        self,
        order: int,
        wavelength: float,
        polarisation: str,
        theta: float,
        phi: float = 0.0,
    ) -> float:
        """Return the derivative of the wave number after omega, s^order/m.

        Exact, for a fixed direction; ``order`` is 0 to 20.
        """
        order = checks.count("order", order, 0, 20)
        index = self._index_series(wavelength, order, polarisation, theta, phi)
        return beta_of_series(index, wavelength)

    def field_direction(
        self,
        wavelength: ArrayLike,
        polarisation: str,
        theta: float,
        phi: float = 0.0,
        *,
        outside: str = "error",
    ) -> Floats:
        """Return unit vectors of the electric field, shape ``(*wavelength.shape, 3)``.

        Up to a sign, which is the same for all wavelengths; ``outside`` as in `index`.
        """
        self.check_polarisation(polarisation)
        for name, angle in (("theta", theta), ("phi", phi)):
            checks.finite(name, angle, "rad")
        eta = np.moveaxis(self._impermeability(wavelength, outside), 0, -1)
        displacement = _displacement(eta, polarisation, theta, phi)
        field = eta * displacement
        return np.asarray(field / np.linalg.norm(field, axis=-1, keepdims=True))

    def walk_off(
        self, wavelength: float, polarisation: str, theta: float, phi: float = 0.0
    ) -> float:
        """Return the angle between wave vector and energy flow, rad, >= 0.

        It is the angle between displacement and electric field.
        """
        field = self.field_direction(wavelength, polarisation, theta, phi)
        along = float(field @ _direction(np.float64(theta), np.float64(phi)))
        return abs(math.asin(along))

    def check_polarisation(self, polarisation: str) -> str:
        """Return ``polarisation`` if this crystal has it."""
        return checks.one_of("polarisation", polarisation, self.polarisations)

    @property
    def _data(self) -> CrystalData:
        return CRYSTAL_TABLE[self.name]

    def _impermeability(self, wavelength: ArrayLike, outside: str = "error") -> Floats:
        """Return ``1/n^2`` of the three axes, shape ``(3, ...)``."""
        checks.one_of("outside", outside, OUTSIDE)
        microns = _reals("wavelength", wavelength, "m") * 1e6
        if outside == "error":
            self._check_range(microns)
        return np.stack(
            [
                self._inverse_square(axis, fit, microns, outside)
                for axis, fit in enumerate(self._data.axes)
            ]
        )

    def _inverse_square(
        self, axis: int, fit: Coefficients, microns: Floats, outside: str
    ) -> Floats:
        low, high = fit.followed() if outside == "extend" else (fit.low, fit.high)
        kept = np.clip(microns, low, high)
        square = 1.0 + fit.susceptibility(kept)
        if self.temperature != ROOM:
            slope = THERMO_OPTICS[self.name].slope(axis, kept)
            square = (np.sqrt(square) + (self.temperature - ROOM) * slope) ** 2
        return np.asarray(1.0 / square)

    def _check_range(self, microns: Floats) -> None:
        fit = self._data.axes[0]
        beyond = ~(
            (microns >= fit.low * (1 - 1e-12)) & (microns <= fit.high * (1 + 1e-12))
        )
        if np.any(beyond):
            got = float(microns[beyond].flat[0])
            raise InvalidValue(
                f"wavelength must lie between {fit.low:g} and {fit.high:g} um for "
                f"{self.name} ({fit.source}), got {got:g} um."
            )

    def _index_series(
        self, wavelength: float, order: int, polarisation: str, theta: float, phi: float
    ) -> Floats:
        """Return the Taylor coefficients of n in ``omega/omega0 - 1``."""
        self.check_polarisation(polarisation)
        for name, angle in (("theta", theta), ("phi", phi)):
            checks.finite(name, angle, "rad")
        microns = checks.positive("wavelength", wavelength, "m") * 1e6
        self._check_range(np.array([microns]))
        eta = []
        for axis, fit in enumerate(self._data.axes):
            square = fit.susceptibility_series(microns, order)
            square[0] += 1.0
            if self.temperature != ROOM:
                slope = THERMO_OPTICS[self.name].slope_series(axis, microns, order)
                warm = series.square_root(square) + (self.temperature - ROOM) * slope
                square = series.multiply(warm, warm)
            eta.append(series.reciprocal(square))
        x, y, z = eta
        sx, sy, sz = _direction(np.float64(theta), np.float64(phi)) ** 2
        if polarisation == "o":
            inverse = x
        elif polarisation == "e":
            inverse = x * sz + z * (1.0 - sz)
        else:
            b = sx * (y + z) + sy * (x + z) + sz * (x + y)
            product = (
                sx * series.multiply(y, z)
                + sy * series.multiply(x, z)
                + sz * series.multiply(x, y)
            )
            discriminant = series.multiply(b, b) - 4.0 * product
            if discriminant[0] <= 1e-14 * b[0] ** 2:
                raise InvalidValue(
                    "theta and phi must not be along an optic axis, where slow and "
                    "fast waves cannot be told apart; move off it by a milliradian."
                )
            root = series.square_root(discriminant)
            inverse = 0.5 * (b + (root if polarisation == "f" else -root))
        return series.square_root(series.reciprocal(inverse))


def _reals(name: str, given: ArrayLike, unit: str) -> Floats:
    """Return real numbers of any shape."""
    try:
        return np.asarray(given, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidKind(
            f"{name} must be real numbers in {unit}, got {given!r:.60}."
        ) from error


def _angles(name: str, given: ArrayLike) -> Floats:
    """Return finite angles of any shape, rad."""
    angles = _reals(name, given, "rad")
    if not np.all(np.isfinite(angles)):
        raise InvalidValue(f"{name} must be finite in rad, got {given!r:.60}.")
    return angles


def _direction(theta: ArrayLike, phi: ArrayLike) -> Floats:
    polar, azimuth = np.asarray(theta, np.float64), np.asarray(phi, np.float64)
    return np.stack(
        [
            np.sin(polar) * np.cos(azimuth),
            np.sin(polar) * np.sin(azimuth),
            np.cos(polar),
        ]
    )


def _displacement(eta: Floats, polarisation: str, theta: float, phi: float) -> Floats:
    """Return unit vectors of the displacement, across the direction, as ``eta`` is."""
    polar = np.array(
        [
            math.cos(theta) * math.cos(phi),
            math.cos(theta) * math.sin(phi),
            -math.sin(theta),
        ]
    )
    azimuthal = np.array([-math.sin(phi), math.cos(phi), 0.0])
    if polarisation in ("o", "e"):
        vector = azimuthal if polarisation == "o" else polar
        return np.broadcast_to(vector, eta.shape)
    across = np.stack([polar, azimuthal])
    _, vectors = np.linalg.eigh((across * eta[..., None, :]) @ across.T)
    # Ascending 1/n^2: the slow wave first.
    found = vectors[..., 1 if polarisation == "f" else 0] @ across
    sign = np.where(found @ found.reshape(-1, 3)[0] < 0.0, -1.0, 1.0)
    return np.asarray(found * sign[..., None])
