"""Which record counts: its device, how strong it is, how new."""

from qleap.bench.selection import Evidences

from .conftest import MakeRecord

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
