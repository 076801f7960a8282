"""A client of the OQTOPUS Cloud User API (version 1.0), call by call.

Every call uses a connection of its own: an answer that comes late, or twice, can then
never be taken for the answer to the next question. The token goes to the API alone,
not to the places that its links lead to, and no message repeats it.
"""

import configparser
import io
import json
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import httpx

from qleap.core.errors import InvalidValue
from qleap.processing.backends.provider import redact
from qleap.processing.backends.retry import (
    NotKnown,
    Refused,
    RetryPolicy,
    Unanswered,
    retry_after,
)

__all__ = ["OqtopusClient", "OqtopusSettings"]

LARGEST_RESULT: Final = 256 * 2**20
"""Bytes of a result, packed or not; a larger one is not read."""

T = TypeVar("T")

_NOT_BEGUN: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_GARBAGE: Final = (
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,  # locked or packed in an unknown way; nested without an end
    EOFError,
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
"""What reading an answer raises that is none."""

_NOT_ACTED_UPON: Final = (429, 503)
"""Answers after which the server has done nothing (RFC 6585, RFC 9110)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OqtopusSettings:
    """Where the cloud is, and what it knows us by.

    Parameters
    ----------
    url : str
        Of the API, for example ``https://api.example.org/v1``.
    token : str
        API token; empty for a server without.
    proxy : str or None
        URL of a proxy.
    timeout : float, s
        Of one call.
    """

    url: str
    token: str = field(default="", repr=False)
    proxy: str | None = field(default=None, repr=False)
    timeout: float = 30.0

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> "OqtopusSettings":
        """Return the settings of the environment, else of the configuration file.

        ``OQTOPUS_URL``, ``OQTOPUS_API_TOKEN`` and ``OQTOPUS_PROXY``, or the section
        ``[default]`` (or that which ``OQTOPUS_PROFILE`` names) of
        ``~/.config/oqtopus/config.ini`` with ``url``, ``api_token``, ``proxy`` and
        ``timeout``, as OQTOPUS's own clients write it.
        """
        given = os.environ if environment is None else environment
        url = given.get("OQTOPUS_URL") or given.get("OQTOPUS_BASE_URL")
        if url:
            return cls(
                url=url,
                token=given.get("OQTOPUS_API_TOKEN", ""),
                proxy=given.get("OQTOPUS_PROXY") or None,
            )
        home = given.get("XDG_CONFIG_HOME")
        folder = Path(home) if home else Path("~/.config").expanduser()
        path = folder / "oqtopus" / "config.ini"
        return cls._of_file(path, given.get("OQTOPUS_PROFILE", "default"))

    @classmethod
    def _of_file(cls, path: Path, profile: str) -> "OqtopusSettings":
        parser = configparser.ConfigParser(interpolation=None)
        try:
            found = parser.read(path, encoding="utf-8")
            section = dict(parser.items(profile)) if profile in parser else {}
            url = section.get("url") or section.get("base_url")
            timeout = float(section.get("timeout", 30.0))
        except (configparser.Error, UnicodeDecodeError, ValueError):
            # The reason would repeat the line, which may hold the token.
            raise InvalidValue(
                f"{path} is not a configuration file: it needs sections such as "
                "[default] with lines such as url = https://..., and timeout in s."
            ) from None
        if not url:
            lacks = f"has no url in [{profile}]" if found else "does not exist"
            raise InvalidValue(
                f"OQTOPUS is not set up: {path} {lacks}; write it there, or set "
                "OQTOPUS_URL and OQTOPUS_API_TOKEN."
            )
        return cls(
            url=url,
            token=section.get("api_token", ""),
            proxy=section.get("proxy") or None,
            timeout=timeout,
        )


class OqtopusClient:
    """The calls of the API, repeated where that does no harm.

    Parameters
    ----------
    settings : OqtopusSettings
        Where and who.
    policy : RetryPolicy, optional
        Of safe calls.

    Raises
    ------
    Refused
        From every call that the server declined (4xx); `NotKnown` for a job that
        it does not know.
    Unanswered
        From every call without an answer that makes sense.
    """

    def __init__(
        self, settings: OqtopusSettings, policy: RetryPolicy | None = None
    ) -> None:
        parts = urlsplit(settings.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidValue(
                "the url of OQTOPUS must begin with https:// or http://, "
                f"got {settings.url!r:.60}."
            )
        self.settings = settings
        self.policy = RetryPolicy() if policy is None else policy
        self._base = settings.url.rstrip("/")
        self._certificates = httpx.create_ssl_context()  # takes longer than a call

    def devices(self) -> list[dict[str, Any]]:
        """Return the devices."""
        return self._safe("GET", "/devices", _devices)

    def device(self, device_id: str) -> dict[str, Any]:
        """Return one device."""
        return self._safe("GET", f"/devices/{_part(device_id)}", _object)

    def register(self) -> tuple[str, dict[str, Any]]:
        """Return a new job id, and the form with which its input is uploaded.

        Repeated where no answer comes: a registered id that is never submitted runs
        nothing and costs nothing.
        """
        return self._safe("POST", "/jobs", _registration)

    def upload(self, form: dict[str, Any], content: dict[str, Any]) -> None:
        """Upload the input of a job: a zip with one JSON file, once or again."""
        fields = {str(k): str(v) for k, v in form["fields"].items() if v is not None}
        stem = Path(fields.get("key", "input.zip")).stem or "input"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{stem}.json", json.dumps(content))
        parts: list[tuple[str, Any]] = [(k, (None, v)) for k, v in fields.items()]
        parts.append(("file", (f"{stem}.zip", packed.getvalue(), "application/zip")))
        url = self._link(form["url"])
        self.policy.call(
            lambda: self._ask("POST", url, _nothing, files=parts, link=True)
        )

    def submit(self, job_id: str, request: dict[str, Any]) -> None:
        """Submit an uploaded job; asked again only where it cannot have arrived."""
        url = f"{self._base}/jobs/{_part(job_id)}/submit"
        self.policy.call(
            lambda: self._ask("POST", url, _object, body=request), safe=False
        )

    def status(self, job_id: str) -> str:
        """Return the status of a job in the words of the API."""
        return self._safe("GET", f"/jobs/{_part(job_id)}/status", _status, job=True)

    def job(self, job_id: str) -> dict[str, Any]:
        """Return all about a job."""
        return self._safe("GET", f"/jobs/{_part(job_id)}", _object, job=True)

    def search(self, text: str) -> list[dict[str, Any]]:
        """Return jobs whose id, name or description holds ``text``, newest first."""
        query = f"/jobs?q={quote(text, safe='')}&order=DESC&size=10"
        return self._safe("GET", f"{query}&fields=job_id,name,status", _objects)

    def cancel(self, job_id: str) -> None:
        """Ask for a job to be cancelled; asking twice does no harm."""
        self._safe("POST", f"/jobs/{_part(job_id)}/cancel", _nothing, job=True)

    def download(self, link: str) -> Any:
        """Return the JSON in the one-file zip behind ``link``."""
        url = self._link(link)
        return self.policy.call(lambda: self._ask("GET", url, _unzipped, link=True))

    def _safe(
        self, method: str, path: str, read: Callable[[bytes], T], job: bool = False
    ) -> T:
        url = self._base + path
        try:
            return self.policy.call(lambda: self._ask(method, url, read))
        except Refused as error:
            if job and error.status == 404:
                raise NotKnown(str(error), status=404) from None
            raise

    def _link(self, link: Any) -> str:
        """Return a link that leads to a server, not into this machine's files."""
        if urlsplit(str(link)).scheme not in ("http", "https"):
            raise Refused("OQTOPUS gave a link that is neither https: nor http:.")
        return str(link)

    def _ask(
        self,
        method: str,
        url: str,
        read: Callable[[bytes], T],
        *,
        body: dict[str, Any] | None = None,
        files: list[tuple[str, Any]] | None = None,
        link: bool = False,
    ) -> T:
        """Return what ``read`` makes of one answer; a ``link`` gets no token."""
        headers = {} if link else {"q-api-token": self.settings.token}
        where = f"{method} {urlsplit(url).path} at {urlsplit(url).hostname}"
        # The causes are not chained: they hold the request, and that the token.
        try:
            with (
                httpx.Client(
                    timeout=self.settings.timeout,
                    proxy=self.settings.proxy,
                    verify=self._certificates,
                ) as client,
                client.stream(
                    method, url, headers=headers, json=body, files=files
                ) as answer,
            ):
                content = _limited(answer.iter_bytes())
                status, asked = answer.status_code, answer.headers.get("retry-after")
        except _NOT_BEGUN as error:
            raise Unanswered(
                f"OQTOPUS cannot be reached ({where}: {type(error).__name__}); look at "
                "the network and the url.",
                arrived=False,
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unanswered(
                f"OQTOPUS did not answer ({where}: {type(error).__name__})."
            ) from None
        if 200 <= status < 300:
            try:
                return read(content)
            except _GARBAGE:
                raise Unanswered(
                    f"OQTOPUS gave an answer that makes no sense ({where})."
                ) from None
        said = redact(_message(content), self.secrets)
        if status >= 500 or status in (408, 429) or status < 400:
            raise Unanswered(
                f"OQTOPUS answered {status} ({where}){said}.",
                arrived=status not in _NOT_ACTED_UPON,
                wait=retry_after(asked),
            )
        way_out = "; check the API token" if status in (401, 403) else ""
        raise Refused(
            f"OQTOPUS refused ({status}, {where}){said}{way_out}.", status=status
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must not be written anywhere."""
        return (self.settings.token,)


def _limited(chunks: Any) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > LARGEST_RESULT:
            raise Refused(f"OQTOPUS sent more than {LARGEST_RESULT} bytes.")
    return bytes(content)


def _part(text: str) -> str:
    """Return ``text`` as one part of a path."""
    if text in ("", ".", ".."):
        raise InvalidValue(f"an id of OQTOPUS cannot be {text!r}.")
    return quote(text, safe="")


def _message(content: bytes) -> str:
    try:
        text = str(json.loads(content)["message"])
    except _GARBAGE:
        return ""
    return f": {' '.join(text.split())[:200].rstrip('.')}"


def _nothing(_: bytes) -> None:
    return None


def _object(content: bytes) -> dict[str, Any]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise TypeError
    return found


def _objects(content: bytes) -> list[dict[str, Any]]:
    found = json.loads(content)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise TypeError
    return found


def _devices(content: bytes) -> list[dict[str, Any]]:
    found = _objects(content)
    if not all(isinstance(one["device_id"], str) for one in found):
        raise TypeError
    return found


def _registration(content: bytes) -> tuple[str, dict[str, Any]]:
    found = _object(content)
    form = found["presigned_url"]
    if not (isinstance(found["job_id"], str) and isinstance(form["url"], str)):
        raise TypeError
    dict(form["fields"])
    return found["job_id"], form


def _status(content: bytes) -> str:
    found = _object(content)["status"]
    if not isinstance(found, str):
        raise TypeError
    return found


def _unzipped(content: bytes) -> Any:
    """Return the JSON of a zip with one file; refuse what would fill the memory."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (only,) = archive.infolist()
        if only.file_size > LARGEST_RESULT:
            raise Refused(f"OQTOPUS sent a file of {only.file_size} bytes.")
        with archive.open(only) as file:
            return json.loads(file.read(LARGEST_RESULT))
