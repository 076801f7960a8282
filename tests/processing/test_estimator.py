"""The Estimator primitive against Qiskit's own."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives import (
    BackendEstimatorV2,
    BaseEstimatorV2,
    BindingsArray,
    StatevectorEstimator,
)
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.quantum_info import Pauli, SparsePauliOp
from scipy import stats

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.core.jit import set_threads, threads
from qleap.processing import Estimator, LocalBackend
from qleap.processing import engine as engine_module

A, B = Parameter("a"), Parameter("b")
RNG = np.random.default_rng(11)
SUM = SparsePauliOp(["XXI", "ZIZ", "YIY", "III"], [0.5, -1.5, 1.0, 2.0])


def parametrised() -> QuantumCircuit:
    circuit = QuantumCircuit(3, metadata={"name": "test"})
    circuit.ry(B, 0)
    circuit.rx(A, 2)
    circuit.cx(0, 1)
    circuit.rz(A + 2 * B, 1)
    circuit.cx(1, 2)
    circuit.h(1)
    return circuit


def run(estimator: Any, *pubs: Any, **options: Any) -> Any:
    return estimator.run(list(pubs), **options).result()


@pytest.mark.parametrize(("observables", "values"), [
    ("XYZ", [0.1, 0.2]),
    (["XYZ"], [0.1, 0.2]),
    (SUM, RNG.normal(size=(4, 2))),
    (["ZZZ", SUM, Pauli("YYX")], RNG.normal(size=2)),
    (["ZZZ", SUM, Pauli("YYX")], RNG.normal(size=(3, 2))),
    ([["ZZZ"], [SUM], [{"YYX": 2.0, "IIZ": -1.0}]], RNG.normal(size=(4, 2))),
    ([["ZZZ", SUM]], RNG.normal(size=(5, 1, 2))),
    ([[[SUM]], [["XII"]]], RNG.normal(size=(3, 2, 2))),
    (SUM, {"a": RNG.normal(size=(2, 3)), "b": RNG.normal(size=(2, 3))}),
    (SUM, {("b", "a"): RNG.normal(size=(6, 2))}),
    (["IIX", "IIX"], {A: [0.3, 0.3], "b": [0.2, 0.2]}),
    ("ZZI", np.zeros((0, 2))),
])  # fmt: skip
def test_shapes_and_values_are_those_of_qiskit(observables: Any, values: Any) -> None:
    pub = (parametrised(), observables, values)
    ours, theirs = run(Estimator(), pub)[0], run(StatevectorEstimator(), pub)[0]
    assert ours.data.shape == theirs.data.shape
    for name in ("evs", "stds"):
        mine, other = np.asarray(ours.data[name]), np.asarray(theirs.data[name])
        assert (mine.shape, mine.dtype) == (other.shape, other.dtype)
        assert_allclose(mine, other, rtol=0, atol=1e-13)
    assert ours.metadata == {**theirs.metadata, "method": "exact"}


def test_pubs_come_in_every_form() -> None:
    circuit, plain = parametrised(), QuantumCircuit(3)
    values = BindingsArray({(A, B): [[0.1, 0.2], [0.3, 0.4]]})
    observables = ObservablesArray([["ZII"], [SUM]])
    pubs = [
        (plain, SUM),
        (plain, SUM, None),
        (circuit, observables, values),
        (circuit, observables, values, 0.0),
        EstimatorPub(circuit, observables, values, 0.0),
    ]
    for mine, other in zip(
        run(Estimator(), *pubs), run(StatevectorEstimator(), *pubs), strict=True
    ):
        assert_allclose(mine.data.evs, other.data.evs, rtol=0, atol=1e-13)


def test_each_set_of_values_is_simulated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    evolve = engine_module.evolve

    def counted(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        return evolve(*arguments, **options)

    monkeypatch.setattr(engine_module, "evolve", counted)
    values = np.array([[0.1, 0.2], [0.3, 0.4], [0.1, 0.2]])
    observables = [[label] for label in ("XXX", "ZZZ", "YIY", "IZI")]
    data = run(Estimator(), (parametrised(), observables, values))[0].data
    assert data.evs.shape == (4, 3)
    assert len(calls) == 2
    run(Estimator(), (parametrised(), observables, values), precision=0.1)
    assert len(calls) == 4


def test_precision_of_pub_run_and_estimator_go_in_this_order() -> None:
    circuit = QuantumCircuit(3)
    estimator = Estimator(default_precision=0.1, seed=1)
    pubs = [(circuit, SUM), (circuit, SUM, None, 0.05), (circuit, SUM, None, 0.0)]
    found = run(estimator, *pubs)
    assert [one.metadata["target_precision"] for one in found] == [0.1, 0.05, 0.0]
    assert [one.metadata.get("shots") for one in found] == [100, 400, None]
    found = run(estimator, *pubs, precision=0.2)
    assert [one.metadata["target_precision"] for one in found] == [0.2, 0.05, 0.0]
    theirs = run(BackendEstimatorV2(backend=LocalBackend()), pubs[1])[0]
    assert found[1].metadata["shots"] == theirs.metadata["shots"]
    assert found[0].metadata["circuit_metadata"] == {}
    assert found.metadata == {"version": 2, "seed": 1}


def test_sampled_values_scatter_by_their_standard_errors() -> None:
    circuit = parametrised()
    values = np.tile(RNG.normal(size=(3, 2)), (200, 1))
    observables = [["XXI"], [SUM]]
    exact = run(Estimator(), (circuit, observables, values))[0].data.evs
    data = run(Estimator(seed=5), (circuit, observables, values), precision=0.05)[
        0
    ].data
    z = (data.evs - exact) / data.stds
    assert np.abs(z).max() < 5.0
    assert np.abs(z.mean(axis=1)).max() < 4.0 / np.sqrt(600)
    for row in z:  # independent, of unit variance
        assert 1e-4 < stats.chi2(row.size).sf(np.square(row).sum()) < 1 - 1e-4


def test_one_string_has_the_error_asked_for() -> None:
    circuit = QuantumCircuit(1)
    circuit.h(0)
    data = run(Estimator(seed=2), (circuit, ["Z", "X"], None, 0.01))[0].data
    assert data.stds[0] == pytest.approx(0.01, rel=1e-3)
    assert (data.evs[1], data.stds[1]) == (1.0, 0.0)


def test_correlations_within_a_basis_count() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    observables = [{"ZI": 1.0, "IZ": -1.0}, {"ZI": 1.0, "IZ": 1.0}]
    data = run(Estimator(seed=3), (circuit, observables, None, 0.01))[0].data
    assert (data.evs[0], data.stds[0]) == (0.0, 0.0)  # always equal in a Bell pair
    assert data.stds[1] == pytest.approx(0.02, rel=1e-3)


def test_one_shot_has_the_largest_error() -> None:
    data = run(Estimator(seed=1), (QuantumCircuit(3), SUM, None, 1.0))[0].data
    # XXI, ZIZ and YIY need three bases: the errors 0.5, 1.5 and 1 add in quadrature.
    assert data.stds == pytest.approx(np.sqrt(0.25 + 2.25 + 1.0))


def test_gaussian_noise_has_the_precision_as_its_width() -> None:
    values = np.zeros((2000, 2))
    estimator = Estimator(method="gaussian", seed=4)
    result = run(estimator, (parametrised(), SUM, values), precision=0.3)[0]
    exact = run(estimator, (parametrised(), SUM, values[0]))[0].data.evs
    assert_array_equal(result.data.stds, 0.3)
    chi2 = np.square((result.data.evs - exact) / 0.3).sum()
    assert 1e-4 < stats.chi2(2000).sf(chi2) < 1 - 1e-4
    assert result.metadata["method"] == "gaussian"


@pytest.mark.parametrize("method", ["sampled", "gaussian"])
def test_same_seed_gives_same_values(method: str) -> None:
    pub = (parametrised(), [["XXI"], [SUM]], [[0.1, 0.2], [0.1, 0.2]], 0.1)
    first, again, other = (
        run(Estimator(method=method, seed=seed), pub, pub) for seed in (7, 7, 8)
    )
    assert_array_equal(first[0].data.evs, again[0].data.evs)
    assert_array_equal(first[0].data.stds, again[0].data.stds)
    assert not np.array_equal(first[0].data.evs, other[0].data.evs)
    assert not np.array_equal(first[0].data.evs, first[1].data.evs)
    # The two elements have equal values, but are two experiments.
    assert not np.array_equal(first[0].data.evs[:, 0], first[0].data.evs[:, 1])


def test_values_do_not_depend_on_the_number_of_threads() -> None:
    circuit = QuantumCircuit(16)
    circuit.h(range(16))
    for qubit in range(15):
        circuit.rzz(0.3 * qubit, qubit, qubit + 1)
    observables = ["X" * 16, "ZY" * 8, "IIIX" * 4]
    before = threads()
    found = []
    try:
        for count in (1, before):
            set_threads(count)
            for precision in (0.0, 0.1):
                pub = (circuit, observables, None, precision)
                found.append(run(Estimator(seed=1), pub)[0].data.evs)
    finally:
        set_threads(before)
    assert_allclose(found[0], found[2], rtol=0, atol=1e-14)
    assert_array_equal(found[1], found[3])


def test_options_are_kept_and_checked() -> None:
    estimator = Estimator(default_precision=0.2, method="gaussian", seed=3)
    assert isinstance(estimator, BaseEstimatorV2)
    kept = (estimator.default_precision, estimator.method, estimator.seed)
    assert kept == (0.2, "gaussian", 3)
    assert Estimator().seed is None
    with pytest.raises(InvalidValue, match=r"method must be one of sampled, gaussian"):
        Estimator(method="magic")
    with pytest.raises(InvalidValue, match=r"default_precision must be >= 0, got -1"):
        Estimator(default_precision=-1.0)
    with pytest.raises(InvalidValue, match=r"precision must be >= 0, got -0\.1"):
        estimator.run([], precision=-0.1)


def measured() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    return circuit


def with_reset() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.reset(0)
    return circuit


@pytest.mark.parametrize(("pub", "message"), [
    ((measured(), "Z"), r"circuits of gates alone, but that of PUB 0 has a measure"),
    ((with_reset(), "Z"), r"PUB 0 has a reset"),
    ((QuantumCircuit(2), "Z"), r"PUB 0 is not valid: .*qubits"),
    ((parametrised(), "ZZZ"), r"PUB 0 is not valid: .*parameters"),
    ((parametrised(), ["ZZZ"] * 3, np.zeros((2, 2))), r"PUB 0.*not broadcastable"),
    ((QuantumCircuit(1), "Q"), r"PUB 0 is not valid"),
    ((QuantumCircuit(1), {"Z": 1j}), r"PUB 0.*Hermitian"),
    ((QuantumCircuit(1), "Z", None, -1.0), r"PUB 0.*precision"),
    ((QuantumCircuit(1), "Z", None, 1e-5), r"needs \d+ shots, but 10000000 are the m"),
    (QuantumCircuit(1), r"PUB 0 is not valid"),
])  # fmt: skip
def test_what_cannot_be_estimated_is_refused(pub: Any, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Estimator().run([pub])


def test_things_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(InvalidKind, match=r"PUB 0 is not valid: Invalid observable"):
        Estimator().run([(QuantumCircuit(1), 3)])
    with pytest.raises(InvalidKind, match=r"PUB 0 is not valid: .*QuantumCircuit"):
        Estimator().run([("circuit", "Z")])


def test_projectors_can_be_estimated() -> None:
    circuit = QuantumCircuit(2)
    circuit.h([0, 1])
    data = run(Estimator(), (circuit, ["0+", "1-", "rl"]))[0].data
    assert_allclose(data.evs, [0.5, 0.0, 0.25], atol=1e-15)
