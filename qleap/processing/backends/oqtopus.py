"""Machines of an OQTOPUS cloud.

The protocol has three calls: a job id is registered, its input uploaded, and the job
submitted. Where a process dies between them the id on the disk tells what happened:

* ``registered``: nothing was submitted, because the next step was never committed.
  The input's form is gone with the process, so a new id is registered. The old one
  stays unused.
* ``uploaded``: the submission may have been sent. The status of the id decides. Only
  ``registered`` is submitted again, under the same id, which runs once.
"""

import json
from typing import Any, Final

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qasm3
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.transpiler import CouplingMap, Target

from qleap.core.errors import BackendUnavailable, InvalidValue
from qleap.processing.backends.oqtopus_client import OqtopusClient, OqtopusSettings
from qleap.processing.backends.outcomes import Outcome
from qleap.processing.backends.provider import Ticket, Work
from qleap.processing.backends.retry import Refused, Unanswered

__all__ = ["OqtopusDevice", "open_oqtopus", "target_of"]

UPLOADED: Final = "uploaded"
_STATES: Final = {
    "registered": "created",
    "submitted": "queued",
    "ready": "queued",
    "running": "running",
    "cancelling": "running",
    "succeeded": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}
_USUAL_GATES: Final = ("sx", "x", "rz", "cx")
_ALWAYS: Final = ("measure", "delay")


def open_oqtopus(device_id: str) -> "OqtopusDevice":
    """Return the device, set up as `OqtopusSettings.load` finds."""
    if not device_id:
        raise InvalidValue(
            "an OQTOPUS backend is named oqtopus:DEVICE; `qleap backends` lists the "
            "devices."
        )
    return OqtopusDevice(OqtopusClient(OqtopusSettings.load()), device_id)


