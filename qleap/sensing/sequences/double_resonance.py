"""Two drives at once: electron-electron (DEER) and electron-nuclear (ENDOR)."""

import math

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.elements import Free, Pulse, Sequence

__all__ = ["davies_endor", "deer", "mims_endor", "peldor"]

HALF, FULL = 0.5 * math.pi, math.pi


def deer(
    duration: float,
    *,
    pump_delay: float = 0.0,
    rabi_frequency: float | None = None,
    pump_rabi_frequency: float | None = None,
    pump_angle: float = FULL,
    pump_detuning: float = 0.0,
    final_phase: float = 0.0,
    channel: str = "microwave",
    pump: str = "pump",
) -> Sequence:
    r"""Return three-pulse DEER: an echo with a pulse on other spins in its second half.

    With ideal pulses the echo of a spin coupled by
    :math:`d\,S_z I_z` to a spin 1/2 is
    :math:`\cos[\pi d\,(T - 2 t_p)]`, T being ``duration`` and t_p ``pump_delay``
    (S_z changes by one in the driven transition).

    Parameters
    ----------
    duration : float
        Between the pi/2 pulses, s; the pi pulse of the sensor is centred.
    pump_delay : float
        From the end of that pi pulse to the beginning of the pump pulse, s.
    rabi_frequency, pump_rabi_frequency : float, optional
        Hz; pulses are ideal without it.
    pump_angle : float
        rad; zero gives the reference echo.
    pump_detuning : float
        Of the pump pulse from its carrier, Hz.
    final_phase : float
        0 ends, without the pump, in the level of the beginning.
    channel, pump : str
        Drives of the sensor and of the other spins.

    Notes
    -----
    Protocol in diamond: Mamin, Sherwood and Rugar, Phys. Rev. B 86, 195422 (2012).
    """
    total = checks.positive("duration", duration, "s")
    half, full, last = _echo_pulses(rabi_frequency, final_phase, channel)
    pulse = _pump(pump_angle, pump_rabi_frequency, pump_detuning, pump)
    arm = 0.5 * (total - full.duration)
    return Sequence((
        half,
        _gap("duration", arm),
        full,
        Free(duration=checks.non_negative("pump_delay", pump_delay, "s")),
        pulse,
        _gap("pump_delay", arm - pump_delay - pulse.duration),
        last,
    ))  # fmt: skip


def peldor(
    first: float,
    second: float,
    pump_delay: float,
    *,
    rabi_frequency: float | None = None,
    pump_rabi_frequency: float | None = None,
    pump_detuning: float = 0.0,
    final_phase: float = 0.0,
    channel: str = "microwave",
    pump: str = "pump",
) -> Sequence:
    r"""Return four-pulse DEER without dead time: Pannier et al. 2000.

    pi/2 - first - pi - (first + second) - pi - second - pi/2, the pump pulse lying
    ``first + pump_delay`` after the first pi pulse. With ideal pulses the refocused
    echo is :math:`\cos(2\pi d\,t)` with t = ``pump_delay`` for the coupling
    :math:`d\,S_z I_z`.

    Parameters
    ----------
    first, second : float
        s; between the centres of the pulses.
    pump_delay : float
        s, between minus ``first`` and ``second``; zero has no effect of the coupling.
    rabi_frequency, pump_rabi_frequency, pump_detuning, final_phase, channel, pump
        As of `deer`; a ``final_phase`` of pi ends in the level of the beginning.

    Notes
    -----
    Pannier et al., J. Magn. Reson. 142, 331 (2000).
    """
    half, full, last = _echo_pulses(rabi_frequency, final_phase, channel)
    pulse = _pump(FULL, pump_rabi_frequency, pump_detuning, pump)
    short, long = 0.5 * (half.duration + full.duration), full.duration
    before = first + pump_delay - 0.5 * (long + pulse.duration)
    after = second - pump_delay - 0.5 * (long + pulse.duration)
    return Sequence((
        half,
        _gap("first", first - short),
        full,
        _gap("pump_delay", before),
        pulse,
        _gap("pump_delay", after),
        full,
        _gap("second", second - short),
        last,
    ))  # fmt: skip


