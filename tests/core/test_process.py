"""A stored process is told from a dead one, and from the next with its number."""

import subprocess
import sys

import pytest

from qleap.core import process

pytestmark = pytest.mark.skipif(
    process.identity()["start"] is None, reason="processes have no start time here"
)


def test_own_process_lives() -> None:
    assert process.is_alive(process.identity()) is True


def test_ended_process_is_dead_even_before_its_parent_asks() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    )
    start = process._start(child.pid)
    stored = process.identity() | {"pid": child.pid, "start": start}
    assert process.is_alive(stored) is True
    child.kill()
    while process._start(child.pid) is not None:  # a zombie from here on
        pass
    assert process.is_alive(stored) is False
    child.communicate()
    assert process.is_alive(stored) is False


@pytest.mark.parametrize(
    ("changed", "alive"),
    [
        ({"start": 1}, False),  # the number was given to another process
        ({"boot": "0" * 16}, False),
        ({"host": "0" * 16}, None),
        ({"boot": None}, None),
        ({"start": None}, None),
        ({"pid": "x"}, None),
    ],
)
def test_who_lives_is_said_only_where_it_can_be_known(
    changed: process.Identity, alive: bool | None
) -> None:
    assert process.is_alive(process.identity() | changed) is alive


def test_nothing_is_known_of_what_was_not_stored() -> None:
    assert process.is_alive({}) is None
