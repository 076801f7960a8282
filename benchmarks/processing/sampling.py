"""Samples of one large state, and of many small circuits, beside the peers."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.bench import Peer, Speed
from qleap.processing import Sampler

from . import _aer, _lightning, _qsim, _qulacs, _scaluq
from ._circuits import ansatz, small_circuits

THREADS = 2
SIGMA = 6.0
"""Standard errors by which the share of ones of a qubit may differ."""

Outcomes = NDArray[np.int64]


def cases(quick: bool) -> Iterator[Speed]:
    """Yield many shots of one circuit, and one job of many circuits."""
    threads = 1 if quick else THREADS
    n_qubits, shots = (12, 100_000) if quick else (20, 1_000_000)
    yield _samples(ansatz(n_qubits, 1), shots, threads)
    yield _small(small_circuits(50 if quick else 1000), 1024, threads)


def _samples(circuit: QuantumCircuit, shots: int, threads: int) -> Speed:
    """Return the race from the zero state to outcomes in each library's own form."""
    n_qubits = circuit.num_qubits
    measured = circuit.copy()
    measured.measure_all()
    arguments = (circuit, shots, threads)
    peers = (
        ("scaluq", "scaluq", partial(_scaluq.samples, *arguments)),
        ("qsim", "qsimcirq", partial(_qsim.samples, *arguments)),
        ("qulacs", "qulacs", partial(_qulacs.samples, *arguments)),
        (
            "Lightning qubit",
            "pennylane-lightning",
            partial(_lightning.samples, *arguments, device="qubit"),
        ),
        (
            "Lightning Kokkos",
            "pennylane-lightning-kokkos",
            partial(_lightning.samples, *arguments, device="kokkos"),
        ),
        ("Qiskit Aer", "qiskit-aer", partial(_aer.samples, *arguments)),
    )
    return Speed(
        name=f"processing.race.samples{n_qubits}",
        title=f"{shots} samples of one layer of ry, rz and CX, {n_qubits} qubits",
        run=partial(_sampler_run, [measured], shots),
        peers=tuple(
            Peer(name=name, distribution=distribution, make=make)
            for name, distribution, make in peers
        ),
        error=partial(_deviation, n_qubits),
        rtol=SIGMA,
        threads=threads,
    )


def _small(circuits: list[QuantumCircuit], shots: int, threads: int) -> Speed:
    arguments = (circuits, shots, threads)
    return Speed(
        name=f"processing.race.small{len(circuits)}",
        title=f"{len(circuits)} circuits of five qubits, {shots} shots each, one job",
        run=partial(_sampler_run, circuits, shots),
        peers=(
            Peer(
                name="Qiskit Aer SamplerV2",
                distribution="qiskit-aer",
                make=partial(_aer.small_circuits, *arguments),
            ),
            Peer(
                name="qulacs",
                distribution="qulacs",
                make=partial(_qulacs.small_circuits, *arguments),
            ),
        ),
        error=partial(_deviation, 5),
        rtol=SIGMA,
        threads=threads,
    )


def _sampler_run(circuits: list[QuantumCircuit], shots: int) -> Any:
    return Sampler(seed=1).run(circuits, shots=shots).result()


def _deviation(n_qubits: int, ours: Any, theirs: Callable[[], Outcomes]) -> float:
    """Return the largest difference of a share of ones, in its standard errors."""
    found = np.array([_outcomes(one.data.meas.array) for one in ours])
    other = theirs().reshape(found.shape)
    shots = found.shape[1]
    worst = 0.0
    for qubit in range(n_qubits):
        shares = [(side >> qubit & 1).mean(axis=1) for side in (found, other)]
        mean = 0.5 * (shares[0] + shares[1])
        variance = np.maximum(2.0 * mean * (1.0 - mean) / shots, 1.0 / shots**2)
        deviation = np.abs(shares[0] - shares[1]) / np.sqrt(variance)
        worst = max(worst, float(deviation.max()))
    return worst


def _outcomes(array: NDArray[np.uint8]) -> Outcomes:
    """Return numbers from the bytes of a `BitArray`, most significant first."""
    outcome = np.zeros(array.shape[0], np.int64)
    for column in array.T:
        outcome = outcome << 8 | column
    return outcome
