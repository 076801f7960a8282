"""Settings that users write in TOML or YAML: read, checked, and refused clearly."""

import os
import re
import tomllib
import typing
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from qleap.core import checks
from qleap.core.errors import InvalidValue, StorageError

__all__ = ["Document", "load_toml", "load_yaml", "read_toml", "validated"]


class Document(BaseModel):
    """Base of all settings: a key that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


D = TypeVar("D", bound=Document)


def load_toml(path: str | os.PathLike[str], kind: type[D]) -> D:
    """Return the settings in the TOML file ``path``.

    Raises
    ------
    StorageError
        Where the file cannot be read.
    InvalidValue
        Where it is not TOML (with the line) or breaks the schema (with the key).
    """
    return _load(Path(path), kind, _parse_toml)


def load_yaml(path: str | os.PathLike[str], kind: type[D]) -> D:
    """Return the settings in the YAML file ``path``; errors as in `load_toml`."""
    return _load(Path(path), kind, _parse_yaml)


def read_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what the TOML file ``path`` holds; errors as in `load_toml`."""
    found: dict[str, Any] = _read(Path(path), _parse_toml)
    return found


def validated(path: str | os.PathLike[str], content: object, kind: type[D]) -> D:
    """Return what was read from ``path`` as settings.

    Raises
    ------
    InvalidValue
        Where it breaks the schema (with the key).
    """
    if not isinstance(content, dict):
        raise InvalidValue(
            f"{path} must hold a mapping with the keys {', '.join(kind.model_fields)}; "
            f"got {type(content).__name__}."
        )
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise InvalidValue(f"{path}: {_schema_reason(error, kind)}") from error


def _load(path: Path, kind: type[D], parse: Callable[[str], object]) -> D:
    return validated(path, _read(path, parse), kind)


def _read(path: Path, parse: Callable[[str], object]) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StorageError(
            f"{path} cannot be read ({reason}); give the path of a text file in UTF-8."
        ) from error
    try:
        return parse(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidValue(f"{path} is not valid TOML: {error}.") from error
    except yaml.YAMLError as error:
        raise InvalidValue(f"{path}{_yaml_reason(error)}.") from error


def _parse_toml(text: str) -> object:
    return tomllib.loads(text)


def _parse_yaml(text: str) -> object:
    return yaml.load(text, Loader=_NoRepeats)  # a SafeLoader


class _NoRepeats(yaml.SafeLoader):
    """Refuse a key that is given twice; YAML would drop the first in silence."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, Any]:
        """Build a mapping, looking at every key on the way."""
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} is given twice",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _yaml_reason(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = "" if mark is None else f", line {mark.line + 1}"
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{where}: not valid YAML ({problem}); quote texts that hold a colon"


def _schema_reason(error: ValidationError, kind: type[Document]) -> str:
    """Say the first thing that is wrong; a misspelt key before what it causes."""
    found = error.errors()
    misspelt = (one for one in found if one["type"] == "extra_forbidden")
    first = next(misspelt, found[0])
    path = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = list(_model_at(kind, first["loc"][:-1]).model_fields)
        hint = checks.suggestion(str(first["loc"][-1]), known)
        return f"the key {path} is unknown;{hint} known keys: {', '.join(known)}."
    if first["type"] == "missing":
        return f"the key {path} is missing; add it."
    message = first["msg"].removeprefix("Value error, ").rstrip(".")
    message = message[0].lower() + message[1:]
    # A rule between several keys, or a sentence that already says what came.
    if isinstance(first["input"], dict) or ", got " in message:
        return f"{path}: {message}." if path else f"{message}."
    allowed = re.findall(r"'([^']+)'", first.get("ctx", {}).get("expected", ""))
    hint = checks.suggestion(str(first["input"]), allowed)
    return f"{path}: {message}, got {first['input']!r:.60}.{hint}"


def _model_at(
    kind: type[BaseModel], location: tuple[int | str, ...]
) -> type[BaseModel]:
    """Return the model that describes the place ``location`` of a document."""
    for part in location:
        field = kind.model_fields.get(str(part))
        if field is not None:
            kind = next(_models(field.annotation), kind)
    return kind


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models inside a type such as ``dict[int, Level]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models(inner)
