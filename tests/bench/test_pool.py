"""Accuracy on several cores: nothing is lost where a worker is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qleap.bench.measuring import Payload
from qleap.bench.pool import Setup, Share, jobs_for, measure_all
from qleap.bench.racing.live import OWN_ROOT, Worker
from qleap.bench.runner import run_suites
from qleap.bench.trail.journal import Journal

SUITE = """
import os
import time

from qleap.bench import Accuracy


def accuracy(name, measure, **options):
    return Accuracy(
        name=f"toy.TOPIC.{name}", title="t", unit="1", evidence="analytic",
        reference="r", measure=measure, **options,
    )


def cases(quick):
    print("what suites print reaches no pipe")
    yield accuracy("dies", lambda: os._exit(7))
    yield accuracy("process", lambda: float(os.getpid()))
    yield accuracy("hangs", lambda: time.sleep(60.0))
    yield accuracy("fails", lambda: 1 / 0)
    yield accuracy("clock", lambda: float(os.getpid()), alone=True)
"""


@pytest.fixture
def suites(folder: Path) -> Path:
    """Return a folder of two suites whose cases end their workers."""
    (folder / "toy" / "sums.py").unlink()
    for topic in ("one", "two"):
        text = SUITE.replace("TOPIC", topic)
        (folder / "toy" / f"{topic}.py").write_text(text, encoding="utf-8")
    return folder


def test_dead_and_hung_workers_cost_their_case_alone(suites: Path) -> None:
    found: dict[str, Payload] = {}

    def keep(name: str, payload: Payload) -> None:
        assert name not in found
        found[name] = payload

    shares = [
        Share(suite=f"toy.{topic}", names=[f"toy.{topic}.{name}" for name in names])
        for topic, names in {
            "one": ["dies", "process", "fails"],
            "two": ["hangs", "process", "gone"],
        }.items()
    ]
    shares.append(Share(suite="toy.three", names=["toy.three.any"]))
    setup = Setup(quick=True, folder=suites, patience=4.0)
    measure_all(shares, setup, keep, jobs=2)
    assert "ended with exit code 7" in found["toy.one.dies"]["reason"]
    assert found["toy.two.hangs"]["reason"] == "no answer within 4 s"
    assert found["toy.one.fails"]["reason"] == "ZeroDivisionError: division by zero"
    assert found["toy.two.gone"]["reason"] == "KeyError: 'toy.two.gone'"
    assert "StopIteration" in found["toy.three.any"]["reason"]
    pids = {found[f"toy.{topic}.process"]["value"] for topic in ("one", "two")}
    assert os.getpid() not in pids


def test_cases_that_need_the_machine_alone_run_in_this_process(
    journal: Journal, suites: Path
) -> None:
    """And a case that fails is no fault of the run's."""
    for topic in ("one", "two"):
        path = suites / "toy" / f"{topic}.py"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("os._exit(7)", "1.0").replace("time.sleep(60.0)", "2.0"),
            encoding="utf-8",
        )
    summary = run_suites(journal, quick=True, folder=suites, jobs=2)
    records = journal.records(summary.run_id)
    values = {one.name: one.payload.get("value") for one in records}
    assert len(records) == len(values) == 10
    assert summary.counts == {"measured": 8, "error": 2}
    assert values["toy.one.clock"] == values["toy.two.clock"] == os.getpid()
    assert os.getpid() not in (values["toy.one.process"], values["toy.two.process"])
    assert {one.payload["title"] for one in records} == {"t"}


def test_few_cases_are_not_worth_a_worker() -> None:
    assert [jobs_for(n, 2) for n in (0, 1, 7, 8, 100)] == [1, 1, 1, 2, 2]
    assert jobs_for(100, 1) == 1


@pytest.mark.skipif(os.name == "nt", reason="kills with a POSIX signal")
def test_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """However that ends: here by SIGKILL, while the worker is at work."""
    flag = tmp_path / "pid"
    busy = (
        f"import os, time; open({str(flag)!r}, 'w').write(str(os.getpid())); "
        "time.sleep(60)"
    )
    (tmp_path / "qleap" / "bench").mkdir(parents=True)
    for name in ("__init__.py", "bench/__init__.py"):
        (tmp_path / "qleap" / name).write_text("")
    (tmp_path / "qleap" / "bench" / "discovery.py").write_text(busy)
    parent = (
        "import sys; from pathlib import Path; "
        "from qleap.bench.racing.live import Worker; "
        "worker = Worker(root=Path(sys.argv[1])); "
        "worker.ask('list', prefix='', folder=None)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(OWN_ROOT)},
    )
    deadline = time.monotonic() + 30.0
    while not (flag.exists() and flag.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    while time.monotonic() < deadline:
        try:
            os.kill(int(flag.read_text()), 0)
        except ProcessLookupError:
            return
        if _is_zombie(int(flag.read_text())):
            return
        time.sleep(0.02)
    pytest.fail("the worker lives on")


def _is_zombie(pid: int) -> bool:
    """Return whether it has ended and nobody has asked how."""
    status = Path(f"/proc/{pid}/stat")
    return status.is_file() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_worker_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('no json today')")
    with Worker(root=tmp_path) as worker:
        worker.send("list")
        assert worker.inbox.get(timeout=20.0)[1] is None
        assert "no json today" in worker.last_words()


@pytest.mark.skipif(sys.platform != "linux", reason="personality(2) is Linux's")
def test_code_of_timed_workers_lies_at_fixed_addresses(tmp_path: Path) -> None:
    """Else identical code differs by some per cent from process to process."""
    (tmp_path / "qleap" / "bench").mkdir(parents=True)
    for name in ("__init__.py", "bench/__init__.py"):
        (tmp_path / "qleap" / name).write_text("")
    (tmp_path / "qleap" / "bench" / "discovery.py").write_text(
        "from pathlib import Path\n\n\ndef suites(folder, prefix):\n"
        "    raise OSError(Path('/proc/self/personality').read_text().strip())\n"
    )
    flags = []
    for is_timed in (False, True):
        with Worker(root=tmp_path, is_timed=is_timed) as worker:
            answer = worker.ask("list", prefix="", folder=None)
            flags.append(int(answer["reason"].partition(": ")[2], 16))
    if flags[0] == flags[1]:
        pytest.skip("fixed addresses are not allowed here, or everywhere")
    assert flags[1] == flags[0] | 0x0040000
