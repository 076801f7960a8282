"""Hearts and brains that repeat: their fields, their averages, their detection."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import chi2

from qleap.core.errors import InvalidValue
from qleap.sensing.biomagnetism import (
    ConductingHalfSpace,
    Phantom,
    brain_phantom,
    evoked_response,
    heartbeat,
    locate_dipole,
    rat_heart_phantom,
    square_grid,
)

DENSITY = 9e-12  # T/sqrt(Hz), arXiv:2405.02376


def test_waveforms_are_one_at_their_peak() -> None:
    beat = heartbeat(np.linspace(-0.06, 0.1, 16_001))
    assert beat.max() == pytest.approx(1.0, abs=3e-4)
    assert heartbeat(0.0) == pytest.approx(1.0, abs=1e-12)
    response = evoked_response(np.linspace(0.0, 0.1, 10_001))
    assert response.max() == pytest.approx(1.0, abs=3e-3)
    assert evoked_response(20e-3) == pytest.approx(1.0, abs=1e-12)
    assert response.argmax() == pytest.approx(2000, abs=40)


def test_the_r_wave_of_a_rat_has_the_published_size() -> None:
    rat = rat_heart_phantom()
    assert np.abs(rat.peak_field).max() == pytest.approx(20e-12)
    # Heights above a dipole: the largest vertical field of a plane is 2/(3 sqrt 3)
    # of mu0/4pi Q/h^2, and the places of 5 mm miss its place a little.
    largest = 1e-7 * np.linalg.norm(rat.moment) / 13e-3**2 * 2 / np.sqrt(27)
    assert 20e-12 < largest < 22e-12


def test_the_sensor_of_a_brain_phantom_is_where_the_field_is_largest() -> None:
    brain = brain_phantom()
    largest = 1e-7 * 0.2e-9 / 2.4e-3**2 * 2 / np.sqrt(27)
    assert abs(brain.peak_field[0]) == pytest.approx(largest, rel=0.03)
    at = brain.sensors.positions[0]
    for shift in (-3e-4, 3e-4):
        moved = replace(
            brain.sensors,
            positions=(at + np.array([0.0, shift, 0.0]))[None],
            offsets=None,
        )
        beside = replace(brain, sensors=moved)
        assert abs(beside.peak_field[0]) < abs(brain.peak_field[0])


def test_averages_have_the_signal_and_the_error_of_theory() -> None:
    rat = rat_heart_phantom()
    rate, n = 600.0, 400
    found = rat.average(DENSITY, n, rate=rate, rng=np.random.default_rng(3))
    error = DENSITY * np.sqrt(0.5 * rate / n)
    assert_allclose(found.error, error, rtol=0.02)
    left = (found.field - rat.peak_field[:, None] * heartbeat(found.time)) / error
    low, high = chi2.ppf([0.0005, 0.9995], left.size)
    assert low < np.sum(left**2) < high
    assert_allclose(found.at(0.0), found.field[:, 36])
    assert found.signal_to_noise.max() > 1.5 * (20e-12 / error) / 2.0


def test_a_matched_filter_reaches_the_stated_ratio() -> None:
    rat = rat_heart_phantom(square_grid(1, 1e-3, 5e-3))
    rate, n, trials = 2000.0, 50, 250
    found = []
    rng = np.random.default_rng(4)
    for _ in range(trials):
        mean = rat.average(DENSITY, n, rate=rate, rng=rng)
        beat = heartbeat(mean.time)
        found.append(mean.field[0] @ beat / (beat @ beat))
    ratio = abs(rat.peak_field[0]) / np.std(found, ddof=1)
    expected = rat.matched_signal_to_noise(DENSITY, n)
    low, high = np.sqrt((trials - 1) / chi2.ppf([0.9995, 0.0005], trials - 1))
    assert low < ratio / expected < high


def test_a_heart_is_located_from_the_mean_of_its_r_waves() -> None:
    rat = rat_heart_phantom()
    mean = rat.average(DENSITY, 4000, rate=500.0, rng=np.random.default_rng(5))
    found = locate_dipole(
        rat.conductor, rat.sensors, mean.at(0.0), noise=mean.error, start=[0, 0, -6e-3]
    )
    assert found.ellipsoid(0.999).contains(rat.position - found.position)
    assert found.position_error < 4e-3


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: rat_heart_phantom().average(0.0, 10, rate=500.0), "density"),
        (lambda: rat_heart_phantom().average([1e-12, 2e-12], 9, rate=5e2), "density"),
        (lambda: rat_heart_phantom().average(DENSITY, 1, rate=500.0), "repetitions"),
        (lambda: rat_heart_phantom().average(np.inf, 9, rate=500.0), "density"),
        (lambda: rat_heart_phantom().times(20.0), "rate"),
        (
            lambda: replace(
                brain_phantom(), waveform=lambda time: np.nan * time
            ).average(DENSITY, 9, rate=1e3),
            r"waveform .* shape \(100,\) with 100 numbers that are not finite",
        ),
        (
            lambda: replace(brain_phantom(), waveform=lambda _: np.ones(3)).average(
                DENSITY, 9, rate=1e3
            ),
            r"waveform .* got the shape \(3,\)",
        ),
        (lambda: brain_phantom(standoff=0.0), "standoff"),
        (
            lambda: Phantom(
                conductor=ConductingHalfSpace(),
                sensors=square_grid(2, 1e-3, 5e-3),
                position=np.array([0.0, 0.0, -5e-3]),
                moment=np.array([0.0, 0.0, 1e-9]),
                waveform=heartbeat,
                period=0.2,
            ).with_peak(1e-12),
            "silence",
        ),
    ],
)
def test_impossible_phantoms_are_refused_in_words(call, word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidValue, match=word):
        call()
