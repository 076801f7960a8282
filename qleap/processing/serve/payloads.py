"""Archives as they travel: one zip with one JSON document, both of bounded size."""

import io
import json
import zipfile
import zlib
from typing import Any, Final, NoReturn

from qleap.processing.serve.refusals import Refused

__all__ = ["pack", "pack_text", "unpack"]

METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def pack(name: str, value: Any) -> bytes:
    """Return an archive that holds ``value`` as the JSON file ``name.json``."""
    return pack_text(f"{name}.json", json.dumps(value))


def pack_text(file: str, text: str) -> bytes:
    """Return an archive that holds one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(file, text)
    return buffer.getvalue()


def unpack(archive: bytes, most_bytes: int) -> dict[str, Any]:
    """Return the JSON object in an archive that a stranger made.

    The name of its file decides nothing, since no file is written; one that tries to
    leave its folder is refused all the same.

    Raises
    ------
    Refused
        For anything but one zip with one JSON object of at most ``most_bytes``.
    """
    text = _only_file(archive, most_bytes)
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(
            400,
            "the file in the uploaded archive is not valid JSON; upload one object.",
        ) from error
    if not isinstance(value, dict):
        raise Refused(
            400,
            "the JSON document in the uploaded archive must be an object, "
            f"got {type(value).__name__}.",
        )
    return value


def _only_file(archive: bytes, most_bytes: int) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = opened.infolist()
            if len(entries) != 1:
                raise Refused(
                    400,
                    "the uploaded archive must hold exactly one file, "
                    f"got {len(entries)}.",
                )
            entry = entries[0]
            _check_entry(entry)
            with opened.open(entry) as file:
                # What the archive says of its size may be a lie: count what comes.
                text = file.read(most_bytes + 1)
    except Refused:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        raise Refused(400, "the upload is not a readable zip archive.") from error
    if len(text) > most_bytes:
        raise Refused(
            413, f"the upload must unpack to at most {most_bytes} bytes; send less."
        )
    return text


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if "/" in name or "\\" in name or ":" in name or not name.endswith(".json"):
        raise Refused(
            400,
            "the uploaded archive must hold a file <name>.json without folders, "
            f"got {name!r:.80}.",
        )
    if entry.flag_bits & 0x1:
        raise Refused(400, "the uploaded archive must not be encrypted.")
    if entry.compress_type not in METHODS:
        raise Refused(400, "the uploaded archive must be stored or deflated.")


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
