"""Exponential decays of measured probabilities, with honest intervals.

``y(x) = A exp(-rate x) + B`` by weighted least squares. For a given rate A and B follow
from linear equations, so only the rate is searched for, in all resampled data sets at
once. The intervals come from a semi-parametric bootstrap: shots are drawn anew from
the fitted curve, and what sequences of one length differ by beyond their shots is drawn
anew from the sequences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.processing.protocols.protocol import CONFIDENCE, Estimate

__all__ = [
    "Decay",
    "Survivals",
    "asymptote",
    "check_samples",
    "fit_decay",
    "interval",
    "survivals",
]

Reals = NDArray[np.float64]

RESAMPLES: Final = 1000
SEED: Final = 20_120_111
"""Of the bootstrap: the same counts have the same interval."""

ASYMMETRY: Final = 0.2
"""How far from ``1/d`` a fitted asymptote may be."""

_GRID: Final = 48
_REFINEMENTS: Final = 20
"""Golden sections: to 1e-4 of a rate for resampled data; twice as many for the best."""

_GOLDEN: Final = 0.5 * (np.sqrt(5.0) - 1.0)
SLOWEST, FASTEST = 1e-4, 30.0
"""Rates that are looked at, over the inverse of the longest and the shortest step."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Survivals:
    """How often something survived.

    Parameters
    ----------
    x : ndarray, shape (n_lengths,)
        Lengths or times, ascending.
    shares : ndarray, shape (n_lengths, n_samples)
        Share of the shots of each sequence that survived.
    shots : int
        Of every sequence.
    """

    x: Reals
    shares: Reals
    shots: int

    @property
    def means(self) -> Reals:
        """Return the share at every length."""
        means: Reals = self.shares.mean(axis=1)
        return means

    @property
    def errors(self) -> Reals:
        """Return standard errors of the means.

        To the variance of the shots comes that between sequences, taken together from
        all lengths: that of one length alone is too uncertain to be a weight.
        """
        return self.errors_about(self.means)

    def errors_about(self, curve: Reals) -> Reals:
        """Return standard errors of the means where ``curve`` is the truth."""
        n = self.shares.shape[1]
        own = self.noise(curve)
        if n < 2:
            return np.sqrt(own)
        spread = self.shares.var(axis=1, ddof=1) / n
        excess = np.mean(spread - self.noise(self.means))
        found: Reals = np.sqrt(own + max(float(excess), 0.0))
        return found

    def noise(self, curve: Reals) -> Reals:
        """Return the variance of the means that comes from the shots alone.

        Shares of 0 and 1 are moved half a shot inwards, as with the prior of Jeffreys.
        """
        total = self.shots * self.shares.shape[1]
        share = (np.clip(curve, 0.0, 1.0) * total + 0.5) / (total + 1.0)
        found: Reals = share * (1.0 - share) / total
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Decay:
    """A fitted decay.

    Parameters
    ----------
    rate, amplitude, offset : float
        Of ``amplitude * exp(-rate x) + offset``.
    rates : ndarray, shape (n_resamples,)
        Rates of the resampled data.
    """

    rate: float
    amplitude: float
    offset: float
    rates: Reals

    @property
    def base(self) -> float:
        """Return the factor of one step."""
        return float(np.exp(-self.rate))

    @property
    def bases(self) -> Reals:
        """Return the factors of one step of the resampled data."""
        found: Reals = np.exp(-self.rates)
        return found

    def curve(self, x: ArrayLike) -> Reals:
        """Return the fitted curve."""
        grid = np.asarray(x, np.float64)
        found: Reals = self.amplitude * np.exp(-self.rate * grid) + self.offset
        return found


def fit_decay(
    data: Survivals,
    *,
    offset: tuple[float, float] = (0.0, 1.0),
    resamples: int = RESAMPLES,
    stream: int = 0,
) -> Decay:
    """Return the decay that fits ``data`` best.

    Parameters
    ----------
    data : Survivals
        At three lengths or more, at two where the offset is known.
    offset : (float, float)
        Between which the offset must lie; twice the same where it is known.
    resamples : int
        Of the bootstrap.
    stream : int
        Independent streams for decays that are combined.
    """
    least = 3 if offset[0] < offset[1] else 2
    if data.x.size < least:
        raise InvalidValue(
            f"a decay needs at least {least} lengths, got {data.x.size}; add some."
        )
    weights = 1.0 / data.errors**2
    for _ in range(2):
        rates, amplitudes, offsets = _fit(
            data.x, data.means[None], weights, offset, 2 * _REFINEMENTS
        )
        best = Decay(
            rate=float(rates[0]),
            amplitude=float(amplitudes[0]),
            offset=float(offsets[0]),
            rates=np.empty(0),
        )
        # By the curve: shares that are low by chance would weigh more than others.
        weights = 1.0 / data.errors_about(best.curve(data.x)) ** 2
    rng = np.random.default_rng([SEED, stream])
    drawn = _resampled(data, best.curve(data.x), resamples, rng)
    again = _fit(data.x, drawn, weights, offset)[0]
    return Decay(
        rate=best.rate, amplitude=best.amplitude, offset=best.offset, rates=again
    )


def asymptote(n_qubits: int, *, known: bool) -> tuple[float, float]:
    """Return between which values the survival of long sequences lies.

    Without leakage it is that of the mixed state, ``1/d``, up to what readout errors
    differ by between 0 and 1; `ASYMMETRY` is given to them. Without a limit a flat
    decay would fit any rate.
    """
    centre = 0.5**n_qubits
    if known:
        return centre, centre
    return max(0.0, centre - ASYMMETRY), centre + ASYMMETRY


