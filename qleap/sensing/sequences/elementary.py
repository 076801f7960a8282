"""The sequences from which the others grow: ODMR, Rabi, Ramsey, echo, T1."""

import math

from qleap.core import checks
from qleap.sensing.sequences.elements import Free, Pulse, Sequence

__all__ = ["hahn_echo", "pulsed_odmr", "rabi", "ramsey", "relaxation"]

HALF, FULL = 0.5 * math.pi, math.pi


def pulsed_odmr(
    detuning: float, rabi_frequency: float, *, channel: str = "microwave"
) -> Sequence:
    """Return one pi pulse at a distance from the carrier.

    Parameters
    ----------
    detuning : float
        Frequency of the pulse minus the carrier, Hz.
    rabi_frequency : float
        Hz; the line is about 0.8 times as wide (Rabi's formula).
    channel : str
    """
    pulse = Pulse.rotation(
        FULL, rabi_frequency=rabi_frequency, detuning=detuning, channel=channel
    )
    return Sequence((pulse,))


def rabi(
    duration: float,
    rabi_frequency: float,
    *,
    detuning: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    """Return one rectangular pulse of ``duration``, s, and ``rabi_frequency``, Hz."""
    length = checks.non_negative("duration", duration, "s")
    if length == 0.0:
        return Sequence()
    pulse = Pulse(
        duration=length,
        rabi_frequency=checks.positive("rabi_frequency", rabi_frequency, "Hz"),
        detuning=detuning,
        channel=channel,
    )
    return Sequence((pulse,))


def ramsey(
    duration: float,
    *,
    rabi_frequency: float | None = None,
    final_phase: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    """Return two pi/2 pulses with ``duration``, s, from the end of one to the other.

    On resonance, ``final_phase`` 0 ends in the level that was empty and pi in the
    level of the beginning; at pi/2 the signal is linear in a small detuning.
    ``rabi_frequency``, Hz, makes the pulses finite.
    """
    free = Free(duration=checks.non_negative("duration", duration, "s"))
    first = Pulse.rotation(HALF, rabi_frequency=rabi_frequency, channel=channel)
    last = Pulse.rotation(
        HALF, phase=final_phase, rabi_frequency=rabi_frequency, channel=channel
    )
    return Sequence((first, free, last))


def hahn_echo(
    duration: float,
    *,
    rabi_frequency: float | None = None,
    refocusing_phase: float = 0.0,
    final_phase: float = 0.0,
    channel: str = "microwave",
) -> Sequence:
    """Return a two-pulse echo; ``duration``, s, lies between the pi/2 pulses.

    The pi pulse is centred. ``final_phase`` 0 ends in the level of the beginning,
    pi in the other. Hahn, Phys. Rev. 80, 580 (1950).
    """
    from qleap.sensing.sequences.dynamical_decoupling import decoupling

    return decoupling(
        [0.5 * checks.non_negative("duration", duration, "s")],
        [refocusing_phase],
        duration,
        rabi_frequency=rabi_frequency,
        final_phase=final_phase,
        channel=channel,
    )


def relaxation(
    duration: float,
    *,
    prepare: str | None = None,
    read: str | None = None,
    rabi_frequency: float | None = None,
) -> Sequence:
    """Return T1 relaxometry: a wait of ``duration``, s, between pi pulses or none.

    With one channel, the difference of the signals without pulses and with ``read``
    decays with the single-quantum rate. With a channel for each line of the centre
    (say "lower" and "upper"), ``prepare="lower"`` and the difference between
    ``read="lower"`` and ``read="upper"`` follow the double-quantum relaxation
    between m_S = -1 and +1. Protocols: Myers et al., Phys. Rev. Lett. 118, 197201
    (2017).

    Parameters
    ----------
    duration : float
        s, from the end of the first pulse to the beginning of the second.
    prepare, read : str, optional
        Channels of the pi pulses before and after the wait.
    rabi_frequency : float, optional
        Hz; pulses are ideal without it.
    """
    wait = Free(duration=checks.non_negative("duration", duration, "s"))
    before, after = (
        ()
        if channel is None
        else (Pulse.rotation(FULL, rabi_frequency=rabi_frequency, channel=channel),)
        for channel in (prepare, read)
    )
    return Sequence((*before, wait, *after))
