"""Jobs over HTTP: register, upload, submit, look, cancel, delete."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from qleap.core import checks
from qleap.core.errors import QleapError
from qleap.processing.serve import models, payloads
from qleap.processing.serve.devices import widest_program
from qleap.processing.serve.jobs import JobFilter
from qleap.processing.serve.links import JOB_ID, input_key
from qleap.processing.serve.models import JobStatus
from qleap.processing.serve.refusals import Refused, clean_text, utc
from qleap.processing.serve.service import Asked, Service, TheService
from qleap.processing.serve.submission import check_content, check_request

__all__ = ["router"]

router = APIRouter(tags=["jobs"])

FIELDS = tuple(models.Job.model_fields)
LINKED = tuple(name for name in models.JobInfo.model_fields if name != "message")
TEXTS = ("name", "description", "device_id", "job_type", "status", "shots")
INFOS = ("transpiler_info", "simulator_info", "mitigation_info")
TIMES = ("submitted_at", "ready_at", "running_at", "ended_at")

JobId = Annotated[str, Path(pattern=f"^{JOB_ID.pattern}$")]


@router.post("/jobs", response_model=models.Registered)
def register_job_id(
    request: Request, service: TheService, asked: Asked
) -> models.Registered:
    """Register a job; its archive is uploaded next, and then it is submitted."""
    base = service.base(request)
    job_id = service.jobs.register(asked.user.id, service.settings.link_seconds)
    expires, signature = service.links.upload(job_id)
    fields = models.UploadFields(
        key=input_key(job_id), policy=expires, signature=signature
    )
    return models.Registered(
        job_id=job_id,
        presigned_url=models.Upload(url=f"{base}/uploads/{job_id}", fields=fields),
    )


@router.post("/jobs/{job_id}/submit", response_model=models.Message)
def submit_job(
    job_id: JobId, body: models.Submission, service: TheService, asked: Asked
) -> models.Message:
    """Check what was uploaded and put the job into the queue."""
    archive = service.jobs.input_of(job_id, asked.user.id)
    values = check_request(body, service.settings, asked.limits)
    content = payloads.unpack(archive, asked.limits.unpacked_bytes)
    device = service.settings.device(values["device_id"])
    most = asked.limits.qubits
    widest = most if device is None else widest_program(device.backend, most)
    check_content(body.job_type, content, asked.limits, widest)
    service.jobs.submit(job_id, asked.user.id, values, asked.limits.queue)
    return models.Message(message="Quantum job submitted")


@router.get("/jobs", response_model=list[models.Job], response_model_exclude_unset=True)
def list_jobs(
    request: Request,
    response: Response,
    service: TheService,
    asked: Asked,
    fields: Annotated[str | None, Query(max_length=1024)] = None,
    start_time: datetime | None = None,
    end_time: datetime | None = None,
    status: JobStatus | None = None,
    q: Annotated[str, Query(max_length=1024)] = "",
    page: Annotated[int, Query(ge=1, le=4294967295)] = 1,
    size: Annotated[int, Query(ge=1, le=65535)] = 10,
    order: Literal["ASC", "DESC"] = "ASC",
) -> list[models.Job]:
    """List one's jobs; the header Link leads to the other pages."""
    wanted = _fields(fields)
    chosen = JobFilter(
        status=status,
        start=utc("start_time", start_time),
        end=utc("end_time", end_time),
        text=clean_text("q", q, 1024),
        newest_first=order == "DESC",
    )
    base = service.base(request)
    found, names = service.jobs.page(asked.user.id, chosen, page, size)
    response.headers["Link"] = _link(
        f"{base}/jobs", dict(request.query_params), found.number, found.last, size
    )
    return [_job(service, base, row, names[row["id"]], wanted) for row in found.jobs]


@router.get(
    "/jobs/{job_id}", response_model=models.Job, response_model_exclude_unset=True
)
def get_job(
    job_id: JobId, request: Request, service: TheService, asked: Asked
) -> models.Job:
    """Return one job with links to its archives."""
    row, names = service.jobs.get(job_id, asked.user.id)
    return _job(service, service.base(request), row, names, None)


@router.get("/jobs/{job_id}/status", response_model=models.Status)
def get_job_status(job_id: JobId, service: TheService, asked: Asked) -> models.Status:
    """Return what a job is doing."""
    row, _ = service.jobs.get(job_id, asked.user.id)
    return models.Status(job_id=job_id, status=row["status"])


@router.post("/jobs/{job_id}/cancel", response_model=models.Message)
def cancel_job(job_id: JobId, service: TheService, asked: Asked) -> models.Message:
    """Cancel a job that waits or runs."""
    service.jobs.cancel(job_id, asked.user.id)
    return models.Message(message="cancel request accepted")


@router.delete("/jobs/{job_id}", response_model=models.Message)
def delete_job(job_id: JobId, service: TheService, asked: Asked) -> models.Message:
    """Delete a job that has ended, with its results."""
    service.jobs.delete(job_id, asked.user.id)
    return models.Message(message="Quantum job deleted")


def _job(
    service: Service,
    base: str,
    row: dict[str, Any],
    names: set[str],
    wanted: tuple[str, ...] | None,
) -> models.Job:
    """Return a row as clients read it, what is not set left out unless asked for."""
    told: dict[str, Any] = {"job_id": row["id"], "status": row["status"]}
    if row["status"] != "registered":
        told |= {name: row[name] for name in TEXTS}
        told |= {name: json.loads(row[name]) for name in INFOS}
        told |= {name: row[name] for name in TIMES if row[name] is not None}
        if row["execution_time"] is not None:
            told["execution_time"] = row["execution_time"]
        info = {
            name: service.links.download(base, row["id"], name)
            for name in LINKED
            if name in names
        }
        if row["message"] is not None:
            info["message"] = row["message"]
        told["job_info"] = info
    if wanted is not None:
        told = {name: told.get(name) for name in wanted}
    return models.Job.model_validate(told)


def _fields(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    wanted = tuple(name.strip() for name in text.split(",") if name.strip())
    try:
        checks.known_keys("fields", wanted, FIELDS)
    except QleapError as error:
        raise Refused(400, str(error)) from error
    return wanted


def _link(url: str, query: dict[str, str], number: int, last: int, size: int) -> str:
    """Return the header that leads to the first, last and neighbouring pages."""
    pages = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
    links = []
    for name, page in pages.items():
        if 1 <= page <= last:
            there = urlencode(query | {"page": str(page), "size": str(size)})
            links.append(f'<{url}?{there}>; rel="{name}"')
    return ", ".join(links)
