r"""Steps in time of an electron on a line, in the length and in the velocity gauge.

Both are of fourth order, exact for free electrons in any field, and start from and
return wave functions in the length gauge. Atomic units throughout.

References
----------
H. G. Muller, Laser Phys. 9, 138 (1999): Numerov's formula for the length gauge.
S. A. Chin, C. R. Chen, J. Chem. Phys. 117, 1409 (2002): forward factorisation with
the square of the force, for potentials that depend on time.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from qleap.core.buffers import aligned_array, aligned_copy
from qleap.core.errors import InvalidValue
from qleap.laser.fourier import ComplexTransform
from qleap.laser.tdse.line_grid import PIECES, Line

__all__ = [
    "Atomic",
    "CompactSteps",
    "Impulses",
    "SpectralSteps",
    "Steps",
    "forgotten_after",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Poles of the Pade approximant (12 + 6 z + z^2)/(12 - 6 z + z^2) of exp(z).
POLE: Final = 3.0 + 1j * math.sqrt(3.0)
RESIDUE: Final = 12.0 * POLE / (2j * math.sqrt(3.0))

FORGOTTEN: Final = 1e-17
"""Share that is left of where a sweep began after the rows that it is swept anew."""

LARGEST_BEND: Final = 1e-3
"""Largest phase of what corrects a kick, whose series ends after the fourth order."""

BACKGROUND: Final = 1e-40
"""Added to wave functions: no sweep falls among the slow denormal numbers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Atomic:
    """An electron on a line.

    Parameters
    ----------
    line : Line
    values, gradient : ndarray, shape (n_points,)
        Potential and its slope.
    loss : ndarray, shape (n_points,)
        Rate of absorption, ``V - i W``.
    state : ndarray, shape (n_points,)
        Real state whose share is followed, and in which the electron begins.
    inside : ndarray, shape (n_points,)
        1 where an electron counts as bound, 0 elsewhere.
    """

    line: Line
    values: Floats
    gradient: Floats
    loss: Floats
    state: Floats
    inside: Floats


