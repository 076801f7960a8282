"""Simulated devices: recorded calibrations of real machines as noise models."""

from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.checks import suggestion
from qleap.core.errors import InvalidValue
from qleap.core.extras import require
from qleap.processing.bits import pack

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

__all__ = ["Calibration", "calibration", "device_names", "run_on_device"]

PREFIX: Final = "fake:"

NATIVE_TWO_QUBIT: Final = ("cx", "ecr", "cz")
"""The gates of which a calibration states the coupler's error."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """What the operator of a device measured on a day.

    Parameters
    ----------
    name : str
        The device.
    t1, t2 : ndarray, shape (n_qubits,), s
        Relaxation and echo coherence times; NaN where not recorded.
    readout_error, one_qubit_error : ndarray, shape (n_qubits,)
        Probability of a wrong bit, and error of the ``sx`` gate.
    two_qubit_error : ndarray, shape (n_pairs,)
        Error of the native two-qubit gate, each pair once; broken couplers, which
        report an error of one, are left out.
    """

    name: str
    t1: NDArray[np.float64]
    t2: NDArray[np.float64]
    readout_error: NDArray[np.float64]
    one_qubit_error: NDArray[np.float64]
    two_qubit_error: NDArray[np.float64]


def device_names() -> list[str]:
    """Return the names of all simulated devices, for example ``fake:kawasaki``."""
    return [PREFIX + name for name in sorted(device_classes())]


def calibration(backend: str) -> Calibration:
    """Return the recorded calibration of a simulated device."""
    target = load_device(backend).target
    properties = [p or _Unknown() for p in target.qubit_properties]
    two_qubit = {
        tuple(sorted(qargs)): _error(found)
        for name in NATIVE_TWO_QUBIT
        if name in target.operation_names
        for qargs, found in target[name].items()
    }
    errors = np.array(list(two_qubit.values()), np.float64)
    return Calibration(
        name=backend,
        t1=np.array([p.t1 or np.nan for p in properties], np.float64),
        t2=np.array([p.t2 or np.nan for p in properties], np.float64),
        readout_error=_errors(target, "measure"),
        one_qubit_error=_errors(target, "sx"),
        two_qubit_error=errors[errors < 1.0],
    )


def run_on_device(
    circuit: "QuantumCircuit", shots: int, seed: int, backend: str
) -> tuple[NDArray[np.uint8], str]:
    """Return the packed bits of every shot, and the method, with device noise.

    The circuit is transpiled to the device and simulated by Qiskit Aer with the
    noise model that Aer builds from the calibration.
    """
    from qiskit import transpile

    from qleap.processing.lowering import check_bound
    from qleap.processing.parameters import check_angles

    check_bound(circuit)
    numbers = [
        angle
        for instruction in circuit.data
        for angle in instruction.operation.params
        if isinstance(angle, float)
    ]
    check_angles(np.array([circuit.global_phase, *numbers], np.float64))
    device = load_device(backend)
    if circuit.num_qubits > device.num_qubits:
        raise InvalidValue(
            f"{backend} has {device.num_qubits} qubits, but the circuit has "
            f"{circuit.num_qubits}; take a larger device or the local backend."
        )
    simulator = _simulator(backend)
    try:
        native = transpile(
            circuit, backend=device, optimization_level=1, seed_transpiler=seed
        )
        job = simulator.run(native, shots=shots, seed_simulator=seed, memory=True)
        found = job.result()
    except Exception as error:  # transpiler and Aer raise many kinds
        reason = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
        raise _refused(backend, reason) from error
    if not found.success:
        raise _refused(backend, found.status)
    strings = [text.replace(" ", "")[::-1] for text in found.get_memory()]
    bits = np.array([list(text.encode()) for text in strings], np.uint8) - ord("0")
    return pack(bits), f"aer {found.results[0].metadata.get('method', 'automatic')}"


def _refused(backend: str, reason: str) -> InvalidValue:
    return InvalidValue(
        f"{backend} could not run the circuit: {' '.join(reason.split())}; "
        "simplify the circuit or use the local backend."
    )


def load_device(backend: Any) -> Any:
    """Return the Qiskit backend that carries the calibration of ``backend``."""
    if not isinstance(backend, str) or not backend.startswith(PREFIX):
        known = ["local", "fake:kawasaki"]
        raise InvalidValue(
            "backend must be 'local' or the name of a simulated device such as "
            f"'fake:kawasaki', got {backend!r}.{suggestion(backend, known)}"
        )
    classes = device_classes()
    name = backend.removeprefix(PREFIX).lower()
    if name not in classes:
        hint = suggestion(backend, device_names())
        raise InvalidValue(
            f"backend {backend!r} is none of the {len(classes)} simulated devices;"
            f"{hint} qleap.processing.device_names() lists them."
        )
    return _device(name)


@lru_cache(maxsize=4)
def _device(name: str) -> Any:
    return device_classes()[name]()


@lru_cache(maxsize=1)
def device_classes() -> dict[str, Any]:
    """Return the device classes by short name (``kawasaki``)."""
    module: ModuleType = require("qiskit_ibm_runtime.fake_provider", "ibm")
    return {
        kind.backend_name.removeprefix("fake_"): kind
        for kind in vars(module).values()
        if isinstance(getattr(kind, "backend_name", None), str)
    }


@lru_cache(maxsize=4)
def _simulator(backend: str) -> Any:
    """Return Aer's simulator of a device; its noise model takes seconds to build."""
    aer = require("qiskit_aer", "aer")
    return aer.AerSimulator.from_backend(load_device(backend))


class _Unknown:
    """A qubit without recorded properties."""

    t1 = None
    t2 = None


def _errors(target: Any, name: str) -> NDArray[np.float64]:
    found = target[name] if name in target.operation_names else {}
    return np.array(
        [_error(found.get((qubit,))) for qubit in range(target.num_qubits)], np.float64
    )


def _error(properties: Any) -> float:
    error = getattr(properties, "error", None)
    return np.nan if error is None else float(error)
