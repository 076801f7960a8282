"""Policies: what is read, and what is refused with which sentence."""

import re
from pathlib import Path

import pytest

from qleap.bench import load_policy
from qleap.bench.discovery import benchmarks_folder
from qleap.core.errors import InvalidValue, StorageError


@pytest.fixture
def policy(folder: Path) -> Path:
    return folder / "policies" / "toy.yaml"


def edited(policy: Path, old: str, new: str) -> Path:
    text = policy.read_text(encoding="utf-8")
    assert old in text
    policy.write_text(text.replace(old, new, 1), encoding="utf-8")
    return policy


def test_policy_is_read_with_its_levels_and_criteria(policy: Path) -> None:
    loaded = load_policy(policy)
    assert loaded.domain == "toy"
    assert [one.id for one in loaded.criteria()] == ["TOY-1.1", "TOY-1.2"]
    # YAML 1.1 reads 1e-6 as text; the schema makes it the number it is.
    assert loaded.levels[1].criteria[1].threshold == 1e-6


BROKEN = [
    ("title: The", "titel: The", "criteria.0.titel is unknown; did you mean 'title'?"),
    ("domain: toy", "x: 1\ndomain: toy", "the key x is unknown;"),
    ("        unit: T\n", "", "the key levels.1.criteria.0.unit is missing; add it."),
    ('operator: "<="', 'operator: "<"', "criteria.0.operator: input should be"),
    ("evidence: simulated", "evidence: simulatd", "did you mean 'simulated'?"),
    ("threshold: 2.0", "threshold: .inf", "threshold: input should be a finite number"),
    ("max_age_days: 30", "max_age_days: 0", "greater than 0, got 0."),
    ("  1:\n", "  2:\n", "levels must run from 1 without a gap, got [2]"),
    ("  1:\n", "  12:\n", "levels.12"),
    ("target: 1", "target: 2", "target must be a listed level (1 to 1), got 2"),
    ("id: TOY-1.2", "id: TOY-1.1", "id must be unique, got 'TOY-1.1' twice"),
    ("        peer: NumPy\n", "", "peer or peers must be given with"),
    (
        "peer: NumPy",
        "peer: NumPy\n        peers: [SciPy]",
        "peer or peers must be given",
    ),
    ("target: 1", "target: 1\ntarget: 1", "line 5: not valid YAML (the key 'target'"),
    ("title: Toy", "title: a: Toy", "line 3: not valid YAML"),
]


@pytest.mark.parametrize(("old", "new", "message"), BROKEN)
def test_broken_policy_gives_one_sentence_with_file_and_key(
    policy: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(InvalidValue, match=re.escape(message)) as raised:
        load_policy(edited(policy, old, new))
    assert "toy.yaml" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_list_in_place_of_a_policy_is_refused(policy: Path) -> None:
    policy.write_text("- a\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match="must hold a mapping with the keys domain"):
        load_policy(policy)


def test_missing_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"no\.yaml cannot be read"):
        load_policy(tmp_path / "no.yaml")


def test_policy_in_another_encoding_is_refused(policy: Path) -> None:
    policy.write_bytes("title: é".encode("latin-1"))
    with pytest.raises(StorageError, match="text file in UTF-8"):
        load_policy(policy)


def test_every_policy_of_the_house_follows_the_schema() -> None:
    for path in (benchmarks_folder() / "policies").glob("*.yaml"):
        assert load_policy(path).domain == path.stem
