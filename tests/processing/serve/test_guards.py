"""What stands before every request, by itself."""

import asyncio
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from qleap.processing.serve.guards import MOST_JSON, BodyLimit

CHUNK = b" " * 10_000


def test_a_body_without_end_is_read_up_to_its_bound_alone() -> None:
    came, sent = 0, []

    async def reads_all(_: Scope, receive: Receive, __: Send) -> None:
        while (await receive())["more_body"]:
            pass

    async def endless() -> Message:
        nonlocal came
        came += len(CHUNK)
        assert came < 10 * MOST_JSON
        return {"type": "http.request", "body": CHUNK, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "path": "/jobs", "headers": []}
    asyncio.run(BodyLimit(reads_all, 10**9)(scope, endless, send))
    assert came <= MOST_JSON + len(CHUNK)
    assert sent[0]["status"] == 413
