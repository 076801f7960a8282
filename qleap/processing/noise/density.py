"""The density matrix: noise exactly, at the price of ``4**n`` numbers.

The state is a real vector in the Pauli basis (`qleap.processing.noise.pauli_basis`).
Gates and channels on the same qubits are multiplied into one real matrix before
anything runs (`fusion`), and the matrices act on blocks in the cache (`sweeps`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.processing.memory import check_memory
from qleap.processing.noise import pauli_basis
from qleap.processing.noise.branches import Branches, Leaf, Plan, plan
from qleap.processing.noise.evolution import bytes_per_number
from qleap.processing.program import Kind, Program

if TYPE_CHECKING:
    import os

    from qiskit import QuantumCircuit

    from qleap.processing.noise.model import NoiseModel
    from qleap.processing.paulis import PauliSum

__all__ = [
    "density_matrix",
    "expectations",
    "probabilities",
    "refusal",
    "sample",
    "seconds",
]

Bytes = NDArray[np.uint8]
Reals = NDArray[np.float64]

SECONDS_PER_NUMBER: Final = 3e-10
"""Of an operation on two qubits, on one core."""

BEGINNING: Final = 5
"""Operations on two qubits that filling the state and reading it are worth."""

SECONDS_PER_ROW: Final = 4e-6
"""Of a row of the program, for planning."""

SECONDS_PER_SHOT: Final = 2e-8
"""Of looking up an outcome."""

START: Final = 2.5e-4
"""Seconds of the shortest run."""


def density_matrix(
    circuit: "QuantumCircuit | str | os.PathLike[str]",
    noise: "NoiseModel | None" = None,
) -> NDArray[np.complex128]:
    """Return the density matrix at the end of a noisy circuit.

    Parameters
    ----------
    circuit : QuantumCircuit, str or path-like
        With all parameters bound; it may hold noise instructions. Measurements at its
        end are left out, earlier ones forget their outcome, and where a condition
        depends on one the result is the mean over the outcomes.
    noise : NoiseModel, optional
        Adds noise.

    Returns
    -------
    ndarray of complex128, shape (2**n, 2**n)
        In Qiskit's order: qubit 0 is the least significant bit of either index.

    Raises
    ------
    InvalidValue
        Where the memory does not hold the matrix, half as much again, or a condition
        depends on more measurements than can be followed.
    """
    program = _program(circuit, noise, extra_bytes=16)
    state = _mean(program, plan(program, unread=True))
    return pauli_basis.matrix(state, program.n_qubits)


def probabilities(
    circuit: "QuantumCircuit | str | os.PathLike[str]",
    noise: "NoiseModel | None" = None,
) -> Reals:
    """Return the probability of each basis state at the end of a noisy circuit.

    Parameters
    ----------
    circuit, noise
        As for `density_matrix`, of which this is the diagonal. Readout errors play no
        part.

    Returns
    -------
    ndarray of float64, shape (2**n,)
    """
    program = _program(circuit, noise)
    state = _mean(program, plan(program, unread=True))
    return _clipped(pauli_basis.probabilities(state, program.n_qubits))


def refusal(program: Program) -> str | None:
    """Return why a program cannot be run, in one sentence, or None."""
    found = plan(program)
    if found.refusal:
        return f"{found.refusal}; trajectories can run it."
    try:
        _check_memory(program, found)
    except InvalidValue as error:
        return str(error)
    return None


def seconds(program: Program, shots: int) -> float:
    """Return about how long a run takes, without shots one for exact values."""
    from qleap.core.jit import threads

    gates = program.operations[:, 1] + program.operations[:, 2] > 1
    gates &= program.operations[:, 0] < Kind.MEASURE
    steps = BEGINNING + np.count_nonzero(gates)
    work = SECONDS_PER_NUMBER * steps * 4.0**program.n_qubits
    paths = 2 ** len(plan(program).splits)
    rows = SECONDS_PER_ROW * len(program.operations)
    run = paths * (work / threads() + rows)
    return float(START + run + SECONDS_PER_SHOT * shots)


def sample(program: Program, shots: int, seed: int) -> Bytes:
    """Return the packed bits of every shot, shape (shots, n_bytes).

    They depend on the seed alone, not on the number of threads.
    """
    rng = np.random.default_rng(seed)

    def split(zero: float, one: float, amount: float) -> tuple[float, float]:
        ones = int(rng.binomial(int(amount), min(one / (zero + one), 1.0)))
        return int(amount) - ones, ones

    found = _ready(program, plan(program))
    parts = []
    for leaf in Branches(program, found, split).leaves(shots):
        own = seed if not leaf.bits else int(rng.integers(2**31))
        parts.append(_read(program, leaf, own))
    bits = np.concatenate(parts)
    return bits if len(parts) == 1 else bits[rng.permutation(shots)]


def expectations(
    program: Program,
    sums: "Sequence[PauliSum]",
    shots: int,  # noqa: ARG001  # exact
    seed: int,  # noqa: ARG001
) -> tuple[Reals, Reals]:
    """Return the values of Pauli sums at the end, and zeros for their errors.

    As in `density_matrix` measurements at the end are left out.
    """
    found = np.zeros(len(sums))
    for leaf in _paths(program, _ready(program, plan(program, unread=True))):
        found += [pauli_basis.values(leaf.state, one) for one in sums]
    return found, np.zeros(len(sums))


def _program(
    circuit: "QuantumCircuit | str | os.PathLike[str]",
    noise: "NoiseModel | None",
    extra_bytes: int = 0,
) -> Program:
    """Return the program on all qubits of a circuit."""
    from qleap.processing.circuits import as_circuit
    from qleap.processing.lowering import check_bound, compile_circuit

    loaded = as_circuit(circuit)
    check_bound(loaded)
    n_qubits = loaded.num_qubits
    check_memory(n_qubits, (8 + extra_bytes) * 2.0**n_qubits, "a density matrix")
    noisy = loaded if noise is None else noise.apply(loaded)
    return compile_circuit(noisy, noisy=True)


def _mean(program: Program, found: Plan) -> Reals:
    """Return the state at the end, on average over all outcomes."""
    _ready(program, found)
    total: Reals | None = None
    for leaf in _paths(program, found):
        if total is None:
            total = leaf.state
        else:
            total += leaf.state
    assert total is not None  # some path is taken
    return total


def _paths(program: Program, found: Plan) -> Iterator[Leaf]:
    def split(zero: float, one: float, amount: float) -> tuple[float, float]:
        return amount * (zero > 0.0), amount * (one > 0.0)

    return Branches(program, found, split).leaves(1.0)


def _ready(program: Program, found: Plan) -> Plan:
    """Refuse what cannot be run; otherwise return the plan."""
    if found.refusal:
        raise InvalidValue(f"a density matrix cannot follow this: {found.refusal}.")
    _check_memory(program, found)
    return found


def _check_memory(program: Program, found: Plan) -> None:
    size = bytes_per_number(program) + 8 * len(found.splits)
    check_memory(program.n_qubits, size * 2.0**program.n_qubits, "a density matrix")


def _read(program: Program, leaf: Leaf, seed: int) -> Bytes:
    """Return the bits of all shots that took one path."""
    from qleap.processing.bits import pack
    from qleap.processing.noise.misreading import misread

    left = replace(program, operations=program.operations[leaf.rows])
    weights = _clipped(pauli_basis.probabilities(leaf.state, program.n_qubits))
    bound = np.cumsum(weights)
    drawn = np.random.default_rng(seed).random(int(leaf.amount)) * bound[-1]
    outcomes = np.searchsorted(bound[:-1], drawn, side="right")
    bits = np.zeros((weights.size, program.n_clbits), np.uint8)
    bits[:, list(leaf.bits)] = list(leaf.bits.values())
    for clbit, qubit in left.measurements.items():
        bits[:, clbit] = np.arange(weights.size) >> qubit & 1
    return misread(pack(bits)[outcomes], left, seed)


def _clipped(weights: Reals) -> Reals:
    """Return probabilities without what rounding left below zero."""
    return np.maximum(weights, 0.0)
