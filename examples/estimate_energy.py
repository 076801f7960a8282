"""Estimate the energy of the hydrogen molecule, with error bars, at a bond of 0.735 A.

Two qubits hold H2 in the smallest basis set (STO-3G, parity mapping, two symmetric
qubits left out). One angle turns the Hartree-Fock state into the exact ground state.
Run it: ``python examples/estimate_energy.py``.
"""

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp

from qleap.processing import Estimator, expectation, variance

NUCLEI = 0.7199689944  # repulsion of the two protons, hartree

# Coefficients in hartree as in the Qiskit Nature tutorials.
electrons = SparsePauliOp.from_list([
    ("II", -1.052373245772859),
    ("IZ", 0.39793742484318045),
    ("ZI", -0.39793742484318045),
    ("ZZ", -0.01128010425623538),
    ("XX", 0.18093119978423156),
])  # fmt: skip

angle = Parameter("angle")
circuit = QuantumCircuit(2)
circuit.x(0)  # Hartree-Fock
circuit.ry(angle, 1)
circuit.cx(1, 0)

angles = np.linspace(-0.6, 0.6, 7)
exact, measured = (
    Estimator(seed=1)
    .run([(circuit, electrons, angles[:, None], precision)])
    .result()[0]
    .data
    for precision in (0.0, 0.005)
)
print("angle (rad)  exact (Ha)   measured (Ha)")
for k, value in enumerate(angles):
    print(
        f"{value:11.2f}  {exact.evs[k] + NUCLEI:10.4f}  "
        f"{measured.evs[k] + NUCLEI:10.4f} +- {measured.stds[k]:.4f}"
    )
assert np.all(np.abs(measured.evs - exact.evs) < 5 * measured.stds)

# E(t) = a + b cos t + c sin t: three values give the best angle.
plus, minus = (
    expectation(circuit, electrons, values=[t]) for t in (np.pi / 2, -np.pi / 2)
)
zero, half_turn = (expectation(circuit, electrons, values=[t]) for t in (0.0, np.pi))
best = np.arctan2(minus - plus, half_turn - zero)
energy = expectation(circuit, electrons, values=[best])
print(f"best angle {best:.4f} rad: {energy + NUCLEI:.6f} Ha")

ground = np.linalg.eigvalsh(electrons.to_matrix())[0]
assert abs(energy - ground) < 1e-12
assert variance(circuit, electrons, values=[best]) < 1e-20  # an eigenstate
print(f"diagonalised             {ground + NUCLEI:.6f} Ha")
