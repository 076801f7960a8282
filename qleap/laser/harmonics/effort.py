"""Work that would take hours: refused before it begins, with what it would cost."""

from typing import Final

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["MOST_HOURS", "check_effort"]

MOST_HOURS: Final = 2.0
"""Of one core, by default. Pulses and atoms of the laboratory take seconds to minutes;
what takes longer is mostly a field in a wrong unit."""


def check_effort(
    size: str, seconds: float, most_hours: float | None, way_out: str
) -> None:
    """Refuse work that would take longer than wanted.

    Parameters
    ----------
    size : str
        What is to be done, in numbers.
    seconds : float
        What that takes on one quiet core, to a factor of two or three.
    most_hours : float or None
        Bound, h; None for none.
    way_out : str
        How it becomes less.

    Raises
    ------
    InvalidValue
        With the estimate, and how the bound is lifted.
    """
    if most_hours is None:
        return
    most = checks.positive("most_hours", most_hours, "h")
    if not seconds <= 3600.0 * most:
        raise InvalidValue(
            f"the work must take <= {most:g} h of one core, but {size} take some "
            f"{seconds / 3600.0:.2g} h; {way_out}, or lift the bound with a larger "
            "most_hours (None for none)."
        )
