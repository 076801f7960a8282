"""Pulses come back from their traces, and what traces leave open is said."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.core.style import save_figure
from qleap.laser import Grid, Material, Pulse
from qleap.laser.metrology import (
    DispersionScan,
    Frog,
    InterferometricFrog,
    Miips,
    Retrieved,
    Scheme,
    Trace,
    compare_pulses,
    plot_retrieval,
    retrieval_grid,
    retrieve,
    simulate_trace,
)
from qleap.laser.metrology.retrieved import duration
from qleap.laser.pulses import Bulk, SampledPulse

GRID = Grid(n_points=64, window=320e-15, wavelength=800e-9)


def chirped() -> SampledPulse:
    """Return a pulse with second and third order."""
    pulse = Pulse(
        shape="gaussian", wavelength=800e-9, fwhm=32e-15, energy=1e-9, gdd=300e-30,
        tod=2e3 * 1e-45,
    )  # fmt: skip
    return SampledPulse(grid=GRID, samples=pulse.envelope_on(GRID))


def double() -> SampledPulse:
    """Return two pulses, unlike and overlapping."""
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=25e-15, energy=1e-9)
    first = pulse.envelope(GRID.time + 22e-15)
    second = pulse.envelope(GRID.time - 22e-15)
    return SampledPulse(grid=GRID, samples=first + 0.8 * np.exp(1j) * second)


def random(seed: int) -> SampledPulse:
    """Return noise in an envelope over time and frequency."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(64) + 1j * rng.standard_normal(64)
    spectrum = GRID.to_frequency(noise * np.exp(-((GRID.time / 40e-15) ** 2)))
    spectrum *= np.exp(-((GRID.detuning / 1.2e14) ** 2))
    return SampledPulse(grid=GRID, samples=GRID.to_time(spectrum))


@pytest.mark.parametrize("make", [chirped, double, lambda: random(1)])
@pytest.mark.parametrize("nonlinearity", ["shg", "pg"])
def test_durations_come_back_to_two_attoseconds(
    make: Callable[[], SampledPulse], nonlinearity: str
) -> None:
    known = make()
    trace = simulate_trace(known, Frog(nonlinearity=nonlinearity), grid=GRID)
    found = retrieve(trace, starts=6, resamples=0, steps=300)
    shg = nonlinearity == "shg"
    off = compare_pulses(found.pulse, known, either_direction=shg)
    assert off.error < 1e-5
    assert abs(found.fwhm - duration(GRID, known.samples)) < 2e-18
    assert found.error < 1e-6
    assert ("direction of time" in " ".join(found.ambiguities)) == shg


@pytest.mark.parametrize(
    ("scheme", "values"),
    [
        (Frog(nonlinearity="thg"), GRID.time),
        (InterferometricFrog(), GRID.time),
        (Miips(amplitude=1.5 * np.pi, modulation=22.5e-15), np.linspace(0, 6.2, 32)),
        (
            DispersionScan(
                element=Bulk(material=Material(name="BK7"), length=1e-3),
                thickness=1e-3,
            ),
            np.linspace(-15e-3, 15e-3, 32),
        ),
    ],
)
def test_other_schemes_give_the_same_pulse(
    scheme: Scheme, values: NDArray[np.float64]
) -> None:
    known = chirped()
    trace = simulate_trace(known, scheme, values, grid=GRID)
    found = retrieve(trace, starts=6, steps=300, resamples=0)
    either = isinstance(scheme, InterferometricFrog)
    off = compare_pulses(found.pulse, known, either_direction=either)
    assert off.error < 1e-5
    assert abs(found.fwhm - duration(GRID, known.samples)) < 2e-18


def test_noise_of_five_percent_costs_five_percent_and_the_interval_says_so() -> None:
    grid = Grid(n_points=128, window=453e-15, wavelength=800e-9)
    pulse = Pulse(
        shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-9, gdd=350e-30
    )
    true, off, inside = duration(grid, pulse.envelope_on(grid)), [], 0
    clean = simulate_trace(pulse, grid=grid)
    for seed in range(3):
        noisy = clean.with_noise(0.05, np.random.default_rng(seed))
        found = retrieve(noisy, starts=1, resamples=8, seed=seed)
        off.append(found.fwhm / true - 1.0)
        low, high = found.fwhm_interval
        inside += low < true < high
        assert found.error == pytest.approx(0.05, rel=0.2)
    assert np.sqrt(np.mean(np.square(off))) < 0.05
    assert inside >= 2


def test_a_smooth_pulse_is_nearer_to_the_truth_where_there_is_noise() -> None:
    known = chirped()
    noisy = simulate_trace(known, grid=GRID).with_noise(0.05, np.random.default_rng(2))
    errors = [
        compare_pulses(
            retrieve(noisy, starts=2, resamples=0, smooth=smooth).pulse,
            known,
            either_direction=True,
        ).error
        for smooth in (True, False)
    ]
    assert errors[0] < 0.5 * errors[1]


