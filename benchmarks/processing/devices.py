"""Medians of a real device's recorded calibration."""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qleap.bench import Accuracy, Measured, Skip
from qleap.core.errors import MissingExtra
from qleap.processing import CalibrationSnapshot, snapshot

DEVICE = "fake:kawasaki"
NORMAL_99 = 2.576
"""Two-sided 99 % quantile of the normal distribution."""

SOURCE = "qiskit-ibm-runtime, FakeKawasaki: a snapshot of ibm_kawasaki, 127 qubits"


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield medians of a calibration."""
    del quick  # there is nothing to save
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
