"""Batched energies against LAPACK, degeneracies and wide ranges included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.simd import host_bits, host_lanes
from qleap.sensing._kernels.eigenstates import affine_eigenstates as states_kernel
from qleap.sensing._kernels.spectra import affine_energies as kernel
from qleap.sensing._reference.eigenstates import affine_eigenstates as states_reference
from qleap.sensing._reference.spectra import affine_energies as reference
from qleap.sensing.spins import spectra

Matrix = NDArray[np.complex128]
LANES = host_lanes(8, 2 * host_bits())
SIZES = (1, 2, 3, 4, 5, 6, 9, 12, 16, 18, 27, 32)


def hermitian(rng: np.random.Generator, count: int, size: int) -> Matrix:
    made = rng.normal(size=(count, size, size, 2)) @ np.array([1.0, 1j])
    return np.asarray(made + made.conj().swapaxes(-1, -2))


def relative_error(static: Matrix, terms: Matrix, shares: NDArray[np.float64]) -> float:
    """Return the largest error over the size of what each matrix is the sum of."""
    found = kernel(static, terms, shares, LANES)
    expected = reference(static, terms, shares, LANES)
    size = np.linalg.norm(static, 2) + np.abs(shares) @ np.linalg.norm(
        terms, 2, axis=(1, 2)
    )
    error = np.abs(found - expected).max(axis=1)
    assert np.all(error[size == 0.0] == 0.0)
    return float(np.max(error / np.where(size == 0.0, 1.0, size)))


@pytest.mark.parametrize("size", SIZES)
def test_energies_of_random_matrices_are_those_of_lapack(
    size: int, rng: np.random.Generator
) -> None:
    parts = hermitian(rng, 4, size)
    shares = rng.normal(size=(203, 3))
    assert relative_error(parts[0], parts[1:], shares) < 1e-14


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 9),
    st.integers(0, 3),
    st.floats(-14.0, 0.0),
)
def test_energies_hold_near_degeneracies(
    seed: int, size: int, kinds: int, exponent: float
) -> None:
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, kinds + 1, size=size).astype(float)
    vectors, _ = np.linalg.qr(hermitian(rng, 1, size)[0])
    nearly = (vectors * levels) @ vectors.conj().T
    terms = hermitian(rng, 2, size)
    shares = 10.0**exponent * rng.normal(size=(19, 2))
    assert relative_error(nearly, terms, shares) < 1e-14


SPECIAL = {
    "zero": np.zeros((9, 9)),
    "one": np.eye(9),
    "ones": np.ones((9, 9)),
    "chain": np.eye(9, k=1) + np.eye(9, k=-1),
    "mirror": np.fliplr(np.eye(9)),
    "graded": np.diag(10.0 ** -np.arange(0.0, 90.0, 10.0)),
    "blocks": np.kron(np.diag([1.0, 1.0, -2.0]), np.ones((3, 3))),
    "tiny": 1e-200 * np.ones((9, 9)),
    "nearly diagonal": np.diag(np.arange(9.0)) + 1e-160 * np.ones((9, 9)),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_matrices_that_fall_apart_are_no_trouble(name: str) -> None:
    matrix: Matrix = SPECIAL[name].astype(np.complex128)
    assert relative_error(matrix, 0.0 * matrix[None], np.ones((3, 1))) < 1e-14


def test_lanes_of_very_different_size_do_not_disturb_each_other(
    rng: np.random.Generator,
) -> None:
    terms = hermitian(rng, 3, 9)
    sizes = 10.0 ** rng.uniform(-12.0, 0.0, size=(400, 1))
    shares = sizes * rng.normal(size=(400, 3))
    assert relative_error(0.0 * terms[0], terms, shares) < 1e-14


@pytest.mark.slow
@pytest.mark.parametrize("bits", [128, 512])
def test_energies_are_the_same_at_every_vector_width(
    bits: int, rng: np.random.Generator
) -> None:
    parts, shares = hermitian(rng, 2, 6), rng.normal(size=(37, 1))
    found = kernel(parts[0], parts[1:], shares, host_lanes(8, bits))
    expected = reference(parts[0], parts[1:], shares, LANES)
    assert_allclose(found, expected, rtol=0.0, atol=1e-13)


def check_states(static: Matrix, terms: Matrix, shares: NDArray[np.float64]) -> None:
    """Hold energies against LAPACK, and the states against what they are."""
    energies, states = states_kernel(static, terms, shares, LANES)
    expected, _ = states_reference(static, terms, shares, LANES)
    matrices = static + np.tensordot(shares, terms, axes=1)
    size = np.linalg.norm(static, 2) + np.abs(shares) @ np.linalg.norm(
        terms, 2, axis=(1, 2)
    )
    residual = np.abs(matrices @ states - states * energies[:, None, :])
    assert np.all(np.abs(energies - expected).max(axis=1) <= 1e-14 * size)
    assert np.all(residual.max(axis=(1, 2)) <= 1e-14 * size)
    one = states.conj().swapaxes(-1, -2) @ states
    assert_allclose(one, np.broadcast_to(np.eye(len(static)), one.shape), atol=2e-14)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 9, 16, 24])
def test_states_of_random_matrices_are_orthonormal_and_belong_to_their_energies(
    size: int, rng: np.random.Generator
) -> None:
    parts = hermitian(rng, 4, size)
    check_states(parts[0], parts[1:], rng.normal(size=(53, 3)))


@pytest.mark.parametrize("name", SPECIAL)
def test_states_of_matrices_that_fall_apart_are_no_trouble(name: str) -> None:
    matrix: Matrix = SPECIAL[name].astype(np.complex128)
    check_states(matrix, 0.0 * matrix[None], np.ones((3, 1)))


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.floats(-14.0, 0.0))
def test_states_hold_near_degeneracies(seed: int, size: int, exponent: float) -> None:
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 3, size=size).astype(float)
    vectors, _ = np.linalg.qr(hermitian(rng, 1, size)[0])
    nearly = (vectors * levels) @ vectors.conj().T
    shares = 10.0**exponent * rng.normal(size=(19, 2))
    check_states(nearly, hermitian(rng, 2, size), shares)


@pytest.mark.parametrize(("size", "n"), [(3, 2), (3, 150), (30, 2), (97, 2)])
def test_batches_keep_their_shape(size: int, n: int, rng: np.random.Generator) -> None:
    parts, shares = hermitian(rng, 3, size), rng.normal(size=(n, 5, 2))
    found = spectra.affine_energies(parts[0], parts[1:], shares)
    energies, states = spectra.affine_eigenstates(parts[0], parts[1:], shares)
    assert found.shape == (n, 5, size)
    assert states.shape == (n, 5, size, size)
    whole = parts[0] + np.einsum("...k,kij->...ij", shares, parts[1:])
    assert_allclose(found, energies, rtol=0.0, atol=1e-12)
    assert_allclose(whole @ states, states * energies[..., None, :], atol=1e-12)


def test_threads_return_what_one_thread_returns(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, shares = hermitian(rng, 3, 4), rng.normal(size=(501, 2))
    alone = spectra.affine_energies(parts[0], parts[1:], shares)
    states = spectra.affine_eigenstates(parts[0], parts[1:], shares)
    monkeypatch.setattr(spectra, "_PART", 100)
    monkeypatch.setattr(spectra, "_STATES_PART", 100)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    together = spectra.affine_energies(parts[0], parts[1:], shares)
    assert_allclose(together, alone, rtol=0.0, atol=1e-13)
    divided = spectra.affine_eigenstates(parts[0], parts[1:], shares)
    assert_allclose(divided[0], states[0], rtol=0.0, atol=1e-13)
    assert divided[1].shape == states[1].shape
