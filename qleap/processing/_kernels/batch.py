"""Many small circuits in one call: every state stays in the cache.

A row of ``items`` holds: first and last operation (exclusive), what to add to their
places in ``wires`` and ``coefficients``, qubits, classical bits, shots, and the first
byte of the results. Samples come from an alias table (Walker 1977, built as by Vose
1991): one random number and one comparison a shot.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.jit import inner_kernel, kernel
from qleap.processing._kernels.small import LENGTH, _run_gates
from qleap.processing._kernels.statevector import (
    BRANCH,
    MEASURE,
    _uniform,
    apply_exchange,
    measure,
)

MEAN = 1.0 - 2.0**-30
"""An entry from which on counts as the mean: rounding must not choose the pairs."""

SHARES = 2.0**48
"""Steps in which an entry's share that stays is counted."""

GROUP = 256
"""Random numbers that are drawn at once."""

FIRST, END, WIRE, PLACE, QUBITS, CLBITS, SHOTS, OUT = range(8)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]


@kernel
def random_bits(stream: np.uint64, draw: int) -> np.uint64:
    """Return number ``draw`` of a stream, 64 random bits (SplitMix64)."""
    z = stream + np.uint64(draw + 1) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def fill_alias(weights: Floats, stack: Integers, alias: Integers) -> None:
    """Turn ``weights`` into the shares that stay, and say who takes the rest.

    Entries below the mean are filled up from those above; a pair at a time leaves.
    """
    size = weights.size
    total = 0.0
    for k in range(size):
        total += weights[k]
    scale = size / total
    low = 0
    high = size  # the stack of small ones grows up, that of large ones down
    for k in range(size):
        weights[k] *= scale
        alias[k] = k
        if weights[k] < MEAN:
            stack[low] = k
            low += 1
        else:
            high -= 1
            stack[high] = k
    while low > 0 and high < size:
        low -= 1
        small, large = stack[low], stack[high]
        alias[small] = large
        weights[large] -= 1.0 - weights[small]
        if weights[large] < MEAN:
            high += 1
            stack[low] = large
            low += 1
    for k in range(low):  # what rounding has left over
        weights[stack[k]] = 1.0
    for k in range(high, size):
        weights[stack[k]] = 1.0


