"""Checks at the border: each raises one sentence with name, rule, unit and value.

Every function returns the checked value as a plain float, int or contiguous
array in SI units, so that a caller checks and converts in one step. Quantities
of pint and astropy are accepted by duck typing.
"""

import difflib
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.errors import InvalidKind, InvalidValue

__all__ = [
    "at_least",
    "between",
    "count",
    "finite",
    "increasing",
    "known_keys",
    "non_negative",
    "one_of",
    "positive",
    "probability",
    "suggestion",
    "vector",
    "vectors",
]


def finite(name: str, value: Any, unit: str = "1") -> float:
    """Return ``value`` as a finite float in ``unit``."""
    number = _number(name, value, unit)
    if not math.isfinite(number):
        raise InvalidValue(f"{name} must be a finite number{_of(unit)}, got {number}.")
    return number


def positive(name: str, value: Any, unit: str = "1") -> float:
    """Return ``value`` as a float above zero in ``unit``."""
    number = finite(name, value, unit)
    if number <= 0.0:
        raise InvalidValue(f"{name} must be > 0{_in(unit)}, got {number}.")
    return number


def non_negative(name: str, value: Any, unit: str = "1") -> float:
    """Return ``value`` as a float not below zero in ``unit``."""
    return at_least(name, value, 0.0, unit)


def at_least(name: str, value: Any, low: float, unit: str = "1") -> float:
    """Return ``value`` as a float not below ``low`` in ``unit``."""
    number = finite(name, value, unit)
    if number < low:
        raise InvalidValue(f"{name} must be >= {low:g}{_in(unit)}, got {number}.")
    return number


def between(name: str, value: Any, low: float, high: float, unit: str = "1") -> float:
    """Return ``value`` as a float in the closed interval ``low`` to ``high``."""
    number = finite(name, value, unit)
    if not low <= number <= high:
        raise InvalidValue(
            f"{name} must lie between {low:g} and {high:g}{_in(unit)}, got {number}."
        )
    return number


def probability(name: str, value: Any) -> float:
    """Return ``value`` as a float between 0 and 1."""
    return between(name, value, 0.0, 1.0)


def count(name: str, value: Any, low: int = 1, high: int | None = None) -> int:
    """Return ``value`` as an integer not below ``low`` and not above ``high``."""
    if isinstance(value, bool) or not _is_whole(value):
        raise InvalidKind(f"{name} must be a whole number, got {value!r}.")
    number = int(value)
    if number < low or (high is not None and number > high):
        rule = f">= {low}" if high is None else f"between {low} and {high}"
        raise InvalidValue(f"{name} must be {rule}, got {number}.")
    return number


def vector(
    name: str, value: ArrayLike, unit: str = "1", *, min_size: int = 0
) -> NDArray[np.float64]:
    """Return ``value`` as a finite, contiguous float64 array of one dimension."""
    try:
        array = np.ascontiguousarray(_magnitude(value, unit), dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidKind(
            f"{name} must be an array of real numbers{_of(unit)}, got {value!r:.60}."
        ) from error
    if np.ndim(value) != 1:
        raise InvalidValue(
            f"{name} must have one dimension, got the shape {np.shape(value)}."
        )
    if array.size < min_size:
        raise InvalidValue(
            f"{name} must have at least {min_size} values, got {array.size}."
        )
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise InvalidValue(
            f"{name} must be finite{_of(unit)}, got {array[bad[0]]} at index {bad[0]} "
            f"({bad.size} of {array.size} values); remove or mask these points."
        )
    return array


def vectors(name: str, value: ArrayLike, unit: str = "1") -> NDArray[np.float64]:
    """Return ``value`` as finite vectors of three components, ``(..., 3)``."""
    given = np.asarray(_magnitude(value, unit))
    if given.ndim == 0 or given.shape[-1] != 3:
        raise InvalidValue(
            f"{name} must have the shape (..., 3),{_in(unit)}, got the shape "
            f"{given.shape}; give three components for each."
        )
    return vector(name, given.ravel(), unit).reshape(given.shape)


def triple(name: str, value: ArrayLike, unit: str = "1") -> NDArray[np.float64]:
    """Return ``value`` as one finite vector of three components, shape ``(3,)``."""
    shape = np.shape(_magnitude(value, unit))
    if shape != (3,):
        raise InvalidValue(
            f"{name} must have three components{_of(unit)}, got the shape {shape}."
        )
    return vector(name, value, unit)


def increasing(
    name: str, value: ArrayLike, unit: str = "1", *, min_size: int = 2
) -> NDArray[np.float64]:
    """Return ``value`` as a strictly increasing float64 array."""
    array = vector(name, value, unit, min_size=min_size)
    bad = np.flatnonzero(np.diff(array) <= 0.0)
    if bad.size:
        i = int(bad[0])
        raise InvalidValue(
            f"{name} must increase strictly{_of(unit)}, got {array[i]:.10g} followed "
            f"by {array[i + 1]:.10g} at index {i + 1}; sort the points and merge "
            "repeats."
        )
    return array


def one_of(name: str, value: Any, allowed: Sequence[str]) -> str:
    """Return ``value``, which must be one of ``allowed``."""
    if not isinstance(value, str) or value not in allowed:
        raise InvalidValue(
            f"{name} must be one of {', '.join(allowed)}, got {value!r:.60}."
            f"{suggestion(value, allowed)}"
        )
    return value


def known_keys(where: str, given: Iterable[str], allowed: Sequence[str]) -> None:
    """Refuse the first key of ``given`` that is not in ``allowed``."""
    for key in given:
        if key not in allowed:
            raise InvalidValue(
                f"{where} has the unknown key {key!r};{suggestion(key, allowed)} "
                f"known keys: {', '.join(allowed)}."
            )


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `` did you mean 'x'?`` or nothing."""
    close = difflib.get_close_matches(str(word), list(known), n=1)
    return f" did you mean {close[0]!r}?" if close else ""


def _number(name: str, value: Any, unit: str) -> float:
    try:
        plain = _magnitude(value, unit)
        if isinstance(plain, (bool, str, bytes)) or np.ndim(plain) != 0:
            raise TypeError
        return float(plain)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidKind(
            f"{name} must be one real number{_of(unit)}, got {value!r:.60}."
        ) from error


def _magnitude(value: Any, unit: str) -> Any:
    """Strip the unit of a pint or astropy quantity; pass anything else on."""
    symbol = "" if unit == "1" else unit
    if hasattr(value, "to_value"):  # astropy
        return value.to_value(symbol)
    if hasattr(value, "magnitude") and hasattr(value, "to"):  # pint
        return value.to(symbol or "dimensionless").magnitude
    return value


def _is_whole(value: Any) -> bool:
    try:
        return bool(int(value) == value)
    except (TypeError, ValueError, OverflowError):
        return False


def _in(unit: str) -> str:
    return "" if unit == "1" else f" {unit}"


def _of(unit: str) -> str:
    return "" if unit == "1" else f" in {unit}"
