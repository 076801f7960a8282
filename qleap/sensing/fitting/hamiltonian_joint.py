"""One field and one orientation behind the fields of several spectra."""

from collections.abc import Iterator
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.nv.axes import canonical_field, cube_symmetries

__all__ = ["match_orientation"]

Array = NDArray[np.float64]

BEST: Final = 4
"""Matches that are fitted."""


def match_orientation(
    seen: Array, biases: Array, rotation: Array
) -> list[tuple[Array, Array]]:
    """Return fields (T) and orientations, best first; three spectra or more.

    Parameters
    ----------
    seen : ndarray, shape (n, 3)
        Fields along the cubic axes up to signs and order, of each spectrum.
    biases : ndarray, shape (n, 3)
        Known fields in the laboratory.
    rotation : ndarray, shape (3, 3)
        About the crystal's, see `axis_rotations`.

    Notes
    -----
    Of the 24 equivalent orientations the one nearest to ``rotation`` is taken.
    Differences of the fields in the crystal are turned differences of the biases.
    Each choice of signs and orders gives a rotation by Kabsch, Acta Cryst. A 32, 922
    (1976); those that turn the known differences into the seen ones are kept.
    """
    far = np.argsort(np.linalg.norm(biases - biases[0], axis=1))[::-1][:2]
    known = biases[far] - biases[0]
    found = []
    for sign, first, second in _choices(seen, far, known):
        differences = np.array([first, second]) - sign * seen[0]
        turn = _kabsch(known, differences)
        field = turn.T @ (sign * seen[0]) - biases[0]
        totals = (field + biases) @ turn.T
        missed = np.sum((canonical_field(totals) - canonical_field(seen)) ** 2)
        found.append((float(missed), field, _nearest(turn, rotation)))
    found.sort(key=lambda one: one[0])
    return [(field, turn) for _, field, turn in found[:BEST]]


def _choices(
    seen: Array, far: NDArray[np.int64], known: Array
) -> Iterator[tuple[float, Array, Array]]:
    """Yield signs and images of two fields whose differences have the right lengths."""
    images = cube_symmetries()
    lengths = np.linalg.norm(known, axis=1)
    inner = float(known[0] @ known[1])
    for sign in (1.0, -1.0):
        nearest = []
        for k, length in zip(far, lengths, strict=True):
            each = images @ seen[k]
            apart = np.abs(np.linalg.norm(each - sign * seen[0], axis=1) - length)
            nearest.append(each[np.argsort(apart)[:12]])
        pairs = list(product(*nearest))
        products = [
            abs(float((a - sign * seen[0]) @ (b - sign * seen[0])) - inner)
            for a, b in pairs
        ]
        for k in np.argsort(products)[:24]:
            yield (sign, *pairs[k])


def _kabsch(known: Array, turned: Array) -> Array:
    """Return the rotation that turns rows of ``known`` into those of ``turned``."""
    left, _, right = np.linalg.svd(turned.T @ known)
    sign = np.sign(np.linalg.det(left @ right))
    return np.asarray(left @ np.diag([1.0, 1.0, sign]) @ right)


def _nearest(turn: Array, rotation: Array) -> Array:
    """Return the equivalent orientation nearest to ``rotation``."""
    turns = [g for g in cube_symmetries() if np.linalg.det(g) > 0.0]
    return max((g @ turn for g in turns), key=lambda one: np.trace(one @ rotation.T))
