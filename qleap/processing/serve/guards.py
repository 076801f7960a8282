"""What stands before every request: a bound on its body, a line in the log."""

import contextlib
import json
import logging
import time
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit", "RequestLog", "one_line"]

_LOG = logging.getLogger("qleap.serve")

MOST_JSON: Final = 2**16
"""Bytes of a request's body other than an upload."""

FORM_OVERHEAD: Final = 2**14
"""Bytes of a form around the archive."""

HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        b"frame-ancestors 'none'",
    ),
)

_DEFECT: Final = "the service failed; its operator finds the reason in the log."


class _TooLarge(Exception):
    """The body goes on behind its bound."""


class BodyLimit:
    """Refuse bodies above a size while they come, whatever their headers say.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    most_upload : int
        Bytes of an archive.
    """

    def __init__(self, app: ASGIApp, most_upload: int) -> None:
        self._app = app
        self._most_upload = most_upload + FORM_OVERHEAD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = scope["path"].startswith("/uploads/")
        most = self._most_upload if is_upload else MOST_JSON
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared[:20]) > most:
            await _refuse(send, most)
            return
        came, answered = 0, False

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            if came <= most:  # else what is said of the broken body is not the reason
                answered = True
                await send(message)

        with contextlib.suppress(_TooLarge):
            await self._app(scope, counted, watched)
        if came > most and not answered:
            await _refuse(send, most)


class RequestLog:
    """Write one line a request: method, path, status, time; no query, no headers.

    Links and tokens are in the query and in the headers, and never in the log. A
    defect is told to the log, and to the client without any detail.

    Parameters
    ----------
    app : ASGI application
        What is watched.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin = time.perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            pass
        except Exception:
            _LOG.exception("defect at %s", one_line(scope["path"]))
            if not status:
                await _tell(watched, 500, _DEFECT)
        _LOG.info(
            "%s %s %d %.1f ms",
            scope["method"],
            one_line(scope["path"]),
            status,
            1e3 * (time.perf_counter() - begin),
        )


def one_line(text: str) -> str:
    """Return a stranger's text as it may stand in a log: short, on one line."""
    return text[:200].encode("unicode_escape").decode("ascii")


async def _refuse(send: Send, most: int) -> None:
    text = f"the body of this request may have at most {most} bytes; send less."
    await _tell(send, 413, text)


async def _tell(send: Send, status: int, text: str) -> None:
    body = json.dumps({"message": text}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
