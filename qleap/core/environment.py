"""Where and with what a number was computed."""

import os
import platform
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata

__all__ = ["RECORDED_PACKAGES", "provenance", "utc_now", "version_of"]

RECORDED_PACKAGES = ("qleap", "numpy", "scipy", "numba", "qiskit")
"""Distributions whose versions can change a result."""


def provenance() -> dict[str, object]:
    """Return versions, machine and UTC time, as plain values for JSON."""
    return {
        "created_utc": utc_now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version_of(name) for name in RECORDED_PACKAGES},
    }


@lru_cache
def version_of(distribution: str) -> str | None:
    """Return the installed version of ``distribution``, or None."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def utc_now() -> datetime:
    """Return the present time, aware, in UTC."""
    return datetime.now(UTC)
