"""Readout errors of measured bits."""

import numpy as np
from numpy.typing import NDArray

from qleap.processing.bits import pack, unpack
from qleap.processing.program import Kind, Program

__all__ = ["misread"]

Bytes = NDArray[np.uint8]


def misread(packed: Bytes, program: Program, seed: int) -> Bytes:
    """Return what is read where ``packed`` is true.

    Parameters
    ----------
    packed : ndarray of uint8, shape (shots, n_bytes)
        Bits after the last measurement, as `qleap.processing.bits` packs them.
    program : Program
        Its readout errors act in their order.
    seed : int
        The error of shot k depends on the seed and on k alone.
    """
    rows = program.operations[program.operations[:, 0] == Kind.READOUT]
    if not len(rows):
        return packed
    bits = unpack(packed, program.n_clbits)
    rng = np.random.default_rng([seed, len(rows)])
    for row in rows:
        clbits = program.wires[row[3] : row[3] + row[1]]
        bound = np.cumsum(program.readouts[row[4]].assignment, axis=0)
        weights = 1 << np.arange(len(clbits))
        true = bits[:, clbits] @ weights
        drawn = rng.random(len(bits))
        read = np.sum(bound[:-1].T[true] <= drawn[:, None], axis=1)
        bits[:, clbits] = read[:, None] >> np.arange(len(clbits)) & 1
    return pack(bits)
