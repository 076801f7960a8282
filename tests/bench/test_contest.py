"""Two sides in live workers: small packages that stand for two revisions."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qleap.bench.racing import duel
from qleap.bench.racing.compare import Change
from qleap.bench.racing.contest import Comparison, compare_sides, corrected
from qleap.bench.racing.outcomes import Rules
from qleap.bench.racing.sides import Side
from qleap.bench.racing.worker import largest_difference
from qleap.bench.trail.journal import Journal
from qleap.core.errors import InvalidValue

RULES = Rules(budget=10.0, patience=20.0)

JIT = """
def threads():
    return 1


def set_threads(count):
    pass
"""

DISCOVERY = '''
"""All that a worker asks of a revision."""

import os
import time
from types import SimpleNamespace


def work(turns):
    return sum(range(turns))


def accuracy(name, measure):
    return SimpleNamespace(
        name=f"toy.a.{name}", title="t", unit="1", prediction=0.0, measure=measure
    )


def speed(name, run, peers=(), error=lambda ours, theirs: abs(ours - theirs)):
    return SimpleNamespace(
        name=f"toy.s.{name}", title="t", run=run, peers=peers, rtol=0.1, threads=1,
        error=error,
    )


class Suite:
    name = "toy.all"

    def cases(self, quick):
        CASES


def suites(folder, prefix):
    return [Suite()]
'''


def package(root: Path, cases: str) -> Side:
    """Write what stands for a revision; ``cases`` are the lines of its suite."""
    for name in ("qleap", "qleap/bench", "qleap/core"):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").write_text("")
    (root / "qleap" / "core" / "jit.py").write_text(JIT)
    lines = "\n        ".join(cases.strip().splitlines())
    text = DISCOVERY.replace("CASES", lines)
    (root / "qleap" / "bench" / "discovery.py").write_text(text)
    return Side(label=root.name, root=root)


def contest(
    journal: Journal, tmp_path: Path, before: str, after: str, rules: Rules = RULES
) -> tuple[dict[str, Change], Comparison]:
    sides = (package(tmp_path / "old", before), package(tmp_path / "new", after))
    found = compare_sides(journal, sides, rules)
    return {one.name.rpartition(".")[2]: one for one in found.changes}, found


def test_slower_work_fails_and_the_three_phases_stand_apart(
    journal: Journal, tmp_path: Path
) -> None:
    before = "yield speed('twice', lambda: work(20_000))"
    after = """
called = []
wait = lambda: called or called.append(time.sleep(0.1))
yield speed("twice", lambda: (wait(), work(20_000), work(20_000))[1])
"""
    changes, found = contest(journal, tmp_path, before, after)
    twice = changes["twice"]
    assert twice.verdict == "FAIL"
    assert twice.factor == pytest.approx(0.5, rel=0.2)
    assert twice.pairs in (20, 60, 180)
    assert twice.phases is not None
    old, new = twice.phases
    assert old.first_call_s < 0.1 < new.first_call_s
    assert new.compile_s > 0.1
    assert new.steady_s == pytest.approx(2 * old.steady_s, rel=0.2)
    stored, summary = (one.payload for one in journal.records(found.run_id))
    assert stored["verdict"] == "FAIL"
    assert len(stored["ratios"]) == twice.pairs
    assert "status" not in stored  # no gate takes it for evidence
    assert summary["verdicts"]["toy.s.twice"]["verdict"] == "FAIL"
    assert journal.runs()[0].environment["comparison"]["sides"][0]["label"] == "old"


def test_wrong_dead_hung_and_lonely_cases_do_not_stop_the_rest(
    journal: Journal, tmp_path: Path
) -> None:
    before = """
yield accuracy("same", lambda: 1.0)
yield accuracy("dies", lambda: 1.0)
yield accuracy("hangs", lambda: 1.0)
yield accuracy("fails", lambda: 1.0)
yield accuracy("asks", lambda: 1.0)
yield accuracy("last", lambda: 1e-9)
yield accuracy("old", lambda: 1.0)
yield speed("wrong", lambda: 1.0)
yield speed("crash", lambda: 1.0)
"""
    after = """
