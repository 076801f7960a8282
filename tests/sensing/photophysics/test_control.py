"""Sequences that run through the levels under light."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing.nv.photophysics import ChargeRates, RateModel, controlled_spins
from qleap.sensing.sequences import Free, Laser, Pulse, Sequence, evolve, signal

PUMP = 2e7
TILTED = [3e-3, 0.0, 2e-2]


@pytest.mark.parametrize("charge", [None, ChargeRates()])
def test_a_laser_moves_populations_as_the_rate_model(
    charge: ChargeRates | None,
) -> None:
    model = RateModel(charge=charge)
    spins = controlled_spins(model, PUMP, TILTED)
    found = evolve(
        spins,
        Sequence((Laser(duration=1e-7),)),
        state=np.diag(model.spin_state(-1)).astype(complex),
    )
    expected = model.evolve(model.spin_state(-1), [1e-7], PUMP, TILTED)[0]
    assert_allclose(np.diag(found).real, expected, atol=1e-10)


def test_half_the_power_is_half_the_pump_rate() -> None:
    model = RateModel()
    spins = controlled_spins(model, PUMP)
    found = evolve(spins, Sequence((Laser(duration=2e-7, power=0.5),)))
    start = model.polarised(PUMP)
    expected = model.evolve(start, [2e-7], PUMP / 2.0)[0]
    assert_allclose(np.diag(found).real, expected, atol=1e-10)


def test_a_pi_pulse_is_read_as_the_other_spin() -> None:
    model = RateModel()
    spins = controlled_spins(model, PUMP, window=3e-7)
    bright = model.polarised(PUMP)
    worth = model.photons([3e-7], PUMP)[0]
    pulses = [Sequence(()), Sequence((Pulse.rotation(math.pi),))]
    seen = signal(spins, pulses)
    assert_allclose(seen, [worth @ bright, worth @ model.flipped(bright)], rtol=1e-12)


def test_two_channels_drive_two_lines() -> None:
    model = RateModel()
    spins = controlled_spins(
        model, PUMP, [0, 0, 0.01], transitions={"low": -1, "high": 1}, window=3e-7
    )
    worth, bright = model.photons([3e-7], PUMP)[0], model.polarised(PUMP)
    both = Sequence(
        (
            Pulse.rotation(math.pi, channel="low"),
            Pulse.rotation(math.pi, channel="high"),
        )
    )
    expected = model.flipped(model.flipped(bright, -1), 1)
    assert_allclose(signal(spins, [both])[0], worth @ expected, rtol=1e-9)


def test_fringes_turn_with_the_detuning_and_fade_with_the_dephasing() -> None:
    model, rate, offset = RateModel(), 5e5, 1e6
    spins = controlled_spins(model, PUMP, dephasing_rate=rate).detuned(
        "microwave", offset
    )
    half = Pulse.rotation(math.pi / 2.0)
    times = np.linspace(0.0, 3e-6, 25)
    start = np.diag(model.spin_state(0)).astype(complex)
    population = [
        evolve(spins, Sequence((half, Free(duration=t), half)), state=start)[1, 1].real
        for t in times
    ]
    fringe = np.exp(-rate * times) * np.cos(2.0 * np.pi * offset * times)
    assert_allclose(population, 0.5 - 0.5 * fringe, atol=1e-9)


def test_a_field_along_the_axis_moves_the_line_by_28_gigahertz_a_tesla() -> None:
    spins = controlled_spins(RateModel(), PUMP)
    assert spins.sensitive is not None
    slope = np.diag(spins.sensitive).real
    assert_allclose(slope[2] - slope[1], -28.03e9, rtol=1e-3)
    assert_allclose(slope[6], 0.0)


def test_a_channel_must_lead_somewhere() -> None:
    with pytest.raises(
        InvalidValue, match=r"transitions must lead to \+1 or -1, got 0"
    ):
        controlled_spins(RateModel(), PUMP, transitions={"microwave": 0})
