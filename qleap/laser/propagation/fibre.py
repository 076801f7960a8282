"""One call that sends a pulse through a fibre and keeps what it computes."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final
from warnings import warn

import numpy as np

from qleap.core.errors import QleapWarning
from qleap.laser.grid import Grid
from qleap.laser.guides.fibre import Fibre
from qleap.laser.propagation.evolution import KIND, evolution
from qleap.laser.propagation.fibre_equation import FibreEquation
from qleap.laser.propagation.integrator import Snapshot
from qleap.laser.propagation.run import DEFAULT_TOLERANCE, Task, carry_out
from qleap.laser.pulses.pulse import Pulse

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["fitting_grid", "propagate_fibre"]

EDGE: Final = 1e-5
"""Share of the peak that may stand at the edge of the grid without a warning."""


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
    given = {"pulse": asdict(pulse), "fibre": asdict(fibre), "grid": asdict(grid)}
    parameters = {**given, "tolerance": tolerance, "n_positions": n_positions}
    task = Task(
        equation=FibreEquation(fibre, grid),
        start=_entering(pulse, fibre, grid),
        length=fibre.length,
        n_positions=n_positions,
        tolerance=tolerance,
        parameters=parameters,
    )

    def describe(kept: Sequence[Snapshot]) -> "xr.Dataset":
        return evolution(kept, grid, parameters)

    data = carry_out(task, describe, store, kind=KIND)
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


def _entering(pulse: Pulse, fibre: Fibre, grid: Grid) -> Snapshot:
    strength = abs(fibre.gamma) * pulse.peak_power
    first = fibre.length / 10.0
    return Snapshot(
        position=0.0,
        amplitudes=np.fft.ifft(pulse.envelope_on(grid)),
        step=first if strength == 0.0 else min(first, 0.01 / strength),
    )


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
