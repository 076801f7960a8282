"""Pictures: what is drawn, with labels and units."""

import numpy as np
import pytest
import xarray as xr

from qleap.core.errors import InvalidValue
from qleap.laser import (
    Fibre,
    Grid,
    Pulse,
    plot_evolution,
    plot_spectrum,
    plot_time,
    propagate_fibre,
)


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return propagate_fibre(
        Pulse(wavelength=835e-9, fwhm=50e-15, peak_power=1e3),
        Fibre(length=0.02, wavelength=835e-9, betas=(-11.83e-27,), gamma=0.11),
        grid=Grid(n_points=512, window=2e-12, wavelength=835e-9),
        n_positions=11,
    )


def test_the_evolution_shows_spectrum_and_time_along_the_fibre(
    data: xr.Dataset,
) -> None:
    made = plot_evolution(data)
    labels = {ax.get_xlabel() for ax in made.axes}
    assert {"wavelength (nm)", "time (ps)"} <= labels
    assert made.axes[2].get_ylabel() == "position (cm)"


def test_the_spectrum_peaks_at_zero_decibels_about_the_carrier(
    data: xr.Dataset,
) -> None:
    ax = plot_spectrum(data, position=0)
    x, y = ax.lines[0].get_data()
    assert abs(np.asarray(x)[np.argmax(y)] - 835.0) < 2.0
    assert ax.get_title() == "after 0 cm"


def test_given_axes_are_drawn_into(data: xr.Dataset) -> None:
    ax = plot_time(data)
    assert plot_spectrum(data, ax=ax) is ax


def test_another_kind_of_data_is_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"data must be of the kind 'laser.evolution'"
    ):
        plot_spectrum(xr.Dataset(attrs={"kind": "odmr"}))
