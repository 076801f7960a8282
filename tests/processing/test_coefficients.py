"""Coefficients from angles: kernel, reference and Qiskit's matrices."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from qiskit.circuit import ControlledGate
from qiskit.circuit.library import get_standard_gate_name_mapping

from qleap.processing._kernels import coefficients as kernels
from qleap.processing._reference import coefficients as reference
from qleap.processing.recipes import CONSTANTS, FREQUENCIES, STANDARD, Recipe, size

GATES = get_standard_gate_name_mapping()
TURNED = [code for code in Recipe if code is not Recipe.NONE]
seeds = st.integers(0, 2**32 - 1)


def test_the_codes_are_those_of_the_recipes() -> None:
    for code in Recipe:
        assert getattr(kernels, code.name) == code
        assert getattr(reference, code.name) == code


def random_recipes(rng: np.random.Generator, n_gates: int) -> tuple[Any, Any, int]:
    """Return recipes, two rows of angles, and the length of a table."""
    rows, place, slot = [], 3, 0
    for k in range(n_gates):
        code = TURNED[int(rng.integers(len(TURNED)))]
        rows.append((code, k, place, slot))
        place, slot = place + size(code), slot + len(FREQUENCIES[code])
    angles = rng.choice([1.0, 1e3, 1e9], (2, slot)) * rng.uniform(-9, 9, (2, slot))
    return np.array(rows, np.int64), angles, place


@given(seed=seeds)
def test_kernel_equals_reference(seed: int) -> None:
    recipes, angles, length = random_recipes(np.random.default_rng(seed), 6)
    tables = [np.zeros((2, length)) for _ in range(2)]
    kernels.fill_coefficients(recipes, angles, tables[0])
    reference.fill_coefficients(recipes, angles, tables[1])
    assert_allclose(tables[0], tables[1], rtol=0, atol=1e-6)  # expm of large angles
    small = np.abs(angles).max(axis=1) < 100
    assert_allclose(tables[0][small], tables[1][small], rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", sorted(set(STANDARD) & set(GATES)))
def test_entries_are_those_of_qiskit(name: str, rng: np.random.Generator) -> None:
    gate, row = GATES[name], STANDARD[name]
    values = rng.uniform(-7, 7, row.n_angles)
    if gate.params:
        gate = gate.base_class(*values)
    assert gate.num_qubits == row.n_targets + row.n_controls
    assert len(gate.params) == row.n_angles
    if row.kind == 3:
        return  # an exchange has no entries
    table = np.zeros(40)
    if row.code:
        angles = np.array([[*row.prefix, *values]])
        recipe = np.array([[row.code, 0, 0, 0]], np.int64)
        kernels.fill_coefficients(recipe, angles, table[None])
    else:
        table[:32] = np.resize(CONSTANTS[row.place :], 32)
    found = table[0::2] + 1j * table[1::2]
    base = gate.base_gate if isinstance(gate, ControlledGate) else gate
    matrix = base.to_matrix()
    if name == "cu":
        matrix = np.exp(1j * values[3]) * matrix
    if row.kind == 2:  # a diagonal, without the leading one of a phase
        assert np.count_nonzero(matrix - np.diag(np.diagonal(matrix))) == 0
        entries = np.diagonal(matrix)
        entries = entries if row.n_targets else entries[-1:]
    else:
        entries = np.ravel(matrix)
    assert_allclose(found[: entries.size], entries, rtol=0, atol=1e-15)


@pytest.mark.parametrize("code", TURNED)
def test_frequencies_give_the_derivative_without_error(
    code: Recipe, rng: np.random.Generator
) -> None:
    frequencies = FREQUENCIES[code]
    angles = rng.uniform(-3, 3, len(frequencies))
    recipe = np.array([[code, 0, 0, 0]], np.int64)

    def entries(at: Any) -> Any:
        table = np.zeros((1, size(code)))
        kernels.fill_coefficients(recipe, at[None], table)
        return table[0]

    for k, frequency in enumerate(frequencies):
        far, near = np.zeros_like(angles), np.zeros_like(angles)
        far[k], near[k] = np.pi / (2 * frequency), 1e-5
        rule = frequency / 2 * (entries(angles + far) - entries(angles - far))
        slope = (entries(angles + near) - entries(angles - near)) / 2e-5
        assert_allclose(rule, slope, rtol=0, atol=1e-9)
