"""Impossible and missing values of a calibration, mended by stated rules.

1. A missing or non-positive ``t1``, length of a gate or of a readout, and a missing
   error of a gate or a readout take the median of the device (of the same gate). Where
   the device records none at all, times become infinite, lengths and errors zero.
2. A missing or non-positive ``t2`` takes the median, but at most ``2 t1``.
3. ``t2 > 2 t1`` becomes ``2 t1``, the most that relaxation allows.
4. A gate with an error of 1 or more is broken and is taken away.
5. A probability of misreading above 1/2 becomes 1/2: the reading says nothing.
6. Negative errors become zero.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.processing.snapshots.calibration import CalibrationSnapshot, GateRecord

__all__ = ["repaired"]

Reals = NDArray[np.float64]


def repaired(snapshot: CalibrationSnapshot) -> CalibrationSnapshot:
    """Return a snapshot that a device could have, and what was done to it.

    The rules are those at the head of this module; ``repairs`` of the result holds a
    sentence for each that was used.
    """
    story: list[str] = []
    t1 = _mended(snapshot.t1, "t1", np.inf, story)
    t2 = _mended(snapshot.t2, "t2", np.inf, story)
    longer = t2 > 2.0 * t1
    _tell(
        story, "t2 above 2 t1 lowered to it", np.flatnonzero(longer & (snapshot.t2 > 0))
    )
    return replace(
        snapshot,
        t1=t1,
        t2=np.where(longer, 2.0 * t1, t2),
        one_for_zero=_misreading(snapshot.one_for_zero, "one_for_zero", story),
        zero_for_one=_misreading(snapshot.zero_for_one, "zero_for_one", story),
        readout_length=_mended(snapshot.readout_length, "readout_length", 0.0, story),
        gates=_gates(snapshot, story),
        repairs=(*snapshot.repairs, *story),
    )


def _mended(values: Reals, name: str, otherwise: float, story: list[str]) -> Reals:
    """Return times with the median where one is missing or not positive."""
    good = np.isfinite(values) & (values > 0.0)
    if not good.any():
        return np.full_like(values, otherwise)
    middle = float(np.median(values[good]))
    _tell(story, f"{name} missing, median {middle:.3g} s taken", np.flatnonzero(~good))
    return np.where(good, values, middle)


def _misreading(values: Reals, name: str, story: list[str]) -> Reals:
    good = np.isfinite(values)
    middle = float(np.median(values[good])) if good.any() else 0.0
    if good.any():
        what = f"{name} missing, median {middle:.3g} taken"
        _tell(story, what, np.flatnonzero(~good))
    found = np.where(good, values, middle)
    _tell(story, f"{name} above 1/2 lowered to it", np.flatnonzero(found > 0.5))
    _tell(story, f"{name} below 0 raised to it", np.flatnonzero(found < 0.0))
    return np.clip(found, 0.0, 0.5)


def _gates(
    snapshot: CalibrationSnapshot, story: list[str]
) -> dict[tuple[str, tuple[int, ...]], GateRecord]:
    medians: dict[str, GateRecord] = {}
    records: dict[str, list[GateRecord]] = {}
    for (name, _), record in snapshot.gates.items():
        records.setdefault(name, []).append(record)
    for name, found in records.items():
        table = np.array(found, np.float64)
        errors = table[np.isfinite(table[:, 0]) & (table[:, 0] < 1.0), 0]
        lengths = table[np.isfinite(table[:, 1]) & (table[:, 1] >= 0.0), 1]
        medians[name] = GateRecord(
            float(np.median(errors)) if errors.size else 0.0,
            float(np.median(lengths)) if lengths.size else 0.0,
        )
    done: Counter[str] = Counter()
    kept = {}
    for key, (error, length) in snapshot.gates.items():
        name = key[0]
        if error >= 1.0:
            done[f"{name} with an error of 1 taken away"] += 1
            continue
        if not np.isfinite(error):
            done[f"{name} without error, median {medians[name].error:.3g} taken"] += 1
            error = medians[name].error
        if error < 0.0:
            done[f"{name} with an error below 0, raised to it"] += 1
            error = 0.0
        if not np.isfinite(length) or length < 0.0:
            done[
                f"{name} without length, median {medians[name].length:.3g} s taken"
            ] += 1
            length = medians[name].length
        kept[key] = GateRecord(error, length)
    story += [f"{what}: {often} gates" for what, often in done.items()]
    return kept


def _tell(story: list[str], what: str, qubits: NDArray[Any]) -> None:
    if qubits.size:
        names = ", ".join(map(str, qubits[:8].tolist()))
        more = ", ..." if qubits.size > 8 else ""
        story.append(f"{what}: qubits {names}{more} ({qubits.size})")
