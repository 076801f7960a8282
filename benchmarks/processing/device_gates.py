"""Gates, coherence and readout of a device, by the protocols of the field.

Points at the reference device, a recorded calibration, or at the user's own:
``qleap bench run --suite processing.device_gates --device NAME``.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from qleap.bench import Accuracy, Measured, Skip
from qleap.core.errors import InvalidValue
from qleap.processing.backends.native import native_coupler
from qleap.processing.protocols import (
    DeviceProtocol,
    EchoTime,
    Estimate,
    LayerFidelity,
    ProtocolResult,
    RamseyTime,
    RandomizedBenchmarking,
    ReadoutFidelity,
    RelaxationTime,
    run_protocol,
)

from ._device import (
    calibration_of,
    chain_of,
    citation_of,
    evidence_of,
    gate_error_of,
    machine_of,
    name_of,
)

SEED = 20_311


class _Plan(NamedTuple):
    """How much is measured."""

    shots: int
    chain: int
    samples: int
    pulses: tuple[int, ...]
    couplers: tuple[int, ...]


QUICK = _Plan(shots=500, chain=3, samples=4, pulses=(1, 200, 600), couplers=(1, 10, 30))
FULL = _Plan(
    shots=1000,
    chain=5,
    samples=20,
    pulses=(1, 50, 100, 200, 400, 800),
    couplers=(1, 5, 10, 20, 40, 80),
)


def cases(quick: bool, device: str | None = None) -> Iterator[Accuracy]:
    """Yield times, fidelities and errors of a chain of qubits."""
    plan = QUICK if quick else FULL
    known = partial(_prediction, device, plan)
    for name, title, unit, measure, citation in _table(device, plan):
        yield Accuracy(
            name=f"processing.device_gates.{name}",
            title=title,
            unit=unit,
            evidence=evidence_of(device),
            reference="the ideal gate, or the calibration where one is simulated",
            measure=measure,
            prediction=known(name),
            citation=f"{citation}; {citation_of(device)}",
        )


def _table(
    device: str | None, plan: _Plan
) -> Iterator[tuple[str, str, str, Callable[[], Measured], str]]:
    found = partial(_estimate, device, plan)
    clifford = "Magesan et al., Phys. Rev. Lett. 106, 180504 (2011)"
    layers = "McKay et al., arXiv:2311.05933"
    one = "1"
    yield "t1", "median T1 of a chain", "s", found("t1", "median_t1"), "decay of 1"
    yield (
        "t2_echo",
        "median echo T2 of a chain",
        "s",
        found("echo", "median_t2_echo"),
        "Hahn echo",
    )
    yield (
        "t2_star",
        "median T2* of a chain",
        "s",
        found("ramsey", "median_t2_star"),
        "Ramsey fringes",
    )
    yield (
        "readout_fidelity",
        "mean assignment fidelity of a chain, read at once",
        one,
        found("readout", "mean_fidelity"),
        "assignment matrices",
    )
    yield (
        "one_qubit_fidelity",
        "fidelity of a pulse by randomized benchmarking of one qubit",
        one,
        found("one", "error_per_pulse", complement=True),
        clifford,
    )
    yield (
        "two_qubit_clifford_fidelity",
        "fidelity of a Clifford gate on two qubits",
        one,
        found("two", "error_per_clifford", complement=True),
        clifford,
    )
    yield (
        "coupler_fidelity",
        "fidelity of the native coupler gate by interleaved benchmarking",
        one,
        found("two", "error_per_gate", complement=True),
        "Magesan et al., Phys. Rev. Lett. 109, 080505 (2012)",
    )
    yield (
        "layer_fidelity",
        f"layer fidelity of a chain of {plan.chain} qubits",
        one,
        found("layers", "layer_fidelity"),
        layers,
    )
    yield (
        "error_per_layered_gate",
        f"error per layered gate of a chain of {plan.chain} qubits",
        one,
        found("layers", "error_per_layered_gate"),
        layers,
    )


def _estimate(
    device: str | None,
    plan: _Plan,
    work: str,
    name: str,
    *,
    complement: bool = False,
) -> Callable[[], Measured]:
    def measure() -> Measured:
        one: Estimate = _run(device, plan, work)[name]
        if complement:
            return Measured(value=1 - one.value, low=1 - one.high, high=1 - one.low)
        return Measured(value=one.value, low=one.low, high=one.high)

    return measure


@cache
def _run(device: str | None, plan: _Plan, work: str) -> ProtocolResult:
    """Run a protocol once for all its cases."""
    machine_of(device)  # skips where it cannot be opened
    design = _designs(device, plan)[work]()
    result: ProtocolResult = run_protocol(
        design, name_of(device), shots=plan.shots, seed=SEED
    )
    return result


def _designs(device: str | None, plan: _Plan) -> dict[str, Callable[[], Any]]:
    chain = chain_of(device, plan.chain)
    pair = chain[:2]

    def two_qubits() -> DeviceProtocol:
        gate, directed = native_coupler(machine_of(device), (pair[0], pair[1]))
        return RandomizedBenchmarking(
            qubits=directed,
            lengths=plan.couplers,
            samples=plan.samples,
            interleaved=gate,
            known_asymptote=True,
        )

    return {
        "t1": partial(RelaxationTime, qubits=chain),
        "echo": partial(EchoTime, qubits=chain),
        "ramsey": partial(RamseyTime, qubits=chain),
        "readout": partial(ReadoutFidelity, qubits=chain),
        "one": partial(
            RandomizedBenchmarking,
            qubits=chain[:1],
            lengths=plan.pulses,
            samples=plan.samples,
            known_asymptote=True,
        ),
        "two": two_qubits,
        "layers": partial(
            LayerFidelity.for_device,
            machine_of(device),
            chain,
            lengths=plan.couplers,
            samples=plan.samples,
        ),
    }


def _prediction(device: str | None, plan: _Plan, name: str) -> float | None:
    """Return what the simulated calibration says of the same qubits, where it does."""
    known = calibration_of(device)
    if known is None:
        return None
    try:
        chain = list(chain_of(device, plan.chain))
        coupler = native_coupler(machine_of(device), (chain[0], chain[1]))
    except (Skip, InvalidValue):  # no such qubits: the case will say so
        return None
    if name in ("t1", "t2_echo", "t2_star"):
        times = known.t1 if name == "t1" else known.t2
        return float(np.median(times[chain]))
    if name == "readout_fidelity":
        return float(np.mean(1 - known.readout_error[chain]))
    if name == "one_qubit_fidelity":
        return 1.0 - gate_error_of(known, "sx", (chain[0],))
    if name == "coupler_fidelity":
        return 1.0 - gate_error_of(known, *coupler)
    return None
