"""Blocks of levels that do not see each other, and what is in them at the start."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.sequences.spaces import (
    LARGEST_KEPT,
    Space,
    components,
    without_noise,
)
from qleap.sensing.sequences.spins import ControlledSpins

__all__ = ["Sector", "expectation", "joined", "sectors_for_state", "signal_sectors"]

Matrix = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, eq=False)
class Sector:
    """Blocks of the same size.

    Parameters
    ----------
    levels : ndarray, shape (q, b)
        Which levels of the space each of q blocks has.
    operators : ndarray, shape (k, q, b, b)
    columns : ndarray, shape (q, r, b)
        Vectors at the beginning.
    weights : ndarray, shape (q, r)
        With which they add up.
    readout : ndarray, shape (q, b, b) or (q, b)
        Operator on state vectors, or factors of the elements of density matrices.
    """

    levels: NDArray[np.int64]
    operators: Matrix
    columns: Matrix
    weights: NDArray[np.float64]
    readout: Matrix


def signal_sectors(spins: ControlledSpins, space: Space) -> tuple[Sector, ...]:
    """Return the blocks that both the first state and the readout see."""
    parts = np.ascontiguousarray(spins.initial), np.ascontiguousarray(spins.readout)
    if spins.dimension > LARGEST_KEPT:
        return _signal_sectors(space, *parts)
    return _kept_sectors(space, *(part.tobytes() for part in parts))


@lru_cache(maxsize=32)
def _kept_sectors(space: Space, state: bytes, readout: bytes) -> tuple[Sector, ...]:
    square = space.basis.shape
    parts = (np.frombuffer(part, np.complex128) for part in (state, readout))
    return _signal_sectors(space, *(part.reshape(square) for part in parts))


def _signal_sectors(space: Space, state: Matrix, readout: Matrix) -> tuple[Sector, ...]:
    state, readout = space.inward(state), space.inward(readout)
    if space.is_liouville:
        columns, read = state.reshape(1, -1), readout.T.ravel()
        label = _labels(space, np.zeros((space.size, space.size), dtype=bool))
        seen = (columns[0] != 0.0), (read != 0.0)
        return _sectors(space, label, columns, np.ones(1), read, seen)
    label = _labels(space, (state != 0.0) & (readout.T != 0.0))
    inside = label[:, None] == label[None, :]
    columns, weights = _factors(np.where(inside, state, 0.0))
    seen = np.any(columns != 0.0, axis=0), np.any(readout * inside != 0.0, axis=0)
    return _sectors(space, label, columns, weights, readout, seen)


def sectors_for_state(space: Space, state: Matrix | None) -> tuple[Sector, ...]:
    """Return all blocks with a density matrix; without one, with all unit vectors.

    The state is given in the eigenbasis.
    """
    if state is None:
        columns = np.eye(space.size, dtype=np.complex128)
        weights = np.ones(space.size)
    elif space.is_liouville:
        columns, weights = state.reshape(1, -1), np.ones(1)
    else:
        columns, weights = _factors(state)
    label = _labels(space, np.zeros((space.size, space.size), dtype=bool))
    seen = np.any(columns != 0.0, axis=0)
    read = np.zeros((space.size, space.size), dtype=np.complex128)
    return _sectors(space, label, columns, weights, read, (seen, seen), whole=True)


def expectation(sector: Sector, states: Matrix) -> NDArray[np.float64]:
    """Return what the blocks add to the signal, for states ``(q, p, r, b)``."""
    blocks, points, count, size = states.shape
    flat = states.reshape(blocks, points * count, size)
    if sector.readout.ndim == 2:
        return np.asarray((flat @ sector.readout[:, :, None]).sum(axis=(0, 2)).real)
    seen = (flat @ sector.readout.swapaxes(1, 2)).reshape(states.shape)
    each = np.einsum("qprb,qprb->qpr", states.conj(), seen).real
    return np.asarray(np.einsum("qpr,qr->p", each, sector.weights))


def joined(space: Space, sectors: tuple[Sector, ...], found: list[Matrix]) -> Matrix:
    """Return the vectors of all levels, shape ``(p, r, n)``."""
    _, points, count, _ = found[0].shape
    whole = np.zeros((points, count, space.size), dtype=np.complex128)
    for sector, states in zip(sectors, found, strict=True):
        for levels, block in zip(sector.levels, states, strict=True):
            whole[:, :, levels] = block
    return whole


def _labels(space: Space, edges: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return to which block each level belongs."""
    return components(np.any(space.operators != 0.0, axis=0) | edges)


def _factors(state: Matrix) -> tuple[Matrix, NDArray[np.float64]]:
    """Return rows c and weights w with the state sum of w c c^+."""
    cleaned = without_noise(state)
    near = (cleaned != 0.0) | (cleaned.T != 0.0)
    label = components(near)
    columns, weights = [], []
    for one in np.unique(label[np.any(near, axis=1)]):
        levels = np.flatnonzero(label == one)
        if len(levels) == 1:
            shares, vectors = state[levels, levels].real, np.ones((1, 1))
        else:
            shares, vectors = np.linalg.eigh(state[np.ix_(levels, levels)])
        for share, vector in zip(shares, vectors.T, strict=True):
            row = np.zeros(len(state), dtype=np.complex128)
            row[levels] = vector
            columns.append(row)
            weights.append(share)
    if not weights:
        return np.zeros((1, len(state)), dtype=np.complex128), np.zeros(1)
    kept = np.abs(weights) > 1e-15 * np.max(np.abs(weights))
    return np.array(columns)[kept], np.array(weights)[kept]


def _sectors(
    space: Space,
    label: NDArray[np.int64],
    columns: Matrix,
    weights: NDArray[np.float64],
    readout: Matrix,
    seen: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    *,
    whole: bool = False,
) -> tuple[Sector, ...]:
    sizes: dict[int, list[NDArray[np.int64]]] = {}
    for one in np.unique(label):
        levels = np.flatnonzero(label == one)
        if all(np.any(mark[levels]) for mark in seen):
            sizes.setdefault(len(levels), []).append(levels)
    found = []
    for levels in (np.array(blocks) for blocks in sizes.values()):
        here = np.moveaxis(columns[:, levels], 0, 1)
        share = np.broadcast_to(weights, (len(levels), len(weights)))
        if not whole:
            here, share = _packed(here, share)
        square = levels[:, :, None], levels[:, None, :]
        found.append(
            Sector(
                levels=levels,
                operators=np.ascontiguousarray(space.operators[:, *square]),
                columns=np.ascontiguousarray(here),
                weights=share,
                readout=readout[square] if readout.ndim == 2 else readout[levels],
            )
        )
    return tuple(found)


def _packed(
    columns: Matrix, weights: NDArray[np.float64]
) -> tuple[Matrix, NDArray[np.float64]]:
    """Return the columns of each block that are not zero, first."""
    filled = np.any(columns != 0.0, axis=2)
    order = np.argsort(~filled, axis=1, kind="stable")[:, : filled.sum(axis=1).max()]
    here = np.take_along_axis(columns, order[:, :, None], axis=1)
    share = np.take_along_axis(np.where(filled, weights, 0.0), order, axis=1)
    return here, share
