"""Tests for structure in the residuals."""

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.costs import poisson_residual

if TYPE_CHECKING:
    from qleap.sensing.fitting.result import FitResult

__all__ = ["deviance_moments", "residual_tests"]

FEW: Final = 5.0
"""Expected counts below which the residuals are not normal."""

MANY: Final = 100.0
"""Expected counts from which the deviance is that of chi-square."""


def residual_tests(fit: "FitResult") -> dict[str, float]:
    """Return p-values of tests of the residuals; small ones speak against the fit.

    Returns
    -------
    dict
        ``chi_square``: is the cost larger than the errors say, and
        ``chi_square_low``: is it smaller (both 1 where no errors were given)?
        ``runs``: do signs change as often as chance would have it (Wald and Wolfowitz
        1940)? ``correlation``: do neighbours correlate (lag one, normal
        approximation)? ``normality``: are they normal (D'Agostino and Pearson 1973; 1
        below 20 points, and for counts of which less than `FEW` are expected)? The
        smallest of several traces, times their number.

    Notes
    -----
    Few counts do not have the deviance of chi-square; its mean and variance are
    taken for the expected counts (`deviance_moments`), and a gamma distribution of
    these.
    """
    high, low = _chi_square(fit)
    found = {"chi_square": high, "chi_square_low": low}
    found |= {"runs": 1.0, "correlation": 1.0, "normality": 1.0}
    poisson = fit.problem.cost == "poisson"
    few = poisson and min(float(one.min()) for one in fit.fitted) < FEW
    for residual in fit.residuals:
        n = residual.size
        if n < 8 or not np.any(residual):
            continue
        for name, value in (
            ("runs", _runs(residual)),
            ("correlation", _correlation(residual)),
            ("normality", _normality(residual, few=few)),
        ):
            found[name] = min(found[name], min(1.0, value * len(fit.residuals)))
    return found


def _chi_square(fit: "FitResult") -> tuple[float, float]:
    """Return the p-values of a cost that is too large and of one too small."""
    from scipy import stats

    freedom = fit.degrees_of_freedom
    if not fit.errors_given or fit.problem.loss != "linear" or freedom < 1:
        return 1.0, 1.0
    mean, variance = float(freedom), 2.0 * freedom
    if fit.problem.cost == "poisson":
        expected = np.concatenate(fit.fitted)
        each = deviance_moments(expected)
        mean, variance = (float(freedom * np.mean(one)) for one in each)
    if not variance > 0.0:
        return 1.0, 1.0
    made = stats.gamma(mean**2 / variance, scale=variance / mean)
    return float(made.sf(fit.cost)), float(made.cdf(fit.cost))


def deviance_moments(
    expected: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and variance of the deviance of Poisson counts, shape ``(n,)``.

    Between the values of a table; 1 and 2 above `MANY` expected counts.
    """
    at, mean, variance = _deviance_table()
    place = np.clip(expected, at[0], at[-1])
    few = expected <= MANY
    return (
        np.where(few, np.interp(place, at, mean), 1.0),
        np.where(few, np.interp(place, at, variance), 2.0),
    )


@cache
def _deviance_table() -> tuple[NDArray[np.float64], ...]:
    """Return expected counts, and mean and variance of the deviance by sums."""
    from scipy import stats

    expected = np.concatenate([[1e-12], np.geomspace(1e-6, MANY, 600)])
    counts = np.arange(MANY + 12.0 * np.sqrt(MANY))
    residual, _ = poisson_residual(counts, expected[:, None])
    chance = stats.poisson.pmf(counts, expected[:, None])
    mean = np.sum(chance * residual**2, axis=1)
    return expected, mean, np.sum(chance * residual**4, axis=1) - mean**2


def _normality(residual: NDArray[np.float64], *, few: bool) -> float:
    from scipy import stats

    if few or residual.size < 20:
        return 1.0
    return float(stats.normaltest(residual)[1])


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
