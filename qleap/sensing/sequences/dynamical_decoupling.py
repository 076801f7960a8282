r"""Dynamical decoupling: pi pulses between two pi/2 pulses.

Times count from the end of the first pi/2 pulse to the beginning of the last one, and
pi pulses of any length are centred at their positions. ``spacing`` is the time between
neighbouring pi pulses, centre to centre; before the first and after the last pulse lies
half of it, so that n pulses last n times the spacing.

With ``final_phase`` 0 and without noise, an odd number of pi pulses about the axis of
the first pi/2 pulse (Hahn echo, Carr-Purcell) ends in the level of the beginning; CPMG,
XY, KDD and UDD end in the other one, and in the level of the beginning with pi.
"""

import math
from collections.abc import Sequence as Items
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.elements import Free, Pulse, Sequence

__all__ = [
    "PHASE_CYCLES",
    "carr_purcell",
    "cpmg",
    "decoupling",
    "kdd",
    "udd",
    "xy4",
    "xy8",
    "xy16",
]

X, Y = 0.0, 0.5 * math.pi
_XY4 = (X, Y, X, Y)
_XY8 = (*_XY4, Y, X, Y, X)
_KDD = (math.pi / 6.0, 0.0, math.pi / 2.0, 0.0, math.pi / 6.0)

PHASE_CYCLES: Final[dict[str, tuple[float, ...]]] = {
    "cp": (X,),
    "cpmg": (Y,),
    "xy4": _XY4,
    "xy8": _XY8,
    "xy16": (*_XY8, *(phase + math.pi for phase in _XY8)),
    "kdd": tuple(phase + turn for turn in (X, Y, X, Y) for phase in _KDD),
}
"""Phases of the pi pulses of one block, rad, the first pi/2 pulse having phase 0.

CP: Carr and Purcell, Phys. Rev. 94, 630 (1954); CPMG: Meiboom and Gill, Rev. Sci.
Instrum. 29, 688 (1958); XY: Gullion, Baker and Conradi, J. Magn. Reson. 89, 479 (1990);
KDD: Souza, Alvarez and Suter, Phys. Rev. Lett. 106, 240501 (2011) and
arXiv:1110.6334.
"""


