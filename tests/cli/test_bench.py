"""``qleap bench`` as a user meets it: exit codes, sentences, pure JSON."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from qleap.bench.fingerprint import fingerprint
from qleap.bench.judging.verdict import Verdict
from qleap.bench.racing.compare import Change, Phases
from qleap.bench.racing.contest import Comparison
from qleap.bench.racing.doctor import Finding
from qleap.bench.racing.machine import Disturbance
from qleap.bench.racing.sides import Side
from qleap.bench.racing.yardsticks import Load
from qleap.bench.trail.journal import Journal
from qleap.cli.bench import app
from qleap.core.errors import InvalidValue

ROOT = Path(__file__).parents[2]

SUITE = """
from qleap.bench import Accuracy


def measure():
    print("chatter of a peer")
    ACTION


def cases(quick):
    yield Accuracy(
        name="toy.sums.value", title="t", unit="1", evidence="simulated",
        reference="r", measure=measure, prediction=1.0,
    )
"""

POLICY = """
domain: toy
title: Toy
target: 1
levels:
  1:
    title: Principles
    criteria:
      - id: TOY-1.1
        title: The value is right
        measurement: toy.sums.value
        operator: "<="
        threshold: 2.0
        unit: "1"
        evidence: simulated
        max_age_days: 30
        citation: own aim
        status: provisional
"""

Bench = Callable[..., Result]


@pytest.fixture
def bench() -> Bench:
    """Return a function that runs ``qleap bench`` in this process."""
    runner = CliRunner()

    def run(*arguments: object) -> Result:
        return runner.invoke(app, [str(one) for one in arguments])

    return run


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "toy.yaml"
    path.write_text(POLICY, encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that makes a folder with one suite."""

    def make(action: str) -> Path:
        root = tmp_path / "benchmarks"
        (root / "toy").mkdir(parents=True, exist_ok=True)
        text = SUITE.replace("ACTION", action)
        (root / "toy" / "sums.py").write_text(text, encoding="utf-8")
        return root

    return make


Folder = Callable[[str], Path]


def measured(value: float | None, **changes: Any) -> str:
    """Store a run with one record and return its id."""
    journal = Journal()
    run_id = journal.begin("quick", fingerprint())
    payload = {
        "kind": "accuracy",
        "title": "t",
        "status": "measured",
        "reason": "",
        "evidence": "simulated",
        "unit": "1",
        "value": value,
        "low": None,
        "high": None,
        "prediction": 1.0,
        "reference": "r",
    }
    journal.add(run_id, "toy.sums.value", payload | changes)
    journal.finish(run_id, "finished")
    journal.close()
    return run_id


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("return 1.0", 0),
        ("raise RuntimeError('boom')", 1),
        ("raise KeyboardInterrupt", 130),
    ],
)
def test_run_ends_with_0_1_or_130(
    bench: Bench, folder: Folder, action: str, code: int
) -> None:
    result = bench("run", "--quick", "--folder", folder(action))
    assert result.exit_code == code
    if code == 1:
        assert "toy.sums.value: error, RuntimeError: boom" in result.stderr
    if code == 130:
        assert "the 0 results measured before are kept" in result.stderr


def test_json_of_a_run_is_json_alone(bench: Bench, folder: Folder) -> None:
    result = bench("run", "--quick", "--json", "--folder", folder("return 1.0"))
    assert json.loads(result.stdout)["counts"] == {"measured": 1}
    assert "chatter" not in result.stdout


@pytest.mark.parametrize(
    ("value", "changes", "code", "outcome"),
    [
        (1.0, {}, 0, "pass"),
        (3.0, {}, 1, "fail"),
        (2.0, {"low": 1.0, "high": 3.0}, 2, "inconclusive"),
        (1.0, {"evidence": "analytic"}, 3, "insufficient"),
    ],
)
def test_gate_speaks_by_its_exit_code(
    bench: Bench,
    policy: Path,
    value: float,
    changes: dict[str, Any],
    code: int,
    outcome: str,
) -> None:
    measured(value, **changes)
    result = bench("gate", "--policy", policy, "--json")
    assert result.exit_code == code
    assert json.loads(result.stdout)["outcome"] == outcome


def test_gate_without_evidence_is_insufficient(bench: Bench, policy: Path) -> None:
    result = bench("gate", "--policy", policy)
    assert result.exit_code == 3
    assert "MISSING: nothing has been" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gate", "--policy", "absent.yaml"), "absent.yaml cannot be read"),
        (("gate", "--domain", "nowhere"), "domain must be one of"),
        (("gate", "--level", "x"), "Invalid value for '--level'"),
        (("gate", "--nonsense"), "No such option"),
        (("gate", "--by", "A"), "belong to --decide"),
        (("compare", "aa"), "Missing argument"),
        (("compare", "aa", "bb"), "no stored run has an id"),
    ],
)
def test_bad_input_to_gate_and_compare_is_64(
    bench: Bench, arguments: tuple[str, ...], message: str
) -> None:
    result = bench(*arguments)
    assert result.exit_code == 64
    assert message in result.stderr


