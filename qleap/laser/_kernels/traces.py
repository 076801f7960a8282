"""Traces of parametrised nonlinear processes: signals, gradients, and local passes.

A row of a trace is the spectrum of a signal made of two fields: the pulse E and its
copy A behind a mask, or the masked field alone. Everything is in FFT order, real and
imaginary parts in two rows. Spectra are amplitudes: ``E(t_j) = sum_k S_k exp(-i
Omega_k t_j)``; signals go to frequency by the sum with the other sign.

References
----------
N. C. Geib et al., Optica 6, 495 (2019): the processes in one form, their gradients,
and the local iteration of the common pulse retrieval algorithm.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.laser._kernels.fft import transform_into

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHG, PG, THG, SD = 0, 1, 2, 3
"""Signals A E, |A|^2 E, A E^2 and A* E^2."""

NOTHING = 1e-300
"""Keeps the phase of a signal that is zero from being divided by zero."""


@inner_kernel
def _masked_into(tables: Floats, mask: Floats, x: Floats, y: Floats, w: Floats) -> None:
    """Write the field of a masked spectrum ``x`` into ``y``."""
    for k in range(x.shape[1]):
        y[0, k] = mask[0, k] * x[0, k] - mask[1, k] * x[1, k]
        y[1, k] = mask[0, k] * x[1, k] + mask[1, k] * x[0, k]
    transform_into(tables, y[0], y[1], w)


@inner_kernel
def _signal_into(process: int, a: Floats, e: Floats, s: Floats) -> None:
    """Write the signal of two fields into ``s``."""
    n = s.shape[1]
    ar, ai, er, ei = a[0], a[1], e[0], e[1]
    sr, si = s[0], s[1]
    if process == SHG:
        for j in range(n):
            sr[j] = ar[j] * er[j] - ai[j] * ei[j]
            si[j] = ar[j] * ei[j] + ai[j] * er[j]
    elif process == PG:
        for j in range(n):
            power = ar[j] * ar[j] + ai[j] * ai[j]
            sr[j] = power * er[j]
            si[j] = power * ei[j]
    else:
        turn = 1.0 if process == THG else -1.0
        for j in range(n):
            xr = er[j] * er[j] - ei[j] * ei[j]
            xi = 2.0 * er[j] * ei[j]
            yi = turn * ai[j]
            sr[j] = ar[j] * xr - yi * xi
            si[j] = ar[j] * xi + yi * xr


@inner_kernel
def _pull_back(process: int, a: Floats, e: Floats, d: Floats, g: Floats) -> None:
    """Turn a change ``d`` of the signal into those of E, in ``d``, and A, in ``g``."""
    n = d.shape[1]
    for j in range(n):
        ar, ai, er, ei = a[0, j], a[1, j], e[0, j], e[1, j]
        dr, di = d[0, j], d[1, j]
        if process == SHG:
            d[0, j], d[1, j] = dr * ar + di * ai, di * ar - dr * ai
            g[0, j], g[1, j] = dr * er + di * ei, di * er - dr * ei
        elif process == PG:
            power, along = ar * ar + ai * ai, 2.0 * (dr * er + di * ei)
            d[0, j], d[1, j] = power * dr, power * di
            g[0, j], g[1, j] = along * ar, along * ai
        else:
            xr, xi = er * er - ei * ei, 2.0 * er * ei
            bi = ai if process == THG else -ai
            yr, yi = 2.0 * (ar * er - bi * ei), 2.0 * (ar * ei + bi * er)
            g[0, j], g[1, j] = dr * xr + di * xi, di * xr - dr * xi
            if process == SD:
                g[1, j] = -g[1, j]
            d[0, j], d[1, j] = dr * yr + di * yi, di * yr - dr * yi


@inner_kernel
def _unmasked_add(
    tables: Floats, mask: Floats, g: Floats, y: Floats, w: Floats
) -> None:
    """Add the spectrum of a field ``g`` behind the mask's conjugate to ``y``."""
    transform_into(tables, g[1], g[0], w)
    for k in range(y.shape[1]):
        y[0, k] += mask[0, k] * g[0, k] + mask[1, k] * g[1, k]
        y[1, k] += mask[0, k] * g[1, k] - mask[1, k] * g[0, k]


