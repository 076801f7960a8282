"""What is believed of a pulse and its field before their streaking trace is fitted."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.metrology.light_prior import Belief, LightPrior
from qleap.laser.metrology.streaking_model import StreakingModel

__all__ = ["StreakingPrior"]

Floats = NDArray[np.float64]

COHERENCE: Final = (0.2, 0.4, 0.8, 1.6)
"""Cycles over which the dressing field may remember its phase."""

SWING: Final = 1.5
"""Deviation of the potential that is believed, over that of the start."""

LOOSE: Final = 1e-5
"""Share of the potential's variance that is at all frequencies."""


class StreakingPrior(LightPrior):
    """`LightPrior`, a dressing field that oscillates, and a background.

    How long the field remembers its phase is left to the trace.

    Parameters
    ----------
    model : StreakingModel
    start : ndarray
        Numbers that set the level of the spectrum and the size of the potential.
    """

    def __init__(self, model: StreakingModel, start: Floats) -> None:
        a, p = model.n_amplitudes, model.n_phases
        super().__init__(a, p, model.n_numbers, float(start[:a].max()))
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

    def precision(self, belief: Belief) -> tuple[Floats, float]:
        """Return the inverse covariance, and the logarithm of its determinant."""
        made, volume = super().precision(belief)
        inverse, more = self.coherent[belief.coherence]
        own = slice(self.n_amplitudes + self.n_phases, -1)
        made[own, own] = inverse
        made[-1, -1] = 1.0  # the background, in shares of the peak
        return made, volume + more
