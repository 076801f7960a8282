r"""What is believed of a pulse before its noisy trace is fitted in few numbers.

The wings of a spectrum lie below the noise, and yet a duration depends on them. A
parabola, the limit of `LightPrior` for the logarithm of amplitudes, cuts them; those of
a hyperbolic secant are straight. So the limit here is a hyperbola,
:math:`\sqrt{1 + (\omega/b)^2}`, and its bend b one more thing that the trace chooses.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.metrology.light_form import BRIGHT, LightForm
from qleap.laser.metrology.light_prior import (
    AWAY,
    KNOTS,
    ROUGH,
    WIDE,
    Belief,
    LightPrior,
)

__all__ = ["WingPrior"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

BENDS: Final = (8.0, 2.0, 1.4, 1.0, 0.7, 0.5)
"""Bends over the deviation of the spectrum; the first is a parabola as far as seen."""


class WingPrior(LightPrior):
    """`LightPrior` with a hyperbola as the limit of the amplitudes' logarithms.

    That there is no chirp at all is believed, too, and rather than some.

    Parameters
    ----------
    form : LightForm
    start : ndarray
        Numbers that set the level.
    spectrum : ndarray, shape (n,)
        Complex, of which the centre and the deviation are taken.
    """

    def __init__(self, form: LightForm, start: Floats, spectrum: Complex) -> None:
        a = form.n_amplitudes
        super().__init__(a, form.n_phases, start.size, float(start[:a].max()))
        density = np.abs(spectrum) ** 2
        density[density < BRIGHT * density.max()] = 0.0
        centre = float(np.average(form.axis, weights=density))
        square = np.average((form.axis - centre) ** 2, weights=density)
        # One bright point alone is as wide as a step.
        width = max(float(np.sqrt(square)), float(np.ptp(form.axis)) / form.axis.size)
        place = (form.knots - centre) / width
        third = np.diff(np.eye(a), 3, axis=0) / (KNOTS / a) ** 2.5
        self.bent: dict[tuple[float, float], tuple[Floats, float]] = {}
        for bend in BENDS:
            limit = np.stack([place**0, place, np.hypot(1.0, place / bend)], axis=1)
            known = np.linalg.qr(limit)[0]
            free = np.eye(a) - known @ known.T
            least = (np.eye(a) - free) / (a * WIDE**2) + free / AWAY**2
            bound = free @ third.T @ third @ free
            for rough in ROUGH:
                inverse = bound / rough**2 + least
                volume = float(np.linalg.slogdet(inverse)[1])
                self.bent[rough, bend] = inverse, volume - self.constants[rough]

    def phases(self) -> list[tuple[int, float]]:
        """Return highest orders of the phase and their sizes, in the order of trust."""
        return [(1, 1.0), *super().phases()]

    def beliefs(self, phase: tuple[int, float]) -> list[Belief]:
        """Return all beliefs with one phase."""
        return [
            replace(one, bend=bend) for one in super().beliefs(phase) for bend in BENDS
        ]

    def precision(self, belief: Belief) -> tuple[Floats, float]:
        """Return the inverse covariance, and the logarithm of its determinant."""
        made, volume = super().precision(belief)
        own = slice(0, self.n_amplitudes)
        made[own, own], more = self.bent[belief.rough, belief.bend]
        return made, volume + more
