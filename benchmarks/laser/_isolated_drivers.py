"""Drivers of isolated pulses as papers describe them, and what is not known of them.

Each maker takes what is not known, away from its middle by so many halves of its range.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.laser import Pulse
from qleap.laser.attosecond import Colour, double_optical_gate, with_cep
from qleap.laser.driving import DrivingField
from qleap.laser.pulses import Light, PolarisedPulse, polarisation_gate

__all__ = [
    "QUOTED",
    "READ",
    "STEP",
    "Maker",
    "Shape",
    "colours",
    "few_cycles",
    "gates",
    "polarisation_gates",
]

Floats = NDArray[np.float64]

STEP: Final = 5e-18
"""Of the field's times, s."""

SHARE: Final = 0.2
"""Intensity of every further colour, and of a second harmonic, over the first one's
where it is not published; from half to twice that."""

READ: Final = 0.05
"""Half the range of a duration that was read in the paper's abstract."""

QUOTED: Final = 0.2
"""Half the range of a duration or thickness that is only commonly quoted."""

DELAY: Final = 0.1
"""Half the range of a gate's delay."""

SOFT: Final = 10e-15
"""Within which fields of many colours begin and end, s."""

STRENGTH: Final = 1e10
"""Field of shapes, V/m; any other does as well."""

QUARTER: Final = (0.0, 0.5 * math.pi)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Fields of any strength whose parts turn with phases.

    Parameters
    ----------
    time : ndarray, shape (n,)
        s.
    parts : ndarray, shape (k, 2, components, n)
        Of every part the field with no phase and with that of a quarter of a turn.
    turns : ndarray, shape (k, phases)
        By how much of every phase a part turns.
    wavelength : float
        m.
    """

    time: Floats
    parts: Floats
    turns: Floats
    wavelength: float

    def fields(self, phases: Floats) -> Floats:
        """Return fields of phases (m, phases), of the shape (m, components, n)."""
        angles = np.atleast_2d(phases) @ self.turns.T
        both = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        return np.asarray(STRENGTH * np.einsum("mkq,kqcn->mcn", both, self.parts))

    def driver(self, phases: Floats) -> DrivingField:
        """Return the driver of one set of phases."""
        return DrivingField(
            time=self.time, field=self.fields(phases)[0], wavelength=self.wavelength
        )


Maker = Callable[[Sequence[float]], Shape]


def times(half: float) -> Floats:
    """Return times from ``-half`` to ``half``, s."""
    count = math.ceil(half / STEP)
    return STEP * np.arange(-count, count + 1.0)


def few_cycles(wavelength: float, fwhm: float, spread: float) -> Maker:
    """Return the maker of linear Gaussian pulses: one phase, one unknown."""
    time = times(3.5 * fwhm)

    def make(away: Sequence[float]) -> Shape:
        pulse = _pulse(wavelength, fwhm * (1.0 + spread * away[0]))
        return _shape(time, [[with_cep(pulse, p) for p in QUARTER]], [[1.0]])

    return make


def colours(channels: Sequence[tuple[float, float]], spread: float) -> Maker:
    """Return the maker of sums of colours (wavelength, fwhm).

    A phase and a duration of each, and a strength of all but the first. Fields begin
    and end softly, where the first colour is over and longer ones are not.
    """
    n = len(channels)
    time = times(2.0 * channels[0][1])
    soft = (
        np.sin(0.5 * np.pi * np.clip((time[-1] - np.abs(time)) / SOFT, 0.0, 1.0)) ** 2
    )

    def make(away: Sequence[float]) -> Shape:
        shares = [1.0, *(SHARE * 2.0**value for value in away[n:])]
        lights = [
            [
                Colour(
                    wavelength=wavelength,
                    fwhm=fwhm * (1.0 + spread * longer),
                    intensity=share,
                    cep=phase,
                ).light
                for phase in QUARTER
            ]
            for (wavelength, fwhm), longer, share in zip(
                channels, away[:n], shares, strict=True
            )
        ]
        made = _shape(time, lights, np.eye(n).tolist())
        return replace(made, parts=made.parts * soft)

    return make


def gates(
    wavelength: float, fwhm: float, spread: float, *, generalised: bool = False
) -> Maker:
    """Return the maker of double optical gates.

    The carrier's phase and that of the harmonic; the duration, the delay and the
    harmonic's strength. The gate of linear light is a cycle: by the delay, or by the
    ellipses of pulses that are one duration apart.
    """
    cycle = wavelength / SPEED_OF_LIGHT
    if generalised:
        apart = fwhm
        axes = math.tanh(math.log(2.0) * cycle * apart / fwhm**2) / 0.2
    else:
        apart, axes = _delay(fwhm, cycle), 1.0
    time = times(1.5 * (fwhm + apart))

    def make(away: Sequence[float]) -> Shape:
        light = double_optical_gate(
            _pulse(wavelength, fwhm * (1.0 + spread * away[0])),
            apart * (1.0 + DELAY * away[1]),
            ratio=math.sqrt(SHARE * 2.0 ** away[2]),
            ellipticity=axes,
        )
        turned = [with_cep(light, phase) for phase in QUARTER]
        harmonic = [
            with_cep(light, 0.5 * phase) for phase in QUARTER
        ]  # which turns it by twice that
        lights = [
            [PolarisedPulse(terms=x.terms[:2], vectors=x.vectors[:2]) for x in turned],
            [
                PolarisedPulse(terms=x.terms[2:], vectors=x.vectors[2:])
                for x in harmonic
            ],
        ]
        return _shape(time, lights, [[1.0, 0.0], [2.0, 1.0]])

    return make


def polarisation_gates(wavelength: float, fwhm: float, spread: float) -> Maker:
    """Return the maker of polarisation gates, linear for half a cycle.

    The carrier's phase; the duration and the delay.
    """
    apart = _delay(fwhm, 0.5 * wavelength / SPEED_OF_LIGHT)
    time = times(1.5 * (fwhm + apart))

    def make(away: Sequence[float]) -> Shape:
        pulse = _pulse(wavelength, fwhm * (1.0 + spread * away[0]))
        light = polarisation_gate(pulse, apart * (1.0 + DELAY * away[1]))
        return _shape(time, [[with_cep(light, p) for p in QUARTER]], [[1.0]])

    return make


def _pulse(wavelength: float, fwhm: float) -> Pulse:
    return Pulse(shape="gaussian", wavelength=wavelength, fwhm=fwhm, peak_power=1.0)


def _shape(
    time: Floats,
    lights: Sequence[Sequence[Light | PolarisedPulse]],
    turns: Sequence[Sequence[float]],
) -> Shape:
    """Return the shape of parts, each as light without a phase and a quarter on."""
    parts = np.array([[_fields(light, time) for light in pair] for pair in lights])
    return Shape(
        time=time,
        parts=parts,
        turns=np.array(turns),
        wavelength=lights[0][0].wavelength,
    )


def _fields(light: Light | PolarisedPulse, time: Floats) -> Floats:
    if isinstance(light, PolarisedPulse):
        return np.asarray(light.fields(time))
    return np.asarray(light.field(time))[None]


def _delay(fwhm: float, width: float) -> float:
    """Return the delay of circles whose gate (ellipticity below 0.2) is so wide, s."""
    return fwhm**2 * math.atanh(0.2) / (math.log(2.0) * width)
