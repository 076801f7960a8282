"""Carrying a propagation out: progress, checkpoints, and going on from one."""

import contextlib
import dataclasses
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from qleap.core import checks, progress, stores
from qleap.core.errors import InvalidValue
from qleap.core.stores import Store
from qleap.laser.propagation.companion import Companion
from qleap.laser.propagation.integrator import Equation, Snapshot, march

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "CHECKPOINT",
    "DEFAULT_TOLERANCE",
    "TOLERANCES",
    "Task",
    "carry_out",
    "stopped_by",
]

DEFAULT_TOLERANCE: Final = 1e-7
"""Relative local error a step; docs/laser/propagation.md says what it leads to."""

TOLERANCES: Final = (1e-13, 1e-2)
"""Smallest and largest tolerance."""

LARGEST_RESULT: Final = 2**27
"""Most values of the field that are kept, positions times amplitudes: 8 GiB in all."""

CHECKPOINT: Final = "laser.checkpoint"
"""Kind of the dataset of an unfinished propagation."""

_stop: ContextVar[threading.Event | None] = ContextVar("stop", default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A propagation to carry out.

    Parameters
    ----------
    equation : Equation
        What happens on the way.
    start : Snapshot
        The light that enters, at the first of the positions.
    length : float
        m.
    n_positions : int
        Places that are kept, both ends included.
    tolerance : float
        Largest relative local error of a step.
    parameters : mapping
        What the result depends on, as JSON takes it; a checkpoint of another task is
        not gone on with.
    stops : sequence of float, optional
        More places between both ends at which a step has to end, m: kinks of a guide.
    label : str
        For the progress bar.
    companion : Equation, optional
        A second object of the same equation, that starts no threads. With it the
        result has the variable ``estimated_error`` over ``position``: the relative
        error of the spectrum, from a propagation with a larger tolerance beside.
    """

    equation: Equation
    start: Snapshot
    length: float
    n_positions: int
    tolerance: float
    parameters: Mapping[str, object]
    stops: Sequence[float] = ()
    label: str = "propagating"
    companion: Equation | None = None

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        checked = checks.between("tolerance", self.tolerance, *TOLERANCES)
        set_field(self, "tolerance", checked)
        size = self.start.amplitudes.size
        most = LARGEST_RESULT // size
        wanted = checks.count("n_positions", self.n_positions, 2)
        if wanted > most:
            raise InvalidValue(
                f"n_positions must be <= {most} on a grid of {size} points (the "
                f"result has to fit in memory), got {wanted}; keep fewer positions."
            )
        set_field(self, "n_positions", wanted)


def carry_out(
    task: Task,
    describe: Callable[[Sequence[Snapshot]], "xr.Dataset"],
    store: str | os.PathLike[str] | None,
    *,
    kind: str,
) -> "xr.Dataset":
    """Return the dataset that ``describe`` makes of the light at the kept places.

    Parameters
    ----------
    task : Task
        What to carry out.
    describe : callable
        From the light at all kept places to the result.
    store : path-like or None
        File for the result; until that is there it holds checkpoints, written every
        ten seconds and at any interruption.
    kind : str
        Of the datasets that ``describe`` makes.
    """
    file = None
    if store is not None:
        file = Store(
            store,
            kind=kind,
            checkpoint=CHECKPOINT,
            parameters=task.parameters,
            work="a propagation",
        )
    found = None if file is None else file.found()
    if file is not None and found is not None and file.is_result(found):
        return found
    first = dataclasses.replace(task.start, amplitudes=task.start.amplitudes.copy())
    kept, here = ([first], first) if found is None else _restored(found)
    if file is not None and found is None:  # a store that fails is said before the work
        _save_checkpoint(kept, here, file)
    if task.companion is None:
        _compute(task, kept, here, file)
        data = describe(kept)
    else:
        with Companion(
            first, task.companion, _places(task)[1:], task.tolerance, task.stops
        ) as companion:
            _compute(task, kept, here, file)
            data = describe(kept)
            errors = companion.errors(kept)
        data["estimated_error"] = ("position",), errors, {"units": "1"}
    if file is not None:
        file.finish(data)
    return data


@contextlib.contextmanager
def stopped_by(event: threading.Event) -> Iterator[None]:
    """Have propagations of this thread stop as at Ctrl-C once ``event`` is set."""
    token = _stop.set(event)
    try:
        yield
    finally:
        _stop.reset(token)


def _places(task: Task) -> list[float]:
    """Return the positions that are kept, m."""
    return [float(z) for z in np.linspace(0.0, task.length, task.n_positions)]


def _compute(
    task: Task, kept: list[Snapshot], here: Snapshot, store: Store | None
) -> None:
    """Append what is missing to ``kept``; write checkpoints now and then."""
    places = _places(task)[len(kept) :]
    # An interruption may have come after a kept place was met and before it was kept.
    if places and here.position == places[0]:
        kept.append(here)
        places = places[1:]
    written, stop = time.monotonic(), _stop.get()
    if not places:
        return
    with progress.bar(task.label, task.length) as bar:
        bar.update(here.position)
        try:
            goals = sorted({*places, *(z for z in task.stops if z > here.position)})
            ahead = march(here, task.equation, goals, tolerance=task.tolerance)
            for here in ahead:
                if here.position == places[0]:
                    kept.append(
                        dataclasses.replace(here, amplitudes=here.amplitudes.copy())
                    )
                    places = places[1:]
                bar.update(here.position, f"{here.steps} steps")
                if stop is not None and stop.is_set():
                    raise KeyboardInterrupt
                if store is not None and time.monotonic() - written > stores.SAVE_EVERY:
                    _save_checkpoint(kept, here, store)
                    written = time.monotonic()
        except BaseException:
            if store is not None:
                _save_checkpoint(kept, here, store)
            raise


def _save_checkpoint(kept: list[Snapshot], here: Snapshot, store: Store) -> None:
    lights = [*kept, here]
    axes = [f"axis_{i}" for i in range(here.amplitudes.ndim)]
    store.keep(
        {"place": (range(len(lights)), "1")},
        {
            "amplitudes": (
                ("place", *axes),
                np.stack([light.amplitudes for light in lights]),
                "1",
            ),
            "position": (("place",), [light.position for light in lights], "m"),
            "step": (("place",), [light.step for light in lights], "m"),
            "error": (("place",), [light.error for light in lights], "1"),
            "steps": (("place",), [light.steps for light in lights], "1"),
            "rejected": (("place",), [light.rejected for light in lights], "1"),
        },
    )


def _restored(data: "xr.Dataset") -> tuple[list[Snapshot], Snapshot]:
    """Return the kept places and the last one of a checkpoint."""
    lights = [
        Snapshot(
            position=float(data["position"].values[i]),
            amplitudes=data["amplitudes"].values[i],
            step=float(data["step"].values[i]),
            error=float(data["error"].values[i]),
            steps=int(data["steps"].values[i]),
            rejected=int(data["rejected"].values[i]),
        )
        for i in range(data.sizes["place"])
    ]
    return lights[:-1], lights[-1]
