"""What a photon counter sees: saturation, antibunching, mixtures of counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Parameter
from qleap.sensing.models.shapes import ScaledShape

__all__ = ["Antibunching", "PhotonCounts", "Saturation"]

Array = NDArray[np.float64]

MOST_BUNCHING: Final = 100.0
"""Correlations of single emitters rise to 1 + b of a few; without a limit fits of noisy
traces have their minimum at infinity."""


@dataclass(frozen=True, kw_only=True)
class Saturation(TraceModel):
    r"""Count rate over laser power P.

    .. math:: R(P) = R_\infty \frac{P}{P + P_s} + b P + d

    Parameters
    ----------
    background : bool
        Whether light that grows with the power (b) and dark counts (d) are
        parameters.
    power_unit : str
    """

    background: bool = True
    power_unit: str = "W"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Rate and power of saturation, and perhaps slope and dark rate."""
        always = (
            Parameter("saturation_rate", "signal", low=0.0),
            Parameter("saturation_power", self.power_unit, low=0.0),
        )
        if not self.background:
            return always
        slope = Parameter("background_slope", f"signal/{self.power_unit}", low=0.0)
        return (*always, slope, Parameter("dark_rate", "signal", low=0.0))

    def _evaluate(self, x: Array, values: Array) -> Array:
        rate = values[0] * x / (x + values[1])
        if self.background:
            rate = rate + values[2] * x + values[3]
        return np.asarray(rate)

    def _jacobian(self, x: Array, values: Array) -> Array:
        share = x / (x + values[1])
        columns = [share, -values[0] * share / (x + values[1])]
        if self.background:
            columns += [x, np.ones_like(x)]
        return np.column_stack(columns)

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return the best saturation power of a range with non-negative rates."""
        from scipy.optimize import nnls

        power, rate = checks.vector("x", x, min_size=2), checks.vector("y", y)
        top = float(np.max(np.abs(power)))
        best, found = np.inf, np.zeros(4)
        for half in np.geomspace(1e-3 * top, 10.0 * top, 60):
            columns = [power / (power + half)]
            if self.background:
                columns += [power / top, np.ones_like(power)]
            weights, missed = nnls(np.column_stack(columns), rate)
            if missed < best:
                best, found = missed, np.array([weights[0], half, *weights[1:]])
        if self.background:
            found[2] /= top
        return dict(zip(self.names, map(float, found), strict=True))


@dataclass(frozen=True, kw_only=True)
class Antibunching(ScaledShape):
    r"""Second-order correlation over the delay t (s) of a three-level emitter.

    .. math::
        g^{(2)}(t) = d + a \left[1 - (1 + b) e^{-|t - t_0|/\tau_1}
                     + b e^{-|t - t_0|/\tau_2}\right]

    With ``offset`` d and ``amplitude`` a in the unit of the data; one emitter without
    background has d = 0, and :math:`g^{(2)}(0) = d/(d + a) < 1/2` means one emitter
    (`zero_delay`).

    Where b grows without bound, noise of short traces fits best with a = 0 (a slow
    rise that the trace does not end), or with two equal times; b therefore has the
    limit `MOST_BUNCHING`, and a fit that ends there is doubted.

    References
    ----------
    Kurtsiefer et al., Phys. Rev. Lett. 85, 290 (2000).
    """

    @property
    def shape_parameters(self) -> tuple[Parameter, ...]:
        """Antibunching and bunching time, bunching, and zero of the delay."""
        return (
            Parameter("antibunching_time", "s", low=0.0),
            Parameter("bunching_time", "s", low=0.0),
            Parameter("bunching", "1", low=0.0, high=MOST_BUNCHING),
            Parameter("zero", "s"),
        )

    def shape(self, x: Array, values: Array) -> tuple[Array, Array]:
        """Return the normalised correlation and its derivatives."""
        fast, slow, b, zero = values
        away = np.abs(x - zero)
        first, second = np.exp(-away / fast), np.exp(-away / slow)
        by_away = (1.0 + b) * first / fast - b * second / slow
        columns = [
            -(1.0 + b) * first * away / fast**2,
            b * second * away / slow**2,
            second - first,
            -np.sign(x - zero) * by_away,
        ]
        return 1.0 - (1.0 + b) * first + b * second, np.column_stack(columns)

    def candidates(self, x: Array, y: Array) -> Iterator[tuple[float, ...]]:
        """Yield times around the lowest point."""
        span = float(np.ptp(x))
        width = max(3, x.size // 50)
        smooth = np.convolve(y, np.ones(width) / width, mode="same")
        inner = slice(width, x.size - width)
        zero = float(x[inner][np.argmin(smooth[inner])])
        for fast in np.geomspace(2.0 * span / x.size, 0.2 * span, 10):
            for slow in fast * np.geomspace(2.0, 100.0, 6):
                for b in (0.05, 0.3, 1.0, 3.0):
                    yield fast, slow, b, zero

    @staticmethod
    def zero_delay(values: dict[str, float]) -> float:
        """Return the normalised correlation at zero delay from fitted values."""
        return values["offset"] / (values["offset"] + values["amplitude"])


@dataclass(frozen=True, kw_only=True)
class PhotonCounts(TraceModel):
    r"""Histogram of photon counts n as a mixture of Poisson distributions.

    .. math:: N(n) = N_0 \sum_k w_k e^{-\mu_k} \mu_k^n / n!

    ``x`` are whole counts n, the data their number of occurrences.

    Parameters
    ----------
    components : int
        Number of distributions, brightest last.
    """

    components: int = 2

    def __post_init__(self) -> None:
        checks.count("components", self.components, 1, 8)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """For each component its number of occurrences and its mean."""
        found: list[Parameter] = []
        for k in range(1, self.components + 1):
            found.append(Parameter(f"occurrences_{k}", "signal", low=0.0))
            found.append(Parameter(f"mean_{k}", "1", low=0.0))
        return tuple(found)

    def _evaluate(self, x: Array, values: Array) -> Array:
        return np.asarray(self._shares(x, values[1::2]) @ values[0::2])

    def _jacobian(self, x: Array, values: Array) -> Array:
        shares = self._shares(x, values[1::2])
        full = np.empty((x.size, values.size))
        full[:, 0::2] = shares
        full[:, 1::2] = values[0::2] * shares * (x[:, None] / values[1::2] - 1.0)
        return full

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return means of equal groups of the counts, improved a few times."""
        n, seen = checks.vector("x", x, min_size=2), checks.vector("y", y)
        weight = np.maximum(seen, 0.0)
        if not np.any(weight):
            raise InvalidValue("y must have occurrences > 0, got none.")
        share = np.cumsum(weight) / weight.sum()
        steps = (np.arange(self.components) + 0.5) / self.components
        mean = np.maximum(np.interp(steps, share, n), 1e-3)
        mean = mean + 1e-3 * np.arange(self.components)
        part = np.full(self.components, weight.sum() / self.components)
        for _ in range(200):  # expectation and maximisation
            each = self._shares(n, mean) * part
            belongs = each / np.maximum(each.sum(axis=1, keepdims=True), 1e-300)
            part = np.maximum(weight @ belongs, 1e-9)
            mean = np.maximum((weight * n) @ belongs / part, 1e-9)
        order = np.argsort(mean)
        pairs = np.column_stack([part[order], mean[order]]).ravel()
        return dict(zip(self.names, map(float, pairs), strict=True))

    @staticmethod
    def _shares(n: Array, mean: Array) -> Array:
        from scipy.special import gammaln, xlogy

        log = xlogy(n[:, None], mean) - mean - gammaln(n + 1.0)[:, None]
        return np.asarray(np.exp(log))
