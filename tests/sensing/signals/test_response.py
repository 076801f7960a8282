"""Waveforms, and what sequences count of them."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from qleap.core.errors import InvalidValue
from qleap.sensing.nv.signals import (
    ActionPotential,
    Chirp,
    PulseTrain,
    Sampled,
    SignFunction,
    Tone,
    Waveform,
    accumulated_phase,
    demodulate,
    seen_frequency,
    synchronised_readout,
    thermal_echo,
)
from qleap.sensing.sequences import Free, Laser, Pulse, Repeat, Sequence

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


def test_signs_begin_and_end_with_the_quarter_turns() -> None:
    wait = Free(duration=1e-6)
    sequence = Sequence((wait, HALF, wait, PI, wait, wait, HALF, wait))
    counted = SignFunction.of(sequence)
    assert_allclose(counted.edges, [0.0, 1e-6, 2e-6, 4e-6, 5e-6])
    assert_allclose(counted.signs, [0.0, 1.0, -1.0, 0.0])


def test_pulses_that_last_turn_the_sign_in_their_middle() -> None:
    flip = Pulse.rotation(math.pi, rabi_frequency=1e6)  # 0.5 us
    half = Pulse.rotation(0.5 * math.pi, rabi_frequency=1e6)
    wait = Free(duration=1e-6)
    counted = SignFunction.of(Sequence((half, wait, flip, wait, half)))
    assert_allclose(counted.edges, [0, 0.125e-6, 1.5e-6, 2.875e-6, 3e-6], atol=1e-15)
    assert_allclose(counted.signs, [0.0, 1.0, -1.0, 0.0])


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


def test_the_largest_phase_of_a_tone_is_the_transfer_function() -> None:
    sequence = train(1e-6, 8)
    counted = SignFunction.of(sequence)
    for frequency in (0.2e6, 0.5e6, 0.55e6, 1.5e6):
        starts = np.linspace(0.0, 1 / frequency, 400)
        wave = Tone(amplitude=1e-9, frequency=frequency)
        largest = np.abs(accumulated_phase(counted, wave, KAPPA, start=starts)).max()
        expected = 2 * np.pi * KAPPA * 1e-9 * abs(counted.transfer(frequency))
        assert_allclose(largest, expected, rtol=1e-3, atol=1e-6)
    # on resonance 2/pi of the time, at the third harmonic a third of it
    assert_allclose(abs(counted.transfer(0.5e6)), 8e-6 * 2 / np.pi, rtol=1e-12)
    assert_allclose(abs(counted.transfer(1.5e6)), 8e-6 * 2 / (3 * np.pi), rtol=1e-12)
    assert abs(counted.transfer(0.0)) < 1e-18


def test_any_waveform_gives_the_phase_of_small_steps() -> None:
    sequence = train(0.6e-6, 7)
    counted = SignFunction.of(sequence)
    times = (np.arange(200_000) + 0.5) / 200_000 * sequence.duration
    signs = counted.signs[np.searchsorted(counted.edges, times) - 1]
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
    transfer = SignFunction.of(sequence).transfer(tone.frequency)
    expected = 2 * np.pi * KAPPA * 0.2e-9 * transfer * np.exp(0.3j)
    assert_allclose(found[0], expected, rtol=1e-3)  # sin x is x - x^3 / 6
    assert abs(found[1]) < 1e-6


def test_what_has_no_sign_function_is_refused() -> None:
    odd = Sequence((HALF, Free(duration=1e-6), Pulse.rotation(1.0), HALF))
    with pytest.raises(InvalidValue, match="multiples of pi / 2"):
        SignFunction.of(odd)
    with pytest.raises(InvalidValue, match=r"one channel .* got minus, plus"):
        SignFunction.of(thermal_echo(1e-6))
    bright = Sequence((HALF, Laser(duration=1e-6), HALF))
    with pytest.raises(InvalidValue, match="close the sensing before light"):
        SignFunction.of(bright)
    with pytest.raises(InvalidValue, match="interval must be >="):
        synchronised_readout(echo(1e-5), WAVES["tone"], KAPPA, interval=1e-6, count=10)


def test_only_waveforms_are_added_to_waveforms() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        WAVES["tone"] + 3.0  # type: ignore[operator]
