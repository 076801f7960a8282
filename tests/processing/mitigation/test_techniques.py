"""Mitigation of expectation values: what noise took away comes back."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from qiskit import QuantumCircuit
from qiskit.quantum_info import DensityMatrix, Operator, SparsePauliOp, Statevector
from qiskit.transpiler import InstructionProperties, Target

from qleap.core.errors import InvalidKind, InvalidValue, QleapWarning
from qleap.processing.mitigation import (
    DynamicalDecoupling,
    ErrorCancellation,
    PauliTwirling,
    VirtualDistillation,
    ZeroNoise,
    fold_gates,
    fold_globally,
)
from qleap.processing.noise import (
    NoiseModel,
    depolarizing,
    over_rotation,
    pauli_channel,
)


class NoisyEstimator:
    """An estimator by Qiskit's density matrices: exact values, no shots."""

    def __init__(self, model: NoiseModel, error: float = 0.0) -> None:
        self.model = model
        self.error = error
        self.circuits: list[QuantumCircuit] = []

    def run(self, pubs: Iterable[Any], **_: Any) -> Any:
        found = []
        for circuit, observable in pubs:
            self.circuits.append(circuit)
            state = _density(self.model.apply(circuit))
            value = state.expectation_value(SparsePauliOp(observable)).real
            data = SimpleNamespace(evs=value, stds=self.error)
            found.append(SimpleNamespace(data=data))
        return SimpleNamespace(result=lambda: found)


def _density(circuit: QuantumCircuit) -> DensityMatrix:
    state = DensityMatrix.from_label("0" * circuit.num_qubits)
    for step in circuit.data:
        wires = [circuit.find_bit(q).index for q in step.qubits]
        if step.name == "channel":
            state = state.evolve(step.operation.channel.to_qiskit(), wires)
        elif step.name not in ("barrier", "delay"):
            state = state.evolve(step.operation, wires)
    return state


def _circuit() -> QuantumCircuit:
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.ry(0.4, 1)
    circuit.cx(1, 2)
    circuit.t(2)
    return circuit


OBSERVABLE = SparsePauliOp(["ZZI", "XIX", "IIZ"], [1.0, 0.5, -0.3])
EXACT = float(Statevector(_circuit()).expectation_value(OBSERVABLE).real)


@pytest.mark.parametrize("fold", [fold_globally, fold_gates])
@pytest.mark.parametrize("factor", [1.0, 1.8, 3.0, 4.2])
def test_folded_circuits_do_the_same_with_more_gates(fold: Any, factor: float) -> None:
    circuit = _circuit()
    found = fold(circuit, factor)
    assert Operator(found).equiv(Operator(circuit))
    gates = [step for step in found.data if step.name != "barrier"]
    wanted = len(circuit.data) + 2 * round((factor - 1) * len(circuit.data) / 2)
    assert len(gates) == wanted


def test_no_transpilation_undoes_a_fold() -> None:
    from qiskit import transpile

    found = transpile(fold_gates(_circuit(), 3.0), optimization_level=2)
    assert found.count_ops()["cx"] == 6


@pytest.mark.parametrize(
    ("settings", "gain"),
    [
        ({"extrapolation": "linear"}, 2.0),
        ({"extrapolation": "polynomial", "factors": (1.0, 2.0, 3.0, 5.0)}, 5.0),
        ({"extrapolation": "exponential"}, 10.0),
        ({"extrapolation": "richardson"}, 10.0),
        ({"extrapolation": "richardson", "folding": "gates"}, 10.0),
    ],
)
def test_extrapolation_comes_closer_to_the_exact_value(
    settings: dict[str, Any], gain: float
) -> None:
    model = NoiseModel().after("cx", depolarizing(0.02, 2)).after(1, depolarizing(2e-3))
    found = ZeroNoise(**settings).run(_circuit(), OBSERVABLE, NoisyEstimator(model))
    before, after = abs(found.unmitigated - EXACT), abs(found.value - EXACT)
    assert after * gain < before


def test_extrapolation_of_a_known_law_is_exact() -> None:
    factors = (1.0, 2.0, 3.0, 4.0)
    x = np.array(factors)
    zeros = np.zeros(4)
    line = ZeroNoise(factors=factors, extrapolation="linear")
    assert line.combine(0.7 - 0.1 * x, zeros).value == pytest.approx(0.7, abs=1e-12)
    decay = ZeroNoise(factors=factors, extrapolation="exponential", limit=0.1)
    found = decay.combine(0.1 + 0.6 * np.exp(-0.3 * x), zeros)
    assert found.value == pytest.approx(0.7, abs=1e-8)
    cubic = ZeroNoise(factors=factors, extrapolation="richardson")
    assert cubic.combine(0.7 - x**3, zeros).value == pytest.approx(0.7, abs=1e-10)


