"""Allan deviations of recorded time series, with noise types and error bars."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["KINDS", "AllanDeviation", "allan_deviation"]

KINDS = ("overlapping", "separate", "modified", "hadamard")
"""Which differences a deviation is made of."""

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class AllanDeviation:
    r"""How much averages of a record still scatter, against the averaging time.

    Parameters
    ----------
    tau : ndarray, shape (k,)
        Averaging times, s.
    deviation : ndarray, shape (k,)
        In the unit of the record.
    low, high : ndarray, shape (k,)
        Bounds of the confidence interval.
    exponents : ndarray of int, shape (k,)
        Type of the noise, :math:`S \propto f^\alpha`: 0 white, -1 flicker, -2 random
        walk of the readings.
    degrees : ndarray, shape (k,)
        Equivalent degrees of freedom of the squared deviation.
    kind : str
        One of `KINDS`.
    confidence : float
        Probability of the interval.
    unit : str
        Of the record.
    interval : float
        Between two readings, s.
    """

    tau: Array
    deviation: Array
    low: Array
    high: Array
    exponents: NDArray[np.int64]
    degrees: Array
    kind: str
    confidence: float
    unit: str
    interval: float

    @property
    def white_noise(self) -> float:
        r"""Deviation of the white part after one second, unit times sqrt(s).

        The average of :math:`\sigma(\tau)\sqrt\tau` where the noise is white,
        weighted with the degrees of freedom; a field record's sensitivity. NaN
        where no part is white. Modified variances of white noise are smaller by
        :math:`\tfrac12(1 + 1/m^2)`, which is taken into account.
        """
        white = self.exponents == 0
        if not white.any():
            return float("nan")
        power = (self.deviation / self.white_shape)[white] ** 2
        return float(np.sqrt(np.average(power, weights=self.degrees[white])))

    @property
    def white_shape(self) -> Array:
        """Deviation of white noise that is one after one second, 1/sqrt(s)."""
        shape = self.tau**-0.5
        if self.kind == "modified":
            shape = shape * np.sqrt(0.5 + 0.5 * (self.interval / self.tau) ** 2)
        return np.asarray(shape)

    @property
    def floor(self) -> tuple[float, float]:
        """Averaging time with the smallest deviation, s, and that deviation."""
        best = int(np.argmin(self.deviation))
        return float(self.tau[best]), float(self.deviation[best])

    def to_dataset(self) -> "xr.Dataset":
        """Return the deviations as a labelled dataset."""
        from qleap.core import results

        return results.dataset(
            kind="allan",
            coords={"tau": (self.tau, "s")},
            variables={
                "deviation": (("tau",), self.deviation, self.unit),
                "low": (("tau",), self.low, self.unit),
                "high": (("tau",), self.high, self.unit),
                "exponent": (("tau",), self.exponents, "1"),
                "degrees_of_freedom": (("tau",), self.degrees, "1"),
            },
            parameters={"kind": self.kind, "confidence": self.confidence},
        )


def allan_deviation(
    values: ArrayLike,
    interval: float,
    *,
    tau: ArrayLike | str = "octaves",
    kind: str = "overlapping",
    of: str = "rate",
    confidence: float = 0.683,
    unit: str = "1",
) -> AllanDeviation:
    r"""Return the Allan deviation of a record of equally spaced readings.

    Parameters
    ----------
    values : array_like, shape (n,)
        Readings, for example of a field; see ``of``.
    interval : float
        Between two readings, s.
    tau : array_like or str
        Averaging times, s, whole multiples of the interval; or ``"octaves"`` (1, 2,
        4, ...), ``"decades"`` (1, 2, 4, 10, 20, ...) or ``"all"``.
    kind : str
        ``"overlapping"`` (oadev), ``"separate"`` (adev), ``"modified"`` (mdev), or
        ``"hadamard"`` (ohdev), which does not see a linear drift.
    of : str
        ``"rate"``: readings of the quantity itself (a field, a fractional frequency);
        ``"phase"``: of its integral.
    confidence : float
        Probability of the interval around each deviation; from chi-square with the
        equivalent degrees of freedom of the noise type found in the record.
    unit : str
        Of the readings.

    Notes
    -----
    With the integral x of the readings and the averaging time :math:`\tau = m\tau_0`,

    .. math:: \sigma^2(\tau) = \frac{1}{2\tau^2}
        \langle (x_{i+2m} - 2 x_{i+m} + x_i)^2 \rangle

    (W. J. Riley, NIST SP 1065, eqs. 7-16). White noise of the one-sided amplitude
    spectral density e has :math:`\sigma = e/\sqrt{2\tau}`. The noise type is found at
    the beginning of each octave of the times; where fewer than 30 separate points are
    left, it is that of the octave below.
    """
    checks.positive("interval", interval, "s")
    checks.one_of("kind", kind, KINDS)
    checks.one_of("of", of, ("rate", "phase"))
    checks.between("confidence", confidence, 0.01, 0.9999)
    record = checks.vector("values", values, unit, min_size=4)
    phase = record if of == "phase" else _integral(record, interval)
    order = 3 if kind == "hadamard" else 2
    reach = 3 if kind == "modified" else order
    largest = (phase.size + (kind == "modified") - 1) // reach
    factors = _factors(tau, interval, largest)
    power = _power(phase, factors, kind)
    scale = {2: 2.0, 3: 6.0}[order]
    deviation = np.sqrt(power / scale) / (factors * interval)
    exponents = _exponents(phase, factors, order)
    degrees = _degrees(phase.size, factors, exponents, kind, order)
    low, high = _interval(deviation, degrees, confidence)
    return AllanDeviation(
        tau=np.asarray(factors * interval, dtype=np.float64),
        deviation=deviation,
        low=low,
        high=high,
        exponents=exponents,
        degrees=degrees,
        kind=kind,
        confidence=confidence,
        unit=unit,
        interval=interval,
    )


def _integral(record: Array, interval: float) -> Array:
    # The mean changes no second difference, but its ramp would cost digits.
    phase = np.zeros(record.size + 1)
    np.cumsum(record - record.mean(), out=phase[1:])
    phase *= interval
    return phase


def _factors(tau: ArrayLike | str, interval: float, largest: int) -> NDArray[np.int64]:
    if isinstance(tau, str):
        checks.one_of("tau", tau, ("octaves", "decades", "all"))
        every = np.arange(1, largest + 1)
        if tau == "all":
            return every
        top = int(np.log10(largest)) + 1
        steps = (
            2 ** np.arange(int(np.log2(largest)) + 1)
            if tau == "octaves"
            else np.outer(10 ** np.arange(top), [1, 2, 4]).ravel()
        )
        return np.asarray(steps[steps <= largest], dtype=np.int64)
    times = checks.vector("tau", tau, "s", min_size=1)
    factors = np.rint(times / interval).astype(np.int64)
    wrong = np.abs(factors * interval - times) > 1e-6 * interval * np.abs(factors)
    wrong |= (factors < 1) | (factors > largest)
    if wrong.any():
        raise InvalidValue(
            f"tau must be whole multiples of the interval {interval:g} s up to "
            f"{largest * interval:g} s, got {times[wrong][0]:g} s; a longer record "
            "reaches longer times."
        )
    return factors


def _power(phase: Array, factors: NDArray[np.int64], kind: str) -> Array:
    from qleap.sensing._kernels import allan

    if kind == "modified":
        return allan.modified_difference_power(phase, factors)
    strides = factors if kind == "separate" else np.ones_like(factors)
    if kind == "hadamard":
        return allan.third_difference_power(phase, factors, strides)
    return allan.second_difference_power(phase, factors, strides)


def _exponents(
    phase: Array, factors: NDArray[np.int64], order: int
) -> NDArray[np.int64]:
    """Return the type of noise at each time: that of the octave in which it lies."""
    from qleap.sensing.sensitivity.stability import identify_noise

    found: list[int] = []
    for octave in range(int(np.log2(factors.max())) + 1):
        here = identify_noise(phase, factor=2**octave, lowest=2 - 2 * order)
        found.append(here if here is not None else found[-1] if found else 0)
    places = np.floor(np.log2(factors)).astype(np.int64)
    return np.array(found, dtype=np.int64)[places]


def _degrees(
    points: int,
    factors: NDArray[np.int64],
    exponents: NDArray[np.int64],
    kind: str,
    order: int,
) -> Array:
    from qleap.sensing.sensitivity.stability import effective_degrees_of_freedom

    return np.array([
        effective_degrees_of_freedom(
            int(a),
            factor=int(m),
            points=points,
            order=order,
            overlapping=kind != "separate",
            modified=kind == "modified",
        )
        for a, m in zip(exponents, factors, strict=True)
    ])  # fmt: skip


def _interval(
    deviation: Array, degrees: Array, confidence: float
) -> tuple[Array, Array]:
    from scipy.stats import chi2

    outside = 0.5 * (1.0 - confidence)
    low = deviation * np.sqrt(degrees / chi2.ppf(1.0 - outside, degrees))
    high = deviation * np.sqrt(degrees / chi2.ppf(outside, degrees))
    return low, high
