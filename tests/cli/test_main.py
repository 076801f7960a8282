"""The command as a whole: help, version, and how failures are said."""

import json
import subprocess
import sys

import pytest

import qleap


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qleap", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_group() -> None:
    text = command("--help").stdout
    for name in ("run", "jobs", "serve", "fit", "propagate", "bench", "info"):
        assert name in text


def test_the_version_is_the_package_s() -> None:
    assert command("--version").stdout.strip() == f"qleap {qleap.__version__}"


def test_an_unknown_command_exits_with_2() -> None:
    assert command("fly").returncode == 2


def test_info_says_where_things_are_kept() -> None:
    found = json.loads(command("info", "--json").stdout)
    assert found["database"].startswith("sqlite:///")
    assert found["versions"]["qleap"] == qleap.__version__


@pytest.mark.slow
def test_warming_up_compiles_every_domain() -> None:
    done = command("info", "--json", "--warm-up")
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["warm_up_s"]) == {
        "processing", "sensing", "laser",
    }  # fmt: skip


def test_a_failure_that_can_be_mended_is_one_line_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QLEAP_DATABASE_URL", "no url")
    done = command("info")
    assert done.returncode == 2
    assert done.stderr.startswith("qleap: QLEAP_DATABASE_URL must be a database URL")
    assert len(done.stderr.splitlines()) == 1
