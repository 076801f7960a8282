"""How fast light travels in glasses, crystals and gases, and how that varies."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.ionisation.atoms import ATOMS
from qleap.laser.media import nonlinear, series
from qleap.laser.media.gases import EQUATIONS_OF_STATE, GASES, Gas, number_density
from qleap.laser.media.sellmeier import Coefficients
from qleap.laser.media.solids import SOLIDS

__all__ = ["MATERIALS", "OUTSIDE", "Material"]

Floats = NDArray[np.float64]

MATERIALS: Final = (*SOLIDS, *GASES)
"""Names of the media with published coefficients."""

OUTSIDE: Final = ("error", "hold", "extend")
"""What may happen beyond the range of a fit."""

BAR = 1e5
"""Pa; with 273 K the state in which a gas is when nothing else is said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """A transparent medium with published coefficients.

    Parameters
    ----------
    name : str
        One of `MATERIALS`; ``(o)`` and ``(e)`` are the ordinary and the
        extraordinary ray.
    pressure : float
        Of a gas, Pa.
    temperature : float
        Of a gas, K.
    fit : str, optional
        One of `fits`, where several were published; the first by default.
    equation_of_state : str
        Of a gas, ``"ideal"``, good to 1 % in density below 10 bar for all but
        krypton (2 %), xenon (6 %), carbon dioxide (6 %) and sulfur hexafluoride
        (15 %), or ``"virial"`` with the second and third coefficient, 250 to 500 K.

    Notes
    -----
    A gas has the susceptibility ``n^2 - 1`` of its fit's reference state times the
    ratio of the densities (as an ideal gas at the reference state). Derivatives are
    those of the formula itself, by arithmetic with truncated Taylor series in the
    angular frequency; no differences are taken.
    """

    name: str
    pressure: float = BAR
    temperature: float = 273.0
    fit: str | None = None
    equation_of_state: str = "ideal"

    def __post_init__(self) -> None:
        checks.one_of("name", self.name, MATERIALS)
        for quantity, unit in (("pressure", "Pa"), ("temperature", "K")):
            value = checks.positive(quantity, getattr(self, quantity), unit)
            object.__setattr__(self, quantity, value)
        checks.one_of("equation_of_state", self.equation_of_state, EQUATIONS_OF_STATE)
        if self.fit is not None:
            checks.one_of("fit", self.fit, self.fits)
        if self.is_gas:
            if self.equation_of_state == "virial":
                checks.between("temperature", self.temperature, 250.0, 500.0, "K")
        elif (self.pressure, self.temperature) != (BAR, 273.0):
            raise InvalidValue(
                f"pressure and temperature are for gases, but {self.name} is none; "
                "leave them out."
            )

    @property
    def is_gas(self) -> bool:
        """Whether pressure and temperature count."""
        return self.name in GASES

    @property
    def fits(self) -> tuple[str, ...]:
        """Names of the published fits, the default first."""
        return tuple(self._published)

    @property
    def source(self) -> str:
        """The publication of the coefficients."""
        return self._coefficients.source

    @property
    def valid(self) -> tuple[float, float]:
        """Shortest and longest wavelength of validity, m."""
        return self._coefficients.low * 1e-6, self._coefficients.high * 1e-6

    @property
    def number_density(self) -> float:
        """Molecules per volume of a gas, 1/m^3."""
        return number_density(
            self._gas, self.pressure, self.temperature, self.equation_of_state
        )

    @property
    def ionisation_energy(self) -> float:
        """First ionisation energy of a gas, J, as in `qleap.laser.ionisation`."""
        molecule = self._gas.molecule
        if molecule not in ATOMS:
            raise InvalidValue(
                f"no ionisation energy of {self.name} is known; known are those of "
                f"{', '.join(ATOMS)}."
            )
        return ATOMS[molecule].ionisation_energy

    @property
    def chi3(self) -> float:
        """Third-order susceptibility at this density, m^2/V^2.

        ``P = epsilon0 chi3 E^3`` in the real field; of a gas that of its electrons,
        proportional to the number density.
        """
        if self.is_gas:
            return nonlinear.GAS_CHI3[self.name][0] * self.number_density
        value = self._nonlinear_index
        return nonlinear.chi3_from_n2(value.n2, self.refractive_index(value.wavelength))

    @property
    def n2(self) -> float:
        """Nonlinear index, m^2/W: ``n + n2 I``, linear polarisation.

        ``3 chi3 / (4 epsilon0 c n^2)``; no dispersion is known for it, so a gas has
        its index at the middle of the fit's range there, a solid the measured value.
        """
        if self.is_gas:
            index = self.refractive_index(math.sqrt(self.valid[0] * self.valid[1]))
            return nonlinear.n2_from_chi3(self.chi3, index)
        return self._nonlinear_index.n2

    @property
    def nonlinear_source(self) -> str:
        """The publication of `chi3` and `n2`, with the wavelength of a solid's."""
        if self.is_gas:
            return nonlinear.GAS_CHI3[self.name][1]
        value = self._nonlinear_index
        return f"{value.source}, {value.wavelength * 1e9:g} nm"

    def index(self, omega: ArrayLike, *, outside: str = "error") -> Floats:
        """Return the refractive index at angular frequencies, any shape.

        Parameters
        ----------
        omega : array_like
            rad/s.
        outside : str
            Beyond the range of the fit: ``"error"`` raises; ``"hold"`` keeps the
            value of the edge; ``"extend"`` follows the formula until the
            susceptibility is twice or half its value at the edge (a resonance is
            near), and keeps that value beyond. Kept values serve grids that are wider
            than the light: they are smooth, and wrong.
        """
        whole: Floats = np.sqrt(1.0 + self.susceptibility(omega, outside=outside))
        return whole

    def susceptibility(self, omega: ArrayLike, *, outside: str = "error") -> Floats:
        """Return ``n^2 - 1``; of a gas proportional to its number density.

        The arguments are those of `index`.
        """
        checks.one_of("outside", outside, OUTSIDE)
        frequency = np.asarray(omega, dtype=np.float64)
        if not np.all(np.isfinite(frequency)):
            raise InvalidValue(
                "omega must hold finite numbers in rad/s, got nan or infinity."
            )
        fit = self._coefficients
        with np.errstate(divide="ignore"):
            microns = 2e6 * np.pi * SPEED_OF_LIGHT / np.abs(frequency)
        low, high = fit.followed() if outside == "extend" else (fit.low, fit.high)
        if outside == "error":
            self._check_range(microns)
        return self._relative_density * fit.susceptibility(np.clip(microns, low, high))

    def refractive_index(self, wavelength: float) -> float:
        """Return the refractive index at a vacuum ``wavelength`` (m)."""
        return float(self.index_series(wavelength, 0)[0])

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
        return beta_of_series(self.index_series(wavelength, order), wavelength)

    def betas(self, wavelength: float, highest: int = 10) -> tuple[float, ...]:
        """Return beta2 to beta of order ``highest``, as `qleap.laser.Fibre` wants."""
        last = checks.count("highest", highest, 2, 20)
        return tuple(self.beta(order, wavelength) for order in range(2, last + 1))

    def index_series(self, wavelength: float, order: int) -> Floats:
        """Return the Taylor coefficients of n in ``omega/omega0 - 1``.

        Parameters
        ----------
        wavelength : float
            Of omega0 in vacuum, m.
        order : int
            Highest power.
        """
        value = checks.positive("wavelength", wavelength, "m")
        self._check_range(np.array([value * 1e6]))
        square = self._relative_density * self._coefficients.susceptibility_series(
            value * 1e6, order
        )
        square[0] += 1.0
        return series.square_root(square)

    @property
    def _gas(self) -> Gas:
        if not self.is_gas:
            raise InvalidValue(
                f"density and ionisation energy are for gases, but {self.name} is none."
            )
        return GASES[self.name]

    @property
    def _published(self) -> Mapping[str, Coefficients]:
        return GASES[self.name].fits if self.is_gas else SOLIDS[self.name]

    @property
    def _coefficients(self) -> Coefficients:
        return self._published[self.fit or self.fits[0]]

    @property
    def _relative_density(self) -> float:
        if not self.is_gas:
            return 1.0
        return self.number_density / self._coefficients.reference_density

    @property
    def _nonlinear_index(self) -> nonlinear.NonlinearIndex:
        if self.name not in nonlinear.SOLID_N2:
            raise InvalidValue(
                f"no nonlinear index of {self.name} is known here; known are those of "
                f"{', '.join(nonlinear.SOLID_N2)}."
            )
        return nonlinear.SOLID_N2[self.name]

    def _check_range(self, microns: Floats) -> None:
        fit = self._coefficients
        # Frequencies made from the edges themselves may be off by rounding.
        beyond = (microns < fit.low * (1 - 1e-12)) | (microns > fit.high * (1 + 1e-12))
        if np.any(beyond):
            got = float(microns[beyond].flat[0])
            raise InvalidValue(
                f"wavelength must lie between {fit.low:g} and {fit.high:g} um "
                f"for {self.name} ({fit.source}), got {got:g} um."
            )


def beta_of_series(index: Floats, wavelength: float) -> float:
    """Return the highest derivative of the wave number that ``index`` allows.

    Parameters
    ----------
    index : ndarray
        Taylor coefficients of n in ``omega/omega0 - 1``.
    wavelength : float
        Of omega0 in vacuum, m.
    """
    order = index.size - 1
    # k = n omega / c with omega = omega0 (1 + x), so its series is n (1 + x).
    before = index[order - 1] if order > 0 else 0.0
    omega0 = 2.0 * math.pi * SPEED_OF_LIGHT / wavelength
    scale = math.factorial(order) * omega0 ** (1 - order) / SPEED_OF_LIGHT
    return float((index[order] + before) * scale)
