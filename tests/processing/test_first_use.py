"""What a first run compiles is shared among processes."""

import subprocess
import sys
from collections.abc import Callable
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


def parts(
    *missing: str, done: list[str]
) -> dict[str, tuple[Callable[[], bool], Callable[[], None]]]:
    def part(name: str) -> tuple[Callable[[], bool], Callable[[], None]]:
        return lambda: name not in missing, lambda: done.append(name)

    return {name: part(name) for name in ("a", "b", "c")}


def test_what_is_missing_is_compiled_here_and_beside(
    monkeypatch: pytest.MonkeyPatch, started: list[list[str]]
) -> None:
    done: list[str] = []
    monkeypatch.setattr(first_use, "_PARTS", parts("b", "c", done=done))
    first_use.prepare("a", "b", "c")
    assert done == ["b"]
    assert started == [[sys.executable, "-m", "qleap.processing.first_use", "c"]]


def test_nothing_is_started_when_all_lies_on_disk(
    monkeypatch: pytest.MonkeyPatch, started: list[list[str]]
) -> None:
    done: list[str] = []
    monkeypatch.setattr(first_use, "_PARTS", parts(done=done))
    first_use.prepare("a", "b", "c")
    assert done == []
    assert started == []


def test_a_part_can_be_compiled_aside_once(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **options: Any) -> None:
        assert options["stderr"] == subprocess.DEVNULL
        commands.append(command)

    monkeypatch.setattr(subprocess, "run", run)
    first_use.prepare_aside.cache_clear()
    done: list[int] = []

    def then() -> None:
        done.append(1)

    for _ in range(3):
        first_use.prepare_aside("a", then).join()
    first_use.prepare_aside.cache_clear()
    assert commands == [[sys.executable, "-m", "qleap.processing.first_use", "a"]]
    assert done == [1]


@pytest.mark.parametrize("name", sorted(first_use._PARTS))
def test_every_part_makes_itself_ready(name: str) -> None:
    is_ready, compile_it = first_use._PARTS[name]
    compile_it()
    assert is_ready()
