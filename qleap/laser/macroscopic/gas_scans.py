"""Harmonics of the whole model over anything that changes the driver."""

import functools
import itertools
import math
import os
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.core.parallel import Submits, map_points
from qleap.laser.macroscopic.emitters import Emitter
from qleap.laser.macroscopic.generation import generate_harmonics

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["SCAN", "gas_scan", "scanned"]

Floats = NDArray[np.float64]
Axes = dict[str, tuple[Floats, str]]

SCAN: Final = "laser.harmonic_scan"

FIGURES: Final = {
    "photon_number": "1",
    "energy": "J",
    "peak_intensity": "W/m^2",
    "estimated_error": "1",
}
"""What is kept of a point, and its unit."""

MOST: Final = 1_000_000
"""Points of a scan."""

VALUES: Final = "names of arguments with values, {'pressure': [1e3, 2e3]}"
"""What values are."""


def gas_scan(
    make: "Callable[..., xr.Dataset]",
    values: Mapping[str, ArrayLike],
    emitter: Emitter,
    *,
    energies: tuple[float, float],
    units: Mapping[str, str] | None = None,
    n_radii: int = 128,
    edge: float | None = None,
    n_times: int | None = None,
    weakest: float = 0.2,
    dispersion: str | None = "tables",
    executor: Submits | None = None,
    workers: int | None = None,
    store: str | os.PathLike[str] | None = None,
) -> "xr.Dataset":
    """Return what gases radiate in drivers of any kind.

    Parameters
    ----------
    make : callable
        Returns the driver of a point, from `propagate_beam` or `propagate_capillary`
        as `generate_harmonics` takes it: of a beam of any `Beam` shape, in a jet, in a
        guide, or one that is ready. Called as ``make(name=value, ...)``;
        ``threads=1`` leaves the cores to other points.
    values : mapping
        Names of its arguments to the values they take, increasing.
    emitter : Emitter
        What an atom answers, such as `SfaEmitter`.
    energies, n_radii, edge, n_times, weakest, dispersion
        As of `generate_harmonics`.
    units : mapping, optional
        Names to the units of their values; ``"1"`` by default.
    executor, workers, store
        As of `map_points`, over all points. With a store or an executor ``make`` must
        be a function of a module, or a `functools.partial` of one; a store does not
        see when its code changes.

    Returns
    -------
    xarray.Dataset
        Over the names: ``photon_number`` and ``energy`` (J) of a pulse behind the gas,
        ``peak_intensity`` (W/m^2), the most on the way through it, and
        ``estimated_error`` as of `generate_harmonics`.

    Raises
    ------
    InvalidKind, InvalidValue
        Where values are none, or a point is refused; a note names the point.

    See Also
    --------
    harmonic_scan : of Gaussian beams over pressure, intensity and position.
    qleap.laser.scan : whole datasets of any door.

    Examples
    --------
    >>> from qleap.laser import Beam, Material, Pulse, propagate_beam
    >>> pulse = Pulse(shape="gaussian", wavelength=8e-7, fwhm=1e-14, energy=1e-4)
    >>> def flat_top(order, pressure):
    ...     gas = Material(name="argon", pressure=pressure)
    ...     beam = Beam(radius=5e-5, order=int(order))
    ...     options = {"length": 1e-3, "amplitudes": True, "threads": 1}
    ...     return propagate_beam(pulse, gas, beam, **options)
    >>> values = {"order": [1, 4], "pressure": [1e3, 3e3]}
    >>> units = {"pressure": "Pa"}
    >>> options = {"energies": band, "units": units}  # doctest: +SKIP
    >>> gas_scan(flat_top, values, emitter, **options)  # doctest: +SKIP
    """
    if not callable(make):
        raise InvalidKind(
            "make must be a function that returns the driver of a point, got "
            f"{make!r:.60}; a ready one is lambda **point: driver."
        )
    if store is not None or executor is not None:
        _check_sent(make)
    return scanned(
        make,
        _axes(values, {} if units is None else units),
        emitter,
        energies=energies,
        harmonics={
            "n_radii": n_radii,
            "edge": edge,
            "n_times": n_times,
            "weakest": weakest,
            "dispersion": dispersion,
        },
        parameters={"make": getattr(make, "__qualname__", repr(make)[:60])},
        executor=executor,
        workers=workers,
        store=store,
    )


def scanned(
    make: "Callable[..., xr.Dataset]",
    axes: Axes,
    emitter: Emitter,
    *,
    energies: tuple[float, float],
    harmonics: dict[str, Any],
    parameters: dict[str, object],
    executor: Submits | None,
    workers: int | None,
    store: str | os.PathLike[str] | None,
) -> "xr.Dataset":
    """Return the dataset of a scan whose axes are checked."""
    work = _Work(make, tuple(axes), emitter, energies, harmonics)
    found = map_points(
        functools.partial(_figures, work),
        list(itertools.product(*(values.tolist() for values, _ in axes.values()))),
        executor=executor,
        workers=workers,
        store=store,
        label="harmonics of a gas",
    )
    shape = tuple(values.size for values, _ in axes.values())
    return results.dataset(
        kind=SCAN,
        coords=axes,
        variables={
            name: (
                tuple(axes),
                np.reshape([point[name] for point in found], shape),
                unit,
            )
            for name, unit in FIGURES.items()
        },
        parameters={
            **parameters,
            "emitter": emitter.parameters(),
            "energies": list(energies),
            **harmonics,
        },
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """What all points of a scan have in common; it can be sent to workers."""

    make: "Callable[..., xr.Dataset]"
    names: tuple[str, ...]
    emitter: Emitter
    energies: tuple[float, float]
    harmonics: dict[str, Any]


def _figures(work: _Work, point: tuple[float, ...]) -> dict[str, float]:
    """Return what one gas radiates."""
    made = generate_harmonics(
        work.make(**dict(zip(work.names, point, strict=True))),
        work.emitter,
        energies=work.energies,
        workers=1,
        **work.harmonics,
    )
    return {
        "photon_number": float(made["photon_number"][-1]),
        "energy": float(made["energy"][-1]),
        "peak_intensity": float(made["peak_intensity"].max()),
        "estimated_error": float(made["estimated_error"]),
    }


def _axes(given: Any, units: Mapping[str, str]) -> Axes:
    """Return values and units that can be coordinates of a dataset."""
    if not isinstance(given, Mapping) or not given:
        raise InvalidKind(f"values must be {VALUES}, got {given!r:.60}.")
    checks.known_keys("units", units, list(given))
    found: Axes = {}
    for name, values in given.items():
        if name in FIGURES:
            raise InvalidValue(
                f"values must not have the name of a result, got {name!r}; rename it."
            )
        unit = units.get(name, "1")
        if not isinstance(unit, str):
            raise InvalidKind(f"unit of {name} must be text, got {unit!r:.60}.")
        found[name] = (checks.increasing(name, values, unit, min_size=1), unit)
    if (points := math.prod(values.size for values, _ in found.values())) > MOST:
        raise InvalidValue(f"values must make <= {MOST} points, got {points}.")
    return found


def _check_sent(make: Callable[..., Any]) -> None:
    try:
        pickle.dumps(make)
    except Exception as error:
        raise InvalidKind(
            "make must be a function of a module, or a functools.partial of one, where "
            f"there is a store or an executor, got {make!r:.60}."
        ) from error
