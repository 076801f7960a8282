"""Fits of the Hamiltonian to whole spectra: known truths, symmetry, measured data."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from qleap.core.errors import InvalidValue
from qleap.sensing import (
    HamiltonianFit,
    LineModel,
    Spectrum,
    fit_hamiltonian,
    fit_odmr,
    fit_trace,
    read_spectrum,
)
from qleap.sensing.models import Gaussian, HamiltonianSpectrum
from qleap.sensing.nv.axes import canonical_field

Array = NDArray[np.float64]
X = np.linspace(2.72e9, 3.02e9, 301)
FIELD = np.array([1.2e-3, -0.5e-3, 2.1e-3])
TILTED = Rotation.from_rotvec([0.3, -0.2, 0.5]).as_matrix()
COILS = np.array([[0, 0, 0], [1e-3, 0, 0], [0, 1.2e-3, 0], [0, 0, 0.9e-3]])


def truth(model: HamiltonianSpectrum, **values: float) -> Array:
    usual = {
        "zero_field_splitting": 2.8705e9,
        "temperature": 300.0,
        "fwhm": 5e6,
        "contrast": 0.02,
        "background": 1.0,
        **dict(zip(("field_x", "field_y", "field_z"), FIELD, strict=True)),
        **values,
    }
    return np.array([
        usual.get(name, usual.get(name.split("_")[0], 0.0)) for name in model.names
    ])  # fmt: skip


def measured(
    model: HamiltonianSpectrum,
    values: Array,
    rng: np.random.Generator,
    noise: float = 5e-4,
) -> Spectrum:
    signal = model.evaluate(X, values) + rng.normal(scale=noise, size=X.size)
    return Spectrum(frequency=X, signal=signal, error=np.full(X.size, noise))


def misses(fit: HamiltonianFit, field: Array = FIELD) -> Array:
    """Return the distance from the nearest equivalent field in standard errors."""
    nearest = min(fit.equivalents, key=lambda one: np.linalg.norm(one.field - field))
    own = fit.models[0].rotation(fit.fit.values) @ (nearest.field - field)
    errors = np.sqrt(np.diag(fit.field_covariance))
    return np.asarray(own / errors.mean())


def test_field_and_d_are_found_within_their_errors(rng: np.random.Generator) -> None:
    model = HamiltonianSpectrum()
    pulls = []
    for _ in range(14):
        field = rng.normal(size=3)
        field *= rng.uniform(1.5e-3, 4e-3) / np.linalg.norm(field)
        field = canonical_field(field)
        values = np.append(field, truth(model)[3:])
        data = measured(model, values, rng)
        fit = fit_trace(model, X, data.signal, data.error)
        assert fit.converged
        assert fit.reduced_chi_square < 1.4
        pulls.append((fit.values - values) / fit.standard_errors)
    assert np.abs(np.mean(pulls, axis=0)).max() < 0.9  # 0.27 expected
    assert_allclose(np.std(pulls, axis=0), 1.0, atol=0.6)  # 0.19 expected


def test_all_48_equivalent_fields_are_told(rng: np.random.Generator) -> None:
    model = HamiltonianSpectrum()
    fit = fit_hamiltonian(measured(model, truth(model), rng), model)
    assert len(fit.equivalents) == 48
    assert any("48 fields explain the spectra, 48" in s for s in fit.ambiguities)
    assert np.abs(misses(fit)).max() < 4.0
    assert_allclose(fit.magnitude.value, np.linalg.norm(FIELD), rtol=2e-3)
    assert_allclose(fit.equivalents[0].field, fit.field)
    assert fit.to_dict()["start"] == "the eight lines of fit_odmr"


def test_a_known_linear_drive_leaves_the_sign_alone_open(
    rng: np.random.Generator,
) -> None:
    model = HamiltonianSpectrum(drive=(0.2, 0.9, 0.4))
    fit = fit_hamiltonian(measured(model, truth(model), rng), model)
    assert len(fit.equivalents) == 2
    assert_allclose(fit.equivalents[1].field, -fit.field, atol=1e-9)
    assert np.abs(misses(fit)).max() < 4.0


def test_lines_that_have_merged_still_give_the_field(rng: np.random.Generator) -> None:
    model = HamiltonianSpectrum()
    for field in ([0.05e-3, 0.9e-3, 1.0e-3], [0.3e-3, 0.4e-3, 0.5e-3], [0, 0, 1.5e-3]):
        named = dict(zip(("field_x", "field_y", "field_z"), field, strict=True))
        values = truth(model, fwhm=9e6, **named)
        data = measured(model, values, rng)
        fit = fit_hamiltonian(data, model)
        assert fit.source == "a search over fields"
        assert fit.fit.reduced_chi_square < 1.3
        found = canonical_field(fit.field)
        error = np.sqrt(np.diag(fit.field_covariance)).max()
        assert np.abs(found - field).max() < max(5.0 * error, 3e-5)


def test_known_coil_fields_leave_one_field_and_the_temperature(
    rng: np.random.Generator,
) -> None:
    model = HamiltonianSpectrum(crystal_from_lab=TILTED, thermometer=True)
    data = [
        measured(replace(model, bias=tuple(b)), truth(model), rng) for b in COILS[:3]
    ]
    fit = fit_hamiltonian(data, model, biases=COILS[:3])
    assert len(fit.equivalents) == 1
    assert fit.ambiguities == ()
    assert np.abs((fit.field - FIELD) / fit.fit.standard_errors[:3]).max() < 4.0
    kelvin = fit.fit["temperature"]
    assert abs(kelvin.value - 300.0) < 4.0 * kelvin.standard_error
    assert kelvin.standard_error < 1.0
    assert "contrast_in_3" in fit.fit.names


def test_orientation_is_found_up_to_turns_of_the_cube(
    rng: np.random.Generator,
) -> None:
    model = HamiltonianSpectrum(crystal_from_lab=TILTED)
    data = [measured(replace(model, bias=tuple(b)), truth(model), rng) for b in COILS]
    fit = fit_hamiltonian(data, HamiltonianSpectrum(turned=True), biases=COILS)
    assert len(fit.orientations) == 24
    assert len(fit.equivalents) == 1
    assert np.abs((fit.field - FIELD) / fit.fit.standard_errors[:3]).max() < 4.0
    apart = [np.abs(one - TILTED).max() for one in fit.orientations]
    assert min(apart) < 5e-3


def test_strain_of_each_axis_is_found_from_several_biases(
    rng: np.random.Generator,
) -> None:
    model = HamiltonianSpectrum(strain="axes", crystal_from_lab=TILTED)
    values = truth(model)
    strained = [k for k, name in enumerate(model.names) if name.startswith("m_")]
    values[strained] = 1.5e6 * rng.normal(size=len(strained))
    coils = np.vstack([COILS, [-1.3e-3, 1e-3, 0.0]])
    data = [measured(replace(model, bias=tuple(b)), values, rng, 2e-4) for b in coils]
    start = dict(zip(("field_x", "field_y", "field_z"), FIELD + 1e-5, strict=True))
    fit = fit_hamiltonian(data, model, biases=coils, start=start)
    assert fit.fit.doubts == ()
    shared = [*range(4), *strained]
    pulls = [
        (fit.fit[model.names[k]].value - values[k])
        / fit.fit[model.names[k]].standard_error
        for k in shared
    ]
    assert np.abs(pulls).max() < 4.0
    assert fit.fit["m_z_1"].standard_error < 1e5


def test_transverse_strain_of_each_axis_is_doubted_from_one_spectrum(
    rng: np.random.Generator,
) -> None:
    model = HamiltonianSpectrum(strain="common")
    values = truth(model)
    data = measured(model, values, rng)
    problem = fit_trace(model, X, data.signal, data.error, priors={
        "m_x": Gaussian(0.0, 1e6), "m_y": Gaussian(0.0, 1e6)})  # fmt: skip
    # one combination of the two keeps the width of its prior
    k = [problem.names.index(name) for name in ("m_x", "m_y")]
    largest = np.linalg.eigvalsh(problem.covariance[np.ix_(k, k)])[-1]
    assert_allclose(np.sqrt(largest), 1e6, rtol=0.1)


def test_priors_weigh_the_same_without_errors_of_the_points(
    rng: np.random.Generator,
) -> None:
    model = HamiltonianSpectrum(strain="common")
    data = measured(model, truth(model), rng)
    priors = {"m_x": Gaussian(0.0, 3e5), "m_y": Gaussian(0.0, 3e5)}
    known = fit_trace(model, X, data.signal, data.error, priors=priors)
    free = fit_trace(model, X, data.signal, priors=priors)
    assert_allclose(free.standard_errors, known.standard_errors, rtol=0.15)
    assert_allclose(free.values[:4], known.values[:4], rtol=1e-4)


@pytest.mark.parametrize("hyperfine", ["none", "14N"])
@pytest.mark.parametrize("strain", ["none", "axial"])
def test_the_field_of_measured_dips_is_that_of_their_lines(
    strain: str, hyperfine: str, shared_data: Path
) -> None:
    data = read_spectrum(shared_data / "nv/arts_eight_dip/spectrum_01.txt")
    model = HamiltonianSpectrum(
        lines=LineModel(background="quadratic", hyperfine=hyperfine),
        contrasts="lines",
        widths="axes",
        strain=strain,
    )
    fit = fit_hamiltonian(data, model)
    lines = fit_odmr(data, n_lines=8)
    assert fit.fit.converged
    assert len(fit.equivalents) == 48
    vector = lines.field.vector
    assert vector is not None
    error = np.sqrt(np.diag(vector.covariance)[:3])
    assert np.all(np.abs(canonical_field(fit.field) - vector.field) < 2.5 * error)
    d = fit.fit["zero_field_splitting"]
    assert abs(d.value - 2870.85e6) < 0.5e6
    assert abs(fit.magnitude.value - 3.956e-3) < 0.03e-3


@pytest.mark.filterwarnings("ignore::qleap.core.errors.ConvergenceWarning")
def test_noise_is_not_taken_for_a_field(rng: np.random.Generator) -> None:
    for _ in range(4):
        noise = rng.normal(1.0, 1e-3, X.size)
        fit = fit_hamiltonian(Spectrum(frequency=X, signal=noise))
        assert fit.doubts[0].startswith("no line is seen")
    model = HamiltonianSpectrum()
    seen = fit_hamiltonian(measured(model, truth(model), rng, 3e-3))
    assert seen.doubts == ()


def test_counts_peaks_and_outliers_give_the_same_field(
    rng: np.random.Generator,
) -> None:
    model = HamiltonianSpectrum()
    clean = model.evaluate(X, truth(model))
    counts = rng.poisson(3e4 * clean).astype(float)
    peaks = 2.0 - clean + rng.normal(scale=5e-4, size=X.size)
    rough = clean + rng.normal(scale=5e-4, size=X.size)
    rough[::29] -= 0.02
    cases: list[tuple[Array, dict[str, Any]]] = [
        (counts, {"cost": "poisson"}),
        (peaks, {}),
        (rough, {"loss": "cauchy"}),
    ]
    for signal, options in cases:
        fit = fit_hamiltonian(Spectrum(frequency=X, signal=signal), model, **options)
        off = canonical_field(fit.field) - canonical_field(FIELD)
        assert np.abs(off).max() < 5.0 * np.sqrt(np.diag(fit.field_covariance)).max()
        assert len(fit.equivalents) == 48


DATA = Spectrum(frequency=X, signal=HamiltonianSpectrum().evaluate(
    X, truth(HamiltonianSpectrum())))  # fmt: skip


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_hamiltonian([]), "biases must be a field"),
        (
            lambda: fit_hamiltonian([DATA], biases=[0.0, 1.0]),
            "biases must have the shape",
        ),
        (lambda: fit_hamiltonian(DATA, fixed={"strain": 0.0}), "unknown key 'strain'"),
    ],
)
def test_what_is_wrong_is_said(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        call()
