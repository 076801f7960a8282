"""Numbers that fit a trace, under beliefs for which it has evidence.

For each phase (highest order, size) the most probable numbers are found by Levenberg's
and Marquardt's method, smoothness and coherence by the evidence on the way. The sweep
goes from low orders and smooth light to high ones and back, so that each phase is
reached from two sides.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from qleap.laser.metrology.attosecond_result import trace_error
from qleap.laser.metrology.light_prior import Belief, Judged, LightPrior

__all__ = ["EvidenceFit", "LightModel", "Weighed"]

Floats = NDArray[np.float64]

LEAST: Final = 1e-9
"""Deviation of the noise, over the peak, that is none."""

SETTLED: Final = 0.1
"""Change of the squared deviations, over the noise, that is none."""

HIGHEST: Final = 1e6
"""Damping beyond which no step goes down any more."""

FARTHEST: Final = 8.0
"""Change of a logarithm of an amplitude that no step makes."""

TRIES: Final = 20
"""Draws at most for one that the trace does not exclude."""

EXCLUDED: Final = 2.0
"""Squared deviations for each number, over the noise, beyond which a trace excludes."""

HALVINGS: Final = 12
"""Of phases that every draw has moved farther than the trace allows."""

ROUNDS: Final = 3
"""How often smoothness and coherence are chosen and the numbers fitted again."""

MANY: Final = 8
"""The same where it matters."""

UNLIKELY: Final = 4.0
"""Logarithm of a ratio of evidences that rules out."""

HOPELESS: Final = 1000.0
"""The same for a phase that is not even tried, by a linear guess."""


class LightModel(Protocol):
    """Traces of numbers: logarithms of amplitudes, phases, then others."""

    n_amplitudes: int
    n_phases: int

    def spectra(self, x: Floats) -> Floats:
        """Return the trace."""

    def slopes(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the trace and its slopes, ``(points, numbers)``."""


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """The most probable numbers with one phase.

    Parameters
    ----------
    x : ndarray
    belief : Belief
        Under which they are most probable.
    fitted, jacobian : ndarray
        Trace and slopes there.
    judged : list of Judged
        All beliefs with that phase.
    """

    x: Floats
    belief: Belief
    fitted: Floats
    jacobian: Floats
    judged: list[Judged]

    @cached_property
    def square(self) -> Floats:
        """Slopes times slopes."""
        return np.asarray(self.jacobian.T @ self.jacobian)

    @property
    def evidence(self) -> float:
        """Logarithm of the largest evidence."""
        return max(one.evidence for one in self.judged)

    @property
    def mean(self) -> Floats:
        """Numbers expected over all beliefs, by linear steps from the fitted ones."""
        share = np.exp([one.evidence - self.evidence for one in self.judged])
        here = next(one.x for one in self.judged if one.belief == self.belief)
        away = share @ [one.x - here for one in self.judged]
        return np.asarray(self.x + away / share.sum())


