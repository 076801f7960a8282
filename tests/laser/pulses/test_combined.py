"""Delays, scales, colours and trains: fields add."""

from dataclasses import replace

import numpy as np
import pytest

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Grid, Pulse
from qleap.laser.grid import FieldGrid
from qleap.laser.pulses import (
    Light,
    PulseSum,
    delayed,
    field_amplitudes,
    own_grid,
    scaled,
    to_samples,
    train,
)

RED = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-6, gdd=2e-28)
BLUE = Pulse(shape="gaussian", wavelength=400e-9, fwhm=25e-15, energy=1e-7, cep=0.4)


def _off(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.max(np.abs(found - wanted)) / np.max(np.abs(wanted)))


def _field_on(light: Light, grid: Grid) -> np.ndarray:
    turned = np.exp(-1j * grid.omega0 * grid.time)
    return np.asarray((light.envelope_on(grid) * turned).real)


def test_a_delay_moves_the_field_with_its_carrier() -> None:
    late = delayed(RED, 30.3e-15)
    time = np.linspace(-2e-13, 2e-13, 999)
    assert _off(late.field(time), RED.field(time - 30.3e-15)) < 1e-9
    grid = own_grid(late)
    assert _off(_field_on(late, grid), RED.field(grid.time - 30.3e-15)) < 1e-6


def test_a_phase_is_added_to_that_of_the_carrier() -> None:
    turned = delayed(RED, 0.0, phase=0.7)
    same = Pulse(
        shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-6, gdd=2e-28,
        cep=0.7,
    )  # fmt: skip
    time = np.linspace(-2e-13, 2e-13, 501)
    assert _off(turned.field(time), same.field(time)) < 1e-12


def test_two_colours_add_as_fields_about_a_common_carrier() -> None:
    both = PulseSum(parts=(RED, delayed(BLUE, 5e-15)))
    grid = own_grid(both)
    wanted = RED.field(grid.time) + delayed(BLUE, 5e-15).field(grid.time)
    assert _off(_field_on(both, grid), wanted) < 1e-6
    assert _off(both.field(grid.time), wanted) < 1e-9
    about = both.envelope(grid.time) * np.exp(-1j * both.omega0 * grid.time)
    assert _off(about.real, wanted) < 1e-6
    # The colours are orthogonal, so energies add.
    assert both.energy == pytest.approx(1.1e-6, rel=1e-6, abs=0.0)


def test_two_pulses_in_phase_have_four_times_the_energy() -> None:
    assert PulseSum(parts=(RED, RED)).energy == pytest.approx(4e-6, rel=1e-6, abs=0.0)
    against = PulseSum(parts=(RED, delayed(RED, 0.0, phase=np.pi)))
    assert against.energy == pytest.approx(0.0, abs=1e-18)


def test_beats_raise_the_peak_power() -> None:
    red = Pulse(shape="gaussian", wavelength=800e-9, fwhm=40e-15, peak_power=1.0)
    near = Pulse(shape="gaussian", wavelength=760e-9, fwhm=40e-15, peak_power=1.0)
    assert PulseSum(parts=(red, near)).peak_power == pytest.approx(
        4.0, rel=1e-4, abs=0.0
    )


def test_a_train_is_a_comb_with_the_offset_of_its_slip() -> None:
    short = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=1e-9)
    comb = train(short, 16, 2e-13, cep_slip=0.9)
    assert comb.energy == pytest.approx(16e-9, rel=1e-6, abs=0.0)
    grid = Grid(n_points=4096, window=6.4e-12, wavelength=800e-9)
    density = np.abs(comb.spectrum_on(grid)) ** 2
    # Lines stand where omega * spacing = slip (mod 2 pi): equal pulses whose phase
    # grows by the slip, seen on exp(-i omega t).
    phase = np.angle(np.exp(1j * (grid.omega * 2e-13 - 0.9)))
    lines = np.abs(phase) < 0.2
    assert density[lines].sum() / density.sum() > 0.6
    dark = np.abs(np.abs(phase) - np.pi) < 0.2
    assert density[dark].sum() / density.sum() < 0.01


def test_the_peaks_of_a_train_are_spaced_and_slip_in_phase() -> None:
    short = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=1e-9)
    comb = train(short, 3, 1e-13, cep_slip=0.5)
    time = np.linspace(-2e-15, 2e-15, 41)
    for k in range(3):
        turned = Pulse(
            shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=1e-9, cep=0.5 * k
        )
        seen = comb.field(time + (k - 1) * 1e-13)
        np.testing.assert_allclose(seen, turned.field(time), rtol=1e-9)


def test_amplitudes_on_a_grid_of_real_fields_are_those_of_the_field() -> None:
    both = PulseSum(parts=(RED, delayed(BLUE, 15e-15)))
    grid = FieldGrid(
        n_points=8192, window=1e-12, wavelength=800e-9, band=(1e15, 1.2e16)
    )
    for light in (both, to_samples(both)):
        amplitudes = field_amplitudes(light, grid)
        steps = np.outer(np.arange(0, 8192, 257), np.arange(grid.n_frequencies))
        field = (np.exp(-2j * np.pi * steps / 8192) @ amplitudes).real
        assert _off(field, both.field(grid.time[::257])) < 1e-6
        energies = grid.window * np.abs(amplitudes) ** 2
        assert energies.sum() == pytest.approx(both.energy, rel=1e-6, abs=0.0)


def test_scaled_light_has_the_energy_or_power_asked_for() -> None:
    both = PulseSum(parts=(RED, BLUE))
    assert scaled(both, energy=5e-6).energy == pytest.approx(5e-6, rel=1e-9, abs=0.0)
    strong = scaled(both, peak_power=1e9)
    top = np.abs(strong.envelope(np.linspace(-3e-14, 3e-14, 20_001))) ** 2
    assert top.max() == pytest.approx(1e9, rel=1e-3, abs=0.0)
    assert strong.peak_power == pytest.approx(1e9, rel=1e-3, abs=0.0)
    with pytest.raises(InvalidValue, match="exactly one of energy and peak_power"):
        scaled(both)


def test_parameters_are_plain_and_tell_light_apart() -> None:
    import json

    one, two = train(RED, 2, 1e-13), train(RED, 2, 1.1e-13)
    assert json.dumps(one.parameters()) != json.dumps(two.parameters())
    assert json.loads(json.dumps(one.parameters()))["kind"] == "sum"


def test_a_delay_beyond_the_window_is_refused_not_wrapped() -> None:
    grid = Grid(n_points=512, window=1e-12, wavelength=800e-9)
    with pytest.raises(InvalidValue, match="must hold the delay 6e-13 s"):
        delayed(RED, 6e-13).envelope_on(grid)


def test_what_is_no_light_is_refused() -> None:
    with pytest.raises(InvalidKind, match=r"parts\[1\] must be light"):
        PulseSum(parts=(RED, 3.0))  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="one pulse or more"):
        PulseSum(parts=())
    with pytest.raises(InvalidValue, match="n_pulses must be between 2 and 1000"):
        train(RED, 1, 1e-13)


def test_the_peak_power_of_moved_light_is_the_one_it_has() -> None:
    stretched = replace(RED, gdd=2000e-30)
    strong = scaled(stretched, peak_power=1e7)
    assert strong.peak_power == pytest.approx(1e7, rel=1e-6, abs=0.0)
    later = delayed(stretched, 3e-15)
    assert later.peak_power == pytest.approx(
        np.max(np.abs(stretched.envelope(np.linspace(-1e-14, 1e-14, 2001))) ** 2),
        rel=1e-5,
        abs=0.0,
    )
