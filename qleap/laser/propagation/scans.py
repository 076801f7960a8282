"""Many propagations side by side, and one dataset of them all."""

import itertools
import json
import os
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from qleap.core import atomic, checks, results
from qleap.core.errors import InvalidValue, StorageError
from qleap.core.parallel import Submits, map_points
from qleap.laser.propagation.run import stopped_by

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["KIND", "MANIFEST", "files_of", "points", "scan"]

KIND: Final = "laser.scan"

MANIFEST: Final = "scan.json"
"""File of a store that says what is scanned."""

LARGEST: Final = 2**28
"""Most values of the dataset of all points: 2 GiB."""

TOGETHER: Final = "point"
"""Dimension of values that are scanned together."""

Values = Mapping[str, Sequence[Any]]


def scan(
    function: "Callable[..., xr.Dataset]",
    values: Values,
    *,
    zipped: bool = False,
    units: Mapping[str, str] | None = None,
    real_only: bool = False,
    store: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    executor: Submits | None = None,
) -> "xr.Dataset":
    """Return what a function makes of many values of its arguments, in one dataset.

    Parameters
    ----------
    function : callable
        Called as ``function(name=value, ..., store=path)``; it gives ``store`` (a path,
        or None) to a door such as `qleap.laser.propagate_fibre`, and returns its
        dataset.
    values : mapping
        Names of arguments to the values they take: numbers or texts.
    zipped : bool
        Whether values go together, the first with the first, instead of in all
        combinations.
    units : mapping, optional
        Names to the units of their values; ``"1"`` by default.
    real_only : bool
        Whether complex variables are left to the files in the store.
    store : path-like, optional
        Folder with a file for each point, which the function's door fills. Called
        again, it goes on from what is there, within points too.
    workers : int, optional
        Threads, each with a point at a time; by default the number of cores. Bits do
        not depend on it.
    executor : Executor or dask.distributed.Client, optional
        Where to compute instead; ``function`` has to be one that can be sent there, and
        ``store`` a folder that is seen from there.

    Returns
    -------
    xarray.Dataset
        The variables of the points, with dimensions in front that are named as the
        arguments (``scanned_...`` where that is a name of the points' own; ``point``
        of zipped values). Where points have coordinates of their own, as with grids
        that fit each of them, the coordinate is a table over the scan and
        ``..._index``, filled up with NaN.

    Raises
    ------
    InvalidValue
        Where values are not equally many, the store holds another scan, or all would
        not fit in memory.
    """
    found = points(values, zipped=zipped)
    folder = None if store is None else _prepared(Path(store), values, zipped)
    files = [None if folder is None else folder / _name(i) for i in range(len(found))]
    tasks = list(zip(found, files, strict=True))
    if executor is not None:
        datasets = map_points(
            partial(_computed, function), tasks, executor=executor, label="scan"
        )
    else:
        datasets = _threaded(function, tasks, workers)
    return _combined(datasets, values, zipped, dict(units or {}), real_only)


def points(values: Values, *, zipped: bool) -> list[dict[str, Any]]:
    """Return the values of every point of a scan, the last name fastest."""
    lists = [list(several) for several in values.values()]
    sizes = {name: len(several) for name, several in values.items()}
    if not sizes or min(sizes.values()) == 0:
        raise InvalidValue(f"values must hold one value or more a name, got {sizes}.")
    if zipped and len(set(sizes.values())) > 1:
        raise InvalidValue(f"values that are zipped must be equally many, got {sizes}.")
    rows = zip(*lists, strict=True) if zipped else itertools.product(*lists)
    return [dict(zip(values, row, strict=True)) for row in rows]


def files_of(store: str | os.PathLike[str]) -> list[tuple[dict[str, Any], Path]]:
    """Return the values and the file of every point of a scan's store."""
    folder = Path(store)
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StorageError(f"{folder} is no store of a scan ({error}).") from error
    made = points(found["values"], zipped=found["zipped"])
    return [(point, folder / _name(i)) for i, point in enumerate(made)]


_Task = tuple[dict[str, Any], Path | None]


def _computed(function: "Callable[..., xr.Dataset]", task: _Task) -> "xr.Dataset":
    given, store = task
    return function(**given, store=store)


def _threaded(
    function: "Callable[..., xr.Dataset]", tasks: list[_Task], workers: int | None
) -> "list[xr.Dataset]":
    """Compute on threads of ours, which at Ctrl-C keep what is there and stop."""
    stop = threading.Event()

    def stoppable(task: _Task) -> "xr.Dataset":
        with stopped_by(stop):
            return _computed(function, task)

    number = os.cpu_count() or 1 if workers is None else workers
    with ThreadPoolExecutor(checks.count("workers", number)) as pool:
        try:
            return map_points(stoppable, tasks, executor=pool, label="scan")
        except BaseException:
            stop.set()
            raise


def _name(index: int) -> str:
    return f"point-{index:05d}.nc"


