"""IBM's machines through the official client, and its simulated devices.

A job is one call of the client with the job's UUID as a tag; a process that dies in
it leaves no id, and the tag decides. The client repeats a lost call where IBM says
that doing so is safe (see its class ``PostForcelistRetry``).
"""

import json
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
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
from qleap.processing.execution import as_pubs, check_shots, choose_seed

__all__ = ["FakeDevice", "IbmMachine", "open_ibm"]

LOCAL_MODE: Final = "aer in the local mode of qiskit-ibm-runtime"

_STATES: Final = {
    "INITIALIZING": "queued",
    "QUEUED": "queued",
    "RUNNING": "running",
    "DONE": "done",
    "ERROR": "failed",
    "CANCELLED": "cancelled",
}


def open_ibm(name: str) -> "IbmMachine":
    """Return the machine ``name`` of the account that the client has saved.

    ``QISKIT_IBM_TOKEN`` and its like serve too; see the client's documentation.
    """
    runtime = require("qiskit_ibm_runtime", "ibm")
    if not name:
        raise InvalidValue("an IBM backend is named ibm:NAME, for example ibm:ibm_fez.")
    try:
        service = runtime.QiskitRuntimeService()
        machine = service.backend(name)
    except Exception as error:  # the client raises many kinds
        raise BackendUnavailable(
            f"ibm:{name} cannot be opened ({type(error).__name__}); look at the name "
            "and at the account that QiskitRuntimeService.save_account stored."
        ) from None
    return IbmMachine(f"ibm:{name}", machine, service)


