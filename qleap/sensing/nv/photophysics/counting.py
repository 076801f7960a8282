"""How many photons are counted: exact distributions of jumps of a rate model."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["charge_readout", "photon_distribution", "photon_moments"]

Array = NDArray[np.float64]


def photon_moments(
    generator: ArrayLike, counted: ArrayLike, start: ArrayLike, duration: float
) -> tuple[float, float]:
    """Return mean and variance of the number of counts; see `photon_distribution`.

    Exact: the moments are blocks of the exponential of a triangular matrix of
    generators. The variance is that of the counts less their mean rate, so that in
    long windows nothing large is subtracted.
    """
    from scipy.linalg import expm

    matrix, jumps, first = _checked(generator, counted, start)
    n, time = len(first), checks.non_negative("duration", duration, "s")
    single = np.kron(np.eye(2), matrix) + np.kron(np.eye(2, k=1), jumps)
    mean = float(np.sum(expm(time * single)[:n, n:] @ first))
    excess = jumps - np.eye(n) * (mean / time if time > 0.0 else 0.0)
    blocks = np.kron(np.eye(3), matrix) + np.kron(np.eye(3, k=1), excess)
    pairs = 2.0 * float(np.sum(expm(time * blocks)[:n, 2 * n :] @ first))
    return mean, max(pairs + mean, 0.0)


def photon_distribution(
    generator: ArrayLike,
    counted: ArrayLike,
    start: ArrayLike,
    duration: float,
    *,
    dark_counts: float = 0.0,
) -> Array:
    r"""Return the probabilities of 0, 1, 2, ... counts, shape ``(n,)``.

    Parameters
    ----------
    generator : array_like, shape (d, d)
        G of populations, 1/s; columns sum to zero.
    counted : array_like, shape (d, d)
        ``[to, from]``: rates of the jumps that are counted, times the efficiency
        with which they are, 1/s. Counts that do not change the level are on the
        diagonal and not in G.
    start : array_like, shape (d,)
        Populations at the beginning.
    duration : float
        Of the window, s.
    dark_counts : float
        Expected number of counts in the window that have nothing to do with the
        levels, Poissonian.

    Returns
    -------
    ndarray
        As long as is needed for the rest to be less than 1e-12, or than the rounding
        of the exponential in windows of many transitions.

    Notes
    -----
    Full counting statistics: the generating function of the number of counts is
    :math:`\varphi(z) = \mathbf 1^\mathrm{T} e^{T [G + (z - 1) K]} p`, and its values
    on the unit circle are the Fourier transform of the probabilities.
    """
    from scipy.linalg import expm

    matrix, jumps, first = _checked(generator, counted, start)
    checks.non_negative("dark_counts", dark_counts)
    mean, variance = photon_moments(matrix, jumps, first, duration)
    likely = mean + dark_counts + 9.0 * np.sqrt(variance + dark_counts) + 32.0
    size = 1 << int(np.ceil(np.log2(likely)))
    turns = duration * (np.abs(matrix).sum(axis=0).max() + jumps.sum(axis=0).max())
    rest = max(1e-12, np.finfo(float).eps * float(turns))
    while True:
        z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)[:, None, None]
        moved = expm(duration * (matrix + (z - 1.0) * jumps)) @ first
        dark = np.exp(dark_counts * (z[:, 0, 0] - 1.0))
        found = np.fft.irfft(moved.sum(axis=-1) * dark, size)
        if np.abs(found[-size // 8 :]).sum() < rest or size >= 1 << 16:
            break
        size *= 2
    kept = np.flatnonzero(np.cumsum(found[::-1])[::-1] > rest)[-1] + 1
    return np.asarray(np.maximum(found[:kept], 0.0))


def charge_readout(
    bright_rate: float,
    dark_rate: float,
    *,
    ionisation: float,
    recombination: float,
    duration: float,
) -> tuple[Array, Array]:
    """Return the count distributions of a window that begins in NV- and in NV0.

    Parameters
    ----------
    bright_rate, dark_rate : float
        Counts per second in NV- and in NV0, background included.
    ionisation, recombination : float
        Rates of NV- to NV0 and back under the light of the readout, 1/s.
    duration : float
        Of the window, s.

    Returns
    -------
    tuple of ndarray
        Exact distributions of two levels with counts that do not change the level,
        of one length.
    """
    rates = np.array([[-ionisation, recombination], [ionisation, -recombination]])
    for name, rate in (
        ("bright_rate", bright_rate),
        ("dark_rate", dark_rate),
        ("ionisation", ionisation),
        ("recombination", recombination),
    ):
        checks.non_negative(name, rate, "1/s")
    counted = np.diag([bright_rate, dark_rate])
    both = [photon_distribution(rates, counted, p, duration) for p in np.eye(2)]
    size = max(map(len, both))
    one, other = (np.pad(p, (0, size - len(p))) for p in both)
    return one, other


def _checked(
    generator: ArrayLike, counted: ArrayLike, start: ArrayLike
) -> tuple[Array, Array, Array]:
    matrix = np.asarray(generator, dtype=np.float64)
    jumps = np.asarray(counted, dtype=np.float64)
    first = checks.vector("start", start, min_size=1)
    square = (first.size, first.size)
    for name, given in (("generator", matrix), ("counted", jumps)):
        if given.shape != square:
            raise InvalidValue(
                f"{name} must have the shape {square}, as start has {first.size} "
                f"levels, got the shape {given.shape}."
            )
    if np.any(jumps < 0.0):
        raise InvalidValue(f"counted must be >= 0 1/s, got {jumps.min()}.")
    return matrix, jumps, first
