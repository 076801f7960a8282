"""The kernels of trajectories and their twins, number by number."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.quantum_info import random_quantum_channel

from qleap.processing._kernels import events as kernels
from qleap.processing._kernels import trajectories as trajectory_kernels
from qleap.processing._reference import events as reference
from qleap.processing._reference import trajectories as trajectory_reference
from qleap.processing.noise import (
    NoiseModel,
    ReadoutError,
    amplitude_damping,
    depolarizing,
    over_rotation,
    thermal_relaxation,
)
from qleap.processing.noise.methods import noisy_program
from qleap.processing.noise.unravelling import noise_tables, unravel
from qleap.processing.shots import split

N_QUBITS = 4

Floats = NDArray[np.float64]
Operators = NDArray[np.complex128]

layouts = st.sampled_from([(2, 1), (1, 1 << N_QUBITS)])
qubits = st.permutations(range(N_QUBITS))
seeds = st.integers(0, 10**6)


def _parts(seed: int) -> Floats:
    found = np.random.default_rng(seed).normal(size=2 << N_QUBITS)
    return found / np.linalg.norm(found)


def _kraus(seed: int, n: int, kind: str) -> Operators:
    if kind == "damping":
        one = two = amplitude_damping(0.3, 0.2)
        return one.kraus if n == 1 else one.tensor(two).kraus
    operators = random_quantum_channel(2**n, seed=seed).to_instruction().params
    return np.array([np.asarray(operator) for operator in operators])


@given(seeds, layouts, qubits, st.integers(1, 3), st.sampled_from(["damping", "any"]))
def test_weights_equal_those_of_the_twin(
    seed: int, layout: tuple[int, int], order: list[int], n: int, kind: str
) -> None:
    n = min(n, 2) if kind == "damping" else n
    arguments = (*layout, np.array(order[:n]), _kraus(seed, n, kind))
    found = kernels.operator_weights(_parts(seed), *arguments)
    expected = reference.operator_weights(_parts(seed), *arguments)
    assert_allclose(found, expected, rtol=1e-10, atol=1e-14)
    assert_allclose(found.sum(), 1.0)


@given(seeds, layouts, qubits, st.integers(1, 3))
def test_operators_act_as_the_twin_says(
    seed: int, layout: tuple[int, int], order: list[int], n: int
) -> None:
    matrix = _kraus(seed, n, "any")[0]
    found, expected = _parts(seed), _parts(seed)
    for module, parts in ((kernels, found), (reference, expected)):
        module.apply_operator(parts, *layout, np.array(order[:n]), matrix, 1.3)
    assert_allclose(found, expected, atol=1e-14)


@given(seeds, layouts, qubits, st.integers(1, 2), st.floats(0.0, 1.0, exclude_max=True))
def test_states_collapse_as_the_twin_says(
    seed: int, layout: tuple[int, int], order: list[int], n: int, uniform: float
) -> None:
    arguments = (*layout, np.array(order[:n]), _kraus(seed, n, "damping"), uniform)
    found, expected = _parts(seed), _parts(seed)
    chosen = kernels.collapse(found, *arguments)
    assert chosen == reference.collapse(expected, *arguments)
    assert_allclose(found, expected, atol=1e-13)
    assert_allclose(np.linalg.norm(found), 1.0)


def test_what_cannot_happen_is_never_chosen() -> None:
    # |0>: a decay has no weight, whatever the number drawn.
    down = amplitude_damping(0.4).kraus
    for uniform in (0.0, 0.5, np.nextafter(1.0, 0.0)):
        parts = np.array([1.0, 0.0, 0.0, 0.0])
        assert kernels.collapse(parts, 2, 1, np.array([0]), down, uniform) == 0
        assert_array_equal(parts, [1.0, 0.0, 0.0, 0.0])


@given(seeds, layouts, st.floats(0.0, 1.0, exclude_max=True))
def test_readings_equal_those_of_the_twin(
    seed: int, layout: tuple[int, int], uniform: float
) -> None:
    parts = _parts(seed)
    found = kernels.reading(parts, *layout, uniform)
    assert found == reference.reading(parts, *layout, uniform)


@pytest.mark.parametrize("uniform", [0.0, 0.3, np.nextafter(1.0, 0.0)])
def test_readings_find_only_what_has_a_probability(uniform: float) -> None:
    state = np.zeros(256, complex)
    state[[77, 200]] = math.sqrt(0.5)
    found = kernels.reading(state.view(np.float64), 2, 1, uniform)
    assert found == (77 if uniform < 0.5 else 200)


def test_whole_trajectories_equal_those_of_the_twin() -> None:
    circuit = QuantumCircuit(3, 3)
    circuit.ry(1.0, 0)
    circuit.cx(0, 1)
    circuit.measure(0, 0)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.ry(0.8, 0)
        circuit.cx(0, 2)
        circuit.measure(0, 0)
    circuit.reset(0)
    circuit.ecr(1, 2)
    circuit.rx(0.7, 0)
    circuit.measure([1, 2], [1, 2])
    model = NoiseModel().after(1, thermal_relaxation(1.0, 1.2, 0.2))
    model = model.after(2, depolarizing(0.4, 2)).after(2, amplitude_damping(0.2))
    model = model.after("ry", over_rotation("X", 0.3).then(depolarizing(0.3)))
    model = model.with_readout(ReadoutError.of_bit(0.1, 0.3))
    program = noisy_program(circuit, model)
    noise = noise_tables([unravel(one) for one in program.channels], program.readouts)
    starts = split(np.array([7], np.uint64), np.arange(60))
    clock = np.linspace(0.0, 2.0, 60)
    x, z = np.array([0, 3, 6]), np.array([5, 0, 7])
    results = []
    for module in (trajectory_kernels, trajectory_reference):
        bits, values = np.zeros((60, 3), np.uint8), np.empty((60, 3))
        tables = (program.operations, program.wires, program.coefficients)
        left = module.run_trajectories(
            *tables, noise, 3, starts, clock, 1000, x, z, bits, values
        )
        assert left == 0
        results.append((bits, values))
    assert_array_equal(results[0][0], results[1][0])
    assert_allclose(results[0][1], results[1][1], atol=1e-12)
    assert 0 < results[0][0].mean() < 1


def test_trajectories_without_end_are_counted() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.while_loop((circuit.clbits[0], 0)):
        circuit.id(0)
        circuit.measure(0, 0)
    program = noisy_program(circuit, NoiseModel())
    noise = noise_tables([], [])
    starts = split(np.array([7], np.uint64), np.arange(5))
    none = np.empty(0, np.int64)
    for module in (trajectory_kernels, trajectory_reference):
        left = module.run_trajectories(
            program.operations,
            program.wires,
            program.coefficients,
            noise,
            1,
            starts,
            np.ones(5),
            50,
            none,
            none,
            np.zeros((5, 1), np.uint8),
            np.empty((5, 0)),
        )
        assert left == 5
