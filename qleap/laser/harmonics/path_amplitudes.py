r"""What each quantum path radiates, and what a pair does where its paths meet.

In atomic units. The dipole is that of `sfa_dipole` with hydrogen-like elements,
:math:`x(t) = 2\,\mathrm{Re}\int dt'\,g(t,t')e^{-iS(t,t')}`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.harmonics.complex_fields import AnalyticField
from qleap.laser.harmonics.saddle_points import Motion

__all__ = ["PathSums", "meaningful", "path_sums", "uniform"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

REACH: Final = 4.5
"""Widths of a saddle over which the births are summed."""

SPACING: Final = 0.5
"""Between births, in widths."""

LARGEST_EXPONENT: Final = 600.0
"""Of an amplitude."""

ALIKE: Final = 0.15
"""Births of two paths that can meet are no further apart, in cycles."""

BELOW: Final = 1.0
"""Widths by which the sum passes below the pole."""


@dataclass(frozen=True)
class PathSums:
    """Short and long paths, all of the shape ``(pairs, 2, energies)``."""

    phase: Complex
    r""":math:`\Omega t - S`, rad."""
    strength: Complex
    r"""Of the transform, without its phase and without :math:`e^{\mp i\pi/4}`."""
    given: Complex
    """Part of the action that the field gives; it goes as the intensity."""
    slope: Complex
    """Change of the time of return with the frequency."""

    @property
    def amplitude(self) -> Complex:
        r"""Transforms :math:`\int x\,e^{i\Omega t}dt` of each path by its own."""
        turn = np.exp(-0.25j * np.pi * np.array([1.0, -1.0]))[:, None]
        # Paths without a meaning may grow beyond all numbers.
        log = 1j * self.phase.real - np.maximum(self.phase.imag, -LARGEST_EXPONENT)
        return np.asarray(self.strength * turn * np.exp(log))


def path_sums(
    field: AnalyticField, energy: float, birth: Complex, back: Complex, omega: Floats
) -> PathSums:
    """Return what the paths radiate that `saddle_points.paths` found.

    Over the return the method of the saddle point is used. Over the birth it is not,
    as the dipole has a pole of third order right there: the integral is done along the
    line of steepest descent, a width closer to the real axis.
    """
    here = Motion(field, birth, back)
    until = field.square_integral_au(back)
    action, given = here.action(field, energy, until)
    width = 1.0 / np.sqrt(-1j * here.born * here.born_birth)
    places = np.arange(-REACH, REACH + 0.5 * SPACING, SPACING) - 1j * BELOW
    total = np.zeros_like(birth)
    for place in places:
        there = Motion(field, birth + place * width, back, here.now)
        exponent = there.action(field, energy, until)[0] - action
        total += _element(there, energy) * np.exp(-1j * exponent)
    # d(phase)/d(omega) = t, and the action bends as v dv/dt; the long path's bends
    # the other way, so that both roots stay near the real axis.
    bend = here.velocity * here.acceleration * np.array([1.0, -1.0])[:, None]
    return PathSums(
        phase=np.asarray(omega * back - action),
        strength=np.asarray(total * SPACING * width * np.sqrt(2.0 * np.pi / bend)),
        given=given,
        slope=np.asarray(1.0 / (here.velocity * here.acceleration)),
    )


def _element(motion: Motion, energy: float) -> Complex:
    """Return the integrand without its phase."""
    alpha = 2.0 * energy
    scale = 2.0**7 * alpha**2.5 / np.pi**2
    spread = 1j * (np.pi / (0.5j * motion.delay)) ** 1.5
    squares = (motion.velocity**2 + alpha) * (motion.born**2 + alpha)
    dipoles = motion.velocity * motion.born / squares**3
    return np.asarray(scale * spread * dipoles * motion.field_then)


def uniform(sums: PathSums, cutoff: Complex, omega: Floats) -> Complex:
    r"""Return the transform of every pair, valid where its paths meet too.

    Parameters
    ----------
    sums : PathSums
    cutoff : ndarray of complex, shape (pairs,)
        Frequencies at which the paths meet.
    omega : ndarray, shape (n,)

    Returns
    -------
    ndarray of complex, shape (pairs, n)

    Notes
    -----
    The approximation of Chester, Friedman and Ursell, with Airy functions of
    :math:`\zeta = (3\theta/2)^{2/3}`, where :math:`2\theta` is the difference of the
    two phases; far below the cutoff it is the sum of both paths, above it the one that
    decays.
    """
    from scipy.special import airy

    short, long = sums.phase[:, 0], sums.phase[:, 1]
    theta, mean = 0.5 * (short - long), 0.5 * (short + long)
    # Zeta goes as the distance from the cutoff: that tells the three roots apart.
    away = np.angle(cutoff[:, None] - omega)
    turned = np.angle(theta) / 1.5
    turns = np.round((away - turned) / (2.0 * np.pi / 1.5))
    size = (1.5 * np.abs(theta)) ** (2.0 / 3.0)
    angle = turned + turns * 2.0 * np.pi / 1.5
    quarter = size**0.25 * np.exp(0.25j * angle)
    ai, slope, _, _ = airy(-size * np.exp(1j * angle))
    first, second = sums.strength[:, 0], sums.strength[:, 1]
    even = (first + second) * quarter * ai
    odd = 1j * (first - second) / quarter * slope
    return np.asarray(np.sqrt(np.pi) * np.exp(1j * mean) * (even + odd))


def meaningful(
    birth: Complex, back: Complex, sums: PathSums, cutoff: Complex, omega: Floats
) -> NDArray[np.bool_]:
    r"""Return which paths are part of the integral, shape ``(pairs, 2, n)``.

    Parameters
    ----------
    birth, back : ndarray of complex, shape (pairs, 2, n)
        In cycles of the carrier.
    sums : PathSums
    cutoff : ndarray of complex, shape (pairs,)
    omega : ndarray, shape (n,)

    Notes
    -----
    Where two paths have met, their real times of return are one and their imaginary
    ones are not; the one that grows is no part of the integral any more. They meet at
    the cutoff of their pair. In fields of several colours the long path of a pair also
    meets the short one of another, at a minimum of the energy of return.
    """
    real = np.ones(back.shape, bool)
    damped = np.nan_to_num(sums.phase.imag)
    above = omega > cutoff.real[:, None]
    for path in range(2):
        real[:, path] &= ~above | (damped[:, path] > damped[:, 1 - path])
    for one, other in np.ndindex(back.shape[0], back.shape[0]):
        if one == other:
            continue
        apart = back[one, 1] - back[other, 0]
        near = np.abs(birth[one, 1] - birth[other, 0]) < ALIKE
        met = near & (np.abs(apart.real) < np.abs(apart.imag))
        met &= ~above[one] & ~above[other]
        longer = damped[one, 1] > damped[other, 0]
        real[one, 1] &= ~met | longer
        real[other, 0] &= ~met | ~longer
    return real
