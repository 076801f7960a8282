"""Samples of a state: kernel, reference, statistics and independence of threads."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from qiskit import QuantumCircuit
from scipy import stats

from qleap.core import jit
from qleap.core.errors import InvalidValue
from qleap.processing._kernels import sampling as kernels
from qleap.processing._reference import sampling as reference
from qleap.processing._reference.batch import random_bits
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


@given(seed=seeds, n_qubits=st.integers(0, 12), dtype=dtypes)
def test_weighing_kernel_equals_reference(seed: int, n_qubits: int, dtype: Any) -> None:
    state = random_state(np.random.default_rng(seed), n_qubits, dtype)
    sums = np.zeros((2, max((1 << n_qubits) // kernels.BLOCK, 1)), np.int64)
    last = max(sums.shape[1] - 1, 1)
    ours = kernels.weigh_into(state, 2.0**40, 0, last, sums[0])
    twin = reference.weigh_into(state, 2.0**40, 0, last, sums[1])
    assert_allclose(ours, twin, rtol=1e-12)
    # A fused product may round differently: at most one unit an amplitude.
    assert_allclose(sums[0], sums[1], rtol=0, atol=kernels.BLOCK)


@given(
    seed=seeds,
    n_qubits=st.integers(0, 12),
    dtype=dtypes,
    width=st.integers(1, 19),
    shift=st.integers(50, 61),
)
def test_look_up_kernel_equals_reference(
    seed: int, n_qubits: int, dtype: Any, width: int, shift: int
) -> None:
    rng = np.random.default_rng(seed)
    state = random_state(rng, n_qubits, dtype)
    sums = np.zeros(max((1 << n_qubits) // kernels.BLOCK, 1), np.int64)
    kernels.weigh_into(state, 2.0**61, 0, sums.size, sums)
    ends = np.append(np.cumsum(sums), np.full(8, 2**63 - 1))
    steps = np.arange((int(ends[-9]) >> shift) + 1) << shift
    guide = np.searchsorted(ends, steps, "right").astype(np.int32)
    bits = rng.permutation(8 * width)[:n_qubits]
    wires = np.stack([rng.permutation(n_qubits)[: bits.size], bits], axis=1)
    tables = (ends, guide, shift, np.uint64(seed))
    ours, twin = np.full((2, 200, width), 7, np.uint8)
    kernels.look_up_into(state, 2.0**61, *tables, 30, 170, wires, ours)
    reference.look_up_into(state, 2.0**61, *tables, 30, 170, wires, twin)
    assert np.array_equal(ours, twin)
    assert np.all(ours[:30] == 7)
    assert np.all(ours[170:] == 7)


def test_equal_amplitudes_are_found_by_the_share_that_is_drawn() -> None:
    state = np.full(1 << 14, 1e-7 + 0j)
    state[20 * kernels.BLOCK :] = 1.0  # the guide points at many blocks before these
    places = [int(random_bits(stream(3), k)) >> 11 for k in range(60_000)]
    heavy = state.size - 20 * kernels.BLOCK
    expected = [(place * heavy >> 53) + 20 * kernels.BLOCK for place in places]
    assert np.array_equal(draw(state, 60_000, 3), expected)


@pytest.mark.parametrize("norm", [1e-30, 0.5, 3.0, 1e30])
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_norm_of_a_state_does_not_matter(
    norm: float, dtype: Any, rng: np.random.Generator
) -> None:
    state = rng.normal(size=1 << 13).astype(dtype)
    state[rng.random(state.size) < 0.5] = 0.0
    state /= np.linalg.norm(state)
    outcomes = draw(state * dtype(norm), 2000, 11)
    assert np.all(state[outcomes] != 0)
    differing = np.count_nonzero(outcomes != draw(state, 2000, 11))
    assert differing <= (2 if dtype is np.complex64 else 0)


@pytest.mark.parametrize("entry", [0.0, np.nan, np.inf])
def test_state_without_a_norm_is_refused(entry: float) -> None:
    with pytest.raises(InvalidValue, match="must have a finite norm above zero"):
        draw(np.full(4, entry, complex), 10, 0)


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