def test_broken_policy_is_one_line_and_no_traceback(policy: Path) -> None:
    text = policy.read_text(encoding="utf-8").replace("unit:", "unti:")
    policy.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "qleap", "bench", "gate", "--policy", str(policy)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 64
    (line,) = done.stderr.splitlines()
    assert "the key levels.1.criteria.0.unti is unknown; did you mean 'unit'?" in line


def test_decision_is_recorded_with_name_and_reason(bench: Bench, policy: Path) -> None:
    measured(1.0)
    words = ("--decide", "stop", "--by", "R. Sato", "--reason", "no budget")
    assert bench("gate", "--policy", policy, *words).exit_code == 0
    bad = bench("gate", "--policy", policy, "--decide", "stop", "--by", "R. Sato")
    assert bad.exit_code == 64
    assert "reason must not be empty" in bad.stderr
    report = bench("report", "--policy", policy, "--format", "md", "-o", policy.parent)
    assert report.exit_code == 0
    text = (policy.parent / "qleap-report.md").read_text(encoding="utf-8")
    assert "Decided by R. Sato" in text
    assert "no budget" in text


@pytest.mark.parametrize("command", ["gate", "report"])
def test_device_without_a_record_is_remarked_with_the_one_meant(
    bench: Bench, policy: Path, command: str
) -> None:
    measured(1.0, device="fridge")
    place = ("-o", policy.parent) if command == "report" else ()
    for _ in range(2):  # that a report was written is no measurement
        wrong = bench(command, "--policy", policy, "--device", "frigde", *place)
        assert "no record is of the device 'frigde'" in wrong.stderr
        assert "did you mean 'fridge'?" in wrong.stderr
    right = bench(command, "--policy", policy, "--device", "fridge", *place)
    assert right.stderr == ""


def test_compare_labels_itself_weaker_and_finds_a_worse_value(bench: Bench) -> None:
    good, poor = measured(1.0), measured(1.5)
    same = bench("compare", good[:8], good[:8])
    assert same.exit_code == 0
    assert "weaker than interleaved pairs" in same.stderr
    worse = bench("compare", good[:8], poor[:8], "--json")
    assert worse.exit_code == 1
    assert json.loads(worse.stdout)["changes"][0]["verdict"] == "FAIL"
    for words, message in (
        (("--quick",), "say how to measure; stored runs"),
        (("--suite", "other"), "holds a measurement whose name begins with 'other'"),
        (("--margin", "-1"), "--margin must be > 0, got -1"),
    ):
        refused = bench("compare", good[:8], poor[:8], *words)
        assert refused.exit_code == 64
        assert message in refused.stderr


@pytest.mark.parametrize(
    ("status", "verdicts", "code"),
    [
        ("finished", ["PASS", "PASS"], 0),
        ("finished", ["PASS", "FAIL", "INCONCLUSIVE"], 1),
        ("finished", ["MISSING", "INCONCLUSIVE"], 2),
        ("finished", ["MISSING", "PASS"], 3),
        ("interrupted", ["PASS"], 130),
    ],
)
def test_live_comparison_says_what_it_found_and_ends_with_the_gravest_verdict(
    bench: Bench,
    folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    verdicts: list[Verdict],
    code: int,
) -> None:
    phases = Phases(compile_s=4.0, first_call_s=0.3, steady_s=0.02)
    found = Comparison(
        run_id="0123456789",
        status=status,
        before="HEAD (abc)",
        after=". (abc with uncommitted changes)",
        changes=tuple(
            Change(
                name=f"a.b.c{i}",
                peer=None,
                verdict=verdict,
                reason="r",
                phases=(phases, phases),
            )
            for i, verdict in enumerate(verdicts)
        ),
        broken=(),
    )
    asked = []

    def compare(*arguments: Any) -> Comparison:
        asked.append(arguments)
        return found

    monkeypatch.setattr("qleap.bench.racing.contest.compare_sides", compare)
    sides = {".": Side(label="."), "peer:P": Side(label="peer:P", peer="P")}
    monkeypatch.setattr(
        "qleap.bench.racing.sides.read_side", lambda word, _journal: sides[word]
    )
    place = folder("return 1.0")
    words = ("--quick", "--margin", "0.1", "--suite", "a.b", "--folder", place)
    result = bench("compare", ".", "peer:P", *words)
    assert result.exit_code == code
    assert ". (abc with uncommitted changes)" in result.stdout
    assert "4 s -> 4 s" in result.stdout
    _, pair, rules, prefix = asked[0]
    assert (pair[0].peer, pair[1].label) == ("P", ".")
    assert (rules.margin, rules.budget, rules.quick, prefix) == (0.1, 5.0, True, "a.b")
    as_json = json.loads(bench("compare", ".", "peer:P", *words, "--json").stdout)
    assert [one["verdict"] for one in as_json["changes"]] == verdicts


