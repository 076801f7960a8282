"""What each standard gate is in a flat program.

A gate without angles points at its entries in `CONSTANTS`, with which every table of
coefficients begins. A gate with angles has a *recipe*: a code that tells the kernel
`fill_coefficients` which entries to compute from which angles. So nothing is computed
gate by gate in Python, and other angles need no other rows.
"""

import math
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONSTANTS", "FREQUENCIES", "STANDARD", "Kind", "Recipe", "Standard", "size"]


class Kind(IntEnum):
    """What an operation does."""

    ONE_QUBIT = 0
    MATRIX = 1
    DIAGONAL = 2
    EXCHANGE = 3
    """X of one target or SWAP of two."""
    MEASURE = 4
    RESET = 5
    BRANCH = 6
    """Jump: ``wires`` holds the classical bits, then a distance for each value."""
    CHANNEL = 7
    """Noise on the targets; the column of the control values numbers the channel."""
    READOUT = 8
    """Readout error of the classical bits in ``wires``; numbered likewise."""


class Recipe(IntEnum):
    """How coefficients follow from angles; the names are those of Qiskit's gates."""

    NONE = 0
    RX = 1
    RY = 2
    R = 3
    U = 4
    CU = 5
    PHASE = 6
    RZ = 7
    RZZ = 8
    RXX = 9
    RYY = 10
    RZX = 11
    XX_PLUS_YY = 12
    XX_MINUS_YY = 13


FREQUENCIES: Final[dict[Recipe, tuple[float, ...]]] = {
    Recipe.RX: (0.5,),
    Recipe.RY: (0.5,),
    Recipe.R: (0.5, 1.0),
    Recipe.U: (0.5, 1.0, 1.0),
    Recipe.CU: (0.5, 1.0, 1.0, 1.0),
    Recipe.PHASE: (1.0,),
    Recipe.RZ: (0.5,),
    Recipe.RZZ: (0.5,),
    Recipe.RXX: (0.5,),
    Recipe.RYY: (0.5,),
    Recipe.RZX: (0.5,),
    Recipe.XX_PLUS_YY: (0.5, 1.0),
    Recipe.XX_MINUS_YY: (0.5, 1.0),
}
"""How fast each angle turns the entries: they hold cos(f angle) and sin(f angle).

So the derivative of all entries is the difference quotient, without any error,
``f (entries(angle + h) - entries(angle - h)) / 2`` with ``h = pi / (2 f)``.
"""

_SIZES: Final = {
    Recipe.NONE: 0,
    Recipe.PHASE: 2,
    Recipe.RZ: 4,
    Recipe.RZZ: 8,
    Recipe.RXX: 32,
    Recipe.RYY: 32,
    Recipe.RZX: 32,
    Recipe.XX_PLUS_YY: 32,
    Recipe.XX_MINUS_YY: 32,
}


def size(code: Recipe) -> int:
    """Return how many floats a recipe fills."""
    return _SIZES.get(code, 8)


_HALF: Final = math.sqrt(0.5)
_MATRICES: Final[dict[str, object]] = {
    "h": [[_HALF, _HALF], [_HALF, -_HALF]],
    "y": [[0, -1j], [1j, 0]],
    "sx": [[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]],
    "sxdg": [[0.5 - 0.5j, 0.5 + 0.5j], [0.5 + 0.5j, 0.5 - 0.5j]],
    "z": [-1],
    "s": [1j],
    "sdg": [-1j],
    "t": [_HALF + 1j * _HALF],
    "tdg": [_HALF - 1j * _HALF],
    "iswap": [[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]],
    "dcx": [[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]],
    "ecr": [
        [0, _HALF, 0, 1j * _HALF],
        [_HALF, 0, -1j * _HALF, 0],
        [0, 1j * _HALF, 0, _HALF],
        [-1j * _HALF, 0, _HALF, 0],
    ],
}


def _constants() -> tuple[NDArray[np.float64], dict[str, int]]:
    """Return all entries, one gate after the other, and where each gate begins."""
    parts, places, place = [], {}, 0
    for name, matrix in _MATRICES.items():
        part = np.array(matrix, np.complex128).ravel().view(np.float64)
        parts.append(part)
        places[name] = place
        place += part.size
    table = np.concatenate(parts)
    table.flags.writeable = False
    return table, places


CONSTANTS, _PLACES = _constants()


