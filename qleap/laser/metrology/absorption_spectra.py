"""Spectra of dipoles and fields, and the absorption that they make together."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import results
from qleap.core.constants import HBAR, SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidValue
from qleap.laser.propagation.team import blocks

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "ABSORPTION",
    "absorption_dataset",
    "check_turns",
    "decay_from",
    "like",
    "spectrum_of",
    "transform",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

ABSORPTION: Final = "laser.absorption"

DARK: Final = 1e-6
"""Spectral density over its peak below which no cross-section is told."""

FAINT: Final = 1e-12
"""Spectral density over the most that a pulse could have anywhere, at and below which
there is none but rounding."""

AHEAD: Final = 12.0
"""Rises of a decay that lie between its beginning and the pulse's."""

RISE: Final = 4.0
"""Of a decay, radians of the lowest frequency: it makes no light there."""

MOST_TURNS: Final = 2**32
"""Times by uneven energies: about a minute and a half of one core."""

PART: Final = 2**20
"""Times, or times by uneven energies, that are transformed at once."""


def transform(values: Floats, time: Floats, omega: Floats) -> Complex:
    """Return ``step sum f exp(i omega t)`` over the last axis, part by part."""
    from scipy.signal import czt

    step, even = float(time[1] - time[0]), is_even(omega)
    apart = float(np.diff(omega).mean())
    turn, first = np.exp(1j * apart * step), np.exp(-1j * omega[0] * step)
    found = np.zeros((*values.shape[:-1], omega.size), np.complex128)
    for part in blocks(time.size, PART if even else max(1, PART // omega.size)):
        if even:
            summed = czt(values[..., part], m=omega.size, w=turn, a=first, axis=-1)
            found += summed * np.exp(1j * omega * time[part.start])
        else:
            found += values[..., part] @ np.exp(1j * np.outer(time[part], omega))
    return np.asarray(step * found)


def is_even(omega: Floats) -> bool:
    """Return whether frequencies lie so that sums over times are fast."""
    return omega.size > 2 and bool(np.ptp(np.diff(omega)) < 1e-9 * omega[-1])


def check_turns(time: Floats, energy: Floats) -> None:
    """Refuse uneven energies that would take too long."""
    if time.size * energy.size > MOST_TURNS and not is_even(energy):
        raise InvalidValue(
            f"uneven energies must be <= {MOST_TURNS // time.size} for {time.size} "
            f"times, got {energy.size}; even ones (numpy.linspace) are faster by far."
        )


def spectrum_of(field: Floats, time: Floats, omega: Floats) -> Complex:
    """Return the transform of the pulse, V s/m, which is not dark everywhere."""
    found = transform(field, time, omega)
    most = float(np.abs(field).sum() * (time[1] - time[0])) ** 2
    if not (np.abs(found) ** 2).max() > FAINT * most:
        raise InvalidValue(
            "pulse must hold light at the energies, but is dark from "
            f"{HBAR * omega[0]:.4g} to {HBAR * omega[-1]:.4g} J; check the unit (J) "
            "of the energies and the wavelength of the pulse."
        )
    return found


def decay_from(time: Floats, pulse: Floats, rate: float, lowest: float) -> Floats:
    """Return ``exp(-rate t)`` from before a pulse (V/m) on, 1 in its middle.

    Ahead of the pulse it is constant, and bends so slowly that nothing at the
    ``lowest`` frequency comes of it.
    """
    power = pulse**2
    acts = np.flatnonzero(power > FAINT * power.max())[0]
    middle, rise = (time * power).sum() / power.sum(), RISE / lowest
    begin = time[acts] - AHEAD * rise
    since = rise * np.logaddexp(0.0, (time - begin) / rise) - (middle - begin)
    return np.asarray(np.exp(-rate * since))


def like(light: Complex, faded: Complex) -> Complex:
    """Return one spectrum over the other, 1 where there is no light."""
    lit = np.abs(light) ** 2 > DARK * (np.abs(light) ** 2).max()
    return np.where(lit, light / np.where(lit, faded, 1.0), 1.0)


def absorption_dataset(
    delay: Floats,
    energy: Floats,
    moved: Complex,
    light: Complex,
    parameters: dict[str, object],
) -> "xr.Dataset":
    """Return what dipoles, C m s, ``(n_d, n_e)``, take from the pulse, V s/m."""
    density = np.abs(light) ** 2
    lit = density > DARK * density.max()
    response = 2.0 * np.imag(moved * light.conj())
    ratio = np.imag(moved / np.where(lit, light, 1.0))
    section = energy / HBAR / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT) * ratio
    return results.dataset(
        kind=ABSORPTION,
        coords={"delay": (delay, "s"), "energy": (energy, "J")},
        variables={
            "response": (("delay", "energy"), response, "C m V s^2/m"),
            "cross_section": (
                ("delay", "energy"),
                np.where(lit, section, np.nan),
                "m^2",
            ),
            "pulse_density": (("energy",), density, "V^2 s^2/m^2"),
        },
        parameters=parameters,
    )
