"""Sources of noise, read from a tree of files as Linux has them."""

from pathlib import Path

import pytest

from qleap.bench.racing import machine
from qleap.bench.racing.machine import disturbances

NOISY = {
    "proc/loadavg": ("3.50 2.0 1.0 4/100 999", "3.50 programs wanted 2 cores"),
    "proc/pressure/cpu": (
        "some avg10=1.0 avg60=42.00 avg300=9.0 total=1\nfull avg60=50.0",
        "waited for a core 42 % of the time",
    ),
    "proc/stat": ("cpu 100 0 0 860 0 0 0 40 0 0\ncpu0 1 2", "gave 4.0% of the time"),
    "proc/cpuinfo": ("flags : fpu hypervisor", "virtual machine"),
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": (
        "powersave",
        "the frequency governor is 'powersave'",
    ),
    "sys/devices/system/cpu/intel_pstate/no_turbo": ("0", "turbo is on"),
    "sys/devices/system/cpu/cpufreq/boost": ("1", "turbo is on"),
    "sys/devices/system/cpu/smt/active": ("1", "hyperthreads are on"),
    "sys/fs/cgroup/cpu.max": ("150000 100000", "a quota allows 1.5 cores"),
    "sys/fs/cgroup/cpu/cpu.cfs_quota_us": ("50000", "a quota allows 0.5 cores"),
    "sys/class/power_supply/BAT0/status": ("Discharging", "runs on its battery"),
}

QUIET = {
    "proc/loadavg": "0.05 0.1 0.1 1/100 999",
    "proc/pressure/cpu": "some avg10=0.0 avg60=0.10 avg300=0.0 total=1",
    "proc/stat": "cpu 100 0 0 900 0 0 0 0 0 0",
    "proc/cpuinfo": "flags : fpu",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance",
    "sys/devices/system/cpu/intel_pstate/no_turbo": "1",
    "sys/devices/system/cpu/smt/active": "0",
    "sys/fs/cgroup/cpu.max": "max 100000",
    "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
    "sys/class/power_supply/BAT0/status": "Charging",
}


@pytest.fixture(autouse=True)
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "usable_cores", lambda: 2)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")


def test_quiet_machine_and_one_that_tells_nothing_have_no_disturbance(
    tmp_path: Path,
) -> None:
    assert disturbances(tmp_path) == []
    write(tmp_path, QUIET)
    assert disturbances(tmp_path) == []


@pytest.mark.parametrize("name", NOISY)
def test_each_source_of_noise_is_named_alone(tmp_path: Path, name: str) -> None:
    text, finding = NOISY[name]
    write(tmp_path, QUIET | {name: text})
    if name.endswith("quota_us"):  # the older kind of control group
        (tmp_path / "sys/fs/cgroup/cpu.max").unlink()
    (found,) = disturbances(tmp_path)
    assert finding in found.finding
    assert found.advice


def test_group_of_this_process_limits_it_before_the_root_does(tmp_path: Path) -> None:
    group = {
        "proc/self/cgroup": "0::/job",
        "sys/fs/cgroup/job/cpu.max": "25000 100000",
        "sys/fs/cgroup/cpu.max": "150000 100000",
    }
    write(tmp_path, QUIET | group)
    (found,) = disturbances(tmp_path)
    assert "0.25 cores" in found.finding
