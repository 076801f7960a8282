"""Dispersion against published numbers and against differences of the index."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import Chebyshev
from scipy.constants import c
from scipy.optimize import brentq

from qleap.core.errors import InvalidValue
from qleap.laser import MATERIALS, Material


def close(expected: object, rel: float = 1e-6) -> object:
    """Return what equals ``expected`` relatively; pytest alone lets 1e-12 pass."""
    return pytest.approx(expected, rel=rel, abs=0.0)


SILICA = Material(name="fused silica")


@pytest.mark.parametrize(
    ("name", "index"),
    [
        # n at 587.6 nm: Malitson 1965 table; SCHOTT N-BK7; Malitson 1963;
        # Malitson and Dodge 1972; Dodge 1984.
        ("fused silica", 1.45846),
        ("BK7", 1.51680),
        ("CaF2", 1.43385),
        ("sapphire (o)", 1.76817),
        ("sapphire (e)", 1.76010),
        ("MgF2 (o)", 1.37774),
    ],
)
def test_the_index_at_the_helium_line_is_the_published_one(
    name: str, index: float
) -> None:
    found = Material(name=name).refractive_index(587.5618e-9)
    assert found == pytest.approx(index, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "gvd", "tod"),
    [
        # fs^2/mm and fs^3/mm at 800 nm: refractiveindex.info (GVD), R. Trebino,
        # Frequency-Resolved Optical Gating, table of materials (TOD).
        ("fused silica", 36.162, 27.5),
        ("BK7", 44.651, 32.1),
    ],
)
def test_dispersion_at_800_nm_is_the_published_one(
    name: str, gvd: float, tod: float
) -> None:
    material = Material(name=name)
    assert material.beta(2, 800e-9) * 1e27 == close(gvd, rel=2e-4)
    assert material.beta(3, 800e-9) * 1e42 == close(tod, rel=0.01)


def test_fused_silica_has_no_dispersion_at_1273_nm() -> None:
    # Agrawal, Nonlinear Fiber Optics, 1.2.3: about 1.27 um.
    found = brentq(SILICA.group_velocity_dispersion, 1.1e-6, 1.5e-6)
    assert found == pytest.approx(1.2727e-6, abs=1e-10)


def test_argon_has_the_published_refractivity() -> None:
    # Peck and Fisher, J. Opt. Soc. Am. 54, 1362 (1964): 2.8106e-4 at 633 nm, 0 C and
    # 101325 Pa; another measurement than the fit's, hence the 1 %.
    argon = Material(name="argon", pressure=101_325.0)
    assert argon.refractive_index(633e-9) - 1.0 == close(2.81e-4, rel=0.01)


@pytest.mark.parametrize(
    ("name", "refractivity"),
    [
        # Sodium D lines, 0 C, 1 atm: Chronological Scientific Tables (National
        # Astronomical Observatory of Japan, 2000), given to 1e-6.
        ("helium", 35e-6),
        ("neon", 67e-6),
        ("nitrogen", 297e-6),
        ("air", 292e-6),
    ],
)
def test_gases_have_the_published_refractivity(name: str, refractivity: float) -> None:
    gas = Material(name=name, pressure=101_325.0, temperature=273.15)
    found = gas.refractive_index(589.3e-9) - 1.0
    assert found == pytest.approx(refractivity, abs=1.5e-6)


@pytest.mark.parametrize("name", MATERIALS)
def test_derivatives_are_those_of_the_index(name: str) -> None:
    material = Material(name=name)
    low = max(material.valid[0], 4e-7)
    high = max(min(material.valid[1], 1e-6), 1.5 * low)
    centre = 0.5 * (2 * np.pi * c / low + 2 * np.pi * c / high)
    half = 0.05 * centre

    # An interpolating polynomial knows the derivatives without our series. That of
    # (n - 1) omega/c, without cancellation, since n of a gas hardly differs from one.
    nodes = centre + half * np.cos(np.pi * (np.arange(24) + 0.5) / 24)
    square = material.susceptibility(nodes)
    excess = square / (1.0 + np.sqrt(1.0 + square)) * nodes / c
    fit = Chebyshev.fit(nodes, excess, 18, domain=[centre - half, centre + half])
    vacuum = (centre / c, 1.0 / c, 0.0, 0.0)
    for order, accuracy in ((0, 1e-12), (1, 1e-10), (2, 1e-5), (3, 1e-3)):
        expected = fit.deriv(order)(centre) if order else fit(centre)
        found = material.beta(order, 2 * np.pi * c / centre)
        assert found == close(expected + vacuum[order], rel=accuracy)


@given(st.floats(0.22e-6, 3.6e-6))
def test_the_taylor_series_leads_back_to_the_index(wavelength: float) -> None:
    omega0 = 2 * np.pi * c / wavelength
    step = 2e-3 * omega0
    other = 2 * np.pi * c / (omega0 + step)
    terms = [
        SILICA.beta(k, wavelength) * step**k / np.prod(np.arange(1.0, k + 1.0))
        for k in range(12)
    ]
    if SILICA.valid[0] <= other:
        expected = SILICA.refractive_index(other) * (omega0 + step) / c
        assert sum(terms) == close(expected, rel=1e-13)


def test_the_group_index_is_larger_than_the_index() -> None:
    assert SILICA.group_index(800e-9) == pytest.approx(1.4671, abs=1e-4)


def test_susceptibility_goes_with_density() -> None:
    thin = Material(name="neon").refractive_index(800e-9) ** 2 - 1.0
    dense = Material(name="neon", pressure=5e5, temperature=546.0)
    assert dense.refractive_index(800e-9) ** 2 - 1.0 == close(2.5 * thin)


def test_betas_fit_a_fibre() -> None:
    betas = SILICA.betas(800e-9, 4)
    assert betas == tuple(SILICA.beta(k, 800e-9) for k in (2, 3, 4))


def test_every_fit_names_its_publication() -> None:
    assert all(len(Material(name=name).source) > 10 for name in MATERIALS)


def test_a_wavelength_beyond_the_fit_is_refused_with_its_range() -> None:
    with pytest.raises(InvalidValue, match=r"between 0\.21 and 3\.71 um .* got 10 um"):
        SILICA.refractive_index(10e-6)


def test_unknown_media_and_pressed_glasses_are_refused() -> None:
    with pytest.raises(InvalidValue, match="did you mean 'fused silica'"):
        Material(name="fused silca")
    with pytest.raises(InvalidValue, match="pressure and temperature are for gases"):
        Material(name="BK7", pressure=2e5)
    with pytest.raises(InvalidValue, match="pressure must be > 0 Pa"):
        Material(name="argon", pressure=0.0)
