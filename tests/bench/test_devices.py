"""Two devices side by side, each in a live worker of its own."""

from pathlib import Path

from qleap.bench import discovery
from qleap.bench.discovery import policies
from qleap.bench.racing.contest import better_of, compare_sides
from qleap.bench.racing.outcomes import Rules
from qleap.bench.racing.sides import read_side
from qleap.bench.trail.journal import Journal

SUITE = """
from qleap.bench import Accuracy
from qleap.processing import backend


def cases(quick, device):
    yield Accuracy(
        name="toy.reading.right", title="t", unit="1", evidence="simulated",
        reference="r", measure=lambda: right(device),
    )
    yield Accuracy(
        name="toy.reading.unasked", title="t", unit="1", evidence="simulated",
        reference="r", measure=lambda: right(device),
    )


def right(device):
    # No kernel is compiled for that.
    found = backend(device).target["measure"].get((0,))
    return 1.0 if found is None else 1.0 - found.error
"""

POLICY = """
domain: toy
title: Toy
target: 1
levels:
  1:
    title: One
    criteria:
      - {id: TOY-1.1, title: t, measurement: toy.reading.right, statistic: value,
         operator: ">=", threshold: 0.5, unit: "1", evidence: simulated,
         max_age_days: 90, citation: c, status: provisional}
"""


def test_noisy_device_is_worse_than_an_ideal_one_where_a_policy_asks(
    journal: Journal, tmp_path: Path
) -> None:
    for name, text in (("toy/reading.py", SUITE), ("policies/toy.yaml", POLICY)):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    better = better_of(policies(tmp_path))
    rules = Rules(budget=1.0, folder=tmp_path, better=better)
    words = "device:local", "device:local:noisy=fake:manila"
    sides = tuple(read_side(word, journal, tmp_path) for word in words)
    found = compare_sides(journal, (sides[0], sides[1]), rules)
    asked, unasked = found.changes
    assert asked.before == 1.0
    assert asked.after is not None
    assert 0.96 < asked.after < 0.97
    assert (asked.verdict, asked.reason) == ("FAIL", "worse")
    assert unasked.verdict == "INCONCLUSIVE"


def test_speed_of_a_device_is_measured_alone() -> None:
    (suite,) = (s for s in discovery.suites() if s.name == "processing.device")
    alone = {
        case.name for case in suite.cases(True, "local") if getattr(case, "alone", 0)
    }
    assert alone == {"processing.device.layers_per_second"}
