"""A propagation, or a scan of many, from a TOML file."""

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qleap.core import documents
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.cases.axes import Axis, axes_of, changed
from qleap.laser.cases.doors import arguments_of, door
from qleap.laser.cases.sections import CaseFile

if TYPE_CHECKING:
    import xarray as xr

    from qleap.core.parallel import Submits

__all__ = ["Case", "case_schema", "load_case"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A checked case file.

    Parameters
    ----------
    path : Path
        Of the file.
    title : str
        Of the file, or else its name.
    door : {"fibre", "capillary", "beam", "crystal"}
        What light travels through.
    arguments : mapping
        Those of ``propagate_fibre``, ``propagate_capillary``, ... by name: what
        `propagate` passes on. With a scan those of its first point.
    axes : tuple of Axis
        What is scanned; none in most cases.
    zipped : bool
        Whether values of several axes go together instead of in all combinations.
    """

    path: Path
    title: str
    door: str
    arguments: Mapping[str, Any]
    axes: tuple[Axis, ...]
    zipped: bool
    content: Mapping[str, Any]

    def propagate(
        self,
        store: str | os.PathLike[str] | None = None,
        *,
        workers: int | None = None,
        executor: "Submits | None" = None,
    ) -> "xr.Dataset":
        """Return what the door returns, or of a scan all of it in one dataset.

        Parameters
        ----------
        store : path-like, optional
            File that takes the result, and of a scan a folder with a file for every
            point. Called again, it goes on from what is there.
        workers, executor
            Of a scan, as in `qleap.laser.scan`.
        """
        if not self.axes:
            found: xr.Dataset = door(self.door)(**self.arguments, store=store)
            return found
        from qleap.laser.propagation.scans import scan

        return scan(
            _Point(
                path=self.path,
                content=dict(self.content),
                keys={axis.name: axis.key for axis in self.axes},
            ),
            {axis.name: axis.values for axis in self.axes},
            zipped=self.zipped,
            units={axis.name: axis.unit for axis in self.axes},
            real_only=True,
            store=store,
            workers=workers,
            executor=executor,
        )


@dataclass(frozen=True, kw_only=True)
class _Point:
    """A case as a function of what is scanned; it can be sent to other machines."""

    path: Path
    content: dict[str, Any]
    keys: dict[str, str]

    def __call__(self, *, store: Path | None, **values: Any) -> "xr.Dataset":
        changes = {self.keys[name]: value for name, value in values.items()}
        file = _checked(self.path, changed(self.content, changes, self.path))
        found: xr.Dataset = door(file.door)(**_arguments(file, self.path), store=store)
        return found


def load_case(
    path: str | os.PathLike[str], changes: Mapping[str, object] | None = None
) -> Case:
    """Return the case in a TOML file, all of it checked.

    Parameters
    ----------
    path : path-like
        See docs/laser/cases.md, and `case_schema`.
    changes : mapping, optional
        From dotted keys to what is put in their places: ``{"pulse.energy": "2 uJ"}``.

    Raises
    ------
    StorageError
        Where a file cannot be read.
    InvalidValue
        Where it breaks the schema or the physics, at any point of a scan; the sentence
        names the key.
    """
    where = Path(path)
    content = changed(documents.read_toml(where), changes or {}, where)
    file = _checked(where, content)
    axes, zipped = axes_of(file, where)
    first = None
    for point in points_of(axes, zipped):
        point_file = _checked(where, changed(content, point, where))
        arguments = _arguments(point_file, where)
        first = arguments if first is None else first
    return Case(
        path=where,
        title=file.title or where.stem,
        door=file.door,
        arguments=first or {},
        axes=axes,
        zipped=zipped,
        content=content,
    )


def points_of(axes: tuple[Axis, ...], zipped: bool) -> list[dict[str, Any]]:
    """Return the changes of every point of a scan; without one, a point without any."""
    from qleap.laser.propagation.scans import points

    values = {axis.key: axis.values for axis in axes}
    return points(values, zipped=zipped) if axes else [{}]


def case_schema() -> dict[str, Any]:
    """Return the JSON schema of case files, for editors that check TOML."""
    made = CaseFile.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _checked(path: Path, content: Mapping[str, Any]) -> CaseFile:
    return documents.validated(path, copy.deepcopy(dict(content)), CaseFile)


def _arguments(file: CaseFile, path: Path) -> dict[str, Any]:
    """Return the door's arguments; an error names the file."""
    try:
        return arguments_of(file, path.parent)
    except (InvalidValue, InvalidKind) as error:
        raise InvalidValue(f"{path}: {error}") from error
