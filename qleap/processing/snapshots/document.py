"""Snapshots as JSON without loss, as jobs keep them."""

from collections.abc import Mapping
from datetime import datetime
from math import isnan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.processing.snapshots.calibration import (
    KIND,
    PER_QUBIT,
    CalibrationSnapshot,
    GateRecord,
)

__all__ = ["from_document", "to_document"]

VERSION: Final = 1


def to_document(snapshot: CalibrationSnapshot) -> dict[str, Any]:
    """Return a snapshot as plain values in SI units, which `snapshot` reads again.

    Parameters
    ----------
    snapshot : CalibrationSnapshot
        Of a device.

    Returns
    -------
    dict
        ``kind`` is ``"calibration"``; a gate is ``[name, qubits, error, length]`` and
        a shift ``[first, second, zz]``. NaN becomes None, and infinity the text
        ``"inf"``, since JSON has neither.
    """
    taken = snapshot.taken
    return {
        "kind": KIND,
        "version": VERSION,
        "device": snapshot.device,
        "taken": None if taken is None else taken.isoformat(),
        **{
            name: [_plain(value) for value in getattr(snapshot, name).tolist()]
            for name in PER_QUBIT
        },
        "gates": [
            [name, list(qubits), _plain(record.error), _plain(record.length)]
            for (name, qubits), record in snapshot.gates.items()
        ],
        "zz": [[*pair, _plain(shift)] for pair, shift in snapshot.zz.items()],
        "dt": snapshot.dt,
        "repairs": list(snapshot.repairs),
    }


def from_document(document: Mapping[str, Any]) -> CalibrationSnapshot:
    """Return the snapshot that `to_document` wrote.

    Raises
    ------
    InvalidValue
        Where the document is no such thing.
    """
    try:
        return _snapshot(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidValue(
            "a calibration of qleap needs device, gates, zz, dt, repairs and one list "
            f"for each of {', '.join(PER_QUBIT)}, but the document has not "
            f"({error!r:.80}); give what a job was exported with."
        ) from error


def _snapshot(document: Mapping[str, Any]) -> CalibrationSnapshot:
    if document["version"] != VERSION:
        raise ValueError(f"version {document['version']!r:.20}")
    table = {name: _numbers(document[name]) for name in PER_QUBIT}
    if len({values.size for values in table.values()}) > 1:
        raise ValueError("lists of different lengths")
    taken, dt = document["taken"], document["dt"]
    return CalibrationSnapshot(
        device=str(document["device"]),
        taken=None if taken is None else datetime.fromisoformat(taken),
        **table,
        gates={
            (str(name), tuple(map(int, qubits))): GateRecord(
                _number(error), _number(length)
            )
            for name, qubits, error, length in document["gates"]
        },
        zz={
            (int(first), int(second)): _number(shift)
            for first, second, shift in document["zz"]
        },
        dt=None if dt is None else float(dt),
        repairs=tuple(map(str, document["repairs"])),
    )


def _plain(value: float) -> float | str | None:
    if isnan(value):
        return None
    return value if abs(value) < float("inf") else str(value)


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _numbers(values: Any) -> NDArray[np.float64]:
    return np.array([_number(value) for value in values], np.float64)
