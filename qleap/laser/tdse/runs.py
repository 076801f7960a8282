"""Carrying solutions out: progress, checkpoints in a store, and going on from one."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from qleap.core import progress, stores
from qleap.core.stores import Store
from qleap.laser.harmonics.emission import DIPOLE

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Run", "carry_out"]

CHECKPOINT: Final = "laser.tdse_checkpoint"
"""Kind of the dataset of an unfinished solution."""

State = dict[str, NDArray[Any]]


class Run(Protocol):
    """One way through a field, made in parts."""

    label: str
    n_times: int

    @property
    def time(self) -> int:
        """How many times of the field are done."""
        ...

    def advance(self) -> None:
        """Make the next part."""
        ...

    def state(self) -> State:
        """Return all that the next parts and the result depend on."""
        ...

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state; `ValueError` where it is none of this run."""
        ...


def carry_out(
    runs: Sequence[Run],
    describe: Callable[[], "xr.Dataset"],
    store: str | os.PathLike[str] | None,
    parameters: Mapping[str, object],
) -> "xr.Dataset":
    """Carry runs out, one after the other, and return what ``describe`` makes of them.

    Parameters
    ----------
    runs : sequence of Run
    describe : callable
        Called when all are done.
    store : path-like or None
        File for the result; until that is there it holds checkpoints, written every ten
        seconds and at any interruption.
    parameters : mapping
        What the result depends on, and those of the dataset that ``describe`` makes.
    """
    if store is None:
        for run in runs:
            _compute(run, lambda: None)
        return describe()
    file = Store(
        store,
        kind=DIPOLE,
        checkpoint=CHECKPOINT,
        parameters=parameters,
        work="an atom in light",
    )
    found = file.found()
    if found is not None and file.is_result(found):
        return found
    if found is None:  # a store that fails is said before the work
        _keep(runs, file)
    else:
        _restore(runs, found, file)
    saved = [time.monotonic()]

    def save_now_and_then() -> None:
        if time.monotonic() - saved[0] > stores.SAVE_EVERY:
            _keep(runs, file)
            saved[0] = time.monotonic()

    # Ctrl-C reaches the first thread alone: it never finds a part half done on another.
    with ThreadPoolExecutor(1, "tdse") as other:
        try:
            for run in runs:
                _compute(run, save_now_and_then, other)
        except KeyboardInterrupt:
            other.shutdown()
            _keep(runs, file)
            raise
    data = describe()
    file.finish(data)
    return data


def _compute(
    run: Run, after: Callable[[], None], other: ThreadPoolExecutor | None = None
) -> None:
    """Make all parts that are left."""
    with progress.bar(run.label, float(run.n_times)) as bar:
        bar.update(float(run.time))
        while run.time < run.n_times:
            if other is None:
                run.advance()
            else:
                other.submit(run.advance).result()
            bar.update(float(run.time))
            after()


def _keep(runs: Sequence[Run], file: Store) -> None:
    """Write the states of all runs."""
    variables = {
        f"{number}_{name}": (
            tuple(f"{number}_{name}_{axis}" for axis in range(np.ndim(values))),
            values,
            "1",
        )
        for number, run in enumerate(runs)
        for name, values in run.state().items()
    }
    file.keep({}, variables)


def _restore(runs: Sequence[Run], data: "xr.Dataset", file: Store) -> None:
    for number, run in enumerate(runs):
        start = f"{number}_"
        names = [str(name) for name in data.data_vars if str(name).startswith(start)]
        state = {name.removeprefix(start): data[name].values for name in names}
        try:
            run.restore(state)
        except (KeyError, ValueError) as error:
            raise file.damaged(str(error)) from error
