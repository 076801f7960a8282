"""Spectra under light and microwave: limits, laws, derivatives, fits."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing import NVCentre, Spectrum
from qleap.sensing.nv import NITROGEN_14
from qleap.sensing.nv.photophysics import (
    ChargeRates,
    CwOdmrModel,
    RateModel,
    fit_cw_odmr,
)

TWO = CwOdmrModel(
    lines=(2.84e9, 2.90e9), pump_rate=3e6, rabi_frequency=5e5, dephasing_rate=4e5
)
ONE = CwOdmrModel(
    lines=(2.87e9,), pump_rate=3e6, rabi_frequency=5e5, dephasing_rate=4e5
)
GRID = np.linspace(2.82e9, 2.92e9, 101)


def test_the_part_that_populations_reach_is_found() -> None:
    # Populations, and the real and imaginary parts of the coherences of the ground
    # triplet that the drive makes: one pair for one line, three pairs for two.
    assert len(ONE.reduction.unknowns) == 7 + 2
    assert len(TWO.reduction.unknowns) == 7 + 6
    ten = CwOdmrModel(lines=(2.84e9, 2.90e9), charge=ChargeRates())
    assert len(ten.reduction.unknowns) == 10 + 6
    assert len(TWO.reduction.swept) == 4


@pytest.mark.parametrize("charge", [None, ChargeRates()])
def test_one_line_is_what_rates_of_the_bloch_equations_make(
    charge: ChargeRates | None,
) -> None:
    # A coherence that follows its populations flips them at the rate
    # (2 pi Omega)^2 / 2 * g / (g^2 + delta^2), g its decay.
    relaxation = 2e3
    model = CwOdmrModel(
        lines=(2.87e9,),
        pump_rate=3e6,
        rabi_frequency=5e5,
        dephasing_rate=4e5,
        relaxation_rate=relaxation,
        charge=charge,
    )
    rates = RateModel(charge=charge, relaxation_time=1.0 / (3.0 * relaxation))
    decay = 4e5 + 3e6 + 2.0 * relaxation
    for offset in (0.0, 3e5, -4e6):
        away = 2.0 * np.pi * offset
        flips = 0.5 * (2.0 * np.pi * 5e5) ** 2 * decay / (decay**2 + away**2)
        expected = rates.luminescence(3e6, microwave=(0.0, flips))
        assert_allclose(model.evaluate([2.87e9 + offset])[0], expected, rtol=1e-11)


def test_a_weak_microwave_shows_the_width_of_light_and_dephasing() -> None:
    # g / pi with g = 1/T_2* + pump rate
    for pump in (1e3, 1e6, 1e7):
        decay = 4e5 + pump
        # The microwave flips 1e-6 times as often as the light excites.
        rabi = 1e-3 * math.sqrt(2.0 * pump * decay) / (2.0 * math.pi)
        weak = ONE.with_values({"pump_rate": pump, "rabi_frequency": rabi})
        _, width = weak.contrast_and_width()
        assert_allclose(width, decay / math.pi, rtol=1e-4)


def test_power_broadening_has_the_form_of_the_bloch_equations() -> None:
    # Dreau et al., Phys. Rev. B 84, 195204 (2011): C = T O^2 / (O^2 + X) and
    # width^2 = w^2 (1 + O^2 / X), with one X for both.
    rabi = np.array([1e4, 1e5, 3e5, 1e6, 4e6])
    shapes = [ONE.with_values({"rabi_frequency": r}).contrast_and_width() for r in rabi]
    contrast, width = np.array(shapes).T
    weak = (4e5 + 3e6) / math.pi
    crossover = rabi**2 / ((width / weak) ** 2 - 1.0)
    assert_allclose(crossover[1:], crossover[-1], rtol=1e-6)
    limit = contrast * (1.0 + crossover[-1] / rabi**2)
    assert_allclose(limit, limit[-1], rtol=1e-6)


def test_the_line_is_a_lorentzian_of_its_contrast_and_width() -> None:
    contrast, width = ONE.contrast_and_width()
    signal = ONE.evaluate(GRID)
    far = ONE.evaluate([1e12])[0]
    expected = far * (1.0 - contrast / (1.0 + (2.0 * (GRID - 2.87e9) / width) ** 2))
    assert_allclose(signal, expected, rtol=1e-9)


def test_more_light_narrows_a_saturated_line() -> None:
    # Jensen et al., arXiv:1210.5574 (abstract): light narrowing
    driven = ONE.with_values({"rabi_frequency": 1e6, "dephasing_rate": 1e5})
    widths = [
        driven.with_values({"pump_rate": p}).contrast_and_width()[1]
        for p in (1e4, 1e5, 1e6)
    ]
    assert widths[0] > 2.0 * widths[1] > 2.0 * widths[2]


def test_two_driven_lines_far_apart_are_two_single_ones() -> None:
    far = CwOdmrModel(lines=(1e9, 5e9), rabi_frequency=3e5)
    near = 1e9 + np.linspace(-5e6, 5e6, 21)
    single = CwOdmrModel(lines=(1e9,), rabi_frequency=3e5)
    assert_allclose(far.evaluate(near), single.evaluate(near), rtol=1e-6)


def test_states_are_density_matrices() -> None:
    for rho in TWO.states([2.84e9, 2.871e9]):
        assert_allclose(np.trace(rho), 1.0, rtol=1e-12)
        assert_allclose(rho, rho.conj().T, atol=1e-15)
        assert np.linalg.eigvalsh(rho)[0] > -1e-14


@pytest.mark.parametrize("charge", [None, ChargeRates(collected=0.3)])
def test_derivatives_are_those_of_small_steps(charge: ChargeRates | None) -> None:
    model = CwOdmrModel(
        lines=(2.86e9, 2.885e9),
        pump_rate=2e6,
        rabi_frequency=6e5,
        dephasing_rate=5e5,
        relaxation_rate=1e3,
        charge=charge,
        brightness=0.03,
        background=5e2,
        nitrogen=NITROGEN_14,
    )
    found = model.jacobian(GRID)
    for k, name in enumerate(model.parameters):
        value = model.value(name)
        step = 300.0 if name.startswith("line") else 1e-4 * value
        up, down = (
            model.with_values({name: value + s}).evaluate(GRID) for s in (step, -step)
        )
        column = (up - down) / (2.0 * step)
        tolerance = 3e-6 * np.abs(column).max()
        assert_allclose(found[:, k], column, rtol=0, atol=tolerance, err_msg=name)


def test_a_field_moves_lines_and_takes_contrast() -> None:
    centre = NVCentre()
    along = CwOdmrModel.at_field([0.0, 0.0, 5e-3], pump_rate=1e6)
    assert_allclose(
        along.lines,
        np.diff(centre.electron_energies([0, 0, 5e-3])[[0, 1]])[0],
        rtol=0.2,
    )
    energies = centre.electron_energies([4e-3, 0.0, 5e-3])
    tilted = CwOdmrModel.at_field([4e-3, 0.0, 5e-3], pump_rate=1e6)
    assert_allclose(tilted.lines, energies[1:] - energies[0], rtol=1e-12)
    assert tilted.contrast_and_width()[0] < 0.97 * along.contrast_and_width()[0]


def test_far_from_its_lines_a_tilted_centre_is_as_bright_as_without_a_microwave() -> (
    None
):
    field = [7e-3, 0.0, 5e-3]
    model = CwOdmrModel.at_field(field, pump_rate=1e6)
    expected = RateModel().luminescence(1e6, field)
    assert_allclose(model.evaluate([1e13])[0], expected, rtol=1e-8)


def test_nitrogen_makes_three_dips() -> None:
    model = CwOdmrModel(
        lines=(2.84e9, 2.90e9),
        pump_rate=1e5,
        rabi_frequency=5e4,
        dephasing_rate=1e5,
        nitrogen=NITROGEN_14,
    )
    grid = 2.84e9 + np.linspace(-4e6, 4e6, 801)
    seen = model.evaluate(grid)
    dips = grid[1:-1][(seen[1:-1] < seen[:-2]) & (seen[1:-1] < seen[2:])]
    assert_allclose(dips - 2.84e9, [-2.162e6, 0.0, 2.162e6], atol=1.1e4)


def test_nitrogen_moves_the_two_lines_apart_or_together() -> None:
    # +A m for m_S = +1, -A m for m_S = -1; 14N: A = -2.162 MHz
    grid = 2.87e9 + np.linspace(-5e6, 5e6, 41)
    close = replace(TWO, lines=(2.869e9, 2.871e9), rabi_frequency=8e5)
    model = replace(close, nitrogen=NITROGEN_14)
    each = [
        replace(close, lines=(2.869e9 - shift, 2.871e9 + shift)).evaluate(grid)
        for shift in (-2.162e6, 0.0, 2.162e6)
    ]
    assert_allclose(model.evaluate(grid), np.mean(each, axis=0), rtol=1e-11)


def test_a_fit_finds_laser_and_microwave_power() -> None:
    truth = CwOdmrModel(
        lines=(2.84e9, 2.90e9),
        pump_rate=3e6,
        rabi_frequency=4e5,
        dephasing_rate=3e5,
        brightness=0.01,
        nitrogen=NITROGEN_14,
    )
    grid = np.linspace(2.83e9, 2.91e9, 401)
    signal = truth.evaluate(grid)
    error = np.full(grid.size, 2e-3 * signal.max())
    rng = np.random.default_rng(4)
    start = truth.with_values(
        {
            "pump_rate": 1e6,
            "rabi_frequency": 9e5,
            "brightness": 0.02,
            "line_minus": 2.8405e9,
            "line_plus": 2.8995e9,
        }
    )
    pulls = []
    for _ in range(60):
        noisy = signal + error * rng.normal(size=grid.size)
        data = Spectrum(frequency=grid, signal=noisy, error=error)
        fit = fit_cw_odmr(data, start, search=False)
        assert fit.converged
        estimates = [fit.estimate(name) for name in fit.free]
        pulls.append(
            [
                (e.value - truth.value(n)) / e.standard_error
                for e, n in zip(estimates, fit.free, strict=True)
            ]
        )
        assert estimates[0].standard_error < 0.06 * 3e6  # the laser
        assert estimates[1].standard_error < 0.03 * 4e5  # the microwave
    searched = fit_cw_odmr(data, start)
    assert_allclose(searched.model.pump_rate, fit.model.pump_rate, rtol=1e-5)
    assert searched.rivals == ()
    # 60 times five normal deviates, of which three are correlated
    assert 0.7 < np.mean(np.square(pulls)) < 1.35


def test_two_laser_powers_with_one_width_and_depth_are_both_named() -> None:
    truth = TWO.with_values(
        {"rabi_frequency": 1e6, "dephasing_rate": 1e6, "brightness": 1e-6}
    )
    signal = truth.evaluate(GRID)
    error = np.full(GRID.size, 1e-3 * signal.max())
    data = Spectrum(frequency=GRID, signal=signal, error=error)
    fit = fit_cw_odmr(data, truth.with_values({"pump_rate": 1e6}))
    assert_allclose(fit.model.pump_rate, 3e6, rtol=1e-6)
    (other,) = fit.rivals
    assert other.pump_rate < 2.5e6
    assert np.sum(((other.evaluate(GRID) - signal) / error) ** 2) < 9.0
    alone = fit_cw_odmr(data, truth.with_values({"pump_rate": 1e6}), search=False)
    assert alone.rivals == ()


def test_a_rate_can_be_fitted_too() -> None:
    truth = TWO.with_values({"singlet_0": 3.6e6, "dephasing_rate": 6e5})
    data = Spectrum(frequency=GRID, signal=truth.evaluate(GRID))
    fit = fit_cw_odmr(data, TWO, free=("singlet_0", "dephasing_rate"))
    assert_allclose(fit.model.value("singlet_0"), 3.6e6, rtol=1e-6)
    assert_allclose(fit.model.value("dephasing_rate"), 6e5, rtol=1e-6)


def test_wrong_inputs_are_told_what_is_meant() -> None:
    with pytest.raises(InvalidValue, match="lines must be one or two frequencies"):
        CwOdmrModel(lines=())
    with pytest.raises(InvalidValue, match=r"pump_rate must be > 0 1/s, got 0\.0\."):
        CwOdmrModel(lines=(2.87e9,), pump_rate=0.0)
    with pytest.raises(InvalidValue, match="parameters must be one of"):
        TWO.jacobian(GRID, ["laser"])
    data = Spectrum(frequency=GRID, signal=TWO.evaluate(GRID))
    with pytest.raises(InvalidValue, match="relaxation_rate must be > 0 at the start"):
        fit_cw_odmr(data, TWO, free=("relaxation_rate",))
    with pytest.raises(InvalidValue, match="free must name at least one"):
        fit_cw_odmr(data, TWO, free=())


def test_lines_beyond_the_anticrossing_are_where_the_levels_are() -> None:
    # At 150 mT m = -1 is the lowest level; its line is the distance from m = 0.
    field = np.array([0.0, 0.0, 0.15])
    model = CwOdmrModel.at_field(field, rabi_frequency=1e5)
    levels = NVCentre().electron_energies(field)
    expected = [levels[1] - levels[0], levels[2] - levels[1]]
    assert_allclose(model.lines, expected, rtol=1e-12)
    beside, at = model.evaluate([expected[0] + 1e9, expected[0]])
    assert at < 0.95 * beside


def test_wrong_names_and_shapes_of_a_model_are_refused() -> None:
    model = CwOdmrModel(lines=2.87e9)  # type: ignore[arg-type]
    assert model.lines == (2.87e9,)
    with pytest.raises(InvalidValue, match="values must be one of"):
        model.with_values({"line_plus": 2.9e9})
    with pytest.raises(InvalidValue, match=r"share must have the shape \(7, 7\)"):
        CwOdmrModel(lines=(2.87e9,), share=np.eye(3))


def test_a_fit_names_each_parameter_once() -> None:
    model = CwOdmrModel(lines=(2.87e9,))
    frequency = np.linspace(2.86e9, 2.88e9, 21)
    spectrum = Spectrum(frequency=frequency, signal=model.evaluate(frequency))
    with pytest.raises(InvalidValue, match="free must name each parameter once"):
        fit_cw_odmr(spectrum, model, free=("pump_rate", "pump_rate"))