class OqtopusDevice:
    """A device of the cloud; see `qleap.processing.backends.provider.Provider`.

    Parameters
    ----------
    client : OqtopusClient
        The cloud.
    device_id : str
        Name of the device there.
    """

    registers = True
    kinds = frozenset({"sampling", "estimation", "multi_manual"})
    most_circuits = 1

    def __init__(self, client: OqtopusClient, device_id: str) -> None:
        self.name = f"oqtopus:{device_id}"
        self._client, self._device_id = client, device_id
        self._info: dict[str, Any] | None = None
        self._target: Target | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must not be written anywhere."""
        return self._client.secrets

    @property
    def info(self) -> dict[str, Any]:
        """Return what the cloud says about the device; asked once."""
        if self._info is None:
            self._info = self._client.device(self._device_id)
        return self._info

    @property
    def target(self) -> Target:
        """Return gates and couplers of the device."""
        if self._target is None:
            self._target = target_of(self.info)
        return self._target

    def calibration(self) -> str | None:
        """Return the device with its calibration as the cloud tells it."""
        return json.dumps(self.info, sort_keys=True)

    def submit(self, work: Work, ticket: Ticket) -> str:
        """Register, upload and submit, or go on where ``ticket`` says."""
        job_id = ticket.provider_id if ticket.step == UPLOADED else None
        if job_id is None:
            job_id, form = self._client.register()
            ticket.reached("registered", job_id)
            self._client.upload(form, _content(work))
            ticket.reached(UPLOADED, job_id)
        elif self._client.status(job_id) != "registered":
            return job_id
        self._send(job_id, self._request(work, ticket.tag))
        return job_id

    def _send(self, job_id: str, request: dict[str, Any]) -> None:
        """Submit; where the answer is lost or odd, the status says what happened."""
        policy = self._client.policy
        for attempt, pause in enumerate(policy.pauses(), 1):
            try:
                return self._client.submit(job_id, request)
            except Unanswered as error:
                if self._client.status(job_id) != "registered":
                    return None
                if attempt >= policy.attempts:
                    raise
                policy.sleep(max(pause, error.wait))
            except Refused:
                # An earlier request of ours may have come before this one.
                if self._client.status(job_id) == "registered":
                    raise
                return None
        raise AssertionError  # pragma: no cover  # the pauses have no end

    def find(self, tag: str) -> str | None:
        """Return the id of the job whose name holds ``tag``."""
        named = [job for job in self._client.search(tag) if tag in str(job.get("name"))]
        return str(named[0]["job_id"]) if named else None

    def state(self, provider_id: str) -> tuple[str, str]:
        """Return the state, with the cloud's message where the job failed."""
        said = self._client.status(provider_id)
        if said not in _STATES:
            raise BackendUnavailable(f"OQTOPUS gave the unknown status {said!r:.40}.")
        if said != "failed":
            return _STATES[said], ""
        info = self._client.job(provider_id).get("job_info") or {}
        return "failed", str(info.get("message") or "")

    def fetch(self, provider_id: str, work: Work) -> dict[str, Any]:  # noqa: ARG002
        """Return the job and the files behind its links, without the links."""
        job = self._client.job(provider_id)
        info = job.pop("job_info", None) or {}
        if not info.get("result"):
            raise BackendUnavailable(
                f"OQTOPUS says that job {provider_id} succeeded, but has no result yet."
            )
        files = {
            name: self._client.download(info[name])
            for name in ("result", "transpile_result")
            if info.get(name)
        }
        return {"job": job, "message": info.get("message"), **files}

    def read(self, raw: dict[str, Any], work: Work) -> list[Outcome]:
        """Read counts or an expectation value."""
        try:
            if work.kind == "estimation":
                found = raw["result"]["estimation"]
                value, error = float(found["exp_value"]), float(found["stds"])
                return [Outcome(value=value, error=error)]
            found = raw["result"]["sampling"]
            if work.kind == "sampling":
                return [_outcome(found["counts"], work.circuits[0])]
            divided = found["divided_counts"]
            return [
                _outcome(divided[str(k)], circuit)
                for k, circuit in enumerate(work.circuits)
            ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidValue(
                f"the result from {self.name} lacks what a {work.kind} has "
                f"({type(error).__name__}: {error}); the raw answer is in the store."
            ) from error

    def cancel(self, provider_id: str) -> None:
        """Ask for the job to be cancelled."""
        self._client.cancel(provider_id)

    def _request(self, work: Work, tag: str) -> dict[str, Any]:
        request: dict[str, Any] = {
            "name": f"qleap {tag}",
            "device_id": self._device_id,
            "job_type": work.kind,
            "shots": work.shots,
            "transpiler_info": {"transpiler_lib": None},
        }
        if work.kind == "multi_manual":  # the cloud places the circuits itself
            del request["transpiler_info"]
        if work.seed is not None and self.info.get("device_type") == "simulator":
            request["simulator_info"] = {"seed_simulation": work.seed}
        return request


def target_of(info: dict[str, Any]) -> Target:
    """Return the gates and couplers in a device's description.

    Without couplings (simulators) every pair of qubits is coupled. Gates that Qiskit
    does not know, or that act on more than a pair, are not used.
    """
    details = info.get("device_info") or "{}"
    try:
        found = json.loads(details) if isinstance(details, str) else details
        couplings = [
            (int(one["control"]), int(one["target"]))
            for one in found.get("couplings") or []
        ]
        listed = [int(one["id"]) for one in found.get("qubits") or []]
        n_qubits = int(info.get("n_qubits") or max(listed, default=-1) + 1)
    except (ValueError, KeyError, TypeError, AttributeError):
        couplings, n_qubits = [], int(info.get("n_qubits") or 0)
    if n_qubits < 1:
        raise BackendUnavailable(
            f"OQTOPUS does not tell how many qubits {info.get('device_id')} has."
        )
    both = sorted({pair for a, b in couplings for pair in ((a, b), (b, a))})
    known = get_standard_gate_name_mapping()
    told = {str(name) for name in info.get("basis_gates") or ()} - set(_ALWAYS)
    names = [name for name in told if name in known and known[name].num_qubits <= 2]
    names = sorted(names) or list(_USUAL_GATES)
    return Target.from_configuration(
        basis_gates=[*names, *_ALWAYS],
        num_qubits=n_qubits,
        coupling_map=CouplingMap(both) if both else CouplingMap.from_full(n_qubits),
    )


def _content(work: Work) -> dict[str, Any]:
    """Return the input file of a job."""
    content: dict[str, Any] = {
        "program": [qasm3.dumps(_one_register(circuit)) for circuit in work.circuits]
    }
    if work.kind == "estimation":
        content["operator"] = [
            {"pauli": _pauli_text(label), "coeff": coefficient}
            for label, coefficient in work.operator
        ]
    return content


def _pauli_text(label: str) -> str:
    """Return ``XIZ`` as ``Z 0 X 2``; the identity as ``I``."""
    letters = [f"{p} {q}" for q, p in enumerate(reversed(label)) if p != "I"]
    return " ".join(letters) or "I"


def _one_register(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit with its qubits and its classical bits in one register each.

    The cloud joins registers in an order of its own, and a layout would make Qiskit
    write hardware qubits (``$0``), which not every engine reads.
    """
    joined = QuantumCircuit(QuantumRegister(circuit.num_qubits, "q"))
    if circuit.num_clbits:
        joined.add_register(ClassicalRegister(circuit.num_clbits, "c"))
    joined.compose(circuit, joined.qubits, joined.clbits, inplace=True)
    return joined


def _outcome(counts: dict[str, Any], circuit: QuantumCircuit) -> Outcome:
    clean: dict[str, int] = {}
    for bits, number in counts.items():
        text = str(bits).replace(" ", "")
        if len(text) > circuit.num_clbits or set(text) - {"0", "1"} or number < 0:
            raise ValueError(f"counts of {bits!r:.40}")
        clean[text.zfill(circuit.num_clbits)] = int(number)
    return Outcome(counts=clean)
