"""The solver behind fits of traces, and its errors and doubts."""

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import ConvergenceWarning, InvalidValue
from qleap.sensing.fitting.estimate import inverse_normal_matrix
from qleap.sensing.fitting.result import FitResult
from qleap.sensing.fitting.verdict import find_doubts

if TYPE_CHECKING:
    from qleap.sensing.fitting.trace import Problem

__all__ = ["minimum", "residual_scale", "solve"]

Array = NDArray[np.float64]

TOLERANCE = 1e-15
"""Relative change of cost and parameters at which a fit ends."""

POLISH = 20
"""Most Gauss-Newton steps after that."""


def minimum(
    problem: "Problem",
    start: Array,
    max_evaluations: int,
    tolerance: float = TOLERANCE,
    *,
    scale: float | None = None,
) -> Any:
    """Return SciPy's result for the free parameters, from ``start`` of all.

    Residuals without errors are divided by ``scale``, by default that of the start:
    costs from several starts are to be compared for one scale only.
    """
    from scipy.optimize import least_squares

    free = problem.free
    scale = residual_scale(problem, start) if scale is None else scale

    def all_of(x: Array) -> Array:
        values = start.copy()
        values[free] = x
        return values

    chosen = [
        one for one, is_free in zip(problem.parameters, free, strict=True) if is_free
    ]
    low, high = [one.low for one in chosen], [one.high for one in chosen]
    bounded = bool(np.any(np.isfinite([low, high])))
    return least_squares(
        lambda x: problem.vector(all_of(x)) / scale,
        start[free],
        jac=lambda x: problem.jacobian(all_of(x))[:, free] / scale,
        bounds=(low, high) if bounded else (-np.inf, np.inf),
        method="trf" if bounded or problem.loss != "linear" else "lm",
        x_scale="jac",
        loss=problem.loss,
        ftol=tolerance,
        xtol=tolerance,
        gtol=tolerance,
        max_nfev=max_evaluations,
    )


def residual_scale(problem: "Problem", start: Array) -> float:
    """Return what residuals without errors are divided by."""
    if problem.errors_given:
        return 1.0
    residual = np.concatenate(problem.residuals(start))
    spread = 1.4826 * float(np.median(np.abs(residual - np.median(residual))))
    size = max(float(np.max(np.abs(trace.y))) for trace in problem.traces)
    least = float(np.finfo(np.float64).eps) * size or 1.0  # nothing is finer
    return max(spread if spread > 0.0 else float(np.std(residual)), least)


def solve(problem: "Problem", start: Array, max_evaluations: int) -> FitResult:
    """Return the fit of a problem from start values of all parameters."""
    free = problem.free
    n_points = sum(trace.x.size for trace in problem.traces)
    if int(free.sum()) == 0:
        raise InvalidValue("at least one parameter must be free; fix fewer.")
    if n_points + len(problem.priors) < int(free.sum()):
        raise InvalidValue(
            f"{n_points} points cannot determine {int(free.sum())} parameters; fix "
            "some, give priors, or measure more points."
        )
    if not np.all(np.isfinite(problem.vector(start))):
        raise InvalidValue(
            "the model is not finite at its start values "
            f"{dict(zip(problem.names, start.tolist(), strict=True))}; give others."
        )
    if problem.priors and not problem.errors_given:
        problem, start = _with_noise(problem, start, max_evaluations)
    found = minimum(problem, start, max_evaluations)
    if problem.loss != "linear" and not problem.errors_given:
        # The scale came from the residuals of the guess; now it is known better.
        start = start.copy()
        start[free] = found.x
        found = minimum(problem, start, max_evaluations)
    values = start.copy()
    values[free] = found.x
    if problem.loss == "linear":
        values = _polished(problem, values)
    result = _result(problem, values, found, n_points)
    if not result.converged:
        warnings.warn(
            f"the fit did not converge ({result.message}), so its numbers are not to "
            "be used; give other start values or raise max_evaluations.",
            ConvergenceWarning,
            stacklevel=3,
        )
    return result


def _with_noise(
    problem: "Problem", start: Array, max_evaluations: int
) -> tuple["Problem", Array]:
    """Return the problem with the noise of its residuals, which weighs the priors."""
    values, free = start.copy(), problem.free
    dof = max(sum(trace.x.size for trace in problem.traces) - int(free.sum()), 1)
    problem = replace(problem, noise=residual_scale(problem, values))
    for _ in range(3):
        values[free] = minimum(problem, values, max_evaluations).x
        residual = np.concatenate(problem.residuals(values))
        noise = float(np.sqrt(residual @ residual / dof))
        problem = replace(problem, noise=max(noise, 1e-300))
    return problem, values


