"""Rotating and vibrating molecules: they remember the field's square."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["DelayedResponse"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Field = NDArray[np.float64] | NDArray[np.complex128]
Line = Sequence[float] | Floats
Lines = tuple[Line, Line, Line]


class DelayedResponse:
    """``P = E (h * E^2)`` with ``h = sum K sin(omega t) exp(-g t)``.

    Parameters
    ----------
    lines : callable
        From a position in m to frequencies (rad/s), strengths ``K`` and decay rates
        ``g`` (1/s), such as `qleap.laser.media.GasRaman.lines` has them.
    step : float
        Between samples, s.
    shape : (int, int)
        Transverse points and samples.

    Notes
    -----
    Molecules go on ringing long after the time window has ended, and must not meet the
    pulse again: the window is doubled by zeros and ``h`` ends with it, both exactly.
    Of an envelope the cycle average ``|E|^2/2`` takes the square's place.
    """

    conducts = False

    def __init__(
        self, lines: Callable[[float], Lines], step: float, shape: tuple[int, int]
    ) -> None:
        from qleap.laser._kernels.responses import product_into

        self._lines = lines
        self._product_into: Callable[..., None] = product_into
        self._window = step * shape[1]
        self._padded = np.zeros((shape[0], 2 * shape[1]))
        self._known: tuple[Lines, Complex] | None = None

    def add_into(
        self,
        position: float,
        field: Field,
        polarisation: Field,
        current: Field,  # noqa: ARG002
    ) -> None:
        """Add the polarisation."""
        import scipy.fft

        n = field.shape[1]
        if np.iscomplexobj(field):
            self._padded[:, :n] = 0.5 * (field.real**2 + field.imag**2)
        else:
            np.square(field, out=self._padded[:, :n])
        spectrum = scipy.fft.rfft(self._padded, axis=1)
        spectrum *= self._response(position)
        memory = scipy.fft.irfft(spectrum, 2 * n, axis=1)[:, :n]
        if np.iscomplexobj(field):
            polarisation += memory * field
        else:
            self._product_into(field, np.ascontiguousarray(memory), polarisation)

    def _response(self, position: float) -> Complex:
        """Return the transform of ``h`` up to the window's length, for `rfft`."""
        lines = self._lines(position)
        if self._known is None or not _same(self._known[0], lines):
            # `rfft` sums with exp(-i Omega t): the conjugate of our transforms.
            n = self._padded.shape[1]
            omega = np.pi / self._window * np.arange(n // 2 + 1, dtype=np.float64)
            found = np.conj(_ended_transform(lines, omega, self._window))
            self._known = (lines, found)
        return self._known[1]


def _same(first: Lines, second: Lines) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def _ended_transform(lines: Lines, omega: Floats, end: float) -> Complex:
    """Return ``int_0^end h exp(+i Omega t) dt``."""
    total = np.zeros(omega.shape, np.complex128)
    for frequency, strength, decay in zip(*lines, strict=True):
        for sign in (1.0, -1.0):
            rate = 1j * (omega + sign * frequency) - decay
            total += sign * strength / 2j * np.expm1(rate * end) / rate
    return total
