"""Rabi oscillations and Ramsey fringes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Parameter
from qleap.sensing.models.shapes import ScaledShape, frequencies, stretched, times
from qleap.sensing.nv.nitrogen import NITROGEN_14, NITROGEN_15

__all__ = ["Rabi", "Ramsey"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Rabi(ScaledShape):
    r"""Population that a drive of length t (s) has moved, times an amplitude.

    .. math::
        g(t) = \left\langle \frac{f^2}{f^2 + \delta^2}\,
        \frac{1 - e^{-t/T} \cos(2\pi t\sqrt{f^2+\delta^2})}{2} \right\rangle_\delta

    with a normal distribution of the detuning.

    Parameters
    ----------
    averaged : bool
        Whether the spread of the detuning is a parameter (else it is zero).
    delayed : bool
        Whether the drive acts for t minus a delay that is a parameter: the rise of
        its pulses, or, where it is negative, what they last longer than written. Not
        with ``averaged``: dephasing shifts the fringes as a delay does.
    """

    averaged: bool = False
    delayed: bool = False

    def __post_init__(self) -> None:
        if self.averaged and self.delayed:
            raise InvalidValue(
                "averaged and delayed must not both be set: a spread of the detuning "
                "shifts the fringes as a delay does; choose one."
            )

    @property
    def shape_parameters(self) -> tuple[Parameter, ...]:
        """Rabi frequency, decay time, and perhaps spread of the detuning and delay."""
        found = [
            Parameter("rabi_frequency", "Hz", low=0.0),
            Parameter("decay_time", "s", low=0.0),
        ]
        if self.averaged:
            found.append(Parameter("detuning_spread", "Hz", low=0.0))
        if self.delayed:
            found.append(Parameter("delay", "s"))
        return tuple(found)

    def shape(self, x: Array, values: Array) -> tuple[Array, Array]:
        """Return the moved population and its derivatives."""
        f, decay_time = values[0][..., None], values[1]
        x = x - values[-1] if self.delayed else x
        spread = values[2] if self.averaged else np.zeros_like(values[0])
        nodes, weights = self._nodes()
        detuning = spread[..., None] * nodes
        total = np.hypot(f, detuning)
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = np.where(total > 0.0, (f / total) ** 2, 0.0) * weights
            by_f = np.where(total > 0.0, 2 * f * detuning**2 / total**4, 0.0) * weights
            by_d = np.where(total > 0.0, -2 * f**2 * detuning / total**4, 0.0) * weights
            lean = np.where(total > 0.0, detuning / total, 0.0)
            own = np.where(total > 0.0, f / total, 1.0)
        phase = 2.0 * np.pi * x[:, None] * total
        decay = np.exp(-x / decay_time)
        cosine, sine = np.cos(phase) * decay[:, None], np.sin(phase) * decay[:, None]
        moved = 0.5 * (1.0 - cosine)
        turning = np.pi * x[:, None] * sine  # derivative by the total frequency
        slopes = [
            _summed(moved, by_f) + _summed(turning, depth * own),
            -0.5 * _summed(cosine, depth) * x / decay_time**2,
        ]
        if self.averaged:
            by_spread = _summed(moved, by_d * nodes)
            slopes.append(by_spread + _summed(turning, depth * lean * nodes))
        if self.delayed:
            by_x = 0.5 * cosine / decay_time[..., None] + np.pi * sine * total
            slopes.append(-_summed(by_x, depth))
        return _summed(moved, depth), np.column_stack(slopes)

    def _nodes(self) -> tuple[Array, Array]:
        """Return nodes of the distribution of the detuning and their shares."""
        return _hermite() if self.averaged else (np.zeros(1), np.ones(1))

    def _evaluate_many(self, x: Array, values: Array) -> Array:
        if self.averaged:  # long vectors as it is
            return TraceModel._evaluate_many(self, x, values)
        return super()._evaluate_many(x, values)

    def candidates(self, x: Array, y: Array) -> Iterator[tuple[float, ...]]:
        """Yield the strongest frequencies with a range of decays."""
        for f in frequencies(x, y, 4):
            for near, decay_time in product(
                f * np.linspace(0.94, 1.06, 7), times(x, 8)[2:]
            ):
                if self.averaged:
                    yield near, decay_time, 0.05 * f
                    yield near, decay_time, 0.4 * f
                elif self.delayed:
                    for share in (-0.2, -0.1, 0.0, 0.1, 0.2):
                        yield near, decay_time, share / near
                else:
                    yield near, decay_time


@dataclass(frozen=True, kw_only=True)
class Ramsey(ScaledShape):
    r"""Fringes of free evolution for t (s), with the beats of the nitrogen.

    .. math::
        g(t) = e^{-(t/T_2^*)^p} \sum_k w_k \cos(2\pi(\delta + a_k) t + \varphi)

    Parameters
    ----------
    hyperfine : str
        none, 14N (three fringes) or 15N (two), at the constants of the ground state.
    weights : tuple of float, optional
        Of the fringes; equal by default.
    stretched : bool
        Whether the exponent p is a parameter (else 1).
    phased : bool
        Whether the phase is a parameter (else 0).
    """

    hyperfine: str = "none"
    weights: tuple[float, ...] | None = None
    stretched: bool = True
    phased: bool = False

    def __post_init__(self) -> None:
        checks.one_of("hyperfine", self.hyperfine, ("none", "14N", "15N"))

    @property
    def shape_parameters(self) -> tuple[Parameter, ...]:
        """Detuning, dephasing time, and perhaps exponent and phase."""
        found = [Parameter("detuning", "Hz"), Parameter("t2_star", "s", low=0.0)]
        if self.stretched:
            found.append(Parameter("exponent", "1", low=0.3, high=4.0))
        if self.phased:
            found.append(Parameter("phase", "rad"))
        return tuple(found)

    def shape(self, x: Array, values: Array) -> tuple[Array, Array]:
        """Return the fringes and their derivatives."""
        exponent = values[2] if self.stretched else 1.0
        phase = values[-1] if self.phased else 0.0
        decay, slopes = stretched(x, values[1], exponent)
        offsets, weights = self._fringes()
        detuning = values[0][..., None] + offsets
        turned = 2.0 * np.pi * x[:, None] * detuning + np.asarray(phase)[..., None]
        fringes, quadrature = np.cos(turned) @ weights, np.sin(turned) @ weights
        columns = [-2.0 * np.pi * x * decay * quadrature, slopes[:, 0] * fringes]
        if self.stretched:
            columns.append(slopes[:, 1] * fringes)
        if self.phased:
            columns.append(-decay * quadrature)
        return decay * fringes, np.column_stack(columns)

    def candidates(self, x: Array, y: Array) -> Iterator[tuple[float, ...]]:
        """Yield frequencies of the trace as one of the fringes."""
        offsets, _ = self._fringes()
        exponents: Iterable[float] = (1.0, 2.0) if self.stretched else (1.0,)
        phases: Iterable[float] = (0.0, 0.5 * np.pi) if self.phased else (0.0,)
        seen = frequencies(x, y, 5)
        for f in np.unique(np.abs(np.subtract.outer(seen, offsets)).round(3)):
            for t2_star in times(x, 12)[2:]:
                for exponent in exponents:
                    for phase in phases:
                        rest = [exponent] if self.stretched else []
                        rest += [phase] if self.phased else []
                        yield (f, t2_star, *rest)

    def _fringes(self) -> tuple[Array, Array]:
        if self.hyperfine == "none":
            offsets = np.zeros(1)
        else:
            nitrogen = NITROGEN_14 if self.hyperfine == "14N" else NITROGEN_15
            offsets = nitrogen.line_offsets()
        given = np.ones(offsets.size) if self.weights is None else self.weights
        weights = checks.vector("weights", given, min_size=offsets.size)
        return offsets, weights / weights.sum()


def _summed(terms: Array, weights: Array) -> Array:
    """Return the sums over the last axis; the weights may be the same for all x."""
    if weights.ndim == 1:
        return np.asarray(terms @ weights)
    return np.asarray(np.einsum("nk,nk->n", terms, weights))


@cache
def _hermite() -> tuple[Array, Array]:
    """Return nodes and weights of a standard normal distribution."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    return nodes, weights / weights.sum()
