"""How far a coherence depends on where the bath and the expansion are cut off."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.core.results import dataset
from qleap.sensing.bath.clusters import find_clusters
from qleap.sensing.bath.expansion import ClusterExpansion, Levels
from qleap.sensing.bath.spins import BathSpins

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["convergence"]


def convergence(
    bath: BathSpins,
    times: ArrayLike,
    *,
    field: ArrayLike,
    radii: Sequence[float],
    distances: Sequence[float],
    order: int = 2,
    pulses: int | ArrayLike = 1,
    levels: Levels = (0.0, -1.0),
    threads: int | None = None,
) -> "xr.Dataset":
    """Return coherences over bath radius, connection distance and order.

    Parameters
    ----------
    bath : BathSpins
        Filled at least to the largest radius.
    times : array_like, shape (m,), s
    field : array_like, shape (3,), T
    radii : sequence of float, m
        Ascending; spins farther from the central one are left out.
    distances : sequence of float, m
        Ascending; see `find_clusters`.
    order : int
        Largest size of clusters.
    pulses, levels, threads
        As in `coherence`.

    Returns
    -------
    xarray.Dataset
        ``coherence`` over radius, distance, order and time, ``clusters`` (how many of
        each size), and ``difference``, the largest distance of a curve from the one
        with the largest radius, distance and order.
    """
    moments = checks.vector("times", times, "s")
    outer = checks.increasing("radii", radii, "m", min_size=1)
    reach = checks.increasing("distances", distances, "m", min_size=1)
    at = checks.vector("field", field, "T")
    away = np.linalg.norm(bath.position, axis=1)
    if not np.any(away <= outer[0]):
        raise InvalidValue(
            f"radii must leave a spin in the bath, got {outer[0]:.3g} m where the "
            f"nearest spin is {away.min(initial=np.inf):.3g} m away."
        )
    shape = (len(outer), len(reach), order)
    curves = np.empty((*shape, len(moments)), dtype=np.complex128)
    counts = np.zeros(shape, dtype=np.int64)
    for i, radius in enumerate(outer):
        inner = bath.chosen(away <= radius)
        for j, distance in enumerate(reach):
            clusters = find_clusters(inner, order=order, distance=float(distance))
            expansion = ClusterExpansion(
                bath=inner, clusters=clusters, field=at, levels=levels
            )
            curves[i, j] = expansion.by_order(moments, pulses=pulses, threads=threads)
            counts[i, j] = clusters.counts
    difference = np.abs(curves - curves[-1, -1, -1]).max(axis=-1)
    axes = ("radius", "distance", "order")
    return dataset(
        kind="cce-convergence",
        coords={
            "radius": (outer, "m"),
            "distance": (reach, "m"),
            "order": (np.arange(1, order + 1), "1"),
            "time": (moments, "s"),
        },
        variables={
            "coherence": ((*axes, "time"), curves, "1"),
            "clusters": (axes, counts, "1"),
            "difference": (axes, difference, "1"),
        },
        parameters={
            "field": at.tolist(),
            "pulses": pulses if isinstance(pulses, int) else np.ravel(pulses).tolist(),
            "spins": len(bath),
        },
    )
