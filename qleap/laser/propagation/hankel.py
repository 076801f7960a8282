r"""The quasi-discrete Hankel transform: between radii and transverse wave numbers.

At radii :math:`r_j = \alpha_j R / S` and wave numbers :math:`k_m = \alpha_m / R` with
the zeros :math:`\alpha` of :math:`J_0` and :math:`S = \alpha_{N+1}`, the transform of
order zero of values scaled by the roots of their quadrature weights is a symmetric
matrix that is its own inverse up to the band limit.

References
----------
M. Guizar-Sicairos and J. C. Gutierrez-Vega, J. Opt. Soc. Am. A 21, 53 (2004).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks

__all__ = ["HankelTransform"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HankelTransform:
    r"""The transform on ``n_radii`` radii out to ``edge``.

    Parameters
    ----------
    edge : float
        Radius :math:`R` at which light counts as zero, m.
    n_radii : int
        At least 4.

    Attributes
    ----------
    radius : ndarray, shape (n_radii,)
        m, increasing; none is zero.
    wavenumber : ndarray, shape (n_radii,)
        Transverse, rad/m.
    area : ndarray, shape (n_radii,)
        Quadrature weights of :math:`\int f\,2\pi r\,dr`, m^2.
    matrix : ndarray, shape (n_radii, n_radii)
        Orthogonal: from :math:`f(r_j)\sqrt{A_j}` to amplitudes of the same norm and
        back. It is the published one, made orthogonal to the last digit (the polar
        factor), so that the energy is the same on both sides.
    """

    edge: float
    n_radii: int
    radius: Floats
    wavenumber: Floats
    area: Floats
    matrix: Floats

    @classmethod
    def on(cls, edge: float, n_radii: int) -> "HankelTransform":
        """Return the transform with all that belongs to it."""
        from scipy.linalg import polar
        from scipy.special import j0, j1, jn_zeros

        outside = checks.positive("edge", edge, "m")
        n = checks.count("n_radii", n_radii, 4, 4096)
        zeros = jn_zeros(0, n + 1)
        last, zeros = zeros[-1], zeros[:-1]
        size = np.abs(j1(zeros))
        plain = 2.0 * j0(np.outer(zeros, zeros) / last) / (last * np.outer(size, size))
        unitary, _ = polar(plain)
        return cls(
            edge=outside,
            n_radii=n,
            radius=zeros * outside / last,
            wavenumber=zeros / outside,
            area=4.0 * np.pi * (outside / (last * size)) ** 2,
            matrix=np.ascontiguousarray(0.5 * (unitary + unitary.T)),
        )
