"""Plan states of 30 to 42 qubits: ranks, memory, and what they send to each other.

Nothing is simulated; the exchanges are those that a run would do.
Run it: ``python examples/plan_large_states.py``.
"""

import numpy as np
from qiskit import QuantumCircuit
from qiskit.synthesis import synth_qft_full

from qleap.processing import plan_ranks


def layered(n_qubits: int, depth: int) -> QuantumCircuit:
    """Return layers of random one-qubit gates and CX between random pairs."""
    rng = np.random.default_rng(3)
    circuit = QuantumCircuit(n_qubits)
    for _ in range(depth):
        for qubit in range(n_qubits):
            circuit.u(*rng.uniform(0, 2 * np.pi, 3), qubit)
        order = rng.permutation(n_qubits).tolist()
        for a, b in zip(order[::2], order[1::2], strict=False):
            circuit.cx(a, b)
    return circuit


def ansatz(n_qubits: int, depth: int) -> QuantumCircuit:
    """Return layers of RY, RZ and a chain of CX."""
    rng = np.random.default_rng(3)
    circuit = QuantumCircuit(n_qubits)
    for _ in range(depth):
        for qubit in range(n_qubits):
            circuit.ry(rng.uniform(0, 2 * np.pi), qubit)
            circuit.rz(rng.uniform(0, 2 * np.pi), qubit)
        for qubit in range(n_qubits - 1):
            circuit.cx(qubit, qubit + 1)
    return circuit


print("qubits  ranks  GiB a rank  circuit              gates  exchanges  GiB sent  s")
for n_qubits, ranks in [(30, 4), (33, 8), (36, 64), (39, 512), (42, 1024), (42, 4096)]:
    circuits = {
        "QFT": synth_qft_full(n_qubits),
        "layered, depth 20": layered(n_qubits, 20),
        "ansatz, depth 10": ansatz(n_qubits, 10),
    }
    for name, circuit in circuits.items():
        plan = plan_ranks(circuit, ranks=ranks)  # 12.5 GB/s a rank
        print(
            f"{n_qubits:6d}  {ranks:5d}  {plan.memory / 2**30:10.1f}  {name:18s}"
            f"  {circuit.size():6d}  {plan.exchanges:9d}"
            f"  {plan.bytes_sent / 2**30:8.1f}  {plan.network_seconds:.1f}"
        )
        assert plan.exchanges < circuit.size() / 50
