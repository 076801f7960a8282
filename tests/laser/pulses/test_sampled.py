"""Pulses from samples: exact on other grids, carriers and times; from spectra."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Grid, Pulse
from qleap.laser.pulses import (
    Light,
    SampledPulse,
    intensity_autocorrelation,
    sampled_from_spectrum,
    sampled_from_time,
    through,
    to_samples,
)

PULSE = Pulse(
    shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-6,
    gdd=300e-30, tod=1000e-45, cep=0.3,
)  # fmt: skip
OTHER = Grid(n_points=1024, window=1.7e-12, wavelength=850e-9)


def _off(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.max(np.abs(found - wanted)) / np.max(np.abs(wanted)))


def test_samples_are_the_pulse_on_a_grid_of_another_step_window_and_carrier() -> None:
    again = to_samples(PULSE)
    assert isinstance(again, Light)
    assert again.grid.step != OTHER.step
    assert _off(again.envelope_on(OTHER), PULSE.envelope_on(OTHER)) < 1e-10
    assert _off(again.spectrum_on(OTHER), PULSE.spectrum_on(OTHER)) < 1e-10
    assert again.energy == pytest.approx(1e-6, rel=1e-12, abs=0.0)


@pytest.mark.parametrize("even", [True, False])
def test_the_field_of_samples_is_that_of_the_pulse_at_any_time(even: bool) -> None:
    time = np.linspace(-3e-13, 3e-13, 1500)
    if not even:
        time = np.sort(np.random.default_rng(7).uniform(-3e-13, 3e-13, 200))
    assert _off(to_samples(PULSE).field(time), PULSE.field(time)) < 1e-8


def test_an_envelope_about_another_carrier_has_the_same_field() -> None:
    for light in (PULSE, to_samples(PULSE)):
        about = light.envelope_on(OTHER) * np.exp(-1j * OTHER.omega0 * OTHER.time)
        assert _off(about.real, PULSE.field(OTHER.time)) < 1e-8


def test_what_a_coarser_grid_cannot_hold_is_left_out_not_folded_back() -> None:
    coarse = Grid(n_points=64, window=1.7e-12, wavelength=800e-9)
    fine = Grid(n_points=1024, window=1.7e-12, wavelength=800e-9)
    exact = PULSE.spectrum_on(fine)
    kept = np.concatenate([exact[:32], exact[-32:]])
    found = to_samples(PULSE).spectrum_on(coarse)
    # The cut rings in time, and the rings end with the samples' window.
    assert _off(found[:20], kept[:20]) < 0.03
    held = np.sum(np.abs(kept) ** 2)
    assert np.sum(np.abs(found) ** 2) == pytest.approx(held, rel=0.05, abs=0.0)
    with pytest.raises(InvalidValue, match="too small for the spectrum"):
        coarse.check_pulse(to_samples(PULSE))


def test_beyond_the_samples_it_is_dark_not_periodic() -> None:
    again = to_samples(PULSE)
    assert_allclose(again.envelope([again.grid.window, 5.0]), 0.0)
    wide = Grid(n_points=2048, window=4e-12, wavelength=800e-9)
    assert _off(again.envelope_on(wide), PULSE.envelope_on(wide)) < 1e-6


@pytest.mark.parametrize("step", [1e-15, 1e-16, 2.3e-15])
def test_times_of_ones_own_give_the_pulse(step: float) -> None:
    time = np.arange(-4e-13, 4e-13, step)
    made = sampled_from_time(time, PULSE.envelope(time), 800e-9)
    assert _off(made.envelope_on(OTHER), PULSE.envelope_on(OTHER)) < 1e-7
    assert not made.notes


def test_uneven_times_are_interpolated_and_that_is_said() -> None:
    u = np.linspace(-1.0, 1.0, 1201)
    time = 4e-13 * (u + 0.2 * u**3) / 1.2
    made = sampled_from_time(time, PULSE.envelope(time), 800e-9, energy=2e-6)
    assert "uneven times" in made.notes[0]
    assert made.energy == pytest.approx(2e-6, rel=1e-6, abs=0.0)
    wanted = math.sqrt(2.0) * PULSE.envelope_on(OTHER)
    assert _off(made.envelope_on(OTHER), wanted) < 2e-3


def test_a_spectrum_and_its_phase_give_the_pulse() -> None:
    grid = Grid.fitting(PULSE, window=6e-12)
    order = np.argsort(grid.omega)
    spectrum = PULSE.spectrum_on(grid)[order]
    made = sampled_from_spectrum(
        grid.omega[order] / (2.0 * np.pi),
        np.abs(spectrum) ** 2,
        np.angle(spectrum),  # wrapped
        energy=1e-6,
        centred=False,
    )
    assert made.wavelength == pytest.approx(800e-9, rel=1e-9, abs=0.0)
    assert _off(made.envelope_on(OTHER), PULSE.envelope_on(OTHER)) < 1e-5


def test_a_delay_in_the_phase_is_taken_away_unless_it_is_wanted() -> None:
    frequency = np.linspace(3.2e14, 4.3e14, 801)
    offset = frequency - 3.75e14
    density = np.exp(-((offset / 1.5e13) ** 2))
    phase = 2.0 * np.pi * offset * 7e-14
    for centred, wanted in ((True, 0.0), (False, 7e-14)):
        made = sampled_from_spectrum(
            frequency, density, phase, energy=1.0, centred=centred
        )
        power = np.abs(made.samples) ** 2
        mean = np.sum(power * made.grid.time) / np.sum(power)
        assert mean == pytest.approx(wanted, abs=1e-17)


def test_a_spectrum_without_phase_is_at_its_transform_limit() -> None:
    frequency = np.linspace(2.7e14, 4.8e14, 1501)
    width = 1.5e13
    made = sampled_from_spectrum(
        frequency, np.exp(-(((frequency - 3.75e14) / width) ** 2)), energy=1e-6
    )
    # exp(-(f/w)^2) has the FWHM 2 w sqrt(ln 2), and the pulse 0.4413 over that.
    duration = 2.0 * math.log(2.0) / math.pi / (2.0 * width * math.sqrt(math.log(2.0)))
    assert made.peak_power == pytest.approx(
        0.939437 * 1e-6 / duration, rel=1e-4, abs=0.0
    )


def test_noise_below_zero_counts_as_zero_and_is_said() -> None:
    frequency = np.linspace(3.2e14, 4.3e14, 401)
    density = np.exp(-(((frequency - 3.75e14) / 1.5e13) ** 2)) - 1e-3
    made = sampled_from_spectrum(frequency, density, energy=1e-6)
    assert "below zero count as zero" in made.notes[0]


def test_a_delay_that_the_spectrum_cannot_tell_is_said() -> None:
    # Steps of 3 THz tell delays apart up to 167 fs; the light spreads over more.
    frequency = np.linspace(3.2e14, 4.3e14, 38)
    offset = 2.0 * np.pi * (frequency - 3.75e14)
    made = sampled_from_spectrum(
        frequency,
        np.exp(-(((frequency - 3.75e14) / 2.5e13) ** 2)),
        0.5 * 2e-27 * offset**2,
        energy=1.0,
    )
    assert "cannot be told from a wrap" in " ".join(made.notes)


def test_parameters_tell_samples_apart() -> None:
    again = to_samples(PULSE)
    turned = SampledPulse(grid=again.grid, samples=1j * again.samples)
    assert again.parameters() == to_samples(PULSE).parameters()
    assert again.parameters() != turned.parameters()


def test_a_grid_that_does_not_reach_the_carrier_is_refused() -> None:
    far = Grid(n_points=64, window=2e-12, wavelength=400e-9)
    for light in (PULSE, to_samples(PULSE)):
        with pytest.raises(InvalidValue, match="must reach the pulse's carrier"):
            light.envelope_on(far)


@pytest.mark.parametrize("work", [to_samples, intensity_autocorrelation, through])
def test_light_that_reaches_the_frequency_zero_is_refused_not_cut(
    work: Callable[[Pulse], object],
) -> None:
    # Less than half a cycle was sampled with 1.3 times its energy.
    short = Pulse(shape="gaussian", wavelength=800e-9, fwhm=1e-15, energy=1e-6)
    with pytest.raises(InvalidValue, match="must end above the frequency 0"):
        work(short)
    work(replace(short, fwhm=3e-15, peak_power=math.nan))


@pytest.mark.parametrize(
    ("time", "envelope", "message"),
    [
        (np.arange(20.0)[::-1], np.ones(20), "time must increase strictly"),
        (np.arange(20.0), np.ones(19), "envelope must have the shape"),
        (np.arange(20.0), np.full(20, np.nan), "envelope must be finite"),
    ],
)
def test_arrays_that_are_no_pulse_are_refused(
    time: np.ndarray, envelope: np.ndarray, message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        sampled_from_time(time * 1e-15, envelope, 800e-9)


def test_spectra_that_are_none_are_refused() -> None:
    frequency = np.linspace(3e14, 4e14, 50)
    with pytest.raises(InvalidValue, match="no value above zero"):
        sampled_from_spectrum(frequency, np.zeros(50), energy=1.0)
    with pytest.raises(InvalidValue, match="as many values as frequency"):
        sampled_from_spectrum(frequency, np.ones(49), energy=1.0)
    with pytest.raises(InvalidValue, match="wavelength must be near the light's"):
        sampled_from_spectrum(frequency, np.ones(50), energy=1.0, wavelength=3e-6)
    with pytest.raises(InvalidKind, match="array of complex numbers"):
        sampled_from_time(np.arange(20.0), ["a"] * 20, 1e-6)
