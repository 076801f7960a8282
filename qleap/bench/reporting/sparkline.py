"""Where the points of a sparkline lie."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["SIZE", "sparkline"]

SIZE = (120.0, 24.0)
"""Width and height of the drawing."""

MARGIN = 3.0
POINTS = 40
"""Of a longer series the newest are drawn."""


def sparkline(trend: Mapping[str, Any]) -> dict[str, Any]:
    """Return the drawing of a ``trends`` row of a report.

    The scale is logarithmic where all values are positive and span more than a
    factor of 3.

    Returns
    -------
    dict
        ``line`` (points of a polyline), ``last`` (x, y), ``steps`` (x of each step)
        and ``shown``, the number of values drawn.
    """
    values = list(trend["values"])[-POINTS:]
    skipped = len(trend["values"]) - len(values)
    heights = _heights(values)
    width, height = SIZE
    pitch = (width - 2.0 * MARGIN) / max(1, len(values) - 1)
    room = height - 2.0 * MARGIN
    points = [
        (round(MARGIN + pitch * place, 1), round(height - MARGIN - room * share, 1))
        for place, share in enumerate(heights)
    ]
    return {
        "line": " ".join(f"{x:g},{y:g}" for x, y in points),
        "last": points[-1],
        "steps": [
            round(MARGIN + pitch * (step["index"] - skipped - 0.5), 1)
            for step in trend["steps"]
            if step["index"] > skipped
        ],
        "shown": len(values),
    }


def _heights(values: Sequence[float]) -> list[float]:
    """Return the values scaled to 0 to 1; 0.5 where they are all the same."""
    low, high = min(values), max(values)
    if low > 0.0 and high > 3.0 * low:
        values = [math.log(value) for value in values]
        low, high = math.log(low), math.log(high)
    if not high > low:
        return [0.5] * len(values)
    return [(value - low) / (high - low) for value in values]
