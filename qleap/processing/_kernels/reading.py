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
def _find(hashes: NDArray[np.uint64], wanted: np.uint64) -> int:
    """Return the place of a hash in an open table, or of a free one."""
    mask = np.uint64(hashes.size - 1)
    place = wanted & mask
    while hashes[place] != wanted and hashes[place] != np.uint64(0):
        place = (place + np.uint64(1)) & mask
    return int(place)


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
def _append_row(
    kind: int,
    sizes: int,
    state: int,
    place: int,
    clbit: int,
    table: Integers,
    at: Integers,
) -> None:
    """Append an operation; ``sizes`` holds both numbers of qubits in four bits each."""
    n = 7 * at[0]
    table[n] = kind
    table[n + 1] = sizes & 15
    table[n + 2] = sizes >> 4
    table[n + 3] = at[1]
    table[n + 4] = state
    table[n + 5] = place
    table[n + 6] = clbit
    at[0] += 1


@inner_kernel
def _append_recipe(code: int, filled: int, table: Integers, at: Integers) -> None:
    """Append a recipe of the next row, and keep a place for its coefficients."""
    n = 11 * at[5] + 4 * at[2]
    table[n] = code
    table[n + 1] = at[0]
    table[n + 2] = at[3]
    table[n + 3] = at[4]
    at[2] += 1
    at[3] += filled


@inner_kernel
def _append_angles(
    n_prefix: int, view: Integers, functions: Integers, angles: Floats, at: Integers
) -> bool:
    """Append the angles of a gate; return whether all are numbers."""
    slot = at[4]
    if n_prefix:  # U2 is U with a quarter turn
        angles[slot] = 0.5 * np.pi
        slot += 1
    fits = True
    for k in range(view[N_PARAMS]):
        angle = call_double(functions[VALUE], view[PARAMS] + k * functions[STRIDE])
        fits &= not np.isnan(angle)
        angles[slot] = angle
        slot += 1
    at[4] = slot
    return fits


@inner_kernel
def _append_wires(
    n_targets: int, n_controls: int, view: Integers, table: Integers, at: Integers
) -> None:
    """Append the qubits of a gate, its targets first."""
    begin = 7 * at[5] + at[1]
    for k in range(n_targets):
        table[begin + k] = read_half(view[QUBITS] + 4 * (n_controls + k))
    for k in range(n_controls):
        table[begin + n_targets + k] = read_half(view[QUBITS] + 4 * k)
    at[1] += n_targets + n_controls


@inner_kernel
def _read(
    circuit: int,
    phase: float,
    functions: Integers,
    view: Integers,
    hashes: NDArray[np.uint64],
    standard: Integers,
    used: NDArray[np.uint8],
    table: Integers,
    angles: Floats,
    at: Integers,
) -> int:
    """Read one circuit; ``at`` holds the ends of the tables (see `read_circuits`).

    Bit 0 of ``used`` marks a qubit on which something happens, bit 1 one that is no
    longer zero, bit 2 one that has been measured.
    """
    how = TERMINAL
    address = view.ctypes.data
    if phase != 0.0:
        if np.isnan(phase):
            return FAILED
        angles[at[4]] = phase
        place = at[3]
        _append_recipe(PHASE, 2, table, at)
        _append_row(DIAGONAL, 0, 0, place, -1, table, at)
        at[4] += 1
    for k in range(call_integer(functions[COUNT], circuit, 0, 0)):
        kind = call_integer(functions[KIND], circuit, k, 0) & 255
        if kind in (IS_BARRIER, IS_DELAY):
            continue
        if kind > IS_RESET:
            return FAILED
        call_integer(functions[VIEW], circuit, k, address)
        if kind == IS_GATE:
            name = _find(hashes, name_hash(view[NAME], view[NAME_LEN]))
            n_targets, n_controls = standard[name, 1], standard[name, 2]
            n_qubits = view[NUMBERS] & 0xFFFFFFFF
            fits = hashes[name] != np.uint64(0) and n_qubits == n_targets + n_controls
            if not fits or view[N_PARAMS] != standard[name, 7]:
                return FAILED
            place = standard[name, 6]
            if standard[name, 4]:
                place = at[3]
                _append_recipe(standard[name, 4], standard[name, 5], table, at)
                if not _append_angles(standard[name, 8], view, functions, angles, at):
                    return FAILED
            sizes = n_targets | n_controls << 4
            state = standard[name, 3]
            _append_row(standard[name, 0], sizes, state, place, -1, table, at)
            _append_wires(n_targets, n_controls, view, table, at)
            for j in range(n_qubits):
                qubit = read_half(view[QUBITS] + 4 * j)
                if used[qubit] & 4:
                    how = MIDDLE
                used[qubit] |= 3
            continue
        qubit = read_half(view[QUBITS])
        used[qubit] |= 1
        if kind == IS_RESET:
            if used[qubit] & 2:
                how = MIDDLE
                _append_row(RESET, 1, 0, at[3], -1, table, at)
            else:
                continue
        else:
            clbit = read_half(view[CLBITS])
            _append_row(MEASURE, 1, 0, at[3], clbit, table, at)
            used[qubit] |= 6
        table[7 * at[5] + at[1]] = qubit
        at[1] += 1
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
    room = angles.size // 4
    at = np.empty(6, np.int64)
    for column in range(5):  # loops, as slices compile ten times longer
        at[column] = found[0, 2 + column]
    at[5] = room
    for k in range(circuits.size):
        for column in range(5):
            found[k, 2 + column] = at[column]
        circuit = call_integer(functions[BORROW], circuits[k], 0, 0)
        n_qubits = call_integer(functions[N_QUBITS], circuit, 0, 0) & 0xFFFFFFFF
        n_clbits = call_integer(functions[N_CLBITS], circuit, 0, 0) & 0xFFFFFFFF
        if n_qubits > used.size:
            used = np.zeros(n_qubits, np.uint8)
            number = np.zeros(n_qubits, np.int64)
        for qubit in range(n_qubits):
            used[qubit] = 0
        found[k, 7] = n_clbits
        found[k, 8] = _is_one_register(circuit, n_clbits, functions)
        found[k, 0] = _read(
            circuit,
            _phase(circuit, functions),
            functions,
            view,
            hashes,
            standard,
            used,
            table,
            angles,
            at,
        )
        if found[k, 0] == FAILED:
            for column in range(5):
                at[column] = found[k, 2 + column]
        n_used = 0
        for qubit in range(n_qubits):
            number[qubit] = n_used
            n_used += used[qubit] & 1
        found[k, 1] = n_used
        for wire in range(7 * room + found[k, 3], 7 * room + at[1]):
            table[wire] = number[table[wire]]
    for column in range(5):
        found[circuits.size, 2 + column] = at[column]
    call_integer(functions[RELEASE], lock, 0, 0)
