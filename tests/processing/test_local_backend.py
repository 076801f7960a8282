"""The local backend under Qiskit's transpiler and job interface."""

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit.library import UnitaryGate
from qiskit.primitives import BackendSamplerV2
from qiskit.providers import BackendV2, JobStatus, JobV1
from qiskit.quantum_info import random_unitary
from qiskit.result import Result
from qiskit.transpiler import generate_preset_pass_manager

from qleap.core.errors import InvalidValue
from qleap.processing import LocalBackend, statevector


def various() -> QuantumCircuit:
    circuit = QuantumCircuit(4)
    circuit.initialize([0, 1], 2)
    circuit.h(0)
    circuit.mcx([0, 1, 2], 3)
    circuit.append(UnitaryGate(random_unitary(4, seed=1)), [1, 3])
    circuit.rzz(0.3, 0, 3)
    return circuit


def dynamic() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.swap(0, 1)
    with circuit.while_loop((circuit.clbits[1], 1)):
        circuit.reset(0)
    circuit.measure(1, 1)
    return circuit


@pytest.mark.slow
@pytest.mark.parametrize("level", range(4))
def test_programs_pass_through_qiskits_transpiler(level: int) -> None:
    backend = LocalBackend()
    assert isinstance(backend, BackendV2)
    native = transpile(various(), backend, optimization_level=level)
    overlap = np.vdot(statevector(native), statevector(various()))
    assert abs(overlap) == pytest.approx(1.0, abs=1e-10)
    manager = generate_preset_pass_manager(level, backend=backend)
    job = backend.run(manager.run(dynamic()), shots=20)
    assert job.result().get_counts() == {"11": 20}


def test_gates_with_a_matrix_stay_as_they_are() -> None:
    native = transpile(various(), LocalBackend(), optimization_level=0)
    assert {"mcx", "unitary", "rzz"} <= set(native.count_ops())


def test_several_circuits_run_with_seed_and_memory() -> None:
    bell = QuantumCircuit(2, name="bell")
    bell.h(0)
    bell.cx(0, 1)
    bell.measure_all()
    options = {"shots": 100, "seed_simulator": 3, "memory": True}
    job = LocalBackend().run([bell, dynamic()], **options)
    assert isinstance(job, JobV1)
    result = job.result()
    assert isinstance(result, Result)
    assert job.status() is JobStatus.DONE
    counts = result.get_counts()
    assert set(counts[0]) == {"00", "11"}
    assert counts[1] == {"11": 100}
    memory = result.get_memory(0)
    assert {name: memory.count(name) for name in set(memory)} == counts[0]
    assert result.get_counts("bell") == counts[0]
    again = LocalBackend().run([bell, dynamic()], **options).result()
    assert again.get_memory(0) == memory


def test_registers_are_spaced_and_every_width_fits() -> None:
    circuit = QuantumCircuit(2, 70)
    circuit.x(0)
    circuit.measure(0, 69)
    circuit.measure_all()
    counts = LocalBackend().run(circuit, shots=2).result().get_counts()
    assert counts == {"01 1" + "0" * 69: 2}


def test_qiskits_own_sampler_runs_on_it() -> None:
    circuit = QuantumCircuit(2)
    circuit.x(1)
    circuit.measure_all()
    result = BackendSamplerV2(backend=LocalBackend()).run([circuit], shots=7).result()
    assert result[0].data.meas.get_counts() == {"10": 7}


def test_failing_circuit_fails_the_job() -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    circuit.add_var("flag", False)
    job = LocalBackend().run(circuit)
    with pytest.raises(InvalidValue, match=r"instruction 'store'"):
        job.result()
    assert job.status() is JobStatus.ERROR


def test_jobs_run_beside_one_another() -> None:
    jobs = [LocalBackend().run(dynamic(), shots=50) for _ in range(4)]
    assert all(job.result().get_counts() == {"11": 50} for job in jobs)


def test_unknown_option_is_named() -> None:
    with pytest.raises(InvalidValue, match=r"unknown key 'shot'; did you mean 'shots'"):
        LocalBackend().run(dynamic(), shot=3)


def test_circuit_without_measurement_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"counts need a measurement"):
        LocalBackend().run(various())


def test_a_job_is_submitted_once() -> None:
    job = LocalBackend().run(dynamic())
    with pytest.raises(InvalidValue, match=r"submitted once"):
        job.submit()
