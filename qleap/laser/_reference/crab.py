"""NumPy twins of the passes of iterative retrieval."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]


def _projected(
    size: Floats, pulse: Complex, gate: Complex
) -> tuple[Complex, Complex, float]:
    """Return the signal with the measured size, the old one, and its error."""
    before = pulse * gate
    spectrum = np.fft.ifft(before, axis=-1) * size.shape[-1]
    square = np.abs(spectrum) ** 2
    factor = size / np.sqrt(square + 1e-300)
    after = np.fft.fft(factor * spectrum, axis=-1) / size.shape[-1]
    return after, before, float(np.sum((square - size**2) ** 2))


def least_squares_pass_into(
    tables: Floats,  # noqa: ARG001
    sizes: Floats,
    stride: int,
    fields: Floats,
    sums: Floats,  # noqa: ARG001
    room: Floats,  # noqa: ARG001
) -> float:
    """Replace pulse and gate by those that fit all projected signals best."""
    delays, n = sizes.shape
    pulse = fields[0, :n] + 1j * fields[1, :n]
    gate = fields[2] + 1j * fields[3]
    place = stride * np.arange(delays)[:, None] + np.arange(n)
    met = gate[place]
    signal, _, error = _projected(sizes, pulse, met)
    new = (signal * met.conj()).sum(axis=0) / (np.abs(met) ** 2).sum(axis=0)
    above, below = np.zeros(gate.size, np.complex128), np.zeros(gate.size)
    np.add.at(above, place, signal * pulse.conj())
    np.add.at(below, place, np.broadcast_to(np.abs(pulse) ** 2, place.shape))
    seen = (below > 1e-9 * below.max()) & (np.abs(above) > 0.0)
    gate[seen] = above[seen] / np.abs(above[seen])
    fields[0, :n], fields[1, :n] = new.real, new.imag
    fields[2], fields[3] = gate.real, gate.imag
    return error


def ptychographic_pass_into(
    tables: Floats,  # noqa: ARG001
    sizes: Floats,
    stride: int,
    order: Integers,
    gain: float,
    fields: Floats,
    room: Floats,  # noqa: ARG001
) -> float:
    """Update pulse and gate at one delay after the other, in ``order``."""
    n = sizes.shape[1]
    pulse = fields[0, :n] + 1j * fields[1, :n]
    gate = fields[2] + 1j * fields[3]
    error = 0.0
    for d in order:
        part = slice(d * stride, d * stride + n)
        met = gate[part].copy()
        after, before, missed = _projected(sizes[d], pulse, met)
        error += missed
        top, high = (np.abs(pulse) ** 2).max(), (np.abs(met) ** 2).max()
        away = after - before
        turned = met + gain / top * away * pulse.conj()
        gate[part] = turned / (np.abs(turned) + 1e-300)
        pulse = pulse + gain / high * away * met.conj()
    fields[0, :n], fields[1, :n] = pulse.real, pulse.imag
    fields[2], fields[3] = gate.real, gate.imag
    return error
