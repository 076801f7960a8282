"""Clifford circuits with Pauli noise, by the simulator stim (extra clifford).

Gottesman, arXiv:quant-ph/9807006; Gidney, Quantum 5, 497 (2021). A gate is a Clifford
gate where it takes every Pauli string to a Pauli string, so its transfer matrix has one
entry a row. Samples come from stim. Expectation values need no simulation: each string
is followed back to the beginning, where it is worth 1 or 0, and every channel on its
way shrinks it by a factor.
"""

import importlib.util
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.extras import require
from qleap.processing.bits import n_bytes, pack
from qleap.processing.noise.misreading import misread
from qleap.processing.noise.transfers import (
    Transfer,
    conjugated,
    n_entries,
    transfers,
)
from qleap.processing.program import Kind, Program

if TYPE_CHECKING:
    from qleap.processing.noise.channels import Channel
    from qleap.processing.paulis import PauliSum

__all__ = ["expectations", "refusal", "sample", "seconds", "to_stim"]

Bytes = NDArray[np.uint8]
Reals = NDArray[np.float64]

Template = list[tuple[str, list[tuple[str, int]] | None]]
"""Instructions of stim and, for each, prefix and number of its wires (None: all)."""

LETTERS: Final = "IXYZ"

ROUNDING: Final = 1e-12
"""How far the entries of a Clifford gate may be from 0, 1 and -1."""

START: Final = 1.6e-4
"""Seconds of the shortest run."""

STEP: Final = 1.5e-6
"""Seconds to translate an operation."""

FOLLOWING: Final = 1.5e-5
"""Seconds to follow Pauli strings back through an operation."""

READING: Final = 2e-10
"""Seconds to sample a bit of a shot, for each operation on a qubit."""


def refusal(program: Program) -> str | None:
    """Return why the program is no Clifford circuit with Pauli noise, or None."""
    if np.any(program.operations[:, 0] == Kind.BRANCH):
        return "Clifford simulation has no control flow; use 'trajectories'."
    for channel in program.channels:
        if channel.pauli is None:
            return (
                f"{channel.name} is no mixture of Pauli strings; NoiseModel.twirled() "
                "makes it one, or use 'trajectories'."
            )
    for number in _different(program)[0]:
        kind, n_targets, n_controls = program.operations[number, :3].tolist()
        if kind >= Kind.MEASURE or not n_targets + n_controls:
            continue
        transfer = _transfer(program, number)
        if transfer is None or _clifford(transfer) is None:
            names: dict[int, str] = {
                Kind.ONE_QUBIT: "a rotation",
                Kind.DIAGONAL: "a phase",
            }
            wires = program.qubits[number]
            return (
                f"operation {number} ({names.get(kind, 'a gate')} on qubits {wires}) "
                "is no Clifford gate; use 'density_matrix' or 'trajectories'."
            )
    if importlib.util.find_spec("stim") is None:
        return "stim is not installed; pip install 'qleap[clifford]' adds it."
    if _is_misread_between(program):
        return "readout errors can be at the end alone here; use 'trajectories'."
    return None


def seconds(program: Program, shots: int) -> float:
    """Return about how long `sample` takes, without shots `expectations`."""
    steps = len(program.operations)
    if not shots:
        return START + steps * FOLLOWING
    return START + steps * STEP + READING * steps * shots


def sample(program: Program, shots: int, seed: int) -> Bytes:
    """Return the packed bits of every shot, readout errors included.

    The same seed gives the same bits on one kind of machine; stim promises no more.
    """
    circuit, clbits = to_stim(program)
    read = circuit.compile_sampler(seed=seed).sample(shots, bit_packed=True)
    last = {clbit: k for k, clbit in enumerate(clbits)}
    if list(last.items()) == [(k, k) for k in range(program.n_clbits)]:
        return misread(read[:, ::-1], program, seed)
    bits = np.zeros((shots, program.n_clbits), np.uint8)
    for clbit, k in last.items():
        bits[:, clbit] = read[:, k >> 3] >> (k & 7) & 1
    packed = pack(bits) if program.n_clbits else np.zeros((shots, n_bytes(0)), np.uint8)
    return misread(packed, program, seed)


def expectations(
    program: Program,
    sums: "Sequence[PauliSum]",
    shots: int,  # noqa: ARG001
    seed: int,  # noqa: ARG001
) -> tuple[Reals, Reals]:
    """Return the values of Pauli sums, exact, and zeros as their standard errors.

    Parameters
    ----------
    program : Program
        Measurements and resets in it act, their outcomes are not looked at.
    sums : sequence of PauliSum
        On as many qubits.
    shots, seed : int
        Not needed.
    """
    masks = [
        (int(x), int(z)) for one in sums for x, z in zip(one.x, one.z, strict=True)
    ]
    values = _string_values(program, masks)
    begins = np.cumsum([0, *(len(one.x) for one in sums)])
    found = [
        float(np.real(one.coefficients) @ values[begin : begin + len(one.x)])
        for one, begin in zip(sums, begins.tolist(), strict=False)
    ]
    return np.array(found), np.zeros(len(sums))


