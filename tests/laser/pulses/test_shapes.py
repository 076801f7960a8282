"""Shapes: flat tops, higher orders of phase, and other definitions of the width."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from qleap.core.errors import InvalidValue
from qleap.laser import Grid, Pulse, fwhm
from qleap.laser.pulses import fwhm_of

FLAT = Pulse(
    shape="flat-top", wavelength=800e-9, fwhm=200e-15, ramp=40e-15, peak_power=2.0
)


def test_a_flat_top_has_its_width_its_plateau_and_its_ramps() -> None:
    power = np.abs(FLAT.envelope([0.0, 75e-15, 100e-15, -100e-15, 130e-15])) ** 2
    np.testing.assert_allclose(power, [2.0, 2.0, 1.0, 1.0, 0.0], rtol=1e-12, atol=1e-60)
    # From the first light to the plateau it takes one ramp.
    field = np.abs(FLAT.envelope(np.linspace(-130e-15, 0.0, 13_001)))
    rising = (field > 1e-9) & (field < field.max() * (1.0 - 1e-9))
    assert np.count_nonzero(rising) * 1e-17 == pytest.approx(40e-15, rel=1e-3, abs=0.0)


@pytest.mark.parametrize("ramp", [5e-15, 40e-15, 270e-15])
def test_the_energy_of_a_flat_top_is_the_integral_of_its_power(ramp: float) -> None:
    pulse = dataclasses.replace(FLAT, ramp=ramp, energy=math.nan)
    area = 1e-15 * quad(
        lambda t: float(np.abs(pulse.envelope([t * 1e-15])[0]) ** 2),
        0.0, 400.0, limit=200, points=[80.0, 100.0, 120.0],
    )[0]  # fmt: skip
    assert pulse.energy == pytest.approx(2.0 * area, rel=1e-6, abs=0.0)


def test_a_fourth_order_phase_delays_with_the_third_power_of_the_detuning() -> None:
    fod = 2e-57
    pulse = Pulse(
        shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=1e-9,
        higher_orders=(fod,),
    )  # fmt: skip
    grid = Grid.fitting(pulse, window=6e-13)
    order = np.argsort(grid.detuning)
    spectrum = pulse.spectrum_on(grid)[order]
    omega = grid.detuning[order]
    lit = np.abs(spectrum) > 1e-2 * np.abs(spectrum).max()
    delay = np.gradient(np.unwrap(np.angle(spectrum)), omega)
    wanted = fod / 6.0 * omega**3
    np.testing.assert_allclose(delay[lit], wanted[lit], atol=3e-16)


def test_the_phase_of_any_order_is_in_the_extent() -> None:
    plain = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=1e-9)
    long = dataclasses.replace(plain, peak_power=math.nan, higher_orders=(2e-56,))
    assert long.extent[1] > 5.0 * plain.extent[1]


@pytest.mark.parametrize(
    ("shape", "form"),
    [
        ("gaussian", lambda x: math.exp(-(x**2))),
        ("sech", lambda x: 1.0 / math.cosh(x) ** 2),
    ],
)
def test_other_definitions_of_the_width_are_those_of_the_curve(
    shape: str, form: object
) -> None:
    assert callable(form)

    def half(level: float, power: float = 1.0) -> float:
        return float(brentq(lambda x: form(x) ** power - level, 0.0, 9.0))

    full = 2.0 * half(0.5)
    spread = quad(lambda x: x**2 * form(x), -30, 30)[0] / quad(form, -30, 30)[0]

    def overlap(d: float) -> float:
        return float(quad(lambda x: form(x) * form(x - d), -30, 30)[0])

    correlated = 2.0 * brentq(lambda d: overlap(d) - 0.5 * overlap(0.0), 0.1, 9.0)
    widths = {
        "field_fwhm": 2.0 * half(0.5, 0.5),
        "half_width_e2": half(math.exp(-2.0)),
        "rms": math.sqrt(spread),
        "autocorrelation_fwhm": correlated,
        "t0": 1.0,
    }
    for name, width in widths.items():
        found = fwhm_of(shape, **{name: width})
        assert found == pytest.approx(full, rel=1e-8, abs=0.0), name


def test_widths_of_a_super_gaussian_are_those_of_the_curve() -> None:
    pulse = Pulse(
        shape="super-gaussian", order=3, wavelength=800e-9, fwhm=50e-15, peak_power=1.0
    )
    time = np.linspace(-1e-13, 1e-13, 200_001)
    power = np.abs(pulse.envelope(time)) ** 2
    rms = math.sqrt(np.sum(power * time**2) / np.sum(power))
    assert fwhm_of("super-gaussian", rms=rms, order=3) == pytest.approx(
        50e-15, rel=1e-6, abs=0.0
    )
    field = fwhm(time, np.sqrt(power))
    assert fwhm_of("super-gaussian", field_fwhm=field, order=3) == pytest.approx(
        50e-15, rel=1e-5, abs=0.0
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ramp": 0.0}, "ramp must lie between"),
        ({"ramp": 300e-15}, "ramp must lie between"),
        ({"shape": "gaussian"}, "ramp must be left out for the shape 'gaussian'"),
        ({"higher_orders": (math.nan,)}, r"higher_orders\[0\] must be a finite number"),
    ],
)
def test_impossible_ramps_and_phases_are_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        dataclasses.replace(FLAT, energy=math.nan, **changes)  # type: ignore[arg-type]


def test_two_widths_or_none_are_refused() -> None:
    with pytest.raises(InvalidValue, match="exactly one of field_fwhm"):
        fwhm_of("sech", rms=1.0, t0=1.0)
    with pytest.raises(InvalidValue, match="exactly one of"):
        fwhm_of("sech")
    with pytest.raises(InvalidValue, match="no closed form"):
        fwhm_of("super-gaussian", autocorrelation_fwhm=1.0, order=2)


def test_a_wavelength_in_nanometres_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"wavelength must be <= 0\.01 m, got 800"):
        Pulse(wavelength=800, fwhm=30e-15, energy=1e-6)
