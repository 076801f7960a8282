"""Waveforms, and what sequences count of them."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from qleap.core.errors import InvalidValue
from qleap.sensing.nv import NVCentre
from qleap.sensing.nv.signals import (
    ActionPotential,
    Chirp,
    PulseTrain,
    Sampled,
    Tone,
    Waveform,
    accumulated_phase,
    demodulate,
    seen_frequency,
    synchronised_readout,
    thermal_echo,
)
from qleap.sensing.sequences import (
    Free,
    Laser,
    Pulse,
    Repeat,
    Sequence,
    phase_response,
    rotating_frame,
    sign_function,
    signal,
    xy8,
)

HALF, PI = Pulse.rotation(0.5 * math.pi), Pulse.rotation(math.pi)
KAPPA = 28.03e9  # Hz/T

WAVES = {
    "tone": Tone(amplitude=2e-9, frequency=3.1e5, phase=0.4),
    "constant": Tone(amplitude=2e-9, frequency=0.0),
    "chirp up": Chirp(amplitude=2e-9, start=1e5, rate=3e11, phase=0.7),
    "slow chirp": Chirp(amplitude=2e-9, start=1e6, rate=1e3, phase=0.3),
    "slower chirp": Chirp(amplitude=2e-9, start=1e6, rate=-1e-3, phase=0.3),
    "chirp down": Chirp(amplitude=2e-9, start=4e5, rate=-2e11, phase=-0.7),
    "pulses": PulseTrain(
        amplitude=1e-9, width=0.3e-6, period=1.1e-6, count=3, start=0.4e-6
    ),
    "nerve": ActionPotential(amplitude=3e-9, centre=2e-6, width=0.7e-6),
    "sampled": Sampled(
        times=np.array([0.5e-6, 1e-6, 1.7e-6, 4e-6]),
        values=np.array([1e-9, -2e-9, 0.5e-9, 1e-9]),
    ),
}
WAVES["sum"] = 2.0 * WAVES["tone"] + WAVES["nerve"] * -0.5


@pytest.mark.parametrize("wave", WAVES.values(), ids=WAVES.keys())
def test_antiderivatives_are_integrals_of_the_field(wave: Waveform) -> None:
    cuts = [0.4e-6, 0.5e-6, 0.7e-6, 1e-6, 1.5e-6, 1.7e-6, 1.8e-6, 2.6e-6, 2.9e-6, 4e-6]
    for end in (0.3e-6, 1.2e-6, 5e-6):
        breaks = [c for c in cuts if c < end]
        expected = quad(wave, 0.0, end, points=breaks, epsabs=1e-24, limit=200)[0]
        found = wave.antiderivative(end) - wave.antiderivative(0.0)
        assert_allclose(found, expected, rtol=1e-8, atol=1e-21)


def echo(time: float) -> Sequence:
    return Sequence((HALF, Free(duration=time / 2), PI, Free(duration=time / 2), HALF))


def train(spacing: float, count: int) -> Sequence:
    half = Free(duration=spacing / 2)
    return Sequence((HALF, Repeat(block=(half, PI, half), times=count), HALF))


def test_waits_outside_of_the_quarter_turns_count_nothing() -> None:
    wait, wave = Sequence((Free(duration=3e-6),)), WAVES["tone"]
    found = accumulated_phase(wait + echo(5e-6) + wait, wave, KAPPA)
    moved = accumulated_phase(echo(5e-6), wave, KAPPA, start=3e-6)
    assert_allclose(found, moved, rtol=1e-12)


@pytest.mark.parametrize("frequency", [0.2e6, 1.1e6])
def test_pulses_that_last_do_what_the_schroedinger_equation_says(
    frequency: float,
) -> None:
    spins = rotating_frame(NVCentre().spin_system(), [0, 0, 0.03], levels=(0, 1))
    block = xy8(1.2e-6, rabi_frequency=2e6, final_phase=0.5 * math.pi)
    wave = Tone(amplitude=2e-9, frequency=frequency, phase=0.4)
    phase = accumulated_phase(block, wave, -NVCentre().gyromagnetic_ratios[2])
    assert abs(phase) > 2e-5
    seen, still = (
        signal(spins, [block], field=f, tolerance=1e-12)[0] for f in (wave, None)
    )
    assert_allclose(abs(2.0 * (seen - still)), abs(np.sin(phase)), rtol=1e-4)


def test_a_ramsey_sequence_integrates_and_an_echo_takes_the_difference() -> None:
    ramsey = Sequence((HALF, Free(duration=5e-6), HALF))
    steady = Tone(amplitude=1e-9, frequency=0.0)
    phase = accumulated_phase(ramsey, steady, KAPPA)
    assert_allclose(phase, 2 * np.pi * KAPPA * 1e-9 * 5e-6, rtol=1e-12)
    assert_allclose(accumulated_phase(echo(5e-6), steady, KAPPA), 0.0, atol=1e-12)


def test_an_echo_sees_a_sine_of_its_period_as_the_textbook_says() -> None:
    # Taylor et al., Nat. Phys. 4, 810 (2008): phase 4 gamma B / f for a full period
    period = 20e-6
    wave = Tone(amplitude=1e-9, frequency=1 / period, phase=-0.5 * math.pi)
    found = accumulated_phase(echo(period), wave, KAPPA)
    assert_allclose(found, 4.0 * KAPPA * 1e-9 * period, rtol=1e-12)


def test_the_largest_phase_of_a_tone_is_the_response_of_the_sequence() -> None:
    sequence, frequency = train(1e-6, 8), np.array([0.2e6, 0.5e6, 0.55e6, 1.5e6])
    response = np.abs(phase_response(sequence, frequency))
    for f, expected in zip(frequency, response, strict=True):
        starts = np.linspace(0.0, 1 / f, 400)
        wave = Tone(amplitude=1e-9, frequency=f)
        largest = np.abs(accumulated_phase(sequence, wave, KAPPA, start=starts)).max()
        assert_allclose(largest, KAPPA * 1e-9 * expected, rtol=1e-3, atol=1e-6)


def test_any_waveform_gives_the_phase_of_small_steps() -> None:
    sequence = train(0.6e-6, 7)
    times = (np.arange(200_000) + 0.5) / 200_000 * sequence.duration
    signs = sign_function(sequence, times)
    for wave in WAVES.values():
        expected = 2 * np.pi * KAPPA * (signs * wave(times)).mean() * sequence.duration
        assert_allclose(accumulated_phase(sequence, wave, KAPPA), expected, atol=1e-7)


def test_synchronised_readouts_show_a_tone_at_its_difference_frequency() -> None:
    interval, sequence = 24e-6, train(1e-6, 16)
    tone = Tone(amplitude=0.2e-9, frequency=0.5e6 + 312.5, phase=0.3)
    series = synchronised_readout(sequence, tone, KAPPA, interval=interval, count=1200)
    beat = seen_frequency(tone.frequency, interval)
    assert_allclose(beat, 312.5)
    found = demodulate(series, interval, np.array([beat, 2.0 * beat]))
    (response,) = phase_response(sequence, [tone.frequency])
    expected = KAPPA * 0.2e-9 * response * np.exp(0.3j)
    assert_allclose(found[0], expected, rtol=1e-3)  # sin x is x - x^3 / 6
    assert abs(found[1]) < 1e-6


def test_what_has_no_phase_is_refused() -> None:
    wave = WAVES["tone"]
    with pytest.raises(InvalidValue, match=r"one channel .* got minus, plus"):
        accumulated_phase(thermal_echo(1e-6), wave, KAPPA)
    with pytest.raises(InvalidValue, match=r"one channel .* got none"):
        accumulated_phase(Sequence((Free(duration=1e-6),)), wave, KAPPA)
    bright = Sequence((HALF, Laser(duration=1e-6), HALF))
    with pytest.raises(InvalidValue, match="without light"):
        accumulated_phase(bright, wave, KAPPA)
    with pytest.raises(InvalidValue, match="interval must be >="):
        synchronised_readout(echo(1e-5), WAVES["tone"], KAPPA, interval=1e-6, count=10)


def test_only_waveforms_are_added_to_waveforms() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        WAVES["tone"] + 3.0  # type: ignore[operator]
