"""Readout mitigation: from what was read to what was there.

Full: the assignment matrix of all bits is measured and inverted (Maciejewski et al.
2020, Quantum 4, 257). Tensored: one matrix for each bit. Iterative: the same,
restricted to the strings that were read (Nation et al. 2021, PRX Quantum 2, 040326),
each with those that differ in a few bits, and solved by iteration; what was misread for
strings that nobody read is shared out among the others, which leaves a bias in the
probabilities where shots are few. Expectation values have no such bias.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue

if TYPE_CHECKING:
    from qleap.processing.snapshots import CalibrationSnapshot

__all__ = ["MitigatedCounts", "ReadoutMitigation"]

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]
Counts = Mapping[str, int]

MOST_FULL: Final = 8
"""Bits of a full assignment matrix; it takes ``2**n`` circuits to measure it."""

MOST_TENSORED: Final = 22
"""Bits whose probabilities are held all at once."""

DISTANCE: Final = 3
"""Bits in which a string may differ from one that it is misread for (iterative)."""

TOLERANCE: Final = 1e-8


@dataclass(frozen=True, kw_only=True, eq=False)
class MitigatedCounts:
    """Probabilities after readout mitigation; some may be negative.

    Parameters
    ----------
    probabilities : dict of str to float
        Of the bit strings; they add up to one.
    n_bits, shots : int
        Of the counts that they come from.
    """

    probabilities: dict[str, float]
    n_bits: int
    shots: int
    _dual: Any
    _read: Any

    def expectation(self, letters: str) -> tuple[float, float]:
        """Return the value of a string of Z and I and its standard error.

        Parameters
        ----------
        letters : str
            For example ``"ZIZ"``, the last letter for bit 0.

        Notes
        -----
        The value is ``sum_k w_k f_k`` with the shares ``f_k`` of the read strings and
        weights ``w`` that solve the transposed problem, so its variance is that of the
        weights over the shots. The uncertainty of the calibration is not in it.
        """
        if len(letters) != self.n_bits or set(letters) - set("IZ"):
            raise InvalidValue(
                f"letters must be {self.n_bits} of I and Z, got {letters!r:.60}."
            )
        mask = int(letters.replace("I", "0").replace("Z", "1"), 2)
        weights = self._dual(mask)
        shares = self._read
        value = float(weights @ shares)
        variance = max(float(weights**2 @ shares) - value**2, 0.0)
        return value, float(np.sqrt(variance / self.shots))


@dataclass(frozen=True, kw_only=True)
class ReadoutMitigation:
    """Undo misreadings of ``n_bits`` bits.

    Parameters
    ----------
    n_bits : int
        Measured together.
    method : {"full", "tensored", "iterative"}
        See the module; full takes ``2**n_bits`` circuits, the others two.
    assignments : tuple of ndarray
        One matrix ``[read, true]`` for all bits (full), or one for each; empty before
        the calibration.
    """

    n_bits: int
    method: Literal["full", "tensored", "iterative"] = "tensored"
    assignments: tuple[Reals, ...] = ()

    def __post_init__(self) -> None:
        checks.one_of("method", self.method, ("full", "tensored", "iterative"))
        most = {"full": MOST_FULL, "tensored": MOST_TENSORED}.get(self.method)
        checks.count("n_bits", self.n_bits, 1, most)

    @classmethod
    def from_snapshot(
        cls,
        snapshot: "CalibrationSnapshot",
        qubits: Sequence[int],
        method: Literal["tensored", "iterative"] = "tensored",
    ) -> "ReadoutMitigation":
        """Return the mitigation that a calibration allows without any circuit.

        Parameters
        ----------
        snapshot : CalibrationSnapshot
            Of the device.
        qubits : sequence of int
            Physical qubits, in the order of the classical bits.
        method : {"tensored", "iterative"}
            See the class.
        """
        from qleap.processing.snapshots import repaired

        known = repaired(snapshot)
        tables = []
        for qubit in qubits:
            place = checks.count("a qubit of qubits", qubit, 0, known.n_qubits - 1)
            p, q = float(known.one_for_zero[place]), float(known.zero_for_one[place])
            tables.append(np.array([[1 - p, q], [p, 1 - q]]))
        return cls(n_bits=len(tables), method=method, assignments=tuple(tables))

    def build(self, qubits: Sequence[int] | None = None) -> list[QuantumCircuit]:
        """Return the circuits whose counts calibrate the readout.

        Parameters
        ----------
        qubits : sequence of int, optional
            Physical qubits, in the order of the classical bits; 0 to ``n_bits - 1`` by
            default.
        """
        places = range(self.n_bits) if qubits is None else qubits
        found = []
        last = 2**self.n_bits - 1
        states = range(last + 1) if self.method == "full" else (0, last)
        for state in states:
            circuit = QuantumCircuit(max(places) + 1, self.n_bits, name=f"read {state}")
            for bit, place in enumerate(places):
                if state >> bit & 1:
                    circuit.x(place)
            circuit.barrier()
            circuit.measure(list(places), range(self.n_bits))
            found.append(circuit)
        return found

    def calibrate(self, counts: Sequence[Counts]) -> "ReadoutMitigation":
        """Return the mitigation with what the circuits of `build` have shown.

        Parameters
        ----------
        counts : sequence of mapping of str to int
            One for each circuit, in their order.
        """
        wanted = 2**self.n_bits if self.method == "full" else 2
        if len(counts) != wanted:
            raise InvalidValue(
                f"calibration needs the counts of {wanted} circuits, got {len(counts)}."
            )
        tables: tuple[Reals, ...]
        if self.method == "full":
            columns = [
                _shares(*_table(one, self.n_bits), self.n_bits) for one in counts
            ]
            tables = (np.array(columns).T,)
        else:
            ones = []
            for one in counts:
                strings, shares = _table(one, self.n_bits)
                bits = strings[:, None] >> np.arange(self.n_bits) & 1
                ones.append(shares @ bits)
            low, high = ones
            tables = tuple(
                np.array([[1 - p, 1 - q], [p, q]])
                for p, q in zip(low.tolist(), high.tolist(), strict=True)
            )
        return ReadoutMitigation(
            n_bits=self.n_bits, method=self.method, assignments=tables
        )

    def combine(self, counts: Counts) -> MitigatedCounts:
        """Return the probabilities behind ``counts``.

        Parameters
        ----------
        counts : mapping of str to int
            Bit string to shots, bit 0 on the right.
        """
        if not self.assignments:
            raise InvalidValue(
                "readout mitigation needs a calibration first: run the circuits of "
                "build() and give their counts to calibrate()."
            )
        strings, shares = _table(counts, self.n_bits)
        solve = {
            "full": self._dense,
            "tensored": self._tensored,
            "iterative": self._iterative,
        }[self.method]
        where, values, dual = solve(strings, shares)
        names = [f"{state:0{self.n_bits}b}" for state in where.tolist()]
        return MitigatedCounts(
            probabilities=dict(zip(names, values.tolist(), strict=True)),
            n_bits=self.n_bits,
            shots=int(sum(counts.values())),
            _dual=dual,
            _read=shares,
        )

    def run(
        self, circuit: QuantumCircuit, sampler: Any, *, shots: int | None = None
    ) -> MitigatedCounts:
        """Calibrate and measure in one job, and return the probabilities.

        Parameters
        ----------
        circuit : QuantumCircuit
            That measures ``n_bits`` qubits at its end, each into one classical bit.
        sampler : BaseSamplerV2
            For example ``qleap.processing.Sampler(backend)``. Where it chooses other
            physical qubits for the calibration, give it circuits with a layout.
        shots : int, optional
            Of each circuit.
        """
        measured = {
            circuit.find_bit(step.clbits[0]).index: circuit.find_bit(
                step.qubits[0]
            ).index
            for step in circuit.data
            if step.name == "measure"
        }
        if sorted(measured) != list(range(self.n_bits)):
            raise InvalidValue(
                f"the circuit must measure into bits 0 to {self.n_bits - 1}, but "
                f"measures into {sorted(measured)}."
            )
        known = bool(self.assignments)
        places = [measured[bit] for bit in range(self.n_bits)]
        circuits = [*([] if known else self.build(places)), circuit]
        options = {} if shots is None else {"shots": shots}
        results = sampler.run(circuits, **options).result()
        counts = [one.join_data().get_counts() for one in results]
        ready = self if known else self.calibrate(counts[:-1])
        return ready.combine(counts[-1])

    def _dense(self, strings: Integers, shares: Reals) -> tuple[Integers, Reals, Any]:
        inverse = _inverted(self.assignments[0])
        values = inverse[:, strings] @ shares
        where = np.arange(values.size)

        def dual(mask: int) -> Reals:
            return np.asarray(_signs(where, mask) @ inverse[:, strings], np.float64)

        return where, values, dual

    def _tensored(
        self, strings: Integers, shares: Reals
    ) -> tuple[Integers, Reals, Any]:
        inverses = [_inverted(table) for table in self.assignments]
        cube = _shares(strings, shares, self.n_bits).reshape([2] * self.n_bits)
        for bit, inverse in enumerate(inverses):
            axis = self.n_bits - 1 - bit
            cube = np.moveaxis(np.tensordot(inverse, cube, ((1,), (axis,))), 0, axis)
        values = cube.ravel()
        return np.arange(values.size), values, self._weights(strings)

    def _weights(self, strings: Integers) -> Any:
        """Return the function that gives each read string its weight for a mask."""
        inverses = [_inverted(table) for table in self.assignments]

        def dual(mask: int) -> Reals:
            weights = np.ones(strings.size)
            for bit, inverse in enumerate(inverses):
                sign = np.array([1.0, -1.0 if mask >> bit & 1 else 1.0])
                weights *= (sign @ inverse)[strings >> bit & 1]
            return weights

        return dual

    def _iterative(
        self, strings: Integers, shares: Reals
    ) -> tuple[Integers, Reals, Any]:
        from scipy.sparse.linalg import LinearOperator, gmres

        matrix = self._reduced(strings)
        diagonal = matrix.diagonal()
        inverse = LinearOperator(matrix.shape, matvec=lambda x: x / diagonal)

        values, state = gmres(matrix, shares, M=inverse, rtol=TOLERANCE, atol=0.0)
        if state:
            raise InvalidValue(
                "the iterative readout mitigation has not converged; the readout "
                "errors are too large, use 'tensored' or 'full'."
            )
        return strings, values / values.sum(), self._weights(strings)

    def _reduced(self, strings: Integers) -> Any:
        """Return the assignment matrix between read strings, columns adding up to 1."""
        from scipy.sparse import csc_array, csr_array

        keep = np.array([table.diagonal() for table in self.assignments])
        flip = np.array([[t[1, 0], t[0, 1]] for t in self.assignments])
        bits = strings[:, None] >> np.arange(self.n_bits) & 1
        each = np.arange(self.n_bits)
        stays = np.log(keep[each, bits]).sum(axis=1)
        ratios = np.log(np.maximum(flip, 1e-300) / keep)[each, bits]
        rows, columns, entries = [], [], []
        for column in range(strings.size):
            differing = strings ^ strings[column]
            near = np.flatnonzero(np.bitwise_count(differing) <= DISTANCE)
            changed = differing[near, None] >> each & 1
            value = np.exp(stays[column] + changed @ ratios[column])
            rows.append(near)
            columns.append(np.full(near.size, column))
            entries.append(value / value.sum())
        return csr_array(
            csc_array(
                (
                    np.concatenate(entries),
                    (np.concatenate(rows), np.concatenate(columns)),
                ),
                shape=(strings.size, strings.size),
            )
        )


def _table(counts: Counts, n_bits: int) -> tuple[Integers, Reals]:
    """Return the strings as numbers, ascending, and their shares."""
    given: Any = counts
    if not isinstance(given, Mapping) or not given:
        raise InvalidKind(
            f"counts must map bit strings to numbers of shots, got {counts!r:.60}."
        )
    found: dict[int, int] = {}
    for string, often in counts.items():
        digits = str(string).replace(" ", "")
        if len(digits) != n_bits or set(digits) - set("01"):
            raise InvalidValue(
                f"counts must have strings of {n_bits} bits, got {string!r:.60}."
            )
        number = int(digits, 2)
        found[number] = found.get(number, 0) + checks.count("a count", often, 0)
    total = sum(found.values())
    if not total:
        raise InvalidValue("counts must hold at least one shot.")
    strings = np.array(sorted(found), np.int64)
    return strings, np.array([found[int(s)] for s in strings]) / total


def _shares(strings: Integers, shares: Reals, n_bits: int) -> Reals:
    found = np.zeros(2**n_bits)
    found[strings] = shares
    return found


def _signs(strings: Integers, mask: int) -> Reals:
    odd = np.bitwise_count(strings & mask) & 1
    return np.where(odd, -1.0, 1.0)


def _inverted(table: Reals) -> Reals:
    try:
        found = np.linalg.inv(table)
    except np.linalg.LinAlgError as error:
        raise InvalidValue(
            "a readout that shows the same for every state cannot be mitigated; "
            "recalibrate the device or leave the qubit out."
        ) from error
    return np.asarray(found, np.float64)
