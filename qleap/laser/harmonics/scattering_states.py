r"""Radial waves of an electron in the potential of an ion, bound and free.

In atomic units. Waves go over :math:`y = \ln r + r` by Numerov's method: steps are
even in the logarithm near the nucleus and in the radius far out. Free waves are
normalised by energy: :math:`u \to \sqrt{2/\pi k}\,\sin(kr + Z\ln(2kr)/k - l\pi/2 +
\sigma_l + \delta_l)`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidValue
from qleap.laser.tdse.potentials import CentralPotential

__all__ = ["BoundState", "RadialElements", "bound_state", "radial_elements"]

Floats = NDArray[np.float64]

STEP: Final = 0.0125
"""Of y."""

INNERMOST: Final = 1e-6
"""Radius, bohr; the regular solution starts there."""

OUTERMOST: Final = 100.0
"""Radius, bohr, where the ion is a point charge."""

BETWEEN: Final = 24
"""Steps between the two points at which a wave's phase is read."""


@dataclass(frozen=True)
class BoundState:
    """A bound state on the grid of `radii`."""

    energy: float
    """Hartree."""
    wave: Floats
    """The radial function over the root of dr/dy, normalised."""


@dataclass(frozen=True)
class RadialElements:
    """Elements between a bound state and free waves with one unit more or less of l."""

    momenta: NDArray[np.int64]
    """Angular momenta of the free waves, shape ``(m,)``."""
    elements: Floats
    """Integrals of r between both, energy-normalised, shape ``(m, n)``."""
    phases: Floats
    """Coulomb phase plus the phase of the core, rad, shape ``(m, n)``."""


@lru_cache(maxsize=1)
def radii() -> tuple[Floats, Floats, Floats]:
    """Return radii, dr/dy, and the term that the map adds to the equation."""
    y = np.arange(np.log(INNERMOST) + INNERMOST, np.log(OUTERMOST) + OUTERMOST, STEP)
    r = np.where(y > 1.0, np.maximum(y, 1.0), np.exp(np.minimum(y, 1.0) - 1e-9))
    for _ in range(60):
        # In the logarithm Newton's method does not leave the positive radii.
        r = r * np.exp(np.clip((y - np.log(r) - r) / (1.0 + r), -1.0, 1.0))
    slope = r / (r + 1.0)
    added = 0.25 / (r + 1.0) ** 4 + slope / (r + 1.0) ** 3
    return r, slope, added


@lru_cache(maxsize=64)
def bound_state(potential: CentralPotential) -> BoundState:
    """Return the state of the active electron.

    Raises
    ------
    InvalidValue
        Where the potential does not hold that state.
    """
    from scipy.linalg import eigh_tridiagonal, solve_banded

    r = radii()[0]
    static, weight = _terms(potential, potential.l)
    n = r.size
    # Second differences tell which state is which, Numerov's formula how it is.
    # (without the innermost radii, whose large numbers would drown the energies).
    part = r > 1e-3
    root = np.sqrt(weight[part])
    diagonal = (2.0 / STEP**2 + static[part]) / weight[part]
    off = -1.0 / (STEP**2 * root[1:] * root[:-1])
    nodes = potential.nodes
    energy = float(
        eigh_tridiagonal(
            diagonal, off, eigvals_only=True, select="i", select_range=(nodes, nodes)
        )[0]
    )
    if energy >= 0.0:
        raise InvalidValue(
            f"potential must hold a state with n = {potential.n} and l = "
            f"{potential.l}, {potential.name!r} does not."
        )
    wave = np.exp(-np.sqrt(-2.0 * energy) * r) * r
    for again in range(8):
        left = STEP**2 / 12.0 * (static - energy * weight)
        banded = np.zeros((3, n))
        banded[0, 1:] = 1.0 - left[1:]
        banded[1] = -2.0 - 10.0 * left
        # Further in the wave goes as r^(l + 1/2).
        banded[1, 0] += (1.0 - left[0]) * np.exp(-(potential.l + 0.5) * STEP)
        banded[2, :-1] = 1.0 - left[:-1]
        source = weight * wave
        right = 10.0 * source
        right[1:] += source[:-1]
        right[:-1] += source[1:]
        new = solve_banded((1, 1), banded, right * STEP**2 / 12.0)
        # Two rounds of inverse iteration pick the state, then the energy moves too.
        if again > 1:
            energy -= float((source @ wave) / (source @ new))
        wave = new / np.sqrt(STEP * (weight / 2.0) @ new**2)
    wave = wave * np.sign(wave[np.argmax(np.abs(wave) > 1e-6)])
    return BoundState(energy, wave)


