"""Jobs of several clients survive the death of the processes that run them."""

from pathlib import Path
from typing import Any

import pytest

from qleap.bench.discovery import suites

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.mark.slow
def test_no_job_is_lost_or_recorded_twice_when_processes_are_killed() -> None:
    (suite,) = (
        one for one in suites(BENCHMARKS, "processing") if one.topic == "service"
    )
    measured: dict[str, Any] = {
        case.name.rsplit(".", 1)[-1]: case.measure().value  # type: ignore[union-attr]
        for case in suite.cases(quick=True)
    }
    assert measured["killed"] >= 3  # a worker, then the server with its workers
    assert measured["lost"] == 0
    assert measured["recorded_twice"] == 0
    assert measured["wrong"] == 0
    assert measured["throughput"] > 0
