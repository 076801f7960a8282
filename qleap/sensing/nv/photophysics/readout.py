"""What a readout is worth: noise over that of the spin, windows, charge readout."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.photophysics.rates import NO_FIELD, RateModel

__all__ = [
    "OptimumWindow",
    "SpinToCharge",
    "distribution_noise",
    "optimum_window",
    "poisson_mixture",
    "readout_noise",
    "threshold_fidelity",
]

Array = NDArray[np.float64]


def readout_noise(
    mean_0: ArrayLike,
    mean_1: ArrayLike,
    variance_0: ArrayLike | None = None,
    variance_1: ArrayLike | None = None,
) -> Array:
    r"""Return sigma_R, the noise of a readout over the projection noise of the spin.

    .. math:: \sigma_R = \sqrt{1 + \frac{2(v_0 + v_1)}{(a - b)^2}}

    with means a, b and variances of the counts of the two spin states; one is a
    perfect readout. Without variances the counts are Poissonian, :math:`v_0 = a`,
    :math:`v_1 = b`, the form of Barry et al., Rev. Mod. Phys. 92, 015004 (2020). A
    yes-or-no outcome has :math:`v = p(1 - p)`, which gives
    :math:`\sqrt{(p_0 + p_1)(2 - p_0 - p_1)}/|p_0 - p_1|`, the form of Shields et
    al., Phys. Rev. Lett. 114, 136402 (2015).

    Notes
    -----
    For a spin halfway between the states, the variance of the counts is
    :math:`(v_0 + v_1)/2 + (a - b)^2/4`, and the second term alone is what the
    projection of the spin makes. The three papers' formulas were derived anew here;
    only their abstracts could be read.
    """
    a, b = np.asarray(mean_0, dtype=np.float64), np.asarray(mean_1, dtype=np.float64)
    v = a if variance_0 is None else np.asarray(variance_0, dtype=np.float64)
    w = b if variance_1 is None else np.asarray(variance_1, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(a == b, np.inf, 2.0 * (v + w) / (a - b) ** 2)
    return np.asarray(np.sqrt(1.0 + excess))


def distribution_noise(counts_0: ArrayLike, counts_1: ArrayLike) -> float:
    """Return sigma_R of the mean count from the distributions of the two states."""
    moments = [_moments(p) for p in (counts_0, counts_1)]
    (a, v), (b, w) = moments
    return float(readout_noise(a, b, v, w))


def threshold_fidelity(counts_0: ArrayLike, counts_1: ArrayLike) -> tuple[int, float]:
    """Return the best threshold, and the mean probability of a right assignment.

    ``counts_0`` is the distribution of the brighter state: it is assigned from the
    threshold on, and the other below it.
    """
    p, q = _same_length(counts_0, counts_1)
    above = np.concatenate([[0.0], np.cumsum(p)])
    below = np.concatenate([[0.0], np.cumsum(q)])
    right = 0.5 * (above[-1] - above + below)
    best = int(np.argmax(right))
    return best, float(right[best])


def poisson_mixture(shares: ArrayLike, means: ArrayLike, size: int) -> Array:
    """Return the probabilities of 0 to ``size - 1`` counts of a mixture.

    Each of the ``shares`` (probabilities of trajectories, for instance charge states
    that last for the whole window) has Poissonian counts of its own mean.
    """
    from scipy.stats import poisson

    weight, mean = checks.vector("shares", shares), checks.vector("means", means)
    if weight.size != mean.size:
        raise InvalidValue(
            f"means must have as many values as shares, got {mean.size} and "
            f"{weight.size}."
        )
    counts = np.arange(checks.count("size", size))
    return np.asarray(weight @ poisson.pmf(counts, mean[:, None]))


@dataclass(frozen=True, kw_only=True)
class OptimumWindow:
    """The readout window with the least noise.

    Parameters
    ----------
    duration : float
        s.
    counts_0, counts_1 : float
        Expected counts of the two spin states.
    noise : float
        sigma_R.
    """

    duration: float
    counts_0: float
    counts_1: float
    noise: float

    @property
    def contrast(self) -> float:
        """One minus the ratio of the counts."""
        return 1.0 - self.counts_1 / self.counts_0

    @property
    def fidelity(self) -> float:
        """1 / sigma_R."""
        return 1.0 / self.noise


def optimum_window(
    model: RateModel,
    pump_rate: float,
    field: ArrayLike = NO_FIELD,
    *,
    efficiency: float,
    background: float = 0.0,
    projection: int = -1,
) -> OptimumWindow:
    """Return the window that reads the spin with the least noise.

    The spin is polarised by the same light, and flipped by an ideal pulse for the
    second state; the window begins with the light. Counts are Poissonian, which
    holds where few of the emitted photons are counted.

    Parameters
    ----------
    model : RateModel
    pump_rate : float
        1/s.
    field : array_like, shape (3,)
        In the frame of the axis, T.
    efficiency : float
        Share of the emitted photons that are counted.
    background : float
        Counts per second of something else.
    projection : int
        Which level the second state is, +1 or -1.
    """
    from scipy.optimize import minimize_scalar

    share = checks.probability("efficiency", efficiency)
    checks.non_negative("background", background, "1/s")
    bright = model.polarised(pump_rate, field)
    dark = model.flipped(bright, projection)

    def counts(durations: Array) -> tuple[Array, Array]:
        worth = share * model.photons(durations, pump_rate, field)
        more = background * durations
        return worth @ bright + more, worth @ dark + more

    longest = 10.0 * model.initialisation_time(pump_rate, field)
    grid = np.geomspace(1e-3 * longest, longest, 40)
    best = int(np.argmin(readout_noise(*counts(grid))))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    found = minimize_scalar(
        lambda x: float(readout_noise(*counts(np.array([x])))[0]),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-4 * low},
    )
    a, b = (float(n[0]) for n in counts(np.array([found.x])))
    return OptimumWindow(
        duration=float(found.x), counts_0=a, counts_1=b, noise=float(found.fun)
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class SpinToCharge:
    """Readout of the spin by the charge into which it was converted.

    Parameters
    ----------
    negative_0, negative_1 : float
        Probabilities that NV- is left of the two spin states after the conversion.
    counts_negative, counts_neutral : array_like
        Distributions of the counts of the charge readout; see `charge_readout`.
    """

    negative_0: float
    negative_1: float
    counts_negative: Array
    counts_neutral: Array

    def __post_init__(self) -> None:
        for name in ("negative_0", "negative_1"):
            checks.probability(name, getattr(self, name))
        p, q = _same_length(self.counts_negative, self.counts_neutral)
        object.__setattr__(self, "counts_negative", p)
        object.__setattr__(self, "counts_neutral", q)

    def distributions(self) -> tuple[Array, Array]:
        """Return the distributions of the counts of the two spin states."""
        a, b = self.negative_0, self.negative_1
        p, q = self.counts_negative, self.counts_neutral
        return a * p + (1.0 - a) * q, b * p + (1.0 - b) * q

    def charge_fidelity(self) -> tuple[int, float]:
        """Return the best threshold for the charge, and its fidelity."""
        return threshold_fidelity(self.counts_negative, self.counts_neutral)

    def spin_fidelity(self) -> float:
        """Return the mean probability to assign the spin rightly in one shot."""
        first, second = self.distributions()
        return max(
            threshold_fidelity(first, second)[1], threshold_fidelity(second, first)[1]
        )

    def noise(self, threshold: int | None = None) -> float:
        """Return sigma_R with counts compared with a threshold, by default the best.

        ``threshold`` is that of `charge_fidelity` unless given: from it on, NV- is
        said to be there.
        """
        first, second = self.distributions()
        if threshold is not None:
            return float(
                _outcome_noise(first[threshold:].sum(), second[threshold:].sum())
            )
        seen = [np.cumsum(p[::-1])[::-1] for p in (first, second)]
        return float(np.min(_outcome_noise(*seen)))


def _outcome_noise(p: ArrayLike, q: ArrayLike) -> Array:
    a, b = np.asarray(p), np.asarray(q)
    return readout_noise(a, b, a * (1.0 - a), b * (1.0 - b))


def _moments(distribution: ArrayLike) -> tuple[float, float]:
    p = checks.vector("counts", distribution)
    n = np.arange(p.size)
    mean = float(n @ p)
    return mean, float((n - mean) ** 2 @ p)


def _same_length(one: ArrayLike, other: ArrayLike) -> tuple[Array, Array]:
    p, q = checks.vector("counts", one), checks.vector("counts", other)
    size = max(p.size, q.size)
    return np.pad(p, (0, size - p.size)), np.pad(q, (0, size - q.size))
