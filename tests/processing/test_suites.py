"""The policy asks for what the suites measure."""

from pathlib import Path

from qleap.bench.cases import Speed
from qleap.bench.discovery import suites
from qleap.bench.policy import load_policy

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_every_criterion_but_live_ones_names_a_quick_case() -> None:
    policy = load_policy(BENCHMARKS / "policies" / "processing.yaml")
    found = suites(BENCHMARKS, "processing")
    names = {case.name for suite in found for case in suite.cases(quick=True)}
    asked = {c.measurement for c in policy.criteria() if c.evidence != "live-hardware"}
    assert asked <= names
    assert sorted(policy.levels) == [1, 2, 3, 4, 5, 6]


def test_every_bar_of_noise_has_a_case_with_its_peers() -> None:
    policy = load_policy(BENCHMARKS / "policies" / "noise.yaml")
    found = {
        case.name: case
        for suite in suites(BENCHMARKS, "processing")
        for case in suite.cases(quick=False)
    }
    for criterion in policy.criteria():
        case = found[criterion.measurement]
        if isinstance(case, Speed):
            assert set(criterion.rivals) <= {one.name for one in case.peers}
