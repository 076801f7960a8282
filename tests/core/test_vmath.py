"""Vectorisable functions against NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from qleap.core import vmath


@given(st.floats(-1e8, 1e8))
def test_sine_and_cosine_agree_with_numpy(x: float) -> None:
    assert_allclose(vmath.sincos(x), (np.sin(x), np.cos(x)), rtol=0.0, atol=3e-16)


@given(st.floats(-1e-3, 1e-3))
def test_small_sines_keep_their_relative_accuracy(x: float) -> None:
    assert_allclose(vmath.sincos(x)[0], np.sin(x), rtol=3e-16)


@given(st.floats(-1e8, 1e8), st.floats(-1e8, 1e8))
def test_angle_agrees_with_numpy(y: float, x: float) -> None:
    expected = np.arctan2(y + 0.0, x + 0.0)  # without signs of zero
    assert_allclose(vmath.atan2(y, x), expected, rtol=0.0, atol=5e-16)


@given(st.floats(-707.9, 709.78))
def test_exponential_agrees_with_numpy(x: float) -> None:
    assert_allclose(vmath.exp(x), np.exp(x), rtol=4e-16)


@given(st.floats(2.3e-308, 1.7e308))
def test_logarithm_agrees_with_numpy(x: float) -> None:
    assert_allclose(vmath.log(x), np.log(x), rtol=5e-16)


@given(st.floats(0.5, 2.0))
def test_logarithm_is_accurate_about_one(x: float) -> None:
    assert_allclose(vmath.log(x), np.log(x), rtol=5e-16)


def test_limits_are_those_of_the_standard() -> None:
    inf, nan = np.inf, np.nan
    assert_array_equal(
        [vmath.exp(x) for x in (inf, 710.0, -inf, -746.0, nan)],
        [inf, inf, 0.0, 0.0, nan],
    )
    assert_array_equal(
        [vmath.log(x) for x in (inf, 0.0, -1.0, -inf, nan)], [inf, -inf, nan, nan, nan]
    )
    assert np.isnan(vmath.sincos(nan)).all()


@pytest.mark.slow
def test_a_loop_of_them_is_compiled_to_vector_instructions() -> None:
    import numba

    from qleap.core import jit

    @numba.njit(error_model="numpy", fastmath=jit.REORDER)
    def fill(x, out):  # type: ignore[no-untyped-def]
        for i in range(x.size):
            sine, cosine = vmath.sincos(x[i])
            out[i] = sine + cosine + vmath.exp(x[i]) + vmath.log(x[i])

    if not hasattr(fill, "inspect_llvm"):
        pytest.skip("compilation is switched off (NUMBA_DISABLE_JIT)")
    x = np.linspace(0.1, 1.0, 64)
    fill(x, np.empty_like(x))
    assert "@llvm.fma.v" in "".join(fill.inspect_llvm().values())
