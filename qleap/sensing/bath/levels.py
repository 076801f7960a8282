"""The two levels of the central spin between which coherence is kept."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.spins.operators import spin_operators

__all__ = ["CentralLevels", "central_levels"]


@dataclass(frozen=True, eq=False)
class CentralLevels:
    r"""What the bath feels of a central spin in either of its levels.

    In level a, the bath sees
    :math:`\sum_k \langle S\rangle_a A_k I_k + \sum_{kl} (A_k I_k) K_a (A_l I_l)`.

    Parameters
    ----------
    spin : array_like, shape (2, 3)
        Expectation values of S in level 0 and in level 1.
    virtual : array_like, shape (2, 3, 3), 1/Hz, optional
        K, Hermitian, from virtual flips into all other levels; zero by default.
    """

    spin: NDArray[np.float64]
    virtual: NDArray[np.complex128] | None = None

    def __post_init__(self) -> None:
        spin = np.asarray(self.spin, dtype=np.float64)
        if spin.shape != (2, 3) or not np.all(np.isfinite(spin)):
            raise InvalidValue(
                f"spin must be finite and have the shape (2, 3), got the shape "
                f"{spin.shape}."
            )
        object.__setattr__(self, "spin", spin)
        if self.virtual is not None:
            virtual = np.asarray(self.virtual, dtype=np.complex128)
            if virtual.shape != (2, 3, 3):
                raise InvalidValue(
                    f"virtual must have the shape (2, 3, 3), got {virtual.shape}."
                )
            object.__setattr__(self, "virtual", virtual)

    @classmethod
    def along_z(cls, zero: float, one: float) -> "CentralLevels":
        """Return the levels with the projections ``zero`` and ``one`` on z."""
        checks.finite("zero", zero)
        checks.finite("one", one)
        return cls(np.array([[0.0, 0.0, zero], [0.0, 0.0, one]]))


def central_levels(
    hamiltonian: ArrayLike, zero: int, one: int, *, virtual: bool = True
) -> CentralLevels:
    r"""Return the levels of a central spin from its own Hamiltonian.

    .. math::
        K_a = \sum_{i \neq a}
              \frac{\langle a|S|i\rangle \otimes \langle i|S|a\rangle}{E_a - E_i}

    the second order of the hyperfine coupling, through which bath spins also couple
    to each other (``second_order`` in PyCCE).

    Parameters
    ----------
    hamiltonian : array_like, shape (2 S + 1, 2 S + 1), Hz
        Of the spin alone, in the basis m = S, ..., -S.
    zero, one : int
        Numbers of the basis states that are most of level 0 and of level 1.
    virtual : bool
        Whether to include K.

    Raises
    ------
    InvalidValue
        Where both are most of one eigenstate, or none holds half of one.
    """
    h = np.asarray(hamiltonian, dtype=np.complex128)
    if h.ndim != 2 or h.shape[0] != h.shape[1] or not np.allclose(h, h.conj().T):
        raise InvalidValue(f"hamiltonian must be Hermitian, got the shape {h.shape}.")
    operators = spin_operators(0.5 * (len(h) - 1))
    energies, states = np.linalg.eigh(h)
    chosen = []
    for name, number in (("zero", zero), ("one", one)):
        checks.count(name, number, low=0, high=len(h) - 1)
        weight = np.abs(states[number]) ** 2
        chosen.append(int(np.argmax(weight)))
        if weight.max() < 0.5 or len(set(chosen)) < len(chosen):
            raise InvalidValue(
                f"{name} must be a basis state that holds more than half of one level, "
                f"got {number} with {weight.max():.2f}; turn the frame so that z is "
                "the axis of the central spin."
            )
    elements = np.einsum("ia,sij,jb->sab", states.conj(), operators, states)
    spin = np.array([elements[:, a, a].real for a in chosen])
    if not virtual:
        return CentralLevels(spin)
    second = np.zeros((2, 3, 3), dtype=np.complex128)
    for level, a in enumerate(chosen):
        others = np.arange(len(h)) != a
        away = elements[:, a, others]
        apart = energies[a] - energies[others]
        if np.any(np.abs(apart) <= 1e-12 * np.ptp(energies)):
            raise InvalidValue(
                "hamiltonian must have no other level at the energy of the two for "
                "virtual flips; move the field or pass virtual=False."
            )
        second[level] = (away / apart) @ away.conj().T
    return CentralLevels(spin, second)
