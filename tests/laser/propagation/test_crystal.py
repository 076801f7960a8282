"""Pulses in crystals: walk-off in time, bandwidths, budgets, grids, stores, words."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from scipy.constants import c
from scipy.stats import norm

from qleap.core import results
from qleap.core.errors import InvalidKind, InvalidValue, QleapWarning
from qleap.laser import Pulse, fwhm, plot_conversion
from qleap.laser.grid import FieldGrid
from qleap.laser.media import Crystal, ThreeWaveMixing
from qleap.laser.propagation import run
from qleap.laser.propagation.crystal import propagate_crystal
from qleap.laser.propagation.crystal_equation import Cut
from qleap.laser.propagation.crystal_grid import widened
from qleap.laser.propagation.crystal_processes import (
    Line,
    direction,
    matched,
    new_lines,
)
from qleap.laser.propagation.integrator import march
from qleap.laser.propagation.quadratic import Poling
from qleap.laser.propagation.time_grid import crossed_edges

BBO = Crystal(name="BBO")
SHORT = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=1e-9)
STRONG = replace(SHORT, energy=100e-6, peak_power=math.nan)


def test_a_long_crystal_doubles_the_band_that_its_group_delay_allows() -> None:
    # Without depletion the harmonic is the integral of the squared envelope over the
    # delay: of a short pulse sinc^2 in frequency, 0.886 wide, and as long as the delay.
    length = 2e-3
    pulse = replace(SHORT, fwhm=60e-15, peak_power=math.nan)
    data = propagate_crystal(
        {"o": pulse}, BBO, length=length, phase_matched="ooe", area=1e-6, n_positions=3
    )
    mixing = ThreeWaveMixing.second_harmonic(BBO, 800e-9, "ooe")
    theta = float(mixing.matching_angles()[0])
    delay = float(mixing.group_velocity_mismatch(theta)[0]) * length
    assert delay == pytest.approx(2.0 * 194e-15, rel=0.01)  # SNLO, as usually quoted
    harmonic = data["frequency"].values > c / 550e-9
    spectrum = data["spectrum"].sel(polarisation="e").values[-1][harmonic]
    width = fwhm(data["frequency"].values[harmonic], spectrum)
    assert width == pytest.approx(0.8859 / delay, rel=0.04, abs=0.0)
    amplitudes = data["amplitudes"].sel(polarisation="e").values[-1] * harmonic
    power = np.abs(np.fft.fft(amplitudes, data.sizes["time"])) ** 2
    # A plateau with the integral of the squared envelope as its edges.
    edge = norm.ppf(math.sqrt(0.5)) * pulse.fwhm / math.sqrt(8.0 * math.log(2.0))
    lasted = fwhm(data["time"].values, power)
    assert lasted == pytest.approx(delay - 2.0 * edge, rel=0.01, abs=0.0)
    centre = np.sum(data["time"].values * power) / power.sum()
    assert centre == pytest.approx(0.5 * delay, rel=0.02, abs=0.0)


def test_energy_is_kept_and_the_bands_share_it() -> None:
    data = propagate_crystal(
        {"o": STRONG}, BBO, length=0.3e-3, phase_matched="ooe", waist=1e-3,
        n_positions=5,
    )  # fmt: skip
    energy = data["energy"].sum("polarisation").values
    assert_allclose(energy, STRONG.energy, rtol=1e-5)
    assert_allclose(data["band_energy"].sum("band"), data["energy"], rtol=1e-9)
    photons = data["band_photon_number"].sum("polarisation")
    pairs = photons.sel(band=800e-9) + 2.0 * photons.sel(band=400e-9)
    assert_allclose(pairs, pairs[0], rtol=1e-3)
    doubled = data["efficiency"].sel(band=400e-9).values
    assert np.all(np.diff(doubled) > 0.0)
    assert doubled[-1] > 0.5
    assert float(data["walk_off"].sel(polarisation="e", band=400e-9)) == pytest.approx(
        68e-3, rel=0.01
    )
    which = data["mixing"].values.tolist().index("800 + 800 = 400 nm, ooe")
    assert abs(float(data["residual_mismatch"][which])) < 1e-3
    assert float(data["effective_nonlinearity"][which]) == pytest.approx(
        2.0e-12, rel=0.08, abs=0.0
    )


def test_the_default_call_is_converged() -> None:
    def light(tolerance: float) -> xr.Dataset:
        return propagate_crystal(
            {"o": STRONG}, BBO, length=0.3e-3, phase_matched="ooe", waist=1e-3,
            n_positions=2, tolerance=tolerance,
        )  # fmt: skip

    found, better = light(1e-7), light(1e-10)
    best = better["spectrum"].values[-1]
    error = np.linalg.norm(found["spectrum"].values[-1] - best) / np.linalg.norm(best)
    assert error < 1e-5
    assert error / 3.0 < float(found["estimated_error"][-1]) < 30.0 * error


def test_an_interrupted_poled_crystal_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    niobate = Crystal(name="MgO:LiNbO3")
    mixing = ThreeWaveMixing.second_harmonic(niobate, 1.55e-6, "eee")
    poling = Poling(period=mixing.poling_period())
    pulse = Pulse(shape="sech", wavelength=1.55e-6, fwhm=100e-15, energy=1e-9)
    length = 6.3 * poling.period

    def light(store: Path | None) -> xr.Dataset:
        return propagate_crystal(
            {"e": pulse}, niobate, length=length, theta=np.pi / 2, waist=20e-6,
            poling=poling, n_positions=4, store=store, grid=grid,
        )  # fmt: skip

    first = propagate_crystal(
        {"e": pulse}, niobate, length=length, theta=np.pi / 2, waist=20e-6,
        poling=poling, n_positions=4,
    )  # fmt: skip
    grid = FieldGrid(**results.parameters(first)["grid"])
    whole = light(None)
    residual = whole["residual_mismatch"].sel(mixing="1550 + 1550 = 775 nm, eee")
    assert abs(float(residual)) < 1e-6 * 2.0 * np.pi / poling.period
    original, store = march, tmp_path / "a.nc"
    wall = float(poling.walls(length)[3])

    def interrupted(*arguments: object, **options: object) -> object:
        for snapshot in original(*arguments, **options):  # type: ignore[arg-type]
            if snapshot.position == wall:
                raise KeyboardInterrupt
            yield snapshot

    with monkeypatch.context() as patch:
        patch.setattr(run, "march", interrupted)
        with pytest.raises(KeyboardInterrupt):
            light(store)
    resumed = light(store)
    for name in ("amplitudes", "steps", "accumulated_error"):
        assert np.array_equal(resumed[name], whole[name]), name


def test_two_pulses_make_the_sum_of_their_frequencies() -> None:
    mixing = ThreeWaveMixing(
        crystal=BBO, wavelengths=(800e-9, 400e-9), polarisations="ooe"
    )
    red = Pulse(shape="gaussian", wavelength=800e-9, fwhm=100e-15, energy=300e-6)
    blue = replace(red, wavelength=400e-9, energy=10e-6, peak_power=math.nan)
    data = propagate_crystal(
        {"o": [red, blue]}, BBO, length=0.1e-3, phase_matched=mixing, waist=1e-3,
        n_positions=2,
    )  # fmt: skip
    lines = new_lines([800e-9, 400e-9], BBO)
    assert_allclose(lines, [200e-9, 800e-9 / 3.0, 400e-9, 800e-9], rtol=1e-9)
    photons = data["band_photon_number"].sum("polarisation").diff("position")[0]
    made = float(photons.sel(band=lines[1]))
    assert made > 0.2 * blue.energy / (6.62607015e-34 * c / 400e-9)
    assert float(photons.sel(band=400e-9)) == pytest.approx(-made, rel=0.02)
    assert float(photons.sel(band=800e-9)) == pytest.approx(-made, rel=0.02)


def test_a_grid_with_light_at_its_edges_is_widened() -> None:
    data = propagate_crystal(
        {"o": SHORT}, BBO, length=0.2e-3, phase_matched="ooe", area=1e-6, n_positions=2
    )
    grid = FieldGrid(**results.parameters(data)["grid"])
    cut = Cut(crystal=BBO, length=1e-3, theta=0.5, phi=0.0, area=1e-6)
    assert not crossed_edges(data["amplitudes"].values, grid)
    assert widened(grid, {}, cut) is None
    longer = widened(grid, {"time": 1.0}, cut)
    assert longer is not None
    assert longer.window > 1.8 * grid.window
    low, high = grid.band
    wider = widened(grid, {"low frequency": 1.0, "high frequency": 1.0}, cut)
    assert wider is not None
    assert wider.band[0] < low
    assert wider.band[1] > high
    edge = np.zeros((1, grid.n_frequencies), complex)
    edge[0, np.searchsorted(grid.omega, 1.05 * low)] = 1.0
    assert "low frequency" in crossed_edges(edge, grid)


def test_light_beyond_a_given_band_is_told() -> None:
    with pytest.warns(QleapWarning, match="edge of the grid in low frequency"):
        propagate_crystal(
            {"o": SHORT}, BBO, length=1e-5, phase_matched="ooe", waist=1e-3,
            n_positions=2, wavelengths=(0.25e-6, 0.874e-6),
        )  # fmt: skip


def test_beams_that_part_are_told() -> None:
    pulse = Pulse(shape="gaussian", wavelength=1064e-9, fwhm=1e-12, energy=1e-6)
    with pytest.warns(QleapWarning, match="walk off by .* more than their waist"):
        propagate_crystal(
            {"o": pulse}, BBO, length=2e-3, phase_matched="ooe", waist=50e-6,
            n_positions=2, tolerance=1e-5,
        )  # fmt: skip


def test_the_picture_shows_the_energies_of_lit_bands_and_both_spectra() -> None:
    data = propagate_crystal(
        {"o": STRONG}, BBO, length=0.3e-3, phase_matched="ooe", waist=1e-3,
        n_positions=5,
    )  # fmt: skip
    energies, spectra = plot_conversion(data).axes
    names = [line.get_label() for line in energies.get_lines()]
    assert names == ["800 nm, o", "400 nm, e"]
    curve = np.asarray(energies.get_lines()[1].get_ydata())
    band = data["band_energy"].sel(polarisation="e", band=400e-9).values
    assert_allclose(curve, band * 1e6, rtol=1e-12)
    assert [line.get_label() for line in spectra.get_lines()] == ["o", "e"]
    peak = spectra.get_lines()[1]
    assert np.asarray(peak.get_xdata())[np.argmax(peak.get_ydata())] == pytest.approx(
        400.0, abs=2.0
    )
    with pytest.raises(InvalidValue, match="from propagate_crystal"):
        plot_conversion(data.assign_attrs(kind="odmr"))


def test_the_azimuth_of_the_largest_nonlinearity_is_found() -> None:
    lines = [Line(800e-9, "o")]
    theta, phi = direction(matched("ooe", lines, BBO), None, None)
    assert (math.degrees(theta), math.degrees(phi)) == pytest.approx(
        (29.2, 90.0), abs=0.1
    )
    lbo = Crystal(name="LBO")
    mixing = ThreeWaveMixing.second_harmonic(lbo, 1064e-9, "ssf")
    theta, phi = direction(mixing, math.pi / 2, None)
    assert math.degrees(phi) == pytest.approx(11.61, abs=0.01)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"phase_matched": None}, "give theta, or phase_matched"),
        ({"phase_matched": "eeo"}, "BBO does not match eeo for 800 nm and 800 nm"),
        ({"waist": None}, "give one of waist .* and area"),
        ({"area": 1e-6}, "give one of waist .* and area"),
        ({"length": -1.0}, "length must be > 0 m"),
        ({"wavelengths": (1e-6, 0.3e-6)}, "wavelengths must be the shortest"),
        ({"wavelengths": (0.9e-6, 1.2e-6)}, "band must hold the carrier"),
    ],
)
def test_wrong_arguments_are_told(changes: dict[str, object], message: str) -> None:
    good: dict[str, object] = {"length": 1e-4, "phase_matched": "ooe", "waist": 1e-3}
    with pytest.raises(InvalidValue, match=message):
        propagate_crystal({"o": SHORT}, BBO, **{**good, **changes})  # type: ignore[arg-type]


def test_wrong_pulses_are_told() -> None:
    with pytest.raises(InvalidValue, match="polarisation must be one of"):
        propagate_crystal({"s": SHORT}, BBO, length=1e-4, theta=0.5, waist=1e-3)
    with pytest.raises(InvalidValue, match="at least one pulse"):
        propagate_crystal({}, BBO, length=1e-4, theta=0.5, waist=1e-3)
    other = replace(SHORT, wavelength=900e-9)
    with pytest.raises(InvalidValue, match="letters mean doubling"):
        propagate_crystal(
            {"o": [SHORT, other]}, BBO, length=1e-4, phase_matched="ooe", waist=1e-3
        )


def test_a_pulse_without_its_polarisation_is_refused() -> None:
    pulse = Pulse(wavelength=800e-9, fwhm=100e-15, energy=1e-6)
    crystal = Crystal(name="BBO")
    with pytest.raises(InvalidKind, match=r"pulses must be a Mapping, got a Pulse"):
        propagate_crystal(pulse, crystal, length=1e-3)  # type: ignore[arg-type]
