"""Where harmonics of a gas keep in step: maps over pressure, intensity and position."""

import functools
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.core.parallel import Submits, map_points
from qleap.laser.driving import driving_field
from qleap.laser.ionisation.tables import RateTable, rate_table
from qleap.laser.macroscopic.drivers import formula_of
from qleap.laser.macroscopic.phase_matching import (
    absorption_length,
    check_gas,
    constant_growth,
    frequencies,
    phase_mismatch,
    rayleigh_length,
)
from qleap.laser.media.materials import Material
from qleap.laser.pulses.intensity import ponderomotive_energy
from qleap.laser.pulses.light import Light, check_light

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]

__all__ = ["MAP", "phase_matching_map"]

MAP: Final = "laser.phase_matching"


def phase_matching_map(
    gas: Material,
    energy: float,
    light: Light,
    *,
    waist: float,
    pressures: ArrayLike,
    intensities: ArrayLike,
    positions: ArrayLike,
    length: float,
    alpha: float = 2e-18,
    effective_order: float = 5.0,
    rates: RateTable | None = None,
    executor: Submits | None = None,
    workers: int | None = None,
) -> "xr.Dataset":
    """Return how well a harmonic grows over pressure, intensity and position.

    Parameters
    ----------
    gas : Material
        Its name and temperature.
    energy : float
        Of the harmonic, J.
    light : Light
        Driver; its electrons up to the peak of the pulse, whenever it is, count.
    waist : float
        Of the beam in its focus, m.
    pressures : array_like
        Pa.
    intensities : array_like
        Peak intensities in the focus, W/m^2.
    positions : array_like
        Of the gas's middle behind the focus, m.
    length : float
        Of the gas, short against the Rayleigh length, m.
    alpha : float
        Of the dipole's phase, m^2/W.
    effective_order : float
        Power of the field with which an atom's dipole goes in the plateau; beyond the
        cutoff 1.32 Ip + 3.17 Up of the place there is none.
    rates : RateTable, optional
        Momentary rates of ionisation; by default those of PPT.
    executor, workers
        As for `map_points`, over intensities.

    Returns
    -------
    xarray.Dataset
        Over ``intensity``, ``position`` and ``pressure``: ``mismatch`` (rad/m),
        ``coherence_length`` (m), ``growth`` (`constant_growth` of the length) and
        ``yield`` (growth times the square of what neutral atoms answer, over the
        largest); over ``intensity`` and ``position`` the share ``ionised``, over
        ``pressure`` the ``absorption_length`` (m).
    """
    check_gas(gas)
    check_light("light", light)
    p = checks.increasing("pressures", pressures, "Pa", min_size=1)
    checks.positive("pressures", p[0], "Pa")
    i = checks.increasing("intensities", intensities, "W/m^2", min_size=1)
    checks.positive("intensities", i[0], "W/m^2")
    z = checks.increasing("positions", positions, "m", min_size=1)
    extent = checks.positive("length", length, "m")
    omega, _ = frequencies(energy, light.wavelength)
    rayleigh = rayleigh_length(waist, omega)
    if not (rates is None or isinstance(rates, RateTable)):
        raise InvalidKind(f"rates must be a RateTable, got {rates!r:.60}.")
    table = rates or rate_table(formula_of(gas.name), wavelength=light.wavelength)
    local = i[:, None] / (1.0 + (z / rayleigh) ** 2)
    freed = map_points(
        functools.partial(_ionised, light, table),
        np.unique(local).tolist(),
        executor=executor,
        workers=workers,
        label="intensities",
    )
    ionised = np.interp(local, np.unique(local), freed)
    at_one = Material(name=gas.name, temperature=gas.temperature, fit=gas.fit)
    share = p / at_one.pressure
    mismatch = np.empty((i.size, z.size, p.size))
    for a, peak in enumerate(i):
        for b, place in enumerate(z):
            found = phase_mismatch(
                at_one,
                energy,
                light.wavelength,
                ionised=float(ionised[a, b]),
                waist=waist,
                position=float(place),
                peak_intensity=float(peak),
                alpha=alpha,
            )
            gas_part = found.neutral + found.plasma
            mismatch[a, b] = gas_part * share + found.geometry + found.dipole
    absorbed = absorption_length(at_one, energy) / share
    growth = constant_growth(extent, mismatch, absorbed)
    answer = _answer(gas, energy, light.wavelength, local, effective_order)
    light_out = growth * ((answer * (1.0 - ionised))[..., None] * p) ** 2
    if not light_out.any():
        raise InvalidValue(
            "intensities must bring the cutoff up to energy somewhere, but it stays "
            "below everywhere; take more intensity or a lower harmonic."
        )
    axes = ("intensity", "position", "pressure")
    return results.dataset(
        kind=MAP,
        coords={
            "intensity": (i, "W/m^2"),
            "position": (z, "m"),
            "pressure": (p, "Pa"),
        },
        variables={
            "mismatch": (axes, mismatch, "rad/m"),
            "coherence_length": (axes, np.pi / np.maximum(np.abs(mismatch), 1e-9), "m"),
            "growth": (axes, growth, "1"),
            "yield": (axes, light_out / light_out.max(), "1"),
            "ionised": (axes[:2], ionised, "1"),
            "absorption_length": (axes[2:], absorbed, "m"),
        },
        parameters={
            "gas": gas.name,
            "energy": energy,
            "light": light.parameters(),
            "waist": waist,
            "length": extent,
            "alpha": alpha,
            "rates": table.parameters(),
        },
    )


def _answer(
    gas: Material, energy: float, wavelength: float, intensity: Floats, order: float
) -> Floats:
    """Return the size of a dipole at intensities, over the largest."""
    power = checks.non_negative("effective_order", order)
    quiver = ponderomotive_energy(1.0, wavelength) * intensity
    cutoff = 1.32 * gas.ionisation_energy + 3.17 * quiver
    size = (intensity / intensity.max()) ** (0.5 * power)
    return np.where(energy <= cutoff, size, 0.0)


def _ionised(light: Light, table: RateTable, intensity: float) -> float:
    """Return the share of atoms ionised up to the peak of light, which has this."""
    driving = driving_field(
        light, peak_intensity=intensity, step=light.wavelength / SPEED_OF_LIGHT / 64.0
    )
    brightest = int(np.abs(light.envelope(driving.time)).argmax())
    rate = table(np.abs(driving.field[0, : brightest + 1]))
    return float(1.0 - np.exp(-np.sum(rate) * driving.step))
