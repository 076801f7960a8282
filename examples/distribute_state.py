"""Share one state between processes, and read it without collecting it.

``mpiexec -n 4 python examples/distribute_state.py`` runs it on four ranks (extra
``mpi``); ``python examples/distribute_state.py`` does the same in one process.
"""

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp

from qleap.processing import distribute

N_QUBITS = 16

rng = np.random.default_rng(1)  # every rank must build the same circuit
circuit = QuantumCircuit(N_QUBITS)
for _ in range(4):
    for qubit in range(N_QUBITS):
        circuit.ry(rng.uniform(0, np.pi), qubit)
    for qubit in range(N_QUBITS - 1):
        circuit.cx(qubit, qubit + 1)

neighbours = [("ZZ", [k, k + 1], 1.0) for k in range(N_QUBITS - 1)]
fields = [("X", [k], 0.5) for k in range(N_QUBITS)]
ising = SparsePauliOp.from_sparse_list(neighbours + fields, num_qubits=N_QUBITS)

state = distribute(circuit)
# All ranks call these together, and all get the whole result.
energy = state.expectation(ising)
samples = state.sample(1000, seed=7)
norm = state.norm()

if state.rank == 0:
    ranks = state.communicator.Get_size()
    print(f"{ranks} ranks with {state.local.size} amplitudes each")
    print(f"{state.exchanges} exchanges, {state.bytes_sent / 2**20:.1f} MiB sent")
    print(f"energy {energy:.6f}, norm {norm:.12f}")
    print(f"{np.unique(samples).size} different outcomes in {samples.size} shots")
assert abs(norm - 1.0) < 1e-12
