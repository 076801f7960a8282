"""Kernels against their NumPy twins."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.sensing._kernels import lines as line_kernels
from qleap.sensing._kernels import spin_one as spin_kernels
from qleap.sensing._reference import lines as line_reference
from qleap.sensing._reference import spin_one as spin_reference

hertz = st.floats(-1e10, 1e10)
zero_fields = st.tuples(hertz, hertz, hertz, hertz, hertz).map(np.array)
fields = st.lists(st.tuples(hertz, hertz, hertz), min_size=1, max_size=5).map(np.array)
lines = st.lists(
    st.tuples(
        st.floats(2.7e9, 3.0e9),
        st.floats(1e4, 1e8),
        st.floats(-0.1, 0.1),
        st.one_of(st.just(1.0), st.floats(0.0, 1.0)),
    ),
    min_size=1,
    max_size=8,
).map(np.array)
FREQUENCY = np.linspace(2.7e9, 3.0e9, 41)
TRIPLET = np.array([-2.16e6, 0.0, 2.16e6])

Array = NDArray[np.float64]


@given(zeeman=fields, zero_field=zero_fields)
def test_spin_one_energies_equal_the_reference(
    zeeman: Array, zero_field: Array
) -> None:
    found = spin_kernels.spin_one_energies(zeeman, zero_field)
    expected = spin_reference.spin_one_energies(zeeman, zero_field)
    size = np.abs(expected).max()
    assert_allclose(found, expected, rtol=0.0, atol=4e-15 * size + 1e-30)


@given(exponent=st.floats(-12.0, 0.0), direction=st.tuples(hertz, hertz, hertz))
def test_nearly_degenerate_levels_keep_their_splitting(
    exponent: float, direction: tuple[float, float, float]
) -> None:
    # acos would be wrong by sqrt(eps) D = 43 Hz here; LAPACK and we by eps D.
    zeeman = 10.0**exponent * np.array([direction])
    zero_field = np.array([2.87e9, 0.0, 0.0, 0.0, 0.0])
    found = spin_kernels.spin_one_energies(zeeman, zero_field)
    expected = spin_reference.spin_one_energies(zeeman, zero_field)
    assert_allclose(np.diff(found), np.diff(expected), rtol=0.0, atol=2e-4)


def test_energies_do_not_depend_on_how_the_fields_lie_in_memory() -> None:
    zeeman = np.random.default_rng(1).normal(scale=1e8, size=(7, 3))
    zero_field = np.array([2.87e9, 1e6, 0.0, 0.0, 2e6])
    expected = spin_kernels.spin_one_energies(zeeman, zero_field)
    for view in (np.asfortranarray(zeeman), np.repeat(zeeman, 2, axis=0)[::2]):
        found = spin_kernels.spin_one_energies(view, zero_field)
        assert_allclose(found, expected, rtol=0.0, atol=1e-5)


def test_energies_without_any_term_are_zero() -> None:
    found = spin_kernels.spin_one_energies(np.zeros((2, 3)), np.zeros(5))
    assert_allclose(found, 0.0, atol=0.0)


@given(lines=lines)
def test_multiplet_sum_equals_the_reference(lines: Array) -> None:
    arguments = (FREQUENCY, lines, TRIPLET)
    assert_allclose(
        line_kernels.multiplet_sum(*arguments),
        line_reference.multiplet_sum(*arguments),
        rtol=1e-11,
        atol=1e-13,
    )


@given(lines=lines)
def test_multiplet_jacobian_equals_the_reference(lines: Array) -> None:
    arguments = (FREQUENCY, lines, TRIPLET)
    found = line_kernels.multiplet_jacobian(*arguments)
    expected = line_reference.multiplet_jacobian(*arguments)
    scale = np.abs(expected).max(axis=-1, keepdims=True)
    assert np.all(np.abs(found - expected) <= 1e-10 * scale + 1e-18)


@given(lines=lines)
def test_jacobian_is_the_derivative_of_the_sum(lines: Array) -> None:
    steps = np.array([1e-4, 1e-4, 1e-6, 1e-6])
    jacobian = line_kernels.multiplet_jacobian(FREQUENCY, lines, TRIPLET)
    scales = np.stack(
        [lines[:, 1], lines[:, 1], np.ones(len(lines)), np.ones(len(lines))]
    )
    for k in range(len(lines)):
        for column in range(4):
            step = steps[column] * scales[column, k]
            up, down = lines.copy(), lines.copy()
            up[k, column] += step
            down[k, column] -= step
            slope = (
                line_reference.multiplet_sum(FREQUENCY, up, TRIPLET)
                - line_reference.multiplet_sum(FREQUENCY, down, TRIPLET)
            ) / (2.0 * step)
            assert_allclose(
                jacobian[k, column] * scales[column, k],
                slope * scales[column, k],
                rtol=1e-4,
                atol=2e-6,
            )