def test_the_factors_that_folds_reach_are_those_of_the_fit() -> None:
    """Five gates folded to 1.5 have seven: the line must be drawn at 1.4."""
    model = NoiseModel().after("cx", depolarizing(0.02, 2))
    technique = ZeroNoise(factors=(1.0, 1.5), folding="gates", extrapolation="linear")
    parts = technique.build(_circuit(), OBSERVABLE)
    reached = [part.circuit.metadata["noise_factor"] for part in parts]
    assert reached == pytest.approx([1.0, 1.4])
    found = technique.run(_circuit(), OBSERVABLE, NoisyEstimator(model))
    low, high = found.values
    assert found.value == pytest.approx(low - (high - low) / 0.4)
    with pytest.raises(InvalidValue, match="too few for the factors"):
        ZeroNoise(factors=(1.0, 1.1)).build(_circuit(), OBSERVABLE)


@pytest.mark.parametrize(
    ("extrapolation", "expected", "tolerance"),
    [
        ("linear", 0.881142857142857, 1e-12),
        ("polynomial", 0.9558181818181823, 1e-12),
        ("richardson", 0.9800000000000009, 1e-12),
        # With a known limit mitiq fits logarithms, which weigh points differently.
        ("exponential", 0.9610796034140316, 2e-3),
    ],
)
def test_extrapolated_values_are_those_of_mitiq(
    extrapolation: Any, expected: float, tolerance: float
) -> None:
    """Factories of mitiq 1.1.0: Linear, Poly of order 2, Richardson, Exp to zero."""
    technique = ZeroNoise(factors=(1.0, 2.0, 3.0, 5.0), extrapolation=extrapolation)
    found = technique.combine([0.8, 0.66, 0.55, 0.38], [0.0] * 4)
    assert found.value == pytest.approx(expected, abs=tolerance)


def test_values_of_both_signs_have_no_exponential_law() -> None:
    technique = ZeroNoise(factors=(1.0, 2.0, 3.0), extrapolation="exponential")
    with pytest.warns(QleapWarning, match="a straight line was taken"):
        found = technique.combine([0.02, -0.01, 0.01], [0.01] * 3)
    assert abs(found.value) < 0.1


@pytest.mark.parametrize("extrapolation", ["linear", "exponential", "richardson"])
def test_the_standard_error_is_the_scatter_of_repetitions(extrapolation: Any) -> None:
    rng = np.random.default_rng(1)
    technique = ZeroNoise(factors=(1.0, 2.0, 3.0), extrapolation=extrapolation)
    errors = np.array([0.01, 0.012, 0.015])
    truth = 0.8 * np.exp(-0.2 * np.array(technique.factors))
    found = [technique.combine(rng.normal(truth, errors), errors) for _ in range(400)]
    scatter = np.std([one.value for one in found])
    stated = np.mean([one.standard_error for one in found])
    assert stated == pytest.approx(scatter, rel=0.15)
    assert found[0].overhead > 1.0


def test_error_cancellation_is_exact_for_pauli_noise() -> None:
    noise = pauli_channel({"XI": 0.01, "ZZ": 0.02, "IY": 0.005})
    model = NoiseModel().after("cx", noise).after(1, depolarizing(0.01))
    technique = ErrorCancellation(noise=model, n_circuits=3000, seed=3)
    found = technique.run(_circuit(), OBSERVABLE, NoisyEstimator(model))
    noisy = _density(model.apply(_circuit())).expectation_value(OBSERVABLE).real
    assert abs(found.value - EXACT) < 4 * found.standard_error
    assert found.standard_error < abs(noisy - EXACT) / 3


def test_the_cost_of_cancellation_is_that_of_the_noise() -> None:
    """One qubit, X with p: gamma = 1 / (1 - 2 p), the sum of both weights."""
    circuit = QuantumCircuit(1)
    circuit.x(0)
    model = NoiseModel().after("x", pauli_channel({"X": 0.1}))
    (part, *_) = ErrorCancellation(noise=model, n_circuits=2).build(circuit, "Z")
    sign, gamma = part.circuit.metadata["cancellation"]
    assert gamma == pytest.approx(1.0 / 0.8)
    assert sign in (1, -1)


def test_few_draws_do_not_make_a_small_error() -> None:
    """Without a negative sign among them all values are equal, and all too large."""
    technique = ErrorCancellation(noise=NoiseModel(), n_circuits=4)
    found = technique.combine([0.9] * 4, [0.0] * 4, signs=[1] * 4, gamma=1.1)
    assert found.standard_error == pytest.approx(0.9 * np.sqrt(0.21) / 2)


