"""The Hamiltonian of all axes as a model: derivatives, symmetries, other spectra."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from qleap.core.errors import InvalidValue
from qleap.sensing import LineModel, NVCentre, OdmrSpectrum, Spectrum, fit_trace
from qleap.sensing.fitting.hamiltonian_images import field_image, turn_image
from qleap.sensing.models import HamiltonianSpectrum, PowerBroadenedOdmr
from qleap.sensing.models.base import TraceModel
from qleap.sensing.nv.axes import (
    cube_symmetries,
    rotation_gradient,
    rotation_matrices,
)
from qleap.sensing.nv.gradient import axis_lines
from qleap.sensing.nv.photophysics import CwOdmrModel, fit_cw_odmr
from qleap.sensing.nv.strain import Strain

Array = NDArray[np.float64]
X = np.linspace(2.7e9, 3.05e9, 241)
TILTED = Rotation.from_rotvec([0.2, 0.5, -0.3]).as_matrix()
SIZES = {
    "field": (1e-3, 1e-3),
    "turn": (0.1, 0.3),
    "m_": (0.0, 2e6),
    "zero_field_splitting": (2.87e9, 1e6),
    "temperature": (310.0, 5.0),
    "fwhm": (4e6, 1e6),
    "contrast": (0.02, 0.005),
    "lorentzian_share": (0.6, 0.1),
    "background_slope": (0.0, 1e-10),
    "background_curvature": (0.0, 1e-18),
    "background": (1.0, 0.1),
}

MODELS: dict[str, HamiltonianSpectrum] = {
    "plain": HamiltonianSpectrum(),
    "everything": HamiltonianSpectrum(
        lines=LineModel(shape="pseudo-voigt", hyperfine="14N", background="quadratic"),
        crystal_from_lab=TILTED,
        turned=True,
        strain="axes",
        widths="axes",
        contrasts="lines",
        drive=(0.2, 0.5, 0.7),
        bias=(1e-3, 0.0, 2e-3),
    ),
    "thermometer of three axes": HamiltonianSpectrum(
        lines=LineModel(shape="gaussian", hyperfine="15N", background="linear"),
        axes=(0, 2, 3),
        thermometer=True,
        strain="common",
        contrasts="axes",
        turned=True,
        drive=(1.0, 2.0, 3.0),
    ),
    "axial": HamiltonianSpectrum(strain="axial", widths="lines"),
}
by_name = pytest.mark.parametrize("name", MODELS)


def draw(model: HamiltonianSpectrum, rng: np.random.Generator) -> Array:
    found = []
    for name in model.names:
        middle, spread = next(v for k, v in SIZES.items() if name.startswith(k))
        found.append(middle + spread * rng.uniform(-1.0, 1.0))
    return np.array(found)


@by_name
def test_derivatives_are_those_of_the_model(
    name: str, rng: np.random.Generator
) -> None:
    model = MODELS[name]
    values = draw(model, rng)
    found = model.jacobian(X, values)
    steps = [
        1e-4 * next(v for k, v in SIZES.items() if n.startswith(k))[1]
        for n in model.names
    ]
    for k, h in enumerate(steps):
        up, down = values.copy(), values.copy()
        up[k] += h
        down[k] -= h
        slope = (model.evaluate(X, up) - model.evaluate(X, down)) / (2.0 * h)
        size = np.abs(found[:, k]).max()
        assert_allclose(found[:, k], slope, atol=3e-5 * size, err_msg=model.names[k])


@by_name
def test_many_spectra_at_once_are_the_same_spectra(
    name: str, rng: np.random.Generator
) -> None:
    model = MODELS[name]
    values = np.array([draw(model, rng) for _ in range(5)])
    many = model._evaluate_many(X, values)
    assert_allclose(many, [model.evaluate(X, one) for one in values], rtol=1e-13)


def test_spectra_are_those_of_the_transitions() -> None:
    drive = (0.3, 0.5, 0.6)
    other = OdmrSpectrum(
        field=(1e-3, 2e-3, 3e-3),
        fwhm=3e6,
        contrast=0.02,
        drive=drive,
        crystal_from_lab=TILTED,
    )
    model = HamiltonianSpectrum(drive=drive, crystal_from_lab=TILTED)
    values = [1e-3, 2e-3, 3e-3, other.centre.zero_field_splitting, 3e6, 0.02, 1.0]
    assert_allclose(model.evaluate(X, values), other.evaluate(X), atol=1e-9)


def test_lines_with_strain_are_eigenvalues_of_a_hermitian_matrix(
    rng: np.random.Generator,
) -> None:
    strain = Strain(m_x=3e6, m_y=-2e6, m_z=1e6, n_x=4e6, n_y=-5e6)
    centre = NVCentre(strain=strain)
    field = rng.normal(size=3) * 1e-2
    matrix = centre.hamiltonian(field)
    assert_allclose(matrix, matrix.conj().T, atol=1e-6)
    energies = np.linalg.eigvals(matrix)  # of any matrix: real if it is Hermitian
    assert np.abs(energies.imag).max() < 1e-3
    energies = np.sort(energies.real)
    terms = strain.terms(centre.zero_field_splitting)
    found = axis_lines(field * centre.gyromagnetic_ratios, terms)
    assert_allclose(found.frequencies, energies[1:] - energies[0], rtol=1e-12)


@pytest.mark.parametrize("strain", ["none", "axial", "axes"])
def test_symmetries_of_the_cube_leave_the_spectrum_as_it_is(
    strain: str, rng: np.random.Generator
) -> None:
    model = HamiltonianSpectrum(
        strain=strain,
        widths="axes",
        contrasts="lines",
        crystal_from_lab=TILTED,
        turned=True,
        bias=(1e-3, 0.0, 0.0),
    )
    values = draw(model, rng)
    y = model.evaluate(X, values)
    symmetries = cube_symmetries()
    assert len(np.unique(symmetries.reshape(48, 9), axis=0)) == 48
    for symmetry in symmetries:
        image = field_image(model, values, symmetry)
        assert image is not None
        assert_allclose(model.evaluate(X, image), y, atol=1e-10)
        if np.linalg.det(symmetry) > 0.0:
            turned = turn_image(model, values, symmetry)
            assert_allclose(turned[:3], values[:3])
            assert_allclose(model.evaluate(X, turned), y, atol=1e-10)


def test_rotations_and_their_derivatives_are_those_of_scipy(
    rng: np.random.Generator,
) -> None:
    for size in (0.0, 1e-8, 1e-5, 1.0, 3.0):
        vector = size * rng.normal(size=3)
        matrix = Rotation.from_rotvec(vector).as_matrix()
        assert_allclose(rotation_matrices(vector), matrix, atol=1e-15)
        for k, step in enumerate(1e-6 * np.eye(3)):
            up, down = Rotation.from_rotvec([vector + step, vector - step]).as_matrix()
            slope = (up - down) / 2e-6
            assert_allclose(rotation_gradient(vector)[k], slope, atol=2e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strain": "tetragonal"}, "strain must be one of"),
        ({"axes": (0, 4)}, "axes must be some of"),
        ({"bias": (1.0, 2.0)}, "bias must be a vector of 3"),
        ({"drive": (0.0, 0.0, 0.0)}, "drive must be a vector of 3"),
        ({"crystal_from_lab": np.ones((3, 3))}, "must be a rotation matrix"),
        ({"lines": LineModel()}, "must be 'constant', 'linear' or 'quadratic'"),
    ],
)
def test_what_is_wrong_is_said(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        HamiltonianSpectrum(**options)


POWERED = CwOdmrModel(
    lines=(2.84e9, 2.90e9),
    pump_rate=3e6,
    rabi_frequency=4e5,
    dephasing_rate=3e5,
    brightness=1e-6,
)


def test_powers_behind_a_spectrum_are_found_like_any_parameters(
    rng: np.random.Generator,
) -> None:
    x = np.linspace(2.82e9, 2.92e9, 201)
    away = {"pump_rate": 1e6, "line_minus": 2.85e9, "brightness": 3e-6}
    model: TraceModel = PowerBroadenedOdmr(base=POWERED.with_values(away))
    truth = np.array([POWERED.value(name) for name in model.names])
    pulls = []
    for _ in range(3):
        y = POWERED.evaluate(x) + 2e-4 * rng.normal(size=x.size)
        fit = fit_trace(model, x, y, np.full(x.size, 2e-4))
        assert fit.converged
        pulls.append((fit.values - truth) / fit.standard_errors)
    assert np.abs(pulls).max() < 4.0
    data = Spectrum(frequency=x, signal=y, error=np.full(x.size, 2e-4))
    other = fit_cw_odmr(data, POWERED, model.names)
    assert_allclose(fit.values, [other.model.value(n) for n in model.names], rtol=1e-7)
    assert_allclose(fit.covariance, other.covariance, rtol=1e-4)


def test_derivatives_by_powers_are_those_of_the_model() -> None:
    x = np.linspace(2.82e9, 2.92e9, 51)
    model = PowerBroadenedOdmr(
        base=POWERED, free=(*PowerBroadenedOdmr.free, "background")
    )
    values = np.array([POWERED.value(name) for name in model.names])
    found = model.jacobian(x, values)
    for k, size in enumerate([1e6, 1e5, 1e5, 1e5, 1e-6, 1.0]):
        h = np.zeros(values.size)
        h[k] = 1e-4 * size
        slope = (model.evaluate(x, values + h) - model.evaluate(x, values - h)) / (
            2 * h[k]
        )
        assert_allclose(found[:, k], slope, atol=1e-6 * np.abs(slope).max())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PowerBroadenedOdmr(base=POWERED, free=()), "free must name"),
        (lambda: PowerBroadenedOdmr(base=POWERED, free=("power",)), "free must be one"),
    ],
)
def test_powers_that_are_none_are_refused(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        make()