@inner_kernel
def _fill_labels(
    operations: Integers,
    begin: int,
    end: int,
    wires: Integers,
    wire: int,
    n_clbits: int,
    width: int,
    labels: Bytes,
) -> None:
    """Write the bytes that each basis state sets; the last measurement counts."""
    for k in range(labels.size):  # loops, as slices compile ten times longer
        labels[k] = 0
    source = np.empty(n_clbits, np.int64)
    for clbit in range(n_clbits):
        source[clbit] = -1
    for k in range(begin, end):
        if operations[k, 0] == MEASURE:
            source[operations[k, 6]] = wires[wire + operations[k, 3]]
    for clbit in range(n_clbits):
        if source[clbit] >= 0:
            byte = width - 1 - (clbit >> 3)
            for state in range(labels.size // width):
                bit = (state >> source[clbit]) & 1
                labels[state * width + byte] |= np.uint8(bit << (clbit & 7))


@kernel
def sample_small_into(
    re: Floats,
    im: Floats,
    n_qubits: int,
    labels: Bytes,
    width: int,
    stream: np.uint64,
    packed: Bytes,
) -> None:
    """Write the bytes of independent readings of a state of a few qubits.

    The first bits of a random number choose an entry of the alias table, the next 48
    are compared with the share that stays. An entry is one word: the share, and the
    byte of either outcome. So the choice is a shift and no branch, which would be
    mispredicted every other time.
    """
    size = 1 << n_qubits
    weights = np.empty(size)
    alias = np.empty(size, np.int64)
    for k in range(size):
        weights[k] = re[k] * re[k] + im[k] * im[k]
    fill_alias(weights, np.empty(size, np.int64), alias)
    table = np.empty(size, np.uint64)
    numbers = np.empty(GROUP, np.uint64)
    shift = np.uint64(63 - n_qubits)  # in two steps: no shift by all 64 bits
    lift = np.uint64(n_qubits)
    shots = packed.size // width
    for byte in range(width):
        for k in range(size):
            share = min(np.int64(weights[k] * SHARES), np.int64(SHARES) - 1)
            share = max(share, np.int64(0))  # what gave the mean may end just below
            kept, taken = labels[k * width + byte], labels[alias[k] * width + byte]
            table[k] = np.uint64(share << 16 | np.int64(taken) << 8 | np.int64(kept))
        for begin in range(0, shots, GROUP):
            for j in range(GROUP):  # apart, as it becomes vector code only so
                numbers[j] = random_bits(stream, begin + j)
            for j in range(min(GROUP, shots - begin)):
                entry = table[(numbers[j] >> np.uint64(1)) >> shift]
                is_kept = (numbers[j] << lift) >> np.uint64(16) < entry >> np.uint64(16)
                outcome = entry >> (np.uint64(0) if is_kept else np.uint64(8))
                packed[(begin + j) * width + byte] = np.uint8(outcome)


@inner_kernel
def _run_shot(
    re: Floats,
    im: Floats,
    operations: Integers,
    begin: int,
    end: int,
    wires: Integers,
    wire: int,
    coefficients: Floats,
    place: int,
    stops: Integers,
    seed: np.uint64,
    step_limit: int,
    bits: Bytes,
) -> int:
    """Run one shot; return 1 where it does not end within ``step_limit`` steps.

    All gates up to the next other operation, row ``stops[k - begin]``, go at once.
    """
    k = begin
    draws = steps = 0
    while k < end and steps < step_limit:
        kind, first = operations[k, 0], wire + operations[k, 3]
        stop = min(stops[k - begin], k + step_limit - steps)
        if stop > k:
            _run_gates(re, im, operations, k, stop, wires, wire, coefficients, place)
        elif kind == BRANCH:  # how far to jump, by the value of the classical bits
            value = np.int64(0)
            for j in range(operations[k, 1]):
                value |= np.int64(bits[wires[first + j]]) << j
            stop = k + 1 + wires[first + operations[k, 1] + value]
        else:
            target = 1 << wires[first]
            outcome = measure(re, im, target, _uniform(seed, draws))
            draws += 1
            stop = k + 1
            if kind == MEASURE:
                bits[operations[k, 6]] = outcome
            elif outcome == 1:
                apply_exchange(re, im, target, 0, target)
        steps += stop - k if kind < MEASURE else 1
        k = stop
    return 1 if k < end else 0


@inner_kernel
def _run_shots(
    re: Floats,
    im: Floats,
    operations: Integers,
    begin: int,
    end: int,
    wires: Integers,
    wire: int,
    coefficients: Floats,
    place: int,
    n_clbits: int,
    stream: np.uint64,
    step_limit: int,
    packed: Bytes,
) -> int:
    """Run the rest of a circuit for every shot; return the shots without end."""
    width = (n_clbits + 7) // 8
    size = re.size
    own = np.empty(2 * max(size, LENGTH))
    own_re, own_im = own[:size], own[own.size // 2 :][:size]
    bits = np.empty(n_clbits, np.uint8)
    stops = np.empty(end - begin, np.int64)
    for k in range(end - 1, begin - 1, -1):
        stops[k - begin] = end
        if operations[k, 0] >= MEASURE:
            stops[k - begin] = k
        elif k + 1 < end:
            stops[k - begin] = stops[k + 1 - begin]
    for k in range(own.size):
        own[k] = 0.0
    for k in range(packed.size):
        packed[k] = 0
    endless = 0
    for shot in range(packed.size // width):
        for k in range(size):
            own_re[k] = re[k]
            own_im[k] = im[k]
        for k in range(n_clbits):
            bits[k] = 0
        seed = random_bits(stream, shot)
        endless += _run_shot(
            own_re,
            own_im,
            operations,
            begin,
            end,
            wires,
            wire,
            coefficients,
            place,
            stops,
            seed,
            step_limit,
            bits,
        )
        for clbit in range(n_clbits):
            byte = shot * width + width - 1 - (clbit >> 3)
            packed[byte] |= bits[clbit] << np.uint8(clbit & 7)
    return endless


@inner_kernel
def _first_reading(
    operations: Integers, begin: int, end: int, wires: Integers, wire: int
) -> tuple[int, bool]:
    """Return the first row that is no gate, and whether all readings are at the end.

    They are if nothing happens to a qubit after its measurement.
    """
    first = end
    ends = True
    measured = 0
    for k in range(end - 1, begin - 1, -1):
        first = k if operations[k, 0] >= MEASURE else first
    for k in range(first, end):
        ends &= operations[k, 0] <= MEASURE
        is_gate = operations[k, 0] < MEASURE
        start = wire + operations[k, 3]
        for j in range(start, start + operations[k, 1] + operations[k, 2]):
            if operations[k, 0] <= MEASURE:
                mask = 1 << wires[j]
                ends &= not (is_gate and measured & mask)
                measured |= 0 if is_gate else mask
    return first, ends


@inner_kernel
def _run_item(
    items: Integers,
    n: int,
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    stream: np.uint64,
    step_limit: int,
    state: Floats,
    packed: Bytes,
) -> int:
    """Run circuit ``n`` in the scratch ``state``; return the shots without end."""
    begin, end, wire, place = (
        items[n, FIRST],
        items[n, END],
        items[n, WIRE],
        items[n, PLACE],
    )
    n_qubits, n_clbits = items[n, QUBITS], items[n, CLBITS]
    size = 1 << n_qubits
    room = max(size, LENGTH)
    for k in range(2 * room):
        state[k] = 0.0
    state[0] = 1.0
    re, im = state[:size], state[room : room + size]
    first, ends = _first_reading(operations, begin, end, wires, wire)
    last = end if ends else first
    _run_gates(re, im, operations, begin, last, wires, wire, coefficients, place)
    width = (n_clbits + 7) // 8
    out = packed[items[n, OUT] : items[n, OUT] + items[n, SHOTS] * width]
    if not ends:
        return _run_shots(
            re,
            im,
            operations,
            first,
            end,
            wires,
            wire,
            coefficients,
            place,
            n_clbits,
            stream,
            step_limit,
            out,
        )
    labels = np.empty(size * width, np.uint8)
    _fill_labels(operations, first, end, wires, wire, n_clbits, width, labels)
    sample_small_into(re, im, n_qubits, labels, width, stream, out)
    return 0


@kernel
def run_batch_into(
    operations: Integers,
    wires: Integers,
    coefficients: Floats,
    items: Integers,
    streams: NDArray[np.uint64],
    step_limit: int,
    packed: Bytes,
) -> int:
    """Run all ``items`` from zero; return how many shots came to no end.

    ``packed`` gets the classical bits. Each item draws from a stream of its own, so
    nothing depends on its neighbours. Several threads run several batches.
    """
    endless = 0
    largest = 0
    for n in range(items.shape[0]):
        largest = max(largest, items[n, QUBITS])
    state = np.empty(2 * max(1 << largest, LENGTH))
    for n in range(items.shape[0]):
        endless += _run_item(
            items,
            n,
            operations,
            wires,
            coefficients,
            streams[n],
            step_limit,
            state,
            packed,
        )
    return endless
