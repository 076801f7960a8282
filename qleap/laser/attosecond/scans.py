"""Attosecond light over the phase of its driver, or a channel of a synthesiser."""

import dataclasses
import math
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.core.parallel import map_points
from qleap.laser.attosecond.gating import (
    Colour,
    gated_field,
    synthesised,
    synthesised_field,
    with_cep,
)
from qleap.laser.attosecond.isolation import SHORT, isolated_pulse
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.harmonics.effort import MOST_HOURS
from qleap.laser.harmonics.quadrature import EDGE
from qleap.laser.pulses.elements import Element
from qleap.laser.pulses.light import Light
from qleap.laser.pulses.polarisation import PolarisedPulse

if TYPE_CHECKING:
    import xarray as xr

    from qleap.laser.ionisation.atoms import Atom
    from qleap.laser.ionisation.tables import RateTable

__all__ = ["SCAN", "cep_scan", "driver_scan", "synthesiser_scan"]

Floats = NDArray[np.float64]

SCAN: Final = "laser.attosecond_scan"

CHANNELS: Final = {"delay": "s", "cep": "rad", "intensity": "W/m^2"}
"""What of a colour can be scanned, and its unit."""

CUT: Final = 1e-2
"""Share of the spectrum's peak at which it ends."""

FIGURES: Final = {
    "fwhm": "s",
    "limit": "s",
    "gdd": "s^2",
    "photon_energy": "J",
    "before": "1",
    "after": "1",
    "energy_share": "1",
}
"""Figures of the bursts, and their units."""


def driver_scan(
    make: Callable[[float], DrivingField],
    values: ArrayLike,
    target: "Atom | str",
    energies: tuple[float, float],
    *,
    name: str = "value",
    unit: str = "1",
    filters: Sequence[Element] = (),
    longest_excursion: float | None = None,
    excursion_fade: float = EDGE,
    rates: "RateTable | None" = None,
    store: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    most_hours: float | None = MOST_HOURS,
) -> "xr.Dataset":
    """Return the attosecond light of many drivers.

    Parameters
    ----------
    make : callable
        Returns the `DrivingField` of a value; all over the same times.
    values : array_like, shape (n,)
        Increasing.
    target, energies, filters, longest_excursion, excursion_fade, rates
        As in `isolated_pulse`; by default 0.65 cycles of the first driver.
    name, unit : str
        Of the values.
    store, workers
        As in `qleap.core.parallel.map_points`.
    most_hours : float or None
        Dipoles of one driver that are estimated to take longer on one core, h, are
        refused before they begin; None allows any.

    Returns
    -------
    xarray.Dataset
        Over the values, and ``time`` (s) or ``frequency`` (Hz): ``power`` (W) and
        ``spectrum`` (J/Hz) of the light behind the filters; ``energy`` (J), ``fwhm``
        and ``limit`` (s), ``gdd`` (s^2), ``photon_energy`` (J), ``before``, ``after``
        and ``energy_share`` as in `Bursts`; ``cutoff`` (J), the highest photon energy
        with a hundredth of the spectrum's peak.

    Raises
    ------
    InvalidValue
        Where the drivers lie on different times.
    """
    points = checks.increasing("values", values, unit, min_size=1)
    drivers = [make(float(value)) for value in points]
    for value, driver in zip(points, drivers, strict=True):
        if not isinstance(driver, DrivingField):
            raise InvalidKind(
                f"make must return a DrivingField, got {driver!r:.60} for {name} = "
                f"{value:g}; see driving_field."
            )
        if not np.array_equal(driver.time, drivers[0].time):
            raise InvalidValue(
                f"make must return fields over the same times, but those of {name} = "
                f"{value:g} are not those of {points[0]:g}; give it a time axis."
            )
    longest = (
        SHORT * drivers[0].cycle if longest_excursion is None else longest_excursion
    )
    found = map_points(
        partial(
            _point, target, energies, tuple(filters), longest, excursion_fade, rates,
            most_hours,
        ),
        drivers,
        store=store,
        workers=workers,
        label=f"drivers over {name}",
    )  # fmt: skip
    return _dataset(found, points, name, unit, energies)


def cep_scan(
    light: Light | PolarisedPulse,
    target: "Atom | str",
    energies: tuple[float, float],
    *,
    intensity: float,
    ceps: ArrayLike | None = None,
    filters: Sequence[Element] = (),
    longest_excursion: float | None = None,
    excursion_fade: float = EDGE,
    rates: "RateTable | None" = None,
    store: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    most_hours: float | None = MOST_HOURS,
) -> "xr.Dataset":
    """Return the attosecond light over the carrier-envelope phase of its driver.

    Parameters
    ----------
    light : Light or PolarisedPulse
        Phases are added to its own, as in `with_cep`.
    intensity : float
        At the peak of linear light, in the middle of the gate of polarised light (see
        `gated_field`), W/m^2.
    ceps : array_like, optional
        Increasing, rad; by default 32 over a whole turn.
    target, energies, filters, longest_excursion, excursion_fade, rates, store, workers,
    most_hours
        As in `driver_scan`.

    Returns
    -------
    xarray.Dataset
        As of `driver_scan`, over ``cep``. With one colour it repeats after pi: the
        field changes its sign, and so does the light.
    """
    turn = np.arange(32) * (2.0 * math.pi / 32)
    given = turn if ceps is None else ceps

    def field(cep: float, time: Floats | None) -> DrivingField:
        turned = with_cep(light, cep)
        if isinstance(turned, PolarisedPulse):
            return gated_field(turned, intensity, time=time)
        return driving_field(turned, peak_intensity=intensity, time=time)

    common = field(0.0, None).time
    return driver_scan(
        lambda cep: field(cep, common),
        given,
        target,
        energies,
        name="cep",
        unit="rad",
        filters=filters,
        longest_excursion=longest_excursion,
        excursion_fade=excursion_fade,
        rates=rates,
        store=store,
        workers=workers,
        most_hours=most_hours,
    )


