"""Sequences on the two transitions of a spin one, and what cancels in them."""

import math

from qleap.core import checks
from qleap.sensing.sequences.elements import Free, Pulse, Repeat, Sequence

__all__ = ["bright_echo", "double_quantum", "thermal_echo"]


def thermal_echo(
    time: float,
    *,
    swaps: int = 1,
    phase: float = 0.0,
    rabi_frequency: float | None = None,
) -> Sequence:
    r"""Return the thermal echo, which sees D and no slow magnetic field.

    For spins of `spin_one_channels`. The superposition of m = 0 with one of the other
    levels is moved to the other one in the middle of every ``time / swaps``: three pi
    pulses, minus, plus, minus, exchange the two and leave m = 0. The field along the
    axis cancels, and the phase is :math:`2\pi\,\delta D\,t`.

    Parameters
    ----------
    time : float
        Free evolution altogether, s.
    swaps : int
        1 is the thermal echo, more are thermal CPMG.
    phase : float
        Of the last pulse, rad. The readout is
        :math:`\tfrac12[1 - \cos(2\pi\delta D\,t - \varphi)]` with ideal pulses.
    rabi_frequency : float, optional
        Of all pulses, Hz; they are ideal without it.

    References
    ----------
    Toyli et al., Proc. Natl. Acad. Sci. 110, 8417 (2013). The D-Ramsey sequence of
    Neumann et al., Nano Lett. 13, 2738 (2013), has the same purpose; its pulses could
    not be compared.
    """
    checks.non_negative("time", time, "s")
    checks.count("swaps", swaps)
    last = "plus" if swaps % 2 else "minus"
    return Sequence((
        _turn(0.5, "minus", rabi_frequency),
        _swapped(time, swaps, rabi_frequency),
        _turn(0.5, last, rabi_frequency, phase),
    ))  # fmt: skip


def bright_echo(
    time: float, *, phase: float = 0.0, rabi_frequency: float | None = None
) -> Sequence:
    r"""Return the echo between m = 0 and the bright state, which sees D alone.

    One microwave (or two in phase) drives both transitions of `spin_one_channels`. A
    2 pi pulse changes the sign of the bright state :math:`(|-1\rangle+|+1\rangle)
    /\sqrt2`, which exchanges the two levels: the field along the axis cancels, and
    the phase is :math:`2\pi\,\delta D\,t` as in `thermal_echo`.

    Parameters
    ----------
    time, phase, rabi_frequency
        As in `thermal_echo`; the last is that of the bright transition.

    References
    ----------
    Kucsko et al., Nature 500, 54 (2013); the pulses are derived here.
    """
    checks.non_negative("time", time, "s")
    wait = Free(duration=0.5 * time)
    return Sequence((
        _turn(0.5, "both", rabi_frequency),
        wait,
        _turn(2.0, "both", rabi_frequency),
        wait,
        _turn(0.5, "both", rabi_frequency, phase),
    ))  # fmt: skip


def double_quantum(
    time: float,
    *,
    swaps: int = 0,
    phase: float = 0.0,
    rabi_frequency: float | None = None,
) -> Sequence:
    r"""Return Ramsey (no swap), echo (one) or CPMG between the upper two levels.

    For spins of `spin_one_channels`. The phase is :math:`2\pi\int y\,(f_+ - f_-)dt`
    from the carriers: D and with it the temperature cancel. In a field along the axis
    it counts that field twice; in one across the axis it is an electrometer, see
    `electric_slopes`.

    Parameters
    ----------
    time : float
        Free evolution altogether, s.
    swaps : int
        Exchanges of the two levels, which turn the sign y.
    phase : float
        Of the last pulse, rad. The readout is
        :math:`\tfrac12[1 + \cos(\phi + \varphi)]` for a phase :math:`\phi` without
        swaps.
    rabi_frequency : float, optional
        Of all pulses, Hz; they are ideal without it.
    """
    checks.non_negative("time", time, "s")
    checks.count("swaps", swaps, 0)
    middle = (_swapped(time, swaps, rabi_frequency) if swaps else Free(duration=time),)
    return Sequence((
        _turn(0.5, "minus", rabi_frequency),
        _turn(1.0, "plus", rabi_frequency),
        *middle,
        _turn(1.0, "plus", rabi_frequency),
        _turn(0.5, "minus", rabi_frequency, phase),
    ))  # fmt: skip


def _turn(
    half_turns: float, channel: str, rabi_frequency: float | None, phase: float = 0.0
) -> Pulse:
    return Pulse.rotation(
        half_turns * math.pi,
        phase=phase,
        rabi_frequency=rabi_frequency,
        channel=channel,
    )


def _swapped(time: float, swaps: int, rabi_frequency: float | None) -> Repeat:
    """Wait with evenly spaced exchanges of the upper two levels, up to a sign."""
    wait = Free(duration=0.5 * time / swaps)
    swap = [_turn(1.0, channel, rabi_frequency) for channel in ("minus", "plus")]
    return Repeat(block=(wait, *swap, swap[0], wait), times=swaps)
