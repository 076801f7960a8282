"""Applications against Qiskit's states and measures, and the layers of a second."""

import numpy as np
import pytest
from qiskit.quantum_info import Statevector, hellinger_fidelity

from qleap.core.errors import InvalidValue
from qleap.processing.protocols import Application, layer_speed, run_protocol
from qleap.processing.protocols.application_circuits import APPLICATIONS
from qleap.processing.protocols.applications import normalised_fidelity
from qleap.processing.protocols.outcomes import ideal_of, shares_of
from tests.processing.protocols.drawn import draw, misses, most_misses


@pytest.mark.parametrize("application", list(APPLICATIONS))
def test_exact_distributions_are_those_of_qiskit(application: str) -> None:
    design = Application(
        qubits=(0, 1, 2, 3), application=application, widths=(3, 4), n_circuits=2
    )
    for circuit in design.circuits(np.random.default_rng(1)):
        circuit.remove_final_measurements()
        kept = range(circuit.metadata["width"])
        exact = ideal_of(circuit)
        expected = Statevector(circuit).probabilities(kept)
        np.testing.assert_allclose(exact, expected, atol=1e-12)
        certain = application in ("fourier", "phase_estimation")
        assert (exact.max() > 1.0 - 1e-12) == certain


def test_the_fidelity_of_distributions_is_that_of_qiskit() -> None:
    rng = np.random.default_rng(2)
    exact, other = rng.dirichlet(np.ones(8), 2)
    counts = draw(other, 500, rng)
    names = {f"{k:03b}": float(exact[k]) for k in range(8)}
    uniform = {f"{k:03b}": 0.125 for k in range(8)}
    best, least = hellinger_fidelity(names, counts), hellinger_fidelity(names, uniform)
    found = normalised_fidelity(exact, shares_of(counts, 3)[None])[0]
    assert found == pytest.approx((best - least) / (1.0 - least), rel=1e-12)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    design = Application(
        qubits=tuple(range(5)), application="eigensolver", widths=(5,), n_circuits=6
    )
    rng = np.random.default_rng(3)
    pool = design.circuits(rng)
    exact = [ideal_of(one) for one in pool]
    noisy = [0.8 * one + 0.2 / one.size for one in exact]
    pairs = zip(exact, noisy, strict=True)
    truth = float(np.mean([normalised_fidelity(p, q[None])[0] for p, q in pairs]))
    found = []
    for _ in range(100):
        counts = [draw(one, 400, rng) for one in noisy]
        found.append(design.analyse(pool, counts)["fidelity_5"])
    assert misses(found, truth) <= most_misses(100)


def test_a_device_without_errors_scores_one() -> None:
    design = Application(qubits=(0, 1, 2), application="fourier", n_circuits=2)
    found = run_protocol(design, "local", shots=100, seed=4)
    assert [found[f"fidelity_{m}"].value for m in (2, 3)] == pytest.approx([1.0, 1.0])


def test_layers_a_second_are_layers_over_time() -> None:
    found = layer_speed("local", width=2, n_templates=3, n_updates=2, shots=50)
    rate = found["layers_per_second"]
    assert rate.value == pytest.approx(2 * 50 * 2 / found.seconds.mean())
    assert rate.low <= rate.value <= rate.high


def test_an_unknown_application_is_refused() -> None:
    with pytest.raises(InvalidValue, match="fourier"):
        Application(qubits=(0, 1), application="fourrier")
