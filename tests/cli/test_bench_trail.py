"""Filing, history, verify and the mirror as a user meets them."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from qleap.bench.trail.journal import Journal
from qleap.cli.bench import app
from qleap.core.errors import InvalidValue, StorageError

Bench = Callable[..., Result]

POLICY = """
domain: toy
title: Toy
target: 1
levels:
  1:
    title: Principles
    criteria:
      - id: TOY-1.1
        title: The coherence lasts
        measurement: toy.sums.coherence
        operator: ">="
        threshold: 1e-6
        unit: s
        evidence: recorded-lab-data
        max_age_days: 36500
        citation: own aim
        status: provisional
"""

ORIGIN = ("--evidence", "recorded", "--instrument", "probe", "--site", "Osaka")


@pytest.fixture
def bench() -> Bench:
    runner = CliRunner()

    def run(*arguments: object) -> Result:
        return runner.invoke(app, [str(one) for one in arguments])

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "benchmarks"
    (root / "policies").mkdir(parents=True)
    (root / "policies" / "toy.yaml").write_text(POLICY, encoding="utf-8")
    return root


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    path = tmp_path / "measured.csv"
    path.write_text(
        "name,value,uncertainty,k,unit,measured\nTOY-1.1,68,2,2,us,2026-01-31\n",
        encoding="utf-8",
    )
    return path


def test_file_becomes_evidence_that_the_gate_judges(
    bench: Bench, folder: Path, measured: Path
) -> None:
    origin = (*ORIGIN, "--device", "sensor-1", "--folder", folder)
    record = ("record", "toy", "--file", measured, *origin)
    checked = bench(*record, "--check")
    assert checked.exit_code == 0
    assert "toy.sums.coherence" in checked.stdout
    assert "checked; nothing is stored" in checked.stderr
    assert json.loads(bench("history", "--json").stdout) == []
    stored = bench(*record, "--json")
    (one,) = json.loads(stored.stdout)["records"]
    assert (one["value"], one["unit"]) == (6.8e-05, "s")
    policy = folder / "policies" / "toy.yaml"
    judged = bench("gate", "--policy", policy, "--device", "sensor-1")
    assert judged.exit_code == 0, judged.output
    again = bench(*record)
    assert again.exit_code != 0
    assert isinstance(again.exception, InvalidValue)
    assert "--again" in str(again.exception)
    assert bench(*record, "--again").exit_code == 0
    (run, *_) = json.loads(bench("history", "--json").stdout)
    assert run["profile"] == "filed toy on sensor-1"


def test_trend_of_a_case_is_drawn_with_its_steps(bench: Bench) -> None:
    journal = Journal()
    for k in range(9):
        facts = {"cpu": "x", "git": {"commit": f"{k}" * 40, "dirty": False}}
        payload = {
            "kind": "accuracy",
            "title": "t",
            "evidence": "simulated",
            "status": "measured",
            "value": 1.0 if k < 5 else 2.0,
            "unit": "T",
            "prediction": 0.0,
        }
        journal.store("quick", facts, [("toy.sums.value", payload)])
    journal.close()
    shown = bench("history", "--case", "toy.sums").stdout
    assert "▁▁▁▁▁████ 2 T, 9 from" in shown
    assert "1 T to 2 T (worse), between commits 4444444444 and 5555555555" in shown
    (series,) = json.loads(bench("history", "--case", "toy", "--json").stdout)
    assert series["steps"][0]["index"] == 5
    nothing = bench("history", "--case", "nothing")
    assert nothing.exit_code == 0
    assert "nothing that begins with 'nothing'" in nothing.stderr


def test_verify_tells_head_and_faults_and_mirror_brings_all_back(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal()
    journal.store("quick", {}, [("toy.sums.value", {"kind": "accuracy", "value": 1})])
    head = journal.examine().head
    journal.close()
    whole = bench("verify", "--head", head)
    assert whole.exit_code == 0
    assert f"3 records, head {head}" in whole.stdout.replace("\n", " ")
    mirror = tmp_path / "trail.jsonl"
    assert "3 records added" in bench("mirror", mirror).stdout.replace("\n", " ")
    with sqlite3.connect(tmp_path / "qleap-test.db") as connection:
        connection.execute("UPDATE bench_record SET payload = '{}' WHERE sequence = 2")
    connection.close()
    broken = bench("verify", "--mirror", mirror, "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["faults"] == [
        "record 2 (toy.sums.value) was changed."
    ]
    refused = bench("mirror", mirror)
    assert isinstance(refused.exception, StorageError)
    assert bench("gate").exit_code == 64
    monkeypatch.setenv("QLEAP_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    assert "3 records restored" in bench("restore", mirror).stdout.replace("\n", " ")
    assert bench("verify", "--head", head, "--mirror", mirror).exit_code == 0
