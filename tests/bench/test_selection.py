"""Which record counts: its device, how strong it is, how new."""

from datetime import timedelta

import pytest

from qleap.bench.judging.selection import Evidences

from .conftest import NOW, MakeRecord

CASE = "toy.sums.exact"


def test_newer_simulation_hides_no_measurement_in_a_laboratory(
    make_record: MakeRecord,
) -> None:
    measured = make_record(CASE, evidence="recorded-lab-data", value=1.0)
    simulated = make_record(CASE, evidence="simulated", value=2.0)
    evidences = Evidences([measured, simulated])
    assert evidences.find(CASE, None, "recorded-lab-data") is measured
    assert evidences.find(CASE, None, "simulated") is simulated


def test_where_nothing_is_strong_enough_the_newest_shows_what_there_is(
    make_record: MakeRecord,
) -> None:
    simulated = make_record(CASE, evidence="simulated")
    evidences = Evidences([make_record(CASE, evidence="analytic"), simulated])
    assert evidences.find(CASE, None, "field") is simulated
    assert evidences.find("toy.sums.other", None, "field") is None


def test_records_of_the_device_come_before_those_of_the_library(
    make_record: MakeRecord,
) -> None:
    own = make_record(CASE, device="hydra")
    library, other = make_record(CASE), make_record(CASE, device="lernaea")
    records = [own, library, other]
    assert Evidences(records, "hydra").find(CASE, None, "analytic") is own
    assert Evidences(records, "chimera").find(CASE, None, "analytic") is library
    assert Evidences(records).find(CASE, None, "analytic") is library


def test_table_filed_without_a_device_says_nothing_of_a_device(
    make_record: MakeRecord,
) -> None:
    filed = make_record(CASE, evidence="live-hardware", source={"file": "a.csv"})
    assert Evidences([filed], "hydra").find(CASE, None, "live-hardware") is None
    assert Evidences([filed]).find(CASE, None, "live-hardware") is filed


YESTERDAY = (NOW - timedelta(days=1)).isoformat()


@pytest.mark.parametrize("more", [{}, {"source": {}}])
@pytest.mark.parametrize("status", ["measured", "error", "wrong"])
def test_what_was_measured_earlier_and_came_later_hides_nothing(
    make_record: MakeRecord, status: str, more: dict[str, object]
) -> None:
    held = make_record(CASE, status=status)
    late = make_record(CASE, measured_at=YESTERDAY, **more)
    assert Evidences([held, late]).find(CASE, None, "analytic") is held
    skipped = make_record(CASE, status="skipped")
    assert Evidences([skipped, late]).find(CASE, None, "analytic") is late


def test_race_that_came_late_does_not_hide_a_newer_failure_of_its_case(
    make_record: MakeRecord,
) -> None:
    failed = make_record(CASE, kind="speed", peer=None, status="error")
    late = make_record(CASE, kind="speed", peer="P", measured_at=YESTERDAY)
    assert Evidences([failed, late]).find(CASE, "P", "analytic") is failed
    newer = make_record(CASE, kind="speed", peer="P")
    old = make_record(CASE, peer=None, status="error", measured_at=YESTERDAY)
    assert Evidences([newer, old]).find(CASE, "P", "analytic") is newer
