"""Thermometers against analytic phases."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing.nv import (
    NITROGEN_14,
    NITROGEN_15,
    NVCentre,
    Strain,
    zero_field_splitting,
    zero_field_splitting_slope,
)
from qleap.sensing.nv.signals import (
    FourPointThermometer,
    PowderSpectrum,
    bright_echo,
    double_quantum,
    electric_lines,
    spin_one_channels,
    splitting_from_lines,
    temperature_from_splitting,
    thermal_echo,
)
from qleap.sensing.sequences import ControlledSpins, Pulse, Sequence, signal

CENTRE = NVCentre()
ALONG = np.array([0.0, 0.0, 1.0])
BIAS = 4e-3 * ALONG
TIMES = np.linspace(0.0, 20e-6, 41)


def moved(splitting: float, field: float, centre: NVCentre = CENTRE) -> ControlledSpins:
    """Return spins whose D and field have moved under fixed carriers."""
    energies = centre.electron_energies(BIAS)
    lower, upper = (energies[1:] - energies[:1]).tolist()
    other = centre.with_splitting(centre.zero_field_splitting + splitting)
    return spin_one_channels(
        other.spin_system(), BIAS + field * ALONG, carriers=(lower, upper)
    )


@pytest.mark.parametrize("swaps", [1, 2, 5])
@pytest.mark.parametrize("field", [0.0, 3e-6])
def test_the_thermal_echo_turns_with_the_splitting_and_not_the_field(
    swaps: int, field: float
) -> None:
    seen = signal(
        moved(70e3, field), [thermal_echo(t, swaps=swaps, phase=0.4) for t in TIMES]
    )
    expected = 0.5 - 0.5 * np.cos(2 * np.pi * 70e3 * TIMES - 0.4)
    assert_allclose(seen, expected, atol=1e-9)


def test_the_bright_echo_turns_with_the_splitting_and_not_the_field() -> None:
    seen = signal(moved(70e3, 3e-6), [bright_echo(t, phase=0.4) for t in TIMES])
    expected = 0.5 - 0.5 * np.cos(2 * np.pi * 70e3 * TIMES - 0.4)
    assert_allclose(seen, expected, atol=1e-9)


def test_a_double_quantum_ramsey_counts_the_field_twice_and_no_temperature() -> None:
    shift = 2.0 * CENTRE.gyromagnetic_ratios[2] * 3e-6
    seen = signal(moved(70e3, 3e-6), [double_quantum(t, phase=0.4) for t in TIMES])
    expected = 0.5 + 0.5 * np.cos(2 * np.pi * shift * TIMES + 0.4)
    assert_allclose(seen, expected, atol=1e-9)


@pytest.mark.parametrize("swaps", [1, 2, 3])
def test_swaps_refocus_the_double_quantum(swaps: int) -> None:
    seen = signal(moved(70e3, 3e-6), [double_quantum(t, swaps=swaps) for t in TIMES])
    assert_allclose(seen, 1.0, atol=1e-9)


def test_pulses_that_last_keep_the_phase_of_the_thermal_echo() -> None:
    # strong and weak pulses agree where the phase is small within a pulse
    times = np.linspace(0.0, 20e-6, 9)
    ideal = signal(moved(10e3, 0.0), [thermal_echo(t) for t in times])
    real = signal(
        moved(10e3, 0.0), [thermal_echo(t, rabi_frequency=40e6) for t in times]
    )
    assert_allclose(real, ideal, atol=5e-3)


def test_one_kelvin_turns_the_phase_by_its_slope() -> None:
    warm = float(zero_field_splitting(301.0) - zero_field_splitting(300.0))
    time = 100e-6
    seen = signal(moved(warm, 1e-6), [thermal_echo(time, phase=0.5 * math.pi)])
    expected = 2 * np.pi * float(zero_field_splitting_slope(300.5)) * time
    assert_allclose(seen, 0.5 - 0.5 * math.sin(expected), atol=1e-3)


def test_every_channel_has_the_rabi_frequency_of_its_own_transition() -> None:
    strained = NVCentre(strain=Strain(m_x=4e6, m_y=2e6), nitrogen=NITROGEN_15)
    spins = spin_one_channels(strained.spin_system(), [1e-4, 0.0, 5e-3])
    for channel in ("minus", "plus", "both"):
        flips = [Sequence((Pulse.rotation(a, channel=channel),)) for a in (0.3, 1.0)]
        assert_allclose(
            signal(spins, flips), np.cos([0.15, 0.5]) ** 2, atol=2e-4, err_msg=channel
        )


def test_nitrogen_splits_both_lines_of_the_channels() -> None:
    centre = NVCentre(nitrogen=NITROGEN_14)
    spins = spin_one_channels(centre.spin_system(), [0.0, 0.0, 30e-3])
    levels = np.sort(np.diag(spins.static).real)
    assert spins.dimension == 9
    pair, zeeman = (
        NITROGEN_14.hyperfine_parallel,
        NITROGEN_14.gyromagnetic_ratio * 30e-3,
    )
    expected = [
        m * i * pair - i * zeeman + NITROGEN_14.quadrupole * (i * i - 2 / 3)
        for m in (1, 0, -1)
        for i in (1, 0, -1)
    ]
    # second order of the transverse hyperfine field: A^2 / D, some kHz
    assert_allclose(
        levels - levels.mean(), np.sort(expected) - np.mean(expected), atol=3e4
    )


def test_past_the_crossing_the_lower_level_is_below_zero() -> None:
    spins = spin_one_channels(CENTRE.spin_system(), [0.0, 0.0, 0.15])
    assert spins.channels["minus"].number.min() == -1.0
    flip = Sequence((Pulse.rotation(math.pi, channel="minus"),))
    assert_allclose(signal(spins, [flip]), 0.0, atol=1e-12)
    detuned = Pulse.rotation(math.pi, channel="minus", rabi_frequency=1e6, detuning=1e6)
    assert_allclose(
        signal(spins, [Sequence((detuned,))]),
        1.0 - 0.5 * math.sin(0.5 * math.pi * math.sqrt(2.0)) ** 2,
        atol=1e-9,
    )


def test_a_drive_along_the_axis_is_refused() -> None:
    with pytest.raises(InvalidValue, match="drive must have a part that connects"):
        spin_one_channels(CENTRE.spin_system(), BIAS, drive=[0.0, 0.0, 1.0])


def test_temperature_inverts_the_splitting() -> None:
    kelvin = np.linspace(35.0, 500.0, 200)
    found = temperature_from_splitting(zero_field_splitting(kelvin))
    assert_allclose(found, kelvin, atol=2e-5)  # D is flat in the cold
    with pytest.raises(InvalidValue, match="splitting must lie between"):
        temperature_from_splitting(3e9)


def test_eight_lines_give_the_splitting_in_any_field() -> None:
    fields = np.random.default_rng(5).normal(scale=0.02, size=(50, 3))
    for g in ((2.0029, 2.0031), (2.003, 2.003), (2.1, 1.9)):
        centre = NVCentre(g_parallel=g[0], g_perpendicular=g[1])
        found = splitting_from_lines(centre.resonances(fields), centre=centre)
        assert_allclose(found, centre.zero_field_splitting, rtol=1e-12)
    found = splitting_from_lines(CENTRE.resonances(fields))
    assert_allclose(found, CENTRE.zero_field_splitting, rtol=1e-12)


def test_the_mean_of_two_lines_is_the_splitting_along_the_axis() -> None:
    lines = electric_lines(CENTRE, BIAS, [0.0, 0.0, 0.0])
    assert_allclose(
        splitting_from_lines(lines), CENTRE.zero_field_splitting, rtol=1e-14
    )


def spectrum(splitting: float, brightness: float = 1.0) -> np.ndarray:
    model = PowderSpectrum(
        field=0.1e-3,
        fwhm=9e6,
        contrast=0.08,
        centre=CENTRE.with_splitting(splitting),
    )
    return brightness * model.evaluate(THERMOMETER.frequencies)


THERMOMETER = FourPointThermometer(
    splitting=CENTRE.zero_field_splitting, flank=6e6, step=1e6
)


def test_four_points_follow_the_splitting_whatever_brightness_and_field() -> None:
    for shift in (-0.2e6, 0.05e6):
        for brightness in (1.0, 250.0):
            seen = spectrum(CENTRE.zero_field_splitting + shift, brightness)
            assert_allclose(THERMOMETER.shift(seen), shift, atol=6e3)


def test_four_point_errors_are_those_of_poisson_counts() -> None:
    rng = np.random.default_rng(8)
    dip, steep = spectrum(CENTRE.zero_field_splitting, 1e8), [9e5, 1e5, 6e5, 9e4]
    for rate in (dip, np.array(steep)):
        counts = rng.poisson(rate, size=(4000, 4))
        expected = float(THERMOMETER.shift_error(rate))
        assert_allclose(np.std(THERMOMETER.shift(counts)), expected, rtol=0.05)


def test_four_points_read_the_temperature() -> None:
    base = NVCentre.at_temperature(300.0).zero_field_splitting
    warm = NVCentre.at_temperature(301.0).zero_field_splitting
    probe = FourPointThermometer(splitting=base, flank=6e6, step=1e6)
    seen = PowderSpectrum(
        field=0.0, fwhm=9e6, contrast=0.1, centre=CENTRE.with_splitting(warm)
    ).evaluate(probe.frequencies)
    assert_allclose(probe.temperature(seen, 300.0), 301.0, atol=0.05)


def test_the_frame_of_two_carriers_is_the_laboratorys() -> None:
    # A thermal echo with real, phase-coherent microwaves at a low D, stepped in the
    # laboratory: what is left are the drives' effects on each other's transition.
    centre, bias = NVCentre(zero_field_splitting=100e6), 1e-3 * ALONG
    energies = centre.electron_energies(bias)
    lower, upper = (energies[1:] - energies[:1]).tolist()
    warm = centre.with_splitting(100e6 + 60e3)
    system = warm.spin_system()
    spins = spin_one_channels(system, bias, carriers=(lower, upper))
    sequence = thermal_echo(6e-6, phase=0.7, rabi_frequency=0.3e6)
    hamiltonian, drive = system.hamiltonian(bias), system.field_operators()[0]
    drive = drive / (2.0 * float(np.abs(drive).max()))  # elements of one half
    carriers, time, state = (
        {"minus": lower, "plus": upper},
        0.0,
        np.eye(3, dtype=complex),
    )
    for element in sequence.flat():
        steps = max(math.ceil(element.duration / 0.2e-9), 1)
        at = time + element.duration * (np.arange(steps) + 0.5) / steps
        size = np.zeros(steps)
        if isinstance(element, Pulse):
            turning = 2 * np.pi * carriers[element.channel] * at + element.phase
            size = 2.0 * element.rabi_frequency * np.cos(turning)
        values, vectors = np.linalg.eigh(hamiltonian + size[:, None, None] * drive)
        phases = np.exp(-2j * np.pi * element.duration / steps * values)
        for step in (vectors * phases[:, None, :]) @ vectors.conj().swapaxes(1, 2):
            state = step @ state
        time += element.duration
    found = signal(spins, [sequence])[0]
    assert_allclose(found, abs(state[1, 1]) ** 2, atol=0.02)
    assert 0.2 < found < 0.8


@pytest.mark.parametrize("field", [30e-3, 150e-3])
@pytest.mark.parametrize("channel", ["minus", "plus"])
def test_a_detuned_pulse_meets_a_carrier_that_is_wrong_by_as_much(
    field: float, channel: str
) -> None:
    energies = CENTRE.electron_energies(field * ALONG)
    zero = -2.0 / 3.0 * CENTRE.zero_field_splitting
    upper = CENTRE.zero_field_splitting + CENTRE.gyromagnetic_ratios[2] * field
    lower = float(abs(np.delete(energies, np.argmin(abs(energies - zero)))[0] - zero))
    spins = spin_one_channels(
        CENTRE.spin_system(), field * ALONG, carriers=(lower - 2e6, upper - 2e6)
    )
    flip = Pulse.rotation(
        math.pi, rabi_frequency=1e6, detuning=2e6, channel=channel, phase=0.4
    )
    assert_allclose(signal(spins, [Sequence((flip,))]), 0.0, atol=1e-9)


def test_the_channels_know_what_a_signal_along_the_axis_does() -> None:
    ratio = CENTRE.gyromagnetic_ratios[2]
    apart = spin_one_channels(CENTRE.spin_system(), BIAS).sensitive
    assert apart is not None
    assert_allclose(apart, np.diag([0.0, -ratio, ratio]), atol=1e-3)
    # under one carrier a signal mixes |x> and |y> of a strained centre, no m = 0
    strained = NVCentre(strain=Strain(m_x=1e6))
    one = strained.zero_field_splitting
    mixed = spin_one_channels(
        strained.spin_system(), 0.0 * ALONG, carriers=(one, one), drive=(1, 1, 0)
    ).sensitive
    assert mixed is not None
    flip = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0]])
    assert_allclose(np.abs(mixed), ratio * flip, atol=1.0)


def test_carriers_are_two_frequencies() -> None:
    with pytest.raises(InvalidValue, match="carriers must be two frequencies"):
        spin_one_channels(CENTRE.spin_system(), BIAS, carriers=(1e9,))  # type: ignore[arg-type]
