"""Fields at which levels of a spin system come close and turn away from each other."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.spins.spectra import affine_eigenstates, affine_energies

if TYPE_CHECKING:
    from qleap.sensing.spins.system import SpinSystem

__all__ = ["Anticrossing", "find_anticrossings"]

Floats = NDArray[np.float64]
Matrix = NDArray[np.complex128]

_NARROWER: Final = 8
"""By which factor each refinement narrows the interval around a minimum."""

_REFINEMENTS: Final = 12
"""Enough to reach the rounding of a double from any grid."""

_ROUNDING: Final = 1e-13
"""Share of the largest element below which two levels are one, or do not mix."""

_TOUCHING: Final = 1e-3
"""A third level closer than this share of a gap makes it a kink: levels are sorted,
so that one that crosses them ends the growth of a distance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Anticrossing:
    """A field at which two levels repel each other, or cross.

    Parameters
    ----------
    magnitude : float
        Of the field, T.
    field : ndarray, shape (3,), T
    gap : float
        Smallest distance of the levels, Hz; zero where they cross.
    levels : tuple of int
        Indices of the two levels in ascending energy at this field.
    width : float
        Half width w, T: at w from the minimum the gap is sqrt(2) times as large.
    """

    magnitude: float
    field: Floats
    gap: float
    levels: tuple[int, int]
    width: float


def find_anticrossings(
    system: "SpinSystem",
    direction: ArrayLike,
    low: float,
    high: float,
    *,
    points: int = 4001,
    widest: float = 1e8,
) -> tuple[Anticrossing, ...]:
    """Return the anticrossings of a spin system along a line through zero field.

    Parameters
    ----------
    system : SpinSystem
    direction : array_like, shape (3,)
        Of the field, in the frame of the system.
    low, high : float
        Between which magnitudes to look, T.
    points : int
        Of the grid on which minima are bracketed: anticrossings of the same two
        levels closer than two steps are seen as one.
    widest : float
        Gaps above are left out, Hz.

    Returns
    -------
    tuple of Anticrossing
        In ascending field. Levels that cross because a symmetry keeps them apart,
        such as the projection along an aligned field, are no anticrossings.

    Notes
    -----
    Blocks of the Hamiltonian that the field does not connect are searched one by one.
    Each local minimum of the distance of neighbours is narrowed down until only
    rounding is left. It counts if the two levels repel each other: their own share
    4 V^2 / gap of the curvature of the gap, V being the matrix element of dH/dB
    between them, exceeds that of all other levels (second-order perturbation theory).
    Where several copies of an anticrossing overlap, as those of the nuclear states in
    a wide one, no two levels are a pair: search the electron alone.
    """
    line = _unit(direction)
    start, end = checks.finite("low", low, "T"), checks.finite("high", high, "T")
    if not start < end:
        raise InvalidValue(f"low must be below high, T, got {start} and {end}.")
    grid = np.linspace(start, end, checks.count("points", points, low=3))
    static = system.static_hamiltonian()
    slope = np.tensordot(line, system.field_operators(), axes=1)
    found = []
    for block in _blocks(static, slope, max(abs(start), abs(end))):
        inside = np.ix_(block, block)
        found += _minima(static[inside], slope[inside], grid, widest)
    return tuple(
        Anticrossing(
            magnitude=size,
            field=size * line,
            gap=float(pair[1] - pair[0]),
            levels=_ranks(system.energies(size * line), pair),
            width=width,
        )
        for size, pair, width in sorted(found, key=lambda each: each[0])
    )


def _unit(direction: ArrayLike) -> Floats:
    along = checks.triple("direction", direction, "1")
    length = float(np.linalg.norm(along))
    if length == 0.0:
        raise InvalidValue(
            "direction must have three components that are not all zero, got "
            f"{along.tolist()}."
        )
    return along / length


def _blocks(static: Matrix, slope: Matrix, largest: float) -> list[NDArray[np.int64]]:
    """Return the sets of basis states between which nothing mixes."""
    from scipy.sparse.csgraph import connected_components

    size = np.abs(static) + largest * np.abs(slope)
    count, label = connected_components(size > _ROUNDING * size.max(), directed=False)
    return [np.flatnonzero(label == k) for k in range(count)]


def _minima(
    static: Matrix, slope: Matrix, grid: Floats, widest: float
) -> list[tuple[float, Floats, float]]:
    """Return size of the field, the two energies, and half width of each."""
    gaps = np.diff(affine_energies(static, slope[None], grid[:, None]), axis=1)
    middle = gaps[1:-1]
    place, level = np.nonzero((middle <= gaps[:-2]) & (middle < gaps[2:]))
    size = grid[place + 1]
    step, every = float(grid[1] - grid[0]), np.arange(size.size)
    offsets = np.linspace(-1.0, 1.0, 2 * _NARROWER + 1)
    for _ in range(_REFINEMENTS):
        fields = size[:, None] + step * offsets
        energies = affine_energies(static, slope[None], fields[..., None])
        distance = energies[every, :, level + 1] - energies[every, :, level]
        size = fields[every, np.argmin(distance, axis=1)]
        step /= _NARROWER
    energies, states = affine_eigenstates(static, slope[None], size[:, None])
    width, repel = _repulsion(energies, states, slope, level)
    pairs = np.stack([energies[every, level], energies[every, level + 1]], axis=1)
    kept = repel & (pairs[:, 1] - pairs[:, 0] <= widest)
    return [(float(size[k]), pairs[k], float(width[k])) for k in np.flatnonzero(kept)]


def _repulsion(
    energies: Floats, states: Matrix, slope: Matrix, level: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return half widths, and whether the two levels themselves bend the gap."""
    powers = np.abs(states.conj().swapaxes(-1, -2) @ slope @ states) ** 2
    every = np.arange(level.size)
    apart = energies[:, :, None] - energies[:, None, :]
    gaps = np.pad(np.diff(energies, axis=1), ((0, 0), (1, 1)), constant_values=np.inf)
    gap, own = gaps[every, level + 1], powers[every, level + 1, level]
    nearest = np.minimum(gaps[every, level], gaps[every, level + 2])
    with np.errstate(divide="ignore", invalid="ignore"):
        bends = np.where(apart == 0.0, 0.0, 2.0 * powers / apart).sum(axis=2)
        whole = bends[every, level + 1] - bends[every, level]
        width = gap / (2.0 * np.sqrt(own))
        repel = (4.0 * own / gap > 0.5 * np.abs(whole)) & (nearest > _TOUCHING * gap)
    smallest = _ROUNDING * np.abs(energies).max(initial=0.0)
    return width, repel & (gap > smallest)


def _ranks(energies: Floats, pair: Floats) -> tuple[int, int]:
    """Return the indices of two energies among all of them, two different ones."""
    low = int(np.argmin(np.abs(energies - pair[0])))
    high = int(np.argmin(np.abs(energies - pair[1])))
    return low, high if high != low else low + 1
