"""Gates on small states against their definition: every kind, qubit and size."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.jit import kernel
from qleap.processing._kernels import small
from qleap.processing._reference.statevector import evolve_into
from qleap.processing.program import Kind

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
seeds = st.integers(0, 2**32 - 1)


@kernel
def run_gates(parts, operations, begin, end, wires, wire, table, place):  # type: ignore[no-untyped-def]
    size = parts.size // 2 - 4
    re, im = parts[:size], parts[size + 4 :][:size]
    small._run_gates(re, im, operations, begin, end, wires, wire, table, place)


def random_gate(
    rng: np.random.Generator, n_qubits: int, kind: Kind, n_controls: int
) -> tuple[Integers, Integers, Floats]:
    """Return a gate as tables: one operation, its qubits and its coefficients."""
    n_targets = {
        Kind.ONE_QUBIT: 1,
        Kind.MATRIX: int(rng.integers(2, max(3, n_qubits - n_controls + 1))),
        Kind.DIAGONAL: int(rng.integers(0, n_qubits - n_controls + 1)),
        Kind.EXCHANGE: int(rng.integers(1, min(2, n_qubits - n_controls) + 1)),
    }[kind]
    state = int(rng.integers(1 << n_controls))
    row = [kind, n_targets, n_controls, 0, state, 0, -1]
    wires = rng.permutation(n_qubits)[: n_targets + n_controls]
    size = 2 << n_targets if kind == Kind.DIAGONAL else 2 << 2 * n_targets
    return np.array([row], np.int64), wires, rng.normal(size=size + 2)


@pytest.mark.parametrize(
    "kind", [Kind.ONE_QUBIT, Kind.MATRIX, Kind.DIAGONAL, Kind.EXCHANGE]
)
@given(seed=seeds, n_qubits=st.integers(1, 6), n_controls=st.integers(0, 2))
def test_gates_act_as_defined(
    kind: Kind, seed: int, n_qubits: int, n_controls: int
) -> None:
    rng = np.random.default_rng(seed)
    n_controls = min(n_controls, n_qubits - (2 if kind == Kind.MATRIX else 1))
    if n_controls < 0:  # no matrix on two qubits of one
        return
    operations, wires, table = random_gate(rng, n_qubits, kind, n_controls)
    state = rng.normal(size=2 << n_qubits)
    expected = state.copy()
    evolve_into(operations, wires, table, expected)
    gap = np.zeros(4)  # room of one vector, which stays zero
    parts = np.concatenate([state[0::2], gap, state[1::2], gap])
    moved, before = (np.r_[np.full(3, -9), wires], np.r_[np.full(5, np.nan), table])
    other = np.full((1, 7), Kind.RESET)
    rows = np.concatenate([operations, other, operations, operations])
    kernel_of_gates: Any = run_gates
    kernel_of_gates(parts, rows, 1, 3, moved, 3, before, 5)
    re, ours_gap, im, other_gap = np.split(
        parts, np.cumsum([state.size // 2, 4] * 2)[:3]
    )
    assert_allclose(re, expected[0::2], rtol=0, atol=1e-12)
    assert_allclose(im, expected[1::2], rtol=0, atol=1e-12)
    assert np.all(ours_gap == 0)
    assert np.all(other_gap == 0)
