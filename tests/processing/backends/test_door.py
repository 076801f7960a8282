"""One door: names, what lies behind them, and what is said where nothing does."""

import time

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives import BackendSamplerV2
from qiskit.providers import BackendV2
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import SparsePauliOp

from qleap.core.errors import InvalidKind, InvalidValue, MissingExtra
from qleap.core.jobs import JobStore
from qleap.processing import Estimator, LocalBackend, Sampler, backend, run
from qleap.processing.backends import list_backends, listing
from qleap.processing.backends.native import native

RING = [[0, 1], [1, 0], [1, 2], [2, 1], [2, 3], [3, 2]]


def generic() -> BackendV2:
    return GenericBackendV2(
        4, basis_gates=["sx", "x", "rz", "cz"], coupling_map=RING, seed=1
    )


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    return circuit


def test_local_names_open_simulators() -> None:
    assert isinstance(backend("local"), LocalBackend)
    pytest.importorskip("qiskit_aer")
    assert backend("aer").name == "aer_simulator"
    pytest.importorskip("qiskit_ibm_runtime")
    assert backend("fake:manila").target.num_qubits == 5
    assert backend("aer:manila").num_qubits == 5


def test_a_qiskit_backend_is_returned_as_it_is() -> None:
    given = generic()
    assert backend(given) is given


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("moon", r"backend must be 'local', .*, got 'moon'"),
        ("ionk:x", r"did you mean 'ionq'\?"),
        ("local:fast", r"named local or local:noisy=SNAPSHOT, got 'local:fast'"),
        ("local:noisy=a.json", r"a.json cannot be read"),
    ],
)
def test_other_names_are_refused(name: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        backend(name)


def test_what_is_no_name_is_refused() -> None:
    with pytest.raises(InvalidKind, match="name such as 'local' or a Qiskit BackendV2"):
        backend(3)


def test_jobs_elsewhere_cannot_go_unstored() -> None:
    with pytest.raises(InvalidValue, match="jobs of oqtopus:x are always stored"):
        backend("oqtopus:x", store=False)


def test_a_missing_package_is_told_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from qleap.processing.backends import ionq

    def missing(module: str, extra: str) -> None:
        raise MissingExtra(f"{module}: pip install 'qleap[{extra}]' adds it")

    monkeypatch.setattr(ionq, "require", missing)
    with pytest.raises(MissingExtra, match=r"qleap\[ionq\]"):
        backend("ionq:simulator")


@pytest.mark.slow
def test_primitives_translate_and_broadcast_on_any_backend() -> None:
    theta, phi = Parameter("theta"), Parameter("phi")
    circuit = QuantumCircuit(3)
    circuit.ry(theta, 2)
    circuit.ccx(2, 0, 1)
    circuit.cx(2, 0)
    circuit.rz(phi, 0)
    machine = generic()
    values = np.array([[0.0, 0.3], [np.pi, 0.1], [np.pi / 2, 0.2]])
    observables = [[SparsePauliOp("ZIZ")], [SparsePauliOp(["IIZ", "ZII"], [1.0, 0.5])]]
    pub = (circuit, observables, values)
    (exact,) = Estimator().run([pub]).result()
    (found,) = Estimator(machine, seed=4).run([pub]).result()
    assert found.data.evs.shape == exact.data.evs.shape == (2, 3)
    assert found.data.stds.shape == (2, 3)
    # The machine is noisy: errors of a few percent, and 1/64 of sampling.
    assert found.data.evs == pytest.approx(exact.data.evs, abs=0.25)
    measured = circuit.measure_all(inplace=False)
    (bits,) = Sampler(machine, seed=4).run([(measured, values, 100)]).result()
    assert bits.data.meas.shape == (3,)
    assert bits.data.meas.num_shots == 100
    ours = Sampler(machine, seed=4)
    turned = native(measured, machine, 4)
    theirs = BackendSamplerV2(backend=machine, options={"seed_simulator": 4})
    (same,) = theirs.run([(turned, values)], shots=100).result()
    (again,) = ours.run([(measured, values, 100)]).result()
    assert again.data.meas == same.data.meas


@pytest.mark.slow
def test_observables_follow_the_layout() -> None:
    circuit = QuantumCircuit(3)
    circuit.x(0)
    circuit.cx(0, 2)
    pub = (circuit, ["IIZ", "IZI", "ZII"], None, 0.05)
    (found,) = Estimator(generic(), seed=2).run([pub]).result()
    assert np.sign(found.data.evs).tolist() == [-1.0, 1.0, -1.0]


@pytest.mark.slow
def test_a_circuit_in_the_gates_of_the_machine_is_left_alone() -> None:
    machine = generic()
    circuit = QuantumCircuit(4, 1)
    circuit.sx(3)
    circuit.measure(3, 0)
    assert native(circuit, machine) is circuit
    circuit.h(3)
    assert native(circuit, machine) is not circuit


def test_exact_values_need_the_local_simulator() -> None:
    job = Estimator(generic(), default_precision=0.0).run([(bell(), "ZZ")])
    with pytest.raises(InvalidValue, match=r"exact values \(precision 0\) need"):
        job.result()
    assert Estimator(generic()).default_precision == 1 / 64
    assert Estimator().default_precision == 0.0


def test_local_names_take_the_way_without_a_backend() -> None:
    assert Sampler("local").backend is None
    assert Estimator(LocalBackend()).backend is None
    assert Sampler(generic()).backend is not None


@pytest.mark.slow
def test_a_run_on_a_qiskit_backend_names_it() -> None:
    circuit = bell().measure_all(inplace=False)
    machine = generic()
    found = run(circuit, 300, seed=1, backend=machine)
    assert found.backend == machine.name
    assert found.counts["00"] + found.counts["11"] > 200


def test_a_run_on_this_machine_stores_nothing() -> None:
    circuit = bell().measure_all(inplace=False)
    run(circuit, 10)
    Sampler().run([circuit]).result()
    backend("local").run(circuit).result()
    assert JobStore().newest() == []


def test_a_stored_local_run_is_repeated_by_its_id() -> None:
    opened = backend("local", store=True)
    circuit = bell().measure_all(inplace=False)
    job = opened.run(circuit, shots=40)
    counts = job.result().get_counts()
    kept = JobStore().get(job.job_id())
    assert kept.result == {"counts": counts, "shots": 40}
    assert opened.job(kept.id).result().get_counts() == counts


def test_the_listing_says_what_is_there_and_why_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OQTOPUS_URL", "http://127.0.0.1:9")
    found = {family.name: family for family in list_backends()}
    assert found["local"].available
    assert "cannot be reached" in found["oqtopus:DEVICE"].detail
    assert "cannot be installed beside Qiskit" in found["aqt:..."].detail
    assert not found["iqm:..."].available


def test_a_provider_that_sleeps_does_not_hold_up_the_listing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing, "PATIENCE", 0.05)
    monkeypatch.setattr(listing, "_oqtopus", lambda _: time.sleep(0.5))
    found = {family.name: family for family in list_backends(network=False)}
    assert found["oqtopus:DEVICE"].detail == "no answer within 0.05 s"
