r"""Saddle points of the strong-field action: complex times of birth and return.

Everything here is in atomic units. With :math:`\mathbf v = \mathbf p - \mathbf A(t)`
and :math:`\mathbf v' = \mathbf p - \mathbf A(t')`, where the stationary momentum is
:math:`\mathbf p = \int_{t'}^t\mathbf A/(t-t')`, the equations are
:math:`\mathbf v'^2 = -\kappa^2` and :math:`\mathbf v^2 = 2(\Omega - I_p)` (Lewenstein
et al., Phys. Rev. A 49, 2117 (1994)). They are solved for the speeds, the roots of
these squares, which in linear light are the velocities with their signs.
"""

import itertools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import ATOMIC_TIME
from qleap.laser.harmonics.complex_fields import AnalyticField
from qleap.laser.harmonics.recollision import recollisions

__all__ = ["Cutoffs", "Motion", "classical_cutoffs", "cutoffs", "paths"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

DIFFERENCE: Final = 1e-4
"""Step of derivatives, atomic units of time."""

NODES: Final = 48
"""Of a path below and above its cutoff, between which it is interpolated."""

ALIKE: Final = 1e-3
"""Distance of the times of two cutoffs that are the same, atomic units."""

FLAT: Final = 1e-4
"""Bend of the energy of return between three births, over that energy, below which it
has no maximum (2e-3 in linear light). In circular light electrons graze the nucleus
after a cycle, all with one energy, of which rounding errors make maxima."""

PARTS: Final = (1, 4, 16)
"""In how many steps one goes from a node to the next, until none is too wide."""

UNFORESEEN: Final = 0.3
"""Way by which a step may be corrected, over its length."""

EXACT: Final = 1e-10
"""Largest residual of the equations, atomic units of momentum."""


class Motion:
    """Velocities of electrons born at complex times, and how they change.

    Vectors have the components first; ``speed`` and ``born`` are the roots of the
    squares of ``velocity`` and ``start``, the latter that with the larger imaginary
    part.
    """

    def __init__(
        self,
        field: AnalyticField,
        birth: Complex,
        back: Complex,
        now: Complex | None = None,
    ) -> None:
        then = field.values_au(birth)
        now = field.values_au(back) if now is None else now
        self.now = now
        self.birth, self.back = birth, back
        self.delay = back - birth
        self.momentum = (now[2] - then[2]) / self.delay
        self.velocity = self.momentum - now[1]
        self.start = self.momentum - then[1]
        self.field_then = then[0]
        along: Complex | float = 1.0
        begun: Complex | float = 1.0
        if field.components == 1:
            # The roots of squares are the velocities, with their signs.
            self.speed, self.born = self.velocity[0], self.start[0]
        else:
            self.speed, self.born = _root(self.velocity, 1.0), _root(self.start, 1j)
            along, begun = self.velocity / self.speed, self.start / self.born
        # Derivatives of the speed at birth, and of that at the return.
        self.born_back = -(begun * self.velocity).sum(axis=0) / self.delay
        self.born_birth = (begun * (self.start / self.delay + then[0])).sum(axis=0)
        self.back_back = (along * (now[0] - self.velocity / self.delay)).sum(axis=0)
        self.back_birth = (along * self.start).sum(axis=0) / self.delay

    @property
    def drift(self) -> Complex:
        """How the birth moves with the return while the speed at birth stays."""
        return np.asarray(-self.born_back / self.born_birth)

    @property
    def acceleration(self) -> Complex:
        """Change of the speed at the return with the time of return."""
        return np.asarray(self.back_back + self.back_birth * self.drift)

    def action(
        self, field: AnalyticField, energy: float, until: Complex | None = None
    ) -> tuple[Complex, Complex]:
        r"""Return the action, and the part of it that the field gives.

        ``until`` is :math:`\int A^2` at the return, where it is known.
        """
        now = field.square_integral_au(self.back) if until is None else until
        square = now - field.square_integral_au(self.birth)
        given = 0.5 * (square - (self.momentum**2).sum(axis=0) * self.delay)
        return given + energy * self.delay, given


def _root(vector: Complex, near: complex) -> Complex:
    """Return the root of a vector's square, that on the side of ``near``."""
    return np.asarray(near * np.sqrt((vector**2).sum(axis=0) / near**2))


@dataclass(frozen=True)
class Cutoffs:
    """Where a short and a long path meet: one entry for each such pair."""

    birth: Complex
    back: Complex
    speed: Complex
    curvature: Complex
    """Second derivative of the speed over the time of return."""
    drift: Complex
    born: Complex
    """Speed at birth, plus or minus i kappa."""
    visit: NDArray[np.int64]


def classical_cutoffs(
    field: AnalyticField, visits: int, weakest: float
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return births and returns of largest energy, and which return they are."""
    margin = 0.3 * field.cycle if field.periodic else 0.0
    after = field.cycle * (1.0 + 0.5 * visits) + margin if field.periodic else 0.0
    sampled = field.sampled(128.0, before=margin, after=after)
    last = field.start + field.period
    births = np.arange(sampled.time[0], last + margin, field.cycle / 512.0)
    births = births[births < sampled.time[-1]]
    found = recollisions(sampled, births=births, visits=visits)
    energy = found["return_energy"].values
    back = found["return_time"].values
    length = np.sqrt((sampled.field**2).sum(axis=0))
    here = np.interp(births, sampled.time, length)
    strong = here >= weakest * sampled.peak_field
    inside = (births >= field.start) & (births < last) & strong
    near = np.abs(np.diff(back, axis=0)) < 0.1 * field.cycle
    top = np.zeros(energy.shape, bool)
    top[1:-1] = (energy[1:-1] > energy[:-2]) & (energy[1:-1] >= energy[2:])
    top[1:-1] &= near[1:] & near[:-1]
    if field.components == 2:
        bend = 2.0 * energy[1:-1] - energy[:-2] - energy[2:]
        top[1:-1] &= bend > FLAT * energy[1:-1]
    row, visit = np.nonzero(top & inside[:, None])
    order = np.lexsort((visit, births[row]))
    row, visit = row[order], visit[order]
    return births[row], back[row, visit], visit + 1


def cutoffs(
    field: AnalyticField, energy: float, *, visits: int, weakest: float
) -> Cutoffs:
    """Return where pairs of paths meet, for an ionisation energy (hartree).

    There :math:`dv/dt = 0` of the speed besides the equation of birth; both go by
    Newton's method from the classical electrons of largest energy.
    """
    births, backs, visit = classical_cutoffs(field, visits, weakest)
    kappa = np.sqrt(2.0 * energy)
    birth = np.asarray(births / ATOMIC_TIME, np.complex128)
    back = np.asarray(backs / ATOMIC_TIME, np.complex128)
    then, now = field.values_au(birth).real, field.values_au(back).real
    linear = field.components == 1
    born = 1j * kappa * (np.sign(then[0, 0]) if linear else np.ones(birth.size))
    # Electrons that start aside tunnel longer.
    aside = (now[2] - then[2]) / (backs - births) * ATOMIC_TIME - then[1]
    strength = np.maximum(np.sqrt((then[0] ** 2).sum(axis=0)), 1e-3)
    birth = birth + 1j * np.sqrt(kappa**2 + (aside**2).sum(axis=0)) / strength
    for _ in range(40):
        here = Motion(field, birth, back)
        by_birth = Motion(field, birth + DIFFERENCE, back)
        by_back = Motion(field, birth, back + DIFFERENCE)
        change = (by_birth.acceleration - here.acceleration) / DIFFERENCE
        bend = (by_back.acceleration - here.acceleration) / DIFFERENCE
        first, second = here.born - born, here.acceleration
        norm = here.born_birth * bend - here.born_back * change
        step_birth = (first * bend - second * here.born_back) / norm
        step_back = (second * here.born_birth - first * change) / norm
        longest = np.maximum(np.abs(step_birth), np.abs(step_back))
        shorten = np.minimum(1.0, 0.05 * field.cycle / ATOMIC_TIME / longest)
        birth, back = birth - shorten * step_birth, back - shorten * step_back
        if (longest < 1e-9).all():
            break
    good = (longest < 1e-6) & (back.real > birth.real)
    good[good] = _first_of_each(field, birth[good], back[good])
    here = Motion(field, birth, back)
    found = Cutoffs(
        birth=birth,
        back=back,
        speed=here.speed,
        curvature=bend + change * here.drift,
        drift=here.drift,
        born=born,
        visit=visit,
    )
    return Cutoffs(**{name: value[good] for name, value in vars(found).items()})


def _first_of_each(
    field: AnalyticField, birth: Complex, back: Complex
) -> NDArray[np.bool_]:
    """Return which times are not those of an earlier entry, or a period away."""
    first = np.ones(birth.size, bool)
    period = field.period / ATOMIC_TIME
    for i in range(1, birth.size):
        apart = birth[:i] - birth[i]
        turns = np.round(apart.real / period) * period if field.periodic else 0.0
        far = np.abs(apart - turns) + np.abs(back[:i] - back[i] - turns)
        first[i] = not (first[:i] & (far < ALIKE)).any()
    return first


def paths(field: AnalyticField, at: Cutoffs, speeds: Floats) -> tuple[Complex, Complex]:
    """Return births and returns of both paths of every pair, by speed of return.

    Parameters
    ----------
    field : AnalyticField
    at : Cutoffs
        Of m pairs.
    speeds : ndarray, shape (n,)
        Above zero.

    Returns
    -------
    birth, back : ndarray of complex, shape (m, 2, n)
        The short path (that returns first where they are apart), then the long one;
        NaN where Newton's method fails.
    """
    sign = np.sign(at.speed.real)
    meeting = sign * at.speed
    width = np.maximum(0.7 * np.abs(meeting.imag), 0.01 * meeting.real)
    ends = [
        np.arcsinh((s - meeting.real) / width) for s in (speeds.min(), speeds.max())
    ]
    sides = [
        np.linspace(0.0, end, NODES + 1)[:, :, None] * np.ones(2)
        for end in (np.minimum(ends[0], -1e-3), np.maximum(ends[1], 1e-3))
    ]
    scale = meeting.real[:, None], width[:, None], sign[:, None], at.born[:, None]
    apart = np.sqrt(2.0 * (sign * meeting.real - at.speed) / at.curvature)
    away = apart[:, None] * np.array([1.0, -1.0])
    start = at.birth[:, None] + at.drift[:, None] * away, at.back[:, None] + away
    start = _newton(field, *start, scale[2] * scale[0], scale[3], 12)
    nodes = [_follow(field, *start, xi, scale) for xi in sides]
    speed, birth, back, slope, drift = (
        np.concatenate([down[::-1], up[1:]])
        for down, up in zip(nodes[0], nodes[1], strict=True)
    )
    # Which returns first is seen far below the cutoff.
    late = back[0, :, 0].real > back[0, :, 1].real
    order = np.where(late[:, None], [1, 0], [0, 1])
    both = [
        np.take_along_axis(values, order[None], axis=2)
        for values in (birth, back, slope, drift)
    ]
    guess = _hermite(speed[:, :, 0], both, speeds)
    target = sign[:, None, None] * np.broadcast_to(speeds, guess[0].shape)
    found = _newton(field, *guess, target, at.born[:, None, None], 8)
    here = Motion(field, *found)
    error = np.abs(here.speed - target) + np.abs(here.born - at.born[:, None, None])
    bad = ~(error < EXACT)
    for values in found:
        values[bad] = np.nan
    return found


def _follow(
    field: AnalyticField,
    birth: Complex,
    back: Complex,
    xi: Floats,
    scale: tuple[Floats, Floats, Floats, Complex],
) -> tuple[Floats, Complex, Complex, Complex, Complex]:
    """Return speeds, times and slopes (over the speed) at nodes along a path.

    Where paths bend more than a step foresees, as near to others, nodes are added.
    """
    middle, width, sign, born = scale

    def node(speed: Floats, birth: Complex, back: Complex) -> tuple[Any, ...]:
        here = Motion(field, birth, back)
        slope = sign / here.acceleration
        return speed, birth, back, slope, slope * here.drift

    rows = [node(middle + width * np.sinh(xi[0]), birth, back)]
    lost = np.zeros(birth.shape, bool)
    for left, right in itertools.pairwise(xi):
        for parts in PARTS:
            tried, astray = rows[-1:], np.zeros(birth.shape, bool)
            for place in np.linspace(left, right, parts + 1)[1:]:
                last, birth, back, slope, drift = tried[-1]
                speed = middle + width * np.sinh(place)
                way = drift * (speed - last), slope * (speed - last)
                guess = birth + way[0], back + way[1]
                found = _newton(field, *guess, sign * speed, born, 3)
                off = np.abs(found[0] - guess[0]) + np.abs(found[1] - guess[1])
                astray |= off > UNFORESEEN * (np.abs(way[0]) + np.abs(way[1]))
                tried = [*tried, node(speed, *found)]
            if not (astray & ~lost).any():
                break
        else:
            lost |= astray
        rows += tried[1:]
    speeds, births, backs, slopes, drifts = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return speeds, births, backs, slopes, drifts


def _newton(
    field: AnalyticField,
    birth: Complex,
    back: Complex,
    speed: Floats,
    born: Complex,
    rounds: int,
) -> tuple[Complex, Complex]:
    """Return times that solve the two equations, from a guess."""
    for _ in range(rounds):
        here = Motion(field, birth, back)
        first, second = here.born - born, here.speed - speed
        norm = here.born_birth * here.back_back - here.born_back * here.back_birth
        birth = birth - (first * here.back_back - second * here.born_back) / norm
        back = back - (second * here.born_birth - first * here.back_birth) / norm
    return birth, back


def _hermite(
    nodes: Floats, values: list[Complex], speeds: Floats
) -> tuple[Complex, Complex]:
    """Return births and returns at ``speeds`` by cubics, shape ``(m, 2, n)``."""
    birth, back, slope, drift = values
    made: list[tuple[Complex, Complex]] = []
    for pair in range(nodes.shape[1]):
        x = nodes[:, pair]
        k = np.clip(np.searchsorted(x, speeds) - 1, 0, x.size - 2)
        h = x[k + 1] - x[k]
        s = (speeds - x[k]) / h
        weights = (
            (1.0 + 2.0 * s) * (1.0 - s) ** 2,
            s**2 * (3.0 - 2.0 * s),
            h * s * (1.0 - s) ** 2,
            h * s**2 * (s - 1.0),
        )
        made.append(
            tuple(
                sum(
                    weight[:, None] * part
                    for weight, part in zip(
                        weights,
                        (y[k, pair], y[k + 1, pair], dy[k, pair], dy[k + 1, pair]),
                        strict=True,
                    )
                ).T
                for y, dy in ((birth, drift), (back, slope))
            )
        )
    return (
        np.array([pair[0] for pair in made]),
        np.array([pair[1] for pair in made]),
    )
