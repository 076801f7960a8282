"""The policy asks for what the suites measure."""

import sys
from pathlib import Path

import pytest

from qleap.bench.cases import Speed
from qleap.bench.discovery import suites
from qleap.bench.evidence import is_simulation
from qleap.bench.policy import load_policy

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize("name", ["processing", "processing_library"])
def test_every_criterion_names_a_quick_case(name: str) -> None:
    policy = load_policy(BENCHMARKS / "policies" / f"{name}.yaml")
    found = suites(BENCHMARKS, "processing")
    cases = {case.name: case for suite in found for case in suite.cases(quick=True)}
    for criterion in policy.criteria():
        case = cases[criterion.measurement]
        assert isinstance(case, Speed) or case.unit == criterion.unit, criterion.id


def test_evidence_rises_with_the_level_and_each_device_can_provide_it() -> None:
    policy = load_policy(BENCHMARKS / "policies" / "processing.yaml")
    measured = {
        case.name
        for suite in suites(BENCHMARKS, "processing")
        for case in suite.cases(quick=True, device="local")
    }
    for level, weakest in ((4, "recorded-lab-data"), (5, "live-hardware")):
        for criterion in policy.levels[level].criteria:
            assert criterion.evidence == weakest
    for level in (4, 5, 6):
        for criterion in policy.levels[level].criteria:
            assert not is_simulation(criterion.evidence)
            assert criterion.measurement in measured
            suite = criterion.measurement.rpartition(".")[0]
            assert f"--suite {suite} --device NAME" in criterion.needs


def test_the_chain_of_a_device_is_its_best() -> None:
    (suite,) = (s for s in suites(BENCHMARKS, "processing") if s.topic == "device")
    suite.cases(quick=True)
    beside = sys.modules[f"{suite.package}._device"]
    target = beside.machine_of(None).target
    best = beside.chain_of(None, 2)
    losses = {
        pair: target["ecr"][pair].error + sum(target["measure"][q,].error for q in pair)
        for pair in target.qargs_for_operation_name("ecr")
    }
    assert set(best) == set(min(losses, key=lambda pair: losses[pair]))


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
