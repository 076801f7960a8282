"""Circuits read from Qiskit's memory through its C interface.

`qleap.processing.reading` gives the addresses of the functions and explains the tables.
A circuit with anything but standard gates with numbers, measurements, resets, barriers
and delays is left to the lowering in Python.
"""

import numpy as np
from numpy.typing import NDArray

from qleap.core.foreign import (
    call_double,
    call_integer,
    read_byte,
    read_half,
)
from qleap.core.jit import inner_kernel, kernel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

(
    BORROW,
    COUNT,
    KIND,
    VIEW,
    VALUE,
    STRIDE,
    HOLD,
    RELEASE,
    N_QUBITS,
    N_CLBITS,
    GLOBAL_PHASE,
    FREE,
    N_REGISTERS,
    REGISTER,
    REGISTER_SIZE,
    REGISTER_PLACES,
) = range(16)
"""Places in the table of functions (and of the bytes of a parameter)."""

IS_GATE, IS_BARRIER, IS_DELAY, IS_MEASURE, IS_RESET = range(5)
"""As ``QkOperationKind``."""

IS_PHASE = -1
"""The global phase, which is no instruction."""

NAME, QUBITS, CLBITS, PARAMS, NAME_LEN, NUMBERS, N_PARAMS = range(7)
"""Words of ``QkCircuitInstructionView``; one holds two numbers of bits."""

DIAGONAL, MEASURE, RESET = 2, 4, 5
"""As `qleap.processing.recipes.Kind`."""

PHASE = 6
"""As `qleap.processing.recipes.Recipe`."""

FEW_QUBITS = 64
"""Qubits of a circuit up to which no memory is asked for."""

FAILED, TERMINAL, MIDDLE = 0, 1, 2
"""How a circuit was read: not at all; measured at its end, or before."""


@kernel
def name_hash(address: int, length: int) -> np.uint64:
    """Return a number for the name at ``address`` (FNV-1a)."""
    value = np.uint64(0xCBF29CE484222325)
    for k in range(length):
        value ^= np.uint64(read_byte(address + k))
        value *= np.uint64(0x100000001B3)
    return value


@inner_kernel
def _phase(circuit: int, functions: Integers) -> float:
    """Return the global phase; NaN for one that is no number."""
    parameter = call_integer(functions[GLOBAL_PHASE], circuit, 0, 0)
    phase: float = call_double(functions[VALUE], parameter)
    call_integer(functions[FREE], parameter, 0, 0)
    return phase


@inner_kernel
def _is_one_register(circuit: int, n_clbits: int, functions: Integers) -> bool:
    """Tell whether there is one register, and it holds all bits in their order."""
    if call_integer(functions[N_REGISTERS], circuit, 0, 0) != 1:
        return False
    register = call_integer(functions[REGISTER], circuit, 0, 0)
    if call_integer(functions[REGISTER_SIZE], register, 0, 0) != n_clbits:
        return False
    places = np.empty(n_clbits, np.int32)
    call_integer(functions[REGISTER_PLACES], register, circuit, places.ctypes.data)
    fits = True
    for k in range(n_clbits):
        fits &= places[k] == k
    return fits


