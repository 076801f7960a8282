"""Traces of known pulses, against closed forms and laws that all of them obey."""

import math

import numpy as np
import pytest

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Grid, Material, Pulse
from qleap.laser.metrology import (
    DispersionScan,
    Frog,
    InterferometricFrog,
    Miips,
    TimeDomainPtychography,
    Trace,
    expected_marginal,
    simulate_trace,
    with_marginal_of,
)
from qleap.laser.pulses import Bulk, PolynomialPhase, intensity_autocorrelation

GRID = Grid(n_points=128, window=600e-15, wavelength=800e-9)
PULSE = Pulse(
    shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=1e-9, gdd=400e-30,
    tod=8e3 * 1e-45,
)  # fmt: skip


def test_trace_of_a_gaussian_is_a_gaussian_in_delay_and_frequency() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=1e-9)
    trace = simulate_trace(pulse, grid=GRID)
    delay, detuning = np.meshgrid(
        trace.values, 2 * np.pi * (trace.frequency - trace.carrier_frequency),
        indexing="ij",
    )  # fmt: skip
    t0 = 30e-15 / (2.0 * math.sqrt(math.log(2.0)))
    # |int exp(-t^2/2T^2 - (t-tau)^2/2T^2 + i Omega t) dt|^2
    wanted = np.exp(-(delay**2) / (2 * t0**2) - detuning**2 * t0**2 / 2)
    np.testing.assert_allclose(trace.intensity, wanted, atol=1e-9)


def test_second_harmonic_trace_is_even_and_sums_to_the_autocorrelation() -> None:
    trace = simulate_trace(PULSE, grid=GRID)
    later, earlier = trace.intensity[65:], trace.intensity[1:64][::-1]
    np.testing.assert_allclose(later, earlier, atol=1e-12)
    data = intensity_autocorrelation(PULSE, GRID)
    signal = np.interp(trace.values, data["delay"].values, data["signal"].values)
    marginal = trace.parameter_marginal
    np.testing.assert_allclose(
        marginal / marginal.max(), signal / signal.max(), atol=2e-3
    )


def test_frequency_marginal_is_the_spectrum_convolved_with_itself() -> None:
    trace = simulate_trace(PULSE, grid=GRID)
    wanted = expected_marginal(PULSE, trace.frequency)
    marginal = trace.frequency_marginal
    np.testing.assert_allclose(marginal / marginal.max(), wanted, atol=2e-4)


def test_what_a_detector_swallows_comes_back_by_the_marginal() -> None:
    trace = simulate_trace(PULSE, grid=GRID)
    passed = 1.0 + 0.5 * np.sin((trace.frequency - trace.frequency[0]) / 20e12)
    seen = Trace(
        scheme=trace.scheme, values=trace.values, frequency=trace.frequency,
        intensity=trace.intensity * passed, wavelength=trace.wavelength,
    )  # fmt: skip
    mended = with_marginal_of(seen, PULSE)
    assert np.abs(mended.intensity - trace.intensity).max() < 0.01
    assert np.abs(seen.intensity / seen.intensity.max() - trace.intensity).max() > 0.1
    assert "marginal" in mended.notes[-1]


def test_polarisation_gate_shows_the_chirp_and_second_harmonic_does_not() -> None:
    def slope(nonlinearity: str) -> float:
        trace = simulate_trace(PULSE, Frog(nonlinearity=nonlinearity), grid=GRID)
        away = trace.frequency - trace.carrier_frequency
        moved = trace.intensity * np.outer(trace.values, away)
        return float(moved.sum() / (trace.intensity * away**2).sum())

    assert abs(slope("shg")) < 1e-18 * 1e-15
    assert abs(slope("pg")) > 1e-28


def test_scan_of_glass_peaks_where_the_glass_undoes_the_chirp() -> None:
    pulse = Pulse(
        shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-9, gdd=-200e-30
    )
    glass = Material(name="fused silica")
    scheme = DispersionScan(element=Bulk(material=glass, length=1e-3), thickness=1e-3)
    insertion = np.linspace(-2e-3, 12e-3, 141)
    trace = simulate_trace(pulse, scheme, insertion, grid=GRID)
    best = insertion[np.argmax(trace.parameter_marginal)]
    assert best == pytest.approx(200e-30 / glass.beta(2, 800e-9), abs=2e-4)


