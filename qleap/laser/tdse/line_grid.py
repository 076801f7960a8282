"""Points on a line, and what an electron can see of a potential there.

Lengths are bohr, energies hartree and times atomic units here.
"""

import math
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.tdse.potentials import soft_core

__all__ = ["Line", "LinePotential", "line_potential", "sampled"]

Floats = NDArray[np.float64]

PIECES: Final = 8
"""Into how many pieces of equal length the kernels cut a line."""

MOST_POINTS: Final = 2**22


@runtime_checkable
class LinePotential(Protocol):
    """What an electron on a line feels, in atomic units.

    `qleap.laser.tdse.SoftCore` is one; any object with these methods is.
    """

    def values_au(self, x: ArrayLike, /) -> Floats:
        """Return the potential at ``x`` (bohr), hartree."""
        ...

    def gradient_au(self, x: ArrayLike, /) -> Floats:
        """Return its slope at ``x`` (bohr), hartree/bohr."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """Even points about zero.

    Parameters
    ----------
    n_points : int
        A multiple of eight.
    spacing : float
        bohr.
    """

    n_points: int
    spacing: float

    @property
    def x(self) -> Floats:
        """Positions, bohr; none is zero."""
        return np.asarray(self.first + self.spacing * np.arange(self.n_points))

    @property
    def first(self) -> float:
        """The lowest position, bohr."""
        return -0.5 * self.spacing * (self.n_points - 1)


def line_of(half_width: float, spacing: float, *, least: int, radix_2: bool) -> Line:
    """Return points that reach at least to ``half_width``.

    ``least`` is the fewest points of a piece; with ``radix_2`` the number of points is
    a power of two.
    """
    pieces = max(math.ceil(2.0 * half_width / spacing / PIECES), least)
    if radix_2:
        pieces = 1 << (pieces - 1).bit_length()
    if PIECES * pieces > MOST_POINTS:
        raise InvalidValue(
            f"the line must have <= {MOST_POINTS} points, but "
            f"{2.0 * half_width:.4g} bohr in steps of {spacing:.4g} bohr take "
            f"{PIECES * pieces}; give a smaller half_width or a larger spacing."
        )
    return Line(PIECES * pieces, spacing)


def line_potential(target: LinePotential | Atom | str) -> LinePotential:
    """Return the potential meant: an atom means its soft core."""
    if isinstance(target, Atom | str):
        return soft_core(target)
    if not isinstance(target, LinePotential):
        raise InvalidKind(
            "target must be an atom, its name, or a potential with the methods "
            f"values_au and gradient_au, got {target!r:.60}."
        )
    return target


def sampled(potential: LinePotential, x: Floats) -> tuple[Floats, Floats]:
    """Return the potential at points and its slope, finite."""
    found = []
    for name in ("values_au", "gradient_au"):
        values = np.asarray(getattr(potential, name)(x), np.float64)
        if values.shape != x.shape:
            raise InvalidValue(
                f"target must give one number at each point, but {name} of "
                f"{potential!r:.60} gives {values.shape} for {x.size} points; "
                "use functions of NumPy, which work on arrays."
            )
        if not np.isfinite(values).all():
            raise InvalidValue(
                f"target must be finite on the line, but {potential!r:.60} is not; "
                "soften its singularity."
            )
        found.append(values)
    return found[0], found[1]
