"""Recorded devices as Qiskit backends."""

from functools import lru_cache
from types import ModuleType
from typing import Any, Final

from qleap.core.checks import suggestion
from qleap.core.errors import InvalidValue
from qleap.core.extras import require
from qleap.processing.snapshots.sources import recorded_devices

__all__ = ["load_device"]

PREFIX: Final = "fake:"


def load_device(backend: Any) -> Any:
    """Return the Qiskit backend that carries the calibration of ``backend``."""
    if not isinstance(backend, str) or not backend.startswith(PREFIX):
        raise InvalidValue(
            f"a simulated device has a name such as 'fake:kawasaki', got {backend!r}."
        )
    classes = _device_classes()
    name = backend.removeprefix(PREFIX).lower()
    if name not in classes:
        hint = suggestion(backend, recorded_devices())
        raise InvalidValue(
            f"backend {backend!r} is none of the {len(classes)} simulated devices;"
            f"{hint} qleap.processing.recorded_devices() lists them."
        )
    return _device(name)


@lru_cache(maxsize=4)
def _device(name: str) -> Any:
    return _device_classes()[name]()


@lru_cache(maxsize=1)
def _device_classes() -> dict[str, Any]:
    """Return the device classes by short name (``kawasaki``)."""
    module: ModuleType = require("qiskit_ibm_runtime.fake_provider", "ibm")
    return {
        kind.backend_name.removeprefix("fake_"): kind
        for kind in vars(module).values()
        if isinstance(getattr(kind, "backend_name", None), str)
    }