def synthesiser_scan(
    colours: Sequence[Colour],
    channel: int,
    quantity: str,
    values: ArrayLike,
    target: "Atom | str",
    energies: tuple[float, float],
    *,
    filters: Sequence[Element] = (),
    longest_excursion: float | None = None,
    excursion_fade: float = EDGE,
    rates: "RateTable | None" = None,
    store: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    most_hours: float | None = MOST_HOURS,
) -> "xr.Dataset":
    """Return the attosecond light over a delay, phase or intensity of one channel.

    Parameters
    ----------
    colours : sequence of Colour
    channel : int
        Which of them changes.
    quantity : {"delay", "cep", "intensity"}
    values : array_like
        Increasing; s, rad or W/m^2.
    target, energies, filters, longest_excursion, excursion_fade, rates, store, workers,
    most_hours
        As in `driver_scan`.
    """
    checks.one_of("quantity", quantity, list(CHANNELS))
    synthesised(colours)
    index = checks.count("channel", channel, 0, len(colours) - 1)
    points = checks.increasing("values", values, CHANNELS[quantity], min_size=1)

    def changed(value: float) -> list[Colour]:
        changes: dict[str, Any] = {quantity: float(value)}
        new = dataclasses.replace(colours[index], **changes)
        return [*colours[:index], new, *colours[index + 1 :]]

    ends = [synthesised_field(changed(value)) for value in points[[0, -1]]]
    span = max(end.time[-1] for end in ends)
    step = min(end.step for end in ends)
    half = math.ceil(span / step)
    common = step * np.arange(-half, half + 1)
    return driver_scan(
        lambda value: synthesised_field(changed(value), time=common),
        points,
        target,
        energies,
        name=quantity,
        unit=CHANNELS[quantity],
        filters=filters,
        longest_excursion=longest_excursion,
        excursion_fade=excursion_fade,
        rates=rates,
        store=store,
        workers=workers,
        most_hours=most_hours,
    )


def _point(
    target: "Atom | str",
    energies: tuple[float, float],
    filters: tuple[Element, ...],
    longest: float,
    fade: float,
    rates: "RateTable | None",
    most_hours: float | None,
    driver: DrivingField,
) -> dict[str, Floats | float]:
    made = isolated_pulse(
        driver,
        target,
        energies,
        filters=filters,
        longest_excursion=longest,
        excursion_fade=fade,
        rates=rates,
        most_hours=most_hours,
    )
    grid = made.light.grid
    order = np.argsort(grid.omega)
    density = np.abs(grid.to_frequency(made.light.samples)[order]) ** 2
    lit = np.flatnonzero(density >= CUT * density.max())
    return {
        "time": grid.time,
        "frequency": grid.omega[order] / (2.0 * math.pi),
        "power": np.abs(made.light.samples) ** 2,
        "spectrum": density,
        "energy": made.light.energy,
        "cutoff": float(HBAR * grid.omega[order][lit[-1]]),
        **{figure: getattr(made.bursts, figure) for figure in FIGURES},
    }


def _dataset(
    found: list[dict[str, Floats | float]],
    values: Floats,
    name: str,
    unit: str,
    energies: tuple[float, float],
) -> "xr.Dataset":
    units = {"energy": "J", "cutoff": "J", **FIGURES}
    frequency = np.asarray(found[0]["frequency"])
    band = (frequency * 2.0 * math.pi * HBAR >= energies[0]) & (
        frequency * 2.0 * math.pi * HBAR <= energies[1]
    )
    spectra = _column(found, "spectrum")[:, band]
    return results.dataset(
        kind=SCAN,
        coords={
            name: (values, unit),
            "time": (found[0]["time"], "s"),
            "frequency": (frequency[band], "Hz"),
        },
        variables={
            "power": ((name, "time"), _column(found, "power"), "W"),
            "spectrum": ((name, "frequency"), spectra, "J/Hz"),
            **{key: ((name,), _column(found, key), units[key]) for key in units},
        },
        parameters={"energies": list(energies), "scanned": name},
    )


def _column(found: list[dict[str, Floats | float]], key: str) -> Floats:
    return np.array([point[key] for point in found], np.float64)
