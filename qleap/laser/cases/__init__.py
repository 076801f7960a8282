"""Propagations written down in TOML files: read, checked, carried out, summed up."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.cases.case import Case, case_schema, load_case
    from qleap.laser.cases.pictures import plot_output, plot_propagation, plot_scan
    from qleap.laser.cases.summaries import summary

__all__ = [
    "Case",
    "case_schema",
    "load_case",
    "plot_output",
    "plot_propagation",
    "plot_scan",
    "summary",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Case": "case",
        "case_schema": "case",
        "load_case": "case",
        "plot_output": "pictures",
        "plot_propagation": "pictures",
        "plot_scan": "pictures",
        "summary": "summaries",
    },
)
