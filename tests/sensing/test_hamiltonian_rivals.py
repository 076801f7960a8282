"""Fields behind noisy spectra: the lowest minimum, and others that are close."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.sensing import Spectrum, fit_hamiltonian, fit_trace
from qleap.sensing.models import HamiltonianSpectrum
from qleap.sensing.nv.axes import canonical_field

Array = NDArray[np.float64]
X = np.linspace(2.72e9, 3.02e9, 301)
EQUAL = HamiltonianSpectrum()


def spectrum(field: list[float], noise: float, seed: int, *, errors: bool) -> Spectrum:
    """Return lines 0.02 deep and 5 MHz wide in a field (mT)."""
    values = np.array([*(1e-3 * np.array(field)), 2.8705e9, 5e6, 0.02, 1.0])
    rng = np.random.default_rng(seed)
    signal = EQUAL.evaluate(X, values) + rng.normal(scale=noise, size=X.size)
    return Spectrum(
        frequency=X, signal=signal, error=np.full(X.size, noise) if errors else None
    )


def lowest_near(data: Spectrum, field: Array) -> float:
    """Return chi-square at the minimum within 0.06 mT of a field."""
    names = ("field_x", "field_y", "field_z")
    usual = [("zero_field_splitting", 2.8705e9), ("contrast", 0.01), ("background", 1)]
    fits = [
        fit_trace(
            EQUAL,
            X,
            data.signal,
            data.error,
            start=dict([*zip(names, field, strict=True), *usual, ("fwhm", width)]),
            limits={n: (v - 6e-5, v + 6e-5) for n, v in zip(names, field, strict=True)},
        )
        for width in (3e6, 6e6, 2e7)
    ]
    return min(fit.cost for fit in fits)


def test_noise_of_a_fifth_of_a_line_leaves_the_lowest_minimum() -> None:
    for field, seed in (([0.33, 0.69, 1.35], 6), ([0.63, 1.55, 1.84], 7)):
        data = spectrum(field, 4e-3, seed, errors=False)
        truth = lowest_near(data, 1e-3 * np.array(field))
        assert fit_trace(EQUAL, X, data.signal).cost <= truth * (1.0 + 1e-6)
        assert fit_hamiltonian(data, EQUAL).fit.cost <= truth * (1.0 + 1e-6)


@pytest.mark.filterwarnings("ignore::qleap.core.errors.ConvergenceWarning")
def test_other_minima_are_listed_with_their_chi_square_and_doubted_if_close() -> None:
    close = 0
    for seed in (0, 3):
        data = spectrum([0.59, 0.91, 2.99], 1.2e-2, seed, errors=True)
        fit = fit_hamiltonian(data, EQUAL)
        shapes = [
            canonical_field(one.field) for one in (*fit.equivalents[:1], *fit.rivals)
        ]
        for k, shape in enumerate(shapes[1:]):
            assert min(np.linalg.norm(shapes[: k + 1] - shape, axis=1)) > 1e-5
            near = lowest_near(data, fit.rivals[k].field) - fit.fit.cost
            assert_allclose(fit.rivals[k].excess, near, rtol=1e-2, atol=0.05)
        excess = [one.excess for one in fit.rivals]
        assert excess == sorted(excess)
        told = [one for one in fit.doubts if one.startswith("another field, (")]
        assert len(told) == sum(one < 9.0 for one in excess)
        assert fit.to_dict()["rival_excess"] == excess
        close += len(told)
    assert close > 0