@kernel
def signals_into(
    process: int,
    collinear: bool,
    tables: Floats,
    masks: Floats,
    spectrum: Floats,
    fields: Floats,
    signals: Floats,
    room: Floats,
) -> None:
    """Write the masked fields and the signals' spectra of a block of rows.

    ``masks``, ``fields`` and ``signals`` are ``(rows, 2, n)``, ``spectrum`` ``(2, n)``,
    ``room`` ``(4, n)``, of which the first two rows hold the pulse on return.
    """
    n = spectrum.shape[1]
    pulse, work = room[:2], room[2:4].reshape(2 * n)
    for part in range(2):
        pulse[part] = spectrum[part]
    transform_into(tables, pulse[0], pulse[1], work)
    for row in range(masks.shape[0]):
        field, signal = fields[row], signals[row]
        _masked_into(tables, masks[row], spectrum, field, work)
        _signal_into(process, field, field if collinear else pulse, signal)
        transform_into(tables, signal[1], signal[0], work)


@kernel
def gradient_into(
    process: int,
    collinear: bool,
    tables: Floats,
    masks: Floats,
    factors: Floats,
    fields: Floats,
    signals: Floats,
    room: Floats,
    total: Floats,
) -> None:
    """Write what rows of signals times real ``factors`` say about the spectrum.

    The derivative of ``sum f |S|^2`` with respect to the conjugate of the spectrum.
    Arguments are those of `signals_into` with what it has written; ``factors`` are
    ``(rows, n)``; ``room`` is ``(10, n)`` with the pulse in its first two rows,
    ``total`` ``(2, n)``.
    """
    n = total.shape[1]
    pulse, work = room[:2], room[2:4].reshape(2 * n)
    d, g, gathered = room[4:6], room[6:8], room[8:10]
    total[:] = 0.0
    gathered[:] = 0.0
    for row in range(masks.shape[0]):
        signal, field = signals[row], fields[row]
        for k in range(n):
            d[0, k] = factors[row, k] * signal[0, k]
            d[1, k] = factors[row, k] * signal[1, k]
        transform_into(tables, d[0], d[1], work)
        _pull_back(process, field, field if collinear else pulse, d, g)
        for part in range(2):
            for j in range(n):
                if collinear:
                    g[part, j] += d[part, j]
                else:
                    gathered[part, j] += d[part, j]
        _unmasked_add(tables, masks[row], g, total, work)
    transform_into(tables, gathered[1], gathered[0], work)
    for part in range(2):
        for k in range(n):
            total[part, k] += gathered[part, k]


@kernel
def local_pass_into(
    process: int,
    collinear: bool,
    tables: Floats,
    masks: Floats,
    order: Integers,
    wanted: Floats,
    spectrum: Floats,
    trace: Floats,
    largest: float,
    room: Floats,
) -> float:
    """Improve the spectrum by one row after the other, in ``order``.

    ``wanted`` ``(rows, n)`` are the roots of the measured trace on the scale of ours;
    ``trace`` gets the rows as they were met. ``largest`` is the largest squared
    gradient of the last pass, and that of this one is returned. ``room`` is
    ``(14, n)``.
    """
    n = spectrum.shape[1]
    pulse, field, signal = room[:2], room[2:4], room[4:6]
    d, g, change = room[6:8], room[8:10], room[10:12]
    work = room[12:14].reshape(2 * n)
    here = 0.0
    for place in range(order.size):
        row = order[place]
        for part in range(2):
            pulse[part] = spectrum[part]
        transform_into(tables, pulse[0], pulse[1], work)
        _masked_into(tables, masks[row], spectrum, field, work)
        _signal_into(process, field, field if collinear else pulse, signal)
        transform_into(tables, signal[1], signal[0], work)
        off = 0.0
        for k in range(n):
            power = signal[0, k] ** 2 + signal[1, k] ** 2
            trace[row, k] = power
            lacking = wanted[row, k] / math.sqrt(power + NOTHING) - 1.0
            d[0, k] = lacking * signal[0, k] / n
            d[1, k] = lacking * signal[1, k] / n
            off += d[0, k] ** 2 + d[1, k] ** 2
        transform_into(tables, d[0], d[1], work)
        _pull_back(process, field, field if collinear else pulse, d, g)
        change[:] = 0.0
        if collinear:
            for part in range(2):
                for j in range(n):
                    g[part, j] += d[part, j]
        else:
            transform_into(tables, d[1], d[0], work)
            for part in range(2):
                change[part] = d[part]
        _unmasked_add(tables, masks[row], g, change, work)
        size = 0.0
        for k in range(n):
            size += change[0, k] ** 2 + change[1, k] ** 2
        here = max(here, size)
        # The squared norms of a signal over time and frequency differ by n.
        step = 0.5 * n * off / (max(here, largest) + NOTHING)
        for part in range(2):
            for k in range(n):
                spectrum[part, k] += step * change[part, k]
    return here
