"""How numbers, times and sources read in a report."""

import math
import re

__all__ = ["cell", "day", "duration", "interval", "link", "number", "quantity"]

_ADDRESS = re.compile(r"https://[^\s,;)>]+")
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s,;>]+")
_ARXIV = re.compile(r"\barXiv[:\s]*(\d{4}\.\d{4,5})", re.IGNORECASE)

_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def number(value: float | None, digits: int = 3) -> str:
    """Return ``value`` with few digits; a dash for None."""
    if value is None:
        return "–"
    text = f"{value:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    text = f"{mantissa}e{int(exponent)}" if e else text
    return text.replace("-", "−")


def quantity(value: float | None, unit: str) -> str:
    """Return a number with its unit."""
    return number(value) if value is None or unit == "1" else f"{number(value)} {unit}"


def interval(low: float | None, high: float | None) -> str:
    """Return ``low to high``, or nothing."""
    if low is None or high is None:
        return ""
    return f"{number(low)} to {number(high)}"


def duration(seconds: float | None) -> str:
    """Return a time with the prefix that suits it."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    scale, unit = next((one for one in _TIMES if seconds >= one[0]), _TIMES[-1])
    return f"{seconds / scale:.3g} {unit}"


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
