r"""How harmonics of many atoms keep in step: mismatch, coherence, absorption.

The mismatch is the rate at which the source of a harmonic runs ahead of the harmonic
itself, :math:`\Delta k = q k_1 + \partial_z\varphi - k_q`; with fields that go as
:math:`e^{-i\omega t}` the phase of the dipole is :math:`\varphi = -\alpha I`.

References
----------
E. Constant et al., Phys. Rev. Lett. 82, 1668 (1999): growth with absorption.
C. M. Heyl et al., J. Phys. B 50, 013001 (2017): the four contributions.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import (
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.macroscopic.drivers import formula_of
from qleap.laser.media.materials import Material
from qleap.laser.media.xuv import XuvMedium, better_tables
from qleap.laser.pulses.light import carrier

__all__ = [
    "Mismatch",
    "absorption_length",
    "constant_growth",
    "critical_ionisation",
    "frequencies",
    "phase_matching_pressure",
    "phase_mismatch",
    "rayleigh_length",
]

Floats = NDArray[np.float64]

FIRST_ROOT: Final = 2.404825557695773
"""Of the Bessel function J0: the mode HE11 of a hollow guide."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mismatch:
    """The contributions to a phase mismatch, rad/m; positive: the source is ahead.

    Parameters
    ----------
    neutral : float
        Of atoms, at the driver and at the harmonic.
    plasma : float
        Of free electrons.
    geometry : float
        Of the focus or of the guide.
    dipole : float
        Of the intensity along the way.
    """

    neutral: float
    plasma: float
    geometry: float
    dipole: float

    @property
    def total(self) -> float:
        """Sum of all four, rad/m."""
        return self.neutral + self.plasma + self.geometry + self.dipole

    @property
    def coherence_length(self) -> float:
        """Length on which the source gains half a period, m; may be infinite."""
        return math.pi / abs(self.total) if self.total else math.inf


def phase_mismatch(
    gas: Material,
    energy: float,
    wavelength: float,
    *,
    ionised: float = 0.0,
    waist: float | None = None,
    core_radius: float | None = None,
    position: float = 0.0,
    peak_intensity: float = 0.0,
    alpha: float = 0.0,
) -> Mismatch:
    r"""Return the phase mismatch of a harmonic on the axis.

    Parameters
    ----------
    gas : Material
        With its pressure and temperature.
    energy : float
        Photon energy of the harmonic, J.
    wavelength : float
        Of the driver in vacuum, m.
    ionised : float
        Share of atoms that have lost an electron.
    waist : float, optional
        Of a Gaussian beam in its focus (1/e^2 of the intensity), m.
    core_radius : float, optional
        Of a hollow guide whose fundamental mode drives, m; instead of a waist.
    position : float
        Behind the focus, m.
    peak_intensity : float
        In the focus, W/m^2.
    alpha : float
        Of the dipole's phase :math:`-\alpha I`, m^2/W: about 25e-18 for long and 1e-18
        to 5e-18 for short trajectories at 800 nm.

    Returns
    -------
    Mismatch

    Notes
    -----
    A focus gives ``-(q - 1) / (z_R (1 + z^2 / z_R^2))``, the harmonic's beam having
    the driver's Rayleigh length; a guide ``-(q - 1/q) c u^2 / (2 omega a^2)``.
    Free electrons change the harmonic's phase too, by 1/q^2 of the driver's.
    """
    check_gas(gas)
    omega, harmonic = frequencies(energy, wavelength)
    order = harmonic / omega
    free = checks.probability("ionised", ionised)
    peak = checks.non_negative("peak_intensity", peak_intensity, "W/m^2")
    density = gas.number_density
    neutral = (
        harmonic / SPEED_OF_LIGHT * (1.0 - free) * _difference(gas, harmonic, omega)
    )
    plasma = -harmonic / SPEED_OF_LIGHT * free * density * _per_electron(omega)
    plasma *= 1.0 - 1.0 / order**2
    geometry, slope = _geometry(order, omega, waist, core_radius, position)
    return Mismatch(
        neutral=neutral,
        plasma=plasma,
        geometry=geometry,
        dipole=-checks.finite("alpha", alpha, "m^2/W") * slope * peak,
    )


def phase_matching_pressure(
    gas: Material,
    energy: float,
    wavelength: float,
    **place: float,
) -> float:
    """Return the pressure at which a harmonic keeps in step, Pa.

    Parameters
    ----------
    gas, energy, wavelength
        As for `phase_mismatch`; the gas's temperature counts, its pressure does not.
    **place
        The other arguments of `phase_mismatch`.

    Raises
    ------
    InvalidValue
        Where no pressure does it: above the critical ionisation behind which electrons
        outweigh the atoms, for example.
    """
    found = phase_mismatch(gas, energy, wavelength, **place)
    ratio = (found.geometry + found.dipole) / -(found.neutral + found.plasma)
    if not ratio > 0.0:
        raise InvalidValue(
            "a pressure must exist at which the gas makes up for the focus, but both "
            f"go the same way (gas {found.neutral + found.plasma:.4g}, geometry "
            f"{found.geometry:.4g}, dipole {found.dipole:.4g} rad/m); take fewer "
            "electrons or another place."
        )
    return ratio * gas.pressure


