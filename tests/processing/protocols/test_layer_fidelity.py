"""Layer fidelity: injected errors of couplers come back; formulas as published."""

from typing import Any

import numpy as np
import pytest
from qiskit.quantum_info import Statevector

from qleap.core.errors import InvalidValue
from qleap.processing import NoisyBackend
from qleap.processing.noise import NoiseModel, depolarizing
from qleap.processing.protocols import LayerFidelity, run_protocol
from qleap.processing.protocols.layer_fidelity import process_fidelity

STRENGTHS = {(0, 1): 0.03, (1, 2): 0.01}


def machine() -> NoisyBackend:
    model = NoiseModel()
    for pair, strength in STRENGTHS.items():
        model = model.after("cx", depolarizing(strength, 2), qubits=pair)
        model = model.after("cx", depolarizing(strength, 2), qubits=pair[::-1])
    return NoisyBackend(model, method="density_matrix")


@pytest.mark.parametrize("seed", [1, 2])
def test_injected_errors_of_couplers_come_back_within_their_intervals(
    seed: int,
) -> None:
    design = LayerFidelity(qubits=(0, 1, 2), lengths=(1, 8, 25), samples=8)
    found = run_protocol(design, machine(), shots=400, seed=seed)
    truth = []
    for pair, strength in STRENGTHS.items():
        # The process fidelity of a mixture of Pauli strings is the share of none.
        pauli = depolarizing(strength, 2).pauli
        assert pauli is not None
        fidelity = float(pauli[0])
        assert fidelity in found[f"process_fidelity_q{pair[0]}_q{pair[1]}"]
        truth.append(fidelity)
    whole = float(np.prod(truth))
    assert whole in found["layer_fidelity"]
    assert 1 - whole**0.5 in found["error_per_layered_gate"]
    error = 1 - found["layer_fidelity"].value ** 0.5
    assert found["error_per_layered_gate"].value == pytest.approx(error)
    assert found["error_per_layered_gate"].high < 2 * (1 - whole**0.5)


def test_every_sequence_ends_in_its_targets() -> None:
    design = LayerFidelity(qubits=(5, 3, 8, 1), lengths=(1, 2, 4), samples=4)
    assert design.layers == (((5, 3), (8, 1)), ((3, 8),))
    for circuit in design.circuits(np.random.default_rng(4)):
        state = Statevector(circuit.remove_final_measurements(inplace=False))
        read = max(state.probabilities_dict().items(), key=lambda item: item[1])[0]
        for name, target in circuit.metadata["targets"].items():
            bits = [design.qubits.index(int(q[1:])) for q in name.split("_")]
            assert "".join(read[-1 - bit] for bit in reversed(bits)) == target


def test_gates_of_a_layer_stay_apart_by_barriers() -> None:
    design = LayerFidelity(qubits=(0, 1, 2), lengths=(1, 2, 7), samples=4)
    circuit = design.circuits(np.random.default_rng(1))[8]
    assert circuit.count_ops()["barrier"] == 2 * 7 + 2


def test_a_device_chooses_its_own_coupler_and_direction() -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    design = LayerFidelity.for_device("local:noisy=kawasaki", (2, 1, 0))
    assert design.gate == "ecr"
    assert design.layers == (((2, 1),), ((0, 1),)) or design.layers == (
        ((1, 2),),
        ((0, 1),),
    )


def test_process_fidelities_are_those_of_the_paper() -> None:
    # McKay et al.: F = (1 + (d^2 - 1) alpha) / d^2.
    assert process_fidelity(0.98, 2) == pytest.approx((1 + 15 * 0.98) / 16)
    assert process_fidelity(0.98, 1) == pytest.approx((1 + 3 * 0.98) / 4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layers": (((0, 1), (1, 2)),)}, "must be different qubits"),
        ({"layers": (((0, 7),),)}, "must couple qubits of"),
        ({"layers": ((),)}, "at least one pair"),
        ({"gate": "rzz"}, "must name a Clifford gate on 2"),
    ],
)
def test_bad_designs_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        LayerFidelity(qubits=(0, 1, 2), **settings)
