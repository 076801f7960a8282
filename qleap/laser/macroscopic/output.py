"""What comes out of a gas: energies, photons, and light on the axis."""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, results
from qleap.core.constants import HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.macroscopic.far import FAR, NEAR
from qleap.laser.pulses.sampled import SampledPulse

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["attosecond_light", "emitted_energy", "emitted_photons"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Band = tuple[float, float]

FADE: Final = 0.05
"""Share of a band at either end over which light is faded in."""


def emitted_energy(data: "xr.Dataset", energies: Band | None = None) -> float:
    """Return the energy between two photon energies (J) behind the gas, J.

    Parameters
    ----------
    data : xarray.Dataset
        Of `generate_harmonics`, or of `far_field` (within its angles and iris).
    energies : (float, float), optional
        Lowest and highest photon energy, J; by default all.
    """
    omega, density = _spectrum(data)
    inside = _inside(omega, energies)
    return float(density[inside].sum() * (omega[1] - omega[0]) / (2.0 * np.pi))


def emitted_photons(data: "xr.Dataset", energies: Band | None = None) -> float:
    """Return the number of photons between two photon energies (J) of a pulse.

    The arguments are those of `emitted_energy`.
    """
    omega, density = _spectrum(data)
    inside = _inside(omega, energies)
    counts = density[inside] / (HBAR * omega[inside])
    return float(counts.sum() * (omega[1] - omega[0]) / (2.0 * np.pi))


def attosecond_light(
    data: "xr.Dataset", energies: Band | None = None, *, place: float = 0.0
) -> SampledPulse:
    """Return the light at one radius or angle as a pulse.

    Parameters
    ----------
    data : xarray.Dataset
        Of `generate_harmonics` or `far_field`.
    energies : (float, float), optional
        Lowest and highest photon energy, J, faded in over a twentieth of the band; by
        default all.
    place : float
        Radius (m) or angle (rad): the nearest one is taken.

    Returns
    -------
    SampledPulse
        Of that place's shape and phase, with all the energy of the beam in that band,
        about the band's middle.
    """
    name, axis = _names(data)
    omega = 2.0 * np.pi * data["frequency"].values
    chosen = int(np.abs(data[axis].values - place).argmin())
    field = data[name].values[chosen]
    low, high = omega[0], omega[-1]
    if energies is not None:
        _inside(omega, energies)
        low, high = band_of(energies)
    fade = FADE * (high - low)
    shown = field * _faded(omega, low, high, fade)
    grid = _grid(omega, low, high)
    found = np.zeros(grid.n_points, np.complex128)
    number = np.rint((grid.omega - omega[0]) / (omega[1] - omega[0])).astype(int)
    known = (number >= 0) & (number < omega.size)
    found[known] = shown[number[known]]
    samples = grid.to_time(found)
    total = float(np.sum(np.abs(samples) ** 2) * grid.step)
    if total == 0.0:
        raise InvalidValue("energies must hold light at that place, there is none.")
    return SampledPulse(
        grid=grid, samples=samples * math.sqrt(emitted_energy(data, energies) / total)
    )


def _grid(omega: Floats, low: float, high: float) -> Grid:
    """Return a grid whose frequencies are those of the data, of up to twice the band.

    All of the band is in it: where a band about its middle would reach below the
    frequency 0, the grid's middle is higher.
    """
    apart = omega[1] - omega[0]
    band = math.floor(high / apart) - math.ceil(low / apart) + 1
    n = 1 << math.ceil(math.log2(max(2 * band, 64)))
    middle = int(np.rint((0.5 * (low + high)) / apart))
    while n >= 2 * middle and n // 2 > band:
        n //= 2
    middle = max(middle, n // 2 + 1)
    return Grid(
        n_points=n,
        window=2.0 * np.pi / apart,
        wavelength=2.0 * np.pi * SPEED_OF_LIGHT / (middle * apart),
    )


def _faded(omega: Floats, low: float, high: float, fade: float) -> Floats:
    up = np.clip((omega - low) / fade, 0.0, 1.0)
    down = np.clip((high - omega) / fade, 0.0, 1.0)
    return np.asarray(np.sin(0.5 * np.pi * up) ** 2 * np.sin(0.5 * np.pi * down) ** 2)


def band_of(energies: Band) -> Band:
    """Return the angular frequencies (rad/s) of two photon energies (J), checked."""
    if np.shape(energies) != (2,):
        raise InvalidValue(
            "energies must be the lowest and the highest photon energy, J, got "
            f"{energies!r:.60}."
        )
    low, high = (checks.positive("energies", e, "J") / HBAR for e in energies)
    if not low < high:
        raise InvalidValue(
            f"energies must be the lowest and the highest, got {energies[0]:g} and "
            f"{energies[1]:g} J; one eV is 1.602e-19 J."
        )
    return low, high


def _names(data: "xr.Dataset") -> tuple[str, str]:
    kind = getattr(data, "attrs", {}).get("kind")
    if kind == NEAR:
        return "near_field", "radius"
    if kind == FAR:
        return "far_field", "angle"
    raise InvalidValue(f"data must be of the kind {NEAR} or {FAR}, got {kind!r}.")


def _spectrum(data: "xr.Dataset") -> tuple[Floats, Floats]:
    """Return angular frequencies and the energy of the whole beam, J/Hz."""
    omega = 2.0 * np.pi * data["frequency"].values
    _names(data)
    if data.attrs["kind"] == NEAR:
        return omega, data["spectrum"].values[-1]
    theta, density = _to_iris(data)
    ring = 2.0 * np.pi * np.sin(theta)[:, None] * density
    return omega, np.asarray(np.trapezoid(ring, theta, axis=0))


def _to_iris(data: "xr.Dataset") -> tuple[Floats, Floats]:
    """Return angles and densities (J/(Hz sr)), cut at the iris and not at an angle."""
    theta, density = data["angle"].values, data["spectrum"].values
    iris = results.parameters(data)["iris"]
    if iris is None or iris >= theta[-1]:
        return theta, density
    n = int(np.searchsorted(theta, iris, side="right"))
    theta, density = theta[:n], density[:n]
    edge = density[-1]
    if n > 1:
        slope = (density[-1] - density[-2]) / (theta[-1] - theta[-2])
        edge = np.maximum(edge + slope * (iris - theta[-1]), 0.0)
    return np.append(theta, iris), np.vstack([density, edge])


def _inside(omega: Floats, energies: Band | None) -> NDArray[np.bool_]:
    if energies is None:
        return np.ones(omega.size, dtype=bool)
    low, high = band_of(energies)
    inside = np.asarray((omega >= low) & (omega <= high))
    if not inside.any():
        apart = (omega[1] - omega[0]) * HBAR
        raise InvalidValue(
            f"energies must hold some of the data's, {apart:.4g} J apart "
            f"between {omega[0] * HBAR:.4g} and {omega[-1] * HBAR:.4g} J, got "
            f"{energies[0]:g} to {energies[1]:g}; one eV is 1.602e-19 J."
        )
    return inside
