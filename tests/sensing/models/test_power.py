"""The model of a spectrum under power: its parameters, scales and start values."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.sensing import fit_trace
from qleap.sensing.fitting import selection
from qleap.sensing.models import PowerBroadenedOdmr
from qleap.sensing.nv.nitrogen import NITROGEN_14, NITROGEN_15, Nitrogen
from qleap.sensing.nv.photophysics import CwOdmrModel, cw_fit

Array = NDArray[np.float64]
X = np.linspace(2.82e9, 2.92e9, 201)
LINES, FIT = selection.fit_lines, cw_fit.fit_cw_odmr
BASE = CwOdmrModel(
    lines=(2.84e9, 2.90e9),
    pump_rate=3e6,
    rabi_frequency=4e5,
    dephasing_rate=3e5,
    brightness=1e-6,
)


def test_parameters_have_the_units_and_limits_of_what_they_are() -> None:
    expected = {
        "pump_rate": ("1/s", 0.0),
        "rabi_frequency": ("Hz", 0.0),
        "dephasing_rate": ("1/s", 0.0),
        "line_minus": ("Hz", 0.0),
        "line_plus": ("Hz", 0.0),
        "brightness": ("signal s", 0.0),
        "background": ("signal", -np.inf),
    }
    model = PowerBroadenedOdmr(base=BASE, free=tuple(expected))
    found = {one.name: (one.unit, one.low) for one in model.parameters}
    assert found == expected
    assert all(one.high == np.inf for one in model.parameters)


def test_places_of_lines_are_scaled_by_widths_and_all_else_by_values() -> None:
    free = ("pump_rate", "line_minus", "line_plus", "background")
    model = PowerBroadenedOdmr(base=BASE, free=free)
    scales = model.scales(X, np.array([3e6, 2.84e9, 2.9e9, -0.2]))
    assert_allclose(scales, [3e6, 7e5, 7e5, 0.2])
    assert_allclose(model.scales(X, np.zeros(4))[[0, 3]], 1e-12)


def start_of(
    monkeypatch: pytest.MonkeyPatch, model: PowerBroadenedOdmr, y: Array
) -> tuple[CwOdmrModel, Any]:
    """Return where the fit of a guess begins, and the lines it looked for."""
    seen: list[Any] = []

    def looked(*args: Any, **options: Any) -> Any:
        seen.append(options["model"])
        return LINES(*args, **options)

    def begun(spectrum: Any, start: CwOdmrModel, free: Any) -> Any:
        seen.append(start)
        return FIT(spectrum, start, free, search=False)

    monkeypatch.setattr(selection, "fit_lines", looked)
    monkeypatch.setattr(cw_fit, "fit_cw_odmr", begun)
    model.guess(X, y)
    return seen[1], seen[0]


@pytest.mark.parametrize(
    ("nitrogen", "hyperfine"),
    [(None, "none"), (NITROGEN_14, "14N"), (NITROGEN_15, "15N")],
)
def test_a_guess_begins_at_the_multiplets_and_the_level_of_the_data(
    monkeypatch: pytest.MonkeyPatch, nitrogen: Nitrogen | None, hyperfine: str
) -> None:
    truth = replace(BASE, nitrogen=nitrogen, background=0.3)
    away = truth.with_values(
        {"line_minus": 2.86e9, "line_plus": 2.88e9, "brightness": 4e-6}
    )
    y = truth.evaluate(X)
    model = PowerBroadenedOdmr(base=away)
    start, lines = start_of(monkeypatch, model, y)
    assert lines.hyperfine == hyperfine
    assert lines.background == "constant"
    assert_allclose(start.lines, truth.lines, atol=5e4)
    assert start.background == 0.3
    # far from the lines the start is as bright as the data
    level = start.evaluate(np.array([2.7e9]))[0]
    assert_allclose(level, np.percentile(y, 95.0), rtol=2e-3)
    kept = PowerBroadenedOdmr(base=away, free=("pump_rate", "line_minus"))
    start, _ = start_of(monkeypatch, kept, y)
    assert start.lines[1] == 2.88e9
    assert start.brightness == 4e-6


def width_and_contrast(model: CwOdmrModel) -> tuple[float, float]:
    """Return the full width at half depth, Hz, and the depth over the level."""
    alone = replace(model, lines=(2.87e9,))
    grid = 2.87e9 + np.linspace(-3e7, 3e7, 12001)
    y = alone.evaluate(grid)
    level = float(alone.evaluate(np.array([2e9]))[0])
    below = grid[y < 0.5 * (level + y.min())]
    return float(np.ptp(below)), float(1.0 - y.min() / level)


@pytest.mark.parametrize(
    ("rabi", "pump", "unique"),
    [
        (1e5, 1e6, True),
        (3e5, 1e7, True),
        (3e6, 1e6, True),
        (1e6, 1e6, False),
    ],
)
def test_noisy_spectra_give_widths_and_contrasts_and_powers_or_both_rivals(
    rabi: float, pump: float, unique: bool
) -> None:
    truth = replace(
        BASE, pump_rate=pump, rabi_frequency=rabi, dephasing_rate=1e6, brightness=1.0
    )
    truth = replace(truth, brightness=1.0 / truth.evaluate(X).max())
    clean = truth.evaluate(X)
    noise = np.ptp(clean) / 50.0
    away = {"pump_rate": 1e6, "rabi_frequency": 5e5, "line_minus": 2.85e9}
    model = PowerBroadenedOdmr(base=truth.with_values({**away, "brightness": 1e-6}))
    rng = np.random.default_rng(1)
    y = clean + noise * rng.standard_normal(X.size)
    fit = fit_trace(model, X, y, np.full(X.size, noise))
    assert fit.converged
    seen, known = width_and_contrast(model.at(fit.values)), width_and_contrast(truth)
    assert_allclose(seen, known, rtol=0.04)
    told = [one for one in fit.doubts if one.startswith("other values explain")]
    assert len(told) == (not unique)
    found, errors = fit.values, fit.standard_errors
    expected = np.array([truth.value(name) for name in model.names])
    if told:
        # the pump rate that is not reported is named
        other = float(told[0].split("pump_rate = ")[1].split()[0])
        both = np.array([found[0], other])
        assert np.abs(np.log(both / pump)).min() < np.log(4.0)
        start = dict(zip(model.names, expected, strict=True))
        again = fit_trace(model, X, y, np.full(X.size, noise), start=start)
        assert abs(again.cost - fit.cost) < 9.0
        assert_allclose(again["pump_rate"].value, both[np.argmin(both)], rtol=0.02)
    else:
        assert np.abs((found - expected) / errors).max() < 4.0
        assert errors[1] < 0.04 * rabi