def critical_ionisation(gas: Material, energy: float, wavelength: float) -> float:
    """Return the share of ionised atoms at which their gas is in step by itself."""
    check_gas(gas)
    omega, harmonic = frequencies(energy, wavelength)
    atoms = _difference(gas, harmonic, omega)
    electrons = gas.number_density * _per_electron(omega)
    electrons *= 1.0 - (omega / harmonic) ** 2
    return atoms / (atoms + electrons)


def absorption_length(gas: Material, energy: float) -> float:
    """Return the length on which a gas absorbs 1 - 1/e of harmonics (J), m."""
    check_gas(gas)
    omega = checks.positive("energy", energy, "J") / HBAR
    found = _xuv(gas, energy).attenuation_length(omega)
    return float(found)


def constant_growth(
    length: ArrayLike, mismatch: ArrayLike, absorption: ArrayLike
) -> Floats:
    r"""Return the photons from a length, over those of its square without hindrance.

    :math:`[1 + e^{-L/L_a} - 2\cos(\Delta k L)\,e^{-L/2L_a}] / [(\Delta k^2 +
    1/4L_a^2)\,L^2]` with the arguments in m, rad/m and m (Constant 1999, eq. 1).
    Lengths are 0 or more, absorption lengths above 0; infinite ones do not absorb.
    """
    distance, away, path = np.broadcast_arrays(
        *(np.asarray(given, np.float64) for given in (length, mismatch, absorption))
    )
    if not (np.isfinite(distance) & (distance >= 0.0)).all():
        raise InvalidValue(f"length must be finite and >= 0 m, got {length!r:.60}.")
    if not np.isfinite(away).all():
        raise InvalidValue(f"mismatch must be finite, in rad/m, got {mismatch!r:.60}.")
    if not (path > 0.0).all():
        raise InvalidValue(f"absorption must be > 0 m, got {absorption!r:.60}.")
    x = 0.5 * distance / path
    y = away * distance
    decay = np.exp(-x)
    grown = (1.0 - decay) ** 2 + 4.0 * decay * np.sin(0.5 * y) ** 2
    square = x**2 + y**2
    return np.asarray(
        np.divide(grown, square, out=np.ones_like(square), where=square > 1e-12)
    )


def check_gas(gas: object) -> None:
    """Raise where this is no material."""
    if not isinstance(gas, Material):
        raise InvalidKind(
            f"gas must be a Material, got {gas!r:.60}; take Material(name='argon') or "
            "another one."
        )


def frequencies(energy: float, wavelength: float) -> tuple[float, float]:
    """Return the angular frequencies of driver and harmonic, rad/s."""
    omega = carrier(checks.positive("wavelength", wavelength, "m"))
    harmonic = checks.positive("energy", energy, "J") / HBAR
    if harmonic <= omega:
        raise InvalidValue(
            f"energy must exceed that of the driver's photons, {HBAR * omega:.4g} J, "
            f"got {energy:.4g}; one eV is 1.602e-19 J."
        )
    return omega, harmonic


def _xuv(gas: Material, energy: float) -> XuvMedium:
    return XuvMedium.gas(
        formula_of(gas.name),
        pressure=gas.pressure,
        temperature=gas.temperature,
        tables=better_tables(energy / HBAR),
    )


def _difference(gas: Material, harmonic: float, omega: float) -> float:
    """Return by how much the driver's index of neutral gas exceeds the harmonic's."""
    there = complex(_xuv(gas, HBAR * harmonic).index(harmonic))
    return 0.5 * float(gas.susceptibility(omega)) - (there.real - 1.0)


def _per_electron(omega: float) -> float:
    """Return by how much an electron per volume lowers the driver's index, m^3."""
    critical = VACUUM_PERMITTIVITY * ELECTRON_MASS * omega**2 / ELEMENTARY_CHARGE**2
    return 0.5 / critical


def rayleigh_length(waist: float, omega: float) -> float:
    """Return the Rayleigh length in vacuum of a waist (m) at omega (rad/s), m."""
    return 0.5 * omega / SPEED_OF_LIGHT * checks.positive("waist", waist, "m") ** 2


def _geometry(
    order: float,
    omega: float,
    waist: float | None,
    core_radius: float | None,
    position: float,
) -> tuple[float, float]:
    """Return the geometry's mismatch (rad/m), and dI/dz over the peak intensity."""
    if waist is not None and core_radius is not None:
        raise InvalidValue(
            "either waist or core_radius must be given, got both; a guide has no focus."
        )
    z = checks.finite("position", position, "m")
    if waist is not None:
        rayleigh = rayleigh_length(waist, omega)
        spread = 1.0 + (z / rayleigh) ** 2
        slope = -2.0 * z / rayleigh**2 / spread**2
        return -(order - 1.0) / (rayleigh * spread), slope
    if core_radius is not None:
        size = checks.positive("core_radius", core_radius, "m")
        guide = SPEED_OF_LIGHT * FIRST_ROOT**2 / (2.0 * omega * size**2)
        return -(order - 1.0 / order) * guide, 0.0
    return 0.0, 0.0
