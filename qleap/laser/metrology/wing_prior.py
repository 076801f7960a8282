r"""What is believed of a pulse before its noisy trace is fitted in few numbers.

The wings of a spectrum lie below the noise, and yet a duration depends on them. A
parabola, the limit of `LightPrior` for the logarithm of amplitudes, cuts them; those of
a hyperbolic secant are straight, those of a Lorentzian fall off as a logarithm, and
those of a super-Gaussian are steeper than a parabola. So the limit here is a power of
:math:`1 + (\omega/b)^2`; power and bend b are one more thing that the trace chooses.
"""

import math
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.metrology.light_form import BRIGHT, LightForm
from qleap.laser.metrology.light_prior import (
    AWAY,
    KNOTS,
    PARABOLA,
    ROUGH,
    WIDE,
    Belief,
    LightPrior,
)

__all__ = ["WingPrior"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

CUSP: Final = 0.25
"""Odds of a spectrum that falls off as a power: light whose envelope has a cusp."""

HYPERBOLAS: Final = tuple((0.5, bend) for bend in (8.0, 2.0, 1.4, 1.0, 0.7, 0.5))
"""Powers and bends of straight wings; the first is a parabola as far as seen."""

PLAIN: Final = len(HYPERBOLAS) - 1.0
"""Odds of a parabola: it is as likely as all straight wings together."""


class WingPrior(LightPrior):
    """`LightPrior` with wings of many kinds as limits of the amplitudes' logarithms.

    That there is no chirp at all is believed, too, and rather than some.

    Parameters
    ----------
    form : LightForm
    start : ndarray
        Numbers that set the level.
    spectrum : ndarray, shape (n,)
        Complex, of which the centre and the deviation are taken.
    wings : tuple of (float, float)
        Powers, and bends over the deviation of the spectrum.
    """

    def __init__(
        self,
        form: LightForm,
        start: Floats,
        spectrum: Complex,
        wings: tuple[tuple[float, float], ...] = HYPERBOLAS,
    ) -> None:
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
        self.limits = wings
        self.wings: dict[tuple[float, ...], tuple[Floats, float]] = {}
        for power, bend in wings:
            limit = np.stack([place**0, place, wing(place, power, bend)], axis=1)
            known = np.linalg.qr(limit)[0]
            free = np.eye(a) - known @ known.T
            least = (np.eye(a) - free) / (a * WIDE**2) + free / AWAY**2
            bound = free @ third.T @ third @ free
            for rough in ROUGH:
                inverse = bound / rough**2 + least
                volume = float(np.linalg.slogdet(inverse)[1])
                self.wings[rough, power, bend] = inverse, volume

    def phases(self) -> list[tuple[int, float]]:
        """Return highest orders of the phase and their sizes, in the order of trust."""
        return [(1, 1.0), *super().phases()]

    def beliefs(self, phase: tuple[int, float]) -> list[Belief]:
        """Return all beliefs with one phase."""
        return [
            replace(one, power=power, bend=bend)
            for one in super().beliefs(phase)
            for power, bend in self.limits
        ]

    def odds(self, belief: Belief) -> float:
        """Return the logarithm of the odds of a belief, up to a constant."""
        more = {PARABOLA: PLAIN, 0.0: CUSP}.get(belief.power, 1.0)
        return super().odds(belief) + math.log(more)

    def of_amplitudes(self, belief: Belief) -> tuple[Floats, float]:
        """Return the inverse covariance of the amplitudes, and its determinant."""
        return self.wings[belief.rough, belief.power, belief.bend]


def wing(place: Floats, power: float, bend: float) -> Floats:
    """Return the limit of a logarithm: of power 0, that of a Lorentzian."""
    square = (place / bend) ** 2
    return np.log1p(square) if power == 0.0 else (1.0 + square) ** power
