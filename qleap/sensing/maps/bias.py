"""Bias of the parameters of a map, which curvature of the model gives them."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.parallel import map_points
from qleap.sensing.maps.neighbours import CHUNK, inverses
from qleap.sensing.maps.pixels import Fitted, MapTask, unpacked

__all__ = ["biases"]

Array = NDArray[np.float64]


def biases(task: MapTask, fitted: Fitted, variance: Array) -> Array:
    """Return the bias of each pixel, in units of the task; NaN where none was fitted.

    ``variance`` is that of a point of weight one of each pixel.
    """
    found = np.full(fitted.values.shape, np.nan)
    usable = np.flatnonzero(np.all(np.isfinite(fitted.values), axis=1))
    parts = [usable[k : k + CHUNK] for k in range(0, usable.size, CHUNK)]
    for part, own in zip(
        parts,
        map_points(lambda p: _biases(task, fitted, variance, p), parts, label="bias"),
        strict=True,
    ):
        found[part] = own
    return found


def _biases(
    task: MapTask, fitted: Fitted, variance: Array, which: NDArray[np.int64]
) -> Array:
    from qleap.sensing._kernels.multiplet_bias import multiplet_biases

    values, kept = fitted.values[which], unpacked(fitted.bits[which], task.x.size)
    weights = task.weighted(kept, task.weights_of(which))
    return multiplet_biases(
        task.x,
        values,
        weights,
        inverses(task, values, weights),
        variance[which],
        task.offsets,
        task.degree,
    )
