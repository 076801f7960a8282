r"""Laws of the cutoff: the highest harmonics of a field, the field that they need."""

import math
from functools import lru_cache
from typing import Final

from qleap.core import checks
from qleap.core.constants import HARTREE
from qleap.core.errors import InvalidValue
from qleap.laser.harmonics.complex_fields import periodic_field
from qleap.laser.harmonics.saddle_points import cutoffs
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.states import resolve
from qleap.laser.pulses.intensity import ponderomotive_energy

__all__ = [
    "cutoff_energy",
    "cutoff_factor",
    "cutoff_intensity",
    "cutoff_wavelength",
]

LAWS: Final = ("quantum", "lewenstein", "classical")

HIGHEST_RETURN: Final = 3.173136567
"""Largest energy of a return in an endless wave, in ponderomotive energies."""

LIMIT: Final = 1.32409
"""Of `cutoff_factor` for strong fields."""

WEAKEST: Final = 20.0
"""Largest ionisation energy over the ponderomotive energy."""


def cutoff_factor(ratio: float) -> float:
    r"""Return :math:`F(I_p/U_p)` of the law :math:`3.17\,U_p + F I_p`.

    Parameters
    ----------
    ratio : float
        :math:`I_p/U_p`, at most 20.

    Notes
    -----
    Short and long quantum paths meet at a complex photon energy; the law is its real
    part (E. Pisanty et al., J. Phys. Photonics 2, 034013 (2020)). The factor goes from
    1.32 in strong fields towards 1, as that of Lewenstein et al., Phys. Rev. A 49, 2117
    (1994).
    """
    return _factor(
        round(checks.between("ratio", ratio, 0.0, WEAKEST * (1.0 + 1e-9)), 9)
    )


def cutoff_energy(
    target: Atom | str,
    peak_intensity: float,
    wavelength: float,
    *,
    law: str = "quantum",
) -> float:
    r"""Return the photon energy at the end of the plateau, J.

    Parameters
    ----------
    target : Atom or str
    peak_intensity : float
        Cycle-averaged, W/m^2.
    wavelength : float
        m.
    law : str
        ``"quantum"``, :math:`3.17 U_p + F(I_p/U_p) I_p`; ``"lewenstein"``, the same
        with :math:`F = 1.32`; ``"classical"``, with :math:`F = 1`.

    Raises
    ------
    InvalidValue
        Where the law is the quantum one and the ponderomotive energy below a twentieth
        of the ionisation energy: such light has no plateau.
    """
    intensity = checks.positive("peak_intensity", peak_intensity, "W/m^2")
    quiver = ponderomotive_energy(intensity, wavelength)
    ip = resolve(target).ionisation_energy
    if law == "quantum" and ip > WEAKEST * quiver:
        lowest = intensity * ip / (WEAKEST * quiver)
        raise InvalidValue(
            f"peak_intensity must be >= {lowest:.4g} W/m^2, where the ponderomotive "
            f"energy is a twentieth of the ionisation energy, got {intensity:.4g}; "
            "weaker light has no plateau, law='lewenstein' goes on."
        )
    return _cutoff(ip, quiver, law)


def cutoff_intensity(
    target: Atom | str, energy: float, wavelength: float, *, law: str = "quantum"
) -> float:
    """Return the peak intensity whose cutoff lies at a photon energy (J), W/m^2.

    Raises
    ------
    InvalidValue
        Where the ponderomotive energy would be below a twentieth of the ionisation
        energy: such light has no plateau.
    """
    return _quiver(target, energy, law) / ponderomotive_energy(1.0, wavelength)


def cutoff_wavelength(
    target: Atom | str, energy: float, peak_intensity: float, *, law: str = "quantum"
) -> float:
    """Return the wavelength whose cutoff lies at a photon energy (J), m.

    Raises
    ------
    InvalidValue
        As `cutoff_intensity`.
    """
    intensity = checks.positive("peak_intensity", peak_intensity, "W/m^2")
    at_one_micrometre = ponderomotive_energy(intensity, 1e-6)
    return 1e-6 * math.sqrt(_quiver(target, energy, law) / at_one_micrometre)


def _cutoff(ip: float, quiver: float, law: str) -> float:
    chosen = checks.one_of("law", law, LAWS)
    if chosen == "quantum":
        factor = cutoff_factor(ip / quiver)
    else:
        factor = 1.0 if chosen == "classical" else 1.32
    return HIGHEST_RETURN * quiver + factor * ip


def _quiver(target: Atom | str, energy: float, law: str) -> float:
    """Return the ponderomotive energy whose cutoff lies at ``energy``, J."""
    from scipy.optimize import brentq

    ip, wanted = (
        resolve(target).ionisation_energy,
        checks.positive("energy", energy, "J"),
    )
    lowest = _cutoff(ip, ip / WEAKEST, law)
    if wanted <= lowest:
        raise InvalidValue(
            f"energy must lie above {lowest:.4g} J, where the ponderomotive energy is "
            f"a twentieth of the ionisation energy, got {wanted:.4g}; lower harmonics "
            "have no plateau and no cutoff."
        )
    found = brentq(
        lambda ratio: _cutoff(ip, ratio * ip, law) / wanted - 1.0,
        1.0 / WEAKEST,
        wanted / (HIGHEST_RETURN * ip),
    )
    return float(found) * ip


@lru_cache(maxsize=1024)
def _factor(ratio: float) -> float:
    if ratio < 1e-3:
        return LIMIT + ratio * (_factor(0.01) - LIMIT) / 0.01
    quiver = 0.5 * HARTREE
    intensity = quiver / ponderomotive_energy(1.0, 800e-9)
    field = periodic_field(800e-9, intensity)
    found = cutoffs(field, 0.5 * ratio, visits=1, weakest=0.5)
    energy = 0.5 * float((found.speed[0] ** 2).real)
    return 1.0 + (energy - 0.5 * HIGHEST_RETURN) / (0.5 * ratio)
