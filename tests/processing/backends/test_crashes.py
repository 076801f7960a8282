"""Killed between any two steps, on any bad network: submitted once, and never lost."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processing.backends.fake_oqtopus import TOKEN, Cloud, Fault

ROOT = Path(__file__).parents[3]
CHILD = Path(__file__).with_name("crash_child.py")


def crash_everywhere(cloud: Cloud, folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, str(CHILD), cloud.url, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "OQTOPUS_API_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


FAULTS = {
    "a good network": [],
    "a lost answer to the submission": [("/submit", "lose")],
    "a submission that never came": [("/submit", "drop")],
    "a submission that comes late": [("/submit", "late")],
    "an error after the submission": [("/submit", "500")],
    "a garbled answer to the submission": [("/submit", "garbage")],
    "no HTTP in answer to the submission": [("/submit", "noise")],
    "two answers to the submission": [("/submit", "twice")],
    "a lost registration": [("POST /jobs$", "lose")],
    "two answers to the registration": [("POST /jobs$", "twice")],
    "a lost upload": [("/bucket", "lose")],
    "a busy server": [("/submit", "503"), ("/status", "503"), ("/results", "503")],
    "answers that make no sense": [("/status", "garbage"), ("GET /jobs", "garbage")],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_killed_anywhere_a_job_ends_once(name: str, tmp_path: Path) -> None:
    faults = [Fault(path, kind, seconds=0.6, seen=set()) for path, kind in FAULTS[name]]
    with Cloud(constant=True, faults=faults) as cloud:
        records = crash_everywhere(cloud, tmp_path)
        assert len(records) > 14
        assert all(r["died"] == -signal.SIGKILL for r in records[:-1])
        assert records[-1]["died"] == 0
        known = set()
        for record in records:
            assert record["again"] == 0, record
            if not record["jobs"]:
                continue  # died before the intent was on the disk, with nothing sent
            ((job_id, state, provider_id, result),) = record["jobs"]
            assert state == "done", record
            assert result == {"counts": {"00": 5, "11": 5}, "shots": 10}
            ran = [job for job in cloud.ran if job_id in job["name"]]
            assert [job["job_id"] for job in ran] == [provider_id], record
            assert ran[0]["submissions"] == 1
            known.add(provider_id)
        # Nothing ran that is in no database.
        assert known == {job["job_id"] for job in cloud.ran}
        assert len([r for r in records if not r["jobs"]]) <= 2


@pytest.mark.slow
def test_the_token_is_in_no_database_and_no_output(tmp_path: Path) -> None:
    with Cloud(constant=True) as cloud:
        crash_everywhere(cloud, tmp_path)
    files = list(tmp_path.glob("*.db"))
    assert len(files) > 12
    assert not any(TOKEN.encode() in file.read_bytes() for file in files)