@inner_kernel
def _read(
    circuit: int,
    functions: Integers,
    view: Integers,
    hashes: NDArray[np.uint64],
    standard: Integers,
    used: NDArray[np.uint8],
    table: Integers,
    angles: Floats,
    found: Integers,
    n: int,
) -> int:
    """Read circuit ``n``; the next row of ``found`` gets where its tables end.

    Bit 0 of ``used`` marks a qubit on which something happens, bit 1 one that is no
    longer zero, bit 2 one that has been measured. All is in one function, as every
    array that another one takes would be counted as used and unused for every gate.
    """
    row, wire, recipe = found[n, 2], found[n, 3], found[n, 4]
    place, angle = found[n, 5], found[n, 6]
    wires, recipes = 7 * (angles.size // 4), 11 * (angles.size // 4)
    how = TERMINAL
    address = view.ctypes.data
    phase = _phase(circuit, functions)
    if np.isnan(phase):
        return FAILED
    begin = -1 if phase != 0.0 else 0  # the phase comes before all instructions
    for k in range(begin, call_integer(functions[COUNT], circuit, 0, 0)):
        operation, n_targets, n_controls, state, clbit = MEASURE, 1, 0, 0, -1
        code, filled, slot, entries = 0, 0, angle, place
        kind = IS_PHASE
        if k >= 0:
            kind = call_integer(functions[KIND], circuit, k, 0) & 255
            if kind in (IS_BARRIER, IS_DELAY):
                continue
            if kind > IS_RESET:
                return FAILED
            call_integer(functions[VIEW], circuit, k, address)
        if kind == IS_PHASE:
            operation, n_targets, code, filled = DIAGONAL, 0, PHASE, 2
            angles[angle] = phase
            angle += 1
        elif kind == IS_GATE:
            wanted = name_hash(view[NAME], view[NAME_LEN])
            last = np.uint64(hashes.size - 1)
            name = wanted & last
            while hashes[name] != wanted and hashes[name] != np.uint64(0):
                name = (name + np.uint64(1)) & last
            operation, state = standard[name, 0], standard[name, 3]
            n_targets, n_controls = standard[name, 1], standard[name, 2]
            code, filled = standard[name, 4], standard[name, 5]
            fits = view[NUMBERS] & 0xFFFFFFFF == n_targets + n_controls
            fits &= view[N_PARAMS] == standard[name, 7]
            if hashes[name] == np.uint64(0) or not fits:
                return FAILED
            if code == 0:
                entries = standard[name, 6]
            elif standard[name, 8]:  # U2 is U with a quarter turn
                angles[angle] = 0.5 * np.pi
                angle += 1
            for j in range(view[N_PARAMS]):
                parameter = view[PARAMS] + j * functions[STRIDE]
                angles[angle] = call_double(functions[VALUE], parameter)
                fits &= not np.isnan(angles[angle])
                angle += 1
            if not fits:
                return FAILED
        elif kind == IS_MEASURE:
            clbit = read_half(view[CLBITS])
        else:
            qubit = read_half(view[QUBITS])
            used[qubit] |= 1
            if not used[qubit] & 2:
                continue
            operation, how = RESET, MIDDLE
        if code:
            here = recipes + 4 * recipe
            table[here], table[here + 1] = code, row
            table[here + 2], table[here + 3] = place, slot
            recipe += 1
            place += filled
        here = 7 * row
        table[here], table[here + 1], table[here + 2] = operation, n_targets, n_controls
        table[here + 3], table[here + 4] = wire, state
        table[here + 5], table[here + 6] = entries, clbit
        row += 1
        for j in range(n_targets + n_controls):  # targets first, in Qiskit controls
            source = n_controls + j if j < n_targets else j - n_targets
            qubit = read_half(view[QUBITS] + 4 * source)
            if kind == IS_GATE and used[qubit] & 4:
                how = MIDDLE
            used[qubit] |= 7 if kind == IS_MEASURE else 3
            table[wires + wire] = qubit
            wire += 1
    found[n + 1, 2], found[n + 1, 3], found[n + 1, 4] = row, wire, recipe
    found[n + 1, 5], found[n + 1, 6] = place, angle
    return how


@kernel
def read_circuits(
    circuits: Integers,
    functions: Integers,
    hashes: NDArray[np.uint64],
    standard: Integers,
    table: Integers,
    angles: Floats,
    found: Integers,
) -> None:
    """Fill ``table`` and ``angles`` with many circuits, given as Python's objects.

    With room for n instructions ``table`` holds n operations, 4 n wires, n recipes,
    and ``angles`` 4 n numbers: one array, because each one more would be counted as
    used and unused again for every gate.

    A row of ``found`` gets: how the circuit was read, its used qubits, where its rows,
    wires, recipes, coefficients and angles begin, its classical bits, and whether one
    register holds them all in their order; the last row where the tables end. Places
    are those of the whole table, qubits are numbered without the idle ones.
    """
    lock = call_integer(functions[HOLD], 0, 0, 0)
    view = np.zeros(8, np.int64)
    used = np.zeros(FEW_QUBITS, np.uint8)
    number = np.zeros(FEW_QUBITS, np.int64)
    for k in range(circuits.size):
        circuit = call_integer(functions[BORROW], circuits[k], 0, 0)
        n_qubits = call_integer(functions[N_QUBITS], circuit, 0, 0) & 0xFFFFFFFF
        n_clbits = call_integer(functions[N_CLBITS], circuit, 0, 0) & 0xFFFFFFFF
        if n_qubits > used.size:
            used = np.zeros(n_qubits, np.uint8)
            number = np.zeros(n_qubits, np.int64)
        for qubit in range(n_qubits):
            used[qubit] = 0
        for column in range(2, 7):  # loops, as slices compile ten times longer
            found[k + 1, column] = found[k, column]
        found[k, 7] = n_clbits
        found[k, 8] = _is_one_register(circuit, n_clbits, functions)
        found[k, 0] = _read(
            circuit,
            functions,
            view,
            hashes,
            standard,
            used,
            table,
            angles,
            found,
            k,
        )
        n_used = 0
        for qubit in range(n_qubits):
            number[qubit] = n_used
            n_used += used[qubit] & 1
        found[k, 1] = n_used
        wires = 7 * (angles.size // 4)
        for wire in range(wires + found[k, 3], wires + found[k + 1, 3]):
            table[wire] = number[table[wire]]
    call_integer(functions[RELEASE], lock, 0, 0)
