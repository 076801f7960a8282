r"""What is believed of light before its trace is fitted, and what traces say of that.

The spectrum of simple light has a logarithm that is nearly a parabola, and a phase of
low order. How nearly and how low no one knows: each `Belief` is one answer, and the
trace chooses between them by its evidence, the probability that it has under a belief
with all numbers integrated out (D. J. C. MacKay, Neural Comput. 4, 415 (1992)), by
Laplace's method.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["ODDS", "PARABOLA", "ROUGH", "Belief", "Judged", "LightPrior"]

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

PARABOLA: Final = 1.0
"""Power of the limit of a Gaussian spectrum."""

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
    power, bend : float
        Of the limit of the amplitudes' logarithms, ``(1 + (place / bend)^2)^power``,
        and for power 0 the logarithm of that sum. Of power 1 it is a parabola.
    """

    rough: float
    order: int
    turn: float
    coherence: float = 0.0
    power: float = PARABOLA
    bend: float = 1.0


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
    """

    belief: Belief
    evidence: float
    x: Floats


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
        least = known / (a * WIDE**2) + (np.eye(a) - known) / AWAY**2
        self.rough: dict[float, tuple[Floats, float]] = {}
        for rough in ROUGH:
            inverse = third.T @ third / (rough * usual) ** 2 + least
            self.rough[rough] = inverse, float(np.linalg.slogdet(inverse)[1])

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
        own, volume = self.of_light(belief)
        rest, more = self.of_rest(belief)
        made = np.zeros((self.mean.size, self.mean.size))
        made[: own.shape[0], : own.shape[0]] = own
        made[own.shape[0] :, own.shape[0] :] = rest
        return made, volume + more

    def of_light(self, belief: Belief) -> tuple[Floats, float]:
        """Return the same of the amplitudes and phases, which come first."""
        a, p = self.n_amplitudes, self.n_phases
        turns, more = _turns(p, belief.order, belief.turn)
        made = np.zeros((a + p, a + p))
        made[:a, :a], volume = self.of_amplitudes(belief)
        made[a:, a:] = turns
        return made, volume + more

    def of_amplitudes(self, belief: Belief) -> tuple[Floats, float]:
        """Return the same of the amplitudes."""
        return self.rough[belief.rough]

    def of_rest(self, belief: Belief) -> tuple[Floats, float]:  # noqa: ARG002
        """Return the same of other numbers, which depends on `coherence` alone."""
        n = self.mean.size - self.n_amplitudes - self.n_phases
        return np.eye(n), 0.0

    def odds(self, belief: Belief) -> float:
        """Return the logarithm of the odds of a belief, up to a constant."""
        odds = (belief.order - 2) * math.log(ODDS)
        return odds - math.log(len(TURNS)) if belief.order > 2 else odds

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
        square, pull = jacobian.T @ jacobian, jacobian.T @ missed
        found: dict[Belief, Judged] = {}
        for length in {one.coherence for one in beliefs}:
            alike = [one for one in beliefs if one.coherence == length]
            steps, cost = self._stepped(alike, square, pull, x - self.mean)
            cost += missed @ missed
            for one, step, price in zip(alike, steps, cost, strict=True):
                evidence = self.odds(one) - 0.5 * float(price)
                found[one] = Judged(belief=one, evidence=evidence, x=x + step)
        return [found[one] for one in beliefs]

    def _stepped(
        self, alike: list[Belief], square: Floats, pull: Floats, away: Floats
    ) -> tuple[Floats, Floats]:
        """Return steps to the most probable numbers, and their costs.

        Beliefs that differ in light alone: the rest is integrated out once for all.
        """
        n = self.n_amplitudes + self.n_phases
        rest, volume = self.of_rest(alike[0])
        root = np.linalg.cholesky(square[n:, n:] + rest)
        toward = pull[n:] - rest @ away[n:]
        half = np.linalg.solve(root, np.column_stack([square[n:, :n], toward]))
        across, along = half[:, :-1], half[:, -1]
        made = [self.of_light(one) for one in alike]
        inverse = np.array([matrix for matrix, _ in made])
        held = inverse @ away[:n]
        normal = square[:n, :n] - across.T @ across + inverse
        slope = pull[:n] - across.T @ along - held
        light = np.linalg.solve(normal, slope[:, :, None])[:, :, 0]
        other = np.linalg.solve(root.T, along[:, None] - across @ light.T).T
        sides = np.diagonal(np.linalg.cholesky(normal), axis1=1, axis2=2)
        cost = held @ away[:n] - np.sum(slope * light, axis=1)
        cost += 2.0 * np.log(sides).sum(axis=1) - [size for _, size in made]
        cost += 2.0 * float(np.log(root.diagonal()).sum()) - volume
        cost += float(away[n:] @ rest @ away[n:] - along @ along)
        return np.hstack([light, other]), cost


@cache
def _turns(phases: int, order: int, turn: float) -> tuple[Floats, float]:
    """Return the inverse covariance of phases, and its logarithm's determinant."""
    k = np.arange(2, 2 + phases)
    usual = np.where(k == 2, WIDE, turn * TURN / (k * (k - 1)))
    usual = np.where(k <= order, usual, NO_TURN)
    return np.diag(usual**-2.0), -2.0 * float(np.log(usual).sum())
