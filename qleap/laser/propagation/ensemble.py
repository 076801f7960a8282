"""Many shots of one pulse with quantum noise, and how coherent their light is.

References
----------
J. M. Dudley, G. Genty, S. Coen, Rev. Mod. Phys. 78, 1135 (2006): one photon of random
phase in every mode of the grid, and the degree of coherence from all pairs of shots.
Y.-H. Chen, F. Wise, arXiv:2410.20567: what such noise leaves out, above all the
spontaneous Raman emission where scattering is strong.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, results
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidValue
from qleap.core.parallel import map_points
from qleap.laser.grid import Grid
from qleap.laser.guides.fibre import Fibre
from qleap.laser.propagation.companion import Companion
from qleap.laser.propagation.fibre import chosen_grid, entering
from qleap.laser.propagation.fibre_equation import FibreEquation
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.propagation.run import DEFAULT_TOLERANCE, TOLERANCES

if TYPE_CHECKING:
    import xarray as xr

    from qleap.laser.pulses.light import Light

__all__ = ["KIND", "coherence", "photon_noise", "propagate_ensemble"]

KIND: Final = "laser.ensemble"

LARGEST: Final = 2**28
"""Most values that are kept, shots times positions times points: 4 GiB."""

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


def propagate_ensemble(
    pulse: "Light",
    fibre: Fibre,
    *,
    n_shots: int = 100,
    seed: int = 0,
    grid: Grid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    n_positions: int = 2,
    store: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    estimate_error: bool = True,
) -> "xr.Dataset":
    """Return the light of many shots along a fibre, each with noise of its own.

    Parameters
    ----------
    pulse, fibre
        As for `qleap.laser.propagate_fibre`.
    n_shots : int
        At least two.
    seed : int
        Of the noise. Shot k depends on it and on k alone.
    grid, tolerance, n_positions
        As for `qleap.laser.propagate_fibre`.
    store : path-like, optional
        Folder that keeps every finished shot; called again with the same arguments,
        only the missing ones are computed.
    workers : int, optional
        Threads, each with a shot at a time; by default the number of cores.
    estimate_error : bool
        Whether the first shot is propagated again, and with a larger tolerance, to
        tell the error.

    Returns
    -------
    xarray.Dataset
        Coordinates ``shot``, ``position`` (m), ``frequency`` (Hz). Variables:
        ``spectral_envelope`` (complex, sqrt(J/Hz)) of every shot, ``spectrum`` (J/Hz),
        their mean, ``coherence`` (1), see `coherence`, ``energy`` (J) of every shot,
        and ``estimated_error`` (1) of the spectrum of the first.

    Raises
    ------
    InvalidValue
        Where the pulse does not fit the grid, or the store holds other shots.
    NotConverged
        Where a field diverges or a step becomes too small.
    """
    checks.between("tolerance", tolerance, *TOLERANCES)
    checks.count("n_positions", n_positions, 2)
    chosen = chosen_grid(pulse, fibre, grid)
    most = LARGEST // (n_positions * chosen.n_points)
    checks.count("n_shots", n_shots, 2, most)
    places = [float(z) for z in np.linspace(0.0, fibre.length, n_positions)]
    shot = partial(_shot, pulse, fibre, chosen, tolerance, places)
    rng = np.random.default_rng(checks.count("seed", seed, 0))
    shots = map_points(
        shot, range(n_shots), rng=rng, workers=workers, store=store, label="shots"
    )
    data = _described(
        chosen,
        places,
        np.stack(shots),
        seed,
        {
            "pulse": pulse.parameters(),
            "fibre": asdict(fibre),
            "grid": asdict(chosen),
            "tolerance": tolerance,
            "noise": "one photon per mode",
        },
    )
    if estimate_error:
        start = _noisy(pulse, fibre, chosen, np.random.default_rng(seed).spawn(1)[0])
        equation = FibreEquation(fibre, chosen)
        with Companion(start, equation, places[1:], tolerance) as companion:
            kept = _kept(start, FibreEquation(fibre, chosen), tolerance, places)
            errors = companion.errors(kept)
        data["estimated_error"] = ("position",), errors, {"units": "1"}
    return data


def _described(
    grid: Grid,
    places: Sequence[float],
    amplitudes: Complex,
    seed: int,
    parameters: Mapping[str, object],
) -> "xr.Dataset":
    """Return the dataset of amplitudes ``(shots, places, points)``."""
    fields = np.fft.fftshift(amplitudes, axes=-1) * grid.window
    density = fields.real**2 + fields.imag**2
    energy = density.sum(axis=-1) / grid.window
    spectral = ("position", "frequency")
    return results.dataset(
        kind=KIND,
        coords={
            "shot": (range(fields.shape[0]), "1"),
            "position": (places, "m"),
            "frequency": (np.fft.fftshift(grid.omega) / (2.0 * np.pi), "Hz"),
        },
        variables={
            "spectral_envelope": (("shot", *spectral), fields, "J^0.5 Hz^-0.5"),
            "spectrum": (spectral, density.mean(axis=0), "J/Hz"),
            "coherence": (spectral, coherence(fields), "1"),
            "energy": (("shot", "position"), energy, "J"),
        },
        parameters=parameters,
        seed=seed,
    )


def coherence(fields: Complex) -> Floats:
    r"""Return the degree of first-order coherence over all pairs of shots.

    Parameters
    ----------
    fields : ndarray of complex, shape (shots, ...)
        Spectral amplitudes of at least two shots.

    Returns
    -------
    ndarray
        :math:`|\langle E_i^* E_j\rangle_{i\ne j}| / \langle|E_i|^2\rangle`, between 0
        and 1, without the first axis; 0 where there is no light. Shots without any
        relation leave about the inverse of their number.
    """
    n = fields.shape[0]
    if n < 2:
        raise InvalidValue(f"fields must hold at least two shots, got {n}.")
    total = np.sum(fields.real**2 + fields.imag**2, axis=0)
    summed = fields.sum(axis=0)
    # All products without those of a shot with itself.
    pairs = np.abs(summed.real**2 + summed.imag**2 - total) / (n - 1)
    lit = total > 0.0
    return np.asarray(np.divide(pairs, total, out=np.zeros_like(total), where=lit))


def photon_noise(grid: Grid, rng: np.random.Generator) -> Complex:
    """Return amplitudes of one photon of random phase in every mode of the grid.

    They are in sqrt(W) and FFT order, as the integrator has them: a mode of amplitude
    ``a`` holds the energy ``|a|^2`` times the window.
    """
    phases = rng.uniform(0.0, 2.0 * np.pi, grid.n_points)
    size = np.sqrt(HBAR * grid.omega / grid.window)
    return np.asarray(size * np.exp(1j * phases), np.complex128)


def _noisy(
    pulse: "Light", fibre: Fibre, grid: Grid, rng: np.random.Generator
) -> Snapshot:
    noise = np.fft.fft(photon_noise(grid, rng))
    return entering(pulse.envelope_on(grid) + noise, pulse, fibre)


def _shot(
    pulse: "Light",
    fibre: Fibre,
    grid: Grid,
    tolerance: float,
    places: Sequence[float],
    index: int,  # noqa: ARG001
    rng: np.random.Generator,
) -> Complex:
    """Return the amplitudes of one shot at all places, shape (places, points)."""
    start = _noisy(pulse, fibre, grid, rng)
    kept = _kept(start, FibreEquation(fibre, grid), tolerance, places)
    return np.stack([light.amplitudes for light in kept])


def _kept(
    start: Snapshot, equation: FibreEquation, tolerance: float, places: Sequence[float]
) -> list[Snapshot]:
    """Return the light at all places."""
    kept = [start]
    for light in march(start, equation, places[1:], tolerance=tolerance):
        if light.position == places[len(kept)]:
            kept.append(replace(light, amplitudes=light.amplitudes.copy()))
    return kept
