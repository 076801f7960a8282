"""The spin-1 ground state of the nitrogen-vacancy centre."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import BOHR_MAGNETON, PLANCK
from qleap.core.errors import InvalidKind
from qleap.sensing.nv.axes import axis_rotations
from qleap.sensing.nv.nitrogen import Nitrogen
from qleap.sensing.nv.strain import Strain, pressure_shift
from qleap.sensing.nv.temperature import ROOM_TEMPERATURE
from qleap.sensing.nv.temperature import zero_field_splitting as splitting_at
from qleap.sensing.spins.spin import Coupling, Spin
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

    The same form describes the excited state, see `excited_state`.

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
    spins : tuple of Spin
        Further spins, such as carbon-13 nuclei nearby, in the frame of the axis.
    couplings : tuple of Coupling
        Of these spins to ``"electron"``, ``"nitrogen"`` and each other.
    """

    zero_field_splitting: float = field(
        default_factory=lambda: float(splitting_at(ROOM_TEMPERATURE))
    )
    g_parallel: float = 2.0029
    g_perpendicular: float = 2.0031
    strain: Strain = field(default_factory=Strain)
    nitrogen: Nitrogen | None = None
    spins: tuple[Spin, ...] = ()
    couplings: tuple[Coupling, ...] = ()

    def __post_init__(self) -> None:
        checks.positive("zero_field_splitting", self.zero_field_splitting, "Hz")
        checks.positive("g_parallel", self.g_parallel)
        checks.positive("g_perpendicular", self.g_perpendicular)
        if not isinstance(self.strain, Strain):
            raise InvalidKind(
                f"strain must be a Strain, got {self.strain!r:.60}; for example "
                "Strain(m_x=3e6), in Hz."
            )
        if not isinstance(self.nitrogen, Nitrogen | None):
            raise InvalidKind(
                f"nitrogen must be a Nitrogen or None, got {self.nitrogen!r:.60}; for "
                "example NITROGEN_14 of qleap.sensing.nv."
            )
        object.__setattr__(self, "spins", tuple(self.spins))
        object.__setattr__(self, "couplings", tuple(self.couplings))
        if self.spins or self.couplings:
            self.spin_system()  # refuses names that are unknown or there twice

    @classmethod
    def at_temperature(
        cls, temperature: float, *, pressure: float = 0.0, **fields: Any
    ) -> "NVCentre":
        """Return a centre with the D of ``temperature``, K, and ``pressure``, Pa.

        The shift by pressure is that of room temperature, see `pressure_shift`.
        """
        splitting = float(splitting_at(temperature)) + float(pressure_shift(pressure))
        return cls(zero_field_splitting=splitting, **fields)

    def with_splitting(self, zero_field_splitting: float) -> "NVCentre":
        """Return the same centre with another D, Hz."""
        return replace(self, zero_field_splitting=zero_field_splitting)

    def with_spin(self, spin: Spin, *couplings: Coupling) -> "NVCentre":
        """Return the centre with one more spin, and its couplings."""
        return replace(
            self,
            spins=(*self.spins, spin),
            couplings=(*self.couplings, *couplings),
        )

    def electron_alone(self) -> "NVCentre":
        """Return the same centre without its nitrogen and further spins."""
        return replace(self, nitrogen=None, spins=(), couplings=())

    @property
    def gyromagnetic_ratios(self) -> NDArray[np.float64]:
        """Hz/T along x, y and z of the axis: 28.04, 28.04 and 28.03 GHz/T."""
        g = np.array([self.g_perpendicular, self.g_perpendicular, self.g_parallel])
        return g * _MAGNETON

    @property
    def dimension(self) -> int:
        """Number of levels: 3, 6 or 9, times those of the further spins."""
        nuclear = 1 if self.nitrogen is None else self.nitrogen.multiplicity
        return 3 * nuclear * prod(spin.multiplicity for spin in self.spins)

    def hamiltonian(self, field: ArrayLike) -> NDArray[np.complex128]:
        """Return the matrices at ``field``, shape ``(..., d, d)``, Hz.

        Parameters
        ----------
        field : array_like, shape (..., 3)
            In the frame of the axis, T.

        Returns
        -------
        ndarray
            In the product basis of m_S = +1, 0, -1, descending m_I, and those of the
            further spins.
        """
        return self.spin_system().hamiltonian(field)

    def spin_system(self) -> SpinSystem:
        """Return the spins: ``"electron"``, ``"nitrogen"`` if any, and the others."""
        return self._system

    @cached_property
    def _system(self) -> SpinSystem:
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
        own, bound = [electron], []
        if self.nitrogen is not None:
            nucleus, coupling = self.nitrogen.spin_and_coupling()
            own.append(nucleus)
            bound.append(coupling)
        return SpinSystem(
            spins=(*own, *self.spins), couplings=(*bound, *self.couplings)
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
        return self.spin_system().to_qutip(field)
