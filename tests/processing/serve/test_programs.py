"""What jobs compute: the same as direct runs, and as theory."""

import math
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm3
from qiskit.quantum_info import SparsePauliOp, Statevector

from qleap.core.errors import InvalidValue
from qleap.processing import Estimator, backend, run
from qleap.processing.backends.native import native
from qleap.processing.serve.programs import Work, perform

HEAD = 'OPENQASM 3;\ninclude "stdgates.inc";\n'


def work(*programs: str, **values: Any) -> Work:
    given: dict[str, Any] = {
        "job_type": "sampling",
        "backend": "local",
        "operator": [],
        "shots": 1000,
        "seed": 7,
        "most_qubits": 10,
    }
    return Work(programs=list(programs), **(given | values))


def counts(*programs: str, **values: Any) -> dict[str, int]:
    found: dict[str, int] = perform(work(*programs, **values))["result"]["sampling"][
        "counts"
    ]
    return found


def test_counts_are_those_of_a_direct_run(bell: str) -> None:
    assert counts(bell) == run(bell, 1000, seed=7).counts


def test_registers_are_joined_to_one_string_the_first_on_the_right() -> None:
    text = HEAD + "qubit[3] q; bit[2] a; bit b; x q[1]; a[1] = measure q[1];"
    assert counts(text + "b = measure q[0]; a[0] = measure q[2];") == {"010": 1000}


def test_conditions_and_loops_run() -> None:
    text = HEAD + (
        "qubit[2] q; bit c; bit d; x q[0]; c = measure q[0];"
        "if (c == true) { x q[1]; } d = measure q[1];"
    )
    assert counts(text) == {"11": 1000}


def random_circuit(n_qubits: int, rng: np.random.Generator) -> QuantumCircuit:
    circuit = QuantumCircuit(n_qubits)
    for _ in range(3):
        for qubit in range(n_qubits):
            circuit.u(*rng.uniform(0.0, math.pi, 3), qubit)
        for qubit in range(n_qubits - 1):
            circuit.cx(qubit, qubit + 1)
    return circuit


def test_expectation_values_agree_with_qiskit_within_their_errors(
    rng: np.random.Generator,
) -> None:
    circuit = random_circuit(4, rng)
    terms = [("XIIX", 0.7), ("IYZI", -1.2), ("ZIII", 0.4), ("YYII", 0.3), ("IIII", 2.0)]
    exact = Statevector(circuit).expectation_value(SparsePauliOp.from_list(terms)).real
    operator = [
        {
            "pauli": " ".join(
                f"{letter} {k}" for k, letter in enumerate(label[::-1]) if letter != "I"
            )
            or "I",
            "coeff": coefficient,
        }
        for label, coefficient in terms
    ]
    deviations = []
    for seed in range(20):
        asked = work(
            qasm3.dumps(circuit),
            job_type="estimation",
            operator=operator,
            shots=2000,
            seed=seed,
        )
        found = perform(asked)["result"]["estimation"]
        deviations.append((found["exp_value"] - exact) / found["stds"])
    # means of 20 standard normal deviates, and their squares, within 4 sigma
    assert abs(np.mean(deviations)) < 4 / math.sqrt(20)
    assert np.mean(np.square(deviations)) == pytest.approx(1.0, abs=4 * math.sqrt(0.1))


@pytest.mark.parametrize(
    ("pauli", "value"), [("X 0 X 1", 1.0), ("Y 0 Y 1", -1.0), ("Z0 Z1", 1.0), ("I", 1)]
)
def test_stabilisers_of_a_bell_state_have_no_scatter(
    bell: str, pauli: str, value: float
) -> None:
    asked = work(bell, job_type="estimation", operator=[{"pauli": pauli, "coeff": 2.0}])
    found = perform(asked)["result"]["estimation"]
    assert found == {"exp_value": 2.0 * value, "stds": 0.0}


def test_equal_strings_add_up_and_a_missing_coefficient_is_one(bell: str) -> None:
    operator = [{"pauli": "Z 0 Z 1"}, {"pauli": "Z 1 Z 0", "coeff": 0.5}]
    found = perform(work(bell, job_type="estimation", operator=operator))
    assert found["result"]["estimation"]["exp_value"] == 1.5


