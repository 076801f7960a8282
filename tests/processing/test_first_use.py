"""What a first run compiles is shared among processes."""

import gc
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qleap.processing import first_use


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record the processes that would be started."""
    commands: list[list[str]] = []

    class Process:
        def __init__(self, command: list[str], **options: Any) -> None:
            assert options["stdout"] == subprocess.DEVNULL
            commands.append(command)

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(subprocess, "Popen", Process)
    first_use.prepare.cache_clear()
    return commands


def parts(*missing: str, done: list[str]) -> dict[str, first_use.Part]:
    def part(name: str, seconds: float) -> first_use.Part:
        return first_use.Part(
            seconds, lambda: name not in missing, lambda: done.append(name)
        )

    return {
        name: part(name, seconds)
        for name, seconds in (("a", 2.0), ("b", 5.0), ("c", 3.0), ("d", 1.0))
    }


@pytest.mark.parametrize(
    ("processes", "here", "beside"),
    [
        (1, ["b", "c", "a", "d"], []),
        (2, ["b", "d"], [["c", "a"]]),
        (8, ["b"], [["c"], ["a"], ["d"]]),
    ],
)
def test_what_is_missing_is_shared_so_that_all_processes_end_together(
    monkeypatch: pytest.MonkeyPatch,
    started: list[list[str]],
    processes: int,
    here: list[str],
    beside: list[list[str]],
) -> None:
    done: list[str] = []
    monkeypatch.setattr(first_use, "_PARTS", parts("a", "b", "c", "d", done=done))
    monkeypatch.setattr("qleap.core.jit.threads", lambda: processes)
    first_use.prepare("a", "b", "c", "d")
    assert done == here
    command = [sys.executable, "-P", "-m", "qleap.processing.first_use"]
    assert started == [[*command, *share] for share in beside]


def test_what_lies_on_disk_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, started: list[list[str]]
) -> None:
    done: list[str] = []
    monkeypatch.setattr(first_use, "_PARTS", parts("c", done=done))
    first_use.prepare("a", "b", "c")
    assert done == ["c"]
    assert started == []


def test_nothing_is_started_when_all_lies_on_disk(
    monkeypatch: pytest.MonkeyPatch, started: list[list[str]]
) -> None:
    done: list[str] = []
    monkeypatch.setattr(first_use, "_PARTS", parts(done=done))
    first_use.prepare("a", "b", "c")
    assert done == []
    assert started == []


def test_a_part_can_be_compiled_aside_once(started: list[list[str]]) -> None:
    first_use.prepare_aside.cache_clear()
    done: list[int] = []

    def then() -> None:
        done.append(1)

    for _ in range(3):
        first_use.prepare_aside("a", then).join()
    first_use.prepare_aside.cache_clear()
    assert started == [[sys.executable, "-P", "-m", "qleap.processing.first_use", "a"]]
    assert done == [1]


def test_other_processes_find_the_same_qleap_in_any_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "qleap").mkdir()
    (tmp_path / "qleap" / "__init__.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    assert first_use._compile_aside([]).wait() == 0


@pytest.mark.parametrize("name", sorted(first_use._PARTS))
def test_every_part_makes_itself_ready(name: str) -> None:
    part = first_use._PARTS[name]
    part.compile()
    assert part.is_ready()


def test_garbage_is_collected_again_after_a_failure() -> None:
    with pytest.raises(KeyError):
        first_use._compile(["nothing of this name"])
    assert gc.isenabled()


COUNTS = """
from qiskit import QuantumCircuit
from qleap.processing import first_use, run
from qleap.processing._kernels.assembly import assemble
from qleap.processing._kernels.coefficients import fill_coefficients
from qleap.processing._kernels.fusion import fuse
from qleap.processing._kernels.sampling import look_up_into, weigh_into
from qleap.processing._kernels.schedule import schedule
from qleap.processing._kernels.sweep import sweep_blocks

first_use.prepare = lambda *parts: first_use._compile(parts)  # or load all of them
first_use.prepare_counts({precision!r})
kernels = (
    assemble, fill_coefficients, fuse, look_up_into, weigh_into, schedule, sweep_blocks
)
before = [len(kernel.signatures) for kernel in kernels]
circuit = QuantumCircuit(16)
circuit.u(0.1, 0.2, 0.3, range(16))
circuit.cx(range(15), range(1, 16))
circuit.measure_all()
run(circuit, 1024, seed=1, precision={precision!r})
after = [len(kernel.signatures) for kernel in kernels]
assert before == after == [1] * len(kernels), (before, after)
"""


@pytest.mark.parametrize("precision", ["double", "single"])
def test_parts_have_the_types_of_arguments_that_runs_have(precision: str) -> None:
    program = [sys.executable, "-c", COUNTS.format(precision=precision)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
