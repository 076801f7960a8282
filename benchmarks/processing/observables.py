"""Expectation values and gradients beside every simulator that has them."""

from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp

from qleap import processing
from qleap.bench import Peer, Speed

from . import _lightning, _qulacs, _scaluq
from ._circuits import ansatz, gradient_ansatz, pauli_sum, z_sum

THREADS = 2
RTOL = 1e-10

PEERS: tuple[tuple[str, str, ModuleType, dict[str, str]], ...] = (
    ("scaluq", "scaluq", _scaluq, {}),
    ("Lightning qubit", "pennylane-lightning", _lightning, {"device": "qubit"}),
    (
        "Lightning Kokkos",
        "pennylane-lightning-kokkos",
        _lightning,
        {"device": "kokkos"},
    ),
    ("qulacs", "qulacs", _qulacs, {}),
)


def cases(quick: bool) -> Iterator[Speed]:
    """Yield the expectation value of a state at hand, and a gradient from zero."""
    n_qubits, threads = (10, 1) if quick else (20, THREADS)
    yield _expectation(ansatz(n_qubits, 2), pauli_sum(n_qubits), threads)
    yield _gradient(gradient_ansatz(n_qubits), z_sum(n_qubits), threads)


def _expectation(
    circuit: QuantumCircuit, observable: SparsePauliOp, threads: int
) -> Speed:
    n_qubits = circuit.num_qubits
    state: list[Any] = []

    def run() -> Any:
        if not state:  # not before somebody asks for it
            state.append(processing.statevector(circuit))
        return processing.expectation(state[0], observable)

    return Speed(
        name=f"processing.race.expectation{n_qubits}",
        title=f"sum of 200 Pauli strings of weight 1 to 4, {n_qubits} qubits",
        run=run,
        peers=_peers("expectation", threads, circuit, observable),
        error=_relative,
        rtol=RTOL,
        threads=threads,
    )


def _gradient(
    circuit: QuantumCircuit, observable: SparsePauliOp, threads: int
) -> Speed:
    n_qubits = circuit.num_qubits
    count = len(circuit.parameters)
    values = np.random.default_rng(5).uniform(0, 2 * np.pi, count)
    return Speed(
        name=f"processing.race.gradient{n_qubits}",
        title=f"gradient of Z and ZZ sums, {count} parameters, {n_qubits} qubits",
        run=lambda: processing.gradient(circuit, observable, values),
        peers=_peers("gradient", threads, circuit, observable, values),
        error=_relative,
        rtol=RTOL,
        threads=threads,
    )


def _peers(task: str, threads: int, *arguments: Any) -> tuple[Peer, ...]:
    return tuple(
        Peer(
            name=name,
            distribution=distribution,
            make=partial(getattr(adapter, task), *arguments, threads, **options),
        )
        for name, distribution, adapter, options in PEERS
    )


def _relative(ours: Any, theirs: Any) -> float:
    largest = np.max(np.abs(theirs))
    return float(np.max(np.abs(np.asarray(ours) - np.asarray(theirs))) / largest)
