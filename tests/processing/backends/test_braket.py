"""Amazon Braket: its simulators on this machine, and a service that is none."""

from types import SimpleNamespace
from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.transpiler import Target

from qleap.core.errors import InvalidValue
from qleap.core.jobs import JobStore
from qleap.processing import Estimator, Sampler, backend, run
from qleap.processing.backends import journal
from qleap.processing.backends.braket import BraketMachine
from qleap.processing.backends.local import LocalBackend
from qleap.processing.backends.retry import NotKnown, Refused, Unanswered
from qleap.processing.backends.stored import StoredBackend

ARN = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"


def partly() -> QuantumCircuit:
    circuit = QuantumCircuit(3, 4)
    circuit.x(2)
    circuit.measure([2, 0], [3, 0])
    return circuit


class Aws:
    """A Braket backend and its client: tasks with tags, on pages."""

    def __init__(self) -> None:
        self.tasks: list[dict[str, Any]] = []
        self._device = SimpleNamespace(
            aws_session=SimpleNamespace(braket_client=self),
            properties=SimpleNamespace(json=lambda: '{"paradigm": {}}'),
        )

    @property
    def target(self) -> Target:
        return LocalBackend().target

    def run(self, _: Any, *, shots: int, tags: dict[str, str]) -> Any:
        arn = f"arn:task/{len(self.tasks)}"
        task = {"quantumTaskArn": arn, "tags": tags, "status": "COMPLETED"}
        self.tasks.append({**task, "shots": shots})
        return SimpleNamespace(job_id=lambda: arn)

    def retrieve_job(self, arn: str) -> Any:
        task = self._task(arn)
        data = SimpleNamespace(memory=["0x2"] * task["shots"])
        result = SimpleNamespace(results=[SimpleNamespace(data=data)])
        return SimpleNamespace(result=lambda: result)

    def search_quantum_tasks(
        self, *, filters: list[dict[str, Any]], nextToken: str = "0"
    ) -> dict[str, Any]:
        assert filters[0]["values"] == [ARN]
        k = int(nextToken)
        more = {"nextToken": str(k + 1)} if k + 1 < len(self.tasks) else {}
        return {"quantumTasks": self.tasks[k : k + 1], **more}

    def get_quantum_task(self, *, quantumTaskArn: str) -> dict[str, Any]:
        return self._task(quantumTaskArn)

    def cancel_quantum_task(self, *, quantumTaskArn: str) -> None:
        self._task(quantumTaskArn)["status"] = "CANCELLED"

    def _task(self, arn: str) -> dict[str, Any]:
        for task in self.tasks:
            if task["quantumTaskArn"] == arn:
                return task
        error = RuntimeError("no such task")
        error.response = {  # type: ignore[attr-defined]
            "Error": {"Code": "ResourceNotFoundException"},
            "ResponseMetadata": {"HTTPStatusCode": 404},
        }
        raise error


def test_a_task_carries_its_tag_and_its_bits_find_their_places() -> None:
    aws = Aws()
    machine = BraketMachine(f"braket:{ARN}", aws)
    job = StoredBackend(machine).run([partly(), partly()], shots=6)
    assert job.result().get_counts() == [{"1000": 6}] * 2
    assert [task["tags"]["qleap"] for task in aws.tasks] == job.part_ids
    assert machine.find(job.part_ids[1]) == "arn:task/1"
    assert machine.find("nothing") is None
    with pytest.raises(NotKnown):
        machine.state("arn:moon")


def test_a_lost_task_is_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Aws()
    machine = BraketMachine(f"braket:{ARN}", aws)
    create = aws.run

    def lost(*values: Any, **more: Any) -> Any:
        create(*values, **more)
        raise TimeoutError

    monkeypatch.setattr(aws, "run", lost)
    with pytest.raises(Exception, match="may have been submitted"):
        StoredBackend(machine).run(partly(), shots=6)
    store = JobStore()
    assert journal.resume(store, machine, store.newest(1)[0]).state == "done"
    assert len(aws.tasks) == 1


def test_a_refusal_of_aws_is_told() -> None:
    from qleap.processing.backends import braket

    error = RuntimeError()
    error.response = {  # type: ignore[attr-defined]
        "Error": {"Code": "ValidationException"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    assert isinstance(braket._failure(error), Refused)
    assert isinstance(braket._failure(TimeoutError()), Unanswered)


@pytest.mark.slow
def test_the_simulators_on_this_machine_run_everything() -> None:
    pytest.importorskip("qiskit_braket_provider")
    assert run(partly(), 10, backend="braket:local").counts == {"1000": 10}
    bell = QuantumCircuit(2)
    bell.h(0)
    bell.cx(0, 1)
    pub = (bell, [["ZZ", "XX"]], None, 0.05)
    (found,) = Estimator("braket:local").run([pub]).result()
    assert found.data.evs.tolist() == [[1.0, 1.0]]
    bell.measure_all()
    (bits,) = Sampler("braket:braket_sv").run([bell], shots=100).result()
    assert set(bits.data.meas.get_counts()) == {"00", "11"}
    with pytest.raises(InvalidValue, match="is named braket:ARN or braket:local"):
        backend("braket:moon")
