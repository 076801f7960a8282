"""The policies of readiness that the package brings along."""

import re

import pytest

from qleap.bench.cases import Speed
from qleap.bench.discovery import policies, suites
from qleap.bench.evidence import is_simulation
from qleap.bench.policy import Criterion, Policy

READY = [one for one in policies() if one.kind == "readiness"]


@pytest.mark.parametrize("policy", READY, ids=lambda policy: policy.domain)
def test_readiness_climbs_to_level_six_by_a_handful_of_criteria(policy: Policy) -> None:
    assert sorted(policy.levels) == [1, 2, 3, 4, 5, 6]
    assert 8 <= len(policy.criteria()) <= 15


@pytest.mark.parametrize("policy", READY, ids=lambda policy: policy.domain)
def test_commands_of_missing_evidence_name_what_record_demands(policy: Policy) -> None:
    for criterion in policy.criteria():
        for command in re.findall(r"qleap bench record [^;]*", criterion.needs or ""):
            for option in ("--file", "--evidence", "--instrument", "--site"):
                assert option in command, (criterion.id, command)


@pytest.mark.parametrize("policy", READY, ids=lambda policy: policy.domain)
def test_every_criterion_has_a_case_or_says_what_would_provide_it(
    policy: Policy,
) -> None:
    found = {
        case.name: case
        for suite in suites(prefix=policy.domain)
        for case in suite.cases(quick=True)
    }
    for criterion in policy.criteria():
        case = found.get(criterion.measurement)
        if isinstance(case, Speed):
            assert set(criterion.rivals) <= {one.name for one in case.peers}
        elif case is None:
            assert _is_for_a_laboratory(criterion), criterion.id
        else:
            assert case.unit == criterion.unit, criterion.id


def _is_for_a_laboratory(criterion: Criterion) -> bool:
    return not is_simulation(criterion.evidence) and bool(criterion.needs)
