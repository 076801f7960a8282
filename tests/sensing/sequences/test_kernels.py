"""Kernels of sequences against their definitions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from qleap.core.simd import host_lanes
from qleap.sensing._kernels import chains as chain_kernels
from qleap.sensing._kernels import exponentials as kernels
from qleap.sensing._reference import chains as chain_reference
from qleap.sensing._reference import exponentials as reference

LANES = host_lanes(8)
Matrix = NDArray[np.complex128]


def matrices(*shape: int, seed: int = 0) -> Matrix:
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def hermitian(count: int, size: int) -> Matrix:
    plain = matrices(count, size, size)
    return 0.5 * (plain + plain.conj().swapaxes(1, 2))


@pytest.mark.parametrize("size", [1, 2, 3, 6, 9])
@pytest.mark.parametrize("norm", [0.0, 1e-9, 0.3, 2.0, 300.0])
def test_exponentials_equal_those_of_scipy(size: int, norm: float) -> None:
    generators = norm * hermitian(11, size)
    found = kernels.exponentials(generators, LANES)
    expected = reference.exponentials(generators, LANES)
    assert_allclose(found, expected, rtol=0.0, atol=4e-14 * max(1.0, norm))


def test_exponentials_of_what_decays_equal_those_of_scipy() -> None:
    generators = 3.0 * matrices(9, 4, 4)
    found = kernels.exponentials(generators, LANES)
    expected = reference.exponentials(generators, LANES)
    assert_allclose(found, expected, rtol=0.0, atol=1e-13 * np.abs(expected).max())


def test_one_matrix_gives_the_same_alone_and_among_others() -> None:
    generators = hermitian(8, 3)
    together = kernels.exponentials(generators, LANES)
    alone = kernels.exponentials(generators[5:6], LANES)
    assert_allclose(alone[0], together[5], rtol=0.0, atol=1e-15)


def test_magnus_generators_equal_the_reference() -> None:
    operators = hermitian(4, 5)
    coefficients = np.random.default_rng(1).normal(size=(13, 3, 4))
    found = kernels.magnus_generators(operators, coefficients, LANES)
    expected = reference.magnus_generators(operators, coefficients, LANES)
    assert_allclose(found, expected, rtol=0.0, atol=1e-13)


def test_magnus_steps_are_of_sixth_order() -> None:
    operators = hermitian(2, 3)

    def factors(time: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([np.cos(3.0 * time), np.sin(2.0 * time)], axis=-1)

    def slope(time: float, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        now = np.einsum("k,kij->ij", factors(np.array(time)), operators)
        state = flat.view(np.complex128).reshape(3, 3)
        return np.asarray((-1j * now @ state).ravel().view(np.float64))

    start = np.eye(3, dtype=np.complex128).ravel().view(np.float64)
    solved = solve_ivp(
        slope, (0.0, 1.0), start, method="DOP853", rtol=1e-13, atol=1e-14
    )
    exact = solved.y[:, -1].copy().view(np.complex128).reshape(3, 3)
    errors = []
    for steps in (4, 8):
        begin = np.arange(steps)[:, None] / steps
        times = begin + reference.NODES / steps
        generators = reference.magnus_generators(
            operators, factors(times) / steps, LANES
        )
        whole = np.eye(3, dtype=np.complex128)
        for step in reference.exponentials(generators, LANES):
            whole = step @ whole
        errors.append(np.abs(whole - exact).max())
    assert 50.0 < errors[0] / errors[1] < 90.0


@pytest.mark.parametrize("running", [False, True])
def test_chains_equal_the_reference(running: bool) -> None:
    rng = np.random.default_rng(2)
    gates, columns = matrices(2, 5, 3, 3) / 3.0, matrices(2, 4, 3, seed=1)
    index = rng.integers(-1, 5, size=(6, 4))
    angles = rng.normal(size=(2, 6, 5, 3)) * 30.0
    found = chain_kernels.chains(gates, index, angles, columns, running)
    expected = chain_reference.chains(gates, index, angles, columns, running)
    assert_allclose(found, expected, rtol=0.0, atol=1e-12 * np.abs(expected).max())
