"""What strangers, and users with bad intentions, try: refused, logged, nothing told."""

import contextlib
import json
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from qleap.core.database import Database
from qleap.core.environment import utc_now
from qleap.processing.serve import tables
from qleap.processing.serve.accounts import Accounts
from qleap.processing.serve.settings import DeviceSettings, Limits, ServeSettings

SCRIPT = "<script>alert('x')</script>"
OPERATIONS = [
    ("GET", "/devices"),
    ("GET", "/devices/local"),
    ("GET", "/jobs"),
    ("POST", "/jobs"),
    ("GET", "/jobs/{id}"),
    ("GET", "/jobs/{id}/status"),
    ("POST", "/jobs/{id}/submit"),
    ("POST", "/jobs/{id}/cancel"),
    ("DELETE", "/jobs/{id}"),
    ("POST", "/api-token"),
    ("DELETE", "/api-token"),
    ("GET", "/api-token/status"),
    ("GET", "/users/me"),
    ("PATCH", "/users/me"),
    ("DELETE", "/users/me"),
    ("GET", "/announcements"),
    ("GET", "/announcements/1"),
    ("GET", "/system/settings"),
]
SUBMISSION = {"device_id": "local", "job_type": "sampling", "shots": 1}


SETTINGS = ServeSettings(
    devices=(DeviceSettings(id="local", description=SCRIPT),),
    limits=Limits(payload_bytes=100_000, unpacked_bytes=200_000),
)


@pytest.fixture
def http(shared: tuple[httpx.Client, Database]) -> httpx.Client:
    return shared[0]


@pytest.fixture
def database(shared: tuple[httpx.Client, Database]) -> Database:
    return shared[1]


@pytest.fixture(autouse=True)
def _the_server_stays_up_and_tells_nothing(
    http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    caplog.set_level(logging.INFO, logger="qleap.serve")
    yield
    assert http.get("/").status_code == 200
    assert "Traceback" not in caplog.text
    assert "defect" not in caplog.text


def raw(http: httpx.Client, request: bytes) -> bytes:
    """Send bytes as they are and return what comes back."""
    with socket.create_connection(
        (http.base_url.host, http.base_url.port or 80)
    ) as one:
        one.sendall(request)
        one.settimeout(10.0)
        told = b""
        with contextlib.suppress(ConnectionResetError):
            while part := one.recv(65536):
                told += part
        return told


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"q-api-token": "wrong"},
        {"q-api-token": "x" * 8000},
        {"q-api-token": "' OR '1'='1"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic YTpi"},
    ],
)
def test_without_a_valid_token_nothing_opens(ada: Any, headers: dict[str, str]) -> None:
    job_id, _ = ada.submit()
    for method, path in OPERATIONS:
        there = path.format(id=job_id)
        body = {"json": SUBMISSION} if "submit" in path else {}
        answer = ada.http.request(method, there, headers=headers, **body)
        assert answer.status_code == 401, path
        assert set(answer.json()) == {"message"}
    assert ada.job(job_id)["status"] == "submitted"


def test_another_user_s_job_is_as_unknown_as_none(
    ada: Any, person: Callable[..., Any]
) -> None:
    job_id, _ = ada.submit()
    eve = person("eve")
    nobody = "00000000-0000-4000-8000-000000000000"
    for method, path in OPERATIONS:
        if "{id}" not in path:
            continue
        body = {"json": SUBMISSION} if "submit" in path else {}
        answers = [
            eve.ask(method, path.format(id=one), **body) for one in (job_id, nobody)
        ]
        assert [answer.status_code for answer in answers] == [404, 404], path
        assert answers[0].content == answers[1].content
    assert eve.ask("GET", "/jobs").json() == []
    assert ada.job(job_id)["status"] == "submitted"


