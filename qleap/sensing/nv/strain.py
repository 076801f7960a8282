"""Strain, stress, pressure and electric fields as terms of the Hamiltonian."""

from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = [
    "PRESSURE_SLOPE",
    "STARK_PARALLEL",
    "STARK_PERPENDICULAR",
    "STRAIN_CONSTANTS",
    "STRESS_CONSTANTS",
    "Strain",
    "pressure_shift",
]

STARK_PARALLEL: Final = 0.35e-2
STARK_PERPENDICULAR: Final = 17e-2
"""Hz/(V/m); van Oort and Glasbeek, Chem. Phys. Lett. 168, 529 (1990)."""

PRESSURE_SLOPE: Final = 14.58e6 / 1e9
"""dD/dP of hydrostatic pressure at room temperature, Hz/Pa: 14.58 MHz/GPa of
Doherty et al., Phys. Rev. Lett. 112, 047601 (2014), arXiv:1305.2291, linear up to
60 GPa. The abstract was read, the number is as others quote it."""

STRAIN_CONSTANTS: Final = {
    "h41": -6.42e9,
    "h43": 2.3e9,
    "h25": -2.6e9,
    "h26": -2.83e9,
    "h15": 5.7e9,
    "h16": 19.66e9,
}
"""Hz for each unit of strain, density functional theory: Udvarhelyi et al., Phys. Rev.
B 98, 075201 (2018), table I, as quoted by two programs that use it. Its hydrostatic
shift is about half of the measured one (`PRESSURE_SLOPE`)."""

STRESS_CONSTANTS: Final = {"a1": 4.86e-3, "a2": -3.7e-3, "b": -2.3e-3, "c": 3.5e-3}
"""Hz/Pa, for compression: Barson et al., Nano Lett. 17, 1496 (2017), measured; 4.86,
-3.7, -2.3 and 3.5 MHz/GPa as quoted by others. Three times a1 is `PRESSURE_SLOPE`."""


