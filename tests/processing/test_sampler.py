"""The Sampler primitive against Qiskit's own."""

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.primitives import BaseSamplerV2, StatevectorSampler
from scipy import stats

from qleap.core.errors import InvalidKind, InvalidValue, QleapWarning
from qleap.processing import Sampler


def parametrised() -> QuantumCircuit:
    """Return a circuit with two parameters, two registers and an unread bit."""
    low, high = ClassicalRegister(9, "low"), ClassicalRegister(1, "high")
    circuit = QuantumCircuit(QuantumRegister(3), low, high)
    circuit.rx(Parameter("a"), 0)
    circuit.ry(Parameter("b"), 2)
    circuit.cx(0, 1)
    circuit.measure([0, 1, 2], [8, 0, 9])
    return circuit


VALUES = np.random.default_rng(3).uniform(0, np.pi, (2, 3, 2))


def test_shapes_names_and_distributions_are_those_of_qiskit() -> None:
    pubs = [(parametrised(), VALUES), (parametrised(), {("a", "b"): [0.1, 2.0]}, 77)]
    ours = Sampler(seed=1).run(pubs, shots=2000).result()
    theirs = StatevectorSampler(seed=2).run(pubs, shots=2000).result()
    assert len(ours) == len(theirs) == 2
    for mine, other in zip(ours, theirs, strict=True):
        assert list(mine.data) == list(other.data) == ["low", "high"]
        assert mine.data.shape == other.data.shape
        assert mine.metadata["shots"] == other.metadata["shots"]
        for name in mine.data:
            bits, expected = mine.data[name], other.data[name]
            assert bits.array.shape == expected.array.shape
            assert bits.num_bits == expected.num_bits
    for index in np.ndindex(2, 3):
        for name in ("low", "high"):
            both = [r[0].data[name].get_counts(index) for r in (ours, theirs)]
            names = sorted(set(both[0]) | set(both[1]))
            table = np.array([[c.get(n, 0) for n in names] for c in both])
            assert len(names) == 1 or stats.chi2_contingency(table).pvalue > 1e-4


def test_values_may_come_by_name() -> None:
    circuit = parametrised()
    values = {"a": np.zeros((4, 5)), "b": np.full((4, 5), np.pi)}
    data = Sampler(seed=1).run([(circuit, values)], shots=3).result()[0].data
    assert data.shape == (4, 5)
    assert data.high.get_counts((3, 2)) == {"1": 3}
    assert data.low.get_counts((3, 2)) == {"0" * 9: 3}


def test_measurement_anywhere_is_sampled() -> None:
    circuit = QuantumCircuit(1, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.reset(0)
    circuit.measure(0, 1)
    data = Sampler().run([circuit], shots=9).result()[0].data
    assert data.c.get_counts() == {"01": 9}


def test_same_seed_gives_same_bits_and_parameter_sets_are_independent() -> None:
    circuit = QuantumCircuit(8)
    circuit.rx(Parameter("a"), 0)
    circuit.h(range(8))
    circuit.measure_all()
    pub = (circuit, np.zeros((2, 1)))
    first, again, other = (
        Sampler(seed=seed).run([pub, pub], shots=50).result() for seed in (4, 4, 5)
    )
    array = first[0].data.meas.array
    assert np.array_equal(array, again[0].data.meas.array)
    assert not np.array_equal(array, other[0].data.meas.array)
    assert not np.array_equal(array, first[1].data.meas.array)
    assert not np.array_equal(array[0], array[1])


def test_defaults_are_kept() -> None:
    sampler = Sampler(default_shots=12, seed=3)
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    assert isinstance(sampler, BaseSamplerV2)
    assert (sampler.default_shots, sampler.seed, Sampler().seed) == (12, 3, None)
    assert sampler.run([circuit]).result()[0].data.meas.num_shots == 12


def test_circuit_without_register_warns() -> None:
    with pytest.warns(QleapWarning, match=r"no classical register.*measure_all"):
        result = Sampler().run([QuantumCircuit(1)]).result()
    assert list(result[0].data) == []


def test_bad_options_are_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"shots must be between 1 and 10000000, got 0"
    ):
        Sampler(default_shots=0)
    with pytest.raises(InvalidKind, match=r"seed must be a whole number, got 'x'"):
        Sampler(seed="x")  # type: ignore[arg-type]
    with pytest.raises(
        InvalidValue, match=r"shots must be between 1 and 10000000, got -1"
    ):
        Sampler().run([QuantumCircuit(1, 1)], shots=-1)
