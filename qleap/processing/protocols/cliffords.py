"""Clifford gates on one and two qubits, drawn uniformly.

One qubit: the 24 elements as at most one pulse, ``rz sx rz`` or ``rz x``, with turns of
z that are virtual on most devices: 5/6 of a pulse on average. Two qubits: the 11520
elements by Qiskit's synthesis with the fewest CX gates, 3/2 on average (Bravyi and
Maslov, arXiv:2003.09412).
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import XGate, get_standard_gate_name_mapping
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Clifford, random_clifford

from qleap.core.errors import InvalidValue

__all__ = [
    "COUPLERS_PER_CLIFFORD",
    "N_CLIFFORDS",
    "PULSES_PER_CLIFFORD",
    "clifford_circuit",
    "clifford_gate",
    "draw_cliffords",
    "returning",
]

N_CLIFFORDS: Final = {1: 24, 2: 11520}
PULSES_PER_CLIFFORD: Final = 5 / 6
"""Pulses of sx or x, on one qubit."""

COUPLERS_PER_CLIFFORD: Final = 3 / 2
"""CX gates, on two qubits."""


def draw_cliffords(
    n_qubits: int, n: int, rng: np.random.Generator
) -> list[QuantumCircuit]:
    """Return ``n`` uniformly drawn elements as circuits.

    Parameters
    ----------
    n_qubits : int
        1 or 2.
    n : int
        How many.
    rng : numpy.random.Generator
        Draws them.
    """
    if n_qubits == 1:
        table = _one_qubit()[0]
        return [table[k] for k in rng.integers(len(table), size=n)]
    return [random_clifford(n_qubits, rng).to_circuit() for _ in range(n)]


def clifford_circuit(element: Clifford) -> QuantumCircuit:
    """Return the circuit of an element on one or two qubits, with the fewest pulses."""
    if element.num_qubits == 1:
        table, places = _one_qubit()
        return table[places[_key(element)]]
    return element.to_circuit()


def clifford_gate(name: str, value: object, n_qubits: int) -> Gate:
    """Return the standard gate ``value``, which must be a Clifford gate."""
    gate = get_standard_gate_name_mapping().get(value)
    try:
        if gate is None or gate.num_qubits != n_qubits:
            raise QiskitError("of another size")
        Clifford(gate)
    except (QiskitError, TypeError) as error:
        raise InvalidValue(
            f"{name} must name a Clifford gate on {n_qubits} qubits, such as "
            f"{'sx' if n_qubits == 1 else 'cx'}, got {value!r}."
        ) from error
    return gate


def returning(circuit: QuantumCircuit, target: int = 0) -> QuantumCircuit:
    """Return the circuit that brings a sequence of Clifford gates back to a state.

    Parameters
    ----------
    circuit : QuantumCircuit
        The sequence, on one or two qubits that began in 0.
    target : int
        Number of the state; qubit 0 is the lowest bit.
    """
    back = Clifford(circuit).adjoint()
    for bit in range(circuit.num_qubits):
        if target >> bit & 1:
            back = back.compose(XGate(), [bit])
    return clifford_circuit(back)


@cache
def _one_qubit() -> tuple[list[QuantumCircuit], dict[bytes, int]]:
    """Return the circuits of the 24 elements, and the place of each."""
    table: list[QuantumCircuit] = []
    places: dict[bytes, int] = {}
    words = [(turn, name, 0) for name in ("", "x") for turn in range(4)]
    words += [(first, "sx", last) for first in range(4) for last in range(4)]
    for first, name, last in words:
        circuit = QuantumCircuit(1)
        _turn(circuit, first)
        if name:
            getattr(circuit, name)(0)
        _turn(circuit, last)
        places.setdefault(_key(Clifford(circuit)), len(table))
        table.append(circuit)
    return table, places


def _turn(circuit: QuantumCircuit, quarters: int) -> None:
    if quarters:
        circuit.rz(quarters * np.pi / 2 - (2 * np.pi if quarters == 3 else 0), 0)


def _key(element: Clifford) -> bytes:
    tableau: NDArray[np.bool_] = np.asarray(element.tableau)
    return tableau.tobytes()
