"""Degrees of freedom and noise types behind the error bars of Allan deviations."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["effective_degrees_of_freedom", "identify_noise"]

Array = NDArray[Any]

_DENSE = 32
"""Longer averaging times of smooth noise are sampled with so many points each."""


def effective_degrees_of_freedom(
    exponent: int,
    *,
    factor: int,
    points: int,
    order: int = 2,
    overlapping: bool = True,
    modified: bool = False,
) -> float:
    r"""Return the degrees of freedom of a variance of differences.

    Parameters
    ----------
    exponent : int
        Of the noise, :math:`S_y \propto f^\alpha`: 2 white phase, 1 flicker phase,
        0 white frequency, -1 flicker frequency, -2 random walk of the frequency,
        down to ``2 - 2 order``.
    factor : int
        Averaging time over the sampling interval, m.
    points : int
        Number of phase points, one more than readings of the rate.
    order : int
        Of the difference: 2 for Allan, 3 for Hadamard variances.
    overlapping, modified : bool
        As in `allan_deviation`.

    Notes
    -----
    The sums of C. A. Greenhall and W. J. Riley, "Uncertainty of stability variances
    based on finite differences", PTTI 2003, up to m = 32 in full. Readings are
    averages over their interval, so that their integral is a sampled phase and not
    an averaged one; for alpha <= 0 this makes the answer exact for white readings,
    where the paper's phase of finite bandwidth is off by 17 % at m = 1 and 8 % at 10.
    """
    checks.count("order", order, 1, 3)
    checks.count("factor", factor)
    checks.count("points", points, order * factor + 1)
    if not 1 - 2 * order < exponent <= 2:
        raise InvalidValue(
            f"exponent must lie between {2 - 2 * order} and 2 for differences of the "
            f"order {order}, got {exponent}; use a higher order for steeper noise."
        )
    smooth = modified or exponent <= 0
    fine = 1 if modified else 0 if smooth else factor
    stride = factor if overlapping or modified else 1
    if smooth:
        stride = min(stride, _DENSE)
    length = (factor if modified else 1) + factor * order
    terms = 1 + int(np.floor(stride * (points - length) / factor))
    reach = min(terms, (order + 1) * stride)
    weights = 2.0 * (1.0 - np.arange(reach + 1) / terms)
    weights[0] = 1.0
    weights[-1] /= 2.0
    spread = weights @ _correlation(exponent, fine, stride, order)[: reach + 1]
    return terms / float(spread)


@lru_cache(maxsize=32)
def _correlation(exponent: int, fine: int, stride: int, order: int) -> Array:
    """Return the squared correlation of differences, ``stride`` points a time."""
    lag = np.arange((order + 1) * stride + 1) / stride
    covariance = _differences(lag, fine, exponent, order)
    return np.asarray((covariance / covariance[0]) ** 2)


def _core(t: Array, exponent: int) -> Array:
    """Return the generalised autocovariance of the phase, up to a factor."""
    size = np.abs(t)
    power = size ** (3 - exponent)
    if exponent % 2 == 0:  # -|t|, |t|^3, -|t|^5, ...
        return np.asarray((-1.0) ** (exponent // 2) * power)
    logarithm = np.log(np.where(size == 0.0, 1.0, size))
    return np.asarray((-1.0) ** ((1 - exponent) // 2) * power * logarithm)


def _averaged(t: Array, fine: int, exponent: int) -> Array:
    """Return the autocovariance of phase averaged over ``1 / fine``; 0 is sampled."""
    if fine == 0:
        return _core(t, exponent + 2)
    step = 1.0 / fine
    middle = 2.0 * _core(t, exponent)
    sides = _core(t - step, exponent) + _core(t + step, exponent)
    return np.asarray(fine**2 * (middle - sides))


_BINOMIAL: dict[int, tuple[int, ...]] = {1: (2, -1), 2: (6, -4, 1), 3: (20, -15, 6, -1)}


def _differences(lag: Array, fine: int, exponent: int, order: int) -> Array:
    """Return the autocovariance of the differences at ``lag``."""
    weights = _BINOMIAL[order]
    total = weights[0] * _averaged(lag, fine, exponent)
    for k, w in enumerate(weights[1:], start=1):
        total = total + w * _averaged(lag - k, fine, exponent)
        total = total + w * _averaged(lag + k, fine, exponent)
    return np.asarray(total)


def identify_noise(
    phase: Array, *, factor: int = 1, lowest: int = -2, highest: int = 2
) -> int | None:
    r"""Return the exponent of the noise at an averaging time, or None.

    The lag-one autocorrelation :math:`r_1` of the phase at every ``factor``-th
    point, differenced until it is stationary, gives
    :math:`\delta = r_1 / (1 + r_1)` and the exponent :math:`2 - 2(\delta + d)`,
    rounded, with d the number of differences.

    Parameters
    ----------
    phase : ndarray, shape (n,)
        Integral of the readings.
    factor : int
        Averaging time over the sampling interval; fewer than 30 points at this
        distance are too few, and the answer is None.
    lowest, highest : int
        Bounds of the answer.

    Notes
    -----
    W. J. Riley and C. A. Greenhall, "Power law noise identification using the lag 1
    autocorrelation", 18th European Frequency and Time Forum (2004).
    """
    z = np.asarray(phase, dtype=np.float64)[:: checks.count("factor", factor)]
    if z.size < 30:
        return None
    for d in range(4):
        r = _lag_one(z)
        delta = r / (1.0 + r)
        if delta < 0.25 or d == 3:
            break
        z = np.diff(z)
    exponent = round(2.0 - 2.0 * (delta + d))
    return int(min(max(exponent, lowest), highest))


def _lag_one(z: Array) -> float:
    centred = z - z.mean()
    power = float(centred @ centred)
    if power == 0.0:
        return 0.0
    return float(centred[:-1] @ centred[1:]) / power
