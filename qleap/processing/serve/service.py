"""What every request needs: the stores, the settings, and who is asking."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request

from qleap.core.database import Database
from qleap.processing.serve.accounts import Accounts, User
from qleap.processing.serve.jobs import Jobs
from qleap.processing.serve.links import Links
from qleap.processing.serve.refusals import Refused
from qleap.processing.serve.settings import Limits, ServeSettings
from qleap.processing.serve.store import signing_key

__all__ = ["Asked", "Asker", "Service", "TheService"]

HOST: Final = re.compile(
    r"(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:]{2,45}\])(?::\d{1,5})?"
)
"""A host and a port; anything else would end up in links."""

MOST_TOKEN: Final = 512


class Service:
    """The stores and settings behind the API.

    Parameters
    ----------
    settings : ServeSettings
        What is offered.
    database : Database
        Of the service.
    """

    def __init__(self, settings: ServeSettings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.accounts = Accounts(database)
        self.jobs = Jobs(database)
        self.links = Links(key=signing_key(database), lifetime=settings.link_seconds)

    def base(self, request: Request) -> str:
        """Return the beginning of links: what is set, or where the client asked."""
        if self.settings.url is not None:
            return self.settings.url.rstrip("/")
        host = request.headers.get("host", "")
        if not HOST.fullmatch(host):
            raise Refused(400, "the header Host must name a host and a port.")
        return f"{request.url.scheme}://{host}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """Who sent a request.

    Parameters
    ----------
    user : User
        The holder of the token.
    limits : Limits
        What the user may ask for.
    expires : datetime
        When the token does.
    """

    user: User
    limits: Limits
    expires: datetime


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _asker(request: Request, service: "TheService") -> Asker:
    """Return who asks, or refuse; a wrong token and none are told alike."""
    secret = request.headers.get("q-api-token", "")
    if not secret:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        secret = value.strip() if kind.lower() == "bearer" else ""
    found = service.accounts.owner(secret) if 0 < len(secret) <= MOST_TOKEN else None
    if found is None:
        raise Refused(
            401,
            "a valid API token is needed in the header q-api-token; ask the operator.",
        )
    user, expires = found
    request.state.user = user.id
    limits = user.limits_within(service.settings.limits)
    return Asker(user=user, limits=limits, expires=expires)


TheService = Annotated[Service, Depends(_service)]
Asked = Annotated[Asker, Depends(_asker)]
