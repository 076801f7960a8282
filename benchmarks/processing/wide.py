"""Circuits of more qubits than a state vector holds: beside stim and Aer.

Ours is timed from the Qiskit circuit and the noise model; stim samples a circuit of its
own that is built before, Aer a transpiled one.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from qiskit import QuantumCircuit

from qleap.bench import Peer, Skip, Speed
from qleap.core.errors import MissingExtra
from qleap.core.extras import require
from qleap.processing.bits import unpack
from qleap.processing.noise import NoiseModel, depolarizing
from qleap.processing.noise.methods import MethodName, noisy_program, sample_noisy

from . import _aer

THREADS = 2
SIGMA = 6.0
"""Standard errors by which the share of ones of a qubit may differ."""

CLIFFORD_GATES = ("h", "s", "sdg", "x", "sx")


def cases(quick: bool) -> Iterator[Speed]:
    """Yield the race of a Clifford circuit and that of a matrix product state."""
    threads = 1 if quick else THREADS
    yield _clifford(*((50, 1000) if quick else (500, 1_000_000)))
    yield _mps(*((20, 4, threads) if quick else (60, 8, threads)))


def _clifford(n_qubits: int, shots: int) -> Speed:
    circuit = _layers(n_qubits, 10)
    model = NoiseModel().after(1, depolarizing(1e-3)).after(2, depolarizing(1e-2, 2))
    return Speed(
        name=f"processing.noise.clifford{n_qubits}",
        title=f"{shots} samples of ten layers of Clifford gates, {n_qubits} qubits, "
        "depolarised",
        run=partial(_ours, circuit, model, shots, "clifford"),
        peers=(
            Peer(
                name="stim",
                distribution="stim",
                make=partial(_stim, circuit, model, shots),
            ),
        ),
        error=partial(_deviation, shots),
        rtol=SIGMA,
        threads=1,
    )


def _mps(n_qubits: int, depth: int, threads: int) -> Speed:
    circuit, shots = _weak(n_qubits, depth), 1024
    return Speed(
        name=f"processing.noise.mps{n_qubits}",
        title=f"{shots} samples of {depth} brickwork layers of weak rzz, {n_qubits} "
        "qubits, as a matrix product state",
        run=partial(_ours, circuit, None, shots, "mps"),
        peers=(
            Peer(
                name="Qiskit Aer",
                distribution="qiskit-aer",
                make=partial(_aer.matrix_product, circuit, shots, threads),
            ),
        ),
        error=partial(_deviation, shots),
        rtol=SIGMA,
        threads=threads,
    )


def _ours(
    circuit: QuantumCircuit, model: NoiseModel | None, shots: int, method: MethodName
) -> Any:
    if method == "clifford":
        try:
            require("stim", "clifford")
        except MissingExtra as error:
            raise Skip(str(error)) from error
    packed, _ = sample_noisy(circuit, model, shots, 1, method)
    return lambda: unpack(packed, circuit.num_clbits).mean(axis=0)


def _stim(circuit: QuantumCircuit, model: NoiseModel, shots: int) -> Callable[[], Any]:
    from qleap.processing.noise.clifford import to_stim

    built, _ = to_stim(noisy_program(circuit, model))

    def work() -> Any:
        read = built.compile_sampler(seed=2).sample(shots, bit_packed=True)
        n = circuit.num_clbits
        return lambda: np.unpackbits(read, axis=1, count=n, bitorder="little").mean(0)

    return work


def _deviation(shots: int, ours: Any, theirs: Any) -> float:
    """Return the largest difference of a share of ones in standard errors."""
    first, second = ours(), theirs()
    mean = 0.5 * (first + second)
    error = np.sqrt(np.maximum(2.0 * mean * (1.0 - mean) / shots, 1.0 / shots**2))
    return float((np.abs(first - second) / error).max())


def _layers(n_qubits: int, depth: int) -> QuantumCircuit:
    rng = np.random.default_rng(0)
    circuit = QuantumCircuit(n_qubits)
    for layer in range(depth):
        for qubit in range(n_qubits):
            getattr(circuit, str(rng.choice(CLIFFORD_GATES)))(qubit)
        for qubit in range(layer % 2, n_qubits - 1, 2):
            circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return circuit


def _weak(n_qubits: int, depth: int) -> QuantumCircuit:
    rng = np.random.default_rng(0)
    circuit = QuantumCircuit(n_qubits)
    for layer in range(depth):
        for qubit in range(n_qubits):
            circuit.ry(rng.uniform(0, np.pi), qubit)
            circuit.rz(rng.uniform(0, np.pi), qubit)
        for qubit in range(layer % 2, n_qubits - 1, 2):
            circuit.rzz(rng.uniform(0, 0.2), qubit, qubit + 1)
    circuit.measure_all()
    return circuit
