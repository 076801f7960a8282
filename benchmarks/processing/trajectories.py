"""Quantum trajectories of a noisy ansatz beside Qiskit Aer."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.bench import Peer, Speed
from qleap.processing.bits import unpack
from qleap.processing.noise import NoiseModel, depolarizing, thermal_relaxation
from qleap.processing.noise.methods import noisy_program
from qleap.processing.noise.trajectories import sample

from . import _aer_trajectories
from ._circuits import ansatz

THREADS = 2
SIGMA = 6.0
"""Standard errors by which the share of ones of a qubit may differ."""

DEPOLARIZED = (1e-3, 1e-2)
"""After gates on one qubit and on two."""

DURATIONS = (50e-9, 300e-9)
"""Of gates on one qubit and on two, s."""

TIMES = {"short": (100e-6, 80e-6), "long": (80e-6, 100e-6)}
"""T1 and T2, s. With T2 > T1 Aer's errors depend on the state."""


def cases(quick: bool) -> Iterator[Speed]:
    """Yield the race with T2 below and above T1."""
    threads = 1 if quick else THREADS
    n_qubits, shots = (8, 100) if quick else (16, 200)
    for name, times in TIMES.items():
        yield _case(
            f"trajectories{n_qubits}_{name}_t2", n_qubits, shots, times, threads
        )


def _case(
    name: str, n_qubits: int, shots: int, times: tuple[float, float], threads: int
) -> Speed:
    circuit = ansatz(n_qubits, 5)
    arguments = (circuit, shots, threads, DEPOLARIZED, times, DURATIONS)
    t1, t2 = (1e6 * time for time in times)
    return Speed(
        name=f"processing.noise.{name}",
        title=f"{shots} trajectories of five layers of ry, rz and CX, {n_qubits} "
        f"qubits, depolarised, T1 {t1:.0f} us, T2 {t2:.0f} us",
        run=partial(_run, circuit, shots, times),
        peers=(
            Peer(
                name="Qiskit Aer",
                distribution="qiskit-aer",
                make=partial(_aer_trajectories.noisy_samples, *arguments),
            ),
        ),
        error=partial(_deviation, n_qubits),
        rtol=SIGMA,
        threads=threads,
    )


def _run(
    circuit: QuantumCircuit, shots: int, times: tuple[float, float]
) -> NDArray[np.uint8]:
    """Do all the work, from circuit and noise model to the bits of each shot."""
    model = NoiseModel()
    for n_qubits in (1, 2):
        index = n_qubits - 1
        model = model.after(n_qubits, depolarizing(DEPOLARIZED[index], n_qubits))
        model = model.after(n_qubits, thermal_relaxation(*times, DURATIONS[index]))
    measured = circuit.copy()
    measured.measure_all()
    return unpack(
        sample(noisy_program(measured, model), shots, seed=1), circuit.num_qubits
    )


def _deviation(
    n_qubits: int, ours: NDArray[np.uint8], theirs: Callable[[], Any]
) -> float:
    """Return the largest difference of a share of ones, in its standard errors."""
    other = theirs()[:, None] >> np.arange(n_qubits) & 1
    shots = len(ours)
    shares = ours.mean(axis=0), other.mean(axis=0)
    mean = 0.5 * (shares[0] + shares[1])
    variance = np.maximum(2.0 * mean * (1.0 - mean) / shots, 1.0 / shots**2)
    return float((np.abs(shares[0] - shares[1]) / np.sqrt(variance)).max())
