"""A machine elsewhere as a Qiskit backend, with the job journal around it."""

import time
from collections.abc import Sequence
from typing import Any

from qiskit import QuantumCircuit
from qiskit.providers import BackendV2, JobStatus, JobV1, Options
from qiskit.result import Result
from qiskit.transpiler import Target

import qleap
from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue, JobFailed
from qleap.core.jobs import FINAL, Job, JobStore
from qleap.processing.backends import journal
from qleap.processing.backends.outcomes import Outcome, experiment
from qleap.processing.backends.provider import Provider, Work
from qleap.processing.circuits import as_circuit
from qleap.processing.execution import (
    as_pubs,
    check_measured,
    check_shots,
    choose_seed,
)

__all__ = ["StoredBackend", "StoredJob"]

_STATUS = {
    "created": JobStatus.INITIALIZING,
    "submitting": JobStatus.INITIALIZING,
    "unknown": JobStatus.INITIALIZING,
    "queued": JobStatus.QUEUED,
    "running": JobStatus.RUNNING,
    "done": JobStatus.DONE,
    "failed": JobStatus.ERROR,
    "cancelled": JobStatus.CANCELLED,
}
_ORDER = (
    JobStatus.ERROR,
    JobStatus.CANCELLED,
    JobStatus.INITIALIZING,
    JobStatus.QUEUED,
    JobStatus.RUNNING,
    JobStatus.DONE,
)
"""The first of these that a part has is the status of the whole."""


class StoredBackend(BackendV2):  # type: ignore[misc]  # Qiskit is untyped
    """A provider's machine whose jobs are stored before they are sent.

    Options of `run`: ``shots``, ``memory`` (bit strings of every shot, made up from
    the counts, sorted, where the provider tells counts alone), ``seed_simulator``
    (for machines that are simulated) and ``together`` (all circuits side by side on
    one device, in one job; not every provider can).

    Parameters
    ----------
    provider : Provider
        The machine.
    store : JobStore, optional
        By default the project's own.
    """

    def __init__(self, provider: Provider, store: JobStore | None = None) -> None:
        super().__init__(
            name=provider.name,
            description=f"{provider.name} with qleap's job store",
            backend_version=qleap.__version__,
        )
        self.machine = provider
        self.store = JobStore() if store is None else store

    @property
    def target(self) -> Target:
        """Return gates, couplers and errors of the machine."""
        return self.machine.target

    @property
    def max_circuits(self) -> None:
        """Return no limit; a run is shared between as many jobs as it takes."""
        return

    @classmethod
    def _default_options(cls) -> Options:
        return Options(shots=1024, memory=False, seed_simulator=None, together=False)

    def run(
        self, run_input: QuantumCircuit | Sequence[QuantumCircuit], **options: Any
    ) -> "StoredJob":
        """Store and submit circuits in the machine's own gates; return their job.

        Raises
        ------
        InvalidValue
            For unknown options and circuits that measure nothing.
        Refused, BackendUnavailable
            Where the provider declines, or does not answer. The jobs are in the store
            whatever happens; ``qleap jobs resume`` goes on with them.
        """
        alone = isinstance(run_input, QuantumCircuit)
        circuits = [as_circuit(c) for c in as_pubs([run_input] if alone else run_input)]
        defaults = dict(self.options)
        checks.known_keys("run", options, sorted(defaults))
        chosen = {**defaults, **options}
        shots, seed = check_shots(chosen["shots"]), chosen["seed_simulator"]
        for circuit in circuits:
            check_measured(circuit)
        size = self.machine.most_circuits or len(circuits)
        kind = "sampling"
        if chosen["together"]:
            kind, size = "multi_manual", len(circuits)
        self._check_kind(kind)
        works = [
            Work(
                kind=kind,
                circuits=tuple(circuits[first : first + size]),
                shots=shots,
                seed=None if seed is None else choose_seed(seed),
            )
            for first in range(0, len(circuits), max(size, 1))
        ]
        return self._start(works, memory=bool(chosen["memory"]))

    def estimate(
        self,
        tasks: Sequence[tuple[QuantumCircuit, Sequence[tuple[str, float]]]],
        shots: int,
        seed: int | None = None,
    ) -> "StoredJob":
        """Store and submit estimations: circuits, each with the terms of an operator.

        Parameters
        ----------
        tasks : sequence of (QuantumCircuit, sequence of (str, float))
            Pauli labels with the rightmost letter for qubit 0, and coefficients.
        shots : int
            Of every estimation.
        seed : int, optional
            For machines that are simulated.
        """
        self._check_kind("estimation")
        works = [
            Work(
                kind="estimation",
                circuits=(circuit,),
                shots=check_shots(shots),
                seed=seed,
                operator=tuple(terms),
            )
            for circuit, terms in tasks
        ]
        return self._start(works, memory=False)

    def job(self, job_id: str) -> "StoredJob":
        """Return the run to which the stored job ``job_id`` belongs."""
        first = self.store.get(job_id)
        if first.backend != self.name:
            raise InvalidValue(
                f"job {first.id[:8]} belongs to the backend {first.backend!r}, not to "
                f"{self.name!r}."
            )
        return StoredJob(self, self.store.parts(first.part_of), memory=True)

    def _start(self, works: list[Work], *, memory: bool) -> "StoredJob":
        if not works:
            raise InvalidValue("run needs at least one circuit, got an empty list.")
        jobs = journal.record(self.store, self.machine, works)
        job = StoredJob(self, jobs, memory=memory, works=works)
        job.submit()
        return job

    def _check_kind(self, kind: str) -> None:
        if kind not in self.machine.kinds:
            raise InvalidValue(
                f"{self.name} has no jobs of the kind {kind}; it does "
                f"{', '.join(sorted(self.machine.kinds))}."
            )


