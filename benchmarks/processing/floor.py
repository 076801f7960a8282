"""What this machine can do at best, and how far from it our states are.

The least that is known to be needed for a circuit, by formulas that
``docs/processing/benchmarks.md`` states: its bytes at the measured copy bandwidth,
its operations at the measured rate of multiply-adds; the larger time is the floor.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.bench import Accuracy, Measured
from qleap.core import jit
from qleap.processing import statevector

from ._circuits import bound_gates
from .race import FULL, THREADS

COPIED: Final = 256 * 2**20
"""Bytes of the copy; half are read and half are written by each thread."""

CHAIN: Final = 12
"""Multiply-adds on one number in a row.

A core keeps some hundred of them under way: with fewer, loads and stores count;
with more, chains of too few numbers overlap, and latency counts.
"""

ROTATION, DIAGONAL, HADAMARD, DENSE = 4.0, 6.0, 2.0, 30.0
"""Flops an amplitude: a shear pair, a complex product, sums, a dense 4x4 matrix."""

REPEATS: Final = 7


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield both rates, then our time over the floor for each circuit."""
    rates: tuple[tuple[str, str, str, Callable[[], Measured]], ...] = (
        ("bandwidth", "copy of 256 MiB by two threads, read and write", "B/s", _copy),
        (
            "double",
            "multiply-adds of two threads, double precision",
            "flop/s",
            partial(_multiply_adds, "float64"),
        ),
        (
            "single",
            "multiply-adds of two threads, single precision",
            "flop/s",
            partial(_multiply_adds, "float32"),
        ),
    )
    for name, title, unit, measure in rates:
        yield Accuracy(
            name=f"processing.floor.{name}",
            title=title,
            unit=unit,
            evidence="simulated",
            reference="this machine",
            measure=measure,
            alone=True,
        )
    # Small circuits are far from any floor: calls and threads cost more than sums.
    for name, make in {} if quick else FULL.items():
        for precision in ("double", "single"):
            ending = "" if precision == "double" else "_single"
            yield Accuracy(
                name=f"processing.floor.{name}{ending}",
                title=f"our time over the floor, {name}, {precision} precision",
                unit="1",
                evidence="simulated",
                reference="bytes and flops at this machine's rates",
                measure=partial(_distance, make, precision),
                alone=True,
            )


def _distance(make: Callable[[], QuantumCircuit], precision: str) -> Measured:
    circuit = make()
    run: Callable[[], Any] = partial(statevector, circuit)
    if precision == "single":
        run = partial(statevector, circuit, precision="single")
    floor = _floor(circuit, precision)
    run()
    times = _times(run, 3 if circuit.num_qubits > 22 else REPEATS)
    return Measured(
        value=float(np.median(times)) / floor,
        low=min(times) / floor,
        high=max(times) / floor,
    )


def _floor(circuit: QuantumCircuit, precision: str) -> float:
    """Return the seconds that the circuit needs at the least."""
    size = 2.0**circuit.num_qubits
    number = "float64" if precision == "double" else "float32"
    # The state is written once, and read once to be handed over.
    moved = 2.0 * size * 2 * np.dtype(number).itemsize
    seconds = size * flops(circuit) / _multiply_adds(number).value
    return float(max(moved / _copy().value, seconds))


def flops(circuit: QuantumCircuit) -> float:
    """Return the floating-point operations for each amplitude.

    A u is rz, ry, rz; phases wait until a rotation acts on their qubit, so that
    all that wait at the same time become one diagonal; CX and SWAP move labels.
    """
    layer = [0] * circuit.num_qubits
    diagonals: set[int] = set()
    total = 0.0
    for name, qubits, _, _ in bound_gates(circuit):
        here = max(layer[qubit] for qubit in qubits)
        if name in ("cx", "swap", "cz", "cp", "rzz"):
            for qubit in qubits:
                layer[qubit] = here
        if name in ("rz", "cz", "cp", "rzz", "u"):
            diagonals.add(here)
        cost = {"rx": ROTATION, "ry": ROTATION, "u": ROTATION, "h": HADAMARD}
        cost["unitary"] = DENSE
        if name in cost:
            total += cost[name]
            for qubit in qubits:
                layer[qubit] = here + 1
    return total + DIAGONAL * len(diagonals)


@cache
def _copy() -> Measured:
    """Return bytes a second, reads and writes together."""
    count = COPIED // 8 // THREADS
    sources = [np.ones(count) for _ in range(THREADS)]
    targets = [np.zeros(count) for _ in range(THREADS)]
    times = _together(np.copyto, targets, sources)
    return _rate(2.0 * COPIED, times)


@cache
def _multiply_adds(number: str) -> Measured:
    """Return flops a second of all threads, two for each multiply-add."""
    length, rounds = 2048, 2000
    values = [np.linspace(0.1, 0.9, length).astype(number) for _ in range(THREADS)]
    factor = np.dtype(number).type(0.5)
    times = _together(partial(_chain, factor, rounds), values)
    return _rate(2.0 * CHAIN * length * rounds * THREADS, times)


@jit.kernel
def _chain(factor: float, rounds: int, values: NDArray[np.float64]) -> None:
    for _ in range(rounds):
        for i in range(values.size):
            start = values[i]
            value = start
            for _ in range(CHAIN):
                value = value * factor + start
            values[i] = value


def _together(work: Callable[..., Any], *arguments: list[Any]) -> list[float]:
    """Return the seconds of ``work``, once in every thread at the same time."""
    with ThreadPoolExecutor(THREADS) as pool:

        def run() -> None:
            list(pool.map(work, *arguments))

        run()
        return _times(run, REPEATS)


def _rate(amount: float, times: list[float]) -> Measured:
    """Return the best rate: the floor must not be what a busy moment allows."""
    best = amount / min(times)
    return Measured(value=best, low=amount / max(times), high=best)


def _times(run: Callable[[], Any], repeats: int) -> list[float]:
    found = []
    for _ in range(repeats):
        begin = time.perf_counter()
        run()
        found.append(time.perf_counter() - begin)
    return found
