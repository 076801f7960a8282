"""Raman responses: unit integral, causal shape, published numbers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.constants import c

from qleap.core.errors import InvalidValue
from qleap.laser.media.raman import RAMAN_MODELS, raman_model

# D. Hollenbeck and C. D. Cantrell, J. Opt. Soc. Am. B 19, 2886 (2002), table 1, as in
# gnlse and Luna.jl: position, peak, Gaussian and Lorentzian width, 1/cm.
MODES = (
    (56.25, 1.00, 52.10, 17.37),
    (100.00, 11.40, 110.42, 38.81),
    (231.25, 36.67, 175.00, 58.33),
    (362.50, 67.67, 162.50, 54.17),
    (463.00, 74.00, 135.33, 45.11),
    (497.00, 4.50, 24.50, 8.17),
    (611.50, 6.80, 41.50, 13.83),
    (691.67, 4.60, 155.00, 51.67),
    (793.67, 4.20, 59.50, 19.83),
    (835.50, 4.50, 64.30, 21.43),
    (930.00, 2.70, 150.00, 50.00),
    (1080.00, 3.10, 91.00, 30.33),
    (1215.00, 3.00, 160.00, 53.33),
)


def published(name: str, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return h(t) as the papers print it (t >= 0, seconds)."""
    t1, t2, tb = 12.2e-15, 32e-15, 96e-15
    if name == "hollenbeck-cantrell":
        # Their equation (9) with table 1, summed here by hand in 1/cm.
        modes = np.array(MODES)
        scale = np.pi * c * 100.0
        total = np.zeros_like(t)
        for position, amplitude, gauss, lorentz in modes:
            total += (
                amplitude
                * np.exp(-scale * lorentz * t - (scale * gauss * t) ** 2 / 4.0)
                * np.sin(2.0 * scale * position * t)
            )
        return np.asarray(total / (np.sum(total) * (t[1] - t[0])))
    oscillation = (t1**2 + t2**2) / (t1 * t2**2) * np.exp(-t / t2) * np.sin(t / t1)
    if name == "blow-wood":
        return oscillation
    boson = (2.0 * tb - t) / tb**2 * np.exp(-t / tb)
    return 0.79 * oscillation + 0.21 * boson


@pytest.mark.parametrize("name", RAMAN_MODELS)
def test_the_transform_is_that_of_the_published_response(name: str) -> None:
    step = 5e-18
    t: NDArray[np.float64] = (np.arange(600_000, dtype=np.float64) + 0.5) * step
    for omega in (0.0, 3e13, 8.2e13, -8.2e13, 4e14):
        integral = np.sum(published(name, t) * np.exp(1j * omega * t)) * step
        found = raman_model(name).transform(np.array([omega]))[0]
        assert_allclose(found, integral, atol=1e-5)


@pytest.mark.parametrize("name", RAMAN_MODELS)
def test_the_response_has_a_unit_integral(name: str) -> None:
    assert_allclose(raman_model(name).response(np.zeros(1)), [1.0], atol=1e-15)


@pytest.mark.parametrize("name", RAMAN_MODELS)
def test_light_is_amplified_at_lower_and_lost_at_higher_frequencies(name: str) -> None:
    gain = raman_model(name).response(np.array([8.2e13])).imag
    assert gain[0] > 0.0  # at the Stokes shift of 13 THz


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(InvalidValue, match="raman must be one of blow-wood"):
        raman_model("silica")
