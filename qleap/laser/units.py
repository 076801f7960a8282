"""Values with a unit as people write them in a file: ``"50 fs"``, ``"15 cm"``."""

import re
from decimal import Decimal
from typing import Final

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["UNITS", "beta", "phase_derivative", "value"]

UNITS: Final[dict[str, dict[str, float]]] = {
    "m": {"m": 1.0, "km": 1e3, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "nm": 1e-9},
    "s": {"s": 1.0, "ns": 1e-9, "ps": 1e-12, "fs": 1e-15, "as": 1e-18},
    "W": {"W": 1.0, "mW": 1e-3, "kW": 1e3, "MW": 1e6, "GW": 1e9, "TW": 1e12},
    "J": {"J": 1.0, "mJ": 1e-3, "uJ": 1e-6, "nJ": 1e-9, "pJ": 1e-12},
    "s^2": {"s^2": 1.0, "ps^2": 1e-24, "fs^2": 1e-30},
    "s^3": {"s^3": 1.0, "ps^3": 1e-36, "fs^3": 1e-45},
    "rad": {"rad": 1.0, "mrad": 1e-3, "deg": 0.017453292519943295},
    "Pa": {"Pa": 1.0, "kPa": 1e3, "MPa": 1e6, "bar": 1e5, "mbar": 1e2,
           "atm": 101325.0, "Torr": 101325.0 / 760.0},
    "K": {"K": 1.0},
    "m^2": {"m^2": 1.0, "cm^2": 1e-4, "mm^2": 1e-6, "um^2": 1e-12},
    "m^2/W": {"m^2/W": 1.0, "cm^2/W": 1e-4},
    "1/m": {"1/m": 1.0, "1/cm": 1e2, "1/km": 1e-3, "dB/m": 0.23025850929940458,
            "dB/km": 2.3025850929940457e-4},
    "1/(W m)": {"1/(W m)": 1.0, "1/(W km)": 1e-3},
}  # fmt: skip
"""SI unit to the ways of writing it; decibels are of power."""

_WRITTEN = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s+(\S.*?)\s*")


def value(name: str, given: object, unit: str) -> float:
    """Return ``given`` in SI: a number is taken as such, a text has its unit.

    Raises
    ------
    InvalidValue
        Where the text is no number with a unit of that kind.
    """
    known = UNITS[unit]
    if not isinstance(given, str):
        return checks.finite(name, given, unit)
    number, written = _split(name, given, list(known))
    if written not in known:
        raise InvalidValue(_sentence(name, given, list(known)))
    return checks.finite(name, float(number * _exactly(known[written])), unit)


def beta(name: str, given: object, order: int) -> float:
    """Return a dispersion coefficient of ``order`` in s^order/m.

    Texts name a time and a length: ``"-11.83 ps^2/km"``, ``"36.2 fs^2/mm"``.
    """
    if not isinstance(given, str):
        return checks.finite(name, given, f"s^{order}/m")
    known = [f"ps^{order}/km", f"ps^{order}/m", f"fs^{order}/mm", f"s^{order}/m"]
    number, written = _split(name, given, known)
    time, _, length = written.partition("/")
    base, _, power = time.partition("^")
    if base not in UNITS["s"] or power != str(order) or length not in UNITS["m"]:
        raise InvalidValue(_sentence(name, given, known))
    scale = _exactly(UNITS["s"][base]) ** order / _exactly(UNITS["m"][length])
    return checks.finite(name, float(number * scale), f"s^{order}/m")


def phase_derivative(name: str, given: object, order: int) -> float:
    """Return a derivative of a spectral phase of ``order``, s^order: ``"1e4 fs^4"``."""
    unit = f"s^{order}"
    if not isinstance(given, str):
        return checks.finite(name, given, unit)
    known = [f"fs^{order}", f"ps^{order}", unit]
    number, written = _split(name, given, known)
    base, _, power = written.partition("^")
    if base not in UNITS["s"] or power != str(order):
        raise InvalidValue(_sentence(name, given, known))
    scale = _exactly(UNITS["s"][base]) ** order
    return checks.finite(name, float(number * scale), unit)


def _exactly(scale: float) -> Decimal:
    """Return the decimal that is meant: 800 nm are then the bits of 800e-9."""
    return Decimal(repr(scale))


def _split(name: str, given: str, known: list[str]) -> tuple[Decimal, str]:
    found = _WRITTEN.fullmatch(given)
    if found is None:
        raise InvalidValue(_sentence(name, given, known))
    return Decimal(found[1]), found[2].replace("µ", "u").replace("μ", "u")


def _sentence(name: str, given: str, known: list[str]) -> str:
    return (
        f"{name} must be a number with a unit ({', '.join(known)}), got {given!r}; "
        f'write for example "1.5 {known[0]}".'
    )
