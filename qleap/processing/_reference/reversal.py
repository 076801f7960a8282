"""A circuit backwards, gate by gate, nothing merged: the definition."""

import numpy as np
from numpy.typing import NDArray

from qleap.processing._reference.fusion import (
    FLIP,
    LOOKUP,
    MATRIX_MANY,
    PHASE,
)
from qleap.processing._reference.fusion import TERM as MEASURE

DIAGONAL, EXCHANGE = 2, 3
VALUE = 3

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Reversed = tuple[
    Integers, Complexes, Integers, Floats, Integers, Integers, Floats, int, bool
]


def _matrix(table: Floats, first: int, size: int, diagonal: bool) -> Complexes:
    """Return the entries of a gate as a matrix."""
    n = size if diagonal else size * size
    entries = (
        table[first : first + 2 * n : 2] + 1j * table[first + 1 : first + 2 * n : 2]
    )
    return np.diag(entries) if diagonal else entries.reshape(size, size)


def _spread(number: int, qubits: list[int]) -> int:
    return sum((number >> k & 1) << q for k, q in enumerate(qubits))


def reverse(
    n_qubits: int,  # noqa: ARG001
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    recipes: Integers,
    counts: Integers,
    active: Integers,
    derivatives: Floats,
) -> Reversed:
    """Return what undoes a program and what is to be measured on the way."""
    angles = {
        int(row): range(int(slot), int(slot + count))
        for (_, row, _, slot), count in zip(recipes, counts, strict=True)
    }
    rows = [(MEASURE, 0, 0, 0, 0, 0, 0, 0, 1)]
    crosses = [(0, 0, 0, VALUE)]
    numbers: list[complex] = []
    named: list[int] = []
    inverses: list[float] = []
    terms: list[tuple[int, int]] = []
    weights: list[float] = []
    record = VALUE + 2
    for k in range(len(operations) - 1, -1, -1):
        kind, n_targets, n_controls, first, state, place, _ = operations[k].tolist()
        own = wires[first : first + n_targets + n_controls].tolist()
        targets, controls = own[:n_targets], own[n_targets:]
        mask, value = _spread(-1, controls), _spread(state, controls)
        diagonal = kind == DIAGONAL
        if kind > EXCHANGE or (diagonal and not own):
            continue
        begin = len(crosses)
        if kind == EXCHANGE:
            steps = [(targets[0], mask, value)]
            if n_targets == 2:
                one, other = (1 << q for q in targets)
                steps = [(targets[1], mask | one, value | one)]
                steps = [(targets[0], mask | other, value | other), *steps]
                steps.append(steps[0])
            for target, fixed, wanted in steps:
                rows.append((FLIP, target, 0, fixed, wanted, 0, 0, begin, begin))
            continue
        size = 1 << n_targets
        u = _matrix(coefficients, place, size, diagonal)
        for j, slot in enumerate(angles.get(k, ())):
            if not active[slot]:
                continue
            slope = _matrix(derivatives[j], place, size, diagonal) @ u.conj().T
            for a, b in zip(*np.nonzero(slope), strict=True):
                crosses.append(
                    (
                        mask | _spread(-1, targets),
                        value | _spread(int(a), targets),
                        _spread(int(a ^ b), targets),
                        record,
                    )
                )
                terms += [(slot, record), (slot, record + 1)]
                weights += [2.0 * slope[a, b].real, -2.0 * slope[a, b].imag]
                record += 2
        measured = (begin, len(crosses))
        if diagonal and n_targets == 0:
            at = (len(numbers), 0)
            rows.append((PHASE, 0, 0, mask, value, *at, *measured))
            numbers.append(-np.angle(u[0, 0]))
            continue
        many = LOOKUP if diagonal else MATRIX_MANY
        at = (len(inverses), len(named))
        rows.append((many, 0, n_targets, mask, value, *at, *measured))
        named += targets
        inverse = np.diagonal(u).conj() if diagonal else u.conj().T
        inverses += np.ascontiguousarray(inverse).view(np.float64).ravel().tolist()
    real = not np.any(np.abs(inverses[1::2]) > 1e-15) and not np.any(
        np.abs(np.sin(np.real(numbers))) > 1e-15
    )
    return (
        np.array(rows, np.int64),
        np.array([*numbers, 0.0], np.complex128),
        np.array(named, np.int64),
        np.array([*inverses, 0.0, 0.0]),
        np.array(crosses, np.int64),
        np.array(terms, np.int64).reshape(-1, 2),
        np.array(weights),
        record,
        bool(real),
    )
