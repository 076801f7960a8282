"""Matrix elements against sum rules, closed forms and the wave functions themselves."""

import numpy as np
import pytest
from numpy.polynomial.chebyshev import chebval
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.special import spherical_jn

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.harmonics import (
    gaussian_elements,
    hydrogen_like_elements,
    tabulated_elements,
)
from qleap.laser.ionisation import atom

P = np.linspace(0.0, 60.0, 60001)
ALPHA = 2.0 * atom("Ar").energy_au
SQUARE = 4.0 * np.pi * P**2


def test_elements_of_an_s_state_add_up_to_its_mean_square() -> None:
    # Over all plane waves, to <r^2>: 3/alpha of hydrogen, 3/2 alpha of a Gaussian.
    s, gauss = hydrogen_like_elements("Ar"), gaussian_elements(0.5)
    assert np.trapezoid(SQUARE * s(P) ** 2, P) == pytest.approx(3.0 / ALPHA, rel=1e-9)
    assert np.trapezoid(SQUARE * gauss(P) ** 2, P) == pytest.approx(3.0, rel=1e-8)
    line = hydrogen_like_elements("Ar", dimensions=1)
    assert 2.0 * np.trapezoid(line(P) ** 2, P) == pytest.approx(0.5 / ALPHA, rel=1e-6)
    line = gaussian_elements(0.5, dimensions=1)
    assert 2.0 * np.trapezoid(line(P) ** 2, P) == pytest.approx(1.0, rel=1e-8)


def test_elements_of_a_p_state_add_up_to_its_mean_square() -> None:
    # 30/Z^2 of a 2p state of the charge Z, with Z = 2 kappa.
    shell = hydrogen_like_elements("Ar", shell="p")
    f, g = chebval((ALPHA - P**2) / (ALPHA + P**2), shell.series.T)
    mean = f**2 + (2.0 * f * g * P**2 + g**2 * P**4) / 3.0
    assert np.trapezoid(SQUARE * mean, P) == pytest.approx(7.5 / ALPHA, rel=1e-9)


def test_elements_are_the_gradient_of_the_transformed_wave_function() -> None:
    kappa = np.sqrt(ALPHA)

    def transformed(p: float) -> float:
        """Return the 1s state over plane waves, by quadrature."""
        value = quad(
            lambda r: r * r * np.exp(-kappa * r) * spherical_jn(0, p * r), 0.0, 60.0
        )[0]
        return float(kappa**1.5 / np.sqrt(np.pi) * 4.0 * np.pi * value)

    for p in (0.3, 1.0, 2.5):
        slope = (transformed(p + 1e-3) - transformed(p - 1e-3)) / 2e-3
        expected = abs(slope) / (2.0 * np.pi) ** 1.5
        made = hydrogen_like_elements("Ar")
        assert made([p])[0] == pytest.approx(expected, rel=1e-4)


def test_series_are_the_closed_forms() -> None:
    s = hydrogen_like_elements("Ar")
    closed = s.factor * P / (P**2 + ALPHA) ** 3
    assert_allclose(s(P), closed, rtol=0, atol=1e-13 * closed.max())
    gauss, p = gaussian_elements(0.6), P[:8000]
    exact = (np.pi * 0.6) ** -0.75 * p / 0.6 * np.exp(-(p**2) / 1.2)
    assert_allclose(gauss(p), exact, rtol=0, atol=2e-9 * exact.max())
    assert gauss.error < 1e-9


def test_a_table_gives_the_elements_it_was_made_of() -> None:
    s, p = hydrogen_like_elements("Ar"), np.linspace(0.0, 4.0, 81)
    table = tabulated_elements(p, s(p), name="mine")
    largest = s(p).max()
    assert_allclose(table(P), s(P), rtol=0, atol=3e-4 * largest)
    between = np.linspace(0.0, 3.9, 333)
    assert_allclose(table(between), s(between), rtol=0, atol=2e-5 * largest)
    assert table.parameters()["name"] == "mine"


def test_what_is_no_element_is_refused_in_words() -> None:
    p = np.linspace(0.0, 4.0, 41)
    with pytest.raises(InvalidKind, match="real"):
        tabulated_elements(p, 1j * p)
    with pytest.raises(InvalidValue, match="smooth"):
        tabulated_elements(p, np.random.default_rng(1).standard_normal(41))
    with pytest.raises(InvalidValue, match="one value for each"):
        tabulated_elements(p, p[1:])
    with pytest.raises(InvalidValue, match="in one dimension"):
        hydrogen_like_elements("Ar", shell="p", dimensions=1)
    with pytest.raises(InvalidValue, match="1 or 3"):
        gaussian_elements(0.5, dimensions=2)
