"""Which line belongs to which axis: start values of the field, in closed form."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.nv.inversion import sum_rule

__all__ = ["field_starts", "groupings", "pairings"]

N_LINES = 8


def pairings(items: tuple[int, ...] = tuple(range(N_LINES))) -> Iterator[list[int]]:
    """Yield the 105 ways to make four pairs of eight lines, as flat lists."""
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for k, partner in enumerate(rest):
        for others in pairings(rest[:k] + rest[k + 1 :]):
            yield [first, partner, *others]


def groupings(n_observed: int) -> Iterator[NDArray[np.int64]]:
    """Yield the ways to share eight ascending lines among ``n_observed``, in order.

    Each is the index of the observed line for each of the eight; with eight
    observed lines there is one, with fewer some lines have merged.
    """
    for cuts in combinations(range(1, N_LINES), n_observed - 1):
        sizes = np.diff([0, *cuts, N_LINES])
        yield np.repeat(np.arange(n_observed), sizes)


def field_starts(
    lines: NDArray[np.float64], most: int
) -> list[tuple[NDArray[np.float64], float]]:
    """Return likely fields of eight ascending lines (Hz) with their D, best first.

    Returns
    -------
    list of (ndarray, float)
        ``gamma B`` along the cubic axes with ``0 <= x <= y <= z``, Hz, and D, Hz.

    Notes
    -----
    All pairings are tried. A right one obeys the sum rule (`sum_rule` is equal for
    the four axes) and, as the squared projections on the four axes add up to 4/3 of
    the square, ``D^3 = -(27/8) sum_k q_k`` with the determinants ``q_k`` of the
    four traceless Hamiltonians. The pairings are ranked by the spread of the sum
    rule; each gives the projections of the field in closed form, and with the axes
    in the order of the projections the field itself.
    """
    orders = np.array(list(pairings()))
    low, high = lines[orders[:, 0::2]], lines[orders[:, 1::2]]
    sums = sum_rule(low, high)
    determinants = -(low + high) * (2 * low - high) * (2 * high - low) / 27.0
    d = np.cbrt(-27.0 / 8.0 * determinants.sum(axis=1))
    b2 = np.maximum((sums.mean(axis=1) - d * d) / 3.0, 0.0)
    along2 = determinants / d[:, None] + (2.0 * d * d / 27.0 + b2 / 3.0)[:, None]
    starts = []
    for k in np.argsort(np.ptp(sums, axis=1), kind="stable")[:most]:
        p = np.sqrt(np.sort(np.maximum(along2[k], 0.0))[::-1])
        direction = np.array([p[0] - p[1], p[0] - p[2], p[1] + p[2]])
        starts.append((0.5 * np.sqrt(3.0) * direction, float(d[k])))
    return starts
