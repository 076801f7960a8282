"""The page with everything measured: its size, structure, languages and colours."""

import json
import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qleap.bench.reporting import rendering
from qleap.bench.reporting.model import json_schema
from qleap.bench.reporting.page import IN_FULL
from qleap.bench.reporting.rendering import render
from qleap.bench.reporting.report import build
from qleap.bench.sentences import catalogue
from tests.bench.everything import NOW, loaded, measured

BOUND = 300_000
TEMPLATES = Path(rendering.__file__).parents[1] / "templates"


@cache
def report(scene: str = "pass") -> dict[str, Any]:
    journal: Any = measured(scene)
    return build(journal, loaded(), now=NOW)


@cache
def page(scene: str = "pass", language: str = "en") -> str:
    return render(report(scene), "html", language)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("scene", ["pass", "fail"])
def test_page_is_small_with_everything_measured(scene: str, language: str) -> None:
    assert len(report(scene)["speed"]) > 100
    assert sum(len(one["criteria"]) for one in report(scene)["domains"]) > 250
    assert len(page(scene, language).encode()) < BOUND


class Walk(HTMLParser):
    """Collect what the structure of a page is judged by."""

    VOID = ("meta", "br", "input")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.headings: list[int] = []
        self.faults: list[str] = []
        self.words: list[str] = []
        self.foreign: list[bool] = [False]
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.tags.append(tag)
        if len(facts) != len(attrs):
            self.faults.append(f"{tag} has an attribute twice")
        if "id" in facts:
            self.ids.append(str(facts["id"]))
        href = str(facts.get("href", "#"))
        if href.startswith("#"):
            self.targets.append(href[1:])
        elif tag != "a" or not href.startswith("https://"):
            self.faults.append(f"{tag} refers to {href}")
        if {"src", "srcset", "data", "poster", "action", "style"} & set(facts):
            self.faults.append(f"{tag} loads or hides something: {facts}")
        if any(name.startswith("on") for name in facts):
            self.faults.append(f"{tag} has a script")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "th" and "scope" not in facts:
            self.faults.append("a th has no scope")
        if tag == "svg" and not (
            facts.get("aria-hidden") == "true"
            or (facts.get("role") == "img" and facts.get("aria-label"))
        ):
            self.faults.append("an svg has no name")
        allowed = {"tr": ("tbody", "thead"), "td": ("tr",), "li": ("ul",)}
        if tag in allowed and self.open[-1] not in allowed[tag]:
            self.faults.append(f"{tag} in {self.open[-1]}")
        if tag not in self.VOID:
            self.open.append(tag)
            english = facts.get("lang") == "en" or tag in ("style", "code", "title")
            self.foreign.append(self.foreign[-1] or (english and tag != "html"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()
            self.foreign.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"{tag} is closed but not open")
        self.foreign.pop()

    def handle_data(self, data: str) -> None:
        if not self.foreign[-1]:
            self.words.append(data)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("scene", ["pass", "fail"])
def test_page_is_well_formed_and_loads_nothing(scene: str, language: str) -> None:
    text = page(scene, language)
    walk = Walk(text)
    assert not walk.faults
    assert not walk.open
    assert text.startswith(f'<!DOCTYPE html>\n<html lang="{language}">')
    assert not {"script", "link", "img", "iframe", "object", "font"} & set(walk.tags)
    assert "url(" not in text
    assert "@import" not in text
    assert len(set(walk.ids)) == len(walk.ids)
    assert set(walk.targets) <= {*walk.ids, ""}


def test_headings_are_in_order() -> None:
    levels = Walk(page()).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_keyboard_reaches_the_content_and_every_filter_has_a_label() -> None:
    text = page()
    assert text.index('<a class="skip" href="#main">') < text.index("<h1>")
    assert "\n:focus-visible {" in text
    assert re.search(r"<label[^>]*><input[^>]*> \w", text)


def test_titles_are_escaped() -> None:
    assert "with <b>its</b>" not in page()
    assert "with &lt;b&gt;its&lt;/b&gt;" in page()


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.1."""
    linear = []
    for place in (1, 3, 5):
        share = int(colour[place : place + 2], 16) / 255.0
        linear.append(
            share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        )
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_text_has_the_contrast_of_wcag_aa(theme: str) -> None:
    sheet = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
    found = colours(blocks[("light", "dark", "print").index(theme)])
    text = [(ink, paper) for ink in ("ink", "soft", "accent", "fail", "pass", "wait")
            for paper in ("paper", "card")]  # fmt: skip
    text += [(kind, f"{kind}-soft") for kind in ("pass", "fail", "wait", "none")]
    text.append(("accent", "accent-soft"))
    for ink, paper in text:
        high, low = sorted(luminance(found[one]) for one in (ink, paper))[::-1]
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, paper)


def test_json_form_obeys_the_published_schema() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    known = jsonschema.Draft202012Validator(schema)
    written = json.loads(render(report("fail"), "json"))
    known.validate(written)
    short = written | {"trends": written["trends"][:1]}
    for spoiled in (
        short | {"more": 1},
        {name: value for name, value in short.items() if name != "chain"},
        short | {"format": 1},
        short | {"chain": short["chain"] | {"records": "many"}},
    ):
        assert not known.is_valid(spoiled)


def test_recorded_data_are_named_with_hash_instrument_and_doi() -> None:
    (recorded,) = report()["sources"]
    assert recorded["source"]["site"] == "Sendai"
    assert len(recorded["criteria"]) > 20
    text = page()
    assert "magnetometer, Sendai" in text
    assert "a" * 64 in text
    assert '<a href="https://doi.org/10.1103/PhysRevX.1.234567">' in text


def test_library_shows_in_full_what_fails_and_folds_the_rest() -> None:
    text = page("fail")
    section = text[text.index('id="library"') : text.index('id="speed"')]
    assert section.count('<tr class="v-FAIL">') == IN_FULL
    assert "<details open" not in text
    every = sum(
        len(one["criteria"])
        for one in report("fail")["domains"]
        if one["kind"] == "library"
    )
    assert section.count("<tr><td><i>") == every - IN_FULL


def test_japanese_page_says_nothing_of_its_own_in_english() -> None:
    phrases = [one for one in catalogue("ja") if " " in one and "{" not in one]
    assert len(phrases) > 40
    for scene in ("pass", "fail"):
        said = "".join(Walk(page(scene, "ja")).words)
        assert not [one for one in phrases if one in said]
        assert "2026年11月23日" in said
        assert "の技術" in said
        assert "実験室における装置の性能値" in said


@pytest.mark.parametrize("form", ["html", "md"])
def test_both_languages_hold_the_same_numbers(form: str) -> None:
    numbers = re.compile(r"\b[0-9a-f]{10,64}\b|[0-9.]+×")
    english, japanese = (
        numbers.findall(render(report("fail"), form, one)) for one in ("en", "ja")
    )
    assert len(english) > 200
    assert english == japanese


def test_japanese_markdown_keeps_its_columns() -> None:
    text = render(report("fail"), "md", "ja")
    assert "# 技術成熟度レポート" in text
    for block in re.split(r"\n\n", text):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in rows}) <= 1, block
