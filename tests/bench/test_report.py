"""The report: complete, escaped, self-contained, and atomic."""

import itertools
import json
import re
from collections.abc import Callable
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qleap.bench import formatting
from qleap.bench.discovery import policies
from qleap.bench.judging.decision import record_decision
from qleap.bench.judging.gate import decide
from qleap.bench.reporting.forest import forest, races
from qleap.bench.reporting.model import json_schema
from qleap.bench.reporting.rendering import FORMATS, render, write_report
from qleap.bench.reporting.report import build
from qleap.bench.reporting.sparkline import sparkline
from qleap.bench.runner import run_suites
from qleap.bench.trail.journal import Journal
from qleap.core.environment import utc_now
from qleap.core.errors import InvalidValue, StorageError


@pytest.fixture
def empty(journal: Journal, folder: Path, now: datetime) -> dict[str, Any]:
    return build(journal, policies(folder), now=now)


@pytest.fixture
def filled(journal: Journal, folder: Path) -> dict[str, Any]:
    run_suites(journal, quick=True, folder=folder)
    loaded = policies(folder)
    gate = decide(loaded[0], journal.records(), now=utc_now())
    record_decision(
        journal, gate, choice="change", by="<i>A | B</i>", reason="<img src=x>"
    )
    return build(journal, loaded, now=utc_now())


class Checker(HTMLParser):
    """Collect tags, what would be loaded, and tags left open."""

    VOID = ("meta", "br", "input", "line", "circle", "rect", "polyline", "use")

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        loading = ("src", "srcset", "data", "xlink:href", "poster", "action")
        self.loaded += [name for name, _ in attrs if name in loading]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    return checker


def test_page_loads_nothing_and_is_small(filled: dict[str, Any]) -> None:
    page = render(filled, "html")
    found = checked(page)
    assert not found.loaded
    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert "url(" not in page
    assert "@import" not in page
    assert len(page.encode()) < 300_000
    assert not found.open


def test_names_are_escaped_and_shown(filled: dict[str, Any]) -> None:
    page = render(filled, "html")
    assert "<script>" not in page
    assert "<img" not in page
    assert "Speed &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Toy &lt;b&gt;domain&lt;/b&gt;" in page
    assert "no data &lt;here&gt;" in page


def test_citation_becomes_a_link(filled: dict[str, Any]) -> None:
    page = render(filled, "html")
    assert '<a href="https://arxiv.org/abs/2405.02376">arXiv:2405.02376</a>' in page


@pytest.mark.parametrize("form", FORMATS)
def test_report_without_measurements_says_so(empty: dict[str, Any], form: str) -> None:
    text = render(empty, form)
    assert "nothing has been measured" in text
    assert "TRL 0" in text or '"reached": 0' in text


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_holds_the_same_facts(filled: dict[str, Any], form: str) -> None:
    text = render(filled, form)
    for fact in ("TOY-1.1", "TOY-1.2", "PASS", "model readiness", "ZeroDivisionError"):
        assert fact in text


def test_json_form_reads_back(filled: dict[str, Any]) -> None:
    assert json.loads(render(filled, "json")) == json.loads(json.dumps(filled))
    jsonschema.validate(filled, json_schema())
    (domain,) = filled["domains"]
    assert (domain["reached"], domain["outcome"]) == (1, "pass")
    assert [one["verdict"] for one in domain["criteria"]] == ["PASS", "PASS"]
    assert domain["decisions"][0]["choice"] == "change"


def test_json_form_without_measurements_obeys_the_schema(
    empty: dict[str, Any],
) -> None:
    jsonschema.validate(empty, json_schema())


def test_newest_record_of_each_case_is_listed_under_its_kind(
    filled: dict[str, Any], journal: Journal, folder: Path
) -> None:
    assert {one["name"] for one in filled["speed"]} == {
        "toy.sums.fast",
        "toy.sums.wrong",
    }
    assert len(filled["accuracy"]) == 5
    run_suites(journal, quick=True, prefix="toy.sums.exact", folder=folder)
    again = build(journal, policies(folder), now=utc_now())
    assert len(again["accuracy"]) == 5
    assert again["chain"]["records"] == filled["chain"]["records"] + 1


def test_markdown_tables_keep_their_columns(filled: dict[str, Any]) -> None:
    for block in re.split(r"\n\n", render(filled, "md")):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
        assert len(widths) <= 1, block


