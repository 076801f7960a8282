"""A small benchmark folder, records made by hand, and a journal of one's own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qleap.bench.trail.journal import Journal, Record

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

MakeRecord = Callable[..., Record]

TOY_SUITE = '''
"""Cases of every kind, each over in a moment."""

from qleap.bench import Accuracy
from qleap.bench import Measured
from qleap.bench import Peer
from qleap.bench import Skip
from qleap.bench import Speed


def skip():
    raise Skip("no data <here>")


def fail():
    return 1 / 0


def speed(name, result, rtol=1e-12):
    peers = (
        Peer(name="NumPy", distribution="numpy", make=lambda: lambda: result),
        Peer(name="Absent", distribution="no-such-thing", make=fail),
    )
    return Speed(
        name=name,
        title="Speed <script>alert(1)</script>",
        run=lambda: 2.0,
        peers=peers,
        error=lambda ours, theirs: abs(ours - theirs) / theirs,
        rtol=rtol,
    )


def accuracy(name, measure, evidence="simulated"):
    return Accuracy(
        name=name,
        title="Accuracy & more",
        unit="T",
        evidence=evidence,
        reference="truth",
        measure=measure,
        prediction=1.0,
    )


def cases(quick):
    yield speed("toy.sums.fast", 2.0)
    yield speed("toy.sums.wrong", 3.0)
    yield accuracy("toy.sums.exact", lambda: 1.0)
    yield accuracy("toy.sums.spread", lambda: Measured(value=1.0, low=0.9, high=1.1))
    yield accuracy("toy.sums.skipped", skip)
    yield accuracy("toy.sums.fails", fail)
    yield accuracy("toy.sums.nan", lambda: float("nan"))
'''

TOY_POLICY = """
domain: toy
title: Toy <b>domain</b>
target: 1
levels:
  1:
    title: Basic principles observed
    criteria:
      - id: TOY-1.1
        title: The value is right
        measurement: toy.sums.exact
        operator: "<="
        threshold: 2.0
        unit: T
        evidence: simulated
        max_age_days: 30
        citation: "arXiv:2405.02376"
        status: published
      - id: TOY-1.2
        title: Speed is not absurd
        measurement: toy.sums.fast
        statistic: speed_ratio
        peer: NumPy
        operator: ">="
        threshold: 1e-6
        unit: "1"
        evidence: simulated
        max_age_days: 30
        citation: own aim
        status: provisional
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one suite and one policy."""
    root = tmp_path / "benchmarks"
    (root / "toy").mkdir(parents=True)
    (root / "policies").mkdir()
    (root / "toy" / "sums.py").write_text(TOY_SUITE, encoding="utf-8")
    (root / "policies" / "toy.yaml").write_text(TOY_POLICY, encoding="utf-8")
    return root


@pytest.fixture
def journal() -> Iterator[Journal]:
    """Return the journal in the test's own database."""
    opened = Journal()
    yield opened
    opened.close()


@pytest.fixture
def now() -> datetime:
    """Return the time at which hand-made records are judged."""
    return NOW


@pytest.fixture
def make_record() -> MakeRecord:
    """Return a function that makes records without a database."""
    sequence = iter(range(1, 1000))

    def make(
        name: str = "a.b.c",
        created: datetime = NOW,
        run_id: str = "0" * 32,
        **payload: Any,
    ) -> Record:
        facts = {
            "kind": "accuracy",
            "title": "t",
            "status": "measured",
            "reason": "",
            "evidence": "simulated",
            "unit": "1",
            "low": None,
            "high": None,
            "prediction": None,
            "reference": "r",
        }
        return Record(
            sequence=next(sequence),
            run_id=run_id,
            name=name,
            created=created,
            payload=facts | payload,
            hash="f" * 64,
        )

    return make
