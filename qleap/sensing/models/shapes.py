"""Models of the form offset + amplitude x shape, and how their fits start."""

from abc import abstractmethod
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Parameter

__all__ = ["ScaledShape", "frequencies", "stretched", "times"]

Array = NDArray[np.float64]

CHUNK = 4096
"""Points that are evaluated at once for many values; they fit into a cache."""


class ScaledShape(TraceModel):
    """Offset plus amplitude times a shape with parameters of its own.

    Start values come from trying candidates for the parameters of the shape, with
    the best offset and amplitude for each.
    """

    @property
    @abstractmethod
    def shape_parameters(self) -> tuple[Parameter, ...]:
        """Parameters of the shape."""

    @abstractmethod
    def shape(self, x: Array, values: Array) -> tuple[Array, Array]:
        """Return the shape ``(n,)`` and its derivatives ``(n, q)``.

        ``values`` has the shape ``(q,)``, or ``(q, n)`` with own values at each x.
        """

    @abstractmethod
    def candidates(self, x: Array, y: Array) -> Iterable[Iterable[float]]:
        """Yield values of the shape's parameters that may be near the truth."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Offset, amplitude, and those of the shape."""
        first = (Parameter("offset", "signal"), Parameter("amplitude", "signal"))
        return (*first, *self.shape_parameters)

    def _evaluate(self, x: Array, values: Array) -> Array:
        return np.asarray(values[0] + values[1] * self.shape(x, values[2:])[0])

    def _evaluate_many(self, x: Array, values: Array) -> Array:
        found = np.empty((len(values), x.size))
        rows = max(CHUNK // x.size, 1)
        for first in range(0, len(values), rows):
            part = values[first : first + rows]
            own = np.repeat(part[:, 2:], x.size, axis=0).T
            shape = self.shape(np.tile(x, len(part)), own)[0].reshape(-1, x.size)
            found[first : first + rows] = part[:, :1] + part[:, 1:2] * shape
        return found

    def _jacobian(self, x: Array, values: Array) -> Array:
        shape, slopes = self.shape(x, values[2:])
        ones = np.ones_like(x)
        return np.column_stack([ones, shape, values[1] * slopes])

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return the best of the candidates with its offset and amplitude."""
        at, data = checks.vector("x", x, min_size=3), checks.vector("y", y)
        if np.ptp(at) == 0.0:
            raise InvalidValue(
                f"x must have different values, got {at.size} times {at[0]:g}."
            )
        best, found = np.inf, None
        for candidate in self.candidates(at, data):
            own = np.array(list(candidate), dtype=np.float64)
            shape = self.shape(at, own)[0]
            centred = shape - shape.mean()
            power = float(centred @ centred)
            if not power > 1e-24 * float(shape @ shape + 1e-300):
                continue
            amplitude = float(centred @ data) / power
            offset = float(data.mean() - amplitude * shape.mean())
            missed = float(np.sum((data - offset - amplitude * shape) ** 2))
            if missed < best:
                best, found = missed, (offset, amplitude, *own)
        if found is None:
            raise InvalidValue(
                f"no start values of {type(self).__name__} fit these x; they must "
                "spread over the structure, or give start values."
            )
        return dict(zip(self.names, map(float, found), strict=True))


def times(x: Array, n: int) -> Array:
    """Return ``n`` times between the smallest step and ten times the span of x."""
    steps = np.diff(np.unique(x))
    return np.geomspace(0.3 * float(steps.min()), 10.0 * float(np.ptp(x)), n)


def frequencies(x: Array, y: Array, n: int) -> Array:
    """Return the ``n`` strongest frequencies of a trace, Hz if x is in s.

    Peaks of a periodogram that takes uneven x (Lomb and Scargle), with the mean and
    a slope removed.
    """
    from scipy.signal import find_peaks, lombscargle

    span = float(np.ptp(x))
    step = float(np.median(np.diff(np.unique(x))))
    grid = np.arange(0.25 / span, 0.5 / step, 0.1 / span)
    left = y - np.polynomial.Polynomial.fit(x, y, 1)(x)
    power = lombscargle(x, left, 2.0 * np.pi * grid)
    peaks, _ = find_peaks(np.concatenate([[0.0], power, [0.0]]))
    ranked = peaks[np.argsort(power[peaks - 1])[::-1][:n]] - 1
    return np.asarray(grid[ranked])


def stretched(x: Array, time: float, exponent: float) -> tuple[Array, Array]:
    """Return ``exp(-(|x|/time)^exponent)`` and its derivatives by both, ``(n, 2)``."""
    ratio = np.abs(x) / time
    with np.errstate(divide="ignore", invalid="ignore"):
        power = ratio**exponent
        log = np.where(ratio > 0.0, np.log(ratio), 0.0)
    decay = np.exp(-power)
    slopes = decay * power
    return decay, np.column_stack([slopes * exponent / time, -slopes * log])
