"""Kernels of the cluster expansion against their definitions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core import simd
from qleap.core.jit import kernel
from qleap.sensing._kernels import cce, echo
from qleap.sensing._kernels.jacobi import eigenvectors_of_lanes, overlaps_of_lanes
from qleap.sensing._reference import cce as cce_reference
from qleap.sensing._reference import echo as echo_reference
from qleap.sensing._reference import jacobi as jacobi_reference

LANES = simd.host_lanes(8)
CLUSTERS, PADDED = 11, 16


def matrices(d: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return Hermitian matrices, diagonal and degenerate ones among them."""
    h = rng.normal(size=(2, PADDED, d, d)) + 1j * rng.normal(size=(2, PADDED, d, d))
    h = 1e3 * (h + h.conj().swapaxes(-1, -2)) + 1e5 * np.diag(rng.normal(size=d))
    h[:, 1] = 0.0
    h[:, 2] = np.diag(np.arange(d) // 2)
    h[0, 3] = h[1, 3]
    parts = np.stack([h.real, h.imag], axis=1)
    return np.ascontiguousarray(np.moveaxis(parts, 2, -1))


@kernel
def _solve(
    matrix: NDArray[np.float64],
    start: int,
    energies: NDArray[np.float64],
    vectors: NDArray[np.float64],
    overlaps: NDArray[np.float64],
    lanes: tuple[int, ...],
) -> None:
    work = np.empty(vectors.size)
    eigenvectors_of_lanes(matrix, start, energies, vectors, work, lanes)
    overlaps_of_lanes(vectors, vectors, matrix.shape[1], overlaps, lanes)


@pytest.mark.parametrize("d", [2, 5, 16])
def test_lanes_are_diagonalised_like_their_definition(
    d: int, rng: np.random.Generator
) -> None:
    h, count = matrices(d, rng)[0], 1 << len(LANES)
    energies, vectors = np.empty(d * count), np.empty(2 * d * d * count)
    overlaps, expected = np.empty_like(vectors), np.empty_like(vectors)
    _solve(h, 0, energies, vectors, overlaps, LANES)
    jacobi_reference.overlaps_of_lanes(vectors, vectors, d, expected, LANES)
    assert_allclose(overlaps, expected, rtol=0.0, atol=1e-13)
    theirs, work = np.empty_like(energies), np.empty_like(vectors)
    jacobi_reference.eigenvectors_of_lanes(h, 0, theirs, expected, work, LANES)
    ours = np.sort(energies.reshape(d, count), axis=0)
    assert_allclose(ours, theirs.reshape(d, count), rtol=1e-13, atol=1e-7)
    for found, levels in ((vectors, energies), (expected, theirs)):
        re, im = found.reshape(2, d, d, count)
        v, e = np.moveaxis(re + 1j * im, -1, 0), levels.reshape(d, count).T
        whole = np.moveaxis(h[0] + 1j * h[1], -1, 0)[:count]
        again = np.einsum("nik,nk,njk->nij", v, e, v.conj())
        assert_allclose(again, whole, rtol=0.0, atol=2e-8)


@pytest.mark.parametrize("d", [2, 3, 4, 6, 8, 9, 16])
@pytest.mark.parametrize("even", [True, False])
def test_echoes_equal_their_definition(
    d: int, even: bool, rng: np.random.Generator
) -> None:
    h = matrices(d, rng)
    times = 2e-5 + 1e-5 * np.arange(24.0)
    if not even:
        times = times + 1e-6 * rng.normal(size=24)
    found = np.empty((CLUSTERS, 21), dtype=np.complex128)
    expected = np.empty_like(found)
    step = 1e-5 if even else 0.0
    echo.echo_coherences(h, times, step, found, LANES)
    echo_reference.echo_coherences(h, times, step, expected, LANES)
    assert_allclose(found, expected, rtol=0.0, atol=3e-13)


@pytest.mark.slow
def test_echoes_are_the_same_in_narrow_registers(rng: np.random.Generator) -> None:
    h, times = matrices(4, rng), 1e-5 * np.arange(16.0)
    found = np.empty((CLUSTERS, 16), dtype=np.complex128)
    expected = np.empty_like(found)
    lanes = simd.host_lanes(8, simd.NARROW)
    echo.echo_coherences(h, times, 1e-5, found, lanes)
    echo_reference.echo_coherences(h, times, 1e-5, expected, lanes)
    assert_allclose(found, expected, rtol=0.0, atol=1e-13)


def test_early_echoes_are_exact_relative_to_what_is_lost(
    rng: np.random.Generator,
) -> None:
    h = matrices(4, rng)
    times = np.array([1e-9, 2e-9, 4e-9, 8e-9, 1.6e-8, 3.2e-8, 6.4e-8, 1.28e-7])
    found = np.empty((CLUSTERS, 8), dtype=np.complex128)
    echo.echo_coherences(h, times, 0.0, found, LANES)
    lost = 1.0 - found[4:].real
    # An echo forgets static fields: what is lost begins with the fourth power.
    assert_allclose(lost[:, 6] / lost[:, 5], 16.0, rtol=1e-2)


@pytest.mark.parametrize("d", [2, 3, 4, 8])
@pytest.mark.parametrize("shares", [[1.0], [0.5, 0.5], [0.2, 0.5, 0.3], [0.1] * 10])
@pytest.mark.parametrize("pure", [True, False])
def test_sequences_equal_their_definition(
    d: int, shares: list[float], pure: bool, rng: np.random.Generator
) -> None:
    h, times = matrices(d, rng), 1e-5 * np.arange(16.0)
    initial = np.eye(d, dtype=np.complex128)[None]
    if pure:
        shape = (CLUSTERS, d, 1)
        initial = rng.normal(size=shape) + 1j * rng.normal(size=shape)
        initial /= np.linalg.norm(initial, axis=1, keepdims=True)
    found = np.empty((CLUSTERS, 13), dtype=np.complex128)
    expected = np.empty_like(found)
    parts = np.array(shares)
    cce.sequence_coherences(h, initial, parts, times, found, LANES)
    cce_reference.sequence_coherences(h, initial, parts, times, expected, LANES)
    assert_allclose(found, expected, rtol=0.0, atol=3e-13)


def test_parts_are_divided_out_once_each(rng: np.random.Generator) -> None:
    values = rng.normal(size=(5, 7)) + 1j * rng.normal(size=(5, 7))
    lower = 2.0 + 0.3 * np.exp(1j * rng.normal(size=(6, 7)))
    parts = rng.integers(-1, 6, size=(5, 3))
    product = rng.normal(size=7) + 1j * rng.normal(size=7)
    expected, expected_product = values.copy(), product.copy()
    cce.divide_out_parts(values, parts, lower, product)
    cce_reference.divide_out_parts(expected, parts, lower, expected_product)
    assert_allclose(values, expected, rtol=1e-12)
    assert_allclose(product, expected_product, rtol=1e-12)