@dataclass(kw_only=True)
class EvidenceFit:
    """A search for the numbers behind a trace.

    Parameters
    ----------
    model : LightModel
    scaled : ndarray
        Trace, its peak 1.
    prior : LightPrior
    noise : float
        Deviation of a point; set by what the fit leaves.
    most : int
        Evaluations of slopes at most.
    stiff : float
        Least curvature along a phase that damping reckons with, 1/rad^2. Some traces do
        not change with a small phase in the first order, whose slope is then no guide.
    """

    model: LightModel
    scaled: Floats
    prior: LightPrior
    noise: float
    most: int
    stiff: float = 0.0
    count: int = field(default=0, init=False)

    def search(self, start: Floats, enough: float = np.inf) -> list[Weighed]:
        """Return the most probable numbers for each phase, the most probable first.

        None where the phase with the most freedom leaves more than ``enough`` as the
        sum of squared residuals.
        """
        a, phases = self.model.n_amplitudes, self.prior.phases()
        plain = start.copy()
        plain[a + 1 : a + self.model.n_phases] = 0.0
        beliefs = self.prior.beliefs(phases[0])
        high = self._settled(start, phases[-1], beliefs[len(beliefs) // 2])
        if float(np.sum((self.scaled - high.fitted) ** 2)) > enough:
            return []
        phases = self._hopeful(phases, high)
        beliefs = self.prior.beliefs(phases[0])
        noise = self.noise
        low = self._settled(plain, phases[0], max(beliefs, key=_plainness))
        self.noise = min(noise, self.noise)
        best: dict[tuple[int, float], Weighed] = {}
        for sweep, here in ((phases, low), (phases[::-1], high)):
            for phase in sweep:
                here = self._weighed(here.x, phase, here.belief, ROUNDS - 1)
                if phase not in best or here.evidence > best[phase].evidence:
                    best[phase] = here
        return sorted(best.values(), key=lambda one: -one.evidence)

    def _hopeful(
        self, phases: list[tuple[int, float]], high: Weighed
    ) -> list[tuple[int, float]]:
        """Return phases without a first one that a trace clearly excludes."""
        missed = (self.scaled - high.fitted).ravel() / self.noise
        slopes = high.jacobian / self.noise
        first, last = (
            max(
                one.evidence
                for one in self.prior.judged(beliefs, high.x, slopes, missed)
            )
            for beliefs in map(self.prior.beliefs, (phases[0], phases[-1]))
        )
        return phases[1:] if first < last - HOPELESS else phases

    def polished(self, found: list[Weighed]) -> list[Weighed]:
        """Return fits that stay where they are, of all but the improbable phases."""
        least = found[0].evidence - UNLIKELY
        near = [one for one in found if one.evidence > least]
        made = [
            self._weighed(one.x, (one.belief.order, one.belief.turn), one.belief, MANY)
            for one in near
        ]
        return sorted(made, key=lambda one: -one.evidence)

    def _settled(self, x: Floats, phase: tuple[int, float], belief: Belief) -> Weighed:
        """Return a fit after which the noise is what it has left."""
        for _ in range(ROUNDS):
            found = self._weighed(x, phase, belief, 1)
            x, belief = found.x, found.belief
            before, self.noise = self.noise, self._left(found)
            if abs(self.noise - before) < 0.01 * before:
                break
        return found

    def _left(self, found: Weighed) -> float:
        """Return the deviation of the noise that a fit suggests."""
        square = found.square / self.noise**2
        inverse = self.prior.precision(found.belief)[0]
        used = float(np.trace(np.linalg.solve(square + inverse, square)))
        missed = float(np.sum((self.scaled - found.fitted) ** 2))
        return max(float(np.sqrt(missed / (self.scaled.size - used))), LEAST)

    def _weighed(
        self, x: Floats, phase: tuple[int, float], belief: Belief, rounds: int
    ) -> Weighed:
        """Return the most probable numbers near others, with one phase."""
        beliefs = self.prior.beliefs(phase)
        now = replace(belief, order=phase[0], turn=phase[1])
        for _ in range(rounds):
            used = now
            inverse, _ = self.prior.precision(used)
            x, fitted, jacobian = self._fitted(x, inverse)
            missed = (self.scaled - fitted).ravel() / self.noise
            judged = self.prior.judged(beliefs, x, jacobian / self.noise, missed)
            now = max(judged, key=lambda one: one.evidence).belief
            if now == used:
                break
        return Weighed(x=x, belief=now, fitted=fitted, jacobian=jacobian, judged=judged)

    def _fitted(self, x: Floats, inverse: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the most probable numbers, the fitted trace and its slopes."""
        aimed, mean = self.scaled, self.prior.mean
        value, jacobian = self.model.slopes(x)
        self.count += 1
        cost = self._cost(aimed - value, inverse, x - mean)
        damping, a = 1e-3, self.model.n_amplitudes
        least = np.zeros(x.size)
        least[a : a + self.model.n_phases] = self.stiff
        while self.count < self.most:
            missed = (aimed - value).ravel() / self.noise**2
            normal = jacobian.T @ jacobian / self.noise**2 + inverse
            slope = jacobian.T @ missed - inverse @ (x - mean)
            now = np.inf
            while now >= cost and damping < HIGHEST:
                held = np.maximum(normal.diagonal(), least)
                damped = normal + np.diag(damping * held)
                step = np.linalg.solve(damped, slope)
                if np.abs(step[:a]).max() < FARTHEST:
                    tried = x + step
                    left = aimed - self.model.spectra(tried)
                    now = self._cost(left, inverse, tried - mean)
                if not now < cost:
                    now, damping = np.inf, 5.0 * damping
            if now >= cost:
                break
            gain, x, cost = cost - now, tried, now
            damping = max(0.1 * damping, 1e-9)
            value, jacobian = self.model.slopes(x)
            self.count += 1
            if gain < SETTLED:
                break
        return x, value, jacobian

    def _cost(self, missed: Floats, inverse: Floats, away: Floats) -> float:
        return float(np.sum(missed**2)) / self.noise**2 + float(away @ inverse @ away)

    def drawn(
        self, found: list[Weighed], count: int, rng: np.random.Generator
    ) -> Floats:
        """Return numbers for resampled traces and priors, ``(count, numbers)``.

        A belief is drawn with its evidence; residuals get random signs (the wild
        bootstrap) and the prior's means are drawn, too, so that what the trace does not
        hold is as uncertain as before: one step from the most probable numbers. What
        the trace itself then excludes is drawn again, and where all draws are excluded,
        as where slopes with a phase vanish, the best one's phases come nearer.
        """
        judged = [(near, one) for near in found for one in near.judged]
        evidence = np.array([one.evidence for _, one in judged])
        share = np.exp(evidence - evidence.max())
        share /= share.sum()
        made = np.tile(found[0].x, (count, 1))
        for k in range(count):
            least, start = np.inf, found[0]
            for _ in range(TRIES):
                near, one = judged[rng.choice(len(judged), p=share)]
                tried = self._step(near, one, rng)
                more = self._excess(near, tried)
                if more < least:
                    least, made[k], start = more, tried, near
                if more < EXCLUDED:
                    break
            else:
                made[k] = self._nearer(start, made[k], least)
        return made

    def _excess(self, near: Weighed, x: Floats) -> float:
        """Return squared deviations for each number that a fit does not have."""
        more = np.sum((self.scaled - self.model.spectra(x)) ** 2)
        more -= np.sum((self.scaled - near.fitted) ** 2)
        return float(more) / (x.size * self.noise**2)

    def _nearer(self, near: Weighed, x: Floats, excess: float) -> Floats:
        """Return numbers whose phases are so near those of a fit as a trace demands."""
        a = self.model.n_amplitudes
        phases = slice(a, a + self.model.n_phases)
        tried = x.copy()
        for _ in range(HALVINGS):
            tried[phases] = 0.5 * (tried[phases] + near.x[phases])
            more = self._excess(near, tried)
            if more < excess:
                x, excess = tried.copy(), more
            if more < EXCLUDED:
                break
        return x

    def _step(self, near: Weighed, one: Judged, rng: np.random.Generator) -> Floats:
        """Return numbers for one trace with residuals of random signs."""
        missed = (self.scaled - near.fitted).ravel()
        inverse, _ = self.prior.precision(one.belief)
        grown = self.noise / trace_error(missed)
        turned = grown * missed * rng.choice([-1.0, 1.0], missed.size)
        pull = near.jacobian.T @ turned / self.noise**2
        pull += np.linalg.cholesky(inverse) @ rng.standard_normal(pull.size)
        square = near.square / self.noise**2
        return np.asarray(one.x + np.linalg.solve(square + inverse, pull))


def _plainness(belief: Belief) -> tuple[float, float]:
    """Return what is the larger, the smoother light and the more regular its field."""
    return -belief.rough, belief.coherence
