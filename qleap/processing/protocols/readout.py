"""What is read where 0 or 1 was prepared, of many qubits at once, and of pairs.

Few circuits are enough for all pairs: besides all qubits in 0 and all in 1, for every
binary digit of a qubit's place the qubits that have it in 1, and the others. Two qubits
differ in at least one digit, so every pair is prepared in all of its four states.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core import style
from qleap.core.errors import InvalidValue
from qleap.processing.protocols.decays import RESAMPLES, SEED, interval
from qleap.processing.protocols.protocol import (
    CONFIDENCE,
    Coordinates,
    Counts,
    DeviceProtocol,
    Estimate,
    ProtocolResult,
    Variables,
    check_counts,
    check_qubits,
)
from qleap.processing.protocols.shares import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ReadoutFidelity", "ReadoutResult"]

Reals = NDArray[np.float64]
Table = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadoutResult(ProtocolResult):
    """Assignment matrices.

    Estimates of every qubit: ``fidelity_q3`` (of assignment: one minus the mean of the
    two errors), ``one_for_zero_q3`` and ``zero_for_one_q3``; ``mean_fidelity`` of all.
    Of every pair: ``correlation_q3_q4``, by how much more often both are misread at
    once than if they were independent, a probability, mean of the four states.
    Preparation errors are part of all of them.

    Parameters
    ----------
    qubits : tuple of int
        Which were read.
    tables : ndarray of int64, shape (n_qubits, 2, 2)
        Shots by what was read and, last, what was prepared.
    pair_tables : mapping of (int, int) to ndarray of int64, shape (4, 4)
        The same of pairs; the first qubit is the lower bit.
    """

    kind = "readout"

    qubits: tuple[int, ...]
    tables: Table
    pair_tables: Mapping[tuple[int, int], Table]

    def assignment(self, *qubits: int) -> Reals:
        """Return the assignment matrix of a qubit, or of a pair that was chosen.

        Returns
        -------
        ndarray, shape (2, 2) or (4, 4)
            Probability of what is read (row) where the column was prepared.
        """
        if len(qubits) == 1 and qubits[0] in self.qubits:
            table = self.tables[self.qubits.index(qubits[0])]
        elif tuple(qubits) in self.pair_tables:
            table = self.pair_tables[qubits[0], qubits[1]]
        else:
            raise InvalidValue(
                f"the matrix of {list(qubits)} was not measured; qubits are "
                f"{list(self.qubits)}, pairs {list(self.pair_tables)}."
            )
        found: Reals = table / table.sum(axis=0)
        return found

    def arrays(self) -> tuple[Coordinates, Variables]:
        """Return the counted shots."""
        coords: dict[str, Any] = {
            "qubit": (np.array(self.qubits), "1"),
            "read": (np.array([0, 1]), "1"),
            "prepared": (np.array([0, 1]), "1"),
        }
        variables: dict[str, Any] = {
            "shots": (("qubit", "read", "prepared"), self.tables, "1"),
        }
        if self.pair_tables:
            states = np.array(["00", "01", "10", "11"])
            coords |= {
                "pair": (np.array([label(pair) for pair in self.pair_tables]), "1"),
                "pair_read": (states, "1"),
                "pair_prepared": (states, "1"),
            }
            table = np.array(list(self.pair_tables.values()))
            axes = ("pair", "pair_read", "pair_prepared")
            variables["pair_shots"] = (axes, table, "1")
        return coords, variables

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw both errors of every qubit with their intervals."""
        made = style.axes(ax)
        places = np.arange(len(self.qubits))
        for k, (name, shown) in enumerate(
            (("one_for_zero", "1 read for 0"), ("zero_for_one", "0 read for 1"))
        ):
            found = [self.estimates[f"{name}_{label([q])}"] for q in self.qubits]
            values = np.array([one.value for one in found])
            reach = [
                values - [one.low for one in found],
                [one.high for one in found] - values,
            ]
            made.errorbar(
                places + 0.15 * (k - 0.5), values, reach, fmt="o", label=shown
            )
        made.set_xticks(places, [str(q) for q in self.qubits])
        made.set_xlabel("qubit")
        made.set_ylabel("error of readout")
        made.set_ylim(bottom=0.0)
        made.legend()
        return made