def test_a_link_opens_its_object_alone_and_not_for_ever(
    ada: Any, person: Callable[..., Any]
) -> None:
    job_id, _ = ada.submit()
    other, _ = person("bob").submit()
    link = ada.job(job_id)["job_info"]["input"]
    assert ada.http.get(link).status_code == 200
    wrong = [
        link.replace(job_id, other),
        link.replace("input.zip", "result.zip"),
        link.replace("expires=", "expires=9"),
        link[:-1] + ("0" if link[-1] != "0" else "1"),
    ]
    assert [ada.http.get(one).status_code for one in wrong] == [403] * 4
    assert ada.http.get(link.split("?")[0]).status_code == 400
    for query in ("expires=x&signature=y", "expires=1&signature=" + "é" * 64):
        assert ada.http.get(f"{link.split('?')[0]}?{query}").status_code == 400


def test_an_expired_link_opens_nothing(
    ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, _ = ada.submit()
    link = ada.job(job_id)["job_info"]["input"]
    later = utc_now().timestamp() + 7200.0
    monkeypatch.setattr("qleap.processing.serve.links.time.time", lambda: later)
    assert ada.http.get(link).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"key": "jobs/../../etc/passwd"},
        {"key": "/etc/passwd"},
        {"key": ""},
        {"signature": "0" * 64},
        {"signature": "é"},
        {"policy": "99999999999"},
        {"policy": "-1"},
        {"policy": "²"},
        {"policy": "9" * 5000},
    ],
)
def test_an_upload_with_other_fields_than_given_is_refused(
    ada: Any, pack: Callable[..., bytes], change: dict[str, str]
) -> None:
    registered = ada.register()
    registered["presigned_url"]["fields"] |= change
    assert ada.upload(registered, pack({})).status_code == 403


def test_one_s_upload_cannot_be_put_into_another_s_job(
    ada: Any, person: Callable[..., Any], pack: Callable[..., bytes]
) -> None:
    mine, theirs = person("eve").register(), ada.register()
    mine["presigned_url"]["url"] = theirs["presigned_url"]["url"]
    assert ada.upload(mine, pack({})).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/objects/../../etc/passwd",
        "/objects/%2e%2e/%2e%2e/etc/passwd.zip",
        "/jobs/..%2f..%2fetc",
        "/jobs/%00",
        "/jobs/' OR 1=1 --",
        "/devices/%00",
        "/devices/..%2f",
    ],
)
def test_paths_lead_nowhere_else(ada: Any, path: str) -> None:
    answer = ada.ask("GET", path)
    assert answer.status_code in {400, 404}
    assert "root:" not in answer.text


def test_the_file_s_name_and_type_decide_nothing(
    ada: Any, bell: str, pack: Callable[..., bytes], database: Database
) -> None:
    registered = ada.register()
    there = registered["presigned_url"]
    file = ("../../../../tmp/evil.py", pack({"program": [bell]}), "text/x-python")
    answer = ada.http.post(there["url"], data=there["fields"], files={"file": file})
    assert answer.status_code == 204
    with database.reading() as connection:
        names = connection.execute(select(tables.job_object.c.name)).scalars().all()
    assert set(names) == {"input"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x" * 100, "multipart/form-data"),
        (b"x" * 100, "multipart/form-data; boundary=a"),
        (b"--a\r\n" * 1000, "multipart/form-data; boundary=a"),
        (b"file=x", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"", "text/plain"),
    ],
)
def test_an_upload_that_is_no_form_is_refused(ada: Any, body: bytes, kind: str) -> None:
    url = ada.register()["presigned_url"]["url"]
    answer = ada.http.post(url, content=body, headers={"Content-Type": kind})
    assert answer.status_code in {400, 403}


def test_a_form_with_endless_fields_is_refused(ada: Any) -> None:
    url = ada.register()["presigned_url"]["url"]
    fields = {f"field{k}": "x" for k in range(500)}
    assert ada.http.post(url, data=fields).status_code in {400, 413}


