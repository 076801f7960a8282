"""Partial waves moved along z, one pair of angular momenta after the other."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from qleap.laser._reference.partial_waves import _ordered, _packed, _sums, _unpacked

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]

CORNER = np.sqrt(3.0) - 2.0


def see_into(
    radii: Floats,
    columns: Floats,
    starts: Integers,
    waves: Floats,
    window: Integers,  # noqa: ARG001
    seen: Floats,
    lanes: tuple[int, ...],
) -> None:
    """Fill ``seen`` with the three sums of the waves, as `advance_into` takes them."""
    width = 1 << len(lanes)
    up = _ordered(columns.reshape(starts.size, 7, width)[:, 2:4])
    psi = _unpacked(waves, starts.size, width)
    before = np.arange(psi.shape[1]) < np.repeat(starts, 2 * width)[:, None]
    seen[:] = _sums(radii.reshape(-1, 8), up, np.where(before, 0.0, psi))


def shift_into(
    shift: float,
    radii: Floats,
    stretch: Floats,
    pairs: Floats,
    starts: Integers,
    waves: Floats,
    window: Integers,
    lanes: tuple[int, ...],
) -> None:
    r"""Shift waves along z: :math:`e^{-s\partial_z}`.

    Parameters
    ----------
    shift : float
        Bohr.
    radii : ndarray, shape (n * 8,)
        Those of `advance_into`.
    stretch : ndarray, shape (n,)
        ``dr/dx``.
    pairs : ndarray, shape (blocks * 6 * width,)
        Of pairs at even places, at odd ones, and at odd ones where nothing lies above:
        their coupling by the cosine, and that times the upper angular momentum.
    starts, waves, window, lanes
        Of `advance_into`.

    Notes
    -----
    In a pair of ``a`` and ``b`` above it, :math:`da/ds = -c(b' + (l+1)b/r)` and
    :math:`db/ds = -c(a' - (l+1)a/r)`.
    """
    width, blocks = 1 << len(lanes), starts.size
    r, last, count = radii.reshape(-1, 8)[:, 3], window[0], window[1]
    parts = pairs.reshape(blocks, 3, 2, width)
    speeds, turns = _ordered(parts[:, :2, 0]), _ordered(parts[:, :2, 1])
    psi = _unpacked(waves, blocks, width)
    active = count * 2 * width
    for begin, part in ((0, 0.5), (1, 1.0), (0, 0.5)):
        for low in range(begin, active - 1, 2):
            rows = slice(starts[low // (2 * width)], last)
            psi[low, rows], psi[low + 1, rows] = _moved(
                part * shift * speeds[low],
                part * shift * turns[low] / r[rows],
                stretch[rows],
                psi[low, rows],
                psi[low + 1, rows],
            )
    waves[:] = _packed(psi, blocks, width)


def _moved(
    speed: float, turn: Floats, stretch: Floats, a: Complex, b: Complex
) -> tuple[Complex, Complex]:
    a, b = _rotated(turn, a, b)
    root = np.sqrt(stretch)
    plus = _carried(speed, stretch, root * (a + b))
    minus = _carried(-speed, stretch, root * (a - b))
    return _rotated(turn, 0.5 * (plus + minus) / root, 0.5 * (plus - minus) / root)


def _rotated(turn: Floats, a: Complex, b: Complex) -> tuple[Complex, Complex]:
    angle = 2.0 * np.arctan(0.25 * turn)
    return (
        np.cos(angle) * a - np.sin(angle) * b,
        np.sin(angle) * a + np.cos(angle) * b,
    )


def _carried(speed: float, stretch: Floats, wave: Complex) -> Complex:
    """Return ``wave`` after a Crank-Nicolson step of ``-speed d/dr``."""
    mass = np.array([stretch, 4.0 * stretch, stretch]) / 6.0
    slope = np.array([np.full_like(stretch, 0.5), 0.0 * stretch, 0.0 * stretch - 0.5])
    for end, sign in ((0, 1.0), (-1, -1.0)):
        mass[1, end] += CORNER * stretch[end] / 6.0
        slope[1, end] = sign * 0.5 * CORNER
    left, right = mass + 0.5 * speed * slope, mass - 0.5 * speed * slope
    moved = right[1] * wave
    moved[:-1] += (right[0] * wave)[1:]
    moved[1:] += (right[2] * wave)[:-1]
    found: Complex = solve_banded((1, 1), left, moved)
    return found
