"""The compiled loops against their NumPy twins."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from qleap.processing._kernels import statevector as kernels
from qleap.processing._reference import statevector as reference
from qleap.processing.program import Kind

Floats = NDArray[np.float64]
N_QUBITS = 7
seeds = st.integers(0, 2**32 - 1)


def random_parts(rng: np.random.Generator) -> tuple[Floats, Floats]:
    size = 1 << N_QUBITS
    return rng.normal(size=size), rng.normal(size=size)


def split_qubits(
    rng: np.random.Generator, n_targets: int
) -> tuple[list[int], int, int]:
    """Return target masks, a mask of controls, and their wanted values."""
    order = rng.permutation(N_QUBITS).tolist()
    targets, others = order[:n_targets], order[n_targets:]
    controls = others[: int(rng.integers(0, len(others) + 1))]
    mask = sum(1 << q for q in controls)
    values = sum(1 << q for q in controls if rng.integers(2))
    return [1 << q for q in targets], mask, values


def assert_same(kernel: str, parts: tuple[Floats, Floats], *arguments: object) -> None:
    ours = [part.copy() for part in parts]
    twin = [part.copy() for part in parts]
    getattr(kernels, kernel)(*ours, *arguments)
    getattr(reference, kernel)(*twin, *arguments)
    assert_allclose(ours, twin, rtol=0, atol=1e-12)
    assert not np.array_equal(ours, parts)


def test_the_kinds_are_those_of_the_program() -> None:
    noise = (Kind.CHANNEL, Kind.READOUT)  # which these kernels never see
    for kind in [kind for kind in Kind if kind not in noise]:
        assert getattr(kernels, kind.name) == kind
        assert getattr(reference, kind.name) == kind


@given(seed=seeds)
def test_one_qubit_kernel_equals_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    (target,), controls, values = split_qubits(rng, 1)
    parts = random_parts(rng)
    assert_same("apply_one_qubit", parts, target, controls, values, rng.normal(size=8))


@given(seed=seeds, n_targets=st.integers(2, 4))
def test_dense_kernel_equals_reference(seed: int, n_targets: int) -> None:
    rng = np.random.default_rng(seed)
    targets, controls, values = split_qubits(rng, n_targets)
    matrix = rng.normal(size=2 << 2 * n_targets)
    arguments = (np.array(targets), controls, values, matrix)
    assert_same("apply_matrix", random_parts(rng), *arguments)


@given(seed=seeds)
def test_two_qubit_kernel_equals_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    targets, controls, values = split_qubits(rng, 2)
    arguments = (np.array(targets), controls, values, rng.normal(size=32))
    assert_same("apply_two_qubit", random_parts(rng), *arguments)


@given(seed=seeds, n_targets=st.integers(1, 2))
def test_exchange_kernel_equals_reference(seed: int, n_targets: int) -> None:
    rng = np.random.default_rng(seed)
    targets, controls, values = split_qubits(rng, n_targets)
    other = targets[1] if n_targets == 2 else 0
    occupied = sum(targets) | controls
    first, second = values | targets[0], values | other
    assert_same("apply_exchange", random_parts(rng), occupied, first, second)


@given(seed=seeds)
def test_phase_kernel_equals_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    _, controls, values = split_qubits(rng, 0)
    arguments = (controls, values, *rng.normal(size=2))
    assert_same("apply_phase", random_parts(rng), *arguments)


@given(seed=seeds, uniform=st.floats(0.0, 1.0, exclude_max=True))
def test_measurement_kernel_equals_reference(seed: int, uniform: float) -> None:
    rng = np.random.default_rng(seed)
    parts = random_parts(rng)
    target = 1 << int(rng.integers(N_QUBITS))
    ours, twin = [p.copy() for p in parts], [p.copy() for p in parts]
    outcome = kernels.measure(ours[0], ours[1], target, uniform)
    assert outcome == reference.measure(twin[0], twin[1], target, uniform)
    assert_allclose(ours, twin, rtol=0, atol=1e-12)
    assert np.sum(np.square(ours)) == pytest.approx(1.0)


def random_tables(
    rng: np.random.Generator, n_gates: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return operations of every unitary kind on random qubits."""
    operations: list[tuple[int, ...]] = []
    wires: list[int] = []
    coefficients: list[float] = []
    for _ in range(n_gates):
        kind = Kind(int(rng.integers(4)))
        n_targets = {
            Kind.ONE_QUBIT: 1,
            Kind.MATRIX: int(rng.integers(2, 4)),
            Kind.DIAGONAL: int(rng.integers(0, 4)),
            Kind.EXCHANGE: int(rng.integers(1, 3)),
        }[kind]
        n_controls = int(rng.integers(0, 3))
        state = int(rng.integers(1 << n_controls))
        operations.append(
            (kind, n_targets, n_controls, len(wires), state, len(coefficients), -1)
        )
        wires += rng.permutation(N_QUBITS)[: n_targets + n_controls].tolist()
        coefficients += rng.normal(size=2 << 2 * n_targets).tolist()
    return (
        np.array(operations, np.int64).reshape(-1, 7),
        np.array(wires, np.int64),
        np.array([*coefficients, 0.0, 0.0]),
    )


