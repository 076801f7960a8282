"""Any number of coupled spins in a magnetic field."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.spins.operators import embedded, spin_operators
from qleap.sensing.spins.spin import Coupling, Spin

__all__ = ["SpinSystem"]

Matrix = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, eq=False)
class SpinSystem:
    r"""Spins with their own terms and their couplings.

    .. math::
        H/h = \sum_k (B \cdot Z_k \cdot S_k + S_k \cdot Q_k \cdot S_k)
              + \sum_{k<l} S_k \cdot A_{kl} \cdot S_l

    Parameters
    ----------
    spins : sequence of Spin
        In the order of the Kronecker product; names must differ.
    couplings : sequence of Coupling
    """

    spins: tuple[Spin, ...]
    couplings: tuple[Coupling, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "spins", tuple(self.spins))
        object.__setattr__(self, "couplings", tuple(self.couplings))
        names = self.names
        if not names or len(set(names)) < len(names):
            raise InvalidValue(
                f"spins must have different names, got {list(names)}; give each "
                "Spin a name."
            )
        for coupling in self.couplings:
            for name in coupling.between:
                checks.one_of("between", name, names)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the spins in order."""
        return tuple(spin.name for spin in self.spins)

    @property
    def dimensions(self) -> tuple[int, ...]:
        """Number of levels of each spin."""
        return tuple(spin.multiplicity for spin in self.spins)

    @property
    def dimension(self) -> int:
        """Number of levels of the whole."""
        return int(np.prod(self.dimensions))

    def with_spin(self, spin: Spin, *couplings: Coupling) -> "SpinSystem":
        """Return the system with one more spin at the end, and its couplings."""
        return replace(
            self, spins=(*self.spins, spin), couplings=(*self.couplings, *couplings)
        )

    def operators(self, name: str) -> Matrix:
        """Return S_x, S_y, S_z of one spin in the whole space, ``(3, d, d)``."""
        place = self.names.index(checks.one_of("name", name, self.names))
        own = spin_operators(self.spins[place].spin)
        return embedded(own, place, self.dimensions)

    def field_operators(self) -> Matrix:
        """Return dH/dB_x, dH/dB_y, dH/dB_z, Hz/T, shape ``(3, d, d)``."""
        terms = (
            np.einsum("ab,bij->aij", spin.zeeman, self.operators(spin.name))
            for spin in self.spins
        )
        return np.asarray(sum(terms))

    def static_hamiltonian(self) -> Matrix:
        """Return the Hamiltonian without a field, shape ``(d, d)``, Hz."""
        every = {name: self.operators(name) for name in self.names}
        total = np.zeros((self.dimension, self.dimension), dtype=np.complex128)
        for spin in self.spins:
            own = every[spin.name]
            total += np.einsum("ab,aij,bjk->ik", spin.quadratic, own, own)
        for coupling in self.couplings:
            first, second = (every[name] for name in coupling.between)
            total += np.einsum("ab,aij,bjk->ik", coupling.tensor, first, second)
        return total

    def hamiltonian(self, field: ArrayLike) -> Matrix:
        """Return the matrices at ``field`` ``(..., 3)``, T, as ``(..., d, d)``, Hz."""
        at = checks.vectors("field", field, "T")
        moving = np.einsum("...a,aij->...ij", at, self.field_operators())
        return np.asarray(self.static_hamiltonian() + moving)

    def energies(self, field: ArrayLike) -> NDArray[np.float64]:
        """Return the ascending energies at ``field`` ``(..., 3)``, T, in Hz."""
        return np.asarray(np.linalg.eigvalsh(self.hamiltonian(field)))

    def to_qutip(self, field: ArrayLike) -> Any:
        """Return the Hamiltonian at one field as a Qobj, in Hz.

        Multiply by 2 pi for QuTiP's solvers.
        """
        import qutip

        at = checks.vector("field", field, "T", min_size=3)
        spins = list(self.dimensions)
        return qutip.Qobj(self.hamiltonian(at), dims=[spins, spins])
