"""The one integrator: adaptive steps in the interaction picture, for any equation.

The equation is ``dA/dz = L(z) A + N(z, A)`` with a diagonal ``L``. Light is carried by
``exp(int L dz)``, which is exact however stiff dispersion and diffraction are, and the
rest by ERK4(3)-IP: fourth-order Runge-Kutta with an embedded third-order solution that
re-uses the next step's first slope.

References
----------
S. Balac and F. Mahe, Comput. Phys. Commun. 184, 1211 (2013), section 3: the scheme.
J. Hult, J. Lightwave Technol. 25, 3770 (2007): RK4 in the interaction picture.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.buffers import aligned_array, aligned_copy
from qleap.core.errors import NotConverged

__all__ = ["Equation", "Mismatched", "Snapshot", "Steps", "march"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

SAFETY, GROW, SHRINK = 0.9, 2.0, 0.4
"""Share of the step that the error would allow; largest and smallest change of it."""

KEEP_BELOW = 1.2
"""A step that may grow by less stays as it is: its exponentials are at hand."""

SMALLEST = 1e-10
"""Of the whole length; a step below that goes nowhere."""


class Equation(Protocol):
    """What the integrator asks of an equation.

    Amplitudes have the frequency on their last axis; axes before it count modes or
    transverse places.
    """

    @property
    def weights(self) -> Floats:
        """Weights of ``|A|^2`` over frequency in the error's norm, shape ``(n,)``."""

    @property
    def uniform(self) -> bool:
        """Whether ``L`` is the same at every place."""

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write ``exp(int L dz)`` from ``start`` to ``end`` (m) into ``out``."""

    def nonlinear_into(
        self, position: float, amplitudes: Complex, out: Complex
    ) -> None:
        """Write ``N`` at ``position`` (m) into ``out``, in amplitudes per m."""


@runtime_checkable
class Steps(Protocol):
    """An equation, the same everywhere, that does a whole step in one kernel."""

    def step_into(
        self,
        factor: Complex,
        state: Complex,
        first: Complex,
        step: float,
        total: Complex,
        last: Complex,
    ) -> tuple[float, float]:
        """Write the light after a step and its slope into ``total`` and ``last``.

        From ``state`` and its slope ``first``, with the linear ``factor`` of half a
        step. Returns the squared norms of the difference of the slopes at the end,
        from the last stage and from the result, and of the light.
        """


@runtime_checkable
class Mismatched(Equation, Protocol):
    """An equation that drives waves out of phase, maybe with jumps at walls.

    No step goes across a wall. What drives a wave need not depend on that wave, and
    then the embedded solution does not see how far its phase turns in a step: the
    error of Simpson's rule is added for these equations.
    """

    @property
    def walls(self) -> Floats:
        """Where the nonlinear part jumps, increasing, m."""

    def enter(self, position: float) -> None:
        """Take what lies beyond ``position`` (m) up to the next wall."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """The light at one place.

    Parameters
    ----------
    position : float
        m.
    amplitudes : ndarray of complex, shape (..., n)
        As the equation has them.
    step : float
        Step that the integrator would try next, m.
    error : float
        Sum of the estimated local errors so far, relative to the light's norm.
    steps, rejected : int
        Steps taken and steps tried again, so far.
    """

    position: float
    amplitudes: Complex
    step: float
    error: float = 0.0
    steps: int = 0
    rejected: int = 0


class _Work:
    """Arrays of one propagation, flat, with views in the shape of the amplitudes."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.first, self.slope, self.last = (self._array() for _ in range(3))
        self.centre, self.total, self.stage = (self._array() for _ in range(3))
        self.before, self.after = self._array(), self._array()

    def _array(self) -> Complex:
        return aligned_array(math.prod(self.shape), np.complex128)

    def shaped(self, flat: Complex) -> Complex:
        return flat.reshape(self.shape)


