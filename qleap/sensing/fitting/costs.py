"""What a fit makes small: residuals whose squares add up to the cost."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["COSTS", "LOSSES", "poisson_residual"]

Array = NDArray[np.float64]

COSTS: Final = ("least_squares", "poisson")

LOSSES: Final = ("linear", "soft_l1", "huber", "cauchy")
"""Of SciPy's ``least_squares``; all but the first bound the pull of outliers."""

_SMALLEST: Final = 1e-12
"""Expected counts below this are this: a Poisson mean must be positive."""


def poisson_residual(counts: Array, expected: Array) -> tuple[Array, Array]:
    r"""Return the signed roots of the Poisson deviance, and their slopes.

    .. math::
        r = \operatorname{sign}(\mu - n)\sqrt{2(\mu - n + n \ln(n/\mu))}

    The sum of squares is minus twice the log-likelihood up to a constant, so least
    squares of r is maximum likelihood. The slopes are :math:`dr/d\mu`.
    """
    mean = np.maximum(expected, _SMALLEST)
    excess = (mean - counts) / mean
    # mu - n + n log(n / mu) loses all digits near n = mu; there the series in
    # excess e, mu (e^2/2 + e^3/6 + e^4/12), takes over.
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(counts > 0.0, counts * np.log(counts / mean), 0.0)
    near = np.abs(excess) < 1e-3
    series = mean * excess**2 * (0.5 + excess / 6.0 + excess**2 / 12.0)
    deviance = 2.0 * np.where(near, series, np.maximum(mean - counts + logs, 0.0))
    residual = np.sign(excess) * np.sqrt(deviance)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(near, (1.0 - excess / 6.0) / np.sqrt(mean), excess / residual)
    return residual, slope
