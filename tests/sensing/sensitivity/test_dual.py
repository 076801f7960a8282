"""Derivatives carried along, held against calculus done by hand and complex steps."""

from collections.abc import Callable
from typing import Any

import numpy
import pytest
from numpy.testing import assert_allclose
from scipy import special

from qleap.core.errors import InvalidKind
from qleap.sensing.sensitivity import Dual, differentiate

np: Any = numpy  # its functions return duals here, which its types do not say

X = np.linspace(0.15, 0.85, 7)
STEP = 1e-30


@pytest.mark.parametrize("function", [
    np.negative, np.positive, np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10,
    np.log1p, np.sqrt, np.square, np.reciprocal, np.sin, np.cos, np.tan, np.arcsin,
    np.arccos, np.arctan, np.sinh, np.cosh, np.tanh, special.erf, special.erfc,
    special.wofz, lambda x: x**2.5, lambda x: 2.0**x, lambda x: x**x,
    lambda x: (1 + x) / (2 - x), lambda x: 3.0 / x - x / 3.0,
])  # fmt: skip
def test_functions_have_the_slope_of_a_complex_step(function: Any) -> None:
    # Squire and Trapp, SIAM Rev. 40, 110 (1998): Im f(x + ih) / h, no cancellation
    found = function(Dual(X, np.ones((1, 7))))
    stepped = function(X + 1j * STEP)
    if function is special.wofz:  # complex on the real axis: w' = -2 z w + 2i/sqrt(pi)
        expected = -2.0 * X * special.wofz(X) + 2j / np.sqrt(np.pi)
    else:
        expected = stepped.imag / STEP
    assert_allclose(found.slopes[0], expected, rtol=1e-13)
    assert_allclose(found.value, function(X), rtol=1e-15)


@pytest.mark.parametrize(("function", "by_a", "by_b"), [
    (np.arctan2, lambda a, b: b / (a * a + b * b), lambda a, b: -a / (a * a + b * b)),
    (np.hypot, lambda a, b: a / np.hypot(a, b), lambda a, b: b / np.hypot(a, b)),
    (np.maximum, lambda a, b: 1.0 * (a > b), lambda a, b: 1.0 * (b > a)),
    (np.minimum, lambda a, b: 1.0 * (a < b), lambda a, b: 1.0 * (b < a)),
])  # fmt: skip
def test_functions_of_two_have_both_slopes(
    function: Any, by_a: Callable[..., Any], by_b: Callable[..., Any]
) -> None:
    for a, b in ((0.3, 0.8), (1.1, 0.2)):
        value, slopes = differentiate(function_of_two(function), {"a": a, "b": b})
        assert_allclose(value, function(a, b))
        assert_allclose(slopes, [by_a(a, b), by_b(a, b)], rtol=1e-14)


def function_of_two(function: Any) -> Callable[..., Any]:
    return lambda a, b: function(a, b)


def test_scalars_and_arrays_broadcast() -> None:
    grid = np.arange(6.0).reshape(2, 3)
    value, slopes = differentiate(lambda a, b: a * grid + b, {"a": 2.0, "b": 1.0})
    assert_allclose(value, 2.0 * grid + 1.0)
    assert_allclose(slopes, [grid, np.ones((2, 3))])
    row = Dual(np.arange(3.0), np.ones((1, 3)))
    assert (row + np.ones((4, 2, 3))).slopes.shape == (1, 4, 2, 3)


def test_linear_algebra_follows_the_product_rule() -> None:
    rng = np.random.default_rng(1)
    m, dm = rng.normal(size=(2, 4, 4))
    v, dv = rng.normal(size=(2, 4))
    matrix, vector = Dual(m, dm[None]), Dual(v, dv[None])
    assert_allclose((matrix @ vector).slopes[0], dm @ v + m @ dv)
    assert_allclose((vector @ matrix).slopes[0], dv @ m + v @ dm)
    assert_allclose((vector @ vector).slopes[0], 2.0 * v @ dv)
    assert_allclose((matrix @ matrix).slopes[0], dm @ m + m @ dm)
    assert_allclose((m @ matrix.T).slopes[0], m @ dm.T)
    squared = np.einsum("ij,jk->ik", matrix, matrix)
    assert_allclose(squared.slopes[0], dm @ m + m @ dm)
    assert_allclose(np.trace(matrix).slopes[0], np.trace(dm))
    solved = np.linalg.solve(matrix, vector)
    assert_allclose(matrix.value @ solved.slopes[0] + dm @ solved.value, dv, atol=1e-12)
    assert_allclose(
        np.linalg.inv(matrix).slopes[0], -np.linalg.inv(m) @ dm @ np.linalg.inv(m)
    )
    stack = np.stack([m, m.T])
    assert (stack @ matrix).slopes.shape == (1, 2, 4, 4)
    assert_allclose((stack @ vector).slopes[0], stack @ dv)


