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

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qleap.laser.fourier import ComplexTransform, RealTransform

__all__ = ["Linear", "Response", "Transverse", "UnidirectionalEquation"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Field = NDArray[np.float64] | NDArray[np.complex128]


class Linear(Protocol):
    """What dispersion, diffraction, guiding and loss do to every amplitude."""

    @property
    def uniform(self) -> bool:
        """Whether it is the same at every place."""

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write the factor from ``start`` to ``end`` (m) into ``out``."""


class Response(Protocol):
    """What a medium answers to a field, at every transverse point by itself."""

    def add_into(
        self, position: float, field: Field, polarisation: Field, current: Field
    ) -> None:
        """Add to ``polarisation`` (C/m^2) and ``current`` (A/m^2).

        ``position`` in m; the arrays have a shape ``(points, samples)`` and are real
        for full fields, complex for envelopes; ``field`` is in V/m.
        """

    @property
    def conducts(self) -> bool:
        """Whether it adds to the current."""


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
        transform: RealTransform | ComplexTransform,
        *,
        omega: Floats,
        weights: Floats,
        pass_band: Floats | None = None,
        time_window: Floats | None = None,
    ) -> None:
        from qleap.laser._kernels.responses import sources_into

        self._sources_into: Callable[..., None] = sources_into
        self._linear, self._transverse = linear, transverse
        self._responses, self._transform = tuple(responses), transform
        self.weights = weights
        kept = np.ones_like(omega) if pass_band is None else pass_band
        self._from_polarisation = 1j * omega * kept
        self._from_current: Floats = -kept
        self._time_window = time_window
        points = transverse.n_points
        kind: Any = np.float64 if isinstance(transform, RealTransform) else complex
        samples = (points, transform.shape[-1])
        self._field: Any = np.empty(samples, kind)
        self._polarisation: Any = np.empty(samples, kind)
        self._current: Any = np.zeros(samples, kind)
        self._sources = np.empty((points, omega.size), np.complex128)
        self._drawn = np.empty_like(self._sources)
        self._conducts = any(response.conducts for response in self._responses)

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
        self._transverse.to_points_into(position, amplitudes, self._sources)
        self._transform.to_time_into(self._sources, self._field)
        self._polarisation[...] = 0.0
        if self._conducts:
            self._current[...] = 0.0
        for response in self._responses:
            response.add_into(position, self._field, self._polarisation, self._current)
        self._transform.to_frequency_into(self._polarisation, self._sources)
        if self._conducts:
            if self._time_window is not None:
                self._current *= self._time_window
            self._transform.to_frequency_into(self._current, self._drawn)
            self._sources_into(
                self._from_polarisation,
                self._sources,
                self._from_current,
                self._drawn,
                self._sources,
            )
        else:
            self._sources *= self._from_polarisation
        self._transverse.to_modes_into(position, self._sources, out)

    def field_at(self, position: float, amplitudes: Complex) -> Field:
        """Return the field (V/m) at the points; the next call overwrites it."""
        self._transverse.to_points_into(position, amplitudes, self._sources)
        self._transform.to_time_into(self._sources, self._field)
        found: Field = self._field
        return found
