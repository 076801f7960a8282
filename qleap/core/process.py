"""Which process this is, so that another one can tell later whether it lives."""

import hashlib
import os
import platform
from functools import lru_cache
from pathlib import Path

__all__ = ["identity", "is_alive"]

Identity = dict[str, str | int | None]


def identity() -> Identity:
    """Return host, boot, number and start of this process, as plain values.

    The host's name is stored as a hash, since what is stored may be published.
    """
    return {
        "host": _host(),
        "boot": _boot(),
        "pid": os.getpid(),
        "start": _start(os.getpid()),
    }


def is_alive(stored: Identity) -> bool | None:
    """Return whether the process of a stored `identity` lives; None if unknowable.

    Unknowable is what ran on another host, or where processes have no start time
    that would tell a number's second bearer from its first.
    """
    if stored.get("host") != _host() or stored.get("boot") is None:
        return None
    if stored["boot"] != _boot():
        return False
    pid = stored.get("pid")
    if not isinstance(pid, int) or stored.get("start") is None:
        return None
    return _start(pid) == stored["start"]


@lru_cache
def _host() -> str:
    """Return where numbers of processes mean the same: host and container."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return _hidden(f"{platform.node()} {space}")


@lru_cache
def _boot() -> str | None:
    """Return what is drawn anew at each start of the machine (Linux)."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        return None
    return _hidden(text.strip())


def _start(pid: int) -> int | None:
    """Return when a process started, in ticks since the boot; None if there is none.

    One that was killed and whose end its parent has not asked for yet is none.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before may hold anything
    return None if fields[0] in "ZX" else int(fields[19])


def _hidden(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
