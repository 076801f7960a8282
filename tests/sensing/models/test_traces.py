"""Models of traces: derivatives, start values, sums, names."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.sensing import LineModel
from qleap.sensing.fitting.trace import fit_trace
from qleap.sensing.models import (
    AllanSlopes,
    Antibunching,
    DecouplingScaling,
    DoubleQuantumRelaxation,
    FunctionModel,
    HahnEcho,
    OdmrLines,
    PhotonCounts,
    Polynomial,
    Rabi,
    Ramsey,
    Relaxation,
    Saturation,
    SingleQuantumRelaxation,
    TraceModel,
)

Array = NDArray[np.float64]

CASES: dict[str, tuple[TraceModel, Array, dict[str, float], float]] = {
    "rabi": (
        Rabi(),
        np.linspace(0, 2e-6, 101),
        {"offset": 1, "amplitude": -0.3, "rabi_frequency": 5.3e6, "decay_time": 1e-6},
        0.01,
    ),
    "averaged rabi": (
        Rabi(averaged=True),
        np.linspace(0, 2e-6, 101),
        {
            "offset": 1,
            "amplitude": -0.3,
            "rabi_frequency": 5.3e6,
            "decay_time": 3e-6,
            "detuning_spread": 2e6,
        },
        0.005,
    ),
    "delayed rabi": (
        Rabi(delayed=True),
        np.linspace(0, 2e-6, 101),
        {
            "offset": 1,
            "amplitude": -0.3,
            "rabi_frequency": 5.3e6,
            "decay_time": 1e-6,
            "delay": 1.7e-8,
        },
        0.01,
    ),
    "ramsey": (
        Ramsey(),
        np.linspace(0, 4e-6, 161),
        {
            "offset": 1,
            "amplitude": 0.1,
            "detuning": 1.7e6,
            "t2_star": 1.5e-6,
            "exponent": 1.6,
        },
        0.01,
    ),
    "ramsey 14N": (
        Ramsey(hyperfine="14N"),
        np.linspace(0, 4e-6, 161),
        {
            "offset": 1,
            "amplitude": 0.1,
            "detuning": 3.7e6,
            "t2_star": 1.5e-6,
            "exponent": 1.6,
        },
        0.01,
    ),
    "ramsey 15N": (
        Ramsey(hyperfine="15N", phased=True),
        np.linspace(0, 4e-6, 161),
        {
            "offset": 1,
            "amplitude": 0.1,
            "detuning": 3.7e6,
            "t2_star": 1.5e-6,
            "exponent": 1.6,
            "phase": 0.6,
        },
        0.01,
    ),
    "echo": (
        HahnEcho(),
        np.linspace(0, 600e-6, 101),
        {"offset": 1, "amplitude": 0.1, "t2": 150e-6, "exponent": 1.6},
        0.005,
    ),
    "echo with revivals": (
        HahnEcho(revivals=True),
        np.linspace(0, 200e-6, 301),
        {
            "offset": 1,
            "amplitude": 0.1,
            "t2": 150e-6,
            "exponent": 1.6,
            "revival_period": 37e-6,
            "revival_width": 6e-6,
        },
        0.01,
    ),
    "relaxation": (
        Relaxation(),
        np.geomspace(1e-5, 2e-2, 40),
        {"offset": 1, "amplitude": 0.1, "t1": 3e-3},
        0.003,
    ),
    "stretched relaxation": (
        Relaxation(stretched=True),
        np.geomspace(1e-5, 2e-2, 40),
        {"offset": 1, "amplitude": 0.1, "t1": 3e-3, "exponent": 0.7},
        0.002,
    ),
    "single quantum": (
        SingleQuantumRelaxation(),
        np.geomspace(1e-5, 2e-2, 40),
        {"offset": 0.1, "amplitude": 0.3, "single_quantum_rate": 100.0},
        0.005,
    ),
    "scaling": (
        DecouplingScaling(),
        np.array([1.0, 2, 4, 8, 16, 32, 64]),
        {"t2_one_pulse": 3e-4, "power": 0.66},
        1e-5,
    ),
    "saturation": (
        Saturation(),
        np.linspace(0.05e-3, 5e-3, 40),
        {
            "saturation_rate": 2e5,
            "saturation_power": 0.6e-3,
            "background_slope": 1e7,
            "dark_rate": 3000,
        },
        500,
    ),
    "antibunching": (
        Antibunching(),
        np.linspace(-100e-9, 100e-9, 400),
        {
            "offset": 0.1,
            "amplitude": 0.9,
            "antibunching_time": 10e-9,
            "bunching_time": 120e-9,
            "bunching": 0.6,
            "zero": 3.1e-9,
        },
        0.01,
    ),
    "counts": (
        PhotonCounts(),
        np.arange(60.0),
        {"occurrences_1": 3000, "mean_1": 7, "occurrences_2": 5000, "mean_2": 21},
        3.0,
    ),
    "allan": (
        AllanSlopes(),
        np.geomspace(0.01, 1000, 25),
        {
            "quantisation": 1e-10,
            "white": 1e-9,
            "flicker": 3e-10,
            "random_walk": 1e-10,
            "drift": 1e-12,
        },
        1e-11,
    ),
    "odmr": (
        OdmrLines(n_lines=2, lines=LineModel(background="constant", hyperfine="14N")),
        np.linspace(2.82e9, 2.92e9, 201),
        {
            "position_1": 2.85e9,
            "position_2": 2.89e9,
            "fwhm_1": 1.1e6,
            "fwhm_2": 1.3e6,
            "depth_1": 0.01,
            "depth_2": 0.012,
            "background": 1.0,
        },
        3e-4,
    ),
    "line": (
        Polynomial(degree=2),
        np.linspace(-3, 4, 30),
        {"c0": 1, "c1": 2, "c2": 3},
        0.1,
    ),
}

by_name = pytest.mark.parametrize("name", CASES)


@by_name
def test_derivatives_are_those_of_the_model(name: str) -> None:
    model, x, truth, _ = CASES[name]
    if name == "antibunching":  # it has a kink where the delay is zero
        x = x[np.abs(x - truth["zero"]) > 1e-9]
    values = model.ordered(truth)
    step = 1e-5 * np.abs(values)
    if name == "odmr":
        step[:2] = 10.0
    found, scale = (
        model.jacobian(x, values),
        np.abs(model.jacobian(x, values)).max(axis=0),
    )
    for k in range(values.size):
        h = np.zeros_like(values)
        h[k] = step[k]
        up, down = model.evaluate(x, values + h), model.evaluate(x, values - h)
        assert_allclose(
            found[:, k] / scale[k], (up - down) / (2 * step[k]) / scale[k], atol=2e-5
        )


@by_name
def test_a_fit_without_start_values_finds_the_truth_within_its_errors(
    name: str, rng: np.random.Generator
) -> None:
    model, x, truth, noise = CASES[name]
    exact = model.evaluate(x, truth)
    pulls = []
    for _ in range(12):
        y = exact + rng.normal(scale=noise, size=x.size)
        fit = fit_trace(model, x, y, np.full(x.size, noise))
        assert fit.converged
        pulls.append((fit.values - model.ordered(truth)) / fit.standard_errors)
    assert np.abs(np.median(pulls, axis=0)).max() < 2.0
    assert np.percentile(np.abs(pulls), 90) < 2.5


def test_ramsey_beats_are_those_of_the_ground_state() -> None:
    # three fringes 2.162 MHz apart: Smeltzer et al., Phys. Rev. A 80, 050302 (2009)
    t = np.linspace(0.0, 5e-6, 4001)
    model = Ramsey(hyperfine="14N", stretched=False)
    y = model.evaluate(t, [0.0, 1.0, 5e6, 1.0])
    spectrum = np.abs(np.fft.rfft(y, 16 * t.size))
    f = np.fft.rfftfreq(16 * t.size, t[1])
    for line in (5e6 - 2.162e6, 5e6, 5e6 + 2.162e6):
        near = np.abs(f - line) < 0.3e6
        assert_allclose(f[near][spectrum[near].argmax()], line, atol=2e4)


def test_parameters_of_one_name_are_one_parameter_of_a_sum() -> None:
    two = Relaxation() + Relaxation().renamed(t1="t1_slow", amplitude="slow")
    assert two.names == ("offset", "amplitude", "t1", "slow", "t1_slow")
    t = np.linspace(0.0, 1.0, 5)
    y = two.evaluate(
        t, {"offset": 0.5, "amplitude": 1, "t1": 0.1, "slow": 2, "t1_slow": 3.0}
    )
    assert_allclose(y, 2 * 0.5 + np.exp(-t / 0.1) + 2 * np.exp(-t / 3.0))
    slopes = two.jacobian(t, [0.5, 1, 0.1, 2, 3.0])
    assert_allclose(slopes[:, 0], 2.0)


def test_a_function_of_ones_own_is_a_model_in_one_line() -> None:
    model = FunctionModel(
        function=lambda x, a, tau: a * np.exp(-x / tau), start={"a": 1, "tau": 1}
    )
    x = np.linspace(0, 3, 30)
    fit = fit_trace(model, x, 2.0 * np.exp(-x / 0.7))
    assert_allclose(fit.values, [2.0, 0.7], rtol=1e-9)


def test_a_function_that_numpy_cannot_trace_is_differentiated_by_steps() -> None:
    import math

    def loop(x: Array, a: float, b: float) -> list[float]:
        return [float(a) * math.sin(float(b) * one) for one in x]

    x = np.linspace(0.1, 2.0, 12)
    found = FunctionModel(function=loop).jacobian(x, [2.0, 1.3])
    exact = np.column_stack([np.sin(1.3 * x), 2.0 * x * np.cos(1.3 * x)])
    assert_allclose(found, exact, rtol=1e-9)


def test_a_parameter_that_starts_at_zero_is_fitted() -> None:
    x = np.linspace(-1.0, 1.0, 20)
    model = FunctionModel(function=lambda x, a, b: a + b * x, start={"a": 0, "b": 0})
    assert_allclose(fit_trace(model, x, 3.0 - 2.0 * x).values, [3.0, -2.0])


def test_parts_that_give_one_name_two_units_are_refused() -> None:
    with pytest.raises(InvalidValue, match="offset must have one unit"):
        Relaxation() + FunctionModel(
            function=lambda x, offset: offset + 0 * x, units={"offset": "s"}
        )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Rabi(averaged=True, delayed=True), "must not both be set"),
        (lambda: Rabi().evaluate([0.0], [1.0]), "values must have 4 numbers"),
        (lambda: Rabi().evaluate([0.0], {"offset": 1.0}), "lack amplitude"),
        (lambda: Ramsey(hyperfine="13C"), "hyperfine must be one of"),
        (lambda: FunctionModel(function=lambda x: x).parameters, "at least one"),
        (
            lambda: FunctionModel(function=lambda x, a: a * x).guess([1.0], [1.0]),
            "has no guess",
        ),
        (lambda: OdmrLines(n_lines=2, lines=LineModel()), "must be 'constant'"),
        (lambda: Rabi().renamed(frequency="f"), "unknown key 'frequency'"),
    ],
)
def test_what_is_wrong_is_said(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        call()


def test_one_emitter_is_told_by_the_zero_delay() -> None:
    assert Antibunching.zero_delay({"offset": 0.2, "amplitude": 0.8}) == 0.2


def test_double_quantum_alone_leaves_two_rates_open(rng: np.random.Generator) -> None:
    t = np.geomspace(1e-5, 2e-2, 40)
    model = DoubleQuantumRelaxation()
    y = model.evaluate(t, [0.0, 1.0, 100.0, 300.0]) + rng.normal(scale=0.01, size=40)
    fit = fit_trace(model, t, y)
    assert any("not determined apart" in doubt for doubt in fit.doubts)
