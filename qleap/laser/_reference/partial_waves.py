r"""Steps of partial waves, one angular momentum and one pair after the other.

With the kinetic matrices ``M`` and ``D`` of the radial grid and :math:`J = dr/dx`, the
step of an angular momentum is

.. math:: (M J^2(1 + i\tau V) + i\tau D)\varphi' = (M J^2(1 - i\tau V) - i\tau D)\varphi

with half the time step :math:`\tau`. Beside the diagonal of the left side stand
:math:`c_i = M_{01}J_i^2(1 + i\tau V_i) + i\tau D_{01}`, on it
:math:`10c_i + 6i\tau` where the radius is not the first.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]

MARGIN, GROWTH, EDGE = 32, 64, 1e-26
LARGEST_TURN = 0.5


def advance_into(
    six: float,
    kicks: Floats,
    ends: Integers,
    radii: Floats,
    columns: Floats,
    starts: Integers,
    pivots: Floats,  # noqa: ARG001
    waves: Floats,
    window: Integers,
    sums: Floats,
    near: Floats,
    place: int,
    shared: tuple[Floats, Floats, Floats, Integers, Integers],  # noqa: ARG001
    member: int,  # noqa: ARG001
    lanes: tuple[int, ...],
) -> None:
    """Advance waves by as many steps as there are kicks.

    Parameters
    ----------
    six : float
        Six times half the time step.
    kicks : ndarray, shape (steps,)
        Momenta, given after each step.
    ends : ndarray, shape (times,)
        Numbers of steps after which something is seen; rising, the last is ``steps``.
    radii : ndarray, shape (n * 8,)
        Of each radius: both parts of what joins neighbours and its growth with
        ``l(l+1)/2``, the radius, what an absorber leaves, weights of the three sums.
    columns : ndarray, shape (blocks * 7 * width,)
        Of each block: ``l(l+1)/2`` of even and odd places, turns into the next angular
        momentum, turns of the odd ones where nothing lies above, middles of the mass
        matrix at the first radius over its sides.
    starts : ndarray, shape (blocks,)
        First radius of each block.
    pivots : ndarray, shape (2 * blocks * n * 4 * width,)
        Inverse ones of sweeps outwards and inwards.
    waves : ndarray, shape (blocks * n * 4 * width,)
        Replaced.
    window : ndarray, shape (3,)
        Radii and blocks that waves have reached, which grow, and the radius at which
        the halves of the work meet (of no consequence here).
    sums : ndarray, shape (times, 2, 8)
        Three sums before the kicks of each end, as two parts to be added.
    near : ndarray, shape (times, rows, blocks, 4 * width)
        Filled with the waves after these kicks at ``rows`` radii from ``place`` on.
    place : int
    shared : tuple
        By which threads share the work: unknowns where the halves meet ``(2, blocks,
        4 * width)``; waves on both sides of that, ``(2, 2, blocks, 4 * width)``, the
        first filled; weights ``(steps, 2, 8)``; zeros ``(2 * steps, 8 * members)`` and
        ``(2 * steps, 8)``.
    member : int
        Number of the thread.
    lanes : tuple of int
        As many zeros as the logarithm of ``width``.
    """
    width, blocks = 1 << len(lanes), starts.size
    of_radii = radii.reshape(-1, 8)
    parts = columns.reshape(blocks, 7, width)
    barrier, middle = _ordered(parts[:, 0:2]), _ordered(parts[:, 5:7])
    up = _ordered(parts[:, 2:4])
    psi = _unpacked(waves, blocks, width)
    for step, kick in enumerate(kicks):
        last, count = window[0], window[1]
        for number in range(count * 2 * width):
            part = slice(starts[number // (2 * width)], last)
            psi[number, part] = _stepped(
                six, of_radii[part], barrier[number], middle[number], psi[number, part]
            )
        time = int(np.searchsorted(ends, step + 1))
        if ends[time] == step + 1:
            sums[time] = 0.0
            sums[time, 0, :3] = _sums(of_radii, up, psi)
        for i in range(last):
            present = 2 * width * int((starts[:count] <= i).sum())
            psi[:present, i] = _kicked(
                kick, of_radii[i], up[:present], psi[:present, i]
            )
        if ends[time] == step + 1:
            packed = _packed(psi, blocks, width).reshape(blocks, -1, 4 * width)
            near[time] = packed[:, place : place + near.shape[1]].swapaxes(0, 1)
        _widen(psi, starts, window, 2 * width)
    waves[:] = _packed(psi, blocks, width)


def _ordered(parts: Floats) -> Floats:
    """Return the numbers of even and odd places in the order of the places."""
    return parts.swapaxes(1, 2).ravel()


def _unpacked(waves: Floats, blocks: int, width: int) -> Complex:
    """Return waves as complex numbers, ``(places, radii)``."""
    parts = waves.reshape(blocks, -1, 2, 2, width)
    values = parts[:, :, :, 0] + 1j * parts[:, :, :, 1]
    return values.transpose(0, 3, 2, 1).reshape(blocks * 2 * width, -1)


def _packed(psi: Complex, blocks: int, width: int) -> Floats:
    values = psi.reshape(blocks, width, 2, -1).transpose(0, 3, 2, 1)
    return np.stack([values.real, values.imag], axis=3).ravel()


def _stepped(
    six: float, radii: Floats, barrier: float, middle: float, wave: Complex
) -> Complex:
    joint = radii[:, 0] + 1j * (radii[:, 1] + radii[:, 2] * barrier)
    bands = np.zeros((3, wave.size), np.complex128)
    bands[0, 1:], bands[2, :-1] = joint[1:], joint[:-1]
    bands[1] = 10.0 * joint + 1j * six
    bands[1, 0] = middle * joint[0] + 1j * six
    right = bands[1].conj() * wave
    right[:-1] += (joint.conj() * wave)[1:]
    right[1:] += (joint.conj() * wave)[:-1]
    solved: Complex = solve_banded((1, 1), bands, right)
    return solved


def _sums(radii: Floats, up: Floats, psi: Complex) -> Floats:
    cosine = ((psi[:-1].conj() * psi[1:]).real * up[:-1, None]).sum(axis=0)
    weight = (np.abs(psi) ** 2).sum(axis=0)
    return np.array([radii[:, 5] @ cosine, radii[:, 6] @ cosine, radii[:, 7] @ weight])


def _kicked(kick: float, radius: Floats, up: Floats, wave: Complex) -> Complex:
    size = kick * radius[3]
    parts = 1 + int(abs(size) / LARGEST_TURN)
    out = wave.copy()
    for _ in range(parts):
        for first, share in ((0, 0.5), (1, 1.0), (0, 0.5)):
            lower = np.arange(first, wave.size - 1, 2)
            angle = share * size / parts * up[lower]
            a, b = out[lower], out[lower + 1]
            out[lower] = np.cos(angle) * a - 1j * np.sin(angle) * b
            out[lower + 1] = np.cos(angle) * b - 1j * np.sin(angle) * a
    kept: Complex = out * radius[4]
    return kept


def _widen(psi: Complex, starts: Integers, window: Integers, per_block: int) -> None:
    last, count = window[:2]
    top = psi[(count - 1) * per_block : count * per_block, :last:4]
    reached = (np.abs(top) ** 2).sum() > EDGE
    if count < starts.size and starts[count] < last and reached:
        window[1] = count + 1
    edge = psi[: count * per_block, last - MARGIN : last]
    if (np.abs(edge) ** 2).sum() > EDGE:
        window[0] = min(last + GROWTH, psi.shape[1])
