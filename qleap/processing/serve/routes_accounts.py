"""Devices, tokens, users, announcements and settings over HTTP."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from qleap.processing.serve import devices, models
from qleap.processing.serve.refusals import Refused, clean_text, utc
from qleap.processing.serve.service import Asked, Asker, Service, TheService

__all__ = ["device_infos", "router"]

router = APIRouter()

MOST_NAME = 256
EDITABLE = ("name", "organization")


def device_infos(service: Service) -> list[models.DeviceInfo]:
    """Return all devices with the lengths of their queues."""
    waiting = service.jobs.waiting_by_device()
    most_qubits = service.settings.limits.qubits
    return [
        models.DeviceInfo(
            **devices.describe(device, most_qubits),
            n_pending_jobs=waiting.get(device.id, 0),
        )
        for device in service.settings.devices
    ]


@router.get(
    "/devices",
    response_model=list[models.DeviceInfo],
    response_model_exclude_none=True,
    tags=["devices"],
)
def list_devices(service: TheService, _: Asked) -> list[models.DeviceInfo]:
    """List the devices."""
    return device_infos(service)


@router.get(
    "/devices/{device_id}",
    response_model=models.DeviceInfo,
    response_model_exclude_none=True,
    tags=["devices"],
)
def get_device(device_id: str, service: TheService, _: Asked) -> models.DeviceInfo:
    """Return one device."""
    for device in device_infos(service):
        if device.device_id == device_id:
            return device
    raise Refused(404, "no such device.")


@router.post("/api-token", response_model=models.ApiToken, tags=["tokens"])
def create_api_token(service: TheService, asked: Asked) -> models.ApiToken:
    """Return a fresh token; the one in use ends with this."""
    made = service.accounts.new_token(asked.user.id, service.settings.token_days)
    return models.ApiToken(
        api_token_id=made.id,
        api_token_secret=made.secret,
        api_token_expiration=made.expires,
    )


@router.delete("/api-token", response_model=models.Message, tags=["tokens"])
def delete_api_token(service: TheService, asked: Asked) -> models.Message:
    """End the token in use; a new one comes from the operator."""
    service.accounts.end_tokens(asked.user.id)
    return models.Message(message="API token deleted")


@router.get("/api-token/status", response_model=models.TokenStatus, tags=["tokens"])
def get_api_token_status(asked: Asked) -> models.TokenStatus:
    """Return when the token in use expires."""
    return models.TokenStatus(api_token_expiration=asked.expires)


@router.get("/users/me", response_model=models.UserInfo, tags=["users"])
def get_current_user(asked: Asked) -> models.UserInfo:
    """Return who holds the token."""
    return _user(asked)


@router.patch("/users/me", response_model=models.UserInfo, tags=["users"])
def update_current_user(
    body: models.UserChange, service: TheService, asked: Asked
) -> models.UserInfo:
    """Change one's name or organisation."""
    given = body.model_dump(exclude_none=True)
    change = {name: clean_text(name, given[name], MOST_NAME) for name in given}
    if change:
        service.accounts.change(asked.user.id, **change)
    return _user(asked).model_copy(update=change)


@router.delete("/users/me", response_model=models.Message, tags=["users"])
def delete_current_user(service: TheService, asked: Asked) -> models.Message:
    """Delete oneself with all tokens, jobs and results."""
    if not service.settings.allow_deletion:
        raise Refused(403, "users are deleted by the operator here.")
    service.accounts.remove(asked.user.id)
    return models.Message(message="User deleted")


@router.get("/announcements", response_model=models.Announcements, tags=["news"])
def get_announcements_list(
    service: TheService,
    _: Asked,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    order: Literal["ASC", "DESC"] = "DESC",
    current_time: datetime | None = None,
) -> models.Announcements:
    """List announcements; with ``current_time`` those that hold then."""
    found = service.accounts.announcements(
        at=utc("current_time", current_time),
        newest_first=order == "DESC",
        offset=offset,
        limit=limit,
    )
    return models.Announcements.model_validate({"announcements": found})


@router.get(
    "/announcements/{announcement_id}",
    response_model=models.Announcement,
    tags=["news"],
)
def get_announcement(
    announcement_id: Annotated[int, Path(ge=0, le=2**31 - 1)],
    service: TheService,
    _: Asked,
) -> models.Announcement:
    """Return one announcement."""
    found = service.accounts.announcement(announcement_id)
    if found is None:
        raise Refused(404, "no such announcement.")
    return models.Announcement.model_validate(found)


@router.get("/system/settings", response_model=models.Settings, tags=["settings"])
def get_current_settings(service: TheService, _: Asked) -> models.Settings:
    """Return what users may see and change of themselves."""
    return models.Settings(
        editable_fields=list(EDITABLE),
        allow_deletion=service.settings.allow_deletion,
        visible_fields=["id", "name", "email", "organization", "created_at"],
        login_history_enabled=False,
    )


def _user(asked: Asker) -> models.UserInfo:
    user = asked.user
    return models.UserInfo(
        id=user.id,
        email=user.email,
        name=user.name,
        organization=user.organization,
        created_at=user.created,
    )
