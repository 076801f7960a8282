"""Who publishes a crate, under which terms: a YAML file of the user's.

::

    title: Readiness of the 16-qubit processor, autumn 2026
    title_ja: 16量子ビットプロセッサの成熟度評価 2026年秋
    description: Randomized benchmarking, layer fidelity and GHZ states, judged by TRL.
    creators:
      - name: Sato, Reiko            # family name first
        orcid: 0000-0002-1825-0097
        affiliation: RIKEN
        ror: https://ror.org/01sjwvz98
    publisher: RIKEN
    licence: CC-BY-4.0               # SPDX
    access: embargoed                # open, embargoed, shared or closed
    available: 2027-04-01            # the day on which an embargo ends
    funders:
      - name: Ministry of Education, Culture, Sports, Science and Technology
        grant: JPMXS0000000000
        programme: Q-LEAP
    keywords: [quantum computer, TRL]
    doi: 10.5281/zenodo.0000000      # optional
"""

import datetime
import os
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from qleap.core.documents import Document, load_yaml

__all__ = ["About", "Creator", "Funder", "load_about"]

Text = Annotated[str, Field(min_length=1)]

ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")
ROR = re.compile(r"(?:https?://ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}\d{2})")
DOI = re.compile(r"(?:https?://doi\.org/|doi:)?(10\.\d{4,9}/\S+)")


def _orcid(text: str) -> str:
    found = ORCID.fullmatch(text.strip())
    if found is None or not _has_right_end(found[1]):
        raise ValueError(
            f"an ORCID has four groups of four digits and a check digit, got {text!r}; "
            "copy it from orcid.org"
        )
    return f"https://orcid.org/{found[1]}"


def _has_right_end(orcid: str) -> bool:
    """Return whether the last digit is that of ISO 7064, MOD 11-2."""
    plain = orcid.replace("-", "")
    total = 0
    for digit in plain[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == plain[-1]


def _ror(text: str) -> str:
    found = ROR.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"a ROR reads https://ror.org/0xxxxxxxx, got {text!r}")
    return f"https://ror.org/{found[1]}"


def _doi(text: str) -> str:
    found = DOI.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"a DOI reads 10.prefix/suffix, got {text!r}")
    return found[1]


Ror = Annotated[str, AfterValidator(_ror)]


class Creator(Document):
    """A person who made the data.

    Parameters
    ----------
    name : str
        Family name, comma, given names.
    orcid : str or None
        With or without ``https://orcid.org/``.
    affiliation : str or None
    ror : str or None
        Identifier of the affiliation, from ror.org.
    """

    name: Text
    orcid: Annotated[str, AfterValidator(_orcid)] | None = None
    affiliation: Text | None = None
    ror: Ror | None = None

    @model_validator(mode="after")
    def _ror_belongs_to_an_affiliation(self) -> "Creator":
        if self.ror is not None and self.affiliation is None:
            raise ValueError("ror needs the affiliation whose identifier it is")
        return self


class Funder(Document):
    """Who paid.

    Parameters
    ----------
    name : str
    ror : str or None
    grant : str or None
        Number of the award.
    programme : str or None
        Its name.
    """

    name: Text
    ror: Ror | None = None
    grant: Text | None = None
    programme: Text | None = None


class About(Document):
    """What a crate says of itself.

    Parameters
    ----------
    title, title_ja : str
        In English; in Japanese where there is one.
    description : str
    creators : tuple of Creator
    publisher : str
    licence : str
        SPDX identifier.
    access : str
        ``open``; ``embargoed`` until the day ``available``; ``shared`` with some;
        ``closed``.
    available : date or None
    funders : tuple of Funder
    keywords : tuple of str
    doi : str or None
    """

    title: Text
    title_ja: Text | None = None
    description: Text
    creators: Annotated[tuple[Creator, ...], Field(min_length=1)]
    publisher: Text
    licence: Annotated[str, Field(pattern=r"^[A-Za-z0-9.+-]+$")] = "CC-BY-4.0"
    access: Literal["open", "embargoed", "shared", "closed"] = "open"
    available: datetime.date | None = None
    funders: tuple[Funder, ...] = ()
    keywords: tuple[Text, ...] = ()
    doi: Annotated[str, AfterValidator(_doi)] | None = None

    @model_validator(mode="after")
    def _embargo_has_an_end(self) -> "About":
        if (self.available is not None) != (self.access == "embargoed"):
            raise ValueError(
                "available, the day on which an embargo ends, belongs to access: "
                "embargoed and only to it"
            )
        return self


def load_about(path: str | os.PathLike[str]) -> About:
    """Return what the YAML file ``path`` says of a crate.

    Raises
    ------
    StorageError
        Where the file cannot be read.
    InvalidValue
        Where it breaks the schema; the sentence names file, key and remedy.
    """
    return load_yaml(path, About)
