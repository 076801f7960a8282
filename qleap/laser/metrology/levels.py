"""A few levels of an atom, as what light drives between them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue

__all__ = ["WIDEST", "Levels"]

Floats = NDArray[np.float64]

LARGEST_DIPOLE: Final = 1.6e-25
"""C m."""

WIDEST: Final = 1e-13
"""J, more than an electron's mass: energies above are in another unit."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Levels:
    """A few levels, dipoles between them, and how fast they decay.

    Parameters
    ----------
    energies : array_like, shape (n,)
        J; the first is the ground state.
    dipoles : array_like, shape (n, n)
        Matrix elements along the field, real and symmetric, C m.
    widths : array_like, shape (n,)
        Full widths of the levels (hbar over the lifetime), J; the ground state's is
        usually zero, the others' are above it.
    """

    energies: Floats
    dipoles: Floats
    widths: Floats

    def __post_init__(self) -> None:
        energies = checks.vector("energies", self.energies, "J", min_size=2)
        n = energies.size
        if not np.ptp(energies / WIDEST) <= 1.0:
            raise InvalidValue(
                f"energies must lie within {WIDEST:g} J, got {energies.min():.4g} to "
                f"{energies.max():.4g}; one electronvolt is 1.602e-19 J."
            )
        widths = checks.vector("widths", self.widths, "J")
        given = _matrix(self.dipoles, n)
        if widths.size != n or widths.min() < 0.0:
            least = f", the least {widths.min():.4g}" if widths.size else ""
            raise InvalidValue(
                f"widths must be {n} values >= 0 J, one for each level, got "
                f"{widths.size}{least}."
            )
        _check_size(given)
        for name, values in (
            ("energies", energies),
            ("dipoles", given),
            ("widths", widths),
        ):
            kept = np.array(values)
            kept.setflags(write=False)
            object.__setattr__(self, name, kept)

    def parameters(self) -> dict[str, object]:
        """Return plain values that tell these levels from any other."""
        return {
            "kind": "levels",
            "energies": self.energies.tolist(),
            "dipoles": self.dipoles.tolist(),
            "widths": self.widths.tolist(),
        }


def _matrix(dipoles: ArrayLike, n: int) -> Floats:
    """Return a real symmetric matrix of dipoles, C m, ``(n, n)``."""
    try:
        given = np.asarray(dipoles)
    except ValueError:  # rows of unequal lengths
        given = np.empty(0, object)
    if given.dtype.kind not in "iuf":
        raise InvalidKind(
            f"dipoles must be ({n}, {n}) real numbers in C m, got {dipoles!r:.60}; "
            "choose the phases of the levels so that they are real."
        )
    given = given.astype(np.float64)
    if given.shape != (n, n) or not np.all(np.isfinite(given)):
        raise InvalidValue(
            f"dipoles must be ({n}, {n}) finite numbers in C m, got the shape "
            f"{given.shape}."
        )
    if np.abs(given - given.T).max() > 1e-12 * np.abs(given).max():
        raise InvalidValue("dipoles must be symmetric; give both halves alike.")
    return given


def _check_size(dipoles: Floats) -> None:
    """Refuse dipoles of another unit, or none at all."""
    largest = float(np.abs(dipoles).max())
    if not 0.0 < largest <= LARGEST_DIPOLE:
        raise InvalidValue(
            f"dipoles must be above zero somewhere, and <= {LARGEST_DIPOLE:g} C m (a "
            f"micrometre times the elementary charge), got {largest:.4g} at most; one "
            "debye is 3.336e-30 C m, one atomic unit 8.478e-30."
        )
