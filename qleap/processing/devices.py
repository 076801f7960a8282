"""Simulated devices: names and recorded calibrations of real machines."""

from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.checks import suggestion
from qleap.core.errors import InvalidValue
from qleap.core.extras import require

__all__ = ["Calibration", "calibration", "device_names", "load_device"]

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


def load_device(backend: Any) -> Any:
    """Return the Qiskit backend that carries the calibration of ``backend``."""
    if not isinstance(backend, str) or not backend.startswith(PREFIX):
        raise InvalidValue(
            f"a simulated device has a name such as 'fake:kawasaki', got {backend!r}."
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