class Standard(NamedTuple):
    """The row of a standard gate.

    Parameters
    ----------
    kind, n_targets, n_controls, state
        As in the columns of a program; in Qiskit the controls come first.
    code : int
        Recipe; `Recipe.NONE` where nothing is computed.
    size : int
        Floats that the recipe fills.
    place : int
        First entry in `CONSTANTS`, where it has no recipe.
    n_angles : int
        Parameters of Qiskit's gate.
    prefix : tuple of float
        Angles of the recipe before those of the gate.
    """

    kind: int
    n_targets: int
    n_controls: int
    state: int
    code: int = 0
    size: int = 0
    place: int = 0
    n_angles: int = 0
    prefix: tuple[float, ...] = ()


def _fixed(name: str, n_controls: int = 0) -> Standard:
    n_qubits = 2 if name in {"iswap", "dcx", "ecr"} else 1
    kind = Kind.ONE_QUBIT if n_qubits == 1 else Kind.MATRIX
    state = (1 << n_controls) - 1
    return Standard(kind, n_qubits, n_controls, state, place=_PLACES[name])


def _fixed_phase(name: str, n_controls: int) -> Standard:
    state = (1 << n_controls) - 1
    return Standard(Kind.DIAGONAL, 0, n_controls, state, place=_PLACES[name])


def _exchange(n_targets: int, n_controls: int) -> Standard:
    return Standard(Kind.EXCHANGE, n_targets, n_controls, (1 << n_controls) - 1)


def _turned(
    code: Recipe, n_controls: int = 0, prefix: tuple[float, ...] = ()
) -> Standard:
    if code in {Recipe.PHASE, Recipe.RZ, Recipe.RZZ}:
        kind = Kind.DIAGONAL
        n_targets = {Recipe.PHASE: 0, Recipe.RZ: 1, Recipe.RZZ: 2}[code]
    elif size(code) == 8:
        kind, n_targets = Kind.ONE_QUBIT, 1
    else:
        kind, n_targets = Kind.MATRIX, 2
    state = (1 << n_controls) - 1
    angles = len(FREQUENCIES[code]) - len(prefix)
    place, filled = 0, size(code)
    return Standard(
        kind, n_targets, n_controls, state, code, filled, place, angles, prefix
    )


STANDARD: Final[dict[str, Standard]] = {
    "x": _exchange(1, 0),
    "cx": _exchange(1, 1),
    "ccx": _exchange(1, 2),
    "mcx": _exchange(1, 3),
    "swap": _exchange(2, 0),
    "cswap": _exchange(2, 1),
    "h": _fixed("h"),
    "ch": _fixed("h", 1),
    "y": _fixed("y"),
    "cy": _fixed("y", 1),
    "sx": _fixed("sx"),
    "csx": _fixed("sx", 1),
    "c3sx": _fixed("sx", 3),
    "sxdg": _fixed("sxdg"),
    "iswap": _fixed("iswap"),
    "dcx": _fixed("dcx"),
    "ecr": _fixed("ecr"),
    "z": _fixed_phase("z", 1),
    "cz": _fixed_phase("z", 2),
    "ccz": _fixed_phase("z", 3),
    "s": _fixed_phase("s", 1),
    "cs": _fixed_phase("s", 2),
    "sdg": _fixed_phase("sdg", 1),
    "csdg": _fixed_phase("sdg", 2),
    "t": _fixed_phase("t", 1),
    "tdg": _fixed_phase("tdg", 1),
    "global_phase": _turned(Recipe.PHASE, 0),
    "p": _turned(Recipe.PHASE, 1),
    "u1": _turned(Recipe.PHASE, 1),
    "cp": _turned(Recipe.PHASE, 2),
    "cu1": _turned(Recipe.PHASE, 2),
    "rx": _turned(Recipe.RX),
    "crx": _turned(Recipe.RX, 1),
    "ry": _turned(Recipe.RY),
    "cry": _turned(Recipe.RY, 1),
    "rz": _turned(Recipe.RZ),
    "crz": _turned(Recipe.RZ, 1),
    "r": _turned(Recipe.R),
    "u": _turned(Recipe.U),
    "u3": _turned(Recipe.U),
    "u2": _turned(Recipe.U, 0, (math.pi / 2,)),
    "cu3": _turned(Recipe.U, 1),
    "cu": _turned(Recipe.CU, 1),
    "rzz": _turned(Recipe.RZZ),
    "rxx": _turned(Recipe.RXX),
    "ryy": _turned(Recipe.RYY),
    "rzx": _turned(Recipe.RZX),
    "xx_plus_yy": _turned(Recipe.XX_PLUS_YY),
    "xx_minus_yy": _turned(Recipe.XX_MINUS_YY),
}
"""By Qiskit's name, for the gates that are rows of their own."""
