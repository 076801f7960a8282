"""What is believed of a pulse and its field before their streaking trace is fitted."""

import math
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.metrology.light_prior import ODDS, PARABOLA, ROUGH, Belief
from qleap.laser.metrology.streaking_model import StreakingModel
from qleap.laser.metrology.wing_prior import HYPERBOLAS, WingPrior

__all__ = ["StreakingPrior"]

Floats = NDArray[np.float64]

COHERENCE: Final = (0.2, 0.4, 0.8, 1.6)
"""Cycles over which the dressing field may remember its phase."""

SWING: Final = 1.5
"""Deviation of the potential that is believed, over that of the start."""

WINGS: Final = (
    (PARABOLA, 1.0),
    *HYPERBOLAS[1:],
    *((2.0, bend) for bend in (2.0, 0.5)),
    *((0.0, bend) for bend in (2.0, 1.4, 1.0)),
)
"""Limits of the amplitudes' logarithms: a parabola, straight wings, steeper ones than a
parabola's, and those of Lorentzians."""

LOOSE: Final = 1e-5
"""Share of the potential's variance that is at all frequencies."""


class StreakingPrior(WingPrior):
    """`WingPrior`, a dressing field that oscillates, and a background.

    How long the field remembers its phase is left to the trace. Each step of `ROUGH`
    has the odds of one more order of the phase; no chirp is as likely as some.

    Parameters
    ----------
    model : StreakingModel
    start : ndarray
        Numbers that set the level of the spectrum and the size of the potential.
    """

    def __init__(self, model: StreakingModel, start: Floats) -> None:
        a, p = model.n_amplitudes, model.n_phases
        super().__init__(model.form, start, model.spectrum(start), WINGS)
        size = SWING * float(np.sqrt(np.mean(start[a + p : -1] ** 2)))
        apart = (model.centres[:, None] - model.centres) / model.cycle
        self.coherent = {}
        for length in COHERENCE:
            alike = np.cos(2.0 * np.pi * apart) * np.exp(-0.5 * (apart / length) ** 2)
            alike += LOOSE * np.eye(apart.shape[0])
            inverse = np.linalg.inv(alike) / max(size, 1e-6) ** 2
            self.coherent[length] = inverse, float(np.linalg.slogdet(inverse)[1])

    def beliefs(self, phase: tuple[int, float]) -> list[Belief]:
        """Return all beliefs with one phase."""
        return [
            replace(one, coherence=length)
            for one in super().beliefs(phase)
            for length in COHERENCE
        ]

    def odds(self, belief: Belief) -> float:
        """Return the logarithm of the odds of a belief, up to a constant."""
        steps = ROUGH.index(belief.rough) + (belief.order == 1)
        return super().odds(belief) + steps * math.log(ODDS)

    def of_rest(self, belief: Belief) -> tuple[Floats, float]:
        """Return the inverse covariance of the field and background, and its size."""
        inverse, volume = self.coherent[belief.coherence]
        made = np.eye(inverse.shape[0] + 1)  # the background, in shares of the peak
        made[:-1, :-1] = inverse
        return made, volume
