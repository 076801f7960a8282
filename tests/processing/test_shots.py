"""Samples of a state: kernel, reference, statistics and independence of threads."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from scipy import stats

from qleap.core import jit
from qleap.processing._kernels import sampling as kernels
from qleap.processing._reference import sampling as reference
from qleap.processing.bits import unpack
from qleap.processing.lowering import compile_circuit
from qleap.processing.shots import draw, sample, stream

seeds = st.integers(0, 2**32 - 1)
dtypes = st.sampled_from([np.float32, np.float64])


def random_state(rng: np.random.Generator, n_qubits: int, dtype: Any) -> Any:
    """Return a state with stretches of amplitudes that are zero."""
    state = rng.normal(size=2 << n_qubits)
    state[rng.integers(0, state.size) :] = 0.0
    state[: rng.integers(0, state.size)] = 0.0
    state[rng.integers(0, state.size // 2) * 2 :][:2] = 1.0
    state[rng.random(state.size) < 0.3] *= 1e-3
    return (state / np.linalg.norm(state)).astype(dtype)


@given(seed=seeds, n_qubits=st.integers(0, 9), dtype=dtypes, workers=st.integers(1, 3))
def test_sampling_kernel_equals_reference(
    seed: int, n_qubits: int, dtype: Any, workers: int
) -> None:
    rng = np.random.default_rng(seed)
    state = random_state(rng, n_qubits, dtype)
    group = 1 << int(rng.integers(0, n_qubits + 1))
    ours, twin = np.empty(200, np.int64), np.empty(200, np.int64)
    kernels.sample_into(state, np.uint64(seed), group, workers, ours)
    reference.sample_into(state, np.uint64(seed), group, workers, twin)
    assert np.array_equal(ours, twin)
    assert np.all(np.abs(state.reshape(-1, 2)[ours]).sum(axis=1) > 0)


def test_rounding_never_finds_an_amplitude_without_weight() -> None:
    state = np.array([0, 0, 0, 0, 0.6, 0, 0, 0.8, 0, 0, 0, 0])
    for target, expected in ((-1e-9, 2), (0.0, 2), (0.36, 3), (1.0, 3), (2.0, 3)):
        assert kernels._find_inside(state, 0, 6, target) == expected
    cumulative = np.array([0.0, 0.4, 0.4, 1.0, 1.0])
    guide = np.empty(5, np.int32)
    kernels._fill_guide(cumulative, guide)
    for share, found in ((0.0, 1), (0.39, 1), (0.4, 3), (0.99, 3), (1.0, 3)):
        assert kernels._find(cumulative, guide, 3, share) == found


@given(seed=seeds, workers=st.integers(1, 3), width=st.integers(1, 9))
def test_label_kernel_equals_reference(seed: int, workers: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    outcomes = rng.integers(0, 1 << 20, 50)
    tables = rng.integers(0, 256, (3, 256, width), np.uint8)
    ours = np.empty((50, width), np.uint8)
    twin = np.empty((50, width), np.uint8)
    kernels.relabel_into(outcomes, tables, workers, ours)
    reference.relabel_into(outcomes, tables, workers, twin)
    assert np.array_equal(ours, twin)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_samples_follow_born(dtype: Any, rng: np.random.Generator) -> None:
    state = rng.normal(size=64) + 1j * rng.normal(size=64)
    state = (state / np.linalg.norm(state)).astype(dtype)
    outcomes = draw(state, 100_000, 7)
    expected = np.abs(state.astype(complex)) ** 2
    found = np.bincount(outcomes, minlength=64)
    assert stats.chisquare(found, expected / expected.sum() * 1e5).pvalue > 1e-4


def test_neighbouring_draws_and_seeds_are_independent() -> None:
    state = np.full(16, 0.25 + 0j)
    rows = np.array([draw(state, 4000, seed) for seed in range(4)])
    for first, second in ((rows[0, :-1], rows[0, 1:]), (rows[0], rows[1])):
        table = np.histogram2d(first, second, bins=16)[0]
        assert stats.chi2_contingency(table).pvalue > 1e-4


def test_samples_depend_on_no_thread_count_and_grow_at_the_end() -> None:
    state = np.random.default_rng(2).normal(size=1 << 15).astype(complex)
    threads = jit.threads()
    try:
        found = []
        for count in {1, threads}:
            jit.set_threads(count)
            found.append(draw(state, 50_000, 5))
    finally:
        jit.set_threads(threads)
    assert np.array_equal(found[0], found[-1])
    assert np.array_equal(draw(state, 40, 5), found[0][:40])
    assert stream(5) != stream(6)


def test_bits_are_read_where_the_circuit_says() -> None:
    circuit = QuantumCircuit(12, 20)
    circuit.measure([11, 0, 3, 9], [0, 19, 7, 8])
    circuit.measure(2, 8)  # the last one counts
    state = np.zeros(1 << 12, complex)
    state[1 << 11 | 1 << 2 | 1 << 0] = 1.0
    bits = unpack(sample(state, compile_circuit(circuit), 3, 0), 20)
    assert np.array_equal(np.flatnonzero(bits[0]), [0, 8, 19])
    assert np.array_equal(bits, bits[[0, 0, 0]])
