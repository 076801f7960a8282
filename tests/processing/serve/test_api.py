"""The API as clients use it: every operation, with what it answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from qleap.core.database import Database
from qleap.core.environment import utc_now
from qleap.processing.serve.accounts import Accounts
from qleap.processing.serve.queue import Queue
from qleap.processing.serve.service import Service
from qleap.processing.serve.settings import DeviceSettings, Limits, ServeSettings


@pytest.fixture
def settings() -> ServeSettings:
    return ServeSettings(
        devices=(
            DeviceSettings(id="local"),
            DeviceSettings(
                id="off", available=False, available_at=datetime(2030, 1, 1, tzinfo=UTC)
            ),
        ),
        limits=Limits(queue=3, payload_bytes=20_000),
    )


@pytest.fixture
def worker(database: Database) -> Queue:
    return Queue(database, lease=60.0, attempts=3)


def run_all(worker: Queue, **objects: bytes) -> list[str]:
    """Let every waiting job succeed."""
    done = []
    while claim := worker.claim():
        worker.begin(claim.id)
        worker.finish(claim.id, "succeeded", objects=objects, seconds=0.25)
        done.append(claim.id)
    return done


def test_devices_tell_what_clients_need(ada: Any) -> None:
    ada.submit()
    local, off = ada.ask("GET", "/devices").json()
    assert local["device_id"] == "local"
    assert local["device_type"] == "simulator"
    assert local["status"] == "available"
    assert local["n_pending_jobs"] == 1
    assert local["n_qubits"] == 20
    assert "cx" in local["basis_gates"]
    assert "measure" in local["supported_instructions"]
    assert off["status"] == "unavailable"
    assert off["available_at"].startswith("2030-01-01T00:00:00")
    assert ada.ask("GET", "/devices/off").json() == off
    assert ada.ask("GET", "/devices/none").status_code == 404


def test_a_job_tells_all_that_clients_insist_on_from_the_first_moment(
    ada: Any, bell: str
) -> None:
    job_id, answer = ada.submit(name="first", simulator_info={"seed_simulation": 5})
    assert answer.json() == {"message": "Quantum job submitted"}
    job = ada.job(job_id)
    assert {"name", "device_id", "job_type", "shots", "job_info"} <= set(job)
    assert (job["name"], job["status"], job["shots"]) == ("first", "submitted", 100)
    assert job["simulator_info"] == {"seed_simulation": 5}
    assert "running_at" not in job
    assert ada.document(job_id, "input") == {"program": [bell]}
    status = ada.ask("GET", f"/jobs/{job_id}/status").json()
    assert status == {"job_id": job_id, "status": "submitted"}


def test_a_registered_job_has_an_id_and_a_status_alone(ada: Any) -> None:
    job_id = ada.register()["job_id"]
    assert ada.job(job_id) == {"job_id": job_id, "status": "registered"}
    assert ada.ask("GET", "/jobs").json() == []
    listed = ada.ask("GET", "/jobs", params={"status": "registered"}).json()
    assert listed == [{"job_id": job_id, "status": "registered"}]


def test_results_lie_behind_a_link(
    ada: Any, worker: Queue, pack: Callable[..., bytes]
) -> None:
    job_id, _ = ada.submit()
    result = {"sampling": {"counts": {"00": 100}}}
    run_all(worker, result=pack(result, "result.json"))
    job = ada.job(job_id)
    assert job["status"] == "succeeded"
    assert job["execution_time"] == 0.25
    times = [job[f"{name}_at"] for name in ("submitted", "ready", "running", "ended")]
    assert times == sorted(times)
    assert set(job["job_info"]) == {"input", "result"}
    assert ada.document(job_id) == result


def test_only_what_was_uploaded_can_be_submitted_and_only_once(ada: Any) -> None:
    job_id = ada.register()["job_id"]
    request = {"device_id": "local", "job_type": "sampling", "shots": 1}
    empty = ada.ask("POST", f"/jobs/{job_id}/submit", json=request)
    assert (empty.status_code, empty.json()["message"][:24]) == (
        400,
        "nothing was uploaded for",
    )
    done, _ = ada.submit()
    again = ada.ask("POST", f"/jobs/{done}/submit", json=request)
    assert again.status_code == 400
    assert "submitted already" in again.json()["message"]


def test_the_last_upload_before_the_submission_counts(
    ada: Any, bell: str, pack: Callable[..., bytes]
) -> None:
    registered = ada.register()
    for text in ("wrong", bell):
        assert ada.upload(registered, pack({"program": [text]})).status_code == 204
    job_id = registered["job_id"]
    request = {"device_id": "local", "job_type": "sampling", "shots": 1}
    assert ada.ask("POST", f"/jobs/{job_id}/submit", json=request).status_code == 200
    late = ada.upload(registered, pack({"program": ["late"]}))
    assert late.status_code == 400
    assert ada.document(job_id, "input") == {"program": [bell]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shots": 0}, "shots: Input should be greater than or equal to 1."),
        ({"shots": "10"}, "shots: Input should be a valid integer."),
        ({"job_type": "x"}, "job_type: Input should be 'estimation'"),
        ({"device_id": None}, "device_id: Input should be a valid string."),
        ({"shots": 10**6}, "shots must be at most 100000 for you"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(
    ada: Any, change: dict[str, Any], message: str
) -> None:
    _, answer = ada.submit(**change)
    assert answer.status_code == 400
    assert set(answer.json()) == {"message"}
    assert message in answer.json()["message"]


def test_a_full_queue_is_refused_until_there_is_room(ada: Any, worker: Queue) -> None:
    for _ in range(3):
        assert ada.submit()[1].status_code == 200
    job_id, full = ada.submit()
    assert full.status_code == 429
    assert int(full.headers["Retry-After"]) > 0
    assert "3 of your jobs wait or run, and 3 are the most" in full.json()["message"]
    run_all(worker)
    request = {"device_id": "local", "job_type": "sampling", "shots": 1}
    assert ada.ask("POST", f"/jobs/{job_id}/submit", json=request).status_code == 200


def test_limits_of_one_user_are_not_those_of_another(
    person: Callable[..., Any],
) -> None:
    small = person("bob", shots=10, qubits=1)
    assert "at most 10 for you" in small.submit()[1].json()["message"]
    _, answer = small.submit(shots=5)
    assert "at most 1 qubits for you" in answer.json()["message"]
    assert person("eve").submit()[1].status_code == 200


def test_an_archive_above_the_limit_is_refused(ada: Any) -> None:
    answer = ada.upload(ada.register(), b"0" * 20_001)
    assert answer.status_code == 413
    assert "at most 20000 bytes" in answer.json()["message"]


def test_jobs_are_listed_page_by_page(ada: Any, worker: Queue) -> None:
    ids = []
    for k in range(5):
        ids.append(ada.submit(name=f"job {k}")[0])
        run_all(worker)
    first = ada.ask("GET", "/jobs", params={"size": 2})
    assert [job["job_id"] for job in first.json()] == ids[:2]
    links = first.links
    assert "prev" not in links
    token = {"q-api-token": ada.token}
    second = ada.http.get(links["next"]["url"], headers=token)
    assert [job["job_id"] for job in second.json()] == ids[2:4]
    last = ada.http.get(second.links["last"]["url"], headers=token)
    assert [job["job_id"] for job in last.json()] == ids[4:]
    beyond = ada.ask("GET", "/jobs", params={"size": 2, "page": 99})
    assert beyond.json()[0]["job_id"] == ids[4]
    newest = ada.ask("GET", "/jobs", params={"size": 1, "order": "DESC"}).json()
    assert newest[0]["job_id"] == ids[4]


def test_jobs_are_found_by_status_time_and_text(ada: Any, worker: Queue) -> None:
    begin = utc_now()
    first, _ = ada.submit(name="50 % bell", description="a first try")
    run_all(worker)
    middle = utc_now()
    second, _ = ada.submit(name="ghz")

    def found(**query: Any) -> list[str]:
        answer = ada.ask("GET", "/jobs", params=query)
        return [job["job_id"] for job in answer.json()]

    assert found(status="succeeded") == [first]
    assert found(status="submitted") == [second]
    assert found(start_time=middle.isoformat()) == [second]
    assert found(end_time=middle.isoformat()) == [first]
    assert found(start_time=begin.isoformat(), end_time=middle.isoformat()) == [first]
    assert found(q="first") == [first]
    assert found(q=second[:8]) == [second]
    assert found(q="0 %") == [first]  # a percent sign is no wildcard
    assert found(q="%gh") == []
    assert found(q="_") == []


def test_fields_choose_what_is_told_and_unknown_values_are_null(ada: Any) -> None:
    job_id, _ = ada.submit(name="x")
    query = {"fields": "job_id, name,ended_at"}
    listed = ada.ask("GET", "/jobs", params=query).json()
    assert listed == [{"job_id": job_id, "name": "x", "ended_at": None}]
    wrong = ada.ask("GET", "/jobs", params={"fields": "job_id,nam"})
    assert wrong.status_code == 400
    assert "did you mean 'name'?" in wrong.json()["message"]


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"size": 0},
        {"size": 65536},
        {"order": "UP"},
        {"status": "lost"},
        {"start_time": "yesterday"},
        {"q": "x" * 1025},
        {"start_time": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_queries_that_mean_nothing_are_refused(ada: Any, query: dict[str, Any]) -> None:
    assert ada.ask("GET", "/jobs", params=query).status_code == 400


def test_waiting_jobs_are_cancelled_and_ended_ones_deleted(
    ada: Any, worker: Queue
) -> None:
    job_id, _ = ada.submit()
    early = ada.ask("DELETE", f"/jobs/{job_id}")
    assert early.status_code == 400
    assert "cancel it first" in early.json()["message"]
    told = ada.ask("POST", f"/jobs/{job_id}/cancel").json()
    assert told == {"message": "cancel request accepted"}
    assert ada.job(job_id)["status"] == "cancelled"
    assert run_all(worker) == []
    again = ada.ask("POST", f"/jobs/{job_id}/cancel")
    assert again.status_code == 400
    link = ada.job(job_id)["job_info"]["input"]
    deleted = ada.ask("DELETE", f"/jobs/{job_id}").json()
    assert deleted == {"message": "Quantum job deleted"}
    assert ada.ask("GET", f"/jobs/{job_id}").status_code == 404
    assert ada.http.get(link).status_code == 404


def test_a_running_job_is_asked_to_stop(ada: Any, worker: Queue) -> None:
    job_id, _ = ada.submit()
    worker.claim()
    worker.begin(job_id)
    ada.ask("POST", f"/jobs/{job_id}/cancel")
    assert ada.job(job_id)["status"] == "cancelling"
    worker.finish(job_id, "cancelled")
    assert ada.job(job_id)["status"] == "cancelled"


def test_a_fresh_token_ends_the_old_one(ada: Any) -> None:
    made = ada.ask("POST", "/api-token").json()
    assert ada.ask("GET", "/users/me").status_code == 401
    ada.token = made["api_token_secret"]
    told = ada.ask("GET", "/api-token/status").json()["api_token_expiration"]
    assert told == made["api_token_expiration"]
    days = (datetime.fromisoformat(told) - utc_now()).days
    assert days == 89
    assert ada.ask("DELETE", "/api-token").status_code == 200
    assert ada.ask("GET", "/users/me").status_code == 401


def test_a_token_expires(ada: Any, database: Database) -> None:
    accounts = Accounts(database)
    user = accounts.named("ada@example.org")
    ada.token = accounts.new_token(user.id, -1.0).secret
    assert ada.ask("GET", "/users/me").status_code == 401


def test_a_bearer_token_is_as_good(ada: Any) -> None:
    headers = {"Authorization": f"Bearer {ada.token}"}
    assert ada.http.get("/users/me", headers=headers).status_code == 200


def test_users_see_change_and_delete_themselves(ada: Any, worker: Queue) -> None:
    job_id, _ = ada.submit()
    link = ada.job(job_id)["job_info"]["input"]
    me = ada.ask("GET", "/users/me").json()
    assert (me["email"], me["name"]) == ("ada@example.org", "ada")
    changed = ada.ask("PATCH", "/users/me", json={"organization": "Osaka"}).json()
    assert changed == me | {"organization": "Osaka"}
    assert ada.ask("GET", "/users/me").json() == changed
    refused = ada.ask("PATCH", "/users/me", json={"email": "root@x"})
    assert refused.status_code == 400
    assert ada.ask("DELETE", "/users/me").status_code == 200
    assert ada.ask("GET", "/users/me").status_code == 401
    assert ada.http.get(link).status_code == 404
    assert run_all(worker) == []


def test_announcements_hold_for_a_while(ada: Any, database: Database) -> None:
    accounts, now = Accounts(database), utc_now()
    hour = timedelta(hours=1)
    old = accounts.announce("old", "was", start=now - 2 * hour, end=now - hour)
    new = accounts.announce("new", "is", start=now, end=now + hour)

    def numbers(**query: Any) -> list[int]:
        told = ada.ask("GET", "/announcements", params=query).json()["announcements"]
        return [one["id"] for one in told]

    assert numbers() == [new, old]
    assert numbers(order="ASC", limit=1) == [old]
    assert numbers(offset=1) == [old]
    present = utc_now().isoformat()
    assert numbers(current_time=present) == [new]
    one = ada.ask("GET", f"/announcements/{new}").json()
    assert (one["title"], one["content"], one["publishable"]) == ("new", "is", True)
    assert ada.ask("GET", "/announcements/99").status_code == 404


def test_settings_say_what_users_may_change(ada: Any) -> None:
    assert ada.ask("GET", "/system/settings").json() == {
        "editable_fields": ["name", "organization"],
        "allow_deletion": True,
        "visible_fields": ["id", "name", "email", "organization", "created_at"],
        "login_history_enabled": False,
    }


def test_the_api_is_described_on_a_page_and_as_openapi(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    paths = {
        "/devices", "/devices/{device_id}", "/jobs", "/jobs/{job_id}/submit",
        "/jobs/{job_id}", "/jobs/{job_id}/status", "/jobs/{job_id}/cancel",
        "/api-token", "/api-token/status", "/announcements",
        "/announcements/{announcement_id}", "/users/me", "/system/settings",
    }  # fmt: skip
    assert paths <= set(document["paths"])
    page = http.get("/docs").text
    assert all(path in page for path in paths)
    assert "<script" not in page
    assert "http://" not in page.replace(str(http.base_url), "")


def test_the_status_page_shows_devices_and_queue_without_a_token(
    ada: Any, worker: Queue
) -> None:
    ada.submit(name="secret plan")
    worker.sign_in()
    page = ada.http.get("/").text
    assert "secret plan" not in page
    for text in ("local", "unavailable", "2030-01-01", "<b>1</b>waiting", "worker"):
        assert text in page


def test_every_refusal_is_a_message(http: httpx.Client) -> None:
    for method, path in (("GET", "/nowhere"), ("PUT", "/jobs"), ("GET", "/jobs")):
        answer = http.request(method, path)
        assert answer.status_code in {401, 404, 405}
        assert list(answer.json()) == ["message"]


def test_links_begin_where_the_client_asked_unless_the_operator_says(
    ada: Any, database: Database
) -> None:
    base = str(ada.http.base_url).rstrip("/")
    registered = ada.register()
    assert registered["presigned_url"]["url"].startswith(f"{base}/uploads/")
    request = Request({"type": "http", "headers": [(b"host", b"inner:1")]})
    settings = ServeSettings(url="https://quantum.example.org/api/")
    told = Service(settings, database).base(request)
    assert told == "https://quantum.example.org/api"
