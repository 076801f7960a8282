"""Characterise three qubits of a device: gates, coherence, readout, layers.

The device is a recorded calibration (extra ``ibm``), so that what is measured can be
compared with what is simulated; any other backend's name works as well.
"""

from qleap.core import style
from qleap.processing import snapshot
from qleap.processing.protocols import (
    EchoTime,
    LayerFidelity,
    RandomizedBenchmarking,
    ReadoutFidelity,
    RelaxationTime,
    run_protocol,
)

DEVICE, CHAIN = "local:noisy=kawasaki", (0, 1, 2)

t1 = run_protocol(RelaxationTime(qubits=CHAIN), DEVICE, seed=1)
t2 = run_protocol(EchoTime(qubits=CHAIN), DEVICE, seed=2)
readout = run_protocol(ReadoutFidelity(qubits=CHAIN), DEVICE, seed=3)
gates = run_protocol(
    RandomizedBenchmarking(
        qubits=(0, 1),
        lengths=(1, 10, 25, 60),
        samples=8,
        interleaved="ecr",
        known_asymptote=True,
    ),
    DEVICE,
    seed=4,
)
layers = run_protocol(
    LayerFidelity.for_device(DEVICE, CHAIN, lengths=(1, 10, 30), samples=4),
    DEVICE,
    seed=5,
)

# Calibrated values, and whether the measured intervals hold them.
known = snapshot("fake:kawasaki")
for qubit in CHAIN:
    for name, found, truth in (
        ("T1", t1[f"t1_q{qubit}"], known.t1[qubit]),
        ("T2", t2[f"t2_echo_q{qubit}"], known.t2[qubit]),
        ("readout", readout[f"fidelity_q{qubit}"], 1 - known.readout_error[qubit]),
    ):
        print(f"qubit {qubit} {name:8} {found}, calibrated {truth:.4g}")
        assert truth in found
error = known.gates["ecr", (0, 1)].error
print(f"coupler error    {gates['error_per_gate']}, calibrated {error:.4g}")
print(f"EPLG             {layers['error_per_layered_gate']}")
assert error in gates["error_per_gate"]

figure, (left, middle, right) = style.figure(1, 3, figsize=(12, 3.6))
t1.plot(left)
gates.plot(middle)
layers.plot(right)
print("written to", style.save_figure(figure, "characterise_a_device.png"))