def test_history_lists_runs_and_not_decisions(bench: Bench, policy: Path) -> None:
    assert bench("history").exit_code == 0
    run_id = measured(1.0)
    words = ("--decide", "stop", "--by", "A", "--reason", "b")
    bench("gate", "--policy", policy, *words)
    result = bench("history", "--json")
    assert [one["id"] for one in json.loads(result.stdout)] == [run_id]
    assert run_id[:8] in bench("history").stdout


def test_verify_finds_a_changed_record(bench: Bench, tmp_path: Path) -> None:
    measured(1.0)
    assert bench("verify").exit_code == 0
    connection = sqlite3.connect(tmp_path / "qleap-test.db")
    with connection:
        connection.execute(
            "UPDATE bench_record SET payload = replace(payload, '1.0', '0.0') "
            "WHERE name = 'toy.sums.value'"
        )
    connection.close()
    result = bench("verify")
    assert result.exit_code == 1
    assert "record 2 (toy.sums.value) was changed." in result.stderr


def test_report_is_written_and_named(bench: Bench, policy: Path) -> None:
    target = policy.parent / "mine.html"
    words = ("--format", "html,md,json", "--output", target, "--json")
    result = bench("report", "--policy", policy, *words)
    assert result.exit_code == 0
    assert all(Path(one).is_file() for one in json.loads(result.stdout))


def test_report_speaks_japanese(bench: Bench, policy: Path) -> None:
    words = ("report", "--policy", policy, "--output", policy.parent, "--lang")
    assert bench(*words, "ja").exit_code == 0
    text = (policy.parent / "qleap-report.html").read_text(encoding="utf-8")
    assert '<html lang="ja">' in text
    assert "技術成熟度レポート" in text
    assert isinstance(bench(*words, "fr").exception, InvalidValue)


def test_schema_is_printed_and_holds_the_written_report(
    bench: Bench, policy: Path
) -> None:
    schema = json.loads(bench("report", "--schema").stdout)
    measured(1.0)
    words = ("--format", "json", "--output", policy.parent / "mine.json")
    assert bench("report", "--policy", policy, *words).exit_code == 0
    text = (policy.parent / "mine.json").read_text(encoding="utf-8")
    jsonschema.validate(json.loads(text), schema)


def test_report_is_noted_unless_told_otherwise(bench: Bench, policy: Path) -> None:
    words = ("report", "--policy", policy, "--format", "md", "-o", policy.parent)
    page = policy.parent / "qleap-report.md"
    run_id = measured(1.0)
    for option, sentence in (
        ("--no-note", "This is the first report"),
        ("--note", "This is the first report"),
        ("--note", "Nothing since"),
    ):
        assert bench(*words, option).exit_code == 0
        assert sentence in page.read_text(encoding="utf-8")
    listed = json.loads(bench("history", "--json").stdout)
    assert [one["id"] for one in listed] == [run_id]
    assert bench("verify").exit_code == 0


def test_report_opens_the_page(
    bench: Bench, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    bench("report", "--policy", policy, "--open", "--format", "md", "-o", policy.parent)
    assert opened == [(policy.parent / "qleap-report.html").as_uri()]


def test_list_names_the_suites(bench: Bench, folder: Folder) -> None:
    result = bench("list", "--folder", folder("return 1.0"), "--json")
    assert json.loads(result.stdout) == ["toy.sums"]


def test_policy_of_another_domain_is_refused(bench: Bench, policy: Path) -> None:
    result = bench("report", "--policy", policy, "--domain", "laser")
    assert isinstance(result.exception, InvalidValue)
    assert "--domain must be 'toy'" in str(result.exception)


def test_unknown_format_is_refused(bench: Bench, policy: Path) -> None:
    result = bench("report", "--policy", policy, "--format", "pdf")
    assert isinstance(result.exception, InvalidValue)


def test_damaged_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    path.write_bytes(b"no database at all, and long enough to be looked at" * 40)
    environment = os.environ | {"QLEAP_DATABASE_URL": f"sqlite:///{path}"}
    command = [sys.executable, "-m", "qleap", "bench", "history"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "is not a database" in line


def test_doctor_says_what_the_machine_can_see(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Load(name="nothing", work=lambda: None)
    live = Finding(load="live", smallest_change=None, false_alarms=0, races=1, pairs=3)
    disturbance = Disturbance(finding="a mill clatters", advice="stop it")
    monkeypatch.setattr("qleap.bench.racing.doctor.BUDGET", 0.02)
    monkeypatch.setattr("qleap.bench.racing.doctor.RACES", 1)
    monkeypatch.setattr("qleap.bench.racing.doctor.loads", lambda _: [load])
    monkeypatch.setattr("qleap.bench.racing.doctor.examine_live", lambda: live)
    monkeypatch.setattr(
        "qleap.bench.racing.machine.disturbances", lambda: [disturbance]
    )
    said = bench("doctor").stdout
    assert "nothing: shows changes of" in said
    assert "live: shows changes of nothing (too few pairs)" in said
    assert "a mill clatters: stop it." in said
    found = json.loads(bench("doctor", "--json").stdout)
    assert [one["load"] for one in found["races"]] == ["nothing", "live"]
    assert found["disturbances"] == [
        {"finding": "a mill clatters", "advice": "stop it"}
    ]
