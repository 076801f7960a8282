"""The compiled propagation against its NumPy twin."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qleap.laser._kernels import fft, rows, steps
from qleap.laser._kernels import gnlse as kernels
from qleap.laser._reference import fft as fft_reference
from qleap.laser._reference import gnlse as reference
from qleap.laser._reference import rows as rows_reference
from qleap.laser._reference import steps as steps_reference

SIZES = st.integers(1, 14).map(lambda k: 1 << k)
GRIDS = st.integers(6, 13).map(lambda k: 1 << k)
SEEDS = st.integers(0, 2**31)


def normal(*shape: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def raman_like(n: int, seed: int) -> np.ndarray:
    response = normal(2, n // 2 + 1, seed=seed) / n
    response[1, [0, -1]] = 0.0  # a real signal's response is real there
    return response


@given(SIZES, SEEDS)
def test_fourier_transform_equals_its_twin(n: int, seed: int) -> None:
    ours, theirs = normal(2, n, seed=seed), normal(2, n, seed=seed)
    tables, work = fft_reference.tables(n), np.empty(2 * n)
    fft.transform_into(tables, ours[0], ours[1], work)
    fft_reference.transform_into(tables, theirs[0], theirs[1], work)
    assert_allclose(ours, theirs, atol=1e-15 * np.abs(theirs).max())


@given(st.integers(1, 100), SEEDS, st.floats(-2.0, 2.0))
def test_pairs_are_split_and_joined_as_by_their_twins(
    n: int, seed: int, scale: float
) -> None:
    found = []
    for module in (fft, fft_reference):
        parts, pairs = np.empty((2, n)), np.empty(2 * n)
        module.split_into(normal(2 * n, seed=seed), parts[0], parts[1])
        module.join_into(scale, parts[0], parts[1], pairs)
        found.append((parts, pairs))
    assert np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])


@given(SIZES, st.integers(1, 5), SEEDS, st.booleans(), st.booleans())
def test_transforms_of_rows_equal_their_twin(
    n: int, count: int, seed: int, backward: bool, shared: bool
) -> None:
    found = []
    for module in (rows, rows_reference):
        y = np.empty((count, 2 * n))
        kernel = module.shared_rows_into if shared else module.rows_into
        x, room = normal(count, 2 * n, seed=seed), np.empty((2, 4 * n))
        kernel(fft_reference.tables(n), backward, 0.5, x, y, room)
        found.append(y)
    assert_allclose(found[0], found[1], atol=2e-15 * np.abs(found[1]).max())


@given(GRIDS, st.integers(1, 5), SEEDS, st.integers(1, 8), st.booleans())
def test_transforms_of_real_rows_equal_their_twins(
    n: int, count: int, seed: int, share: int, shared: bool
) -> None:
    kept = n // 2 * share // 8
    tables, roots = fft_reference.tables(n // 2), fft_reference.roots(n)
    found = []
    for module in (rows, rows_reference):
        to_time, to_frequency = module.real_to_time_into, module.real_to_frequency_into
        if shared:
            to_time = module.shared_real_to_time_into
            to_frequency = module.shared_real_to_frequency_into
        field, amplitudes = np.empty((count, n)), np.empty((count, 2 * kept))
        room = np.full((2, 2 * n + 16), np.nan)  # what it holds must not matter
        x = normal(count, 2 * kept, seed=seed)
        to_time(tables, roots, x, field, room)
        to_frequency(tables, roots, normal(count, n, seed=seed), amplitudes, room)
        found.append((field, amplitudes))
    for ours, theirs in zip(*found, strict=True):
        assert_allclose(ours, theirs, atol=2e-15 * np.abs(theirs).max())


@given(GRIDS, SEEDS)
def test_response_equals_its_twin(n: int, seed: int) -> None:
    response, found = raman_like(n, seed + 1), []
    tables, roots = fft_reference.tables(n // 2), fft_reference.roots(n)
    for module in (kernels, reference):
        packed = normal(2, n // 2 + 8, seed=seed)
        module.respond_into(response, roots, tables, packed, np.empty(n))
        found.append(packed[:, : n // 2])
    assert_allclose(found[0], found[1], atol=1e-14 * np.abs(found[1]).max())


def test_an_instantaneous_response_changes_nothing() -> None:
    n = 128
    response = np.zeros((2, n // 2 + 1))
    response[0] = 0.5 / n
    packed = normal(2, n // 2 + 8, seed=3)
    tables, roots = fft_reference.tables(n // 2), fft_reference.roots(n)
    kernels.respond_into(response, roots, tables, packed, np.empty(n))
    expected = normal(2, n // 2 + 8, seed=3)
    assert_allclose(packed[:, :-8], expected[:, :-8], rtol=1e-12, atol=1e-15)


@given(GRIDS, SEEDS, st.booleans())
def test_nonlinear_term_equals_its_twin(n: int, seed: int, delayed: bool) -> None:
    parts = normal(2, n, seed=seed) / n
    coefficient = np.random.default_rng(seed).random(n) / n
    response = raman_like(n, seed) if delayed else np.empty((2, 0))
    results = []
    for module in (kernels, reference):
        out = np.empty(n, np.complex128)
        module.nonlinear_into(
            parts[0] + 1j * parts[1],
            coefficient,
            response,
            fft_reference.roots(n),
            fft_reference.tables(n),
            fft_reference.tables(n // 2),
            np.empty(2 * n),
            np.empty((2, n // 2 + 8)),
            np.empty((2, n)),
            out,
        )
        results.append(out)
    assert_allclose(results[0], results[1], atol=1e-14 * np.abs(results[1]).max())


@given(GRIDS, SEEDS, st.booleans(), st.floats(1e-3, 1.0))
def test_a_whole_step_equals_its_twin(
    n: int, seed: int, delayed: bool, step: float
) -> None:
    rng = np.random.default_rng(seed)
    coefficient, weights = rng.random(n), rng.random(n)
    response = raman_like(n, seed) if delayed else np.empty((2, 0))
    found = []
    for module in (kernels, reference):
        factor, state, first, total, last = arrays(n, seed)[:5]
        factor /= np.abs(factor)
        norms = module.step_into(
            factor,
            state / n,
            first / n,
            step,
            weights,
            coefficient,
            response,
            fft_reference.roots(n),
            fft_reference.tables(n),
            fft_reference.tables(n // 2),
            np.empty(2 * n),
            np.empty((2, n // 2 + 8)),
            np.empty((2, n)),
            np.empty((4, n)),
            total,
            last,
        )
        found.append([norms, total, last])
    for ours, theirs in zip(*found, strict=True):
        assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12 * np.abs(theirs).max())


@given(st.integers(1, 40), SEEDS, st.floats(-1.0, 1.0))
def test_exponentials_equal_their_twin(n: int, seed: int, length: float) -> None:
    parts = normal(2, n, seed=seed)
    rates = parts[0] + 1e4j * parts[1]
    found = np.empty((2, n), np.complex128)
    steps.exponentials_into(rates, length, found[0])
    steps_reference.exponentials_into(rates, length, found[1])
    assert_allclose(found[0], found[1], rtol=2e-15, atol=0.0)


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
def test_the_error_of_simpsons_rule_equals_its_twin(
    n: int, rows: int, seed: int
) -> None:
    a, b, c, d, e, f = arrays(n * rows, seed)
    weights = np.random.default_rng(seed).random(n)
    c[0] = e[0] = d[0] = f[0] = 0.0  # nothing drives this one
    found = [
        module.quadrature_error(a, b, c, d, e, f, 0.3, weights)
        for module in (steps, steps_reference)
    ]
    assert_allclose(found[0], found[1], rtol=1e-11)


@given(st.integers(1, 50), st.integers(1, 5), SEEDS)
def test_distances_equal_their_twin(n: int, rows: int, seed: int) -> None:
    x, y, z, *_ = arrays(n * rows, seed)
    weights = np.random.default_rng(seed).random(n)
    assert_allclose(
        steps.distances(x, y, z, weights),
        steps_reference.distances(x, y, z, weights),
        rtol=1e-12,
    )
