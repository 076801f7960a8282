"""The device that a suite judges: its name, its kind of evidence, its qubits."""

import os
from functools import cache, reduce

from qiskit.providers import BackendV2
from qiskit.transpiler import Target

from qleap.bench import Skip
from qleap.bench.judging.evidence import Evidence
from qleap.core.errors import InvalidValue, MissingExtra
from qleap.processing import CalibrationSnapshot, backend
from qleap.processing.backends.door import is_remote
from qleap.processing.backends.simulators import calibration
from qleap.processing.noise import Channel, thermal_relaxation

REFERENCE = "local:noisy=kawasaki"
"""What the library measures where no device is named."""

QUBITS = "QLEAP_BENCH_QUBITS"
"""Environment variable with the chain of qubits that is judged, such as 4,5,6,7."""

MOST_PATHS = 300
"""Chains that are followed in the search for the best one."""

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


def gate_error_of(
    known: CalibrationSnapshot, gate: str, qubits: tuple[int, ...]
) -> float:
    """Return the average infidelity of a gate of the simulator that obeys ``known``.

    It is the recorded one, or that of relaxation during the gate alone where this is
    larger: operators may report a gate as better than their own T1 and T2 allow.
    """
    error, length = known.gates[gate, qubits]
    t1, t2 = known.t1[list(qubits)].tolist(), known.t2[list(qubits)].tolist()
    relaxing = [
        thermal_relaxation(long, min(short, 2.0 * long), length)
        for long, short in zip(t1, t2, strict=True)
    ]
    return max(error, reduce(Channel.tensor, relaxing).infidelity)


@cache
def chain_of(device: str | None, n: int) -> tuple[int, ...]:
    """Return ``n`` coupled qubits in a row: the user's own, or the best that are known.

    The best have the least sum of reported errors of readout and couplers; of many
    chains the most promising are followed.
    """
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
    target = machine_of(device).target
    if target.build_coupling_map() is None:
        return tuple(range(n))
    couplers = _couplers(target)
    paths: list[tuple[float, tuple[int, ...]]]
    paths = [(_readout(target, qubit), (qubit,)) for qubit in couplers]
    for _ in range(n - 1):
        longer = [
            (loss + gate + _readout(target, after), (*path, after))
            for loss, path in paths
            for after, gate in couplers[path[-1]].items()
            if after not in path
        ]
        paths = sorted(longer)[:MOST_PATHS]
    if not paths:
        raise Skip(f"{name_of(device)} has no chain of {n} coupled qubits")
    return paths[0][1]


def _couplers(target: Target) -> dict[int, dict[int, float]]:
    """Return the reported error of the best gate of each two coupled qubits."""
    found: dict[int, dict[int, float]] = {}
    for name in target.operation_names:
        for qubits in target.qargs_for_operation_name(name) or ():
            if len(qubits) == 2:
                error = _error(target, name, qubits)
                for first, second in (qubits, qubits[::-1]):
                    known = found.setdefault(first, {})
                    known[second] = min(error, known.get(second, 1.0))
    return found


def _readout(target: Target, qubit: int) -> float:
    return _error(target, "measure", (qubit,)) if "measure" in target else 0.0


def _error(target: Target, name: str, qubits: tuple[int, ...]) -> float:
    """Return a reported error; 0 where none is, so that all are alike."""
    properties = target[name].get(qubits)
    return (properties and properties.error) or 0.0
