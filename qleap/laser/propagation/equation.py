"""The unidirectional pulse propagation equation, assembled from exchangeable parts.

For fields that go as ``exp(i beta z - i omega t)``,

``dA/dz = L A + C(omega) (i omega P(omega) - J(omega))``

where ``P`` is the nonlinear polarisation and ``J`` the current of the field at points
of the transverse plane, projected on the modes whose amplitudes ``A`` are. ``C`` is
``1 / (2 eps0 c n)`` over the field of a mode of unit amplitude.

References
----------
M. Kolesik and J. V. Moloney, Phys. Rev. E 70, 036604 (2004): the equation.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qleap.laser.propagation.sources import Field, Response, Sources, Transform

__all__ = ["Linear", "Transverse", "UnidirectionalEquation"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


class Linear(Protocol):
    """What dispersion, diffraction, guiding and loss do to every amplitude."""

    @property
    def uniform(self) -> bool:
        """Whether it is the same at every place."""

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write the factor from ``start`` to ``end`` (m) into ``out``."""


class Transverse(Protocol):
    """How amplitudes of modes and the field at transverse points belong together."""

    @property
    def n_points(self) -> int:
        """Number of transverse points."""

    def to_points_into(
        self, position: float, amplitudes: Complex, out: Complex
    ) -> None:
        """Write amplitudes of the field (V/m), shape ``(points, n)``, into ``out``."""

    def to_modes_into(self, position: float, sources: Complex, out: Complex) -> None:
        """Write the projection of ``(i omega P - J)`` at the points into ``out``.

        It includes ``C``, and has the unit of the amplitudes per m.
        """


class UnidirectionalEquation:
    """The equation, as the integrator wants it.

    Parameters
    ----------
    linear, transverse : Linear, Transverse
        Parts.
    responses : sequence of Response
        Their answers add.
    transform : RealTransform or ComplexTransform
        Of arrays ``(transverse points, samples)``.
    omega : ndarray, shape (n,)
        Angular frequencies of the amplitudes, rad/s.
    weights : ndarray, shape (n,)
        Of the error's norm over frequency.
    pass_band : ndarray, shape (n,), optional
        What is kept of the sources over frequency.
    time_window : ndarray, shape (samples,), optional
        What is kept of the current over time; that of free electrons goes on after the
        light and would jump at the edge of the grid otherwise.
    """

    def __init__(
        self,
        linear: Linear,
        transverse: Transverse,
        responses: Sequence[Response],
        transform: Transform,
        *,
        omega: Floats,
        weights: Floats,
        pass_band: Floats | None = None,
        time_window: Floats | None = None,
    ) -> None:
        self._linear, self._transverse = linear, transverse
        self.weights = weights
        self._sources = Sources(
            transform,
            responses,
            omega=omega,
            pass_band=pass_band,
            time_window=time_window,
        )
        self._points = np.empty((transverse.n_points, omega.size), np.complex128)

    @property
    def uniform(self) -> bool:
        """Whether the linear part is the same at every place."""
        return self._linear.uniform

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write the factor of the linear part into ``out``."""
        self._linear.propagator_into(start, end, out)

    def nonlinear_into(
        self, position: float, amplitudes: Complex, out: Complex
    ) -> None:
        """Write the projected sources at ``position`` (m) into ``out``."""
        self._transverse.to_points_into(position, amplitudes, self._points)
        self._sources.into(position, self._points, self._points)
        self._transverse.to_modes_into(position, self._points, out)

    def field_at(self, position: float, amplitudes: Complex) -> Field:
        """Return the field (V/m) at the points; the next call overwrites it."""
        self._transverse.to_points_into(position, amplitudes, self._points)
        return self._sources.field(self._points)
