"""Amazon Braket through qiskit-braket-provider.

Credentials are those of AWS (environment, ``~/.aws``, role). A task carries the UUID
of its job as the tag ``qleap``. AWS's client repeats a lost creation under one
idempotency token, so that it happens once.
"""

from collections.abc import Sequence
from typing import Any, Final

from qiskit import QuantumCircuit
from qiskit.providers import BackendV2, Options
from qiskit.result import Result
from qiskit.transpiler import Target

import qleap
from qleap.core import checks
from qleap.core.errors import BackendUnavailable, InvalidValue
from qleap.core.extras import require
from qleap.processing.backends.local import LocalJob
from qleap.processing.backends.outcomes import Outcome, experiment
from qleap.processing.backends.provider import Ticket, Work
from qleap.processing.backends.retry import NotKnown, Refused, Unanswered
from qleap.processing.execution import as_pubs, check_shots

__all__ = ["BraketLocal", "BraketMachine", "open_braket"]

TAG: Final = "qleap"
LOCAL: Final = ("local", "default", "braket_sv", "braket_dm")
_STATES: Final = {
    "CREATED": "queued",
    "INITIALIZED": "queued",
    "QUEUED": "queued",
    "RUNNING": "running",
    "COMPLETED": "done",
    "FAILED": "failed",
    "CANCELLING": "running",
    "CANCELLED": "cancelled",
}


def open_braket(arn: str) -> "BraketMachine":
    """Return the device with the resource name ``arn``."""
    provider = require("qiskit_braket_provider", "braket")
    if not arn.startswith("arn:"):
        raise InvalidValue(
            f"a Braket backend is named braket:ARN or braket:local, got {arn!r}; the "
            f"simulators on this machine are {', '.join(LOCAL)}."
        )
    try:
        machine = provider.BraketAwsBackend(arn=arn)
    except Exception as error:  # the client raises many kinds
        raise BackendUnavailable(
            f"braket:{arn} cannot be opened ({type(error).__name__}); look at the "
            "resource name and at the credentials of AWS."
        ) from None
    return BraketMachine(f"braket:{arn}", machine)


class BraketMachine:
    """A device of Braket; see `qleap.processing.backends.provider.Provider`.

    Parameters
    ----------
    name : str
        As the door knows it.
    machine : BraketAwsBackend
        The client's backend.
    """

    registers = False
    kinds = frozenset({"sampling"})
    most_circuits = 1
    secrets: tuple[str, ...] = ()

    def __init__(self, name: str, machine: Any) -> None:
        self.name, self._machine = name, machine

    @property
    def target(self) -> Target:
        """Return gates and couplers of the device."""
        return self._machine.target

    def calibration(self) -> str | None:
        """Return the properties of the device as JSON."""
        return str(self._machine._device.properties.json())

    def submit(self, work: Work, ticket: Ticket) -> str:
        """Create a task that carries the tag."""
        try:
            job = self._machine.run(
                work.circuits[0], shots=work.shots, tags={TAG: ticket.tag}
            )
        except Exception as error:  # boto and the client raise many kinds
            raise _failure(error) from None
        return str(job.job_id())

    def find(self, tag: str) -> str | None:
        """Return the task that carries ``tag``."""
        rule = {
            "name": "deviceArn",
            "operator": "EQUAL",
            "values": [self.name.removeprefix("braket:")],
        }
        more: dict[str, str] = {}
        while True:
            try:
                page = self._client.search_quantum_tasks(filters=[rule], **more)
            except Exception as error:  # boto raises many kinds
                raise _failure(error) from None
            for task in page.get("quantumTasks", []):
                if (task.get("tags") or {}).get(TAG) == tag:
                    return str(task["quantumTaskArn"])
            if not page.get("nextToken"):
                return None
            more = {"nextToken": page["nextToken"]}

    def state(self, provider_id: str) -> tuple[str, str]:
        """Return the state, and the reason where the task failed."""
        try:
            task = self._client.get_quantum_task(quantumTaskArn=provider_id)
        except Exception as error:  # boto raises many kinds
            failed = _failure(error)
            if _code(error) == "ResourceNotFoundException":
                raise NotKnown(
                    f"Braket does not know the task {provider_id}."
                ) from None
            raise failed from None
        return _STATES[task["status"]], str(task.get("failureReason") or "")

    def fetch(self, provider_id: str, work: Work) -> dict[str, Any]:  # noqa: ARG002
        """Return the measured bits of every shot, as the client gives them."""
        try:
            result = self._machine.retrieve_job(provider_id).result()
            memory = [str(bits) for bits in result.results[0].data.memory]
        except Exception as error:  # boto and the client raise many kinds
            raise _failure(error) from None
        return {"task": provider_id, "memory": memory}

    def read(self, raw: dict[str, Any], work: Work) -> list[Outcome]:
        """Read the bits."""
        return [_outcome(work.circuits[0], raw["memory"])]

    def cancel(self, provider_id: str) -> None:
        """Cancel the task."""
        try:
            self._client.cancel_quantum_task(quantumTaskArn=provider_id)
        except Exception as error:  # boto raises many kinds
            raise Refused(f"Braket did not cancel ({type(error).__name__}).") from None

    @property
    def _client(self) -> Any:
        return self._machine._device.aws_session.braket_client


