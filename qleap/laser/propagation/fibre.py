"""One call that sends a pulse through a fibre and keeps what it computes."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from warnings import warn

import numpy as np

from qleap.core import checks, progress, results
from qleap.core.errors import InvalidValue, QleapWarning
from qleap.laser.grid import Grid
from qleap.laser.guides.fibre import Fibre
from qleap.laser.propagation.evolution import KIND, evolution, snapshots
from qleap.laser.propagation.solver import Equation, Snapshot, march
from qleap.laser.pulses.pulse import Pulse

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["DEFAULT_TOLERANCE", "TOLERANCES", "fitting_grid", "propagate_fibre"]

DEFAULT_TOLERANCE: Final = 1e-7
"""Relative local error a step; docs/laser/propagation.md says what it leads to."""

TOLERANCES: Final = (1e-13, 1e-2)
"""Smallest and largest tolerance."""

LARGEST_RESULT: Final = 2**27
"""Most values of the field that are kept, positions times points: 8 GiB in all."""

SAVE_EVERY: Final = 10.0
"""Seconds between two writings of an unfinished result."""

EDGE: Final = 1e-5
"""Share of the peak that may stand at the edge of the grid without a warning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task:
    """What is computed; a stored result of another task is not gone on with."""

    pulse: Pulse
    fibre: Fibre
    grid: Grid
    tolerance: float
    n_positions: int

    def parameters(self) -> dict[str, object]:
        return asdict(self)


def propagate_fibre(
    pulse: Pulse,
    fibre: Fibre,
    *,
    grid: Grid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    n_positions: int = 101,
    store: str | os.PathLike[str] | None = None,
) -> "xr.Dataset":
    """Return the light along a fibre.

    Parameters
    ----------
    pulse : Pulse
        What enters.
    fibre : Fibre
        What it travels through.
    grid : Grid, optional
        By default one that holds the pulse, its self-phase modulation and its
        walk-off as estimated beforehand; a warning tells where that was too little.
    tolerance : float
        Largest relative local error of a step.
    n_positions : int
        Places along the fibre that are kept, both ends included.
    store : path-like, optional
        File that takes the result, and on the way every ten seconds and at any
        interruption what is there. Called again with the same arguments, it goes
        on from there, bit for bit as if it had not stopped.

    Returns
    -------
    xarray.Dataset
        Coordinates ``position`` (m), ``time`` (s, in the frame of the carrier's
        group velocity), ``frequency`` (Hz). Variables: ``envelope`` (sqrt(W),
        complex), ``spectrum`` (J/Hz), and along the fibre ``energy`` (J),
        ``photon_number`` (1), ``accumulated_error`` (1, the sum of the estimated
        relative local errors), ``steps``, ``rejected_steps`` and ``step`` (m).

    Raises
    ------
    InvalidValue
        Where the pulse does not fit the grid, or the store holds another task.
    NotConverged
        Where the field diverges or the step becomes too small.
    StorageError
        Where the store cannot be read or written.

    Notes
    -----
    Validity: one transverse mode, one polarisation, forward light, electronic
    response without dispersion. Nothing in the equation limits the spectrum to
    less than the carrier frequency.
    """
    grid = fitting_grid(pulse, fibre) if grid is None else grid
    grid.check_pulse(pulse)
    task = _Task(
        pulse=pulse,
        fibre=fibre,
        grid=grid,
        tolerance=checks.between("tolerance", tolerance, *TOLERANCES),
        n_positions=_checked_positions(n_positions, grid),
    )
    path = None if store is None else Path(store)
    found = None if path is None else _stored(path, task)
    if found is not None and found.attrs["complete"] == "true":
        return found
    kept = [_entering(task)] if found is None else snapshots(found)
    if path is not None and found is None:  # a store that fails is said before the work
        _save_unfinished(task, kept, path)
    _compute(task, kept, path)
    data = evolution(kept, grid, task.parameters(), complete=True)
    if path is not None:
        results.save(data, path)
    _warn_at_edges(data)
    return data


