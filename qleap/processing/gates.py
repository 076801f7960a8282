"""From a Qiskit instruction to the smallest matrix that describes it."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import (
    AnnotatedOperation,
    ControlledGate,
    ControlModifier,
    InverseModifier,
    Operation,
)
from qiskit.circuit.exceptions import CircuitError
from qiskit.circuit.library import (
    CUGate,
    DiagonalGate,
    PauliEvolutionGate,
    PermutationGate,
    UnitaryGate,
    get_standard_gate_name_mapping,
)
from qiskit.quantum_info import Clifford

from qleap.processing.parameters import is_free
from qleap.processing.recipes import STANDARD, Standard

__all__ = ["LARGEST_DENSE_GATE", "controlled_matrix", "controlled_standard"]

LARGEST_DENSE_GATE: Final = 3
"""Qubits up to which a gate is applied as a matrix although it has a definition."""

SYNTHESISED: Final = (PauliEvolutionGate, PermutationGate, Clifford)
"""What is always run as its synthesis: a few gates instead of a dense matrix."""

Block = tuple[NDArray[np.complex128], int, int]
"""Matrix (or diagonal), number of controls before its targets, their values."""


_CLASSES: Final = {
    name: gate.base_class
    for name, gate in get_standard_gate_name_mapping().items()
    if name in STANDARD
}


def controlled_standard(gate: Operation) -> tuple[Standard, list[Any]] | None:
    """Return a gate that is a standard one under more controls, and its angles."""
    if not isinstance(gate, ControlledGate) or isinstance(gate, CUGate):
        return None  # the fourth angle of a CUGate is no part of its base gate
    base, n_controls = gate.base_gate, gate.num_ctrl_qubits
    if _CLASSES.get(base.name) is not base.base_class:
        return None
    if gate.num_qubits != n_controls + base.num_qubits:
        return None  # it brings ancilla qubits along
    row = STANDARD[base.name]
    if len(base.params) != row.n_angles:
        return None  # CUGate.control(), whose base gate has a parameter too many
    if isinstance(base, ControlledGate) and base.ctrl_state != row.state:
        return None
    state = gate.ctrl_state | row.state << n_controls
    return row._replace(
        n_controls=n_controls + row.n_controls, state=state
    ), base.params


def controlled_matrix(gate: Operation) -> Block | None:
    """Return the matrix of ``gate`` without its controls; None to use its definition.

    Parameters
    ----------
    gate : Operation
        A Qiskit operation; one with free parameters has no matrix.

    Returns
    -------
    tuple or None
        The matrix on the target qubits, first target least significant (or its
        diagonal, one-dimensional), the number of controls, which come first among
        the gate's qubits, and the wanted value of the controls.
    """
    if any(is_free(parameter) for parameter in getattr(gate, "params", ())):
        return None
    if isinstance(gate, ControlledGate):
        return _strip_controls(gate)
    if isinstance(gate, AnnotatedOperation):
        return _apply_modifiers(gate)
    if isinstance(gate, DiagonalGate):
        return np.asarray(gate.params, np.complex128), 0, 0
    return _whole_matrix(gate)


def _strip_controls(gate: ControlledGate) -> Block | None:
    if gate.num_qubits != gate.num_ctrl_qubits + gate.base_gate.num_qubits:
        return None  # it brings ancilla qubits along
    inner = controlled_matrix(gate.base_gate)
    if inner is None:
        return _whole_matrix(gate)
    matrix, n_inner, inner_state = inner
    if isinstance(gate, CUGate):  # its fourth parameter is no part of the base gate
        matrix = np.exp(1j * float(gate.params[3])) * matrix
    state = gate.ctrl_state | inner_state << gate.num_ctrl_qubits
    return matrix, gate.num_ctrl_qubits + n_inner, state


def _apply_modifiers(gate: AnnotatedOperation) -> Block | None:
    """Return the block of an annotated operation, if only controlled or inverted."""
    inner = controlled_matrix(gate.base_op)
    if inner is None:
        return None
    matrix, n_controls, state = inner
    for modifier in gate.modifiers:
        if isinstance(modifier, ControlModifier):  # its controls come first
            state = modifier.ctrl_state | state << modifier.num_ctrl_qubits
            n_controls += modifier.num_ctrl_qubits
        elif isinstance(modifier, InverseModifier):
            matrix = matrix.conj().T
        else:
            return None
    return matrix, n_controls, state


def _whole_matrix(gate: Any) -> Block | None:
    if isinstance(gate, SYNTHESISED) or not hasattr(gate, "to_matrix"):
        return None
    is_wide = gate.num_qubits > LARGEST_DENSE_GATE
    if (
        is_wide
        and not isinstance(gate, UnitaryGate)
        and getattr(gate, "definition", None)
    ):
        return None
    try:
        return np.asarray(gate.to_matrix(), np.complex128), 0, 0
    except (CircuitError, TypeError, ValueError):
        # No matrix; or CUGate.control(), whose base gate has a parameter too many.
        return None
