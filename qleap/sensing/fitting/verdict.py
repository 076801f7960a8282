"""Sentences on parameters that the data do not determine."""

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.estimate import inverse_normal_matrix

if TYPE_CHECKING:
    from qleap.sensing.fitting.trace import Problem

__all__ = ["find_doubts"]

Array = NDArray[np.float64]

SINGULAR = 1e-9
"""Share of the largest singular value below which a combination is undetermined."""

STANDS_OUT = 5.0
"""Standard errors from zero that an amplitude needs: of a hundred frequencies
and decays of pure noise the best is three or four from it."""

WELL_KNOWN = 0.2
"""Share of the errors of two amplitudes below which that of their sum is told."""

RIVAL = 9.0
"""Larger chi-square, three standard errors, up to which another minimum is a doubt."""

EXACT = 1e-13
"""Share of the data below which residuals are rounding."""

FROM_PRIOR = 0.9
"""Share of the variance of its prior from which a parameter is not measured."""

AT_LIMIT = 1e-6
"""Share of its size, or of the room, by which a parameter at a limit misses it."""


def find_doubts(
    problem: "Problem", values: Array, slopes: Array, covariance: Array
) -> tuple[str, ...]:
    """Return what the data leave open.

    Parameters
    ----------
    problem : Problem
    values : ndarray, shape (p,)
    slopes : ndarray, shape (n, number of free parameters)
        Of the residuals.
    covariance : ndarray, shape (p, p)
        Of all parameters.
    """
    errors = np.sqrt(np.diag(covariance))
    names = [n for n, free in zip(problem.names, problem.free, strict=True) if free]
    doubts = [*_combinations(names, slopes), *_limits(problem, values)]
    doubts += _priors(problem, names, slopes)
    doubts += [*_amplitudes(problem, values, covariance), *_exact(problem, values)]
    doubts += _other_minima(problem, values, errors)
    for one, value, error, free in zip(
        problem.parameters, values, errors, problem.free, strict=True
    ):
        if free and np.isfinite(error) and error > abs(value) > 0.0 and one.low == 0.0:
            doubts.append(
                f"{one.name} is not determined: its standard error {error:.3g} is "
                f"larger than its value {value:.3g} {one.unit}"
            )
    return tuple(dict.fromkeys(doubts))


def _combinations(names: list[str], slopes: Array) -> list[str]:
    """Return a sentence for each direction in which the model does not change."""
    lengths = np.linalg.norm(slopes, axis=0)
    found = [
        f"{name} is not determined: the model does not depend on it at these data"
        for name, length in zip(names, lengths, strict=True)
        if length == 0.0
    ]
    used = lengths > 0.0
    if not np.any(used):
        return found
    # The same singular values, without one left vector for each point of the data.
    triangle = np.linalg.qr(slopes[:, used] / lengths[used], mode="r")
    _, sizes, right = np.linalg.svd(triangle)
    kept = [name for name, is_used in zip(names, used, strict=True) if is_used]
    small = np.zeros(len(kept), dtype=bool)
    small[: sizes.size] = sizes < SINGULAR * sizes[0]
    small[sizes.size :] = True
    for direction in right[small]:
        involved = [n for n, c in zip(kept, direction, strict=True) if abs(c) > 0.1]
        found.append(
            f"{' and '.join(involved)} are not determined apart: only a combination "
            "of them changes the model; fix one of them or give a prior"
        )
    return found


def _priors(problem: "Problem", names: list[str], slopes: Array) -> list[str]:
    """Return a sentence on combinations that keep the width of their priors.

    In units of the widths of the priors the covariance has eigenvalues up to one,
    which is where the data add nothing.
    """
    known = [name for name in names if name in problem.priors]
    if not known:
        return []
    at = [names.index(name) for name in known]
    width = np.array([problem.priors[name].standard_deviation for name in known])
    covariance = inverse_normal_matrix(slopes)[np.ix_(at, at)] * problem.noise**2
    sizes, axes = np.linalg.eigh(covariance / np.outer(width, width))
    alone = axes.T[sizes > FROM_PRIOR]
    if not len(alone):
        return []
    felt = np.max(np.abs(alone), axis=0) > 0.3
    involved = [name for name, is_felt in zip(known, felt, strict=True) if is_felt]
    which = " and ".join(involved)
    if len(involved) == 1:
        return [f"{which} is known from its prior alone: the data do not narrow it"]
    n = f"{len(alone)} combinations" if len(alone) > 1 else "a combination"
    return [f"{n} of {which} are known from priors alone: the data do not narrow them"]


