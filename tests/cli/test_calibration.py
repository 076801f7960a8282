"""The commands about calibrations."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qleap.cli.main import app

pytest.importorskip("qiskit_ibm_runtime")


def _output(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["calibration", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_devices_are_listed() -> None:
    assert "fake:sherbrooke" in _output("list").split()
    assert "fake:torino" in json.loads(_output("list", "--json"))


def test_a_calibration_is_shown_with_its_repairs() -> None:
    text = _output("show", "fake:sherbrooke")
    assert "median ecr error" in text
    assert "repaired: ecr with an error of 1 taken away" in " ".join(text.split())
    found = json.loads(_output("show", "fake:sherbrooke", "--json"))
    assert found["qubits"] == 127
    assert len(found["repairs"]) == 3


def test_drift_is_shown_and_drawn(tmp_path: Path) -> None:
    saved, plot = str(tmp_path / "a.nc"), tmp_path / "drift.png"
    _output("save", "fake:sherbrooke", saved)
    assert "nothing has changed" in _output("compare", saved, "fake:sherbrooke")
    text = _output("compare", saved, "fake:kawasaki", "--plot", str(plot))
    assert "smaller changes" in text
    assert plot.stat().st_size > 10_000
    changes = json.loads(_output("compare", saved, "fake:kawasaki", "--json"))
    assert changes[0].keys() == {"quantity", "qubits", "unit", "before", "after"}
