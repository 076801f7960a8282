"""Results of fits in the header of qudi's text files."""

import os
import re
from pathlib import Path
from typing import Any, Protocol

from qleap.core import atomic
from qleap.core.delimited import decode
from qleap.core.errors import InvalidValue, StorageError
from qleap.sensing.readers.formats import TEXT, format_of

__all__ = ["Result", "write_qudi"]

_DATA = re.compile(r"(?P<mark>#\s*)Data:\s*")
_END = re.compile(r"(?P<mark>#\s*)---- END HEADER ----\s*")
_BEGIN = re.compile(r"#\s*(Fit results:|\[Fit results\])\s*")


class Result(Protocol):
    """A fit that gives its results as plain values."""

    def to_dict(self) -> dict[str, Any]:
        """Return all results."""


def write_qudi(
    path: str | os.PathLike[str], source: str | os.PathLike[str], fit: Result
) -> Path:
    """Write a copy of a qudi text file with the results of a fit in its header.

    Parameters
    ----------
    path : path
        Where to write; may be ``source`` itself. Nothing else in the file changes, to
        the byte, and results of an earlier fit are replaced.
    source : path
        A file of qudi's, with its header of version 0 (``#Parameters:``, ``#Data:``)
        or of qudi-core (``# [General]``, ``# ---- END HEADER ----``).
    fit : FitResult or OdmrFit

    Returns
    -------
    Path

    Notes
    -----
    Each result is a line ``fit NAME: VALUE`` (``fit NAME=VALUE`` for qudi-core, in a
    section ``[Fit results]``), with the value as a Python literal, as qudi writes its
    own settings; `read_trace` gives them back in ``metadata``.

    Raises
    ------
    StorageError
        Where the source cannot be read, or the file not be written.
    InvalidValue
        Where the source is no text file of qudi's.
    """
    file = Path(source)
    if format_of(file) != TEXT:
        raise InvalidValue(f"{file} must be a text file of qudi's, but it is binary.")
    try:
        text, encoding = decode(file.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{file} cannot be read ({error}).") from error
    lines = re.split(r"(?<=\n)", text)
    at, mark, later = _place(lines, file)
    first = next((k for k, line in enumerate(lines[:at]) if _is(_BEGIN, line)), at)
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    section = _section(fit, later)
    block = [f"{mark}{line}{end}" for line in section]
    content = "".join([*lines[:first], *block, *lines[at:]])
    with atomic.replacing(path) as part:
        part.write_bytes(content.encode(encoding))
    return Path(path)


def _is(pattern: re.Pattern[str], line: str) -> bool:
    return pattern.fullmatch(line.rstrip("\r\n")) is not None


def _place(lines: list[str], file: Path) -> tuple[int, str, bool]:
    """Return where results go, the mark of comments, and whether it is qudi-core's."""
    for k, line in enumerate(lines):
        bare = line.rstrip("\r\n")
        if not bare.startswith("#"):
            break
        if found := _END.fullmatch(bare):
            return k, found["mark"], True
        below = lines[k + 1].lstrip("# ") if k + 1 < len(lines) else ""
        if (found := _DATA.fullmatch(bare)) and below.startswith("==="):
            return k, found["mark"], False
    raise InvalidValue(
        f"{file} must be a text file of qudi's, with '#Data:' or '# ---- END HEADER "
        "----' before its columns, but has neither; save the dataset instead."
    )


def _section(fit: Result, later: bool) -> list[str]:
    """Return the lines of the results, without the mark of comments."""
    from qleap import __version__

    results = fit.to_dict()
    entries = dict(results.pop("parameters", {}))
    entries.update(results)
    entries["software"] = f"qleap {__version__}"
    sign = "=" if later else ": "
    lines = [f"fit {name}{sign}{value!r}" for name, value in entries.items()]
    if later:
        return ["[Fit results]", *lines, ""]
    return ["Fit results:", "============", "", *lines, ""]
