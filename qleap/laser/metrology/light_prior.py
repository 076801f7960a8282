r"""What is believed of light before its trace is fitted, and what traces say of that.

The spectrum of simple light has a logarithm that is nearly a parabola, and a phase of
low order. How nearly and how low no one knows: each `Belief` is one answer, and the
trace chooses between them by its evidence, the probability that it has under a belief
with all numbers integrated out (D. J. C. MacKay, Neural Comput. 4, 415 (1992)), by
Laplace's method.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROUGH", "Belief", "Judged", "LightPrior"]

Floats = NDArray[np.float64]

ROUGH: Final = tuple(np.geomspace(0.01, 2.0, 8))
"""Third differences of the amplitudes' logarithms that may be usual, at `KNOTS`."""

KNOTS: Final = 28
"""Amplitudes for which `ROUGH` is meant; others are as rough over the same energies."""

AWAY: Final = 2.0
"""Deviation of the logarithms from a parabola that is usual at most."""

TURN: Final = 20.0
"""Phase at the edge of the band that is usual, rad, over ``k (k - 1)`` in order k."""

TURNS: Final = (0.5, 2.0)
"""Times `TURN` that phases above the second order may turn."""

NO_TURN: Final = 0.02
"""Deviation of the coefficients of orders that are believed to be none, rad."""

ODDS: Final = 0.5
"""Of one more order of the phase."""

WIDE: Final = 10.0
"""Deviation of numbers of which nothing is known: logarithms, and rad."""


@dataclass(frozen=True, kw_only=True)
class Belief:
    """One answer to how smooth and how chirped light is, and how regular its field.

    Parameters
    ----------
    rough : float
        Usual third difference of the amplitudes' logarithms.
    order : int
        Highest of the phase.
    turn : float
        Times `TURN` for orders above the second.
    coherence : float
        Cycles over which the field that streaks it remembers its phase.
    bend : float
        Over which the limit of the logarithm turns from a parabola to straight wings.
    """

    rough: float
    order: int
    turn: float
    coherence: float = 0.0
    bend: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A belief in the light of a trace, which is linear near a fit.

    Parameters
    ----------
    belief : Belief
    evidence : float
        Logarithm of the evidence and the odds, up to a constant.
    x : ndarray
        Most probable numbers.
    root : ndarray
        Cholesky root of the precision of their deviations.
    """

    belief: Belief
    evidence: float
    x: Floats
    root: Floats


class LightPrior:
    """Normal densities of numbers: logarithms of amplitudes, phases, and others.

    Parameters
    ----------
    n_amplitudes, n_phases, n_numbers : int
    level : float
        The largest logarithm of an amplitude.
    """

    def __init__(
        self, n_amplitudes: int, n_phases: int, n_numbers: int, level: float
    ) -> None:
        a = self.n_amplitudes = n_amplitudes
        self.n_phases = n_phases
        self.mean = np.zeros(n_numbers)
        self.mean[:a] = level
        parabola = np.linalg.qr(np.vander(np.linspace(-1.0, 1.0, a), 3))[0]
        known = parabola @ parabola.T
        third = np.diff(np.eye(a), 3, axis=0)
        usual = (KNOTS / a) ** 2.5
        self.rough = {
            rough: third.T @ third / (rough * usual) ** 2
            + known / (a * WIDE**2)
            + (np.eye(a) - known) / AWAY**2
            for rough in ROUGH
        }
        self.constants = {
            rough: float(np.linalg.slogdet(matrix)[1])
            for rough, matrix in self.rough.items()
        }

    def phases(self) -> list[tuple[int, float]]:
        """Return highest orders of the phase and their sizes, in the order of trust."""
        highest = 1 + self.n_phases
        orders = sorted({min(round(2.0 * 1.5**k), highest) for k in range(1, 12)})
        return [(2, 1.0)] + [(k, turn) for k in orders if k > 2 for turn in TURNS]

    def beliefs(self, phase: tuple[int, float]) -> list[Belief]:
        """Return all beliefs with one phase."""
        return [Belief(rough=rough, order=phase[0], turn=phase[1]) for rough in ROUGH]

    def precision(self, belief: Belief) -> tuple[Floats, float]:
        """Return the inverse covariance, and the logarithm of its determinant."""
        a, p = self.n_amplitudes, self.n_phases
        k = np.arange(2, 2 + p)
        turn = np.where(k == 2, WIDE, belief.turn * TURN / (k * (k - 1)))
        turn = np.where(k <= belief.order, turn, NO_TURN)
        made = np.zeros((self.mean.size, self.mean.size))
        made[:a, :a] = self.rough[belief.rough]
        made[a : a + p, a : a + p] = np.diag(turn**-2.0)
        return made, self.constants[belief.rough] - 2.0 * float(np.log(turn).sum())

    def judged(
        self, beliefs: list[Belief], x: Floats, jacobian: Floats, missed: Floats
    ) -> list[Judged]:
        """Return what a trace says of beliefs.

        Parameters
        ----------
        beliefs : list of Belief
        x : ndarray
            Numbers near which the trace is linear.
        jacobian, missed : ndarray
            Slopes and residual there, over the deviation of the noise.
        """
        square = jacobian.T @ jacobian
        aimed = missed + jacobian @ x
        pull, whole = jacobian.T @ aimed, float(aimed @ aimed)
        found = []
        for belief in beliefs:
            inverse, volume = self.precision(belief)
            root = np.asarray(np.linalg.cholesky(square + inverse))
            best = np.linalg.solve(
                root.T, np.linalg.solve(root, pull + inverse @ self.mean)
            )
            away = best - self.mean
            cost = whole - 2.0 * float(best @ pull) + float(best @ square @ best)
            cost += float(away @ inverse @ away) - volume
            cost += 2.0 * float(np.log(root.diagonal()).sum())
            odds = (belief.order - 2) * math.log(ODDS)
            if belief.order > 2:
                odds -= math.log(len(TURNS))
            found.append(
                Judged(
                    belief=belief,
                    evidence=odds - 0.5 * cost,
                    x=best,
                    root=np.asarray(root),
                )
            )
        return found
