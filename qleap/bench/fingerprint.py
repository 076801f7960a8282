"""The machine and the software that a measurement was made with."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

import qleap
from qleap.core.environment import provenance

__all__ = ["fingerprint", "usable_cores"]


def fingerprint() -> dict[str, Any]:
    """Return CPU, cores, threads, BLAS, versions, code and system, as plain values."""
    from qleap.core import jit

    facts = provenance()
    return {
        "cpu": _cpu(),
        "cores": usable_cores(),
        "kernel_threads": jit.threads(),
        "load": _load(),
        "blas": _blas(),
        "python": facts["python"],
        "versions": facts["versions"],
        "system": platform.platform(),
        "git": _git(Path(qleap.__file__).parents[1]),
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load() -> float | None:
    """Return how many processes wanted a core in the last minute."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _blas() -> str:
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    return f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip()


def _git(root: Path) -> dict[str, Any] | None:
    """Return commit and dirty flag where the package lies in a checkout."""
    if not (root / ".git").exists():
        return None
    try:
        commit = _ask_git(root, "rev-parse", "HEAD")
        changed = _ask_git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit, "dirty": bool(changed)}


def _ask_git(root: Path, *arguments: str) -> str:
    answer = subprocess.run(
        ["git", "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=10.0,
    )
    return answer.stdout.strip()
