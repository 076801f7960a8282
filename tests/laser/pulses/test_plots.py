"""Pictures show what is in the data."""

import dataclasses

import numpy as np
import pytest

from qleap.core import results
from qleap.core.errors import InvalidValue
from qleap.laser import Grid, Pulse
from qleap.laser.pulses import (
    interferometric_autocorrelation,
    plot_autocorrelation,
    plot_pulse,
    plot_time_frequency,
    spectrogram,
    wigner,
)

PULSE = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-6, gdd=3e-28)
GRID = Grid(n_points=256, window=0.5e-12, wavelength=800e-9)


def test_a_picture_of_a_pulse_shows_power_spectrum_and_phases() -> None:
    made = plot_pulse(PULSE)
    time, frequency, phase, spectral = made.axes
    assert time.get_xlabel() == "time (fs)"
    assert time.get_ylabel() == "power (MW)"
    assert frequency.get_ylabel() == "spectrum (aJ/Hz)"
    assert phase.get_ylabel() == spectral.get_ylabel() == "phase (rad)"
    # The phase over frequency is the parabola of the GDD.
    x, y = (np.asarray(v, float) for v in spectral.lines[0].get_data())
    lit = np.isfinite(y)
    bent = np.polynomial.Polynomial.fit(
        2e12 * np.pi * (x[lit] - x[lit].mean()), y[lit], 2
    ).convert()
    assert 2.0 * bent.coef[2] == pytest.approx(3e-28, rel=1e-4, abs=0.0)


def test_axes_of_maps_end_where_the_light_does() -> None:
    for data, lowest in ((spectrogram(PULSE, 20e-15, grid=GRID), -40.0),
                         (wigner(PULSE, GRID), -1.0)):  # fmt: skip
        ax = plot_time_frequency(data)
        assert ax.collections[0].get_clim()[0] == lowest
        low, high = ax.get_ylim()
        assert 300.0 < low < 374.7 < high < 450.0
        assert ax.get_xlabel() == "time (fs)"


def test_an_autocorrelation_is_drawn_with_its_fringes() -> None:
    ax = plot_autocorrelation(interferometric_autocorrelation(PULSE, GRID))
    assert ax.get_ylabel() == "autocorrelation"
    assert np.max(np.asarray(ax.lines[0].get_ydata())) == pytest.approx(
        8.0, rel=1e-6, abs=0.0
    )


def test_other_data_are_refused() -> None:
    other = results.dataset(kind="odmr", coords={}, variables={})
    for plot in (plot_time_frequency, plot_autocorrelation):
        with pytest.raises(InvalidValue, match="data must be of the kind"):
            plot(other)


def test_pulses_about_another_carrier_are_drawn_at_their_frequency() -> None:
    made = plot_pulse(dataclasses.replace(PULSE, wavelength=400e-9))
    low, high = made.axes[1].get_xlim()
    assert low < 749.5 < high
