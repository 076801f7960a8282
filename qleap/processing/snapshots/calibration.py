"""What the operator of a device measured on a day, as a small dataset."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qleap.core import results
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    import xarray as xr

    from qleap.processing.noise.model import NoiseModel, Schedule

__all__ = ["KIND", "PER_QUBIT", "CalibrationSnapshot", "GateRecord"]

KIND: Final = "calibration"

COUPLERS: Final = ("cz", "ecr", "cx", "rzx90", "iswap", "rzz", "ms", "zz")
"""Names of native two-qubit gates; the first that a device has is its coupler gate."""

Reals = NDArray[np.float64]
Qubits = tuple[int, ...]

PER_QUBIT: Final = {
    "t1": "s",
    "t2": "s",
    "frequency": "Hz",
    "one_for_zero": "1",
    "zero_for_one": "1",
    "readout_length": "s",
}
"""Arrays of a snapshot with one entry for each qubit, and their units."""


class GateRecord(NamedTuple):
    """A gate on given qubits: average gate infidelity, and length in s; NaN unknown."""

    error: float
    length: float


@dataclass(frozen=True, kw_only=True, eq=False)
class CalibrationSnapshot:
    """A calibration of a device.

    Parameters
    ----------
    device : str
        Its name.
    taken : datetime or None
        When it was measured, UTC.
    t1, t2 : ndarray, shape (n_qubits,), s
        Relaxation and echo coherence times; NaN where not recorded.
    frequency : ndarray, shape (n_qubits,), Hz
        Of the transition from 0 to 1.
    one_for_zero, zero_for_one : ndarray, shape (n_qubits,)
        Probability to read 1 for a prepared 0, and 0 for a prepared 1.
    readout_length : ndarray, shape (n_qubits,), s
        Length of a measurement.
    gates : mapping of (str, tuple of int) to GateRecord
        Native gates by name and qubits.
    zz : mapping of (int, int) to float, Hz
        Always-on shift of coupled qubits, lower number first.
    dt : float or None
        The unit ``dt`` of delays, s.
    repairs : tuple of str
        What `qleap.processing.snapshots.repaired` has changed, a sentence each.
    """

    device: str
    taken: datetime | None
    t1: Reals
    t2: Reals
    frequency: Reals
    one_for_zero: Reals
    zero_for_one: Reals
    readout_length: Reals
    gates: Mapping[tuple[str, Qubits], GateRecord]
    zz: Mapping[tuple[int, int], float] = field(
        default_factory=lambda: MappingProxyType({})
    )
    dt: float | None = None
    repairs: tuple[str, ...] = ()

    @property
    def n_qubits(self) -> int:
        """Return the number of qubits."""
        return int(self.t1.size)

    @property
    def readout_error(self) -> Reals:
        """Return the mean probability of a wrong bit, shape ``(n_qubits,)``."""
        return 0.5 * (self.one_for_zero + self.zero_for_one)

    @property
    def one_qubit_error(self) -> Reals:
        """Return the error of ``sx`` (or ``x``) on each qubit; NaN where unknown."""
        found = np.full(self.n_qubits, np.nan)
        for name in ("x", "sx"):
            for (gate, qubits), record in self.gates.items():
                if gate == name:
                    found[qubits[0]] = record.error
        return found

    @property
    def coupler(self) -> str | None:
        """Return the name of the native two-qubit gate."""
        names = {name for name, qubits in self.gates if len(qubits) == 2}
        known = [name for name in COUPLERS if name in names]
        return known[0] if known else min(names, default=None)

    @property
    def two_qubit_error(self) -> Reals:
        """Return the error of the native two-qubit gate, each pair once.

        Broken couplers, which report an error of one, are left out.
        """
        pairs = {
            tuple(sorted(qubits)): record.error
            for (name, qubits), record in self.gates.items()
            if name == self.coupler
        }
        errors = np.array(list(pairs.values()), np.float64)
        return errors[errors < 1.0]

    def noise_model(
        self,
        *,
        schedule: "Schedule" = "none",
        crosstalk: bool = False,
        gate_errors: bool = True,
        relaxation: bool = True,
        readout: bool = True,
    ) -> "NoiseModel":
        """Return the noise of the device, as `device_noise` explains it.

        Parameters
        ----------
        schedule : {"none", "asap", "alap"}
            With ``"none"`` qubits relax during gates and delays alone, otherwise also
            while they wait for others.
        crosstalk : bool
            Take the always-on shifts of coupled qubits along; needs a schedule.
        gate_errors, relaxation, readout : bool
            Parts of the noise.
        """
        from qleap.processing.snapshots.device import device_noise

        return device_noise(
            self,
            schedule=schedule,
            crosstalk=crosstalk,
            gate_errors=gate_errors,
            relaxation=relaxation,
            readout=readout,
        )

    def to_dataset(self) -> "xr.Dataset":
        """Return the snapshot as a dataset with units."""
        names = [name for name, _ in self.gates]
        wires = np.full((len(self.gates), 2), -1, np.int64)
        for k, (_, qubits) in enumerate(self.gates):
            wires[k, : len(qubits)] = qubits
        records = np.array(list(self.gates.values()), np.float64).reshape(-1, 2)
        pairs = np.array(list(self.zz), np.int64).reshape(-1, 2)
        shifts = np.array(list(self.zz.values()), np.float64)
        return results.dataset(
            kind=KIND,
            coords={
                "qubit": (np.arange(self.n_qubits), "1"),
                "gate": (np.arange(len(names)), "1"),
                "pair": (np.arange(len(pairs)), "1"),
                "wire": (np.arange(2), "1"),
            },
            variables={
                **{
                    name: (("qubit",), getattr(self, name), unit)
                    for name, unit in PER_QUBIT.items()
                },
                "gate_name": (("gate",), np.array(names, np.str_), "1"),
                "gate_qubits": (("gate", "wire"), wires, "1"),
                "gate_error": (("gate",), records[:, 0], "1"),
                "gate_length": (("gate",), records[:, 1], "s"),
                "zz_pair": (("pair", "wire"), pairs, "1"),
                "zz_shift": (("pair",), shifts, "Hz"),
            },
            parameters={
                "device": self.device,
                "taken": None if self.taken is None else self.taken.isoformat(),
                "dt_s": self.dt,
                "repairs": list(self.repairs),
            },
        )

    @classmethod
    def from_dataset(cls, data: "xr.Dataset") -> "CalibrationSnapshot":
        """Return the snapshot that `to_dataset` made."""
        if data.attrs.get("kind") != KIND:
            raise InvalidValue(
                f"the dataset is no calibration but {data.attrs.get('kind')!r}; give "
                "one that a snapshot's save() has written."
            )
        values = {name: data[name].values for name in data.variables}
        known: dict[str, Any] = results.parameters(data)
        wires = [
            tuple(int(qubit) for qubit in row if qubit >= 0)
            for row in values["gate_qubits"]
        ]
        keys = zip(values["gate_name"].tolist(), wires, strict=True)
        records = zip(
            values["gate_error"].tolist(), values["gate_length"].tolist(), strict=True
        )
        gates = {
            key: GateRecord(*record) for key, record in zip(keys, records, strict=True)
        }
        pairs = [tuple(row) for row in values["zz_pair"].tolist()]
        taken = known["taken"]
        return cls(
            device=known["device"],
            taken=None if taken is None else datetime.fromisoformat(taken),
            **{name: np.asarray(values[name], np.float64) for name in PER_QUBIT},
            gates=gates,
            zz=dict(zip(pairs, values["zz_shift"].tolist(), strict=True)),
            dt=known["dt_s"],
            repairs=tuple(known["repairs"]),
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the snapshot to a NetCDF file, whole or not at all."""
        return results.save(self.to_dataset(), path)

    def __repr__(self) -> str:
        day = "unknown date" if self.taken is None else self.taken.date().isoformat()
        return f"<CalibrationSnapshot {self.device}: {self.n_qubits} qubits, {day}>"


def as_utc(moment: datetime) -> datetime:
    """Return a time in UTC; one without a zone is taken for UTC."""
    return (
        moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    )
