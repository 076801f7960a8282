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
        self._factors = transform.tables, transform.roots
        self._kerr, self._plasma = kerr, plasma
        self._weights = rise, kept, window
        self._room = aligned_array(5 * window.size + 32)

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
        plasma = self._plasma
        self._kernel(
            *self._factors,
            lit,
            amplitudes.view(np.float64),
            *self._weights,
            self._kerr.coefficient(position),
            *(EMPTY if plasma is None else plasma.constants(position)),
            out.view(np.float64),
            self._room,
        )
