"""Matrix product states as a method for wide, shallow circuits.

Noise must be a mixture of unitary matrices, such as Pauli strings: it is drawn for each
shot before its run, and equal draws share one run.
"""

import math
import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.blas import one_blas_thread
from qleap.core.errors import QleapWarning
from qleap.processing.bits import pack
from qleap.processing.noise.matrix_product import (
    MAX_BOND,
    THRESHOLD,
    MatrixProductState,
    schmidt_ranks,
)
from qleap.processing.noise.misreading import misread
from qleap.processing.noise.transfers import row_unitary
from qleap.processing.program import Kind, Program

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from qleap.processing.noise.channels import Channel
    from qleap.processing.paulis import PauliSum

__all__ = [
    "expectations",
    "matrix_product_state",
    "refusal",
    "sample",
    "seconds",
]

Bytes = NDArray[np.uint8]
Reals = NDArray[np.float64]
Draws = NDArray[np.int64]

MOST_GATE_QUBITS: Final = 6
"""A gate on more is not split into a row of tensors."""

MIXTURE: Final = 1e-10
"""How far Kraus operators may be from multiples of unitary matrices."""

NOTABLE: Final = 1e-6
"""Discarded weight about which the user is told."""

START: Final = 1.2e-4
"""Seconds of the shortest run."""

ALONE: Final = 1e-6
"""Seconds of a gate on one qubit."""

STEP: Final = 4.5e-5
"""Seconds of a gate across a bond of small tensors."""

GROWTH: Final = 2.5e-7
"""Seconds that it takes longer, over the square of the bond, cutting back included."""

FLOP: Final = 2e-10
"""Seconds of a complex multiply-add in larger tensors."""

TENSOR: Final = 2e-5
"""Seconds to prepare a tensor of a finished state for readings."""

READING: Final = 6e-8
"""Seconds to read a qubit of a shot; a hundredth more by the square of its bond."""

MIXING: Final = 4e-5
"""Seconds to draw what a channel does in all shots."""

GROUPING: Final = 2.5e-7
"""Seconds a shot to find equal draws."""


def matrix_product_state(
    circuit: "QuantumCircuit",
    *,
    max_bond: int = MAX_BOND,
    threshold: float = THRESHOLD,
) -> MatrixProductState:
    """Return the final state of a circuit as a matrix product state.

    Parameters
    ----------
    circuit : QuantumCircuit
        Without noise; measurements at its end are left out. Neighbouring qubits should
        have neighbouring numbers.
    max_bond, threshold
        See `MatrixProductState`; its ``discarded_weight`` tells how much was cut.

    Raises
    ------
    InvalidValue
        For a circuit with feed-forward, or gates on more than 6 qubits.
    """
    from qleap.core.errors import InvalidValue
    from qleap.processing.lowering import check_bound, compile_circuit

    check_bound(circuit)
    program = compile_circuit(circuit)
    reason = refusal(program)
    if reason is not None:
        raise InvalidValue(f"this circuit has no matrix product state: {reason}")
    return _Run(program, max_bond, threshold).state(np.empty(0, np.int64))


def refusal(program: Program) -> str | None:
    """Return why the program cannot run as a matrix product state, or None."""
    if not program.has_terminal_measurements:
        return (
            "matrix product states take measurements at the end alone; "
            "use 'trajectories'."
        )
    for channel in program.channels:
        if _mixture(channel) is None:
            return (
                f"{channel.name} is no mixture of unitary matrices; "
                "NoiseModel.twirled() makes it one, or use 'trajectories'."
            )
    widths = program.operations[:, 1:3].sum(axis=1)[program.is_gate]
    if widths.size and widths.max() > MOST_GATE_QUBITS:
        return (
            f"a gate acts on {widths.max()} qubits, which is more than the "
            f"{MOST_GATE_QUBITS} that are split; decompose it."
        )
    return None


def seconds(program: Program, shots: int) -> float:
    """Return about how long `sample` takes; infinite where bonds would be cut."""
    bonds = np.ones(max(program.n_qubits - 1, 1))
    most = 2.0 ** np.minimum(
        np.arange(1, bonds.size + 1), program.n_qubits - np.arange(1, bonds.size + 1)
    ).clip(0, 60)
    work = 0.0
    for row in np.flatnonzero(program.is_gate).tolist():
        qubits = program.qubits[row]
        work += ALONE
        for k, rank in enumerate(_ranks(program, row)):
            place = min(qubits) + k
            bonds[place] = min(bonds[place] * rank, most[place])
            if bonds[place] > MAX_BOND:
                return float("inf")
            work += STEP + GROWTH * float(bonds[place]) ** 2
    squares, cubes = float(bonds @ bonds), float((bonds**3).sum())
    tensors = program.n_qubits * TENSOR + FLOP * cubes
    reading = READING * (program.n_qubits + 0.01 * squares)
    runs, drawing = _runs(program, shots)
    return START + drawing + runs * (work + tensors) + shots * reading


def _runs(program: Program, shots: int) -> tuple[float, float]:
    """Return about how many draws differ, and how long it takes to find out."""
    numbers = program.operations[program.operations[:, 0] == Kind.CHANNEL, 4]
    if not numbers.size:
        return 1.0, 0.0
    counts = np.bincount(numbers, minlength=len(program.channels))
    found = [_mixture(channel) for channel in program.channels]
    weights = [one[0] for one in found if one is not None]  # refused where one is
    largest = np.log(np.array([share.max() for share in weights]))
    kinds = np.log(np.array([share.size for share in weights]))
    differing = -math.expm1(float(counts @ largest))
    runs = min(1.0 + shots * differing, math.exp(min(float(counts @ kinds), 60.0)))
    return runs, MIXING * numbers.size + GROUPING * shots


