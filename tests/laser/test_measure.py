"""Widths of curves and extents of spectra."""

import numpy as np
import pytest

from qleap.core.errors import InvalidValue
from qleap.laser import Fibre, Grid, Pulse, fwhm, propagate_fibre, spectral_extent


def test_the_width_of_a_gaussian_is_the_known_one() -> None:
    x = np.linspace(-5.0, 5.0, 2001)
    assert fwhm(x, np.exp(-(x**2) / 2.0)) == pytest.approx(2.354820, rel=1e-5, abs=0.0)


def test_the_outermost_crossings_count() -> None:
    x = np.linspace(-5.0, 5.0, 1001)
    two = np.exp(-((x - 2) ** 2)) + np.exp(-((x + 2) ** 2))
    assert fwhm(x, two) == pytest.approx(
        4.0 + 2.0 * np.sqrt(np.log(2.0)), rel=1e-4, abs=0.0
    )


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.arange(5.0), "must fall to half its maximum on both sides"),
        (np.zeros(5), "must fall to half its maximum"),
        (np.ones(4), "y must have as many values as x"),
        (np.array([0.0, 1.0, np.nan, 1.0, 0.0]), "y must be finite"),
    ],
)
def test_a_curve_without_a_width_is_refused(y: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        fwhm(np.arange(5.0), y)


def test_the_extent_of_a_spectrum_is_that_of_its_shape() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=100e-15, peak_power=1.0)
    nothing = Fibre(length=1.0, wavelength=800e-9, betas=(), gamma=0.0)
    grid = Grid(n_points=1024, window=4e-12, wavelength=800e-9)
    data = propagate_fibre(pulse, nothing, grid=grid, n_positions=2)
    low, high = spectral_extent(data, level=-20.0)
    # exp(-4 ln2 (f/F)^2) = 0.01 at f = F sqrt(ln 100 / (4 ln 2)), F = 0.4413 / fwhm.
    width = 2.0 * 0.441271 / 100e-15 * np.sqrt(np.log(100.0) / (4.0 * np.log(2.0)))
    found = 2.99792458e8 / low - 2.99792458e8 / high
    assert found == pytest.approx(width, abs=2.5 / 4e-12)


def test_a_level_above_the_peak_is_refused() -> None:
    data = propagate_fibre(
        Pulse(wavelength=800e-9, fwhm=100e-15, peak_power=1.0),
        Fibre(length=1.0, wavelength=800e-9, betas=(), gamma=0.0),
        n_positions=2,
    )
    with pytest.raises(InvalidValue, match="level must lie between -300 and 0 dB"):
        spectral_extent(data, level=3.0)
