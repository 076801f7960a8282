"""What a case scans, and how keys of a case are changed."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from pydantic import ValidationError

from qleap.core import checks
from qleap.core.documents import Document
from qleap.core.errors import InvalidValue
from qleap.laser.cases.fields import Quantity, quantity_at
from qleap.laser.cases.sections import CaseFile

__all__ = ["Axis", "RangeSection", "axes_of", "changed"]

MOST_POINTS: Final = 10**6
"""Values of a range."""

ZIPPED = "zipped"
"""The key of a scan that is no axis."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """A key of a case and the values it takes.

    Parameters
    ----------
    key : str
        Dotted, such as ``pulse.energy``.
    values : tuple
        In SI where they are quantities.
    unit : str
        ``"1"`` for numbers and names.
    """

    key: str
    values: tuple[Any, ...]
    unit: str

    @property
    def name(self) -> str:
        """Of the coordinate: the key with ``_`` for dots."""
        return self.key.replace(".", "_")


class RangeSection(Document):
    """Values at equal distances, of themselves or of their logarithms."""

    start: float | str
    stop: float | str
    n_points: int
    spacing: Literal["linear", "logarithmic"] = "linear"


def axes_of(file: CaseFile, path: Path) -> tuple[tuple[Axis, ...], bool]:
    """Return what the file scans, and whether values go together."""
    given = dict(file.scan or {})
    zipped = given.pop(ZIPPED, False)
    if not isinstance(zipped, bool):
        raise InvalidValue(f"{path}: scan.{ZIPPED} must be true or false.")
    found = [_axis(key, value, path) for key, value in _flat(given)]
    if file.scan is not None and not found:
        raise InvalidValue(
            f"{path}: [scan] must name a key and its values, such as "
            'pulse.energy = ["1 uJ", "2 uJ"].'
        )
    if zipped and len({len(axis.values) for axis in found}) > 1:
        sizes = ", ".join(f"{len(axis.values)} of {axis.key}" for axis in found)
        raise InvalidValue(
            f"{path}: [scan] values that are zipped must be equally many, got {sizes}."
        )
    return tuple(found), zipped


def changed(
    content: Mapping[str, Any], changes: Mapping[str, Any], path: Path
) -> dict[str, Any]:
    """Return ``content`` with other values at dotted keys."""
    made = copy.deepcopy(dict(content))
    for key, value in changes.items():
        *parents, last = key.split(".")
        place: Any = made
        for part in parents:
            if isinstance(place, list):
                place = _item(place, part, key, path)
            else:
                place = place.setdefault(part, {})
            if not isinstance(place, dict | list):
                raise InvalidValue(f"{path}: {key} is no key, as {part} has a value.")
        if isinstance(place, list):
            raise InvalidValue(
                f"{path}: {key} is one of several; write "
                f"{'.'.join([*parents, '0', last])} for the first."
            )
        place[last] = value
    return made


def _item(several: list[Any], part: str, key: str, path: Path) -> Any:
    if not part.isdigit() or int(part) >= len(several):
        raise InvalidValue(
            f"{path}: {key} must have a number from 0 to {len(several) - 1} "
            f"in place of {part!r}, as there are several of them."
        )
    return several[int(part)]


def _flat(given: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted keys and values; a table with start and stop is a value."""
    for key, value in given.items():
        if isinstance(value, dict) and not {"start", "stop"} & set(value):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _axis(key: str, given: Any, path: Path) -> Axis:
    quantity = quantity_at(CaseFile, key)
    unit = "1" if quantity is None else quantity.unit
    if isinstance(given, list) and given:
        return Axis(key=key, values=tuple(_read(quantity, v) for v in given), unit=unit)
    if not isinstance(given, dict):
        raise InvalidValue(
            f"{path}: scan.{key} must be a list of values, or a table with start, stop "
            f"and n_points, got {given!r:.60}."
        )
    try:
        section = RangeSection.model_validate(given)
        ends = [_end(quantity, end) for end in (section.start, section.stop)]
        logarithmic = section.spacing == "logarithmic"
        checks.count("n_points", section.n_points, 2, MOST_POINTS)
        if logarithmic and min(ends) <= 0.0:
            raise InvalidValue(
                "n_points goes with both ends > 0 where the spacing is logarithmic"
            )
        spread = np.geomspace if logarithmic else np.linspace
        values = spread(ends[0], ends[1], section.n_points)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InvalidValue(f"{path}: scan.{key}.{name}: {first['msg']}.") from error
    except ValueError as error:
        said = str(error).rstrip(".")
        raise InvalidValue(f"{path}: scan.{key}: {said}.") from error
    return Axis(key=key, values=tuple(values.tolist()), unit=unit)


def _read(quantity: Quantity | None, given: Any) -> Any:
    """Return a value in SI where it can be read; the schema refuses the others."""
    if quantity is None:
        return given
    try:
        return quantity.read(given)
    except ValueError:
        return given


def _end(quantity: Quantity | None, given: float | str) -> float:
    if quantity is not None:
        return float(Quantity(quantity.unit).read(given))
    if isinstance(given, str):
        raise InvalidValue(f"start and stop must be numbers here, got {given!r}")
    return given