class BraketLocal(BackendV2):  # type: ignore[misc]  # Qiskit is untyped
    """A simulator of Braket on this machine.

    Parameters
    ----------
    name : str
        One of `LOCAL`.
    """

    def __init__(self, name: str) -> None:
        provider = require("qiskit_braket_provider", "braket")
        self._machine = provider.BraketLocalBackend(
            name="default" if name == "local" else name
        )
        super().__init__(
            name=f"braket:{name}",
            description="simulator of the Amazon Braket SDK",
            backend_version=qleap.__version__,
        )

    @property
    def target(self) -> Target:
        """Return the gates of the simulator."""
        return self._machine.target

    @property
    def max_circuits(self) -> None:
        """Return no limit."""
        return

    @classmethod
    def _default_options(cls) -> Options:
        return Options(shots=1024, memory=False)

    def run(
        self, run_input: QuantumCircuit | Sequence[QuantumCircuit], **options: Any
    ) -> LocalJob:
        """Start a job for circuits in the simulator's own gates.

        ``seed_simulator`` is taken and has no effect: the simulator offers none.
        """
        alone = isinstance(run_input, QuantumCircuit)
        circuits = list(as_pubs([run_input] if alone else run_input))
        defaults = dict(self.options)
        checks.known_keys("run", options, [*sorted(defaults), "seed_simulator"])
        chosen = {**defaults, **options}
        shots = check_shots(chosen["shots"])

        def simulate(job_id: str) -> Result:
            found = self._machine.run(circuits, shots=shots).result()
            return Result(
                backend_name=self.name,
                backend_version=qleap.__version__,
                job_id=job_id,
                success=True,
                results=[
                    experiment(
                        circuit,
                        _outcome(circuit, one.data.memory),
                        memory=bool(chosen["memory"]),
                    )
                    for circuit, one in zip(circuits, found.results, strict=True)
                ],
            )

        job = LocalJob(self, simulate)
        job.submit()
        return job


def _outcome(circuit: QuantumCircuit, memory: Sequence[str]) -> Outcome:
    """Put measured bits into their places; Braket tells those that are measured."""
    measured = {
        circuit.find_bit(instruction.clbits[0]).index
        for instruction in circuit.data
        if instruction.operation.name == "measure"
    }
    shots = []
    for text in memory:
        value, row = int(text, 16), ["0"] * circuit.num_clbits
        for k, place in enumerate(sorted(measured)):
            row[-1 - place] = str(value >> k & 1)
        shots.append("".join(row))
    return Outcome.of_shots(shots)


def _code(error: Exception) -> str:
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _failure(error: Exception) -> Exception:
    """Return what an error of AWS means for a job."""
    response = getattr(error, "response", None) or {}
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if 400 <= status < 500 and status != 429:
        return Refused(f"Braket refused ({status}, {_code(error)}).", status=status)
    return Unanswered(f"Braket did not answer ({type(error).__name__}).")
