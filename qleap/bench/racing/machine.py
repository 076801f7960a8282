"""What on this machine disturbs the measurement of time, and what to do about it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qleap.bench.fingerprint import usable_cores

__all__ = ["Disturbance", "disturbances"]

BUSY = 0.1
"""Share of the cores that other programs may want before it is worth a word."""

WAITING = 5.0
"""Per cent of the last minute in which some program waited for a core."""

STOLEN = 0.01
"""Share of the time that a hypervisor gave to others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disturbance:
    """A source of noise: what it is, and what to do."""

    finding: str
    advice: str


def disturbances(root: Path = Path("/")) -> list[Disturbance]:
    """Return the sources of noise that the system tells of; Linux tells most.

    Parameters
    ----------
    root : Path
        Where ``proc`` and ``sys`` lie.
    """
    found = [
        *_load(root / "proc"),
        *_frequency(root / "sys" / "devices" / "system" / "cpu"),
        *_shares(root),
        *_battery(root / "sys" / "class" / "power_supply"),
    ]
    return [Disturbance(finding=finding, advice=advice) for finding, advice in found]


def _load(proc: Path) -> Iterator[tuple[str, str]]:
    words = _text(proc / "loadavg").split()
    cores = usable_cores()
    if words and float(words[0]) > BUSY * cores:
        yield (
            f"in the last minute {words[0]} programs wanted {cores} cores",
            "close other programs, and wait a minute after heavy work of your own",
        )
    for line in _text(proc / "pressure" / "cpu").splitlines():
        share = _field(line, "avg60=")
        if line.startswith("some") and share is not None and share > WAITING:
            yield (
                f"in the last minute some program waited for a core {share:.0f} % of "
                "the time",
                "close other programs; until then races need more pairs (--budget)",
            )
    times = [float(word) for word in _text(proc / "stat").split("\n")[0].split()[1:9]]
    if len(times) == 8 and times[7] > STOLEN * sum(times):
        yield (
            f"the hypervisor gave {times[7] / sum(times):.1%} of the time to others",
            "take a machine, or cores, of your own",
        )
    if "hypervisor" in _text(proc / "cpuinfo"):
        yield (
            "this is a virtual machine, whose neighbours cannot be seen",
            "repeat what matters on bare metal",
        )


def _frequency(cpu: Path) -> Iterator[tuple[str, str]]:
    governor = _text(cpu / "cpu0" / "cpufreq" / "scaling_governor")
    if governor not in ("", "performance"):
        yield (
            f"the frequency governor is {governor!r}: the clock follows the load",
            "choose 'performance' (cpupower frequency-set -g performance)",
        )
    no_turbo, boost = (
        _text(cpu / "intel_pstate" / "no_turbo"),
        cpu / "cpufreq" / "boost",
    )
    if no_turbo == "0" or _text(boost) == "1":
        yield (
            "turbo is on: the clock depends on temperature and on busy neighbours",
            "switch it off while measuring (no_turbo, or cpufreq/boost)",
        )
    if _text(cpu / "smt" / "active") == "1":
        yield (
            "hyperthreads are on: two programs may share one core",
            "count half of the cores as usable, or switch them off (smt/control)",
        )


def _shares(root: Path) -> Iterator[tuple[str, str]]:
    quota = _quota(root)
    if quota is not None:
        yield (
            f"a quota allows {quota:.3g} cores; above it this program is stopped",
            "raise the quota of the container (--cpus), or use fewer threads",
        )
    total = os.cpu_count() or 1
    if usable_cores() < total:
        yield (
            f"this program may use {usable_cores()} of {total} cores",
            "that is good where nothing else may use them (isolcpus, cpusets)",
        )


def _battery(supplies: Path) -> Iterator[tuple[str, str]]:
    for supply in sorted(supplies.glob("*")):
        if _text(supply / "status") == "Discharging":
            yield "the machine runs on its battery", "plug it in"
            return


def _quota(root: Path) -> float | None:
    """Return how many cores the control group may use; None without a limit."""
    groups = root / "sys" / "fs" / "cgroup"
    own = _text(root / "proc" / "self" / "cgroup").rpartition("::")[2].strip("/\n")
    for folder in (groups / own, groups):
        words = _text(folder / "cpu.max").split()
        if len(words) == 2 and words[0] != "max":
            return float(words[0]) / float(words[1])
    first = groups / "cpu"
    limit, period = (
        _text(first / f"cpu.cfs_{name}_us") or "-1" for name in ("quota", "period")
    )
    return float(limit) / float(period) if float(limit) > 0.0 else None


def _field(line: str, name: str) -> float | None:
    found = [word for word in line.split() if word.startswith(name)]
    return float(found[0].removeprefix(name)) if found else None


def _text(path: Path) -> str:
    """Return what a file of the system says; nothing where there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
