"""One call from a driver that was propagated to the harmonics of the whole gas."""

import functools
import hashlib
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, results
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidKind, InvalidValue, StorageError
from qleap.core.parallel import Submits, map_points
from qleap.laser.macroscopic.drivers import Driver, driver_of
from qleap.laser.macroscopic.emitters import Emitter
from qleap.laser.macroscopic.march import Emerging, marched
from qleap.laser.macroscopic.output import band_of
from qleap.laser.macroscopic.sources import (
    LitPlane,
    PlaneSources,
    lit_radii,
    radiation_of,
)
from qleap.laser.macroscopic.xuv_waves import XuvWaves
from qleap.laser.media.xuv import XuvMedium, better_tables
from qleap.laser.propagation.hankel import HankelTransform

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["KIND", "generate_harmonics"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

KIND: Final = "laser.macroscopic"

FINER: Final = 4.0
"""Nyquist frequency of the times over the highest photon energy."""

OUTER: Final = 2.0
"""Edge of the radii over the largest radius that radiates."""

MOST_TIMES: Final = 2**22
"""Of the driver's field."""

RESULT: Final = "harmonics.nc"
"""Name of the result in a store."""


def generate_harmonics(
    driver: "xr.Dataset",
    emitter: Emitter,
    *,
    energies: tuple[float, float],
    n_radii: int = 128,
    edge: float | None = None,
    n_times: int | None = None,
    weakest: float = 0.2,
    dispersion: str | None = "tables",
    executor: Submits | None = None,
    workers: int | None = None,
    store: str | os.PathLike[str] | None = None,
) -> "xr.Dataset":
    r"""Return the harmonics that a gas radiates along a driver's way.

    Parameters
    ----------
    driver : xarray.Dataset
        Of `propagate_beam` with ``amplitudes=True``, or of `propagate_capillary`, in a
        gas. Its kept places are the planes whose atoms radiate: they should lie so
        closely that phases turn little from one to the next (``estimated_error``).
    emitter : Emitter
        What an atom answers, such as `SfaEmitter`.
    energies : (float, float)
        Lowest and highest photon energy that is kept, J (times `ELECTRONVOLT`).
    n_radii : int
        Of the extreme ultraviolet.
    edge : float, optional
        Largest of these radii, m; by default twice that of the outermost atoms that
        radiate, or the wall of a guide.
    n_times : int, optional
        Of the driver's field at atoms, a power of two; by default so many that the
        highest energy is sampled eight times in a period.
    weakest : float
        Atoms at radii where the field never exceeds this share of the strongest one in
        any plane are left out. A fifth leaves none of a plateau away, unless the axis
        is ionised so early that its surroundings outshine it.
    dispersion : {"tables"} or None
        Whether refraction and absorption of the extreme ultraviolet are those of the
        tables of the elements (`XuvMedium`, ``qleap[xray]``), or left out.
    executor : Executor or dask.distributed.Client, optional
        Where dipoles are computed, plane by plane; by default threads.
    workers : int, optional
        Number of threads, also of the extreme ultraviolet's way, which goes on here.
    store : path-like, optional
        Folder for planes that are finished, and for the result: called again with the
        same arguments, the work goes on from there, and what is finished is read.
        With another ``dispersion`` the planes are still good.

    Returns
    -------
    xarray.Dataset
        Over ``position`` (m), ``radius`` (m) and ``frequency`` (Hz): ``near_field``,
        the transform of the field behind the gas (V s/m, in the frame of light in
        vacuum that leaves the last plane at the time of the driver's frame),
        ``spectrum`` along the way (J/Hz), ``energy`` (J) and ``photon_number`` along
        the way, ``peak_intensity`` of the driver (W/m^2), ``estimated_error`` (of the
        near field, relative in the 2-norm, from every second plane alone).

    Raises
    ------
    InvalidValue
        Where driver, energies or numbers do not fit, or the store holds another task.

    Notes
    -----
    Validity: linear light of radial symmetry; small angles; dipoles of one atom at its
    place, of neutral atoms at the density before the pulse (what is ionised is up to
    the emitter); the extreme ultraviolet does not act back; its dispersion by free
    electrons is left out. Walls of capillaries reflect it.
    """
    light = driver_of(driver)
    if not (hasattr(emitter, "accelerations") and hasattr(emitter, "parameters")):
        raise InvalidKind(
            f"emitter must be an Emitter such as SfaEmitter, got {emitter!r:.60}."
        )
    low, high = band_of(energies)
    count = _times(light, high, n_times)
    apart = 2.0 * math.pi / light.time[1]
    band = slice(math.ceil(low / apart), int(high / apart))
    if band.stop - band.start < 2:
        raise InvalidValue(
            f"energies must hold two frequencies at least, which are {apart * HBAR:.4g}"
            f" J apart in the driver's window, got {energies[0]:g} to {energies[1]:g}."
        )
    omega = np.arange(band.start, band.stop, dtype=np.float64) * apart
    share = checks.between("weakest", weakest, 1e-6, 1.0)
    section, lit = _radii(light, n_radii, edge, share)
    waves = XuvWaves(section, omega, _susceptibility(light.formula, omega, dispersion))
    size = light.size(section.radius[:lit])
    planes = [LitPlane(plane.density, size @ plane.waves) for plane in light.planes]
    parameters = {
        "driver": light.parameters,
        "driver_sha256": _digest(planes),
        "emitter": emitter.parameters(),
        "energies": list(energies),
        "n_radii": n_radii,
        "edge": section.edge,
        "n_times": count,
        "weakest": share,
        "dispersion": dispersion,
    }
    folder = None if store is None else Path(store)
    finished = _finished(folder, parameters)
    if finished is not None:
        return finished
    work = PlaneSources(emitter, light.omega, light.time, count, band)
    radiated = map_points(
        functools.partial(radiation_of, work),
        planes,
        executor=executor,
        workers=workers,
        store=None if folder is None else folder / "planes",
        label="dipoles",
    )
    data = _collected(
        light,
        waves,
        marched(light, waves, radiated, workers),
        [plane.peak_intensity for plane in radiated],
        parameters,
    )
    if folder is not None:
        results.save(data, folder / RESULT)
    return data


def _finished(
    folder: Path | None, parameters: dict[str, object]
) -> "xr.Dataset | None":
    """Return the result that a folder holds, where it is that of the same task."""
    if folder is None or not (folder / RESULT).is_file():
        return None
    try:
        found = results.load(folder / RESULT, kind=KIND)
    except StorageError:  # damaged: made again, from the planes that are there
        return None
    same = results.parameters(found) == json.loads(json.dumps(parameters))
    return found if same else None


def _digest(planes: Sequence[LitPlane]) -> str:
    digest = hashlib.sha256()
    for plane in planes:
        digest.update(np.float64(plane.density).tobytes())
        digest.update(plane.amplitudes.tobytes())
    return digest.hexdigest()


def _collected(
    light: Driver,
    waves: XuvWaves,
    emerging: Emerging,
    peaks: list[float],
    parameters: dict[str, object],
) -> "xr.Dataset":
    """Return the dataset of what reaches the end from all planes."""
    frequency = waves.omega / (2.0 * np.pi)
    step = frequency[1] - frequency[0]
    spectra = emerging.spectra
    photons = spectra / (HBAR * waves.omega)
    apart = _apart(emerging.coarse_field, emerging.near_field)
    return results.dataset(
        kind=KIND,
        coords={
            "position": ([plane.position for plane in light.planes], "m"),
            "radius": (waves.section.radius, "m"),
            "frequency": (frequency, "Hz"),
        },
        variables={
            "near_field": (("radius", "frequency"), emerging.near_field, "V s/m"),
            "spectrum": (("position", "frequency"), spectra, "J/Hz"),
            "energy": (("position",), spectra.sum(axis=1) * step, "J"),
            "photon_number": (("position",), photons.sum(axis=1) * step, "1"),
            "peak_intensity": (("position",), peaks, "W/m^2"),
            # Cubics through four planes, with kinks where the gas has some: an error of
            # third order in their distance at least.
            "estimated_error": ((), apart / 7.0, "1"),
        },
        parameters=parameters,
    )


def _apart(first: Complex, second: Complex) -> float:
    """Return by how much two fields differ, relative in the 2-norm."""
    size = float(np.linalg.norm(second))
    return float(np.linalg.norm(first - second)) / size if size else 0.0


def _times(light: Driver, highest: float, given: int | None) -> int:
    least = max(highest, light.omega[-1]) * light.time[1] / np.pi
    if given is None:
        found = FINER * least
        if found > MOST_TIMES:
            most = HBAR * highest * MOST_TIMES / found
            raise InvalidValue(
                f"energies must be below {most:.3g} J, for which {MOST_TIMES} times "
                f"are needed, got {HBAR * highest:.4g}; one eV is 1.602e-19 J."
            )
        return 1 << math.ceil(math.log2(found))
    count = checks.count("n_times", given, 64, MOST_TIMES)
    if count & (count - 1) or count <= least:
        raise InvalidValue(
            f"n_times must be a power of two above {least:.0f}, which sample the "
            f"highest energy in the window of {light.time[1]:.3g} s, got {given}."
        )
    return count


def _radii(
    light: Driver, n_radii: int, edge: float | None, weakest: float
) -> tuple[HankelTransform, int]:
    """Return the radii of the extreme ultraviolet, and how many of them radiate."""
    n = checks.count("n_radii", n_radii, 8, 4096)
    window = light.time[1]
    if edge is None and light.guided:
        edge = light.edge
    if edge is None:
        coarse = np.linspace(0.0, light.edge, 201)
        reach = lit_radii(
            light.planes, light.size(coarse), light.omega, window, weakest
        )
        edge = min(OUTER * coarse[min(reach, 200)], light.edge)
    section = HankelTransform.on(checks.positive("edge", edge, "m"), n)
    if section.edge > light.edge * (1.0 + 1e-9):
        raise InvalidValue(
            f"edge must be <= {light.edge:.4g} m, where the driver's radii end, got "
            f"{edge:.4g}."
        )
    size = light.size(section.radius)
    return section, lit_radii(light.planes, size, light.omega, window, weakest)


def _susceptibility(formula: str, omega: Floats, dispersion: str | None) -> Complex:
    """Return the complex index minus one for one atom per volume, m^3."""
    if dispersion is None:
        return np.zeros(omega.size, np.complex128)
    checks.one_of("dispersion", dispersion, ("tables",))
    tables = better_tables(float(omega[0]))
    gas = XuvMedium.gas(formula, pressure=1e5, tables=tables)
    lowest, highest = gas.valid
    if omega[0] < lowest or omega[-1] > highest:
        raise InvalidValue(
            f"energies must lie between {HBAR * lowest:.4g} and {HBAR * highest:.4g} "
            f"J, where {tables!r} is tabulated, got {HBAR * omega[0]:.4g} to "
            f"{HBAR * omega[-1]:.4g}; dispersion=None leaves the tables out."
        )
    return np.asarray((gas.index(omega) - 1.0) / gas.number_density)
