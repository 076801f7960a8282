"""What can stand on the x axis of a measurement, and in which units."""

import re
from dataclasses import dataclass
from typing import Final

__all__ = [
    "DELAY",
    "DETECTED",
    "FREQUENCY",
    "FREQUENCY_UNITS",
    "KINDS",
    "POWER",
    "TIME_UNITS",
    "Quantity",
    "plain_unit",
    "unit_of",
]

FREQUENCY_UNITS: Final = {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}
TIME_UNITS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
POWER_UNITS: Final = {"W": 1.0, "mW": 1e-3, "uW": 1e-6, "nW": 1e-9}

_SPELLINGS: Final = {
    **dict.fromkeys(("sec", "second", "seconds"), "s"),
    **dict.fromkeys(("msec", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("usec", "microsecond", "microseconds"), "us"),
    **dict.fromkeys(("nsec", "nanosecond", "nanoseconds"), "ns"),
}
_KNOWN: Final = {
    unit.lower() for units in (FREQUENCY_UNITS, TIME_UNITS) for unit in units
} | {"v", "mv", "uv", "a", "mw", "uw"}
_UNIT: Final = re.compile(r"[\(\[_/ ]\s*([^\(\)\[\]_/\s]+)\s*[\)\]]?\s*$")


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A quantity on the x axis.

    Parameters
    ----------
    name : str
    pattern : re.Pattern
        What its column is called.
    units : dict
        Their size in the SI unit, which comes first.
    usual_end : float
        SI; where sweeps of it end at the latest. The units are a factor of 1000
        apart, so that a number without unit fits one of them.
    limits : tuple of float
        SI; between which the largest value must lie.
    said : str
        The same limits in words.
    """

    name: str
    pattern: re.Pattern[str]
    units: dict[str, float]
    usual_end: float
    limits: tuple[float, float]
    said: str

    @property
    def unit(self) -> str:
        """The SI unit."""
        return next(iter(self.units))

    def unit_by_size(self, largest: float) -> str:
        """Return the largest unit in which a sweep does not end too late."""
        ordered = sorted(self.units, key=lambda unit: -self.units[unit])
        fitting = (u for u in ordered if largest * self.units[u] < self.usual_end)
        return next(fitting, ordered[-1])


FREQUENCY: Final = Quantity(
    name="frequency",
    pattern=re.compile(r"freq|controlled variable|\bf\b|[kmg]?hz\b|\bmw\b", re.I),
    units=FREQUENCY_UNITS,
    usual_end=1e11,
    limits=(1e6, 1e12),
    said="a microwave frequency between 1 MHz and 1000 GHz",
)

_TIME: Final = re.compile(
    r"time|tau|delay|duration|length|controlled variable|(\b|_)t\b|"
    r"[(\[_ /][munµμ]?s(ec)?[)\]]?\s*$",
    re.I,
)


def _time(name: str, usual_end: float) -> Quantity:
    return Quantity(
        name=name,
        pattern=_TIME,
        units=TIME_UNITS,
        usual_end=usual_end,
        limits=(1e-12, 1e5),
        said="a time between 1 ps and 100000 s",
    )


DELAY: Final = _time("time", 1e-3)
POWER: Final = Quantity(
    name="power",
    pattern=re.compile(r"power|[(\[_ /][munµμ]?w[)\]]?\s*$", re.I),
    units=POWER_UNITS,
    usual_end=1.0,
    limits=(1e-15, 1e4),
    said="a power between 1 fW and 10 kW",
)
KINDS: Final = {
    "odmr": FREQUENCY,
    "rabi": _time("length of the drive", 30e-6),
    "ramsey": _time("free evolution time", 100e-6),
    "echo": _time("free evolution time", 1e-3),
    "t1": _time("waiting time", 100e-3),
    "g2": _time("delay", 10e-6),
    "saturation": POWER,
}
"""Measurements by what stands on their x axis."""

DETECTED: Final = (FREQUENCY, DELAY, POWER)
"""What a written unit can tell apart where the kind is not given."""


def unit_of(name: str) -> str | None:
    """Return the unit at the end of a name: ``f (MHz)``, ``f_MHz``, ``lockin_V``."""
    found = _UNIT.search(name)
    if found is None:
        return None
    unit = found.group(1)
    bracketed = name.rstrip().endswith((")", "]"))
    return unit if bracketed or plain_unit(unit).lower() in _KNOWN else None


def plain_unit(unit: str) -> str:
    """Return a unit in one spelling: ``us`` for µs, μs, usec and microseconds."""
    plain = unit.replace("µ", "u").replace("μ", "u")
    return _SPELLINGS.get(plain.lower(), plain)
