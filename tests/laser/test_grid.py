"""Grids: the transform's sign and scale, and what does not fit."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.laser import Grid, Pulse

GRID = Grid(n_points=128, window=1e-12, wavelength=800e-9)


def test_the_window_is_periodic_and_centred() -> None:
    time = GRID.time
    assert time[64] == 0.0
    assert_allclose(time[-1] - time[0], GRID.window - GRID.step)


def test_the_forward_transform_is_the_documented_sum() -> None:
    rng = np.random.default_rng(1)
    envelope = rng.standard_normal(128) + 1j * rng.standard_normal(128)
    phase = np.exp(1j * np.outer(GRID.detuning, GRID.time))
    assert_allclose(
        GRID.to_frequency(envelope), GRID.step * phase @ envelope, atol=1e-24
    )
    assert_allclose(GRID.to_time(GRID.to_frequency(envelope)), envelope, atol=1e-12)


def test_parseval_holds() -> None:
    pulse = Pulse(wavelength=800e-9, fwhm=50e-15, peak_power=2.0)
    envelope = pulse.envelope_on(GRID)
    density = np.abs(GRID.to_frequency(envelope)) ** 2
    in_time = np.sum(np.abs(envelope) ** 2) * GRID.step
    assert_allclose(np.sum(density) / GRID.window, in_time, rtol=1e-12)
    assert_allclose(in_time, pulse.energy, rtol=1e-6)


@pytest.mark.parametrize("fwhm", [6e-15, 50e-15, 1e-12])
@pytest.mark.parametrize("gdd", [0.0, 3000e-30])
def test_a_fitting_grid_holds_its_pulse(fwhm: float, gdd: float) -> None:
    pulse = Pulse(wavelength=1030e-9, fwhm=fwhm, peak_power=1.0, gdd=gdd)
    Grid.fitting(pulse).check_pulse(pulse)


def test_a_fitting_grid_holds_what_is_asked_for() -> None:
    pulse = Pulse(wavelength=1030e-9, fwhm=100e-15, peak_power=1.0)
    grid = Grid.fitting(pulse, bandwidth=1e15, window=30e-12)
    assert grid.window >= 30e-12
    assert 2.0 * np.abs(grid.detuning).max() >= 1e15


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_points": 1000}, "n_points must be a power of two, got 1000; take 512 or"),
        ({"n_points": 32}, "n_points must be between 64 and 4194304, got 32"),
        ({"window": -1e-12}, r"window must be > 0 s, got -1e-12"),
        ({"n_points": 2048}, r"below it; take n_points <= 512 or a window >= 2.73"),
    ],
)
def test_what_makes_no_grid_is_refused(
    arguments: dict[str, object], message: str
) -> None:
    whole: dict[str, object] = {
        "n_points": 128, "window": 1e-12, "wavelength": 800e-9, **arguments,
    }  # fmt: skip
    with pytest.raises(InvalidValue, match=message):
        Grid(**whole)  # type: ignore[arg-type]


def test_the_points_that_the_message_offers_are_enough() -> None:
    assert Grid(n_points=512, window=1e-12, wavelength=800e-9).omega.min() > 0.0


def test_a_grid_too_small_for_the_spectrum_is_refused_with_the_step() -> None:
    grid = Grid(n_points=128, window=4e-12, wavelength=800e-9)
    pulse = Pulse(wavelength=800e-9, fwhm=20e-15, peak_power=1.0)
    with pytest.raises(InvalidValue, match="grid is too small for the spectrum"):
        grid.check_pulse(pulse)


def test_a_grid_too_small_for_the_pulse_is_refused_with_the_window() -> None:
    grid = Grid(n_points=512, window=1e-12, wavelength=800e-9)
    pulse = Pulse(wavelength=800e-9, fwhm=300e-15, peak_power=1.0)
    with pytest.raises(InvalidValue, match="too small for the pulse: the window must"):
        grid.check_pulse(pulse)


@pytest.mark.parametrize("fwhm", [1.5e-15, 3e-15])
def test_a_pulse_that_no_grid_holds_is_not_sent_looking_for_one(fwhm: float) -> None:
    pulse = Pulse(wavelength=800e-9, fwhm=fwhm, peak_power=1.0)
    with pytest.raises(InvalidValue, match=r"must end above the frequency 0 .* longer"):
        Grid.fitting(pulse).check_pulse(pulse)


def test_a_pulse_of_another_carrier_is_taken_where_the_grid_reaches_it() -> None:
    pulse = Pulse(wavelength=810e-9, fwhm=50e-15, peak_power=1.0)
    moved = Grid(n_points=256, window=2e-12, wavelength=800e-9)
    moved.check_pulse(pulse)
    far = Pulse(wavelength=2e-6, fwhm=50e-15, peak_power=1.0)
    with pytest.raises(InvalidValue, match="the grid must reach the pulse's carrier"):
        moved.check_pulse(far)


def test_a_grid_beyond_reason_is_refused() -> None:
    pulse = Pulse(wavelength=800e-9, fwhm=5e-15, peak_power=1.0)
    with pytest.raises(InvalidValue, match="the grid must have <= 4194304 points"):
        Grid.fitting(pulse, window=1e-7)
