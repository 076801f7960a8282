"""Diagonal gates on a block, amplitude by amplitude: the definitions."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64] | NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]
Lanes = tuple[int, ...]


def phase_table(depth: int, masks: Integers, angles: Doubles, out: Floats) -> None:
    """Write ``exp(i sum of angles)``, first all real, then all imaginary parts."""
    index = np.arange(1 << depth)
    total = np.zeros(index.size)
    for mask, angle in zip(masks, angles, strict=True):
        total += angle * (index & mask == mask)
    out[: index.size] = np.cos(total)
    out[index.size :] = np.sin(total)


def multiply_phases(
    re: Floats,
    im: Floats,
    base: int,
    table: Floats,
    plain: int,  # noqa: ARG001  # says what the table says anyway
    terms: Integers,
    angles: Doubles,
    lanes: Lanes,  # noqa: ARG001
) -> None:
    """Multiply a block by ``exp(i angle)``."""
    size = table.size // 2
    index = np.arange(re.size)
    group, low = index // size, index % size
    total = np.zeros(re.size)
    for (high, outer, bit), angle in zip(terms, angles, strict=True):
        applies = (group & high == high) & (base & outer == outer)
        if bit >= 0:
            applies &= low >> bit & 1 == 1
        total += angle * applies
    factor = (table[:size] + 1j * table[size:])[low] * np.exp(1j * total)
    found = (re + 1j * im) * factor
    re[:] = found.real
    im[:] = found.imag


def multiply_entries(
    re: Floats,
    im: Floats,
    base: int,
    places: Integers,
    fixed: int,
    value: int,
    entries: Doubles,
) -> None:
    """Multiply a diagonal, given entry by entry, onto the qubits at ``places``."""
    index = np.arange(re.size)
    entry = np.zeros(re.size, np.int64)
    for k, place in enumerate(places):
        bit = index >> place if place >= 0 else np.full(re.size, base >> (-place - 1))
        entry |= (bit & 1) << k
    factor = np.where(
        index & fixed == value, entries[2 * entry] + 1j * entries[2 * entry + 1], 1.0
    )
    found = (re + 1j * im) * factor
    re[:] = found.real
    im[:] = found.imag
