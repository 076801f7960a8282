"""Any number of coupled spins in a magnetic field."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing.spins.operators import embedded, spin_operators
from qleap.sensing.spins.spin import Coupling, Spin

if TYPE_CHECKING:
    from qleap.sensing.spins.transitions import SpinTransitions

__all__ = ["SpinSystem"]

Floats = NDArray[np.float64]
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
        for name, kind in (("spins", Spin), ("couplings", Coupling)):
            given = getattr(self, name)
            parts = (given,) if isinstance(given, str | kind) else tuple(given)
            if isinstance(given, kind) or not all(isinstance(x, kind) for x in parts):
                raise InvalidKind(
                    f"{name} must be a sequence of {kind.__name__}, got {given!r:.60}; "
                    f"for example ({kind.__name__}(...),)."
                )
            object.__setattr__(self, name, parts)
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

    def turned(self, rotation: ArrayLike) -> "SpinSystem":
        """Return the same spins seen from another frame.

        Parameters
        ----------
        rotation : array_like, shape (3, 3)
            ``rotation @ vector`` are the components in the frame of this system of a
            vector that is given in the other, as from `axis_rotations`. Fields and
            spin operators of the result belong to the other frame.
        """
        return SpinSystem(
            spins=tuple(spin.turned(rotation) for spin in self.spins),
            couplings=tuple(pair.turned(rotation) for pair in self.couplings),
        )

    def operators(self, name: str) -> Matrix:
        """Return S_x, S_y, S_z of one spin in the whole space, ``(3, d, d)``."""
        return self._operators[checks.one_of("name", name, self.names)]

    def field_operators(self) -> Matrix:
        """Return dH/dB_x, dH/dB_y, dH/dB_z, Hz/T, shape ``(3, d, d)``."""
        return self._field

    def static_hamiltonian(self) -> Matrix:
        """Return the Hamiltonian without a field, shape ``(d, d)``, Hz."""
        return self._static

    def hamiltonian(self, field: ArrayLike) -> Matrix:
        """Return the matrices at ``field`` ``(..., 3)``, T, as ``(..., d, d)``, Hz."""
        at = checks.vectors("field", field, "T")
        return np.asarray(self._static + np.tensordot(at, self._field, axes=1))

    def energies(self, field: ArrayLike) -> Floats:
        """Return the ascending energies at ``field`` ``(..., 3)``, T, in Hz.

        The matrices of many fields are never stored: a compiled kernel makes and
        diagonalises a vector register of them at a time.
        """
        from qleap.sensing.spins.spectra import affine_energies

        at = checks.vectors("field", field, "T")
        return affine_energies(self._static, self._field, at)

    def eigenstates(self, field: ArrayLike) -> tuple[Floats, Matrix]:
        """Return energies ``(..., d)``, Hz, and eigenstates ``(..., d, d)``.

        The states are the columns; ``field`` is ``(..., 3)``, T.
        """
        from qleap.sensing.spins.spectra import affine_eigenstates

        at = checks.vectors("field", field, "T")
        return affine_eigenstates(self._static, self._field, at)

    def energy_gradients(self, field: ArrayLike) -> tuple[Floats, Floats]:
        """Return energies ``(..., d)``, Hz, and dE/dB ``(..., d, 3)``, Hz/T.

        Expectation values of dH/dB (Hellmann and Feynman): exact, but where levels
        cross they belong to some superposition of the two.
        """
        energies, states = self.eigenstates(field)
        means = np.einsum(
            "...in,aij,...jn->...na", states.conj(), self._field, states, optimize=True
        )
        return energies, np.ascontiguousarray(means.real)

    def transitions(
        self,
        field: ArrayLike,
        *,
        drive: ArrayLike | None = None,
        state: ArrayLike | None = None,
        temperature: float = 300.0,
    ) -> "SpinTransitions":
        """Return all transitions with their dipoles and the populations of levels.

        Parameters
        ----------
        field : array_like, shape (..., 3)
            Static field, T.
        drive : array_like, shape (3,), optional
            Direction of the oscillating field; by default strengths are averages
            over all directions.
        state : array_like, shape (d, d), optional
            Density operator in the basis of the system whose diagonal elements
            between eigenstates are the populations, such as that of optically
            polarised spins.
        temperature : float
            Of the Boltzmann populations without a ``state``, K.
        """
        from qleap.sensing.spins.transitions import spin_transitions

        at = checks.vectors("field", field, "T")
        return spin_transitions(
            self, at, drive=drive, state=state, temperature=temperature
        )

    def to_qutip(self, field: ArrayLike) -> Any:
        """Return the Hamiltonian at one field as a Qobj, in Hz.

        Multiply by 2 pi for QuTiP's solvers.
        """
        at = checks.triple("field", field, "T")
        return self.qobj(self.hamiltonian(at))

    def qobj(self, array: ArrayLike) -> Any:
        """Return an operator or state of this system as QuTiP's Qobj.

        A vector ``(d,)`` becomes a ket, a matrix ``(d, d)`` an operator, and a stack
        ``(n, d, d)``, such as `operators` or `field_operators`, a list of operators.
        """
        import qutip

        given, size = np.asarray(array), self.dimension
        spins = list(self.dimensions)
        if given.shape == (size,):
            return qutip.Qobj(given, dims=[spins, [1] * len(spins)])
        if given.ndim not in (2, 3) or given.shape[-2:] != (size, size):
            raise InvalidValue(
                f"array must have the shape ({size},), ({size}, {size}) or "
                f"(n, {size}, {size}), got {given.shape}."
            )
        if given.ndim == 3:
            return [qutip.Qobj(each, dims=[spins, spins]) for each in given]
        return qutip.Qobj(given, dims=[spins, spins])

    @cached_property
    def _operators(self) -> dict[str, Matrix]:
        every = {}
        for place, spin in enumerate(self.spins):
            own = embedded(spin_operators(spin.spin), place, self.dimensions)
            own.flags.writeable = False
            every[spin.name] = own
        return every

    @cached_property
    def _field(self) -> Matrix:
        terms = (
            np.tensordot(spin.zeeman, self._operators[spin.name], axes=1)
            for spin in self.spins
        )
        total = np.asarray(sum(terms))
        total.flags.writeable = False
        return total

    @cached_property
    def _static(self) -> Matrix:
        every = self._operators
        total = np.zeros((self.dimension, self.dimension), dtype=np.complex128)
        for spin in self.spins:
            total += _product(every[spin.name], spin.quadratic, every[spin.name])
        for coupling in self.couplings:
            first, second = (every[name] for name in coupling.between)
            total += _product(first, coupling.tensor, second)
        total.flags.writeable = False
        return total


def _product(first: Matrix, tensor: Floats, second: Matrix) -> Matrix:
    """Return the operator ``first . tensor . second``."""
    turned = np.tensordot(tensor, second, axes=1)
    return np.asarray((first @ turned).sum(axis=0))