def test_phase_scan_is_brightest_where_its_curvature_undoes_the_chirp() -> None:
    gdd = 40e-30
    pulse = Pulse(
        shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-9, gdd=gdd
    )
    scheme = Miips(amplitude=1.5 * np.pi, modulation=4e-15)
    shift = np.linspace(0.0, 2.0 * np.pi, 361)
    trace = simulate_trace(pulse, scheme, shift, grid=GRID)
    centre = int(np.argmin(np.abs(trace.frequency - trace.carrier_frequency)))
    found = shift[np.argmax(trace.intensity[:, centre])]
    # d2/domega2 alpha cos(gamma omega - delta) = -alpha gamma^2 cos(...) = -gdd
    angle = scheme.modulation * pulse.omega0 - found
    curvature = -scheme.amplitude * scheme.modulation**2 * np.cos(angle)
    assert curvature == pytest.approx(-gdd, rel=0.05)


def test_interferometric_trace_at_zero_delay_is_the_harmonic_of_the_pulse() -> None:
    delay = np.linspace(-100e-15, 100e-15, 201)
    trace = simulate_trace(PULSE, InterferometricFrog(), delay, grid=GRID)
    plain = simulate_trace(PULSE, Frog(), delay, grid=GRID)
    np.testing.assert_allclose(trace.intensity[100], plain.intensity[100], atol=1e-9)


def test_filtered_gate_of_a_wide_filter_is_no_filter() -> None:
    wide = TimeDomainPtychography(centre=800e-9, width=1e-3)
    delay = GRID.time
    found = simulate_trace(PULSE, wide, delay, grid=GRID)
    wanted = simulate_trace(PULSE, Frog(), delay, grid=GRID)
    np.testing.assert_allclose(found.intensity, wanted.intensity, atol=1e-6)


def test_default_grid_holds_the_trace() -> None:
    trace = simulate_trace(PULSE)
    assert trace.parameter_marginal[0] < 1e-6 * trace.parameter_marginal.max()
    assert trace.frequency_marginal[0] < 1e-6 * trace.frequency_marginal.max()


def test_datasets_keep_axes_with_units() -> None:
    data = simulate_trace(PULSE, grid=GRID).to_dataset()
    assert data["delay"].attrs["units"] == "s"
    assert data["intensity"].dims == ("delay", "frequency")


def test_noise_is_as_large_as_asked_for() -> None:
    trace = simulate_trace(PULSE, grid=GRID)
    noisy = trace.with_noise(0.05, np.random.default_rng(1))
    assert np.std(noisy.intensity - trace.intensity) == pytest.approx(0.05, rel=0.02)


def test_counts_vary_by_their_root_about_the_trace_and_its_background() -> None:
    trace = simulate_trace(PULSE, grid=GRID)
    counted = trace.counted(400.0, np.random.default_rng(2), background=9.0)
    mean = 400.0 * trace.intensity + 9.0
    assert np.all(counted.intensity == np.round(counted.intensity))
    away = (counted.intensity - mean) / np.sqrt(mean)
    for part in (away, away[trace.intensity > 0.1]):
        assert abs(part.mean()) < 4.0 / np.sqrt(part.size)
        assert part.std() == pytest.approx(1.0, abs=4.0 / np.sqrt(part.size))
    again = np.random.default_rng(0)
    with pytest.raises(InvalidValue, match="counted must be >= 0"):
        trace.with_noise(0.05, again).counted(400.0, again)
    with pytest.raises(InvalidValue, match="peak"):
        trace.counted(0.0, again)
    with pytest.raises(InvalidKind, match="rng must be"):
        trace.counted(400.0, 3)  # type: ignore[arg-type]


def test_what_is_wrong_is_said_in_a_sentence() -> None:
    with pytest.raises(InvalidValue, match="insertion must be given"):
        simulate_trace(
            PULSE,
            DispersionScan(
                element=PolynomialPhase(wavelength=800e-9, derivatives=(1e-28,)),
                thickness=1e-3,
            ),
        )
    with pytest.raises(InvalidKind, match="scheme must be a Scheme"):
        Trace(
            scheme="frog",  # type: ignore[arg-type]
            values=GRID.time, frequency=np.arange(1.0, 9.0),
            intensity=np.ones((128, 8)), wavelength=800e-9,
        )  # fmt: skip
    with pytest.raises(InvalidValue, match=r"shape \(128, 8\)"):
        Trace(
            scheme=Frog(), values=GRID.time, frequency=np.arange(1.0, 9.0),
            intensity=np.ones((8, 128)), wavelength=800e-9,
        )  # fmt: skip
    with pytest.raises(InvalidValue, match="nonlinearity must be one of"):
        Frog(nonlinearity="fhg")
