"""The product of a Pauli sum and a state, by its definition."""

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference.tiles import tile_offsets

Numbers = NDArray[np.float64] | NDArray[np.float32]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]


def add_paulis(
    amplitudes: Numbers,
    generators: Integers,
    pivots: int,  # noqa: ARG001  # nothing is done tile by tile here
    flips: Integers,
    terms: Integers,
    weights: Numbers,
    lanes: Lanes,
    out: Numbers,
) -> None:
    """Add ``w (-1)**popcount(k & z) a[k ^ x]`` of each term to ``out[k]``.

    Terms that want imaginary parts in `pauli_sums` have the weight ``1j * w``.

    Parameters
    ----------
    amplitudes, generators, pivots, flips, terms, lanes
        As for `qleap.processing._reference.pauli.pauli_sums`; for speed flips of the
        same lanes follow one another.
    weights : ndarray, shape (n_terms,)
        Of the type of ``amplitudes``.
    out : ndarray, shape (2 * 2**n,)
        As ``amplitudes``; changed.
    """
    a = amplitudes.reshape(-1, 2)
    k = np.arange(len(a))
    offsets = tile_offsets(generators)
    image = out.reshape(-1, 2)
    for lane_flip, row_flip, real, imaginary, end in flips.tolist():
        partner = a[k ^ offsets[lane_flip | row_flip << len(lanes)]]
        for term in range(real, end):
            odd = np.bitwise_count(k & terms[term, 0]) & 1
            factor = weights[term] * (1.0 - 2.0 * odd)[:, None]
            if term < imaginary:
                image += factor * partner
            else:
                image += factor * partner[:, ::-1] * [-1.0, 1.0]


def add_paulis_shared(
    amplitudes: Numbers,
    generators: Integers,
    pivots: int,
    flips: Integers,
    terms: Integers,
    weights: Numbers,
    lanes: Lanes,
    out: Numbers,
) -> None:
    """Do the same; the kernel uses several threads."""
    add_paulis(amplitudes, generators, pivots, flips, terms, weights, lanes, out)
