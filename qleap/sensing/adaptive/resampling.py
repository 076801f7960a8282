"""Particles drawn anew, in memory that is used again."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.adaptive.particles import Particles

__all__ = ["Resampler"]

Array = NDArray[np.float64]

MOST_KICKS = 4096
"""Different normal numbers of a parameter; more particles share them."""


class Resampler:
    """Systematic draws of particles that Liu and West's kernel then moves.

    Parameters
    ----------
    values : ndarray, shape (p, n)
        The first particles.
    limits : ndarray, shape (p, 2)
        Within which parameters stay.
    known : sequence of bool, shape (p,)
        Which parameters are exact numbers.
    shrink : float
        Liu and West's parameter a.

    Attributes
    ----------
    spare : ndarray, shape (p, n), optional
        Memory for the next particles.
    """

    def __init__(
        self, values: Array, limits: Array, known: Sequence[bool], shrink: float
    ) -> None:
        p, n = values.shape
        self._free = np.flatnonzero(~np.asarray(known))
        self._limits, self._shrink = limits[self._free], shrink
        pairs = min(-(-n // 4), MOST_KICKS // 2)
        self._uniforms, self._kicks = np.empty((p, pairs)), np.empty((p, 2 * pairs))
        self._picked = np.empty(n, np.int32)
        self.spare: Array | None = None

    def drawn(
        self, cloud: Particles, rng: np.random.Generator, *, keep: bool
    ) -> Particles:
        """Return particles of equal weight, moved a little.

        Parameters
        ----------
        cloud : Particles
        rng : numpy.random.Generator
        keep : bool
            Whether someone needs the cloud still; else its memory is used again.
        """
        from qleap.sensing._kernels import particles as kernels

        shrink, free = self._shrink, self._free
        mean, covariance = kernels.cloud_moments(cloud.values, cloud.weights, free)
        root = kernels.covariance_root(covariance) * np.sqrt(1.0 - shrink**2)
        kernels.draw_systematically(cloud.weights, rng.random(), self._picked)
        uniforms, kicks = (a[: root.shape[1]] for a in (self._uniforms, self._kicks))
        rng.random(out=uniforms)
        kernels.normal_pairs(uniforms, kicks)
        moved = cloud.values.copy() if self.spare is None else self.spare
        kernels.moved_particles(
            cloud.values, self._picked, free, mean, root, shrink, self._limits, kicks,
            moved,
        )  # fmt: skip
        self.spare = None if keep else cloud.values
        weights = np.full(self._picked.size, 1.0 / self._picked.size)
        return replace(cloud, values=moved, weights=weights)
