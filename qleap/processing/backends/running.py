"""Counts of one circuit on any backend."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.providers import BackendV2

from qleap.core.errors import QleapError
from qleap.processing.backends.door import backend as open_backend
from qleap.processing.backends.local import Simulator
from qleap.processing.backends.native import native, refused
from qleap.processing.backends.stored import StoredJob
from qleap.processing.bits import pack
from qleap.processing.lowering import check_bound

__all__ = ["run_on"]


def run_on(
    circuit: QuantumCircuit, shots: int, seed: int, name: str | BackendV2
) -> tuple[NDArray[np.uint8], str, str, str | None]:
    """Return packed bits of every shot, the method, the backend, and the stored job."""
    check_bound(circuit)
    machine = open_backend(name)
    turned = native(circuit, machine, seed)
    if isinstance(machine, Simulator):
        return *machine.measure(turned, shots, seed), _shown(name, machine), None
    options: dict[str, Any] = {"shots": shots, "memory": True}
    if hasattr(machine.options, "seed_simulator"):
        options["seed_simulator"] = seed
    try:
        job = machine.run(turned, **options)
        found = job.result()
    except QleapError:
        raise
    except Exception as error:  # simulators raise many kinds
        raise refused(machine.name, error) from error
    if not found.success:
        raise refused(machine.name, RuntimeError(found.status))
    first = found.results[0]
    width = circuit.num_clbits
    strings = [f"{int(bits, 16):0{width}b}"[::-1] for bits in first.data.memory]
    bits = np.array([list(text.encode()) for text in strings], np.uint8) - ord("0")
    method = (getattr(first, "metadata", None) or {}).get("method", "sampling")
    stored = job.job_id() if isinstance(job, StoredJob) else None
    return pack(bits), str(method), _shown(name, machine), stored


def _shown(name: str | BackendV2, machine: BackendV2) -> str:
    return name if isinstance(name, str) else str(machine.name)