def to_stim(program: Program) -> tuple[Any, list[int]]:
    """Return the program as a `stim.Circuit`, and the classical bit of each reading."""
    stim = require("stim", "clifford")
    clbits = program.operations[program.operations[:, 0] == Kind.MEASURE, 6].tolist()
    different, which = _different(program)
    templates = [_lines(program, row) for row in different]
    wires = program.wires.tolist()
    columns = program.operations[:, [1, 2, 3]].tolist()
    lines = []
    for number, (n_targets, n_controls, first) in zip(
        which.tolist(), columns, strict=True
    ):
        for name, targets in templates[number]:
            here = wires[first : first + n_targets + n_controls]
            words = [f"{prefix}{here[k]}" for prefix, k in targets or ()] or map(
                str, here
            )
            lines.append(f"{name} {' '.join(words)}")
    return stim.Circuit("\n".join(lines)), clbits


def _lines(program: Program, row: int) -> Template:
    """Return stim's instructions for an operation."""
    kind, number = program.operations[row, [0, 4]].tolist()
    if kind == Kind.MEASURE:
        return [("M", None)]
    if kind == Kind.RESET:
        return [("R", None)]
    if kind == Kind.CHANNEL:
        return _noise(program.channels[number])
    transfer = None if kind == Kind.READOUT else _transfer(program, row)
    if transfer is None:
        return []
    return _template(transfer.matrix.tobytes(), transfer.matrix.shape[0])


def _different(program: Program) -> tuple[list[int], NDArray[np.int64]]:
    """Return one row of each different operation, and which of these each row is.

    Gates are different where their entries are.
    """
    operations = program.operations
    keys = np.zeros((len(operations), 5 + 32))
    keys[:, :5] = operations[:, [0, 1, 2, 4, 4]]
    kinds = operations[:, 0]
    for kind, n_targets in np.unique(
        operations[kinds < Kind.MEASURE, :2], axis=0
    ).tolist():
        rows = np.flatnonzero((kinds == kind) & (operations[:, 1] == n_targets))
        size = n_entries(kind, n_targets)
        if size > 32:  # of which there are few: each counts as different
            keys[rows, 4] = rows
            continue
        places = operations[rows, 5][:, None] + np.arange(size)
        keys[rows, 5 : 5 + size] = program.coefficients[places]
    numbers: dict[bytes, int] = {}
    which = [numbers.setdefault(row.tobytes(), len(numbers)) for row in keys]
    first = np.unique(which, return_index=True)[1]
    return first.tolist(), np.array(which, np.int64)


def _transfer(program: Program, row: int) -> Transfer | None:
    """Return what one operation does; None for a wide one and for a global phase."""
    if not program.qubits[row]:
        return None
    steps = list(transfers(program, [row]))
    if steps[0][1] is None:
        return None
    found = steps[0][1]
    return Transfer(found) if isinstance(found, np.ndarray) else found


def _rows(program: Program) -> list[int]:
    """Return the operations on qubits, in order."""
    operations = program.operations
    used = (operations[:, 1] + operations[:, 2] > 0) & (
        operations[:, 0] != Kind.READOUT
    )
    found: list[int] = np.flatnonzero(used).tolist()
    return found


def _steps(
    program: Program, rows: Sequence[int]
) -> Iterator[tuple[list[int], Transfer | None]]:
    for qubits, found in transfers(program, rows):
        yield qubits, Transfer(found) if isinstance(found, np.ndarray) else found


def _clifford(transfer: Transfer) -> tuple[NDArray[np.int64], Reals] | None:
    """Return source and sign of each string where the operation is a Clifford gate."""
    whole = np.round(transfer.matrix)
    if np.abs(whole - transfer.matrix).max() > ROUNDING:
        return None
    monomial = Transfer(whole).monomial
    if monomial is None or not np.abs(monomial[1]).all():
        return None
    return monomial


def _is_misread_between(program: Program) -> bool:
    """Tell whether a bit is measured again after its readout error."""
    misread_bits: set[int] = set()
    for row in program.operations.tolist():
        if row[0] == Kind.READOUT:
            misread_bits.update(program.wires[row[3] : row[3] + row[1]].tolist())
        elif row[0] == Kind.MEASURE and row[6] in misread_bits:
            return True
    return False


