"""Run a Qiskit program with measurement, feed-forward and parameters unchanged.

Qiskit's own StatevectorSampler refuses measurements in the middle of a circuit.
Run it: ``python examples/sample_with_feedforward.py``.
"""

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from qleap.processing import Sampler

angle = Parameter("angle")
circuit = QuantumCircuit(2, 1)
circuit.ry(angle, 0)
circuit.measure(0, 0)
with circuit.if_test((circuit.clbits[0], 1)):
    circuit.x(1)
circuit.measure_all(add_bits=True)

angles = np.linspace(0.0, np.pi, 7)
result = Sampler(seed=1).run([(circuit, angles[:, None])], shots=2000).result()
print("angle (rad)  copied ones  sin^2(angle / 2)")
for k, value in enumerate(angles):
    share = result[0].data.meas.get_counts(k).get("11", 0) / 2000
    print(f"{value:11.3f}  {share:11.3f}  {np.sin(value / 2) ** 2:16.3f}")