def test_twirling_turns_coherent_errors_into_random_ones() -> None:
    """Over-rotations of ZZ in a row add up; twirled, their squares do."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    for _ in range(10):
        circuit.cz(0, 1)
    angle = 0.1
    model = NoiseModel().after("cz", over_rotation("ZZ", angle))
    exact = 1.0
    bare = _density(model.apply(circuit)).expectation_value(SparsePauliOp("IX")).real
    technique = PauliTwirling(n_circuits=200, seed=1)
    found = technique.run(circuit, "IX", NoisyEstimator(model))
    assert abs(bare - exact) > 0.3
    assert abs(found.value - exact) < abs(bare - exact) / 4
    # Each of the ten becomes a phase flip, which shrinks X by cos(angle).
    assert found.value == pytest.approx(
        np.cos(angle) ** 10, abs=4 * found.standard_error
    )


def _target() -> Target:
    target = Target(num_qubits=2, dt=1e-9)
    from qiskit.circuit import Delay, Parameter
    from qiskit.circuit.library import CXGate, HGate, XGate

    short = {(k,): InstructionProperties(duration=50e-9) for k in range(2)}
    target.add_instruction(XGate(), dict(short))
    target.add_instruction(HGate(), dict(short))
    target.add_instruction(CXGate(), {(0, 1): InstructionProperties(duration=300e-9)})
    target.add_instruction(Delay(Parameter("t")), {(k,): None for k in range(2)})
    return target


@pytest.mark.parametrize("sequence", ["CPMG", "XY4", "XY8"])
def test_pulses_refocus_a_constant_detuning(sequence: Any) -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.delay(4000, 0, "ns")
    circuit.h(0)
    technique = DynamicalDecoupling(target=_target(), sequence=sequence)
    (part,) = technique.build(circuit, "IZ")
    pulses = part.circuit.count_ops()
    wanted = {"CPMG": 2, "XY4": 4, "XY8": 8}[sequence]
    assert pulses["x"] + pulses.get("y", 0) == wanted

    detuning = 2 * np.pi * 1e5

    def value(circuit: QuantumCircuit) -> float:
        turned = circuit.copy_empty_like()
        for step in circuit.data:
            if step.name == "delay":
                turned.rz(detuning * step.operation.duration * 1e-9, step.qubits[0])
            else:
                turned.append(step)
        state = Statevector(turned)
        return float(state.expectation_value(SparsePauliOp("IZ")).real)

    assert value(circuit) == pytest.approx(np.cos(detuning * 4e-6), abs=1e-9)
    assert value(part.circuit) > 0.999


def test_virtual_distillation_gives_the_value_of_the_squared_state() -> None:
    model = NoiseModel().after("cx", depolarizing(0.1, 2))
    circuit = _circuit()
    rho = _density(model.apply(circuit)).data
    square = rho @ rho
    expected = np.trace(OBSERVABLE.to_matrix() @ square).real / np.trace(square).real
    # Swaps without noise: their gates are none that the rule names.
    found = VirtualDistillation().run(circuit, OBSERVABLE, NoisyEstimator(model))
    assert found.value == pytest.approx(expected, abs=1e-10)
    noisy = float(np.trace(OBSERVABLE.to_matrix() @ rho).real)
    assert abs(found.value - EXACT) < abs(noisy - EXACT) / 3


def test_what_was_done_is_noted_in_the_circuits() -> None:
    estimator = NoisyEstimator(NoiseModel())
    ZeroNoise(factors=(1.0, 2.0)).run(_circuit(), OBSERVABLE, estimator)
    notes = [circuit.metadata["mitigation"] for circuit in estimator.circuits]
    assert [note["part"] for note in notes] == [0, 1]
    assert notes[0]["technique"] == "ZeroNoise"
    assert notes[0]["factors"] == (1.0, 2.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ZeroNoise(factors=(1.0,)), "at least two different numbers"),
        (lambda: ZeroNoise(factors=(0.5, 1.0)), "at least two different numbers >= 1"),
        (lambda: ZeroNoise(extrapolation="polynomial", order=3), "needs 4 factors"),
        (lambda: ZeroNoise(folding="local"), "must be one of global, gates"),  # type: ignore[arg-type]
        (lambda: fold_gates(QuantumCircuit(1), 3.0), "without gates"),
        (lambda: fold_gates(_circuit(), 0.5), "factor must be >= 1"),
        (lambda: ZeroNoise().combine([1.0], [0.1]), "each of the 3 parts"),
        (lambda: ZeroNoise().combine([1.0] * 3, [-0.1] * 3), "errors must be >= 0"),
        (lambda: VirtualDistillation().combine([0.1, -0.1], [0, 0]), "purity must be"),
    ],
)
def test_impossible_settings_are_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        make()


def test_measurements_and_wrong_kinds_are_refused() -> None:
    measured = _circuit()
    measured.measure_all()
    with pytest.raises(InvalidValue, match="without measurements"):
        ZeroNoise().run(measured, OBSERVABLE, NoisyEstimator(NoiseModel()))
    with pytest.raises(InvalidKind, match="must be an EstimatorV2"):
        ZeroNoise().run(_circuit(), OBSERVABLE, None)
    circuit = QuantumCircuit(1)
    circuit.x(0)
    model = NoiseModel().after("x", depolarizing(1.0))
    with pytest.raises(InvalidValue, match="forgets too much"):
        ErrorCancellation(noise=model).build(circuit, "Z")


def test_values_match_the_order_of_build() -> None:
    found = PauliTwirling(n_circuits=2).combine([0.2, 0.4], [0.1, 0.1])
    assert_allclose([found.value, found.standard_error], [0.3, 0.1], atol=1e-12)
