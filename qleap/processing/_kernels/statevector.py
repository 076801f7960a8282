"""Compiled gates on a state vector, and the two loops that run a program.

Real and imaginary parts of a block lie in two arrays, because the compiler turns
such loops into vector instructions and complex ones not. Qubits appear as bit
masks of the index: ``target = 1 << position``. A mask of *occupied* bits (targets
and controls) walks over the other indices without a table: the next index with
those bits clear is ``((i | occupied) + 1) & ~occupied``; below the lowest occupied
bit the indices are contiguous, which is the inner loop. There they are a start plus
the counter, cast to unsigned: only this form becomes vector code (signed ones keep
numba's wrap-around test). `qleap.processing.program` explains an operation's columns.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import kernel, parallel_kernel, prange

ONE_QUBIT, MATRIX, DIAGONAL, EXCHANGE, MEASURE, RESET, BRANCH = range(7)
"""As `qleap.processing.program.Kind`."""

CHUNK = 64
"""Groups of amplitudes that a dense matrix takes at once (they fit the L1 cache)."""

SHORTEST_RUN = 32
"""Contiguous amplitudes from which two-qubit gates go run by run."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bits = NDArray[np.uint8]


@kernel
def apply_one_qubit(
    re: Floats, im: Floats, target: int, controls: int, values: int, matrix: Floats
) -> None:
    """Multiply a 2 x 2 matrix (8 floats) onto one qubit where the controls agree."""
    ar, ai, br, bi = matrix[0], matrix[1], matrix[2], matrix[3]
    cr, ci, dr, di = matrix[4], matrix[5], matrix[6], matrix[7]
    occupied = target | controls
    run = occupied & -occupied
    skipped = occupied | (run - 1)
    start = 0
    while start < re.size:
        for j in range(run):
            p = np.uint64((start | values) + j)
            q = np.uint64((start | values | target) + j)
            xr, xi, yr, yi = re[p], im[p], re[q], im[q]
            re[p] = ar * xr - ai * xi + br * yr - bi * yi
            im[p] = ar * xi + ai * xr + br * yi + bi * yr
            re[q] = cr * xr - ci * xi + dr * yr - di * yi
            im[q] = cr * xi + ci * xr + dr * yi + di * yr
        start = ((start | skipped) + 1) & ~skipped


@kernel
def apply_exchange(
    re: Floats, im: Floats, occupied: int, first: int, second: int
) -> None:
    """Swap the amplitudes whose occupied bits read ``first`` and ``second``."""
    run = occupied & -occupied
    skipped = occupied | (run - 1)
    start = 0
    while start < re.size:
        for j in range(run):
            p = np.uint64((start | first) + j)
            q = np.uint64((start | second) + j)
            re[p], re[q] = re[q], re[p]
            im[p], im[q] = im[q], im[p]
        start = ((start | skipped) + 1) & ~skipped


@kernel
def apply_phase(
    re: Floats, im: Floats, occupied: int, values: int, cosine: float, sine: float
) -> None:
    """Multiply the amplitudes whose occupied bits read ``values`` by one number."""
    bits = occupied | re.size  # the bit above the index ends a loop without bits
    run = bits & -bits
    skipped = bits | (run - 1)
    start = 0
    while start < re.size:
        for j in range(run):
            p = np.uint64((start | values) + j)
            x, y = re[p], im[p]
            re[p] = cosine * x - sine * y
            im[p] = cosine * y + sine * x
        start = ((start | skipped) + 1) & ~skipped


@kernel
def apply_two_qubit(
    re: Floats,
    im: Floats,
    targets: Integers,
    controls: int,
    values: int,
    matrix: Floats,
) -> None:
    """Multiply a 4 x 4 matrix onto two qubits, run by run of contiguous amplitudes.

    The fewer qubits lie below the lowest target or control, the shorter the runs;
    `apply_gate` takes `apply_matrix` below `SHORTEST_RUN`.
    """
    occupied = targets[0] | targets[1] | controls
    run = occupied & -occupied
    skipped = occupied | (run - 1)
    places = np.array([0, targets[0], targets[1], targets[0] | targets[1]])
    width = min(run, CHUNK)
    x = np.empty((8, width))
    ar, ai, br, bi = x[0], x[1], x[2], x[3]
    cr, ci, dr, di = x[4], x[5], x[6], x[7]
    start = 0
    while start < re.size:
        for begin in range(start | values, (start | values) + run, width):
            for part in range(4):
                at = begin | places[part]
                x[2 * part] = re[at : at + width]
                x[2 * part + 1] = im[at : at + width]
            for row in range(4):
                m = matrix[8 * row : 8 * row + 8]
                a, b, c, d = m[0], m[2], m[4], m[6]
                e, f, g, h = m[1], m[3], m[5], m[7]
                at = begin | places[row]
                yr, yi = re[at : at + width], im[at : at + width]
                for j in range(width):
                    yr[j] = a * ar[j] + b * br[j] + c * cr[j] + d * dr[j]
                    yi[j] = a * ai[j] + b * bi[j] + c * ci[j] + d * di[j]
                    yr[j] -= e * ai[j] + f * bi[j] + g * ci[j] + h * di[j]
                    yi[j] += e * ar[j] + f * br[j] + g * cr[j] + h * dr[j]
        start = ((start | skipped) + 1) & ~skipped


