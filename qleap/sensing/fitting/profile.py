"""Limits of a parameter by profile likelihood."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from qleap.sensing.fitting.result import FitResult

__all__ = ["profile_interval"]

Array = NDArray[np.float64]

TOLERANCE = 1e-11
"""Relative change of the cost at which a fit on the way to a limit ends."""

STRIDE = 0.2
MOST_STEPS = 60
"""Factor, and most steps, by which a distance falls that is too large at first."""

FARTHEST = 1e3
"""Standard errors from the best value at which a search for a limit gives up."""


def profile_interval(
    fit: "FitResult", name: str, *, level: float = 0.6827
) -> tuple[float, float]:
    """Return where the likelihood, with all other parameters free, falls off.

    Parameters
    ----------
    fit : FitResult
        With the loss ``"linear"``.
    name : str
        Of a free parameter.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    tuple of float
        Infinite, or a limit of the parameter, where the data set no bound; NaN where
        the points have no scatter from which an error could come.

    Notes
    -----
    The limits are where the cost exceeds its minimum by the quantile of chi-square
    with one degree of freedom (Wilks 1938); without errors of the points, by the
    same share of the residual variance with Fisher's F in place of chi-square.
    """
    from scipy.stats import chi2
    from scipy.stats import f as fisher

    checks.between("level", level, 1e-6, 1.0 - 1e-9)
    k = fit.names.index(checks.one_of("name", name, fit.names))
    if not fit.free[k]:
        raise InvalidValue(f"{name} must be free for an interval, but it is fixed.")
    if fit.problem.loss != "linear":
        raise InvalidValue(
            f"loss must be 'linear' for a profile likelihood, got {fit.problem.loss!r};"
            " a robust cost is no likelihood."
        )
    rise = float(chi2.ppf(level, 1))
    if not fit.errors_given:
        rise = float(fisher.ppf(level, 1, fit.degrees_of_freedom))
        rise *= fit.reduced_chi_square
    low, high = (_limit(fit, k, side, rise) for side in (-1.0, 1.0))
    return low, high


def _limit(fit: "FitResult", k: int, side: float, rise: float) -> float:
    """Return where the cost has risen by ``rise`` on one side."""
    from qleap.sensing.fitting.solve import minimum

    one = fit.problem.parameters[k]
    best, step = float(fit.values[k]), float(fit.standard_errors[k])
    edge = one.high if side > 0.0 else one.low
    if np.isfinite(edge):  # just inside, where models are defined
        edge = best + (edge - best) * (1.0 - 1e-9)
    if not step > 0.0:
        return float("nan")
    room, known = abs(edge - best), fit.values.copy()

    def excess(distance: float) -> tuple[float, Array]:
        """Return by how much the cost is too high, and where, from ``known`` on."""
        value = best + side * distance
        problem = replace(fit.problem, fixed={**fit.problem.fixed, one.name: value})
        start = known.copy()
        start[k] = value
        if np.any(problem.free):
            start[problem.free] = minimum(problem, start, 2000, TOLERANCE).x
        residual = problem.vector(start)
        return float(residual @ residual) - fit.cost - rise, start

    inner, outer = 0.0, step * np.sqrt(max(rise, 1e-300) / _unit(fit))
    while True:
        outer = min(outer, room)
        if not np.isfinite(outer) or outer > FARTHEST * max(step, 1e-300):
            return side * np.inf
        above, there = excess(outer)
        if above > 0.0:
            break
        if outer == room:
            return edge
        inner, known, outer = outer, there, 2.0 * outer
    return best + side * _root(lambda distance: excess(distance)[0], inner, outer)


def _root(excess: Callable[[float], float], inner: float, outer: float) -> float:
    """Return the distance at which the cost is as high as it may be.

    A standard error may be far too large, where the model depends on a parameter in
    second order only: then the distance first falls by factors.
    """
    from scipy.optimize import brentq

    known = cache(excess)
    for _ in range(MOST_STEPS):
        if inner > 0.0:
            return float(brentq(known, inner, outer, rtol=1e-6, xtol=1e-6 * outer))
        near = STRIDE * outer
        if known(near) > 0.0:
            outer = near
        else:
            inner = near
    return outer


def _unit(fit: "FitResult") -> float:
    return 1.0 if fit.errors_given else max(fit.reduced_chi_square, 1e-300)
