r"""The quasi-discrete Hankel transform: between radii and transverse wave numbers.

At radii :math:`r_j = \alpha_j R / S` and wave numbers :math:`k_m = \alpha_m / R` with
the zeros :math:`\alpha` of :math:`J_0` and :math:`S = \alpha_{N+1}`, the transform of
order zero of values scaled by the roots of their quadrature weights is a symmetric
matrix that is its own inverse up to the band limit.

References
----------
M. Guizar-Sicairos and J. C. Gutierrez-Vega, J. Opt. Soc. Am. A 21, 53 (2004).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks

__all__ = ["HankelTransform"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


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
    axis : ndarray, shape (n_radii,)
        What a wave of amplitude one has on the axis, 1/m.
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
    axis: Floats
    matrix: Floats
    _to_points: Floats = field(init=False, repr=False)
    _to_waves: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        root = np.sqrt(self.area)
        object.__setattr__(self, "_to_points", self.matrix / root[:, None])
        object.__setattr__(self, "_to_waves", self.matrix * root)

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
            axis=1.0 / (np.sqrt(np.pi) * outside * size),
            matrix=np.ascontiguousarray(0.5 * (unitary + unitary.T)),
        )

    @property
    def ordered(self) -> bool:
        """Radii and wave numbers increase."""
        return True

    @property
    def n_points(self) -> int:
        """Number of radii, and of waves."""
        return self.n_radii

    @property
    def matrices(self) -> tuple[Floats, Floats]:
        """From waves to points, and from points to waves."""
        return self._to_points, self._to_waves

    def to_points_into(self, waves: Complex, out: Complex) -> None:
        """Write the sum of the waves at the radii, per root of area, into ``out``.

        ``waves`` are the first ones, ``(up to n_radii, n)``; ``sum |out|^2 area`` is
        ``sum |waves|^2``.
        """
        _product_into(self._to_points, waves, out)

    def to_waves_into(self, points: Complex, out: Complex) -> None:
        """Write the waves that make up the values at the first radii into ``out``."""
        _product_into(self._to_waves, points, out)

    def radial_derivative(self, waves: Complex) -> Complex:
        """Return ``r d/dr`` of what `to_points_into` writes."""
        from scipy.special import j1

        k_r = np.outer(self.radius, self.wavenumber)
        return np.asarray((-k_r * j1(k_r) * self.axis) @ waves)


def _product_into(matrix: Floats, values: Complex, out: Complex) -> None:
    """Write the product of the first columns with ``values``, as of real matrices."""
    from qleap.core.simd import host_lanes
    from qleap.laser._kernels.waves import product_into

    numbers, found = values.view(np.float64), out.view(np.float64)
    rows, columns = numbers.shape
    product_into(
        matrix,
        numbers,
        np.array([columns]),
        np.array([rows]),
        np.ones((1, columns)),
        found,
        host_lanes(numbers.itemsize),
    )
