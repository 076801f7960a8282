"""Fits of many spectra, in the precision that each needs."""

import numpy as np
from numpy.typing import NDArray

from qleap.core.simd import host_lanes
from qleap.sensing.fitting.model import SHAPES

__all__ = ["fit_spectra"]

Array = NDArray[np.float64]

MIXED = SHAPES.index("pseudo-voigt")

MOST_STEPS = 60
"""Evaluations of the model after which a pixel is given up."""

NEAR, CLOSE = 0.3, 1e-3
"""Variances of the noise by which the last step of the approach may lower the cost: for
each parameter where the way is short, in all where it is long."""

GAIN = 1e-7
"""The same of all steps after the last: shorter than 0.0003 standard errors."""


def fit_spectra(
    x: Array,
    spectra: Array,
    start: Array,
    offsets: Array,
    *,
    degree: int = 0,
    shape: int = 0,
    weights: Array | None = None,
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return parameters, costs and steps of spectra; see the kernel's reference.

    Single precision, with twice as many spectra in a register, is enough for most;
    double precision takes the others. A Lorentzian share that would leave the range
    from 0 to 1 is put at its limit.
    """
    if weights is None:
        weights = np.empty((0, x.size))
    found, costs, steps = _fit(x, spectra, weights, start, offsets, degree, shape)
    if shape != MIXED:
        return found, costs, steps
    column = start.shape[1] - degree - 2
    share = found[:, column].copy()
    for other, limit, out in ((1, 0.0, share < 0.0), (0, 1.0, share > 1.0)):
        which = np.flatnonzero(out)
        if which.size == 0:
            continue
        own = weights[which] if len(weights) else weights
        begin = np.delete(found[which], column, axis=1)
        less, costs[which], more = _fit(
            x, spectra[which], own, begin, offsets, degree, other
        )
        found[which] = np.insert(less, column, limit, axis=1)
        total = np.abs(steps[which]) + np.abs(more)
        steps[which] = np.where(more > 0, total, -total)
    return found, costs, steps


def _fit(
    x: Array,
    spectra: Array,
    weights: Array,
    start: Array,
    offsets: Array,
    degree: int,
    shape: int,
) -> tuple[Array, Array, NDArray[np.int64]]:
    from qleap.sensing._kernels.multiplet_maps import fit_multiplets

    with np.errstate(over="ignore"):  # such spectra fail, and double takes them
        begin = start.astype(np.float32)
    found, costs, steps = fit_multiplets(
        x, spectra, weights, begin, offsets, degree, shape,
        MOST_STEPS, NEAR * start.shape[1], GAIN, host_lanes(4),
    )  # fmt: skip
    again = np.flatnonzero(steps <= 0)
    if again.size:
        near = np.all(np.isfinite(found[again]), axis=1)
        begin = np.where(near[:, None], found[again], start[again])
        own = weights[again] if len(weights) else weights
        found[again], costs[again], more = fit_multiplets(
            x, spectra[again], own, begin, offsets, degree, shape, MOST_STEPS, CLOSE,
            GAIN, host_lanes(8),
        )  # fmt: skip
        before = np.abs(steps[again])
        steps[again] = np.where(more > 0, more + before, more - before)
    return found, costs, steps
