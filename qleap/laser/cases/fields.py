"""Values in case files: numbers with units, pairs, and what changes along a guide."""

import re
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import units
from qleap.laser.guides.profiles import Profile

__all__ = [
    "Along",
    "Betas",
    "Pair",
    "PhaseOrders",
    "Quantity",
    "as_value",
    "quantity_at",
]

JsonSchema = dict[str, Any]


@dataclass(frozen=True)
class Quantity:
    """Marks a number with a unit: a text such as ``"50 fs"``, or a number in SI.

    Parameters
    ----------
    unit : str
        SI unit, a key of `qleap.laser.units.UNITS`.
    """

    unit: str

    def read(self, given: Any) -> Any:
        """Return the value in SI."""
        return as_value(lambda: units.value("it", given, self.unit))

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read before pydantic does."""
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        """Describe what may be written."""
        return self.described()

    def described(self) -> JsonSchema:
        """Return the JSON schema of one value."""
        known = list(units.UNITS[self.unit])
        names = "|".join(re.escape(name).replace("u", "[uµμ]") for name in known)
        number = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
        return {
            "description": f"A number in {self.unit}, or a text: {', '.join(known)}.",
            "anyOf": [
                {"type": "number"},
                {"type": "string", "pattern": rf"^\s*{number}\s+({names})\s*$"},
            ],
        }


@dataclass(frozen=True)
class Pair(Quantity):
    """Marks two such values."""

    def read(self, given: Any) -> Any:
        """Return both values in SI."""
        if not isinstance(given, list | tuple) or len(given) != 2:
            raise InvalidValue(f"it must be a pair of values in {self.unit}")
        first, second = (super(Pair, self).read(value) for value in given)
        return (first, second)

    def described(self) -> JsonSchema:
        """Return the JSON schema of a pair."""
        one = super().described()
        return {"type": "array", "items": one, "minItems": 2, "maxItems": 2}


@dataclass(frozen=True)
class Along(Quantity):
    """Marks one value, a pair for both ends, or a table of positions and values."""

    def __get_pydantic_core_schema__(
        self,
        source: Any,
        handler: GetCoreSchemaHandler,
    ) -> CoreSchema:
        """Take what `read` returns as it is."""
        return core_schema.no_info_plain_validator_function(self.read)

    def read(self, given: Any) -> Any:
        """Return a number, a pair of them or a `Profile`, in SI."""
        one = Quantity(self.unit).read
        if isinstance(given, list | tuple):
            if len(given) != 2:
                raise InvalidValue(
                    "it must be one value, a pair for both ends, or a table with "
                    "positions and values"
                )
            return (one(given[0]), one(given[1]))
        if not isinstance(given, dict):
            return one(given)
        if set(given) != {"positions", "values"}:
            raise InvalidValue("it must be a table with positions and values")
        places = tuple(Quantity("m").read(z) for z in given["positions"])
        values = tuple(one(value) for value in given["values"])
        return Profile(positions=places, values=values)

    def described(self) -> JsonSchema:
        """Return the JSON schema of all three."""
        one = Quantity(self.unit).described()
        pair = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
        places = {"type": "array", "items": Quantity("m").described(), "minItems": 2}
        table = {
            "type": "object",
            "properties": {"positions": places, "values": {**places, "items": one}},
            "required": ["positions", "values"],
            "additionalProperties": False,
        }
        return {"anyOf": [one, pair, table]}


@dataclass(frozen=True)
class _Orders:
    """Marks a list of values whose unit has the next power each time."""

    read_one: Callable[[str, object, int], float]
    first: int
    example: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read before pydantic does."""
        return core_schema.no_info_before_validator_function(
            self._read, handler(source)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        """Describe what may be written."""
        items = {"anyOf": [{"type": "number"}, {"type": "string"}]}
        said = f"Numbers in SI, or texts such as {self.example}."
        return {"type": "array", "items": items, "description": said}

    def _read(self, given: Any) -> Any:
        if not isinstance(given, list | tuple):
            return given
        return tuple(self._value(k, one) for k, one in enumerate(given, self.first))

    def _value(self, order: int, given: object) -> float:
        name = f"beta{order}" if self.first == 2 else f"the derivative {order}"
        return as_value(lambda: self.read_one(name, given, order))


Betas = Annotated[tuple[float, ...], _Orders(units.beta, 2, '"-11.83 ps^2/km"')]
"""Derivatives of the propagation constant from the second on."""

PhaseOrders = Annotated[
    tuple[float, ...], _Orders(units.phase_derivative, 4, '"1e4 fs^4"')
]
"""Derivatives of a spectral phase from the fourth on."""


def as_value(read: Callable[[], float]) -> float:
    """Return what ``read`` returns; pydantic wants a wrong kind as a wrong value."""
    try:
        return read()
    except InvalidKind as error:
        raise InvalidValue(str(error)) from error


def quantity_at(kind: type[BaseModel], key: str) -> Quantity | None:
    """Return how the value at a dotted ``key`` of a document is written."""
    annotation: Any = kind
    marks: list[Any] = []
    for part in key.split("."):
        models = [m for m in _inside(annotation) if isinstance(m, type)]
        documents = [m for m in models if issubclass(m, BaseModel)]
        if part.isdigit():
            continue
        found = next((m for m in documents if part in m.model_fields), None)
        if found is None:
            return None
        field = found.model_fields[part]
        annotation, marks = field.annotation, list(field.metadata)
    marks += list(_marks(annotation))
    return next((mark for mark in marks if isinstance(mark, Quantity)), None)


def _inside(annotation: Any) -> typing.Iterator[Any]:
    """Yield a type and all types inside it."""
    yield annotation
    for inner in typing.get_args(annotation):
        yield from _inside(inner)


def _marks(annotation: Any) -> typing.Iterator[Any]:
    """Yield what types inside are annotated with."""
    for one in _inside(annotation):
        yield from getattr(one, "__metadata__", ())
