"""Many circuits at once into one set of tables, through Qiskit's C interface.

Reading a gate takes some 20 ns instead of 2 us. Where this Qiskit has no such interface
(before 2.1), or one of another layout, nothing is read and the caller takes
`qleap.processing.lowering`, which gives the same tables.
"""

import ctypes
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.processing.first_use import prepare_aside
from qleap.processing.program import Program, fill
from qleap.processing.recipes import CONSTANTS, STANDARD

__all__ = ["FAILED", "MIDDLE", "TERMINAL", "Reader", "Reading", "read_program"]

FAILED, TERMINAL, MIDDLE = 0, 1, 2
"""How a circuit was read: not at all; measured at its end, or before."""

_LAYOUT: Final = {
    "name": (0, 8),
    "qubits": (8, 8),
    "clbits": (16, 8),
    "params": (24, 8),
    "name_len": (32, 8),
    "num_qubits": (40, 4),
    "num_clbits": (44, 4),
    "num_params": (48, 8),
}
_KINDS: Final = ("Gate", "Barrier", "Delay", "Measure", "Reset")
_SLOTS: Final = 256
FEW: Final = 64
"""Instructions that are lowered as fast as read."""

PATIENCE: Final = 8
"""Long circuits that are lowered before another process compiles the reader."""

_misses: Final = itertools.count()

MOST_WIRES: Final = 4
"""Of a standard gate; so are most angles."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Circuits as tables.

    Parameters
    ----------
    operations, wires, recipes, angles : ndarray
        As in a program, one circuit after the other; the first coefficients are
        those of `qleap.processing.recipes.CONSTANTS`.
    found : ndarray of int64, shape (n_circuits + 1, 9)
        How each was read (`FAILED`, `TERMINAL`, `MIDDLE`), its number of used qubits,
        where its operations, wires, recipes, coefficients and angles begin, its number
        of classical bits, and 1 where it has one register, which holds all of them in
        their order; the last row tells where the tables end.
    """

    operations: NDArray[np.int64]
    wires: NDArray[np.int64]
    recipes: NDArray[np.int64]
    angles: NDArray[np.float64]
    found: NDArray[np.int64]


class Reader:
    """Reads circuits into tables that it owns; the next call writes over them.

    Fresh memory for each call would cost more than the reading.
    """

    def __init__(self) -> None:
        self._room = 0
        self._table = np.empty(0, np.int64)
        self._angles = np.empty(0)

    def read(self, circuits: Sequence[QuantumCircuit]) -> Reading | None:
        """Return all circuits as tables; None where Qiskit has no C interface."""
        interface = _interface()
        if interface is None:
            return None
        from qleap.processing._kernels import reading as kernels

        hashes, standard = _names()
        data = [circuit._data for circuit in circuits]  # keep them alive
        objects = np.fromiter(map(id, data), np.int64, len(data))
        self._grow(sum(map(len, data)) + len(data))
        table, angles = self._table, self._angles
        found = np.zeros((len(data) + 1, 9), np.int64)
        found[0, 5] = CONSTANTS.size
        kernels.read_circuits(
            objects, interface, hashes, standard, table, angles, found
        )
        ends, room = found[-1], self._room
        parts = np.split(table, (7 * room, 11 * room))
        return Reading(
            operations=parts[0].reshape(-1, 7)[: ends[2]],
            wires=parts[1][: ends[3]],
            recipes=parts[2].reshape(-1, 4)[: ends[4]],
            angles=angles[: ends[6]],
            found=found,
        )

    def _grow(self, room: int) -> None:
        """Make the tables large enough for ``room`` instructions."""
        if room > self._room:
            self._room = room
            self._table = np.empty((7 + MOST_WIRES + 4) * room, np.int64)
            self._angles = np.empty(MOST_WIRES * room)


def read_program(circuit: QuantumCircuit) -> Program | None:
    """Return the program of a circuit of bound standard gates on all its qubits.

    None where that is a matter for `qleap.processing.lowering`, which is also spared
    the compilation of the reader: only one that lies compiled is used.
    """
    if len(circuit._data) < FEW or not _is_at_hand():
        return None
    reading = Reader().read([circuit])
    if reading is None or reading.found[0, 0] == FAILED:
        return None
    if reading.found[0, 1] != circuit.num_qubits:
        return None
    if not np.isfinite(reading.angles).all():
        return None
    coefficients = np.zeros(int(reading.found[-1, 5]) + 2)  # kernels read ahead
    coefficients[: CONSTANTS.size] = CONSTANTS
    fill(reading.recipes, reading.angles[None], coefficients[None])
    return Program(
        n_qubits=circuit.num_qubits,
        n_clbits=circuit.num_clbits,
        operations=reading.operations,
        wires=reading.wires,
        coefficients=coefficients,
    )


def _is_at_hand() -> bool:
    """Tell whether the reader is compiled, which begins once it would be of use."""
    from qleap.processing._kernels import reading as kernels

    reader: Any = kernels.read_circuits
    if getattr(reader, "signatures", True) or _lies_compiled():
        return True
    if next(_misses) >= PATIENCE and _interface() is not None:
        prepare_aside("read", _lies_compiled.cache_clear)
    return False


@cache
def _lies_compiled() -> bool:
    from qleap.core.jit import is_compiled
    from qleap.processing._kernels import reading as kernels

    return is_compiled(kernels.read_circuits)


@cache
def _interface() -> NDArray[np.int64] | None:
    """Return the table of functions; None where there is none, or a foreign one."""
    try:
        from qiskit import capi

        view, kinds = capi.QkCircuitInstructionView, capi.QkOperationKind
        layout = {
            name: (getattr(view, name).offset, getattr(view, name).size)
            for name, *_ in view._fields_
        }
        numbers = [getattr(kinds, name).value for name in _KINDS]
        first = [
            capi.qk_circuit_borrow_from_python,
            capi.qk_circuit_num_instructions,
            capi.qk_circuit_instruction_kind,
            capi.qk_circuit_view_instruction,
            capi.qk_param_as_real,
        ]
        last = [
            capi.qk_circuit_num_qubits,
            capi.qk_circuit_num_clbits,
            capi.qk_circuit_global_phase,
            capi.qk_param_free,
            capi.qk_circuit_num_classical_registers,
            capi.qk_circuit_get_classical_register,
            capi.qk_classical_register_num_bits,
            capi.qk_classical_register_circuit_bits,
        ]
        stride = int(capi.qk_param_stride())
    except (ImportError, AttributeError):
        return None
    plain = [getattr(number, "value", number) for number in numbers]
    if layout != _LAYOUT or plain != list(range(len(_KINDS))):
        return None
    lock = [ctypes.pythonapi.PyGILState_Ensure, ctypes.pythonapi.PyGILState_Release]
    table = [_address(pointer) for pointer in (*first, *lock, *last)]
    table.insert(len(first), stride)
    return np.array(table, np.int64)


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


@cache
def _names() -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return hashes of the standard names in an open table, and their rows."""
    hashes = np.zeros(_SLOTS, np.uint64)
    rows = np.zeros((_SLOTS, 9), np.int64)
    for name, row in STANDARD.items():
        value = 0xCBF29CE484222325
        for byte in name.encode():
            value = (value ^ byte) * 0x100000001B3 % 2**64
        place = value % _SLOTS
        while hashes[place]:
            place = (place + 1) % _SLOTS
        hashes[place] = value
        rows[place] = (*row[:8], len(row.prefix))
    return hashes, rows
