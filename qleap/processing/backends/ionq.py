"""IonQ's machines through qiskit-ionq.

The credentials are those of the client (``IONQ_API_KEY``, ``IONQ_API_URL``). A job
carries the UUID of ours in its metadata. The client would repeat a submission whose
answer is lost, and wait for ever for one that does not come; its calls are therefore
made one attempt at a time, under the policy of `qleap.processing.backends.retry`.
"""

import contextlib
import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
from qiskit import QuantumCircuit
from qiskit.transpiler import Target

from qleap.core.errors import InvalidValue
from qleap.core.extras import require
from qleap.processing.backends.outcomes import Outcome
from qleap.processing.backends.provider import Ticket, Work, redact
from qleap.processing.backends.retry import NotKnown, Refused, RetryPolicy, Unanswered

__all__ = ["IonqMachine", "open_ionq"]

TAG: Final = "qleap"
PAGES: Final = 40
"""Pages of the list of jobs that are searched for a tag, newest first."""

_STATES: Final = {
    "submitted": "queued",
    "ready": "queued",
    "started": "running",
    "running": "running",
    "completed": "done",
    "failed": "failed",
    "canceled": "cancelled",
}


def open_ionq(name: str) -> "IonqMachine":
    """Return the machine ``name``: ``simulator``, ``qpu.aria-1``, ..."""
    ionq = require("qiskit_ionq", "ionq")
    if not name:
        raise InvalidValue(
            "an IonQ backend is named ionq:NAME, such as ionq:simulator."
        )
    helpers = require("qiskit_ionq.helpers", "ionq")
    if not helpers.resolve_credentials().get("token"):
        raise InvalidValue("IonQ needs an API key; set IONQ_API_KEY.")
    try:
        machine = ionq.IonQProvider().get_backend(name)
    except Exception as error:  # the client raises many kinds
        raise InvalidValue(
            f"ionq:{name} is no machine that qiskit-ionq knows "
            f"({type(error).__name__}); for example ionq:simulator or ionq:qpu.aria-1."
        ) from None
    return IonqMachine(f"ionq:{name}", machine)


