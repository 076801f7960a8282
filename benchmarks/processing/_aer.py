"""Qiskit Aer: `AerSimulator`, transpiled before the clock starts."""

from typing import Any

import numpy as np
from qiskit import QuantumCircuit

from ._peers import StateWork, Work, fastest

__all__ = ["final_state", "samples", "small_circuits"]

FUSION = (0, 2, 3, 4, 5)
"""Largest number of qubits of a fused gate; 0 is no fusion, 5 Aer's default."""


def final_state(circuit: QuantumCircuit, threads: int) -> StateWork:
    """Return the work with the fastest of Aer's gate fusions, in double precision."""
    return fastest(_work(circuit, threads, fusion) for fusion in FUSION)


def samples(circuit: QuantumCircuit, shots: int, threads: int) -> Work:
    """Return the work from zero to the counts of all qubits, with fusion as best."""
    measured = circuit.copy()
    measured.measure_all()
    return fastest(
        _counts(measured, shots, _simulator(threads, fusion)) for fusion in FUSION
    )


def small_circuits(circuits: list[QuantumCircuit], shots: int, threads: int) -> Work:
    """Return the work of one job of `SamplerV2`."""
    from qiskit_aer.primitives import SamplerV2

    options = {"method": "statevector", "max_parallel_threads": threads}
    sampler = SamplerV2(options={"backend_options": options})

    def work() -> Any:
        results = sampler.run(circuits, shots=shots).result()
        return lambda: np.array([one.data.meas.array[:, 0] for one in results])

    return work


def _counts(circuit: QuantumCircuit, shots: int, simulator: Any) -> Work:
    from qiskit import transpile

    native = transpile(circuit, simulator, optimization_level=0)

    def work() -> Any:
        result = simulator.run(native, shots=shots).result()
        return lambda: np.repeat(*_outcomes(result.data(0)["counts"]))

    return work


def _outcomes(counts: dict[str, int]) -> tuple[Any, Any]:
    return [int(text, 16) for text in counts], list(counts.values())


def _simulator(threads: int, fusion: int) -> Any:
    from qiskit_aer import AerSimulator

    options: dict[str, Any] = {"fusion_enable": fusion > 0}
    if fusion:
        options |= {"fusion_max_qubit": fusion, "fusion_threshold": 1}
    return AerSimulator(method="statevector", max_parallel_threads=threads, **options)


def _work(circuit: QuantumCircuit, threads: int, fusion: int) -> StateWork:
    from qiskit import transpile

    simulator = _simulator(threads, fusion)
    saved = circuit.copy()
    saved.save_statevector()
    native = transpile(saved, simulator, optimization_level=0)

    def work() -> Any:
        result = simulator.run(native).result()
        return lambda: np.asarray(result.get_statevector())

    return work
