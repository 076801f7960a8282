"""How numbers, times and sources read in a report."""

import math
import re

from qleap.core.style import engineering

__all__ = [
    "cell",
    "commit",
    "day",
    "duration",
    "interval",
    "link",
    "moment",
    "number",
    "pieces",
    "quantity",
]

_REFERENCE = re.compile(
    r"https://[^\s,;<>\"]+|(?:\bdoi:)?\b10\.\d{4,9}/[^\s,;<>\"]+"
    r"|\barXiv[:\s]*\d{4}\.\d{4,5}",
    re.IGNORECASE,
)

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


def interval(
    low: float | None, high: float | None, unit: str = "1", language: str = "en"
) -> str:
    """Return ``low to high`` with the unit, or nothing."""
    if low is None or high is None:
        return ""
    ends, symbol = _scaled([low, high], unit)
    between = "〜" if language == "ja" else " to "
    text = between.join(number(end) for end in ends)
    return text if unit == "1" else f"{text} {symbol}"


def duration(seconds: float | None) -> str:
    """Return a time with the prefix that suits it."""
    return quantity(seconds, "s")


def day(moment: str | None, language: str = "en") -> str:
    """Return the date of an ISO time; a dash for None."""
    if moment is None:
        return "–"
    if language == "ja":
        year, month, date = moment[:10].split("-")
        return f"{year}年{int(month)}月{int(date)}日"
    return moment[:10]


def moment(time: str, language: str = "en") -> str:
    """Return an ISO time in UTC as date and minute."""
    return f"{day(time, language)} {time[11:16]} UTC"


def commit(revision: str) -> str:
    """Return the beginning of a commit, with the ``+`` of uncommitted changes."""
    return revision[:10] + ("+" if revision.endswith("+") else "")


def link(citation: str) -> str:
    """Return the first address that a citation names (URL, DOI, arXiv), or nothing."""
    return next((address for _, address in pieces(citation) if address), "")


def pieces(citation: str) -> list[tuple[str, str]]:
    """Return the parts of a citation, each with its address or with nothing."""
    parts, end = [], 0
    for found in _REFERENCE.finditer(citation):
        text = _trimmed(found[0])
        parts += [(citation[end : found.start()], ""), (text, _address(text))]
        end = found.start() + len(text)
    parts.append((citation[end:], ""))
    return [part for part in parts if part[0]]


def _trimmed(reference: str) -> str:
    """Return it without the punctuation of the sentence that it stands in."""
    while reference[-1] in ".:'" or (
        reference[-1] == ")" and reference.count(")") > reference.count("(")
    ):
        reference = reference[:-1]
    return reference


def _address(reference: str) -> str:
    if reference.startswith("https://"):
        return reference
    if reference.lower().startswith("arxiv"):
        return f"https://arxiv.org/abs/{reference[5:].strip(': ')}"
    return f"https://doi.org/{reference[reference.index('10.') :]}"


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