class IbmMachine:
    """A machine of IBM; see `qleap.processing.backends.provider.Provider`.

    Parameters
    ----------
    name : str
        As the door knows it.
    machine : BackendV2
        The client's backend.
    service : QiskitRuntimeService
        The client's service, which knows the jobs.
    """

    registers = False
    kinds = frozenset({"sampling"})
    most_circuits = None

    def __init__(self, name: str, machine: Any, service: Any) -> None:
        self.name = name
        self._machine, self._service = machine, service

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must not be written anywhere."""
        account: dict[str, Any] = self._service.active_account() or {}
        return tuple(str(account[k]) for k in ("token", "instance") if account.get(k))

    @property
    def target(self) -> Target:
        """Return gates, couplers and errors of the machine."""
        return self._machine.target

    def calibration(self) -> str | None:
        """Return IBM's backend properties as JSON."""
        try:
            found = self._machine.properties()
        except Exception as error:  # the client raises many kinds
            raise _failure(error) from None
        return None if found is None else json.dumps(found.to_dict(), default=str)

    def submit(self, work: Work, ticket: Ticket) -> str:
        """Submit all circuits as one job that carries the tag."""
        try:
            job = sample(self._machine, work, tag=ticket.tag)
        except Exception as error:  # the client raises many kinds
            raise _failure(error) from None
        return str(job.job_id())

    def find(self, tag: str) -> str | None:
        """Return the id of the job that carries ``tag``."""
        try:
            found = self._service.jobs(job_tags=[tag], limit=1)
        except Exception as error:  # the client raises many kinds
            raise _failure(error, sent=False) from None
        return str(found[0].job_id()) if found else None

    def state(self, provider_id: str) -> tuple[str, str]:
        """Return the state, and IBM's message where the job failed."""
        job = self._job(provider_id)
        try:
            said = job.status()
            state = _STATES[str(getattr(said, "name", said))]
            reason = job.error_message() if state == "failed" else ""
        except Exception as error:  # the client raises many kinds
            raise _failure(error, sent=False) from None
        return state, str(reason or "")

    def fetch(self, provider_id: str, work: Work) -> dict[str, Any]:  # noqa: ARG002
        """Return the result as IBM's own encoder writes it."""
        encoder = require("qiskit_ibm_runtime", "ibm").RuntimeEncoder
        job = self._job(provider_id)
        try:
            found: dict[str, Any] = json.loads(json.dumps(job.result(), cls=encoder))
        except Exception as error:  # the client raises many kinds
            raise _failure(error, sent=False) from None
        return found

    def read(self, raw: dict[str, Any], work: Work) -> list[Outcome]:
        """Read IBM's result."""
        decoder = require("qiskit_ibm_runtime", "ibm").RuntimeDecoder
        try:
            pubs = json.loads(json.dumps(raw), cls=decoder)
            return [
                _outcome(circuit, pub.data)
                for circuit, pub in zip(work.circuits, pubs, strict=True)
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidValue(
                f"the result from {self.name} cannot be read "
                f"({type(error).__name__}: {error}); the raw answer is in the store."
            ) from error

    def cancel(self, provider_id: str) -> None:
        """Cancel the job."""
        try:
            self._job(provider_id).cancel()
        except Exception as error:  # the client raises many kinds
            raise Refused(f"IBM did not cancel ({type(error).__name__}).") from None

    def _job(self, provider_id: str) -> Any:
        try:
            return self._service.job(provider_id)
        except Exception as error:  # the client raises many kinds
            if "NotFound" in type(error).__name__ or _status(error) == 404:
                raise NotKnown(f"IBM does not know the job {provider_id}.") from None
            raise _failure(error, sent=False) from None


class FakeDevice(BackendV2):  # type: ignore[misc]  # Qiskit is untyped
    """A simulated device in the local mode of IBM's client.

    The calibration that IBM recorded becomes Aer's noise model, once a process.

    Parameters
    ----------
    name : str
        For example ``fake:kawasaki``.
    """

    def __init__(self, name: str) -> None:
        from qleap.processing.devices import load_device

        self._device = load_device(name)
        super().__init__(
            name=name,
            description=f"{name} in the local mode of qiskit-ibm-runtime",
            backend_version=qleap.__version__,
        )

    @property
    def target(self) -> Target:
        """Return gates, couplers and errors of the device."""
        return self._device.target

    @property
    def max_circuits(self) -> None:
        """Return no limit."""
        return

    @classmethod
    def _default_options(cls) -> Options:
        return Options(shots=1024, seed_simulator=None, memory=False)

    def run(
        self, run_input: QuantumCircuit | Sequence[QuantumCircuit], **options: Any
    ) -> LocalJob:
        """Start a job for circuits in the device's own gates."""
        alone = isinstance(run_input, QuantumCircuit)
        circuits = list(as_pubs([run_input] if alone else run_input))
        defaults = dict(self.options)
        checks.known_keys("run", options, sorted(defaults))
        chosen = {**defaults, **options}
        work = Work(
            kind="sampling",
            circuits=tuple(circuits),
            shots=check_shots(chosen["shots"]),
            seed=choose_seed(chosen["seed_simulator"]),
        )

        def simulate(job_id: str) -> Result:
            found = sample(noisy_simulator(self.name), work).result()
            return Result(
                backend_name=self.name,
                backend_version=qleap.__version__,
                job_id=job_id,
                success=True,
                results=[
                    experiment(
                        c,
                        _outcome(c, pub.data, LOCAL_MODE),
                        memory=bool(chosen["memory"]),
                    )
                    for c, pub in zip(circuits, found, strict=True)
                ],
            )

        job = LocalJob(self, simulate)
        job.submit()
        return job


@lru_cache(maxsize=4)
def noisy_simulator(name: str) -> Any:
    """Return Aer's simulator of a device; its noise model takes seconds to build."""
    from qleap.processing.devices import load_device

    base: Any = require("qiskit_aer", "aer").AerSimulator

    class SharedSimulator(base):  # type: ignore[misc]  # Aer is untyped
        """One noise model for all runs; the local mode would copy it for each."""

        def __deepcopy__(self, _: dict[int, Any]) -> "SharedSimulator":
            return self

    return SharedSimulator.from_backend(load_device(name))


def sample(machine: Any, work: Work, *, tag: str | None = None) -> Any:
    """Run a sampling by IBM's primitive and return its job."""
    runtime = require("qiskit_ibm_runtime", "ibm")
    with warnings.catch_warnings():
        # The primitive that both old and new services understand.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        sampler = runtime.SamplerV2(mode=machine)
        if tag is not None:
            sampler.options.environment.job_tags = [tag]
        if work.seed is not None and tag is None:
            sampler.options.simulator.seed_simulator = work.seed
        return sampler.run(list(work.circuits), shots=work.shots)


def _outcome(circuit: QuantumCircuit, data: Any, method: str | None = None) -> Outcome:
    """Return the registers in IBM's container, joined."""
    shots = max((data[r.name].num_shots for r in circuit.cregs), default=0)
    table = np.zeros((shots, circuit.num_clbits), np.uint8)
    for register in circuit.cregs:
        places = [circuit.find_bit(bit).index for bit in register]
        table[:, places] = data[register.name].to_bool_array(order="little")
    rows = np.ascontiguousarray(table[:, ::-1] + ord("0"))
    return Outcome.of_shots([row.tobytes().decode("ascii") for row in rows], method)


def _status(error: Exception) -> int:
    """Return the HTTP status behind an error of the client, or 0."""
    seen: BaseException | None = error
    while seen is not None:
        status = getattr(seen, "status_code", None)
        if isinstance(status, int) and status > 0:
            return status
        seen = seen.__cause__
    return 0


def _failure(error: Exception, *, sent: bool = True) -> Exception:
    """Return what an error of the client means for a job."""
    status = _status(error)
    text = " ".join(str(getattr(error, "message", error)).split())[:200].rstrip(".")
    if 400 <= status < 500 and status not in (408, 429):
        return Refused(f"IBM refused ({status}): {text}.", status=status)
    if sent and isinstance(error, ValueError | TypeError) and not status:
        return Refused(f"IBM's client refused the job: {text}.")
    return Unanswered(f"IBM did not answer ({type(error).__name__}).")
