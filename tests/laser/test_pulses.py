"""Pulses: durations, energies, chirps, and what is refused."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Grid, Pulse, fwhm, time_bandwidth_product

SECH = Pulse(shape="sech", wavelength=835e-9, fwhm=50e-15, peak_power=1e4)
GAUSS = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-9)
FLAT = Pulse(
    shape="super-gaussian", order=4, wavelength=800e-9, fwhm=50e-15, peak_power=1.0
)
SHAPES = st.sampled_from([SECH, GAUSS, FLAT])
DURATIONS = st.floats(5e-15, 1e-9)


@given(SHAPES, DURATIONS)
def test_the_intensity_has_its_full_width_at_half_maximum(
    pulse: Pulse, duration: float
) -> None:
    pulse = dataclasses.replace(pulse, fwhm=duration, energy=math.nan, peak_power=1.0)
    power = np.abs(pulse.envelope([0.0, -0.5 * duration, 0.5 * duration])) ** 2
    assert_allclose(power, [1.0, 0.5, 0.5], rtol=1e-12)


@given(SHAPES, DURATIONS)
def test_the_energy_is_the_integral_of_the_power(pulse: Pulse, duration: float) -> None:
    pulse = dataclasses.replace(pulse, fwhm=duration, energy=math.nan, peak_power=3.0)
    time = np.linspace(-20.0 * duration, 20.0 * duration, 20_001)
    power = np.abs(pulse.envelope(time)) ** 2
    assert_allclose(np.trapezoid(power, time), pulse.energy, rtol=1e-6)


def test_energy_and_peak_power_follow_the_textbook_factors() -> None:
    # E = P fwhm x 1.13459 (sech^2) and x 1.06447 (Gaussian): R. Paschotta,
    # Encyclopedia of Laser Physics, "peak power" (0.88 and 0.94 the other way round).
    assert pytest.approx(1.13459, rel=1e-5, abs=0.0) == SECH.energy / (1e4 * 50e-15)
    assert pytest.approx(0.93944, rel=1e-5, abs=0.0) == GAUSS.peak_power * 20e-15 / 1e-9


def test_time_bandwidth_products_are_those_of_the_transform_limit() -> None:
    # 2 ln2 / pi and (2 arcosh(sqrt 2) / pi)^2: Agrawal, Nonlinear Fiber Optics, 3.2.
    for shape, product in (("gaussian", 0.441271), ("sech", 0.314838)):
        pulse = Pulse(shape=shape, wavelength=800e-9, fwhm=4e-13, peak_power=1.0)
        grid = Grid(n_points=8192, window=1.2e-11, wavelength=pulse.wavelength)
        found = time_bandwidth_product(grid, pulse.envelope_on(grid))
        assert found == pytest.approx(product, rel=2e-3, abs=0.0)
        assert pulse.time_bandwidth_product == pytest.approx(product, rel=3e-3, abs=0.0)
        chirped = dataclasses.replace(pulse, gdd=pulse.fwhm**2)
        assert chirped.time_bandwidth_product > 2.0 * product


def test_the_spectrum_holds_the_energy() -> None:
    grid = Grid(n_points=512, window=1e-12, wavelength=800e-9)
    density = np.abs(GAUSS.spectrum_on(grid)) ** 2
    assert_allclose(density.sum() / grid.window, GAUSS.energy, rtol=1e-9)


@given(st.floats(-4000e-30, 4000e-30))
def test_a_chirped_gaussian_is_longer_by_the_known_factor(gdd: float) -> None:
    pulse = dataclasses.replace(GAUSS, gdd=gdd)
    grid = Grid(n_points=4096, window=8e-12, wavelength=pulse.wavelength)
    # Agrawal (3.2.10), with the FWHM in place of T0.
    longer = math.sqrt(1.0 + (4.0 * math.log(2.0) * gdd / pulse.fwhm**2) ** 2)
    measured = fwhm(grid.time, np.abs(pulse.envelope_on(grid)) ** 2)
    assert measured == pytest.approx(pulse.fwhm * longer, rel=3e-3, abs=0.0)


def test_chirp_keeps_the_energy_and_the_spectrum() -> None:
    grid = Grid(n_points=2048, window=4e-12, wavelength=800e-9)
    plain = GAUSS
    chirped = dataclasses.replace(plain, gdd=1500e-30, tod=8000e-45)
    spectra = [np.abs(grid.to_frequency(p.envelope_on(grid))) for p in (plain, chirped)]
    assert_allclose(spectra[1], spectra[0], atol=1e-12 * spectra[0].max())


def test_positive_gdd_makes_the_frequency_rise_with_time() -> None:
    pulse = dataclasses.replace(GAUSS, gdd=500e-30)
    early, late = np.array([-20e-15, -19.9e-15]), np.array([20e-15, 20.1e-15])

    def frequency(time: np.ndarray) -> float:
        # exp(-i omega t): the phase falls with time where the frequency is positive.
        phase = np.angle(pulse.envelope(time))
        return float(-np.diff(np.unwrap(phase))[0] / np.diff(time)[0])

    assert frequency(late) > 0.0 > frequency(early)


def test_the_chirped_envelope_between_points_agrees_with_the_grid() -> None:
    pulse = dataclasses.replace(GAUSS, gdd=800e-30, tod=4000e-45)
    grid = Grid(n_points=1024, window=2e-12, wavelength=800e-9)
    exact = pulse.envelope_on(grid)
    assert_allclose(pulse.envelope(grid.time), exact, atol=1e-6 * np.abs(exact).max())


def test_the_field_peaks_where_the_phase_says() -> None:
    cosine = GAUSS
    sine = dataclasses.replace(cosine, cep=math.pi / 2.0)
    amplitude = math.sqrt(cosine.peak_power)
    assert cosine.field([0.0])[0] == pytest.approx(amplitude, rel=1e-6, abs=0.0)
    assert abs(sine.field([0.0])[0]) < 1e-12 * amplitude


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fwhm": -50e-15}, r"fwhm must be > 0 s, got -5e-14"),
        ({"fwhm": math.nan}, "fwhm must be a finite number in s, got nan"),
        ({"wavelength": 0.0}, r"wavelength must be > 0 m, got 0\.0"),
        ({"shape": "gausian"}, "shape must be one of .* did you mean 'gaussian'"),
        ({"energy": 1e-9}, "peak_power and energy must agree .* got 1e-09 J; give one"),
        ({"peak_power": math.nan}, "got neither"),
        ({"peak_power": -1.0}, "peak_power must be > 0 W"),
        ({"order": 3}, "order must be 1 for the shape 'sech', got 3"),
        ({"gdd": math.inf}, r"gdd must be a finite number in s\^2"),
    ],
)
def test_what_makes_no_pulse_is_refused(
    changes: dict[str, object], message: str
) -> None:
    arguments: dict[str, object] = {
        "wavelength": 835e-9, "fwhm": 50e-15, "peak_power": 1e4, **changes,
    }  # fmt: skip
    with pytest.raises(InvalidValue, match=message):
        Pulse(**arguments)  # type: ignore[arg-type]


def test_a_flat_top_is_dark_however_far_from_its_centre() -> None:
    steep = dataclasses.replace(FLAT, order=20, energy=math.nan)
    assert_allclose(np.abs(steep.envelope([-1e-3, 0.0, 1e-3])), [0.0, 1.0, 0.0])


def test_a_text_is_no_duration() -> None:
    with pytest.raises(InvalidKind, match="fwhm must be one real number in s"):
        Pulse(wavelength=1e-6, fwhm="50 fs", peak_power=1.0)  # type: ignore[arg-type]


def test_a_chirp_beyond_reason_is_refused() -> None:
    pulse = Pulse(wavelength=800e-9, fwhm=5e-15, peak_power=1.0, gdd=1e-20)
    with pytest.raises(InvalidValue, match="the chirp must be sampled"):
        pulse.envelope([0.0])
