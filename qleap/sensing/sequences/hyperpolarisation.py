"""Transfer of polarisation from an electron to nuclei."""

import math

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.elements import Free, Pulse, Sequence

__all__ = ["pulsepol", "pulsepol_efficiency", "spin_lock"]

X, Y = 0.0, 0.5 * math.pi
_BLOCK = (
    (0.5 * math.pi, Y),
    (math.pi, X + math.pi),
    (0.5 * math.pi, Y),
    (0.5 * math.pi, X),
    (math.pi, Y),
    (0.5 * math.pi, X),
)


def pulsepol(
    block_duration: float,
    cycles: int,
    *,
    rabi_frequency: float | None = None,
    channel: str = "microwave",
) -> Sequence:
    r"""Return PulsePol, whose average Hamiltonian swaps electron and nucleus.

    One cycle is twice the block

    (pi/2)_Y - (pi)_-X - (pi/2)_Y (pi/2)_X - (pi)_Y - (pi/2)_X

    of the duration tau, with the pi pulses centred at a quarter and three quarters.
    It is resonant with a nucleus of Larmor frequency f (mean of both manifolds) at
    :math:`\tau = n / (2 f)` with n odd, where

    .. math:: H/h = \tfrac14 \alpha_n A_\perp (S_+ I_- + S_- I_+)

    (or the double-quantum form), so that a polarised electron gives its polarisation
    to the nucleus as :math:`\sin^2(\pi \alpha_n A_\perp t / 2)`; alpha is
    `pulsepol_efficiency`, largest at n = 3.

    Parameters
    ----------
    block_duration : float
        tau, s; half of a cycle, the pulses included.
    cycles : int
    rabi_frequency : float, optional
        Hz; pulses are ideal without it.
    channel : str

    Notes
    -----
    Schwartz et al., Sci. Adv. 4, eaat8978 (2018), arXiv:1710.01508.
    """
    tau = checks.positive("block_duration", block_duration, "s")
    pulses = [
        Pulse.rotation(
            angle, phase=phase, rabi_frequency=rabi_frequency, channel=channel
        )
        for angle, phase in _BLOCK
    ]
    gap = 0.25 * tau - pulses[0].duration - 0.5 * pulses[1].duration
    if gap < 0.0:
        raise InvalidValue(
            f"block_duration must leave room for the pulses, s, got {tau:g} with gaps "
            f"of {gap:.3g} s; raise the rabi_frequency or take a larger odd n."
        )
    free = Free(duration=gap)
    block = Sequence((
        pulses[0], free, pulses[1], free, pulses[2],
        pulses[3], free, pulses[4], free, pulses[5],
    ))  # fmt: skip
    return block * (2 * checks.count("cycles", cycles))


def pulsepol_efficiency(harmonic: int) -> float:
    r"""Return alpha of `pulsepol` at :math:`\tau = n / (2 f)`, n = ``harmonic``.

    .. math:: \alpha_n = \frac{8}{n \pi} \sin^2 \frac{n \pi}{8}, \quad n\ \text{odd}

    from the nth Fourier component of the toggling frame with ideal pulses: 0.373,
    0.725, 0.435 for n = 1, 3, 5. A spin lock has 1.
    """
    n = checks.count("harmonic", harmonic)
    if n % 2 == 0:
        raise InvalidValue(f"harmonic must be odd, got {n}.")
    return 8.0 / (n * math.pi) * math.sin(n * math.pi / 8.0) ** 2


def spin_lock(
    duration: float,
    lock_frequency: float,
    *,
    rabi_frequency: float | None = None,
    channel: str = "microwave",
) -> Sequence:
    r"""Return a spin lock between pi/2 pulses (NOVEL when matched to a nucleus).

    With ``lock_frequency`` at the Larmor frequency of a nucleus (mean of both
    manifolds; Hartmann-Hahn condition) the lock transfers polarisation as
    :math:`\sin^2(\pi A_\perp t / 2)`.

    Parameters
    ----------
    duration : float
        Of the lock, s.
    lock_frequency : float
        Rabi frequency of the lock, Hz.
    rabi_frequency : float, optional
        Of the pi/2 pulses, Hz; they are ideal without it.
    channel : str

    Notes
    -----
    Henstra et al., J. Magn. Reson. 77, 389 (1988).
    """
    before, after = (
        Pulse.rotation(
            0.5 * math.pi, phase=phase, rabi_frequency=rabi_frequency, channel=channel
        )
        for phase in (Y, -Y)
    )
    length = checks.non_negative("duration", duration, "s")
    if length == 0.0:
        return Sequence((before, after))
    lock = Pulse(
        duration=length,
        rabi_frequency=checks.positive("lock_frequency", lock_frequency, "Hz"),
        phase=X,
        channel=channel,
    )
    return Sequence((before, lock, after))
