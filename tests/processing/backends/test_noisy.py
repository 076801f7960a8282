"""Our noisy simulator behind the door of backends."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from qiskit import QuantumCircuit, qasm3
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing import (
    Estimator,
    NoisyBackend,
    Sampler,
    backend,
    run,
)
from qleap.processing.backends.native import native
from qleap.processing.backends.stored import StoredBackend
from qleap.processing.mitigation import ZeroNoise
from qleap.processing.noise import NoiseModel, ReadoutError, depolarizing
from qleap.processing.snapshots import repaired, snapshot, to_document


def _bell(*, measured: bool = True) -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    if measured:
        circuit.measure_all()
    return circuit


NOISE = NoiseModel().after("cx", depolarizing(0.2, 2))


def test_one_word_moves_a_circuit_from_the_ideal_to_the_noisy_simulator() -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    ideal = run(_bell(), 4000, seed=1, backend="local")
    noisy = run(_bell(), 4000, seed=1, backend="local:noisy=fake:kawasaki")
    assert set(ideal.counts) == {"00", "11"}
    assert len(noisy.counts) == 4
    assert noisy.method == "density_matrix"
    assert noisy.backend == "local:noisy=fake:kawasaki"
    again = run(_bell(), 4000, seed=1, backend="local:noisy=kawasaki")
    assert again.counts == noisy.counts


def test_counts_have_the_probabilities_of_the_channel() -> None:
    machine = NoisyBackend(NOISE.with_readout(ReadoutError.of_bit(0.1, 0.0)))
    found = run(_bell(), 100_000, seed=3, backend=machine)
    # Depolarised: 0.45 for 00 and 11, 0.05 for the others; then zeros are misread.
    true = np.array([0.45, 0.05, 0.05, 0.45])
    flip = np.array([[0.9, 0.0], [0.1, 1.0]])
    expected = np.kron(flip, flip) @ true
    shares = [found.counts[key] / 100_000 for key in ("00", "01", "10", "11")]
    assert_allclose(shares, expected, atol=0.007)
    assert machine.choice is not None
    assert "fastest" in machine.choice.reason


def test_primitives_run_on_it() -> None:
    machine = NoisyBackend(NOISE)
    bits = Sampler(machine, seed=1).run([_bell()], shots=2000).result()[0].data.meas
    assert 0.05 < 1 - (bits.get_counts()["00"] + bits.get_counts()["11"]) / 2000 < 0.15
    measured = Estimator(machine, seed=1, default_precision=0.01)
    value = float(measured.run([(_bell(measured=False), "ZZ")]).result()[0].data.evs)
    assert value == pytest.approx(0.8, abs=0.05)


def test_precision_zero_gives_exact_values_with_all_broadcasting() -> None:
    theta = Parameter("t")
    circuit = QuantumCircuit(2)
    circuit.ry(theta, 0)
    circuit.cx(0, 1)
    angles = np.linspace(0, np.pi, 5)
    pub = (circuit, [["ZZ"], [SparsePauliOp(["XX", "IZ"], [1, 2])]], angles)
    estimator = Estimator(NoisyBackend(NOISE), default_precision=0.0)
    data = estimator.run([pub]).result()[0].data
    sums = np.sin(angles) + 2 * np.cos(angles)
    assert_allclose(data.evs, [np.full(5, 0.8), 0.8 * sums], atol=1e-12)
    assert not data.stds.any()


def test_exact_values_need_an_exact_method() -> None:
    estimator = Estimator(NoisyBackend(NOISE, method="mps"), default_precision=0.0)
    job = estimator.run([(_bell(measured=False), "ZZ")])
    with pytest.raises(InvalidValue, match="density_matrix; give a precision above 0"):
        job.result()


def test_exact_values_on_a_device_are_those_of_the_used_qubits() -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    estimator = Estimator(backend("local:noisy=kawasaki"), default_precision=0.0)
    found = estimator.run([(_bell(measured=False), ["ZZ", "XX", "ZI"])]).result()[0]
    assert 0.9 < found.data.evs[0] < 0.999
    assert 0.9 < found.data.evs[1] < 0.999
    assert abs(found.data.evs[2]) < 0.05


def test_mitigation_runs_on_a_calibrated_device() -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    estimator = Estimator(backend("local:noisy=kawasaki"), default_precision=0.0)
    technique = ZeroNoise(factors=(1.0, 3.0, 5.0))
    found = technique.run(_bell(measured=False), "ZZ", estimator)
    assert abs(found.value - 1.0) < abs(found.unmitigated - 1.0) / 2


def test_what_is_no_noise_model_is_refused() -> None:
    with pytest.raises(InvalidKind, match="noise must be a NoiseModel, got None"):
        NoisyBackend(None)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="method must be one of automatic"):
        NoisyBackend(NOISE, method="guess")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="did you mean 'fake:kawasaki'"):
        backend("local:noisy=kawasakii")


def test_a_snapshot_needs_a_name() -> None:
    with pytest.raises(InvalidValue, match="named local:noisy=SNAPSHOT, for example"):
        backend("local:noisy=")


def test_a_file_that_is_written_again_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    document = to_document(repaired(snapshot("fake:manila")))
    flip = QuantumCircuit(1)
    flip.x(0)
    flip.measure_all()
    for misread in (0.0, 0.5):
        document["zero_for_one"] = 5 * [misread]
        path.write_text(json.dumps(document, indent=int(8 * misread)))
        found = run(flip, 1000, seed=1, backend=f"local:noisy={path}")
        assert found.counts["1"] / 1000 == pytest.approx(1.0 - misread, abs=0.06)


@pytest.mark.parametrize("name", ["local:noisy=fake:manila", "fake:manila"])
def test_the_calibration_is_stored_with_the_job(name: str) -> None:
    if name == "fake:manila":
        pytest.importorskip("qiskit_aer")
    machine = backend(name, store=True)
    assert isinstance(machine, StoredBackend)
    job = machine.run(native(_bell(), machine, 1), shots=10, seed_simulator=1)
    kept = snapshot(json.loads(machine.store.calibration(job.job_id()) or ""))
    recorded = snapshot("fake:manila")
    expected = repaired(recorded) if name.startswith("local") else recorded
    assert to_document(kept) == to_document(expected)


def test_a_noiseless_job_has_no_calibration() -> None:
    machine = backend("local", store=True)
    assert isinstance(machine, StoredBackend)
    job = machine.run(_bell(), shots=10)
    assert machine.store.calibration(job.job_id()) is None


def test_conditions_and_loops_run_on_a_calibrated_device() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    with circuit.for_loop(range(2)):
        circuit.x(1)
    circuit.measure(1, 1)
    found = run(circuit, 1000, seed=1, backend="local:noisy=fake:manila")
    assert 850 < found.counts["11"] < 1000


def test_a_native_circuit_passes_through_openqasm_unchanged() -> None:
    # OpenQASM has no ecr: the gate comes back with a definition of its own.
    name = "local:noisy=fake:kawasaki"
    circuit = native(_bell(), backend(name), 3)
    assert "ecr" in circuit.count_ops()
    read = run(qasm3.dumps(circuit), 2000, seed=1, backend=name)
    assert read.counts == run(circuit, 2000, seed=1, backend=name).counts


def test_a_gate_of_one_s_own_is_not_taken_for_the_device_s_by_its_name() -> None:
    text = (
        'OPENQASM 3; include "stdgates.inc"; gate ecr a, b { x a; } '
        "qubit[2] q; bit[2] c; ecr q[0], q[1]; c = measure q;"
    )
    found = run(text, 1000, seed=1, backend="local:noisy=fake:kawasaki")
    assert found.counts["01"] > 900
