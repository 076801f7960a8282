"""Files that are either the old one or the new one, never half of one."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from qleap.core.errors import StorageError

__all__ = ["replacing", "write_text"]


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path that takes the place of ``path`` on success.

    The temporary file lies in the same folder, is flushed to the disk before it
    is renamed, and is removed when the block raises, so that a crash or a full
    disk leaves the old file as it was.

    Raises
    ------
    StorageError
        Where the folder is missing or read-only, or the disk is full.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.name}.", suffix=".part"
        )
        os.close(handle)
    except OSError as error:
        raise StorageError(_sentence(target, error)) from error
    part = Path(name)
    try:
        yield part
        _flush(part)
        part.chmod(_mode_of(target))
        part.replace(target)
    except OSError as error:
        raise StorageError(_sentence(target, error)) from error
    finally:
        part.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write ``text`` to ``path`` as UTF-8, atomically, and return the path."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
    return Path(path)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _mode_of(target: Path) -> int:
    """Keep the mode of a file that exists; else what the umask gives."""
    if target.exists():
        return target.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _sentence(target: Path, error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    return (
        f"{target} could not be written ({reason}); an older file of that name is "
        "unchanged; free space or choose another folder."
    )
