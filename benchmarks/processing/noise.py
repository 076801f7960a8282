"""Noisy circuits: right against Qiskit, fast beside Aer, and small in memory.

Ours is timed from the Qiskit circuit and the noise model; Aer from a circuit that is
transpiled and a noise model that is built. See ``docs/processing/noise.md``.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import DensityMatrix

from qleap.bench import Accuracy, Measured, Peer, Speed
from qleap.processing.noise import (
    NoiseModel,
    ReadoutError,
    density_matrix,
    depolarizing,
    thermal_relaxation,
)
from qleap.processing.noise.methods import sample_noisy

from . import _aer
from ._circuits import ansatz

THREADS = 2
DISTANCE = 1e-10
"""Largest distance of two density matrices with which time counts."""

T1, T2 = 100e-6, 80e-6
ONE_QUBIT, TWO_QUBITS = (1e-3, 35e-9), (1e-2, 300e-9)
"""Depolarising probability and length (s) of a gate."""

MEMORY = """
import resource, sys
from qiskit import QuantumCircuit
from qleap.processing.noise.density import sample
from qleap.processing.noise import NoiseModel, amplitude_damping
from qleap.processing.noise.methods import noisy_program

def peak(n_qubits):
    circuit = QuantumCircuit(n_qubits)
    for qubit in range(n_qubits):
        circuit.h(qubit)
    for qubit in range(n_qubits - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    model = NoiseModel().after(2, amplitude_damping(0.01))
    sample(noisy_program(circuit, model), 1000, 1)
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # ru_maxrss begins with what the process had that started this one.
    with open("/proc/self/status") as lines:
        found = dict(line.split(":", 1) for line in lines)
    return int(found["VmHWM"].split()[0]) * 1024

n_qubits = int(sys.argv[1])
before = peak(7)
if sys.platform == "linux":  # what is in use now; compilation may have taken more
    pages = int(open("/proc/self/statm").read().split()[1])
    before = pages * resource.getpagesize()
print((peak(n_qubits) - before) / (16 * 4**n_qubits))
"""
"""The peak that a state adds to a process in which all is loaded and compiled."""


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield agreement with Qiskit, memory, the time of a small run, and the race."""
    yield Accuracy(
        name="processing.noise.density_agreement",
        title="largest difference of an entry on random noisy circuits",
        unit="1",
        evidence="simulated",
        reference="Qiskit DensityMatrix",
        measure=partial(_agreement, 8 if quick else 40),
        prediction=0.0,
    )
    yield Accuracy(
        name="processing.noise.density_memory",
        title="peak memory of a run, in complex density matrices",
        unit="1",
        evidence="simulated",
        reference="16 bytes for each of the 4**n entries",
        measure=partial(_memory, 12 if quick else 13),
        prediction=0.5,
    )
    yield Accuracy(
        name="processing.noise.density_small",
        title="a GHZ circuit of three qubits, 4000 shots, noise and readout errors",
        unit="s",
        evidence="simulated",
        reference="the house's own bar",
        measure=_small,
        alone=True,
    )
    yield _density_race(*((8, 2, 1) if quick else (10, 5, THREADS)))


def gate_noise() -> NoiseModel:
    """Return depolarising noise, then T1 and T2, after every gate."""
    model = NoiseModel()
    for n_qubits, (probability, duration) in ((1, ONE_QUBIT), (2, TWO_QUBITS)):
        relaxation = thermal_relaxation(T1, T2, duration)
        model = model.after(n_qubits, depolarizing(probability, n_qubits))
        model = model.after(n_qubits, relaxation)
    return model


def _density_race(n_qubits: int, depth: int, threads: int) -> Speed:
    circuit, model = ansatz(n_qubits, depth), gate_noise()
    make = partial(_aer.density_matrix, circuit, T1, T2, ONE_QUBIT, TWO_QUBITS, threads)
    return Speed(
        name=f"processing.noise.density{n_qubits}",
        title=(
            f"density matrix, {n_qubits} qubits, ansatz of {depth} layers, "
            "depolarising and T1/T2 noise after every gate"
        ),
        run=partial(density_matrix, circuit, model),
        peers=(Peer(name="Qiskit Aer", distribution="qiskit-aer", make=make),),
        error=lambda ours, theirs: float(np.linalg.norm(ours - theirs())),
        rtol=DISTANCE,
        threads=threads,
    )


def _agreement(number: int) -> float:
    model, worst = gate_noise(), 0.0
    for seed in range(number):
        circuit = random_circuit(1 + seed % 6, 6, max_operands=3, seed=seed)
        expected = _by_qiskit(model.apply(circuit))
        found = density_matrix(circuit, model)
        worst = max(worst, float(np.abs(found - expected).max()))
    return worst


def _by_qiskit(circuit: QuantumCircuit) -> NDArray[np.complex128]:
    state = DensityMatrix.from_label("0" * circuit.num_qubits)
    for step in circuit.data:
        qubits = [circuit.find_bit(bit).index for bit in step.qubits]
        channel = getattr(step.operation, "channel", None)
        operation = step.operation if channel is None else channel.to_qiskit()
        state = state.evolve(operation, qubits)
    return np.asarray(state.data)


def _memory(n_qubits: int) -> float:
    ended = subprocess.run(
        [sys.executable, "-c", MEMORY, str(n_qubits)],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise RuntimeError(f"the process failed: {ended.stderr[-300:]}")
    return float(ended.stdout)


def _small() -> Measured:
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.measure_all()
    model = gate_noise().with_readout(ReadoutError.of_bit(0.01, 0.02))
    times = []
    for seed in range(21):
        begin = time.perf_counter()
        sample_noisy(circuit, model, 4000, seed, "density_matrix")
        times.append(time.perf_counter() - begin)
    warm = times[1:]
    return Measured(value=float(np.median(warm)), low=min(warm), high=max(warm))
