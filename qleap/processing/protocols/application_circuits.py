"""Circuits of applications, as wide as one likes, with random instances."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from qiskit import QuantumCircuit

__all__ = ["APPLICATIONS", "eigensolver", "fourier", "ising", "phase_estimation"]

TIME: Final = 0.2
"""Of a Trotter step, in units of the inverse coupling."""

STEPS: Final = 5
"""Of a simulation, in Trotter steps."""


def fourier(n_qubits: int, rng: np.random.Generator) -> QuantumCircuit:
    """Return a Fourier transform, an addition of one, and the inverse transform.

    From a random number s: the outcome is s + 1 modulo 2^n.
    """
    circuit = _number(n_qubits, rng)
    circuit.compose(_transform(n_qubits), inplace=True)
    circuit.barrier()
    for qubit in range(n_qubits):
        circuit.rz(2.0 * math.pi / 2.0 ** (n_qubits - qubit), qubit)
    circuit.barrier()
    circuit.compose(_transform(n_qubits).inverse(), inplace=True)
    return circuit


def phase_estimation(n_qubits: int, rng: np.random.Generator) -> QuantumCircuit:
    """Return the estimate of a random phase of n - 1 bits, whose outcome is certain.

    The last qubit holds the eigenstate |1> of a phase gate.
    """
    n_bits = n_qubits - 1
    phase = 2.0 * math.pi * rng.integers(1 << n_bits) / (1 << n_bits)
    circuit = QuantumCircuit(n_qubits)
    circuit.x(n_bits)
    circuit.h(range(n_bits))
    circuit.barrier()
    for bit in range(n_bits):
        circuit.cp(phase * (1 << bit), bit, n_bits)
    circuit.barrier()
    circuit.compose(_transform(n_bits).inverse(), range(n_bits), inplace=True)
    return circuit


def heisenberg(n_qubits: int, rng: np.random.Generator) -> QuantumCircuit:
    """Return steps of a Heisenberg chain in random fields, from a Neel state."""
    circuit = QuantumCircuit(n_qubits)
    circuit.x(range(0, n_qubits, 2))
    fields = rng.uniform(-1.0, 1.0, (2, n_qubits))
    for _ in range(STEPS):
        circuit.barrier()
        for qubit, (along, across) in enumerate(fields.T):
            circuit.rx(2.0 * TIME * across, qubit)
            circuit.rz(2.0 * TIME * along, qubit)
        for name in ("rxx", "ryy", "rzz"):
            _bonds(circuit, name, 2.0 * TIME)
    return circuit


def ising(n_qubits: int, rng: np.random.Generator) -> QuantumCircuit:
    """Return Trotter steps of an Ising chain across a random field, from all zero."""
    circuit = QuantumCircuit(n_qubits)
    field = rng.uniform(0.5, 1.5)
    for _ in range(STEPS):
        circuit.barrier()
        _bonds(circuit, "rzz", -2.0 * TIME)
        circuit.rx(-2.0 * TIME * field, range(n_qubits))
    return circuit


def eigensolver(n_qubits: int, rng: np.random.Generator) -> QuantumCircuit:
    """Return the ansatz of a variational eigensolver: two blocks with random angles.

    Turns about Y and Z of each qubit and CX along the chain, as in hardware-efficient
    ansatz circuits; random angles are where an optimiser begins.
    """
    circuit = QuantumCircuit(n_qubits)
    for block in range(3):
        for qubit in range(n_qubits):
            circuit.ry(rng.uniform(-math.pi, math.pi), qubit)
            circuit.rz(rng.uniform(-math.pi, math.pi), qubit)
        if block < 2:
            circuit.barrier()
            for first in range(n_qubits - 1):
                circuit.cx(first, first + 1)
            circuit.barrier()
    return circuit


APPLICATIONS: Final[
    Mapping[str, Callable[[int, np.random.Generator], QuantumCircuit]]
] = MappingProxyType(
    {
        "fourier": fourier,
        "phase_estimation": phase_estimation,
        "ising": ising,
        "heisenberg": heisenberg,
        "eigensolver": eigensolver,
    }
)


def _number(n_qubits: int, rng: np.random.Generator) -> QuantumCircuit:
    circuit = QuantumCircuit(n_qubits)
    for qubit in np.flatnonzero(rng.integers(2, size=n_qubits)):
        circuit.x(int(qubit))
    circuit.barrier()
    return circuit


def _transform(n_qubits: int) -> QuantumCircuit:
    """Return the Fourier transform whose swaps are left to the order of its phases."""
    from qiskit.synthesis.qft import synth_qft_full

    return synth_qft_full(n_qubits, do_swaps=True)


def _bonds(circuit: QuantumCircuit, name: str, angle: float) -> None:
    """Append a gate to the bonds of a chain, even ones first."""
    n_qubits = circuit.num_qubits
    for start in (0, 1):
        for first in range(start, n_qubits - 1, 2):
            getattr(circuit, name)(angle, first, first + 1)
