"""What a field drives at transverse points, each by itself: ``i omega P - J``."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.fourier import ComplexTransform, RealTransform
from qleap.laser.propagation.equation import Response
from qleap.laser.propagation.team import Team, blocks

__all__ = ["PointSources"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Transform = RealTransform | ComplexTransform

ROWS: Final = 8
"""Points that are worked on together: their arrays stay in the cache."""


class PointSources:
    """From amplitudes of the field at points to those of its sources there.

    Parameters
    ----------
    n_points : int
        Transverse points.
    transform : callable
        From a shape ``(points, samples)`` to a transform.
    responses : callable
        From such a shape to responses whose answers add. Every thread has its own.
    samples : int
        Of the field.
    omega : ndarray, shape (n,)
        Angular frequencies of the amplitudes, rad/s.
    pass_band : ndarray, shape (n,), optional
        What is kept of the sources over frequency.
    time_window : ndarray, shape (samples,), optional
        What is kept of the current over time; that of free electrons goes on after the
        light and would jump at the edge of the grid otherwise.
    team : Team, optional
        Who shares the points; one thread by default.
    """

    def __init__(
        self,
        n_points: int,
        transform: Callable[[tuple[int, int]], Transform],
        responses: Callable[[tuple[int, int]], Sequence[Response]],
        samples: int,
        *,
        omega: Floats,
        pass_band: Floats | None = None,
        time_window: Floats | None = None,
        team: Team | None = None,
    ) -> None:
        kept = np.ones_like(omega) if pass_band is None else pass_band
        factors = (np.asarray(1j * omega * kept, np.complex128), -kept)
        self._team = Team(1) if team is None else team
        self._blocks = blocks(n_points, ROWS)
        sizes = {block.stop - block.start for block in self._blocks}

        def bench(size: int) -> "_Bench":
            shape = (size, samples)
            return _Bench(transform(shape), responses(shape), factors, time_window)

        self._benches = [
            {size: bench(size) for size in sizes} for _ in range(self._team.size)
        ]

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
            bench.into(position, amplitudes[block], out[block])

        self._team.run(work, self._blocks)


class _Bench:
    """Room of one thread for a number of points."""

    def __init__(
        self,
        transform: Transform,
        responses: Sequence[Response],
        factors: tuple[Complex, Floats],
        time_window: Floats | None,
    ) -> None:
        from qleap.laser._kernels import responses as kernels

        self._kernels, self._factors, self._window = kernels, factors, time_window
        self._transform, self._responses = transform, tuple(responses)
        self._conducts = any(response.conducts for response in responses)
        kind: Any = np.float64 if isinstance(transform, RealTransform) else complex
        self._field = np.empty(transform.shape, kind)
        self._polarisation, self._current = (
            np.zeros(transform.shape, kind) for _ in range(2)
        )
        self._drawn = np.empty((transform.shape[0], factors[0].size), np.complex128)

    def into(self, position: float, amplitudes: Complex, out: Complex) -> None:
        self._transform.to_time_into(amplitudes, self._field)
        self._polarisation[...] = 0.0
        if self._conducts:
            self._current[...] = 0.0
        for response in self._responses:
            response.add_into(position, self._field, self._polarisation, self._current)
        self._transform.to_frequency_into(self._polarisation, out)
        from_polarisation, from_current = self._factors
        if not (self._conducts and self._current.any()):
            out *= from_polarisation
            return
        if self._window is not None:
            self._current *= self._window
        self._transform.to_frequency_into(self._current, self._drawn)
        self._kernels.sources_into(
            from_polarisation, out, from_current, self._drawn, out
        )
