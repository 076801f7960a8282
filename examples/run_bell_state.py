"""Prepare a Bell state, look at its amplitudes, and measure it with and without noise.

Run it: ``python examples/run_bell_state.py``. The noisy part needs the extras
``aer`` and ``ibm`` and is left out without them.
"""

from qiskit import QuantumCircuit

from qleap.core.errors import MissingExtra
from qleap.core.style import save_figure
from qleap.processing import plot_counts, run, statevector

bell = QuantumCircuit(2)
bell.h(0)
bell.cx(0, 1)
print("amplitudes of 00, 01, 10, 11:", statevector(bell).round(4))

bell.measure_all()
ideal = run(bell, shots=4000, seed=1)
print("ideal counts:", ideal.counts)

try:
    noisy = run(bell, shots=4000, seed=1, backend="fake:kawasaki")
except MissingExtra as error:
    print("no noisy counts:", error)
else:
    wrong = 1.0 - (noisy.counts["00"] + noisy.counts["11"]) / noisy.shots
    print("counts with the noise of a 127-qubit device:", noisy.counts)
    print(f"wrong parity in {wrong:.1%} of the shots")
    figure = plot_counts(noisy).get_figure(root=True)
    if figure is not None:
        print("saved", save_figure(figure, "bell_counts.png"))
