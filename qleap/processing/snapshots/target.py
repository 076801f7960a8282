"""Snapshots and Qiskit's targets."""

from typing import Any, Final

import numpy as np
from qiskit.circuit import Delay, Measure, Parameter, Reset
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.providers import QubitProperties
from qiskit.transpiler import InstructionProperties, Target

from qleap.core.errors import InvalidValue
from qleap.processing.snapshots.calibration import (
    CalibrationSnapshot,
    GateRecord,
)

__all__ = ["from_target", "to_target"]

_NO_GATES: Final = {"measure", "reset", "delay", "barrier"}


def from_target(target: Target, device: str = "target") -> CalibrationSnapshot:
    """Return the snapshot in a Qiskit target.

    Parameters
    ----------
    target : Target
        With `InstructionProperties` and, where it has them, `QubitProperties`.
    device : str
        Its name.
    """
    if not isinstance(target, Target) or not target.num_qubits:
        raise InvalidValue(
            f"a snapshot needs a Qiskit Target with qubits, got {target!r:.60}; a "
            "simulator without fixed qubits has no calibration."
        )
    n = target.num_qubits
    qubits = target.qubit_properties or [None] * n
    gates = {}
    for name in target.operation_names:
        places = target[name]
        if name in _NO_GATES or not places or None in places:
            continue
        for wires, properties in places.items():
            gates[name, tuple(wires)] = GateRecord(
                _number(properties, "error"), _number(properties, "duration")
            )
    measure = target["measure"] if "measure" in target.operation_names else {}
    readings = [(measure or {}).get((k,)) for k in range(n)]
    return CalibrationSnapshot(
        device=device,
        taken=None,
        t1=np.array([_number(q, "t1") for q in qubits]),
        t2=np.array([_number(q, "t2") for q in qubits]),
        frequency=np.array([_number(q, "frequency") for q in qubits]),
        one_for_zero=np.array([_misreading(r, "prob_meas1_prep0") for r in readings]),
        zero_for_one=np.array([_misreading(r, "prob_meas0_prep1") for r in readings]),
        readout_length=np.array([_number(r, "duration") for r in readings]),
        gates=gates,
        dt=target.dt,
    )


def to_target(snapshot: CalibrationSnapshot) -> Target:
    """Return the Qiskit target of a device, for transpilation.

    Gates that Qiskit does not know by name are left out.
    """
    known = get_standard_gate_name_mapping()
    n = snapshot.n_qubits
    target = Target(
        num_qubits=n,
        description=snapshot.device,
        dt=snapshot.dt,
        qubit_properties=[
            QubitProperties(
                t1=_given(snapshot.t1[k]),
                t2=_given(snapshot.t2[k]),
                frequency=_given(snapshot.frequency[k]),
            )
            for k in range(n)
        ],
    )
    places: dict[str, dict[tuple[int, ...], InstructionProperties]] = {}
    for (name, wires), record in snapshot.gates.items():
        if name in known and known[name].num_qubits == len(wires):
            properties = InstructionProperties(
                duration=_given(record.length), error=_given(record.error)
            )
            places.setdefault(name, {})[wires] = properties
    for name, found in places.items():
        target.add_instruction(known[name], found)
    readings = {
        (k,): InstructionProperties(
            duration=_given(snapshot.readout_length[k]),
            error=_given(snapshot.readout_error[k]),
        )
        for k in range(n)
    }
    anywhere = {(k,): None for k in range(n)}
    target.add_instruction(Measure(), readings)
    target.add_instruction(Reset(), dict(anywhere))
    target.add_instruction(Delay(Parameter("t")), dict(anywhere))
    return target


def _number(properties: Any, name: str) -> float:
    value = getattr(properties, name, None)
    return float("nan") if value is None else float(value)


def _misreading(properties: Any, name: str) -> float:
    specific = _number(properties, name)
    return _number(properties, "error") if np.isnan(specific) else specific


def _given(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
