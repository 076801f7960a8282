"""Shears of row qubits, one after another, and where the outcome goes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference.matrices import _rows, _where, _write

Floats = NDArray[np.float64] | NDArray[np.float32]
Lanes = tuple[int, ...]


def _shear(
    re: Floats,
    im: Floats,
    targets: Sequence[int],
    fixed: int,
    value: int,
    order: int,
    table: Floats,
    lanes: Lanes,
) -> None:
    """Apply ``[[1, b], [c, 1]]`` to each target; permute what comes out.

    Outcome k of the targets goes to where bits ``3 k`` and up of ``order`` say.
    """
    factors = table[0 : 4 * len(targets) : 2] + 1j * table[1 : 4 * len(targets) : 2]
    rows = _rows(re, im, lanes)
    base = _where(len(rows), fixed | sum(targets), value)

    def place(bits: int) -> int:
        return sum(target for j, target in enumerate(targets) if bits >> j & 1)

    outcomes = range(1 << len(targets))
    found = [rows[base | place(k)] for k in outcomes]
    for j in range(len(targets)):
        b, c = factors[2 * j], factors[2 * j + 1]
        for k in outcomes:
            if not k >> j & 1:
                x, y = found[k], found[k | 1 << j]
                found[k], found[k | 1 << j] = x + b * y, y + c * x
    for k in outcomes:
        rows[base | place(order >> 3 * k & 7)] = found[k]
    _write(re, im, rows)


def shear_one(
    re: Floats,
    im: Floats,
    target: int,
    fixed: int,
    value: int,
    order: int,
    table: Floats,
    lanes: Lanes,
) -> None:
    """Apply a shear to a row qubit and permute the outcome."""
    _shear(re, im, (target,), fixed, value, order, table, lanes)


def shear_two(
    re: Floats,
    im: Floats,
    a: int,
    b: int,
    fixed: int,
    value: int,
    order: int,
    table: Floats,
    kind: int,  # noqa: ARG001  # says what the table says anyway
    lanes: Lanes,
) -> None:
    """Apply shears to two row qubits and permute the outcome."""
    _shear(re, im, (a, b), fixed, value, order, table, lanes)


def shear_three(
    re: Floats,
    im: Floats,
    a: int,
    b: int,
    c: int,
    fixed: int,
    value: int,
    order: int,
    table: Floats,
    kind: int,  # noqa: ARG001
    lanes: Lanes,
) -> None:
    """Apply shears to three row qubits and permute the outcome."""
    _shear(re, im, (a, b, c), fixed, value, order, table, lanes)
