"""Figures of bursts: against light whose bursts are known."""

import math
from pathlib import Path

import numpy as np
import pytest

from qleap.core import results
from qleap.core.constants import ELECTRONVOLT, HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Grid, Pulse
from qleap.laser.attosecond import find_bursts, plot_bursts
from qleap.laser.pulses import PulseSum, SampledPulse, delayed, to_samples

WAVELENGTH = 2.0 * np.pi * SPEED_OF_LIGHT * HBAR / (60.0 * ELECTRONVOLT)


def gaussian(fwhm: float, power: float, gdd: float = 0.0) -> Pulse:
    return Pulse(
        shape="gaussian", wavelength=WAVELENGTH, fwhm=fwhm, peak_power=power, gdd=gdd
    )


def grid(n: int = 512) -> Grid:
    return Grid(n_points=n, window=18e-15, wavelength=WAVELENGTH)


def test_train_is_taken_apart() -> None:
    parts = [
        delayed(gaussian(200e-18, 1.0), 0.0),
        delayed(gaussian(200e-18, 0.3), -1.33e-15),
        delayed(gaussian(100e-18, 0.1), 1.5e-15),
    ]
    light = PulseSum(parts=tuple(parts), wavelength=WAVELENGTH)
    found = find_bursts(light, grid=grid())
    np.testing.assert_allclose(found.time, [-1.33e-15, 0.0, 1.5e-15], atol=3e-18)
    np.testing.assert_allclose(found.power, [0.3, 1.0, 0.1], rtol=1e-3)
    assert found.before == pytest.approx(0.3, rel=1e-3)
    assert found.after == pytest.approx(0.1, rel=2e-3)
    assert found.contrast == pytest.approx(1.0 / 0.3, rel=1e-3)
    assert found.fwhm == pytest.approx(200e-18, rel=1e-3)
    # Energies go as power times duration.
    assert found.energy_share == pytest.approx(1.0 / (1.0 + 0.3 + 0.05), rel=1e-3)
    assert found.photon_energy == pytest.approx(60.0 * ELECTRONVOLT, rel=1e-5)
    assert found.energy.sum() == pytest.approx(light.energy, rel=1e-6)


@pytest.mark.parametrize("gdd", [8000e-36, -5000e-36])
def test_chirp_duration_and_limit_of_a_burst(gdd: float) -> None:
    found = find_bursts(gaussian(150e-18, 1.0, gdd), grid=grid())
    longer = math.sqrt(1.0 + (4.0 * math.log(2.0) * gdd / 150e-18**2) ** 2)
    assert found.gdd == pytest.approx(gdd, rel=1e-6)
    assert found.fwhm == pytest.approx(150e-18 * longer, rel=1e-3)
    assert found.limit == pytest.approx(150e-18, rel=2e-3)
    assert found.satellite_ratio == 0.0
    assert found.contrast == math.inf
    width = 2.0 * np.pi * HBAR * 0.44127 / 150e-18
    assert found.bandwidth == pytest.approx(width, rel=0.1)


def test_maxima_with_a_shallow_dip_are_one_burst() -> None:
    close = PulseSum(
        parts=tuple(
            delayed(gaussian(200e-18, 1.0), d, phase=p)
            for d, p in ((-105e-18, 0.0), (105e-18, 1.57))
        ),
        wavelength=WAVELENGTH,
    )
    assert find_bursts(close, grid=grid()).time.size == 1


def side_by_side(ratio: float, apart: float) -> PulseSum:
    """Return a burst of 200 as and a weaker one whose power adds to its own."""
    quadrature = (apart * SPEED_OF_LIGHT / WAVELENGTH + 0.25) * 2.0 * np.pi
    side = delayed(gaussian(200e-18, ratio), apart, phase=quadrature)
    return PulseSum(parts=(gaussian(200e-18, 1.0), side), wavelength=WAVELENGTH)