yield accuracy("same", lambda: 1.0)
yield accuracy("dies", lambda: os._exit(3))
yield accuracy("hangs", lambda: time.sleep(60.0))
yield accuracy("fails", lambda: 1 / 0)
yield accuracy("asks", lambda: float(input()))
yield accuracy("last", lambda: 1e-3)
yield speed("wrong", lambda: 2.0)
yield speed("crash", lambda: os.abort())
"""
    impatient = replace(RULES, patience=2.0)
    changes, found = contest(journal, tmp_path, before, after, impatient)
    assert {name: one.verdict for name, one in changes.items()} == {
        "same": "PASS",
        "dies": "FAIL",
        "hangs": "FAIL",
        "fails": "FAIL",
        "asks": "FAIL",
        "last": "FAIL",
        "old": "MISSING",
        "wrong": "FAIL",
        "crash": "FAIL",
    }
    assert "ended with exit code 3" in changes["dies"].reason
    assert "no answer within 2 s" in changes["hangs"].reason
    assert "ZeroDivisionError" in changes["fails"].reason
    assert "EOFError" in changes["asks"].reason  # what it reads is no wish of ours
    assert "further from the prediction" in changes["last"].reason
    assert changes["old"].reason == "not on the second side"
    assert changes["wrong"].reason == "the results differ by 1, more than rtol 0.1"
    assert changes["wrong"].pairs is None  # a wrong answer is never timed
    assert "SIGABRT" in changes["crash"].reason or os.name == "nt"
    assert found.status == "finished"


def test_what_is_not_a_number_fails_where_the_new_side_alone_returns_it(
    journal: Journal, tmp_path: Path
) -> None:
    before = """
nan, inf = float("nan"), float("inf")
unsure = lambda ours, theirs: nan
yield accuracy("value", lambda: 1.0)
yield speed("alone", lambda: [1.0, 2.0], error=unsure)
yield speed("endless", lambda: [1.0, 2.0], error=unsure)
yield speed("keys", lambda: {"00": 5, "11": 5}, error=unsure)
"""
    after = """
nan, inf = float("nan"), float("inf")
unsure = lambda ours, theirs: nan
yield accuracy("value", lambda: nan)
yield speed("alone", lambda: [1.0, nan], error=unsure)
yield speed("endless", lambda: [1.0, inf], error=unsure)
yield speed("keys", lambda: {"00": 5, "10": 5}, error=unsure)
"""
    changes, found = contest(journal, tmp_path, before, after)
    assert {one.verdict for one in changes.values()} == {"FAIL"}
    assert "value must be finite, got nan" in changes["value"].reason
    assert "differ by inf" in changes["alone"].reason
    assert "differ by inf" in changes["endless"].reason
    assert "one result alone has numbers at result['10']" in changes["keys"].reason
    assert len(journal.records(found.run_id)) == 5


def test_results_that_nobody_can_compare_are_no_failure(
    journal: Journal, tmp_path: Path
) -> None:
    text = """
import sys
here = sys.modules[Suite.__module__]
here.NAME = type("NAME", (), {"__module__": Suite.__module__})
yield speed("renamed", lambda: here.NAME())
yield speed("wordy", lambda: "process " + str(os.getpid()))
"""
    old, new = (text.replace("NAME", name) for name in ("Before", "After"))
    changes, _ = contest(journal, tmp_path, old, new)
    assert {one.verdict for one in changes.values()} == {"INCONCLUSIVE"}
    assert "cannot be sent" in changes["renamed"].reason


def test_numbers_missing_on_both_sides_are_no_difference() -> None:
    ours = np.array([np.nan, np.inf, 1.0, 4.0])
    assert largest_difference(ours, ours.copy()) == 0.0
    assert largest_difference(
        ours, np.add(ours, [0.0, 0.0, 0.0, 1.0])
    ) == pytest.approx(0.2)


def test_units_suites_and_kinds_of_both_sides_are_asked(
    journal: Journal, tmp_path: Path
) -> None:
    before = """
bell = Path(__file__).parents[3] / "busy"
def alone():
    bell.touch()
    time.sleep(0.1)
    bell.unlink()
    return 0.0
yield accuracy("unit", lambda: 1000.0)
yield accuracy("kind", lambda: 1.0)
clock = accuracy("clock", alone)
clock.alone = True
yield clock
"""
    after = """
