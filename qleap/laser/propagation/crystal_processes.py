"""Which three waves can mix in a crystal, and the direction in which they match."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from qleap.core.errors import InvalidValue
from qleap.laser.media.crystals import Crystal
from qleap.laser.media.mixing import ThreeWaveMixing
from qleap.laser.propagation.given import check_kind

__all__ = ["Line", "direction", "matched", "mixings", "new_lines"]

COINCIDE = 1e-4
"""Relative distance of carriers that count as one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A carrier and the polarisation it enters with.

    Parameters
    ----------
    wavelength : float
        In vacuum, m.
    polarisation : str
        Of the crystal's two.
    """

    wavelength: float
    polarisation: str


def new_lines(wavelengths: Sequence[float], crystal: Crystal) -> list[float]:
    """Return the carriers, their sums and differences where the crystal has indices.

    In vacuum wavelengths (m), ascending, each once, with ten digits: they are labels.
    """
    given = [1.0 / wavelength for wavelength in wavelengths]
    found = list(given)
    for a, b in combinations_with_replacement(given, 2):
        found += [a + b, abs(a - b)]
    short, long = crystal.valid
    kept: list[float] = []
    for inverse in sorted(found, reverse=True):
        inside = inverse > 0.0 and short <= 1.0 / inverse <= long
        if inside and not (kept and inverse > (1.0 - COINCIDE) / kept[-1]):
            kept.append(float(f"{1.0 / inverse:.10g}"))
    return kept


def mixings(lines: Sequence[Line], crystal: Crystal) -> list[ThreeWaveMixing]:
    """Return all mixings of second order that the entering lines drive directly.

    Sums of two of them, and differences, in which the third wave has either
    polarisation; only between wavelengths that the crystal has indices for.
    """
    found: list[ThreeWaveMixing] = []
    for a, b in combinations_with_replacement(lines, 2):
        pair = (a.wavelength, b.wavelength)
        letters = a.polarisation + b.polarisation
        for third in crystal.polarisations:
            candidates = [(pair, letters + third)]
            if abs(pair[0] / pair[1] - 1.0) > COINCIDE:
                high, low = (a, b) if pair[0] < pair[1] else (b, a)
                idler = 1.0 / (1.0 / high.wavelength - 1.0 / low.wavelength)
                names = low.polarisation + third + high.polarisation
                candidates.append(((low.wavelength, idler), names))
            for waves, names in candidates:
                mixing = ThreeWaveMixing(
                    crystal=crystal, wavelengths=waves, polarisations=names
                )
                if _inside(mixing):
                    found.append(mixing)
    return found


def matched(
    asked: str | ThreeWaveMixing, lines: Sequence[Line], crystal: Crystal
) -> ThreeWaveMixing:
    """Return the mixing that is asked for, by itself or by three letters.

    Letters mean doubling of the only wavelength that enters.
    """
    if isinstance(asked, ThreeWaveMixing):
        if asked.crystal != crystal:
            raise InvalidValue(
                f"phase_matched must be a mixing in {crystal.name}, got one in "
                f"{asked.crystal.name}."
            )
        return asked
    check_kind("phase_matched", asked, str, 'take "ooe" or a ThreeWaveMixing')
    first = lines[0].wavelength
    if any(abs(line.wavelength / first - 1.0) > COINCIDE for line in lines):
        raise InvalidValue(
            "phase_matched must be a ThreeWaveMixing where several wavelengths enter "
            f"(letters mean doubling), got {asked!r}."
        )
    return ThreeWaveMixing.second_harmonic(crystal, first, asked)


def direction(
    mixing: ThreeWaveMixing, theta: float | None, phi: float | None
) -> tuple[float, float]:
    """Return theta and phi (rad) where the phases match and d_eff is largest.

    An angle that is given stays. In a uniaxial crystal an azimuth that is not given is
    sought in steps of 15 degrees up to a right angle. In a biaxial one a polar angle
    that is not given may lie beyond a right angle: the phases match alike there, and
    the nonlinearity may be another (BiBO).
    """
    azimuths = [phi]
    if phi is None and theta is None and mixing.crystal.uniaxial:
        azimuths = [float(x) for x in np.radians(np.arange(0.0, 91.0, 15.0))]
    found = []
    for azimuth in azimuths:
        angles = mixing.matching_angles(theta=theta, phi=azimuth)
        for angle in angles.tolist():
            fixed = azimuth or 0.0
            found.append((angle, fixed) if theta is None else (theta, angle))
            if theta is None and not mixing.crystal.uniaxial:
                found.append((math.pi - angle, fixed))
    if not found:
        raise InvalidValue(
            f"{mixing.crystal.name} does not match {mixing.polarisations} for "
            f"{' and '.join(f'{x * 1e9:.5g} nm' for x in mixing.wavelengths)}; take "
            "other polarisations, another angle, or poling."
        )
    # Ties go to the first one, whatever the last bit says.
    return max(found, key=lambda at: round(mixing.effective_nonlinearity(*at) * 1e18))


def _inside(mixing: ThreeWaveMixing) -> bool:
    short, long = mixing.crystal.valid
    return all(short <= wave <= long for wave in mixing.all_wavelengths)
