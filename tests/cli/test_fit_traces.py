"""``qleap fit rabi`` and its like: what they print, save and refuse."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from qleap.cli.main import app
from qleap.core import results
from qleap.core.errors import InvalidValue, NotConverged, QleapError
from qleap.sensing import read_trace
from qleap.sensing.models import (
    Antibunching,
    HahnEcho,
    Rabi,
    Ramsey,
    Relaxation,
    TraceModel,
)

SHAPE = {"offset": 1.0, "amplitude": -0.1}
CASES: dict[str, tuple[TraceModel, Any, dict[str, float], tuple[str, ...]]] = {
    "rabi": (
        Rabi(),
        np.linspace(0, 2e-6, 81),
        {**SHAPE, "rabi_frequency": 2.3e6, "decay_time": 1.5e-6},
        (),
    ),
    "ramsey": (
        Ramsey(hyperfine="14N", stretched=False),
        np.linspace(0, 4e-6, 161),
        {**SHAPE, "detuning": 3.7e6, "t2_star": 1.5e-6},
        ("--hyperfine", "14N", "--no-stretched"),
    ),
    "echo": (
        HahnEcho(revivals=True),
        np.linspace(1e-7, 1e-4, 301),
        {
            **SHAPE,
            "t2": 6e-5,
            "exponent": 1.5,
            "revival_period": 2e-5,
            "revival_width": 3e-6,
        },
        ("--revivals",),
    ),
    "t1": (
        Relaxation(),
        np.geomspace(1e-5, 2e-2, 81),
        {**SHAPE, "t1": 4.1e-3},
        (),
    ),
    "g2": (
        Antibunching(),
        np.linspace(-2e-7, 2e-7, 401),
        {
            "offset": 0.1,
            "amplitude": 0.9,
            "antibunching_time": 9e-9,
            "bunching_time": 9e-8,
            "bunching": 0.4,
            "zero": 1e-9,
        },
        (),
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, kind: str, noise: float = 2e-3) -> Path:
    """Write a trace in ns with errors."""
    model, x, truth, _ = CASES[kind]
    y = model.evaluate(x, truth)
    y = y + np.random.default_rng(11).normal(scale=noise, size=x.size)
    table = np.column_stack([1e9 * x, y, np.full(x.size, noise)])
    np.savetxt(
        folder / "scan.csv", table, delimiter=",", header="tau (ns),signal,error"
    )
    return folder / "scan.csv"


def fit(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["fit", *map(str, arguments)])


@pytest.mark.parametrize("kind", CASES)
def test_json_holds_the_true_values_within_their_errors_and_intervals(
    kind: str, folder: Path
) -> None:
    file = write(folder, kind)
    result = fit(kind, file, *CASES[kind][3], "--json", "--no-save", "--level", 0.9973)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["converged"] is True
    assert found["doubts"] == []
    assert found["kind"] == kind
    truth = CASES[kind][2]
    assert list(found["parameters"]) == list(CASES[kind][0].names)
    for name, one in found["parameters"].items():
        assert abs(one["value"] - truth[name]) < 3.5 * one["standard_error"], name
        low, high = one["interval"]
        assert low < truth[name] < high, name
        assert 2.5 < (high - low) / (2 * one["standard_error"]) < 4.0, name
    assert 0.7 < found["reduced_chi_square"] < 1.4
    assert "unit of the" in result.stderr
    assert "ns, from its name" in result.stderr


def test_table_dataset_plot_and_sentences_are_made(folder: Path) -> None:
    result = fit("rabi", write(folder, "rabi"))
    assert result.exit_code == 0, result.output
    assert "68.27 % interval" in result.stdout
    assert "MHz" in result.stdout
    assert "period: 434" in result.stdout
    assert "pi pulse: 217" in result.stdout
    assert "reduced chi-square" in result.stdout
    stored = results.load(folder / "scan.rabi.nc", kind="trace_fit")
    assert stored["x"].attrs["units"] == "s"
    assert stored["rabi_frequency"].attrs["units"] == "Hz"
    assert float(stored["rabi_frequency_low"]) < float(stored["rabi_frequency"])
    assert "Rabi(" in results.parameters(stored)["models"][0]
    assert (folder / "scan.rabi.png").stat().st_size > 10_000


def test_places_to_save_can_be_named_and_nothing_else_is_written(folder: Path) -> None:
    file = write(folder, "t1")
    fit("t1", file, "--output", "x.nc", "--plot", "x.pdf", "--json")
    assert sorted(p.name for p in folder.iterdir()) == ["scan.csv", "x.nc", "x.pdf"]


def test_fixed_parameters_limits_and_starts_are_taken(folder: Path) -> None:
    file = write(folder, "rabi")
    found = json.loads(
        fit(
            *("rabi", file, "--json", "--no-save", "--fixed", "decay_time=1.5e-6"),
            *("--limits", "rabi_frequency=2.31e6:", "--start", "offset=0.9"),
        ).stdout
    )
    assert found["parameters"]["decay_time"]["value"] == 1.5e-6
    assert found["parameters"]["decay_time"]["fixed"] is True
    assert "interval" not in found["parameters"]["decay_time"]
    assert any("ended at its lower limit" in line for line in found["doubts"])
    assert found["doubts"][0] in found["sentences"]


def test_a_model_that_misses_a_structure_says_so(folder: Path) -> None:
    model = Rabi(delayed=True)
    x = np.linspace(0, 2e-6, 81)
    y = model.evaluate(x, {**CASES["rabi"][2], "delay": -6e-8})
    y = y + np.random.default_rng(1).normal(scale=2e-3, size=x.size)
    np.savetxt(folder / "a.txt", np.column_stack([x, y, np.full(81, 2e-3)]))
    plain = fit("rabi", "a.txt", "--columns", "0,1,2", "--no-save").stdout
    assert "the points miss the model by more than their errors" in plain
    assert "neighbouring residuals are alike" in plain
    assert "--delayed fits the rise" in plain
    better = fit("rabi", "a.txt", "--columns", "0,1,2", "--no-save", "--delayed").stdout
    assert "alike" not in better
    assert "-60." in better or "-59." in better


def test_counts_are_fitted_by_their_likelihood(folder: Path) -> None:
    model, x, truth, _ = CASES["g2"]
    expected = model.evaluate(x, {**truth, "offset": 5.0, "amplitude": 45.0})
    counts = np.random.default_rng(4).poisson(expected)
    np.savetxt(
        folder / "c.txt", np.column_stack([1e9 * x, counts]), header="delay_ns coinc"
    )
    result = fit("g2", "c.txt", "--poisson", "--no-save")
    assert result.exit_code == 0, result.output
    assert "one emitter" in result.stdout
    found = json.loads(fit("g2", "c.txt", "--poisson", "--no-save", "--json").stdout)
    assert found["errors_given"] is True
    assert abs(found["parameters"]["antibunching_time"]["value"] - 9e-9) < 2e-9
    noisy = write(folder, "t1")
    assert "errors are not used" in fit("t1", noisy, "--poisson", "--no-save").stderr


def test_results_are_written_back_into_qudis_header(
    shared_data: Path, folder: Path
) -> None:
    (file,) = (shared_data / "nv/qudi_hira").glob("*rabi*.dat")
    result = fit("rabi", file, "--delayed", "--no-save", "--qudi", "back.dat")
    assert result.exit_code == 0, result.output
    assert "period: 730.3 ± 2.8 ns" in result.stdout
    found = read_trace(folder / "back.dat", kind="rabi").metadata
    assert found["Number of laser pulses"] == 25
    assert found["fit rabi_frequency"]["unit"] == "Hz"
    (spectrum,) = (shared_data / "nv/qudi_hira").glob("*ODMR*.dat")
    assert fit("odmr", spectrum, "--no-save", "--qudi", "odmr.dat").exit_code == 0
    assert "fit lines_Hz" in read_trace(folder / "odmr.dat", kind="odmr").metadata


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--fixed", "decay_time"), "--fixed must be NAME=VALUE, got 'decay_time'"),
        (("--fixed", "decay_time=1us"), "must be NAME=a number in SI units"),
        (("--fixed", "decay=1"), "unknown key 'decay'"),
        (("--limits", "decay_time=1"), "--limits must be NAME=LOW:HIGH"),
        (("--loss", "l1"), "loss must be one of linear, soft_l1"),
        (("--unit", "min"), "unit must be one of s, ms, us, ns, got 'min'"),
        (("--columns", "0,7"), "columns must be between 0 and 2, got 7"),
        (("--level", "1"), "level must lie between 0.01 and 0.9999"),
        (("--plot", "a.bmp"), "a picture's name must end in"),
        (("--averaged", "--delayed"), "must not both be set"),
        (("--max-evaluations", "0"), "max_evaluations must be >= 1, got 0"),
    ],
)
def test_a_bad_option_gets_one_sentence(
    options: tuple[str, ...], message: str, folder: Path
) -> None:
    error = fit("rabi", write(folder, "rabi"), "--no-save", *options).exception
    assert isinstance(error, QleapError)
    assert message in str(error)


def test_a_fit_that_gives_up_prints_its_flag_and_fails(folder: Path) -> None:
    file = write(folder, "echo")
    result = fit("echo", file, "--json", "--no-save", "--max-evaluations", "2")
    assert json.loads(result.stdout)["converged"] is False
    assert isinstance(result.exception, NotConverged)
    assert "larger --max-evaluations" in str(result.exception)


def test_a_spectrum_is_refused(folder: Path) -> None:
    (folder / "a.csv").write_text("f (MHz),signal\n2870,1\n2871,2\n", encoding="utf-8")
    error = fit("t1", "a.csv").exception
    assert isinstance(error, InvalidValue)
    assert "must be a waiting time in s, ms, us, ns, got the unit 'MHz'" in str(error)
    assert [path.name for path in folder.iterdir()] == ["a.csv"]


def test_rows_with_missing_values_are_left_out_if_wanted(folder: Path) -> None:
    file = write(folder, "rabi")
    rows = file.read_text(encoding="utf-8").splitlines()
    rows[7] = rows[7].split(",")[0] + ",nan,nan"
    file.write_text("\n".join(rows), encoding="utf-8")
    refused = fit("rabi", file)
    assert isinstance(refused.exception, InvalidValue)
    assert "--missing drop" in str(refused.exception)
    result = fit("rabi", file, "--missing", "drop", "--no-save")
    assert result.exit_code == 0, result.output
    assert "1 of 81 rows have missing values" in result.stderr


@pytest.mark.parametrize("kind", CASES)
def test_a_drift_is_told_and_fitted_with_the_signal(kind: str, folder: Path) -> None:
    file = write(folder, kind)
    model, x, truth, options = CASES[kind]
    table = np.loadtxt(file, delimiter=",")
    rate = 0.1 / np.ptp(x)
    table[:, 1] += rate * x
    np.savetxt(file, table, delimiter=",", header="tau (ns),signal,error")
    plain = fit(kind, file, *options, "--json", "--no-save")
    told = json.loads(plain.stdout)["sentences"]
    assert any("--baseline 1 (to 3)" in line for line in told), told
    better = fit(kind, file, *options, "--json", "--no-save", "--baseline", 1)
    assert better.exit_code == 0, better.output
    found = json.loads(better.stdout)
    assert list(found["parameters"]) == [*model.names, "c0", "c1"]
    assert found["parameters"]["c0"]["fixed"] is True
    for name, true in {**truth, "c1": rate}.items():
        one = found["parameters"][name]
        assert abs(one["value"] - true) < 4.0 * one["standard_error"], name
    assert 0.7 < found["reduced_chi_square"] < 1.4
    refused = fit(kind, file, "--baseline", 4)
    assert refused.exit_code != 0
    assert "baseline must be" in str(refused.exception)
