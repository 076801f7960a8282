"""Whole circuits on a device: states, random circuits, applications, speed.

Points at the reference device, a recorded calibration, or at the user's own:
``qleap bench run --suite processing.device --device NAME``.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, Final, NamedTuple

import numpy as np
from qiskit import QuantumCircuit

from qleap.bench import Accuracy, Measured, Skip
from qleap.core.errors import InvalidValue
from qleap.processing import CalibrationSnapshot
from qleap.processing.protocols import (
    Application,
    CrossEntropy,
    Estimate,
    GhzFidelity,
    MirrorCircuits,
    ProtocolResult,
    QuantumVolume,
    layer_speed,
    run_protocol,
)
from qleap.processing.protocols.placing import place

from ._device import (
    calibration_of,
    chain_of,
    citation_of,
    evidence_of,
    gate_error_of,
    machine_of,
    name_of,
)

SEED: Final = 20_190_509


class _Plan(NamedTuple):
    """How much is measured."""

    shots: int
    ghz: int
    volumes: tuple[int, ...]
    depths: tuple[int, ...]
    n_circuits: int
    application: int
    templates: int


QUICK = _Plan(500, 4, (2, 3), (2, 10, 24), 8, 3, 3)
FULL = _Plan(2000, 8, (2, 3, 4, 5, 6), (2, 8, 16, 32, 64), 30, 5, 20)

CROSS = "Cross et al., Phys. Rev. A 100, 032328 (2019)"
LUBINSKI = "Lubinski et al., IEEE Trans. Quantum Eng. 4, 3100332 (2023)"
GUEHNE = "Guehne et al., Phys. Rev. A 76, 030305 (2007)"


class _Row(NamedTuple):
    """A case: its name, what it is, and which estimate of which protocol it has."""

    name: str
    title: str
    unit: str
    work: str
    estimate: str
    citation: str


def cases(quick: bool, device: str | None = None) -> Iterator[Accuracy]:
    """Yield fidelities of states and layers, volume, applications, and speed."""
    plan = QUICK if quick else FULL
    for row in _rows(plan):
        yield Accuracy(
            name=f"processing.device.{row.name}",
            title=row.title,
            unit=row.unit,
            evidence=evidence_of(device),
            reference="the exact state or distribution",
            measure=partial(_measure, device, plan, row),
            prediction=_prediction(device, plan, row.work),
            citation=f"{row.citation}; {citation_of(device)}",
            alone=row.work == "speed",
        )


def _rows(plan: _Plan) -> Iterator[_Row]:
    """Return the cases; a size that quick runs have smaller is part of the name."""
    width = plan.application
    largest = plan.volumes[-1]
    yield _Row(
        "bell_fidelity", "fidelity of a Bell state", "1", "bell", "fidelity", GUEHNE
    )
    yield _Row(
        f"ghz_{plan.ghz}_fidelity",
        f"fidelity of a GHZ state of {plan.ghz} qubits",
        "1",
        "ghz",
        "fidelity",
        GUEHNE,
    )
    yield _Row(
        "log2_volume",
        f"log2 of the quantum volume, widths up to {largest}",
        "1",
        "volume",
        "log2_volume",
        CROSS,
    )
    yield _Row(
        "heavy_share",
        "share of heavy outcomes, 3 qubits",
        "1",
        "volume",
        "heavy_3",
        CROSS,
    )
    yield _Row(
        "cross_entropy_layer",
        "process fidelity of a layer of two qubits by cross entropy",
        "1",
        "cross_entropy",
        "fidelity_per_layer",
        "Arute et al., Nature 574, 505 (2019)",
    )
    yield _Row(
        f"mirror_{width}_infidelity",
        f"infidelity of a random layer of {width} qubits by mirror circuits",
        "1",
        "mirror",
        "infidelity_per_layer",
        "Proctor et al., Phys. Rev. Lett. 129, 150502 (2022)",
    )
    for name, title in (
        ("fourier", "Fourier transform and back"),
        ("phase_estimation", "phase estimation"),
        ("ising", "simulation of an Ising chain"),
        ("eigensolver", "ansatz of a variational eigensolver"),
    ):
        yield _Row(
            f"{name}_{width}",
            f"normalised fidelity: {title}, {width} qubits",
            "1",
            name,
            f"fidelity_{width}",
            LUBINSKI,
        )
    yield _Row(
        "layers_per_second",
        "layers of parametrised circuits a second, as a client sees them",
        "1/s",
        "speed",
        "layers_per_second",
        "counted as in Wack et al., arXiv:2110.14108; not CLOPS",
    )


def _measure(device: str | None, plan: _Plan, row: _Row) -> Measured:
    one: Estimate = _run(device, plan, row.work)[row.estimate]
    return Measured(value=one.value, low=one.low, high=one.high)


@cache
def _run(device: str | None, plan: _Plan, work: str) -> ProtocolResult:
    """Run a protocol once for all its cases."""
    machine_of(device)  # skips where it cannot be opened
    found: ProtocolResult
    if work == "speed":
        found = layer_speed(
            name_of(device),
            width=plan.volumes[-1],
            n_templates=plan.templates,
            n_updates=3,
        )
        return found
    design = _designs(device, plan)[work]()
    found = run_protocol(design, name_of(device), shots=plan.shots, seed=SEED)
    return found


def _designs(device: str | None, plan: _Plan) -> dict[str, Callable[[], Any]]:
    chain = partial(chain_of, device)
    designs: dict[str, Callable[[], Any]] = {
        "bell": lambda: GhzFidelity(qubits=chain(2)),
        "ghz": lambda: GhzFidelity(qubits=chain(plan.ghz)),
        "volume": lambda: QuantumVolume(
            qubits=chain(plan.volumes[-1]), widths=plan.volumes
        ),
        "cross_entropy": lambda: CrossEntropy(
            qubits=chain(2), depths=plan.depths, n_circuits=plan.n_circuits
        ),
        "mirror": lambda: MirrorCircuits(
            qubits=chain(plan.application),
            depths=(0, *plan.depths[1:]),
            n_circuits=plan.n_circuits,
        ),
    }
    for name in ("fourier", "phase_estimation", "ising", "eigensolver"):
        designs[name] = partial(_application, device, plan, name)
    return designs


def _application(device: str | None, plan: _Plan, name: str) -> Application:
    return Application(
        qubits=chain_of(device, plan.application),
        widths=(plan.application,),
        application=name,
        n_circuits=6,
    )


def _prediction(device: str | None, plan: _Plan, work: str) -> float | None:
    """Return the fidelity of a GHZ state if nothing that goes wrong is undone.

    Populations and coherence are products of the process fidelities of the gates of
    their own circuits; a misread bit is a loss to one, and turns the sign of the other.
    """
    known = calibration_of(device)
    if known is None or work not in ("bell", "ghz"):
        return None
    try:
        design = _designs(device, plan)[work]()
        first, *others = place(
            design.circuits(np.random.default_rng(SEED)),
            machine_of(device),
            design.qubits,
            seed=SEED,
        )
    except (Skip, InvalidValue):  # no such qubits: the case will say so
        return None
    misread = known.readout_error[list(design.qubits)]
    populations = _gates(known, first) * np.prod(1.0 - misread)
    coherences = [_gates(known, one) * np.prod(1.0 - 2.0 * misread) for one in others]
    return float((populations + np.mean(coherences)) / 2.0)


def _gates(known: CalibrationSnapshot, circuit: QuantumCircuit) -> float:
    """Return the product of the process fidelities of all gates."""
    kept = 1.0
    for step in circuit.data:
        name, n_qubits = step.operation.name, len(step.qubits)
        if name not in ("barrier", "measure"):
            where = tuple(circuit.find_bit(qubit).index for qubit in step.qubits)
            kept *= 1.0 - (1.0 + 0.5**n_qubits) * gate_error_of(known, name, where)
    return kept
