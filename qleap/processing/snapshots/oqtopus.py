"""Snapshots and the device information of the OQTOPUS cloud."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np

from qleap.core.errors import InvalidValue
from qleap.processing.snapshots.calibration import (
    CalibrationSnapshot,
    GateRecord,
    as_utc,
)

__all__ = ["from_oqtopus", "to_oqtopus"]

MICROSECONDS: Final = 1e-6
"""Unit of lifetimes."""

NANOSECONDS: Final = 1e-9
"""Unit of gate durations."""


def from_oqtopus(document: Mapping[str, Any] | str) -> CalibrationSnapshot:
    """Return the snapshot in a ``device_info`` or device topology document.

    Parameters
    ----------
    document : mapping or str
        Parsed or as JSON text: ``qubits`` with ``fidelity``, ``meas_error``,
        ``qubit_lifetime`` (microseconds) and ``gate_duration`` (nanoseconds),
        ``couplings`` with ``control``, ``target`` and ``fidelity``. Zeros stand for
        what has not been calibrated and become NaN; a coupling without fidelity counts
        as broken (error 1).

    Raises
    ------
    InvalidValue
        Where the document is no such thing.
    """
    try:
        known = json.loads(document) if isinstance(document, str) else document
        return _snapshot(known)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidValue(
            "OQTOPUS device information needs the lists qubits and couplings, but the "
            f"document has not ({error!r:.80}); give the text of the field device_info."
        ) from error


def to_oqtopus(snapshot: CalibrationSnapshot) -> dict[str, Any]:
    """Return the ``device_info`` document of a snapshot; what is unknown is left out.

    The form has one fidelity for each qubit (that of ``sx``) and for each direction of
    a coupler (that of the native two-qubit gate), no lengths of measurements, no
    frequencies and no shifts.

    Parameters
    ----------
    snapshot : CalibrationSnapshot
        Of a device.
    """
    document: dict[str, Any] = {
        "name": snapshot.device,
        "device_id": snapshot.device,
        "qubits": _qubits(snapshot),
        "couplings": [
            {
                "control": qubits[0],
                "target": qubits[1],
                **_given(fidelity=1.0 - record.error),
                "gate_duration": _given(**{name: record.length / NANOSECONDS}),
            }
            for (name, qubits), record in sorted(snapshot.gates.items())
            if len(qubits) == 2 and name == snapshot.coupler
        ],
    }
    if snapshot.taken is not None:
        document["calibrated_at"] = snapshot.taken.isoformat()
    return document


def _qubits(snapshot: CalibrationSnapshot) -> list[dict[str, Any]]:
    durations: list[dict[str, float]] = [{} for _ in range(snapshot.n_qubits)]
    for (name, qubits), record in snapshot.gates.items():
        if len(qubits) == 1:
            durations[qubits[0]] |= _given(**{name: record.length / NANOSECONDS})
    fidelities = 1.0 - snapshot.one_qubit_error
    return [
        {
            "id": k,
            "physical_id": k,
            "position": {"x": k, "y": 0},
            **_given(fidelity=fidelities[k]),
            "meas_error": _given(
                prob_meas1_prep0=snapshot.one_for_zero[k],
                prob_meas0_prep1=snapshot.zero_for_one[k],
                readout_assignment_error=snapshot.readout_error[k],
            ),
            "qubit_lifetime": _given(
                t1=snapshot.t1[k] / MICROSECONDS, t2=snapshot.t2[k] / MICROSECONDS
            ),
            "gate_duration": durations[k],
        }
        for k in range(snapshot.n_qubits)
    ]


def _given(**values: float) -> dict[str, float]:
    """Return the values that are finite, as plain numbers."""
    return {name: float(value) for name, value in values.items() if np.isfinite(value)}


def _snapshot(known: Mapping[str, Any]) -> CalibrationSnapshot:
    qubits = list(known["qubits"])
    places = {entry.get("id", k): k for k, entry in enumerate(qubits)}
    lifetimes = [entry.get("qubit_lifetime") or {} for entry in qubits]
    readouts = [entry.get("meas_error") or {} for entry in qubits]
    gates: dict[tuple[str, tuple[int, ...]], GateRecord] = {}
    for k, entry in enumerate(qubits):
        error = 1.0 - _known(entry.get("fidelity"))
        for name, duration in (entry.get("gate_duration") or {}).items():
            gates[name, (k,)] = GateRecord(error, float(duration) * NANOSECONDS)
        for name in () if entry.get("gate_duration") else ("sx", "x"):
            gates[name, (k,)] = GateRecord(error, np.nan)
        if ("rz", (k,)) in gates:  # a change of the reference frame
            gates["rz", (k,)] = GateRecord(0.0, 0.0)
    for entry in known["couplings"]:
        pair = (places[entry["control"]], places[entry["target"]])
        error = 1.0 - float(entry.get("fidelity") or 0.0)
        durations = entry.get("gate_duration") or {"cx": 0}
        for name, duration in durations.items():
            length = float(duration) * NANOSECONDS
            gates[name, pair] = GateRecord(error, length or np.nan)
    return CalibrationSnapshot(
        device=str(known.get("device_id") or known.get("name") or "oqtopus"),
        taken=_time(known.get("calibrated_at") or known.get("timestamp")),
        t1=_times([entry.get("t1") for entry in lifetimes]),
        t2=_times([entry.get("t2") for entry in lifetimes]),
        frequency=np.full(len(qubits), np.nan),
        one_for_zero=_misreadings(readouts, "prob_meas1_prep0"),
        zero_for_one=_misreadings(readouts, "prob_meas0_prep1"),
        readout_length=np.full(len(qubits), np.nan),
        gates=gates,
    )


def _known(value: Any) -> float:
    """Return a number, or NaN for a missing one or zero."""
    return float(value) if value else np.nan


def _times(values: list[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([_known(value) for value in values]) * MICROSECONDS


def _misreadings(
    entries: list[Mapping[str, Any]], name: str
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return probabilities; where both are zero none was measured."""
    mean = [_known(entry.get("readout_assignment_error")) for entry in entries]
    values = [entry.get(name) if any(entry.values()) else None for entry in entries]
    return np.array(
        [m if v is None else float(v) for v, m in zip(values, mean, strict=True)]
    )


def _time(text: Any) -> datetime | None:
    return None if not text else as_utc(datetime.fromisoformat(str(text)))
