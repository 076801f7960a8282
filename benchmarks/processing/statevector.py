"""The statevector engine: right against theory and Qiskit, then fast beside peers."""

import math
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit.library import QFTGate
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Statevector

from qleap.bench import Accuracy, Measured, Peer, Speed
from qleap.processing import run, statevector

State = NDArray[np.complex128]


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield accuracy against theory and Qiskit, and speed beside Qiskit and Aer."""
    yield Accuracy(
        name="processing.statevector.fourier",
        title="QFT of basis states against exp(2 pi i j k / N) / sqrt(N), 10 qubits",
        unit="1",
        evidence="analytic",
        reference="closed form",
        measure=_fourier_error,
        prediction=0.0,
        citation="Nielsen and Chuang, Quantum Computation, 2010, eq. 5.2",
    )
    yield Accuracy(
        name="processing.statevector.agreement",
        title="largest difference of an amplitude on random circuits",
        unit="1",
        evidence="simulated",
        reference="Qiskit Statevector",
        measure=partial(_agreement, 12 if quick else 60),
        prediction=0.0,
    )
    yield Accuracy(
        name="processing.counts.born_rule",
        title="largest deviation of a count from Born's rule in standard errors",
        unit="1",
        evidence="analytic",
        reference="binomial distribution of 16 outcomes, 200 000 shots",
        measure=_born_deviation,
    )
    yield Accuracy(
        name="processing.counts.teleportation",
        title="teleportation with measurement and feed-forward: share of successes",
        unit="1",
        evidence="analytic",
        reference="unity",
        measure=_teleportation,
        prediction=1.0,
    )
    yield Accuracy(
        name="processing.statevector.layered20_time",
        title="20 qubits, depth 20, u and CX layers: median wall time when warm",
        unit="s",
        evidence="simulated",
        reference="2 s, the house's own bar",
        measure=_layered_time,
        alone=True,
    )
    for n_qubits in (16,) if quick else (16, 20):
        for name, make in (("layered", _layered), ("qft", _fourier)):
            # Qiskit's own simulator takes a second for one layered circuit.
            slow_peer = not (quick and name == "layered")
            yield _race(f"{name}{n_qubits}", make(n_qubits), slow_peer=slow_peer)


def _race(name: str, circuit: QuantumCircuit, *, slow_peer: bool) -> Speed:
    qiskit = Peer(
        name="Qiskit Statevector",
        distribution="qiskit",
        make=lambda: lambda: Statevector(circuit).data,
    )
    # Two threads wait for one another on a busy machine, which says nothing about
    # programs; the small circuits are raced with one.
    threads = 1 if circuit.num_qubits < 20 else 2
    peer = _aer(circuit, threads)
    aer = Peer(name="Qiskit Aer", distribution="qiskit-aer", make=peer)
    return Speed(
        name=f"processing.statevector.{name}",
        title=f"final state of {name}, double precision, threads: {threads}",
        run=lambda: statevector(circuit),
        peers=(aer, qiskit) if slow_peer else (aer,),
        error=_relative_error,
        rtol=1e-10,
        threads=threads,
    )


def _aer(circuit: QuantumCircuit, threads: int) -> Callable[[], Callable[[], State]]:
    """Prepare Aer with as many threads as we use; transpilation is not timed."""

    def make() -> Callable[[], State]:
        from qiskit import transpile
        from qiskit_aer import AerSimulator

        simulator = AerSimulator(method="statevector", max_parallel_threads=threads)
        saved = circuit.copy()
        saved.save_statevector()
        native = transpile(saved, simulator, optimization_level=0)
        return lambda: np.asarray(simulator.run(native).result().get_statevector())

    return make


def _layered(n_qubits: int, depth: int = 20) -> QuantumCircuit:
    """Return ``depth`` layers of random u gates and a brickwork of CX."""
    rng = np.random.default_rng(n_qubits)
    circuit = QuantumCircuit(n_qubits)
    for layer in range(depth):
        for qubit in range(n_qubits):
            circuit.u(*rng.uniform(0, 2 * np.pi, 3), qubit)
        for qubit in range(layer % 2, n_qubits - 1, 2):
            circuit.cx(qubit, qubit + 1)
    return circuit


def _fourier(n_qubits: int, basis_state: int = 5) -> QuantumCircuit:
    """Return the quantum Fourier transform, gate by gate, of a basis state."""
    circuit = QuantumCircuit(n_qubits)
    for qubit in range(n_qubits):
        if basis_state >> qubit & 1:
            circuit.x(qubit)
    transform = QFTGate(n_qubits).definition
    return circuit.compose(transform)


def _fourier_error() -> float:
    size = 2**10
    index = np.arange(size)
    worst = 0.0
    for k in (0, 1, 333, 1023):
        expected = np.exp(2j * np.pi * (index * k % size) / size) / math.sqrt(size)
        worst = max(worst, _largest(statevector(_fourier(10, k)) - expected))
    return worst


def _agreement(n_circuits: int) -> float:
    worst = 0.0
    for seed in range(n_circuits):
        circuit = random_circuit(3 + seed % 10, 15, max_operands=4, seed=seed)
        worst = max(worst, _largest(statevector(circuit) - Statevector(circuit).data))
    return worst


def _born_deviation() -> float:
    circuit = random_circuit(4, 6, max_operands=2, seed=7)
    shares = np.abs(Statevector(circuit).data) ** 2
    circuit.measure_all()
    shots = 200_000
    counts = run(circuit, shots, seed=20261123).counts
    found = np.array([counts.get(f"{k:04b}", 0) for k in range(16)])
    possible = shares > 1e-12
    scatter = np.sqrt(shots * shares * (1 - shares))
    if found[~possible].any():
        return float(shots)
    deviation = np.abs(found - shots * shares)[possible] / scatter[possible]
    return float(deviation.max())


def _teleportation() -> Measured:
    circuit = QuantumCircuit(3, 3)
    circuit.ry(1.1, 0)
    circuit.h(1)
    circuit.cx(1, 2)
    circuit.cx(0, 1)
    circuit.h(0)
    circuit.measure([0, 1], [0, 1])
    with circuit.if_test((circuit.clbits[1], 1)):
        circuit.x(2)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.z(2)
    circuit.ry(-1.1, 2)
    circuit.measure(2, 2)
    shots = 10_000
    counts = run(circuit, shots, seed=1).counts
    share = sum(n for bits, n in counts.items() if bits[0] == "0") / shots
    # Without a failure the exact one-sided 99 % bound is 1 - 0.01 ** (1 / shots).
    return Measured(value=share, low=share * 0.01 ** (1 / shots), high=1.0)


def _layered_time() -> Measured:
    circuit = _layered(20)
    statevector(circuit)
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        statevector(circuit)
        times.append(time.perf_counter() - begin)
    return Measured(value=float(np.median(times)), low=min(times), high=max(times))


def _relative_error(ours: State, theirs: State) -> float:
    return _largest(ours - theirs) / _largest(theirs)


def _largest(difference: Any) -> float:
    return float(np.max(np.abs(difference)))