def fitting_grid(pulse: Pulse, fibre: Fibre) -> Grid:
    """Return a grid for ``pulse`` in ``fibre`` from estimates made beforehand.

    The bandwidth allows for twice the self-phase modulation over the whole length
    (at most to 5 % of the carrier frequency), as compression steepens the pulse; the
    window allows for the walk-off of half that band.
    """
    carrier = pulse.omega0
    transform_limited = 4.0 / pulse.fwhm  # about ten times sigma of any shape
    phase = abs(fibre.gamma) * pulse.peak_power * fibre.length
    half_band = min(transform_limited * (1.0 + 2.0 * phase), 0.95 * carrier)
    detuning = np.linspace(-half_band, half_band, 401)
    beta = fibre.propagation_constant(carrier + detuning, carrier)
    delay = np.gradient(beta, detuning) * fibre.length
    core = np.abs(detuning) <= max(0.5 * half_band, transform_limited)
    walk_off = float(np.ptp(delay[core]))
    return Grid.fitting(
        pulse, bandwidth=2.0 * half_band, window=16.0 * pulse.fwhm + 2.0 * walk_off
    )


def _checked_positions(n_positions: int, grid: Grid) -> int:
    most = LARGEST_RESULT // grid.n_points
    wanted = checks.count("n_positions", n_positions, 2)
    if wanted > most:
        raise InvalidValue(
            f"n_positions must be <= {most} on a grid of {grid.n_points} points (the "
            f"result has to fit in memory), got {wanted}; keep fewer positions."
        )
    return wanted


def _entering(task: _Task) -> Snapshot:
    strength = abs(task.fibre.gamma) * task.pulse.peak_power
    first = task.fibre.length / 10.0
    return Snapshot(
        position=0.0,
        amplitudes=np.fft.ifft(task.pulse.envelope_on(task.grid)),
        step=first if strength == 0.0 else min(first, 0.01 / strength),
    )


def _compute(task: _Task, kept: list[Snapshot], store: Path | None) -> None:
    """Append what is missing to ``kept``; write it to the store now and then."""
    positions = np.linspace(0.0, task.fibre.length, task.n_positions)[len(kept) :]
    equation = Equation.of(task.fibre, task.grid)
    written = time.monotonic()
    with progress.bar("propagating", task.fibre.length) as bar:
        bar.update(kept[-1].position)
        ahead = march(kept[-1], equation, positions.tolist(), tolerance=task.tolerance)
        try:
            for snapshot in ahead:
                if snapshot is None:
                    continue
                kept.append(snapshot)
                bar.update(snapshot.position, f"{snapshot.steps} steps")
                if store is not None and time.monotonic() - written > SAVE_EVERY:
                    _save_unfinished(task, kept, store)
                    written = time.monotonic()
        except BaseException:
            if store is not None:
                _save_unfinished(task, kept, store)
            raise


def _save_unfinished(task: _Task, kept: list[Snapshot], store: Path) -> None:
    data = evolution(kept, task.grid, task.parameters(), complete=False)
    results.save(data, store)


def _stored(store: Path, task: _Task) -> "xr.Dataset | None":
    """Return what an earlier call left in the store."""
    if not store.exists():
        return None
    data = results.load(store, kind=KIND)
    # Through JSON, as the stored ones went: tuples become lists there.
    wanted = json.loads(json.dumps(task.parameters()))
    if results.parameters(data) != wanted:
        raise InvalidValue(
            f"the store {store} holds a propagation with other parameters; choose "
            "another file or delete this one."
        )
    return data


def _edges(data: "xr.Dataset") -> Iterator[tuple[str, float, str]]:
    """Yield what is at the edge, its share of the peak, and the remedy."""
    power = np.abs(data["envelope"].values) ** 2
    spectrum = data["spectrum"].values
    for name, values, remedy in (
        ("time", power, "a longer window"),
        ("frequency", spectrum, "more points (a smaller time step)"),
    ):
        width = max(values.shape[1] // 200, 1)
        edge = max(values[:, :width].max(), values[:, -width:].max())
        yield name, float(edge / values.max()), remedy


def _warn_at_edges(data: "xr.Dataset") -> None:
    for name, share, remedy in _edges(data):
        if share > EDGE:
            warn(
                f"light reached the edge of the {name} grid ({share:.1e} of its peak, "
                f"at most {EDGE:g}): what crosses it comes back on the other side; "
                f"give a grid with {remedy}.",
                QleapWarning,
                stacklevel=3,
            )