def test_broken_chain_is_said_on_top(filled: dict[str, Any]) -> None:
    chain = filled["chain"] | {"faults": ["record 3 (a.b.c) was changed."]}
    broken = filled | {"chain": chain}
    assert "The evidence was changed after it was stored" in render(broken, "html")
    assert "The evidence was changed after it was stored" in render(broken, "md")


def test_unknown_format_is_refused(empty: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="format must be one of html, md, json"):
        render(empty, "pdf")


def test_files_go_to_a_folder_or_take_the_given_name(
    empty: dict[str, Any], tmp_path: Path
) -> None:
    inside = write_report(empty, tmp_path / "new" / "folder", ["html", "json"])
    assert [one.name for one in inside] == ["qleap-report.html", "qleap-report.json"]
    named = write_report(empty, tmp_path / "mine.html", ["html", "md"])
    assert [one.name for one in named] == ["mine.html", "mine.md"]
    assert all(one.is_file() for one in inside + named)


def test_failing_write_leaves_the_old_report(
    empty: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = write_report(empty, tmp_path, ["html"])
    before = path.read_bytes()

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StorageError, match=r"qleap-report\.html could not be written"):
        write_report(empty, tmp_path, ["html"])
    assert path.read_bytes() == before
    assert list(tmp_path.glob(".*")) == []


