"""Qiskit Aer: `AerSimulator`, transpiled before the clock starts."""

from typing import Any

import numpy as np
from qiskit import QuantumCircuit

from ._peers import StateWork, Work, fastest

__all__ = [
    "density_matrix",
    "final_state",
    "matrix_product",
    "samples",
    "small_circuits",
]

FUSION = (0, 2, 3, 4, 5)
"""Largest number of qubits of a fused gate; 0 is no fusion, 5 Aer's default."""

NOISY_FUSION = (2, 3)
"""The same for density matrices; without fusion Aer takes four times as long."""


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


def density_matrix(
    circuit: QuantumCircuit,
    t1: float,
    t2: float,
    one_qubit: tuple[float, float],
    two_qubits: tuple[float, float],
    threads: int,
) -> StateWork:
    """Return the work to the density matrix: depolarising and T1/T2 after every gate.

    The pairs are depolarising probability and length (s) of gates. Aer's errors are
    given as single superoperators: just as fast, while sums of circuits leave out what
    is improbable, with errors of 1e-9. Other fusions take two to ten times as long.
    """
    from qiskit_aer import noise

    errors = []
    for n_qubits, (probability, duration) in ((1, one_qubit), (2, two_qubits)):
        relaxation = noise.thermal_relaxation_error(t1, t2, duration)
        if n_qubits == 2:
            relaxation = relaxation.expand(relaxation)
        mixing = noise.depolarizing_error(probability, n_qubits)
        errors.append(mixing.compose(relaxation))
    model = noise.NoiseModel(basis_gates=["ry", "rz", "cx"])
    one, two = (_superoperator(error) for error in errors)
    model.add_all_qubit_quantum_error(one, ["ry", "rz"])
    model.add_all_qubit_quantum_error(two, ["cx"])
    return fastest(_noisy(circuit, model, threads, fusion) for fusion in NOISY_FUSION)


def matrix_product(circuit: QuantumCircuit, shots: int, threads: int) -> Work:
    """Return the work to the counts of a matrix product state of bond 64."""
    from qiskit import transpile
    from qiskit_aer import AerSimulator

    simulator = AerSimulator(
        method="matrix_product_state",
        matrix_product_state_max_bond_dimension=64,
        max_parallel_threads=threads,
    )
    turned = transpile(circuit, simulator, optimization_level=0)

    def work() -> Any:
        counts = simulator.run(turned, shots=shots).result().get_counts()

        def shares() -> Any:
            total = np.zeros(turned.num_clbits)
            for text, often in counts.items():
                bits = np.frombuffer(text.encode(), np.uint8)[::-1] - ord("0")
                total += often * bits
            return total / shots

        return shares

    return work


def small_circuits(circuits: list[QuantumCircuit], shots: int, threads: int) -> Work:
    """Return the work of one job of `SamplerV2`."""
    from qiskit_aer.primitives import SamplerV2

    options = {"method": "statevector", "max_parallel_threads": threads}
    sampler = SamplerV2(options={"backend_options": options})

    def work() -> Any:
        results = sampler.run(circuits, shots=shots).result()
        return lambda: np.array([one.data.meas.array[:, 0] for one in results])

    return work


def _superoperator(error: Any) -> Any:
    from qiskit.quantum_info import Kraus, SuperOp
    from qiskit_aer.noise import QuantumError

    return QuantumError(Kraus(SuperOp(error)))


def _noisy(circuit: QuantumCircuit, model: Any, threads: int, fusion: int) -> StateWork:
    from qiskit import transpile

    # By default Aer sets entries below 1e-10 to zero, a million of them.
    options = {"noise_model": model, "zero_threshold": 1e-30}
    simulator = _simulator(threads, fusion, "density_matrix", **options)
    saved = circuit.copy()
    saved.save_density_matrix()
    native = transpile(saved, simulator, optimization_level=0)

    def work() -> Any:
        result = simulator.run(native).result()
        return lambda: np.asarray(result.data(0)["density_matrix"])

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


def _simulator(
    threads: int, fusion: int, method: str = "statevector", **options: Any
) -> Any:
    from qiskit_aer import AerSimulator

    options["fusion_enable"] = fusion > 0
    if fusion:
        options |= {"fusion_max_qubit": fusion, "fusion_threshold": 1}
    return AerSimulator(method=method, max_parallel_threads=threads, **options)


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