@given(seed=seeds)
def test_gate_on_a_part_of_the_state_equals_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    operations, wires, coefficients = random_tables(rng, 1)
    n_targets = 0 if operations[0, 0] == Kind.DIAGONAL else int(operations[0, 1])
    inner = set(wires[:n_targets].tolist())
    inner |= set(rng.permutation(N_QUBITS)[:2].tolist())
    position = -1 - np.arange(N_QUBITS)
    position[sorted(inner)] = np.arange(len(inner))
    base = sum(1 << q for q in range(N_QUBITS) if q not in inner and rng.integers(2))
    parts = [rng.normal(size=1 << len(inner)) for _ in range(2)]
    tables = (base, position, operations[0], wires, coefficients)
    ours, twin = [p.copy() for p in parts], [p.copy() for p in parts]
    kernels.apply_gate(ours[0], ours[1], *tables)
    reference.apply_gate(twin[0], twin[1], *tables)
    assert_allclose(ours, twin, rtol=0, atol=1e-12)


@given(seed=seeds)
def test_whole_state_kernel_equals_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tables = random_tables(rng, 5)
    state = rng.normal(size=2 << N_QUBITS)
    ours, twin = state.copy(), state.copy()
    kernels.evolve_into(*tables, ours)
    reference.evolve_into(*tables, twin)
    assert_allclose(ours, twin, rtol=1e-12, atol=1e-12 * np.abs(twin).max())


@given(seed=seeds, workers=st.integers(1, 3), step_limit=st.sampled_from([9, 10_000]))
def test_shot_kernel_equals_reference(seed: int, workers: int, step_limit: int) -> None:
    # H, measure into bit 0, jump back while it reads one, reset, measure into bit 1
    half = np.sqrt(0.5)
    operations = np.array([
        (Kind.ONE_QUBIT, 1, 0, 0, 0, 0, -1),
        (Kind.MEASURE, 1, 0, 0, 0, 0, 0),
        (Kind.BRANCH, 1, 0, 1, 0, 0, -1),
        (Kind.ONE_QUBIT, 1, 0, 4, 0, 0, -1),
        (Kind.RESET, 1, 0, 0, 0, 0, -1),
        (Kind.MEASURE, 1, 0, 4, 0, 0, 1),
    ], np.int64)  # fmt: skip
    wires = np.array([3, 0, 0, -3, 5])
    coefficients = np.array([half, 0, half, 0, half, 0, -half, 0])
    state = np.random.default_rng(seed).normal(size=2 << N_QUBITS)
    state /= np.linalg.norm(state)
    streams = np.random.SeedSequence(seed).generate_state(20, np.uint64)
    ours, twin = np.zeros((20, 2), np.uint8), np.zeros((20, 2), np.uint8)
    tables = (operations, wires, coefficients, state, streams, workers, step_limit)
    kernel: Any = kernels.run_shots_into
    twin_kernel: Any = reference.run_shots_into
    assert kernel(*tables, ours) == twin_kernel(*tables, twin)
    assert_array_equal(ours, twin)