@dataclass(frozen=True, slots=True)
class Impulses:
    """What a field gives to a free electron, in equal steps.

    Parameters
    ----------
    step : float
    momentum : ndarray, shape (n + 1,)
        Momentum since the beginning at every edge of a step.
    way : ndarray, shape (2, n)
        How far it goes in the first and in the second half of every step.
    action : ndarray, shape (n + 1,)
        Integral of its kinetic energy since the beginning, at every edge.
    """

    step: float
    momentum: Floats
    way: Floats
    action: Floats

    @classmethod
    def of(cls, time: Floats, field: Floats, n_steps: int) -> "Impulses":
        """Return those of a spline through a field, ``n_steps`` between two times."""
        from scipy.interpolate import CubicSpline

        given = np.linspace(0.0, time[-1] - time[0], time.size)
        momentum = CubicSpline(given, -field).antiderivative()
        way = momentum.antiderivative()
        n = n_steps * (time.size - 1)
        edges = np.linspace(0.0, given[-1], n + 1)
        halves = np.diff(way(np.linspace(0.0, given[-1], 2 * n + 1)))
        at_edges = momentum(edges)
        action = CubicSpline(edges, 0.5 * at_edges**2).antiderivative()(edges)
        return cls(edges[1], at_edges, halves.reshape(n, 2).T, action)

    def kicks(self, per_sample: int) -> Floats:
        """Return momenta before, between and after steps, ``(-1, per_sample + 1)``.

        The kick before a step and that after it together give the momentum and, in
        between, the way of a free electron.
        """
        before = self.way.sum(axis=0) / self.step - self.momentum[:-1]
        after = np.diff(self.momentum) - before
        found = np.zeros((before.size // per_sample, per_sample + 1))
        found[:, :-1] = before.reshape(-1, per_sample)
        found[:, 1:] += after.reshape(-1, per_sample)
        return found

    def lag(self) -> Floats:
        """Return the phase by which kicks fall behind a free electron, at all edges.

        It is the kinetic energy of what moves about the mean within a step.
        """
        total = np.diff(self.action) - self.way.sum(axis=0) ** 2 / (2.0 * self.step)
        return np.concatenate([[0.0], np.cumsum(total)])


class Steps(Protocol):
    """A wave function that goes on in time."""

    def advance(self) -> None:
        """Go on to the next time at which something is measured."""
        ...

    def measure(self) -> Floats:
        """Return norm, mean position, mean slope, share inside, product with state."""
        ...

    def values(self, points: NDArray[np.int64]) -> Complex:
        """Return the wave function at some points, in the length gauge."""
        ...

    def state(self) -> dict[str, NDArray[Any]]:
        """Return what the next steps depend on, to the bit."""
        ...

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""
        ...


class CompactSteps:
    """Numerov's differences and the Pade approximant [2/2], in the length gauge.

    Parameters
    ----------
    atomic : Atomic
    impulses : Impulses
    per_sample : int
        Steps between two measurements.
    """

    def __init__(self, atomic: Atomic, impulses: Impulses, per_sample: int) -> None:
        from qleap.laser._kernels import line as kernels

        self._kernels = kernels
        line = self._line = atomic.line
        dt, h = impulses.step, line.spacing
        complex_values = atomic.values - 1j * atomic.loss
        factors = _factors(complex_values, h, dt)
        self._inverse = aligned_array(4 * line.n_points)
        kernels.inverse_pivots_into(factors, self._inverse)
        self._warm = _memory(self._inverse)
        residues = np.array([RESIDUE, RESIDUE.conjugate()]) * 1j / dt * h**2 / 72.0
        weights = np.array([*residues, residues.sum()])
        self._weights = weights.view(np.float64)
        self._rows = line.n_points // PIECES
        if self._warm >= self._rows:
            raise InvalidValue(
                f"time_step must be shorter for this potential: a sweep forgets after "
                f"{self._warm} points, and a piece of the line has {self._rows}."
            )
        self._place = np.array([line.first, h])
        self._kicks = impulses.kicks(per_sample)
        self._behind = np.exp(-1j * impulses.lag()[::per_sample])
        bend = dt**2 / 12.0 * atomic.gradient
        largest = np.abs(self._kicks).max(initial=0.0) * np.abs(bend).max()
        if largest > LARGEST_BEND:
            raise InvalidValue(
                f"time_step must be shorter for this field and potential: a kick's "
                f"correction must stay below {LARGEST_BEND:g}, got {largest:.2g}."
            )
        self._bend = self._split(bend[None])
        weighing = np.stack([line.x, atomic.gradient, atomic.inside])
        self._weighing, self._state = self._split(weighing), self._split(atomic.state)
        self._room = aligned_array(4 * line.n_points + 16)
        start = np.stack([atomic.state + BACKGROUND, np.zeros(line.n_points)])
        self._psi, self._out = self._split(start), np.empty(6)
        self._sample = 0

    def _split(self, values: Floats) -> Floats:
        """Return values by rows and lanes, flat."""
        rows = values.reshape(-1, PIECES, self._rows)
        return aligned_copy(np.ascontiguousarray(rows.transpose(2, 0, 1))).ravel()

    def advance(self) -> None:
        """Go on to the next measurement."""
        self._kernels.steps_into(
            self._psi,
            self._inverse,
            self._weights,
            self._warm,
            self._place,
            self._bend,
            self._kicks[self._sample],
            self._room,
        )
        self._sample += 1

    def measure(self) -> Floats:
        """Return what is measured."""
        self._kernels.observe_into(self._psi, self._weighing, self._state, self._out)
        return self._line.spacing * self._out

    def values(self, points: NDArray[np.int64]) -> Complex:
        """Return the wave function at some points."""
        at = 2 * PIECES * (points % self._rows) + points // self._rows
        found = self._psi[at] + 1j * self._psi[at + PIECES]
        return np.asarray(self._behind[self._sample] * found)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return what the next steps depend on, to the bit."""
        return {"psi": self._psi, "number": np.array(self._sample)}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""
        self._psi[:], self._sample = state["psi"], int(state["number"])


class SpectralSteps:
    """Fourier transforms and a forward factorisation, in the velocity gauge.

    Parameters
    ----------
    atomic : Atomic
        On a line of a power of two points, whose ends are one.
    impulses : Impulses
    per_sample : int
        Steps between two measurements.
    """

    def __init__(self, atomic: Atomic, impulses: Impulses, per_sample: int) -> None:
        line, dt = atomic.line, impulses.step
        self._atomic, self._impulses = atomic, impulses
        self._per_sample, self._step = per_sample, 0
        self._transform = ComplexTransform((line.n_points,))
        # Amplitudes go with exp(-i Omega x) there.
        self._k = -2.0 * np.pi * np.fft.fftfreq(line.n_points, line.spacing)
        self._free = np.exp(-0.25j * dt * self._k**2)
        outer = atomic.values - 1j * atomic.loss
        inner = outer - dt**2 / 48.0 * atomic.gradient**2
        self._outer = np.exp(-1j * dt / 6.0 * outer)
        self._between = self._outer**2
        self._inner = np.exp(-1j * dt * 2.0 / 3.0 * inner)
        self._psi = aligned_copy(atomic.state.astype(np.complex128))
        self._amplitudes = aligned_array(line.n_points, np.complex128)

    def advance(self) -> None:
        """Go on to the next measurement."""
        self._psi *= self._outer
        for i in range(self._per_sample):
            self._drift(self._impulses.way[0, self._step])
            self._psi *= self._inner
            self._drift(self._impulses.way[1, self._step])
            last = i == self._per_sample - 1
            self._psi *= self._outer if last else self._between
            self._step += 1

    def _drift(self, way: float) -> None:
        self._transform.to_frequency_into(self._psi, self._amplitudes)
        self._amplitudes *= self._free * np.exp(-1j * way * self._k)
        self._transform.to_time_into(self._amplitudes, self._psi)

    def measure(self) -> Floats:
        """Return what is measured."""
        a = self._atomic
        density = np.abs(self._psi) ** 2
        kick = np.exp(1j * self._impulses.momentum[self._step] * a.line.x)
        bound = np.sum(a.state * kick * self._psi)
        return a.line.spacing * np.array(
            [
                density.sum(),
                density @ a.line.x,
                density @ a.gradient,
                density @ a.inside,
                bound.real,
                bound.imag,
            ]
        )

    def values(self, points: NDArray[np.int64]) -> Complex:
        """Return the wave function at some points, in the length gauge."""
        x = self._atomic.line.x[points]
        given, step = self._impulses, self._step
        phase = given.momentum[step] * x - given.action[step]
        return np.asarray(np.exp(1j * phase) * self._psi[points])

    def state(self) -> dict[str, NDArray[Any]]:
        """Return what the next steps depend on, to the bit."""
        return {"psi": self._psi, "number": np.array(self._step)}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""
        self._psi[:], self._step = state["psi"], int(state["number"])


def _factors(values: Complex | Floats, spacing: float, step: float) -> Complex:
    """Return Numerov's ``f`` of both resolvents at every point."""
    poles = 1j / step * np.array([POLE, POLE.conjugate()])
    return np.asarray(1.0 - spacing**2 / 6.0 * (values - poles[:, None]))


def forgotten_after(spacing: float, step: float) -> int:
    """Return after how many points a sweep without a potential has forgotten."""
    ratio = 12.0 / _factors(np.zeros(1), spacing, step) - 10.0
    # Of w[i+1] = r w[i] with -1 + ratio r - r^2 = 0 the smaller one.
    root = np.sqrt(ratio**2 / 4.0 - 1.0)
    slowest = np.minimum(abs(ratio / 2.0 + root), abs(ratio / 2.0 - root)).max()
    return math.ceil(math.log(FORGOTTEN) / math.log(slowest))


def _memory(inverse: Floats) -> int:
    """Return after how many rows the sweeps have forgotten where they began."""
    pivots = inverse.reshape(-1, 2, 2, PIECES)
    logarithms = np.log(np.hypot(pivots[:, :, 0], pivots[:, :, 1]))
    left = [np.cumsum(rows, axis=0) for rows in (logarithms, logarithms[::-1])]
    slowest = np.max(left, axis=(0, 2, 3))
    return int(np.count_nonzero(slowest > math.log(FORGOTTEN))) + 1
