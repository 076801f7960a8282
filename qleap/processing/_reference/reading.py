"""The same tables from the same circuits, read through Qiskit's Python interface.

Circuits come as objects where the kernels take their addresses.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FAILED, TERMINAL, MIDDLE = 0, 1, 2
MASK = (1 << 64) - 1


def name_hash(address: bytes, length: int) -> np.uint64:
    """Return a number for a name (FNV-1a)."""
    value = 0xCBF29CE484222325
    for byte in address[:length]:
        value = (value ^ byte) * 0x100000001B3 & MASK
    return np.uint64(value)


def read_circuits(
    circuits: Sequence[Any],
    functions: Any,  # noqa: ARG001
    hashes: NDArray[np.uint64],
    standard: NDArray[np.int64],
    table: NDArray[np.int64],
    angles: NDArray[np.float64],
    found: NDArray[np.int64],
) -> None:
    """Fill ``table`` and ``angles`` with many circuits."""
    room = angles.size // 4
    rows = table[: 7 * room].reshape(-1, 7)
    wires = table[7 * room : 11 * room]
    recipes = table[11 * room :].reshape(-1, 4)
    place = {int(value): k for k, value in enumerate(hashes) if value}
    at = found[0, 2:7].copy()
    for k, circuit in enumerate(circuits):
        found[k, 2:7] = at
        found[k, 7:] = len(circuit.clbits), _is_one_register(circuit)
        try:
            used, how, steps = _steps(
                circuit, float(circuit.global_phase), standard, place
            )
        except (KeyError, TypeError):  # no such name; an angle without a number
            found[k, :2] = FAILED, 0
            continue
        number = {qubit: new for new, qubit in enumerate(sorted(used))}
        for row, qubits, code, filled, turned in steps:
            begin = at[3] if code else row[3] if row[3] >= 0 else at[3]
            rows[at[0]] = (*row[:3], at[1], row[4], begin, row[5])
            wires[at[1] : at[1] + len(qubits)] = [number[q] for q in qubits]
            if code:
                recipes[at[2]] = code, at[0], at[3], at[4]
                angles[at[4] : at[4] + len(turned)] = turned
            at += (1, len(qubits), bool(code), filled, len(turned))
        found[k, :2] = how, len(used)
    found[len(circuits), 2:7] = at


def _is_one_register(circuit: Any) -> bool:
    """Tell whether there is one register, and it holds all bits in their order."""
    return [list(register) for register in circuit.cregs] == [circuit.clbits]


def _steps(
    circuit: Any, phase: float, standard: NDArray[np.int64], place: dict[int, int]
) -> tuple[set[int], int, list[Any]]:
    """Return used qubits, where they are measured, and what to append.

    A step is (kind, targets, controls, place, state, bit), qubits, recipe, its size
    and its angles.
    """
    used: set[int] = set()
    touched: set[int] = set()
    measured: set[int] = set()
    how, steps = TERMINAL, list[Any]()
    if phase:
        steps.append(((2, 0, 0, -1, 0, -1), [], 6, 2, [float(phase)]))
    for step in circuit.data:
        qubits = [circuit.find_bit(bit).index for bit in step.qubits]
        name = step.operation.name
        if name in {"barrier", "delay"}:
            continue
        used.update(qubits)
        if name == "measure":
            clbit = circuit.find_bit(step.clbits[0]).index
            steps.append(((4, 1, 0, -1, 0, clbit), qubits, 0, 0, []))
            measured.update(qubits)
            touched.update(qubits)
            continue
        if name == "reset":
            if not touched.isdisjoint(qubits):
                how = MIDDLE
                steps.append(((5, 1, 0, -1, 0, -1), qubits, 0, 0, []))
            continue
        if not step.is_standard_gate():
            raise KeyError(name)
        how = how if measured.isdisjoint(qubits) else MIDDLE
        touched.update(qubits)
        row = standard[place[int(name_hash(name.encode(), len(name)))]].tolist()
        turned = [0.5 * np.pi] * row[8] + [float(p) for p in step.operation.params]
        columns = (*row[:3], -1 if row[4] else row[6], row[3], -1)
        steps.append((columns, qubits[row[2] :] + qubits[: row[2]], *row[4:6], turned))
    return used, how, steps
