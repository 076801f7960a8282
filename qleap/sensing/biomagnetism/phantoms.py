"""Sources that repeat, as a heart and a stimulated brain do, and their averages."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.biomagnetism.conductors import (
    ConductingHalfSpace,
    ConductingSphere,
    VolumeConductor,
)
from qleap.sensing.biomagnetism.sensors import SensorArray, square_grid

__all__ = [
    "AveragedField",
    "Phantom",
    "brain_phantom",
    "evoked_response",
    "heartbeat",
    "rat_heart_phantom",
]

Array = NDArray[np.float64]
Waveform = Callable[[Array], Array]

RAT_R_WAVE: Final = 20e-12
"""About the R wave of a living rat at a sensor (arXiv:2405.02376, abstract), T."""

HEARTBEAT: Final = np.array([
    [-36e-3, 8e-3, 0.12],
    [-5e-3, 2e-3, -0.08],
    [0.0, 2.5e-3, 1.0],
    [6e-3, 2.5e-3, -0.25],
    [28e-3, 9e-3, 0.18],
])  # fmt: skip
"""P, Q, R, S, T of a small rodent: middle and width (s), height over the R wave."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AveragedField:
    """The mean of many periods of a record.

    Parameters
    ----------
    time : ndarray, shape (t,), s
        From the trigger.
    field : ndarray, shape (n_sensors, t), T
    error : ndarray, shape (n_sensors,), T
        Standard error of each mean, from the scatter between periods.
    repetitions : int
    """

    time: Array
    field: Array
    error: Array
    repetitions: int

    @property
    def signal_to_noise(self) -> Array:
        """Largest absolute field of each sensor over its error, ``(n_sensors,)``."""
        return np.asarray(np.max(np.abs(self.field), axis=1) / self.error)

    def at(self, time: float) -> Array:
        """Return the readings nearest to a time after the trigger, ``(n_sensors,)``."""
        moment = checks.between("time", time, self.time[0], self.time[-1], "s")
        return np.asarray(self.field[:, int(np.argmin(np.abs(self.time - moment)))])


@dataclass(frozen=True, kw_only=True, eq=False)
class Phantom:
    """A dipole that repeats a waveform in a conductor, and the sensors around it.

    Parameters
    ----------
    conductor : VolumeConductor
    sensors : SensorArray
    position : ndarray, shape (3,), m
    moment : ndarray, shape (3,), A m
        Where the waveform is one.
    waveform : callable
        Amplitude at times after the trigger, s; from ``-before`` to the next period.
    period : float
        Between two triggers, s.
    before : float
        How much of a period lies before its trigger, s.
    """

    conductor: VolumeConductor
    sensors: SensorArray
    position: Array
    moment: Array
    waveform: Waveform
    period: float
    before: float = 0.0

    def __post_init__(self) -> None:
        checks.triple("position", self.position, "m")
        checks.triple("moment", self.moment, "A m")
        checks.positive("period", self.period, "s")
        checks.between("before", self.before, 0.0, self.period, "s")

    @property
    def peak_field(self) -> Array:
        """Field where the waveform is one, T, shape ``(n_sensors,)``."""
        gains = self.conductor.gains(self.position, self.sensors)
        return np.asarray(gains[:, 0] @ self.moment)

    def times(self, rate: float) -> Array:
        """Return the times of one period at a rate of readings (Hz), s."""
        n = round(self.period * checks.positive("rate", rate, "Hz"))
        if n < 8:
            raise InvalidValue(
                f"rate must give at least 8 readings in a period of {self.period:g} s, "
                f"got {rate:g} Hz."
            )
        return np.arange(n) / rate - self.before

    def matched_signal_to_noise(self, density: ArrayLike, repetitions: int) -> float:
        r"""Return the largest ratio that any filter of any band can reach.

        :math:`\sqrt{2 N \sum_i \int B_i^2\,dt\,/\,a_i^2}` for white noise (matched
        filter).

        Parameters
        ----------
        density : array_like
            One-sided amplitude spectral density of the noise, T/sqrt(Hz).
        repetitions : int
            N.
        """
        a = _density(density, len(self.sensors))
        n = checks.count("repetitions", repetitions)
        time = np.linspace(-self.before, self.period - self.before, 20_001)
        energy = float(np.trapezoid(self._amplitudes(time) ** 2, time))
        return float(np.sqrt(2.0 * n * energy * np.sum((self.peak_field / a) ** 2)))

    def average(
        self,
        density: ArrayLike,
        repetitions: int,
        *,
        rate: float,
        rng: np.random.Generator | None = None,
    ) -> AveragedField:
        """Return the mean of simulated periods with white noise.

        Parameters
        ----------
        density : array_like
            One-sided amplitude spectral density, T/sqrt(Hz): one number, or one for
            each sensor.
        repetitions : int
            Periods, at least 2.
        rate : float
            Readings in a second, Hz; they hold the band up to half of it.
        rng : numpy.random.Generator, optional
            Seed 0 by default.
        """
        rng = np.random.default_rng(0) if rng is None else rng
        n = checks.count("repetitions", repetitions, 2)
        time = self.times(rate)
        scatter = _density(density, len(self.sensors)) * np.sqrt(0.5 * rate)
        clean = self._amplitudes(time)
        fields, errors = [], []
        for peak, sigma in zip(self.peak_field, scatter, strict=True):
            record = rng.normal(0.0, sigma, (n, time.size)) + peak * clean
            fields.append(record.mean(axis=0))
            errors.append(np.sqrt(record.var(axis=0, ddof=1).mean() / n))
        return AveragedField(
            time=time, field=np.array(fields), error=np.array(errors), repetitions=n
        )

    def _amplitudes(self, time: Array) -> Array:
        found = np.asarray(self.waveform(time), dtype=np.float64)
        if found.shape != time.shape or not np.all(np.isfinite(found)):
            raise InvalidValue(
                "waveform must return one finite number for each time, shape "
                f"{time.shape}, got the shape {found.shape} with "
                f"{np.sum(~np.isfinite(found))} numbers that are not finite."
            )
        return found

    def with_peak(self, field: float) -> "Phantom":
        """Return the phantom with the moment that makes this largest field, T."""
        largest = float(np.max(np.abs(self.peak_field)))
        if largest == 0.0:
            raise InvalidValue("moment must make a field at the sensors, got silence.")
        scale = checks.positive("field", field, "T") / largest
        return replace(self, moment=scale * np.asarray(self.moment))


