r"""The chirp of attosecond pulses: what it is by the laws of motion, what undoes it.

An electron that is set free at the phase :math:`\varphi_i` of
:math:`E=E_0\cos\varphi` comes back at :math:`\varphi_r` with the kinetic energy
:math:`2U_p(\sin\varphi_r-\sin\varphi_i)^2`. Short paths bring higher energies later, so
that the group delay dispersion

.. math:: \frac{dt_r}{d\omega}=\frac{\hbar}{\omega_0U_p}\,
    \frac{d\varphi_r}{d(E_\mathrm{kin}/U_p)}

is positive, and goes as :math:`1/(I\lambda)`.

References
----------
Y. Mairesse et al., Science 302, 1540 (2003): harmonics are not emitted together.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from qleap.core import checks
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.attosecond.bursts import find_bursts
from qleap.laser.attosecond.elements import ThinFilm
from qleap.laser.media.xuv import XuvMedium
from qleap.laser.pulses.elements import through
from qleap.laser.pulses.intensity import ponderomotive_energy
from qleap.laser.pulses.light import Light, carrier
from qleap.laser.pulses.sampled import SampledPulse, to_samples

__all__ = ["CompensatingFilm", "compensating_film", "short_path_chirp"]

CUTOFF: Final = 3.17313
"""Largest kinetic energy of a return, in ponderomotive energies."""

TRIES: Final = 31
"""Thicknesses that are tried first."""

EARLIEST: Final = 0.3134
"""Phase at which the path of the cutoff begins, rad."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompensatingFilm:
    """The film behind which a burst is shortest.

    Parameters
    ----------
    film : ThinFilm
    light : SampledPulse
        Behind it.
    fwhm_before, fwhm, limit : float
        Of the strongest burst before and behind the film, and of its spectrum there, s.
    transmission : float
        Share of the energy that passes.
    """

    film: ThinFilm
    light: SampledPulse
    fwhm_before: float
    fwhm: float
    limit: float
    transmission: float

    def __str__(self) -> str:
        """Return the figures in a line."""
        return (
            f"{self.film.thickness * 1e9:.0f} nm of {self.film.medium.formula}: "
            f"{self.fwhm_before * 1e18:.0f} as to {self.fwhm * 1e18:.0f} as (limit "
            f"{self.limit * 1e18:.0f} as), {100.0 * self.transmission:.3g} % pass"
        )


def compensating_film(
    light: Light,
    medium: XuvMedium,
    *,
    thickest: float = 2e-6,
    within: tuple[float, float] = (-math.inf, math.inf),
) -> CompensatingFilm:
    """Return the thickness of a film at which the strongest burst is shortest.

    Parameters
    ----------
    light : Light
        Attosecond pulses, within the tables of ``medium``.
    medium : XuvMedium
        Of negative dispersion there: aluminium below 49 eV, silicon below 69 eV,
        beryllium below 80 eV, boron below 140 eV, zirconium from 60 to 145 eV. Nearer
        to its edge a medium stretches instead.
    thickest : float
        Largest thickness tried, m. A result there, or at 0, is the end of the search
        and no optimum.
    within : (float, float)
        Times between which the burst lies, s, as in `find_bursts`: one of a train.

    Notes
    -----
    The film also shapes the spectrum: what is shortest need not be where the chirp
    vanishes.
    """
    if not isinstance(medium, XuvMedium):
        raise InvalidKind(f"medium must be an XuvMedium, got {medium!r:.60}.")
    most = checks.positive("thickest", thickest, "m")
    whole = light if isinstance(light, SampledPulse) else to_samples(light)

    def behind(thickness: float) -> SampledPulse:
        film = ThinFilm(medium=medium, thickness=thickness)
        return through(whole, film, grid=whole.grid)

    best = _shortest(lambda x: find_bursts(behind(x), within=within).fwhm, most)
    before = find_bursts(whole, within=within)
    after = find_bursts(behind(best), within=within)
    return CompensatingFilm(
        film=ThinFilm(medium=medium, thickness=best),
        light=behind(best),
        fwhm_before=before.fwhm,
        fwhm=after.fwhm,
        limit=after.limit,
        transmission=behind(best).energy / whole.energy,
    )


def _shortest(duration: Callable[[float], float], most: float) -> float:
    """Return the thickness of least duration: a scan, then Brent's method."""
    from scipy.optimize import minimize_scalar

    tried = np.linspace(0.0, most, TRIES)
    durations = [duration(float(x)) for x in tried]
    best = int(np.argmin(durations))
    ends = float(tried[max(best - 1, 0)]), float(tried[min(best + 1, TRIES - 1)])
    scale = durations[best]
    found = minimize_scalar(
        lambda x: duration(float(x)) / scale, bounds=ends, method="bounded",
        options={"xatol": 1e-4 * most},
    )  # fmt: skip
    return float(found.x) if found.fun <= 1.0 else float(tried[best])


def short_path_chirp(
    intensity: float, wavelength: float, kinetic_energy: float
) -> float:
    r"""Return the classical chirp of short paths, :math:`dt_r/d\omega`, s^2.

    Parameters
    ----------
    intensity : float
        Cycle-averaged, W/m^2.
    wavelength : float
        m.
    kinetic_energy : float
        Of the electron that returns (photon energy less ionisation energy), J; above 0
        and below the cutoff at 3.17 ponderomotive energies.
    """
    up = ponderomotive_energy(
        checks.positive("intensity", intensity, "W/m^2"),
        checks.positive("wavelength", wavelength, "m"),
    )
    scaled = checks.positive("kinetic_energy", kinetic_energy, "J") / up
    if scaled >= CUTOFF:
        raise InvalidValue(
            f"kinetic_energy must be < {CUTOFF * up:.4g} J, the most of any return, "
            f"got {kinetic_energy:.4g}."
        )
    began = _begin(scaled)
    back = _return(began)
    speed = math.sin(back) - math.sin(began)
    later = (back - began) * math.cos(began) / speed
    gained = 4.0 * speed * (math.cos(back) * later - math.cos(began))
    return HBAR / (carrier(wavelength) * up) * later / gained


def _begin(scaled: float) -> float:
    """Return the phase at which the short path of an energy (in U_p) begins, rad."""
    from scipy.optimize import brentq

    def missing(began: float) -> float:
        return 2.0 * (math.sin(_return(began)) - math.sin(began)) ** 2 - scaled

    return float(brentq(missing, EARLIEST, 0.5 * math.pi - 1e-6, xtol=1e-13))


def _return(began: float) -> float:
    """Return the phase at which an electron comes back for the first time, rad."""
    from scipy.optimize import brentq

    def place(phase: float) -> float:
        way = math.cos(phase) - math.cos(began)
        return way + (phase - began) * math.sin(began)

    # It turns round where its speed vanishes, and comes back after that.
    turn = math.pi - began
    return float(brentq(place, turn, 2.0 * math.pi, xtol=1e-13))
