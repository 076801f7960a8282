"""The words of the sequence language: pulse, free evolution, light, repetition."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue

__all__ = ["SHAPES", "Free", "Laser", "Pulse", "Repeat", "Sequence"]

Envelope = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _gaussian(u: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-0.5 * ((u - 0.5) * 6.0) ** 2)


def _sine_squared(u: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sin(np.pi * u) ** 2


SHAPES: dict[str, Envelope] = {
    "gaussian": _gaussian,
    "sine_squared": _sine_squared,
}
"""Envelopes on 0 to 1 with the peak 1; the Gaussian is cut at three sigma."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    r"""A microwave or radio-frequency pulse.

    In the rotating frame of its channel

    .. math:: H/h = f(t) [\cos\varphi(t)\, X + \sin\varphi(t)\, Y],
        \quad \varphi(t) = \varphi_0 + 2\pi\delta t

    with t from the beginning of the pulse.

    Parameters
    ----------
    duration : float
        s; zero is an ideal pulse, which turns by `angle` at once.
    rabi_frequency : float
        Peak of f, Hz.
    angle : float
        Of an ideal pulse, rad.
    phase : float
        rad.
    detuning : float
        Frequency of the pulse minus that of its channel, Hz.
    shape : str or callable
        ``"rectangular"``, a name in `SHAPES`, or a function of u = 0 to 1 that
        returns f over the peak, vectorised.
    channel : str
        Which drive of the `ControlledSpins`.
    """

    duration: float = 0.0
    rabi_frequency: float = 0.0
    angle: float = 0.0
    phase: float = 0.0
    detuning: float = 0.0
    shape: str | Envelope = "rectangular"
    channel: str = "microwave"

    def __post_init__(self) -> None:
        checks.non_negative("duration", self.duration, "s")
        checks.finite("rabi_frequency", self.rabi_frequency, "Hz")
        checks.finite("angle", self.angle, "rad")
        checks.finite("phase", self.phase, "rad")
        checks.finite("detuning", self.detuning, "Hz")
        if isinstance(self.shape, str):
            checks.one_of("shape", self.shape, ("rectangular", *SHAPES))
        if self.duration == 0.0 and self.rabi_frequency != 0.0:
            raise InvalidValue(
                "duration must be > 0 s for a pulse with a rabi_frequency, got 0; "
                "an ideal pulse has an angle instead (Pulse.rotation)."
            )
        if self.duration > 0.0 and self.angle != 0.0:
            raise InvalidValue(
                f"angle belongs to ideal pulses, got {self.angle} rad with a duration "
                f"of {self.duration} s; Pulse.rotation chooses the duration."
            )

    @classmethod
    def rotation(
        cls,
        angle: float,
        *,
        phase: float = 0.0,
        rabi_frequency: float | None = None,
        detuning: float = 0.0,
        shape: str | Envelope = "rectangular",
        channel: str = "microwave",
    ) -> "Pulse":
        """Return the pulse that turns a resonant spin by ``angle``, rad.

        It is ideal without a ``rabi_frequency``, Hz; with one it lasts as long as
        the area of the envelope asks for. A negative angle turns the phase by pi.
        """
        checks.finite("angle", angle, "rad")
        if angle < 0.0:
            angle, phase = -angle, phase + math.pi
        if rabi_frequency is None or angle == 0.0:
            return cls(angle=angle, phase=phase, channel=channel)
        checks.positive("rabi_frequency", rabi_frequency, "Hz")
        area = envelope_area(shape)
        if area < 1e-6:
            raise InvalidValue(
                "shape must have a positive mean for a pulse of a given angle, got "
                f"{area:.3g}; choose the duration yourself with Pulse."
            )
        return cls(
            duration=angle / (2.0 * math.pi * rabi_frequency * area),
            rabi_frequency=rabi_frequency,
            phase=phase,
            detuning=detuning,
            shape=shape,
            channel=channel,
        )

    @property
    def is_rectangular(self) -> bool:
        """Whether the amplitude is constant."""
        return isinstance(self.shape, str) and self.shape == "rectangular"

    def envelope(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return f over its peak at the share ``u`` of the duration."""
        return envelope(self.shape, u)


