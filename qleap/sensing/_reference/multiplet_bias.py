"""Bias that curvature of the model gives to least squares: the definition."""

import numpy as np
from numpy.typing import NDArray

from qleap.sensing._reference.multiplet_maps import _slopes

__all__ = ["multiplet_biases"]

Array = NDArray[np.float64]

STEP = 1e-6
"""By which parameters differ; the frequency runs from -1 to 1."""


def multiplet_biases(
    x: Array,
    found: Array,
    weights: Array,
    inverses: Array,
    variances: Array,
    offsets: Array,
    degree: int,
) -> Array:
    r"""Return the bias of the parameters of each spectrum, shape ``(n_spectra, n)``.

    .. math:: b = -\tfrac{\sigma^2}{2} (J^T W J)^{-1} J^T W t, \qquad
       t_i = \mathrm{tr}\left[(J^T W J)^{-1} \partial^2 f_i\right]

    It is the part of second order in the noise, of M. J. Box, J. R. Stat. Soc. B 33,
    171 (1971). The second derivatives are differences of the first ones here.

    Parameters
    ----------
    x, found, weights, offsets, degree
        As for `fit_multiplets`.
    inverses : ndarray, shape (n_spectra, n, n)
        Of `multiplet_covariances`.
    variances : ndarray, shape (n_spectra,)
        Of a point of weight one.
    """
    biases = np.empty_like(found)
    for k, values in enumerate(found):
        slopes = _slopes(x, values, offsets, degree)
        weight = weights[k] if len(weights) else np.ones(x.size)
        bends = np.zeros(x.size)
        for a in range(values.size):
            step = np.zeros(values.size)
            step[a] = STEP
            up = _slopes(x, values + step, offsets, degree)
            down = _slopes(x, values - step, offsets, degree)
            bends += (up - down) / (2.0 * STEP) @ inverses[k, a]
        pull = slopes.T @ (weight * bends)
        biases[k] = -0.5 * variances[k] * inverses[k] @ pull
    return biases
