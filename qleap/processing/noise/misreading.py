"""Readout errors of measured bits."""

import numpy as np
from numpy.typing import NDArray

from qleap.processing.program import Kind, Program

__all__ = ["misread"]

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]


def misread(packed: Bytes, program: Program, seed: int) -> Bytes:
    """Return what is read where ``packed`` is true.

    Parameters
    ----------
    packed : ndarray of uint8, shape (shots, n_bytes)
        Bits after the last measurement, as `qleap.processing.bits` packs them.
    program : Program
        Its readout errors act in their order; not on bits that are measured again.
    seed : int
        The same seed gives the same errors; those of the first shots do not depend on
        how many follow.
    """
    rows = np.flatnonzero(program.operations[:, 0] == Kind.READOUT)
    if not len(rows):
        return packed
    read = np.array(packed, order="C")
    streams = np.random.SeedSequence([seed, len(rows)]).spawn(len(rows))
    measured = _last_measurements(program)
    for place, stream in zip(rows.tolist(), streams, strict=True):
        row = program.operations[place]
        clbits = program.wires[row[3] : row[3] + row[1]]
        kept = np.flatnonzero(measured[clbits] < place)
        if not kept.size:
            continue
        error = program.readouts[row[4]]
        if kept.size < clbits.size:
            error = error.of_bits(kept.tolist())
        rng = np.random.default_rng(stream)
        _misread_some(read, clbits[kept], error.assignment, rng)
    return read


def _last_measurements(program: Program) -> Integers:
    """Return which operation measures each bit last, -1 for none."""
    found = np.full(program.n_clbits, -1)
    places = np.flatnonzero(program.operations[:, 0] == Kind.MEASURE)
    found[program.operations[places, 6]] = places  # of equal bits the last one stays
    return found


def _misread_some(
    read: Bytes,
    clbits: Integers,
    assignment: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Misread some bits in place.

    Only shots that are drawn with the largest probability of any error are looked at;
    each of them is misread with the share of that probability that its value has.
    """
    errors = 1.0 - np.diagonal(assignment)
    most = float(errors.max())
    if most <= 0.0:
        return
    shots = _drawn(len(read), most, rng)
    columns = read.shape[1] - 1 - (clbits >> 3)
    masks = (1 << (clbits & 7)).astype(np.uint8)
    true = np.zeros(shots.size, np.int64)
    for k in range(clbits.size):
        true |= ((read[shots, columns[k]] & masks[k]) != 0).astype(np.int64) << k
    chances = assignment / most
    np.fill_diagonal(chances, 0.0)
    bounds = np.cumsum(chances, axis=0)
    drawn = rng.random(shots.size)
    found = np.sum(bounds[:, true] <= drawn, axis=0)
    flips = np.where(found < len(bounds), found ^ true, 0)
    for k in range(clbits.size):
        here = flips >> k & 1 != 0
        read[shots[here], columns[k]] ^= masks[k]


def _drawn(count: int, probability: float, rng: np.random.Generator) -> Integers:
    """Return which of ``count`` shots are drawn with ``probability`` each."""
    if probability >= 1.0:
        return np.arange(count)
    places = [np.array([-1])]
    while places[-1][-1] < count - 1:
        gaps = rng.geometric(probability, 1024)
        places.append(places[-1][-1] + np.cumsum(gaps))
    found = np.concatenate(places[1:]) if len(places) > 1 else np.zeros(0, np.int64)
    return found[found < count]
