r"""What each quantum path radiates, and what a pair does where its paths meet.

In atomic units. The dipole is that of `sfa_dipole`,
:math:`\mathbf x(t) = 2\,\mathrm{Re}\int dt'\,\mathbf g(t,t')e^{-iS(t,t')}`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.laser.harmonics.complex_fields import AnalyticField
from qleap.laser.harmonics.elements import DipoleElements
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
    """Short and long paths, of the shape ``(pairs, 2, energies)``."""

    phase: Complex
    r""":math:`\Omega t - S`, rad."""
    strength: Complex
    r"""Of the transform, without its phase and without :math:`e^{\mp i\pi/4}`, with
    the components of the light first."""
    given: Complex
    """Part of the action that the field gives; it goes as the intensity."""
    slope: Complex
    """Change of the time of return with the frequency."""
    momentum: Complex
    """Canonical, with the components first."""

    @property
    def amplitude(self) -> Complex:
        r"""Transforms :math:`\int\mathbf x\,e^{i\Omega t}dt` of each path alone."""
        turn = np.exp(-0.25j * np.pi * np.array([1.0, -1.0]))[:, None]
        # Paths without a meaning may grow beyond all numbers.
        log = 1j * self.phase.real - np.maximum(self.phase.imag, -LARGEST_EXPONENT)
        return np.asarray(self.strength * turn * np.exp(log))


def path_sums(
    field: AnalyticField,
    energy: float,
    elements: DipoleElements,
    times: tuple[Complex, Complex],
    omega: Floats,
) -> PathSums:
    """Return what the paths radiate whose times `saddle_points.paths` found.

    Over the return the method of the saddle point is used. Over the birth it is not,
    as hydrogen-like dipoles have a pole right there: the integral is done along the
    line of steepest descent, a width closer to the real axis.
    """
    birth, back = times
    here = Motion(field, birth, back)
    until = field.square_integral_au(back)
    action, given = here.action(field, energy, until)
    width = 1.0 / np.sqrt(-1j * here.born * here.born_birth)
    places = np.arange(-REACH, REACH + 0.5 * SPACING, SPACING) - 1j * BELOW
    total = np.zeros_like(here.velocity)
    for place in places:
        there = Motion(field, birth + place * width, back, here.now)
        exponent = there.action(field, energy, until)[0] - action
        total += _element(there, elements) * np.exp(-1j * exponent)
    # d(phase)/d(omega) = t, and the action bends as v dv/dt; the long path's bends
    # the other way, so that both roots stay near the real axis.
    bend = here.speed * here.acceleration * np.array([1.0, -1.0])[:, None]
    return PathSums(
        phase=np.asarray(omega * back - action),
        strength=np.asarray(total * SPACING * width * np.sqrt(2.0 * np.pi / bend)),
        given=given,
        slope=np.asarray(1.0 / (here.speed * here.acceleration)),
        momentum=here.momentum,
    )


def _element(motion: Motion, elements: DipoleElements) -> Complex:
    """Return the integrand without its phase, with the components first."""
    back, start, pull = motion.velocity, motion.start, motion.field_then
    spread = 1j * (np.pi / (0.5j * motion.delay)) ** (0.5 * elements.dimensions)
    f, g = elements.continued((back**2).sum(axis=0))
    f_then, g_then = elements.continued((start**2).sum(axis=0))
    pulled = (start * pull).sum(axis=0)
    if elements.shell == 0:
        return np.asarray(spread * f * f_then * pulled * back)
    states = f_then * pull + g_then * pulled * start
    return np.asarray(spread * (f * states + g * (back * states).sum(axis=0) * back))


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
    ndarray of complex, shape (components, pairs, n)

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
    first, second = sums.strength[:, :, 0], sums.strength[:, :, 1]
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
