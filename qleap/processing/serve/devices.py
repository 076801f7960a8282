"""What stands behind a device: the one place that knows how it runs a circuit.

A device of the service is a name and a ``backend`` of `qleap.processing.run`: the
noiseless simulator, or one with a calibration, which is described from its snapshot.
"""

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from qleap.core.errors import InvalidValue
from qleap.processing.serve.settings import DeviceSettings

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from qleap.processing.snapshots import CalibrationSnapshot

__all__ = [
    "Description",
    "calibration_summary",
    "can_mitigate",
    "check_transpiler",
    "describe",
    "run_circuit",
    "transpiles",
    "used_qubits",
    "widest_program",
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


def widest_program(backend: str, most_qubits: int) -> int:
    """Return how many qubits a program may declare for a user of so many.

    A program for a device is as wide as the device where its author chose the places;
    qubits that it does not use cost nothing there.
    """
    if backend == LOCAL:
        return most_qubits
    return max(most_qubits, _calibration(backend).n_qubits)


def used_qubits(backend: str, circuit: "QuantumCircuit") -> set[int]:
    """Return the qubits of a circuit that cost memory when it runs."""
    if backend == LOCAL:
        return set(range(circuit.num_qubits))
    return {
        circuit.find_bit(qubit).index
        for one in circuit.data
        if one.operation.name != "barrier"
        for qubit in one.qubits
    }


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
        "description": device.description or _words(device.backend),
    }
    if device.available_at is not None:
        told["available_at"] = device.available_at
    if device.backend != LOCAL:
        return told | _calibrated(_calibration(device.backend))
    return told | {
        "n_qubits": most_qubits,
        "basis_gates": GATES,
        "supported_instructions": INSTRUCTIONS,
    }


def _words(backend: str) -> str:
    if backend == LOCAL:
        return "noiseless statevector simulator"
    return f"simulator with the calibration of {_calibration(backend).device}"


@lru_cache(maxsize=64)
def _calibrated(known: "CalibrationSnapshot") -> Description:
    from qiskit.circuit.library import get_standard_gate_name_mapping

    from qleap.processing.snapshots import to_oqtopus

    gates = {name for name, _ in known.gates} & set(get_standard_gate_name_mapping())
    told: Description = {
        "n_qubits": known.n_qubits,
        "basis_gates": sorted(gates),
        "supported_instructions": INSTRUCTIONS,
        "device_info": json.dumps(to_oqtopus(known)),
    }
    if known.taken is not None:
        told["calibrated_at"] = known.taken
    return told


def _calibration(backend: str) -> "CalibrationSnapshot":
    from qleap.core.extras import require
    from qleap.processing.backends.simulators import calibration

    found = calibration(backend)
    if found is None:
        raise InvalidValue(
            "the backend of a device must be local, local:noisy=SNAPSHOT or "
            f"fake:DEVICE, got {backend!r}."
        )
    if not backend.startswith(LOCAL):
        require("qiskit_aer", "aer")
    return found


def calibration_summary(backend: str) -> dict[str, float] | None:
    """Return medians of a device's calibration (SI units), or None without one."""
    if backend == LOCAL:
        return None
    return _medians(_calibration(backend))


@lru_cache(maxsize=64)
def _medians(found: "CalibrationSnapshot") -> dict[str, float]:
    import numpy as np

    names = ("t1", "t2", "readout_error", "one_qubit_error", "two_qubit_error")
    return {
        name: float(np.nanmedian(values))
        for name in names
        if np.isfinite(values := getattr(found, name)).any()
    }
