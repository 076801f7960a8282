"""IBM's machines: a service that is none, and the local mode of the client."""

from typing import Any

import pytest
from qiskit import QuantumCircuit

from qleap.core.errors import BackendUnavailable, JobFailed
from qleap.core.jobs import JobStore
from qleap.processing import Estimator, Sampler, backend, run
from qleap.processing.backends import journal
from qleap.processing.backends.ibm import IbmMachine, noisy_simulator
from qleap.processing.backends.native import native
from qleap.processing.backends.retry import NotKnown, Refused, Unanswered
from qleap.processing.backends.stored import StoredBackend

runtime = pytest.importorskip("qiskit_ibm_runtime")
pytest.importorskip("qiskit_aer")


class Service:
    """What `QiskitRuntimeService` would do, with jobs of the local mode."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.tags: dict[str, list[str]] = {}
        self.error: Exception | None = None

    def active_account(self) -> dict[str, str]:
        return {"token": "ibm-secret-4711", "instance": "crn:1"}

    def job(self, job_id: str) -> Any:
        if self.error:
            raise self.error
        if job_id not in self.known:
            raise runtime.exceptions.RuntimeJobNotFound(job_id)
        return self.known[job_id]

    def jobs(self, *, job_tags: list[str], limit: int) -> list[Any]:
        found = [k for k, v in self.tags.items() if set(job_tags) <= set(v)]
        return [self.known[k] for k in found][:limit]


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def machine(service: Service, monkeypatch: pytest.MonkeyPatch) -> IbmMachine:
    from qleap.processing.backends import ibm

    simulate = ibm.sample

    def sample(device: Any, work: Any, *, tag: str | None = None) -> Any:
        job = simulate(device, work, tag=tag)
        service.known[job.job_id()] = job
        service.tags[job.job_id()] = [str(tag)]
        return job

    monkeypatch.setattr(ibm, "sample", sample)
    return IbmMachine("ibm:manila", noisy_simulator("fake:manila"), service)


def registers() -> QuantumCircuit:
    circuit = QuantumCircuit(3, 2)
    circuit.x(2)
    circuit.measure([2, 1], [0, 1])
    circuit.measure_all()
    return circuit


@pytest.mark.slow
def test_a_job_carries_its_tag_and_is_read_from_the_raw_answer(
    machine: IbmMachine, service: Service
) -> None:
    opened = StoredBackend(machine)
    job = opened.run([native(registers(), opened, 1)] * 2, shots=200, memory=True)
    counts = job.result().get_counts()
    assert [max(one, key=one.get) for one in counts] == ["100 01"] * 2
    kept = JobStore().get(job.job_id())
    assert kept.state == "done"
    assert service.tags == {kept.provider_id: [kept.id]}
    assert "PrimitiveResult" in (JobStore().raw(kept.id) or "")
    again = opened.job(kept.id).result().get_counts()
    assert again == counts


@pytest.mark.slow
def test_a_job_whose_answer_was_lost_is_adopted_by_its_tag(
    machine: IbmMachine, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*values: Any) -> str:
        IbmMachine.submit(machine, *values)
        raise Unanswered("IBM did not answer.")

    monkeypatch.setattr(machine, "submit", lost)
    with pytest.raises(BackendUnavailable, match="may have been submitted"):
        StoredBackend(machine).run(native(registers(), StoredBackend(machine), 1))
    store = JobStore()
    job = journal.wait(store, machine, store.newest(1)[0])
    assert job.state == "done"
    assert list(service.known) == [job.provider_id]


def test_errors_of_the_client_are_told_apart(
    machine: IbmMachine, service: Service
) -> None:
    with pytest.raises(NotKnown):
        machine.state("moon")
    for status, kind in {401: Refused, 500: Unanswered, 429: Unanswered}.items():
        error = RuntimeError("token ibm-secret-4711")
        error.status_code = status  # type: ignore[attr-defined]
        service.error = error
        with pytest.raises(kind) as told:
            machine.state("moon")
        assert told.value.__cause__ is None
    assert "ibm-secret-4711" in machine.secrets


def test_a_refused_job_does_not_repeat_the_token(
    machine: IbmMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> str:
        raise Refused("401, the token ibm-secret-4711 has expired", status=401)

    monkeypatch.setattr(machine, "submit", refuse)
    with pytest.raises(Refused, match=r"the token \*\*\* has expired"):
        StoredBackend(machine).run(native(registers(), StoredBackend(machine), 1))
    assert "4711" not in str(JobStore().newest(1)[0])


@pytest.mark.slow
def test_simulated_devices_serve_the_primitives() -> None:
    bell = QuantumCircuit(2)
    bell.h(0)
    bell.cx(0, 1)
    energy = [["ZZ"], ["XX"], ["ZI"]]
    (found,) = Estimator("fake:manila", seed=3).run([(bell, energy)]).result()
    assert found.data.evs.shape == (3, 1)
    assert found.data.evs[:2].min() > 0.8
    assert abs(found.data.evs[2, 0]) < 0.15
    bell.measure_all()
    (bits,) = Sampler("fake:manila", seed=3).run([bell], shots=500).result()
    good = bits.data.meas.get_counts()
    assert good["00"] + good["11"] > 400
    (same,) = Sampler("aer:manila", seed=3).run([bell], shots=500).result()
    assert same.data.meas.get_counts()["00"] > 150


@pytest.mark.slow
def test_jobs_of_simulators_are_stored_where_asked() -> None:
    opened = backend("fake:manila", store=True)
    job = opened.run(native(registers(), opened, 1), shots=50, seed_simulator=4)
    assert JobStore().get(job.job_id()).state == "queued"
    counts = job.result().get_counts()
    assert sum(counts.values()) == 50
    assert JobStore().get(job.job_id()).result == {"counts": counts, "shots": 50}
    run(registers(), 20, backend="fake:manila", seed=1)
    assert len(JobStore().newest()) == 1


def test_a_failed_job_tells_the_reason(
    machine: IbmMachine, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failed:
        def status(self) -> str:
            return "ERROR"

        def error_message(self) -> str:
            return "circuit too deep"

    monkeypatch.setattr(machine, "submit", lambda *_: "f")
    service.known["f"] = Failed()
    job = StoredBackend(machine).run(native(registers(), StoredBackend(machine), 1))
    with pytest.raises(JobFailed, match="circuit too deep"):
        job.result()
