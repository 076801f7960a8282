"""Sums over a state for Pauli strings, by their definition."""

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference.tiles import tile_offsets

Numbers = NDArray[np.float64] | NDArray[np.float32]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Lanes = tuple[int, ...]


def pauli_sums(
    amplitudes: Numbers,
    generators: Integers,
    pivots: int,  # noqa: ARG001  # nothing is done tile by tile here
    flips: Integers,
    terms: Integers,
    lanes: Lanes,
) -> Floats:
    """Return the real or imaginary part of a signed sum over the state for each term.

    That is ``sum_k (-1)**popcount(k & z) conj(a[k ^ x]) a[k]``.

    Parameters
    ----------
    amplitudes : ndarray of float64 or float32, shape (2 * 2**n,)
        Real and imaginary parts in turn.
    generators : ndarray of int64, shape (m,)
        Bit i of a flip stands for ``generators[i]``.
    pivots : int
        Bits that tell tiles apart are those beside these.
    flips : ndarray of int64, shape (n_flips, 5)
        Flip of the lanes, flip of the rows, first term that wants the real part,
        first that wants the imaginary part, the end of both.
    terms : ndarray of int64, shape (n_terms, 5)
        The sign mask ``z``, and what follows from it for the kernel.
    lanes : tuple of int
        As many zeros as bits of an index that count within a vector.

    Returns
    -------
    ndarray of float64, shape (n_terms,)
    """
    a = _complex(amplitudes)
    k = np.arange(a.size)
    offsets = tile_offsets(generators)
    found = np.zeros(len(terms))
    for lane_flip, row_flip, real, imaginary, end in flips.tolist():
        x = int(offsets[lane_flip | row_flip << len(lanes)])
        products = np.conj(a[k ^ x]) * a
        for term in range(real, end):
            value = (_signs(k, terms[term, 0]) * products).sum()
            found[term] = value.imag if term >= imaginary else value.real
    return found


def pauli_sums_shared(
    amplitudes: Numbers,
    generators: Integers,
    pivots: int,
    flips: Integers,
    terms: Integers,
    lanes: Lanes,
) -> Floats:
    """Return the same; the kernel uses several threads."""
    return pauli_sums(amplitudes, generators, pivots, flips, terms, lanes)


def _complex(amplitudes: Numbers) -> NDArray[np.complex128]:
    pairs = amplitudes.reshape(-1, 2).astype(np.float64)
    return pairs.view(np.complex128).ravel()


def _signs(k: Integers, z: int) -> Floats:
    odd = np.bitwise_count(k & z) & 1
    found: Floats = 1.0 - 2.0 * odd
    return found
