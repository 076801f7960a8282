"""The index on whole grids of frequencies, inside the fits and beyond them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.constants import c

from qleap.core.errors import InvalidValue
from qleap.laser import MATERIALS, Material


def close(expected: object, rel: float = 1e-6) -> object:
    """Return what equals ``expected`` relatively; pytest alone lets 1e-12 pass."""
    return pytest.approx(expected, rel=rel, abs=0.0)


SILICA = Material(name="fused silica")


def omega_of(wavelength: float) -> float:
    return float(2 * np.pi * c / wavelength)


@pytest.mark.parametrize("name", MATERIALS)
def test_the_vector_is_the_scalar_at_each_point(name: str) -> None:
    material = Material(name=name)
    wavelength = np.geomspace(*material.valid, 7)[1:-1].reshape(5, 1)
    found = material.index(2 * np.pi * c / wavelength)
    expected = [[material.refractive_index(float(x))] for x in wavelength[:, 0]]
    assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        # n_d of SCHOTT's catalogue of 2017-01-20.
        ("SF10", 1.72825),
        ("SF11", 1.78472),
        ("F2", 1.62004),
        ("SF57", 1.84666),
        ("SF6 glass", 1.80518),
        ("BK7", 1.51680),
    ],
)
def test_glasses_have_the_index_of_the_catalogue(name: str, index: float) -> None:
    found = Material(name=name).refractive_index(587.5618e-9)
    assert found == pytest.approx(index, abs=6e-6)


@pytest.mark.parametrize(
    ("name", "microns", "offset", "terms", "square", "accuracy"),
    [
        # Other measurements than ours, as refractiveindex.info has them: n^2 is
        # 1 + offset + sum B lambda^2/(lambda^2 - C) + D lambda^2.
        # R. A. Icenogle et al., Appl. Opt. 15, 2348 (1976).
        ("germanium", 10.6, 8.28156, ((6.7288, 0.44105), (0.21307, 3870.1)), 0, 1e-3),
        # J. Hrabovsky et al. (2021).
        ("YAG", 1.064, 0.882, ((1.404, 0.1338**2),), -0.0137, 2e-3),
        # H. H. Li, J. Phys. Chem. Ref. Data 9, 161 (1980).
        (
            "MgF2 (e)",
            0.5876,
            0.25385,
            (
                (0.66405, 0.08504**2),
                (1.0899, 22.2**2),
                (0.1816, 24.4**2),
                (2.1227, 40.6**2),
            ),
            0,
            1e-4,
        ),
        # Q. Zheng, X. Wang and D. Thompson (2023), 21 C.
        (
            "BaF2",
            0.5876,
            0.0,
            ((0.64336, 0.057789**2), (0.50760, 0.10664**2), (3.8261, 46.386**2)),
            0,
            1e-3,
        ),
        # T. Radhakrishnan (1951).
        (
            "quartz (e)",
            0.5876,
            0.0,
            (
                (0.665721, 0.060**2),
                (0.503511, 0.106**2),
                (0.214792, 0.119**2),
                (0.539173, 8.792**2),
                (1.807613, 19.70**2),
            ),
            0,
            1e-4,
        ),
        # G. M. Hale and M. R. Querry, Appl. Opt. 12, 555 (1973): 1.331 at 650 nm.
        ("water", 0.650, 0.771561, (), 0, 1e-3),
    ],
)
def test_indices_agree_with_other_measurements(
    name: str,
    microns: float,
    offset: float,
    terms: tuple[tuple[float, float], ...],
    square: float,
    accuracy: float,
) -> None:
    expected = 1.0 + offset + square * microns**2
    expected += sum(b * microns**2 / (microns**2 - c) for b, c in terms)
    found = Material(name=name).refractive_index(microns * 1e-6)
    assert found == pytest.approx(np.sqrt(expected), abs=accuracy)


def test_beyond_the_range_an_error_names_it() -> None:
    grid = np.linspace(omega_of(5e-6), omega_of(300e-9), 5)
    with pytest.raises(InvalidValue, match=r"between 0\.21 and 3\.71 um .* got 5 um"):
        SILICA.index(grid)
    with pytest.raises(InvalidValue, match="outside must be one of"):
        SILICA.index(grid, outside="guess")
    with pytest.raises(InvalidValue, match="omega must hold finite numbers"):
        SILICA.index([np.nan])


@pytest.mark.parametrize("name", MATERIALS)
@pytest.mark.parametrize("outside", ["hold", "extend"])
def test_whole_grids_have_finite_smooth_indices(name: str, outside: str) -> None:
    material = Material(name=name)
    grid = np.linspace(0.0, omega_of(50e-9), 20_001)
    found = material.index(grid, outside=outside)
    assert np.all(np.isfinite(found))
    assert np.all(found >= 1.0)
    # No resonance is crossed: the index never jumps.
    inside = material.susceptibility(
        2 * np.pi * c / np.array(material.valid), outside="hold"
    )
    change = np.abs(np.diff(found**2 - 1.0))
    assert np.max(change) < 0.15 * np.max(inside)


def test_held_values_are_those_of_the_edges() -> None:
    low, high = SILICA.valid
    found = SILICA.index([0.0, omega_of(10e-6), omega_of(100e-9)], outside="hold")
    ends = [SILICA.refractive_index(x) for x in (high, high, low)]
    assert_allclose(found, ends, rtol=1e-14)


def test_an_extended_formula_is_followed_then_held() -> None:
    # Argon's fit ends at 400 nm; Bideau-Mehu et al. (1981) measured to 140 nm.
    argon = Material(name="argon")
    measured = Material(name="argon", fit="bideau-mehu-1981")
    at = omega_of(200e-9)
    assert float(argon.index(at, outside="extend")) - 1.0 == close(
        float(measured.index(at)) - 1.0, rel=0.01
    )
    far = argon.susceptibility([omega_of(60e-9), omega_of(30e-9)], outside="extend")
    edge = float(argon.susceptibility(omega_of(400.0001e-9)))
    assert far[0] == far[1]
    assert far[0] == close(2.0 * edge, rel=0.02)


def test_negative_frequencies_have_the_index_of_positive_ones() -> None:
    found = SILICA.index([-omega_of(800e-9), omega_of(800e-9)])
    assert found[0] == found[1]
