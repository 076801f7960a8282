"""Files: the old one or the new one, never half of one."""

from pathlib import Path

import pytest

from qleap.core import atomic
from qleap.core.errors import StorageError


def test_text_is_written_whole(tmp_path: Path) -> None:
    path = atomic.write_text(tmp_path / "a.txt", "磁場 1 µT\n")
    assert path.read_text(encoding="utf-8") == "磁場 1 µT\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_keeps_the_old_file_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = atomic.write_text(tmp_path / "a.txt", "old")

    def fail() -> None:
        with atomic.replacing(path) as part:
            part.write_text("half of the ne")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_said_with_its_file(tmp_path: Path) -> None:
    def fail() -> None:
        with atomic.replacing(tmp_path / "a.txt"):
            raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match=r"a\.txt could not be written \(No space"):
        fail()


def test_a_new_file_has_the_mode_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    path = atomic.write_text(tmp_path / "a.txt", "")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_mode_of_an_old_file_is_kept(tmp_path: Path) -> None:
    path = atomic.write_text(tmp_path / "a.txt", "")
    path.chmod(0o640)
    atomic.write_text(path, "new")
    assert path.stat().st_mode & 0o777 == 0o640
