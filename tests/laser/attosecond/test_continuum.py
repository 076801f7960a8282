"""Half-cycles of drivers, and continua that one of them makes."""

import numpy as np
import pytest

from qleap.core.constants import ELECTRONVOLT, SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Pulse
from qleap.laser.attosecond import (
    Colour,
    double_optical_gate,
    gated_field,
    half_cycles,
    isolated_pulse,
    synthesised_field,
    with_continuum_at,
)
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.harmonics import (
    cutoff_energy,
    emitted_light,
    harmonic_spectrum,
    rescattering_corrected,
    sfa_dipole,
)

CYCLE = 800e-9 / SPEED_OF_LIGHT


def few_cycles(intensity: float = 2e18, fwhm: float = 4e-15) -> DrivingField:
    """Return a cosine pulse."""
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=fwhm, peak_power=1.0)
    return driving_field(pulse, peak_intensity=intensity)


def test_half_cycles_of_an_even_wave_end_at_the_cutoff_law() -> None:
    pulse = Pulse(
        shape="flat-top", wavelength=800e-9, fwhm=5 * CYCLE, ramp=CYCLE, peak_power=1.0
    )
    cycles = half_cycles(
        driving_field(pulse, peak_intensity=2e18), within=(-CYCLE, CYCLE)
    )
    assert cycles.birth_time.size == 4
    np.testing.assert_allclose(np.diff(cycles.birth_time), 0.5 * CYCLE, rtol=0.03)
    low, high = cycles.continuum("Ar")
    assert high == pytest.approx(cutoff_energy("Ar", 2e18, 800e-9), rel=2e-3)
    assert low == pytest.approx(high, rel=2e-3)
    # 252.0 - 17.96 degrees of a cycle.
    assert cycles.excursion == pytest.approx(0.650 * CYCLE, rel=5e-3)


def test_a_continuum_lies_where_it_was_asked_for_and_scales_with_intensity() -> None:
    wanted = 60.0 * ELECTRONVOLT
    driver, cycles = with_continuum_at(few_cycles(), "Ar", wanted)
    assert np.mean(cycles.continuum("Ar")) == pytest.approx(wanted, rel=1e-6)
    again = half_cycles(driver).emitting("Ar")
    np.testing.assert_allclose(again.return_energy, cycles.return_energy, rtol=1e-6)
    floor = 57.0 * ELECTRONVOLT
    _, above = with_continuum_at(few_cycles(), "Ar", wanted, floor=floor)
    assert above.continuum("Ar", floor)[0] == floor
    assert above.continuum("Ar")[1] == pytest.approx(2.0 * wanted - floor, rel=1e-6)


def test_the_spectrum_has_no_fringes_within_the_continuum_and_has_below() -> None:
    """Below the second cutoff two half-cycles interfere, above it one is left."""
    driver, cycles = with_continuum_at(few_cycles(), "Ar", 70.0 * ELECTRONVOLT)
    low, high = half_cycles(driver).continuum("Ar", least=0.0)
    dipole = sfa_dipole(driver, "Ar", longest_excursion=cycles.excursion / 0.95)
    data = harmonic_spectrum(dipole)
    energy = data["frequency"].values * 6.62607015e-34
    spectrum = np.log(data["spectrum"].values[0] + 1e-300)

    def fringes(first: float, last: float) -> float:
        inside = (energy > first) & (energy < last)
        smooth = np.polynomial.Polynomial.fit(energy[inside], spectrum[inside], 3)
        return float(np.std(spectrum[inside] - smooth(energy[inside])))

    width = 0.8 * (high - low)
    one = fringes(low + 0.2 * width, low + 0.9 * width)
    two = fringes(low - 2.0 * width, low - 0.3 * width)
    assert one < 0.15
    assert two > 3.0 * one


def test_a_gate_is_looked_at_where_it_is_open() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=8e-15, peak_power=1.0)
    gated = gated_field(double_optical_gate(pulse, 8e-15, ratio=0.3), 2e18)
    half = 0.5 * CYCLE
    wanted, floor = 45.0 * ELECTRONVOLT, 25.0 * ELECTRONVOLT
    _, cycles = with_continuum_at(gated, "Ar", wanted, floor=floor, gate=(-half, half))
    assert cycles.birth_time.size == 1
    assert abs(cycles.birth_time[0] + 0.5 * cycles.excursion) < half
    low, high = cycles.continuum("Ar", floor)
    assert low == floor
    assert high == pytest.approx(2.0 * wanted - floor, rel=1e-6)


def test_half_cycles_that_hardly_ionise_do_not_count() -> None:
    cycles = half_cycles(few_cycles(3e17))
    assert cycles.emitting("Ar", 0.0).birth_time.size == cycles.birth_time.size
    seen = cycles.emitting("Ar")
    # (2 x 0.5792)^1.5 x 2/3 = 0.8312: a tenth of the rate.
    field = cycles.birth_field / 5.14220674763e11
    least = 1.0 / (1.0 / field.max() + np.log(10.0) / 0.8312)
    np.testing.assert_array_equal(seen.birth_time, cycles.birth_time[field >= least])
    assert 0 < seen.birth_time.size < cycles.birth_time.size
    wide, narrow = cycles.continuum("Ar"), cycles.continuum("Ar", least=0.0)
    assert wide[0] <= narrow[0]


def test_light_recombines_as_the_corrected_dipole_does() -> None:
    driver = few_cycles()
    band = (30.0 * ELECTRONVOLT, 70.0 * ELECTRONVOLT)
    made = isolated_pulse(driver, "Ar", band, recombination="Ar")
    known = emitted_light(rescattering_corrected(made.dipole, "Ar"), band)
    error = np.abs(made.light.samples - known.samples).max()
    assert error < 5e-3 * np.abs(known.samples).max()


def test_what_has_no_continuum_is_refused() -> None:
    field = few_cycles()
    with pytest.raises(InvalidKind, match="driving"):
        half_cycles(3.0)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="within"):
        half_cycles(field, within=(0.9 * field.time[-1], field.time[-1]))
    with pytest.raises(InvalidValue, match="component"):
        half_cycles(field, component=1)
    with pytest.raises(InvalidValue, match="centre"):
        with_continuum_at(field, "Ar", 17.0 * ELECTRONVOLT)
    with pytest.raises(InvalidValue, match="floor"):
        with_continuum_at(field, "Ar", 5e-18, floor=6e-18)


def test_a_second_colour_widens_the_continuum_of_a_long_pulse() -> None:
    one = [Colour(wavelength=800e-9, fwhm=30e-15, intensity=2e18)]
    two = [*one, Colour(wavelength=1300e-9, fwhm=40e-15, intensity=4e17)]
    widths = []
    for colours in (one, two):
        field = synthesised_field(colours, time=6e-18 * np.arange(-6000, 6001))
        _, cycles = with_continuum_at(field, "Ar", 60.0 * ELECTRONVOLT)
        widths.append(np.ptp(cycles.continuum("Ar")) / ELECTRONVOLT)
    assert widths[0] < 0.5
    assert widths[1] > 3.0
