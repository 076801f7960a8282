"""Amplitudes of photoelectrons that light frees within another field."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.core.vmath import sincos

Floats = NDArray[np.float64]


@inner_kernel
def _plain(
    samples: Floats, momentum: float, detuning: float, paths: Floats, d: int
) -> tuple[float, float]:
    """Return the sum with a dipole of one."""
    time, xr, xi = samples[0], samples[1], samples[2]
    position, quiver = paths[2, d], paths[3, d]
    re, im = 0.0, 0.0
    for t in range(time.size):
        s, c = sincos(detuning * time[t] - momentum * position[t] - quiver[t])
        re += xr[t] * c - xi[t] * s
        im += xr[t] * s + xi[t] * c
    return re, im


@inner_kernel
def _look_up(
    along: Floats,
    square: Floats,
    momentum: float,
    dipole: Floats,
    axis: Floats,
    found: Floats,
) -> None:
    """Write a table's values at the kinetic energies at birth into ``found``."""
    dr, di, fr, fi = dipole[0], dipole[1], found[0], found[1]
    first, per, last = axis[0], 1.0 / axis[1], float(dipole.shape[1] - 1)
    kinetic = 0.5 * momentum * momentum
    for t in range(along.size):
        x = (kinetic + momentum * along[t] + square[t] - first) * per
        x = x if x > 0.0 else 0.0
        fr[t] = x if x < last else last
    for t in range(along.size):
        x = fr[t]
        j = min(int(x), dr.size - 2)
        share = x - j
        fr[t] = dr[j] + share * (dr[j + 1] - dr[j])
        fi[t] = di[j] + share * (di[j + 1] - di[j])


@inner_kernel
def _weighted(
    samples: Floats,
    weights: Floats,
    momentum: float,
    detuning: float,
    paths: Floats,
    d: int,
) -> tuple[float, float]:
    """Return the sum with the dipole of each time in ``weights``."""
    time, xr, xi = samples[0], samples[1], samples[2]
    position, quiver = paths[2, d], paths[3, d]
    wr, wi = weights[0], weights[1]
    re, im = 0.0, 0.0
    for t in range(time.size):
        s, c = sincos(detuning * time[t] - momentum * position[t] - quiver[t])
        yr, yi = xr[t] * c - xi[t] * s, xr[t] * s + xi[t] * c
        re += wr[t] * yr - wi[t] * yi
        im += wr[t] * yi + wi[t] * yr
    return re, im


@kernel
def volkov_amplitudes_into(
    samples: Floats,
    paths: Floats,
    electrons: Floats,
    dipole: Floats,
    axis: Floats,
    out: Floats,
) -> None:
    """Write the amplitudes of electrons over delays and energies, atomic units.

    ``samples`` ``(3, n_t)`` are times and the real and imaginary part of the pulse
    times the step. ``paths`` ``(4, n_delays, n_t)`` are the vector potential along the
    electron, half its square, and the integrals of both from each time to the end.
    ``electrons`` ``(2, n_e)`` are momenta and energies of photons about the carrier.
    ``dipole`` ``(2, m)`` are values over the kinetic energies ``axis[0] + j axis[1]``,
    held at the ends; ``m = 1`` is a dipole of one. ``out`` is ``(2, n_delays, n_e)``.
    """
    weights = np.empty((2, samples.shape[1]))
    for d in range(paths.shape[1]):
        for e in range(electrons.shape[1]):
            momentum, detuning = electrons[0, e], electrons[1, e]
            if dipole.shape[1] == 1:
                re, im = _plain(samples, momentum, detuning, paths, d)
            else:
                along, square = paths[0, d], paths[1, d]
                _look_up(along, square, momentum, dipole, axis, weights)
                re, im = _weighted(samples, weights, momentum, detuning, paths, d)
            out[0, d, e], out[1, d, e] = re, im


@kernel
def volkov_turns_into(
    time: Floats,
    paths: Floats,
    electrons: Floats,
    dipole: Floats,
    axis: Floats,
    out: Floats,
) -> None:
    """Write what a pulse's samples count at one delay, as pairs ``(n_e, 2 n_t)``.

    ``paths`` ``(4, 1, n_t)`` and the others as for `volkov_amplitudes_into`, whose
    amplitudes are these numbers times the samples of the pulse, summed up.
    """
    weights = np.empty((2, time.size))
    weights[0], weights[1] = 1.0, 0.0
    position, quiver = paths[2, 0], paths[3, 0]
    wr, wi = weights[0], weights[1]
    for e in range(electrons.shape[1]):
        momentum, detuning = electrons[0, e], electrons[1, e]
        if dipole.shape[1] > 1:
            _look_up(paths[0, 0], paths[1, 0], momentum, dipole, axis, weights)
        row = out[e]
        for t in range(time.size):
            s, c = sincos(detuning * time[t] - momentum * position[t] - quiver[t])
            row[2 * t] = wr[t] * c - wi[t] * s
            row[2 * t + 1] = wr[t] * s + wi[t] * c
