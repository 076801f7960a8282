"""Random control flow against exact probabilities, found by following every branch."""

from collections import defaultdict
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Operator, Statevector
from scipy import stats

from qleap.processing import Sampler, run

N_QUBITS, N_CLBITS, SHOTS = 3, 3, 2000


def gates(data: st.DataObject, circuit: QuantumCircuit) -> None:
    seed = data.draw(st.integers(0, 2**20))
    source = random_circuit(N_QUBITS, 1, max_operands=2, seed=seed)
    for step in source.data:  # inside a block the builder takes no compose
        places = [source.find_bit(bit).index for bit in step.qubits]
        circuit.append(step.operation, places)


def read(data: st.DataObject, circuit: QuantumCircuit) -> None:
    circuit.measure(data.draw(st.integers(0, 2)), data.draw(st.integers(0, 2)))


def body(data: st.DataObject, circuit: QuantumCircuit) -> None:
    gates(data, circuit)
    if data.draw(st.booleans()):
        read(data, circuit)
    if data.draw(st.booleans()):
        circuit.reset(data.draw(st.integers(0, 2)))


def dynamic(data: st.DataObject) -> QuantumCircuit:
    """Return a circuit with every kind of control flow in random order."""
    register = ClassicalRegister(N_CLBITS, "c")
    circuit = QuantumCircuit(QuantumRegister(N_QUBITS), register)
    circuit.h(range(N_QUBITS))
    kinds = st.sampled_from(["if", "else", "switch", "for", "while", "gates"])
    for kind in data.draw(st.lists(kinds, min_size=1, max_size=4)):
        read(data, circuit)
        bit = circuit.clbits[data.draw(st.integers(0, 2))]
        if kind == "if":
            with circuit.if_test((register, data.draw(st.integers(0, 7)))):
                body(data, circuit)
        elif kind == "else":
            with circuit.if_test((bit, data.draw(st.integers(0, 1)))) as otherwise:
                body(data, circuit)
            with otherwise:
                body(data, circuit)
        elif kind == "switch":
            with circuit.switch(register) as case:
                with case(0, data.draw(st.integers(1, 7))):
                    body(data, circuit)
                with case(case.DEFAULT):
                    body(data, circuit)
        elif kind == "for":
            with circuit.for_loop(range(2)):
                body(data, circuit)
                with circuit.if_test((bit, 1)):
                    circuit.break_loop()
        elif kind == "while":  # ends, since each turn reads a one half the time
            with circuit.while_loop((circuit.clbits[0], 0)):
                circuit.reset(0)
                circuit.x(0)
                circuit.measure(0, 0)
        else:
            gates(data, circuit)
    read(data, circuit)
    return circuit


World = tuple[float, Statevector, tuple[int, ...], bool]
"""Probability, state, classical bits, and whether a loop is being left."""


def measured(state: Statevector, qubit: int) -> list[tuple[float, int, Statevector]]:
    """Return probability, outcome and state of both outcomes, by Qiskit."""
    found = []
    shares = state.probabilities([qubit])
    projectors = (np.diag([1, 0]), np.diag([0, 1]))
    for outcome, share in enumerate(shares):
        if share > 1e-12:
            kept = state.evolve(Operator(projectors[outcome]), [qubit])
            found.append((share, outcome, Statevector(kept.data / np.sqrt(share))))
    return found


def follow(
    circuit: QuantumCircuit,
    qubits: list[int],
    clbits: list[int],
    world: World,
) -> list[World]:
    """Return all ways in which ``circuit`` can go on from ``world``."""
    worlds = [world]
    for step in circuit.data:
        q = [qubits[circuit.find_bit(b).index] for b in step.qubits]
        c = [clbits[circuit.find_bit(b).index] for b in step.clbits]
        after = []
        for one in worlds:
            after += [one] if one[3] else _step(circuit, step, q, c, clbits, one)
        worlds = after
    return worlds


def _value(
    target: Any, circuit: QuantumCircuit, clbits: list[int], bits: tuple[int, ...]
) -> int:
    if isinstance(target, ClassicalRegister):
        places = [clbits[circuit.find_bit(b).index] for b in target]
        return sum(bits[p] << k for k, p in enumerate(places))
    place: int = clbits[circuit.find_bit(target).index]
    return bits[place]


def _step(
    circuit: QuantumCircuit,
    step: Any,
    q: list[int],
    c: list[int],
    clbits: list[int],
    world: World,
) -> list[World]:
    """Return what one instruction makes of ``world``."""
    share, state, bits, _ = world
    operation, name = step.operation, step.operation.name
    if name in {"measure", "reset"}:
        found = []
        for part, outcome, kept in measured(state, q[0]):
            now = bits
            if name == "measure":
                now = (*bits[: c[0]], outcome, *bits[c[0] + 1 :])
            elif outcome:
                flip = QuantumCircuit(1)
                flip.x(0)
                kept = kept.evolve(flip, q)
            found.append((share * part, kept, now, False))
        return found
    if name == "break_loop":
        return [(share, state, bits, True)]
    if name == "for_loop":
        worlds = [world]
        for _ in operation.params[0]:
            worlds = [
                new
                for one in worlds
                for new in ([one] if one[3] else follow(operation.blocks[0], q, c, one))
            ]
        return [(s, v, b, False) for s, v, b, _ in worlds]
    if name == "while_loop":
        worlds, done = [world], []
        target, wanted = operation.condition
        while worlds:
            one = worlds.pop()
            if _value(target, circuit, clbits, one[2]) != wanted:
                done.append(one)
            else:
                worlds += follow(operation.blocks[0], q, c, one)
        return done
    if name == "if_else":
        target, wanted = operation.condition
        true = _value(target, circuit, clbits, bits) == int(wanted)
        blocks = operation.blocks
        chosen = blocks[0] if true else blocks[1] if len(blocks) > 1 else None
        return [world] if chosen is None else follow(chosen, q, c, world)
    if name == "switch_case":
        value = _value(operation.target, circuit, clbits, bits)
        for labels, block in operation.cases_specifier():
            if any(label == value or not isinstance(label, int) for label in labels):
                return follow(block, q, c, world)
        return [world]
    return [(share, state.evolve(operation, q), bits, False)]


@given(data=st.data())
@settings(max_examples=25)
def test_random_control_flow_follows_exact_probabilities(data: st.DataObject) -> None:
    circuit = dynamic(data)
    exact: dict[int, float] = defaultdict(float)
    start: World = (1.0, Statevector.from_label("000"), (0,) * N_CLBITS, False)
    places = list(range(N_QUBITS))
    for share, _, bits, _ in follow(circuit, places, list(range(N_CLBITS)), start):
        exact[sum(bit << k for k, bit in enumerate(bits))] += share
    assert abs(sum(exact.values()) - 1) < 1e-9
    alone = {int(k, 2): n for k, n in run(circuit, SHOTS, seed=1).counts.items()}
    batch = Sampler(seed=2).run([circuit], shots=SHOTS).result()[0].data.c
    for counts in (alone, batch.get_int_counts()):
        likely = sorted(k for k, share in exact.items() if share * SHOTS > 5)
        assert set(counts) <= {k for k, share in exact.items() if share > 1e-12}
        if len(likely) > 1:
            found = np.array([counts.get(k, 0) for k in likely])
            expected = np.array([exact[k] for k in likely])
            expected *= found.sum() / expected.sum()
            assert stats.chisquare(found, expected).pvalue > 1e-5
