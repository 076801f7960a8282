"""Readout mitigation: misreadings are undone, with honest errors."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from qiskit import QuantumCircuit

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing import Sampler
from qleap.processing.mitigation import ReadoutMitigation

METHODS = ("full", "tensored", "iterative")
TABLES = [
    np.array([[0.95, 0.1], [0.05, 0.9]]),
    np.array([[0.98, 0.04], [0.02, 0.96]]),
    np.array([[0.9, 0.12], [0.1, 0.88]]),
]
GHZ = np.array([0.5, 0, 0, 0, 0, 0, 0, 0.5])


def _whole() -> Any:
    return np.kron(TABLES[2], np.kron(TABLES[1], TABLES[0]))


def _counts(shares: Any, shots: int, rng: np.random.Generator | None = None) -> Any:
    often = shares * shots if rng is None else rng.multinomial(shots, shares)
    return {f"{k:03b}": round(n) for k, n in enumerate(often.tolist()) if round(n)}


def _known(method: Any) -> ReadoutMitigation:
    tables = (_whole(),) if method == "full" else tuple(TABLES)
    return ReadoutMitigation(n_bits=3, method=method, assignments=tables)


@pytest.mark.parametrize("method", METHODS)
def test_known_misreadings_are_undone(method: Any) -> None:
    counts = _counts(_whole() @ GHZ, 10**9)
    found = _known(method).combine(counts)
    values = np.array([found.probabilities[f"{k:03b}"] for k in range(8)])
    assert_allclose(values, GHZ, atol=1e-7)
    assert found.expectation("ZZI")[0] == pytest.approx(1.0, abs=1e-7)
    assert found.expectation("ZII")[0] == pytest.approx(0.0, abs=1e-7)
    assert found.expectation("III")[0] == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_the_standard_error_is_the_scatter_of_repetitions(method: Any) -> None:
    rng = np.random.default_rng(5)
    known = _known(method)
    read = _whole() @ GHZ
    found = [
        known.combine(_counts(read, 2000, rng)).expectation("ZZZ") for _ in range(200)
    ]
    scatter = np.std([value for value, _ in found])
    assert np.mean([error for _, error in found]) == pytest.approx(scatter, rel=0.2)


@pytest.mark.parametrize("method", METHODS)
def test_calibration_finds_the_assignments(method: Any) -> None:
    empty = ReadoutMitigation(n_bits=3, method=method)
    circuits = empty.build()
    assert len(circuits) == (8 if method == "full" else 2)
    counts = []
    for circuit in circuits:
        state = sum(
            1 << circuit.find_bit(s.qubits[0]).index
            for s in circuit.data
            if s.name == "x"
        )
        counts.append(_counts(_whole()[:, state], 10**9))
    found = empty.calibrate(counts)
    for table, expected in zip(
        found.assignments, _known(method).assignments, strict=True
    ):
        assert_allclose(table, expected, atol=1e-8)


def test_forty_bits_are_mitigated_iteratively() -> None:
    rng = np.random.default_rng(1)
    n, shots = 40, 4000
    flips = rng.random((shots, n)) < 0.02
    bits = (rng.random(shots) < 0.5)[:, None] ^ flips
    counts: dict[str, int] = {}
    for row in bits:
        text = "".join("1" if bit else "0" for bit in row[::-1])
        counts[text] = counts.get(text, 0) + 1
    table = np.array([[0.98, 0.02], [0.02, 0.98]])
    known = ReadoutMitigation(n_bits=n, method="iterative", assignments=(table,) * n)
    found = known.combine(counts)
    ends = found.probabilities["0" * n] + found.probabilities["1" * n]
    bare = (counts["0" * n] + counts["1" * n]) / shots
    assert bare < 0.5
    assert 0.8 < ends < 1.05
    for letters, expected in (("ZZ" + "I" * 38, 1.0), ("Z" * 40, 1.0)):
        value, error = found.expectation(letters)
        assert abs(value - expected) < 4 * error
        assert error < 0.2


def test_a_calibration_serves_without_circuits() -> None:
    pytest.importorskip("qiskit_ibm_runtime")
    from qleap.processing import snapshot

    found = ReadoutMitigation.from_snapshot(snapshot("fake:kawasaki"), [3, 5])
    known = snapshot("fake:kawasaki")
    assert found.assignments[1][1, 0] == pytest.approx(known.one_for_zero[5])


def test_one_job_calibrates_and_measures() -> None:
    circuit = QuantumCircuit(3, 2)
    circuit.x(2)
    circuit.measure([2, 0], [0, 1])
    for method in METHODS:
        technique = ReadoutMitigation(n_bits=2, method=method)  # type: ignore[arg-type]
        found = technique.run(circuit, Sampler(seed=1), shots=500)
        assert found.probabilities["01"] == pytest.approx(1.0)
        assert found.expectation("IZ") == pytest.approx((-1.0, 0.0), abs=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ReadoutMitigation(n_bits=9, method="full"), "between 1 and 8"),
        (lambda: ReadoutMitigation(n_bits=2).combine({"00": 1}), "calibration first"),
        (lambda: _known("full").combine({"0000": 1}), "strings of 3 bits"),
        (lambda: _known("full").combine({"000": 0}), "at least one shot"),
        (
            lambda: ReadoutMitigation(n_bits=2).calibrate([{"00": 1}]),
            "2 circuits, got 1",
        ),
        (lambda: _known("full").combine({"000": 1}).expectation("ZX"), "3 of I and Z"),
    ],
)
def test_impossible_requests_are_refused(make: Any, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        make()


def test_counts_must_be_a_mapping() -> None:
    with pytest.raises(InvalidKind, match="must map bit strings"):
        _known("full").combine([1, 2])  # type: ignore[arg-type]