def test_results_do_not_depend_on_threads_and_depend_on_the_seed() -> None:
    trace = simulate_trace(random(2), grid=GRID).with_noise(
        0.02, np.random.default_rng(0)
    )
    one, two = (retrieve(trace, starts=3, resamples=2, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.pulse.samples, two.pulse.samples)
    np.testing.assert_array_equal(one.resampled, two.resampled)
    other = retrieve(trace, starts=3, resamples=2, seed=6)
    assert np.any(other.resampled != one.resampled)


def test_direction_of_time_follows_the_reference_and_can_be_turned() -> None:
    falling = Pulse(
        shape="gaussian", wavelength=800e-9, fwhm=32e-15, energy=1e-9, gdd=-300e-30,
        tod=2e3 * 1e-45,
    )  # fmt: skip
    trace = simulate_trace(falling, grid=GRID)
    free = retrieve(trace, starts=2, resamples=2)
    led = retrieve(trace, starts=2, resamples=2, reference=falling)
    assert compare_pulses(led.pulse, falling).error < 1e-4
    assert compare_pulses(free.pulse, falling).error > 0.1
    assert compare_pulses(free.turned().pulse, falling).error < 1e-4
    assert "reference" in " ".join(led.ambiguities)
    gate = retrieve(
        simulate_trace(falling, Frog(nonlinearity="pg"), grid=GRID),
        starts=1, steps=5, resamples=0,
    )  # fmt: skip
    with pytest.raises(InvalidValue, match="second-harmonic FROG alone"):
        gate.turned()


def test_uneven_axes_are_brought_to_the_grid() -> None:
    known = chirped()
    rng = np.random.default_rng(3)
    delay = np.sort(
        np.linspace(-150e-15, 150e-15, 161) + rng.uniform(-4e-16, 4e-16, 161)
    )
    fine = Grid(n_points=256, window=1280e-15, wavelength=800e-9)
    trace = simulate_trace(known, Frog(), delay, grid=fine)
    odd = Trace(
        scheme=Frog(), values=delay, frequency=trace.frequency[20:-31],
        intensity=trace.intensity[:, 20:-31], wavelength=800e-9,
    )  # fmt: skip
    found = retrieve(odd, starts=2, resamples=0, grid=retrieval_grid(odd, 128))
    assert found.fwhm == pytest.approx(duration(GRID, known.samples), rel=5e-3)
    assert any("brought to 128 points" in note for note in found.trace.notes)


def test_dataset_and_picture_hold_the_result(tmp_path: Path) -> None:
    trace = simulate_trace(chirped(), grid=GRID).with_noise(
        0.02, np.random.default_rng(0)
    )
    found = retrieve(trace, starts=2, resamples=4)
    data = found.to_dataset()
    assert data["phase"].attrs["units"] == "rad"
    assert np.nanmax(data["phase_deviation"].values) > 0.0
    assert found.relative_error > found.error
    assert isinstance(found, Retrieved)
    assert save_figure(plot_retrieval(found), tmp_path / "found.png").stat().st_size > 0


def test_parts_that_do_not_touch_are_told() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=15e-15, energy=1e-9)
    apart = pulse.envelope(GRID.time + 60e-15) + pulse.envelope(GRID.time - 60e-15)
    known = SampledPulse(grid=GRID, samples=apart)
    found = retrieve(simulate_trace(known, grid=GRID), starts=2, resamples=0)
    assert any(said.startswith("time: 2 parts") for said in found.ambiguities)


def test_what_is_no_trace_is_refused() -> None:
    with pytest.raises(InvalidKind, match="read_trace reads files"):
        retrieve("trace.csv")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shape", "gdd", "level"),
    [("sech", 0.0, 0.05), ("sech", 0.0, 0.01), ("gaussian", 300e-30, 0.05)],
)
def test_intervals_hold_the_truth(shape: str, gdd: float, level: float) -> None:
    grid = Grid(n_points=64, window=453e-15, wavelength=800e-9)
    pulse = Pulse(shape=shape, wavelength=800e-9, fwhm=25e-15, energy=1e-9, gdd=gdd)
    held = SampledPulse(grid=grid, samples=pulse.envelope(grid.time))
    clean, inside = simulate_trace(held, grid=grid), 0
    true = duration(grid, held.samples)
    for seed in range(5):
        noisy = clean.with_noise(level, np.random.default_rng(seed))
        found = retrieve(noisy, starts=1, resamples=8, seed=seed)
        low, high = found.fwhm_interval
        inside += low < true < high
        assert high - low < 0.8 * true, "an interval of everything tells nothing"
    assert inside >= 4


def test_points_without_weight_do_not_count() -> None:
    known = chirped()
    clean = simulate_trace(known, grid=GRID)
    intensity = clean.intensity.copy()
    intensity[26:29, 30:36] = 0.0  # a dead patch where the trace is bright
    weights = np.ones(intensity.shape)
    weights[26:29, 30:36] = 0.0
    dead = dataclasses.replace(clean, intensity=intensity)
    errors = [
        compare_pulses(
            retrieve(dead, starts=2, resamples=0, weights=given).pulse,
            known,
            either_direction=True,
        ).error
        for given in (weights, None)
    ]
    assert errors[0] < min(5e-3, 0.1 * errors[1]), errors
    with pytest.raises(InvalidValue, match="weights must have the shape"):
        retrieve(dead, weights=[1.0])
    with pytest.raises(InvalidKind, match="weights must be real"):
        retrieve(dead, weights="equal")
    with pytest.raises(InvalidValue, match="weights must be finite"):
        retrieve(dead, weights=-weights)
