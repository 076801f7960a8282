"""How much memory a state needs and how much there is."""

import os
from pathlib import Path
from typing import Final

from qleap.core.errors import InvalidValue

__all__ = ["available_memory", "check_memory", "most_qubits"]

GIB: Final = 2**30

CONTROL_GROUP: Final = Path("/sys/fs/cgroup")
"""Where Linux tells the limits of a container."""


def available_memory() -> int | None:
    """Return the free main memory in bytes, or None where nothing tells."""
    free = [_meminfo(), _control_group()]
    known = [amount for amount in free if amount is not None]
    return min(known) if known else _physical()


def check_memory(n_qubits: int, bytes_per_amplitude: float, purpose: str) -> None:
    """Refuse a state that does not fit, before anything is allocated."""
    needed = bytes_per_amplitude * 2.0**n_qubits
    available = available_memory()
    if n_qubits > 60 or (available is not None and needed > available):
        have = "unknown" if available is None else f"{available / GIB:.1f} GiB"
        raise InvalidValue(
            f"{purpose} of {n_qubits} qubits needs {needed / GIB:.4g} GiB of memory, "
            f"available: {have}; use fewer qubits or a machine with more memory."
        )


def most_qubits(bytes_per_amplitude: float = 24.0) -> int:
    """Return the largest number of qubits whose state fits the free memory."""
    available = available_memory() or 4 * GIB
    return max(int(available / bytes_per_amplitude).bit_length() - 1, 1)


def _meminfo() -> int | None:
    """Return what Linux can give to a new process without swapping."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else None


def _control_group() -> int | None:
    """Return what the limit of a container leaves."""
    try:
        limit = (CONTROL_GROUP / "memory.max").read_text(encoding="ascii").strip()
        used = (CONTROL_GROUP / "memory.current").read_text(encoding="ascii").strip()
    except OSError:
        return None
    return None if limit == "max" else max(int(limit) - int(used), 0)


def _physical() -> int | None:
    """Return the whole main memory where nothing better is known."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None
