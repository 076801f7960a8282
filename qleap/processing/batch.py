"""Shots of many small circuits at once.

Kernels here run on one thread and leave Python to the others, so that one thread can
read circuits while another one samples. Threads of numba's own would wait for each
other after every chunk.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core.errors import InvalidValue
from qleap.processing import shots as single
from qleap.processing.bits import n_bytes
from qleap.processing.parameters import check_angles
from qleap.processing.program import Program, fill
from qleap.processing.reading import FAILED, Reader, Reading
from qleap.processing.recipes import CONSTANTS

__all__ = ["MOST_CLBITS", "MOST_QUBITS", "CircuitBatch", "in_threads", "run_bindings"]

MOST_QUBITS: Final = 12
"""Qubits up to which a whole state fits the cache of one thread."""

MOST_CLBITS: Final = 64
"""Classical bits of a circuit that runs in a batch."""

BINDINGS: Final = 64
"""Parameter sets whose coefficients are computed at once."""

Bytes = NDArray[np.uint8]
Streams = NDArray[np.uint64]


def run_bindings(
    program: Program, values: NDArray[np.float64], shots: int, streams: Streams
) -> Bytes:
    """Return the packed bits of a small program for many values of its parameters.

    Parameters
    ----------
    program : Program
        Of at most `MOST_QUBITS` qubits and `MOST_CLBITS` classical bits.
    values : ndarray of float64, shape (n_bindings, n_parameters)
        In the order of ``program.parameters``.
    shots : int
        For each binding.
    streams : ndarray of uint64, shape (n_bindings,)
        Random numbers of each binding.

    Returns
    -------
    ndarray of uint8, shape (n_bindings, shots, n_bytes)
    """
    width = n_bytes(program.n_clbits)
    packed = np.empty((len(values), shots, width), np.uint8)

    def run_part(begin: int) -> None:
        part = slice(begin, begin + BINDINGS)
        tables = program.coefficient_tables(values[part])
        numbers = np.arange(len(tables))
        items = np.zeros((len(tables), 8), np.int64)
        items[:, 1] = len(program.operations)
        items[:, 3] = numbers * tables.shape[1]
        items[:, 4:7] = program.n_qubits, program.n_clbits, shots
        items[:, 7] = numbers * shots * width
        rows = (program.operations, program.wires, tables.ravel())
        _run(*rows, items, streams[part], packed[part].reshape(-1))

    in_threads(run_part, range(0, len(values), BINDINGS))
    return packed


def in_threads(task: Callable[[int], None], points: Sequence[int]) -> None:
    """Call ``task`` for each point, on as many threads as the kernels may use.

    This thread is one of them; each takes the next point when it has time.
    """
    from qleap.core.jit import threads

    left = iter(points)

    def work() -> None:
        for point in left:
            task(point)

    others = min(threads(), len(points)) - 1
    if others < 1:
        work()
        return
    with ThreadPoolExecutor(others) as executor:
        helpers = [executor.submit(work) for _ in range(others)]
        work()
        for helper in helpers:
            helper.result()


class CircuitBatch:
    """Runs chunks of circuits that Qiskit's C interface can read."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._coefficients = np.empty(0)

    def run(
        self, circuits: Sequence[QuantumCircuit], shots: Sequence[int], streams: Streams
    ) -> tuple[list[Bytes | None], list[bool]]:
        """Run each circuit that fits.

        Parameters
        ----------
        circuits : sequence of QuantumCircuit
            Of any kind and size.
        shots : sequence of int
            For each circuit.
        streams : ndarray of uint64
            Random numbers of each circuit.

        Returns
        -------
        bits : list of ndarray or None
            The packed bits of each circuit; None for one that does not fit.
        whole : list of bool
            Whether its only register holds all classical bits in their order, if known.
        """
        results: list[Bytes | None] = [None] * len(circuits)
        reading = self._reader.read(circuits)
        if reading is None:
            return results, [False] * len(circuits)
        found = reading.found[:-1]
        n_clbits = found[:, 7]
        small = (
            (found[:, 1] <= MOST_QUBITS) & (n_clbits > 0) & (n_clbits <= MOST_CLBITS)
        )
        taken = np.flatnonzero(small & (found[:, 0] != FAILED))
        if taken.size:
            items, packed = _lay_out(reading, taken, np.asarray(shots, np.int64)[taken])
            rows = (reading.operations, reading.wires, self._fill(reading))
            _run(*rows, items, streams[taken], packed)
            starts = [*items[:, 7].tolist(), packed.size]
            for n, k in enumerate(taken.tolist()):
                part = packed[starts[n] : starts[n + 1]]
                results[k] = part.reshape(shots[k], -1)
        return results, (found[:, 8] > 0).tolist()

    def _fill(self, reading: Reading) -> NDArray[np.float64]:
        """Return the coefficients of all circuits."""
        needed = int(reading.found[-1, 5]) + 2  # kernels read a few entries ahead
        if needed > self._coefficients.size:
            self._coefficients = np.zeros(needed)
            self._coefficients[: CONSTANTS.size] = CONSTANTS
        table = self._coefficients
        check_angles(reading.angles)
        fill(reading.recipes, reading.angles[None], table[None])
        return table


def _lay_out(
    reading: Reading, taken: NDArray[np.int64], shots: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Bytes]:
    """Return the rows of a batch, and room for its results."""
    items = np.zeros((taken.size, 8), np.int64)
    items[:, 0] = reading.found[taken, 2]
    items[:, 1] = reading.found[taken + 1, 2]
    items[:, 4] = reading.found[taken, 1]
    items[:, 5] = reading.found[taken, 7]
    items[:, 6] = shots
    sizes = shots * ((items[:, 5] + 7) // 8)
    ends = np.cumsum(sizes)
    items[:, 7] = ends - sizes
    return items, np.empty(int(ends[-1]), np.uint8)


def _run(
    operations: Any, wires: Any, coefficients: Any, items: Any, streams: Any, out: Any
) -> None:
    """Run a batch; refuse it where a shot did not end."""
    from qleap.processing._kernels import batch as kernels

    tables, limit = (operations, wires, coefficients), single.STEP_LIMIT
    endless = kernels.run_batch_into(*tables, items, streams, limit, out)
    if endless:
        raise InvalidValue(
            f"a shot must end within {limit} operations, but {endless} shots did not; "
            "give the while loop a condition that becomes false."
        )
