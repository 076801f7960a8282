"""What travels: the bodies of requests and answers, as the API's page describes them.

Named and shaped as in the OQTOPUS Cloud User API 1.0 (oqtopus-client, Apache-2.0).
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from qleap.processing.serve.settings import JobType

__all__ = [
    "Announcement",
    "Announcements",
    "ApiToken",
    "DeviceInfo",
    "Job",
    "JobInfo",
    "JobStatus",
    "Message",
    "Registered",
    "Settings",
    "Status",
    "Submission",
    "TokenStatus",
    "Upload",
    "UploadFields",
    "UserChange",
    "UserInfo",
]

JobStatus = Literal[
    "registered",
    "submitted",
    "ready",
    "running",
    "cancelling",
    "succeeded",
    "failed",
    "cancelled",
]

Info = dict[str, Any]


class Message(BaseModel):
    """What was done, or why not."""

    message: str


class DeviceInfo(BaseModel):
    """A device as clients see it; ``device_info`` is JSON text."""

    device_id: str
    device_type: Literal["QPU", "simulator"]
    status: Literal["available", "unavailable"]
    available_at: datetime | None = None
    n_pending_jobs: int
    n_qubits: int | None = None
    basis_gates: list[str]
    supported_instructions: list[str]
    device_info: str | None = None
    calibrated_at: datetime | None = None
    description: str


class UploadFields(BaseModel):
    """Form fields to send in front of the archive, which is the field ``file``."""

    key: str
    policy: str
    signature: str


class Upload(BaseModel):
    """Where the job's archive is to be posted (multipart form)."""

    url: str
    fields: UploadFields


class Registered(BaseModel):
    """A new job that waits for its upload."""

    job_id: str
    presigned_url: Upload


class Submission(BaseModel):
    """What is to be done with what was uploaded."""

    model_config = ConfigDict(extra="ignore")

    name: StrictStr | None = None
    description: StrictStr | None = None
    device_id: StrictStr
    job_type: JobType
    shots: Annotated[StrictInt, Field(ge=1, le=10_000_000)]
    transpiler_info: Info | None = None
    simulator_info: Info | None = None
    mitigation_info: Info | None = None


class JobInfo(BaseModel):
    """Links to archives that each hold one file, and why a job failed."""

    input: str
    combined_program: str | None = None
    result: str | None = None
    transpile_result: str | None = None
    sse_log: str | None = None
    message: str | None = None


class Job(BaseModel):
    """A job; one that is only registered has an id and a status."""

    job_id: str | None = None
    name: str | None = None
    description: str | None = None
    job_type: JobType | None = None
    status: JobStatus | None = None
    device_id: str | None = None
    shots: int | None = None
    job_info: JobInfo | None = None
    transpiler_info: Info | None = None
    simulator_info: Info | None = None
    mitigation_info: Info | None = None
    execution_time: float | None = None
    submitted_at: datetime | None = None
    ready_at: datetime | None = None
    running_at: datetime | None = None
    ended_at: datetime | None = None


class Status(BaseModel):
    """What a job is doing."""

    job_id: str
    status: JobStatus


class ApiToken(BaseModel):
    """A new token; its secret is shown once."""

    api_token_id: str
    api_token_secret: str
    api_token_expiration: datetime


class TokenStatus(BaseModel):
    """When the token in use expires."""

    api_token_expiration: datetime


class UserInfo(BaseModel):
    """Who holds the token."""

    id: str
    email: str
    name: str
    organization: str
    created_at: datetime


class UserChange(BaseModel):
    """What users may change of themselves."""

    model_config = ConfigDict(extra="forbid")

    name: StrictStr | None = None
    organization: StrictStr | None = None


class Announcement(BaseModel):
    """A word of the operator."""

    id: int
    title: str
    content: str
    start_time: datetime
    end_time: datetime
    publishable: bool


class Announcements(BaseModel):
    """The words of the operator."""

    announcements: list[Announcement]


class Settings(BaseModel):
    """What users may see and change of themselves."""

    editable_fields: list[str]
    allow_deletion: bool
    visible_fields: list[str]
    login_history_enabled: bool
