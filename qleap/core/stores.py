"""One file for long work: checkpoints until the result takes their place."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import results
from qleap.core.errors import InvalidKind, InvalidValue, StorageError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["CHECKSUM", "SAVE_EVERY", "Store", "checksum"]

SAVE_EVERY: Final = 10.0
"""Seconds between two checkpoints."""

CHECKSUM: Final = "sha256"
"""Attribute of a checkpoint: of its numbers, which HDF5 reads whatever they are."""


class Store:
    """A file that holds checkpoints of one piece of work, and then its result.

    Parameters
    ----------
    path : path-like
    kind, checkpoint : str
        Of the datasets of the result and of unfinished work.
    parameters : mapping
        What the result depends on, plain values; those of the result are the same.
    work : str
        What is stored, for messages.

    Raises
    ------
    InvalidKind
        Where the path is none.
    InvalidValue
        Where it is empty or that of a folder.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        kind: str,
        checkpoint: str,
        parameters: Mapping[str, object],
        work: str,
    ) -> None:
        self._path, self._work = _file(path), work
        self._kind, self._checkpoint = kind, checkpoint
        self._parameters = dict(parameters)

    def found(self) -> "xr.Dataset | None":
        """Return what an earlier call left: the result or a checkpoint.

        Raises
        ------
        StorageError
            Where the file is damaged.
        InvalidValue
            Where it holds something else, or the same work with other parameters.
        """
        if not self._path.exists():
            return None
        try:
            data = results.load(self._path)
        except StorageError as error:
            raise StorageError(
                f"the store cannot be gone on with: {error} Delete it to begin anew."
            ) from error
        kind = data.attrs["kind"]
        if kind not in {self._kind, self._checkpoint}:
            raise InvalidValue(
                f"the store {self._path} must hold a dataset of the kind "
                f"{self._kind!r}, got {kind!r}; choose another file or delete this one."
            )
        # Plain, as the stored ones are: tuples become lists there.
        differing = _differing(
            results.parameters(data), results.plain(self._parameters)
        )
        if names := ", ".join(differing):
            raise InvalidValue(
                f"the store {self._path} holds {self._work} with other parameters "
                f"({names}); choose another file or delete this one."
            )
        if kind == self._checkpoint and data.attrs.get(CHECKSUM) != checksum(data):
            raise self.damaged("its checksum is another")
        return data

    def damaged(self, why: str) -> StorageError:
        """Return the error of a checkpoint that cannot be gone on with."""
        return StorageError(
            f"the store {self._path} holds a damaged checkpoint ({why}); "
            "delete it to begin anew, or restore it from a copy."
        )

    def is_result(self, data: "xr.Dataset") -> bool:
        """Tell whether what was found is the result."""
        return bool(data.attrs["kind"] == self._kind)

    def keep(
        self,
        coords: Mapping[str, tuple[ArrayLike, str]],
        variables: Mapping[str, tuple[tuple[str, ...], ArrayLike, str]],
    ) -> None:
        """Write a checkpoint."""
        data = results.dataset(
            kind=self._checkpoint,
            coords=coords,
            variables=variables,
            parameters=self._parameters,
        )
        data.attrs[CHECKSUM] = checksum(data)
        results.save(data, self._path)

    def finish(self, data: "xr.Dataset") -> None:
        """Write the result in place of checkpoints."""
        results.save(data, self._path)


def _file(path: str | os.PathLike[str]) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise InvalidKind(f"store must be the path of a file, got {path!r:.60}.")
    found = Path(path)
    if found.is_dir():
        raise InvalidValue(
            f"store must be a file, got the folder {os.fspath(path)!r}; give a name "
            "in it."
        )
    return found


def checksum(data: "xr.Dataset") -> str:
    """Return a digest of all numbers of a dataset."""
    digest = hashlib.sha256()
    for name in sorted(str(name) for name in data.data_vars):
        digest.update(np.ascontiguousarray(data[name].values).tobytes())
    return digest.hexdigest()


def _differing(found: object, wanted: object, name: str = "") -> Iterator[str]:
    """Yield dotted names of what differs between two nests of plain values."""
    if not isinstance(found, dict) or not isinstance(wanted, dict):
        if found != wanted:
            yield name
        return
    for key in {**found, **wanted}:
        inner = f"{name}.{key}" if name else str(key)
        yield from _differing(found.get(key), wanted.get(key), inner)
