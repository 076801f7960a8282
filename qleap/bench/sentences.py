"""What the engine says, so that a report can say it in another language.

The English text is the key of the catalogue ``templates/<language>.yaml``, with the
names of its facts in braces.
"""

import functools
from pathlib import Path
from typing import Final

import yaml

from qleap.core import checks

__all__ = ["LANGUAGES", "Sentence", "catalogue", "translate"]

LANGUAGES: Final = ("en", "ja")


class Sentence(str):
    """English text that remembers of what it was made.

    Parameters
    ----------
    pattern : str
        Text with ``{name}`` where a fact goes.
    facts : object
        By name; sentences themselves, or what reads well as it is.
    """

    __slots__ = ("facts", "pattern")

    pattern: str
    facts: dict[str, object]

    def __new__(cls, pattern: str, **facts: object) -> "Sentence":
        """Put the facts into the pattern, and keep both."""
        made = super().__new__(cls, pattern.format(**facts))
        made.pattern = pattern
        made.facts = facts
        return made

    def __deepcopy__(self, memo: object) -> "Sentence":
        return self  # nothing in it changes


def translate(text: str, language: str) -> str:
    """Return ``text`` in ``language``; as it is where the catalogue lacks it.

    The facts of a `Sentence` are translated too, where they are in the catalogue
    themselves.
    """
    if language == "en":
        return text
    known = catalogue(language)
    if not isinstance(text, Sentence):
        return known.get(text, text)
    facts = {
        name: translate(fact, language) if isinstance(fact, str) else fact
        for name, fact in text.facts.items()
    }
    return known.get(text.pattern, text.pattern).format(**facts)


@functools.cache
def catalogue(language: str) -> dict[str, str]:
    """Return the translations of a language other than English, by English text."""
    checks.one_of("language", language, LANGUAGES[1:])
    path = Path(__file__).parent / "templates" / f"{language}.yaml"
    found: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
