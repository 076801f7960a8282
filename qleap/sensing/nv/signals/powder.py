"""ODMR of centres that point in all directions: powders and nanodiamonds."""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.sensing.nv.centre import NVCentre

__all__ = ["PowderSpectrum", "fibonacci_sphere", "gauss_sphere"]

Array = NDArray[np.float64]

NODES = 16
"""In each panel. A Lorentzian has a pole at half a width beside the axis; in panels
as long as a width Gauss's rule is right to (1 + sqrt(2))**-32."""


def gauss_sphere(polar: int, azimuthal: int, *, panels: int = 1) -> tuple[Array, Array]:
    """Return directions on the half sphere z > 0 and weights of the sum one.

    Gauss and Legendre along z in each of the ``panels``, equal steps in the azimuth.
    For functions that are the
    same in opposite directions it is the mean over the whole sphere, exact for even
    polynomials of a degree below ``min(2 polar, azimuthal)``.

    Returns
    -------
    tuple of ndarray, shapes (n, 3) and (n,)
    """
    checks.count("polar", polar)
    checks.count("azimuthal", azimuthal)
    checks.count("panels", panels)
    nodes, weights = np.polynomial.legendre.leggauss(polar)
    z = ((np.arange(panels)[:, None] + 0.5 * (nodes + 1.0)) / panels).ravel()
    weights = np.tile(weights, panels) / panels
    phi = 2.0 * math.pi * (np.arange(azimuthal) + 0.5) / azimuthal
    across = np.sqrt(1.0 - z**2)[:, None]
    x, y = across * np.cos(phi), across * np.sin(phi)
    directions = np.stack([x, y, np.broadcast_to(z[:, None], x.shape)], axis=-1)
    each = np.repeat(0.5 * weights / azimuthal, azimuthal)
    return directions.reshape(-1, 3), each


def fibonacci_sphere(count: int) -> Array:
    """Return ``count`` nearly even directions on the whole sphere, ``(n, 3)``.

    Steps of the golden angle on equal zones: one orientation for each of a number of
    particles, without the noise of random ones.
    """
    number = checks.count("count", count)
    z = 1.0 - (2.0 * np.arange(number) + 1.0) / number
    phi = np.arange(number) * math.pi * (3.0 - math.sqrt(5.0))
    across = np.sqrt(1.0 - z**2)
    return np.stack([across * np.cos(phi), across * np.sin(phi), z], axis=-1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PowderSpectrum:
    r"""CW-ODMR spectrum of randomly oriented centres in one magnetic field.

    .. math:: S(f) = 1 - C \Big\langle \sum_{k=1,2} w_k(n)\,
        L\big(f - f_k(n)\big) \Big\rangle_n

    with the exact lines :math:`f_k` of each direction n, a Lorentzian L of height one
    and weights as in `Transitions.weights`.

    Parameters
    ----------
    field : float
        Size of the magnetic field, T.
    fwhm : float
        Full width at half maximum of each line (power, hyperfine and unresolved
        strain), Hz.
    contrast : float
        Depth of a line if all centres were aligned with the field.
    centre : NVCentre
        With its strain; the nitrogen is part of the width.
    """

    field: float
    fwhm: float
    contrast: float
    centre: NVCentre = dataclasses.field(default_factory=NVCentre)

    def __post_init__(self) -> None:
        checks.non_negative("field", self.field, "T")
        checks.positive("fwhm", self.fwhm, "Hz")
        checks.probability("contrast", self.contrast)

    def directions(self) -> tuple[Array, Array]:
        """Return directions of the field in the frame of the axis, and weights.

        As many as the width asks for: lines of neighbours must overlap.
        """
        span = float(self.centre.gyromagnetic_ratios.max()) * self.field
        panels = 1 + math.ceil(span / self.fwhm)
        _, m_x, m_y, n_x, n_y = self.centre.strain.terms(0.0)
        strain = math.hypot(m_x, m_y, n_x, n_y)
        if strain == 0.0:  # the same all around the axis
            return gauss_sphere(NODES, 1, panels=panels)
        # E turns against the second-order field across: no more than either moves.
        moved = min(strain, span**2 / self.centre.zero_field_splitting)
        around = NODES * (1 + 2 * math.ceil(moved / self.fwhm))
        return gauss_sphere(NODES, around, panels=panels)

    def lines(self) -> tuple[Array, Array, Array]:
        """Return directions ``(n, 3)``, lines ``(n, 2)`` in Hz and weights ``(n, 2)``.

        The weights of the directions are in the last.
        """
        from qleap.sensing._kernels.powder import spin_one_lines

        directions, shares = self.directions()
        zeeman = directions * self.field * self.centre.gyromagnetic_ratios
        terms = self.centre.strain.terms(self.centre.zero_field_splitting)
        found = spin_one_lines(np.ascontiguousarray(zeeman), terms)
        return directions, found[:, :2], found[:, 2:] * shares[:, None]

    def evaluate(self, frequency: ArrayLike) -> Array:
        """Return the fluorescence at ``frequency``, Hz, relative to that far away."""
        from qleap.sensing._kernels.lines import multiplet_sum

        at = checks.vector("frequency", frequency, "Hz")
        _, positions, weights = self.lines()
        rows = np.empty((positions.size, 4))
        rows[:, 0] = positions.ravel()
        rows[:, 1] = self.fwhm
        rows[:, 2] = self.contrast * weights.ravel()
        rows[:, 3] = 1.0
        return np.asarray(1.0 - multiplet_sum(at, rows, np.zeros(1)))
