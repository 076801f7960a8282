"""AC signals of any shape, with their exact integrals."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = [
    "ActionPotential",
    "Chirp",
    "PulseTrain",
    "Sampled",
    "Superposition",
    "Tone",
    "Waveform",
]

Array = NDArray[np.float64]

_FAR: Final = 6.0
"""Argument of Fresnel's integrals from which their asymptotic series is taken."""


class Waveform(ABC):
    """A field over time: called with times in s it returns T (or V/m).

    Waveforms are added with ``+`` and scaled with ``*``.
    """

    def __call__(self, time: ArrayLike) -> Array:
        """Return the field at ``time``, s, in the shape of the time."""
        return self._field(np.asarray(time, dtype=np.float64))

    def antiderivative(self, time: ArrayLike) -> Array:
        """Return the integral of the field up to ``time``, but for a constant."""
        return self._integral(np.asarray(time, dtype=np.float64))

    @abstractmethod
    def _field(self, t: Array) -> Array: ...

    @abstractmethod
    def _integral(self, t: Array) -> Array: ...

    def __add__(self, other: "Waveform") -> "Superposition":
        if not isinstance(other, Waveform):
            return NotImplemented
        return Superposition(parts=((1.0, self), (1.0, other)))

    def __mul__(self, factor: float) -> "Superposition":
        return Superposition(parts=((checks.finite("factor", factor), self),))

    __rmul__ = __mul__


@dataclass(frozen=True, kw_only=True, slots=True)
class Superposition(Waveform):
    """Weighted sum of waveforms.

    Parameters
    ----------
    parts : sequence of tuple
        Factors and waveforms.
    """

    parts: tuple[tuple[float, Waveform], ...]

    def _field(self, t: Array) -> Array:
        return np.asarray(sum(factor * part(t) for factor, part in self.parts))

    def _integral(self, t: Array) -> Array:
        return np.asarray(sum(f * part.antiderivative(t) for f, part in self.parts))


@dataclass(frozen=True, kw_only=True, slots=True)
class Tone(Waveform):
    r"""A :math:`\cos(2\pi f t + \varphi)` for ever.

    Parameters
    ----------
    amplitude : float
        A, T.
    frequency : float
        f, Hz.
    phase : float
        rad.
    """

    amplitude: float
    frequency: float
    phase: float = 0.0

    def __post_init__(self) -> None:
        checks.finite("amplitude", self.amplitude, "T")
        checks.non_negative("frequency", self.frequency, "Hz")
        checks.finite("phase", self.phase, "rad")

    def _field(self, t: Array) -> Array:
        omega = 2.0 * math.pi * self.frequency
        return self.amplitude * np.cos(omega * t + self.phase)

    def _integral(self, t: Array) -> Array:
        omega = 2.0 * math.pi * self.frequency
        # sin(a + p) - sin(p) as a product: exact down to frequency zero
        middle = np.cos(0.5 * omega * t + self.phase)
        return np.asarray(self.amplitude * t * np.sinc(self.frequency * t) * middle)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chirp(Waveform):
    r"""A :math:`\cos(2\pi(f_0 t + \tfrac12 r t^2) + \varphi)`.

    Parameters
    ----------
    amplitude : float
        T.
    start : float
        Frequency at time zero, Hz.
    rate : float
        r, Hz/s; not zero.
    phase : float
        rad.
    """

    amplitude: float
    start: float
    rate: float
    phase: float = 0.0

    def __post_init__(self) -> None:
        checks.finite("amplitude", self.amplitude, "T")
        checks.finite("start", self.start, "Hz")
        checks.finite("phase", self.phase, "rad")
        if checks.finite("rate", self.rate, "Hz/s") == 0.0:
            raise InvalidValue("rate must not be 0 Hz/s; use a Tone instead.")

    def _field(self, t: Array) -> Array:
        turns = self.start * t + 0.5 * self.rate * t**2
        return self.amplitude * np.cos(2.0 * math.pi * turns + self.phase)

    def _integral(self, t: Array) -> Array:
        from scipy.special import fresnel

        sign = math.copysign(1.0, self.rate)
        # f0 t + r t^2/2 = r (t + f0/r)^2 / 2 - f0^2/2r; Fresnel: cos(pi u^2 / 2)
        scale = math.sqrt(2.0 * abs(self.rate))
        u = scale * (t + self.start / self.rate)
        rest = self.phase - math.pi * self.start**2 / self.rate
        sine, cosine = fresnel(u)
        near = math.cos(rest) * cosine - sign * math.sin(rest) * sine
        # Far from frequency zero Fresnel's integrals are 1/2 and a small rest, which
        # is all that counts; the halves are left out on the side of time zero.
        here = math.copysign(1.0, self.start / self.rate)
        half = 0.5 * (math.cos(rest) - sign * math.sin(rest))
        turned = 2.0 * math.pi * (self.start * t + 0.5 * self.rate * t**2) + self.phase
        size = np.maximum(np.abs(u), _FAR)
        f, g = _fresnel_rest(size)
        far = sign * f * np.sin(turned) - g * np.cos(turned)
        far = np.sign(u) * far + half * (np.sign(u) - here)
        whole = np.where(np.abs(u) > _FAR, far, near - half * here)
        return np.asarray(self.amplitude * whole / scale)


