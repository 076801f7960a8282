"""Tests for structure in the residuals."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qleap.sensing.fitting.result import FitResult

__all__ = ["residual_tests"]


def residual_tests(fit: "FitResult") -> dict[str, float]:
    """Return p-values of tests of the residuals; small ones speak against the fit.

    Returns
    -------
    dict
        ``chi_square``: is the cost as large as the errors say (1 where no errors were
        given)? ``runs``: do signs change as often as chance would have it (Wald and
        Wolfowitz 1940)? ``correlation``: do neighbours correlate (lag one, normal
        approximation)? ``normality``: are they normal (D'Agostino and Pearson 1973;
        1 below 20 points)? The smallest of several traces, times their number.
    """
    from scipy import stats

    chi = 1.0
    if fit.errors_given and fit.problem.loss == "linear":
        chi = float(stats.chi2.sf(fit.cost, max(fit.degrees_of_freedom, 1)))
    found = {"chi_square": chi, "runs": 1.0, "correlation": 1.0, "normality": 1.0}
    for residual in fit.residuals:
        n = residual.size
        if n < 8 or not np.any(residual):
            continue
        for name, value in (
            ("runs", _runs(residual)),
            ("correlation", _correlation(residual)),
            ("normality", float(stats.normaltest(residual)[1]) if n >= 20 else 1.0),
        ):
            found[name] = min(found[name], min(1.0, value * len(fit.residuals)))
    return found


def _runs(residual: NDArray[np.float64]) -> float:
    """Return the two-sided p-value of the number of runs of one sign."""
    from scipy import stats

    signs = residual[residual != 0.0] > 0.0
    above, below = int(signs.sum()), int((~signs).sum())
    total = above + below
    if above == 0 or below == 0:
        return 2.0 ** (1 - total)
    runs = 1 + int(np.sum(signs[1:] != signs[:-1]))
    mean = 1.0 + 2.0 * above * below / total
    variance = (mean - 1.0) * (mean - 2.0) / max(total - 1, 1)
    if variance <= 0.0:
        return 1.0
    return float(2.0 * stats.norm.sf(abs(runs - mean) / np.sqrt(variance)))


def _correlation(residual: NDArray[np.float64]) -> float:
    """Return the two-sided p-value of the correlation of neighbours."""
    from scipy import stats

    lag = float(residual[1:] @ residual[:-1]) / float(residual @ residual)
    return float(2.0 * stats.norm.sf(abs(lag) * np.sqrt(residual.size)))
