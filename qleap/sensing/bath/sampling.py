"""Averages over the states that a bath may be in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.blas import one_blas_thread
from qleap.core.parallel import map_points
from qleap.sensing.bath.clusters import Clusters, find_clusters
from qleap.sensing.bath.expansion import ClusterExpansion
from qleap.sensing.bath.generalized import generalized_coherence
from qleap.sensing.bath.spins import BathSpins

__all__ = ["SampledCoherence", "random_state", "sampled_coherence"]

Seed = int | np.random.Generator | None

_LARGEST = 1.01
"""Coherences beyond it are no coherences: the expansion has failed there."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SampledCoherence:
    """Mean over random states of a bath.

    Parameters
    ----------
    coherence : ndarray, shape (t,)
    standard_error : ndarray, shape (t,)
        Of the real part, which is what is left of the mean.
    kept : ndarray, shape (t,)
        Share of the states whose coherence was at most 1.01; others, for which the
        expansion has failed, are not in the mean. Distrust times with less than 1.
    """

    coherence: NDArray[np.complex128]
    standard_error: NDArray[np.float64]
    kept: NDArray[np.float64]


def random_state(bath: BathSpins, seed: Seed = None) -> NDArray[np.float64]:
    """Return a projection on z for each spin, all equally likely, shape ``(n,)``."""
    rng = np.random.default_rng(seed)
    levels = np.round(2.0 * bath.spin).astype(np.int64) + 1
    return np.asarray(bath.spin - rng.integers(levels))


def sampled_coherence(
    bath: BathSpins,
    times: ArrayLike,
    *,
    field: ArrayLike,
    samples: int,
    pulses: int | ArrayLike = 1,
    order: int = 2,
    distance: float = 8e-10,
    clusters: Clusters | None = None,
    levels: tuple[float, float] = (0.0, -1.0),
    generalized: bool = False,
    seed: Seed = None,
    workers: int | None = None,
) -> SampledCoherence:
    """Return the mean coherence over random product states of the bath.

    In a state, spins outside of a cluster shift those inside and the central one. A
    mixed bath, which `coherence` takes by default, has no such shifts: fine for nuclei,
    whose couplings to each other are far below those to the central spin, but not for
    electrons, whose flip-flops the shifts suppress.

    Parameters
    ----------
    bath, times, field, pulses, order, distance, clusters, levels
        See `coherence`.
    samples : int
        Number of states.
    generalized : bool
        Whether to use `generalized_coherence` of an NV centre.
    seed : int or numpy.random.Generator, optional
        The same seed gives the same states for any number of workers.
    workers : int, optional
        Threads; the number of cores by default.
    """
    moments = checks.vector("times", times, "s")
    checks.count("samples", samples)
    if clusters is None:
        clusters = find_clusters(bath, order=order, distance=distance)
    expansion = ClusterExpansion(
        bath=bath, clusters=clusters, field=np.asarray(field), levels=levels
    )

    def one(_: int, rng: np.random.Generator) -> NDArray[np.complex128]:
        state = random_state(bath, rng)
        if not generalized:
            found = expansion.by_order(moments, pulses=pulses, state=state, threads=1)
            return np.asarray(found[-1])
        return generalized_coherence(
            bath,
            moments,
            field=field,
            levels=levels,
            pulses=pulses,
            clusters=clusters,
            state=state,
            workers=1,
        )

    rng = np.random.default_rng(seed)
    with one_blas_thread():
        found = map_points(
            one, range(samples), rng=rng, workers=workers, label="bath states"
        )
    return _averaged(np.array(found))


def _averaged(found: NDArray[np.complex128]) -> SampledCoherence:
    """Return mean and spread of coherences ``(samples, t)``."""
    with np.errstate(invalid="ignore"):
        good = np.abs(found) <= _LARGEST
    number = good.sum(axis=0)
    counted = np.maximum(number, 1)
    mean = np.where(good, found, 0.0).sum(axis=0) / counted
    apart = np.where(good, (found - mean).real, 0.0)
    variance = np.sum(apart**2, axis=0) / np.maximum(number - 1, 1)
    return SampledCoherence(
        coherence=np.where(number > 0, mean, np.nan),
        standard_error=np.where(number > 1, np.sqrt(variance / counted), np.nan),
        kept=number / len(found),
    )
