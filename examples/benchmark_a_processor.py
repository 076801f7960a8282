"""Benchmarks of a processor: a Bell state, quantum volume, layers, an Ising chain.

The reference device is simulated from a recorded calibration (extra ``ibm``); give the
name of your own, such as ``oqtopus:NAME`` or ``ibm:NAME``, as the first argument, and
its qubits, neighbours in a row, as the second: ``4,5,6``.
"""

import sys

from qleap.processing import NoisyBackend
from qleap.processing.noise import NoiseModel, depolarizing
from qleap.processing.protocols import (
    Application,
    GhzFidelity,
    MirrorCircuits,
    QuantumVolume,
    run_protocol,
)

device = sys.argv[1] if len(sys.argv) > 1 else "local:noisy=kawasaki"
qubits = (
    tuple(int(part) for part in sys.argv[2].split(","))
    if len(sys.argv) > 2
    else (4, 5, 6)
)

bell = run_protocol(GhzFidelity(qubits=qubits[:2]), device, seed=1)
volume = run_protocol(QuantumVolume(qubits=qubits), device, shots=500, seed=2)
layers = run_protocol(MirrorCircuits(qubits=qubits), device, seed=3)
ising = run_protocol(Application(qubits=qubits, application="ising"), device, seed=4)

print(f"{device}, qubits {qubits}; every value with its 99 % interval")
print(f"Bell state        fidelity {bell['fidelity']}")
print(f"quantum volume    2^{volume['log2_volume'].value:.0f}")
print(f"random layers     infidelity {layers['infidelity_per_layer']}")
width = len(qubits)
print(f"Ising chain       normalised fidelity {ising[f'fidelity_{width}']}")
assert bell["fidelity"].low > 0.5, "the two qubits are not entangled"

# A device of which we know the truth: half of the layers have the gate, and the
# depolarising channel of 4 % takes as much of the polarisation each time.
noisy = NoisyBackend(NoiseModel().after("cz", depolarizing(0.04, 2)))
known = run_protocol(MirrorCircuits(qubits=(0, 1)), noisy, seed=5)
truth = 15 / 16 * (1 - (0.5 + 0.5 * 0.96**2) ** 0.5)
print(f"known device      infidelity {known['infidelity_per_layer']}, true {truth:.4g}")
assert truth in known["infidelity_per_layer"]