def test_folder_that_cannot_be_made_is_refused(
    empty: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be made"):
        write_report(empty, tmp_path / "file" / "folder", ["html"])


def row(**changes: Any) -> dict[str, Any]:
    return {"ratio": 2.0, "low": 1.0, "high": 4.0, "thresholds": []} | changes


def test_forest_axis_is_logarithmic() -> None:
    (mark,) = forest([row()])["rows"]
    assert mark["at"] - mark["low"] == pytest.approx(mark["high"] - mark["at"], abs=0.1)


def test_forest_holds_all_marks_and_the_one() -> None:
    plot = forest([row(), row(ratio=0.01, low=None, high=None, thresholds=[50.0])])
    places = [plot["one"], *(at for at, _ in plot["ticks"])]
    for mark in plot["rows"]:
        places += [mark["at"], *mark["thresholds"]]
    assert all(0.0 < place < 100.0 for place in places)
    assert [label for _, label in plot["ticks"]] == ["0.01", "0.1", "1", "10"]


def test_forest_leaves_out_what_was_not_timed() -> None:
    assert forest([row(ratio=None, low=None, high=None)])["rows"] == []


@pytest.mark.parametrize(
    ("function", "given", "text"),
    [
        (formatting.number, 1.5e-15, "1.5e−15"),
        (formatting.number, -2.0, "−2"),
        (formatting.number, 0.0, "0"),
        (formatting.number, 0.99982, "0.99982"),
        (formatting.number, 1.0 - 3.14e-7, "0.99999969"),
        (formatting.number, 0.95, "0.95"),
        (formatting.number, 999.96, "1000"),
        (formatting.number, 16384.0, "16384"),
        (formatting.number, 2.5e7, "2.5e7"),
        (formatting.number, None, "–"),
        (formatting.duration, 1.5, "1.5 s"),
        (formatting.duration, 0.0123, "12.3 ms"),
        (formatting.duration, 4.2e-7, "420 ns"),
        (formatting.duration, None, "–"),
        (formatting.link, "Doherty (2013), doi:10.1016/j.physrep.2013.02.001.",
         "https://doi.org/10.1016/j.physrep.2013.02.001"),
        (formatting.link, "see https://example.org/a.", "https://example.org/a"),
        (formatting.link, "arXiv 2405.02376", "https://arxiv.org/abs/2405.02376"),
        (formatting.link, "own aim", ""),
        (formatting.commit, "0123456789abcdef+", "0123456789+"),
        (formatting.link, "javascript:alert(1)", ""),
        (formatting.cell, "a|b <c>", r"a\|b \<c\>"),
    ],
)  # fmt: skip
def test_numbers_times_and_sources_read_well(
    function: Callable[[Any], str], given: Any, text: str
) -> None:
    assert function(given) == text


def test_every_source_of_a_citation_is_a_link() -> None:
    assert formatting.pieces("A, doi:10.1000/a; B, arXiv:2405.02376.") == [
        ("A, ", ""),
        ("doi:10.1000/a", "https://doi.org/10.1000/a"),
        ("; B, ", ""),
        ("arXiv:2405.02376", "https://arxiv.org/abs/2405.02376"),
        (".", ""),
    ]


def test_races_are_grouped_by_domain_and_case() -> None:
    names = ("laser.a.x", "laser.a.x", "laser.a.y", "sensing.b.z")
    rows = [row(name=name, title=name, threads=1) for name in names]
    rows.append(row(name="noise.c.z", ratio=None))
    laser, sensing = races(rows)
    assert [(one["name"], len(one["rows"])) for one in laser["cases"]] == [
        ("laser.a.x", 2),
        ("laser.a.y", 1),
    ]
    assert (laser["domain"], sensing["domain"]) == ("laser", "sensing")


def test_sparkline_draws_the_newest_values_and_the_steps_between_them() -> None:
    steps = [{"index": 1}, {"index": 41}]
    drawn = sparkline({"values": [1.0] * 41 + [2.0] * 9, "steps": steps})
    points = [tuple(map(float, one.split(","))) for one in drawn["line"].split()]
    assert len(points) == 40
    assert drawn["last"] == points[-1]
    (step,) = drawn["steps"]
    before = [y for x, y in points if x < step]
    after = [y for x, y in points if x > step]
    assert (len(before), len(after)) == (31, 9)
    assert max(after) < min(before)


def test_sparkline_of_equal_values_is_level() -> None:
    drawn = sparkline({"values": [0.0, 0.0, 0.0], "steps": []})
    assert {one.split(",")[1] for one in drawn["line"].split()} == {"12"}


def test_sparkline_of_decades_is_logarithmic() -> None:
    line = sparkline({"values": [1.0, 10.0, 100.0], "steps": []})["line"]
    low, middle, high = (float(one.split(",")[1]) for one in line.split())
    assert middle == pytest.approx(0.5 * (low + high))


def test_dates_read_as_each_language_writes_them() -> None:
    time = "2026-11-03T09:05:00+00:00"
    assert formatting.day(time, "ja") == "2026年11月3日"
    assert formatting.moment(time) == "2026-11-03 09:05 UTC"
    assert formatting.interval(1.0, 2.0, "T", "ja") == "1〜2 T"


def test_units_take_a_prefix_where_one_is_usual() -> None:
    assert formatting.quantity(1.94e-4, "s") == "194 µs"
    assert formatting.quantity(0.0, "T") == "0 T"
    assert formatting.quantity(2e-5, "rad") == "2e−5 rad"
    assert formatting.quantity(2e-5, "1") == "2e−5"
    assert formatting.interval(9e-5, 1.1e-4, "s") == "90 to 110 µs"
    assert formatting.interval(0.9, None) == ""


@pytest.mark.parametrize(
    ("citation", "address"),
    [
        (
            "Cross et al., doi:10.1103/PhysRevA.100.032328: more than 2/3",
            "https://doi.org/10.1103/PhysRevA.100.032328",
        ),
        ("Cross et al. (doi:10.1103/PhysRevA.100.032328)",
         "https://doi.org/10.1103/PhysRevA.100.032328"),
        ("doi:10.1016/0370-1573(82)90120-3", "https://doi.org/10.1016/0370-1573(82)90120-3"),
        ("see https://example.org/a: there", "https://example.org/a"),
        ('"doi:10.1000/a"', "https://doi.org/10.1000/a"),
    ],
)  # fmt: skip
def test_punctuation_after_a_source_is_no_part_of_its_address(
    citation: str, address: str
) -> None:
    assert formatting.link(citation) == address
    assert "".join(text for text, _ in formatting.pieces(citation)) == citation


@pytest.mark.parametrize("language", ["en", "ja"])
def test_markdown_lists_and_headings_begin_their_own_lines(
    empty: dict[str, Any], language: str
) -> None:
    text = render(empty, "md", language)
    found = [domain["next"] for domain in empty["domains"]]
    needed = [one["id"] for after in found for one in after["needed"]]
    assert needed
    lines = text.splitlines()
    for name in needed:
        start = f"- {formatting.cell(name)} "
        assert sum(line.startswith(start) for line in lines) == 1, name
    for before, line in itertools.pairwise(lines):
        if line.startswith("#"):
            assert before == "", line