@pytest.mark.parametrize("apart", [-320e-18, 320e-18])
def test_a_satellite_on_the_wing_of_the_strongest_burst_counts(apart: float) -> None:
    found = find_bursts(side_by_side(0.3, apart), grid=grid())
    t = np.linspace(-1e-15, 1e-15, 200_001)
    narrow = 4.0 * np.log(2.0) / 200e-18**2
    power = np.exp(-narrow * t**2) + 0.3 * np.exp(-narrow * (t - apart) ** 2)
    near = np.abs(t - apart) < 40e-18
    between = (np.abs(t) < abs(apart)) & (t * apart > 0.0)
    assert power[between].min() > 0.5 * power[near].max()  # no dip of its own
    assert found.time.size == 1
    expected = power[near].max() / power.max()
    assert found.satellite_ratio == pytest.approx(expected, rel=1e-3)
    sides = (found.before, found.after)
    assert sides.index(max(sides)) == (apart > 0.0)
    assert min(sides) == 0.0
    assert found.satellite_energy_ratio == 0.0


def test_satellites_far_away_have_the_ratio_of_powers_and_of_energies() -> None:
    found = find_bursts(side_by_side(0.1, 1.4e-15), grid=grid())
    assert found.satellite_ratio == pytest.approx(0.1, rel=1e-3)
    assert found.satellite_energy_ratio == pytest.approx(0.1, rel=1e-3)
    assert found.energy_share == pytest.approx(1.0 / 1.1, rel=1e-3)
    alone = find_bursts(side_by_side(0.1, 1.4e-15), grid=grid(), within=(-1e-15, 1e-15))
    assert alone.satellite_ratio == 0.0


def test_a_split_top_and_a_wing_without_a_maximum_are_no_satellites() -> None:
    split = find_bursts(side_by_side(0.95, 210e-18), grid=grid())
    assert split.satellite_ratio == 0.0
    shoulder = find_bursts(side_by_side(0.1, 220e-18), grid=grid())
    assert shoulder.satellite_ratio == 0.0


def test_part_of_a_train_is_looked_at_alone() -> None:
    parts = (gaussian(200e-18, 1.0), delayed(gaussian(200e-18, 0.3), 1.5e-15))
    light = to_samples(PulseSum(parts=parts, wavelength=WAVELENGTH), grid())
    later = find_bursts(light, within=(1e-15, 2e-15))
    assert later.time == pytest.approx([1.5e-15], abs=3e-18)
    with pytest.raises(InvalidValue, match="within must hold"):
        find_bursts(light, within=(5e-15, 6e-15))
    for within in ((np.nan, 1.0), (1e-15, -1e-15)):
        with pytest.raises(InvalidValue, match="earlier and a later"):
            find_bursts(light, within=within)
    for given in ("ab", None, (1.0, 2.0, 3.0)):
        with pytest.raises(InvalidKind, match="two times"):
            find_bursts(light, within=given)  # type: ignore[arg-type]


def test_figures_are_saved_with_units(tmp_path: Path) -> None:
    found = find_bursts(gaussian(150e-18, 2.0), grid=grid())
    path = results.save(found.dataset(), tmp_path / "bursts.nc")
    data = results.load(path, kind="laser.bursts")
    assert float(data["fwhm"]) == found.fwhm
    assert data["gdd"].attrs["units"] == "s^2"
    assert "150 as" in str(found)


def test_light_that_ends_bright_is_refused() -> None:
    flat = SampledPulse(grid=grid(64), samples=np.ones(64, complex))
    with pytest.raises(InvalidValue, match=r"peak within its window|half its peak"):
        find_bursts(flat)


def test_picture_shows_every_burst_on_an_axis_of_decades() -> None:
    parts = (gaussian(200e-18, 1.0), delayed(gaussian(200e-18, 0.01), 1.5e-15))
    light = to_samples(PulseSum(parts=parts, wavelength=WAVELENGTH), grid())
    left, right, _ = plot_bursts(light).axes
    assert left.get_yscale() == "log"
    shown = np.asarray(left.lines[1].get_ydata(), np.float64)
    np.testing.assert_allclose(shown, [1.0, 0.01], rtol=1e-2)
    assert right.get_xlabel() == "photon energy (eV)"
