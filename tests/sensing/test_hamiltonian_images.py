"""Which images of a field are allowed: by what is held, by limits, by biases."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from qleap.sensing import Spectrum, Trace
from qleap.sensing.fitting.hamiltonian_errors import (
    lines_stand_out,
    with_bounded_errors,
)
from qleap.sensing.fitting.hamiltonian_images import field_image, turn_image
from qleap.sensing.fitting.hamiltonian_joint import match_orientation
from qleap.sensing.fitting.hamiltonian_minima import (
    find_equivalents,
    nudged,
)
from qleap.sensing.fitting.solve import solve
from qleap.sensing.fitting.trace import Problem, make_problem
from qleap.sensing.models import HamiltonianSpectrum
from qleap.sensing.nv.axes import cube_symmetries
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.strain import Strain

X = np.linspace(2.72e9, 3.02e9, 151)
NOISE = 5e-4
FIELD = np.array([0.4e-3, 1.1e-3, 2.1e-3])


def values_of(model: HamiltonianSpectrum, **more: float) -> np.ndarray[Any, Any]:
    usual = {"zero_field_splitting": 2.87e9, "background": 1.0, **more}
    for name in model.names:
        if name.startswith("fwhm"):
            usual.setdefault(name, 6e6)
        if name.startswith("contrast"):
            usual.setdefault(name, 0.02)
    usual |= dict(zip(("field_x", "field_y", "field_z"), FIELD, strict=True))
    return np.array([usual.get(name, 0.0) for name in model.names])


def problem_of(*models: HamiltonianSpectrum, **options: Any) -> Problem:
    traces = [
        Trace(x=X, y=one.evaluate(X, values_of(one)), error=np.full(X.size, NOISE))
        for one in models
    ]
    return make_problem(traces, models, **options)


def count(*models: HamiltonianSpectrum, **options: Any) -> int:
    fit = solve(problem_of(*models, **options), values_of(models[0]), 100)
    return len(find_equivalents(fit, models))


def test_limits_and_held_components_exclude_images() -> None:
    model = HamiltonianSpectrum()
    assert count(model) == 48
    # of three components one sign is known
    assert count(model, limits={"field_x": (0.0, 1.0)}) == 24
    limits = {"field_x": (0.0, 1.0), "field_y": (0.0, 1.0), "field_z": (0.0, 1.0)}
    assert count(model, limits=limits) == 6
    assert count(model, fixed={"field_x": FIELD[0]}) == 8
    assert count(model, fixed={"field_x": FIELD[0], "field_y": FIELD[1]}) == 2


def test_biases_leave_images_that_are_the_same_for_all() -> None:
    along = HamiltonianSpectrum(bias=(0.0, 0.0, 1e-3))
    # what leaves the third component and its bias as they are: eight symmetries
    assert count(HamiltonianSpectrum(), along) == 8


def test_a_nudge_leaves_what_is_held() -> None:
    model = HamiltonianSpectrum()
    problem = problem_of(model, fixed={"field_y": FIELD[1]})
    moved = nudged(problem, (model,), values_of(model))
    width = 6e6 / 28.03e9
    assert_allclose(moved[:3] - FIELD, [0.1 * width, 0.0, 0.6 * width], rtol=1e-3)
    assert_allclose(moved[3:], values_of(model)[3:])


def test_strain_of_the_centre_adds_to_that_of_the_model() -> None:
    strained = NVCentre(strain=Strain(m_z=2e6, m_x=3e6, m_y=-1e6))
    plain, own = (
        HamiltonianSpectrum(strain="common"),
        HamiltonianSpectrum(centre=strained),
    )
    known = values_of(plain, zero_field_splitting=2.872e9, m_x=3e6, m_y=-1e6)
    assert_allclose(own.positions(values_of(own)), plain.positions(known), atol=1.0)


def test_scales_do_not_vanish_with_fields_turns_and_strain() -> None:
    model = HamiltonianSpectrum(turned=True, strain="common")
    values = np.zeros(len(model.names))
    found = dict(zip(model.names, model.scales(X, values), strict=True))
    assert found["field_x"] == found["field_z"] == 1e-3
    assert found["turn_y"] == 0.1
    assert found["m_x"] == found["m_y"] == 1e5
    assert found["background"] == 1e-12
    large = dict(zip(model.names, model.scales(X, values - 7.0), strict=True))
    assert large["field_x"] == large["background"] == 7.0


@pytest.mark.parametrize("strain", ["axial", "common", "axes"])
def test_images_with_all_parameters_of_axes_have_the_same_spectrum(strain: str) -> None:
    rng = np.random.default_rng(5)
    model = HamiltonianSpectrum(
        strain=strain, widths="axes", contrasts="lines", bias=(2e-4, -1e-4, 3e-4)
    )
    values = values_of(model)
    for k, name in enumerate(model.names):
        if name.startswith("m_"):
            values[k] = rng.normal(scale=3e6)
        elif name.startswith(("fwhm", "contrast")):
            values[k] *= rng.uniform(0.7, 1.3)
    y, compared = model.evaluate(X, values), 0
    for symmetry in cube_symmetries():
        image = field_image(model, values, symmetry)
        assert image is not None
        if strain == "common" and not np.allclose(
            np.abs(symmetry), np.eye(3)
        ):  # only signs leave one strain for all frames
            continue
        assert_allclose(model.evaluate(X, image), y, atol=1e-9)
        compared += 1
    assert compared == (48 if strain != "common" else 8)


def test_a_turned_crystal_keeps_the_field_and_the_spectrum() -> None:
    model = HamiltonianSpectrum(turned=True, contrasts="axes")
    values = values_of(model, turn_x=0.1, turn_y=-0.2, turn_z=0.05, contrast_2=0.03)
    for symmetry in cube_symmetries():
        if np.linalg.det(symmetry) > 0.0:
            image = turn_image(model, values, symmetry)
            assert np.array_equal(image[:3], values[:3])
            assert_allclose(
                model.evaluate(X, image), model.evaluate(X, values), atol=1e-9
            )


def test_bounds_of_errors_are_those_of_a_bayesian_with_wide_priors() -> None:
    model = HamiltonianSpectrum(turned=True, thermometer=True)
    values = values_of(model, temperature=300.0)
    rng = np.random.default_rng(3)
    y = model.evaluate(X, values) + NOISE * rng.standard_normal(X.size)
    for error in (np.full(X.size, 1e-3), None):
        problem = make_problem([Trace(x=X, y=y, error=error)], [model])
        fit = solve(problem, values, 100)
        data = Spectrum(frequency=X, signal=y, error=error)
        found = with_bounded_errors(fit, (model,), (data,))
        errors = dict(zip(fit.names, found.standard_errors, strict=True))
        # turns and fields are not known apart: the width of their priors is left
        turns = [errors[f"turn_{axis}"] for axis in "xyz"]
        assert all(0.1 < one < np.pi for one in turns)
        # what is known keeps its error, scaled to the scatter where none is given
        size = 1e-3 if error is not None else np.sqrt(fit.cost / (X.size - 10))
        slopes = problem.jacobian(fit.values) * (1.0 if error is None else 1e-3)
        at = [fit.names.index(name) for name in ("temperature", "fwhm", "contrast")]
        exact = np.sqrt(
            np.diag(
                np.linalg.pinv(
                    slopes.T
                    @ slopes
                    / np.outer(*(2 * [np.linalg.norm(slopes, axis=0)])),
                    rcond=1e-9,
                )
            )
        )
        exact = size * exact / np.linalg.norm(slopes, axis=0)
        assert_allclose(found.standard_errors[at], exact[at], rtol=0.02)
    robust = solve(make_problem(problem.traces, [model], loss="huber"), values, 100)
    assert with_bounded_errors(robust, (model,), (data,)) is robust


def test_lines_stand_out_by_the_same_root_with_errors_and_without() -> None:
    model, rng = HamiltonianSpectrum(), np.random.default_rng(3)
    values = values_of(model, contrast=2e-3)
    y = model.evaluate(X, values) + NOISE * rng.standard_normal(X.size)
    roots = []
    for error in (np.full(X.size, NOISE), None):
        problem = make_problem([Trace(x=X, y=y, error=error)], [model])
        seen, root = lines_stand_out(solve(problem, values, 100))
        assert seen
        roots.append(root)
    level = np.ones((X.size, 1))
    flat = y - level @ np.linalg.lstsq(level, y)[0]
    rest = y - model.evaluate(X, values)
    expected = np.sqrt(flat @ flat - rest @ rest) / NOISE
    assert_allclose(roots[0], expected, rtol=0.1)
    assert_allclose(roots[1], roots[0], rtol=0.2)


@pytest.mark.parametrize("reversed_field", [False, True])
def test_three_fields_known_up_to_the_cube_give_field_and_orientation(
    reversed_field: bool,
) -> None:
    turn = Rotation.from_rotvec([0.2, -0.1, 0.3]).as_matrix()
    biases = np.array([[0.0, 0, 0], [1e-3, 0.2e-3, 0], [0.1e-3, 0, 1.5e-3]])
    images = cube_symmetries()
    # the first field is seen as one of its images, perhaps one that reverses it
    first = -np.eye(3) if reversed_field else images[5]
    seen = np.array([
        image @ turn @ (FIELD + bias)
        for image, bias in zip((first, images[17], images[40]), biases, strict=True)
    ])  # fmt: skip
    found = match_orientation(seen, biases, np.eye(3))
    fields = np.array([field for field, _ in found])
    k = int(np.argmin(np.linalg.norm(fields - FIELD, axis=1)))
    assert_allclose(found[k][0], FIELD, atol=1e-9)
    assert_allclose(found[k][1], turn, atol=1e-6)
    assert np.linalg.det(found[0][1]) > 0.0
    assert len(found) > 1
