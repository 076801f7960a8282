"""NumPy definitions of the gate loops in `qleap.processing._kernels.statevector`.

Each gate is written for the whole index set: which indices take part (boolean
arrays), and what the matrix does with them.
"""

import math

import numpy as np
from numpy.typing import NDArray

ONE_QUBIT, MATRIX, DIAGONAL, EXCHANGE, MEASURE, RESET, BRANCH = range(7)
MASK = (1 << 64) - 1

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def _complex(pairs: Floats) -> NDArray[np.complex128]:
    return pairs[0::2] + 1j * pairs[1::2]


def _where(re: Floats, occupied: int, values: int) -> Integers:
    """Return the indices whose ``occupied`` bits read ``values``."""
    return np.flatnonzero(np.arange(re.size) & occupied == values)


def apply_one_qubit(
    re: Floats, im: Floats, target: int, controls: int, values: int, matrix: Floats
) -> None:
    """Multiply a 2 x 2 matrix onto one qubit where the controls agree."""
    apply_matrix(re, im, np.array([target]), controls, values, matrix)


def apply_exchange(
    re: Floats, im: Floats, occupied: int, first: int, second: int
) -> None:
    """Swap the amplitudes whose occupied bits read ``first`` and ``second``."""
    one, two = _where(re, occupied, first), _where(re, occupied, second)
    for part in (re, im):
        part[one], part[two] = part[two].copy(), part[one].copy()


def apply_phase(
    re: Floats, im: Floats, occupied: int, values: int, cosine: float, sine: float
) -> None:
    """Multiply the amplitudes whose occupied bits read ``values`` by one number."""
    index = _where(re, occupied, values)
    changed = (re[index] + 1j * im[index]) * (cosine + 1j * sine)
    re[index], im[index] = changed.real, changed.imag


def apply_matrix(
    re: Floats,
    im: Floats,
    targets: Integers,
    controls: int,
    values: int,
    matrix: Floats,
) -> None:
    """Multiply a dense matrix onto ``targets``, first target lowest in its index."""
    rows = 1 << len(targets)
    dense = _complex(matrix[: 2 * rows * rows]).reshape(rows, rows)
    groups = _where(re, controls | int(np.sum(targets)), values)
    offsets = [
        sum(int(target) for k, target in enumerate(targets) if row >> k & 1)
        for row in range(rows)
    ]
    index = groups[None, :] | np.array(offsets)[:, None]
    changed = dense @ (re[index] + 1j * im[index])
    re[index], im[index] = changed.real, changed.imag


def apply_two_qubit(
    re: Floats,
    im: Floats,
    targets: Integers,
    controls: int,
    values: int,
    matrix: Floats,
) -> None:
    """Multiply a 4 x 4 matrix onto two qubits: the dense case of two targets."""
    apply_matrix(re, im, targets, controls, values, matrix)


def apply_gate(
    re: Floats,
    im: Floats,
    base: int,
    position: Integers,
    operation: Integers,
    wires: Integers,
    coefficients: Floats,
) -> None:
    """Apply one unitary operation to a block of amplitudes."""
    kind, n_targets, n_controls, first, wanted, table = operation[:6]
    entries = coefficients[table:]
    index = np.arange(re.size)

    def bit(wire: int) -> Integers:
        """Return the value of a qubit at every amplitude of the block."""
        place = position[wire]
        inside: Integers = index >> place & 1
        return inside if place >= 0 else np.full_like(index, base >> wire & 1)

    targets = wires[first : first + n_targets]
    controls = wires[first + n_targets : first + n_targets + n_controls]
    active = np.ones(re.size, bool)
    for k, wire in enumerate(controls):
        active &= bit(wire) == (wanted >> k & 1)
    if kind == DIAGONAL:
        row = sum((bit(wire) << k for k, wire in enumerate(targets)), 0 * index)
        factor = np.where(active, _complex(entries[: 2 << n_targets])[row], 1.0)
        changed = (re + 1j * im) * factor
        re[:], im[:] = changed.real, changed.imag
        return
    if kind == EXCHANGE:  # X is the swap of 0 and 1, SWAP that of 01 and 10
        dense = np.eye(2)[::-1] if n_targets == 1 else np.eye(4)[[0, 2, 1, 3]]
        entries = dense.ravel().astype(complex).view(np.float64)
    after_re, after_im = re.copy(), im.copy()
    apply_matrix(after_re, after_im, 1 << position[targets], 0, 0, entries)
    re[active], im[active] = after_re[active], after_im[active]


def evolve_into(
    operations: Integers, wires: Integers, coefficients: Floats, state: Floats
) -> None:
    """Apply unitary operations to a whole ``state`` (interleaved)."""
    re, im = state[0::2].copy(), state[1::2].copy()
    position = np.arange(re.size.bit_length() - 1)
    for operation in operations:
        apply_gate(re, im, 0, position, operation, wires, coefficients)
    state[0::2], state[1::2] = re, im


def measure(re: Floats, im: Floats, target: int, uniform: float) -> int:
    """Measure one qubit, project the state on the outcome, and return it."""
    weight = re**2 + im**2
    is_one = np.arange(re.size) & target != 0
    outcome = int(uniform * weight.sum() < weight[is_one].sum())
    kept = is_one == bool(outcome)
    for part in (re, im):
        part[:] = np.where(kept, part / math.sqrt(weight[kept].sum()), 0.0)
    return outcome


def _uniform(seed: int, draw: int) -> float:
    """Return number ``draw`` of the stream of ``seed`` in [0, 1) (SplitMix64)."""
    z = (seed + (draw + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return float((z ^ (z >> 31)) >> 11) * 2.0**-53


def run_shots_into(
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    state: Floats,
    seeds: NDArray[np.uint64],
    workers: int,  # noqa: ARG001
    step_limit: int,
    bits: NDArray[np.uint8],
) -> int:
    """Run a program with measurements once a seed; return the shots without end."""
    position = np.arange(64)
    endless = 0
    for shot, seed in enumerate(seeds):
        re, im = state[0::2].copy(), state[1::2].copy()
        k = draws = steps = 0
        while k < len(operations) and steps < step_limit:
            row = operations[k]
            k, steps, first = k + 1, steps + 1, int(row[3])
            if row[0] == BRANCH:
                read = bits[shot, wires[first : first + row[1]]]
                value = sum(int(bit) << j for j, bit in enumerate(read))
                k += int(wires[first + row[1] + value])
            elif row[0] in (MEASURE, RESET):
                target = 1 << int(wires[first])
                outcome = measure(re, im, target, _uniform(int(seed), draws))
                draws += 1
                if row[0] == MEASURE:
                    bits[shot, row[6]] = outcome
                elif outcome:
                    apply_exchange(re, im, target, 0, target)
            else:
                apply_gate(re, im, 0, position, row, wires, coefficients)
        endless += k < len(operations)
    return endless
