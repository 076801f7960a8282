"""What a field drives at transverse points, each by itself: ``i omega P - J``."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from qleap.laser.fourier import ComplexTransform, RealTransform
from qleap.laser.propagation.gas_sources import GasSources
from qleap.laser.propagation.team import Team, blocks

__all__ = ["DARK", "Field", "Response", "SharedSources", "Sources", "Transform"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Field = NDArray[np.float64] | NDArray[np.complex128]
Transform = RealTransform | ComplexTransform

SAMPLES: Final = 1 << 14
"""Of all points that are worked on together: their arrays stay near, and the calls
between which threads wait for each other are few."""

FEWEST, MOST = 4, 16
"""Points that are worked on together."""

DARK: Final = 1e-8
"""Points with so little of the brightest one's energy drive nothing: a response of
third order there is 1e-12 of the largest."""


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


class Sources:
    """From amplitudes of the field at points to those of its sources there.

    Parameters
    ----------
    transform : RealTransform or ComplexTransform
        Of arrays ``(points, samples)``.
    responses : sequence of Response
        Their answers add.
    omega : ndarray, shape (n,)
        Angular frequencies of the amplitudes, rad/s.
    pass_band : ndarray, shape (n,), optional
        What is kept of the sources over frequency.
    time_window : ndarray, shape (samples,), optional
        What is kept of the current over time; that of free electrons goes on after the
        light and would jump at the edge of the grid otherwise.
    """

    def __init__(
        self,
        transform: Transform,
        responses: Sequence[Response],
        *,
        omega: Floats,
        pass_band: Floats | None = None,
        time_window: Floats | None = None,
    ) -> None:
        from qleap.laser._kernels.responses import sources_into

        self._sources_into: Callable[..., None] = sources_into
        self._transform, self._responses = transform, tuple(responses)
        kept = np.ones_like(omega) if pass_band is None else pass_band
        self.gas = GasSources.of(
            transform,
            self._responses,
            rise=omega * kept,
            kept=kept,
            window=np.ones(transform.shape[-1]) if time_window is None else time_window,
        )
        self._from_polarisation = 1j * omega * kept
        self._from_current: Floats = -kept
        self._time_window = time_window
        self._conducts = any(response.conducts for response in responses)
        kind: Any = np.float64 if isinstance(transform, RealTransform) else complex
        self._field: Any = np.empty(transform.shape, kind)
        self._polarisation, self._current = (
            np.zeros(transform.shape, kind) for _ in range(2)
        )
        self._everywhere = np.ones(transform.shape[0], np.bool_)
        self._drawn = np.empty((transform.shape[0], omega.size), np.complex128)

    def into(
        self,
        position: float,
        amplitudes: Complex,
        out: Complex,
        lit: NDArray[np.bool_] | None = None,
    ) -> None:
        """Write the amplitudes of ``i omega P - J`` into ``out``; both ``(points, n)``.

        They may be the same array. Points that are not ``lit``, shape ``(points,)``,
        may be passed over.
        """
        if self.gas is not None:
            everywhere = self._everywhere if lit is None else lit
            self.gas.into(position, amplitudes, everywhere, out)
            return
        self._transform.to_time_into(amplitudes, self._field)
        self._polarisation[...] = 0.0
        if self._conducts:
            self._current[...] = 0.0
        for response in self._responses:
            response.add_into(position, self._field, self._polarisation, self._current)
        self._transform.to_frequency_into(self._polarisation, out)
        if not (self._conducts and self._current.any()):
            out *= self._from_polarisation
            return
        if self._time_window is not None:
            self._current *= self._time_window
        self._transform.to_frequency_into(self._current, self._drawn)
        self._sources_into(
            self._from_polarisation, out, self._from_current, self._drawn, out
        )

    def field(self, amplitudes: Complex) -> Field:
        """Return the field (V/m) of amplitudes; the next call overwrites it."""
        self._transform.to_time_into(amplitudes, self._field)
        found: Field = self._field
        return found


class SharedSources:
    """The same for many points, of which each thread of a team takes some at a time.

    Parameters
    ----------
    n_points : int
        Transverse points.
    samples : int
        Of the field at each.
    make : callable
        From a number of points to their sources. Every thread has its own.
    team : Team
        Who shares the points.
    """

    def __init__(
        self, n_points: int, samples: int, make: Callable[[int], Sources], team: Team
    ) -> None:
        rows = min(max(SAMPLES // samples, FEWEST), MOST)
        self._team, self._blocks = team, blocks(n_points, rows)
        sizes = {block.stop - block.start for block in self._blocks}
        self._benches = [{size: make(size) for size in sizes} for _ in range(team.size)]

    def into(
        self,
        position: float,
        amplitudes: Complex,
        lit: NDArray[np.bool_],
        out: Complex,
    ) -> None:
        """Write the amplitudes of ``i omega P - J`` into ``out``; all ``(points, n)``.

        Points that are not ``lit``, shape ``(points,)``, may be passed over.
        """

        def work(member: int, block: slice) -> None:
            if not lit[block].any():
                out[block] = 0.0
                return
            bench = self._benches[member][block.stop - block.start]
            bench.into(position, amplitudes[block], out[block], lit[block])

        self._team.run(work, self._blocks)
