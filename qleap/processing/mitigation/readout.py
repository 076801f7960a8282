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
from qiskit.providers import BackendV2

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.backends.native import native

if TYPE_CHECKING:
    from qleap.processing.snapshots import CalibrationSnapshot

__all__ = ["MitigatedCounts", "ReadoutMitigation"]

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]
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
        weights = self._dual(np.array([letter == "Z" for letter in letters[::-1]]))
        value = float(weights @ self._read)
        variance = max(float(weights**2 @ self._read) - value**2, 0.0)
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
        n_bits = checks.count("n_bits", self.n_bits, 1, most)
        if not self.assignments:
            return
        wanted = (1, 2**n_bits) if self.method == "full" else (n_bits, 2)
        shapes = [np.shape(table) for table in self.assignments]
        if shapes != [(wanted[1], wanted[1])] * wanted[0]:
            raise InvalidValue(
                f"assignments of the method {self.method!r} must be {wanted[0]} "
                f"matrices of {wanted[1]} rows and columns, got the shapes {shapes}."
            )

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

        checks.one_of("method", method, ("tensored", "iterative"))
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
        given = range(self.n_bits) if qubits is None else qubits
        places = [checks.count("a qubit of qubits", qubit, 0) for qubit in given]
        if not len(set(places)) == len(places) == self.n_bits:
            text = f"qubits must be {self.n_bits} different ones, got {places}."
            raise InvalidValue(text)
        found = []
        last = 2**self.n_bits - 1
        states = range(last + 1) if self.method == "full" else (0, last)
        for state in states:
            circuit = QuantumCircuit(max(places) + 1, self.n_bits, name=f"read {state}")
            for bit, place in enumerate(places):
                if state >> bit & 1:
                    circuit.x(place)
            circuit.barrier()
            circuit.measure(places, range(self.n_bits))
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
            columns = [_shares(*_table(one, self.n_bits)[1:]) for one in counts]
            tables = (np.array(columns).T,)
        else:
            ones = []
            for one in counts:
                _, bits, shares = _table(one, self.n_bits)
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
        strings, bits, shares = _table(counts, self.n_bits)
        solve = {
            "full": self._dense,
            "tensored": self._tensored,
            "iterative": self._iterative,
        }[self.method]
        values, dual = solve(bits, shares)
        if self.method != "iterative":  # all there are
            strings = [f"{k:0{self.n_bits}b}" for k in range(2**self.n_bits)]
        return MitigatedCounts(
            probabilities=dict(zip(strings, values.tolist(), strict=True)),
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
            For example ``qleap.processing.Sampler(backend)``. On its backend the
            circuit is laid out first: the calibration is that of the same qubits.
        shots : int, optional
            Of each circuit.
        """
        if not isinstance(circuit, QuantumCircuit):
            raise InvalidKind(f"circuit must be a QuantumCircuit, got {circuit!r:.60}.")
        if not hasattr(sampler, "run"):
            raise InvalidKind(
                "sampler must be a SamplerV2 such as qleap.processing.Sampler(), got "
                f"{sampler!r:.60}."
            )
        machine = getattr(sampler, "backend", None)
        if isinstance(machine, BackendV2):
            circuit = native(circuit, machine)
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
        results = sampler.run(circuits, shots=shots).result()
        counts = [one.join_data().get_counts() for one in results]
        ready = self if known else self.calibrate(counts[:-1])
        return ready.combine(counts[-1])

    def _dense(self, bits: Bits, shares: Reals) -> tuple[Reals, Any]:
        inverse = _inverted(self.assignments[0])[:, _numbers(bits)]
        states = np.arange(len(inverse))

        def dual(mask: Bits) -> Reals:
            odd = np.bitwise_count(states & _numbers(mask)) & 1
            return np.asarray(np.where(odd, -1.0, 1.0) @ inverse, np.float64)

        return inverse @ shares, dual

    def _tensored(self, bits: Bits, shares: Reals) -> tuple[Reals, Any]:
        inverses = [_inverted(table) for table in self.assignments]
        cube = _shares(bits, shares).reshape([2] * self.n_bits)
        for bit, inverse in enumerate(inverses):
            axis = self.n_bits - 1 - bit
            cube = np.moveaxis(np.tensordot(inverse, cube, ((1,), (axis,))), 0, axis)
        return cube.ravel(), self._weights(bits)

    def _weights(self, bits: Bits) -> Any:
        """Return the function that gives each read string its weight for a mask."""
        inverses = [_inverted(table) for table in self.assignments]

        def dual(mask: Bits) -> Reals:
            weights = np.ones(len(bits))
            for bit, inverse in enumerate(inverses):
                sign = np.array([1.0, -1.0 if mask[bit] else 1.0])
                weights *= (sign @ inverse)[bits[:, bit].astype(np.intp)]
            return weights

        return dual

    def _iterative(self, bits: Bits, shares: Reals) -> tuple[Reals, Any]:
        from scipy.sparse.linalg import LinearOperator, gmres

        matrix = self._reduced(bits)
        diagonal = matrix.diagonal()
        inverse = LinearOperator(matrix.shape, matvec=lambda x: x / diagonal)

        values, state = gmres(matrix, shares, M=inverse, rtol=TOLERANCE, atol=0.0)
        if state:
            raise InvalidValue(
                "the iterative readout mitigation has not converged; the readout "
                "errors are too large, use 'tensored' or 'full'."
            )
        return values / values.sum(), self._weights(bits)

    def _reduced(self, bits: Bits) -> Any:
        """Return the assignment matrix between read strings, columns adding up to 1."""
        from scipy.sparse import csc_array, csr_array

        keep = np.array([table.diagonal() for table in self.assignments])
        flip = np.array([[t[1, 0], t[0, 1]] for t in self.assignments])
        each, states = np.arange(self.n_bits), bits.astype(np.intp)
        stays = np.log(keep[each, states]).sum(axis=1)
        ratios = np.log(np.maximum(flip, 1e-300) / keep)[each, states]
        rows, columns, entries = [], [], []
        for column in range(len(bits)):
            differing = bits ^ bits[column]
            near = np.flatnonzero(np.count_nonzero(differing, axis=1) <= DISTANCE)
            value = np.exp(stays[column] + differing[near] @ ratios[column])
            rows.append(near)
            columns.append(np.full(near.size, column))
            entries.append(value / value.sum())
        return csr_array(
            csc_array(
                (
                    np.concatenate(entries),
                    (np.concatenate(rows), np.concatenate(columns)),
                ),
                shape=(len(bits), len(bits)),
            )
        )


def _table(counts: Counts, n_bits: int) -> tuple[list[str], Bits, Reals]:
    """Return the strings, ascending, their bits (number 0 first), and their shares."""
    given: Any = counts
    if not isinstance(given, Mapping) or not given:
        raise InvalidKind(
            f"counts must map bit strings to numbers of shots, got {counts!r:.60}."
        )
    found: dict[str, int] = {}
    for string, often in counts.items():
        digits = str(string).replace(" ", "")
        if len(digits) != n_bits or set(digits) - set("01"):
            raise InvalidValue(
                f"counts must have strings of {n_bits} bits, got {string!r:.60}."
            )
        found[digits] = found.get(digits, 0) + checks.count("a count", often, 0)
    total = sum(found.values())
    if not total:
        raise InvalidValue("counts must hold at least one shot.")
    strings = sorted(found)
    letters = np.frombuffer("".join(strings).encode(), np.uint8)
    bits = letters.reshape(-1, n_bits)[:, ::-1] == ord("1")
    return strings, bits, np.array([found[one] for one in strings]) / total


def _numbers(bits: Bits) -> Integers:
    """Return the numbers that bits spell, along the last axis."""
    return np.asarray(bits @ (1 << np.arange(bits.shape[-1])), np.int64)


def _shares(bits: Bits, shares: Reals) -> Reals:
    found = np.zeros(2 ** bits.shape[1])
    found[_numbers(bits)] = shares
    return found


def _inverted(table: Reals) -> Reals:
    try:
        found = np.linalg.inv(table)
    except np.linalg.LinAlgError as error:
        raise InvalidValue(
            "a readout that shows the same for every state cannot be mitigated; "
            "recalibrate the device or leave the qubit out."
        ) from error
    return np.asarray(found, np.float64)