def heartbeat(time: ArrayLike) -> Array:
    """Return P, Q, R, S and T of one beat about the R wave, which is one.

    Sums of Gaussians as in P. McSharry et al., IEEE Trans. Biomed. Eng. 50, 289
    (2003); middles, widths and heights are our own, for a heart of some 6 Hz.

    Parameters
    ----------
    time : array_like, s
        From the R wave.
    """
    t = np.asarray(time, dtype=np.float64)[..., None]
    middle, width, height = HEARTBEAT.T
    # The tails of Q and S take from the R wave.
    size = np.sum(height * np.exp(-0.5 * (middle / width) ** 2))
    waves = height * np.exp(-0.5 * ((t - middle) / width) ** 2)
    return np.asarray(np.sum(waves, axis=-1) / size)


def evoked_response(time: ArrayLike) -> Array:
    """Return a response 20 ms after a stimulus and its slower rebound; the peak is one.

    Parameters
    ----------
    time : array_like, s
        From the stimulus. The shape is our own.
    """
    t = np.asarray(time, dtype=np.float64)
    first = np.exp(-0.5 * ((t - 20e-3) / 4e-3) ** 2)
    rebound = 0.4 * np.exp(-0.5 * ((t - 40e-3) / 8e-3) ** 2)
    return np.asarray((first - rebound) / (1.0 - 0.4 * np.exp(-0.5 * 2.5**2)))


def rat_heart_phantom(
    sensors: SensorArray | None = None,
    *,
    depth: float = 8e-3,
    peak: float = RAT_R_WAVE,
    rate: float = 6.0,
) -> Phantom:
    """Return the heart of a rat below a plane chest.

    Parameters
    ----------
    sensors : SensorArray, optional
        By default 5 x 5 places of one sensor, 5 mm apart and 5 mm above the chest.
    depth : float
        Of the heart's dipole below the chest, m; our own choice.
    peak : float
        Largest R wave at the sensors, T.
    rate : float
        Beats in a second, Hz; our own choice.
    """
    below = checks.positive("depth", depth, "m")
    return Phantom(
        conductor=ConductingHalfSpace(),
        sensors=square_grid(5, 5e-3, 5e-3) if sensors is None else sensors,
        position=np.array([1e-3, -2e-3, -below]),
        moment=np.array([0.6, 0.8, 0.0]),
        waveform=heartbeat,
        period=1.0 / checks.positive("rate", rate, "Hz"),
        before=60e-3,
    ).with_peak(peak)


def brain_phantom(
    sensors: SensorArray | None = None,
    *,
    moment: float = 0.2e-9,
    standoff: float = 2.4e-3,
    radius: float = 80e-3,
) -> Phantom:
    """Return an evoked dipole below the top of a sphere, as in a dry phantom.

    Parameters
    ----------
    sensors : SensorArray, optional
        By default one that measures along z, at the height ``standoff`` above the
        dipole, shifted across it to where the field is largest.
    moment : float
        Of the dipole, A m, along x.
    standoff : float
        Height of the sensor above the dipole, m.
    radius : float
        Of the sphere, m. The dipole lies below its top by a tenth of the standoff.
    """
    height = checks.positive("standoff", standoff, "m")
    size = checks.positive("radius", radius, "m")
    place = np.array([0.0, 0.0, size - 0.1 * height])
    if sensors is None:
        # Of a plane conductor: rho / (rho^2 + h^2)^(3/2) is largest at h / sqrt(2).
        at = place + np.array([0.0, height / np.sqrt(2.0), height])
        sensors = SensorArray(positions=at[None, :], axes=np.array([[0.0, 0.0, 1.0]]))
    return Phantom(
        conductor=ConductingSphere(radius=size),
        sensors=sensors,
        position=place,
        moment=np.array([checks.positive("moment", moment, "A m"), 0.0, 0.0]),
        waveform=evoked_response,
        period=0.1,
    )


def _density(density: ArrayLike, n: int) -> Array:
    given = np.asarray(density, dtype=np.float64)
    fit = given.shape in {(), (n,)} and np.all(np.isfinite(given) & (given > 0.0))
    if not fit:
        raise InvalidValue(
            f"density must be finite and > 0 T/sqrt(Hz), one number or one for each "
            f"of the {n} sensors, got {density!r:.60}."
        )
    return np.broadcast_to(given, (n,))
