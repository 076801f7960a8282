"""The compiled propagation against its NumPy twin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qleap.laser._kernels import gnlse as kernels
from qleap.laser._reference import gnlse as reference

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
    spectrum = pair(n, seed) / n
    coefficient = np.random.default_rng(seed).random(n) / n
    response = raman_like(n, seed) if delayed else np.empty((2, 0))
    results = []
    for module in (kernels, reference):
        out = np.empty((2, n))
        module.nonlinear_into(
            spectrum,
            coefficient,
            response,
            reference.tables(n),
            np.empty((2, n)),
            np.empty((2, n // 2)),
            out,
        )
        results.append(out)
    assert_allclose(results[0], results[1], atol=1e-14 * np.abs(results[1]).max())


@given(SIZES, SEEDS, st.floats(0.0, 1e3))
def test_linear_step_equals_its_twin(n: int, seed: int, length: float) -> None:
    linear = pair(n, seed)
    linear[0] = -np.abs(linear[0])
    assert_allclose(
        kernels.linear_step(linear, length),
        reference.linear_step(linear, length),
        atol=2e-13,
    )


@pytest.mark.parametrize("tolerance", [0.0, 1e-7])
@pytest.mark.parametrize("delayed", [False, True])
def test_propagation_equals_its_twin(tolerance: float, delayed: bool) -> None:
    n = 256
    time = np.linspace(-8.0, 8.0, n, endpoint=False)
    omega = 2.0 * np.pi * np.fft.fftfreq(n, time[1] - time[0])
    linear = np.stack([np.full(n, -0.05), -0.5 * omega**2 + 0.02 * omega**3])
    coefficient = (1.0 + omega / 200.0) / n
    response = np.zeros((2, n // 2 + 1 if delayed else 0))
    if delayed:
        lorentzian = 1.0 / (1.0 - 0.3j * np.abs(omega[: n // 2 + 1]))
        lorentzian[-1] = lorentzian[-1].real
        response = 2.0 / n * np.stack([lorentzian.real, lorentzian.imag])
    start = np.fft.ifft(2.0 / np.cosh(time) * np.exp(0.3j * time))
    ended = []
    for module in (kernels, reference):
        spectrum = np.stack([start.real, start.imag])
        control = np.array([0.0, 0.7, 0.01, tolerance, 0.0])
        counts = np.array([0, 0, 10_000])
        status = module.advance_into(
            linear,
            coefficient,
            response,
            reference.tables(n),
            control,
            counts,
            spectrum,
        )
        ended.append((status, counts.tolist(), control, spectrum))
    (status, counts, control, ours), (_, same_counts, same_control, theirs) = ended
    assert status == kernels.REACHED
    assert counts == same_counts
    assert_allclose(control, same_control, rtol=1e-6)
    assert_allclose(ours, theirs, atol=1e-12)


def test_a_lost_step_ends_both_twins_alike() -> None:
    n = 64
    for module in (kernels, reference):
        control = np.array([0.0, 1.0, 1e-22, 1e-9, 0.0])
        status = module.advance_into(
            np.zeros((2, n)),
            np.full(n, 1e15),
            np.empty((2, 0)),
            reference.tables(n),
            control,
            np.array([0, 0, 10_000]),
            pair(n, 7),
        )
        assert status == kernels.STEP_UNDERFLOW


def test_a_pause_changes_no_bit() -> None:
    n = 128
    x = pair(n, 5) / n
    tables, linear = reference.tables(n), np.stack([np.zeros(n), pair(n, 6)[0]])
    arguments = (linear, np.full(n, 1.0 / n), np.empty((2, 0)), tables)
    whole_way, in_pieces = x.copy(), x.copy()
    control = np.array([0.0, 1.0, 0.01, 1e-8, 0.0])
    kernels.advance_into(*arguments, control, np.array([0, 0, 10_000]), whole_way)
    control, counts = np.array([0.0, 1.0, 0.01, 1e-8, 0.0]), np.array([0, 0, 3])
    calls = 1
    while kernels.advance_into(*arguments, control, counts, in_pieces):
        calls += 1
    assert calls > 2
    assert np.array_equal(whole_way, in_pieces)
