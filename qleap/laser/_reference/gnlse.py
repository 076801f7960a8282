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


def step_into(
    factor: Complex,
    state: Complex,
    first: Complex,
    step: float,
    weights: Floats,
    coefficient: Floats,
    response: Floats,
    roots: Floats,
    tables: Floats,
    half_tables: Floats,
    work: Floats,
    packed: Floats,
    field: Floats,
    sums: Floats,  # noqa: ARG001
    total: Complex,
    last: Complex,
) -> tuple[float, float]:
    """Do a whole step of ERK4(3)-IP, and return its two squared norms."""
    rest = (coefficient, response, roots, tables, half_tables, work, packed, field)
    second, third, fourth = (np.empty_like(state) for _ in range(3))
    centre, rise = factor * state, factor * first
    nonlinear_into(centre + step / 2.0 * rise, *rest, second)
    nonlinear_into(centre + step / 2.0 * second, *rest, third)
    nonlinear_into(factor * (centre + step * third), *rest, fourth)
    inner = centre + step / 6.0 * (rise + 2.0 * second + 2.0 * third)
    total[:] = factor * inner + step / 6.0 * fourth
    nonlinear_into(total, *rest, last)
    return (
        float(np.sum(weights * np.abs(fourth - last) ** 2)),
        float(np.sum(weights * np.abs(total) ** 2)),
    )