def _polished(problem: "Problem", values: Array) -> Array:
    """Return values after Gauss-Newton steps, as long as each is shorter.

    A solver that compares costs ends where their difference is rounding, which is the
    root of rounding away from the minimum. Steps that leave the limits are not taken.
    """
    free = problem.free
    low, high = (
        np.array([getattr(one, side) for one in problem.parameters])
        for side in ("low", "high")
    )
    last = np.inf
    for _ in range(POLISH):
        slopes, residual = problem.jacobian(values)[:, free], problem.vector(values)
        lengths = np.linalg.norm(slopes, axis=0)
        if not np.all(lengths > 0.0):
            return values
        step = -np.linalg.lstsq(slopes / lengths, residual)[0]
        trial = values.copy()
        trial[free] += step / lengths
        size = float(np.linalg.norm(step))
        inside = np.all((low < trial) & (trial < high) | ~free)
        moved = problem.vector(trial)
        cost = float(residual @ residual)
        if not (size < last and inside and moved @ moved <= cost * (1 + 1e-9)):
            return values
        values, last = trial, size
    return values


def _result(problem: "Problem", values: Array, found: Any, n_points: int) -> FitResult:
    free = problem.free
    slopes = problem.jacobian(values)[:, free]
    residual = problem.vector(values)
    inverse = inverse_normal_matrix(slopes)
    dof = residual.size - int(free.sum())
    cost = float(residual @ residual)
    if problem.loss != "linear":
        inverse, cost = _robust(problem, values, slopes, residual, dof)
    elif not problem.errors_given:
        inverse = inverse * cost / max(dof, 1)
    covariance = np.zeros((values.size, values.size))
    covariance[np.ix_(free, free)] = inverse
    return FitResult(
        names=problem.names,
        units=tuple(one.unit for one in problem.parameters),
        values=values,
        covariance=covariance,
        free=free,
        cost=cost,
        n_points=n_points,
        residuals=tuple(problem.residuals(values)),
        fitted=tuple(problem.fitted(values)),
        log_likelihood=_log_likelihood(problem, values, cost),
        errors_given=problem.errors_given,
        converged=bool(found.status > 0),
        message=" ".join(str(found.message).split()),
        doubts=find_doubts(problem, values, slopes, covariance),
        problem=problem,
    )


def _robust(
    problem: "Problem", values: Array, slopes: Array, residual: Array, dof: int
) -> tuple[Array, float]:
    r"""Return covariance and cost of a robust fit.

    The sandwich :math:`(J^T W J)^{-1} J^T V J (J^T W J)^{-1}` of Huber (1967), where V
    and W are the mean square slope and the mean curvature of the loss: residuals, in
    units of the errors given, are taken to have one distribution, of any shape.
    """
    scale = residual_scale(problem, values)
    z = (residual / scale) ** 2
    value, first, second = _loss(problem.loss, z)
    # d/dr of r rho'(r^2) is rho' + 2 z rho''; its mean stands for each point, so that
    # a few far points do not make the curvature negative.
    curvature = float(np.mean(first + 2.0 * z * second))
    spread = float(np.sum(z * first**2)) / max(dof, 1)
    inverse = inverse_normal_matrix(slopes)
    covariance = inverse * scale**2 * spread / curvature**2
    return covariance, float(np.sum(value)) * scale**2


def _loss(name: str, z: Array) -> tuple[Array, Array, Array]:
    """Return a loss of SciPy's ``least_squares`` and its two derivatives."""
    if name == "soft_l1":
        root = np.sqrt(1.0 + z)
        return 2.0 * (root - 1.0), 1.0 / root, -0.5 / root**3
    if name == "cauchy":
        return np.log1p(z), 1.0 / (1.0 + z), -1.0 / (1.0 + z) ** 2
    inner, root = z <= 1.0, np.sqrt(np.maximum(z, 1.0))
    return (
        np.where(inner, z, 2.0 * root - 1.0),
        1.0 / root,
        np.where(inner, 0.0, -0.5 / root**3),
    )


def _log_likelihood(problem: "Problem", values: Array, cost: float) -> float:
    """Return the log of the likelihood at its maximum."""
    counts = np.concatenate([trace.y for trace in problem.traces])
    if problem.cost == "poisson":
        from scipy.special import gammaln, xlogy

        mean = np.maximum(np.concatenate(problem.fitted(values)), 1e-300)
        return float(np.sum(xlogy(counts, mean) - mean - gammaln(counts + 1.0)))
    n = counts.size
    errors = [trace.error for trace in problem.traces if trace.error is not None]
    if problem.errors_given:
        logs = float(np.sum(np.log(np.concatenate(errors))))
        return -0.5 * cost - logs - 0.5 * n * float(np.log(2.0 * np.pi))
    variance = max(cost / n, 1e-300)
    return -0.5 * n * float(np.log(2.0 * np.pi * variance) + 1.0)
