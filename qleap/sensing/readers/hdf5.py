"""Arrays in HDF5 files: NetCDF 4, NeXus and MATLAB 7.3 with what they add."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.readers.contents import Contents, add_array, text_of
from qleap.sensing.readers.formats import unreadable
from qleap.sensing.readers.nexus import nexus_items

__all__ = ["StoredArray", "hdf5_contents"]

_MATLAB_NUMBERS = {
    "double", "single", "int8", "int16", "int32", "int64",
    "uint8", "uint16", "uint32", "uint64",
}  # fmt: skip
_MATLAB_REST = {
    "cell": "a cell array; save cell2mat(...) of it",
    "function_handle": "a function handle",
    "table": "a table; save table2array(...) of it, or writetable to CSV",
    "char": "text",
    "logical": "logical values",
}


@dataclass(frozen=True, kw_only=True)
class StoredArray:
    """A dataset of an HDF5 file, read when it is sliced and in these parts only.

    It opens the file for each read, so that it can travel to other processes.

    Parameters
    ----------
    path : Path
    name : str
        Of the dataset.
    shape : tuple of int
    dtype : numpy.dtype
    order : tuple of int
        Axis of the file for each axis of this array: MATLAB's are reversed.
    packing : tuple of float
        Factor and offset of packed values (CF conventions).
    fill : float, optional
        Value that stands for a missing one.
    """

    path: Path
    name: str
    shape: tuple[int, ...]
    dtype: Any
    order: tuple[int, ...]
    packing: tuple[float, float] = (1.0, 0.0)
    fill: float | None = None

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def moved(self, axis: int, to: int) -> "StoredArray":
        """Return the array with one axis at another place."""
        rest = [k for k in range(self.ndim) if k != axis]
        rest.insert(to, axis)
        return StoredArray(
            path=self.path,
            name=self.name,
            shape=tuple(self.shape[k] for k in rest),
            dtype=self.dtype,
            order=tuple(self.order[k] for k in rest),
            packing=self.packing,
            fill=self.fill,
        )

    def __getitem__(self, key: Any) -> NDArray[Any]:
        import h5py

        given = key if isinstance(key, tuple) else (key,)
        if Ellipsis in given:
            at = given.index(Ellipsis)
            full = (slice(None),) * (self.ndim - len(given) + 1)
            given = (*given[:at], *full, *given[at + 1 :])
        given = (*given, *(slice(None),) * (self.ndim - len(given)))
        single = tuple(k for k, part in enumerate(given) if not isinstance(part, slice))
        stored: list[slice] = [slice(None)] * self.ndim
        for k, part in enumerate(given):
            inside = range(self.shape[k])
            if not isinstance(part, slice):
                inside[part]  # refuses what lies outside
                part = slice(inside[part], inside[part] + 1)
            stored[self.order[k]] = part
        try:
            with h5py.File(self.path, "r") as content:
                block = content[self.name][tuple(stored)]
        except OSError as error:  # filters and check sums are met only now
            raise unreadable(self.path, error) from error
        return self._unpacked(block.transpose(self.order)).squeeze(axis=single)

    def _unpacked(self, block: NDArray[Any]) -> NDArray[Any]:
        """Return the values that packed ones stand for."""
        if self.fill is None and self.packing == (1.0, 0.0):
            return block
        values = block.astype(np.float64) * self.packing[0] + self.packing[1]
        if self.fill is not None:
            values[block == self.fill] = np.nan
        return values


def hdf5_contents(file: Path) -> Contents:
    """Return the arrays of an HDF5 file with units, axes and roles."""
    import h5py

    contents = Contents()
    with h5py.File(file, "r") as content:
        contents.header.update(_attributes(content))
        roles = nexus_items(content)
        for path, (role, axes) in roles.items():
            _add(contents, file, path, content[path], role=role, axes=axes)

        def collect(name: str, item: Any) -> None:
            if name.split("/")[0] in {"#refs#", "#subsystem#"} or name in roles:
                return
            if isinstance(item, h5py.Dataset):
                _add(contents, file, name, item)

        content.visititems(collect)
    return contents


def _add(
    contents: Contents, file: Path, name: str, dataset: Any, **details: Any
) -> None:
    """Sort a dataset in: an array with its unit and axes, a value, or refused."""
    matlab = text_of(dataset.attrs.get("MATLAB_class", ""))
    if text_of(dataset.attrs.get("CLASS", "")) == "DIMENSION_SCALE" and (
        text_of(dataset.attrs.get("NAME", "")).startswith("This is a netCDF dimension")
    ):
        return
    if matlab and matlab not in _MATLAB_NUMBERS:
        contents.refused[name] = _MATLAB_REST.get(matlab, f"a MATLAB {matlab}")
        if matlab == "char" and dataset.dtype.kind in "iu":
            letters = np.ravel(dataset[()], order="F")[:1000]
            contents.header[name] = "".join(map(chr, letters))
            del contents.refused[name]
        return
    if matlab and "MATLAB_empty" in dataset.attrs:
        contents.refused[name] = "empty"
        return
    order = tuple(range(dataset.ndim))
    if matlab:
        order = order[::-1]
    shape = tuple(dataset.shape[k] for k in order)
    if dataset.dtype.kind not in "iuf" or dataset.ndim == 0 or 0 in shape:
        whole = dataset.astype("T") if dataset.dtype.kind == "O" else dataset
        add_array(contents, name, _plain(whole))
        return
    if matlab and dataset.size == 1:
        contents.header[name] = str(dataset[()].item())
        return
    if matlab and dataset.ndim == 2 and 1 in shape:  # a row or column
        add_array(contents, name, dataset[()].ravel())
        return
    attributes = dataset.attrs
    stored = StoredArray(
        path=file,
        name=dataset.name,
        shape=shape,
        dtype=dataset.dtype,
        order=order,
        packing=(
            _number(attributes.get("scale_factor"), 1.0),
            _number(attributes.get("add_offset"), 0.0),
        ),
        fill=_number(attributes.get("_FillValue"), None),
    )
    unit = text_of(attributes.get("units", attributes.get("unit", "")))
    details.setdefault("axes", _scales(dataset) if not matlab else ())
    add_array(contents, name, stored, unit=unit, **details)


def _plain(dataset: Any) -> Any:
    """Return what `add_array` can sort in; strings and objects as they come."""
    import h5py

    if isinstance(dataset, h5py.Dataset):
        return dataset
    value = dataset[()]
    return np.asarray(value) if not isinstance(value, str) else np.array(value)


def _scales(dataset: Any) -> tuple[str, ...]:
    """Return the datasets that are attached to the axes (NetCDF and HDF5 scales)."""
    found = []
    for dimension in dataset.dims:
        scales = list(dimension.values())
        found.append(scales[0].name.lstrip("/") if scales else "")
    return tuple(found) if any(found) else ()


def _attributes(content: Any) -> dict[str, str]:
    """Return numbers and texts among the attributes of the file."""
    found = {}
    for name, value in content.attrs.items():
        if np.size(value) == 1 and np.asarray(value).dtype.kind in "iufbUSO":
            found[name] = text_of(value)
    return found


def _number(value: Any, otherwise: Any) -> Any:
    if value is None or np.size(value) != 1:
        return otherwise
    number = np.ravel(value)[0]
    return float(number) if np.asarray(number).dtype.kind in "iuf" else otherwise