class IonqMachine:
    """A machine of IonQ; see `qleap.processing.backends.provider.Provider`.

    Parameters
    ----------
    name : str
        As the door knows it.
    machine : IonQBackend
        The client's backend.
    policy : RetryPolicy, optional
        Of safe calls.
    """

    registers = False
    kinds = frozenset({"sampling"})
    most_circuits = 1

    def __init__(
        self, name: str, machine: Any, policy: RetryPolicy | None = None
    ) -> None:
        self.name, self._machine = name, machine
        self._policy = RetryPolicy() if policy is None else policy

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must not be written anywhere."""
        return (str(self._machine.client._token or ""),)

    @property
    def target(self) -> Target:
        """Return the gates of the machine."""
        return self._machine.target

    def calibration(self) -> str | None:
        """Return nothing; IonQ publishes no errors of single gates."""
        return None

    def submit(self, work: Work, ticket: Ticket) -> str:
        """Submit one circuit with the tag, once."""
        from qiskit_ionq.ionq_job import IonQJob

        circuit = work.circuits[0]
        try:
            _places(circuit)
        except InvalidValue as error:  # what could not be read later
            raise Refused(str(error)) from None
        job = IonQJob(
            backend=self._machine,
            client=self._machine.client,
            circuit=circuit,
            passed_args={
                **dict(self._machine.options),
                "shots": work.shots,
                "sampler_seed": work.seed,
                "name": f"qleap {ticket.tag}",
                "extra_metadata": {TAG: ticket.tag},
            },
        )
        answer = self._ask("submit_job", job=job, safe=False)
        return str(answer["id"])

    def find(self, tag: str) -> str | None:
        """Return the job whose metadata carries ``tag``."""
        query: dict[str, Any] = {"limit": 25}
        client = self._machine.client
        for _ in range(PAGES):
            answer = self._call(partial(_listed, client, query))
            for job in answer.get("jobs") or []:
                if (job.get("metadata") or {}).get(TAG) == tag:
                    return str(job["id"])
            if not answer.get("next"):
                return None
            query = {**query, "next": answer["next"]}
        raise Unanswered(f"IonQ has more jobs than {25 * PAGES}; the tag is not found.")

    def state(self, provider_id: str) -> tuple[str, str]:
        """Return the state, and IonQ's reason where the job failed."""
        job = self._ask("retrieve_job", provider_id, job_known=True)
        if job.get("status") not in _STATES:
            raise Unanswered(f"IonQ gave the unknown status {job.get('status')!r:.40}.")
        failure = job.get("failure") or {}
        reason = f"{failure.get('code', '')} {failure.get('error', '')}".strip()
        return _STATES[job["status"]], reason

    def fetch(self, provider_id: str, work: Work) -> dict[str, Any]:  # noqa: ARG002
        """Return the job and its probabilities."""
        job = self._ask("retrieve_job", provider_id, job_known=True)
        try:
            link = job["results"]["probabilities"]["url"]
        except (KeyError, TypeError):
            raise Unanswered("IonQ completed the job, but has no result yet.") from None
        return {"job": job, "probabilities": self._ask("get_results", link)}

    def read(self, raw: dict[str, Any], work: Work) -> list[Outcome]:
        """Turn probabilities into counts.

        A device's are its counts divided by the shots. The ideal simulator's are
        exact, and shots are drawn, by the seed of the run or by the id of the job.
        """
        circuit = work.circuits[0]
        merged: dict[str, float] = {}
        for key, p in raw["probabilities"].items():
            bits = _bits(int(key), circuit)
            merged[bits] = merged.get(bits, 0.0) + float(p)
        names = sorted(merged)
        share = np.array([merged[bits] for bits in names])
        if "simulator" in self.name:
            job_id = str(raw["job"].get("id")).encode()
            digest = int.from_bytes(hashlib.sha256(job_id).digest()[:4], "big")
            rng = np.random.default_rng(digest if work.seed is None else work.seed)
            drawn = rng.multinomial(work.shots, share / share.sum())
        else:
            drawn = np.rint(share * work.shots).astype(np.int64)
        counts = {b: int(n) for b, n in zip(names, drawn, strict=True) if n}
        return [Outcome(counts=counts)]

    def cancel(self, provider_id: str) -> None:
        """Cancel the job."""
        self._ask("cancel_job", provider_id, job_known=True)

    def _ask(
        self,
        name: str,
        *values: Any,
        job_known: bool = False,
        safe: bool = True,
        **more: Any,
    ) -> Any:
        """Make one call of the client under our policy."""
        client = self._machine.client
        method = getattr(type(client), name)
        once = getattr(method, "__wrapped__", method)
        try:
            return self._call(lambda: once(client, *values, **more), safe=safe)
        except Refused as error:
            if job_known and error.status == 404:
                raise NotKnown(str(error), status=404) from None
            raise

    def _call(self, request: Callable[[], Any], *, safe: bool = True) -> Any:
        return self._policy.call(lambda: self._translated(request), safe=safe)

    def _translated(self, request: Callable[[], Any]) -> Any:
        """Return what ``request`` returns, its failures as ours."""
        from qiskit_ionq.exceptions import IonQAPIError, IonQError, IonQRetriableError
        from requests.exceptions import RequestException

        try:
            found = request()
            if not isinstance(found, dict):
                raise TypeError
            return found
        except (IonQRetriableError, IonQAPIError) as error:
            cause = getattr(error, "_cause", error)
            status = int(getattr(cause, "status_code", 0) or 0)
            said = redact(str(getattr(cause, "message", "")), self.secrets)[:200]
        except (RequestException, ValueError, KeyError, TypeError) as error:
            raise Unanswered(f"IonQ did not answer ({type(error).__name__}).") from None
        except IonQError as error:
            raise Refused(f"qiskit-ionq refused: {error}") from None
        if status >= 500 or status in (0, 408, 409, 429):
            wait = 0.0
            with contextlib.suppress(AttributeError, TypeError, ValueError):
                wait = float(cause.headers.get("retry-after") or 0.0)
            raise Unanswered(
                f"IonQ answered {status or 'nothing'}.",
                arrived=status != 429,
                wait=wait,
            )
        raise Refused(f"IonQ refused ({status}): {said.rstrip('.')}.", status=status)


def _listed(client: Any, query: dict[str, Any]) -> Any:
    from qiskit_ionq.exceptions import IonQAPIError

    answer = client.get_with_retry(
        client.make_path("jobs"), params=query, headers=client.api_headers
    )
    IonQAPIError.raise_for_status(answer)
    return answer.json()


def _places(circuit: QuantumCircuit) -> dict[int, int]:
    """Return the classical bit into which each qubit is measured, at the end."""
    places: dict[int, int] = {}
    for instruction in circuit.data:
        name = instruction.operation.name
        touched = [circuit.find_bit(qubit).index for qubit in instruction.qubits]
        if name == "measure":
            places[touched[0]] = circuit.find_bit(instruction.clbits[0]).index
        elif name != "barrier" and (
            instruction.clbits or name == "reset" or places.keys() & set(touched)
        ):
            raise InvalidValue(
                f"IonQ measures at the end of a circuit, but a {name} comes after a "
                "measurement or depends on one; take another backend."
            )
    return places


def _bits(key: int, circuit: QuantumCircuit) -> str:
    """Return the classical bits of the state number ``key`` of the qubits."""
    row = ["0"] * circuit.num_clbits
    for qubit, bit in _places(circuit).items():
        row[-1 - bit] = str(key >> qubit & 1)
    return "".join(row)
