"""The policies of readiness that the package brings along."""

import shlex

import pytest
import typer

from qleap.bench.cases import Speed
from qleap.bench.discovery import policies, suites
from qleap.bench.judging.evidence import is_simulation
from qleap.bench.judging.gate import decide
from qleap.bench.judging.policy import Criterion, Policy
from qleap.bench.reporting.needs import next_level
from qleap.cli.bench import app
from qleap.core.environment import utc_now

READY = [one for one in policies() if one.kind == "readiness"]


@pytest.mark.parametrize("policy", READY, ids=lambda policy: policy.domain)
def test_readiness_climbs_to_level_six_by_a_handful_of_criteria(policy: Policy) -> None:
    assert sorted(policy.levels) == [1, 2, 3, 4, 5, 6]
    assert 8 <= len(policy.criteria()) <= 15


@pytest.mark.parametrize("policy", READY, ids=lambda policy: policy.domain)
def test_readiness_has_every_title_in_japanese(policy: Policy) -> None:
    found = [(policy.title, policy.title_ja)]
    found += [(one.title, one.title_ja) for one in policy.levels.values()]
    found += [(one.title, one.title_ja) for one in policy.criteria()]
    assert [title for title, japanese in found if not japanese] == []


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


@pytest.mark.parametrize("policy", READY, ids=lambda policy: policy.domain)
@pytest.mark.parametrize("device", [None, "chip 1"])
def test_every_command_of_what_is_needed_can_be_typed_as_it_stands(
    policy: Policy, device: str | None
) -> None:
    bench = typer.main.get_command(app)
    assert isinstance(bench, typer.core.TyperGroup)
    for criterion in policy.criteria():
        alone = policy.levels[1].model_copy(update={"criteria": (criterion,)})
        asked = policy.model_copy(update={"levels": {1: alone}, "target": 1})
        found = next_level(decide(asked, [], now=utc_now()), device)
        assert found is not None
        for command in found.needed[0].commands:
            _, _, name, *words = shlex.split(command)
            # Raises where an option lacks or is unknown; runs nothing.
            context = bench.commands[name].make_context(name, words)
            if name == "run":
                assert criterion.measurement.startswith(context.params["suite"])
            elif device is not None:
                assert context.params["device"] == device


def _is_for_a_laboratory(criterion: Criterion) -> bool:
    return not is_simulation(criterion.evidence) and bool(criterion.needs)
