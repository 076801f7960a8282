"""The nonlinear part of the generalised nonlinear Schroedinger equation in NumPy."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def respond_into(
    response: Floats,
    roots: Floats,  # noqa: ARG001
    tables: Floats,  # noqa: ARG001
    packed: Floats,
    work: Floats,  # noqa: ARG001
) -> None:
    """Convolve a real signal with the medium's response, on the periodic grid."""
    half = response.shape[1] - 1
    signal = packed[:, :half].T.ravel()
    # numpy's real transform has exp(-i); ours has exp(+i): conjugate both ways.
    spectrum = np.conj(np.fft.rfft(signal))
    spectrum = spectrum * (response[0] + 1j * response[1]) * 4 * half
    packed[:, :half] = np.fft.irfft(np.conj(spectrum), signal.size).reshape(-1, 2).T


def nonlinear_into(
    amplitudes: Complex,
    coefficient: Floats,
    response: Floats,
    roots: Floats,
    tables: Floats,  # noqa: ARG001
    half_tables: Floats,
    work: Floats,
    packed: Floats,
    field: Floats,  # noqa: ARG001
    out: Complex,
) -> None:
    """Write ``i gamma (1 + Omega/omega0) F[A (R * |A|^2)]`` into ``out``."""
    envelope = np.fft.fft(amplitudes)
    power = np.abs(envelope) ** 2
    if response.shape[1] > 0:
        packed[:, : power.size // 2] = power.reshape(-1, 2).T
        respond_into(response, roots, half_tables, packed, work)
        power = packed[:, : power.size // 2].T.ravel()
    out[:] = 1j * coefficient * np.fft.ifft(envelope * power) * envelope.size
