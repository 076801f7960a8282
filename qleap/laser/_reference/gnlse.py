"""The generalised nonlinear Schroedinger equation in NumPy: the definition.

The method is ERK4(3)-IP: fourth-order Runge-Kutta in the interaction picture with an
embedded third-order solution that re-uses the next step's first slope.

References
----------
S. Balac and F. Mahe, Comput. Phys. Commun. 184, 1211 (2013), section 3: the scheme.
J. Hult, J. Lightwave Technol. 25, 3770 (2007): RK4 in the interaction picture.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]

REACHED, PAUSED, STEP_UNDERFLOW, NOT_FINITE = range(4)


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
    spectrum: Floats,
    coefficient: Floats,
    response: Floats,
    tables: Floats,
    work: Floats,
    packed: Floats,
    out: Floats,
) -> None:
    """Write ``i gamma (1 + Omega/omega0) F[A (R * |A|^2)]`` into ``out``."""
    envelope = np.fft.fft(spectrum[0] + 1j * spectrum[1])
    power = np.abs(envelope) ** 2
    if response.shape[1] > 0:
        packed[:] = power.reshape(-1, 2).T
        respond_into(response, tables, work, packed)
        power = packed.T.ravel()
    slope = 1j * coefficient * np.fft.ifft(envelope * power) * envelope.size
    out[0], out[1] = slope.real, slope.imag


def linear_step(linear: Floats, length: float) -> Floats:
    """Return ``exp((-alpha/2 + i beta) length)`` in two rows."""
    factor = np.exp((linear[0] + 1j * linear[1]) * length)
    return np.stack([factor.real, factor.imag])


def advance_into(
    linear: Floats,
    coefficient: Floats,
    response: Floats,
    tables: Floats,
    control: Floats,
    counts: Integers,
    spectrum: Floats,
) -> int:
    """Propagate ``spectrum`` by adaptive steps and return how that ended."""

    def slope_of(x: Complex) -> Complex:
        n = x.size
        rows, out = np.stack([x.real, x.imag]), np.empty((2, n))
        packed = np.empty((2, n // 2))
        nonlinear_into(rows, coefficient, response, tables, out, packed, out)
        slope: Complex = out[0] + 1j * out[1]
        return slope

    u = spectrum[0] + 1j * spectrum[1]
    first = slope_of(u)
    taken = 0
    while control[0] < control[1]:
        if taken == counts[2]:
            return PAUSED
        taken += 1
        rest = control[1] - control[0]
        h = rest if control[2] >= rest * (1.0 - 1e-9) else control[2]
        half = np.exp((linear[0] + 1j * linear[1]) * 0.5 * h)
        centre, k1 = half * u, half * first
        k2 = slope_of(centre + h / 2.0 * k1)
        k3 = slope_of(centre + h / 2.0 * k2)
        k4 = slope_of(half * (centre + h * k3))
        new = half * (centre + h * (k1 / 6.0 + k2 / 3.0 + k3 / 3.0)) + h / 6.0 * k4
        k5 = slope_of(new)
        norm = float(np.linalg.norm(new))
        error = h / 10.0 * float(np.linalg.norm(k4 - k5)) / norm if norm != 0.0 else 0.0
        if not math.isfinite(error):
            return NOT_FINITE
        if control[3] == 0.0 or error <= control[3]:
            control[0] = control[1] if h == rest else control[0] + h
            control[4] += error
            counts[0] += 1
            u, first = new, k5
            spectrum[0], spectrum[1] = u.real, u.imag
        else:
            counts[1] += 1
        if control[3] > 0.0:
            ratio = 0.9 * (control[3] / max(error, 1e-300)) ** 0.25
            ratio = min(2.0, max(0.4, ratio))
            if ratio < 1.0 or (ratio > 1.2 and h == control[2]):
                control[2] = h * ratio
            if control[2] < 1e-10 * control[1]:
                return STEP_UNDERFLOW
    return REACHED
