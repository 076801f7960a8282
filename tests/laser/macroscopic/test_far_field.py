"""Far fields of Gaussian beams, irises, elements, and the pulse on the axis."""

from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from qleap.core import results
from qleap.core.constants import (
    ELECTRONVOLT,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.attosecond import ThinFilm, find_bursts
from qleap.laser.macroscopic import (
    attosecond_light,
    behind,
    emitted_energy,
    emitted_photons,
    far_field,
)
from qleap.laser.media import XuvMedium
from qleap.laser.propagation.hankel import HankelTransform
from qleap.laser.pulses import PolynomialPhase, SampledPulse, fwhm

Floats = NDArray[np.float64]

WAIST, WINDOW, MIDDLE, BAND = 20e-6, 60e-15, 60.0 * ELECTRONVOLT, 4.0 * ELECTRONVOLT


def gaussian(middle: float = MIDDLE) -> xr.Dataset:
    """Return a Gaussian beam of a Gaussian spectrum, 60 eV, as of a gas."""
    section = HankelTransform.on(80e-6, 96)
    apart = 2.0 * np.pi / WINDOW
    omega = apart * np.arange(
        int((middle - 4 * BAND) / HBAR / apart), int((middle + 4 * BAND) / HBAR / apart)
    )
    shape = np.exp(-(((omega * HBAR - middle) / BAND) ** 2))
    near = np.exp(-((section.radius / WAIST) ** 2))[:, None] * shape + 0j
    density = (
        2.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * section.area @ np.abs(near) ** 2
    )
    step = apart / (2.0 * np.pi)
    return results.dataset(
        kind="laser.macroscopic",
        coords={
            "position": ([0.0], "m"),
            "radius": (section.radius, "m"),
            "frequency": (omega / (2.0 * np.pi), "Hz"),
        },
        variables={
            "near_field": (("radius", "frequency"), near, "V s/m"),
            "spectrum": (("position", "frequency"), density[None], "J/Hz"),
            "energy": (("position",), [density.sum() * step], "J"),
            "photon_number": (
                ("position",),
                [(density / (HBAR * omega)).sum() * step],
                "1",
            ),
        },
        parameters={"edge": 80e-6},
    )


def width_of(light: SampledPulse) -> float:
    time = np.linspace(-3e-15, 3e-15, 6001)
    return fwhm(time, np.abs(light.envelope(time)) ** 2)


def test_divergence_is_that_of_a_gaussian_beam() -> None:
    far = far_field(gaussian())
    middle = far.sizes["frequency"] // 2
    k = 2.0 * np.pi * far["frequency"].values[middle] / SPEED_OF_LIGHT
    shape = far["spectrum"].values[:, middle]
    expected = np.exp(-2.0 * (np.sin(far["angle"].values) * k * WAIST / 2.0) ** 2)
    assert np.abs(shape / shape[0] - expected).max() < 1e-6


def test_energy_is_the_same_far_away_and_an_iris_cuts_it() -> None:
    data = gaussian()
    k = MIDDLE / HBAR / SPEED_OF_LIGHT
    angles = np.linspace(0.0, 8.0 / (k * WAIST), 800)
    whole = far_field(data, angles)
    assert emitted_energy(whole) == pytest.approx(emitted_energy(data), rel=1e-4)
    assert emitted_photons(data) == pytest.approx(
        emitted_energy(data) / MIDDLE, rel=3e-3
    )
    # A Gaussian beam's energy within its half angle at 1/e^2, whatever the colour.
    half = far_field(data, angles, iris=2.0 / (k * WAIST))
    share = emitted_energy(half) / emitted_energy(whole)
    assert share == pytest.approx(1.0 - np.exp(-2.0), rel=1e-2)


@pytest.mark.parametrize("own", [False, True])
def test_what_an_iris_passes_does_not_depend_on_where_angles_lie(own: bool) -> None:
    data = gaussian()
    k = MIDDLE / HBAR / SPEED_OF_LIGHT
    widest = 2.0 / (k * WAIST)
    angles = np.linspace(0.0, 4.0 * widest, 300) if own else None
    for share in (0.3, 0.507, 0.9, 1.5):
        found = far_field(data, angles, iris=share * widest)
        # Colours of the band diverge by some per cent more or less.
        omega = 2.0 * np.pi * data["frequency"].values
        size = share * 2.0 / (k * WAIST) * omega / SPEED_OF_LIGHT * WAIST / 2.0
        weight = data["spectrum"].values[-1]
        passed = np.sum(weight * (1.0 - np.exp(-2.0 * size**2))) / weight.sum()
        ratio = emitted_energy(found) / emitted_energy(data)
        assert ratio == pytest.approx(passed, rel=2e-3)


def test_light_on_the_axis_has_the_bands_duration() -> None:
    data = gaussian()
    light = attosecond_light(data)
    # Field exp(-(E/B)^2) in energy: intensity of FWHM 2 sqrt(2 ln 2) hbar / B.
    expected = 2.0 * np.sqrt(2.0 * np.log(2.0)) * HBAR / BAND
    width = width_of(light)
    assert width == pytest.approx(expected, rel=2e-3)
    assert light.energy == pytest.approx(emitted_energy(data), rel=1e-9)
    narrow = attosecond_light(data, (58 * ELECTRONVOLT, 62 * ELECTRONVOLT))
    assert width_of(narrow) > 2.0 * width


@pytest.mark.parametrize(("lowest", "highest"), [(12.0, 88.0), (20.0, 80.0)])
def test_light_of_a_broad_band_keeps_both_of_its_ends(
    lowest: float, highest: float
) -> None:
    # Even light, of which a grid about the middle held but 24 to 76 eV.
    data = gaussian()
    apart = ELECTRONVOLT / 10.0 / HBAR
    omega = apart * np.arange(120, 1080)
    even = np.ones((data.sizes["radius"], omega.size), np.complex128)
    broad = results.dataset(
        kind="laser.macroscopic",
        coords={
            "position": ([0.0], "m"),
            "radius": (data["radius"].values, "m"),
            "frequency": (omega / (2.0 * np.pi), "Hz"),
        },
        variables={
            "near_field": (("radius", "frequency"), even, "V s/m"),
            "spectrum": (("position", "frequency"), even[:1].real, "J/Hz"),
        },
        parameters={"edge": 80e-6},
    )
    band = (lowest * ELECTRONVOLT, highest * ELECTRONVOLT)
    light = attosecond_light(broad, band)
    density = np.abs(light.grid.to_frequency(light.samples)) ** 2
    lit = light.grid.omega[density > 0.5 * density.max()] * HBAR / ELECTRONVOLT
    # Faded in over a twentieth of the band.
    fade = 0.03 * (highest - lowest)
    assert lit.min() == pytest.approx(lowest + fade, abs=0.5)
    assert lit.max() == pytest.approx(highest - fade, abs=0.5)
    assert light.energy == pytest.approx(emitted_energy(broad, band), rel=1e-9)


def test_an_element_delays_the_light() -> None:
    data = gaussian()
    slope = PolynomialPhase(
        wavelength=2.0 * np.pi * SPEED_OF_LIGHT * HBAR / MIDDLE, derivatives=(1e-32,)
    )
    stretched = attosecond_light(behind(data, slope))
    width = width_of(stretched)
    short = 2.0 * np.sqrt(2.0 * np.log(2.0)) * HBAR / BAND
    expected = short * np.hypot(1.0, 4.0 * np.log(2.0) * 1e-32 / short**2)
    assert width == pytest.approx(expected, rel=5e-3)
    with pytest.raises(InvalidKind, match="Element"):
        behind(data, "aluminium")  # type: ignore[arg-type]


def test_a_film_of_aluminium_absorbs_and_undoes_attochirp() -> None:
    pytest.importorskip("periodictable")
    data, thickness = gaussian(40.0 * ELECTRONVOLT), 1e-6
    omega = 2.0 * np.pi * data["frequency"].values
    aluminium = XuvMedium(formula="Al")
    passed = behind(data, ThinFilm(medium=aluminium, thickness=thickness))
    known = omega > aluminium.valid[0]
    share = np.zeros(omega.size)
    share[known] = aluminium.transmission(omega[known], thickness)
    density = data["spectrum"].values[0]
    expected = (density * share).sum() / density.sum()
    assert emitted_energy(passed) / emitted_energy(data) == pytest.approx(expected)
    assert passed["energy"].item() == pytest.approx(emitted_energy(passed))
    # Short paths bring higher energies later, three free electrons an atom undo it:
    # hbar omega_p = 15.77 eV.
    quick = 40.0 * ELECTRONVOLT / HBAR
    metal = -((15.77 / 40.0) ** 2) * thickness / (quick * SPEED_OF_LIGHT)
    chirp = PolynomialPhase(
        wavelength=2.0 * np.pi * SPEED_OF_LIGHT / quick, derivatives=(-2.0 * metal,)
    )
    before, after = (
        find_bursts(attosecond_light(behind(light, chirp))) for light in (data, passed)
    )
    assert before.gdd == pytest.approx(-2.0 * metal, rel=1e-3)
    assert after.gdd - before.gdd == pytest.approx(metal, rel=0.25)
    assert after.fwhm < before.fwhm


def test_phases_that_rise_with_frequency_are_light_that_comes_later() -> None:
    data = gaussian()
    omega = 2.0 * np.pi * data["frequency"]
    later = data.assign(near_field=data["near_field"] * np.exp(0.4e-15j * omega))
    later["near_field"].attrs = data["near_field"].attrs
    time = np.linspace(-1e-15, 1e-15, 2001)
    for light in (attosecond_light(later), attosecond_light(far_field(later))):
        power = np.abs(light.envelope(time)) ** 2
        assert time[power.argmax()] == pytest.approx(0.4e-15, abs=2e-18)


def test_other_data_are_refused() -> None:
    with pytest.raises(InvalidValue, match="generate_harmonics"):
        far_field(xr.Dataset())
    with pytest.raises(InvalidValue, match="rad"):
        far_field(gaussian(), [0.0, 2.0])
    with pytest.raises(InvalidValue, match="energies"):
        emitted_energy(gaussian(), (1e-19, 2e-19))
    alone: Any = (MIDDLE,)
    # Between two frequencies there was no light at all.
    for function in (emitted_energy, emitted_photons, attosecond_light):
        with pytest.raises(InvalidValue, match="energies must hold some of the data's"):
            function(gaussian(), (MIDDLE * 1.00001, MIDDLE * 1.00002))
        with pytest.raises(InvalidValue, match="lowest and the highest photon energy"):
            function(gaussian(), alone)