def march(
    start: Snapshot,
    equation: Equation,
    positions: Sequence[float],
    *,
    tolerance: float,
) -> Iterator[Snapshot]:
    """Yield the light after every step; the ``positions`` are met exactly.

    Parameters
    ----------
    start : Snapshot
        Where to begin, with the step to try first.
    equation : Equation
        What happens on the way.
    positions : sequence of float
        Increasing, beyond the start, m.
    tolerance : float
        Largest relative local error of a step; zero keeps the first step.

    Raises
    ------
    NotConverged
        Where the field stops being finite or the step becomes too small.

    Notes
    -----
    The amplitudes of what is yielded are overwritten by the next step; copy them to
    keep them. Going on from any of the yielded places gives the same bits.
    """
    from qleap.laser._kernels import steps as kernels

    checks.between("tolerance", tolerance, 0.0, 0.1)
    work = _Work(start.amplitudes.shape)
    state = aligned_copy(start.amplitudes.astype(np.complex128, copy=False).ravel())
    place, step, error = start.position, start.step, start.error
    taken, rejected = start.steps, start.rejected
    tabulated = math.nan
    whole_steps = equation if isinstance(equation, Steps) else None
    mismatched = equation if isinstance(equation, Mismatched) else None
    walls = set() if mismatched is None else set(mismatched.walls.tolist())
    inside = {wall for wall in walls if place < wall < positions[-1]}
    for goal in sorted({*positions, *inside}):
        if place == start.position or place in walls:
            if mismatched is not None:
                mismatched.enter(place)
            equation.nonlinear_into(place, work.shaped(state), work.shaped(work.first))
        while place < goal:
            rest = goal - place
            # The last step reaches the end exactly, and takes a sliver along.
            h = rest if step >= rest * (1.0 - 1e-9) else step
            if not (equation.uniform and h == tabulated):
                _propagators_into(equation, place, h, work)
                tabulated = h
            if whole_steps is not None:
                apart, whole = whole_steps.step_into(
                    work.before, state, work.first, h, work.total, work.last
                )
            else:
                _step_into(kernels, equation, place, h, state, work)
                apart, whole = kernels.distances(
                    work.slope, work.last, work.total, equation.weights
                )
            apart *= (h / 10.0) ** 2
            if mismatched is not None:
                apart += _quadrature(kernels, equation, h, work)
            found = 0.0 if whole == 0.0 else math.sqrt(apart / whole)
            if not math.isfinite(found):
                raise _failure("the field is not finite", place, h, tolerance)
            if tolerance == 0.0 or found <= tolerance:
                place = goal if h == rest else place + h
                error += found
                taken += 1
                state, work.total = work.total, state
                work.first, work.last = work.last, work.first
                accepted = True
            else:
                rejected += 1
                accepted = False
            if tolerance > 0.0:
                step = _next_step(step, h, found, tolerance)
                if step < SMALLEST * positions[-1]:
                    raise _failure("the step is too small", place, step, tolerance)
            if accepted:
                yield Snapshot(
                    position=place,
                    amplitudes=work.shaped(state),
                    step=step,
                    error=error,
                    steps=taken,
                    rejected=rejected,
                )


def _propagators_into(equation: Equation, place: float, h: float, work: _Work) -> None:
    if equation.uniform:
        # Counted from zero: the rounding of a difference of places would depend on
        # where a length was met first, and going on from a checkpoint with it.
        equation.propagator_into(0.0, 0.5 * h, work.shaped(work.before))
        work.after = work.before
        return
    middle = place + 0.5 * h
    equation.propagator_into(place, middle, work.shaped(work.before))
    equation.propagator_into(middle, place + h, work.shaped(work.after))


def _step_into(
    kernels: ModuleType,
    equation: Equation,
    place: float,
    h: float,
    state: Complex,
    work: _Work,
) -> None:
    """Write the light after a step into ``work.total``.

    ``work.slope`` and ``work.last`` are the slopes at the end, from the last stage
    and from the result.
    """
    shaped, middle, end = work.shaped, place + 0.5 * h, place + h
    stage, slope = shaped(work.stage), shaped(work.slope)
    kernels.first_half_into(
        work.before, state, work.first, h, work.centre, work.total, work.stage
    )
    equation.nonlinear_into(middle, stage, slope)
    kernels.middle_into(work.centre, work.slope, h, work.total, work.stage)
    equation.nonlinear_into(middle, stage, slope)
    kernels.second_half_into(
        work.after, work.centre, work.slope, h, work.total, work.stage
    )
    equation.nonlinear_into(end, stage, slope)
    kernels.end_into(work.slope, h, work.total)
    equation.nonlinear_into(end, shaped(work.total), shaped(work.last))


def _quadrature(
    kernels: ModuleType, equation: Equation, h: float, work: _Work
) -> float:
    """Return the weighted squared error of Simpson's rule in the step just taken."""
    return float(
        kernels.quadrature_error(
            work.before,
            work.after,
            work.first,
            work.centre,
            work.stage,
            work.slope,
            h,
            equation.weights,
        )
    )


def _next_step(step: float, h: float, found: float, tolerance: float) -> float:
    ratio = SAFETY * math.pow(tolerance / max(found, 1e-300), 0.25)
    ratio = min(GROW, max(SHRINK, ratio))
    if ratio < 1.0 or (ratio > KEEP_BELOW and h == step):
        return h * ratio
    return step


def _failure(cause: str, place: float, step: float, tolerance: float) -> NotConverged:
    """Return the error of a propagation that ended before its end."""
    return NotConverged(
        f"propagation must reach its end, but at {place:.6g} m with a step of "
        f"{step:.3g} m {cause} (tolerance {tolerance:g}); check power, nonlinearity "
        "and dispersion, or widen the grid."
    )
