"""What a fit says of itself: doubts in words, and values that it refuses."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing import fit_trace
from qleap.sensing.models import (
    FunctionModel,
    Gaussian,
    OdmrLines,
    PhotonCounts,
    Rabi,
    Ramsey,
    Relaxation,
)
from qleap.sensing.models.base import TraceModel


def test_an_oscillation_in_pure_noise_is_doubted(rng: np.random.Generator) -> None:
    t = np.linspace(0.0, 4e-6, 161)
    fit = fit_trace(Rabi(), t, 1.0 + 0.01 * rng.standard_normal(161))
    assert any("rabi_frequency and decay_time: below 5" in d for d in fit.doubts)
    seen = 1.0 - 0.02 * np.sin(np.pi * 2e6 * t) ** 2 * np.exp(-t / 3e-6)
    fit = fit_trace(Rabi(), t, seen + 0.002 * rng.standard_normal(161))
    assert fit.doubts == ()


def test_a_line_that_is_not_there_is_doubted(rng: np.random.Generator) -> None:
    f = np.linspace(2.82e9, 2.92e9, 101)
    seen = 1.0 - 0.03 / (1.0 + ((f - 2.87e9) / 3e6) ** 2)
    seen += 1e-3 * rng.standard_normal(101)
    fit = fit_trace(OdmrLines(n_lines=2), f, seen, np.full(101, 1e-3))
    faint = 1 + int(np.argmax(np.abs(fit.values[:2] - 2.87e9)))
    assert any(f"_{faint} " in doubt for doubt in fit.doubts)
    assert not any(doubt.startswith(f"depth_{3 - faint} ") for doubt in fit.doubts)


@pytest.mark.filterwarnings("error")
def test_points_without_scatter_give_no_standard_errors() -> None:
    t = np.linspace(0.0, 4e-6, 161)
    for y in (np.ones(161), np.exp(-t / 1e-6)):
        fit = fit_trace(Relaxation(), t, y)
        assert any("meets all points to rounding" in doubt for doubt in fit.doubts)
        low, high = fit.interval("t1")
        assert not low > high


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fixed": {"t1": -1e-6}}, "fixed t1 must lie between 0 and inf s"),
        ({"fixed": {"t1": "long"}}, "fixed t1 must be"),
        ({"start": {"t1": np.nan}}, "start t1 must be a finite number"),
        ({"start": {"t1": "long"}}, "start t1 must be"),
    ],
)
def test_values_that_no_parameter_can_have_are_refused(
    options: dict[str, Any], message: str
) -> None:
    t = np.linspace(0.0, 4e-6, 30)
    with pytest.raises((InvalidValue, InvalidKind), match=message):
        fit_trace(Relaxation(), t, np.exp(-t / 1e-6), **options)


@pytest.mark.parametrize("model", [Rabi(), Relaxation()])
def test_one_place_of_x_has_no_shape(model: TraceModel) -> None:
    with pytest.raises(InvalidValue, match="x must have different values"):
        fit_trace(model, np.full(30, 1e-6), np.arange(30.0))


def test_a_histogram_without_counts_is_refused() -> None:
    with pytest.raises(InvalidValue, match="y must have occurrences > 0"):
        fit_trace(PhotonCounts(), np.arange(20.0), np.zeros(20))


def test_intervals_of_beats_in_noise_always_end(rng: np.random.Generator) -> None:
    t, model = np.linspace(0.0, 4e-6, 81), Ramsey(hyperfine="14N")
    truth = {"offset": 1.0, "amplitude": 0.05, "detuning": 3.7e6, "t2_star": 1.5e-6}
    clean = model.evaluate(t, {**truth, "exponent": 1.6})
    covered = 0
    for _ in range(30):
        fit = fit_trace(model, t, clean + 0.01 * rng.standard_normal(81))
        low, high = fit.interval("t2_star")
        assert low < fit["t2_star"].value < high
        covered += low <= 1.5e-6 <= high
    assert 14 <= covered <= 28  # 20.5 are expected


def test_the_interval_of_a_parameter_felt_in_second_order_is_exact(
    rng: np.random.Generator,
) -> None:
    # y = a^2 x about a = 0: the standard error is without bound
    x = np.linspace(0.1, 1.0, 30)
    noise = 0.1 * rng.normal(size=30)
    noise -= x * ((noise @ x) / (x @ x) + 0.01)  # the best a is zero
    model = FunctionModel(function=lambda x, a: a * a * x, start={"a": 1e-7})
    fit = fit_trace(model, x, noise, np.full(30, 0.1))
    assert fit["a"].standard_error > 1e3
    # cost rises by (x @ x) (a^4 + 0.02 a^2) / 0.01
    size = float(x @ x) / 0.01
    a2 = -0.01 + np.sqrt(0.01**2 + 1.0 / size)
    low, high = fit.interval("a", level=0.6826895)
    assert_allclose([low, high], [-np.sqrt(a2), np.sqrt(a2)], rtol=1e-4)


def test_a_prior_that_the_data_do_not_narrow_is_told(rng: np.random.Generator) -> None:
    x = np.linspace(0.0, 1.0, 40)
    y = 1.0 + x + rng.normal(scale=0.1, size=40)
    model = FunctionModel(
        function=lambda x, a, b, c: a + (b + c) * x, start={"a": 1, "b": 0.5, "c": 0.5}
    )
    wide = {"b": Gaussian(0.5, 1.0), "c": Gaussian(0.5, 1.0)}
    for error in (np.full(40, 0.1), None):
        fit = fit_trace(model, x, y, error, priors=wide)
        assert fit.doubts == (
            "a combination of b and c are known from priors alone: the data do not "
            "narrow them",
        )
        tight = fit_trace(model, x, y, error, priors={"c": Gaussian(0.5, 1e-3)})
        assert tight.doubts == (
            "c is known from its prior alone: the data do not narrow it",
        )
        measured = fit_trace(model, x, y, error, fixed={"c": 0.5}, priors={
            "b": Gaussian(0.5, 1.0)})  # fmt: skip
        assert measured.doubts == ()
