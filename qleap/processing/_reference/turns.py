"""Turns of one qubit of two states, and sums over both: the definition."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]


def _rows(parts: Floats, lanes: Lanes) -> Floats:
    """Return a view with one row for each vector."""
    return parts.reshape(-1, 1 << len(lanes))


def _table(table: Floats, n: int, lanes: Lanes) -> Floats:
    size = 1 << len(lanes)
    return table[: n * size].reshape(n, size)


def _chosen(rows: Floats, fixed: int, value: int) -> NDArray[np.int64]:
    row = np.arange(len(rows))
    found: NDArray[np.int64] = row[row & fixed == value]
    return found


def turn_pair(
    x: Floats,
    y: Floats,
    low: int,
    high: int,
    order: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> tuple[float, float]:
    """Turn two row qubits by real matrices; return the sums of low and of high."""
    places = [order >> 2 * k & 3 for k in range(4)]
    sources = [low * (place & 1) | high * (place >> 1) for place in places]
    for parts in (x, y):
        rows = _rows(parts, lanes)
        first = _chosen(rows, low | high | fixed, value)
        taken = [rows[first | source] for source in sources]
        for target, block in zip((0, low, high, low | high), taken, strict=True):
            rows[first | target] = block
    found = []
    for target, entries in ((low, table[:4]), (high, table[4:8])):
        vectors: Any = np.append(entries, 1.0).astype(x.dtype).repeat(1 << len(lanes))
        found.append(turn_rows(x, y, target, fixed, value, vectors, lanes))
    return found[0], found[1]


def turn_rows(
    x: Floats,
    y: Floats,
    target: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> float:
    """Turn a row qubit by a real matrix; return the sum for Y."""
    u, v = _rows(x, lanes), _rows(y, lanes)
    a, b, c, d, sign = _table(table, 5, lanes)
    p = _chosen(u, target | fixed, value)
    q = p | target
    found = float(np.sum(sign * (v[q] * u[p] - v[p] * u[q])))
    for rows in (u, v):
        rows[p], rows[q] = a * rows[p] + b * rows[q], c * rows[p] + d * rows[q]
    return found


def turn_lane(
    x: Floats,
    y: Floats,
    place: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> float:
    """Turn a lane qubit by a real matrix; return the sum for Y."""
    u, v = _rows(x, lanes), _rows(y, lanes)
    a, b, sign = _table(table, 3, lanes)
    mirrored = np.arange(1 << len(lanes)) ^ 1 << place
    p = _chosen(u, fixed, value)
    found = float(np.sum(sign * v[p] * u[p][:, mirrored]))
    for rows in (u, v):
        rows[p] = a * rows[p] + b * rows[p][:, mirrored]
    return found


def _states(re: Floats, im: Floats, lanes: Lanes) -> list[NDArray[np.complex128]]:
    """Return psi and lambda, the halves of a block, as rows."""
    both = _rows(re, lanes) + 1j * _rows(im, lanes)
    return list(np.split(both, 2))


def _write(
    re: Floats, im: Floats, states: list[NDArray[np.complex128]], lanes: Lanes
) -> None:
    both = np.concatenate(states)
    _rows(re, lanes)[:], _rows(im, lanes)[:] = both.real, both.imag


def spin_rows(
    re: Floats,
    im: Floats,
    target: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> tuple[float, float, float]:
    """Turn a row qubit by a complex matrix; return the sums for X, Y and Z."""
    psi, lam = states = _states(re, im, lanes)
    numbers = _table(table, 9, lanes)
    a, b, c, d = numbers[:8:2] + 1j * numbers[1:8:2]
    sign = numbers[8]
    p = _chosen(psi.real, target | fixed, value)
    q = p | target
    x = np.sum(lam[p].conj() * psi[q] + lam[q].conj() * psi[p])
    y = np.sum(sign * 1j * (lam[q].conj() * psi[p] - lam[p].conj() * psi[q]))
    z = np.sum(sign * (lam[p].conj() * psi[p] - lam[q].conj() * psi[q]))
    for rows in states:
        rows[p], rows[q] = a * rows[p] + b * rows[q], c * rows[p] + d * rows[q]
    _write(re, im, states, lanes)
    return float(x.imag), float(y.imag), float(z.imag)


def spin_lane(
    re: Floats,
    im: Floats,
    place: int,
    fixed: int,
    value: int,
    table: Floats,
    lanes: Lanes,
) -> tuple[float, float, float]:
    """Turn a lane qubit by a complex matrix; return the sums for X, Y and Z."""
    psi, lam = states = _states(re, im, lanes)
    numbers = _table(table, 5, lanes)
    a, b = numbers[:4:2] + 1j * numbers[1:4:2]
    sign = numbers[4]
    mirrored = np.arange(1 << len(lanes)) ^ 1 << place
    p = _chosen(psi.real, fixed, value)
    beside = psi[p][:, mirrored]
    x = np.sum(lam[p].conj() * beside)
    y = np.sum(sign * 1j * lam[p].conj() * beside)
    z = np.sum(-sign * lam[p].conj() * psi[p])
    for rows in states:
        rows[p] = a * rows[p] + b * rows[p][:, mirrored]
    _write(re, im, states, lanes)
    return float(x.imag), float(y.imag), float(z.imag)


def cross_sum(
    re: Floats,
    im: Floats,
    flipped: int,
    flipped_lanes: int,
    fixed: int,
    value: int,
    packed: bool,
    table: Floats,
    lanes: Lanes,
) -> tuple[float, float]:
    """Return the sum of ``conj(lambda) psi``, psi with some bits flipped."""
    if packed:
        psi, lam = _rows(re, lanes), _rows(im, lanes)
    else:
        psi, lam = _states(re, im, lanes)  # type: ignore[assignment]
    mirrored = np.arange(1 << len(lanes)) ^ flipped_lanes
    p = _chosen(psi.real, fixed, value)
    products = lam[p].conj() * psi[p ^ flipped][:, mirrored]
    found = complex(np.sum(_table(table, 1, lanes)[0] * products))
    return found.real, found.imag
