"""The flat program: what a circuit is lowered to and what the kernels run.

Three tables, so that one compiled signature serves every circuit. A row of
``operations`` holds: kind, number of targets, number of controls, first entry in
``wires`` (targets, then controls), wanted value of the controls (bit k for control
k), first entry in ``coefficients`` (real and imaginary parts), classical bit.

A gate with angles has a row in ``recipes``: code, row in ``operations``, first entry in
``coefficients``, first angle. Gradients find all they need there: ``angles`` holds the
derivative of each angle with respect to each parameter (``slots``, ``sources``,
``factors``), and `qleap.processing.recipes.FREQUENCIES` how entries change with angles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit.circuit import Parameter

from qleap.core.errors import InvalidValue
from qleap.processing.parameters import Angles, collect, is_free
from qleap.processing.recipes import CONSTANTS, STANDARD, Kind, Standard

if TYPE_CHECKING:
    from qleap.processing.noise.channels import Channel
    from qleap.processing.noise.readout import ReadoutError

__all__ = ["Kind", "Program", "ProgramBuilder", "fill"]

_X: Final = np.array([[0, 1], [1, 0]])
_SWAP: Final = np.eye(4)[[0, 2, 1, 3]]


def _no_recipes() -> NDArray[np.int64]:
    return np.empty((0, 4), np.int64)


@dataclass(frozen=True, kw_only=True)
class Program:
    """A circuit as plain tables.

    Parameters
    ----------
    n_qubits, n_clbits : int
        Sizes; qubit 0 is the least significant bit of a state's index.
    operations : ndarray of int64, shape (n_operations, 7)
        See the module.
    wires : ndarray of int64
        Qubits and classical bits that the operations name.
    coefficients : ndarray of float64
        Matrices row by row and diagonals, real and imaginary parts in turn; NaN
        where they depend on free parameters.
    recipes : ndarray of int64, shape (n_recipes, 4)
        See the module.
    angles : Angles
        What the recipes need, as functions of the free parameters.
    channels : tuple of Channel
        Noise, by the numbers that the operations name.
    readouts : tuple of ReadoutError
        Likewise.
    """

    n_qubits: int
    n_clbits: int
    operations: NDArray[np.int64]
    wires: NDArray[np.int64]
    coefficients: NDArray[np.float64]
    recipes: NDArray[np.int64] = field(default_factory=_no_recipes)
    angles: Angles = field(default_factory=lambda: collect((), ()))
    channels: tuple["Channel", ...] = ()
    readouts: tuple["ReadoutError", ...] = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Return the free parameters, in the order of ``circuit.parameters``."""
        return self.angles.parameters

    def bind(self, values: ArrayLike | Mapping[Any, float]) -> "Program":
        """Return the program with one value for each parameter.

        Parameters
        ----------
        values : array_like, shape (n_parameters,), or mapping
            In the order of `parameters`, or by parameter or name.
        """
        (row,) = given = self.angles.values(values)
        return replace(
            self,
            coefficients=self.coefficient_tables(given)[0],
            angles=collect(self.angles.at(row[None])[0].tolist(), ()),
        )

    def coefficient_tables(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the coefficients of many bindings; the other tables stay.

        Parameters
        ----------
        values : array_like, shape (n_bindings, n_parameters)
            In the order of `parameters`.

        Returns
        -------
        ndarray of float64, shape (n_bindings, n_coefficients)
        """
        angles = self.angles.at(self.angles.values(values))
        tables = np.tile(self.coefficients, (angles.shape[0], 1))
        fill(self.recipes, angles, tables)
        return tables

    @cached_property
    def is_gate(self) -> NDArray[np.bool_]:
        """Tell which operations are unitary, shape ``(n_operations,)``."""
        gates: NDArray[np.bool_] = self.operations[:, 0] < Kind.MEASURE
        return gates

    @property
    def is_noisy(self) -> bool:
        """Tell whether there is noise, which needs the methods of `noise`."""
        return bool(self.channels or self.readouts)

    @cached_property
    def qubits(self) -> list[list[int]]:
        """Return the qubits of each operation, targets first; none if classical."""
        wires = self.wires.tolist()
        return [
            []
            if row[0] in (Kind.BRANCH, Kind.READOUT)
            else wires[row[3] : row[3] + row[1] + row[2]]
            for row in self.operations.tolist()
        ]

    @cached_property
    def has_terminal_measurements(self) -> bool:
        """Tell whether nothing happens to a qubit after its measurement."""
        kinds = self.operations[:, 0].tolist()
        last = max(kinds, default=0)
        if last < Kind.MEASURE:
            return True
        if Kind.RESET in kinds or Kind.BRANCH in kinds:
            return False
        measured: set[int] = set()
        for qubits, kind in zip(self.qubits, kinds, strict=True):
            if kind == Kind.MEASURE:
                measured.update(qubits)
            elif not measured.isdisjoint(qubits):
                return False
        return True

    @cached_property
    def measurements(self) -> dict[int, int]:
        """Return which qubit is read last into each classical bit."""
        rows = self.operations[self.operations[:, 0] == Kind.MEASURE]
        return {int(row[6]): int(self.wires[row[3]]) for row in rows}


class ProgramBuilder:
    """Collect operations into tables."""

    def __init__(self, n_qubits: int, n_clbits: int) -> None:
        self._sizes = (n_qubits, n_clbits)
        self._operations: list[tuple[int, ...]] = []
        self._wires: list[int] = []
        self._entries: list[tuple[int, NDArray[np.float64]]] = [(0, CONSTANTS)]
        self._n_coefficients = CONSTANTS.size
        self._recipes: list[tuple[int, int, int, int]] = []
        self._angles: list[Any] = []
        self._channels: dict[Channel, int] = {}  # numbers in the order of arrival
        self._readouts: dict[ReadoutError, int] = {}
        self.touched: set[int] = set()

    def standard(
        self, row: Standard, qubits: list[int], angles: Sequence[Any] = ()
    ) -> None:
        """Append a standard gate on ``qubits``, its controls first."""
        kind, n_targets, n_controls, state, code, size, place, _, prefix = row
        if code:
            place = self._n_coefficients
            here = (code, len(self._operations), place, len(self._angles))
            self._recipes.append(here)
            self._angles += prefix
            self._angles += angles
            self._n_coefficients = place + size
        first = len(self._wires)
        self._operations.append((kind, n_targets, n_controls, first, state, place, -1))
        if n_controls and n_targets:
            self._wires += qubits[n_controls:]
            self._wires += qubits[:n_controls]
        else:
            self._wires += qubits
        self.touched.update(qubits)

    def gate(
        self,
        matrix: NDArray[np.complex128],
        targets: Sequence[int],
        controls: Sequence[int] = (),
        control_state: int = 0,
    ) -> None:
        """Append a matrix (or a diagonal, one-dimensional) on ``targets``."""
        self.touched.update(targets, controls)
        full = matrix.shape[1:] > (1,) and np.count_nonzero(matrix) == matrix.size
        state, diagonal = control_state, None if full else _diagonal(matrix)
        targets, controls = tuple(targets), tuple(controls)
        if diagonal is not None:
            if len(targets) == 1 and diagonal[0] == 1.0:  # the target controls, too
                state |= 1 << len(controls)
                controls, targets, diagonal = (*controls, *targets), (), diagonal[1:]
            if np.any(diagonal != 1.0):
                self._append(Kind.DIAGONAL, targets, controls, state, diagonal)
        elif not full and (np.array_equal(matrix, _X) or np.array_equal(matrix, _SWAP)):
            self._append(Kind.EXCHANGE, targets, controls, state)
        elif len(targets) == 1:
            self._append(Kind.ONE_QUBIT, targets, controls, state, matrix)
        else:
            self._append(Kind.MATRIX, targets, controls, state, matrix)

    def phase(self, angle: Any) -> None:
        """Append the factor ``exp(1j * angle)`` on the whole state."""
        if is_free(angle) or float(angle):
            self.standard(STANDARD["global_phase"], [], [angle])

    def measure(self, qubit: int, clbit: int) -> None:
        """Append a measurement of ``qubit`` into ``clbit``."""
        self.touched.add(qubit)
        self._append(Kind.MEASURE, (qubit,), clbit=clbit)

    def reset(self, qubit: int) -> None:
        """Append a reset of ``qubit`` to zero."""
        self._append(Kind.RESET, (qubit,))

    def channel(self, channel: "Channel", qubits: Sequence[int]) -> None:
        """Append noise on ``qubits``."""
        self.touched.update(qubits)
        number = self._channels.setdefault(channel, len(self._channels))
        self._append(Kind.CHANNEL, tuple(qubits), state=number)

    def readout(self, error: "ReadoutError", clbits: Sequence[int]) -> None:
        """Append a readout error of ``clbits``."""
        number = self._readouts.setdefault(error, len(self._readouts))
        self._append(Kind.READOUT, tuple(clbits), state=number)

    def branch(self, clbits: Sequence[int]) -> int:
        """Append a jump by the value of ``clbits``; `aim` fills in where to."""
        here = self.here()
        self._append(Kind.BRANCH, tuple(clbits))
        self._wires.extend([0] * (1 << len(clbits)))
        return here

    def aim(self, branch: int, value: int, destination: int) -> None:
        """Let ``branch`` jump to ``destination`` where its bits read ``value``."""
        _, n_clbits, _, first, *_ = self._operations[branch]
        self._wires[first + n_clbits + value] = destination - branch - 1

    def here(self) -> int:
        """Return the number of the next row."""
        return len(self._operations)

    def build(self, parameters: Sequence[Parameter] = ()) -> Program:
        """Return the program, a function of ``parameters``."""
        n_qubits, n_clbits = self._sizes
        angles = collect(self._angles, parameters)
        recipes = np.array(self._recipes, np.int64).reshape(-1, 4)
        # Kernels read a few entries ahead of short tables.
        table = np.full(self._n_coefficients + 2, np.nan if parameters else 0.0)
        table[-2:] = 0.0
        for place, entries in self._entries:
            table[place : place + entries.size] = entries
        if not parameters:
            fill(recipes, angles.offsets[None], table[None])
        return Program(
            n_qubits=n_qubits,
            n_clbits=n_clbits,
            operations=np.array(self._operations, np.int64).reshape(-1, 7),
            wires=np.array(self._wires, np.int64),
            coefficients=table,
            recipes=recipes,
            angles=angles,
            channels=tuple(self._channels),
            readouts=tuple(self._readouts),
        )

    def _append(
        self,
        kind: Kind,
        targets: tuple[int, ...],
        controls: tuple[int, ...] = (),
        state: int = 0,
        entries: NDArray[np.complex128] | None = None,
        clbit: int = -1,
    ) -> None:
        sizes = (len(targets), len(controls))
        places = (len(self._wires), state, self._n_coefficients)
        self._operations.append((kind, *sizes, *places, clbit))
        self._wires.extend((*targets, *controls))
        if entries is not None:
            flat = np.ascontiguousarray(entries, np.complex128).ravel()
            if not np.isfinite(flat).all():
                raise InvalidValue(
                    "the matrix of a gate must have finite entries, but that of one on "
                    f"{sum(sizes)} qubits has NaN or infinity; correct the gate."
                )
            self._entries.append((self._n_coefficients, flat.view(np.float64)))
            self._n_coefficients += 2 * flat.size


def fill(
    recipes: NDArray[np.int64],
    angles: NDArray[np.float64],
    tables: NDArray[np.float64],
) -> None:
    """Fill ``tables`` of coefficients, one row for each row of ``angles``."""
    from qleap.processing._kernels import coefficients as kernels

    if recipes.size:
        kernels.fill_coefficients(recipes, angles, tables)


def _diagonal(matrix: NDArray[np.complex128]) -> NDArray[np.complex128] | None:
    """Return the diagonal of a matrix that has nothing beside it."""
    if matrix.ndim == 1:
        return matrix
    diagonal = np.diagonal(matrix)
    beside = np.count_nonzero(matrix) - np.count_nonzero(diagonal)
    return None if beside else diagonal
