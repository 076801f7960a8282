"""Two pages for people: the state of the service, and its API."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import select

import qleap
from qleap.core.environment import utc_now
from qleap.processing.serve import devices, tables
from qleap.processing.serve.service import Service, TheService
from qleap.processing.serve.settings import DeviceSettings

__all__ = ["router"]

router = APIRouter()

STATUSES = ("submitted", "ready", "running", "cancelling")
NEWS = 5
"""Announcements that are shown at most."""


@router.get("/", response_class=HTMLResponse)
def status_page(service: TheService) -> HTMLResponse:
    """Show devices, calibrations, queue, workers and announcements; no job's name."""
    now = utc_now()
    counts = service.jobs.count_by_status()
    waiting = service.jobs.waiting_by_device()
    return _page(
        "status.html.j2",
        now=now,
        devices=[
            _device(device, service.settings.limits.qubits)
            | {"waiting": waiting.get(device.id, 0)}
            for device in service.settings.devices
        ],
        queue={status: counts.get(status, 0) for status in STATUSES},
        ended={s: counts.get(s, 0) for s in ("succeeded", "failed", "cancelled")},
        n_workers=_workers(service),
        news=service.accounts.announcements(at=now, limit=NEWS),
    )


@router.get("/docs", response_class=HTMLResponse)
def api_page(request: Request) -> HTMLResponse:
    """Show what `openapi.json` says, without scripts."""
    document: dict[str, Any] = request.app.openapi()
    operations = [
        {"path": path, "method": method.upper(), **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return _page(
        "api.html.j2",
        operations=operations,
        schemas=document["components"]["schemas"],
    )


def _device(settings: DeviceSettings, most_qubits: int) -> dict[str, Any]:
    told = devices.describe(settings, most_qubits)
    return {
        "id": settings.id,
        "description": told["description"],
        "available": settings.available,
        "available_at": settings.available_at,
        "n_qubits": told["n_qubits"],
        "calibration": devices.calibration_summary(settings.backend),
    }


def _workers(service: Service) -> int:
    """Return how many workers were heard of lately."""
    table = tables.worker
    with service.database.reading() as connection:
        rows = connection.execute(select(table.c.seen)).scalars().all()
    now = utc_now()
    alive = service.settings.lease_seconds
    return sum(
        (now - datetime.fromisoformat(row)).total_seconds() < alive for row in rows
    )


def _page(template: str, **values: Any) -> HTMLResponse:
    text = (
        _templates().get_template(template).render(version=qleap.__version__, **values)
    )
    return HTMLResponse(text)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("qleap.processing.serve"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
