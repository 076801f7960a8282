"""Links that carry their own permission: signed, for one object, for a while."""

import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

__all__ = ["JOB_ID", "Links", "input_key"]

JOB_ID: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
"""What `uuid.uuid4` writes; nothing else is looked up."""


def input_key(job_id: str) -> str:
    """Return the name under which a job's input is uploaded."""
    return f"jobs/{job_id}/input.zip"


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """What makes and checks links.

    Parameters
    ----------
    key : bytes
        Of the signatures.
    lifetime : float
        Seconds.
    """

    key: bytes
    lifetime: float

    def upload(self, job_id: str) -> tuple[str, str]:
        """Return when the permission to upload ends (epoch), and its signature."""
        expires = self._expires()
        return expires, self._sign("upload", job_id, "input", expires)

    def may_upload(self, job_id: str, expires: str, signature: str) -> bool:
        """Return whether a signature permits an upload now."""
        return self._holds("upload", job_id, "input", expires, signature)

    def download(self, base: str, job_id: str, name: str) -> str:
        """Return the URL of an object."""
        expires = self._expires()
        signature = self._sign("download", job_id, name, expires)
        query = urlencode({"expires": expires, "signature": signature})
        return f"{base}/objects/{job_id}/{name}.zip?{query}"

    def may_download(
        self, job_id: str, name: str, expires: str, signature: str
    ) -> bool:
        """Return whether a signature permits a download now."""
        return self._holds("download", job_id, name, expires, signature)

    def _expires(self) -> str:
        return str(int(time.time() + self.lifetime))

    def _sign(self, *parts: str) -> str:
        text = "\n".join(parts).encode()
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()

    def _holds(
        self, verb: str, job_id: str, name: str, expires: str, signature: str
    ) -> bool:
        right = self._sign(verb, job_id, name, expires)
        same = hmac.compare_digest(right.encode(), signature.encode())
        return same and int(expires) >= time.time()