def _prepared(folder: Path, values: Values, zipped: bool) -> Path:
    """Return the folder of a store, with a note of what is scanned in it."""
    wanted = {
        "values": {name: _plain(several) for name, several in values.items()},
        "zipped": zipped,
    }
    note = folder / MANIFEST
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = json.loads(note.read_text(encoding="utf-8")) if note.exists() else None
    except (OSError, ValueError) as error:
        raise StorageError(
            f"the store {folder} cannot be used ({error}); choose another folder."
        ) from error
    if found is None:
        atomic.write_text(note, json.dumps(wanted, indent=1))
    elif found != json.loads(json.dumps(wanted)):
        raise InvalidValue(
            f"the store {folder} holds a scan of other values; choose another folder "
            "or delete this one."
        )
    return folder


def _plain(several: Sequence[Any]) -> list[Any]:
    return [one.item() if isinstance(one, np.generic) else one for one in several]


def _combined(
    datasets: "Sequence[xr.Dataset]",
    values: Values,
    zipped: bool,
    units: dict[str, str],
    real_only: bool,
) -> "xr.Dataset":
    """Return one dataset of all points."""
    first = datasets[0]
    names = {name: _free_name(name, first) for name in values}
    if zipped:
        count = len(next(iter(values.values())))
        outer: dict[str, tuple[Any, str]] = {TOGETHER: (np.arange(count), "1")}
    else:
        outer = {
            names[name]: (_labels(several), units.get(name, "1"))
            for name, several in values.items()
        }
    shape = tuple(len(several) for several, _ in outer.values())
    stacked = _Stack(datasets, tuple(outer), shape, real_only)
    variables = stacked.variables()
    if zipped:
        for name, several in values.items():
            unit = units.get(name, "1")
            variables[names[name]] = ((TOGETHER,), _labels(several), unit)
    made = results.dataset(
        kind=KIND,
        coords={**outer, **stacked.shared},
        variables=variables,
        parameters={
            "of": first.attrs["kind"],
            "scanned": {name: _plain(several) for name, several in values.items()},
            "zipped": zipped,
            "points": [results.parameters(data) for data in datasets],
        },
    )
    inner = [*stacked.own, *(names.values() if zipped else ())]
    return made.set_coords(inner)


def _free_name(name: str, data: "xr.Dataset") -> str:
    return f"scanned_{name}" if name in data.variables else name


def _labels(several: Sequence[Any]) -> Any:
    """Return values as an array: numbers, or texts of what is none."""
    if all(isinstance(one, int | float | np.number) for one in several):
        return np.asarray(several)
    return np.asarray([str(one) for one in several])


class _Stack:
    """Variables of many datasets over the dimensions of a scan.

    Attributes
    ----------
    shared : dict
        Coordinates that are the same at every point.
    own : list of str
        Coordinates that are not, which become variables.
    """

    def __init__(
        self,
        datasets: "Sequence[xr.Dataset]",
        outer: tuple[str, ...],
        shape: tuple[int, ...],
        real_only: bool,
    ) -> None:
        self._datasets, self._outer, self._shape = datasets, outer, shape
        self._real_only = real_only
        first = datasets[0]
        self.shared: dict[str, tuple[Any, str]] = {}
        self.own: list[str] = []
        for name in (str(name) for name in first.coords):
            if all(_same(first, data, name) for data in datasets[1:]):
                self.shared[name] = (first[name].values, first[name].attrs["units"])
            else:
                self.own.append(name)

    def variables(self) -> dict[str, tuple[Sequence[str], Any, str]]:
        """Return all variables, those of points that have them not as NaN."""
        names = dict.fromkeys(str(n) for data in self._datasets for n in data.data_vars)
        found: dict[str, tuple[Sequence[str], Any, str]] = {}
        total = 0
        for name in [*self.own, *names]:
            model = next(data[name] for data in self._datasets if name in data)
            if self._real_only and np.iscomplexobj(model.values):
                continue
            stacked = self._stacked(name)
            total += stacked.size
            if total > LARGEST:
                raise InvalidValue(
                    f"a scan must hold <= {LARGEST} values in memory, but {name} is "
                    "one too much; keep fewer positions, or take the files of the "
                    "points in the store."
                )
            dims = [f"{d}_index" if d in self.own else str(d) for d in model.dims]
            found[name] = ([*self._outer, *dims], stacked, model.attrs["units"])
        return found

    def _stacked(self, name: str) -> Any:
        arrays = [
            data[name].values if name in data else None for data in self._datasets
        ]
        present = [array for array in arrays if array is not None]
        sizes = np.array([array.shape for array in present])
        shape = tuple(int(n) for n in sizes.max(axis=0)) if sizes.size else ()
        ragged = len(present) < len(arrays) or any(a.shape != shape for a in present)
        kind = np.result_type(*(array.dtype for array in present))
        if ragged and kind.kind in "iub":
            kind = np.dtype(np.float64)
        empty: Any = "" if kind.kind in "USO" else np.nan
        filled: Any = np.full((len(arrays), *shape), empty if ragged else 0, dtype=kind)
        for i, array in enumerate(arrays):
            if array is not None:
                filled[(i, *(slice(n) for n in array.shape))] = array
        return filled.reshape(*self._shape, *shape)


def _same(one: "xr.Dataset", other: "xr.Dataset", name: Hashable) -> bool:
    return name in other.coords and np.array_equal(one[name].values, other[name].values)
