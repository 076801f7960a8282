"""Powder spectra against closed forms, sums and other ways to average."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qleap.sensing._kernels import powder as kernels
from qleap.sensing._reference import powder as reference
from qleap.sensing.nv import NVCentre, Strain
from qleap.sensing.nv.signals import PowderSpectrum, fibonacci_sphere, gauss_sphere

CENTRE = NVCentre(g_parallel=2.003, g_perpendicular=2.003)
D = CENTRE.zero_field_splitting
GRID = np.linspace(2.6e9, 3.2e9, 301)
hertz = st.floats(-5e8, 5e8)
small = st.floats(-2e7, 2e7)


@given(
    zeeman=st.tuples(hertz, hertz, hertz),
    strain=st.tuples(small, small, small, small),
)
def test_lines_and_weights_equal_the_reference(
    zeeman: tuple[float, float, float], strain: tuple[float, float, float, float]
) -> None:
    at, terms = np.array([zeeman]), np.array([D, *strain])
    found = kernels.spin_one_lines(at, terms)[0]
    expected = reference.spin_one_lines(at, terms)[0]
    assert_allclose(found[:2], expected[:2], rtol=1e-12)
    assert_allclose(found[2:].sum(), expected[2:].sum(), atol=1e-10)
    if expected[1] - expected[0] > 1e3:  # else the split between two is anyone's
        assert_allclose(found[2:], expected[2:], atol=1e-6)


def test_lines_are_those_of_the_centre() -> None:
    centre = NVCentre(strain=Strain(m_x=4e6, n_y=-2e6))
    spectrum = PowderSpectrum(field=3e-3, fwhm=1e7, contrast=0.1, centre=centre)
    directions, lines, weights = spectrum.lines()
    energies = centre.electron_energies(3e-3 * directions)
    assert_allclose(lines, energies[:, 1:] - energies[:, :1], atol=1e-4)
    assert weights.shape == lines.shape


@pytest.mark.parametrize("field", [1e-3, 10e-3, 30e-3])
def test_the_pattern_lies_between_the_lines_along_and_across(field: float) -> None:
    b = CENTRE.gyromagnetic_ratios[2] * field
    spectrum = PowderSpectrum(field=field, fwhm=2e6, contrast=0.1, centre=CENTRE)
    _, lines, _ = spectrum.lines()
    # theta = 90 deg, exact: D/2 + root and 2 root with root^2 = D^2/4 + b^2
    root = math.hypot(0.5 * D, b)
    assert_allclose(lines[:, 0].min(), D - b, atol=2e-3 * b)
    assert_allclose(lines[:, 0].max(), 0.5 * D + root, atol=2e-3 * b)
    assert_allclose(lines[:, 1].max(), D + b, atol=2e-3 * b)
    assert_allclose(lines[:, 1].min(), 2 * root, atol=2e-3 * b)
    assert lines[:, 0].min() > D - b


def test_a_weak_field_makes_a_box_of_the_height_of_equal_densities() -> None:
    # every cosine is as likely: density 1 / b on each side of D, pi/2 fwhm a line
    field, fwhm = 2e-3, 1e6
    b = CENTRE.gyromagnetic_ratios[2] * field
    spectrum = PowderSpectrum(field=field, fwhm=fwhm, contrast=0.1, centre=CENTRE)
    inside = D + b * np.array([-0.7, -0.5, 0.5, 0.7])
    depth = 1.0 - spectrum.evaluate(inside)
    assert_allclose(depth, 0.1 * 0.5 * math.pi * fwhm / b, rtol=0.06)
    outside = D + b * np.array([-1.5, 1.5])
    assert np.all(1.0 - spectrum.evaluate(outside) < 0.1 * depth.mean())


def test_every_direction_obeys_the_sum_rule() -> None:
    field = 20e-3
    spectrum = PowderSpectrum(field=field, fwhm=5e6, contrast=0.1, centre=CENTRE)
    _, lines, _ = spectrum.lines()
    lower, upper = lines.T
    expected = D**2 + 3 * (CENTRE.gyromagnetic_ratios[2] * field) ** 2
    assert_allclose(lower**2 + upper**2 - lower * upper, expected, rtol=1e-12)


def test_without_a_field_all_centres_make_one_line_of_both() -> None:
    spectrum = PowderSpectrum(field=0.0, fwhm=1e7, contrast=0.03, centre=CENTRE)
    line = 1.0 / (1.0 + (2 * (GRID - D) / 1e7) ** 2)
    assert_allclose(spectrum.evaluate(GRID), 1.0 - 2 * 0.03 * line, atol=1e-12)


def test_strain_splits_the_powder_without_a_field() -> None:
    centre = NVCentre(strain=Strain(m_x=3e6, m_y=4e6))
    spectrum = PowderSpectrum(field=0.0, fwhm=1e6, contrast=0.03, centre=centre)
    depth = 1.0 - spectrum.evaluate(D + 1e6 * np.array([-5.0, 0.0, 5.0]))
    assert_allclose(depth[[0, 2]], 0.03, rtol=0.02)
    assert depth[1] < 0.1 * depth[0]


def test_the_rule_of_gauss_is_converged() -> None:
    strained = NVCentre(strain=Strain(m_x=5e6, m_y=2e6))
    for centre in (CENTRE, strained):
        spectrum = PowderSpectrum(field=4e-3, fwhm=6e6, contrast=0.1, centre=centre)
        found = spectrum.evaluate(GRID)
        directions, shares = gauss_sphere(16, 64, panels=40)
        energies = centre.electron_energies(4e-3 * directions)
        lines = energies[:, 1:] - energies[:, :1]
        zeeman = 4e-3 * directions * centre.gyromagnetic_ratios
        terms = centre.strain.terms(centre.zero_field_splitting)
        weights = kernels.spin_one_lines(zeeman, terms)[:, 2:] * shares[:, None]
        for place in (50, 137, 150, 222):
            u = 2 * (GRID[place] - lines) / 6e6
            expected = 1.0 - 0.1 * (weights / (1.0 + u**2)).sum()
            assert_allclose(found[place], expected, atol=2e-10)


def test_even_directions_give_the_same_spectrum_however_turned() -> None:
    from scipy.spatial.transform import Rotation

    spectrum = PowderSpectrum(field=4e-3, fwhm=1e7, contrast=0.1, centre=CENTRE)
    expected = spectrum.evaluate(GRID)
    turn = Rotation.from_rotvec([0.3, 1.1, -0.7])
    for directions in (fibonacci_sphere(4000), turn.apply(fibonacci_sphere(4000))):
        energies = CENTRE.electron_energies(4e-3 * directions)
        lines = energies[:, 1:] - energies[:, :1]
        at = 4e-3 * directions * CENTRE.gyromagnetic_ratios
        weights = kernels.spin_one_lines(at, CENTRE.strain.terms(D))[:, 2:] / 4000
        u = 2 * (GRID[:, None, None] - lines) / 1e7
        found = 1.0 - 0.1 * (weights / (1.0 + u**2)).sum(axis=(1, 2))
        assert_allclose(found, expected, atol=2e-5)


def test_the_rule_on_the_sphere_is_exact_for_polynomials() -> None:
    directions, weights = gauss_sphere(5, 10, panels=2)
    x, y, z = directions.T
    assert_allclose(weights.sum(), 1.0, rtol=1e-14)
    assert_allclose(weights @ (z**2), 1 / 3, rtol=1e-13)
    assert_allclose(weights @ (x**2 * y**2), 1 / 15, rtol=1e-13)
    assert_allclose(weights @ (x**4 * z**4), 3 * 3 / (9 * 7 * 5 * 3), rtol=1e-13)
    even = fibonacci_sphere(2000)
    assert_allclose(
        (even[:, :, None] * even[:, None, :]).mean(0), np.eye(3) / 3, atol=2e-5
    )
