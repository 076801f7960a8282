"""Fourier transforms between amplitudes and sampled fields: the one place that picks.

Fields go as ``exp(-i omega t)``, so the way to time is a sum with that sign and the
way to frequency a mean with the other one. Amplitudes are those of a sum over the
grid's frequencies, and times are counted from the first sample.

The choice is fixed: our own kernel for all shapes, one row after the other, rows spread
over threads where there are several. Against FFTW and SciPy on the sizes of our grids
(2^9 to 2^16) nothing was faster (docs/laser/propagation.md), and bits depend neither on
the number of threads nor on what was measured at run time.
"""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.buffers import aligned_array, aligned_copy
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ComplexTransform", "RealTransform"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

SMALLEST = 64
"""Fewest samples of a real row."""

WORTH_SHARING = 1 << 15
"""Samples in all rows below which one thread is faster than several."""


class ComplexTransform:
    """Between envelopes and their amplitudes, over the last axis.

    Parameters
    ----------
    shape : tuple of int
        Of the arrays; the last entry is the number of samples, a power of two.
    threads : int
        How many may work on the rows.

    Notes
    -----
    Arrays are C-contiguous. One object serves one caller at a time.
    """

    def __init__(self, shape: tuple[int, ...], threads: int = 1) -> None:
        from qleap.laser._kernels import rows
        from qleap.laser._reference.fft import tables

        n = _power_of_two(shape[-1], 2)
        self.shape = shape
        self._tables = aligned_copy(tables(n))
        parts = _parts(shape, threads)
        self._room = aligned_array((parts, 4 * n))
        kernel = rows.rows_into if parts == 1 else rows.shared_rows_into
        self._rows_into: Callable[..., None] = kernel

    def to_time_into(self, amplitudes: Complex, field: Complex) -> None:
        """Write ``sum_k a_k exp(-i Omega_k t_j)`` into ``field``."""
        x, y = _pairs(amplitudes), _pairs(field)
        self._rows_into(self._tables, False, 1.0, x, y, self._room)

    def to_frequency_into(self, field: Complex, amplitudes: Complex) -> None:
        """Write the amplitudes of ``field`` into ``amplitudes``."""
        x, y = _pairs(field), _pairs(amplitudes)
        self._rows_into(self._tables, True, 1.0 / self.shape[-1], x, y, self._room)


class RealTransform:
    """Between real fields and the amplitudes of their analytic signals.

    Parameters
    ----------
    shape : tuple of int
        Of the fields; the last entry is the number ``n`` of samples, a power of two
        of at least 64.
    n_frequencies : int
        How many amplitudes are kept, from frequency zero; at most ``n/2``.
    threads : int
        How many may work on the rows.

    Attributes
    ----------
    tables, roots : ndarray
        Factors, for kernels that transform rows on their own.

    Notes
    -----
    Arrays are C-contiguous. One object serves one caller at a time.
    """

    def __init__(
        self, shape: tuple[int, ...], n_frequencies: int, threads: int = 1
    ) -> None:
        from qleap.laser._kernels import rows
        from qleap.laser._reference.fft import roots, tables

        n = _power_of_two(shape[-1], SMALLEST)
        self.shape = shape
        self.n_frequencies = checks.count("n_frequencies", n_frequencies, 1, n // 2)
        self.tables = aligned_copy(tables(n // 2))
        self.roots = aligned_copy(roots(n))
        parts = _parts(shape, threads)
        self._room = aligned_array((parts, 2 * n + 16))
        shared = parts > 1
        self._to_time: Callable[..., None] = (
            rows.shared_real_to_time_into if shared else rows.real_to_time_into
        )
        self._to_frequency: Callable[..., None] = (
            rows.shared_real_to_frequency_into
            if shared
            else rows.real_to_frequency_into
        )

    def to_time_into(self, amplitudes: Complex, field: Floats) -> None:
        """Write ``Re sum_k a_k exp(-i omega_k t_j)`` into ``field``.

        Of frequency zero half is taken, as `to_frequency_into` gives it twice.
        """
        y = field.reshape(-1, self.shape[-1])
        self._to_time(self.tables, self.roots, _pairs(amplitudes), y, self._room)

    def to_frequency_into(self, field: Floats, amplitudes: Complex) -> None:
        """Write the amplitudes of the analytic signal into ``amplitudes``."""
        x = field.reshape(-1, self.shape[-1])
        self._to_frequency(self.tables, self.roots, x, _pairs(amplitudes), self._room)


def _power_of_two(n: int, least: int) -> int:
    if n < least or n & (n - 1):
        raise InvalidValue(
            f"the number of samples must be a power of two >= {least}, got {n}."
        )
    return n


def _parts(shape: tuple[int, ...], threads: int) -> int:
    """Return over how many threads the rows are spread."""
    rows = math.prod(shape[:-1])
    return 1 if math.prod(shape) < WORTH_SHARING else max(min(threads, rows), 1)


def _pairs(values: Complex) -> Floats:
    """Return rows of complex numbers as rows of pairs of numbers."""
    return values.view(np.float64).reshape(-1, 2 * values.shape[-1])
