"""Cubes of spectra from files, read in parts where the file allows it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.readers.columns import find_scale
from qleap.sensing.readers.contents import Contents, Item
from qleap.sensing.readers.formats import TEXT, format_of, read_contents
from qleap.sensing.readers.quantities import FREQUENCY, unit_of
from qleap.sensing.readers.traces import plain_values

__all__ = ["StoredCube", "read_cube"]


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredCube:
    """Spectra of a picture in a file.

    ``fit_map(model, cube.frequency, cube.data, axis=cube.axis)`` fits them without
    ever holding them all in memory.

    Parameters
    ----------
    frequency : ndarray, shape (n,), Hz
        Ascending.
    data : array, shape (rows, columns, n) or (n, rows, columns)
        Memory map, dataset that is read in parts, or array.
    axis : int
        Of the frequency: 0 or 2.
    label : str
    notes : tuple of str
        What was guessed.
    metadata : mapping
        Single values and attributes in the file.
    """

    frequency: NDArray[np.float64]
    data: Any
    axis: int
    label: str = ""
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the picture."""
        rows, columns = (n for k, n in enumerate(self.data.shape) if k != self.axis)
        return int(rows), int(columns)


def read_cube(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    frequency: ArrayLike | None = None,
    unit: str | None = None,
    axis: int | None = None,
) -> StoredCube:
    """Return the cube in an NPY, NPZ, MATLAB, NetCDF, NeXus or HDF5 file.

    Parameters
    ----------
    path : path
    name : str, optional
        Of the cube in the file; by default NXdata's signal, or the largest array of
        three dimensions.
    frequency : array_like, shape (n,), Hz, optional
        Where the file has none.
    unit : str, optional
        Of the frequency in the file; guessed from its name or size.
    axis : int, optional
        Of the frequency, 0 to 2; by default what the file says, or the one that is as
        long as the frequency.

    Returns
    -------
    StoredCube
        NPY, stored NPZ and HDF5 are read in parts when they are used; compressed NPZ,
        NetCDF 3 and MATLAB before 7.3 are read whole.

    Raises
    ------
    StorageError
        Where the file cannot be read or holds no cube.
    InvalidValue
        Where there is no frequency that fits.
    """
    file = Path(path)
    kind = format_of(file)
    contents = Contents() if kind == TEXT else read_contents(file, kind)
    cube = _cube(contents, file, name)
    notes = [f"cube: {cube.label!r} {cube.shape}" if cube.name else "cube: the array"]
    if frequency is not None:
        at = checks.increasing("frequency", frequency, "Hz", min_size=2)
        found = None
    else:
        found = _frequency(contents, cube, file, axis)
        notes.append(f"frequency: {found.label!r}")
        at = found.read()
        largest = float(np.max(np.abs(at)))
        written = found.unit or unit_of(found.name)
        at = at * find_scale(repr(found.name), written, largest, FREQUENCY, unit, notes)
        at = checks.increasing(f"{found.name} of {file}", at, "Hz")
    place = _axis(cube, found, at.size, file, axis, notes)
    data = cube.array
    if place == 1:
        moved = getattr(data, "moved", None)
        data = np.moveaxis(data, 1, 2) if moved is None else moved(1, 2)
        place = 2
    return StoredCube(
        frequency=at,
        data=data,
        axis=place,
        label=file.name,
        notes=(*contents.notes, *notes),
        metadata=plain_values(contents.header),
    )


def _cube(contents: Contents, file: Path, name: str | None) -> Item:
    """Return the item that is the cube."""
    cubes = [item for item in contents.items if len(item.shape) == 3]
    if name is not None:
        if name in contents.refused:
            raise contents.refuse(file, f"a cube of real numbers named {name!r}")
        checks.one_of("name", name, [item.name for item in cubes])
        return next(item for item in cubes if item.name == name)
    if not cubes:
        raise contents.refuse(file, "a cube: an array of three dimensions")
    signals = [item for item in cubes if item.role == "signal"]
    return signals[0] if signals else max(cubes, key=lambda item: np.prod(item.shape))


def _frequency(contents: Contents, cube: Item, file: Path, axis: int | None) -> Item:
    """Return the item that is the frequency of the cube."""
    sizes = cube.shape if axis is None else (cube.shape[axis],)
    lists = [i for i in contents.items if len(i.shape) == 1 and i.shape[0] in sizes]
    attached = [i for i in lists if i.name in cube.axes]
    for group in (attached, lists):
        named = [i for i in group if FREQUENCY.pattern.search(i.label)]
        if named:
            return named[0]
    if axis is None and len(lists) == 1 and not cube.axes:
        return lists[0]
    raise InvalidValue(
        f"{file} must hold a frequency as long as an axis of the cube {cube.shape}, "
        f"got {contents.describe()}; give it: read_cube(path, frequency=...)."
    )


def _axis(
    cube: Item,
    found: Item | None,
    n: int,
    file: Path,
    axis: int | None,
    notes: list[str],
) -> int:
    """Return the axis of the frequency: given, as the file says, or by its length."""
    if axis is not None:
        place = checks.count("axis", axis, 0, 2)
        fitting = [place] if cube.shape[place] == n else []
    elif found is not None and found.name in cube.axes:
        return cube.axes.index(found.name)
    else:
        fitting = [k for k in (2, 0, 1) if cube.shape[k] == n]
    if not fitting:
        raise InvalidValue(
            f"{file}: the frequency must be as long as an axis of the cube, got {n} "
            f"points and the shape {cube.shape}."
        )
    if len(fitting) > 1:
        notes.append(
            f"axis of the frequency: {fitting[0]}, but axis {fitting[1]} is as long; "
            "name it if this is wrong"
        )
    return fitting[0]