yield accuracy("unit", lambda: 1.0)
yield speed("kind", lambda: 1.0)
bell = Path(__file__).parents[3] / "busy"
clock = accuracy("clock", lambda: (time.sleep(0.05), float(bell.exists()))[1])
clock.alone = True
yield clock
"""
    before, after = (
        "from pathlib import Path\n" + text.strip() for text in (before, after)
    )
    sides = package(tmp_path / "old", before), package(tmp_path / "new", after)
    for side, a, b in (
        (sides[0], '"toy.s.kind"', '"toy.a.kind"'),
        (sides[1], 'name = "toy.all"', 'name = "toy.moved"'),
        (sides[1], 'unit="1"', 'unit="m"'),
        (sides[1], "toy.s.", "toy.a."),
    ):
        assert side.root is not None
        path = side.root / "qleap" / "bench" / "discovery.py"
        path.write_text(path.read_text().replace(a, b))
    found = compare_sides(journal, sides, RULES)
    changes = {one.name.rpartition(".")[2]: one for one in found.changes}
    assert changes["unit"].reason == "measured in 1 and in m"
    assert changes["kind"].reason == "a case of accuracy became one of speed"
    assert changes["kind"].verdict == "MISSING"
    assert changes["clock"].after == 0.0  # the old one had done


@pytest.mark.parametrize(("old", "verdict"), [("", "FAIL"), ("1 / 0", "MISSING")])
def test_suite_that_the_new_side_cannot_read_is_no_pass(
    journal: Journal, tmp_path: Path, old: str, verdict: str
) -> None:
    sides = (package(tmp_path / "old", "pass"), package(tmp_path / "new", "pass"))
    for side, fault in zip(sides, (old, "sys.exit(0)"), strict=True):
        assert side.root is not None
        path = side.root / "qleap" / "bench" / "discovery.py"
        text = f"""
class Broken:
    name = "toy.broken"

    def cases(self, quick):
        import sys
        {fault}
        yield accuracy("fine", lambda: 1.0)

class Whole:
    name = "toy.whole"

    def cases(self, quick):
        yield accuracy("good", lambda: 1.0)


def suites(folder, prefix):
    return [Broken(), Whole()]
"""
        path.write_text(path.read_text() + text)
    found = compare_sides(journal, sides, RULES)
    verdicts = {one.name: one.verdict for one in found.changes}
    assert verdicts["toy.broken.suite"] == verdict
    assert verdicts["toy.a.good"] == "PASS"
    only = compare_sides(journal, sides, RULES, "toy.a")
    assert verdicts["toy.a.good"] == "PASS"
    assert "toy.broken.suite" not in {one.name for one in only.changes}


def test_interruption_keeps_the_pairs_of_the_case_at_work(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(
        *_: object, times: tuple[list[float], list[float]], **__: object
    ) -> None:
        times[0].extend([1.0] * 3)
        times[1].extend([1.0] * 3)
        raise KeyboardInterrupt

    monkeypatch.setattr(duel, "race_samples", interrupted)
    case = "yield speed('one', lambda: work(1000))"
    _, found = contest(journal, tmp_path, case, case)
    assert found.status == "interrupted"
    stored = journal.records(found.run_id)[0].payload
    assert (stored["interrupted"], stored["ratios"]) == (True, [1.0] * 3)
    assert journal.runs()[0].status == "interrupted"


def test_nothing_in_common_is_refused_and_leaves_no_run(
    journal: Journal, tmp_path: Path
) -> None:
    with pytest.raises(InvalidValue, match=r"no cases in common; toy\.a\.new is not"):
        contest(
            journal,
            tmp_path,
            "yield accuracy('old', lambda: 1.0)",
            "yield accuracy('new', lambda: 1.0)",
        )
    assert not journal.runs()


def change(name: str, verdict: str) -> Change:
    return Change(name=name, peer=None, verdict=verdict, reason="r")  # type: ignore[arg-type]


def test_verdict_must_hold_among_all_cases() -> None:
    # 17 of 20 pairs are slower: the sign test's chance is 0.0013, and 0.0039 with
    # three looks.
    weak = tuple([0.9] * 17 + [1.0] * 3)
    sure = tuple([0.9] * 20)
    (alone,) = corrected([change("a", "FAIL")], {"a": weak}, RULES, 1)
    assert alone.verdict == "FAIL"
    assert alone.p_value == pytest.approx(0.00773, rel=1e-3)
    both = corrected(
        [change("a", "FAIL"), change("b", "FAIL")], {"a": weak, "b": sure}, RULES, 2
    )
    assert [one.verdict for one in both] == ["INCONCLUSIVE", "FAIL"]
    assert both[0].reason == "r, but not beyond doubt among so many cases"


def test_no_verdict_among_many_identical_cases_is_wrong(
    rng: np.random.Generator,
) -> None:
    """Ratios at the margin, where either verdict is wrong: all are held back."""
    names = [f"c{i}" for i in range(200)]
    limit = RULES.limit
    draws = limit * np.exp(rng.normal(0.0, 0.05, (200, 180)))
    ratios = {
        name: tuple(map(float, row)) for name, row in zip(names, draws, strict=True)
    }
    decided = [
        change(name, "FAIL" if i % 2 else "PASS") for i, name in enumerate(names)
    ]
    after = corrected(decided, ratios, RULES, len(names))
    assert {one.verdict for one in after} == {"INCONCLUSIVE"}
