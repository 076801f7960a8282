"""Traces of parametrised nonlinear processes in NumPy."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]

NOTHING = 1e-300

_SIGNALS: tuple[Callable[[Complex, Complex], Complex], ...] = (
    lambda a, e: a * e,
    lambda a, e: np.abs(a) ** 2 * e,
    lambda a, e: a * e**2,
    lambda a, e: a.conj() * e**2,
)

_BY_PULSE: tuple[Callable[[Complex, Complex, Complex], Complex], ...] = (
    lambda a, e, d: d * a.conj(),  # noqa: ARG005
    lambda a, e, d: d * np.abs(a) ** 2,  # noqa: ARG005
    lambda a, e, d: 2.0 * d * (a * e).conj(),
    lambda a, e, d: 2.0 * d * a * e.conj(),
)

_BY_MASKED: tuple[Callable[[Complex, Complex, Complex], Complex], ...] = (
    lambda a, e, d: d * e.conj(),  # noqa: ARG005
    lambda a, e, d: 2.0 * a * np.real(d * e.conj()),
    lambda a, e, d: d * e.conj() ** 2,  # noqa: ARG005
    lambda a, e, d: d.conj() * e**2,  # noqa: ARG005
)


def _complex(pairs: Floats) -> Complex:
    return np.asarray(pairs[..., 0, :] + 1j * pairs[..., 1, :])


def _to_frequency(field: Complex) -> Complex:
    return np.asarray(np.fft.ifft(field) * field.shape[-1])


def _store(values: Complex, pairs: Floats) -> None:
    pairs[..., 0, :], pairs[..., 1, :] = values.real, values.imag


def signals_into(
    process: int,
    collinear: bool,
    tables: Floats,  # noqa: ARG001
    masks: Floats,
    spectrum: Floats,
    fields: Floats,
    signals: Floats,
    room: Floats,
) -> None:
    """Write the masked fields and the signals' spectra of a block of rows."""
    pulse = np.fft.fft(_complex(spectrum))
    masked = np.fft.fft(_complex(masks) * _complex(spectrum))
    _store(pulse, room[:2])
    _store(masked, fields)
    signal = _SIGNALS[process](masked, masked if collinear else pulse)
    _store(_to_frequency(signal), signals)


def _change(
    process: int, collinear: bool, mask: Complex, a: Complex, e: Complex, d: Complex
) -> Complex:
    """Return what changes ``d`` of signals over time say about the spectrum."""
    by_masked, by_pulse = _BY_MASKED[process](a, e, d), _BY_PULSE[process](a, e, d)
    if collinear:
        return mask.conj() * _to_frequency(by_masked + by_pulse)
    return mask.conj() * _to_frequency(by_masked) + _to_frequency(by_pulse)


def gradient_into(
    process: int,
    collinear: bool,
    tables: Floats,  # noqa: ARG001
    masks: Floats,
    factors: Floats,
    fields: Floats,
    signals: Floats,
    room: Floats,
    total: Floats,
) -> None:
    """Write what rows of signals times real ``factors`` say about the spectrum."""
    a = _complex(fields)
    e = a if collinear else _complex(room[:2])
    d = np.fft.fft(factors * _complex(signals))
    found = _change(process, collinear, _complex(masks), a, e, d)
    _store(found.sum(axis=0), total)


def local_pass_into(
    process: int,
    collinear: bool,
    tables: Floats,  # noqa: ARG001
    masks: Floats,
    order: Integers,
    wanted: Floats,
    spectrum: Floats,
    trace: Floats,
    largest: float,
    room: Floats,  # noqa: ARG001
) -> float:
    """Improve the spectrum by one row after the other, in ``order``."""
    s, here = _complex(spectrum), 0.0
    for row in order:
        mask = _complex(masks[row])
        a = np.fft.fft(mask * s)
        e = a if collinear else np.fft.fft(s)
        signal = _to_frequency(_SIGNALS[process](a, e))
        trace[row] = np.abs(signal) ** 2
        new = wanted[row] * signal / np.sqrt(trace[row] + NOTHING)
        d = np.fft.fft(new - signal) / s.size
        change = _change(process, collinear, mask, a, e, d)
        here = max(here, float(np.sum(np.abs(change) ** 2)))
        off = float(np.sum(np.abs(d) ** 2))
        s = s + 0.5 * off / (max(here, largest) + NOTHING) * change
    _store(s, spectrum)
    return here
