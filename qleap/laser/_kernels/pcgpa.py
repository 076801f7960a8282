"""Generalised projections of second-harmonic FROG by principal components.

The trace of a pulse is the same at positive and negative delays, and the signal at one
is that at the other, shifted: rows of negative delays are not computed. Real and
imaginary parts lie in the two rows of an array ``(2, n)``.

References
----------
D. J. Kane, IEEE J. Sel. Top. Quantum Electron. 4, 278 (1998) and J. Quantum Electron.
35, 421 (1999): principal components; one step of the power method an iteration.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.laser._kernels.fft import transform_into

Floats = NDArray[np.float64]

NOTHING = 1e-300
"""Keeps the phase of a signal that is zero from being divided by zero."""


@inner_kernel
def _product_into(twice: Floats, delay: int, re: Floats, im: Floats) -> None:
    """Write ``P(t) P(t - delay)``."""
    n = re.size
    ar, ai = twice[0, n:], twice[1, n:]
    br, bi = twice[0, n - delay :], twice[1, n - delay :]
    for j in range(n):
        re[j] = ar[j] * br[j] - ai[j] * bi[j]
        im[j] = ar[j] * bi[j] + ai[j] * br[j]


@inner_kernel
def _project(wanted: Floats, re: Floats, im: Floats) -> tuple[float, float]:
    """Give a spectrum the measured modulus; return what its scale follows from."""
    cross, square = 0.0, 0.0
    for k in range(re.size):
        power = re[k] * re[k] + im[k] * im[k]
        a = wanted[k]
        cross += a * a * power
        square += power * power
        factor = a / math.sqrt(power + NOTHING)
        re[k] *= factor
        im[k] *= factor
    return cross, square


@inner_kernel
def _gather(
    twice: Floats, delay: int, share: float, re: Floats, im: Floats, sums: Floats
) -> None:
    """Add ``S(t) P*(t - delay)`` at t and ``S(t) P*(t)`` at t - delay."""
    n = re.size
    ar, ai = twice[0, n:], twice[1, n:]
    br, bi = twice[0, n - delay :], twice[1, n - delay :]
    xr, xi = sums[0, n:], sums[1, n:]
    for j in range(n):
        re[j] *= share
        im[j] *= share
        xr[j] += re[j] * br[j] + im[j] * bi[j]
        xi[j] += im[j] * br[j] - re[j] * bi[j]
    yr, yi = sums[0, n - delay :], sums[1, n - delay :]
    for j in range(n):
        yr[j] += re[j] * ar[j] + im[j] * ai[j]
        yi[j] += im[j] * ar[j] - re[j] * ai[j]


@kernel
def retrieve_into(
    tables: Floats, wanted: Floats, pulse: Floats, errors: Floats, room: Floats
) -> None:
    """Do ``errors.size`` iterations on ``pulse`` and write the error before each.

    Parameters
    ----------
    tables
        Those of `fft.transform_into` for n points.
    wanted
        Roots of the trace at delays of 0 to n/2 steps, ``(n/2 + 1, n)``, frequencies
        about twice the carrier in FFT order.
    pulse
        Envelope ``(2, n)``, of norm 1 on return.
    errors
        Squared deviations of the trace over the squared trace, at the best scale.
    room
        Scratch, ``(12, n)``.
    """
    n = pulse.shape[1]
    re, im, work = room[0], room[1], room[2:4].reshape(2 * n)
    twice, sums = room[4:8].reshape(2, 2 * n), room[8:12].reshape(2, 2 * n)
    whole = 0.0
    for row in range(n // 2 + 1):
        share = 0.5 if row % (n // 2) == 0 else 1.0
        for k in range(n):
            whole += share * wanted[row, k] ** 4
    for step in range(errors.size):
        for part in range(2):
            twice[part, :n] = pulse[part]
            twice[part, n:] = pulse[part]
        sums[:] = 0.0
        cross, square = 0.0, 0.0
        for row in range(n // 2 + 1):
            share = 0.5 if row % (n // 2) == 0 else 1.0
            _product_into(twice, row, re, im)
            transform_into(tables, im, re, work)
            one, two = _project(wanted[row], re, im)
            cross += share * one
            square += share * two
            transform_into(tables, re, im, work)
            _gather(twice, row, share, re, im, sums)
        errors[step] = max(1.0 - cross * cross / (square * whole), 0.0)
        norm = 0.0
        for part in range(2):
            for j in range(n):
                pulse[part, j] = sums[part, j] + sums[part, n + j]
                norm += pulse[part, j] ** 2
        factor = 1.0 / math.sqrt(norm)
        for part in range(2):
            for j in range(n):
                pulse[part, j] *= factor
