"""Signals that outlast one sensing block."""

from qleap.sensing.sequences.elements import Free, Sequence

__all__ = ["correlation_spectroscopy"]


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
