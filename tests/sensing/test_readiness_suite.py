"""The suite that a laboratory points at its sensor: what recordings give is right."""

import math
from pathlib import Path

import numpy as np
import pytest

from qleap.bench import Accuracy, Measured, Skip
from qleap.bench.discovery import suites
from qleap.core.errors import InvalidValue, StorageError

DENSITY, RATE = 30e-12, 1000.0  # T/sqrt(Hz), Hz


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    found = tmp_path / "recordings" / "bench-top"
    found.mkdir(parents=True)
    return found


def case(name: str) -> Accuracy:
    (suite,) = [one for one in suites() if one.name == "sensing.readiness"]
    found = {one.name: one for one in suite.cases(True, "bench-top")}
    chosen = found[f"sensing.readiness.{name}"]
    assert isinstance(chosen, Accuracy)
    assert chosen.evidence == "recorded-lab-data"
    assert chosen.prediction is None
    return chosen


def value(name: str) -> float:
    found = case(name).measure()
    assert isinstance(found, Measured)
    assert found.file is not None
    return found.value


def write(file: Path, header: str, *columns: object) -> None:
    table = np.column_stack([np.asarray(column, dtype=float) for column in columns])
    np.savetxt(file, table, delimiter=",", header=header, comments="", fmt="%.12e")


def test_the_noise_of_a_recording_is_its_density(folder: Path) -> None:
    n = 40_000
    noise = np.random.default_rng(1).normal(0.0, DENSITY * math.sqrt(RATE / 2), n)
    write(folder / "noise.csv", "time_s,field_T", np.arange(n) / RATE, 5e-5 + noise)
    found = case("sensitivity").measure()
    assert isinstance(found, Measured)
    assert found.value == pytest.approx(DENSITY, rel=0.02)
    assert found.low is not None
    assert found.high is not None
    assert found.low < DENSITY < found.high < 1.1 * DENSITY


def test_the_interval_of_a_short_record_is_lopsided_and_holds_the_truth(
    folder: Path,
) -> None:
    """Symmetric intervals of 100 readings missed upwards three times too often."""
    rng, truth, missed, chosen = (
        np.random.default_rng(3),
        DENSITY,
        0,
        case("sensitivity"),
    )
    for _ in range(100):
        noise = rng.normal(0.0, DENSITY * math.sqrt(RATE / 2), 64)
        write(folder / "noise.csv", "time_s,field_T", np.arange(64) / RATE, noise)
        try:
            found = chosen.measure()
        except Skip:
            continue
        assert isinstance(found, Measured)
        assert found.low is not None
        assert found.high is not None
        assert found.high - found.value > found.value - found.low
        missed += not found.low < truth < found.high
    assert missed <= 4  # one expected of 100


def test_the_range_ends_where_the_reading_bends_by_one_per_cent(folder: Path) -> None:
    applied = np.linspace(-3e-4, 3e-4, 121)
    measured = 1e-3 * np.tanh(applied / 1e-3)  # x^2/3 = 1 % at 173 uT
    write(folder / "linearity.csv", "applied_T,measured_T", applied, measured)
    assert value("dynamic_range") == pytest.approx(1.70e-4, abs=1e-8)
    write(folder / "linearity.csv", "applied_T,measured_T", applied, 1.001 * applied)
    assert value("dynamic_range") == pytest.approx(3e-4)
    write(folder / "linearity.csv", "applied_T,measured_T", applied, 1.1 * applied)
    assert value("dynamic_range") == 0.0


def test_a_field_that_reads_wrong_with_one_sign_ends_the_range(folder: Path) -> None:
    applied = np.array([1e-4, -1e-4, 2e-4, -2e-4, 3e-4, -3e-4])
    measured = applied * [1.0, 1.0, 1.0, 1.1, 1.0, 1.0]
    for order in (slice(None), slice(None, None, -1)):
        write(folder / "linearity.csv", "a,m", applied[order], measured[order])
        assert value("dynamic_range") == pytest.approx(1e-4)


@pytest.mark.parametrize("header", ["applied (uT),measured (nT)", "in_uT,out_nT"])
def test_units_of_a_header_count(folder: Path, header: str) -> None:
    applied = np.linspace(-300.0, 300.0, 7)  # not 300 T
    write(folder / "linearity.csv", header, applied, 1e3 * applied)
    assert value("dynamic_range") == pytest.approx(3e-4, rel=1e-12)


def test_units_that_do_not_convert_are_refused(folder: Path) -> None:
    write(folder / "linearity.csv", "applied (A),measured (T)", [1.0], [1.0])
    with pytest.raises(InvalidValue, match=r"applied\(A\).*must be 'T'"):
        case("dynamic_range").measure()


def test_what_is_not_a_number_is_refused_with_its_line(folder: Path) -> None:
    lost = [3e-4, math.nan, 1e-4]
    write(folder / "linearity.csv", "applied_T,measured_T", [3e-4, 2e-4, 1e-4], lost)
    with pytest.raises(InvalidValue, match=r"linearity.csv, line 3: .* finite"):
        case("dynamic_range").measure()


def test_the_worst_dipole_of_a_phantom_counts(folder: Path) -> None:
    true = np.array([[0.0, 0.0, 0.05], [0.01, 0.02, 0.04], [0.0, -0.03, 0.03]])
    found = true + np.array([[1e-3, 0, 0], [0, 3e-3, 4e-3], [0, 0, 2e-3]])
    write(folder / "phantom.csv", "x,y,z,x0,y0,z0", *found.T, *true.T)
    assert value("phantom_error") == pytest.approx(5e-3)


def test_what_was_not_recorded_is_skipped_with_what_is_missing(folder: Path) -> None:
    for name, file in (
        ("sensitivity", "noise.csv"),
        ("dynamic_range", "linearity.csv"),
        ("phantom_error", "phantom.csv"),
    ):
        with pytest.raises(Skip, match=file):
            case(name).measure()
    (folder / "noise.csv").write_text("only words here\n", encoding="utf-8")
    with pytest.raises(StorageError):
        case("sensitivity").measure()
    write(folder / "noise.csv", "time_s,field_T", [0.0, 1.0, 2.0, 9.0], np.ones(4))
    with pytest.raises(InvalidValue, match="equal steps"):
        case("sensitivity").measure()
    write(folder / "phantom.csv", "x,y,z", *np.ones((3, 2)))
    with pytest.raises(InvalidValue, match="6 columns"):
        case("phantom_error").measure()
