"""Fourier transforms between amplitudes and sampled fields: the one place that picks.

Fields go as ``exp(-i omega t)``, so the way to time is a sum with that sign and the
way to frequency a mean with the other one. Amplitudes are those of a sum over the
grid's frequencies, and times are counted from the first sample.
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

__all__ = ["ComplexTransform", "RealTransform"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


class ComplexTransform:
    """Between envelopes and their amplitudes, over the last axis.

    Parameters
    ----------
    shape : tuple of int
        Of the arrays; the last entry is the number of samples.
    threads : int
        How many may work on one transform.
    """

    def __init__(self, shape: tuple[int, ...], threads: int = 1) -> None:
        self._threads = threads
        self.shape = shape

    def to_time_into(self, amplitudes: Complex, field: Complex) -> None:
        """Write ``sum_k a_k exp(-i Omega_k t_j)`` into ``field``."""
        field[...] = scipy.fft.fft(amplitudes, axis=-1, workers=self._threads)

    def to_frequency_into(self, field: Complex, amplitudes: Complex) -> None:
        """Write the amplitudes of ``field`` into ``amplitudes``."""
        amplitudes[...] = scipy.fft.ifft(field, axis=-1, workers=self._threads)


class RealTransform:
    """Between real fields and the amplitudes of their analytic signals.

    Parameters
    ----------
    shape : tuple of int
        Of the fields; the last entry is the number ``n`` of samples.
    n_frequencies : int
        How many amplitudes are kept, from frequency zero; at most ``n/2``.
    threads : int
        How many may work on one transform.
    """

    def __init__(
        self, shape: tuple[int, ...], n_frequencies: int, threads: int = 1
    ) -> None:
        self._threads = threads
        self.shape = shape
        self.n_frequencies = n_frequencies
        half = shape[-1] // 2 + 1
        self._padded = np.zeros((*shape[:-1], half), np.complex128)

    def to_time_into(self, amplitudes: Complex, field: Floats) -> None:
        """Write ``Re sum_k a_k exp(-i omega_k t_j)`` into ``field``."""
        n = self.shape[-1]
        np.conjugate(amplitudes, out=self._padded[..., : self.n_frequencies])
        field[...] = scipy.fft.irfft(
            self._padded, n, axis=-1, norm="forward", workers=self._threads
        )
        field *= 0.5

    def to_frequency_into(self, field: Floats, amplitudes: Complex) -> None:
        """Write the amplitudes of the analytic signal into ``amplitudes``."""
        found = scipy.fft.rfft(field, axis=-1, norm="forward", workers=self._threads)
        np.conjugate(found[..., : self.n_frequencies], out=amplitudes)
        amplitudes *= 2.0