def test_levels_move_by_hellmann_and_feynman() -> None:
    # two levels: +- sqrt(d^2 + b^2), slope b / sqrt(d^2 + b^2)
    z, x = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
    _, slopes = differentiate(
        lambda b: np.linalg.eigvalsh(z + b * x), {"b": 0.7}
    )  # fmt: skip
    assert_allclose(slopes[0], np.array([-0.7, 0.7]) / np.hypot(1.0, 0.7), rtol=1e-14)


def test_sums_pieces_and_branches_carry_their_slopes() -> None:
    x = Dual(np.array([-1.0, 2.0, 3.0]), np.eye(3))
    assert_allclose(np.sum(x * x).slopes, [-2.0, 4.0, 6.0])
    assert_allclose(np.mean(x).slopes, np.full(3, 1 / 3))
    assert_allclose(np.abs(x).slopes, np.diag([-1.0, 1.0, 1.0]))
    assert_allclose(np.where(x > 0, x, 0.0).slopes, np.diag([0.0, 1.0, 1.0]))
    assert_allclose(np.concatenate([x, [5.0]]).slopes[:, :3], np.eye(3))
    assert_allclose(np.stack([x, x])[1, 2].slopes, [0.0, 0.0, 1.0])
    assert_allclose(np.cumsum(x).slopes[:, 2], np.ones(3))
    assert_allclose(np.clip(x, 0.0, 2.5).slopes, np.diag([0.0, 1.0, 0.0]))
    phasor = np.exp(1j * x)
    assert_allclose(np.abs(phasor).slopes, np.zeros((3, 3)), atol=1e-15)
    assert_allclose(np.real(phasor).slopes, np.diag(-np.sin(x.value)))
    assert_allclose((phasor * phasor.conj()).imag.slopes, 0.0, atol=1e-15)
    assert_allclose(np.sinc(x).slopes[0, 0], 1.0, rtol=1e-14)  # sinc'(-1) = 1
    assert_allclose(np.floor(x).slopes, 0.0)
    assert_allclose(np.sum(x.reshape(3, 1), axis=0).slopes, np.ones((3, 1)))


def test_functions_without_a_complex_step_have_their_slopes_too() -> None:
    x = Dual(X, np.ones((1, 7)))
    assert_allclose(np.cbrt(x).slopes[0], X ** (-2 / 3) / 3.0, rtol=1e-14)
    assert_allclose(np.deg2rad(x).slopes[0], np.pi / 180.0)
    assert_allclose(np.rad2deg(x).slopes[0], 180.0 / np.pi)
    logistic = 1.0 / (1.0 + np.exp(-X))
    assert_allclose(special.expit(x).slopes[0], logistic * (1.0 - logistic))
    for place in (1e-9, 1e-3, 9.9e-3, 1.1e-2, 0.3):  # both sides of the series
        z = np.longdouble(np.pi) * np.longdouble(place)
        exact = np.pi * (z * np.cos(z) - np.sin(z)) / z**2
        if place < 1e-8:
            exact = -np.pi * z / 3.0
        found = np.sinc(Dual(place, [1.0])).slopes[0]
        assert_allclose(found, float(exact), rtol=2e-11)


def test_zero_to_a_power_is_flat_or_straight() -> None:
    zero = Dual(np.zeros(3), np.ones((1, 3)))
    assert_allclose((zero ** np.array([0, 1, 2])).slopes, [[0.0, 1.0, 0.0]])


def test_a_lost_derivative_is_an_error() -> None:
    with pytest.raises(InvalidKind, match="use NumPy functions"):
        differentiate(lambda x: float(x), {"x": 1.0})
    with pytest.raises(InvalidKind, match=r"np\.stack"):
        differentiate(lambda x: np.array([x, x]), {"x": 1.0})
    with pytest.raises(TypeError):
        differentiate(lambda x: special.gamma(x), {"x": 1.0})
    with pytest.raises(TypeError):
        differentiate(lambda x: np.sort(x + np.arange(3.0)), {"x": 1.0})


def test_a_model_without_the_parameters_has_no_slope() -> None:
    value, slopes = differentiate(lambda x: np.ones(3) + 0 * (x > 0), {"x": 1.0})
    assert_allclose(value, 1.0)
    assert slopes.shape == (1, 3)
    assert not slopes.any()