@kernel
def _fill_groups(start: int, occupied: int, groups: Integers, size: int) -> int:
    """Write the next indices with clear occupied bits; return their number."""
    filled = 0
    while filled < groups.size and start < size:
        groups[filled] = start
        filled += 1
        start = ((start | occupied) + 1) & ~occupied
    return filled


@kernel
def apply_matrix(
    re: Floats,
    im: Floats,
    targets: Integers,
    controls: int,
    values: int,
    matrix: Floats,
) -> None:
    """Multiply a dense matrix onto two or more ``targets``, the first one lowest."""
    rows = 1 << targets.size
    occupied = controls
    offsets = np.full(rows, values)
    for k in range(targets.size):
        occupied |= targets[k]
        for row in range(rows):
            if (row >> k) & 1:
                offsets[row] |= targets[k]
    groups = np.empty(CHUNK, np.int64)
    xr = np.empty((rows, CHUNK))
    xi = np.empty((rows, CHUNK))
    sr = np.empty(CHUNK)
    si = np.empty(CHUNK)
    start = 0
    while start < re.size:
        filled = _fill_groups(start, occupied, groups, re.size)
        start = ((groups[filled - 1] | occupied) + 1) & ~occupied
        for row in range(rows):
            for j in range(filled):
                xr[row, j] = re[np.uint64(groups[j] | offsets[row])]
                xi[row, j] = im[np.uint64(groups[j] | offsets[row])]
        for row in range(rows):
            sr[:filled] = 0.0
            si[:filled] = 0.0
            for k in range(0, rows, 4):  # four columns at once: two qubits in one go
                m = matrix[2 * (row * rows + k) :]
                ar, ai, br, bi = m[0], m[1], m[2], m[3]
                cr, ci, dr, di = m[4], m[5], m[6], m[7]
                for j in range(filled):
                    sr[j] += ar * xr[k, j] - ai * xi[k, j]
                    sr[j] += br * xr[k + 1, j] - bi * xi[k + 1, j]
                    sr[j] += cr * xr[k + 2, j] - ci * xi[k + 2, j]
                    sr[j] += dr * xr[k + 3, j] - di * xi[k + 3, j]
                    si[j] += ar * xi[k, j] + ai * xr[k, j]
                    si[j] += br * xi[k + 1, j] + bi * xr[k + 1, j]
                    si[j] += cr * xi[k + 2, j] + ci * xr[k + 2, j]
                    si[j] += dr * xi[k + 3, j] + di * xr[k + 3, j]
            for j in range(filled):
                re[np.uint64(groups[j] | offsets[row])] = sr[j]
                im[np.uint64(groups[j] | offsets[row])] = si[j]


@kernel
def _apply_diagonal(
    re: Floats,
    im: Floats,
    base: int,
    places: Integers,
    controls: int,
    values: int,
    entries: Floats,
) -> None:
    """Multiply a diagonal onto the qubits at ``places``, entry by entry."""
    for row in range(1 << places.size):
        occupied = controls
        wanted = values
        matches = True
        for k in range(places.size):
            bit = (row >> k) & 1
            if places[k] >= 0:
                occupied |= 1 << places[k]
                wanted |= bit << places[k]
            else:
                matches &= (base >> (-places[k] - 1)) & 1 == bit
        cosine, sine = entries[2 * row], entries[2 * row + 1]
        if matches and not (cosine == 1.0 and sine == 0.0):
            apply_phase(re, im, occupied, wanted, cosine, sine)


