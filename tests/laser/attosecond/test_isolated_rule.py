"""Pieces of the rule that predicts published isolated pulses."""

import numpy as np
import pytest

from benchmarks.laser import _isolated_drivers as drivers
from benchmarks.laser._isolated_experiments import EXPERIMENTS, PHASES
from benchmarks.laser._isolated_rule import (
    Setting,
    chosen,
    driver_of,
    energies_of,
    film_of,
)
from qleap.core.constants import ELECTRONVOLT, SPEED_OF_LIGHT
from qleap.laser import Pulse
from qleap.laser.attosecond import double_optical_gate, gated_field, with_cep

pytest.importorskip("periodictable")


def test_parts_that_turn_make_the_same_gate_as_the_gate_itself() -> None:
    cycle = 800e-9 / SPEED_OF_LIGHT
    shape = drivers.gates(800e-9, 8e-15, 0.05)((0.4, -0.5, 1.0))
    made = shape.driver(np.array([1.1, 0.7]))
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=8.16e-15, peak_power=1.0)
    delay = 64e-30 * np.arctanh(0.2) / (np.log(2.0) * cycle)
    gate = double_optical_gate(pulse, 0.95 * delay, ratio=np.sqrt(0.4), phase=0.7)
    known = gated_field(with_cep(gate, 1.1), 1e18, time=made.time)
    for field in (made.field, known.field):
        assert field.shape == (2, made.time.size)
    np.testing.assert_allclose(
        made.field / made.peak_field, known.field / known.peak_field, atol=1e-12
    )


def test_the_intensity_puts_the_continuum_where_the_paper_says() -> None:
    """Of the 2008 single cycle at 80 eV: a band from the film's edge to the cutoff."""
    single = next(e for e in EXPERIMENTS if e.name == "single_cycle")
    _, band = driver_of(single, Setting(phases=PHASES["single_cycle"], away=(0.0,)))
    low, high = (energy / ELECTRONVOLT for energy in band.energies)
    assert low + high / 1.5 == pytest.approx(160.0, rel=1e-3)
    assert low == pytest.approx(65.0, abs=0.5)


def test_the_phases_kept_have_the_most_energy_of_all() -> None:
    single = next(e for e in EXPERIMENTS if e.name == "single_cycle")
    best = PHASES["single_cycle"]
    driver, band = driver_of(single, Setting(phases=best, away=(0.0,)))
    shape = single.make((0.0,))
    factor = driver.peak_field / shape.driver(np.array(best)).peak_field
    offered = np.array(best) + np.pi * np.arange(16)[:, None] / 16
    energy = energies_of(single, factor * shape.fields(offered), band, film_of(single))
    assert np.argmax(energy) == 0
    # A field of the other sign radiates as much.
    again = energies_of(
        single, factor * shape.fields(offered[:1] + np.pi), band, film_of(single)
    )
    assert again[0] == pytest.approx(energy[0], rel=1e-9)


def test_the_first_rule_takes_energy_alone() -> None:
    energy = np.array([1.0, 5.0, 3.0, 2.4])
    best, near = chosen(energy, np.zeros(4))
    assert best == 1
    np.testing.assert_array_equal(near, [False, True, True, False])


def test_the_second_rule_takes_the_most_energy_of_clean_pulses() -> None:
    energy = np.array([1.0, 5.0, 3.0, 1.6])
    best, near = chosen(energy, np.array([0.01, 0.11, 0.1, 0.05]))
    assert best == 2
    np.testing.assert_array_equal(near, [False, False, True, True])


def test_where_no_pulse_is_clean_the_second_rule_takes_the_cleanest() -> None:
    best, near = chosen(np.array([9.0, 1.0, 5.0]), np.array([0.31, 0.2, 0.29]))
    assert best == 1
    np.testing.assert_array_equal(near, [False, True, True])
