"""What mitigation gains on a calibrated device: errors before and after.

Exact expectation values under the noise of a recorded device, without shots, so that
the bias alone is judged; and readout mitigation of counts.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit.library import QFTGate

from qleap.bench import Accuracy, Skip
from qleap.core.errors import MissingExtra
from qleap.processing import Estimator, NoisyBackend, backend, expectation, run
from qleap.processing.mitigation import ReadoutMitigation, ZeroNoise

DEVICE = "local:noisy=kawasaki"
SOURCE = "qiskit-ibm-runtime, FakeKawasaki: a snapshot of ibm_kawasaki, 127 qubits"
SHOTS = 20_000


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield the error that is left over the error before, for three circuits."""
    works: dict[str, Callable[[], tuple[QuantumCircuit, str]]] = {
        "ghz": _ghz,
        "fourier": _fourier,
        "ising": _ising,
    }
    for name, make in works.items() if not quick else [("ghz", _ghz)]:
        yield _case(
            f"zero_noise_{name}",
            f"error of an expectation value after extrapolation over before, {name}",
            partial(_extrapolated, make),
        )
    yield _case(
        "readout_ghz",
        "error of the parity of a GHZ state after readout mitigation over before",
        _read,
    )


def _case(name: str, title: str, measure: Callable[[], float]) -> Accuracy:
    return Accuracy(
        name=f"processing.mitigation.{name}",
        title=title,
        unit="1",
        evidence="simulated-from-calibration",
        reference="the exact value without noise",
        measure=measure,
        citation=SOURCE,
        prediction=0.0,
    )


@cache
def _machine() -> NoisyBackend:
    try:
        found = backend(DEVICE)
    except MissingExtra as error:
        raise Skip(str(error)) from error
    assert isinstance(found, NoisyBackend)
    return found


def _extrapolated(make: Callable[[], tuple[QuantumCircuit, str]]) -> float:
    circuit, observable = make()
    exact = float(expectation(circuit, observable))
    technique = ZeroNoise(factors=(1.0, 3.0, 5.0), folding="global")
    estimator = Estimator(_machine(), default_precision=0.0)
    found = technique.run(circuit, observable, estimator)
    return abs(found.value - exact) / abs(found.unmitigated - exact)


def _read() -> float:
    """Return the ratio for ZZZZ of a GHZ state, whose exact value is 1.

    What gate errors take away stays away; their share is measured without readout.
    """
    machine = _machine()
    circuit, observable = _ghz()
    truth = Estimator(machine, default_precision=0.0).run([(circuit, observable)])
    without = float(truth.result()[0].data.evs)
    measured = circuit.copy()
    measured.measure_all()
    from qleap.processing.backends.native import native
    from qleap.processing.snapshots import snapshot

    laid_out = native(measured, machine, seed=1)
    places = {
        laid_out.find_bit(step.clbits[0]).index: laid_out.find_bit(step.qubits[0]).index
        for step in laid_out.data
        if step.name == "measure"
    }
    technique = ReadoutMitigation.from_snapshot(
        snapshot("fake:kawasaki"), [places[bit] for bit in range(circuit.num_qubits)]
    )
    counts = run(laid_out, SHOTS, seed=1, backend=machine).counts
    parity = {key: (-1.0) ** key.count("1") for key in counts}
    before = sum(parity[key] * n for key, n in counts.items()) / SHOTS
    value, _ = technique.combine(counts).expectation("Z" * circuit.num_qubits)
    return abs(value - without) / abs(before - without)


def _ghz() -> tuple[QuantumCircuit, str]:
    circuit = QuantumCircuit(4)
    circuit.h(0)
    for qubit in range(3):
        circuit.cx(qubit, qubit + 1)
    return circuit, "ZZZZ"


def _fourier() -> tuple[QuantumCircuit, str]:
    """Return the transform of a superposition to a single basis state."""
    circuit = QuantumCircuit(4)
    for qubit in range(4):
        circuit.h(qubit)
        circuit.p(2 * np.pi * 5 * 2**qubit / 16, qubit)
    circuit.append(QFTGate(4).inverse(), range(4))
    return circuit.decompose(), "ZZZZ"


def _ising() -> tuple[QuantumCircuit, str]:
    circuit = QuantumCircuit(4)
    for _ in range(4):
        for qubit in range(3):
            circuit.rzz(0.4, qubit, qubit + 1)
        for qubit in range(4):
            circuit.rx(0.3, qubit)
    return circuit, "IZZI"
