"""``qleap serve``: users and tokens from the command line, and a service that runs."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Command

pytest.importorskip("fastapi")


@pytest.fixture(autouse=True)
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Keep every test away from a service of the user's own."""
    where = f"sqlite:///{tmp_path / 'serve.db'}"
    monkeypatch.setenv("QLEAP_SERVE_DATABASE_URL", where)
    return where


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qleap", "serve", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_user_gets_a_token_that_is_shown_once() -> None:
    made = command("add-user", "ada@example.org", "--name", "Ada", "--shots", "500")
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip().splitlines()[-1]
    assert re.fullmatch(r"[\w-]{43}", secret)
    listed = json.loads(command("users", "--json").stdout)
    assert [user["email"] for user in listed] == ["ada@example.org"]
    assert listed[0]["limits"] == {"shots": 500}
    assert secret not in json.dumps(listed)


def test_a_second_token_ends_the_first() -> None:
    first = json.loads(command("add-user", "a@x", "--json").stdout)["token"]
    second = json.loads(command("add-token", "a@x", "--days", "1", "--json").stdout)
    assert second["token"] != first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add-token", "nobody@x"], "nobody has the address"),
        (["add-user", "no address"], "email must read name@place"),
        (["remove-user", "nobody@x"], "nobody has the address"),
        (["add-user", "a@x", "--days", "-1"], "days must lie between"),
        (["start", "--config", "missing.toml"], "missing.toml cannot be read"),
        (["start", "--database", "nonsense"], "must be a database URL"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    command_line: Command, arguments: list[str], message: str
) -> None:
    done = command_line("serve", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("qleap: ")
    assert message in done.stderr


def test_a_user_is_added_once_and_removed() -> None:
    assert command("add-user", "a@x").returncode == 0
    assert "has an account already" in command("add-user", "a@x").stderr
    assert command("remove-user", "a@x").returncode == 0
    assert json.loads(command("users", "--json").stdout) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("devices = []", "devices"),
        ('[[devices]]\nid = "a"\n[[devices]]\nid = "a"', "id of its own"),
        ('[[devices]]\nid = "a/b"', "devices.0.id"),
        ('[[devices]]\nid = "a"\navailable = false', "available_at is needed"),
        ('[[devices]]\nid = "a"\nbackend = "fake:nowhere"', "fake:nowhere"),
        ("[limits]\nshot = 5", "did you mean 'shots'?"),
        ('url = "ftp://x"', "url"),
        ("lease_seconds = 0", "lease_seconds"),
    ],
)
def test_settings_that_mean_nothing_are_refused(
    tmp_path: Path, command_line: Command, text: str, message: str
) -> None:
    config = tmp_path / "serve.toml"
    config.write_text(text)
    options = ("--config", str(config), "--port", "0", "--workers", "0")
    done = command_line("serve", "start", *options)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.slow
def test_a_service_starts_answers_and_ends(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command("announce", "Hello", "the course begins")
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "qleap", "serve", "start", "--port", "0"],
            stderr=out,
            env=os.environ.copy(),
        )
    try:
        for _ in range(600):
            found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
            if found and "is ready" in log.read_text():
                break
            time.sleep(0.1)
        assert found
        page = httpx.get(found.group(), trust_env=False).text
        assert "the course begins" in page
        assert '<b class="good">1</b>worker' in page
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30.0)
    assert "Traceback" not in log.read_text()