def test_programs_side_by_side_are_counted_together_and_apart(bell: str) -> None:
    flipped = HEAD + "qubit[1] q; bit[1] c; x q[0]; c = measure q;"
    found = perform(work(bell, flipped, job_type="multi_manual"))
    sampling = found["result"]["sampling"]
    assert set(sampling["counts"]) == {"100", "111"}
    assert sampling["divided_counts"]["1"] == {"1": 1000}
    alone = sampling["divided_counts"]["0"]
    assert alone == {bits[1:]: n for bits, n in sampling["counts"].items()}
    again = run(found["combined_program"], 1000, seed=7).counts
    assert {k.replace(" ", ""): n for k, n in again.items()} == sampling["counts"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (work(HEAD + "qubit[2] q; h q;"), "counts need a measurement"),
        (work(HEAD + "qubit q; nonsense q;"), "program 0, line 3"),
        (work(HEAD + 'include "/etc/passwd"; qubit q;'), "program 0"),
        (work('OPENQASM 3; include "../x.inc"; qubit q;'), "program 0"),
        (
            work(HEAD + "const int n = 11; qubit[n] q; bit c; c = measure q[0];"),
            "at most 10 qubits for you, got 11|program 0",
        ),
        (
            work(
                HEAD + "qubit q; bit c; c = measure q; if (c == true) { x q; }",
                HEAD + "qubit q; bit c; c = measure q;",
                job_type="multi_manual",
            ),
            "program 0 has a condition or a loop",
        ),
        (
            work(
                HEAD + "qubit q; bit c; c = measure q; x q;",
                job_type="estimation",
                operator=[{"pauli": "Z 0"}],
            ),
            "measures or resets in the middle",
        ),
        (
            work(HEAD + "qubit q;", job_type="estimation", operator=[{"pauli": "Z 3"}]),
            "acts on qubit 3, but the program has 1",
        ),
    ],
)
def test_what_cannot_be_run_is_told_in_a_sentence(asked: Work, message: str) -> None:
    with pytest.raises(InvalidValue, match=message) as caught:
        perform(asked)
    assert "root:" not in str(caught.value)


@pytest.mark.slow
def test_a_calibrated_device_runs_all_types(bell: str) -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    pytest.importorskip("qiskit_aer")
    noisy: dict[str, Any] = {"backend": "fake:manila", "most_qubits": 5, "shots": 4000}
    found = counts(bell, **noisy)
    assert found == run(bell, 4000, seed=7, backend="fake:manila").counts
    operator = [{"pauli": "X 0 X 1"}]
    value = perform(work(bell, job_type="estimation", operator=operator, **noisy))
    assert 0.7 < value["result"]["estimation"]["exp_value"] < 0.99
    both = perform(work(bell, bell, job_type="multi_manual", **noisy))
    assert sum(both["result"]["sampling"]["divided_counts"]["1"].values()) == 4000


def test_a_device_with_noise_of_ours_runs_all_types(bell: str) -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    name = "local:noisy=fake:manila"
    noisy: dict[str, Any] = {"backend": name, "most_qubits": 5, "shots": 20_000}
    assert counts(bell, **noisy) == run(bell, 20_000, seed=7, backend=name).counts
    operator = [{"pauli": "X 0 X 1"}, {"pauli": "Z 0 Z 1", "coeff": 0.5}]
    found = perform(work(bell, job_type="estimation", operator=operator, **noisy))
    told = found["result"]["estimation"]
    # Qiskit's own estimator reads the same noisy machine through other code.
    pair = QuantumCircuit(2)
    pair.h(0)
    pair.cx(0, 1)
    observable = SparsePauliOp(["XX", "ZZ"], [1.0, 0.5])
    (other,) = (
        Estimator(name, seed=3).run([(pair, observable)], precision=0.01).result()
    )
    scatter = math.hypot(told["stds"], float(other.data.stds))
    assert abs(told["exp_value"] - float(other.data.evs)) < 4.0 * scatter
    assert told["exp_value"] < 1.45  # of 1.5 without noise
    both = perform(work(bell, bell, job_type="multi_manual", **noisy))
    assert sum(both["result"]["sampling"]["divided_counts"]["1"].values()) == 20_000


def test_a_program_as_wide_as_the_device_costs_what_it_uses() -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    name = "local:noisy=fake:kawasaki"
    pair = QuantumCircuit(2, 2)
    pair.h(0)
    pair.cx(0, 1)
    placed = native(pair, backend(name), 3)
    used = [
        k
        for k, qubit in enumerate(placed.qubits)
        if placed.layout and any(qubit in one.qubits for one in placed.data)
    ]
    noisy: dict[str, Any] = {"backend": name, "most_qubits": 3}
    operator = [{"pauli": f"X {used[0]} X {used[1]}"}, {"pauli": "Z 126"}]
    asked = work(
        qasm3.dumps(wide(placed)), job_type="estimation", operator=operator, **noisy
    )
    assert 1.7 < perform(asked)["result"]["estimation"]["exp_value"] < 2.0
    placed.measure(used, [0, 1])
    assert counts(qasm3.dumps(wide(placed)), **noisy).keys() >= {"00", "11"}
    spread = HEAD + "qubit[127] q; bit c; x q; c = measure q[0];"
    with pytest.raises(InvalidValue, match="at most 3 qubits for you, got 127"):
        counts(spread, **noisy)


def wide(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit without its layout, which OpenQASM writes as ``$0``."""
    plain = QuantumCircuit(circuit.num_qubits, circuit.num_clbits)
    plain.compose(circuit, plain.qubits, plain.clbits, inplace=True)
    return plain


def test_bits_that_an_estimation_does_not_use_are_not_read() -> None:
    text = HEAD + "qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1];"
    asked = work(text, job_type="estimation", operator=[{"pauli": "X 0 X 1"}])
    assert perform(asked)["result"]["estimation"]["exp_value"] == 1.0
