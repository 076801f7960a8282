"""Errors of fits of the Hamiltonian where lines have merged or are not there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.estimate import inverse_normal_matrix
from qleap.sensing.fitting.result import FitResult
from qleap.sensing.fitting.trace import Problem
from qleap.sensing.models.hamiltonian import FIELD, MIDDLE, HamiltonianSpectrum
from qleap.sensing.nv.temperature import HIGHEST, LOWEST
from qleap.sensing.spectrum import Spectrum

__all__ = ["lines_stand_out", "with_bounded_errors", "without_normal_errors"]

Array = NDArray[np.float64]

VISIBLE: Final = 8.0
"""Root of the fall of chi-square that lines must bring: of noise, in which the best
of many thousand places are found, it is up to seven."""

NORMAL: Final = (0.5, 2.0)
"""Between these chi-square rises at one standard error from the best field (the mean of
both sides), if errors are about normal."""


def with_bounded_errors(
    fit: FitResult, models: Sequence[HamiltonianSpectrum], spectra: Sequence[Spectrum]
) -> FitResult:
    """Return the fit with errors that do not leave the spectrum.

    Where lines of equal depth lie in one place, as for fields along [001], [110] or
    [111], the model does not depend on some parameters in first order. The inverse
    of the normal matrix then has variances without bound, which reach parameters
    that are well known. What is known before is added: that no line is further off
    or wider than the spectrum, and none is deeper than the signal varies. It weighs
    nothing where the data tell anything.
    """
    problem = fit.problem
    if problem.loss != "linear":
        return fit
    scale = 1.0 if fit.errors_given else max(fit.reduced_chi_square, 1e-300)
    free = fit.free
    slopes = problem.jacobian(fit.values)[:, free] / np.sqrt(scale)
    sizes = _sizes(problem, models, spectra)[free]
    inverse = inverse_normal_matrix(np.vstack([slopes, np.diag(1.0 / sizes)]))
    covariance = np.zeros_like(fit.covariance)
    covariance[np.ix_(free, free)] = inverse
    return replace(fit, covariance=covariance)


def _sizes(
    problem: Problem,
    models: Sequence[HamiltonianSpectrum],
    spectra: Sequence[Spectrum],
) -> Array:
    """Return how far each parameter can be from its value at all."""
    found = np.zeros(len(problem.names))
    for model, one, at in zip(models, spectra, problem.places, strict=True):
        span = float(np.ptp(one.frequency))
        depth = float(np.ptp(one.signal)) or 1.0
        away = float(np.max(np.abs(one.frequency - MIDDLE))) + span
        usual = {
            "field": away / float(model.centre.gyromagnetic_ratios[2]),
            "temperature": HIGHEST - LOWEST,
            "turn": np.pi,
            "contrast": depth,
            "lorentzian_share": 1.0,
            "background_slope": depth / span,
            "background_curvature": depth / span**2,
            "background": depth,
        }
        own = [
            next((v for k, v in usual.items() if name.startswith(k)), span)
            for name in model.names
        ]
        found[at] = np.maximum(found[at], own)
    return found


def lines_stand_out(fit: FitResult) -> tuple[bool, float]:
    """Return whether lines are seen, and by what root of chi-square they help."""
    problem, values = fit.problem, fit.values.copy()
    names = problem.names
    depths = np.array([name.startswith("contrast") for name in names])
    if not np.any(depths & fit.free):
        return True, np.inf
    values[depths] = 0.0
    linear = np.array([name.startswith("background") for name in names]) & fit.free
    residual = problem.vector(values)
    if np.any(linear):
        slopes = problem.jacobian(values)[:, linear]
        sizes = np.linalg.norm(slopes, axis=0)
        step = np.linalg.lstsq(slopes / sizes, -residual)[0]
        values[linear] += step / sizes
        residual = problem.vector(values)
    best = problem.vector(fit.values)
    scale = 1.0 if fit.errors_given else max(fit.reduced_chi_square, 1e-300)
    fall = float(residual @ residual - best @ best) / scale
    root = float(np.sqrt(max(fall, 0.0)))
    return root > VISIBLE, root


def without_normal_errors(fit: FitResult) -> list[Array]:
    """Return directions in which the errors of the field are not normal.

    Unit vectors in the laboratory. One standard error away, where the other parameters
    follow in first order, chi-square rises by one if errors are normal.
    """
    problem, at = fit.problem, [fit.names.index(name) for name in FIELD]
    if not np.all(fit.free[at]) or problem.loss != "linear":
        return []
    scale = 1.0 if fit.errors_given else max(fit.reduced_chi_square, 1e-300)
    best = problem.vector(fit.values)
    variances, axes = np.linalg.eigh(fit.covariance[np.ix_(at, at)])
    found = []
    for variance, axis in zip(variances, axes.T, strict=True):
        if not variance > 0.0:
            continue
        move = fit.covariance[:, at] @ axis / np.sqrt(variance)
        moved = [problem.vector(fit.values + side * move) for side in (-1.0, 1.0)]
        rise = float(np.mean([one @ one for one in moved]) - best @ best) / scale
        if not NORMAL[0] < rise < NORMAL[1]:
            found.append(axis)
    return found
