"""One spin, and the coupling of two."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import BOHR_MAGNETON, PLANCK, VACUUM_PERMEABILITY
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing.spins.isotopes import isotope

__all__ = ["Coupling", "Spin", "dipolar_tensor", "rotation_matrix"]


def _tensor(name: str, value: Any, unit: str) -> NDArray[np.float64]:
    """Return a number, three principal values or a matrix as a 3 x 3 matrix."""
    try:
        given = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidKind(
            f"{name} must be made of real numbers, {unit}, got {value!r:.80}; for "
            "example one number, or three principal values."
        ) from error
    if given.shape not in ((), (3,), (3, 3)) or not np.all(np.isfinite(given)):
        raise InvalidValue(
            f"{name} must be a finite number, three principal values or a matrix of "
            f"the shape (3, 3), {unit}, got {value!r:.80}."
        )
    matrix = given if given.ndim == 2 else np.eye(3) * given
    matrix.flags.writeable = False
    return matrix


def rotation_matrix(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return a proper rotation as a 3 x 3 matrix, or refuse it by ``name``."""
    given = np.asarray(value, dtype=np.float64)
    proper = given.shape == (3, 3) and np.allclose(given @ given.T, np.eye(3))
    if not proper or np.linalg.det(given) < 0.0:
        raise InvalidValue(
            f"{name} must be a rotation matrix of the shape (3, 3), got "
            f"{np.array2string(given, precision=3, separator=', '):.120}; build one "
            "with scipy.spatial.transform.Rotation."
        )
    return given


@dataclass(frozen=True, kw_only=True, eq=False)
class Spin:
    r"""A spin with its own terms of the Hamiltonian.

    .. math:: H/h = B \cdot Z \cdot S + S \cdot Q \cdot S

    Parameters
    ----------
    name : str
    spin : float
        1/2, 1, 3/2, ...
    zeeman : float or array_like, shape (3,) or (3, 3), Hz/T
        Z: :math:`g \mu_B / h` of an electron, minus the gyromagnetic ratio of a
        nucleus (`Spin.electron`, `Spin.nucleus`).
    quadratic : float or array_like, shape (3,) or (3, 3), Hz
        Q, symmetric: zero-field splitting or quadrupole tensor.
    """

    name: str
    spin: float
    zeeman: Any
    quadratic: Any = 0.0

    def __post_init__(self) -> None:
        checks.count("2 * spin", 2.0 * self.spin)
        object.__setattr__(self, "zeeman", _tensor("zeeman", self.zeeman, "Hz/T"))
        quadratic = _tensor("quadratic", self.quadratic, "Hz")
        dust = 1e-12 * float(np.abs(quadratic).max())  # of a rotation and back
        if np.any(np.abs(quadratic - quadratic.T) > 1e-9 * np.abs(quadratic) + dust):
            raise InvalidValue(
                f"quadratic must be a symmetric tensor, Hz, got {quadratic.tolist()}; "
                "half the sum with its transpose has the same energies."
            )
        even = 0.5 * (quadratic + quadratic.T)
        even.flags.writeable = False
        object.__setattr__(self, "quadratic", even)

    @classmethod
    def electron(
        cls,
        name: str = "electron",
        *,
        spin: float = 0.5,
        g: ArrayLike = 2.002319304,
        axial: float = 0.0,
        rhombic: float = 0.0,
    ) -> "Spin":
        """Return an electron spin.

        Parameters
        ----------
        name : str
        spin : float
        g : float or array_like, shape (3,) or (3, 3)
        axial, rhombic : float
            D and E of D (S_z^2 - S(S+1)/3) + E (S_x^2 - S_y^2), Hz.
        """
        zeeman = _tensor("g", g, "1") * (BOHR_MAGNETON / PLANCK)
        principal = [rhombic - axial / 3.0, -rhombic - axial / 3.0, 2.0 * axial / 3.0]
        return cls(name=name, spin=spin, zeeman=zeeman, quadratic=principal)

    @classmethod
    def nucleus(
        cls, kind: str, *, name: str | None = None, quadrupole: ArrayLike = 0.0
    ) -> "Spin":
        """Return a nuclear spin of the isotope ``kind``, such as ``"13C"``.

        ``quadrupole`` is Q of I . Q . I, Hz (number, principal values or matrix).
        """
        found = isotope(kind)
        return cls(
            name=kind if name is None else name,
            spin=found.spin,
            zeeman=-found.gyromagnetic_ratio,
            quadratic=quadrupole,
        )

    @property
    def multiplicity(self) -> int:
        """Number of levels, 2 S + 1."""
        return round(2.0 * self.spin) + 1

    def turned(self, rotation: ArrayLike) -> "Spin":
        """Return the same spin seen from another frame, see `SpinSystem.turned`."""
        turn = rotation_matrix("rotation", rotation)
        return replace(
            self,
            zeeman=turn.T @ self.zeeman @ turn,
            quadratic=turn.T @ self.quadratic @ turn,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Coupling:
    r"""Bilinear coupling :math:`H/h = S_1 \cdot A \cdot S_2`.

    Parameters
    ----------
    between : tuple of str
        Names of two different spins, in the order of A; what a spin has with itself
        is its ``quadratic`` term.
    tensor : float or array_like, shape (3,) or (3, 3), Hz
        A: a number (contact), principal values, or a matrix.
    """

    between: tuple[str, str]
    tensor: Any = field()

    def __post_init__(self) -> None:
        given: Any = self.between
        pair = () if isinstance(given, str) else tuple(given)
        if len(pair) != 2 or pair[0] == pair[1]:
            raise InvalidValue(
                f"between must name two different spins, got {self.between!r}; terms "
                "of one spin are its Spin.quadratic."
            )
        object.__setattr__(self, "between", pair)
        object.__setattr__(self, "tensor", _tensor("tensor", self.tensor, "Hz"))

    def turned(self, rotation: ArrayLike) -> "Coupling":
        """Return the same coupling seen from another frame."""
        turn = rotation_matrix("rotation", rotation)
        return replace(self, tensor=turn.T @ self.tensor @ turn)


def dipolar_tensor(
    zeeman_1: ArrayLike, zeeman_2: ArrayLike, separation: ArrayLike
) -> NDArray[np.float64]:
    r"""Return the tensors of magnetic dipoles at distances, Hz.

    .. math:: A = \frac{\mu_0 h}{4 \pi r^3} Z_1^T (1 - 3 n n^T) Z_2

    Parameters
    ----------
    zeeman_1, zeeman_2 : float or array_like, shape (3, 3), Hz/T
        Zeeman tensors Z of the spins, :math:`H/h = B \cdot Z \cdot S`.
    separation : array_like, shape (..., 3), m

    Returns
    -------
    ndarray, shape (..., 3, 3)
    """
    away = np.asarray(separation, dtype=np.float64)
    distance = np.linalg.norm(away, axis=-1)
    if np.any(distance == 0.0):
        raise InvalidValue("separation must not be zero: two spins at one place, m.")
    unit = away / distance[..., None]
    shape = np.eye(3) - 3.0 * unit[..., :, None] * unit[..., None, :]
    size = VACUUM_PERMEABILITY * PLANCK / (4.0 * np.pi * distance**3)
    first = _tensor("zeeman_1", zeeman_1, "Hz/T")
    second = _tensor("zeeman_2", zeeman_2, "Hz/T")
    return np.asarray(size[..., None, None] * (first.T @ shape @ second))
