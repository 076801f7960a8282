"""Errors of Hamiltonian fits where first-order theory ends: merged lines, strain."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.sensing import LineModel, Spectrum, fit_hamiltonian, fit_traces
from qleap.sensing.models import Gaussian, HamiltonianSpectrum
from qleap.sensing.nv.axes import canonical_field

Array = NDArray[np.float64]
X = np.linspace(2.72e9, 3.02e9, 201)
NOISE = 5e-4
USUAL = {
    "zero_field_splitting": 2.8702e9, "fwhm": 6e6, "contrast": 0.02, "background": 1.0,
}  # fmt: skip


def spectrum(
    field: Any, rng: np.random.Generator, model: HamiltonianSpectrum | None = None,
    **more: float,
) -> Spectrum:  # fmt: skip
    model = model or HamiltonianSpectrum()
    named = dict(zip(("field_x", "field_y", "field_z"), field, strict=True))
    values = dict.fromkeys(model.names, 0.0) | USUAL | named | more
    y = model.evaluate(X, values) + rng.normal(scale=NOISE, size=X.size)
    return Spectrum(frequency=X, signal=y, error=np.full(X.size, NOISE))


@pytest.mark.parametrize("direction", [(0, 0, 1), (1, 1, 1), (0, 1, 1)])
def test_size_and_d_are_known_for_fields_along_symmetric_directions(
    direction: tuple[int, int, int], rng: np.random.Generator
) -> None:
    field = 1e-3 * np.array(direction) / np.linalg.norm(direction)
    data = spectrum(field, rng)
    fit = fit_hamiltonian(data)  # a contrast for each axis: not determined apart
    assert not any("no line is seen" in doubt for doubt in fit.doubts)
    d = fit.fit["zero_field_splitting"]
    assert abs(d.value - 2.8702e9) < 4.0 * max(d.standard_error, 2e4)
    assert d.standard_error < 1.5e5
    assert np.all(fit.fit.standard_errors[:3] < 0.03)  # and not 1e6 T
    common = HamiltonianSpectrum(lines=LineModel(background="linear"))
    fit = fit_hamiltonian(data, common)
    assert abs(fit.magnitude.value - 1e-3) < 5e-6
    assert fit.magnitude.standard_error < 2e-6
    assert fit.fit["zero_field_splitting"].standard_error < 3e4
    assert any("not that of a normal distribution" in s for s in fit.doubts)


def test_an_interval_holds_where_the_standard_error_does_not(
    rng: np.random.Generator,
) -> None:
    covered = 0
    for _ in range(3):
        fit = fit_hamiltonian(spectrum([0.0, 0.0, 1e-3], rng), HamiltonianSpectrum())
        across = int(np.argmin(np.abs(fit.field)))
        low, high = fit.fit.interval(f"field_{'xyz'[across]}", level=0.997)
        assert high - low < 1e-4
        covered += low < 0.0 < high
    assert covered == 3


def test_general_fields_have_normal_errors(rng: np.random.Generator) -> None:
    field = canonical_field(np.array([1.2e-3, -0.5e-3, 2.1e-3]))
    fit = fit_hamiltonian(spectrum(field, rng), HamiltonianSpectrum())
    assert fit.doubts == ()
    problem = fit.fit.problem
    start = dict(zip(fit.fit.names, fit.fit.values, strict=True))
    free = fit_traces(problem.traces, problem.models, start=start)
    assert_allclose(fit.fit.standard_errors, free.standard_errors, rtol=1e-3)


def test_transverse_strain_of_one_spectrum_has_a_prior_and_says_so(
    rng: np.random.Generator,
) -> None:
    model = HamiltonianSpectrum(strain="axes")
    field = np.array([0.4e-3, 1.1e-3, 2.1e-3])
    strain = {name: 1e6 * rng.normal() for name in model.names if name.startswith("m_")}
    data = spectrum(field, rng, model, **strain)
    fit = fit_hamiltonian(data, model)
    assert fit.fit.converged
    nearest = min(np.linalg.norm(one.field - field) for one in fit.equivalents)
    assert nearest < 4.0 * np.sqrt(np.trace(fit.field_covariance))
    (said,) = [doubt for doubt in fit.doubts if "priors alone" in doubt]
    assert "7 combinations of m_x_1" in said
    assert set(fit.fit.problem.priors) == {
        f"m_{c}_{k}" for c in "xy" for k in (1, 2, 3, 4)
    }
    assert max(fit.fit[name].standard_error for name in strain) <= 5e6
    assert fit.fit["m_z_1"].standard_error < 1e5
    own = fit_hamiltonian(
        data, model, priors={"m_x_1": Gaussian(0.0, 1e5)}, fixed={"m_y_1": 0.0}
    )
    assert own.fit.problem.priors["m_x_1"].standard_deviation == 1e5
    assert "m_y_1" not in own.fit.problem.priors


def test_a_field_is_found_where_noise_is_a_fifth_of_a_line(
    rng: np.random.Generator,
) -> None:
    x = np.linspace(2.70e9, 3.04e9, 341)
    model = HamiltonianSpectrum()
    field = [1.18e-3, 1.42e-3, 1.48e-3]
    for _ in range(2):
        y = model.evaluate(x, [*field, *USUAL.values()])
        y += rng.normal(scale=4e-3, size=x.size)
        data = Spectrum(frequency=x, signal=y, error=np.full(x.size, 4e-3))
        found = fit_hamiltonian(data, model)
        known = dict(zip(("field_x", "field_y", "field_z"), field, strict=True))
        begun = fit_hamiltonian(data, model, start=known)
        assert found.fit.cost < begun.fit.cost + 1.0