def _noise(channel: "Channel") -> Template:
    """Return a Pauli channel as instructions of stim."""
    weights: Any = channel.pauli
    if channel.n_qubits > 2:
        return _correlated(channel)
    # Stim's arguments name the first qubit's letter first, ours counts least.
    letters = range(1, weights.size)
    order = [k if weights.size == 4 else (k & 3) << 2 | k >> 2 for k in letters]
    values = ", ".join(repr(float(weights[k])) for k in order)
    return [(f"PAULI_CHANNEL_{channel.n_qubits}({values})", None)]


def _correlated(channel: "Channel") -> Template:
    """Return a channel on many qubits: the first string that is drawn acts alone."""
    weights: Any = channel.pauli
    found: Template = []
    left = 1.0
    for number in (np.flatnonzero(weights[1:]) + 1).tolist():
        chance = min(float(weights[number]) / left, 1.0)
        left = max(left - float(weights[number]), 1e-300)
        letters = [(LETTERS[number >> 2 * k & 3], k) for k in range(channel.n_qubits)]
        hits = [(letter, k) for letter, k in letters if letter != "I"]
        name = "ELSE_CORRELATED_ERROR" if found else "CORRELATED_ERROR"
        found.append((f"{name}({chance!r})", hits))
    return found


@cache
def _template(table: bytes, size: int) -> Template:
    """Return the stim gates that a Clifford gate consists of."""
    stim = require("stim", "clifford")
    found = _clifford(Transfer(np.frombuffer(table).reshape(size, size)))
    if found is None:
        raise ValueError("no Clifford gate")  # refusal() has looked
    source, sign = found
    n_qubits = (size.bit_length() - 1) // 2
    name = _names().get((source.tobytes(), sign.tobytes()))
    if name is not None:
        return [(name, None)]
    images = [
        _stim_string(source, sign, letter << 2 * k, n_qubits)
        for letter in (1, 3)
        for k in range(n_qubits)
    ]
    tableau = stim.Tableau.from_conjugated_generators(
        xs=images[:n_qubits], zs=images[n_qubits:]
    )
    return [
        (step.name, [("", target.value) for target in group])
        for step in tableau.to_circuit("elimination")
        for group in step.target_groups()
    ]


def _stim_string(
    source: NDArray[np.int64], sign: Reals, number: int, n_qubits: int
) -> Any:
    """Return the image of a string under the gate: the row that comes from it."""
    stim = require("stim", "clifford")
    image = int(np.flatnonzero(source == number)[0])
    letters = "".join("_XYZ"[image >> 2 * k & 3] for k in range(n_qubits))
    return stim.PauliString(("-" if sign[image] < 0 else "+") + letters)


@cache
def _names() -> dict[tuple[bytes, bytes], str]:
    """Return stim's unitary gates by what they do."""
    stim = require("stim", "clifford")
    found: dict[tuple[bytes, bytes], str] = {}
    for name, gate in stim.gate_data().items():
        if not gate.is_unitary or gate.unitary_matrix is None:
            continue
        matrix = np.asarray(gate.unitary_matrix, np.complex128)
        monomial = _clifford(Transfer(conjugated(matrix[None])[0]))
        if monomial is not None:
            found.setdefault((monomial[0].tobytes(), monomial[1].tobytes()), name)
    return found


def _string_values(program: Program, masks: Sequence[tuple[int, int]]) -> Reals:
    """Return the expectation value of each Pauli string at the end of the program."""
    n, count = program.n_qubits, len(masks)
    letters = np.zeros((n, count), np.int64)  # X is 1, Y 2, Z 3
    for k, (x, z) in enumerate(masks):
        for qubit in range(n):
            a, b = x >> qubit & 1, z >> qubit & 1
            letters[qubit, k] = 2 * b + (a ^ b)
    values = np.ones(count)
    rows = _rows(program)
    for qubits, transfer in reversed(list(_steps(program, rows))):
        if transfer is None:
            raise ValueError("no Clifford gate")  # refusal() has looked
        source, factors = _followed(transfer)
        number = np.zeros(count, np.int64)
        for k, qubit in enumerate(qubits):
            number |= letters[qubit] << 2 * k
        values *= factors[number]
        back = source[number]
        for k, qubit in enumerate(qubits):
            letters[qubit] = back >> 2 * k & 3
    ends = np.isin(letters, (0, 3)).all(axis=0)
    return np.where(ends, values, 0.0)


def _followed(transfer: Transfer) -> tuple[NDArray[np.int64], Reals]:
    """Return source and factor of each string, without rounding for Clifford gates."""
    found = _clifford(transfer) or transfer.monomial
    if found is None:
        raise ValueError("strings become sums")  # refusal() has looked
    return found