def pressure_shift(pressure: ArrayLike) -> NDArray[np.float64]:
    """Return the shift of D by hydrostatic pressure, Pa, in Hz; 0 to 60 GPa.

    See `PRESSURE_SLOPE`.
    """
    pascal = np.asarray(pressure, dtype=np.float64)
    outside = ~((pascal >= 0.0) & (pascal <= 60e9))
    if np.any(outside):
        raise InvalidValue(
            "pressure must lie between 0 and 60e9 Pa, where D was measured, got "
            f"{pascal[outside].flat[0]:g}; give zero_field_splitting instead."
        )
    return np.asarray(PRESSURE_SLOPE * pascal)


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

    def __add__(self, other: "Strain") -> "Strain":
        """Return the sum of two effects, such as strain and an electric field."""
        if not isinstance(other, Strain):
            return NotImplemented
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Strain(
            **{
                name: first + second
                for name, (first, second) in zip(self.__slots__, pairs, strict=True)
            }
        )

    @classmethod
    def from_electric_field(cls, field: ArrayLike, *, third: float = 0.0) -> "Strain":
        """Return the terms of an electric field, V/m, in the frame of the axis.

        Parameters
        ----------
        field : array_like, shape (3,), V/m
        third : float
            The constant of the N terms (N_x = third E_x, N_y = third E_y), Hz/(V/m).
            It joins m_S = 0 to the others, and D suppresses it.

        References
        ----------
        Doherty et al., Phys. Rev. B 85, 205203 (2012).
        """
        e_x, e_y, e_z = checks.triple("field", field, "V/m").tolist()
        constant = checks.finite("third", third, "Hz/(V/m)")
        return cls(
            m_x=STARK_PERPENDICULAR * e_x,
            m_y=STARK_PERPENDICULAR * e_y,
            m_z=STARK_PARALLEL * e_z,
            n_x=constant * e_x,
            n_y=constant * e_y,
        )

    @classmethod
    def from_strain_tensor(cls, strain: ArrayLike) -> "Strain":
        r"""Return the terms of a strain tensor in the frame of the axis.

        With ``R`` of `axis_rotations`, a tensor along the cubic axes of the crystal
        becomes ``R[k] @ strain @ R[k].T``.

        Parameters
        ----------
        strain : array_like, shape (3, 3)
            Symmetric, positive where the crystal is stretched.

        Notes
        -----
        .. math::
            M_z &= h_{41} (\epsilon_{xx} + \epsilon_{yy}) + h_{43} \epsilon_{zz} \\
            M_x &= \tfrac12 [h_{16} \epsilon_{zx}
                    - \tfrac12 h_{15} (\epsilon_{xx} - \epsilon_{yy})] \\
            M_y &= \tfrac12 [h_{16} \epsilon_{yz} + h_{15} \epsilon_{xy}]

        and N_x, N_y as M_x, M_y with h26, h25 in place of h16, h15: Udvarhelyi et
        al., Phys. Rev. B 98, 075201 (2018); see `STRAIN_CONSTANTS`.
        """
        e, h = _symmetric("strain", strain, "1"), STRAIN_CONSTANTS
        apart, across = float(e[0, 0] - e[1, 1]), float(e[0, 1])
        z_x, y_z = float(e[2, 0]), float(e[1, 2])
        return cls(
            m_x=0.5 * (h["h16"] * z_x - 0.5 * h["h15"] * apart),
            m_y=0.5 * (h["h16"] * y_z + h["h15"] * across),
            m_z=float(h["h41"] * (e[0, 0] + e[1, 1]) + h["h43"] * e[2, 2]),
            n_x=0.5 * (h["h26"] * z_x - 0.5 * h["h25"] * apart),
            n_y=0.5 * (h["h26"] * y_z + h["h25"] * across),
        )

    @classmethod
    def from_stress_tensor(cls, stress: ArrayLike) -> "Strain":
        r"""Return the terms of a stress tensor in the frame of the axis.

        Parameters
        ----------
        stress : array_like, shape (3, 3), Pa
            Symmetric; **positive where the crystal is pressed together**, so that
            pressure P is P times the unit matrix.

        Notes
        -----
        .. math::
            M_z &= (a_1 - a_2) (\sigma_{xx} + \sigma_{yy})
                   + (a_1 + 2 a_2) \sigma_{zz} \\
            M_x &= (b + c) (\sigma_{xx} - \sigma_{yy})
                   + \sqrt2 (2 b - c) \sigma_{zx} \\
            M_y &= -2 (b + c) \sigma_{xy} + \sqrt2 (2 b - c) \sigma_{yz}

        Barson et al., Nano Lett. 17, 1496 (2017); see `STRESS_CONSTANTS`. The N terms
        were not measured and are zero.
        """
        s, k = _symmetric("stress", stress, "Pa"), STRESS_CONSTANTS
        shear = np.sqrt(2.0) * (2.0 * k["b"] - k["c"])
        both = k["b"] + k["c"]
        along = (k["a1"] + 2.0 * k["a2"]) * s[2, 2]
        return cls(
            m_x=float(both * (s[0, 0] - s[1, 1]) + shear * s[2, 0]),
            m_y=float(-2.0 * both * s[0, 1] + shear * s[1, 2]),
            m_z=float((k["a1"] - k["a2"]) * (s[0, 0] + s[1, 1]) + along),
        )

    def terms(self, zero_field_splitting: float) -> NDArray[np.float64]:
        """Return D + M_z, M_x, M_y, N_x, N_y, Hz: what the kernels take."""
        d = zero_field_splitting + self.m_z
        return np.array([d, self.m_x, self.m_y, self.n_x, self.n_y])


def _symmetric(name: str, value: ArrayLike, unit: str) -> NDArray[np.float64]:
    given = np.asarray(value, dtype=np.float64)
    if given.shape != (3, 3) or not np.all(np.isfinite(given)):
        raise InvalidValue(
            f"{name} must be a finite matrix of the shape (3, 3), {unit}, got the "
            f"shape {given.shape}."
        )
    if not np.allclose(given, given.T, rtol=1e-9, atol=1e-12 * np.abs(given).max()):
        raise InvalidValue(f"{name} must be symmetric, {unit}, got {given.tolist()}.")
    return given
