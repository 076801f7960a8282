"""One pass backwards over both states of the adjoint method."""

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference.sweep import _apply, _spread
from qleap.processing._reference.undoing import CROSS, RECORD, SPIN

Floats = NDArray[np.float64] | NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Complexes = NDArray[np.complex128]
Lanes = tuple[int, ...]


def _measure(
    psi: Complexes, lam: Complexes, row: Integers, packed: bool, out: Doubles
) -> None:
    """Add what one operation measures."""
    index, record = np.arange(psi.size), int(row[RECORD])
    if row[0] == CROSS:
        chosen = index[index & row[3] == row[4]]
        found = np.sum(lam[chosen].conj() * psi[chosen ^ row[1]])
        out[record : record + 2] += found.real, found.imag
        return
    zero = index[index & row[1] == 0]
    one = zero | row[1]
    up, down = lam[zero].conj() * psi[one], lam[one].conj() * psi[zero]
    z = lam[zero].conj() * psi[zero] - lam[one].conj() * psi[one]
    sums = [np.sum(up + down).imag, np.sum(1j * (down - up)).imag, np.sum(z).imag]
    out[record + 1] += sums[1]
    if not packed:
        out[record] += sums[0]
        out[record + 2] += sums[2]


def undo_blocks(
    operations: Integers,
    tables: Floats,
    places: Integers,
    inverses: Doubles,
    inner: int,
    outside: int,
    first: int,
    last: int,
    packed: bool,
    keep: bool,
    lanes: Lanes,
    psi: Floats,
    lam: Floats,
    out: Doubles,
) -> None:
    """Undo a sweep on blocks ``first`` to ``last`` of both states."""
    states = [psi[0::2], psi[1::2]] if packed else [psi, lam]
    within = _spread(inner)
    data = (tables, np.empty((0, 3), np.int64), np.empty(0), places, inverses, 0, lanes)
    for base in _spread(outside)[first:last].tolist():
        index = base | within
        if packed:
            blocks = [state[index] + 0j for state in states]
        else:
            blocks = [state.view(np.result_type(state, 1j))[index] for state in states]
        for row in operations:
            if row[0] in (SPIN, CROSS):
                if base & row[7] == row[8]:
                    _measure(blocks[0], blocks[1], row, packed, out)
                continue
            for block in blocks:
                re, im = block.real.copy(), block.imag.copy()
                _apply(re, im, base, row, *data)
                block[:] = re + 1j * im
        if not keep:
            continue
        for state, block in zip(states, blocks, strict=True):
            if packed:
                state[index] = block.real
            else:
                state.view(block.dtype)[index] = block
