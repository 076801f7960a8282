"""Generalised projections of second-harmonic FROG in NumPy, with all delays."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NOTHING = 1e-300


def retrieve_into(
    tables: Floats,  # noqa: ARG001
    wanted: Floats,
    pulse: Floats,
    errors: Floats,
    room: Floats,  # noqa: ARG001
) -> None:
    """Do ``errors.size`` iterations on ``pulse`` and write the error before each."""
    n = pulse.shape[1]
    field = pulse[0] + 1j * pulse[1]
    delays = np.arange(n)
    late = (delays[None, :] - delays[:, None]) % n
    measured = np.concatenate([wanted, wanted[n // 2 - 1 : 0 : -1]])
    for step in range(errors.size):
        gate = field[late]
        spectrum = np.fft.ifft(field * gate) * n
        trace = np.abs(spectrum) ** 2
        cross, square = np.sum(measured**2 * trace), np.sum(trace**2)
        errors[step] = max(1.0 - cross**2 / (square * np.sum(measured**4)), 0.0)
        projected = np.fft.fft(measured * spectrum / np.sqrt(trace + NOTHING))
        field = np.sum(projected * gate.conj(), axis=0)
        field /= np.linalg.norm(field)
    pulse[0], pulse[1] = field.real, field.imag
