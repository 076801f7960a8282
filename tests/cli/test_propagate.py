"""``qleap propagate`` as a user meets it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qleap.core import results
from tests.cli.conftest import Command

CASE = """
title = "a soliton"
[pulse]
wavelength = "1550 nm"
fwhm = "200 fs"
peak_power = "300 W"
[fibre]
length = "20 cm"
gamma = "0.01 1/(W m)"
betas = ["-20 ps^2/km"]
[grid]
n_points = 1024
window = "8 ps"
[solver]
n_positions = 11
"""


def qleap(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qleap", "propagate", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.toml").write_text(CASE)
    return tmp_path


@pytest.mark.slow
def test_a_case_is_propagated_kept_and_drawn(folder: Path) -> None:
    done = qleap(folder, "case.toml")
    assert done.returncode == 0, done.stderr
    assert "a soliton" in done.stdout
    data = results.load(folder / "case.nc", kind="laser.evolution")
    assert data.sizes["position"] == 11
    for picture in ("case.png", "case.output.png"):
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_json_is_json_and_nothing_else(folder: Path) -> None:
    done = qleap(folder, "case.toml", "--json", "--output", "b.nc", "--plot", "c.pdf")
    found = json.loads(done.stdout)
    assert found["output"] == "b.nc"
    assert found["door"] == "fibre"
    assert abs(found["photon_number_change"]) < 1e-5
    assert found["output_fwhm_s"] < found["input_fwhm_s"]
    assert (folder / "b.nc").exists()
    assert (folder / "c.pdf").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("fwhm", "fhwm", "did you mean 'fwhm'"),
        ('"200 fs"', '"-200 fs"', "fwhm must be > 0 s"),
        ('"200 fs"', '"1 ps"', "too small for the pulse: the window must be"),
        ("[grid]", "[grid", "is not valid TOML"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_code_2(
    folder: Path, command_line: Command, old: str, new: str, words: str
) -> None:
    (folder / "case.toml").write_text(CASE.replace(old, new))
    done = command_line("propagate", "case.toml")
    assert done.returncode == 2
    assert done.stdout == ""
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(folder.glob("*.nc"))


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (".", "output must be a file, but . is a folder"),
        ("a.png", "the plot must not overwrite the result a.png"),
    ],
)
def test_an_output_that_cannot_be_is_said_before_anything_is_computed(
    folder: Path, command_line: Command, output: str, words: str
) -> None:
    done = command_line("propagate", "case.toml", "--output", output)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert words in done.stderr
    assert [path.name for path in folder.iterdir()] == ["case.toml"]


@pytest.mark.slow
def test_control_c_keeps_what_was_computed(folder: Path) -> None:
    long = CASE.replace('"20 cm"', '"20 km"').replace("= 11", "= 20001")
    (folder / "case.toml").write_text(long)
    command = [sys.executable, "-m", "qleap", "propagate", "case.toml"]
    with subprocess.Popen(
        command,
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        # Shells let what they run in the background ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as run:
        deadline = time.monotonic() + 60.0
        while not (folder / "case.nc").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1.0)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "case.nc keeps what is there" in said
    data = results.load(folder / "case.nc", kind="laser.checkpoint")
    assert 2 <= data.sizes["place"] < 20001


@pytest.mark.slow
def test_control_c_stops_a_scan_and_the_same_call_goes_on(folder: Path) -> None:
    long = CASE.replace('"20 cm"', '"20 km"').replace("= 11", "= 2001")
    scan = '[scan]\npulse.peak_power = ["300 W", "301 W", "302 W"]\n'
    (folder / "case.toml").write_text(long + scan)
    command = [sys.executable, "-m", "qleap", "propagate", "case.toml"]
    first = folder / "case.points" / "point-00000.nc"
    with subprocess.Popen(
        [*command, "--workers", "2"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as run:
        deadline = time.monotonic() + 60.0
        while not first.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1.0)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "case.points keeps what is there, and the same call goes on" in said
    data = results.load(first, kind="laser.checkpoint")
    assert data["position"].values[-1] > 0.0
    assert not (folder / "case.nc").exists()


@pytest.mark.slow
def test_a_scan_keeps_its_points_and_all_of_them_together(folder: Path) -> None:
    scan = '[scan]\npulse.peak_power = ["300 W", "0.6 kW"]\n'
    (folder / "case.toml").write_text(CASE + scan)
    done = qleap(folder, "case.toml", "--workers", "1", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [point["pulse_peak_power"] for point in found["points"]] == [300.0, 600.0]
    files = [folder / point["file"] for point in found["points"]]
    data = results.load(folder / "case.nc", kind="laser.scan")
    for i, file in enumerate(files):
        one = results.load(file, kind="laser.evolution")
        assert (data["spectrum"][i] == one["spectrum"]).all()
    assert (folder / "case.png").exists()
    again = qleap(folder, "case.toml")
    assert "600 W" in again.stdout


@pytest.mark.slow
def test_values_can_be_set_on_the_command_line(folder: Path) -> None:
    changes = ("--set", "solver.n_positions=3", "--set", "fibre.length=1 cm")
    done = qleap(folder, "case.toml", "--json", *changes)
    assert json.loads(done.stdout)["length_m"] == 0.01
    assert results.load(folder / "case.nc").sizes["position"] == 3
    other = qleap(folder, "case.toml")
    assert other.returncode == 2
    assert (
        "other parameters (fibre.length, n_positions); choose another" in other.stderr
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("case.toml", "--set", "fibre.lenght=1 cm"), "did you mean 'length'"),
        (("case.toml", "--set", "fibre.length"), "--set must be KEY=VALUE, got 'fibre"),
        ((), "a case is needed: the name of a TOML file, or --schema"),
    ],
)
def test_wrong_arguments_get_one_sentence(
    folder: Path, command_line: Command, arguments: tuple[str, ...], words: str
) -> None:
    done = command_line("propagate", *arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert words in done.stderr
    assert [path.name for path in folder.iterdir()] == ["case.toml"]


def test_the_schema_is_printed_as_json(command_line: Command) -> None:
    schema = json.loads(command_line("propagate", "--schema").stdout)
    assert {"pulse", "fibre", "capillary", "beam", "crystal"} <= set(
        schema["properties"]
    )


@pytest.mark.usefixtures("folder")
def test_a_missing_file_is_said(command_line: Command) -> None:
    done = command_line("propagate", "none.toml")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "none.toml cannot be read" in done.stderr


@pytest.mark.usefixtures("folder")
def test_a_folder_that_is_missing_is_said_before_anything_is_computed(
    command_line: Command,
) -> None:
    done = command_line("propagate", "case.toml", "--output", "none/b.nc")
    assert done.returncode == 2
    assert "none/b.nc could not be written" in done.stderr
