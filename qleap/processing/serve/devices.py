"""What stands behind a device: the one place that knows how it runs a circuit.

A device of the service is a name and a ``backend`` of `qleap.processing.run`. A new
kind of backend needs nothing here but a way to describe it.
"""

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from qleap.core.errors import InvalidValue
from qleap.processing.serve.settings import DeviceSettings

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

__all__ = [
    "Description",
    "calibration_summary",
    "can_mitigate",
    "check_transpiler",
    "describe",
    "run_circuit",
    "transpiles",
]

LOCAL: Final = "local"

GATES: Final = [
    "id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "rx", "ry", "rz",
    "p", "u", "cx", "cy", "cz", "ch", "cp", "crx", "cry", "crz", "swap", "ccx", "cswap",
]  # fmt: skip
INSTRUCTIONS: Final = ["measure", "barrier", "reset", "delay"]

Description = dict[str, Any]


def run_circuit(
    backend: str, circuit: "QuantumCircuit", shots: int, seed: int
) -> dict[str, int]:
    """Return counts of a circuit on what stands behind a device.

    Parameters
    ----------
    backend : str
        As `qleap.processing.run` names it.
    circuit : QuantumCircuit
        With measurements.
    shots, seed : int
        The same seed gives the same counts.

    Returns
    -------
    dict of str to int
        Bit strings without spaces, classical bit 0 on the right.
    """
    from qleap.processing.execution import run

    found = run(circuit, shots, seed=seed, backend=backend).counts
    return {bits.replace(" ", ""): number for bits, number in found.items()}


def transpiles(backend: str) -> bool:
    """Return whether circuits are rewritten for the device before they run."""
    return backend != LOCAL


def can_mitigate(device: DeviceSettings) -> bool:
    """Return whether readout errors can be taken out of a device's counts.

    A device without readout errors has nothing to take out: its counts are the
    mitigated ones.
    """
    return device.backend == LOCAL


def check_transpiler(device: DeviceSettings, info: dict[str, Any]) -> None:
    """Refuse wishes about transpilation that the device would not heed.

    On the noiseless simulator, where nothing is transpiled, all are granted.
    """
    if not transpiles(device.backend):
        return
    if info.get("skip_transpilation"):
        raise InvalidValue(
            f"skip_transpilation must be false on {device.id}, whose circuits are "
            "always transpiled."
        )
    for name in ("qubit_allocation", "transpiler_options"):
        if info.get(name):
            raise InvalidValue(f"{name} cannot be chosen on {device.id}; leave it out.")
    if info.get("transpiler_lib") not in {None, "qiskit"}:
        raise InvalidValue(
            f"transpiler_lib must be 'qiskit' on {device.id}; leave it out."
        )


def describe(device: DeviceSettings, most_qubits: int) -> Description:
    """Return what clients are told of a device, apart from its queue.

    Parameters
    ----------
    device : DeviceSettings
        The device.
    most_qubits : int
        What users may ask for, which bounds a simulator without a size of its own.

    Raises
    ------
    InvalidValue, MissingExtra
        Where the backend is unknown or needs packages that are not installed.
    """
    told: Description = {
        "device_id": device.id,
        "device_type": "simulator",
        "status": "available" if device.available else "unavailable",
        "description": device.description,
    }
    if device.available_at is not None:
        told["available_at"] = device.available_at
    return told | _backend(device.backend, most_qubits)


@lru_cache(maxsize=64)
def _backend(backend: str, most_qubits: int) -> Description:
    if backend == LOCAL:
        return {
            "n_qubits": most_qubits,
            "basis_gates": GATES,
            "supported_instructions": INSTRUCTIONS,
        }
    from qleap.core.extras import require
    from qleap.processing.devices import load_device

    require("qiskit_aer", "aer")
    target = load_device(backend).target
    names = set(target.operation_names)
    instructions = [name for name in INSTRUCTIONS if name in names]
    calibration = {
        "name": backend,
        "qubits": [_qubit(target, k) for k in range(target.num_qubits)],
        "couplings": _couplings(target),
    }
    return {
        "n_qubits": target.num_qubits,
        "basis_gates": sorted(names & {*GATES, "ecr", "rzz"}),
        "supported_instructions": instructions,
        "device_info": json.dumps(calibration),
    }


@lru_cache(maxsize=64)
def calibration_summary(backend: str) -> dict[str, float] | None:
    """Return medians of a device's calibration (SI units), or None without one."""
    if backend == LOCAL:
        return None
    import numpy as np

    from qleap.processing.snapshots import snapshot

    found = snapshot(backend)
    names = ("t1", "t2", "readout_error", "one_qubit_error", "two_qubit_error")
    return {
        name: float(np.nanmedian(values))
        for name in names
        if np.isfinite(values := getattr(found, name)).any()
    }


def _qubit(target: Any, k: int) -> Description:
    """Return a qubit in the form of OQTOPUS's device topology (times in us and ns)."""
    properties = (target.qubit_properties or [None] * target.num_qubits)[k]
    times = {
        name: _scaled(getattr(properties, name, None), 1e6) for name in ("t1", "t2")
    }
    gates = {
        name: _scaled(getattr(target[name].get((k,)), "duration", None), 1e9)
        for name in ("rz", "sx", "x")
        if name in target.operation_names
    }
    return {
        "id": k,
        "physical_id": k,
        "position": {"x": k, "y": 0},
        "fidelity": _fidelity(target, "sx", (k,)),
        "meas_error": {"readout_assignment_error": _error(target, "measure", (k,))},
        "qubit_lifetime": times,
        "gate_duration": gates,
    }


def _couplings(target: Any) -> list[Description]:
    name = next((n for n in ("ecr", "cz", "cx") if n in target.operation_names), None)
    if name is None:
        return []
    return [
        {
            "control": control,
            "target": other,
            "fidelity": _fidelity(target, name, (control, other)),
            "gate_duration": {
                name: _scaled(target[name][control, other].duration, 1e9)
                if target[name][control, other] is not None
                else None
            },
        }
        for control, other in sorted(target[name])
    ]


def _error(target: Any, name: str, qubits: tuple[int, ...]) -> float | None:
    if name not in target.operation_names:
        return None
    return getattr(target[name].get(qubits), "error", None)


def _fidelity(target: Any, name: str, qubits: tuple[int, ...]) -> float | None:
    error = _error(target, name, qubits)
    return None if error is None else 1.0 - error


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
