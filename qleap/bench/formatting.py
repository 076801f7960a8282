"""How numbers, times and sources read in a report."""

import math
import re

from qleap.core.style import engineering

__all__ = ["cell", "day", "duration", "interval", "link", "number", "quantity"]

_ADDRESS = re.compile(r"https://[^\s,;)>]+")
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s,;>]+")
_ARXIV = re.compile(r"\barXiv[:\s]*(\d{4}\.\d{4,5})", re.IGNORECASE)

PREFIXED = (
    *("s", "Hz", "T", "T/sqrt(Hz)", "m", "J", "W", "V", "A", "eV", "Pa"),
    *("B/s", "flop/s"),
)
"""Units that read better with an SI prefix than with a power of ten."""

DIGITS = 3


def number(value: float | None) -> str:
    """Return ``value`` with three digits; a dash for None.

    Just below one, as fidelities are, the distance to one keeps two digits.
    """
    if value is None:
        return "–"
    size = abs(value)
    if size and not 1e-4 <= size < 1e6:
        mantissa, _, exponent = f"{value:.{DIGITS - 1}e}".partition("e")
        text = f"{_stripped(mantissa)}e{int(exponent)}"
    else:
        decimals = DIGITS - 1 - math.floor(math.log10(size)) if size else 0
        if 0.9 < size < 1.0:
            decimals = max(decimals, min(12, 1 - math.floor(math.log10(1.0 - size))))
        text = _stripped(f"{value:.{max(0, decimals)}f}")
    return text.replace("-", "−")


def quantity(value: float | None, unit: str) -> str:
    """Return a number with its unit."""
    if value is None or unit == "1":
        return number(value)
    (scaled,), symbol = _scaled([value], unit)
    return f"{number(scaled)} {symbol}"


def interval(low: float | None, high: float | None, unit: str = "1") -> str:
    """Return ``low to high`` with the unit, or nothing."""
    if low is None or high is None:
        return ""
    ends, symbol = _scaled([low, high], unit)
    text = " to ".join(number(end) for end in ends)
    return text if unit == "1" else f"{text} {symbol}"


def duration(seconds: float | None) -> str:
    """Return a time with the prefix that suits it."""
    return quantity(seconds, "s")


def day(moment: str | None) -> str:
    """Return the date of an ISO time; a dash for None."""
    return "–" if moment is None else moment[:10]


def link(citation: str) -> str:
    """Return the address a citation names (URL, DOI or arXiv), or nothing."""
    if found := _ADDRESS.search(citation):
        return found[0].rstrip(".")
    if found := _DOI.search(citation):
        return f"https://doi.org/{found[0].rstrip('.')}"
    if found := _ARXIV.search(citation):
        return f"https://arxiv.org/abs/{found[1]}"
    return ""


def cell(text: object) -> str:
    """Return ``text`` for one cell of a Markdown table."""
    plain = " ".join(str(text).split())
    for sign in "\\`*_[]<>|":
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def _scaled(values: list[float], unit: str) -> tuple[list[float], str]:
    if unit not in PREFIXED:
        return values, unit
    scaled, symbol = engineering(values, unit)
    return scaled.tolist(), symbol


def _stripped(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
