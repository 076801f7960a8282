"""Sentences of the engine in both languages, and a catalogue without gaps."""

import ast
import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from qleap.bench import sentences
from qleap.bench.judging.decision import CHOICES
from qleap.bench.judging.evidence import EVIDENCE
from qleap.bench.judging.gate import EXIT_CODES, RULES
from qleap.bench.judging.verdict import Verdict
from qleap.bench.reporting import model
from qleap.bench.sentences import Sentence, catalogue, translate
from qleap.core.errors import InvalidValue

PACKAGE = Path(sentences.__file__).parent


def engine_patterns() -> set[str]:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Sentence"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found


def template_phrases() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.j2")]
    return {one for text in texts for one in re.findall(r'\bt\("([^"]*)"', text)}


def words() -> set[str]:
    found = {*get_args(Verdict), *EXIT_CODES, *CHOICES, *EVIDENCE, RULES}
    hints = [
        model.Rung.__annotations__["state"],
        model.CriterionRow.__annotations__["agreement"],
        model.CriterionRow.__annotations__["status"],
    ]
    return found | {one for hint in hints for one in get_args(hint) if one}


@pytest.mark.parametrize("source", [engine_patterns, template_phrases, words])
def test_nothing_that_is_said_lacks_in_japanese(source: Callable[[], set[str]]) -> None:
    said = source()
    assert len(said) > 15
    assert said <= set(catalogue("ja"))


def test_catalogue_holds_nothing_that_nobody_says() -> None:
    said = engine_patterns() | template_phrases()
    phrases = {one for one in catalogue("ja") if " " in one and one != RULES}
    # "not installed" is a status of stored records.
    assert phrases - said <= {"not installed"}


def test_translations_keep_every_fact() -> None:
    names = re.compile(r"\{(\w+)\}")
    for english, japanese in catalogue("ja").items():
        assert sorted(set(names.findall(english))) == sorted(
            set(names.findall(japanese))
        ), english


def test_translation_reaches_the_facts_of_a_sentence() -> None:
    inner = Sentence("meets {rule}", rule="≤ 1 T")
    outer = Sentence("{peer}: {reason}", peer="Qulacs {x}", reason=inner)
    assert outer == "Qulacs {x}: meets ≤ 1 T"
    assert translate(outer, "ja") == "Qulacs {x}: ≤ 1 T を満たす"
    assert translate(Sentence("rests on {kind}", kind="live-hardware"), "ja") == (
        "根拠: 実機"
    )


def test_sentence_is_text_wherever_text_is_asked() -> None:
    said = Sentence("meets {rule}", rule="≤ 1")
    assert json.loads(json.dumps(said)) == "meets ≤ 1"
    assert translate(copy.deepcopy(said), "ja") == "≤ 1 を満たす"
    assert translate(said, "en") == said
    assert translate("what nobody translated", "ja") == "what nobody translated"


def test_unknown_language_is_refused() -> None:
    with pytest.raises(InvalidValue, match="language must be one of ja"):
        catalogue("fr")
