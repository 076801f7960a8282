"""Labelled datasets with units and provenance, and their one file format.

A dataset is an `xarray.Dataset` in which every coordinate and variable has a
``units`` attribute and whose attributes say what it is (``kind``), with which
parameters and seed it was made, by which versions, where and when. Files are
NetCDF4 (HDF5), readable by xarray, h5py, MATLAB, Julia and Igor; a complex
variable ``a`` is stored as the two real ones ``a__real`` and ``a__imag``.
"""

import contextlib
import json
import os
import sys
import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import atomic, environment
from qleap.core.errors import InvalidValue, StorageError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["dataset", "load", "parameters", "plain", "save"]

_REAL, _IMAG = "__real", "__imag"

_writing = threading.Lock()
"""Held while settings of Dask, which are those of all threads, are others."""


def dataset(
    *,
    kind: str,
    coords: Mapping[str, tuple[ArrayLike, str]],
    variables: Mapping[str, tuple[Sequence[str], ArrayLike, str]],
    parameters: Mapping[str, object] | None = None,
    seed: int | None = None,
) -> "xr.Dataset":
    """Return a dataset with units and provenance.

    Parameters
    ----------
    kind : str
        What the dataset is, for example ``"odmr"``; `load` can insist on it.
    coords : mapping
        Name to ``(values, unit)``; each is one-dimensional and names its own axis.
    variables : mapping
        Name to ``(dimensions, values, unit)``; ``"1"`` is the unit of a number.
    parameters : mapping, optional
        What the values were computed from; plain JSON values.
    seed : int, optional
        Seed of the random numbers, where there were any.

    Raises
    ------
    InvalidValue
        Where a unit is missing or a parameter is not a plain value.
    """
    import xarray as xr

    missing = [n for n, (_, unit) in coords.items() if not unit]
    missing += [n for n, (_, _, unit) in variables.items() if not unit]
    if missing:
        raise InvalidValue(
            f"units must name every array, but lacks {missing}; use '1' for a number."
        )
    return xr.Dataset(
        {
            name: (tuple(dims), np.asarray(values), {"units": unit})
            for name, (dims, values, unit) in variables.items()
        },
        coords={
            name: ((name,), np.asarray(values), {"units": unit})
            for name, (values, unit) in coords.items()
        },
        attrs={
            "kind": kind,
            "parameters": _json("parameters", dict(parameters or {})),
            "provenance": _json("provenance", environment.provenance()),
            "seed": "none" if seed is None else str(seed),
        },
    )


def parameters(data: "xr.Dataset") -> dict[str, Any]:
    """Return the parameters that ``data`` was computed from."""
    found: dict[str, Any] = json.loads(data.attrs["parameters"])
    return found


def plain(values: Mapping[str, object]) -> dict[str, Any]:
    """Return parameters as `parameters` will read them from a dataset."""
    found: dict[str, Any] = json.loads(_json("parameters", dict(values)))
    return found


def save(data: "xr.Dataset", path: str | os.PathLike[str]) -> Path:
    """Write ``data`` to ``path`` as NetCDF4, atomically, and return the path.

    Raises
    ------
    StorageError
        Where the file cannot be written; an older file is then unchanged.
    """
    # HDF5 crashes the whole process when the disk is full, so it writes to memory
    # and plain file calls, whose failure is an OSError, do the rest.
    with _without_cluster():
        encoded = _split_complex(data).to_netcdf(engine="h5netcdf")
    content = bytes(encoded)
    if isinstance(encoded, memoryview):
        # A view that outlives its buffer, in the traceback of a failed write for
        # example, crashes Python 3.12 and makes 3.13 complain.
        encoded.release()
    with atomic.replacing(path) as part:
        part.write_bytes(content)
    return Path(path)


def load(path: str | os.PathLike[str], *, kind: str | None = None) -> "xr.Dataset":
    """Return the dataset stored in ``path``, read whole into memory.

    Parameters
    ----------
    path : path-like
        A file that `save` wrote.
    kind : str, optional
        Refuse datasets of another kind.

    Raises
    ------
    StorageError
        Where the file is missing, damaged or not one of ours.
    InvalidValue
        Where the dataset is of another kind.
    """
    import xarray as xr

    if not Path(path).is_file():
        raise StorageError(f"{path} is not a file; check the name and the folder.")
    try:
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            data = opened.load()
    except Exception as error:  # h5py and xarray raise many kinds on a bad file
        raise StorageError(
            f"{path} is damaged or not a NetCDF4/HDF5 file ({_first_line(error)}); "
            "restore it from a copy or compute it again."
        ) from error
    lacking = {"kind", "parameters", "provenance", "seed"} - set(data.attrs)
    if lacking:
        raise StorageError(
            f"{path} is not a qleap dataset (it lacks the attributes "
            f"{', '.join(sorted(lacking))}); open it with xarray.open_dataset."
        )
    if kind is not None and data.attrs["kind"] != kind:
        raise InvalidValue(
            f"{path} must hold a dataset of the kind {kind!r}, "
            f"got {data.attrs['kind']!r}."
        )
    return _join_complex(data)


@contextlib.contextmanager
def _without_cluster() -> Iterator[None]:
    """Keep xarray from asking a Dask cluster for a lock on a file in memory.

    In a task of a cluster it would, and the cluster knows no such lock.
    """
    if "distributed" not in sys.modules:
        yield
        return
    import dask

    with _writing, dask.config.set(scheduler="threads"):
        yield


def _split_complex(data: "xr.Dataset") -> "xr.Dataset":
    names = [name for name, array in data.variables.items() if _is_complex(array)]
    parts: dict[Hashable, Any] = {}
    for name in names:
        array = data[name]
        parts[f"{name}{_REAL}"] = array.real.assign_attrs(array.attrs)
        parts[f"{name}{_IMAG}"] = array.imag.assign_attrs(array.attrs)
    return data.drop_vars(names).assign(parts)


def _join_complex(data: "xr.Dataset") -> "xr.Dataset":
    for part in [str(n) for n in data.data_vars if str(n).endswith(_REAL)]:
        name = part.removesuffix(_REAL)
        imag = f"{name}{_IMAG}"
        whole = data[part].copy(data=_whole(data[part].values, data[imag].values))
        whole.encoding.clear()  # that of one real part
        data = data.drop_vars([part, imag]).assign({name: whole})
    return data


def _whole(real: "np.ndarray[Any, Any]", imag: "np.ndarray[Any, Any]") -> Any:
    """Return complex numbers to the bit: sums lose signs of zeros, and infinities."""
    whole = np.empty(real.shape, np.result_type(real.dtype, np.complex64))
    whole.real, whole.imag = real, imag
    return whole


def _is_complex(array: "xr.Variable") -> bool:
    return bool(np.issubdtype(array.dtype, np.complexfloating))


def _json(name: str, values: object) -> str:
    try:
        return json.dumps(values, sort_keys=True, default=_plain)
    except (TypeError, ValueError) as error:
        raise InvalidValue(
            f"{name} must hold plain values (numbers, text, lists), but {error}."
        ) from error


def _plain(value: object) -> object:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not one")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]
