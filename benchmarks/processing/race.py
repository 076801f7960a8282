"""Final states beside every simulator that pip installs, prepared before the clock.

Ours is timed from the Qiskit circuit, lowering included; the peers from circuits in
their own form. See ``docs/processing/benchmarks.md``.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.bench import Peer, Speed
from qleap.processing import statevector
from qleap.processing.engine import Precision, amplitude_type

from . import _aer, _lightning, _qsim, _qulacs, _scaluq
from ._circuits import ansatz, fourier, ising, layered, volume
from ._peers import Amplitudes, StateWork

THREADS = 2
DOUBLE, SINGLE = 1e-10, 1e-5
"""Largest distance between two final states with which time counts."""

FULL: dict[str, Callable[[], QuantumCircuit]] = {
    "layered20": partial(layered, 20),
    "layered24": partial(layered, 24),
    "volume20": partial(volume, 20),
    "ansatz20": partial(ansatz, 20),
    "fourier20": partial(fourier, 20),
    "fourier24": partial(fourier, 24),
    "ising22": partial(ising, 22),
}
QUICK: dict[str, Callable[[], QuantumCircuit]] = {
    "volume14": partial(volume, 14),
    "ansatz14": partial(ansatz, 14),
    "ising14": partial(ising, 14),
}
TITLES = {
    "layered": "random u and CX layers, depth 20",
    "volume": "quantum volume, depth 20",
    "ansatz": "hardware-efficient ansatz, depth 10",
    "fourier": "quantum Fourier transform, gate by gate",
    "ising": "Trotter steps of an Ising chain, 20",
}

Adapter = Callable[[QuantumCircuit, int], StateWork]


def cases(quick: bool) -> Iterator[Speed]:
    """Yield each circuit in double precision, then in single precision."""
    # Small circuits on a busy machine: two threads wait for one another, which says
    # nothing about programs.
    threads = 1 if quick else THREADS
    for name, make in (QUICK if quick else FULL).items():
        yield _double(name, make, threads)
    for name, make in {} if quick else FULL.items():
        yield _single(name, make)


def _double(name: str, make: Callable[[], QuantumCircuit], threads: int) -> Speed:
    circuit = make()
    adapters: tuple[tuple[str, str, Adapter], ...] = (
        ("scaluq", "scaluq", _scaluq.final_state),
        (
            "Lightning qubit",
            "pennylane-lightning",
            partial(_lightning.final_state, device="qubit"),
        ),
        (
            "Lightning Kokkos",
            "pennylane-lightning-kokkos",
            partial(_lightning.final_state, device="kokkos"),
        ),
        ("qulacs", "qulacs", _qulacs.final_state),
        ("Qiskit Aer", "qiskit-aer", _aer.final_state),
    )
    return Speed(
        name=f"processing.race.{name}",
        title=_title(name, circuit, "double"),
        run=partial(_ours, circuit, "double"),
        peers=tuple(_peer(*adapter, circuit, threads) for adapter in adapters),
        error=_distance,
        rtol=DOUBLE,
        threads=threads,
    )


def _single(name: str, make: Callable[[], QuantumCircuit]) -> Speed:
    circuit = make()
    return Speed(
        name=f"processing.race.{name}_single",
        title=_title(name, circuit, "single"),
        run=partial(_ours, circuit, "single"),
        peers=(_peer("qsim", "qsimcirq", _qsim.final_state, circuit, THREADS),),
        error=_angle,
        rtol=SINGLE,
        threads=THREADS,
    )


def _ours(circuit: QuantumCircuit, precision: Precision) -> NDArray[Any]:
    """Return our state, in memory that was there before as that of the peers."""
    memory = _memory(circuit.num_qubits, precision)
    return statevector(circuit, precision=precision, out=memory)


@cache
def _memory(n_qubits: int, precision: Precision) -> Any:
    """Return what cases use in turn; the run that is not timed touches it first."""
    return np.empty(1 << n_qubits, amplitude_type(precision))


def _title(name: str, circuit: QuantumCircuit, precision: str) -> str:
    topic = TITLES[name.rstrip("0123456789")]
    return f"{topic}, {circuit.num_qubits} qubits, {precision} precision"


def _peer(
    name: str,
    distribution: str,
    adapter: Adapter,
    circuit: QuantumCircuit,
    threads: int,
) -> Peer:
    make = partial(adapter, circuit, threads)
    return Peer(name=name, distribution=distribution, make=make)


def _distance(ours: NDArray[Any], theirs: Amplitudes) -> float:
    """Return the norm of the difference of two states, global phase included."""
    return float(np.linalg.norm(ours - theirs()))


def _angle(ours: NDArray[Any], theirs: Amplitudes) -> float:
    """Return the same of the normalised states.

    Single-precision matrices are unitary to 1e-7; where the same one acts 440
    times, qsim's state ends with a norm that is wrong by 2e-5.
    """
    states = [state.astype(np.complex128) for state in (ours, theirs())]
    first, second = (state / np.linalg.norm(state) for state in states)
    return float(np.linalg.norm(first - second))
