"""Magnetic field from the two lines of one axis, in closed form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue

__all__ = ["AxisField", "field_from_pair", "sum_rule"]

ROUNDING = 1e-12
"""Squares below zero by less than this share of D^2 are zero."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AxisField:
    """Field of one axis.

    Parameters
    ----------
    magnitude, parallel, perpendicular : float
        Of the field, and of its parts along and across the axis, T.
    """

    magnitude: float
    parallel: float
    perpendicular: float


def sum_rule(
    lower: NDArray[np.float64] | float, upper: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    r"""Return :math:`f_-^2 + f_+^2 - f_- f_+`, Hz^2.

    It equals :math:`D^2 + 3 |\gamma B|^2` for any direction of the field (no
    strain, isotropic g), so all four axes of a diamond share it.
    """
    low, high = np.asarray(lower), np.asarray(upper)
    return np.asarray(low * low + high * high - low * high)


def field_from_pair(
    lower: float,
    upper: float,
    zero_field_splitting: float,
    gyromagnetic_ratios: NDArray[np.float64],
) -> AxisField:
    r"""Return the field whose lines are ``lower`` and ``upper``, Hz.

    Parameters
    ----------
    lower, upper, zero_field_splitting : float
        Hz.
    gyromagnetic_ratios : ndarray, shape (3,), Hz/T
        Across, across and along the axis.

    Raises
    ------
    InvalidValue
        Where no field has these lines at this D.

    Notes
    -----
    Invariants of the 3x3 Hamiltonian without strain: with :math:`b = \gamma B`,
    :math:`3 b^2 = f_-^2 + f_+^2 - f_- f_+ - D^2` and
    :math:`b_z^2 = q/D + 2 D^2/27 + b^2/3`, where q is the determinant.

    References
    ----------
    Balasubramanian et al., Nature 455, 648 (2008), supplement; Lönard et al.,
    arXiv:2504.20750 (2025).
    """
    d = zero_field_splitting
    b2 = (float(sum_rule(lower, upper)) - d * d) / 3.0
    determinant = -(lower + upper) * (2 * lower - upper) * (2 * upper - lower) / 27.0
    along2 = determinant / d + 2.0 * d * d / 27.0 + b2 / 3.0
    across2 = b2 - along2
    if min(b2, along2, across2) < -ROUNDING * d * d:
        raise InvalidValue(
            f"no field has lines at {lower:.10g} and {upper:.10g} Hz when D is "
            f"{d:.10g} Hz; give the D of this sample (or its temperature)."
        )
    parallel = float(np.sqrt(max(along2, 0.0))) / float(gyromagnetic_ratios[2])
    across = float(np.sqrt(max(across2, 0.0))) / float(gyromagnetic_ratios[0])
    return AxisField(
        magnitude=float(np.hypot(parallel, across)),
        parallel=parallel,
        perpendicular=across,
    )
