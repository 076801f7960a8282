"""``qleap fit odmr``: what it prints, saves and refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from qleap.cli.main import app
from qleap.core import results
from qleap.core.errors import InvalidValue, NotConverged, QleapError
from qleap.sensing import OdmrSpectrum

GRID = np.linspace(2.70e9, 3.04e9, 681)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def data(folder: Path, rng: np.random.Generator) -> Path:
    model = OdmrSpectrum(field=(1.2e-3, 2.3e-3, 3.0e-3), fwhm=3e6, contrast=0.02)
    signal = model.evaluate(GRID) + rng.normal(scale=1e-3, size=GRID.size)
    file = folder / "scan.csv"
    table = np.column_stack([GRID / 1e6, signal])
    np.savetxt(file, table, delimiter=",", header="frequency (MHz),signal", fmt="%.9g")
    return file


def fit(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["fit", "odmr", *map(str, arguments)])


def test_json_holds_every_result_with_its_error_and_nothing_else(data: Path) -> None:
    result = fit(data, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["converged"] is True
    assert abs(found["field_magnitude_T"]["value"] - 3.967e-3) < 0.02e-3
    for key in ("field_magnitude_T", "zero_field_splitting_Hz"):
        assert found[key]["standard_error"] > 0.0
    assert len(found["lines_Hz"]) == 8
    assert all(line["standard_error"] > 0.0 for line in found["lines_Hz"])
    vector = found["field_vector_T"]
    assert vector["n_equivalent"] == 48
    np.testing.assert_allclose(vector["value"], [1.2e-3, 2.3e-3, 3.0e-3], atol=2e-5)
    assert found["reduced_chi_square"] > 0.0
    assert "unit of the frequency: MHz" in result.stderr


def test_dataset_and_plot_are_saved_in_the_current_folder(
    data: Path, folder: Path
) -> None:
    result = fit(data)
    assert result.exit_code == 0, result.output
    assert "saved scan.odmr.nc" in result.stderr
    stored = results.load(folder / "scan.odmr.nc", kind="odmr_fit")
    assert stored["line_position"].size == 8
    assert (folder / "scan.odmr.png").stat().st_size > 10_000


def test_the_table_shows_lines_field_and_ambiguity(data: Path) -> None:
    out = fit(data, "--no-save").stdout
    assert "position (MHz)" in out
    assert "field: 3.9" in out
    assert "±" in out
    assert "48 equivalent fields" in out


def test_nothing_is_saved_when_asked_not_to(data: Path, folder: Path) -> None:
    assert fit(data, "--no-save").exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["scan.csv"]


def test_places_to_save_can_be_named(data: Path, folder: Path) -> None:
    fit(data, "--output", folder / "x.nc", "--plot", folder / "x.pdf", "--json")
    assert (folder / "x.nc").exists()
    assert (folder / "x.pdf").exists()


def test_two_lines_say_what_is_missing_for_the_size_of_the_field(
    folder: Path, rng: np.random.Generator
) -> None:
    grid = np.linspace(2.85e9, 2.89e9, 161)
    model = OdmrSpectrum(field=(3e-4, 3e-4, 3e-4), fwhm=1e6, contrast=0.1, axes=(0,))
    signal = model.evaluate(grid) + rng.normal(scale=2e-3, size=grid.size)
    np.savetxt(folder / "one.csv", np.column_stack([grid, signal]), delimiter=",")
    found = json.loads(fit("one.csv", "--json", "--no-save").stdout)
    assert found["field_magnitude_T"] is None
    assert "give the temperature" in found["reasons"]["magnitude"]
    assert abs(found["field_projection_T"]["value"] - 3e-4 * 3**0.5) < 2e-6
    assert "not determined: magnitude" in fit("one.csv", "--no-save").stdout
    warm = json.loads(
        fit("one.csv", "--temperature", 296, "--json", "--no-save").stdout
    )
    assert warm["zero_field_splitting_Hz"]["standard_error"] == 0.3e6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--lines", "9"), "n_lines must be between 1 and 8, got 9"),
        (("--shape", "lorenzian"), "did you mean 'lorentzian'"),
        (("--hyperfine", "13C"), "hyperfine must be one of none, 14N, 15N"),
        (("--axes", "two"), "axes must be one of auto, one, all"),
        (("--temperature", "900"), "temperature must lie between 15 and 500 K"),
        (("--columns", "0,7"), "columns must be between 0 and 1, got 7"),
        (("--unit", "THz"), "unit must be one of Hz, kHz, MHz, GHz"),
        (
            ("--temperature", "300", "--zero-field-splitting", "2.87e9"),
            "must not be given together",
        ),
    ],
)
def test_a_bad_option_gets_one_sentence(
    options: tuple[str, ...], message: str, data: Path
) -> None:
    error = fit(data, "--no-save", *options).exception
    assert isinstance(error, QleapError)
    assert message in str(error)


def test_a_fit_that_gives_up_prints_its_flag_and_fails(data: Path) -> None:
    result = fit(data, "--json", "--no-save", "--max-evaluations", "2")
    assert json.loads(result.stdout)["converged"] is False
    assert isinstance(result.exception, NotConverged)
    assert "larger --max-evaluations" in str(result.exception)


def test_noise_gets_one_sentence(folder: Path, rng: np.random.Generator) -> None:
    table = np.column_stack([GRID, rng.normal(size=GRID.size)])
    np.savetxt(folder / "noise.csv", table, delimiter=",")
    error = fit("noise.csv").exception
    assert isinstance(error, InvalidValue)
    assert "stands out of the noise" in str(error)
    assert [path.name for path in folder.iterdir()] == ["noise.csv"]
