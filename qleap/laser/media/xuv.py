"""Refraction and absorption in the extreme ultraviolet, from tables of the elements.

``n = 1 - delta + i beta = 1 - (r_e lambda^2 / 2 pi) N sum (f1 - i f2)`` for fields that
go as exp(-i omega t), with the scattering factors f1, f2 of free atoms (Henke,
Gullikson and Davis 1993, eq. 1): bonds, and so the fine structure within some ten
electronvolts above an edge, are not in them.
"""

import math
import threading
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import (
    AVOGADRO,
    BOLTZMANN,
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidValue, MissingExtra

__all__ = ["XUV_TABLES", "XuvMedium", "better_tables"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

XUV_TABLES: Final = {
    "henke": "B. L. Henke, E. M. Gullikson and J. C. Davis, At. Data Nucl. Data Tables "
    "54, 181 (1993), with the later updates of CXRO, as periodictable ships them",
    "chantler": "C. T. Chantler, J. Phys. Chem. Ref. Data 24, 71 (1995) and 29, 597 "
    "(2000), as xraydb ships them",
}
"""Names of the tables to their sources."""

RANGES: Final = {"henke": (30.0, 30e3), "chantler": (10.0, 400e3)}
"""Photon energies, eV, between which f1 and f2 are tabulated."""

_loading = threading.Lock()
"""periodictable loads tables at their first use, and not for two threads at once."""


def better_tables(omega: float) -> str:
    """Return the name of the better tables that reach down to ``omega`` (rad/s)."""
    reached = omega * HBAR >= RANGES["henke"][0] * ELEMENTARY_CHARGE
    return "henke" if reached else "chantler"


ELECTRON_RADIUS: Final = ELEMENTARY_CHARGE**2 / (
    4.0 * math.pi * VACUUM_PERMITTIVITY * ELECTRON_MASS * SPEED_OF_LIGHT**2
)
"""Classical, m."""


@dataclass(frozen=True, kw_only=True, slots=True)
class XuvMedium:
    """Matter of known composition and density in the extreme ultraviolet.

    Parameters
    ----------
    formula : str
        Chemical, such as ``"Al"`` or ``"Si3N4"``.
    mass_density : float, optional
        kg/m^3. Of solid elements that at room temperature by default; films are often
        some per cent lighter.
    tables : str
        One of `XUV_TABLES`: ``"henke"``, 30 eV to 30 keV, follows measurements below
        200 eV, where ``"chantler"`` (10 eV and above) is off by up to a factor of 2.5
        in absorption. Both need ``qleap[xray]``.
    """

    formula: str
    mass_density: float | None = None
    tables: str = "henke"

    def __post_init__(self) -> None:
        checks.one_of("tables", self.tables, list(XUV_TABLES))
        _molar_mass(self.formula)
        if self.mass_density is None:
            density = _tabulated_density(self.formula)
            object.__setattr__(self, "mass_density", density)
        checks.positive("mass_density", self.mass_density, "kg/m^3")

    @classmethod
    def gas(
        cls,
        formula: str,
        *,
        pressure: float,
        temperature: float = 293.15,
        tables: str = "henke",
    ) -> Self:
        """Return an ideal gas of molecules ``formula`` (``"Ar"``, ``"N2"``).

        Parameters
        ----------
        formula : str
            Of one molecule.
        pressure, temperature : float
            Pa and K.
        tables : str
            As in the class.
        """
        checks.positive("pressure", pressure, "Pa")
        checks.positive("temperature", temperature, "K")
        moles = pressure / (BOLTZMANN * temperature * AVOGADRO)
        density = moles * _molar_mass(formula)
        return cls(formula=formula, mass_density=density, tables=tables)

    @property
    def number_density(self) -> float:
        """Formula units per volume, 1/m^3."""
        assert self.mass_density is not None  # set when the medium is made
        return self.mass_density / _molar_mass(self.formula) * AVOGADRO

    @property
    def source(self) -> str:
        """The publication of the tables."""
        return XUV_TABLES[self.tables]

    @property
    def valid(self) -> tuple[float, float]:
        """Lowest and highest angular frequency of the tables, rad/s."""
        low, high = RANGES[self.tables]
        return low * ELEMENTARY_CHARGE / HBAR, high * ELEMENTARY_CHARGE / HBAR

    def scattering_factors(self, omega: ArrayLike) -> Complex:
        """Return ``f1 + i f2`` of one formula unit at angular frequencies (rad/s)."""
        energy = np.asarray(omega, np.float64) * HBAR / ELEMENTARY_CHARGE
        low, high = RANGES[self.tables]
        beyond = ~((energy >= low * (1 - 1e-9)) & (energy <= high * (1 + 1e-9)))
        if np.any(beyond):
            raise InvalidValue(
                f"omega must be of photons between {low:g} and {high:g} eV, where "
                f"{self.tables!r} is tabulated, got {float(energy[beyond].flat[0]):g} "
                "eV."
            )
        total = np.zeros(energy.shape, np.complex128)
        for symbol, count in _atoms(self.formula).items():
            total += count * _element(symbol, self.tables, energy)
        return total

    def index(self, omega: ArrayLike) -> Complex:
        """Return the complex index ``1 - delta + i beta`` at ``omega`` (rad/s)."""
        frequency = np.asarray(omega, np.float64)
        factors = np.conj(self.scattering_factors(frequency))
        wavelength = 2.0 * np.pi * SPEED_OF_LIGHT / frequency
        scale = ELECTRON_RADIUS * wavelength**2 / (2.0 * np.pi) * self.number_density
        return np.asarray(1.0 - scale * factors)

    def attenuation_length(self, omega: ArrayLike) -> Floats:
        """Return the path (m) on which the intensity falls to 1/e."""
        frequency = np.asarray(omega, np.float64)
        beta = self.index(frequency).imag
        return np.asarray(SPEED_OF_LIGHT / (2.0 * frequency * beta))

    def transmission(self, omega: ArrayLike, thickness: float) -> Floats:
        """Return the part of the intensity behind ``thickness`` (m), no reflections."""
        checks.non_negative("thickness", thickness, "m")
        return np.asarray(np.exp(-thickness / self.attenuation_length(omega)))


def _periodictable() -> ModuleType:
    """Return the package with the elements and Henke's tables."""
    try:
        import periodictable
    except ImportError as error:
        raise MissingExtra(
            "optical constants of the extreme ultraviolet come with periodictable and "
            "xraydb, which are not installed; pip install 'qleap[xray]' adds them."
        ) from error
    module: ModuleType = periodictable
    return module


@lru_cache(maxsize=256)
def _formula(text: str) -> Any:
    try:
        parsed = _periodictable().formula(text)
    except ValueError as error:
        raise InvalidValue(
            f"formula must be a chemical formula such as 'Al2O3', got {text!r}."
        ) from error
    if not parsed.atoms:
        raise InvalidValue("formula must name at least one element, got nothing.")
    return parsed


def _atoms(formula: str) -> dict[str, float]:
    return {str(a.symbol): float(n) for a, n in _formula(formula).atoms.items()}


def _molar_mass(formula: str) -> float:
    """Return kg/mol."""
    return float(_formula(formula).mass) * 1e-3


def _tabulated_density(formula: str) -> float:
    """Return the density (kg/m^3) of a solid element."""
    parsed = _formula(formula)
    gases = {"H", "He", "N", "O", "F", "Ne", "Cl", "Ar", "Kr", "Xe"}
    if len(parsed.atoms) != 1 or gases & set(_atoms(formula)):
        raise InvalidValue(
            f"mass_density of {formula} is not tabulated; give it in kg/m^3, or use "
            "XuvMedium.gas with a pressure."
        )
    return float(parsed.density) * 1e3


@lru_cache(maxsize=64)
def _henke(symbol: str) -> tuple[Floats, Floats, Floats]:
    """Return the logarithm of the energy (eV), f1 and the logarithm of f2."""
    with _loading:
        table = getattr(_periodictable(), symbol).xray.sftable
    if table is None:
        raise InvalidValue(f"formula must have tabulated elements, {symbol} is none.")
    energy, f1, f2 = np.asarray(table, np.float64)
    kept = np.isfinite(f1) & (f2 > 0.0) & (energy > 0.02)
    return np.log(energy[kept] * 1e3), f1[kept], np.log(f2[kept])


def _element(symbol: str, tables: str, energy: Floats) -> Complex:
    """Return ``f1 + i f2`` of one element at energies in eV."""
    if tables == "henke":
        grid, f1, log_f2 = _henke(symbol)
        at = np.log(energy)
        return np.asarray(
            np.interp(at, grid, f1) + 1j * np.exp(np.interp(at, grid, log_f2))
        )
    try:
        import xraydb
    except ImportError as error:
        raise MissingExtra(
            "Chantler's tables come with xraydb, which is not installed; "
            "pip install 'qleap[xray]' adds it."
        ) from error
    flat = np.atleast_1d(energy).ravel()
    # xraydb tabulates the anomalous part, without the number of electrons.
    f1 = xraydb.atomic_number(symbol) + xraydb.f1_chantler(symbol, flat)
    both = f1 + 1j * xraydb.f2_chantler(symbol, flat)
    return np.asarray(both, np.complex128).reshape(energy.shape)