class StoredJob(JobV1):  # type: ignore[misc]  # Qiskit is untyped
    """One run on a machine elsewhere: one job of the provider, or several.

    Its id is that of its first part, and all are in the job store.

    Parameters
    ----------
    backend : StoredBackend
        Where it runs.
    parts : list of Job
        As stored.
    memory : bool
        Whether the result tells every shot.
    works : list of Work, optional
        What the parts do, where it is at hand.
    """

    def __init__(
        self,
        backend: StoredBackend,
        parts: list[Job],
        *,
        memory: bool,
        works: list[Work] | None = None,
    ) -> None:
        super().__init__(backend, parts[0].id)
        self._store, self._provider = backend.store, backend.machine
        self._parts, self._memory = parts, memory
        self._works = works or [journal.work_of(part) for part in parts]

    @property
    def part_ids(self) -> list[str]:
        """Return the ids of the parts in the job store."""
        return [part.id for part in self._parts]

    def submit(self) -> None:
        """Submit the parts that have not been."""
        for part, work in zip(self._parts, self._works, strict=True):
            if self._store.get(part.id).state != "created":
                raise InvalidValue("a job can be submitted once; start a new one.")
            journal.submit(self._store, self._provider, part, work)

    def outcomes(self, timeout: float | None = None) -> list[Outcome]:
        """Return what came of each circuit; wait for it, at most ``timeout`` seconds.

        Raises
        ------
        JobFailed
            Where a part failed or was cancelled.
        BackendUnavailable
            Where the provider does not answer or takes longer.
        """
        found: list[Outcome] = []
        end = None if timeout is None else time.monotonic() + timeout
        for part in self._parts:
            left = None if end is None else max(end - time.monotonic(), 0.0)
            job = journal.wait(self._store, self._provider, part, timeout=left)
            if job.state != "done":
                raise JobFailed(
                    f"job {job.id[:8]} on {job.backend} ended as {job.state}"
                    f"{': ' + job.error if job.error else ''}; "
                    f"`qleap jobs show {job.id[:8]}` tells its story."
                )
            found += journal.outcomes(self._store, self._provider, job)
        return found

    def result(self, timeout: float | None = None) -> Result:
        """Return Qiskit's result of a sampling; errors as of `outcomes`."""
        if self._works[0].kind == "estimation":
            raise InvalidKind("an estimation has no counts; read outcomes() instead.")
        circuits = [circuit for work in self._works for circuit in work.circuits]
        found = self.outcomes(timeout)
        return Result(
            backend_name=self.backend().name,
            backend_version=qleap.__version__,
            job_id=self.job_id(),
            success=True,
            results=[
                experiment(circuit, outcome, memory=self._memory)
                for circuit, outcome in zip(circuits, found, strict=True)
            ],
        )

    def status(self) -> JobStatus:
        """Return what the run is doing; a provider that is needed for it is asked."""
        found = []
        for part in self._parts:
            job = self._store.get(part.id)
            if job.state in ("queued", "running"):
                job = journal.refresh(self._store, self._provider, job)
            found.append(_STATUS[job.state])
        return next(status for status in _ORDER if status in found)

    def cancel(self) -> bool:
        """Cancel what has not ended; return whether anything was there to cancel."""
        open_parts = [
            job for job in map(self._store.get, self.part_ids) if job.state not in FINAL
        ]
        for job in open_parts:
            journal.cancel(self._store, self._provider, job)
        return bool(open_parts)
