"""What a field drives in a gas of atoms: one pass over every transverse point."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned_array
from qleap.laser.fourier import ComplexTransform, RealTransform
from qleap.laser.propagation.responses import Kerr, Plasma

__all__ = ["GasSources"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Transform = RealTransform | ComplexTransform

EMPTY = (np.zeros((4, 1)), np.full(2, np.inf), 1.0, 0.0, 0.0, 0.0)
"""What a plasma gives of a gas that is never ionised."""


class GasSources:
    """Sources of a real field of which `Kerr`, and `Plasma` after it, are all.

    Parameters
    ----------
    transform : RealTransform
        Of arrays ``(points, samples)``.
    kerr : Kerr
        Third harmonics included.
    plasma : Plasma or None
        Free electrons.
    rise, kept : ndarray, shape (n,)
        Angular frequencies (rad/s) times what is kept of the sources, and that alone.
    window : ndarray, shape (samples,)
        What is kept of the current over time.

    Attributes
    ----------
    tables : tuple of ndarray
        Of the transform, its roots, and ``rise``, ``kept`` and ``window``.
    room : ndarray
        Scratch of the kernel.

    Notes
    -----
    `Sources` does the same for any responses, one after the other.
    """

    def __init__(
        self,
        transform: RealTransform,
        kerr: Kerr,
        plasma: Plasma | None,
        *,
        rise: Floats,
        kept: Floats,
        window: Floats,
    ) -> None:
        from qleap.laser._kernels.gas import gas_sources_into

        self._kernel: Callable[..., None] = gas_sources_into
        self._kerr, self._plasma = kerr, plasma
        self.tables = transform.tables, transform.roots, rise, kept, window
        self.room: Floats = aligned_array(5 * window.size + 32)

    @classmethod
    def of(
        cls, transform: Transform, responses: Sequence[object], **weights: Floats
    ) -> "GasSources | None":
        """Return those of responses to a field, or None where they are others."""
        if not isinstance(transform, RealTransform) or not responses:
            return None
        kerr, plasma = responses[0], responses[1] if len(responses) > 1 else None
        # Kinds made from these may answer otherwise.
        if type(kerr) is not Kerr or len(responses) > 2:
            return None
        if plasma is not None and type(plasma) is not Plasma:
            return None
        return cls(transform, kerr, plasma, **weights)

    def into(
        self,
        position: float,
        amplitudes: Complex,
        lit: NDArray[np.bool_],
        out: Complex,
    ) -> None:
        """Write the amplitudes of ``i omega P - J`` of points that are lit."""
        kerr, plasma = self.strengths(position)
        self._kernel(
            *self.tables[:2],
            lit,
            amplitudes.view(np.float64),
            *self.tables[2:],
            kerr,
            *plasma,
            out.view(np.float64),
            self.room,
        )

    def strengths(self, position: float) -> tuple[float, tuple[object, ...]]:
        """Return what the kernel wants to know of Kerr and plasma."""
        plasma = self._plasma
        constants = EMPTY if plasma is None else plasma.constants(position)
        return self._kerr.coefficient(position), constants