def envelope(shape: str | Envelope, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an envelope at ``u`` between 0 and 1."""
    if not isinstance(shape, str):
        values = np.asarray(shape(u), dtype=np.float64)
        if values.shape != u.shape:
            raise InvalidValue(
                f"shape must return one value for each of {u.size} u, got the shape "
                f"{values.shape}; use NumPy functions of the whole array."
            )
        return values
    return np.ones_like(u) if shape == "rectangular" else SHAPES[shape](u)


def envelope_area(shape: str | Envelope) -> float:
    """Return the integral of an envelope over 0 to 1."""
    if isinstance(shape, str) and shape == "rectangular":
        return 1.0
    nodes, weights = np.polynomial.legendre.leggauss(200)
    return float(weights @ envelope(shape, 0.5 * (nodes + 1.0)) / 2.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Free:
    """Evolution without a drive, for ``duration``, s."""

    duration: float

    def __post_init__(self) -> None:
        checks.non_negative("duration", self.duration, "s")


@dataclass(frozen=True, kw_only=True, slots=True)
class Laser:
    """Light on the spins: their dissipators of light act for ``duration``, s.

    ``power`` multiplies the rates of the light, 1 being those of the spins.
    """

    duration: float
    power: float = 1.0

    def __post_init__(self) -> None:
        checks.non_negative("duration", self.duration, "s")
        checks.non_negative("power", self.power)


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeat:
    """A block that is carried out ``times`` times."""

    block: tuple["Element", ...]
    times: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "block", _elements("block", self.block))
        checks.count("times", self.times, 0)


Element = Pulse | Free | Laser | Repeat


@dataclass(frozen=True, slots=True)
class Sequence:
    """Elements one after another; ``+`` joins and ``*`` repeats.

    Parameters
    ----------
    elements : sequence of Pulse, Free, Laser or Repeat
    """

    elements: tuple[Element, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "elements", _elements("elements", self.elements))

    def __add__(self, other: "Sequence") -> "Sequence":
        if not isinstance(other, Sequence):
            raise InvalidKind(
                f"a Sequence is joined with a Sequence, got {other!r:.60}; put single "
                "elements into one: Sequence((element,))."
            )
        return Sequence((*self.elements, *other.elements))

    def __mul__(self, times: int) -> "Sequence":
        return Sequence((Repeat(block=self.elements, times=times),))

    __rmul__ = __mul__

    def flat(self) -> Iterator[Pulse | Free | Laser]:
        """Yield the elements with all repetitions carried out."""
        yield from _flat(self.elements)

    @property
    def duration(self) -> float:
        """Of the whole, s."""
        return _duration(self.elements)


def listed(sequences: Iterable[Sequence]) -> list[Sequence]:
    """Return sequences as a list, after a check that they are."""
    if isinstance(sequences, Sequence):
        raise InvalidKind(
            "sequences must be several, got one Sequence; write [sequence]."
        )
    found = list(sequences)
    for one in found:
        if not isinstance(one, Sequence):
            raise InvalidKind(
                f"a sequence must be a Sequence, got {one!r:.60}; write "
                "Sequence((element, ...))."
            )
    return found


def _elements(name: str, given: Iterable[Element]) -> tuple[Element, ...]:
    """Return the elements, all of them words of the language."""
    if isinstance(given, Sequence | Element):
        raise InvalidKind(
            f"{name} must be a tuple of elements, got one {type(given).__name__}; "
            "write (element,) for a single one, and sequence.elements for a sequence."
        )
    found = tuple(given)
    for element in found:
        if not isinstance(element, Element):
            raise InvalidKind(
                f"{name} must be of Pulse, Free, Laser and Repeat, got "
                f"{element!r:.60}; join sequences with +."
            )
    return found


def _flat(elements: tuple[Element, ...]) -> Iterator[Pulse | Free | Laser]:
    for element in elements:
        if isinstance(element, Repeat):
            for _ in range(element.times):
                yield from _flat(element.block)
        else:
            yield element


def _duration(elements: tuple[Element, ...]) -> float:
    return sum(
        element.times * _duration(element.block)
        if isinstance(element, Repeat)
        else element.duration
        for element in elements
    )
