"""From the unit in which a laboratory writes to the one a criterion asks for."""

from decimal import Decimal
from typing import Final

from qleap.core.errors import InvalidValue

__all__ = ["factor_between", "scaled"]

PREFIXES: Final = {
    "a": -18,
    "f": -15,
    "p": -12,
    "n": -9,
    "u": -6,
    "m": -3,
    "c": -2,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
}
"""Powers of ten; ``c`` for centimetres."""

OTHER: Final = {
    "%": ("1", "0.01"),
    "ppm": ("1", "1e-6"),
    "ppb": ("1", "1e-9"),
    "min": ("s", "60"),
    "h": ("s", "3600"),
    "d": ("s", "86400"),
    "G": ("T", "1e-4"),  # gauss
    "deg": ("rad", "0.017453292519943295"),
    "W/cm^2": ("W/m^2", "1e4"),
    "cm^2": ("m^2", "1e-4"),
    "mm^2": ("m^2", "1e-6"),
    "um^2": ("m^2", "1e-12"),
}
"""Units that are no power of ten of the SI's, with their size in it."""

SPELLINGS: Final = (
    ("µ", "u"),
    ("μ", "u"),
    ("√Hz", "sqrt(Hz)"),
    ("rtHz", "sqrt(Hz)"),
    ("√(Hz)", "sqrt(Hz)"),
    (" Hz^-1/2", "/sqrt(Hz)"),
    (" Hz^-0.5", "/sqrt(Hz)"),
    ("Hz^0.5", "sqrt(Hz)"),
    ("²", "^2"),
)


def factor_between(given: str, asked: str) -> Decimal:
    """Return what a number in the unit ``given`` is multiplied by to be in ``asked``.

    Units are equal, differ by an SI prefix of their first symbol (``nT/sqrt(Hz)``),
    or are a known other one (``%``, ``ppm``, ``min``, ``G``).

    Raises
    ------
    InvalidValue
        Where they do not measure the same quantity, as far as is known here.
    """
    ours, theirs = _spelt(asked), _spelt(given)
    sizes = [
        a / b
        for root, a in _readings(theirs)
        for other, b in _readings(ours)
        if root == other
    ]
    if not sizes:
        raise InvalidValue(
            f"unit must be {asked!r} or convert to it, got {given!r}; SI prefixes and "
            f"{', '.join(OTHER)} are known."
        )
    # The reading as it stands comes before that with a prefix: m is the metre.
    return sizes[0]


def scaled(value: float, factor: Decimal) -> float:
    """Return ``value`` times ``factor`` as the nearest float: 50 fs are 5e-14 s."""
    return float(Decimal(repr(float(value))) * factor)


def _readings(unit: str) -> list[tuple[str, Decimal]]:
    """Return every way to read a unit: what remains, and its size."""
    found = [(unit, Decimal(1))]
    found += [
        (unit[1:], Decimal(10) ** power)
        for prefix, power in PREFIXES.items()
        # Powers and counts have no prefix: mm^2 is no thousandth of m^2.
        if unit.startswith(prefix) and unit[1:2].isalpha() and not _powered(unit)
    ]
    return found + [
        (OTHER[root][0], size * Decimal(OTHER[root][1]))
        for root, size in found
        if root in OTHER
    ]


def _powered(unit: str) -> bool:
    """Return whether the first symbol carries a power."""
    first = unit.split("/")[0].split(" ")[0].split("*")[0]
    return "^" in first


def _spelt(unit: str) -> str:
    text = unit.strip()
    for old, new in SPELLINGS:
        text = text.replace(old, new)
    return text or "1"
