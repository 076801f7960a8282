"""The application: routes, guards, and one form for everything that is refused."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

import qleap
from qleap.core.database import Database
from qleap.core.errors import StorageError
from qleap.processing.serve import (
    models,
    pages,
    routes_accounts,
    routes_jobs,
    routes_objects,
)
from qleap.processing.serve.guards import BodyLimit, RequestLog, one_line
from qleap.processing.serve.refusals import Refused
from qleap.processing.serve.service import Service
from qleap.processing.serve.settings import ServeSettings

__all__ = ["create_app"]

_LOG = logging.getLogger("qleap.serve")

_REFUSALS: dict[int | str, dict[str, Any]] = {
    code: {"model": models.Message} for code in (400, 401, 403, 404, 413, 429)
}


def create_app(settings: ServeSettings, database: Database) -> FastAPI:
    """Return the ASGI application of a service.

    Parameters
    ----------
    settings : ServeSettings
        What is offered.
    database : Database
        From `qleap.processing.serve.store.open_store`.
    """
    app = FastAPI(
        title="qleap serve",
        description="OQTOPUS Cloud User API on qleap's simulators",
        version=qleap.__version__,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        responses=_REFUSALS,
    )
    app.state.service = Service(settings, database)
    for module in (routes_jobs, routes_objects, routes_accounts):
        app.include_router(module.router)
    app.include_router(pages.router, include_in_schema=False)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(StorageError, _storage)
    app.add_middleware(BodyLimit, most_upload=settings.limits.payload_bytes)
    app.add_middleware(RequestLog)
    return app


def _answer(status: int, message: str) -> JSONResponse:
    headers = {429: {"Retry-After": "10"}, 401: {"WWW-Authenticate": "Bearer"}}
    return JSONResponse(
        {"message": message}, status_code=status, headers=headers.get(status)
    )


async def _refused(request: Request, error: Exception) -> JSONResponse:
    status, message = (
        (error.status, error.message) if isinstance(error, Refused) else (400, "")
    )
    _LOG.warning(
        "refused %s %s: %s",
        request.method,
        one_line(request.scope["path"]),
        one_line(message),
    )
    return _answer(status, _printable(message))


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Say the first thing that is wrong with a request's values."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    first: dict[str, Any] = dict(found[0]) if found else {"loc": (), "msg": "invalid"}
    if first["loc"][:1] == ("path",) and "job_id" in first["loc"]:
        return await _refused(request, Refused(404, "no such job."))
    place = ".".join(str(part) for part in first["loc"][1:])
    text = (
        "the body is not valid JSON"
        if first["type"] == "json_invalid"
        else (f"{place or 'the body'}: {first['msg']}")
    )
    return await _refused(request, Refused(400, f"{text}."))


async def _http(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 400
    told = {404: "no such page.", 405: "this method is not allowed here."}
    message = told.get(status, "the request is not valid.")
    return await _refused(request, Refused(status, message))


async def _storage(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("%s %s: %s", request.method, one_line(request.scope["path"]), error)
    return _answer(503, "the service's database does not answer; try again later.")


def _printable(message: str) -> str:
    """Return a message without the control characters that a client sent."""
    return "".join(letter if letter.isprintable() else "?" for letter in message)
