"""Loops that follow a resonance: constant gain, Kalman filter, extended filter."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.adaptive.discriminator import (
    Discriminator,
    Resonance,
    flank_offset,
)

__all__ = [
    "ExtendedKalmanTracker",
    "FrequencyTracker",
    "TrackedFrequency",
    "kalman_gain",
    "random_walk",
    "tracking_variance",
]

Array = NDArray[np.float64]


def kalman_gain(process_variance: float, measurement_variance: float) -> float:
    r"""Return the best gain for a random walk seen with noise.

    The steady state of Riccati's equation: with variance P before a measurement,
    :math:`P = q/2 + \sqrt{q^2/4 + qR}` and the gain is P/(P + R).

    Parameters
    ----------
    process_variance : float
        q, that the frequency gains from one step to the next, Hz^2.
    measurement_variance : float
        R, of one measured frequency, Hz^2.
    """
    q = checks.positive("process_variance", process_variance, "Hz^2")
    r = checks.positive("measurement_variance", measurement_variance, "Hz^2")
    before = 0.5 * q + math.sqrt(0.25 * q * q + q * r)
    return before / (before + r)


def tracking_variance(
    gain: float, process_variance: float, measurement_variance: float
) -> float:
    r"""Return the variance of the tracked frequency with any constant gain, Hz^2.

    .. math:: \frac{(1-K)^2 q + K^2 R}{K (2 - K)}

    after each measurement; with `kalman_gain` it is least.
    """
    if not 0.0 < gain < 2.0:
        raise InvalidValue(
            f"gain must lie between 0 and 2 for a stable loop, got {gain}."
        )
    q = checks.non_negative("process_variance", process_variance, "Hz^2")
    r = checks.non_negative("measurement_variance", measurement_variance, "Hz^2")
    return ((1.0 - gain) ** 2 * q + gain**2 * r) / (gain * (2.0 - gain))


def random_walk(
    n: int, step: float, *, start: float = 0.0, rng: np.random.Generator | None = None
) -> Array:
    """Return a frequency that walks at random, Hz, shape ``(n,)``.

    Parameters
    ----------
    n : int
    step : float
        Standard deviation of a step, Hz.
    start : float
        Before the first step, Hz.
    rng : numpy.random.Generator, optional
        Seed 0 by default.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    size = checks.non_negative("step", step, "Hz")
    return start + np.cumsum(rng.normal(0.0, size, checks.count("n", n)))


@dataclass(frozen=True, kw_only=True)
class TrackedFrequency:
    """A tracked frequency beside the true one.

    Parameters
    ----------
    estimates, truth : ndarray, shape (n,), Hz
    variances : ndarray, shape (n,), Hz^2
        What the tracker believes of its own error.
    """

    estimates: Array
    truth: Array
    variances: Array

    def mean_square_error(self, skip: int = 0) -> float:
        """Return the mean of the squared errors after the first ``skip``, Hz^2."""
        return float(np.mean((self.estimates - self.truth)[skip:] ** 2))


@dataclass(frozen=True, kw_only=True)
class FrequencyTracker:
    """A loop that moves the carrier by a share of each measured detuning.

    The share is the Kalman gain of a random walk, which is large at first and then
    settles, or a constant one.

    Parameters
    ----------
    discriminator : Discriminator
    noise : float
        Standard deviation of one signal.
    step : float
        Standard deviation of the walk from one measured detuning to the next, Hz.
    start_error : float
        Standard deviation of the first carrier, Hz.
    gain : float, optional
        A constant gain, 0 to 2, instead of Kalman's.
    """

    discriminator: Discriminator
    noise: float
    step: float
    start_error: float = 0.0
    gain: float | None = None

    def __post_init__(self) -> None:
        checks.positive("noise", self.noise)
        checks.positive("step", self.step, "Hz")
        checks.non_negative("start_error", self.start_error, "Hz")
        if self.gain is not None:
            tracking_variance(self.gain, 0.0, 0.0)  # refuses what is not stable

    @property
    def measurement_variance(self) -> float:
        """Variance of one measured detuning, Hz^2."""
        return self.discriminator.variance(self.noise)

    @property
    def steady_variance(self) -> float:
        """Variance of the tracked frequency after many steps, Hz^2."""
        q, r = self.step**2, self.measurement_variance
        gain = kalman_gain(q, r) if self.gain is None else self.gain
        return tracking_variance(gain, q, r)

    def gains(self, n: int) -> tuple[Array, Array]:
        """Return gain and variance of the estimate (Hz^2) of the first steps."""
        from qleap.sensing._kernels.tracking import riccati_gains

        q, r = self.step**2, self.measurement_variance
        if self.gain is None:
            gains, variances = riccati_gains(n, self.start_error**2, q, r)
            return gains, variances
        steady = tracking_variance(self.gain, q, r)
        fade = (1.0 - self.gain) ** (2 * np.arange(1, n + 1))
        variances = steady + fade * (self.start_error**2 - steady)
        return np.full(n, self.gain), np.asarray(variances, dtype=np.float64)

    def follow(
        self, measure: Callable[[Array], ArrayLike], start: float, n: int
    ) -> Array:
        """Return the tracked frequency of a real resonance, Hz, shape ``(n,)``.

        Parameters
        ----------
        measure : callable
            Returns the signals at an array of frequencies, Hz.
        start : float
            First carrier, Hz.
        n : int
            Steps.
        """
        checks.count("n", n)
        carrier, found = checks.finite("start", start, "Hz"), np.empty(n)
        for i, gain in enumerate(self.gains(n)[0]):
            signals = measure(carrier + self.discriminator.offsets)
            carrier += gain * self.discriminator.detuning(signals)
            found[i] = carrier
        return found

    def simulate(
        self,
        resonance: Resonance,
        path: ArrayLike,
        *,
        start: float | None = None,
        rng: np.random.Generator | None = None,
    ) -> TrackedFrequency:
        """Follow a resonance along a known path, with normal noise.

        Parameters
        ----------
        resonance : Resonance
            The true line, which may differ from that of the discriminator.
        path : array_like, shape (n,), Hz
            Its centre at each step.
        start : float, optional
            First carrier, Hz; the first of the path by default.
        rng : numpy.random.Generator, optional
            Seed 0 by default.
        """
        from qleap.sensing._kernels.tracking import follow_resonance

        rng = np.random.default_rng(0) if rng is None else rng
        truth, d = checks.vector("path", path, "Hz", min_size=1), self.discriminator
        begin = truth[0] if start is None else checks.finite("start", start, "Hz")
        noise = rng.normal(0.0, self.noise, (truth.size, d.offsets.size))
        gains, variances = self.gains(truth.size)
        estimates = follow_resonance(
            truth, d.offsets, d.weights, d.constant, resonance.as_array(), noise, gains,
            float(begin),
        )  # fmt: skip
        return TrackedFrequency(estimates=estimates, truth=truth, variances=variances)