def test_a_zip_bomb_is_refused(ada: Any, bell: str) -> None:
    padded = {"program": [bell + " " * 20_000_000]}
    _, answer = ada.submit(padded)
    assert answer.status_code == 413
    assert "unpack to at most 200000 bytes" in answer.json()["message"]


@pytest.mark.parametrize("path", ["/jobs", "/uploads/x", "/users/me", "/nowhere"])
def test_an_oversized_body_is_refused_before_it_is_read(ada: Any, path: str) -> None:
    host = ada.http.base_url.host.encode()
    head = b"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 10000000000\r\n\r\n"
    told = raw(ada.http, head % (path.encode(), host))
    assert told.startswith(b"HTTP/1.1 413")


def test_an_oversized_body_without_a_length_is_refused(ada: Any) -> None:
    job_id = ada.register()["job_id"]
    head = (
        f"POST /jobs/{job_id}/submit HTTP/1.1\r\nHost: a\r\n"
        f"q-api-token: {ada.token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"2000\r\n" + b" " * 0x2000 + b"\r\n"
    told = raw(ada.http, head.encode() + 9 * chunk + b"0\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "length", [b"-1", b"x", b"1" * 5000, b"5\r\nContent-Length: 6"]
)
def test_a_length_that_is_none_is_refused(http: httpx.Client, length: bytes) -> None:
    told = raw(
        http,
        b"POST /jobs HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: "
        + length
        + b"\r\n\r\n",
    )
    assert told[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 413"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"\xff\xfe\x00",
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b"1" * 5000,
        b'{"shots": NaN}',
        b'{"device_id": "local", "job_type": "sampling", "shots": 1e400}',
        b'{"device_id": "\\ud800", "job_type": "sampling", "shots": 1}',
    ],
)
def test_malformed_json_is_refused(ada: Any, body: bytes) -> None:
    registered = ada.register()
    there = f"/jobs/{registered['job_id']}/submit"
    headers = {"Content-Type": "application/json"}
    answer = ada.ask("POST", there, content=body, headers=headers)
    assert answer.status_code == 400
    assert list(answer.json()) == ["message"]


SQL = [
    "'; DROP TABLE serve_job; --",
    "' OR '1'='1",
    '"; DELETE FROM serve_user',
    "%_\\",
]


@pytest.mark.parametrize("text", SQL)
def test_sql_in_names_stays_text(ada: Any, text: str) -> None:
    job_id, answer = ada.submit(name=text, description=text)
    assert answer.status_code == 200
    assert ada.job(job_id)["name"] == text
    found = ada.ask("GET", "/jobs", params={"q": text}).json()
    assert [job["job_id"] for job in found] == [job_id]
    ada.ask("PATCH", "/users/me", json={"name": text})
    assert ada.ask("GET", "/users/me").json()["name"] == text
    assert ada.ask("GET", "/jobs", params={"status": text}).status_code == 400


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_no_database_holds_is_refused(ada: Any, text: str) -> None:
    body = json.dumps(SUBMISSION | {"name": text}).encode()
    registered = ada.register()
    there = f"/jobs/{registered['job_id']}/submit"
    headers = {"Content-Type": "application/json"}
    assert ada.ask("POST", there, content=body, headers=headers).status_code == 400
    if text.isprintable():
        return
    assert ada.ask("GET", "/jobs", params={"q": "a\0"}).status_code == 400


