"""The kinds of evidence, from a formula on paper to the field."""

from typing import Literal, get_args

__all__ = ["EVIDENCE", "Evidence", "is_simulation", "rank"]

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


def rank(kind: str) -> int:
    """Return the place of ``kind`` in `EVIDENCE`; a higher one is stronger."""
    return EVIDENCE.index(kind)


def is_simulation(kind: str) -> bool:
    """Return whether ``kind`` never touched a device."""
    return rank(kind) < rank("recorded-lab-data")
