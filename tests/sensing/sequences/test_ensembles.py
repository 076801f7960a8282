"""Averages over ensembles against closed forms."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from qleap.core.errors import InvalidValue
from qleap.core.jit import set_threads, threads
from qleap.sensing.nv import NITROGEN_14, NVCentre
from qleap.sensing.sequences import (
    Free,
    Pulse,
    Sequence,
    Spread,
    ensemble_signal,
    rotating_frame,
    signal,
)
from qleap.sensing.sequences import shares as sharing

BARE = rotating_frame(NVCentre().spin_system(), [0, 0, 0.03], levels=(0, 1))
HALF, BACK = Pulse.rotation(math.pi / 2), Pulse.rotation(-math.pi / 2)
TIMES = np.linspace(0.0, 3e-6, 31)
RAMSEY = [Sequence((HALF, Free(duration=t), BACK)) for t in TIMES]


def test_a_gaussian_line_makes_a_gaussian_decay() -> None:
    found = ensemble_signal(BARE, RAMSEY, detuning=Spread.gaussian(2e5, n=41))
    decay = np.exp(-0.5 * (2 * math.pi * 2e5 * TIMES) ** 2)
    assert_allclose(found, 0.5 + 0.5 * decay, rtol=0.0, atol=1e-12)


def test_hundreds_of_points_average_a_long_free_evolution() -> None:
    times = np.array([1e-6, 20e-6])
    waits = [Sequence((HALF, Free(duration=t), BACK)) for t in times]
    found = ensemble_signal(BARE, waits, detuning=Spread.gaussian(1e5, n=400))
    decay = np.exp(-0.5 * (2 * math.pi * 1e5 * times) ** 2)
    assert_allclose(found, 0.5 + 0.5 * decay, rtol=0.0, atol=1e-9)


def test_a_lorentzian_line_makes_an_exponential_decay() -> None:
    found = ensemble_signal(BARE, RAMSEY, detuning=Spread.lorentzian(1e5, n=2001))
    decay = np.exp(-math.pi * 1e5 * TIMES)
    assert_allclose(found, 0.5 + 0.5 * decay, rtol=0.0, atol=10 / 2001)


def test_an_echo_undoes_the_spread_of_detunings() -> None:
    flip = Pulse.rotation(math.pi)
    echo = [
        Sequence((HALF, Free(duration=t), flip, Free(duration=t), HALF)) for t in TIMES
    ]
    found = ensemble_signal(BARE, echo, detuning=Spread.gaussian(5e5))
    assert_allclose(found, 1.0, rtol=0.0, atol=1e-12)


def test_errors_of_the_amplitude_wash_out_rabi_oscillations() -> None:
    sigma, rabi = 0.02, 2e6
    pulses = [Sequence((Pulse(duration=t + 1e-9, rabi_frequency=rabi),)) for t in TIMES]
    found = ensemble_signal(BARE, pulses, amplitude=Spread.gaussian(sigma, mean=1.0))
    angle = 2 * math.pi * rabi * (TIMES + 1e-9)
    expected = 0.5 + 0.5 * np.exp(-0.5 * (sigma * angle) ** 2) * np.cos(angle)
    assert_allclose(found, expected, rtol=0.0, atol=1e-10)


def test_ideal_pulses_have_errors_of_the_amplitude_too() -> None:
    train = [Sequence((Pulse.rotation(math.pi),)) * n for n in (1, 2, 21)]
    found = ensemble_signal(BARE, train, amplitude=Spread(np.array([1.03])))
    expected = [math.cos(0.5 * math.pi * 1.03 * n) ** 2 for n in (1, 2, 21)]
    assert_allclose(found, expected, rtol=0.0, atol=1e-12)


def test_detuning_and_amplitude_are_averaged_over_all_pairs() -> None:
    detuning = Spread(np.array([-3e5, 1e5]), np.array([1.0, 3.0]))
    amplitude = Spread(np.array([0.9, 1.05]), np.array([1.0, 1.0]))
    sequence = Sequence(
        (Pulse.rotation(math.pi, rabi_frequency=1e6), Free(duration=1e-7))
    )
    sequence = sequence * 12
    found = ensemble_signal(BARE, [sequence], detuning=detuning, amplitude=amplitude)
    expected = 0.0
    for offset, share in ((-3e5, 0.25), (1e5, 0.75)):
        for factor in (0.9, 1.05):
            pulse = Pulse.rotation(math.pi, rabi_frequency=1e6)
            pulse = replace(pulse, rabi_frequency=factor * 1e6)
            scaled = Sequence((pulse, Free(duration=1e-7))) * 12
            seen = signal(BARE.detuned("microwave", offset), [scaled])[0]
            expected += 0.5 * share * seen
    assert_allclose(found, [expected], rtol=0.0, atol=1e-12)


def test_a_triplet_of_detunings_stands_for_a_nitrogen_nucleus() -> None:
    centre = NVCentre(nitrogen=NITROGEN_14)
    full = rotating_frame(centre.spin_system(), [0, 0, 0.03], levels=(0, 1))
    triplet = Spread(NITROGEN_14.hyperfine_parallel * np.array([-1.0, 0.0, 1.0]))
    strong = Pulse.rotation(math.pi / 2)
    back = Pulse.rotation(-math.pi / 2)
    sequences = [Sequence((strong, Free(duration=t), back)) for t in TIMES]
    found = ensemble_signal(BARE, sequences, detuning=triplet)
    assert_allclose(found, signal(full, sequences), rtol=0.0, atol=0.02)


def test_orientations_add_with_their_weights() -> None:
    other = BARE.detuned("microwave", 4e5)
    found = ensemble_signal([(1.0, BARE), (3.0, other)], RAMSEY)
    expected = 0.25 * signal(BARE, RAMSEY) + 0.75 * signal(other, RAMSEY)
    assert_allclose(found, expected, rtol=0.0, atol=1e-14)


def test_spreads_add_like_independent_numbers() -> None:
    both = Spread.gaussian(3.0, mean=1.0) + Spread.uniform(-1.0, 2.0)
    assert_allclose(both.weights.sum(), 1.0)
    mean = both.values @ both.weights
    variance = (both.values - mean) ** 2 @ both.weights
    assert_allclose([mean, variance], [1.5, 9.0 + 9.0 / 12.0], rtol=1e-12)


def test_results_do_not_depend_on_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "LEAST_WORK", 1)
    pulses = [
        Sequence((Pulse(duration=t + 1e-8, rabi_frequency=1e6, shape="gaussian"),))
        for t in TIMES
    ]
    before = threads()
    found = []
    for count in (1, min(2, before)):
        set_threads(count)
        found.append(
            ensemble_signal(
                BARE, [*RAMSEY, *pulses], detuning=Spread.gaussian(1e5, n=5)
            )
        )
    set_threads(before)
    assert_array_equal(found[0], found[1])


def test_large_ensembles_run_in_parts_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = ensemble_signal(BARE, RAMSEY, detuning=Spread.gaussian(2e5, n=11))
    monkeypatch.setattr("qleap.sensing.sequences.engine.CHUNK", 100)
    parts = ensemble_signal(BARE, RAMSEY, detuning=Spread.gaussian(2e5, n=11))
    assert_allclose(parts, whole, rtol=0.0, atol=1e-14)
    assert_allclose(signal(BARE, RAMSEY), signal(BARE, RAMSEY[::-1])[::-1], atol=1e-14)


def test_weights_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidValue, match="weights"):
        Spread(np.zeros(2), np.ones(3))
    with pytest.raises(InvalidValue, match="weights"):
        Spread(np.zeros(2), np.array([1.0, -1.0]))
    with pytest.raises(InvalidValue, match="weights"):
        ensemble_signal([(0.0, BARE)], RAMSEY)
