"""Fits of traces as datasets and pictures."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core import results
from qleap.core.errors import InvalidValue
from qleap.sensing import FitResult, Trace, fit_traces, plot_fit
from qleap.sensing.models import Relaxation

X = np.linspace(0.0, 2e-2, 40)
TRUTH = {"offset": 0.2, "amplitude": 1.0, "t1": 5e-3}


def fit(rng: np.random.Generator, n: int, *, error: bool = True) -> FitResult:
    model = Relaxation()
    traces = [
        Trace(
            x=X,
            y=model.evaluate(X, TRUTH) + rng.normal(scale=0.01, size=X.size),
            error=np.full(X.size, 0.01) if error else None,
            x_name="waiting time",
            x_unit="s",
            unit="V",
            metadata={"power": -10, "when": object},
        )
        for _ in range(n)
    ]
    return fit_traces(traces, [model] * n, fixed={"offset": 0.2})


def test_a_dataset_holds_everything_with_units_and_survives_a_file(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    found = fit(rng, 1)
    intervals = found.intervals()
    assert set(intervals) == {"amplitude", "t1"}
    path = results.save(found.to_dataset(intervals=intervals), tmp_path / "a.nc")
    data = results.load(path, kind="trace_fit")
    assert_allclose(data["y"].values - data["fit"].values, -0.01 * data["residual"])
    for name, unit in (("x", "s"), ("y", "V"), ("t1", "s"), ("amplitude", "V")):
        assert data[name].attrs["units"] == unit
    assert float(data["t1"]) == found["t1"].value
    assert float(data["t1_error"]) == found["t1"].standard_error
    assert (float(data["t1_low"]), float(data["t1_high"])) == intervals["t1"]
    assert "offset_low" not in data
    covariance = data["covariance"].sel(parameter="t1").values
    assert_allclose(covariance, found.covariance[2])
    kept = results.parameters(data)
    assert kept["metadata"][0]["power"] == -10
    assert kept["fixed"] == {"offset": 0.2}


def test_several_traces_are_numbered(rng: np.random.Generator) -> None:
    data = fit(rng, 2, error=False).to_dataset()
    assert {"x_1", "x_2"} <= set(data.coords)
    assert {"y_1", "fit_2", "residual_2"} <= set(data)
    assert "y_error_1" not in data
    assert data["residual_1"].attrs["units"] == "V"


def test_a_picture_shows_data_curve_and_residuals(rng: np.random.Generator) -> None:
    found = fit(rng, 2)
    upper, lower = plot_fit(found, trace=1)
    assert lower.get_xlabel() == "waiting time (ms)"
    assert upper.get_ylabel() == "signal (V)"
    assert lower.get_ylabel() == "residual / error"
    curve = np.asarray(upper.lines[-1].get_xydata())
    at = np.interp(X * 1e3, curve[:, 0], curve[:, 1])
    assert_allclose(at, found.fitted[1], atol=1e-5)
    points = np.asarray(lower.lines[-1].get_ydata(), dtype=np.float64)
    assert_allclose(points, (found.problem.traces[1].y - found.fitted[1]) / 0.01)
    with pytest.raises(InvalidValue, match="trace must be between 0 and 1, got 2"):
        plot_fit(found, trace=2)