def _fresnel_rest(u: Array) -> tuple[Array, Array]:
    """Return the auxiliary functions f and g of Fresnel's integrals for large u.

    Their asymptotic series (Abramowitz and Stegun, 7.3.27 and 7.3.28), to rounding
    from `_FAR` on.
    """
    square = (math.pi * u**2) ** -2
    f, g, term = np.zeros_like(u), np.zeros_like(u), np.ones_like(u)
    for m in range(8):
        f = f + term
        g = g + (4.0 * m + 1.0) * term
        term = -term * (4.0 * m + 1.0) * (4.0 * m + 3.0) * square
    return f / (math.pi * u), g / (math.pi**2 * u**3)


@dataclass(frozen=True, kw_only=True, slots=True)
class PulseTrain(Waveform):
    """Rectangular pulses, one a period.

    Parameters
    ----------
    amplitude : float
        T.
    width, period : float
        s; the width is not longer than the period.
    count : int
        Number of pulses.
    start : float
        Beginning of the first, s.
    """

    amplitude: float
    width: float
    period: float
    count: int
    start: float = 0.0

    def __post_init__(self) -> None:
        checks.finite("amplitude", self.amplitude, "T")
        checks.positive("period", self.period, "s")
        checks.between("width", self.width, 0.0, self.period, "s")
        checks.count("count", self.count)
        checks.finite("start", self.start, "s")

    def _field(self, t: Array) -> Array:
        place = (t - self.start) / self.period
        number = np.floor(place)
        on = (number >= 0) & (number < self.count)
        on &= (place - number) * self.period < self.width
        return np.where(on, self.amplitude, 0.0)

    def _integral(self, t: Array) -> Array:
        place = (t - self.start) / self.period
        number = np.clip(np.floor(place), 0, self.count - 1)
        within = np.clip((place - number) * self.period, 0.0, self.width)
        return np.asarray(self.amplitude * (number * self.width + within))


@dataclass(frozen=True, kw_only=True, eq=False)
class Sampled(Waveform):
    """Recorded values with straight lines between them, zero outside.

    Parameters
    ----------
    times : array_like, shape (n,)
        s, ascending.
    values : array_like, shape (n,)
        T.
    """

    times: Array
    values: Array

    def __post_init__(self) -> None:
        times = checks.increasing("times", self.times, "s")
        values = checks.vector("values", self.values, "T")
        if values.size != times.size:
            raise InvalidValue(
                f"values must be as many as times, got {values.size} and {times.size}."
            )
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "values", values)

    def _field(self, t: Array) -> Array:
        return np.asarray(np.interp(t, self.times, self.values, left=0.0, right=0.0))

    def _integral(self, t: Array) -> Array:
        at = np.clip(t, self.times[0], self.times[-1])
        steps, rises = np.diff(self.times), np.diff(self.values)
        whole = np.cumsum(0.5 * steps * (self.values[1:] + self.values[:-1]))
        whole = np.concatenate([[0.0], whole])
        i = np.clip(np.searchsorted(self.times, at) - 1, 0, steps.size - 1)
        u = at - self.times[i]
        return np.asarray(
            whole[i] + u * (self.values[i] + 0.5 * u * (rises / steps)[i])
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionPotential(Waveform):
    r"""The magnetic field of one nerve impulse: up, and down again.

    .. math:: B(t) = -A\sqrt{e}\; u\, e^{-u^2/2},\quad u = (t - t_0)/\sigma

    The field of an axon follows its axial current, the slope of the membrane's
    potential; for a Gaussian spike of the potential that is this shape, with the
    extremes :math:`\pm A` at :math:`t_0 \mp \sigma`.

    Parameters
    ----------
    amplitude : float
        A, T.
    centre : float
        :math:`t_0`, s.
    width : float
        :math:`\sigma`, s; a fraction of a millisecond.
    """

    amplitude: float
    centre: float
    width: float

    def __post_init__(self) -> None:
        checks.finite("amplitude", self.amplitude, "T")
        checks.finite("centre", self.centre, "s")
        checks.positive("width", self.width, "s")

    def _field(self, t: Array) -> Array:
        u = (t - self.centre) / self.width
        return -self.amplitude * math.sqrt(math.e) * u * np.exp(-0.5 * u**2)

    def _integral(self, t: Array) -> Array:
        u = (t - self.centre) / self.width
        return self.amplitude * math.sqrt(math.e) * self.width * np.exp(-0.5 * u**2)
