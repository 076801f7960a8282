"""The device that a suite judges: its name, its kind of evidence, its qubits."""

import os
from functools import cache

from qiskit.providers import BackendV2

from qleap.bench import Skip
from qleap.bench.evidence import Evidence
from qleap.core.errors import InvalidValue, MissingExtra
from qleap.processing import CalibrationSnapshot, backend
from qleap.processing.backends.door import is_remote
from qleap.processing.backends.simulators import calibration

REFERENCE = "local:noisy=kawasaki"
"""What the library measures where no device is named."""

QUBITS = "QLEAP_BENCH_QUBITS"
"""Environment variable with the chain of qubits that is judged, such as 4,5,6,7."""

SIMULATORS = ("simulator", "qulacs", "sv1", "dm1", "tn1")
"""Parts of the names of simulators at providers; they are no hardware."""


def name_of(device: str | None) -> str:
    """Return the name under which the device is opened."""
    return REFERENCE if device is None else device


def evidence_of(device: str | None) -> Evidence:
    """Return what a value measured there rests on."""
    name = name_of(device)
    if is_remote(name):
        is_simulator = any(word in name.lower() for word in SIMULATORS)
        return "simulated" if is_simulator else "live-hardware"
    family, _, rest = name.partition(":")
    is_calibrated = rest and family in ("local", "aer", "fake")
    return "simulated-from-calibration" if is_calibrated else "simulated"


def citation_of(device: str | None) -> str:
    """Return where the device is described."""
    if device is None:
        return (
            "qiskit-ibm-runtime, FakeKawasaki: a snapshot of ibm_kawasaki, 127 qubits"
        )
    return device


@cache
def machine_of(device: str | None) -> BackendV2:
    """Return the opened device; skip where its packages are missing."""
    try:
        return backend(name_of(device))
    except MissingExtra as error:
        raise Skip(str(error)) from error


@cache
def calibration_of(device: str | None) -> CalibrationSnapshot | None:
    """Return the calibration that a simulator obeys; None of a device elsewhere."""
    name = name_of(device)
    try:
        return None if is_remote(name) else calibration(name)
    except MissingExtra:
        return None


@cache
def chain_of(device: str | None, n: int) -> tuple[int, ...]:
    """Return ``n`` coupled qubits in a row: the user's own, or the first that exist."""
    chosen = os.environ.get(QUBITS, "") if device is not None else ""
    if chosen:
        try:
            found = tuple(int(part) for part in chosen.split(","))
        except ValueError as error:
            raise InvalidValue(
                f"{QUBITS} must list qubits such as 4,5,6,7, got {chosen!r}."
            ) from error
        if len(found) < n:
            raise Skip(f"{QUBITS} names {len(found)} qubits, this case needs {n}")
        return found[:n]
    couplers = machine_of(device).target.build_coupling_map()
    if couplers is None:
        return tuple(range(n))
    near: dict[int, set[int]] = {}
    for first, second in couplers.get_edges():
        near.setdefault(first, set()).add(second)
        near.setdefault(second, set()).add(first)
    for start in sorted(near):
        path = _path([start], near, n)
        if path:
            return tuple(path)
    raise Skip(f"{name_of(device)} has no chain of {n} coupled qubits")


def _path(path: list[int], near: dict[int, set[int]], n: int) -> list[int]:
    """Return a path that continues ``path`` to ``n`` qubits; empty without one."""
    if len(path) == n:
        return path
    for following in sorted(near[path[-1]] - set(path)):
        found = _path([*path, following], near, n)
        if found:
            return found
    return []
