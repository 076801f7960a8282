"""One call that sends a pulse through a fibre and keeps what it computes."""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final
from warnings import warn

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import QleapWarning
from qleap.laser.grid import Grid
from qleap.laser.guides.fibre import Fibre
from qleap.laser.propagation.evolution import KIND, evolution
from qleap.laser.propagation.fibre_equation import FibreEquation
from qleap.laser.propagation.given import check_kind
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.propagation.run import DEFAULT_TOLERANCE, Task, carry_out
from qleap.laser.propagation.strength import check_cubic
from qleap.laser.pulses.light import Light, check_light
from qleap.laser.pulses.pulse import Pulse

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["chosen_grid", "entering", "fitting_grid", "propagate_fibre", "settled_grid"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

EDGE: Final = 1e-5
"""Share of the peak that may stand at the edge of the grid without a warning."""

MOST_DRIFT: Final = 1e-3
"""Relative change of what is conserved without a warning."""

SCOUT_TOLERANCE, SCOUT_POSITIONS, SCOUTS = 1e-4, 33, 10
"""Of the quick propagations that try a grid: tolerance, places looked at, how many."""

LARGEST_SETTLED: Final = 2**19
"""Most points of a grid that is chosen without being asked for."""


def propagate_fibre(
    pulse: Light,
    fibre: Fibre,
    *,
    grid: Grid | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
    n_positions: int = 101,
    store: str | os.PathLike[str] | None = None,
    estimate_error: bool = True,
) -> "xr.Dataset":
    """Return the light along a fibre.

    Parameters
    ----------
    pulse : Light
        What enters: a `Pulse`, samples of a measured one, or a sum of several.
    fibre : Fibre
        What it travels through.
    grid : Grid, optional
        By default that of `settled_grid`; a warning tells where light touches the
        edge of one.
    tolerance : float
        Largest relative local error of a step.
    n_positions : int
        Places along the fibre that are kept, both ends included.
    store : path-like, optional
        File that takes the result, and on the way every ten seconds and at any
        interruption what is there. Called again with the same arguments, it goes
        on from there, bit for bit as if it had not stopped.
    estimate_error : bool
        Whether a second propagation with a larger tolerance, on a thread of its own,
        tells the error; it takes half as much work again.

    Returns
    -------
    xarray.Dataset
        Coordinates ``position`` (m), ``time`` (s, in the frame of the carrier's
        group velocity), ``frequency`` (Hz). Variables: ``envelope`` (sqrt(W),
        complex), ``spectrum`` (J/Hz), and along the fibre ``energy`` (J),
        ``photon_number`` (1), ``estimated_error`` (1, of the spectrum, relative in
        the 2-norm), ``accumulated_error`` (1, the sum of the estimated relative local
        errors), ``drift`` (1, relative change of what the equation conserves),
        ``steps``, ``rejected_steps`` and ``step`` (m).

    Raises
    ------
    InvalidValue
        Where the pulse does not fit the grid or would change the index by more than
        0.1, or the store holds another task.
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
    chosen = chosen_grid(pulse, fibre, grid)
    parameters = {
        "pulse": pulse.parameters(),
        "fibre": asdict(fibre),
        "grid": asdict(chosen),
        "tolerance": tolerance,
        "n_positions": n_positions,
        "estimate_error": estimate_error,
    }
    task = Task(
        equation=FibreEquation(fibre, chosen),
        companion=FibreEquation(fibre, chosen) if estimate_error else None,
        start=entering(pulse.envelope_on(chosen), pulse, fibre),
        length=fibre.length,
        n_positions=n_positions,
        tolerance=tolerance,
        parameters=parameters,
    )

    def describe(kept: Sequence[Snapshot]) -> "xr.Dataset":
        data = evolution(kept, chosen, parameters)
        data["drift"] = ("position",), _drift(data, fibre), {"units": "1"}
        return data

    data = carry_out(task, describe, store, kind=KIND)
    _warn_at_edges(data)
    _warn_of_drift(data)
    return data


def chosen_grid(pulse: Light, fibre: Fibre, grid: Grid | None) -> Grid:
    """Return the grid that is given or found, once pulse and fibre are such."""
    check_light("pulse", pulse)
    check_kind("fibre", fibre, Fibre, "take Fibre(length=..., betas=..., gamma=...)")
    check_cubic(pulse, fibre.gamma * pulse.peak_power, "gamma in 1/(W m)")
    if grid is None:
        return settled_grid(pulse, fibre)
    check_kind("grid", grid, Grid, "leave it out for one that fits")
    grid.check_pulse(pulse)
    return grid


def settled_grid(pulse: Light, fibre: Fibre) -> Grid:
    """Return a grid whose edges the light of ``pulse`` in ``fibre`` does not touch.

    Quick propagations try that of `fitting_grid` with an eighth of the walk-off and,
    where light comes to an edge, the next larger one in that direction, up to 2^19
    points. The same pulse and fibre lead to the same grid.
    """
    grid = fitting_grid(pulse, fibre, share=0.125)
    for _ in range(SCOUTS):
        # The lowest frequency stays above zero.
        finer = 2.0 * math.pi * grid.n_points < grid.omega0 * grid.window
        touched = _touched(pulse, fibre, grid, finer)
        if touched is None or grid.n_points >= LARGEST_SETTLED:
            return grid
        window = grid.window * (2.0 if touched == "time" else 1.0)
        grid = replace(grid, n_points=2 * grid.n_points, window=window)
    return grid


def _touched(
    pulse: Light, fibre: Fibre, grid: Grid, in_frequency_too: bool
) -> str | None:
    """Return in what light comes to an edge first: time, frequency, or neither."""
    places = np.linspace(0.0, fibre.length, SCOUT_POSITIONS)[1:].tolist()
    start = entering(pulse.envelope_on(grid), pulse, fibre)
    equation = FibreEquation(fibre, grid)
    tallest = np.zeros(2)
    for light in march(start, equation, places, tolerance=SCOUT_TOLERANCE):
        if light.position not in places:
            continue
        power = np.abs(np.fft.fft(light.amplitudes[None])) ** 2
        density = np.fft.fftshift(np.abs(light.amplitudes[None]) ** 2, axes=1)
        tallest = np.maximum(tallest, [power.max(), density.max()])
        if _outermost(power) > EDGE * tallest[0]:
            return "time"
        if in_frequency_too and _outermost(density) > EDGE * tallest[1]:
            return "frequency"
    return None


def fitting_grid(pulse: Light, fibre: Fibre, *, share: float = 1.0) -> Grid:
    """Return a grid for ``pulse`` in ``fibre`` from estimates made beforehand.

    The bandwidth allows for twice the self-phase modulation over the whole length
    (at most to 5 % of the carrier frequency), as compression steepens the pulse; the
    window allows for a ``share`` of the walk-off of half that band.
    """
    carrier = pulse.omega0
    transform_limited, width = _sizes(pulse)
    phase = abs(fibre.gamma) * pulse.peak_power * fibre.length
    half_band = min(transform_limited * (1.0 + 2.0 * phase), 0.95 * carrier)
    detuning = np.linspace(-half_band, half_band, 401)
    beta = fibre.propagation_constant(carrier + detuning, carrier)
    delay = np.gradient(beta, detuning) * fibre.length
    core = np.abs(detuning) <= max(0.5 * half_band, transform_limited)
    walk_off = float(np.ptp(delay[core]))
    window = width + 2.0 * share * walk_off
    return Grid.fitting(pulse, bandwidth=2.0 * half_band, window=window)


def _sizes(pulse: Light) -> tuple[float, float]:
    """Return half the band of about ten sigma (rad/s) and the window (s) of light."""
    if isinstance(pulse, Pulse):
        return 4.0 / pulse.fwhm, 16.0 * pulse.fwhm
    band, window = pulse.extent
    return 0.2 * band, window  # the share that it is of a sech^2 pulse


def entering(envelope: Complex, pulse: Light, fibre: Fibre) -> Snapshot:
    """Return the light at the entrance, with a first step that the pulse allows."""
    strength = abs(fibre.gamma) * pulse.peak_power
    first = fibre.length / 10.0
    return Snapshot(
        position=0.0,
        amplitudes=np.fft.ifft(envelope),
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
        peak = float(values.max())
        yield name, _outermost(values) / peak if peak > 0.0 else 0.0, remedy


def _outermost(values: Floats) -> float:
    """Return the largest in the outermost hundredth of the last axis."""
    width = max(values.shape[1] // 200, 1)
    return float(max(values[:, :width].max(), values[:, -width:].max()))


def _drift(data: "xr.Dataset", fibre: Fibre) -> Floats:
    """Return the relative change of what the equation conserves, loss aside.

    With the shock term that is the number of photons, without it the energy.
    """
    name = "photon_number" if fibre.self_steepening else "energy"
    left = data[name].values * np.exp(fibre.loss * data["position"].values)
    return np.asarray(left / left[0] - 1.0 if left[0] > 0.0 else np.zeros_like(left))


def _warn_of_drift(data: "xr.Dataset") -> None:
    drift = float(np.abs(data["drift"].values).max())
    if drift > MOST_DRIFT:
        warn(
            f"what the equation conserves changed by {drift:.1e}, at most "
            f"{MOST_DRIFT:g}: the steps are too large; lower the tolerance.",
            QleapWarning,
            stacklevel=3,
        )


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