def radial_elements(potential: CentralPotential, energies: Floats) -> RadialElements:
    """Return elements and phases of free waves at kinetic energies (hartree)."""
    from scipy.special import loggamma

    state = bound_state(potential)
    ls = np.array([x for x in (potential.l - 1, potential.l + 1) if x >= 0])
    bare = CentralPotential(name="ion", charge=potential.charge)
    rows = [(v, int(m)) for v in (potential, bare) for m in ls]
    overlap, phase, amplitude = _free_waves(rows, energies, state.wave)
    half = ls.size
    k = np.sqrt(2.0 * energies)
    # The bare wave's phase is known: the difference is that of the core.
    core = phase[:half] - phase[half:]
    coulomb = loggamma(ls[:, None] + 1.0 - 1j * potential.charge / k).imag
    core = np.unwrap(core, axis=1, period=2.0 * np.pi)
    return RadialElements(ls, overlap[:half] / amplitude[:half], coulomb + core)


def _terms(potential: CentralPotential, l: int) -> tuple[Floats, Floats]:  # noqa: E741
    """Return F and G of the equation phi'' = (F - E G) phi."""
    r, slope, added = radii()
    static = l * (l + 1) / r**2 + 2.0 * potential.values_au(r)
    return slope**2 * static + added, 2.0 * slope**2


def _free_waves(
    rows: list[tuple[CentralPotential, int]], energies: Floats, bound: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return integrals of r with the bound state, phases, and amplitudes, per row."""
    r, slope, _ = radii()
    terms = [_terms(potential, m) for potential, m in rows]
    static = np.array([term[0] for term in terms])
    weight = terms[0][1]
    power = np.array([m + 0.5 for _, m in rows])
    # Small, so that what grows under the barrier stays a number.
    now = np.full((len(rows), energies.size), 1e-30)
    last = now * np.exp(-power * STEP)[:, None]
    share = STEP * slope**2 * r * bound
    overlap = share[0] * last + share[1] * now
    factor = STEP**2 / 12.0
    before = factor * (static[:, 0, None] - energies * weight[0])
    here = factor * (static[:, 1, None] - energies * weight[1])
    first = r.size - 1 - BETWEEN
    for i in range(2, r.size):
        after = factor * (static[:, i, None] - energies * weight[i])
        new = ((2.0 + 10.0 * here) * now - (1.0 - before) * last) / (1.0 - after)
        overlap += share[i] * new
        last, now, before, here = now, new, here, after
        if i == first:
            seen = now * np.sqrt(slope[i])
    end = now * np.sqrt(slope[-1])
    phase, amplitude = _phase(rows, energies, (r[first], r[-1]), seen, end)
    return overlap, phase, amplitude


def _phase(
    rows: list[tuple[CentralPotential, int]],
    energies: Floats,
    ends: tuple[float, float],
    first: Floats,
    last: Floats,
) -> tuple[Floats, Floats]:
    r"""Return phase and amplitude, over that by energy, of waves at the outer points.

    Milne's form :math:`u = \sqrt{2/\pi K}\,\sin\int K`, with the wave number K to
    the second order beyond the local one.
    """
    nodes, weights = np.polynomial.legendre.leggauss(6)
    middle, half = 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0])
    r = np.concatenate([[ends[0]], middle + half * nodes, [ends[1]]])
    l = np.array([x for _, x in rows])[:, None, None]  # noqa: E741
    charge = rows[0][0].charge
    q = 2.0 * energies[None, :, None] + 2.0 * charge / r - l * (l + 1) / r**2
    bend = -2.0 * charge / r**2 + 2.0 * l * (l + 1) / r**3
    curve = 4.0 * charge / r**3 - 6.0 * l * (l + 1) / r**4
    number = np.sqrt(q + 0.3125 * (bend / q) ** 2 - 0.25 * curve / q)
    turned = half * number[:, :, 1:-1] @ weights
    scale = np.sqrt(2.0 / np.pi)
    sine = first * np.sqrt(number[:, :, 0]) / scale
    ahead = last * np.sqrt(number[:, :, -1]) / scale
    cosine = (ahead - sine * np.cos(turned)) / np.sin(turned)
    return np.arctan2(sine, cosine), np.hypot(sine, cosine)