def decoupling(
    positions: ArrayLike,
    phases: ArrayLike,
    duration: float,
    *,
    rabi_frequency: float | None = None,
    final_phase: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    """Return pi pulses at any positions and phases, between two pi/2 pulses.

    Parameters
    ----------
    positions : array_like, shape (n,)
        Centres of the pi pulses, s after the end of the first pi/2 pulse; ascending.
    phases : array_like, shape (n,)
        Of the pi pulses, rad; that of the first pi/2 pulse is 0.
    duration : float
        From the end of the first to the beginning of the last pi/2 pulse, s.
    rabi_frequency : float, optional
        Hz; pulses are ideal without it.
    final_phase : float
        Of the last pi/2 pulse, rad. Add pi for the other projection (`difference`);
        pi/2 more or less makes the signal linear in a small phase.
    channel : str
    """
    first, pulses, last = (
        [
            Pulse.rotation(
                angle, phase=phase, rabi_frequency=rabi_frequency, channel=channel
            )
            for phase in group
        ]
        for angle, group in (
            (0.5 * math.pi, (0.0,)),
            (math.pi, checks.vector("phases", phases, "rad")),
            (0.5 * math.pi, (final_phase,)),
        )
    )
    return Sequence((*first, *_placed(positions, pulses, duration), *last))


def _placed(
    positions: ArrayLike, pulses: Items[Pulse], duration: float
) -> tuple[Pulse | Free, ...]:
    """Return pulses centred at positions and the free evolution around them."""
    centres = checks.vector("positions", positions, "s")
    if len(centres) != len(pulses):
        raise InvalidValue(
            f"phases must be as many as positions, got {len(pulses)} for "
            f"{len(centres)} positions."
        )
    total = checks.non_negative("duration", duration, "s")
    half = np.array([0.5 * pulse.duration for pulse in pulses])
    starts = np.append(centres - half, total)
    ends = np.append(0.0, centres + half)
    gaps = starts - ends
    if np.any(gaps < -1e-9 * total):
        place = int(np.argmin(gaps))
        raise InvalidValue(
            "positions must leave room for the pulses between 0 and the duration of "
            f"{total:g} s, got a gap of {gaps[place]:.3g} s before pulse {place}; use "
            "a longer spacing or a higher rabi_frequency."
        )
    elements: list[Pulse | Free] = []
    for gap, pulse in zip(gaps, pulses, strict=False):
        elements += [Free(duration=max(float(gap), 0.0)), pulse]
    return (*elements, Free(duration=max(float(gaps[-1]), 0.0)))


def _spaced(
    kind: str,
    spacing: float,
    repetitions: int,
    *,
    rabi_frequency: float | None,
    final_phase: float,
    channel: str,
) -> Sequence:
    checks.positive("spacing", spacing, "s")
    times = checks.count("repetitions", repetitions)
    phases = PHASE_CYCLES[kind] * times
    places = (np.arange(len(phases)) + 0.5) * spacing
    return decoupling(
        places,
        phases,
        len(phases) * spacing,
        rabi_frequency=rabi_frequency,
        final_phase=final_phase,
        channel=channel,
    )


def carr_purcell(
    spacing: float,
    pulses: int,
    *,
    rabi_frequency: float | None = None,
    final_phase: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    """Return the Carr-Purcell sequence: all pulses about the axis of the first.

    ``spacing`` is the time between pi pulses, s; errors of the pulses add up.
    """
    return _spaced(
        "cp",
        spacing,
        pulses,
        rabi_frequency=rabi_frequency,
        final_phase=final_phase,
        channel=channel,
    )


def cpmg(
    spacing: float,
    pulses: int,
    *,
    rabi_frequency: float | None = None,
    final_phase: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    """Return CPMG: pi pulses about the axis along which the spins lie.

    ``spacing`` is the time between pi pulses, s; ``pulses`` their number.
    """
    return _spaced(
        "cpmg",
        spacing,
        pulses,
        rabi_frequency=rabi_frequency,
        final_phase=final_phase,
        channel=channel,
    )


def xy4(
    spacing: float,
    repetitions: int = 1,
    *,
    rabi_frequency: float | None = None,
    final_phase: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    """Return XY4, four pulses a repetition, ``spacing`` s apart."""
    return _spaced(
        "xy4",
        spacing,
        repetitions,
        rabi_frequency=rabi_frequency,
        final_phase=final_phase,
        channel=channel,
    )


def xy8(
    spacing: float,
    repetitions: int = 1,
    *,
    rabi_frequency: float | None = None,
    final_phase: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    """Return XY8-k, eight pulses in each of ``repetitions``, ``spacing`` s apart."""
    return _spaced(
        "xy8",
        spacing,
        repetitions,
        rabi_frequency=rabi_frequency,
        final_phase=final_phase,
        channel=channel,
    )


def xy16(
    spacing: float,
    repetitions: int = 1,
    *,
    rabi_frequency: float | None = None,
    final_phase: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    """Return XY16, XY8 and its negative, ``spacing`` s between pulses."""
    return _spaced(
        "xy16",
        spacing,
        repetitions,
        rabi_frequency=rabi_frequency,
        final_phase=final_phase,
        channel=channel,
    )


def kdd(
    spacing: float,
    repetitions: int = 1,
    *,
    rabi_frequency: float | None = None,
    final_phase: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    """Return Knill's decoupling: twenty pulses a repetition, ``spacing`` s apart.

    Each pi pulse of XY4 is Knill's composite of five.
    """
    return _spaced(
        "kdd",
        spacing,
        repetitions,
        rabi_frequency=rabi_frequency,
        final_phase=final_phase,
        channel=channel,
    )


def udd(
    duration: float,
    pulses: int,
    *,
    rabi_frequency: float | None = None,
    final_phase: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    r"""Return Uhrig's decoupling of ``duration``, s.

    Pulse j of n lies at :math:`T \sin^2[\pi j / (2n + 2)]`: Uhrig, Phys. Rev. Lett.
    98, 100504 (2007).
    """
    n = checks.count("pulses", pulses)
    return decoupling(
        checks.positive("duration", duration, "s") * _uhrig(n),
        [Y] * n,
        duration,
        rabi_frequency=rabi_frequency,
        final_phase=final_phase,
        channel=channel,
    )


def _uhrig(n: int) -> NDArray[np.float64]:
    return np.sin(0.5 * np.pi * np.arange(1, n + 1) / (n + 1)) ** 2
