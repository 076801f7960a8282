"""The noise of a device as its calibration describes it.

A gate of average infidelity ``e`` (McKay et al. 2018, arXiv:1809.03452, sec. II, as in
Qiskit Aer) is the ideal gate, then depolarisation, then relaxation of each of its
qubits during its length. Relaxation alone has the fidelity ``F``; depolarisation brings
the total to ``1 - e``: ``p = d (F - 1 + e) / (d F - 1)`` with ``d = 2**n``. Where
relaxation alone exceeds the recorded error there is no depolarisation.
"""

from collections.abc import Iterator, Mapping
from functools import reduce

from qleap.core.errors import InvalidValue
from qleap.processing.noise.channels import Channel, depolarizing
from qleap.processing.noise.model import NoiseModel, Qubits, Relaxation, Schedule
from qleap.processing.noise.readout import ReadoutError
from qleap.processing.snapshots.calibration import CalibrationSnapshot
from qleap.processing.snapshots.repair import repaired

__all__ = ["device_noise"]

Places = tuple[tuple[Channel, Qubits], ...]


def device_noise(
    snapshot: CalibrationSnapshot,
    *,
    schedule: Schedule = "none",
    crosstalk: bool = False,
    gate_errors: bool = True,
    relaxation: bool = True,
    readout: bool = True,
) -> NoiseModel:
    """Return the noise model of a calibration.

    Impossible values are repaired first (`qleap.processing.snapshots.repaired`).
    Channels are computed when a circuit needs them: a model costs what it uses.

    Parameters
    ----------
    snapshot : CalibrationSnapshot
        Of a device; circuits must be written in its gates and its qubits.
    schedule, crosstalk, gate_errors, relaxation, readout
        See `CalibrationSnapshot.noise_model`.
    """
    if crosstalk and schedule == "none":
        raise InvalidValue(
            "crosstalk needs the times of gates; give schedule='alap' or 'asap'."
        )
    found = repaired(snapshot)
    times = zip(found.t1.tolist(), found.t2.tolist(), strict=True)
    idle: dict[int | None, Relaxation] = {
        qubit: Relaxation(t1=t1, t2=t2)
        for qubit, (t1, t2) in enumerate(times)
        if relaxation
    }
    durations: dict[tuple[str, Qubits | None], float] = {
        key: record.length for key, record in found.gates.items()
    }
    for qubit, length in enumerate(found.readout_length.tolist()):
        durations["measure", (qubit,)] = length
    misreadings = zip(
        found.one_for_zero.tolist(), found.zero_for_one.tolist(), strict=True
    )
    readouts: tuple[tuple[ReadoutError, Qubits | None], ...] = tuple(
        (ReadoutError.of_bit(p, q), (qubit,))
        for qubit, (p, q) in enumerate(misreadings)
        if readout and (p or q)
    )
    return NoiseModel(
        calibrated=_GateNoise(found, idle, gate_errors=gate_errors),
        idle=idle,
        crosstalk=dict(found.zz) if crosstalk else {},
        readouts=readouts,
        durations=durations,
        schedule=schedule,
        dt=found.dt,
    )


class _GateNoise(Mapping[tuple[str, Qubits], Places]):
    """The channels behind each native gate, computed when first asked for."""

    def __init__(
        self,
        snapshot: CalibrationSnapshot,
        idle: Mapping[int | None, Relaxation],
        *,
        gate_errors: bool,
    ) -> None:
        self._snapshot = snapshot
        self._idle = idle
        self._gate_errors = gate_errors
        self._known: dict[tuple[str, Qubits], Places] = {}

    def __getitem__(self, key: tuple[str, Qubits]) -> Places:
        if key not in self._known:
            self._known[key] = self._channels(key)
        return self._known[key]

    def __iter__(self) -> Iterator[tuple[str, Qubits]]:
        return iter(self._snapshot.gates)

    def __len__(self) -> int:
        return len(self._snapshot.gates)

    def __contains__(self, key: object) -> bool:
        return key in self._snapshot.gates

    def _channels(self, key: tuple[str, Qubits]) -> Places:
        error, length = self._snapshot.gates[key]
        qubits = key[1]
        relaxing = [
            self._idle[qubit].channel(length)
            for qubit in qubits
            if self._idle and length > 0.0
        ]
        places: Places = tuple(zip(relaxing, ((q,) for q in qubits), strict=False))
        if self._gate_errors:
            dimension = 2 ** len(qubits)
            fidelity = 1.0
            if relaxing:
                fidelity -= reduce(Channel.tensor, relaxing).infidelity
            worst = dimension / (dimension + 1.0)
            lost = min(error, worst) - (1.0 - fidelity)
            if lost > 0.0:
                p = dimension * lost / (dimension * fidelity - 1.0)
                most = dimension**2 / (dimension**2 - 1.0)
                return ((depolarizing(min(p, most), len(qubits)), qubits), *places)
        return places
