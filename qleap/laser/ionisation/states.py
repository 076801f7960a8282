"""What the rate formulas share: units, states, weights and the wave function's size."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from qleap.core import checks
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.ionisation.atoms import Atom, atom

__all__ = ["AMPLITUDES", "barrier_suppression_intensity", "keldysh_parameter"]

Floats = NDArray[np.float64]

AMPLITUDES = ("quantum defect", "s wave", "asymptotic")
"""Where the size of the wave function far from the core comes from."""


def keldysh_parameter(field: ArrayLike, atom: Atom | str, wavelength: float) -> Floats:
    """Return ``omega sqrt(2 m Ip) / (e E)``; small is tunnelling, large multiphoton.

    Parameters
    ----------
    field : array-like
        Peak of the field, V/m, above zero.
    atom : Atom or str
        Or a name of `ATOMS`.
    wavelength : float
        In vacuum, m.

    Raises
    ------
    InvalidValue
        Where a field or the wavelength is not above zero, or the name is unknown.
    """
    strength = fields_au(field)
    if (strength <= 0.0).any():
        raise InvalidValue(
            f"field must be > 0 V/m, got {strength.min()}; without field there is no "
            "Keldysh parameter."
        )
    return np.asarray(omega_au(wavelength) * resolve(atom).kappa / strength)


def barrier_suppression_intensity(atom: Atom | str) -> float:
    """Return the peak intensity (W/m^2) at which the barrier is as low as the level.

    Augst et al., Phys. Rev. Lett. 63, 2212 (1989), eq. (2): in 1e14 W/cm^2 about
    ``4e-5 (Ip/eV)^4/Z^2``. Tunnelling formulas overestimate the rate above it.
    """
    field = resolve(atom).barrier_suppression_field
    return 0.5 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * field**2


def resolve(given: Atom | str) -> Atom:
    """Return an atom that was given by name or as such."""
    if isinstance(given, str):
        return atom(given)
    if not isinstance(given, Atom):
        raise InvalidKind(
            f"atom must be an Atom or the name of one, got {given!r:.60}."
        )
    return given


def fields_au(field: ArrayLike) -> Floats:
    """Return the absolute field in atomic units, checked."""
    values = np.asarray(field)
    if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        raise InvalidValue(
            f"field must be finite real numbers in V/m, got {field!r:.60}; of an "
            "envelope give the absolute value."
        )
    return np.asarray(np.abs(values) / ATOMIC_ELECTRIC_FIELD, np.float64)


def omega_au(wavelength: float) -> float:
    """Return the angular frequency of a vacuum wavelength in atomic units."""
    length = checks.positive("wavelength", wavelength, "m")
    return 2.0 * math.pi * SPEED_OF_LIGHT / length * ATOMIC_TIME


def states(
    atom: Atom, m: int | None, electrons: float | None
) -> Iterator[tuple[int, float]]:
    """Yield ``|m|`` and the number of electrons with it."""
    each = atom.electrons / (2 * atom.l + 1)
    if electrons is not None:
        each = checks.positive("electrons", electrons)
    if m is not None:
        yield abs(checks.count("m", m, -atom.l, atom.l)), each
        return
    for number in range(atom.l + 1):
        yield number, each if number == 0 else 2.0 * each


def log_angular(l: int, m: int) -> float:  # noqa: E741
    """Return the logarithm of ``(2l+1)(l+m)! / (2^m m! (l-m)!)``."""
    top = (2 * l + 1) * math.factorial(l + m)
    return math.log(top / (2**m * math.factorial(m) * math.factorial(l - m)))


def log_amplitude(atom: Atom, amplitude: str, n_star: Floats) -> Floats:
    """Return the logarithm of ``|C_{n* l*}|^2``.

    ``2^(2n*) / (n* Gamma(n* + l* + 1) Gamma(n* - l*))`` with ``l* = n* - 1``
    (``"quantum defect"``) or zero (``"s wave"``), else from the published ``C_l``.
    """
    checks.one_of("amplitude", amplitude, AMPLITUDES)
    if amplitude != "asymptotic":
        l_star = n_star - 1.0 if amplitude == "quantum defect" else 0.0 * n_star
        log = 2.0 * n_star * math.log(2.0) - np.log(n_star)
        log -= gammaln(n_star + l_star + 1.0) + gammaln(n_star - l_star)
        return np.asarray(log)
    if math.isnan(atom.amplitude):
        raise InvalidValue(
            f"no asymptotic amplitude of {atom.name} is known here; set "
            "Atom.amplitude, or take amplitude='quantum defect'."
        )
    kappa = atom.charge / n_star
    return np.asarray(
        2.0 * math.log(atom.amplitude) - (1.0 + 2.0 * n_star) * np.log(kappa)
    )
