"""Snapshots from IBM's backend properties, as JSON files or dictionaries."""

import re
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

__all__ = ["from_ibm"]

_SCALES: Final = {
    "": 1.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ns": 1e-9,
    "Hz": 1.0,
    "MHz": 1e6,
    "GHz": 1e9,
}

_FIELDS: Final = {
    "T1": "t1",
    "T2": "t2",
    "frequency": "frequency",
    "prob_meas1_prep0": "one_for_zero",
    "prob_meas0_prep1": "zero_for_one",
    "readout_length": "readout_length",
    "readout_error": "readout_error",
}

_NO_GATES: Final = {"measure", "reset", "delay", "reset_2", "reset_3"}


def from_ibm(
    properties: Mapping[str, Any], configuration: Mapping[str, Any] | None = None
) -> CalibrationSnapshot:
    """Return the snapshot in IBM's backend properties.

    Parameters
    ----------
    properties : mapping
        The JSON document: ``qubits`` and ``gates`` with named values and units.
    configuration : mapping, optional
        The backend's configuration, for ``dt``.

    Raises
    ------
    InvalidValue
        Where the document is no such thing.
    """
    try:
        return _snapshot(properties, configuration or {})
    except InvalidValue:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise InvalidValue(
            "IBM backend properties need the lists qubits and gates with name, value "
            f"and unit in each entry, but the document has not ({error!r:.80}); give "
            "the JSON that backend.properties().to_dict() holds."
        ) from error


def _snapshot(
    properties: Mapping[str, Any], configuration: Mapping[str, Any]
) -> CalibrationSnapshot:
    n_qubits = len(properties["qubits"])
    table: dict[str, Any] = {
        name: np.full(n_qubits, np.nan) for name in _FIELDS.values()
    }
    for qubit, entries in enumerate(properties["qubits"]):
        for entry in entries:
            name = _FIELDS.get(entry["name"])
            if name is not None:
                table[name][qubit] = _value(entry)
    # Old devices record one readout error for both values of a bit.
    mean = table.pop("readout_error")
    for name in ("one_for_zero", "zero_for_one"):
        table[name] = np.where(np.isnan(table[name]), mean, table[name])
    gates = {}
    for gate in properties["gates"]:
        if gate["gate"] in _NO_GATES:
            continue
        found = {entry["name"]: _value(entry) for entry in gate["parameters"]}
        key = (str(gate["gate"]), tuple(int(q) for q in gate["qubits"]))
        gates[key] = GateRecord(
            found.get("gate_error", np.nan), found.get("gate_length", np.nan)
        )
    date = properties.get("last_update_date")
    dt = configuration.get("dt")
    return CalibrationSnapshot(
        device=str(properties["backend_name"]),
        taken=None if date is None else _time(date),
        **table,
        gates=gates,
        zz=_shifts(properties.get("general", ()), gates),
        dt=None if dt is None else float(dt) * 1e-9,
    )


def _value(entry: Mapping[str, Any]) -> float:
    unit = entry.get("unit") or ""
    if unit not in _SCALES:
        raise InvalidValue(
            f"the unit of {entry['name']} must be one of "
            f"{', '.join(filter(None, _SCALES))}, got {unit!r}; correct the document."
        )
    return float(entry["value"]) * _SCALES[unit]


def _time(date: Any) -> datetime:
    return as_utc(date if isinstance(date, datetime) else datetime.fromisoformat(date))


def _shifts(general: Any, gates: Mapping[Any, Any]) -> dict[tuple[int, int], float]:
    """Return the ZZ shifts, recorded by names such as ``zz_6272`` for qubits 62, 72.

    The digits do not say where one number ends; a coupled pair decides.
    """
    coupled = {tuple(sorted(q)) for _, q in gates if len(q) == 2}
    found = {}
    for entry in general:
        match = re.fullmatch(r"zz_(\d+)", str(entry["name"]))
        if match is None:
            continue
        digits = match[1]
        cuts = [(int(digits[:k]), int(digits[k:])) for k in range(1, len(digits))]
        pairs = [tuple(sorted(cut)) for cut in cuts if tuple(sorted(cut)) in coupled]
        if len(set(pairs)) == 1:
            first, second = pairs[0]
            found[first, second] = _value(entry)
    return found
