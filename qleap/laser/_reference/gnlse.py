"""The nonlinear part of the generalised nonlinear Schroedinger equation in NumPy."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def twiddles(n: int) -> Floats:
    """Return cos and sin of the first three powers for each radix-4 pass."""
    parts = []
    length = n
    while length >= 4:
        angle = -2.0 * np.pi * np.arange(length // 4) / length
        for power in (1, 2, 3):
            parts += [np.cos(power * angle), np.sin(power * angle)]
        length //= 4
    return np.concatenate(parts) if parts else np.empty(0)


def tables(n: int) -> Floats:
    """Return what the kernels look up: sizes and twiddles for n and n/2 points."""
    angle = 2.0 * np.pi * np.arange(n // 4 + 1) / n
    whole = twiddles(n)
    wave = [np.cos(angle), np.sin(angle)]
    return np.concatenate([[float(whole.size)], whole, twiddles(n // 2), *wave])


def transform_into(tables: Floats, sign: float, work: Floats, data: Floats) -> None:  # noqa: ARG001
    """Replace ``data`` by its unnormalised Fourier sum with ``exp(-sign 2 pi i)``."""
    x = data[0] + 1j * data[1]
    y = np.fft.fft(x) if sign > 0.0 else np.fft.ifft(x) * x.size
    data[0], data[1] = y.real, y.imag


def respond_into(
    response: Floats,
    tables: Floats,  # noqa: ARG001
    work: Floats,  # noqa: ARG001
    packed: Floats,
) -> None:
    """Convolve a real signal with the medium's response, on the periodic grid."""
    signal = packed.T.ravel()
    # numpy's real transform has exp(-i); ours has exp(+i): conjugate both ways.
    spectrum = np.conj(np.fft.rfft(signal))
    spectrum = spectrum * (response[0] + 1j * response[1]) * packed.shape[1]
    packed[:] = np.fft.irfft(np.conj(spectrum), signal.size).reshape(-1, 2).T


def nonlinear_into(
    amplitudes: Complex,
    coefficient: Floats,
    response: Floats,
    tables: Floats,
    work: Floats,  # noqa: ARG001
    packed: Floats,
    field: Floats,
    out: Complex,
) -> None:
    """Write ``i gamma (1 + Omega/omega0) F[A (R * |A|^2)]`` into ``out``."""
    envelope = np.fft.fft(amplitudes)
    power = np.abs(envelope) ** 2
    if response.shape[1] > 0:
        packed[:] = power.reshape(-1, 2).T
        respond_into(response, tables, field, packed)
        power = packed.T.ravel()
    out[:] = 1j * coefficient * np.fft.ifft(envelope * power) * envelope.size