def check_samples(samples: int, n_qubits: int, *, known_asymptote: bool) -> None:
    """Refuse numbers of sequences that cannot end in all states equally often.

    The asymptote is ``1/d`` only then: if 1 is misread more often than 0, sequences
    that all end in 0 have a higher one, and their error comes out too small.
    """
    checks.count("samples", samples)
    states = 2**n_qubits
    if known_asymptote and samples % states:
        raise InvalidValue(
            f"samples must be a multiple of {states} for known_asymptote, so that "
            f"sequences end in all {states} states equally often, got {samples}; take "
            f"{samples + states - samples % states}."
        )


def interval(value: float, resampled: Reals, unit: str = "1") -> Estimate:
    """Return ``value`` with the interval that holds 99 % of the resampled values."""
    tail = 0.5 * (1.0 - CONFIDENCE)
    low, high = np.quantile(resampled, [tail, 1.0 - tail])
    return Estimate(
        value=float(value),
        low=float(min(low, value)),
        high=float(max(high, value)),
        unit=unit,
    )


def _resampled(
    data: Survivals, curve: Reals, n: int, rng: np.random.Generator
) -> Reals:
    """Return means of data sets drawn anew, shape ``(n, n_lengths)``."""
    n_lengths, n_samples = data.shares.shape
    total = data.shots * n_samples
    share = (np.clip(curve, 0.0, 1.0) * total + 0.5) / (total + 1.0)
    means = rng.binomial(total, share, (n, n_lengths)) / total
    means += np.clip(curve, 0.0, 1.0) - share
    if n_samples < 2:
        return np.asarray(means, np.float64)
    residuals = data.shares - data.means[:, None]
    spread = data.shares.var(axis=1, ddof=1)
    excess = np.maximum(spread - n_samples * data.noise(data.means), 0.0)
    scale = _widening(n_samples) * np.sqrt(excess / np.where(spread > 0, spread, 1.0))
    chosen = rng.integers(n_samples, size=(n, n_lengths, n_samples))
    drawn = np.take_along_axis(residuals[None], chosen, axis=2).mean(axis=2)
    found: Reals = means + scale * np.sqrt(n_samples / (n_samples - 1)) * drawn
    return found


def _widening(n_samples: int) -> float:
    """Return by how much the scatter of few sequences is made larger.

    Student's quantile over that of the normal distribution: about two of the lengths
    decide on a rate.
    """
    from scipy.stats import norm, t

    level = 0.5 * (1.0 + CONFIDENCE)
    return float(t.ppf(level, 2 * (n_samples - 1)) / norm.ppf(level))


def _fit(
    x: Reals,
    y: Reals,
    weights: Reals,
    offset: tuple[float, float],
    refinements: int = _REFINEMENTS,
) -> tuple[Reals, Reals, Reals]:
    """Return rate, amplitude and offset for every row of ``y``, shape (n, n_x)."""
    steps = np.diff(x)
    slowest = SLOWEST / max(x[-1], steps.min())
    fastest = FASTEST / steps.min()
    grid = np.geomspace(slowest, fastest, _GRID)
    costs = _solved(x, y[:, None], weights, grid[None], offset)[0]
    place = np.argmin(costs, axis=1)
    low = np.log(grid[np.maximum(place - 1, 0)])
    high = np.log(grid[np.minimum(place + 1, _GRID - 1)])
    for _ in range(refinements):
        reach = _GOLDEN * (high - low)
        left, right = high - reach, low + reach
        pair = np.exp(np.stack([left, right], axis=1))
        two = _solved(x, y[:, None], weights, pair, offset)[0]
        is_left = two[:, 0] < two[:, 1]
        low, high = np.where(is_left, low, left), np.where(is_left, right, high)
    rates = np.exp(0.5 * (low + high))
    _, amplitude, found = _solved(x, y[:, None], weights, rates[:, None], offset)
    return rates, amplitude[:, 0], found[:, 0]


def _solved(
    x: Reals, y: Reals, w: Reals, rates: Reals, offset: tuple[float, float]
) -> tuple[Reals, Reals, Reals]:
    """Return cost, amplitude and offset for every rate."""
    e = np.exp(-rates[..., None] * x)
    see, se, s = (w * e * e).sum(-1), (w * e).sum(-1), w.sum()
    sey, sy = (w * e * y).sum(-1), (w * y).sum(-1)
    det = see * s - se * se
    safe = np.where(det > 1e-12 * see * s, det, np.inf)
    b = np.clip((see * sy - se * sey) / safe, *offset)
    a = np.maximum((sey - b * se) / see, 0.0)
    cost = (w * (y - a[..., None] * e - b[..., None]) ** 2).sum(-1)
    return cost, a, b


def survivals(
    lengths: Sequence[float], shares: Sequence[float], shots: Sequence[int]
) -> Survivals:
    """Return the shares of many sequences, ordered by their lengths.

    Raises
    ------
    InvalidValue
        Where lengths have different numbers of sequences, or sequences of shots.
    """
    x, place = np.unique(np.asarray(lengths, np.float64), return_inverse=True)
    often = np.bincount(place)
    if len(set(often.tolist())) > 1 or len(set(shots)) > 1:
        raise InvalidValue(
            "every length needs as many sequences, and every sequence as many shots, "
            f"got {sorted(set(often.tolist()))} sequences and {sorted(set(shots))} "
            "shots; leave out what is incomplete."
        )
    order = np.argsort(place, kind="stable")
    table = np.asarray(shares, np.float64)[order].reshape(x.size, -1)
    return Survivals(x=x, shares=table, shots=int(shots[0]))