@dataclass(frozen=True, kw_only=True)
class ExtendedKalmanTracker:
    """A Kalman filter of frequency and brightness on the curved line itself.

    It learns from every single signal, taken on both flanks in turn, and follows a
    lamp that fades. The line is linearised anew at each estimate.

    Parameters
    ----------
    resonance : Resonance
        Width, contrast, and the brightness at the beginning.
    noise : float
        Standard deviation of one signal.
    step : float
        Standard deviation of the walk of the frequency between signals, Hz.
    brightness_step : float
        The same for the brightness, in the unit of the signal.
    start_error : float
        Standard deviation of the first carrier, Hz.
    brightness_error : float
        Standard deviation of the first brightness.
    offset : float, optional
        Of the flanks, Hz; where the slope is steepest by default.
    """

    resonance: Resonance
    noise: float
    step: float
    brightness_step: float = 0.0
    start_error: float = 0.0
    brightness_error: float = 0.0
    offset: float | None = None

    def __post_init__(self) -> None:
        checks.positive("noise", self.noise)
        checks.positive("step", self.step, "Hz")
        for name in ("brightness_step", "start_error", "brightness_error"):
            checks.non_negative(name, getattr(self, name))
        flank_offset(self.resonance, self.offset)

    @property
    def flank(self) -> float:
        """Distance of the probes from the estimate, Hz."""
        return flank_offset(self.resonance, self.offset)

    def follow(
        self, measure: Callable[[float], float], start: float, n: int
    ) -> tuple[Array, Array]:
        """Return frequency and brightness of a real resonance, ``(n, 2)``, and errors.

        Parameters
        ----------
        measure : callable
            Returns the signal at a frequency, Hz.
        start : float
            First estimate, Hz.
        n : int
            Signals.
        """
        from qleap.sensing._kernels.tracking import extended_kalman_step

        checks.count("n", n)
        begin = self._start(checks.finite("start", start, "Hz"))
        state, covariance = begin[:2].copy(), np.diag(begin[2:])
        states, variances = np.empty((n, 2)), np.empty((n, 2))
        line, process = self.resonance.as_array(), self._process()
        for i in range(n):
            probe = float(state[0]) + (self.flank if i % 2 == 0 else -self.flank)
            signal = checks.finite("signal", measure(probe))
            extended_kalman_step(
                state, covariance, process, probe, signal, line, self.noise**2
            )
            states[i], variances[i] = state, np.diag(covariance)
        return states, np.sqrt(variances)

    def simulate(
        self,
        path: ArrayLike,
        brightness: ArrayLike | None = None,
        *,
        start: float | None = None,
        rng: np.random.Generator | None = None,
    ) -> tuple[TrackedFrequency, TrackedFrequency]:
        """Follow a known path; return the frequency and the brightness as tracked.

        Parameters
        ----------
        path : array_like, shape (n,), Hz
            True frequency at each signal.
        brightness : array_like, shape (n,), optional
            True brightness; constant by default.
        start : float, optional
            First estimate, Hz; the first of the path by default.
        rng : numpy.random.Generator, optional
            Seed 0 by default.
        """
        from qleap.sensing._kernels.tracking import extended_kalman_path

        rng = np.random.default_rng(0) if rng is None else rng
        truth = checks.vector("path", path, "Hz", min_size=1)
        lamp = np.full(truth.size, self.resonance.brightness)
        if brightness is not None:
            lamp = checks.vector("brightness", brightness)
            if lamp.size != truth.size:
                raise InvalidValue(
                    f"brightness must be one for each of the {truth.size} steps of the "
                    f"path, got {lamp.size}."
                )
        begin = truth[0] if start is None else checks.finite("start", start, "Hz")
        states, variances = extended_kalman_path(
            truth, lamp, self.flank, self.resonance.as_array(),
            rng.normal(0.0, self.noise, truth.size), self._process(), self.noise**2,
            self._start(float(begin)),
        )  # fmt: skip
        frequency, light = (
            TrackedFrequency(
                estimates=states[:, k], truth=known, variances=variances[:, k]
            )
            for k, known in enumerate((truth, lamp))
        )
        return frequency, light

    def _process(self) -> Array:
        return np.array([self.step**2, self.brightness_step**2])

    def _start(self, frequency: float) -> Array:
        errors = [self.start_error**2, self.brightness_error**2]
        return np.array([frequency, self.resonance.brightness, *errors])
