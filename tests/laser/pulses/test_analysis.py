"""Autocorrelations, spectrograms, Wigner distributions, limits and delays."""

import dataclasses
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.signal import ShortTimeFFT

from qleap.core.errors import InvalidValue
from qleap.laser import Grid, Pulse, fwhm
from qleap.laser.pulses import (
    compression_quality,
    field_autocorrelation,
    group_delay,
    intensity_autocorrelation,
    interferometric_autocorrelation,
    rms_width,
    spectrogram,
    transform_limited,
    wigner,
)

GAUSS = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-6)
SECH = Pulse(shape="sech", wavelength=800e-9, fwhm=20e-15, energy=1e-6)
CHIRPED = dataclasses.replace(GAUSS, gdd=400e-30, tod=3000e-45)
GRID = Grid(n_points=512, window=0.8e-12, wavelength=800e-9)


@pytest.mark.parametrize(("pulse", "factor"), [(GAUSS, 1.41421), (SECH, 1.54281)])
def test_intensity_autocorrelations_have_the_known_factors(
    pulse: Pulse, factor: float
) -> None:
    data = intensity_autocorrelation(pulse)
    width = fwhm(data["delay"].values, data["signal"].values)
    assert width == pytest.approx(factor * 20e-15, rel=1e-3, abs=0.0)
    assert data["signal"].values.max() == pytest.approx(1.0, rel=1e-6, abs=0.0)


def test_the_interferometric_trace_is_its_integral() -> None:
    data = interferometric_autocorrelation(CHIRPED, GRID)
    delay, signal = data["delay"].values, data["signal"].values
    time = np.arange(-3e-13, 3e-13, 0.05e-15)
    alone = CHIRPED.envelope(time)
    turn = np.exp(-1j * CHIRPED.omega0 * time)
    scale = 2.0 * np.sum(np.abs(alone) ** 4)
    middle = delay.size // 2
    for k in (middle, middle + 3, middle + 57, middle - 411):
        moved = CHIRPED.envelope(time - delay[k])
        moved = moved * np.exp(-1j * CHIRPED.omega0 * (time - delay[k]))
        total = np.sum(np.abs((alone * turn + moved) ** 2) ** 2)
        assert signal[k] == pytest.approx(total / scale, rel=1e-4, abs=0.0)


def test_the_interferometric_trace_goes_from_eight_to_one() -> None:
    data = interferometric_autocorrelation(SECH)
    signal = data["signal"].values
    assert signal.max() == pytest.approx(8.0, rel=1e-6, abs=0.0)
    assert signal[0] == pytest.approx(1.0, abs=1e-4)
    assert signal.min() == pytest.approx(0.0, abs=2e-2)


def test_the_linear_interferogram_does_not_know_the_chirp() -> None:
    grid = Grid(n_points=512, window=1.5e-12, wavelength=800e-9)
    plain = field_autocorrelation(GAUSS, grid)["signal"].values
    chirped = field_autocorrelation(CHIRPED, grid)["signal"].values
    assert plain.max() == pytest.approx(2.0, rel=1e-6, abs=0.0)
    assert_allclose(chirped, plain, atol=1e-6)


def test_marginals_of_the_wigner_distribution_are_power_and_spectrum() -> None:
    data = wigner(CHIRPED, GRID)
    values = data["distribution"].values
    step_nu = float(np.diff(data["frequency"].values)[0])
    power = np.abs(CHIRPED.envelope_on(GRID)) ** 2
    assert_allclose(values.sum(axis=1) * step_nu, power, atol=1e-9 * power.max())
    density = np.abs(CHIRPED.spectrum_on(GRID)) ** 2
    density = np.fft.fftshift(density)
    over_time = values.sum(axis=0)[::2] * GRID.step
    assert_allclose(over_time, density, atol=1e-6 * density.max())
    order = np.argsort(GRID.omega)
    assert_allclose(
        data["frequency"].values[::2], GRID.omega[order] / (2 * np.pi), rtol=1e-12
    )


def test_the_wigner_distribution_of_a_chirped_gaussian_is_the_known_one() -> None:
    # W = 2 sqrt(pi) T0 P exp(-t^2/T0^2 - (Omega - C t)^2 ...): for the chirped pulse
    # by the shear t -> t - gdd Omega of that at the limit, the property of all
    # Wigner distributions under a quadratic phase.
    pulse = dataclasses.replace(GAUSS, gdd=300e-30)
    data = wigner(pulse, GRID)
    t0 = GAUSS.t0
    time = data["time"].values[:, None]
    omega = 2.0 * np.pi * data["frequency"].values[None, :] - GRID.omega0
    sheared = time - 300e-30 * omega
    wanted = np.exp(-((sheared / t0) ** 2) - (t0 * omega) ** 2)
    wanted *= 2.0 * math.sqrt(math.pi) * t0 * GAUSS.peak_power
    found = data["distribution"].values
    assert_allclose(found, wanted, atol=1e-6 * wanted.max())


