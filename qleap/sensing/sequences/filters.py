"""Filter functions of sequences, and coherence in noise."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.sensing.sequences.elements import Sequence
from qleap.sensing.sequences.noise import NoiseSpectrum
from qleap.sensing.sequences.toggling import toggling_frame

__all__ = ["coherence", "dephasing", "filter_function"]


def filter_function(
    sequence: Sequence, frequency: ArrayLike, *, channel: str = "microwave"
) -> NDArray[np.float64]:
    r"""Return how strongly noise of each frequency dephases a spin, ``(n,)``, s^2.

    .. math:: |Y(f)|^2 = \Big|\int r_\perp(t)\,e^{2\pi i f t}\,dt\Big|^2

    with r the axis of `toggling_frame` and only its parts across z, the axis of the
    beginning. For ideal pulses r is the sign function y(t), and
    :math:`F(\omega t) = \omega^2 |Y|^2 / 2` is the filter function of Cywinski et
    al.; for finite, shaped or wrong pulses it is the first-order filter function of
    Green et al. for dephasing and this initial state.

    Parameters
    ----------
    sequence : Sequence
    frequency : array_like, shape (n,)
        Hz.
    channel : str
        Drive of the spin; pulses on others count as waiting.

    Notes
    -----
    Cywinski et al., Phys. Rev. B 77, 174509 (2008); Green et al., New J. Phys. 15,
    095004 (2013).
    """
    frame = toggling_frame(sequence, channel=channel)
    parts = frame.transform(checks.vector("frequency", frequency, "Hz"))[:2]
    return np.asarray(np.sum(np.abs(parts) ** 2, axis=0))


def dephasing(
    sequence: Sequence, noise: NoiseSpectrum, *, channel: str = "microwave"
) -> float:
    r"""Return chi of a sequence in Gaussian noise.

    .. math:: \chi = 2 \pi^2 \int_{-\infty}^{\infty} S(f)\,|Y(f)|^2\,df

    With ideal pulses it is exact; with others it is the first order.
    """
    return noise.dephasing(toggling_frame(sequence, channel=channel))


def coherence(
    sequence: Sequence, noise: NoiseSpectrum, *, channel: str = "microwave"
) -> float:
    r"""Return :math:`W = e^{-\chi}`: the contrast that noise leaves of a sequence.

    The probability of the noiseless final state is (1 + W) / 2.
    """
    return float(np.exp(-dephasing(sequence, noise, channel=channel)))
