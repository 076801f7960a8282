"""Noise that grows with the signal is seen, and bright points weigh less then."""

from dataclasses import replace

import numpy as np
import pytest

from qleap.laser import Grid, Pulse
from qleap.laser.metrology import retrieve, simulate_trace
from qleap.laser.metrology.noise_growth import growth_of_noise, weights_against
from qleap.laser.metrology.retrieved import duration

GRID = Grid(n_points=64, window=320e-15, wavelength=800e-9)
PULSE = Pulse(
    shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=1e-6, gdd=300e-30
)

OTHER = Pulse(
    shape="gaussian", wavelength=800e-9, fwhm=29e-15, energy=1e-6, gdd=300e-30
)


def test_counted_photons_cost_a_few_per_cent_of_the_duration() -> None:
    trace = simulate_trace(PULSE, grid=GRID)
    wanted = duration(GRID, PULSE.envelope_on(GRID))
    off = []
    for seed in range(6):
        counts = np.random.default_rng(seed).poisson(400.0 * trace.intensity)
        found = retrieve(
            replace(trace, intensity=counts.astype(float)),
            starts=1, resamples=0, iterations=60, steps=100, smooth=False,
        )  # fmt: skip
        assert "grows with the signal" in found.trace.notes[-1]
        off.append(found.fwhm / wanted - 1.0)
    # 0.02; 0.08 where all points weigh the same.
    assert np.sqrt(np.mean(np.square(off))) < 0.035


@pytest.mark.parametrize("growth", [0.0, 8.0, 40.0])
def test_growth_of_white_noise_is_found(growth: float) -> None:
    signal = simulate_trace(PULSE, grid=GRID).intensity
    rng = np.random.default_rng(3)
    noise = 0.02 * np.sqrt(1.0 + growth * signal) * rng.standard_normal(signal.shape)
    found = growth_of_noise(signal + noise, signal)
    assert found == pytest.approx(growth, rel=0.35)
    weights = weights_against(growth, signal)
    assert weights.mean() == pytest.approx(1.0)
    assert weights.max() / weights.min() == pytest.approx(1.0 + growth, rel=1e-3)


def test_what_the_model_cannot_explain_is_no_noise() -> None:
    trace = simulate_trace(PULSE, grid=GRID)
    wider = simulate_trace(OTHER, grid=GRID)
    rng = np.random.default_rng(4)
    noise = 1e-3 * rng.standard_normal(trace.intensity.shape)
    assert growth_of_noise(trace.intensity + noise, wider.intensity) == 0.0


def test_intervals_of_counted_photons_keep_to_what_the_trace_allows() -> None:
    short = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-6)
    grid = Grid(n_points=64, window=300e-15, wavelength=800e-9)
    trace = simulate_trace(short, grid=grid)
    # Phases are zero, where the trace does not change with them in the first order.
    counts = trace.counted(300.0, np.random.default_rng(3))
    found = retrieve(counts, starts=2, resamples=12)
    low, high = found.fwhm_interval
    assert found.few
    assert 18.5e-15 < low < 20e-15 < high < 21.5e-15  # 10 to 29 fs without their bound
