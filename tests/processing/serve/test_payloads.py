"""What strangers upload is unpacked within bounds, or refused."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from qleap.processing.serve.payloads import pack, unpack
from qleap.processing.serve.refusals import Refused

MOST = 50_000


def archive(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as opened:
        for name, content in files:
            opened.writestr(name, content)
    return buffer.getvalue()


def refusal(content: bytes, status: int = 400) -> str:
    with pytest.raises(Refused) as caught:
        unpack(content, MOST)
    assert caught.value.status == status
    return caught.value.message


def test_what_is_packed_unpacks_to_the_same() -> None:
    value = {"program": ["OPENQASM 3;"], "operator": None}
    assert unpack(pack("input", value), MOST) == value


def test_a_bomb_is_refused_without_being_unpacked() -> None:
    bomb = archive(("input.json", b"0" * 100_000_000))
    assert len(bomb) < 200_000
    tracemalloc.start()
    try:
        assert f"at most {MOST} bytes" in refusal(bomb, 413)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 5_000_000


def test_a_lie_about_the_size_does_not_help() -> None:
    honest = archive(("input.json", b'"' + b"0" * 100_000 + b'"'))
    size, lie = (100_002).to_bytes(4, "little"), (100).to_bytes(4, "little")
    assert honest.count(size) == 2  # in the local header and in the directory
    refusal(honest.replace(size, lie))


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.json", "/etc/x.json", "a/b.json", "..\\x.json", "C:x.json"],
)
def test_a_file_that_leaves_its_folder_is_refused(name: str) -> None:
    assert "without folders" in refusal(archive((name, b"{}")))


def test_a_file_that_is_not_json_by_name_is_refused() -> None:
    assert "<name>.json" in refusal(archive(("run.py", b"{}")))


@pytest.mark.parametrize("n_files", [0, 2])
def test_an_archive_holds_exactly_one_file(n_files: int) -> None:
    files = [(f"{k}.json", b"{}") for k in range(n_files)]
    assert f"exactly one file, got {n_files}" in refusal(archive(*files))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(method: int) -> None:
    assert "stored or deflated" in refusal(archive(("a.json", b"{}"), method=method))


def test_an_encrypted_file_is_refused() -> None:
    plain = bytearray(archive(("a.json", b"{}")))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        plain[plain.index(header) + flags] |= 1
    assert "encrypted" in refusal(bytes(plain))


@pytest.mark.parametrize(
    "content",
    [b"", b"not a zip", b"PK\x05\x06" + b"\0" * 17, archive(("a.json", b"{}"))[:-30]],
    ids=["empty", "text", "end alone", "cut off"],  # an archive tells when it was made
)
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    assert "not a readable zip archive" in refusal(content)


def test_damaged_data_are_refused() -> None:
    whole = bytearray(archive(("a.json", json.dumps(list(range(500))).encode())))
    whole[60] ^= 0xFF
    refusal(bytes(whole))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": 1e5, "b": Infinity}',
        b"[" * 5000 + b"]" * 5000,
        b'{"a": ' * 1500 + b"1" + b"}" * 1500,
        b"1" * 5000,
    ],
)
def test_malformed_or_endless_json_is_refused(text: bytes) -> None:
    assert "not valid JSON" in refusal(archive(("a.json", text)))


@pytest.mark.parametrize("value", [[], "x", 1, None])
def test_a_document_is_an_object(value: Any, pack: Callable[..., bytes]) -> None:
    assert "must be an object" in refusal(pack(value))
