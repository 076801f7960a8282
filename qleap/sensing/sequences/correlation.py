"""Signals that outlast one sensing block: correlation and synchronised readout."""

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sequences.elements import Free, Sequence
from qleap.sensing.sequences.response import phase_response

__all__ = ["alias_frequency", "correlation_spectroscopy", "synchronised_readouts"]


def correlation_spectroscopy(block: Sequence, wait: float) -> Sequence:
    r"""Return two sensing blocks with free time between them.

    Each block ends with its last pi/2 pulse a quarter turn from the first
    (``final_phase=pi/2``) and leaves the sine of the phase it has gathered as a
    population. For a signal of random phase, small effect and frequency f, the
    population varies as :math:`\cos[2\pi f (T + t)]` with T the duration of a block
    and t the ``wait``, once the coherence left by the first block has decayed (or
    the mean is taken with all phases of the second block turned by pi): Laraoui et
    al., Nat. Commun. 4, 1651 (2013).

    Parameters
    ----------
    block : Sequence
        For example ``xy8(spacing, final_phase=pi / 2)``.
    wait : float
        s, between the blocks.
    """
    return block + Sequence((Free(duration=wait),)) + block


def synchronised_readouts(
    block: Sequence,
    period: float,
    readouts: int,
    *,
    frequency: float,
    amplitude: float,
    phase: float = 0.0,
    channel: str = "microwave",
) -> NDArray[np.float64]:
    r"""Return what coherently averaged synchronised readout (CASR) sees, ``(n,)``.

    Every ``period`` the spin is prepared, senses in ``block``, which ends with its
    last pi/2 pulse a quarter turn from the first, and is read out. With the detuning
    :math:`a \cos(2\pi f t + \theta)` the nth value is the signed sine of the
    phase gathered, :math:`\sin\{a\,\mathrm{Re}[R(f) e^{i\theta + 2\pi i f n T}]\}`
    with R of `phase_response`: the series oscillates at `alias_frequency`. It is
    exact for ideal pulses, and to first order in the phase for others.

    Parameters
    ----------
    block : Sequence
        For example ``xy8(spacing, 4, final_phase=pi / 2)``.
    period : float
        s, from one block to the next; not shorter than the block.
    readouts : int
    frequency : float
        Of the signal, Hz.
    amplitude : float
        a: of the shift of the transition, Hz (28.03 GHz/T times the field along the
        axis of an NV centre).
    phase : float
        theta at the beginning of the first block, rad.
    channel : str
        Drive of the sensor.

    Notes
    -----
    Glenn et al., Nature 555, 351 (2018).
    """
    step = checks.positive("period", period, "s")
    if step < block.duration * (1.0 - 1e-12):
        raise InvalidValue(
            f"period must be at least the duration of the block, {block.duration:g} "
            f"s, got {step:g} s."
        )
    number = np.arange(checks.count("readouts", readouts))
    signal = checks.finite("frequency", frequency, "Hz")
    response = phase_response(block, [signal], channel=channel)[0]
    turn = np.exp(1j * (phase + 2.0 * np.pi * ((signal * step * number) % 1.0)))
    gathered = checks.finite("amplitude", amplitude, "Hz") * (turn * response).real
    return np.asarray(np.sin(gathered))


def alias_frequency(frequency: float, period: float) -> float:
    """Return where a signal appears in readouts every ``period``, s; signed, Hz.

    It lies between minus and plus half of the readout rate.
    """
    turns = checks.finite("frequency", frequency, "Hz") * checks.positive(
        "period", period, "s"
    )
    return (turns - round(turns)) / period
