"""The compiled propagation against its NumPy twin."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qleap.laser._kernels import gnlse as kernels
from qleap.laser._kernels import steps
from qleap.laser._reference import gnlse as reference
from qleap.laser._reference import steps as steps_reference

SIZES = st.integers(4, 11).map(lambda k: 1 << k)
SEEDS = st.integers(0, 2**31)
SIGNS = st.sampled_from([1.0, -1.0])


def pair(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((2, n))


def raman_like(n: int, seed: int) -> np.ndarray:
    response = pair(n // 2 + 1, seed) / n
    response[1, [0, -1]] = 0.0  # a real signal's response is real there
    return response


def whole(tables: np.ndarray) -> np.ndarray:
    return tables[1 : 1 + int(tables[0])]


def halved(tables: np.ndarray) -> np.ndarray:
    return tables[1 + int(tables[0]) :]


@given(SIZES, SEEDS, SIGNS)
def test_fourier_transform_equals_its_twin(n: int, seed: int, sign: float) -> None:
    ours, theirs = pair(n, seed), pair(n, seed)
    tables, work = reference.tables(n), np.empty((2, n))
    kernels.transform_into(whole(tables), sign, work, ours)
    reference.transform_into(whole(tables), sign, work, theirs)
    assert_allclose(ours, theirs, atol=1e-15 * n)


@given(SIZES, SEEDS)
def test_response_equals_its_twin(n: int, seed: int) -> None:
    ours, theirs = pair(n // 2, seed), pair(n // 2, seed)
    response, tables = raman_like(n, seed + 1), reference.tables(n)
    work = np.empty((2, n // 2))
    kernels.respond_into(response, halved(tables), work, ours)
    reference.respond_into(response, halved(tables), work, theirs)
    assert_allclose(ours, theirs, atol=1e-14)


def test_an_instantaneous_response_changes_nothing() -> None:
    n = 128
    response = np.zeros((2, n // 2 + 1))
    response[0] = 2.0 / n
    packed = pair(n // 2, 3)
    kernels.respond_into(
        response, halved(reference.tables(n)), np.empty((2, n // 2)), packed
    )
    assert_allclose(packed, pair(n // 2, 3), rtol=1e-12)


@given(SIZES, SEEDS, st.booleans())
def test_nonlinear_term_equals_its_twin(n: int, seed: int, delayed: bool) -> None:
    parts = pair(n, seed) / n
    coefficient = np.random.default_rng(seed).random(n) / n
    response = raman_like(n, seed) if delayed else np.empty((2, 0))
    results = []
    for module in (kernels, reference):
        out = np.empty(n, np.complex128)
        module.nonlinear_into(
            parts[0] + 1j * parts[1],
            coefficient,
            response,
            reference.tables(n),
            np.empty((2, n)),
            np.empty((2, n // 2)),
            np.empty((2, n)),
            out,
        )
        results.append(out)
    assert_allclose(results[0], results[1], atol=1e-14 * np.abs(results[1]).max())


def arrays(n: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(n) + 1j * rng.standard_normal(n) for _ in range(6)]


@given(st.integers(1, 300), SEEDS, st.floats(1e-3, 1e3))
def test_the_sums_of_a_step_equal_their_twins(n: int, seed: int, step: float) -> None:
    found = []
    for module in (steps, steps_reference):
        a, b, c, d, e, f = arrays(n, seed)
        module.first_half_into(a, b, c, step, d, e, f)
        module.middle_into(d, c, step, e, f)
        module.second_half_into(a, d, b, step, e, f)
        module.end_into(c, step, e)
        found.append(np.concatenate([d, e, f]))
    assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-12 * np.abs(found[1]).max())


@given(st.integers(1, 50), st.integers(1, 5), SEEDS)
def test_distances_equal_their_twin(n: int, rows: int, seed: int) -> None:
    x, y, z, *_ = arrays(n * rows, seed)
    weights = np.random.default_rng(seed).random(n)
    assert_allclose(
        steps.distances(x, y, z, weights),
        steps_reference.distances(x, y, z, weights),
        rtol=1e-12,
    )
