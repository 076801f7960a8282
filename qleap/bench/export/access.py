"""Levels of access, as repositories name them: COAR's vocabulary, and in Japanese."""

from dataclasses import dataclass
from typing import Final

__all__ = ["ACCESS", "Access"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """One level of access.

    Parameters
    ----------
    term : str
        The word of COAR's vocabulary of access rights, version 1.
    address : str
        Its address.
    label_ja : str
        The word of the common metadata of publicly funded research data in Japan.
    """

    term: str
    address: str
    label_ja: str


_COAR = "http://purl.org/coar/access_right/"

ACCESS: Final = {
    "open": Access(term="open access", address=_COAR + "c_abf2", label_ja="公開"),
    "embargoed": Access(
        term="embargoed access", address=_COAR + "c_f1cf", label_ja="公開期間猶予"
    ),
    "shared": Access(
        term="restricted access", address=_COAR + "c_16ec", label_ja="共有"
    ),
    "closed": Access(
        term="metadata only access",
        address=_COAR + "c_14cb",
        label_ja="非共有・非公開",
    ),
}
"""By the word of `qleap.bench.export.about.About`."""
