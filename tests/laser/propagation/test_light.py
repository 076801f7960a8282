"""Fibres take any light: samples, delayed pulses, two colours."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.laser import Fibre, Grid, Pulse, propagate_ensemble, propagate_fibre
from qleap.laser.propagation.fibre import fitting_grid, settled_grid
from qleap.laser.pulses import Light, PulseSum, delayed, to_samples

PULSE = Pulse(wavelength=835e-9, fwhm=50e-15, peak_power=1e3)
GRID = Grid(n_points=1024, window=3e-12, wavelength=835e-9)
FIBRE = Fibre(
    length=0.02, wavelength=835e-9, betas=(-11.83e-27, 8.1038e-41), gamma=0.11
)


def test_samples_of_a_pulse_become_what_the_pulse_becomes() -> None:
    sampled = to_samples(PULSE, GRID)
    found = propagate_fibre(sampled, FIBRE, grid=GRID, n_positions=2)
    wanted = propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=2)
    assert_allclose(found["energy"], wanted["energy"], rtol=1e-9)
    peak = float(wanted["spectrum"].max())
    assert_allclose(found["spectrum"], wanted["spectrum"], rtol=0, atol=1e-6 * peak)


def test_a_delayed_pulse_arrives_as_much_later() -> None:
    steps = 64
    late = delayed(PULSE, steps * GRID.step)
    found = propagate_fibre(late, FIBRE, grid=GRID, n_positions=2)
    wanted = propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=2)
    power = np.abs(wanted["envelope"].values[-1]) ** 2
    later = np.abs(found["envelope"].values[-1]) ** 2
    assert_allclose(later, np.roll(power, steps), rtol=0, atol=1e-6 * power.max())


def test_two_colours_beat_into_the_sidebands_of_four_wave_mixing() -> None:
    # To first order of gamma P z, a sideband of two equal lines without dispersion has
    # the amplitude i gamma A1^2 conj(A2) z, and its energy that of a pulse P^3.
    lines = (1545e-9, 1555e-9)
    pair = tuple(Pulse(wavelength=w, fwhm=20e-12, peak_power=1.0) for w in lines)
    light = PulseSum(parts=pair, wavelength=1550e-9)
    fibre = Fibre(
        length=1.0, wavelength=1550e-9, betas=(0.0,), gamma=1e-2, raman=None,
        self_steepening=False,
    )  # fmt: skip
    grid = Grid(n_points=16384, window=200e-12, wavelength=1550e-9)
    data = propagate_fibre(light, fibre, grid=grid, n_positions=2)
    apart = pair[0].omega0 - pair[1].omega0
    beyond = (pair[0].omega0 + apart) / (2.0 * np.pi)
    near = np.abs(data["frequency"] - beyond) < 0.4 * apart / (2.0 * np.pi)
    sideband = float(data["spectrum"][-1].where(near, 0.0).sum() / grid.window)
    time = grid.time
    wanted = 1e-4 * np.sum(np.abs(pair[0].envelope(time)) ** 6) * grid.step
    assert sideband == pytest.approx(wanted, rel=2e-3)


@pytest.mark.parametrize("light", [to_samples(PULSE), delayed(PULSE, 1e-13)])
def test_a_grid_is_found_for_any_light(light: Light) -> None:
    first, other = fitting_grid(light, FIBRE), fitting_grid(PULSE, FIBRE)
    assert 0.4 < first.step / other.step < 2.5
    found, wanted = settled_grid(light, FIBRE), settled_grid(PULSE, FIBRE)
    assert wanted.n_points / 2 <= found.n_points <= 4 * wanted.n_points
    found.check_pulse(light)


def test_many_shots_of_any_light_are_told_apart_by_its_parameters() -> None:
    data = propagate_ensemble(
        to_samples(PULSE, GRID), FIBRE, grid=GRID, n_shots=2, estimate_error=False
    )
    assert '"kind": "sampled"' in data.attrs["parameters"]
