"""The race is fair: every peer computes the same, and every bar has its case."""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from qiskit import QuantumCircuit
from qiskit.quantum_info import Statevector

from qleap.bench.cases import Speed
from qleap.bench.discovery import suites
from qleap.bench.judging.policy import load_policy
from qleap.core.environment import version_of

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

PEERS: dict[str, tuple[str, dict[str, str]]] = {
    "scaluq": ("scaluq", {}),
    "pennylane-lightning": ("lightning", {"device": "qubit"}),
    "pennylane-lightning-kokkos": ("lightning", {"device": "kokkos"}),
    "qulacs": ("qulacs", {}),
    "qiskit-aer": ("aer", {}),
    "qsimcirq": ("qsim", {}),
}
Adapter = tuple[ModuleType, dict[str, str]]


def shared(name: str) -> ModuleType:
    """Return a private file of the suites as the suites import it."""
    race = next(one for one in suites(BENCHMARKS, "processing") if one.topic == "race")
    race.cases(quick=True)
    return importlib.import_module(f".{name}", race.package)


@pytest.fixture(params=PEERS)
def peer(request: pytest.FixtureRequest) -> Adapter:
    """Return the adapter of an installed peer, and the options it is called with."""
    if version_of(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    name, options = PEERS[request.param]
    return shared(f"_{name}"), options


def task(peer: Adapter, name: str) -> Callable[..., Callable[[], Any]]:
    adapter, options = peer
    if not hasattr(adapter, name):
        pytest.skip("the peer has no such task")

    def prepare(*arguments: Any) -> Any:
        return getattr(adapter, name)(*arguments, 2, **options)

    return prepare


def every_gate() -> QuantumCircuit:
    """Return a circuit with all gates of the race, whose order matters."""
    circuit = QuantumCircuit(4)
    circuit.h(0)
    circuit.x(1)
    circuit.u(0.3, 0.4, 0.5, 2)
    circuit.rx(0.6, 3)
    circuit.ry(0.7, 0)
    circuit.rz(0.8, 1)
    circuit.cx(0, 2)
    circuit.cz(3, 1)
    circuit.ry(0.9, 1)
    circuit.cp(1.1, 1, 0)
    circuit.rzz(1.2, 2, 3)
    circuit.rx(1.3, 2)
    circuit.swap(0, 3)
    circuit.compose(shared("_circuits").volume(4, 2), inplace=True)
    return circuit


@pytest.mark.parametrize("topic", ["every", "ansatz", "fourier", "ising", "layered"])
def test_peer_prepares_the_state_of_qiskit(peer: Adapter, topic: str) -> None:
    circuits = shared("_circuits")
    circuit = every_gate() if topic == "every" else getattr(circuits, topic)(5)
    found = task(peer, "final_state")(circuit)()()
    single = peer[0].__name__.endswith("_qsim")
    assert found.dtype == (np.complex64 if single else np.complex128)
    expected = Statevector(circuit).data
    # The same rotation 100 times over repeats the same rounding of its matrix.
    assert_allclose(found, expected, rtol=0, atol=2e-5 if single else 1e-12)


def test_peer_measures_what_qiskit_does(peer: Adapter) -> None:
    circuits = shared("_circuits")
    circuit, observable = circuits.ansatz(5, 2), circuits.pauli_sum(5, 40)
    found = task(peer, "expectation")(circuit, observable)()
    expected = Statevector(circuit).expectation_value(observable)
    assert_allclose(found, np.real(expected), rtol=1e-11)


def test_gradient_of_a_peer_is_the_parameter_shift(peer: Adapter) -> None:
    circuits = shared("_circuits")
    circuit, observable = circuits.gradient_ansatz(4, 2), circuits.z_sum(4)
    values = np.linspace(0.1, 2.0, len(circuit.parameters))
    found = task(peer, "gradient")(circuit, observable, values)()

    def value(angles: Any) -> Any:
        state = Statevector(circuit.assign_parameters(angles))
        return np.real(state.expectation_value(observable))

    shifts = 0.5 * np.pi * np.eye(values.size)
    expected = [0.5 * (value(values + one) - value(values - one)) for one in shifts]
    assert_allclose(found, expected, atol=1e-11)


def test_peer_samples_the_state(peer: Adapter) -> None:
    circuit = shared("_circuits").ansatz(3, 1)
    shots = 40_000
    outcomes = task(peer, "samples")(circuit, shots)()()
    assert outcomes.shape == (shots,)
    share = np.bincount(outcomes, minlength=8) / shots
    expected = Statevector(circuit).probabilities()
    assert_allclose(share, expected, atol=6 * 0.5 / shots**0.5)


def test_peer_runs_many_circuits_in_order(peer: Adapter) -> None:
    circuits = shared("_circuits").small_circuits(3)
    outcomes = task(peer, "small_circuits")(circuits, 20_000)()()
    for circuit, found in zip(circuits, outcomes, strict=True):
        bare = circuit.remove_final_measurements(inplace=False)
        share = np.bincount(found, minlength=32) / found.size
        assert_allclose(share, Statevector(bare).probabilities(), atol=0.025)


def test_floor_counts_what_the_formulas_say() -> None:
    floor = shared("floor")
    circuit = QuantumCircuit(2)
    circuit.rz(0.1, 0)
    circuit.cp(0.2, 0, 1)  # joins the diagonal before it: 6 in all
    circuit.ry(0.3, 0)  # 4
    circuit.rz(0.4, 1)  # waits with the first diagonal: nothing
    circuit.cx(0, 1)  # a relabelling
    circuit.rzz(0.5, 0, 1)  # a diagonal after the rotation: 6
    circuit.h(1)  # 2
    circuit.unitary(np.eye(4), [0, 1])  # 30
    assert floor.flops(circuit) == 6 + 4 + 6 + 2 + 30


def test_every_bar_has_a_case_with_its_peers() -> None:
    policy = load_policy(BENCHMARKS / "policies" / "statevector.yaml")
    found = {
        case.name: case
        for suite in suites(BENCHMARKS, "processing")
        for case in suite.cases(quick=False)
    }
    for criterion in policy.criteria():
        case = found[criterion.measurement]
        if isinstance(case, Speed):
            assert set(criterion.rivals) <= {one.name for one in case.peers}
            assert criterion.aim is not None
            assert criterion.aim > criterion.threshold


def test_our_states_are_timed_in_memory_that_was_there_before() -> None:
    case = next(iter(shared("race").cases(quick=True)))
    found = case.run()
    circuit = shared("_circuits").volume(14)
    assert_allclose(found, Statevector(circuit).data, rtol=0, atol=1e-11)
    assert case.run() is found


def test_refuses_a_gate_that_no_peer_translates() -> None:
    circuit = QuantumCircuit(1)
    circuit.sx(0)
    with pytest.raises(ValueError, match="the race has no gate 'sx'"):
        shared("_circuits").bound_gates(circuit)
