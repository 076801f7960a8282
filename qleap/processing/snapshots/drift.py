"""What has drifted from one calibration to another."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from qleap.core import checks, results
from qleap.core.errors import InvalidValue
from qleap.processing.snapshots.calibration import CalibrationSnapshot

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Change", "Drift", "compare"]

ROUNDING: Final = 1e-9
"""Relative difference that counts as none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One number of a device in two calibrations."""

    quantity: str
    qubits: tuple[int, ...]
    unit: str
    before: float
    after: float

    @property
    def factor(self) -> float:
        """Return after over before; NaN where one is missing, infinite from zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.float64(self.after) / np.float64(self.before))

    @property
    def size(self) -> float:
        """Return the factor or its inverse, whichever is larger than one."""
        factor = self.factor
        if np.isnan(factor):
            both = np.isnan([self.before, self.after])
            return np.inf if both.any() and not both.all() else 1.0
        return max(factor, 1.0 / factor) if factor > 0.0 else np.inf


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """All differences of two calibrations of a device, the largest first."""

    before: CalibrationSnapshot
    after: CalibrationSnapshot
    changes: tuple[Change, ...]

    def beyond(self, factor: float) -> tuple[Change, ...]:
        """Return the changes by more than ``factor`` either way, gone ones included."""
        limit = checks.at_least("factor", factor, 1.0)
        return tuple(change for change in self.changes if change.size > limit)

    def medians(self) -> dict[str, tuple[float, float]]:
        """Return the median of each quantity before and after."""
        found: dict[str, tuple[float, float]] = {}
        for name in dict.fromkeys(change.quantity for change in self.changes):
            pairs = np.array(
                [(c.before, c.after) for c in self.changes if c.quantity == name]
            )
            good = ~np.isnan(pairs).all(axis=0)
            middle = [
                float(np.nanmedian(pairs[:, k])) if good[k] else float("nan")
                for k in range(2)
            ]
            found[name] = (middle[0], middle[1])
        return found

    def to_dataset(self) -> "xr.Dataset":
        """Return the table as a dataset."""
        changes = self.changes
        return results.dataset(
            kind="calibration-drift",
            coords={"change": (np.arange(len(changes)), "1")},
            variables={
                "quantity": (
                    ("change",),
                    np.array([c.quantity for c in changes], np.str_),
                    "1",
                ),
                "qubits": (
                    ("change",),
                    np.array(["-".join(map(str, c.qubits)) for c in changes], np.str_),
                    "1",
                ),
                "unit": (
                    ("change",),
                    np.array([c.unit for c in changes], np.str_),
                    "1",
                ),
                "before": (("change",), np.array([c.before for c in changes]), "SI"),
                "after": (("change",), np.array([c.after for c in changes]), "SI"),
            },
            parameters={
                "device": self.after.device,
                "taken": [str(self.before.taken), str(self.after.taken)],
            },
        )


def compare(before: CalibrationSnapshot, after: CalibrationSnapshot) -> Drift:
    """Return what differs between two calibrations of one device.

    Parameters
    ----------
    before, after : CalibrationSnapshot
        With equally many qubits.

    Raises
    ------
    InvalidValue
        Where the snapshots are of devices of different size.
    """
    if before.n_qubits != after.n_qubits:
        raise InvalidValue(
            "calibrations must be of one device to be compared, but have "
            f"{before.n_qubits} and {after.n_qubits} qubits."
        )
    changes = []
    for name, unit in (
        ("t1", "s"),
        ("t2", "s"),
        ("frequency", "Hz"),
        ("readout_error", "1"),
    ):
        old, new = getattr(before, name).tolist(), getattr(after, name).tolist()
        for qubit, (first, second) in enumerate(zip(old, new, strict=True)):
            changes.append(_change(name, (qubit,), unit, first, second))
    for key in dict.fromkeys((*before.gates, *after.gates)):
        errors = [
            snapshot.gates[key].error if key in snapshot.gates else float("nan")
            for snapshot in (before, after)
        ]
        changes.append(_change(f"{key[0]} error", key[1], "1", *errors))
    for pair in dict.fromkeys((*before.zz, *after.zz)):
        shifts = [s.zz.get(pair, float("nan")) for s in (before, after)]
        changes.append(_change("zz shift", pair, "Hz", *shifts))
    differing = [c for c in changes if c.size > 1.0 + ROUNDING]
    differing.sort(key=lambda change: -change.size)
    return Drift(before=before, after=after, changes=tuple(differing))


def _change(
    quantity: str, qubits: tuple[int, ...], unit: str, before: float, after: float
) -> Change:
    return Change(
        quantity=quantity, qubits=qubits, unit=unit, before=before, after=after
    )