def mims_endor(
    delay: float,
    radio_detuning: float,
    *,
    radio_rabi_frequency: float,
    radio_angle: float = FULL,
    rabi_frequency: float | None = None,
    final_phase: float = 0.0,
    channel: str = "microwave",
    radio: str = "radio",
) -> Sequence:
    r"""Return Mims ENDOR: a stimulated echo with a radio pulse in its long gap.

    pi/2 - delay - pi/2 - radio pulse - pi/2 - delay - pi/2. Averaged over detunings
    wider than 1/tau, the stimulated echo is one half (in the scale of `difference`);
    a nucleus coupled by :math:`A\,S_z I_z` and flipped in one of the two levels
    takes :math:`[1 - \cos(2\pi A\,\tau)]/4` off it, with blind spots at
    :math:`A\tau` = 0, 1, 2, ... (tau is ``delay``).

    Parameters
    ----------
    delay : float
        s, between pulses.
    radio_detuning : float
        Frequency of the radio pulse minus its carrier, Hz.
    radio_rabi_frequency : float
        Hz.
    radio_angle : float
        rad.
    rabi_frequency : float, optional
        Of the electron pulses, Hz; they are ideal without it.
    final_phase : float
        rad.
    channel, radio : str

    Notes
    -----
    Mims, Proc. R. Soc. A 283, 452 (1965).
    """
    half, _, last = _echo_pulses(rabi_frequency, final_phase, channel)
    gap = Free(duration=checks.positive("delay", delay, "s"))
    pulse = _pump(radio_angle, radio_rabi_frequency, radio_detuning, radio)
    return Sequence((half, gap, half, pulse, half, gap, last))


def davies_endor(
    delay: float,
    radio_detuning: float,
    *,
    radio_rabi_frequency: float,
    rabi_frequency: float,
    radio_angle: float = FULL,
    final_phase: float = 0.0,
    channel: str = "microwave",
    radio: str = "radio",
) -> Sequence:
    """Return Davies ENDOR: selective inversion, a radio pulse, and an echo.

    All electron pulses are weaker than the hyperfine coupling: the first inverts one
    of its lines, a radio pulse that flips the nucleus fills the hole, and the echo
    sees the same line alone.

    Parameters
    ----------
    delay : float
        s, from the pi/2 pulse to the pi pulse of the echo and after it.
    radio_detuning : float
        Frequency of the radio pulse minus its carrier, Hz.
    radio_rabi_frequency : float
        Hz.
    rabi_frequency : float
        Of all electron pulses, Hz; below the hyperfine coupling.
    radio_angle : float
        rad.
    final_phase : float
        rad.
    channel, radio : str

    Notes
    -----
    Davies, Phys. Lett. A 47, 1 (1974).
    """
    half, full, last = _echo_pulses(rabi_frequency, final_phase, channel)
    gap = Free(duration=checks.positive("delay", delay, "s"))
    pulse = _pump(radio_angle, radio_rabi_frequency, radio_detuning, radio)
    return Sequence((full, pulse, half, gap, full, gap, last))


def _echo_pulses(
    rabi_frequency: float | None, final_phase: float, channel: str
) -> tuple[Pulse, Pulse, Pulse]:
    half, full, last = (
        Pulse.rotation(
            angle, phase=phase, rabi_frequency=rabi_frequency, channel=channel
        )
        for angle, phase in ((HALF, 0.0), (FULL, 0.0), (HALF, final_phase))
    )
    return half, full, last


def _pump(
    angle: float, rabi_frequency: float | None, detuning: float, channel: str
) -> Pulse:
    return Pulse.rotation(
        angle, rabi_frequency=rabi_frequency, detuning=detuning, channel=channel
    )


def _gap(name: str, duration: float) -> Free:
    if duration < -1e-15:
        raise InvalidValue(
            f"{name} must leave room for the pulses, s, got a gap of {duration:.3g} s; "
            "use longer delays or higher Rabi frequencies."
        )
    return Free(duration=max(duration, 0.0))
