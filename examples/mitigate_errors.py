"""Errors of a calibrated device, before and after mitigation.

A GHZ state on four qubits of a recorded device (extra ``ibm``): noise takes a part of
<ZZZZ> = 1 away, extrapolation to zero noise brings most of it back.
"""

from qiskit import QuantumCircuit

from qleap.processing import Estimator, backend
from qleap.processing.mitigation import ZeroNoise

circuit = QuantumCircuit(4)
circuit.h(0)
for qubit in range(3):
    circuit.cx(qubit, qubit + 1)

device = backend("local:noisy=kawasaki")
estimator = Estimator(device, default_precision=0.0)  # no shots: the bias alone
technique = ZeroNoise(factors=(1, 3, 5), extrapolation="exponential")
found = technique.run(circuit, "ZZZZ", estimator)

print(f"measured {found.unmitigated:.4f}, mitigated {found.value:.4f}, exact 1")
assert abs(found.value - 1) < abs(found.unmitigated - 1) / 3
