"""Layouts, stages and exchanges on paper: no ranks are started here."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from qiskit import QuantumCircuit
from qiskit.circuit.random import random_circuit
from qiskit.synthesis import synth_qft_full

from qleap.core.errors import InvalidValue
from qleap.processing import plan_ranks
from qleap.processing._reference import schedule as reference
from qleap.processing.engine import fused
from qleap.processing.exchange import _route
from qleap.processing.lowering import compile_circuit
from qleap.processing.rank_plan import moved_share
from qleap.processing.ranks import mixed_masks, stages


@given(before=st.permutations(range(6)), chosen=st.permutations(range(6)))
def test_moved_share_counts_amplitudes(before: list[int], chosen: list[int]) -> None:
    n_local = 3
    after = list(before)  # what stays in the memory keeps its position
    free = [p for p, q in zip(before, chosen, strict=True) if max(p, q) >= n_local]
    owners = [k for k, p in enumerate(before) if p in free]
    for k, place in zip(sorted(owners, key=chosen.__getitem__), free, strict=True):
        after[k] = place
    if any(p != q and max(p, q) < n_local for p, q in zip(before, after, strict=True)):
        return
    layouts = (tuple(before), tuple(after))
    places = sorted(p for p, q in zip(*layouts, strict=True) if p < n_local <= q)
    routes = [
        (rank, _route(rank, slot, places, *layouts, n_local))
        for rank in range(8)
        for slot in range(1 << len(places))
    ]
    assert len({route for _, route in routes}) == len(routes)
    share = np.mean([rank != there for rank, (there, _) in routes])
    assert moved_share(*layouts, n_local) == pytest.approx(share)


@given(seed=st.integers(0, 1000), n_global=st.integers(0, 5))
def test_stages_mix_what_is_in_memory_alone(seed: int, n_global: int) -> None:
    circuit = random_circuit(9, 8, max_operands=3, seed=seed)
    program = compile_circuit(circuit)
    n_local = 9 - n_global
    work = fused(program, np.flatnonzero(program.is_gate))
    mixed = [reference.involved(row, work.wires)[0] for row in work.rows]
    assert_array_equal(mixed_masks(work.rows, work.wires), mixed)
    made = stages(work, n_local)
    for stage in made.stages:
        assert sorted(stage.layout) == list(range(9))
        assert stage.mixed < 1 << n_local
    for before, after in made.exchanges:
        pairs = zip(before, after, strict=True)
        assert all(p == q or max(p, q) >= n_local for p, q in pairs)


def test_plan_of_many_ranks_needs_no_state() -> None:
    plan = plan_ranks(synth_qft_full(42), memory_per_rank=64 * 2**30)
    # 16 B x 2^42 are 64 TiB, a quarter more 80 TiB: 2048 ranks of 40 GiB.
    assert plan.ranks == 2048
    assert plan.memory == 40 * 2**30
    assert plan.exchanges == 2
    assert plan.network_seconds == plan.bytes_sent / 12.5e9
    assert plan.bytes_sent < 2 * 16 * 2**31


def test_a_plan_without_a_size_is_refused() -> None:
    with pytest.raises(InvalidValue, match="either ranks or memory_per_rank, got neit"):
        plan_ranks(QuantumCircuit(12))
    with pytest.raises(InvalidValue, match="either ranks or memory_per_rank, not both"):
        plan_ranks(QuantumCircuit(12), ranks=4, memory_per_rank=1e9)
    with pytest.raises(InvalidValue, match="power of two, got 6"):
        plan_ranks(QuantumCircuit(12), ranks=6)