def sample(program: Program, shots: int, seed: int) -> Bytes:
    """Return the packed bits of every shot, readout errors included.

    A warning tells where more than a millionth of the weight had to be discarded.
    """
    run = _Run(program)
    rng = np.random.default_rng([seed, 1])
    draws = run.draws(shots, rng)
    bits = np.zeros((shots, program.n_clbits), np.uint8)
    with one_blas_thread():
        for numbers, draw in _groups(draws):
            found = run.state(draw).sample(numbers.size, rng)
            for clbit, qubit in program.measurements.items():
                bits[numbers, clbit] = found[:, qubit]
    run.report()
    return misread(pack(bits), program, seed)


def expectations(
    program: Program, sums: "Sequence[PauliSum]", shots: int, seed: int
) -> tuple[Reals, Reals]:
    """Return the values of Pauli sums and their standard errors.

    Without noise they are exact up to the discarded weight; with noise they are means
    over ``shots`` draws of it.
    """
    run = _Run(program)
    draws = run.draws(
        shots if program.channels else 1, np.random.default_rng([seed, 1])
    )
    values = np.empty((len(draws), len(sums)))
    with one_blas_thread():
        for numbers, draw in _groups(draws):
            state = run.state(draw)
            values[numbers] = [_value(state, one) for one in sums]
    run.report()
    spread = np.zeros(len(sums))
    if len(draws) > 1:
        spread = values.std(axis=0, ddof=1) / np.sqrt(len(draws))
    return values.mean(axis=0), spread


class _Run:
    """Runs a program, once for each different draw of its noise."""

    def __init__(
        self, program: Program, max_bond: int = MAX_BOND, threshold: float = THRESHOLD
    ) -> None:
        self.program = program
        self.limits = {"max_bond": max_bond, "threshold": threshold}
        self.lost = 0.0

    @cached_property
    def steps(self) -> list[tuple[list[int], Any]]:
        """Return the qubits and the matrix, or the mixture, of each operation."""
        found: list[tuple[list[int], Any]] = []
        for row, (kind, *_, number, _, _) in enumerate(
            self.program.operations.tolist()
        ):
            qubits = self.program.qubits[row]
            if kind == Kind.CHANNEL:
                found.append((qubits, _mixture(self.program.channels[number])))
            elif kind < Kind.MEASURE and qubits:
                found.append((qubits, row_unitary(self.program, row)))
        return found

    def draws(self, shots: int, rng: np.random.Generator) -> Draws:
        """Return which unitary matrix each channel has in each shot."""
        weights = [step[1][0] for step in self.steps if isinstance(step[1], tuple)]
        found = np.empty((shots, len(weights)), np.int64)
        for k, share in enumerate(weights):
            found[:, k] = rng.choice(share.size, size=shots, p=share)
        return found

    def state(self, draw: Draws) -> MatrixProductState:
        """Return the final state for one draw."""
        state = MatrixProductState(self.program.n_qubits, **self.limits)  # type: ignore[arg-type]
        chosen = iter(draw.tolist())
        for qubits, what in self.steps:
            if not isinstance(what, tuple):
                state.apply(what, qubits)
                continue
            matrix = what[1][next(chosen)]
            if matrix is not None:
                state.apply(matrix, qubits)
        self.lost = max(self.lost, state.discarded_weight)
        return state

    def report(self) -> None:
        """Warn where much was discarded."""
        if self.lost > NOTABLE:
            warnings.warn(
                f"matrix product state: a weight of {self.lost:.2g} was discarded at "
                f"bonds of dimension {self.limits['max_bond']}; results are off by "
                "about its square root. Use matrix_product_state(max_bond=...) or "
                "another method.",
                QleapWarning,
                stacklevel=3,
            )


def _mixture(channel: "Channel") -> tuple[Reals, list[Any]] | None:
    """Return weights and unitary matrices (None: identity) of a channel, or None."""
    size = channel.kraus.shape[1]
    products = np.einsum("kba,kbc->kac", channel.kraus.conj(), channel.kraus)
    weights = np.trace(products, axis1=1, axis2=2).real / size
    unitary = weights[:, None, None] * np.eye(size)
    if np.abs(products - unitary).max() > MIXTURE:
        return None
    matrices: list[Any] = []
    for weight, kraus in zip(weights, channel.kraus, strict=True):
        matrix = kraus / np.sqrt(weight)
        is_identity = np.abs(matrix - matrix[0, 0] * np.eye(size)).max() < MIXTURE
        matrices.append(None if is_identity else matrix)
    return weights / weights.sum(), matrices


def _groups(draws: Draws) -> Iterator[tuple[NDArray[np.int64], Draws]]:
    """Yield the shots with equal draws, and the draw."""
    found: tuple[Any, Any] = np.unique(draws, axis=0, return_inverse=True)
    which = found[1].ravel()
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=len(found[0])))
    for draw, numbers in zip(found[0], np.split(order, ends[:-1]), strict=True):
        yield numbers, draw


def _ranks(program: Program, row: int) -> list[int]:
    qubits = program.qubits[row]
    if len(qubits) < 2:
        return []
    return schmidt_ranks(row_unitary(program, row), qubits)


def _value(state: MatrixProductState, one: "PauliSum") -> float:
    total = 0.0
    for x, z, coefficient in zip(
        one.x.tolist(), one.z.tolist(), one.coefficients.tolist(), strict=True
    ):
        total += complex(coefficient).real * state.expectation(x, z)
    return total
