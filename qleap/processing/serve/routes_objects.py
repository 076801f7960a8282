"""Archives over HTTP, by signed links: no token needed, none other valid."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from qleap.processing.serve.links import JOB_ID, input_key
from qleap.processing.serve.refusals import Refused
from qleap.processing.serve.service import TheService

__all__ = ["router"]

router = APIRouter(tags=["archives"])

MOST_FIELDS = 16
JobId = Annotated[str, Path(pattern=f"^{JOB_ID.pattern}$")]
Name = Annotated[str, Path(pattern="^[a-z_]{1,32}$")]
Expires = Annotated[str, Query(pattern=r"^\d{1,12}$")]
Signature = Annotated[str, Query(pattern="^[0-9a-f]{64}$")]

_REFUSED = "the link is not valid, or no longer; ask for a new one."


@router.post("/uploads/{job_id}", status_code=204)
async def upload(job_id: JobId, request: Request, service: TheService) -> Response:
    """Take the archive of a registered job: the field ``file`` of a form."""
    try:
        async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
            fields = {name: form.get(name) for name in ("key", "policy", "signature")}
            file = form.get("file")
            content = await file.read() if isinstance(file, UploadFile) else None
    except MultiPartException as error:
        raise Refused(400, "the upload must be a multipart form.") from error
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    expires, signature = texts.get("policy", ""), texts.get("signature", "")
    if (
        texts.get("key") != input_key(job_id)
        or not (expires.isascii() and expires.isdigit() and len(expires) <= 12)
        or not service.links.may_upload(job_id, expires, signature)
    ):
        raise Refused(403, _REFUSED)
    if content is None:
        raise Refused(400, "the upload needs the archive as its field file.")
    most = service.settings.limits.payload_bytes
    if len(content) > most:
        raise Refused(413, f"an upload may have at most {most} bytes.")
    await run_in_threadpool(service.jobs.put_input, job_id, content)
    return Response(status_code=204)


@router.get("/objects/{job_id}/{name}.zip", response_class=Response)
def download(
    job_id: JobId,
    name: Name,
    expires: Expires,
    signature: Signature,
    service: TheService,
) -> Response:
    """Return one archive of a job."""
    if not service.links.may_download(job_id, name, expires, signature):
        raise Refused(403, _REFUSED)
    content = service.jobs.object(job_id, name)
    if content is None:
        raise Refused(404, "no such archive.")
    return Response(
        content,
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.zip"',
            "Cache-Control": "private, no-store",
        },
    )
