"""What a job computes: counts, expectation values, several programs side by side.

This runs in a process of its own (`executor`), whose memory and time are bounded.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qasm3
from qiskit.circuit import ControlFlowOp

from qleap.core.errors import InvalidValue
from qleap.processing.bases import Basis, measurement_bases, values_from_readings
from qleap.processing.circuits import parse_circuit
from qleap.processing.execution import LARGEST_SEED, check_measured
from qleap.processing.serve.devices import run_circuit, used_qubits
from qleap.processing.serve.operators import factors

__all__ = ["Work", "perform"]

Documents = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """A job in plain values, as it travels to the process that runs it.

    Parameters
    ----------
    job_type, backend : str
        What to do, and as what `qleap.processing.run` names the device.
    programs : list of str
        OpenQASM 3.
    operator : list of dict
        ``pauli`` and ``coeff`` of each term, for an estimation.
    shots, seed : int
        Of the run; an estimation takes so many shots in every basis.
    most_qubits : int
        Over all programs.
    """

    job_type: str
    backend: str
    programs: list[str]
    operator: list[dict[str, Any]]
    shots: int
    seed: int
    most_qubits: int


def perform(work: Work) -> Documents:
    """Return the documents that a job results in, by the names of their links.

    Raises
    ------
    QleapError
        For a program that cannot be run; the sentence is the user's to read.
    """
    circuits = [
        parse_circuit(text, name=f"program {k}") for k, text in enumerate(work.programs)
    ]
    _check_size(sum(len(used_qubits(work.backend, one)) for one in circuits), work)
    if work.job_type == "estimation":
        value, deviation = _estimate(circuits[0], work)
        found: Documents = {"exp_value": value, "stds": deviation}
        return {"result": {"estimation": found}}
    if work.job_type == "multi_manual":
        return _side_by_side(circuits, work)
    counts = run_circuit(work.backend, circuits[0], work.shots, work.seed)
    return {"result": {"sampling": {"counts": counts}}}


def _check_size(n_qubits: int, work: Work) -> None:
    if n_qubits > work.most_qubits:
        raise InvalidValue(
            f"a job may use at most {work.most_qubits} qubits for you, got {n_qubits}."
        )


def _side_by_side(circuits: list[QuantumCircuit], work: Work) -> Documents:
    """Return the counts of all programs together and of each alone.

    The first program has the lowest qubits and the rightmost bits.
    """
    for number, circuit in enumerate(circuits):
        check_measured(circuit)
        if any(isinstance(one.operation, ControlFlowOp) for one in circuit.data):
            raise InvalidValue(
                f"program {number} has a condition or a loop and cannot run beside "
                "others; submit it as a sampling job of its own."
            )
    combined = QuantumCircuit()
    for number, circuit in enumerate(circuits):
        qubits = QuantumRegister(circuit.num_qubits, f"q{number}")
        bits = ClassicalRegister(circuit.num_clbits, f"c{number}")
        combined.add_register(qubits, bits)
        combined.compose(circuit, qubits, bits, inplace=True)
    counts = run_circuit(work.backend, combined, work.shots, work.seed)
    return {
        "result": {
            "sampling": {
                "counts": counts,
                "divided_counts": _divided(counts, [c.num_clbits for c in circuits]),
            }
        },
        "combined_program": qasm3.dumps(combined),
    }


def _divided(counts: dict[str, int], sizes: list[int]) -> dict[str, dict[str, int]]:
    divided: dict[str, dict[str, int]] = {str(k): {} for k in range(len(sizes))}
    for bits, number in counts.items():
        end = len(bits)
        for k, size in enumerate(sizes):
            part = bits[end - size : end]
            own = divided[str(k)]
            own[part] = own.get(part, 0) + number
            end -= size
    return divided


def _estimate(circuit: QuantumCircuit, work: Work) -> tuple[float, float]:
    """Return the mean of the operator over readings and its standard error."""
    prepared = circuit.remove_final_measurements(inplace=False)
    if any(one.clbits or one.operation.name == "reset" for one in prepared.data):
        raise InvalidValue(
            "an estimation needs a program of gates, with measurements at its end at "
            "most, but this one measures or resets in the middle."
        )
    acted = _acted_on(work.operator, prepared.num_qubits)
    _check_size(len(used_qubits(work.backend, prepared) | set(acted)), work)
    x, z, weights = _strings(work.operator, acted)
    bases = measurement_bases(x, z)
    seeds = np.random.SeedSequence(work.seed).generate_state(len(bases)) & LARGEST_SEED
    mean, variance = float(weights[(x | z) == 0].sum()), 0.0
    for basis, seed in zip(bases, seeds.tolist(), strict=True):
        measured, places = _in_basis(prepared, basis, x | z, acted)
        counts = run_circuit(work.backend, measured, work.shots, seed)
        supports = (x | z)[basis.strings]
        one, its_variance = values_from_readings(
            *_readings(counts, places), supports, weights[None, basis.strings]
        )
        mean += float(one[0])
        variance += float(its_variance[0])
    return mean, float(np.sqrt(variance))


def _acted_on(operator: list[dict[str, Any]], n_qubits: int) -> list[int]:
    """Return the qubits on which the operator acts; masks have a bit for each."""
    found = sorted(
        {
            qubit
            for term in operator
            for letter, qubit in factors(term["pauli"]) or ()
            if letter != "I" or qubit >= n_qubits
        }
    )
    if found and found[-1] >= n_qubits:
        raise InvalidValue(
            f"the operator acts on qubit {found[-1]}, but the program has "
            f"{n_qubits} (0-{n_qubits - 1})."
        )
    return found


def _strings(
    operator: list[dict[str, Any]], acted: list[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return masks and coefficients of the operator's strings, equal ones added."""
    places = {qubit: place for place, qubit in enumerate(acted)}
    sums: dict[tuple[int, int], float] = {}
    for term in operator:
        x = z = 0
        for letter, qubit in factors(term["pauli"]) or ():
            if letter != "I":
                x |= (letter in "XY") << places[qubit]
                z |= (letter in "ZY") << places[qubit]
        coefficient = term.get("coeff")
        sums[x, z] = sums.get((x, z), 0.0) + (
            1.0 if coefficient is None else float(coefficient)
        )
    masks = np.array(list(sums), np.int64)
    return masks[:, 0], masks[:, 1], np.array(list(sums.values()))


def _in_basis(
    circuit: QuantumCircuit, basis: Basis, support: NDArray[np.int64], acted: list[int]
) -> tuple[QuantumCircuit, list[int]]:
    """Return a circuit that reads the basis, and the place of each of its bits."""
    touched = int(np.bitwise_or.reduce(support[basis.strings]))
    places = [place for place in range(len(acted)) if touched >> place & 1]
    # Bits that the program declares and does not use must not be among those read.
    measured = QuantumCircuit(circuit.qubits, ClassicalRegister(len(places), "reading"))
    for one in circuit.data:
        measured.append(one)
    for bit, place in enumerate(places):
        qubit = acted[place]
        if basis.x >> place & 1:
            if basis.z >> place & 1:
                measured.sdg(qubit)
            measured.h(qubit)
        measured.measure(qubit, bit)
    return measured, places


def _readings(
    counts: dict[str, int], places: list[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return outcomes as numbers over all places, and how often each came."""
    outcomes = [
        sum(
            (bit == "1") << place for bit, place in zip(bits[::-1], places, strict=True)
        )
        for bits in counts
    ]
    return np.array(outcomes, np.int64), np.array(list(counts.values()), np.int64)
