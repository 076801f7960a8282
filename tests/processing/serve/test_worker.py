"""The worker and the process that runs its jobs: bounded, replaced, never stuck."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from qleap.processing import run
from qleap.processing.serve.child import Abandoned, Child
from qleap.processing.serve.settings import DeviceSettings, ServeSettings
from qleap.processing.serve.worker import Worker

pytestmark = pytest.mark.slow

HEAD = 'OPENQASM 3;\ninclude "stdgates.inc";\n'
ENDLESS = HEAD + "qubit q; bit c; while (c == false) { c = measure q; }"
BOMB = HEAD + (
    "gate g0 a { x a; h a; }\n"
    + "".join(f"gate g{k + 1} a {{ {f'g{k} a; ' * 8} }}\n" for k in range(12))
    + "qubit q; bit c; g12 q; c = measure q;"
)
"""Gates within gates: 8**12 of them."""

MEBIBYTE = 2**20


def request(program: str) -> dict[str, Any]:
    return {
        "job_type": "sampling",
        "backend": "local",
        "programs": [program],
        "operator": [],
        "shots": 100,
        "seed": 3,
        "most_qubits": 40,
    }


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    one = Child(1500 * MEBIBYTE)
    yield one
    one.stop()


def ask(
    child: Child,
    program: str,
    seconds: float = 60.0,
    still_ours: Callable[[], bool] = lambda: True,
) -> dict[str, Any]:
    asked = request(program)
    return child.perform(asked, seconds=seconds, beat=0.1, still_ours=still_ours)


def counts(told: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = told["documents"]["result"]["sampling"]["counts"]
    return found


def works(child: Child, bell: str) -> bool:
    return counts(ask(child, bell)) == run(bell, 100, seed=3).counts


def test_a_job_is_run_as_directly(child: Child, bell: str) -> None:
    assert works(child, bell)


def test_a_user_s_mistake_is_told_and_the_process_goes_on(
    child: Child, bell: str
) -> None:
    told = ask(child, HEAD + "qubit q; nonsense q;")
    assert told["failed"].startswith("program 0, line 3")
    assert works(child, bell)


@pytest.mark.parametrize("program", [ENDLESS, BOMB], ids=["loop", "gates"])
def test_a_job_without_end_is_ended(child: Child, bell: str, program: str) -> None:
    begin = time.monotonic()
    told = ask(child, program, seconds=2.0)
    assert "took longer than 2 s" in told["failed"] or "memory" in told["failed"]
    assert time.monotonic() - begin < 20.0
    assert works(child, bell)


def test_a_job_that_needs_too_much_memory_fails_alone(child: Child, bell: str) -> None:
    program = HEAD + "qubit[28] q; bit[28] c; h q; c = measure q;"  # 4 GiB
    told = ask(child, program)
    assert "memory" in told["failed"]
    assert works(child, bell)


@pytest.mark.parametrize(
    "text",
    [f"rx({'(' * 3000}1{')' * 3000}) q;", f"rx({'-' * 20_000}1) q;", "{" * 3000],
)
def test_deep_nesting_fails_the_job_and_nothing_else(
    child: Child, bell: str, text: str
) -> None:
    told = ask(child, HEAD + "qubit q; bit c; " + text + " c = measure q;", 60.0)
    assert "failed" in told
    assert "Traceback" not in told["failed"]
    assert works(child, bell)


def test_a_job_that_was_taken_away_is_stopped(child: Child, bell: str) -> None:
    begin = time.monotonic()
    with pytest.raises(Abandoned):
        ask(child, ENDLESS, still_ours=lambda: False)
    assert time.monotonic() - begin < 10.0
    assert works(child, bell)


def test_a_defect_is_told_without_details(child: Child, bell: str) -> None:
    broken = request(bell) | {"shots": "many"}
    told = child.perform(broken, seconds=60.0, beat=1.0, still_ours=lambda: True)
    assert "shots must be" in told["failed"] or "operator" in told["failed"]
    assert works(child, bell)


# --- with the queue -------------------------------------------------------------


@pytest.fixture
def settings() -> ServeSettings:
    return ServeSettings(
        devices=(DeviceSettings(id="local"),),
        lease_seconds=2.0,
        job_seconds=30.0,
        sse=True,
    )


def wait(person: Any, job_id: str, *statuses: str) -> dict[str, Any]:
    ended = ("succeeded", "failed", "cancelled")
    job: dict[str, Any] = {}
    for _ in range(600):
        job = person.job(job_id)
        if job["status"] in (statuses or ended):
            return job
        if job["status"] in ended:
            break
        time.sleep(0.1)
    raise AssertionError(job)


@pytest.mark.usefixtures("worker")
def test_jobs_of_all_types_end_as_they_should(ada: Any, bell: str) -> None:
    seed = {"seed_simulation": 3}
    sampling, _ = ada.submit(simulator_info=seed)
    operator = [{"pauli": "X 0 X 1", "coeff": 1.5}]
    content = {"program": [bell], "operator": operator}
    estimation, _ = ada.submit(content, job_type="estimation")
    double, _ = ada.submit({"program": [bell, bell]}, job_type="multi_manual")
    wrong, _ = ada.submit({"program": [HEAD + "qubit q; nonsense q;"]})
    script, _ = ada.submit({"sse_program": "print(6 * 7)"}, job_type="sse")
    crash, _ = ada.submit({"sse_program": "1 / 0"}, job_type="sse")
    jobs = [wait(ada, one) for one in (sampling, estimation, double)]
    assert [job["status"] for job in jobs] == ["succeeded"] * 3
    assert all(job["execution_time"] > 0.0 for job in jobs)
    direct = run(bell, 100, seed=3).counts
    assert ada.document(sampling) == {"sampling": {"counts": direct}}
    assert ada.document(estimation)["estimation"] == {"exp_value": 1.5, "stds": 0.0}
    assert set(ada.document(double)["sampling"]) == {"counts", "divided_counts"}
    assert ada.document(double, "combined_program").startswith("OPENQASM 3")
    failed = wait(ada, wrong)
    assert failed["status"] == "failed"
    assert failed["job_info"]["message"].startswith("program 0, line 3")
    assert "result" not in failed["job_info"]
    assert wait(ada, script)["status"] == "succeeded"
    assert ada.document(script, "sse_log") == 42
    assert wait(ada, crash)["job_info"]["message"].startswith("the program ended with")


@pytest.mark.usefixtures("worker")
def test_a_running_job_is_cancelled_within_its_heartbeat(ada: Any) -> None:
    job_id, _ = ada.submit({"program": [ENDLESS]})
    wait(ada, job_id, "running")
    ada.ask("POST", f"/jobs/{job_id}/cancel")
    begin = time.monotonic()
    job = wait(ada, job_id)
    assert job["status"] == "cancelled"
    assert "result" not in job["job_info"]
    assert time.monotonic() - begin < 10.0
    assert wait(ada, ada.submit()[0])["status"] == "succeeded"


def test_a_stopped_worker_gives_its_job_back(ada: Any, worker: Worker) -> None:
    job_id, _ = ada.submit({"program": [ENDLESS]})
    wait(ada, job_id, "running")
    worker.stop()
    assert wait(ada, job_id, "submitted")["status"] == "submitted"


@pytest.mark.usefixtures("worker")
def test_a_script_sees_no_environment_and_is_bounded_in_output(ada: Any) -> None:
    program = "import json, os\nprint(json.dumps(sorted(os.environ)))\n"
    job_id, _ = ada.submit({"sse_program": program}, job_type="sse")
    wait(ada, job_id)
    assert set(ada.document(job_id, "sse_log")) <= {"HOME", "LANG", "LC_CTYPE", "PATH"}
    flood, _ = ada.submit(
        {"sse_program": "while True: print('x' * 10**6)"}, job_type="sse"
    )
    job = wait(ada, flood)
    assert job["status"] == "failed"
    assert len(ada.http.get(job["job_info"]["sse_log"]).content) < MEBIBYTE
