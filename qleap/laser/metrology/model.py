"""A scheme on a grid: from a pulse's spectrum to its trace, and back by derivatives."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned_array, aligned_copy
from qleap.laser.grid import Grid
from qleap.laser.metrology.schemes import HARMONICS, Scheme

__all__ = ["TraceModel", "as_amplitudes", "as_pairs"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

PROCESSES: Final = tuple(HARMONICS)


class TraceModel:
    """Traces of spectra on a grid, frequencies in FFT order.

    Parameters
    ----------
    scheme : Scheme
    grid : Grid
        Of the pulse; the trace has the same detunings about its own carrier.
    values : ndarray, shape (rows,)
        Of the scheme's parameter.

    Notes
    -----
    Spectra are amplitudes in pairs, ``(2, n)``: ``E(t_j) = sum_k S_k exp(-i Omega_k
    t_j)``. One object serves one thread at a time; `for_another_thread` shares the
    masks.
    """

    def __init__(self, scheme: Scheme, grid: Grid, values: Floats) -> None:
        from qleap.laser._reference.fft import tables

        self._process = PROCESSES.index(scheme.nonlinearity)
        self._collinear = bool(scheme.collinear)
        self.shape = (values.size, grid.n_points)
        self._masks = as_pairs(scheme.masks(grid, values))
        self._tables = aligned_copy(tables(grid.n_points))
        self._allocate()

    def _allocate(self) -> None:
        rows, n = self.shape
        self._fields = aligned_array((rows, 2, n))
        self._signals = aligned_array((rows, 2, n))
        self._room = aligned_array((14, n))
        self._total = aligned_array((2, n))

    def for_another_thread(self) -> "TraceModel":
        """Return a model of the same scheme with memory of its own."""
        made = object.__new__(TraceModel)
        made.__dict__.update(self.__dict__)
        made._allocate()
        return made

    def intensity(self, spectrum: Floats) -> Floats:
        """Return the trace of a spectrum, ``(rows, n)``."""
        from qleap.laser._kernels import traces

        traces.signals_into(
            self._process, self._collinear, self._tables, self._masks, spectrum,
            self._fields, self._signals, self._room[:4],
        )  # fmt: skip
        parts = self._signals
        return np.asarray(parts[:, 0] ** 2 + parts[:, 1] ** 2)

    def cost(
        self, spectrum: Floats, measured: Floats, weights: Floats
    ) -> tuple[float, Floats]:
        """Return ``sum w (T - T')^2`` and its gradient with respect to the pairs."""
        from qleap.laser._kernels import traces

        off = self.intensity(spectrum) - measured
        factors = weights * off
        value = float(np.sum(factors * off))
        factors *= 4.0
        traces.gradient_into(
            self._process, self._collinear, self._tables, self._masks, factors,
            self._fields, self._signals, self._room[:10], self._total,
        )  # fmt: skip
        return value, self._total.copy()

    def local_pass(
        self,
        spectrum: Floats,
        roots: Floats,
        largest: float,
        rng: np.random.Generator,
    ) -> tuple[Floats, float]:
        """Improve ``spectrum`` in place, row after row in a random order.

        Returns
        -------
        trace : ndarray, shape (rows, n)
            Rows as they were met.
        largest : float
            Largest squared gradient, for the next pass.
        """
        from qleap.laser._kernels import traces

        trace = np.empty(self.shape)
        order = rng.permutation(self.shape[0])
        largest = traces.local_pass_into(
            self._process, self._collinear, self._tables, self._masks, order, roots,
            spectrum, trace, largest, self._room,
        )  # fmt: skip
        return trace, largest


def as_pairs(values: Complex) -> Floats:
    """Return complex rows as rows of real and of imaginary parts, ``(..., 2, n)``."""
    made = aligned_array((*values.shape[:-1], 2, values.shape[-1]))
    made[..., 0, :], made[..., 1, :] = values.real, values.imag
    return made


def as_amplitudes(envelope: Complex) -> Complex:
    """Return the amplitudes of an envelope on its times, in FFT order."""
    return np.asarray(np.fft.ifft(np.fft.ifftshift(envelope)))