@kernel
def apply_gate(
    re: Floats,
    im: Floats,
    base: int,
    position: Integers,
    operation: Integers,
    wires: Integers,
    coefficients: Floats,
) -> None:
    """Apply one unitary operation to a block of amplitudes.

    ``position[w]`` is the bit of qubit ``w`` in the block, or ``-1 - w`` where the
    block has one value of it: the bit ``w`` of ``base``.
    """
    kind, n_targets, n_controls = operation[0], operation[1], operation[2]
    first = operation[3]
    controls = 0
    values = 0
    for k in range(n_controls):
        place = position[wires[first + n_targets + k]]
        wanted = (operation[4] >> k) & 1
        if place >= 0:
            controls |= 1 << place
            values |= wanted << place
        elif (base >> (-place - 1)) & 1 != wanted:
            return
    table = coefficients[operation[5] :]
    if kind == ONE_QUBIT:
        target = 1 << position[wires[first]]
        apply_one_qubit(re, im, target, controls, values, table)
    elif kind == EXCHANGE:
        one = 1 << position[wires[first]]
        two = 0 if n_targets == 1 else 1 << position[wires[first + 1]]
        occupied = one | two | controls
        apply_exchange(re, im, occupied, values | one, values | two)
    elif kind == DIAGONAL:
        places = position[wires[first : first + n_targets]]
        _apply_diagonal(re, im, base, places, controls, values, table)
    else:
        targets = 1 << position[wires[first : first + n_targets]]
        occupied = controls | targets[0] | targets[1]
        if n_targets == 2 and occupied & -occupied >= SHORTEST_RUN:
            apply_two_qubit(re, im, targets, controls, values, table)
        else:
            apply_matrix(re, im, targets, controls, values, table)


@kernel
def evolve_into(
    operations: Integers, wires: Integers, coefficients: Floats, state: Floats
) -> None:
    """Apply unitary operations to a whole ``state`` (interleaved) in one thread."""
    re = state[0::2].copy()
    im = state[1::2].copy()
    n_qubits = 0
    while (1 << n_qubits) < re.size:
        n_qubits += 1
    position = np.arange(n_qubits)
    for k in range(operations.shape[0]):
        apply_gate(re, im, 0, position, operations[k], wires, coefficients)
    state[0::2] = re
    state[1::2] = im


@kernel
def _uniform(seed: np.uint64, draw: int) -> float:
    """Return number ``draw`` of the stream of ``seed`` in [0, 1) (SplitMix64)."""
    z = seed + np.uint64(draw + 1) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.float64(z >> np.uint64(11)) * 2.0**-53


@kernel
def measure(re: Floats, im: Floats, target: int, uniform: float) -> int:
    """Measure one qubit, project the state on the outcome, and return it."""
    one = 0.0
    total = 0.0
    for i in range(re.size):
        weight = re[i] * re[i] + im[i] * im[i]
        total += weight
        if i & target:
            one += weight
    outcome = 1 if uniform * total < one else 0
    kept = one if outcome == 1 else total - one
    scale = 1.0 / math.sqrt(kept)
    wanted = target if outcome == 1 else 0
    for i in range(re.size):
        factor = scale if i & target == wanted else 0.0
        re[i] *= factor
        im[i] *= factor
    return outcome


@kernel
def _run_shot(
    re: Floats,
    im: Floats,
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    seed: np.uint64,
    step_limit: int,
    bits: Bits,
) -> int:
    """Run one shot; return 1 where it does not end within ``step_limit`` steps."""
    position = np.arange(64)
    k = draws = steps = 0
    while k < operations.shape[0] and steps < step_limit:
        row = operations[k]
        k += 1
        steps += 1
        if row[0] == BRANCH:  # how far to jump, by the value of the classical bits
            value = np.int64(0)
            for j in range(row[1]):
                value |= np.int64(bits[wires[row[3] + j]]) << j
            k += wires[row[3] + row[1] + value]
        elif row[0] == MEASURE or row[0] == RESET:
            target = 1 << wires[row[3]]
            outcome = measure(re, im, target, _uniform(seed, draws))
            draws += 1
            if row[0] == MEASURE:
                bits[row[6]] = outcome
            elif outcome == 1:
                apply_exchange(re, im, target, 0, target)
        else:
            apply_gate(re, im, 0, position, row, wires, coefficients)
    return 1 if k < operations.shape[0] else 0


@parallel_kernel
def run_shots_into(
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    state: Floats,
    seeds: NDArray[np.uint64],
    workers: int,
    step_limit: int,
    bits: Bits,
) -> int:
    """Run a program with measurements once a seed; return the shots without end.

    Every shot starts from ``state`` (interleaved, unchanged) and draws from its own
    stream, so the ``bits`` (shots x classical bits) depend on no thread count.
    """
    endless = 0
    for worker in prange(workers):
        re = np.empty(state.size // 2)
        im = np.empty(state.size // 2)
        for shot in range(
            seeds.size * worker // workers, seeds.size * (worker + 1) // workers
        ):
            re[:] = state[0::2]
            im[:] = state[1::2]
            endless += _run_shot(
                re,
                im,
                operations,
                wires,
                coefficients,
                seeds[shot],
                step_limit,
                bits[shot],
            )
    return endless
