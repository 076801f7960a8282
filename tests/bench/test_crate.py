"""Crates: what is in them, who may read them, and that a change is found."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from qleap.bench.discovery import policy_files
from qleap.bench.export.about import About, load_about
from qleap.bench.export.checking import check_crate
from qleap.bench.export.citation import datacite_record
from qleap.bench.export.crate import write_crate
from qleap.bench.runner import run_suites
from qleap.bench.trail.journal import Journal
from qleap.core.errors import InvalidValue

NOW = datetime.now(UTC)

ABOUT = {
    "title": "Readiness of a toy",
    "title_ja": "玩具の成熟度評価",
    "description": "Sums, judged by TRL.",
    "creators": [
        {
            "name": "Sato, Reiko",
            "orcid": "0000-0002-1825-0097",
            "affiliation": "RIKEN",
            "ror": "01sjwvz98",
        }
    ],
    "publisher": "RIKEN",
    "access": "embargoed",
    "available": "2027-04-01",
    "funders": [{"name": "MEXT", "grant": "JPMXS0000000000", "programme": "Q-LEAP"}],
    "keywords": ["toy", "TRL"],
    "doi": "doi:10.5281/zenodo.1",
}


@pytest.fixture
def about(tmp_path: Path) -> About:
    path = tmp_path / "about.yaml"
    path.write_text(yaml.safe_dump(ABOUT, allow_unicode=True), encoding="utf-8")
    return load_about(path)


@pytest.fixture
def crate(journal: Journal, folder: Path, about: About, tmp_path: Path) -> Path:
    """Return the folder of a crate made of one run of the toy suite."""
    run_suites(journal, folder=folder)
    return write_crate(
        journal, policy_files(folder), about, tmp_path / "crate", now=NOW
    )


def graph_of(crate: Path) -> dict[str, dict[str, Any]]:
    text = (crate / "ro-crate-metadata.json").read_text(encoding="utf-8")
    return {entity["@id"]: entity for entity in json.loads(text)["@graph"]}


def test_crate_holds_results_policies_environment_and_report(
    crate: Path, journal: Journal
) -> None:
    assert check_crate(crate) == []
    graph = graph_of(crate)
    (run,) = journal.runs()
    places = {one for one, entity in graph.items() if entity["@type"] == "File"}
    assert {
        "records.jsonl",
        "datacite.json",
        "policies/toy.yaml",
        f"runs/{run.id}/environment.json",
        f"runs/{run.id}/records.json",
        "report/qleap-report.html",
        "report/qleap-report.json",
        "report/qleap-report.md",
    } == places
    environment = json.loads((crate / f"runs/{run.id}/environment.json").read_text())
    assert environment == run.environment


def test_runs_and_the_judgement_are_actions_of_a_program(
    crate: Path, journal: Journal
) -> None:
    graph = graph_of(crate)
    (run,) = journal.runs()
    actions = {
        one["@id"]: one for one in graph.values() if one["@type"] == "CreateAction"
    }
    assert len(actions) == 2
    action = next(one for name, one in actions.items() if name.startswith("urn:uuid:"))
    assert action["@id"].replace("-", "") == f"urn:uuid:{run.id}"
    assert action["actionStatus"].endswith("CompletedActionStatus")
    program = graph[action["instrument"]["@id"]]
    assert program["@type"] == "SoftwareApplication"
    assert {one["@id"] for one in graph["./"]["mentions"]} == set(actions)
    assert graph["./"]["conformsTo"]["@id"] == "https://w3id.org/ro/wfrun/process/0.5"


def test_people_terms_and_funders_are_entities(crate: Path) -> None:
    graph = graph_of(crate)
    root = graph["./"]
    assert root["alternateName"] == ABOUT["title_ja"]
    assert root["author"]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    access = graph[root["conditionsOfAccess"]["@id"]]
    assert access["name"] == "embargoed access until 2027-04-01"
    assert access["alternateName"] == "公開期間猶予"
    grant = graph[root["funding"]["@id"]]
    assert grant["identifier"] == "JPMXS0000000000"
    citation = json.loads((crate / "datacite.json").read_text(encoding="utf-8"))
    assert [one.get("lang") for one in citation["titles"]] == ["en", "ja"]
    assert citation["fundingReferences"][0]["awardNumber"] == "JPMXS0000000000"
    assert {"date": "2027-04-01", "dateType": "Available"} in citation["dates"]


def change(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda at: change(at / "policies/toy.yaml"), "policies/toy.yaml was changed"),
        (lambda at: (at / "records.jsonl").unlink(), "records.jsonl is listed"),
        (lambda at: (at / "more.txt").write_text("x"), "more.txt is there and is not"),
        (lambda at: change(at / "ro-crate-metadata.json"), "is not what manifest"),
        (
            lambda at: (at / "datacite.json").write_text("{}"),
            "breaks DataCite's schema",
        ),
    ],
)
def test_whatever_is_changed_is_found(
    crate: Path, harm: Callable[[Path], object], sentence: str
) -> None:
    harm(crate)
    assert any(sentence in fault for fault in check_crate(crate))


def hashes_made_anew(crate: Path) -> None:
    """Make the crate's own hashes fit what lies there now, as a cheat would."""
    path = crate / "ro-crate-metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    graph = []
    for one in metadata["@graph"]:
        file = crate / one["@id"]
        if "sha256" in one and not file.is_file():
            continue
        if "sha256" in one:
            one |= {"sha256": sha256(file), "contentSize": str(file.stat().st_size)}
        graph.append(one)
    kept = {one["@id"] for one in graph}
    for one in graph:
        if isinstance(one.get("hasPart"), list):
            one["hasPart"] = [part for part in one["hasPart"] if part["@id"] in kept]
    path.write_text(json.dumps(metadata | {"@graph": graph}), encoding="utf-8")
    manifest = crate / "manifest-sha256.txt"
    files = sorted(one for one in crate.rglob("*") if one.is_file() and one != manifest)
    lines = [f"{sha256(one)}  {one.relative_to(crate).as_posix()}\n" for one in files]
    manifest.write_text("".join(lines), encoding="utf-8")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


