"""Circuits from OpenQASM 2 and 3, with errors that name file and line."""

import os
import re
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any, Final

from qiskit import QuantumCircuit, qasm2, qasm3

from qleap.core.errors import InvalidKind, InvalidValue, StorageError

__all__ = ["as_circuit", "load_circuit", "parse_circuit"]

_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_VERSION: Final = re.compile(r"\s*OPENQASM\s+(\d+)(?:\.\d+)?\s*;")
_PLACE: Final = re.compile(r"(?:(.*):)?L?(\d+)[,:]C?\d+: (.*)", re.DOTALL)
"""Included file or ``<input>`` (OpenQASM 2), line, column and reason."""


def as_circuit(source: Any) -> QuantumCircuit:
    """Return a circuit from a circuit, a path, or OpenQASM text."""
    if isinstance(source, QuantumCircuit):
        return source
    if isinstance(source, str) and "OPENQASM" in source:
        return parse_circuit(source)
    if isinstance(source, str | os.PathLike):
        return load_circuit(source)
    raise InvalidKind(
        "circuit must be a Qiskit QuantumCircuit, OpenQASM text or the path of an "
        f"OpenQASM file, got {type(source).__name__}."
    )


def load_circuit(path: str | os.PathLike[str]) -> QuantumCircuit:
    """Return the circuit in the OpenQASM 2 or 3 file ``path``.

    Raises
    ------
    StorageError
        Where the file cannot be read.
    InvalidValue
        Where it is not valid OpenQASM; the sentence names file and line.
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidKind(
            f"path must be that of an OpenQASM file, got {type(path).__name__}."
        )
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise StorageError(
            f"{file} cannot be read as a circuit ({reason}); "
            "give the path of an OpenQASM 2 or 3 file."
        ) from error
    circuit = parse_circuit(text, name=str(file), folder=file.parent)
    circuit.name = file.stem
    return circuit


def parse_circuit(
    text: str, *, name: str = "OpenQASM text", folder: Path | None = None
) -> QuantumCircuit:
    """Return the circuit that OpenQASM 2 or 3 ``text`` describes.

    Parameters
    ----------
    text : str
        Begins with ``OPENQASM 2.0;`` or ``OPENQASM 3.0;``.
    name : str
        What error messages call the text.
    folder : Path, optional
        Where included files of OpenQASM 2 are looked for first.
    """
    if not isinstance(text, str):
        raise InvalidKind(
            f"text must be a string of OpenQASM, got {type(text).__name__}; use "
            "load_circuit for a file."
        )
    header = _VERSION.match(_COMMENT.sub("", text))
    if header is None:
        raise InvalidValue(
            f"{name}, line 1: the first statement must be OPENQASM 2.0; or "
            "OPENQASM 3.0;, but it is not; add the line of your version."
        )
    version = header.group(1)
    try:
        if version == "2":
            return qasm2.loads(
                text,
                include_path=("." if folder is None else folder, "."),
                custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS,
                custom_classical=qasm2.LEGACY_CUSTOM_CLASSICAL,
            )
        if version == "3":
            with redirect_stderr(StringIO()):  # its scanner prints, beside raising
                return qasm3.loads(text)
    except Exception as error:
        raise InvalidValue(
            f"{name}, {_place_and_reason(error)}; correct the OpenQASM {version} text."
        ) from error
    raise InvalidValue(
        f"{name}, line 1: the version of OpenQASM must be 2.0 or 3.0, got {version}."
    )


def _place_and_reason(error: Exception) -> str:
    """Return ``line n: reason`` from whatever the importers raised."""
    found = _PLACE.fullmatch(getattr(error, "message", None) or str(error))
    if found:
        file, line, reason = found.groups()
        where = "" if file in {None, "<input>"} else f" of {file}"
        return f"line {line}{where}: {_one_sentence(reason)}"
    token = _offending_token(error)
    if token is not None:
        wrong = "the end of the text" if token.text == "<EOF>" else repr(token.text)
        return f"line {token.line}: syntax error at {wrong}"
    if isinstance(error, IndexError):  # a gate or bit beyond the end of its register
        return f"line {_statement_line(error)}: an index is outside its register"
    reason = _one_sentence(str(getattr(error, "message", error)))
    return f"line {_statement_line(error)}: {reason or type(error).__name__}"


def _one_sentence(text: str) -> str:
    return " ".join(text.split()).removesuffix(".")


def _offending_token(error: BaseException | None) -> Any:
    """Return the token at which the OpenQASM 3 grammar failed, if that is it."""
    while error is not None:
        inner = error.args[0] if error.args else None
        for candidate in (error, inner):
            token = getattr(candidate, "offendingToken", None)
            if token is not None:
                return token
        error = error.__cause__ or error.__context__
    return None


def _statement_line(error: Exception) -> int:
    """Return the line of the statement that the OpenQASM 3 importer was visiting.

    It does not put every failure into words of its own (a bare IndexError for a
    gate on a missing qubit), but its frames hold the syntax node with its place.
    """
    line = 1
    trace = error.__traceback__
    while trace is not None:
        span = getattr(trace.tb_frame.f_locals.get("node"), "span", None)
        line = getattr(span, "start_line", line)
        trace = trace.tb_next
    return line
