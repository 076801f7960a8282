"""Strain and electric fields as the five terms that they add to the Hamiltonian."""

from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks

__all__ = ["STARK_PARALLEL", "STARK_PERPENDICULAR", "Strain"]

STARK_PARALLEL: Final = 0.35e-2
STARK_PERPENDICULAR: Final = 17e-2
"""Hz/(V/m); van Oort and Glasbeek, Chem. Phys. Lett. 168, 529 (1990)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Strain:
    r"""Amplitudes in the frame of one axis, all in Hz.

    .. math::
        H/h = M_z S_z^2 + M_x (S_y^2 - S_x^2) + M_y \{S_x, S_y\}
              + N_x \{S_x, S_z\} + N_y \{S_y, S_z\}

    Sign convention of Udvarhelyi et al., Phys. Rev. B 98, 075201 (2018). The
    transverse splitting often called E or d_perp is ``hypot(m_x, m_y)``.
    """

    m_x: float = 0.0
    m_y: float = 0.0
    m_z: float = 0.0
    n_x: float = 0.0
    n_y: float = 0.0

    def __post_init__(self) -> None:
        for name, value in zip(self.__slots__, astuple(self), strict=True):
            checks.finite(name, value, "Hz")

    @classmethod
    def from_electric_field(cls, field: ArrayLike) -> "Strain":
        """Return the terms of an electric field, V/m, in the frame of the axis.

        Doherty et al., Phys. Rev. B 85, 205203 (2012); its third constant, never
        measured, is left out (the N terms are zero).
        """
        e_x, e_y, e_z = checks.vector("field", field, "V/m", min_size=3)
        return cls(
            m_x=STARK_PERPENDICULAR * float(e_x),
            m_y=STARK_PERPENDICULAR * float(e_y),
            m_z=STARK_PARALLEL * float(e_z),
        )

    def terms(self, zero_field_splitting: float) -> NDArray[np.float64]:
        """Return D + M_z, M_x, M_y, N_x, N_y, Hz: what the kernels take."""
        d = zero_field_splitting + self.m_z
        return np.array([d, self.m_x, self.m_y, self.n_x, self.n_y])
