"""The door of all protocols: any backend, one journaled job, counts from elsewhere."""

from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit

from qleap.core import results
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.core.jobs import JobStore
from qleap.processing import NoisyBackend, backend
from qleap.processing.noise import NoiseModel, ReadoutError
from qleap.processing.protocols import (
    CrossEntropy,
    DeviceProtocol,
    Estimate,
    GhzFidelity,
    LayerFidelity,
    MirrorCircuits,
    QuantumVolume,
    RandomizedBenchmarking,
    ReadoutFidelity,
    run_protocol,
)

DESIGN = ReadoutFidelity(qubits=(2, 0))


def test_the_same_seed_finds_the_same_and_says_where_it_was() -> None:
    model = NoiseModel().with_readout(ReadoutError.of_bit(0.1, 0.2), [2])
    machine = NoisyBackend(model, name="bench")
    first, again, other = (
        run_protocol(DESIGN, machine, shots=300, seed=seed) for seed in (5, 5, 6)
    )
    assert np.array_equal(first.tables, again.tables)
    assert not np.array_equal(first.tables, other.tables)
    origin = first.provenance
    assert (origin.backend, origin.shots, origin.seed) == ("bench", 300, 5)
    assert first["fidelity_q0"].value == 1.0  # the noise is on qubit 2 alone


def test_a_stored_job_is_found_again_and_nothing_is_sent_twice() -> None:
    store = JobStore()
    before = len(store.newest())
    machine = backend("local", store=store)
    design = RandomizedBenchmarking(qubits=(0,), lengths=(1, 2, 3), samples=2)
    first = run_protocol(design, machine, shots=50, seed=3)
    (job,) = first.provenance.jobs
    again = run_protocol(design, machine, shots=50, seed=3, job=job)
    assert again.provenance.jobs == (job,)
    assert len(store.newest()) == before + 1
    assert again["error_per_clifford"] == first["error_per_clifford"]
    with pytest.raises(InvalidValue, match="job has 6 circuits, the design 4"):
        run_protocol(DESIGN, machine, seed=3, job=job)


def test_a_job_needs_a_machine_that_stores_jobs() -> None:
    with pytest.raises(InvalidValue, match="whose jobs are stored"):
        run_protocol(DESIGN, job="abc")


def test_counts_of_a_laboratory_are_analysed_without_any_circuit_of_ours() -> None:
    notes = [circuit.metadata for circuit in DESIGN.circuits(np.random.default_rng(0))]
    theirs = []
    for note in notes:
        circuit = QuantumCircuit(2, 2)
        circuit.metadata = note
        theirs.append(circuit)
    counts = [{note["prepared"]: 90, "00": 10} for note in notes]
    found = DESIGN.analyse(theirs, counts)
    assert found.provenance is None
    assert found["zero_for_one_q2"].value == pytest.approx(0.1)


def test_datasets_keep_estimates_and_provenance(tmp_path: Path) -> None:
    found = run_protocol(DESIGN, shots=20, seed=4)
    data = results.load(results.save(found.to_dataset(), tmp_path / "readout.nc"))
    assert list(data["bound"].values) == ["value", "low", "high"]
    assert data["mean_fidelity"].values[0] == 1.0
    told = results.parameters(data)
    assert told["qubits"] == [2, 0]
    assert told["run"]["backend"] == "local"
    assert data.attrs["seed"] == "4"


def test_bad_input_is_named() -> None:
    circuits = DESIGN.circuits(np.random.default_rng(0))
    with pytest.raises(InvalidKind, match="design must be a protocol such as"):
        run_protocol("rb")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="one entry for each circuit, got 1 for 4"):
        DESIGN.analyse(circuits, [{"00": 1}])
    with pytest.raises(InvalidValue, match="circuit 0 lacks the metadata prepared"):
        DESIGN.analyse([QuantumCircuit(2, 2)], [{"00": 1}])
    with pytest.raises(InvalidValue, match="counts of circuit 0 are empty"):
        DESIGN.analyse(circuits, [{}] * 4)
    with pytest.raises(InvalidKind, match="qubits must be a tuple of qubits, got 3"):
        ReadoutFidelity(qubits=3)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="no estimate 'fidelity_q1'"):
        run_protocol(DESIGN, shots=5, seed=1)["fidelity_q1"]
    with pytest.raises(InvalidValue, match="low <= value <= high"):
        Estimate(value=1.0, low=1.1, high=2.0)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"0x0": 5}, "outcomes must have 2 bits, each 0 or 1, got '0x0' of circuit 0"),
        ({0: 5}, "got 0 of circuit 0; .* numbers as"),
        ({"000": 5}, "must have 2 bits, each 0 or 1, got '000'"),
        ({"0": 5}, "must have 2 bits, each 0 or 1, got '0'"),
        ({"02": 5}, "must have 2 bits, each 0 or 1, got '02'"),
        ({"00": 7, "11": -2}, "whole numbers of shots, got -2 of the outcome 11"),
        ({"00": 0.5, "11": 0.5}, "whole numbers of shots, got 0.5 .* not shares"),
        ({"00": float("nan")}, "whole numbers of shots, got nan"),
    ],
)
def test_what_are_no_counts_is_refused_by_every_protocol(
    counts: dict[str, int], said: str
) -> None:
    for design in (
        DESIGN,
        RandomizedBenchmarking(qubits=(0, 1), lengths=(1, 2, 3), samples=1),
        MirrorCircuits(qubits=(0, 1), depths=(0, 2), n_circuits=3),
    ):
        drawn = design.circuits(np.random.default_rng(0))
        with pytest.raises(InvalidValue, match=said):
            design.analyse(drawn, [counts] * len(drawn))


def test_a_device_without_the_qubits_refuses_them() -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    with pytest.raises(InvalidValue, match="has the qubits 0 to 126, got 127"):
        run_protocol(ReadoutFidelity(qubits=(127,)), "local:noisy=kawasaki")


@pytest.mark.parametrize(
    "design",
    [
        RandomizedBenchmarking(qubits=(0, 2), lengths=(1, 2, 3), samples=1),
        LayerFidelity(qubits=(1, 0, 2), lengths=(1, 2), samples=4),
        CrossEntropy(qubits=(0, 2), depths=(1, 2), n_circuits=3),
        MirrorCircuits(qubits=(0, 1, 2), edges=((0, 2),), depths=(0, 4), n_circuits=9),
        GhzFidelity(qubits=(0, 2)),
        GhzFidelity(qubits=(0, 1, 2, 3), preparation="logarithmic"),
    ],
)
def test_qubits_without_a_coupler_are_refused_where_swaps_would_be_measured(
    design: DeviceProtocol,
) -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    with pytest.raises(InvalidValue, match=r"does not couple . and .*; choose neighb"):
        run_protocol(design, "local:noisy=kawasaki", shots=1, seed=1)


def test_a_volume_may_go_over_other_qubits() -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    design = QuantumVolume(qubits=(0, 2), n_circuits=2)
    found = run_protocol(design, "local:noisy=kawasaki", shots=20, seed=1)
    assert found["heavy_2"].value > 0.5
