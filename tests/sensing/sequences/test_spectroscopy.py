"""Spectra from decays are those behind the decays."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue
from qleap.sensing import sequences as sq


@pytest.mark.parametrize(
    "noise",
    [
        sq.LorentzianNoise(rms=5e4, correlation_time=1e-6),
        sq.LorentzianNoise(rms=5e4, correlation_time=50e-6),
        sq.WhiteNoise(level=300.0),
    ],
)
def test_the_spectrum_behind_cpmg_decays_is_found(noise: sq.NoiseSpectrum) -> None:
    spacing, pulses = np.geomspace(0.1e-6, 10e-6, 40), 400
    rate = [sq.dephasing(sq.cpmg(t, pulses), noise) / (pulses * t) for t in spacing]
    frequency, density = sq.spectrum_from_cpmg(spacing, rate)
    assert_allclose(frequency, np.sort(0.5 / spacing), rtol=1e-12)
    # Edges of the filter, which is as wide as 1/T, leave some per cent.
    assert_allclose(density, noise.density(frequency), rtol=0.03)


def test_decays_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidValue, match="must be equally many and > 0"):
        sq.spectrum_from_cpmg([1e-6, 2e-6], [1e3, -1.0])
    with pytest.raises(InvalidValue, match="must increase strictly"):
        sq.spectrum_from_cpmg([1e-6, 1e-6], [1e3, 2e3])
