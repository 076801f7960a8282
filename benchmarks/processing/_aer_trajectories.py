"""Qiskit Aer's trajectories, with the noise model built before the clock starts."""

from typing import Any

import numpy as np
from qiskit import QuantumCircuit

from ._peers import Work

__all__ = ["noisy_samples"]


def noisy_samples(
    circuit: QuantumCircuit,
    shots: int,
    threads: int,
    depolarized: tuple[float, float],
    times: tuple[float, float],
    durations: tuple[float, float],
) -> Work:
    """Return the work from zero to the readings of all qubits.

    Parameters
    ----------
    circuit : QuantumCircuit
        Of ry, rz and cx.
    shots, threads : int
        Trajectories; threads among which Aer shares them.
    depolarized : tuple of float
        Probabilities after gates on one qubit and on two.
    times : tuple of float
        T1 and T2, s.
    durations : tuple of float
        Of gates on one qubit and on two, s.
    """
    from qiskit import transpile
    from qiskit_aer import AerSimulator
    from qiskit_aer.noise import (
        NoiseModel,
        depolarizing_error,
        thermal_relaxation_error,
    )

    model = NoiseModel()
    one, two = (thermal_relaxation_error(*times, duration) for duration in durations)
    after_one = depolarizing_error(depolarized[0], 1).compose(one)
    after_two = depolarizing_error(depolarized[1], 2).compose(two.tensor(two))
    model.add_all_qubit_quantum_error(after_one, ["ry", "rz"])
    model.add_all_qubit_quantum_error(after_two, ["cx"])
    simulator = AerSimulator(
        method="statevector", noise_model=model, max_parallel_threads=threads
    )
    measured = circuit.copy()
    measured.measure_all()
    native = transpile(measured, simulator, optimization_level=0)

    def work() -> Any:
        counts = simulator.run(native, shots=shots).result().data(0)["counts"]
        outcomes = [int(text, 16) for text in counts]
        return lambda: np.repeat(outcomes, list(counts.values()))

    return work