def test_the_integral_of_a_spectrogram_is_the_energy() -> None:
    data = spectrogram(CHIRPED, 15e-15, grid=GRID, n_delays=512)
    step = float(np.diff(data["time"].values)[0])
    step_nu = float(np.diff(data["frequency"].values)[0])
    total = data["density"].values.sum() * step * step_nu
    assert total == pytest.approx(1e-6, rel=1e-6, abs=0.0)


def test_a_spectrogram_is_that_of_scipy() -> None:
    data = spectrogram(CHIRPED, 15e-15, grid=GRID, n_delays=512)
    narrow = 4.0 * math.log(2.0) / (15e-15) ** 2
    # Gates stand half a step behind the grid's times.
    offset = GRID.time - 0.5 * GRID.step
    window = (narrow / math.pi) ** 0.25 * np.exp(-0.5 * narrow * offset**2)
    other = ShortTimeFFT(
        window, hop=1, fs=1.0 / GRID.step, fft_mode="centered", mfft=512,
        scale_to=None, phase_shift=None,
    )  # fmt: skip
    # exp(-i omega t) of SciPy: the conjugate field has our spectrum.
    seen = np.abs(other.stft(CHIRPED.envelope_on(GRID).conj(), p0=0, p1=512)) ** 2
    wanted = seen.T * GRID.step**2
    assert_allclose(data["density"].values, wanted, atol=1e-6 * wanted.max())


def test_the_delay_is_the_derivative_of_the_phase() -> None:
    grid = Grid(n_points=2048, window=3.2e-12, wavelength=800e-9)
    frequency, delay = group_delay(CHIRPED, grid)
    detuning = 2.0 * np.pi * frequency - CHIRPED.omega0
    wanted = 400e-30 * detuning + 0.5 * 3000e-45 * detuning**2
    lit = np.isfinite(delay)
    assert 100 < np.count_nonzero(lit) < 1000
    assert_allclose(delay[lit], wanted[lit], atol=1e-18)


def test_the_limit_of_a_chirped_pulse_is_the_pulse() -> None:
    limit = transform_limited(CHIRPED)
    assert limit.peak_power == pytest.approx(GAUSS.peak_power, rel=1e-6, abs=0.0)
    assert limit.energy == pytest.approx(1e-6, rel=1e-9, abs=0.0)


def test_the_quality_of_a_linear_chirp_is_one_over_its_broadening() -> None:
    # Agrawal (3.2.10): T1/T0 = sqrt(1 + (gdd/T0^2)^2).
    gdd = 500e-30
    broadening = math.hypot(1.0, gdd / GAUSS.t0**2)
    chirped = dataclasses.replace(GAUSS, gdd=gdd)
    assert compression_quality(chirped) == pytest.approx(
        1.0 / broadening, rel=1e-5, abs=0.0
    )
    assert compression_quality(GAUSS) == pytest.approx(1.0, rel=1e-9, abs=0.0)


def test_the_rms_width_of_a_gaussian_is_its_sigma() -> None:
    u = np.linspace(-9.0, 9.0, 4001)
    x = u + 0.02 * u**3  # uneven places
    assert rms_width(x, np.exp(-0.5 * x**2)) == pytest.approx(1.0, rel=1e-4, abs=0.0)


def test_rms_bandwidth_and_duration_of_a_gaussian_multiply_to_the_limit() -> None:
    power = np.abs(GAUSS.envelope_on(GRID)) ** 2
    density = np.fft.fftshift(np.abs(GAUSS.spectrum_on(GRID)) ** 2)
    product = rms_width(GRID.time, power) * rms_width(
        np.fft.fftshift(GRID.detuning), density
    )
    assert product == pytest.approx(0.5, rel=1e-6, abs=0.0)


def test_gates_and_grids_that_resolve_nothing_are_refused() -> None:
    with pytest.raises(InvalidValue, match=r"gate_fwhm must be >= 3\.13e-15 s"):
        spectrogram(GAUSS, 1e-15, grid=GRID)
    fine = Grid(n_points=8192, window=2e-11, wavelength=800e-9)
    with pytest.raises(InvalidValue, match="give a grid of <= 4096 points"):
        wigner(GAUSS, fine)
    with pytest.raises(InvalidValue, match="y must be 3 weights >= 0"):
        rms_width([0.0, 1.0, 2.0], [1.0, -1.0, 0.0])
