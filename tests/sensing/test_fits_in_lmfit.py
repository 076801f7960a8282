"""The same data in lmfit and in SciPy's curve_fit: values to 1e-6, errors too."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from qleap.sensing import LineModel, fit_trace
from qleap.sensing.models import HahnEcho, OdmrLines, Rabi, Ramsey
from qleap.sensing.models.base import TraceModel

Array = NDArray[np.float64]


def rabi(t: Array, offset: Any, amplitude: Any, f: Any, decay: Any) -> Array:
    moved = 0.5 * (1.0 - np.exp(-t / decay) * np.cos(2.0 * np.pi * f * t))
    return np.asarray(offset + amplitude * moved)


def ramsey(
    t: Array, offset: Any, amplitude: Any, detuning: Any, t2_star: Any, exponent: Any
) -> Array:
    fringes = sum(
        np.cos(2.0 * np.pi * (detuning + shift) * t) for shift in (-2.162e6, 0, 2.162e6)
    )
    decay = np.exp(-((t / t2_star) ** exponent))
    return np.asarray(offset + amplitude / 3.0 * decay * fringes)


def echo(t: Array, offset: Any, amplitude: Any, t2: Any, exponent: Any) -> Array:
    return np.asarray(offset + amplitude * np.exp(-((t / t2) ** exponent)))


def lines(
    f: Array, a: Any, b: Any, wa: Any, wb: Any, da: Any, db: Any, c: Any
) -> Array:
    first, second = (2.0 * (f - a) / wa) ** 2, (2.0 * (f - b) / wb) ** 2
    return np.asarray(c - da / (1.0 + first) - db / (1.0 + second))


CASES: dict[str, tuple[TraceModel, Any, Array, list[float], float]] = {
    "rabi": (Rabi(), rabi, np.linspace(0, 2e-6, 101), [1, -0.3, 5.3e6, 1e-6], 0.01),
    "ramsey": (
        Ramsey(hyperfine="14N"),
        ramsey,
        np.linspace(0, 4e-6, 161),
        [1, 0.1, 3.7e6, 1.5e-6, 1.6],
        0.01,
    ),
    "echo": (
        HahnEcho(),
        echo,
        np.linspace(0, 600e-6, 101),
        [1, 0.1, 150e-6, 1.6],
        0.005,
    ),
    "lines": (
        OdmrLines(n_lines=2, lines=LineModel(background="constant")),
        lines,
        np.linspace(2.82e9, 2.92e9, 201),
        [2.85e9, 2.89e9, 5e6, 6e6, 0.01, 0.012, 1.0],
        3e-4,
    ),
}


@pytest.mark.parametrize("peer", ["lmfit", "scipy"])
@pytest.mark.parametrize("name", CASES)
def test_values_and_errors_agree_with_other_programs(
    name: str, peer: str, rng: np.random.Generator
) -> None:
    model, function, x, truth, noise = CASES[name]
    error = np.full(x.size, noise)
    y = function(x, *truth) + rng.normal(scale=noise, size=x.size)
    fit = fit_trace(model, x, y, error)
    scale = np.array(truth)  # parameters of order one, for differences
    start = np.ones(scale.size)
    if peer == "scipy":
        found, covariance = curve_fit(
            lambda x, *p: function(x, *(scale * p)), x, y, start, error,
            absolute_sigma=True, xtol=1e-14, ftol=1e-14, gtol=1e-14,
        )  # fmt: skip
        errors = np.sqrt(np.diag(covariance))
    else:
        found, errors = in_lmfit(function, scale, x, y, error)
    assert_allclose(fit.values, found * scale, rtol=1e-6)
    assert_allclose(fit.standard_errors, errors * np.abs(scale), rtol=1e-3)


def in_lmfit(
    function: Any, scale: Array, x: Array, y: Array, error: Array
) -> tuple[Array, Array]:
    """Return values and errors of parameters in units of ``scale``."""
    lmfit = pytest.importorskip("lmfit")
    start = lmfit.Parameters()
    for k in range(scale.size):
        start.add(f"p{k}", value=1.0)

    def residual(p: Any) -> Array:
        values = scale * np.array(list(p.valuesdict().values()))
        return np.asarray((function(x, *values) - y) / error)

    found = lmfit.minimize(residual, start, scale_covar=False, xtol=1e-14, ftol=1e-14)
    kept = found.params.values()
    return np.array([p.value for p in kept]), np.array([p.stderr for p in kept])