@dataclass(frozen=True, kw_only=True)
class ReadoutFidelity(DeviceProtocol):
    """Assignment matrices of qubits, read all at once, and of pairs.

    Parameters
    ----------
    qubits : tuple of int
        Physical qubits.
    pairs : tuple of (int, int), optional
        Pairs of them whose correlations are wanted.
    """

    qubits: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        qubits = check_qubits("qubits", self.qubits)
        pairs = []
        for pair in self.pairs:
            first, second = check_qubits("a pair", pair, low=2, high=2)
            if not {first, second} <= set(qubits):
                raise InvalidValue(
                    f"pairs must be of the qubits {list(qubits)}, got {list(pair)}."
                )
            pairs.append((first, second))
        object.__setattr__(self, "qubits", qubits)
        object.__setattr__(self, "pairs", tuple(pairs))

    def circuits(self, rng: np.random.Generator) -> list[QuantumCircuit]:  # noqa: ARG002
        """Return ``2 + 2 ceil(log2 n)`` circuits; nothing is drawn."""
        n = len(self.qubits)
        places = np.arange(n)
        rows = [np.zeros(n, int), np.ones(n, int)]
        for digit in range(math.ceil(math.log2(n))):
            rows += [places >> digit & 1, 1 - (places >> digit & 1)]
        found = []
        for row in rows:
            circuit = QuantumCircuit(n, n)
            for k in np.flatnonzero(row):
                circuit.x(int(k))
            circuit.barrier()
            circuit.measure(range(n), range(n))
            prepared = "".join(map(str, row[::-1]))
            circuit.metadata = {"protocol": "readout", "prepared": prepared}
            found.append(circuit)
        return found

    def analyse(
        self, circuits: Sequence[QuantumCircuit], counts: Sequence[Counts]
    ) -> ReadoutResult:
        """Return matrices and fidelities; see the class of the result."""
        check_counts(circuits, counts, "prepared")
        n = len(self.qubits)
        tables = np.zeros((n, 2, 2), np.int64)
        pair_tables = {pair: np.zeros((4, 4), np.int64) for pair in self.pairs}
        where = [(self.qubits.index(a), self.qubits.index(b)) for a, b in self.pairs]
        every = np.arange(n)
        for circuit, found in zip(circuits, counts, strict=True):
            set_to = _bits(circuit.metadata["prepared"])
            for key, often in found.items():
                read = _bits(key.replace(" ", ""))
                np.add.at(tables, (every, read, set_to), often)
                for pair, (a, b) in zip(self.pairs, where, strict=True):
                    row, column = read[a] + 2 * read[b], set_to[a] + 2 * set_to[b]
                    pair_tables[pair][row, column] += often
        return ReadoutResult(
            estimates=self._estimates(tables, pair_tables),
            parameters=dict(vars(self)),
            qubits=self.qubits,
            tables=tables,
            pair_tables=pair_tables,
        )

    def _estimates(
        self, tables: Table, pair_tables: Mapping[tuple[int, int], Table]
    ) -> dict[str, Estimate]:
        found: dict[str, Estimate] = {}
        fidelities = []
        for qubit, table in zip(self.qubits, tables, strict=True):
            name = label([qubit])
            first = share(int(table[1, 0]), int(table[:, 0].sum()))
            second = share(int(table[0, 1]), int(table[:, 1].sum()))
            fidelities.append(_complement([first, second]))
            found[f"fidelity_{name}"] = fidelities[-1]
            found[f"one_for_zero_{name}"] = first
            found[f"zero_for_one_{name}"] = second
        found["mean_fidelity"] = _mean(fidelities)
        rng = np.random.default_rng(SEED)
        for pair, table in pair_tables.items():
            value = correlation(table / table.sum(axis=0))
            drawn = [correlation(_redrawn(table, rng)) for _ in range(RESAMPLES)]
            found[f"correlation_{label(pair)}"] = interval(value, np.array(drawn))
        return found


def share(hits: int, shots: int) -> Estimate:
    """Return a share with the exact interval of Clopper and Pearson."""
    from scipy.stats import beta

    tail = 0.5 * (1.0 - CONFIDENCE)
    low = float(beta.ppf(tail, hits, shots - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, shots - hits)) if hits < shots else 1.0
    return Estimate(value=hits / shots, low=low, high=high)


def correlation(matrix: Reals) -> float:
    """Return by how much more often both bits of a pair are wrong than by chance.

    Parameters
    ----------
    matrix : ndarray, shape (4, 4)
        Probability of what is read (row) where the column was prepared.
    """
    states = np.arange(4)
    found = []
    for prepared in states:
        wrong = states ^ prepared
        column = matrix[:, prepared]
        both = column[wrong == 3].sum()
        first, second = column[(wrong & 1) > 0].sum(), column[(wrong & 2) > 0].sum()
        found.append(both - first * second)
    return float(np.mean(found))


def _redrawn(table: Table, rng: np.random.Generator) -> Reals:
    shots = table.sum(axis=0)
    smooth = (table + 0.25) / (shots + 1.0)
    columns = [rng.multinomial(shots[k], smooth[:, k]) / shots[k] for k in range(4)]
    return np.array(columns, np.float64).T


def _mean(parts: Sequence[Estimate]) -> Estimate:
    """Return the mean of independent estimates; distances add in squares.

    That is the recovery of variance estimates, which keeps the intervals' asymmetry.
    """
    n = len(parts)
    value = sum(one.value for one in parts) / n
    down = math.hypot(*(one.value - one.low for one in parts)) / n
    up = math.hypot(*(one.high - one.value for one in parts)) / n
    return Estimate(value=value, low=value - down, high=value + up)


def _complement(errors: Sequence[Estimate]) -> Estimate:
    mean = _mean(errors)
    return Estimate(value=1.0 - mean.value, low=1.0 - mean.high, high=1.0 - mean.low)


def _bits(text: str) -> NDArray[np.int64]:
    return np.array([int(one) for one in reversed(text)], np.int64)
