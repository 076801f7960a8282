"""Gratings, prisms, glass: published numbers, rays traced anew, settings found."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Grid, Material, Pulse, fwhm
from qleap.laser.pulses import (
    Bulk,
    Element,
    GratingPair,
    PolynomialPhase,
    PrismPair,
    SampledPulse,
    compress,
    compress_by_polynomial,
    delay_and_derivatives,
    spectrogram,
    through,
)

SILICA = Material(name="fused silica")
GAUSS = Pulse(shape="gaussian", wavelength=1030e-9, fwhm=60e-15, energy=1e-6)


@pytest.mark.parametrize(
    ("lines", "incidence", "wavelength", "separation", "gdd", "tod", "within"),
    [
        # PyNLO's test of its TreacyCompressor, "Tom Allison's calculation".
        (1250e3, 41.5, 1060e-9, 0.115, -1.8e-24, 7.793e-39, 2e-3),
        # laserfun's test, numbers from PyNLO.
        (1000e3, 50.5789, 1545e-9, 0.1, -5.10085847e-24, 4.97008481e-38, 1e-6),
    ],
)
def test_a_grating_pair_has_the_published_dispersion(
    lines: float, incidence: float, wavelength: float, separation: float,
    gdd: float, tod: float, within: float,
) -> None:  # fmt: skip
    pair = GratingPair(
        line_density=lines, incidence=math.radians(incidence), separation=separation
    )
    found = delay_and_derivatives(pair, wavelength)
    assert found[1] == pytest.approx(gdd, rel=within, abs=0.0)
    assert found[2] == pytest.approx(tod, rel=within, abs=0.0)


def test_a_grating_pair_obeys_treacys_formula_at_any_angle() -> None:
    # As Light Conversion's toolbox prints it, for two passes.
    for angle, lines in ((0.2, 300e3), (0.7, 1200e3), (-0.1, 600e3)):
        wavelength, apart, pitch = 800e-9, 0.05, 1.0 / lines
        sine = wavelength / pitch - math.sin(angle)
        wanted = -(wavelength**3) * apart / (math.pi * SPEED_OF_LIGHT**2 * pitch**2)
        wanted *= (1.0 - sine**2) ** -1.5
        pair = GratingPair(line_density=lines, incidence=angle, separation=apart)
        assert delay_and_derivatives(pair, wavelength)[1] == pytest.approx(
            wanted, rel=1e-7, abs=0.0
        )
        assert math.sin(pair.diffraction_angle(wavelength)) == pytest.approx(
            -sine, rel=1e-6, abs=0.0
        )


def test_a_prism_pair_has_the_dispersion_of_light_conversions_calculator() -> None:
    # -543.513 fs^2 and 2204.753 fs^3 for 60 cm, 10 mm along each face, as quoted by
    # the tests of Luna.jl; the calculator adds straight glass to the angular part,
    # which leaves 0.6 %.
    pair = PrismPair(
        material=SILICA, wavelength=1030e-9, separation=0.6, insertion=(0.01, 0.01),
        apex=math.radians(69.183), incidence=math.radians(55.409),
    )  # fmt: skip
    found = delay_and_derivatives(pair, 1030e-9)
    assert found[1] == pytest.approx(-543.513e-30, rel=1e-2, abs=0.0)
    assert found[2] == pytest.approx(2204.753e-45, rel=2e-3, abs=0.0)


def _traced(pair: PrismPair, omega: float) -> float:
    """Return the phase of one pass by a ray from plane to plane, Snell at each face."""
    index = SILICA.refractive_index(2.0 * math.pi * SPEED_OF_LIGHT / omega)
    apex, half = pair.apex, 0.5 * pair.apex

    # The first prism points up, its apex at the origin; light comes from the left.
    # The second points down, its faces parallel to those of the first.
    def bent(ray: np.ndarray, normal: np.ndarray, ratio: float) -> np.ndarray:
        cos = -float(normal @ ray)
        root = math.sqrt(1.0 - ratio**2 * (1.0 - cos**2))
        return np.asarray(ratio * ray + (ratio * cos - root) * normal)

    def cross(
        point: np.ndarray, ray: np.ndarray, on: np.ndarray, normal: np.ndarray
    ) -> float:
        return float((on - point) @ normal / (ray @ normal))

    entry = np.array([-math.cos(half), math.sin(half)])  # outward normals
    leave = np.array([math.cos(half), math.sin(half)])
    down_left = np.array([-math.sin(half), -math.cos(half)])
    down_right = np.array([math.sin(half), -math.cos(half)])
    climb = pair.incidence - half
    incoming = np.array([math.cos(climb), math.sin(climb)])
    centre = SILICA.refractive_index(pair.wavelength)
    inner = math.asin(math.sin(pair.incidence) / centre)
    start = pair.insertion[0] * math.cos(apex - inner) / math.cos(inner) * down_left
    ray = bent(bent(incoming, entry, 1.0 / centre), -leave, centre)
    out = pair.insertion[0] * down_right
    second_apex = out + pair.separation * ray + pair.insertion[1] * down_right

    point, path = start, 0.0
    inside = bent(incoming, entry, 1.0 / index)
    length = cross(point, inside, np.zeros(2), leave)
    point, path = point + length * inside, path + index * length
    outside = bent(inside, -leave, index)
    length = cross(point, outside, second_apex, leave)
    point, path = point + length * outside, path + length
    again = bent(outside, -leave, 1.0 / index)
    length = cross(point, again, second_apex, entry)
    point, path = point + length * again, path + index * length
    # Out again as it came in: up to a plane across the beam.
    path += cross(point, incoming, second_apex + 0.1 * incoming, incoming)
    return omega / SPEED_OF_LIGHT * path


def test_the_phase_of_prisms_is_that_of_rays_traced_face_by_face() -> None:
    pair = PrismPair(
        material=SILICA, wavelength=800e-9, separation=0.9, insertion=(4e-3, 2e-3),
        apex=1.15, incidence=0.93, passes=1,
    )  # fmt: skip
    omega = 2.0 * np.pi * SPEED_OF_LIGHT / np.linspace(700e-9, 920e-9, 41)
    traced = np.array([_traced(pair, w) for w in omega])
    off = traced - pair.phase(omega)
    away = (omega - omega.mean()) / np.ptp(omega)
    linear = np.polynomial.Polynomial.fit(away, off, 1)
    curved = np.polynomial.Polynomial.fit(away, pair.phase(omega), 1)
    assert np.ptp(pair.phase(omega) - curved(away)) > 5.0
    assert_allclose(off, linear(away), atol=1e-5)


def test_light_that_misses_the_second_prism_does_not_pass() -> None:
    pair = PrismPair(
        material=SILICA, wavelength=800e-9, separation=0.5, insertion=(2e-3, 0.5e-3)
    )
    omega = 2.0 * np.pi * SPEED_OF_LIGHT / np.array([1000e-9, 800e-9, 600e-9])
    assert_allclose(pair.transmission(omega), [1.0, 1.0, 0.0])


def test_a_ray_at_the_very_apex_parts_the_light() -> None:
    pair = PrismPair(
        material=SILICA, wavelength=800e-9, separation=0.5, insertion=(3e-3, 0.0)
    )
    omega = 2.0 * np.pi * SPEED_OF_LIGHT / np.array([801e-9, 799e-9])
    assert_allclose(pair.transmission(omega), [1.0, 0.0])


def test_glass_is_its_own_sellmeier_fit() -> None:
    found = delay_and_derivatives(Bulk(material=SILICA, length=2e-3), 800e-9, 3)
    wanted = [2e-3 * SILICA.beta(k, 800e-9) for k in (1, 2, 3)]
    assert_allclose(found, wanted, rtol=1e-6)


def test_a_pulse_after_glass_is_the_pulse_with_the_phase_of_the_glass() -> None:
    grid = Grid(n_points=1024, window=3e-12, wavelength=1030e-9)
    after = through(GAUSS, Bulk(material=SILICA, length=0.02))
    betas = [0.02 * SILICA.beta(k, 1030e-9) for k in range(2, 8)]
    same = dataclasses.replace(
        GAUSS, peak_power=math.nan, gdd=betas[0], tod=betas[1],
        higher_orders=tuple(betas[2:]),
    )  # fmt: skip
    wanted = same.envelope_on(grid)
    assert_allclose(after.envelope_on(grid), wanted, atol=1e-5 * np.abs(wanted).max())


def test_a_pulse_through_a_stretcher_and_its_inverse_is_itself() -> None:
    pair = GratingPair(line_density=600e3, incidence=0.31, separation=0.01)
    back = dataclasses.replace(pair, separation=-0.01)
    again = through(GAUSS, pair, back)
    grid = Grid(n_points=512, window=2e-12, wavelength=1030e-9)
    wanted = GAUSS.envelope_on(grid)
    assert_allclose(again.envelope_on(grid), wanted, atol=1e-6 * np.abs(wanted).max())


def test_losses_of_gratings_are_taken_from_the_energy() -> None:
    pair = GratingPair(
        line_density=600e3, incidence=0.31, separation=1e-3, efficiency=0.95
    )
    assert through(GAUSS, pair).energy == pytest.approx(
        0.95**4 * 1e-6, rel=1e-9, abs=0.0
    )


def test_the_grating_separation_that_undoes_glass_is_found() -> None:
    stretched = through(GAUSS, Bulk(material=SILICA, length=0.05))
    found = compress(
        stretched,
        lambda apart: GratingPair(line_density=600e3, incidence=0.31, separation=apart),
        [(1e-4, 2e-3)],
    )
    one = GratingPair(line_density=600e3, incidence=0.31, separation=1.0)
    wanted = -0.05 * SILICA.beta(2, 1030e-9) / delay_and_derivatives(one, 1030e-9)[1]
    assert found.settings[0] == pytest.approx(wanted, rel=2e-2, abs=0.0)
    assert found.quality > 0.995
    assert found.fwhm == pytest.approx(60e-15, rel=5e-3, abs=0.0)


def test_two_settings_take_second_and_third_order_away() -> None:
    stretched = dataclasses.replace(GAUSS, gdd=2000e-30, tod=3e4 * 1e-45)

    def made(gdd: float, tod: float) -> Element:
        return PolynomialPhase(
            wavelength=1030e-9, derivatives=(gdd * 1e-30, tod * 1e-45)
        )

    found = compress(stretched, made, [(-4000.0, 0.0), (-6e4, 6e4)], target="fwhm")
    assert found.settings[0] == pytest.approx(-2000.0, rel=1e-2, abs=0.0)
    assert found.fwhm == pytest.approx(60e-15, rel=1e-3, abs=0.0)


def test_a_polynomial_finds_the_phase_that_was_put_in() -> None:
    stretched = dataclasses.replace(
        GAUSS, gdd=3000e-30, tod=4e4 * 1e-45, higher_orders=(2e6 * 1e-60,)
    )
    found = compress_by_polynomial(stretched, 4)
    assert_allclose(found.settings, [-3e-27, -4e-41, -2e-54], rtol=1e-3)
    assert found.quality == pytest.approx(1.0, abs=1e-6)
    time = np.linspace(-2e-13, 2e-13, 4001)
    power = np.abs(found.pulse.envelope(time)) ** 2
    assert fwhm(time, power) == pytest.approx(60e-15, rel=1e-3, abs=0.0)


def test_a_strongly_modulated_spectrum_is_compressed_and_no_order_makes_it_worse() -> (
    None
):
    grid = Grid(n_points=1024, window=3e-12, wavelength=1030e-9)
    power = 1e9 / np.cosh(grid.time / 85e-15) ** 2
    broadened = SampledPulse(grid=grid, samples=np.sqrt(power) * np.exp(2e-8j * power))
    by_gdd, by_more = (compress_by_polynomial(broadened, order) for order in (2, 4))
    # Self-phase modulation of 20 rad: 13 times shorter at the limit.
    assert by_gdd.fwhm == pytest.approx(11.6e-15, rel=0.02, abs=0.0)
    assert 0.77 < by_gdd.quality < by_more.quality


def test_what_no_compressor_can_be_is_refused() -> None:
    wide = GratingPair(line_density=1e6, incidence=0.5, separation=0.1)
    with pytest.raises(InvalidValue, match="must be diffracted in the order -1"):
        wide.diffraction_angle(1600e-9)
    with pytest.raises(InvalidValue, match="order must be a whole number other than"):
        GratingPair(line_density=1e6, incidence=0.3, separation=0.1, order=0)
    with pytest.raises(InvalidValue, match=r"got 1200 1/m; 1200 per mm are 1.2e6"):
        GratingPair(line_density=1200, incidence=0.5, separation=0.1)
    with pytest.raises(InvalidValue, match="reflected totally"):
        PrismPair(
            material=SILICA, wavelength=800e-9, separation=0.5, insertion=(0, 0),
            apex=1.5,
        )  # fmt: skip
    short = Pulse(shape="gaussian", wavelength=220e-9, fwhm=5e-15, energy=1.0)
    with pytest.raises(InvalidValue, match="where Bulk is known, 210 to 3710 nm"):
        through(short, Bulk(material=SILICA, length=1e-3))
    with pytest.raises(InvalidValue, match=r"bounds\[0\] must rise"):
        compress(
            short, lambda x: PolynomialPhase(wavelength=x, derivatives=()), [(1, 0)]
        )


def test_what_is_no_element_material_or_light_is_refused_by_name() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=1.0)
    with pytest.raises(InvalidKind, match=r"take Material\(name='fused silica'\)"):
        Bulk(material="fused silica", length=1e-3)  # type: ignore[arg-type]
    prisms: dict[str, Any] = {"wavelength": 800e-9, "separation": 0.5}
    with pytest.raises(InvalidKind, match="material must be a Material"):
        PrismPair(material="SF10", insertion=(0, 0), **prisms)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="insertion must be two lengths"):
        PrismPair(material=SILICA, insertion=(1e-3,), **prisms)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match=r"elements\[0\] must be an Element"):
        through(pulse, "glass")  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="light must be light"):
        through("pulse")  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match="light must be light"):
        spectrogram(1.0, 1e-14)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="derivatives must have one dimension"):
        PolynomialPhase(wavelength=800e-9, derivatives=-50e-30)  # type: ignore[arg-type]
