"""A real device's recorded calibration, and circuits under its noise."""

import itertools
import math
from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.bench import Accuracy, Measured, Skip, Speed
from qleap.core.errors import MissingExtra
from qleap.processing import CalibrationSnapshot, run, snapshot

DEVICE = "fake:kawasaki"
SHOTS = 4000
NORMAL_99 = 2.576
"""Two-sided 99 % quantile of the normal distribution."""

SOURCE = "qiskit-ibm-runtime, FakeKawasaki: a snapshot of ibm_kawasaki, 127 qubits"

BELL = {"XX": 1, "YY": -1, "ZZ": 1}
"""Stabilisers of (|00> + |11>)/sqrt(2), with their signs."""

GHZ = {
    **dict.fromkeys(("ZZI", "IZZ", "ZIZ", "XXX"), 1),
    **dict.fromkeys(("XYY", "YXY", "YYX"), -1),
}


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield medians of a calibration, and state fidelities simulated from it."""
    for name, title, unit in (
        ("t1", "median relaxation time", "s"),
        ("t2", "median echo coherence time", "s"),
        ("readout_fidelity", "median assignment fidelity of a qubit", "1"),
        ("one_qubit_fidelity", "median fidelity of the sx gate", "1"),
        ("two_qubit_fidelity", "median fidelity of the native two-qubit gate", "1"),
    ):
        yield Accuracy(
            name=f"processing.kawasaki.{name}",
            title=f"{title}, FakeKawasaki",
            unit=unit,
            evidence="recorded-lab-data",
            reference="the operator's own measurement",
            measure=partial(_median, name),
            citation=SOURCE,
        )
    states = {"bell": BELL} if quick else {"bell": BELL, "ghz3": GHZ}
    for name, stabilisers in states.items():
        yield Accuracy(
            name=f"processing.kawasaki.{name}_fidelity",
            title=f"fidelity of a {name} state with readout errors, FakeKawasaki",
            unit="1",
            evidence="simulated-from-calibration",
            reference="the ideal state",
            measure=partial(_fidelity, stabilisers),
            citation=SOURCE,
        )


def _median(name: str) -> Measured:
    """Return the median over the device with the interval of its order statistics."""
    try:
        values = np.sort(_quantity(name, snapshot(DEVICE)))
    except MissingExtra as error:
        raise Skip(str(error)) from error
    values = values[np.isfinite(values)]
    reach = NORMAL_99 * math.sqrt(values.size) / 2
    low = max(math.floor(values.size / 2 - reach), 0)
    high = min(math.ceil(values.size / 2 + reach), values.size - 1)
    middle = float(np.median(values))
    return Measured(value=middle, low=float(values[low]), high=float(values[high]))


def _quantity(name: str, found: CalibrationSnapshot) -> NDArray[np.float64]:
    return {
        "t1": found.t1,
        "t2": found.t2,
        "readout_fidelity": 1.0 - found.readout_error,
        "one_qubit_fidelity": 1.0 - found.one_qubit_error,
        "two_qubit_fidelity": 1.0 - found.two_qubit_error,
    }[name]


def _fidelity(stabilisers: Mapping[str, int]) -> Measured:
    """Return the mean of all stabilisers (the identity among them) and its interval.

    For a stabiliser state F = 2^-n sum_g <g> over its whole group.
    """
    n_qubits = len(next(iter(stabilisers)))
    total, variance = 1.0, 0.0
    for name, sign in stabilisers.items():
        value = _expectation(name)
        total += sign * value
        variance += (1.0 - value**2) / SHOTS
    half = NORMAL_99 * math.sqrt(variance) / 2**n_qubits
    value = total / 2**n_qubits
    return Measured(value=value, low=value - half, high=value + half)


def _expectation(pauli: str) -> float:
    """Return <pauli> of the Bell or GHZ state; its first letter is qubit 0."""
    circuit = QuantumCircuit(len(pauli))
    circuit.h(0)
    for first, second in itertools.pairwise(range(len(pauli))):
        circuit.cx(first, second)
    for qubit, letter in enumerate(pauli):
        if letter == "Y":
            circuit.sdg(qubit)
        if letter in "XY":
            circuit.h(qubit)
    circuit.measure_all()
    try:
        counts = run(circuit, SHOTS, seed=23, backend=DEVICE).counts
    except MissingExtra as error:
        raise Skip(str(error)) from error
    read = [k for k, letter in enumerate(pauli) if letter != "I"]
    odd = sum(
        number
        for bits, number in counts.items()
        if sum(bits[::-1][k] == "1" for k in read) % 2
    )
    return 1.0 - 2.0 * odd / SHOTS