def _amplitudes(problem: "Problem", values: Array, covariance: Array) -> list[str]:
    """Return a sentence for each amplitude without which the fit is as good.

    An amplitude has the unit of the signal, or no limits, and makes the model
    independent of others where it is zero; with those fixed, the cost tells how far
    from zero it is.
    """
    from qleap.sensing.fitting.solve import minimum

    found, names, shaped = [], problem.names, []
    errors = np.sqrt(np.diag(covariance))
    here = np.linalg.norm(problem.jacobian(values), axis=0)
    for k, one in enumerate(problem.parameters):
        inside = one.low < 0.0 < one.high or (one.unit == "signal" and one.low <= 0.0)
        near = inside and abs(values[k]) < STANDS_OUT * errors[k]
        if not (near and problem.free[k]):
            continue
        without = np.where(np.arange(values.size) == k, 0.0, values)
        with np.errstate(all="ignore"):
            left = np.linalg.norm(problem.jacobian(without), axis=0)
        idle = (left <= 1e-9 * here) & (here > 0.0) & problem.free
        idle[k] = False
        if not np.any(idle) or not np.all(np.isfinite(left[~idle])):
            continue
        shaped.append(k)
        fixed = {names[j]: float(without[j]) for j in np.flatnonzero(idle)} | {
            one.name: 0.0
        }
        fewer = replace(problem, fixed={**problem.fixed, **fixed})
        if np.any(fewer.free):
            without[fewer.free] = minimum(fewer, without, 2000).x
        rise = _cost(problem, without) - _cost(problem, values)
        apart = float(np.sqrt(max(rise, 0.0) / _variance(problem, values)))
        if apart < STANDS_OUT:
            others = " and ".join(names[j] for j in np.flatnonzero(idle))
            found.append(
                f"{one.name} is {apart:.1f} standard errors from zero, and at zero "
                f"the model does not depend on {others}: below {STANDS_OUT:.0f} this "
                "may be noise"
            )
    return found + _sums(problem, values, covariance, shaped)


def _sums(
    problem: "Problem", values: Array, covariance: Array, doubted: list[int]
) -> list[str]:
    """Return a sentence for amplitudes of which the sum is known far better."""
    found, names = [], problem.names
    for first, second in combinations(doubted, 2):
        pair = np.ix_([first, second], [first, second])
        error = float(np.sqrt(max(covariance[pair].sum(), 0.0)))
        least = float(np.sqrt(np.diag(covariance[pair]).min()))
        if error < WELL_KNOWN * least:
            total = values[first] + values[second]
            found.append(
                f"of {names[first]} and {names[second]} the sum is known, {total:.4g} "
                f"+- {error:.2g}, but not the parts, whose errors are {least:.2g}: "
                "they may be one"
            )
    return found


def _other_minima(problem: "Problem", values: Array, errors: Array) -> list[str]:
    """Return a sentence for each other set of values that the data do not exclude.

    Models know where such values may be (`TraceModel.alternatives`).
    """
    from qleap.sensing.fitting.solve import minimum

    if problem.loss != "linear":
        return []
    found, best = [], _cost(problem, values)
    seen = [values]
    for trace, model, at in zip(
        problem.traces, problem.models, problem.places, strict=True
    ):
        for other in model.alternatives(trace.x, trace.y, values[at]):
            start = values.copy()
            start[at] = other
            start = np.where(problem.free, start, values)
            start[problem.free] = minimum(problem, start, 200).x
            rise = (_cost(problem, start) - best) / _variance(problem, values)
            apart = [np.abs(start - one) > errors + 0.01 * np.abs(one) for one in seen]
            if rise < RIVAL and all(np.any(one) for one in apart):
                seen.append(start)
                told = ", ".join(
                    f"{one.name} = {value:.4g} {one.unit}"
                    for one, value, moved in zip(
                        problem.parameters, start, apart[0], strict=True
                    )
                    if moved
                )
                found.append(
                    f"other values explain the data too: {told}, with a chi-square "
                    f"larger by {rise:.1f}; only what is known besides decides"
                )
    return found


def _cost(problem: "Problem", values: Array) -> float:
    residual = problem.vector(values)
    return float(residual @ residual)


def _variance(problem: "Problem", values: Array) -> float:
    """Return what one standard error squared adds to the cost."""
    if problem.errors_given:
        return 1.0
    n = sum(trace.x.size for trace in problem.traces) - int(problem.free.sum())
    return max(_cost(problem, values) / max(n, 1), 1e-300)


def _exact(problem: "Problem", values: Array) -> list[str]:
    """Return a sentence where nothing is left from which errors could come."""
    if problem.errors_given:
        return []
    points = zip(problem.traces, problem.residuals(values), strict=True)
    if any(np.max(np.abs(r)) > EXACT * np.max(np.abs(t.y)) for t, r in points):
        return []
    return [
        "the model meets all points to rounding: without errors of the points there is "
        "no scatter that gives the standard errors, and they mean nothing"
    ]


def _limits(problem: "Problem", values: Array) -> list[str]:
    """Return a sentence for each parameter that ended at a limit."""
    found = []
    for one, value, free in zip(problem.parameters, values, problem.free, strict=True):
        for name, limit in (("lower", one.low), ("upper", one.high)):
            room = one.high - one.low
            size = room if np.isfinite(room) else max(abs(limit), 1e-300)
            if free and np.isfinite(limit) and abs(value - limit) <= AT_LIMIT * size:
                found.append(
                    f"{one.name} ended at its {name} limit {limit:.6g} {one.unit}: its "
                    "standard error does not hold there"
                )
    return found
