"""The noise of a calibrated device against Aer's, gate by gate."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from qiskit import QuantumCircuit
from qiskit.quantum_info import SuperOp

from qleap.core.errors import InvalidValue
from qleap.processing.noise.methods import noisy_program
from qleap.processing.snapshots import from_target, repaired, snapshot

aer = pytest.importorskip("qiskit_aer.noise")
fake_provider = pytest.importorskip("qiskit_ibm_runtime.fake_provider")


@pytest.mark.parametrize("name", ["Sherbrooke", "Torino", "CairoV2", "Kawasaki"])
def test_each_gate_has_the_noise_that_aer_gives_it(name: str) -> None:
    backend = getattr(fake_provider, f"Fake{name}")()
    theirs = aer.NoiseModel.from_backend(backend)
    found = repaired(snapshot(f"fake:{name.removesuffix('V2').lower()}"))
    ours = found.noise_model().calibrated
    checked = 0
    for gate, errors in theirs._local_quantum_errors.items():
        for qubits, error in list(errors.items())[:20]:
            if (gate, qubits) not in ours:
                continue  # reset, and what is broken
            total = SuperOp(np.eye(4 ** len(qubits)))
            for channel, places in ours[gate, qubits]:
                local = [qubits.index(qubit) for qubit in places]
                total = total.compose(SuperOp(channel.to_qiskit()), qargs=local)
            assert_allclose(total.data, SuperOp(error).data, atol=1e-10)
            checked += 1
    assert checked > 40


def test_readout_errors_of_a_target_are_those_of_aer() -> None:
    """A target holds one error for both values of a bit, the recorded device two."""
    backend = fake_provider.FakeKawasaki()
    theirs = aer.NoiseModel.from_backend(backend)
    ours = from_target(backend.target).noise_model()
    assert len(ours.readouts) == 127
    for error, qubits in ours.readouts:
        expected = theirs._local_readout_errors[qubits].probabilities.T
        assert_allclose(error.assignment, expected, atol=1e-12)


def test_a_model_has_only_the_parts_that_were_asked_for() -> None:
    found = snapshot("fake:kawasaki")
    key = next(key for key in repaired(found).gates if len(key[1]) == 2)
    whole = found.noise_model().calibrated[key]
    assert [len(places) for _, places in whole] == [2, 1, 1]
    no_relaxation = found.noise_model(relaxation=False).calibrated[key]
    assert [len(places) for _, places in no_relaxation] == [2]
    relaxing = found.noise_model(gate_errors=False).calibrated[key]
    assert [len(places) for _, places in relaxing] == [1, 1]
    assert found.noise_model(readout=False).readouts == ()
    # With relaxation the depolarisation is smaller: together they are the gate error.
    infidelity = no_relaxation[0][0].infidelity
    assert infidelity == pytest.approx(repaired(found).gates[key].error)
    assert whole[0][0].infidelity < infidelity


def test_a_small_circuit_on_a_large_device_is_a_small_problem() -> None:
    circuit = QuantumCircuit(127, 2)
    circuit.sx(0)
    circuit.ecr(1, 0)
    circuit.measure([0, 1], [0, 1])
    model = snapshot("fake:sherbrooke").noise_model(schedule="alap", crosstalk=True)
    program = noisy_program(circuit, model)
    assert program.n_qubits == 2
    assert len(program.readouts) == 2


def test_gates_that_the_device_has_not_are_refused() -> None:
    circuit = QuantumCircuit(127)
    circuit.h(0)
    with pytest.raises(InvalidValue, match=r"no gate 'h' on qubits \[0\]"):
        snapshot("fake:sherbrooke").noise_model().apply(circuit)


def test_crosstalk_needs_a_schedule() -> None:
    with pytest.raises(InvalidValue, match="crosstalk needs the times"):
        snapshot("fake:sherbrooke").noise_model(crosstalk=True)
