"""Calibrated noise as a whole against Aer's, circuit by circuit."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager
from scipy.stats import chi2

from qleap.processing.bits import tally
from qleap.processing.noise.methods import MethodName, sample_noisy
from qleap.processing.snapshots import from_target

aer = pytest.importorskip("qiskit_aer")
fake_provider = pytest.importorskip("qiskit_ibm_runtime.fake_provider")

SHOTS = 20_000


def _circuit(seed: int) -> QuantumCircuit:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    circuit = QuantumCircuit(n)
    for _ in range(12):
        if rng.random() < 0.5:
            angles = rng.uniform(0, 2 * np.pi, 3)
            circuit.u(*angles, int(rng.integers(n)))
        else:
            circuit.cx(*rng.permutation(n)[:2].tolist())
    circuit.delay(16 * 1400, int(rng.integers(n)), "dt")  # 5 us, as the device aligns
    circuit.measure_all()
    return circuit


METHODS: tuple[MethodName, ...] = ("density_matrix", "trajectories")


@pytest.mark.slow
def test_counts_of_twenty_circuits_are_those_of_aer() -> None:
    """Both samples of each circuit come from one distribution, whatever our method.

    The sum of the chi-square values of all circuits is judged, so that a small bias
    shared by all of them shows; and no total variation distance is beyond what two
    samples of this size have.
    """
    backend = fake_provider.FakeKawasaki()
    model = from_target(backend.target).noise_model()
    passes = generate_preset_pass_manager(1, backend=backend, seed_transpiler=1)
    simulator = aer.AerSimulator.from_backend(backend, method="density_matrix")
    total, freedom = dict.fromkeys(METHODS, 0.0), dict.fromkeys(METHODS, 0)
    natives = [passes.run(_circuit(seed)) for seed in range(20)]
    # One job for all of them: Aer rebuilds its noise model for every job.
    found = simulator.run(natives, shots=SHOTS, seed_simulator=1).result().get_counts()
    for seed, (native, counts) in enumerate(zip(natives, found, strict=True)):
        theirs = {int(k, 2): n for k, n in counts.items()}
        for method in METHODS:
            packed, _ = sample_noisy(native, model, SHOTS, seed, method)
            rows, often, _ = tally(packed)
            ours = dict(zip(rows[:, 0].tolist(), often.tolist(), strict=True))
            pairs = np.array(
                [(ours.get(k, 0), theirs.get(k, 0)) for k in {*ours, *theirs}],
                np.float64,
            )
            mean = pairs.mean(axis=1)
            seen = mean >= 5
            total[method] += float(
                ((pairs[seen, 0] - pairs[seen, 1]) ** 2 / (2 * mean[seen])).sum()
            )
            freedom[method] += int(np.count_nonzero(seen)) - 1
            distance = 0.5 * np.abs(pairs[:, 0] - pairs[:, 1]).sum() / SHOTS
            expected = 0.5 * np.sqrt(4.0 * mean / np.pi).sum() / SHOTS
            assert distance < expected + 4.0 / np.sqrt(SHOTS)
    for method in METHODS:
        assert chi2.sf(total[method], freedom[method]) > 1e-3
