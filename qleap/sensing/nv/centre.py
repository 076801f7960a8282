"""The spin-1 ground state of the nitrogen-vacancy centre."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import BOHR_MAGNETON, PLANCK
from qleap.sensing.nv.axes import axis_rotations
from qleap.sensing.nv.nitrogen import Nitrogen
from qleap.sensing.nv.strain import Strain
from qleap.sensing.nv.temperature import ROOM_TEMPERATURE
from qleap.sensing.nv.temperature import zero_field_splitting as splitting_at
from qleap.sensing.spins.spin import Spin
from qleap.sensing.spins.system import SpinSystem

if TYPE_CHECKING:
    from qleap.sensing.nv.transitions import Transitions

__all__ = ["NVCentre"]

_MAGNETON: Final = BOHR_MAGNETON / PLANCK  # Hz/T


@dataclass(frozen=True, kw_only=True)
class NVCentre:
    r"""Ground-state Hamiltonian of NV-, the same for all four axes of a diamond.

    .. math::
        H/h = D (S_z^2 - 2/3) + H_\mathrm{strain}
              + \mu_B [g_\parallel B_z S_z + g_\perp (B_x S_x + B_y S_y)] / h
              + A_\parallel S_z I_z + A_\perp (S_x I_x + S_y I_y)
              + P (I_z^2 - I(I+1)/3) - \gamma_n B \cdot I

    Parameters
    ----------
    zero_field_splitting : float
        D, Hz; by default that of 296 K, see `at_temperature`.
    g_parallel, g_perpendicular : float
        2.0029(2) and 2.0031(2): Felton et al., Phys. Rev. B 79, 075203 (2009).
    strain : Strain
        In the frame of each axis.
    nitrogen : Nitrogen or None
        `NITROGEN_14`, `NITROGEN_15`, or None for the electron alone.
    """

    zero_field_splitting: float = field(
        default_factory=lambda: float(splitting_at(ROOM_TEMPERATURE))
    )
    g_parallel: float = 2.0029
    g_perpendicular: float = 2.0031
    strain: Strain = field(default_factory=Strain)
    nitrogen: Nitrogen | None = None

    def __post_init__(self) -> None:
        checks.positive("zero_field_splitting", self.zero_field_splitting, "Hz")
        checks.positive("g_parallel", self.g_parallel)
        checks.positive("g_perpendicular", self.g_perpendicular)

    @classmethod
    def at_temperature(cls, temperature: float, **fields: Any) -> "NVCentre":
        """Return a centre with the D of ``temperature``, K."""
        return cls(zero_field_splitting=float(splitting_at(temperature)), **fields)

    def with_splitting(self, zero_field_splitting: float) -> "NVCentre":
        """Return the same centre with another D, Hz."""
        return replace(self, zero_field_splitting=zero_field_splitting)

    @property
    def gyromagnetic_ratios(self) -> NDArray[np.float64]:
        """Hz/T along x, y and z of the axis: 28.04, 28.04 and 28.03 GHz/T."""
        g = np.array([self.g_perpendicular, self.g_perpendicular, self.g_parallel])
        return g * _MAGNETON

    @property
    def dimension(self) -> int:
        """Number of levels: 3, 6 or 9."""
        return 3 * (1 if self.nitrogen is None else self.nitrogen.multiplicity)

    def hamiltonian(self, field: ArrayLike) -> NDArray[np.complex128]:
        """Return the matrices at ``field``, shape ``(..., d, d)``, Hz.

        Parameters
        ----------
        field : array_like, shape (..., 3)
            In the frame of the axis, T.

        Returns
        -------
        ndarray
            In the product basis of m_S = +1, 0, -1 and descending m_I.
        """
        from qleap.sensing._reference.spin_one import spin_one_hamiltonian

        at = checks.vectors("field", field, "T")
        zeeman = at.reshape(-1, 3) * self.gyromagnetic_ratios
        electron = spin_one_hamiltonian(
            zeeman, self.strain.terms(self.zero_field_splitting)
        )
        if self.nitrogen is not None:
            electron = _with_nitrogen(electron, at.reshape(-1, 3), self.nitrogen)
        return electron.reshape(*at.shape[:-1], self.dimension, self.dimension)

    def spin_system(self) -> SpinSystem:
        """Return the spins of the centre: ``"electron"``, and ``"nitrogen"`` if any.

        Others can be added with `SpinSystem.with_spin`.
        """
        d, m_x, m_y, n_x, n_y = self.strain.terms(self.zero_field_splitting)
        splitting = [
            [-d / 3.0 - m_x, m_y, n_x],
            [m_y, -d / 3.0 + m_x, n_y],
            [n_x, n_y, 2.0 * d / 3.0],
        ]
        electron = Spin(
            name="electron",
            spin=1.0,
            zeeman=self.gyromagnetic_ratios,
            quadratic=splitting,
        )
        if self.nitrogen is None:
            return SpinSystem(spins=(electron,))
        return SpinSystem(spins=(electron,)).with_spin(
            *self.nitrogen.spin_and_coupling()
        )

    def electron_energies(self, field: ArrayLike) -> NDArray[np.float64]:
        """Return the three energies without the nitrogen, ascending, Hz.

        ``field`` is in the frame of the axis, T, shape (..., 3); closed form.
        """
        from qleap.sensing._kernels.spin_one import spin_one_energies

        at = checks.vectors("field", field, "T")
        zeeman = np.ascontiguousarray(at.reshape(-1, 3) * self.gyromagnetic_ratios)
        terms = self.strain.terms(self.zero_field_splitting)
        return spin_one_energies(zeeman, terms).reshape(at.shape)

    def resonances(
        self, field: ArrayLike, *, crystal_from_lab: ArrayLike | None = None
    ) -> NDArray[np.float64]:
        """Return the lower and upper line of each axis without the nitrogen.

        Parameters
        ----------
        field : array_like, shape (..., 3)
            In the laboratory frame, T.
        crystal_from_lab : array_like, shape (3, 3), optional
            See `axis_rotations`.

        Returns
        -------
        ndarray, shape (..., 4, 2)
            Hz: from the lowest level, mostly m_S = 0 below 0.1 T, to the others.
        """
        rotations = axis_rotations(crystal_from_lab)
        local = np.einsum(
            "kij,...j->...ki", rotations, checks.vectors("field", field, "T")
        )
        energies = self.electron_energies(local)
        return energies[..., 1:] - energies[..., :1]

    def transitions(
        self,
        field: ArrayLike,
        *,
        crystal_from_lab: ArrayLike | None = None,
        drive: ArrayLike | None = None,
    ) -> "Transitions":
        """Return all transitions of all four axes with their strengths.

        Parameters
        ----------
        field : array_like, shape (..., 3)
            Static field in the laboratory frame, T.
        crystal_from_lab : array_like, shape (3, 3), optional
            See `axis_rotations`.
        drive : array_like, shape (3,), optional
            Direction of the linearly polarised microwave field in the laboratory;
            by default the strengths are averages over all directions.
        """
        from qleap.sensing.nv.transitions import find_transitions

        rotations = axis_rotations(crystal_from_lab)
        return find_transitions(
            self, checks.vectors("field", field, "T"), rotations, drive
        )

    def to_qutip(self, field: ArrayLike) -> Any:
        """Return the Hamiltonian at one field in the frame of the axis as a Qobj.

        It is in Hz: multiply by 2 pi for QuTiP's solvers.
        """
        import qutip

        spins = [3] if self.nitrogen is None else [3, self.nitrogen.multiplicity]
        at = checks.vector("field", field, "T", min_size=3)
        return qutip.Qobj(self.hamiltonian(at), dims=[spins, spins])


def _with_nitrogen(
    electron: NDArray[np.complex128], field: NDArray[np.float64], nitrogen: Nitrogen
) -> NDArray[np.complex128]:
    """Add the nitrogen to electron matrices ``(n, 3, 3)`` at fields ``(n, 3)``."""
    from qleap.sensing._reference.spin_one import S_X, S_Y, S_Z

    i_x, i_y, i_z = nuclear = nitrogen.operators()
    one, size = np.eye(nitrogen.multiplicity), electron.shape[-1]
    still = nitrogen.hyperfine_parallel * np.kron(S_Z, i_z)
    flip = np.kron(S_X, i_x) + np.kron(S_Y, i_y)
    still = still + nitrogen.hyperfine_perpendicular * flip
    spin = nitrogen.spin
    quadrupole = nitrogen.quadrupole * (i_z @ i_z - spin * (spin + 1.0) / 3.0 * one)
    still = still + np.kron(np.eye(size), quadrupole)
    zeeman = -nitrogen.gyromagnetic_ratio * np.einsum("nk,kij->nij", field, nuclear)
    both = np.einsum("nij,kl->nikjl", electron, one)
    both = both + np.einsum("ij,nkl->nikjl", np.eye(size), zeeman)
    dimension = size * nitrogen.multiplicity
    return np.asarray(both.reshape(-1, dimension, dimension) + still)
