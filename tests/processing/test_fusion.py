"""Fused operations: the unitary of the gates, and how few there are."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from qleap.processing._kernels import fusion as kernels
from qleap.processing._reference import fusion as reference
from qleap.processing._reference import statevector
from qleap.processing._reference.fusion import (
    FLIP,
    LOOKUP,
    MATRIX_MANY,
    MATRIX_ONE,
    MATRIX_TWO,
    PHASE,
    SHEAR,
    SWAP,
    TERM,
)
from qleap.processing.program import Program, ProgramBuilder

Complexes = NDArray[np.complex128]
Random = np.random.Generator
Fused = tuple[NDArray[np.int64], Complexes, NDArray[np.int64], float]

N_QUBITS = 5
X = np.array([[0, 1], [1, 0]], complex)
H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
H_BOTH = np.kron(H, H)
EXCHANGE = np.eye(4)[[0, 2, 1, 3]]
SPECIAL = (0.0, np.pi, np.pi / 2, 1e-9, np.pi - 1e-7, np.pi + 1e-7, 1e-15, -np.pi)
"""Angles where some entry of a matrix is nearly zero, or exactly."""

seeds = st.integers(0, 2**32 - 1)


def rotation(axis: int, angle: float) -> Complexes:
    c, s = np.cos(angle / 2), np.sin(angle / 2)
    rz = np.diag([np.exp(-0.5j * angle), np.exp(0.5j * angle)])
    rx, ry = np.array([[c, -1j * s], [-1j * s, c]]), np.array([[c, -s], [s, c]])
    return np.asarray((rx, ry, rz)[axis], np.complex128)


def unitary(rng: Random, n_qubits: int) -> Complexes:
    z = rng.normal(size=(2, 1 << n_qubits, 1 << n_qubits))
    return np.asarray(np.linalg.qr(z[0] + 1j * z[1])[0])


def one_qubit_gate(rng: Random) -> Complexes:
    """Return a matrix; about one in two has an entry that is nearly zero."""
    choice = int(rng.integers(6))
    if choice == 0:
        return unitary(rng, 1)
    if choice == 1:
        return np.asarray(np.exp(1j * rng.uniform(0, 6)) * H)
    angle = rng.uniform(-7, 7) if choice == 2 else rng.choice(SPECIAL)
    found = rotation(int(rng.integers(3)), angle)
    if choice == 5:
        found = rotation(int(rng.integers(3)), angle) @ found
    return np.asarray(np.exp(1j * rng.choice(SPECIAL)) * found)


def add_random_gate(builder: ProgramBuilder, rng: Random, n_qubits: int) -> None:
    order = rng.permutation(n_qubits).tolist()
    choice = int(rng.integers(8))
    n_targets, n_controls = 1, int(rng.integers(0, 4) * rng.integers(2))
    matrix: Any = X
    if choice in (0, 1):
        matrix = one_qubit_gate(rng)
    elif choice == 2:
        n_targets, n_controls = 2, min(n_controls, 2) * int(rng.integers(2))
        matrix = EXCHANGE
    elif choice == 3:
        n_targets = int(rng.integers(0, 4))
        n_controls = min(n_controls, n_qubits - n_targets)
        matrix = np.exp(1j * rng.choice(SPECIAL, 1 << n_targets) * rng.integers(1, 4))
    elif choice == 4:
        n_targets, n_controls = int(rng.integers(2, 4)), int(rng.integers(0, 2))
        matrix = unitary(rng, n_targets)
    elif choice == 5:
        n_controls = 1
    targets, controls = order[:n_targets], order[n_targets : n_targets + n_controls]
    builder.gate(matrix, targets, controls, int(rng.integers(1 << len(controls))))


def program_of(*gates: tuple[Any, ...], n_qubits: int = N_QUBITS) -> Program:
    """Return the program of gates: matrix, targets, controls, wanted value."""
    builder = ProgramBuilder(n_qubits, 0)
    for gate in gates:
        builder.gate(*gate)
    return builder.build()


def fuse(program: Program, module: Any = kernels) -> Fused:
    tables = (program.operations, program.wires, program.coefficients)
    found: Fused = module.fuse(program.n_qubits, *tables)
    return found


def matrix_of_program(program: Program) -> Complexes:
    size = 1 << program.n_qubits
    columns = np.eye(size, dtype=complex).ravel()
    tables = (program.operations, program.wires, program.coefficients)
    statevector.evolve_into(*tables, columns.view(np.float64))
    return columns.reshape(size, size).T


def matrix_of_rows(program: Program, fused: Fused) -> Complexes:
    """Return the matrix of fused operations by what `fuse` says about them."""
    rows, numbers, wires, angle = fused
    state: Complexes = np.exp(1j * angle) * np.eye(1 << program.n_qubits) + 0j

    def apply(matrix: Any, qubits: list[int], mask: int = 0, value: int = 0) -> None:
        index = np.arange(len(state))
        targets = sum(1 << q for q in qubits)
        base = index[index & (mask | targets) == value]
        places = [
            base | sum(1 << q for j, q in enumerate(qubits) if k >> j & 1)
            for k in range(1 << len(qubits))
        ]
        state[places] = np.einsum("ij,jrc->irc", matrix, state[places])

    entries = program.coefficients[0:-1:2] + 1j * program.coefficients[1::2]
    for kind, a, b, mask, value, first, wire in rows.tolist():
        condition = (mask, value)
        phase = np.exp(1j * numbers[first : first + 1].real)
        named = wires[wire : wire + b].tolist()
        if kind == SHEAR:
            shear = np.array([[1, numbers[first]], [numbers[first + 1], 1]])
            apply(numbers[first + 2] * (shear[::-1] if b else shear), [a])
            if mask:
                apply(X, [a], *condition)
        elif kind == FLIP:
            apply(X, [a], *condition)
        elif kind == MATRIX_ONE:
            apply(numbers[first : first + 4].reshape(2, 2), [a], *condition)
        elif kind == MATRIX_TWO:
            apply(numbers[first : first + 16].reshape(4, 4), [a, b])
        elif kind == SWAP:
            apply(EXCHANGE, [a, b])
        elif kind in (TERM, PHASE):
            apply(phase[:, None], [], *condition)
        elif kind == LOOKUP:
            factors = entries[first // 2 : first // 2 + (1 << b)]
            apply(np.diag(factors), named, *condition)
        elif kind == MATRIX_MANY:
            size = 1 << b
            matrix = entries[first // 2 : first // 2 + size * size]
            apply(matrix.reshape(size, size), named, *condition)
        assert kind != TERM or (value == mask and mask.bit_count() in (1, 2))
    return state


def kinds_of(*gates: tuple[Any, ...]) -> Counter[int]:
    """Return how many operations of each kind gates become; check the unitary."""
    program = program_of(*gates)
    fused = fuse(program)
    expected = matrix_of_program(program)
    assert_allclose(matrix_of_rows(program, fused), expected, rtol=0, atol=1e-12)
    return Counter(fused[0][:, 0].tolist())


@pytest.mark.parametrize("module", [kernels, reference], ids=["kernel", "reference"])
@given(seed=seeds, n_gates=st.integers(0, 60))
@settings(max_examples=150)
def test_fused_operations_have_the_unitary_of_the_gates(
    module: Any, seed: int, n_gates: int
) -> None:
    rng = np.random.default_rng(seed)
    builder = ProgramBuilder(N_QUBITS, 0)
    for _ in range(n_gates):
        add_random_gate(builder, rng, N_QUBITS)
    program = builder.build()
    found = matrix_of_rows(program, fuse(program, module))
    assert_allclose(found, matrix_of_program(program), rtol=0, atol=1e-11)


@given(seed=seeds)
@settings(max_examples=150)
def test_rotations_about_degenerate_angles_between_controlled_x(seed: int) -> None:
    rng = np.random.default_rng(seed)
    builder = ProgramBuilder(3, 0)
    for _ in range(40):
        builder.gate(one_qubit_gate(rng), [int(rng.integers(3))])
        target, *controls = rng.permutation(3).tolist()
        n = int(rng.integers(0, 3))
        builder.gate(X, [target], controls[:n], int(rng.integers(1 << n)))
    program = builder.build()
    rows, numbers, _, _ = fused = fuse(program)
    expected = matrix_of_program(program)
    assert_allclose(matrix_of_rows(program, fused), expected, rtol=0, atol=1e-11)
    for first in rows[rows[:, 0] == SHEAR, 5]:
        assert np.abs(numbers[first : first + 3]).max() < 130  # 2 / SMALLEST_PIVOT


@given(seed=seeds, n_gates=st.integers(6, 60))
@settings(max_examples=60)
def test_circuits_of_two_qubit_matrices_keep_their_unitary(
    seed: int, n_gates: int
) -> None:
    rng = np.random.default_rng(seed)
    controlled = np.kron(np.diag([1, 0]), np.eye(2)) + np.kron(np.diag([0, 1j]), X)
    builder = ProgramBuilder(3, 0)
    for _ in range(n_gates):
        choice = int(rng.integers(6))
        local = np.kron(one_qubit_gate(rng), one_qubit_gate(rng))
        few: Any = (controlled, EXCHANGE * 1j, local, H_BOTH, local @ controlled)
        matrix = unitary(rng, 2) if choice == 5 else few[choice]
        builder.gate(matrix, rng.permutation(3)[:2].tolist())
    program = builder.build()
    found = matrix_of_rows(program, fuse(program))
    assert_allclose(found, matrix_of_program(program), rtol=0, atol=1e-11)


def generic(seed: int = 0) -> Complexes:
    """Return a one-qubit gate without zeros."""
    return unitary(np.random.default_rng(seed), 1)


@given(seed=seeds, length=st.integers(1, 200))
def test_run_of_one_qubit_gates_is_one_shear_and_one_term(
    seed: int, length: int
) -> None:
    rng = np.random.default_rng(seed)
    found = kinds_of(*((one_qubit_gate(rng), [2]) for _ in range(length)))
    assert found[SHEAR] <= 1
    assert found[TERM] <= 1
    assert found.total() == found[SHEAR] + found[TERM]


def test_long_run_of_one_qubit_gates_keeps_its_precision() -> None:
    program = program_of(*((generic(k), [0]) for k in range(2000)), n_qubits=1)
    found = matrix_of_rows(program, fuse(program))
    assert_allclose(found, matrix_of_program(program), rtol=0, atol=1e-12)
    assert_allclose(found @ found.conj().T, np.eye(2), rtol=0, atol=1e-12)


@pytest.mark.parametrize("controls", [[1], [1, 0, 4]])
@pytest.mark.parametrize("wanted", [0, 1])
def test_controlled_x_behind_a_gate_on_its_target_costs_nothing(
    controls: list[int], wanted: int
) -> None:
    gates = [(generic(q), [q]) for q in range(N_QUBITS)]
    assert kinds_of(*gates) == {SHEAR: 5, TERM: 5}
    found = kinds_of(*gates, (X, [3], controls, wanted))
    # What commutes with the X waits behind it and is a shear at the end.
    assert found[SHEAR] == 6
    assert found[TERM] == found.total() - 6 <= 5


def test_controlled_x_on_a_fresh_qubit_is_a_flip() -> None:
    assert kinds_of((X, [3], [1], 1)) == {FLIP: 1}


def layers(n_layers: int, gate: Any) -> list[tuple[Any, ...]]:
    """Return layers of a gate on four qubits, then X under control on two of them."""
    gates: list[tuple[Any, ...]] = []
    for layer in range(n_layers):
        gates += [(gate(4 * layer + q), [q]) for q in range(4)]
        pairs = ((0, 1), (2, 3)) if layer % 2 else ((1, 2), (3, 0))
        gates += [(X, [target], [control], 1) for control, target in pairs]
    return gates


def test_layers_of_generic_gates_and_controlled_x_are_shears_alone() -> None:
    found = kinds_of(*layers(20, generic))
    # One shear a gate, and one for each X that waits behind the last layer's targets.
    assert found[SHEAR] <= 4 * 20 + 2
    assert found[TERM] <= 4
    assert found[FLIP] <= 2  # 40 X; rounding may look like what cannot wait


@pytest.mark.parametrize("axis", [0, 1])
def test_layers_of_rotations_about_x_or_y_are_real_or_imaginary_shears(
    axis: int,
) -> None:
    gates = layers(6, lambda k: rotation(axis, 0.3 + k))
    rows, numbers, _, _ = fuse(program_of(*gates))
    found = kinds_of(*gates)
    assert found[SHEAR] <= 4 * 6 + 2
    assert found[FLIP] == 0 or axis == 0  # what commutes with X needs no shear
    first = rows[rows[:, 0] == SHEAR, 5]
    parts = numbers[first], numbers[first + 1]
    for b, c in zip(*parts, strict=True):
        assert (b.imag == 0.0 and c.imag == 0.0) or (b.real == 0.0 and c.real == 0.0)


def test_x_waits_through_controls_and_diagonals() -> None:
    diagonal = np.exp([0.0, 0.3j, 0.5j, -0.9j])
    found = kinds_of(
        (X, [0]), (X, [1], [0], 1), (diagonal, [0, 2]), (X, [4], [0, 3], 2), (X, [0])
    )
    assert found == {FLIP: 2, TERM: 3}


def test_diagonals_of_two_qubits_are_terms_and_those_of_one_wait() -> None:
    phase = np.exp([0.2j, 0.7j])
    found = kinds_of(*((phase, [q % 5]) for q in range(50)))
    assert found == {TERM: 5}
    found = kinds_of((phase, [1], [3], 0), (phase, [3]), (phase, [1]))
    assert found[TERM] == found.total() <= 5


def test_hadamards_about_a_controlled_phase_make_a_controlled_x() -> None:
    found = kinds_of((H, [0]), (np.array([1, 1, 1, -1]), [0, 1]), (H, [0]))
    assert found[SHEAR] == 2
    assert found[TERM] == found.total() - 2 <= 3


def test_two_qubit_matrices_take_up_what_stands_beside_them() -> None:
    rng = np.random.default_rng(2)
    four = unitary(rng, 2)
    gates = [(generic(1), [1]), (four, [1, 3]), (generic(2), [3]), (generic(3), [1])]
    found = kinds_of(*gates, (X, [1], [3], 0), (four, [3, 1]), (X, [3], [1], 1))
    assert found == {MATRIX_TWO: 1}


def test_many_two_qubit_matrices_leave_local_gates_to_the_next_one() -> None:
    rng = np.random.default_rng(5)
    gates = [
        (unitary(rng, 2), rng.permutation(N_QUBITS)[:2].tolist())
        for _ in range(4 * N_QUBITS)
    ]
    program = program_of(*gates)
    fused = fuse(program)
    expected = matrix_of_program(program)
    assert_allclose(matrix_of_rows(program, fused), expected, rtol=0, atol=1e-12)
    rows, numbers = fused[0], fused[1]
    dense = rows[rows[:, 0] == MATRIX_TWO]
    assert 0 < len(dense) <= len(gates)
    for first in dense[:, 5]:
        column = numbers[first : first + 16 : 4]
        assert_array_equal(column[1:3], 0.0)
        assert_array_equal(column.imag, 0.0)


@pytest.mark.parametrize("n_swaps", [1, 2, 7])
def test_swaps_rename_qubits_and_are_carried_out_at_the_end(n_swaps: int) -> None:
    rng = np.random.default_rng(n_swaps)
    gates: list[tuple[Any, ...]] = []
    for k in range(n_swaps):
        pair = rng.permutation(N_QUBITS)[:2].tolist()
        gates += [(generic(k), [pair[0]]), (EXCHANGE, pair), (X, pair[:1], pair[1:], 1)]
    plain = fuse(program_of(*gates))[0][:, 0]
    swaps = np.flatnonzero(plain == SWAP)
    assert swaps.size <= min(n_swaps, N_QUBITS - 1)
    assert swaps.size == 0 or swaps[0] == plain.size - swaps.size
    kinds_of(*gates)


def test_swaps_that_undo_one_another_leave_nothing() -> None:
    forth = [(EXCHANGE, [k, k + 1]) for k in range(4)]
    assert kinds_of(*forth, *forth[::-1]) == {}
    assert kinds_of(*forth, (generic(), [4]), *forth[::-1]) == {SHEAR: 1, TERM: 1}


def test_controlled_swap_controls_one_of_three_flips() -> None:
    gates = ((EXCHANGE, [0, 3], [1, 4], 2),)
    rows = fuse(program_of(*gates))[0]
    assert kinds_of(*gates) == {FLIP: 3}
    assert sorted(mask.bit_count() for mask in rows[:, 3].tolist()) == [1, 1, 3]


def test_wide_gates_stay_entries_and_controls_need_no_shear() -> None:
    rng = np.random.default_rng(4)
    found = kinds_of(
        (np.exp(1j * rng.normal(size=8)), [0, 2, 4]),
        (unitary(rng, 3), [0, 1, 2], [4], 0),
        (unitary(rng, 1), [3], [1], 1),
        (np.exp([0.4j]), [], [0, 1, 2], 5),
    )
    assert found == {LOOKUP: 1, MATRIX_MANY: 1, MATRIX_ONE: 1, PHASE: 1}


def test_identities_leave_nothing() -> None:
    assert kinds_of((rotation(1, 2e-16), [0]), (np.eye(2) * np.exp(0.3j), [1])) == {}
    assert kinds_of((H, [0]), (H, [0]), (X, [1]), (X, [1])) == {}
