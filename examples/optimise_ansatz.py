"""Find the ground state of a small Ising chain with a circuit and its gradient.

Run it: ``python examples/optimise_ansatz.py``. The exact energy comes from the matrix.
"""

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit.quantum_info import SparsePauliOp
from scipy.optimize import minimize

from qleap.processing import Estimator, gradient_by_shifts, value_and_gradient

N_QUBITS, LAYERS, FIELD = 6, 4, 1.0

coupling = [("ZZ", [k, k + 1], -1.0) for k in range(N_QUBITS - 1)]
field = [("X", [k], -FIELD) for k in range(N_QUBITS)]
energy = SparsePauliOp.from_sparse_list([*coupling, *field], N_QUBITS)
exact = np.linalg.eigvalsh(energy.to_matrix())[0]

angles = iter(ParameterVector("t", N_QUBITS * (LAYERS + 1)))
ansatz = QuantumCircuit(N_QUBITS)
for layer in range(LAYERS + 1):
    for qubit in range(N_QUBITS):
        ansatz.ry(next(angles), qubit)
    for qubit in range(N_QUBITS - 1 if layer < LAYERS else 0):
        ansatz.cx(qubit, qubit + 1)

start = np.random.default_rng(1).normal(0.0, 0.1, ansatz.num_parameters)
found = minimize(
    lambda values: value_and_gradient(ansatz, energy, values),
    start,
    jac=True,
    method="L-BFGS-B",
    options={"maxiter": 400},
)
print(f"exact energy      {exact:.6f}")
print(f"optimised energy  {found.fun:.6f} after {found.nfev} gradients")

# The same gradient at the start as a quantum computer would estimate it.
shots = Estimator(seed=2, default_precision=0.02)
estimate, error = gradient_by_shifts(shots, ansatz, energy, start)
_, true = value_and_gradient(ansatz, energy, start)
print(f"largest error of the estimate {np.abs(estimate - true).max():.3f}, ", end="")
print(f"largest standard error {error.max():.3f}")
assert found.fun - exact < 0.01 * abs(exact)
