"""The kinds of evidence, from a formula on paper to the field."""

from typing import Final, Literal, get_args

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = [
    "EVIDENCE",
    "FIRST_REAL",
    "Evidence",
    "evidence_kind",
    "is_simulation",
    "rank",
]

Evidence = Literal[
    "analytic",
    "simulated",
    "simulated-from-calibration",
    "recorded-lab-data",
    "live-hardware",
    "field",
]

EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)
"""Every kind, weakest first."""

FIRST_REAL: Final[Evidence] = "recorded-lab-data"
"""The weakest kind that touched a device."""


def rank(kind: str) -> int:
    """Return the place of ``kind`` in `EVIDENCE`; a higher one is stronger."""
    return EVIDENCE.index(kind)


def is_simulation(kind: str) -> bool:
    """Return whether ``kind`` never touched a device."""
    return rank(kind) < rank(FIRST_REAL)


_ALIASES: Final[dict[str, Evidence]] = {
    "lab": "recorded-lab-data",
    "laboratory": "recorded-lab-data",
    "hardware": "live-hardware",
    "device": "live-hardware",
    "calibration": "simulated-from-calibration",
}


def evidence_kind(word: str) -> Evidence:
    """Return the kind of evidence that ``word`` names, or alone begins with it.

    Raises
    ------
    InvalidValue
        Where no kind, or more than one, begins so.
    """
    bare = word.strip().lower().replace("_", "-").replace(" ", "-")
    if bare in _ALIASES:
        return _ALIASES[bare]
    found = [kind for kind in EVIDENCE if bare and kind.startswith(bare)]
    for kind in found:
        if kind == bare or len(found) == 1:
            return kind
    hint = f" it may be {' or '.join(found)}." if found else ""
    hint = hint or checks.suggestion(bare, ["recorded", "live", *EVIDENCE, *_ALIASES])
    raise InvalidValue(
        f"evidence must be one of {', '.join(EVIDENCE)}, got {word!r:.40};"
        f"{hint or ' their beginnings are enough.'}"
    )