CHEATS: list[tuple[str, Callable[[Path], object]]] = [
    (
        "records.json is not what records.jsonl says of this run",
        lambda at: replace(
            next(at.glob("runs/*/records.json")), '"value": 1.0', '"value": 0.5'
        ),
    ),
    (
        "environment.json is not what records.jsonl says of this run",
        lambda at: replace(next(at.glob("runs/*/environment.json")), "python", "cobra"),
    ),
    (
        "says of toy TOY-1.1: FAIL; from the records and policies here follows PASS",
        lambda at: replace(at / "report/qleap-report.json", '"PASS"', '"FAIL"'),
    ),
    (
        "says of toy TOY-1.1: PASS; from the records and policies here follows FAIL",
        lambda at: replace(at / "policies/toy.yaml", "hold: 2.0", "hold: 0.2"),
    ),
    ("records.jsonl is not there", lambda at: (at / "records.jsonl").unlink()),
    ("datacite.json is not there", lambda at: (at / "datacite.json").unlink()),
    (
        "qleap-report.json cannot be read",
        lambda at: (at / "report/qleap-report.json").unlink(),
    ),
]


def test_hashes_made_anew_do_not_hide_what_the_chain_contradicts(
    crate: Path, tmp_path: Path
) -> None:
    hashes_made_anew(crate)
    assert check_crate(crate) == []
    for number, (sentence, harm) in enumerate(CHEATS):
        copy = shutil.copytree(crate, tmp_path / f"copy-{number}")
        harm(copy)
        hashes_made_anew(copy)
        assert any(sentence in fault for fault in check_crate(copy)), sentence
    manifest = crate / "manifest-sha256.txt"
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join(lines[1:]), encoding="utf-8")
    place = lines[0].split()[1]
    assert check_crate(crate) == [f"{place} is not in manifest-sha256.txt."]


def test_zip_is_the_same_crate(
    crate: Path, journal: Journal, folder: Path, about: About, tmp_path: Path
) -> None:
    path = tmp_path / "crate.zip"
    write_crate(journal, policy_files(folder), about, path, now=NOW)
    assert check_crate(path) == []
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    assert names == {
        one.relative_to(crate).as_posix() for one in crate.rglob("*") if one.is_file()
    }
    with pytest.raises(InvalidValue, match="exists"):
        write_crate(journal, policy_files(folder), about, path, now=NOW)
    with pytest.raises(InvalidValue, match="new or an empty folder"):
        write_crate(journal, policy_files(folder), about, crate, now=NOW)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        (
            "creators",
            [{"name": "Sato", "orcid": "0000-0002-1825-0098"}],
            "an ORCID has",
        ),
        ("access", "open", "belongs to access: embargoed"),
        ("access", "public", "access"),
        ("creators", [], "creators"),
        ("creators", [{"name": "Sato", "ror": "01sjwvz98"}], "needs the affiliation"),
        ("doi", "zenodo.1", "a DOI reads"),
    ],
)
def test_wrong_terms_are_refused_with_their_key(
    tmp_path: Path, key: str, value: object, sentence: str
) -> None:
    path = tmp_path / "about.yaml"
    path.write_text(yaml.safe_dump(ABOUT | {key: value}), encoding="utf-8")
    with pytest.raises(InvalidValue, match=sentence):
        load_about(path)


def test_every_access_is_a_valid_citation() -> None:
    for access in ("open", "shared", "closed"):
        terms = {k: v for k, v in ABOUT.items() if k != "available"} | {
            "access": access
        }
        record = datacite_record(About.model_validate(terms), NOW)
        assert record["publicationYear"] == str(NOW.year)
