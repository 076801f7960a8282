"""Measurements that choose their next setting from what is known so far."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue, NotConverged
from qleap.sensing.adaptive.noise import Noise
from qleap.sensing.adaptive.particles import Particles
from qleap.sensing.adaptive.predictions import predictor
from qleap.sensing.adaptive.prior import Distribution, Prior, sample_prior
from qleap.sensing.adaptive.record import AdaptiveRecord
from qleap.sensing.adaptive.resampling import Resampler
from qleap.sensing.models import TraceModel

__all__ = ["AdaptiveExperiment", "Cost"]

Array = NDArray[np.float64]

UTILITIES = ("variance", "information")

FEWEST = 0.1
"""Share of particles below which an outcome is taken in by smaller steps."""

FAR = 10.0
"""Standard deviations of the noise that no particle should lie from an outcome."""

MOST_STEPS = 100
"""Powers in which an outcome is taken in; one that needs more is not explained."""

SMALLEST_STEP = 2.0**-40
"""Power of the likelihood below which an outcome contradicts every particle."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds that a measurement takes at each setting.

    Parameters
    ----------
    measuring : array_like, shape (m,) or ()
        Seconds at each setting: for Ramsey the free time times the repetitions.
    overhead : float
        Seconds beside, at every setting: initialisation, readout, data transfer.
    moving : float
        Seconds for a change of the setting by one unit.
    """

    measuring: ArrayLike = 1.0
    overhead: float = 0.0
    moving: float = 0.0

    def __post_init__(self) -> None:
        checks.vector("measuring", np.atleast_1d(self.measuring), "s")
        checks.non_negative("overhead", self.overhead, "s")
        checks.non_negative("moving", self.moving)
        if not np.all(np.asarray(self.measuring) + self.overhead > 0.0):
            raise InvalidValue(
                "measuring and overhead must add up to > 0 s at every setting, got "
                f"{np.min(self.measuring)} s and {self.overhead} s."
            )

    def seconds(self, settings: Array, last: float | None) -> Array:
        """Return the time of the next measurement at each setting, s."""
        way = 0.0 if last is None else self.moving * np.abs(settings - last)
        fixed = np.asarray(self.measuring, dtype=np.float64) + self.overhead
        return np.asarray(np.zeros(settings.shape) + fixed + way)


class AdaptiveExperiment:
    r"""A Bayesian experiment: choose a setting, measure, learn, repeat.

    Particles stand for what is known of the parameters. The next setting is that of
    the largest expected information per second. With ``utility="variance"`` the
    information is :math:`\frac12\ln(1 + \sigma_\theta^2/\sigma^2)`, with the variance
    of the predictions over the particles and the variance of the noise: exact for
    normal distributions. ``utility="information"`` takes the mutual information of
    outcome and parameters from sampled outcomes. Of up to 25 single shots all outcomes
    are summed over, whatever the utility.

    Parameters
    ----------
    model : TraceModel
        Of the signal over the setting.
    prior : mapping of str to Uniform, LogUniform, Gaussian or float
        What is known of each parameter; a number is exact.
    settings : array_like, shape (m,)
        What can be set, in the unit of the model's variable.
    noise : Noise
        `GaussianNoise`, `StudentNoise`, `PoissonNoise` or `BinomialNoise`.
    cost : Cost
        Seconds of a measurement; the same for all settings by default.
    n_particles : int
    n_draws : int
        Particles from which the expected information is computed.
    utility : str
        variance or information.
    resample_below : float
        Effective share of particles below which they are drawn anew.
    shrink : float
        Liu and West's parameter a: 1 copies particles, smaller values smooth more.
    rng : numpy.random.Generator, optional
        Seed 0 by default.

    References
    ----------
    Granade et al., New J. Phys. 14, 103013 (2012); Dushenko, Ambal and McMichael,
    Phys. Rev. Applied 14, 054036 (2020).
    """

    def __init__(
        self,
        model: TraceModel,
        prior: Prior,
        settings: ArrayLike,
        noise: Noise,
        cost: Cost | None = None,
        *,
        n_particles: int = 20_000,
        n_draws: int = 100,
        utility: str = "variance",
        resample_below: float = 0.3,
        shrink: float = 0.98,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.model, self.noise = model, noise
        self.cost = Cost() if cost is None else cost
        for name, part, kind, way in (
            ("noise", self.noise, Noise, "GaussianNoise(standard_deviation)"),
            ("cost", self.cost, Cost, "Cost(measuring=seconds)"),
        ):
            if not isinstance(part, kind):
                raise InvalidKind(
                    f"{name} must be a {kind.__name__}, got {part!r:.60}; write {way}."
                )
        self.settings = checks.vector("settings", settings, min_size=1)
        self.n_draws = checks.count("n_draws", n_draws, 2)
        self.utility = checks.one_of("utility", utility, UTILITIES)
        self.resample_below = checks.probability("resample_below", resample_below)
        self.shrink = checks.probability("shrink", shrink)
        self.last_setting: float | None = None
        self._course: list[tuple[float, float, float, Array, Array]] = []
        self._rng = np.random.default_rng(0) if rng is None else rng
        n = checks.count("n_particles", n_particles, 100)
        values, limits = sample_prior(model.parameters, prior, n, self._rng)
        known = [not isinstance(prior[name], Distribution) for name in model.names]
        self._resampler, self._lent = (
            Resampler(values, limits, known, self.shrink),
            False,
        )
        self._cloud = Particles(
            names=model.names,
            units=tuple(parameter.unit for parameter in model.parameters),
            values=values,
            weights=np.full(n, 1.0 / n),
        )
        self._size = float(n)  # effective number of particles
        self._predict = predictor(model)
        given = np.shape(self.cost.measuring)
        if given not in ((), self.settings.shape):
            raise InvalidValue(
                f"measuring must be a number or have one for each of the "
                f"{self.settings.size} settings, got the shape {given}."
            )

    def information_per_second(self) -> Array:
        """Return the expected information per second of each setting, nat/s."""
        if self.utility == "variance" or self.noise.sums_outcomes:
            information = self._summed_information()
        else:
            information = self._mutual_information()
        _check_predictions(information, self.settings)
        return np.asarray(
            information / self.cost.seconds(self.settings, self.last_setting)
        )

    def choose(self) -> float:
        """Return the setting with the largest expected information per second."""
        return float(self.settings[np.argmax(self.information_per_second())])

    def update(self, setting: float, outcome: float) -> None:
        """Learn from an outcome, measured at any setting.

        An outcome that few particles explain is taken in by smaller powers of its
        likelihood, with new particles drawn in between.

        Raises
        ------
        NotConverged
            Where no particle explains the outcome at all; what was known stays.
        """
        at = np.array([checks.finite("setting", setting)])
        seen = self.noise.check(outcome)
        before, size = self._cloud, self._size
        try:
            self._take_in(at, seen)
        except BaseException:
            self._cloud, self._size = before, size  # as if nothing had been measured
            raise
        if self._cloud.values is not before.values:
            if not self._lent:
                self._resampler.spare = before.values
            self._lent = False
        self.last_setting = float(setting)

    def estimate(self) -> Particles:
        """Return what is known now: mean, covariance, intervals, particles."""
        self._lent = True
        return self._cloud

    def run(self, measure: Callable[[float], float], n: int) -> AdaptiveRecord:
        """Measure ``n`` times at chosen settings and return how it went.

        A run that is interrupted, or in which ``measure`` raises, leaves what it has
        measured in `record`; the next run goes on from there.

        Parameters
        ----------
        measure : callable
            Returns the outcome at a setting.
        n : int
        """
        checks.count("n", n)
        begin = len(self._course)
        for _ in range(n):
            chosen = self.choose()
            time = self.cost.seconds(self.settings, self.last_setting)
            outcome = float(measure(chosen))
            self.update(chosen, outcome)
            mean, covariance = self._cloud.moments()
            spent = float(time[np.argmax(self.settings == chosen)])
            deviations = np.sqrt(np.diag(covariance))
            self._course.append((chosen, outcome, spent, mean, deviations))
        return self._recorded(begin)

    @property
    def record(self) -> AdaptiveRecord:
        """What all runs have measured so far, also those that were interrupted."""
        return self._recorded(0)

    def _recorded(self, begin: int) -> AdaptiveRecord:
        """Return what runs have measured from the ``begin``-th measurement on."""
        course = self._course[begin:]
        shape = len(course), len(self._cloud.names)
        settings, outcomes, seconds = np.reshape([row[:3] for row in course], (-1, 3)).T
        return AdaptiveRecord(
            names=self._cloud.names,
            units=self._cloud.units,
            settings=settings,
            outcomes=outcomes,
            seconds=seconds,
            means=np.reshape([row[3] for row in course], shape),
            standard_deviations=np.reshape([row[4] for row in course], shape),
        )

    def _summed_information(self) -> Array:
        """Return the information without sampled outcomes, nat, shape ``(m,)``.

        Particles are taken at even distances, with their weights, which costs no pass
        over all of them; resampling keeps the weights from differing much.
        """
        cloud = self._cloud
        stride = max(cloud.weights.size // self.n_draws, 1)
        picked = slice(int(stride * self._rng.random()), None, stride)
        weights = cloud.weights[picked] / cloud.weights[picked].sum()
        drawn = np.ascontiguousarray(cloud.values[:, picked])
        return self.noise.information(self._predict(self.settings, drawn), weights)

    def _mutual_information(self) -> Array:
        """Return the information of sampled outcomes, nat, shape ``(m,)``."""
        from qleap.sensing._kernels import particles as kernels

        cloud, noise = self._cloud, self.noise
        picked = np.empty(self.n_draws, np.int32)
        kernels.draw_systematically(cloud.weights, self._rng.random(), picked)
        drawn = np.ascontiguousarray(cloud.values[:, picked])
        expected = self._predict(self.settings, drawn)
        outcomes = noise.sample(expected, self._rng)[..., None]
        return kernels.mutual_information(
            expected, outcomes, noise.kind, noise.scale, noise.shape
        )

    def _take_in(self, at: Array, outcome: float) -> None:
        """Take in an outcome in as many steps as it needs."""
        first, left = self._cloud.values, 1.0
        for step in range(MOST_STEPS):
            power, self._size, weights = self._absorbed(at, outcome, left)
            self._cloud = replace(self._cloud, weights=weights)
            left -= power
            if self._size < self.resample_below * weights.size:
                self._size = float(weights.size)
                self._cloud = self._resampler.drawn(
                    self._cloud, self._rng, keep=self._cloud.values is first
                )
            if not left > 0.0:
                if step > 0 and self._is_far(at, outcome):
                    break
                return
        raise _contradiction(at, outcome)

    def _is_far(self, at: Array, outcome: float) -> bool:
        """Return whether all particles miss an outcome with normal noise by far."""
        missed = np.abs(self._predict(at, self._cloud.values) - outcome)
        return self.noise.kind == 0 and bool(missed.min() > FAR * self.noise.scale)

    def _absorbed(
        self, at: Array, outcome: float, most: float
    ) -> tuple[float, float, Array]:
        """Return a power of the likelihood, the effective number and weights after it.

        The power is the largest of ``most``, its half, ... that enough particles
        explain.
        """
        from qleap.sensing._kernels.particles import reweigh

        cloud, noise, power = self._cloud, self.noise, most
        fewest = min(FEWEST, self.resample_below) * cloud.weights.size
        fewest = min(fewest, 0.5 * self._size)  # few already: at most half as many
        (expected,) = self._predict(at, cloud.values)
        weights = np.empty_like(expected)
        while True:
            size = reweigh(
                cloud.weights,
                expected,
                outcome,
                noise.kind,
                noise.scale,
                noise.shape,
                power,
                weights,
            )
            if size >= fewest or power <= SMALLEST_STEP:
                break
            power *= 0.5
        if size < fewest or not size > 0.0:
            _check_predictions(expected, at)
            raise _contradiction(at, outcome)
        return power, size, weights


def _contradiction(at: Array, outcome: float) -> NotConverged:
    return NotConverged(
        f"the outcome {outcome} at {at[0]} contradicts every particle; widen the "
        "prior, tell the noise as large as it is, take StudentNoise for outliers, or "
        "leave the outcome out."
    )


def _check_predictions(found: Array, settings: Array) -> None:
    """Raise where a model is not finite; ``found`` has the settings first."""
    bad = ~np.isfinite(found.reshape(settings.size, -1)).all(axis=1)
    if bad.any():
        raise InvalidValue(
            f"the model must be finite for all particles, but is not at the setting "
            f"{settings[np.argmax(bad)]}; narrow the prior, set limits of parameters, "
            "or leave settings out."
        )
