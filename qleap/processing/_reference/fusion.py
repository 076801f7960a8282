"""Gates of a program as fused operations, one after another: the definition."""

import numpy as np
from numpy.typing import NDArray

ONE_QUBIT, MATRIX, DIAGONAL, EXCHANGE = range(4)
SHEAR, FLIP, MATRIX_ONE, MATRIX_TWO, SWAP, MATRIX_MANY, TERM, PHASE, LOOKUP = range(9)

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


def fuse(
    n_qubits: int,  # noqa: ARG001
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
) -> tuple[Integers, Complexes, Integers, float]:
    """Return one operation for each gate, three for a controlled SWAP."""
    rows: list[tuple[int, ...]] = []
    numbers: list[complex] = []
    named: list[int] = []
    total = 0.0
    for kind, n_targets, n_controls, first, wanted, table, _ in operations.tolist():
        targets = wires[first : first + n_targets].tolist()
        controls = wires[first + n_targets : first + n_targets + n_controls].tolist()
        mask = sum(1 << q for q in controls)
        value = sum((wanted >> k & 1) << q for k, q in enumerate(controls))
        entries = coefficients[table : table + 8]
        places = (len(numbers), len(named))
        if kind == DIAGONAL and n_targets + n_controls == 0:
            total += float(np.angle(entries[0] + 1j * entries[1]))
        elif kind == DIAGONAL and n_targets == 0:
            rows.append((PHASE, 0, 0, mask, value, *places))
            numbers.append(complex(np.angle(entries[0] + 1j * entries[1])))
        elif kind == EXCHANGE and n_targets == 1:
            rows.append((FLIP, targets[0], 0, mask, value, *places))
        elif kind == EXCHANGE and n_controls == 0:
            rows.append((SWAP, *targets, 0, 0, *places))
        elif kind == EXCHANGE:
            for target, other in (targets, targets[::-1], targets):
                both = (mask | 1 << other, value | 1 << other)
                rows.append((FLIP, target, 0, *both, *places))
        elif n_targets == 1 and kind != DIAGONAL:
            rows.append((MATRIX_ONE, targets[0], 0, mask, value, *places))
            numbers += (entries[0::2] + 1j * entries[1::2]).tolist()
        else:
            many = LOOKUP if kind == DIAGONAL else MATRIX_MANY
            rows.append((many, 0, n_targets, mask, value, table, places[1]))
            named += targets
    return (
        np.array(rows, np.int64).reshape(-1, 7),
        np.array(numbers, np.complex128),
        np.array(named, np.int64),
        total,
    )
