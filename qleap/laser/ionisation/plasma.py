"""What free electrons do to light, and how they vanish again.

The electrons are cold, free and collide at one rate (Drude). Refraction of the neutral
gas is not included.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from qleap.core import checks
from qleap.core.constants import (
    BOLTZMANN,
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidValue

__all__ = [
    "absorption_coefficient",
    "blue_shift",
    "collision_rate",
    "critical_density",
    "density_after",
    "plasma_focal_length",
    "plasma_frequency",
    "plasma_index",
    "radiative_recombination",
    "three_body_recombination",
    "train_density",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def plasma_frequency(density: ArrayLike) -> Floats:
    """Return the plasma's angular frequency ``sqrt(n e^2 / (eps0 m))``, rad/s.

    ``density`` of electrons in 1/m^3.
    """
    n = _densities(density)
    scale = ELEMENTARY_CHARGE**2 / (VACUUM_PERMITTIVITY * ELECTRON_MASS)
    return np.sqrt(scale * n)


def critical_density(wavelength: float) -> float:
    """Return the density (1/m^3) whose plasma frequency is that of the light.

    1.115e27 1/m^3 over the square of the vacuum wavelength in micrometres.
    """
    omega = _omega(wavelength)
    scale = VACUUM_PERMITTIVITY * ELECTRON_MASS / ELEMENTARY_CHARGE**2
    return scale * omega**2


def plasma_index(
    density: ArrayLike, wavelength: float, *, collision_rate: float = 0.0
) -> Complex:
    """Return the complex refractive index of free electrons (Drude).

    ``n^2 = 1 - n_e / (n_c (1 + i nu/omega))``; fields go as ``exp(-i omega t)``, so
    that a positive imaginary part is loss.

    Parameters
    ----------
    density : array-like
        Of electrons, 1/m^3.
    wavelength : float
        In vacuum, m.
    collision_rate : float
        Of electrons with ions or atoms, 1/s.
    """
    nu = checks.non_negative("collision_rate", collision_rate, "1/s")
    share = _densities(density) / critical_density(wavelength)
    square = 1.0 - share / (1.0 + 1j * nu / _omega(wavelength))
    return np.asarray(np.sqrt(square), np.complex128)


def absorption_coefficient(
    density: ArrayLike, wavelength: float, *, collision_rate: float
) -> Floats:
    """Return the loss of intensity by inverse bremsstrahlung, 1/m.

    ``2 Im(n) omega/c`` of `plasma_index`, arguments as there.
    """
    index = plasma_index(density, wavelength, collision_rate=collision_rate)
    return np.asarray(2.0 * _omega(wavelength) / SPEED_OF_LIGHT * index.imag)


def collision_rate(
    density: ArrayLike,
    temperature: float,
    *,
    charge: float = 1.0,
    coulomb_logarithm: float = 10.0,
) -> Floats:
    """Return the rate at which electrons collide with ions, 1/s (Spitzer).

    ``4 sqrt(2 pi) n Z e^4 ln L / (3 (4 pi eps0)^2 sqrt(m) (k T)^(3/2))``, which is
    2.91e-6 n ln L T^(-3/2) with n in 1/cm^3 and T in eV: NRL Plasma Formulary.

    Parameters
    ----------
    density : array-like
        Of electrons, 1/m^3.
    temperature : float
        Of the electrons, K.
    charge : float
        Of the ions.
    coulomb_logarithm : float
        2 to 10 in dense cold plasmas of gases; the formula holds above 2.
    """
    thermal = BOLTZMANN * checks.positive("temperature", temperature, "K")
    z = checks.positive("charge", charge)
    log = checks.positive("coulomb_logarithm", coulomb_logarithm)
    coulomb = ELEMENTARY_CHARGE**2 / (4.0 * math.pi * VACUUM_PERMITTIVITY)
    scale = 4.0 * math.sqrt(2.0 * math.pi) / 3.0 * z * log * coulomb**2
    return _densities(density) * scale / math.sqrt(ELECTRON_MASS * thermal**3)


def radiative_recombination(temperature: float, *, charge: float = 1.0) -> float:
    """Return the coefficient of radiative recombination, m^3/s.

    ``2.7e-19 Z^2 / sqrt(T/eV)``, for 1 eV < T/Z^2 < 15 eV: NRL Plasma Formulary, as
    quoted by several open programs.
    """
    volts = _electronvolts(temperature)
    return 2.7e-19 * checks.positive("charge", charge) ** 2 / math.sqrt(volts)


def three_body_recombination(temperature: float) -> float:
    """Return the coefficient of recombination with two electrons, m^6/s.

    ``8.75e-39 (T/eV)^(-9/2)`` for singly charged ions: Zel'dovich and Raizer, and the
    NRL Plasma Formulary, as quoted by several open programs.
    """
    return float(8.75e-39 * _electronvolts(temperature) ** -4.5)


def density_after(
    density: float,
    times: ArrayLike,
    *,
    attachment: float = 0.0,
    two_body: float = 0.0,
    three_body: float = 0.0,
) -> Floats:
    """Return the density of electrons at ``times`` (s) after ``density`` (1/m^3).

    ``dn/dt = -attachment n - two_body n^2 - three_body n^3``.

    Parameters
    ----------
    density : float
        At time zero, 1/m^3.
    times : array-like
        s, not below zero, in any order.
    attachment : float
        Rate at which molecules take electrons, or they drift away, 1/s.
    two_body : float
        Of dissociative (molecular ions) or radiative recombination, m^3/s.
    three_body : float
        m^6/s.
    """
    start = checks.non_negative("density", density, "1/m^3")
    when = np.atleast_1d(np.asarray(times, np.float64))
    if not np.isfinite(when).all() or (when < 0.0).any():
        raise InvalidValue(f"times must be finite and >= 0 s, got {times!r:.60}.")
    a = checks.non_negative("attachment", attachment, "1/s")
    b = checks.non_negative("two_body", two_body, "m^3/s") * start
    c = checks.non_negative("three_body", three_body, "m^6/s") * start**2
    if start == 0.0 or when.size == 0 or when.max() == 0.0 or a + b + c == 0.0:
        return np.full(np.shape(times), start)

    def slope(_: float, log: Floats) -> Floats:
        share = np.exp(log)
        return np.asarray(-(a + share * (b + share * c)))

    order = np.unique(when)
    found = solve_ivp(
        slope, (0.0, order[-1]), [0.0], "LSODA", order, rtol=1e-10, atol=1e-12
    )
    share = np.exp(found.y[0])[np.searchsorted(order, when)]
    return np.asarray(start * share).reshape(np.shape(times))


def train_density(
    fraction: float,
    number_density: float,
    period: float,
    n_pulses: int,
    **losses: float,
) -> Floats:
    """Return the density of electrons just before each pulse of a train, 1/m^3.

    Parameters
    ----------
    fraction : float
        Of the atoms left that one pulse ionises.
    number_density : float
        Of atoms and ions together, 1/m^3.
    period : float
        Between pulses, s.
    n_pulses : int
    **losses
        ``attachment``, ``two_body``, ``three_body`` of `density_after`.
    """
    share = checks.probability("fraction", fraction)
    atoms = checks.positive("number_density", number_density, "1/m^3")
    wait = checks.positive("period", period, "s")
    before = np.zeros(checks.count("n_pulses", n_pulses))
    for i in range(1, before.size):
        made = before[i - 1] + share * (atoms - before[i - 1])
        before[i] = density_after(float(made), [wait], **losses)[0]
    return before


def blue_shift(density_rate: ArrayLike, length: float, wavelength: float) -> Floats:
    """Return the shift of the angular frequency by a growing plasma, rad/s.

    ``omega L / (2 c n_c) dn_e/dt``, positive while electrons appear: Wood, Siders and
    Downer, Phys. Rev. Lett. 67, 3523 (1991). For densities far below critical.

    Parameters
    ----------
    density_rate : array-like
        dn_e/dt seen by one part of the pulse all along, 1/(m^3 s).
    length : float
        Of the plasma, m.
    wavelength : float
        In vacuum, m.
    """
    way = checks.non_negative("length", length, "m")
    scale = _omega(wavelength) / (2.0 * SPEED_OF_LIGHT * critical_density(wavelength))
    return np.asarray(density_rate, np.float64) * scale * way


def plasma_focal_length(
    density: float, width: float, length: float, wavelength: float
) -> float:
    """Return the focal length (m, negative) of a plasma ``n_e (1 - r^2/width^2)``.

    ``-n_c width^2 / (n_e L)`` of a thin layer of thickness ``length``, by the phase
    ``omega/c L (-n_e/2 n_c)``.
    """
    n = checks.positive("density", density, "1/m^3")
    w = checks.positive("width", width, "m")
    way = checks.positive("length", length, "m")
    return -critical_density(wavelength) * w**2 / (n * way)


def _omega(wavelength: float) -> float:
    length = checks.positive("wavelength", wavelength, "m")
    return 2.0 * math.pi * SPEED_OF_LIGHT / length


def _electronvolts(temperature: float) -> float:
    kelvin = checks.positive("temperature", temperature, "K")
    return BOLTZMANN * kelvin / ELEMENTARY_CHARGE


def _densities(density: ArrayLike) -> Floats:
    n = np.asarray(density, np.float64)
    if not np.isfinite(n).all() or (n < 0.0).any():
        raise InvalidValue(
            f"density must be finite and >= 0 1/m^3, got {density!r:.60}."
        )
    return n
