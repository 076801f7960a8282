"""What all commands print with: results to stdout, remarks to stderr."""

import json
import math
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console", "note", "print_json", "with_error"]


def console() -> "Console":
    """Return a rich console on stdout that never folds what is piped on.

    Brackets are brackets and no markup: names of files and extras have them.
    """
    from rich.console import Console

    width = None if sys.stdout.isatty() else 100
    return Console(width=width, highlight=False, markup=False)


def print_json(value: object) -> None:
    """Print ``value`` as JSON and nothing else."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def note(text: str) -> None:
    """Say something on stderr that is not the result."""
    sys.stderr.write(text + "\n")


def with_error(value: float, error: float) -> str:
    """Return ``value ± error`` with two digits of the error."""
    if error <= 0.0 or not math.isfinite(error):
        return f"{value:.6g}"
    digits = min(max(1 - math.floor(math.log10(error)), 0), 9)
    return f"{value:.{digits}f} ± {error:.{digits}f}"