def test_scripts_are_escaped_on_the_pages(ada: Any, database: Database) -> None:
    now = utc_now()
    Accounts(database).announce(SCRIPT, SCRIPT, start=now, end=now.replace(year=2999))
    ada.submit(name=SCRIPT, description=SCRIPT)
    ada.ask("PATCH", "/users/me", json={"name": SCRIPT})
    answer = ada.http.get("/")
    assert "<script" not in answer.text
    assert answer.text.count("&lt;script&gt;") == 3  # the device, title and text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_scripts_in_answers_are_json(ada: Any) -> None:
    job_id, _ = ada.submit(name=SCRIPT)
    answer = ada.ask("GET", f"/jobs/{job_id}")
    assert answer.headers["content-type"] == "application/json"
    assert ada.ask("GET", f"/{SCRIPT}").headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "host", ["evil.example.org/x?", "a b", "<script>", "a@b", "a\\b", "x" * 300, ""]
)
def test_a_host_header_that_is_no_host_does_not_get_into_links(
    ada: Any, host: str
) -> None:
    told = raw(
        ada.http,
        b"POST /jobs HTTP/1.1\r\nConnection: close\r\n"
        b"Host: %s\r\nq-api-token: %s\r\n\r\n" % (host.encode(), ada.token.encode()),
    )
    assert told.startswith(b"HTTP/1.1 400")


def test_forwarded_headers_are_not_believed(ada: Any) -> None:
    headers = {"X-Forwarded-Host": "evil.example.org", "X-Forwarded-Proto": "https"}
    told = ada.ask("POST", "/jobs", headers=headers).json()
    assert told["presigned_url"]["url"].startswith(str(ada.http.base_url))


@pytest.mark.parametrize(
    "line",
    [
        b"X-A: b\r\n c\r\n",
        b"X-A: b\x00c\r\n",
        b": x\r\n",
        b"X-A\r\n",
        b"X-A: " + b"y" * 200_000 + b"\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
    ],
)
def test_tricks_with_headers_break_nothing(http: httpx.Client, line: bytes) -> None:
    told = raw(
        http, b"GET /jobs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + line + b"\r\n"
    )
    assert told[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 401", b"HTTP/1.1 431", b""}


def test_what_is_refused_is_logged_and_no_secret_is(
    ada: Any, person: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    job_id, _ = ada.submit()
    link = ada.job(job_id)["job_info"]["input"]
    ada.http.get(link)
    fresh = ada.ask("POST", "/api-token").json()["api_token_secret"]
    ada.ask("GET", "/jobs")  # the old token
    person("eve").ask("GET", f"/jobs/{job_id}")
    lines = [record.getMessage() for record in caplog.records]
    assert any("refused GET /jobs: a valid API token" in line for line in lines)
    assert any(f"refused GET /jobs/{job_id}: no such job" in line for line in lines)
    signature = link.split("signature=")[1]
    for secret in (ada.token, fresh, signature):
        assert secret not in caplog.text


def test_a_stranger_cannot_write_lines_into_the_log(
    http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    http.get("/x%0d%0a2026-01-01 INFO all is well%1b[2J")
    assert "\\r\\n2026" in caplog.text
    assert not any(
        set(record.getMessage()) & set("\r\n\x1b") for record in caplog.records
    )


def test_tokens_are_not_in_the_database(ada: Any, database: Database) -> None:
    with database.reading() as connection:
        rows = connection.execute(select(tables.token)).all()
    assert ada.token not in str(rows)
    assert {len(row.hash) for row in rows} == {64}


def test_open_registrations_do_not_pile_up(
    ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qleap.processing.serve.jobs.MOST_REGISTERED", 4)
    told = [ada.ask("POST", "/jobs").status_code for _ in range(6)]
    assert told == [200] * 4 + [429] * 2


def test_deep_nesting_of_a_program_is_refused_at_the_door(ada: Any) -> None:
    deep = f"OPENQASM 3; qubit q; rx({'(' * 30_000}1{')' * 30_000}) q;"
    job_id, answer = ada.submit({"program": [deep]})
    assert answer.status_code == 400
    assert ada.job(job_id)["status"] == "registered"


def test_a_defect_tells_the_client_nothing(
    ada: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("at /home/operator/secret.py")

    monkeypatch.setattr("qleap.processing.serve.jobs.Jobs.register", broken)
    answer = ada.ask("POST", "/jobs")
    assert answer.status_code == 500
    assert list(answer.json()) == ["message"]
    assert "operator/secret" not in answer.text
    assert "operator/secret" in caplog.text
    caplog.clear()
