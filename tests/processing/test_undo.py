"""The kernels of the adjoint method against their twins."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.jit import kernel
from qleap.core.simd import host_lanes
from qleap.processing._kernels import reversal, turns, undo, undoing
from qleap.processing._reference import reversal as reversal_reference
from qleap.processing._reference import turns as turns_reference
from qleap.processing._reference import undo as undo_reference
from qleap.processing._reference import undoing as undoing_reference
from qleap.processing.adjoint import angle_counts, coefficient_slopes
from qleap.processing.lowering import compile_circuit

from .test_gradients import random_circuit

Random = np.random.Generator
Numbers = NDArray[Any]
seeds = st.integers(0, 2**32 - 1)
widths = st.sampled_from([128, 256, 512])
kinds = st.sampled_from([np.float64, np.float32])


@kernel
def turn_pair(x, y, low, high, order, fixed, value, table, lanes):  # type: ignore[no-untyped-def]
    return turns.turn_pair(x, y, low, high, order, fixed, value, table, lanes)


@kernel
def turn_rows(x, y, target, fixed, value, table, lanes):  # type: ignore[no-untyped-def]
    return turns.turn_rows(x, y, target, fixed, value, table, lanes)


@kernel
def turn_lane(x, y, place, fixed, value, table, lanes):  # type: ignore[no-untyped-def]
    return turns.turn_lane(x, y, place, fixed, value, table, lanes)


@kernel
def spin_rows(re, im, target, fixed, value, table, lanes):  # type: ignore[no-untyped-def]
    return turns.spin_rows(re, im, target, fixed, value, table, lanes)


@kernel
def spin_lane(re, im, place, fixed, value, table, lanes):  # type: ignore[no-untyped-def]
    return turns.spin_lane(re, im, place, fixed, value, table, lanes)


@kernel
def cross_sum(re, im, flipped, lanes_flipped, fixed, value, packed, table, lanes):  # type: ignore[no-untyped-def]
    return turns.cross_sum(
        re, im, flipped, lanes_flipped, fixed, value, packed, table, lanes
    )


WRAPPED: dict[str, Any] = {
    "turn_pair": turn_pair,
    "turn_rows": turn_rows,
    "turn_lane": turn_lane,
    "spin_rows": spin_rows,
    "spin_lane": spin_lane,
    "cross_sum": cross_sum,
}


def arguments(
    rng: Random, name: str, kind: Any, lanes: tuple[int, ...]
) -> tuple[Any, ...]:
    """Return random arguments behind the two arrays; the block has 2^9 numbers."""
    n_rows = 8 - len(lanes)  # bits of a row, without that of the halves
    one, two, fixed, other = (1 << k for k in rng.permutation(n_rows)[:4].tolist())
    fixed = fixed * int(rng.integers(2)) | other * int(rng.integers(2))
    value = fixed & int(rng.integers(256))
    table = rng.normal(size=18 << len(lanes)).astype(kind)
    place = int(rng.integers(len(lanes)))
    packed = bool(rng.integers(2))
    flips = int(rng.integers(1 << n_rows)), int(rng.integers(1 << len(lanes)))
    order = int(sum(int(place) << 2 * k for k, place in enumerate(rng.permutation(4))))
    targets = {
        "turn_pair": (min(one, two), max(one, two), order),
        "turn_rows": (one,),
        "spin_rows": (one,),
        "cross_sum": flips,
    }.get(name, (place,))
    middle = (packed,) if name == "cross_sum" else ()
    return (*targets, fixed, value, *middle, table, lanes)


@pytest.mark.parametrize("name", WRAPPED)
@settings(max_examples=20)
@given(seed=seeds, bits=widths, kind=kinds)
def test_turns_equal_reference(name: str, seed: int, bits: int, kind: Any) -> None:
    rng = np.random.default_rng(seed)
    lanes = host_lanes(np.dtype(kind).itemsize, bits)
    if len(lanes) == 4:  # a row needs four bits
        lanes = lanes[:3]
    given_arguments = arguments(rng, name, kind, lanes)
    ours = [rng.normal(size=1 << 9).astype(kind) for _ in range(2)]
    twin = [part.copy() for part in ours]
    found = WRAPPED[name](*ours, *given_arguments)
    expected = getattr(turns_reference, name)(*twin, *given_arguments)
    tolerance = 1e-11 if kind == np.float64 else 2e-2
    assert_allclose(found, expected, atol=tolerance)
    assert_allclose(ours, twin, atol=1e-12 if kind == np.float64 else 1e-4)


def reversed_program(
    reverse: Any, rng: Random, n_qubits: int, real: bool
) -> tuple[Any, Any]:
    circuit = random_circuit(rng, n_qubits, 25, real=real)
    program = compile_circuit(circuit)
    bound = program.bind(rng.normal(size=len(program.parameters)))
    active = np.ones(bound.angles.offsets.size, np.int64)
    active[: active.size // 4] = 0
    found = reverse(
        n_qubits,
        bound.operations,
        bound.wires,
        bound.coefficients,
        program.recipes,
        angle_counts(program.recipes),
        active,
        coefficient_slopes(program.recipes, bound),
    )
    return found, active


def slopes(
    reverse: Any,
    assemble: Any,
    undo_blocks: Any,
    *,
    rng: Random,
    real: bool,
    bits: int,
) -> Numbers:
    """Return what the derivatives of a random circuit are on two random states."""
    n_qubits = 8
    states = rng.normal(size=(2, 2 << n_qubits)) / 16.0
    found, active = reversed_program(reverse, rng, n_qubits, real)
    rows, numbers, wires, inverses, crosses, terms, weights, n_records, is_real = found
    assert not real or is_real
    inner = (1 << n_qubits) - 1
    lanes = host_lanes(8, bits)
    order = np.arange(len(rows))
    tables = (rows, numbers, wires, crosses, order)
    sheet = assemble(*tables, inner, n_qubits, len(lanes), real)
    records = np.zeros(n_records)
    span = (inner, 0, 0, 1, real, True, lanes)
    undo_blocks(*sheet, inverses, *span, states[0], states[1], records)
    total = np.zeros(active.size)
    np.add.at(total, terms[:, 0], weights * records[terms[:, 1]])
    assert not total[active == 0].any()
    return np.concatenate([total, [records[reversal_reference.VALUE]]])


REFERENCE = (
    reversal_reference.reverse,
    undoing_reference.assemble_reversed,
    undo_reference.undo_blocks,
)


@settings(max_examples=10)
@given(seed=seeds, bits=widths)
def test_kernels_measure_what_their_twins_measure(seed: int, bits: int) -> None:
    def run(*functions: Any) -> Numbers:
        rng = np.random.default_rng(seed)
        return slopes(*functions, rng=rng, real=False, bits=bits)

    expected = run(*REFERENCE)
    reverse, assemble, undo_blocks = (
        reversal.reverse,
        undoing.assemble_reversed,
        undo.undo_blocks,
    )
    # global phases change the identity's share, which is zero for a true lambda
    assert_allclose(run(reverse, *REFERENCE[1:])[-1], expected[-1], atol=1e-11)
    assert_allclose(
        run(reverse, assemble, undo_blocks),
        run(reverse, *REFERENCE[1:]),
        atol=1e-11,
    )


@settings(max_examples=10)
@given(seed=seeds, bits=widths)
def test_kernels_of_packed_states_measure_what_their_twins_measure(
    seed: int, bits: int
) -> None:
    def run(*functions: Any) -> Numbers:
        rng = np.random.default_rng(seed)
        return slopes(*functions, rng=rng, real=True, bits=bits)

    expected = run(*REFERENCE)
    found = run(reversal.reverse, undoing.assemble_reversed, undo.undo_blocks)
    assert_allclose(found, expected, atol=1e-11)
