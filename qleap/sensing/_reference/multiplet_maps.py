"""Lorentzian multiplets fitted to many spectra, one after another: the definition."""

import numpy as np
from numpy.typing import NDArray

from qleap.sensing._reference.lines import multiplet_jacobian, multiplet_sum

__all__ = ["fit_multiplets", "multiplet_covariances"]

Array = NDArray[np.float64]


def fit_multiplets(
    x: Array,
    spectra: Array,
    weights: Array,
    start: Array,
    offsets: Array,
    degree: int,
    shape: int,
    most_steps: int,
    near: float,  # noqa: ARG001
    gain: float,  # noqa: ARG001
    lanes: tuple[int, ...],  # noqa: ARG001
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return the least squares of each spectrum.

    Parameters
    ----------
    x : ndarray, shape (n_points,)
        Ascending frequency in a unit of its own, from -1 to 1 at best.
    spectra : ndarray, shape (n_spectra, n_points)
        Finite; any value where the weight is zero.
    weights : ndarray, shape (n_spectra, n_points) or (0, n_points)
        Of the squared residuals, zero for points that are left out; all one if empty.
    start : ndarray, shape (n_spectra, n)
        Position, half width and depth of each line, the Lorentzian share of all lines
        if ``shape`` asks for it, then ``degree + 1`` coefficients
        of the background from the constant upwards. The kernel works in the precision
        of this array.
    offsets : ndarray, shape (n_components,)
        Ascending places of the components of a line about its position.
    degree : int
        Of the background.
    shape : int
        0 for Lorentzians, 1 for Gaussians, 2 for a mixture; its share has no limits.
    most_steps : int
        Evaluations after which a spectrum is given up.
    near : float
        Variances of the noise by which the last step of the kernel's approach may lower
        the cost; has no meaning here.
    gain : float
        The same of all that the kernel leaves out after its last step.
    lanes : tuple of int
        Of the vectors of the kernel; has no meaning here.

    Returns
    -------
    found : ndarray, shape (n_spectra, n)
    costs : ndarray, shape (n_spectra,)
        Sums of weighted squared residuals.
    steps : ndarray, shape (n_spectra,)
        Evaluations; negative where the fit did not converge.
    """
    from scipy.optimize import least_squares

    found, costs = np.empty_like(start), np.empty(len(spectra))
    steps = np.empty(len(spectra), dtype=np.int64)
    roots = np.sqrt(weights) if len(weights) else np.ones_like(spectra)
    for k, (spectrum, begin) in enumerate(zip(spectra, start, strict=True)):
        result = least_squares(
            lambda p, y=spectrum, w=roots[k]: (
                w * (_model(x, p, offsets, degree, shape) - y)
            ),
            begin,
            jac=lambda p, w=roots[k]: (
                w[:, None] * _slopes(x, p, offsets, degree, shape)
            ),
            method="lm",
            xtol=1e-14,
            ftol=1e-14,
            gtol=1e-14,
            max_nfev=most_steps,
        )
        found[k], costs[k] = result.x, 2.0 * result.cost
        steps[k] = result.nfev if result.status > 0 else -result.nfev
    return found, costs, steps


def multiplet_covariances(
    x: Array,
    found: Array,
    weights: Array,
    offsets: Array,
    degree: int,
    shape: int,
    lanes: tuple[int, ...],  # noqa: ARG001
) -> Array:
    """Return the inverse of ``J^T W J`` of each spectrum, ``(n_spectra, n, n)``."""
    inverses = []
    weight = weights if len(weights) else np.ones((len(found), x.size))
    for values, own in zip(found, weight, strict=True):
        slopes = _slopes(x, values, offsets, degree, shape)
        inverses.append(np.linalg.inv(slopes.T @ (own[:, None] * slopes)))
    return np.array(inverses)


def _lines(values: Array, degree: int, shape: int) -> tuple[Array, Array]:
    """Return the lines as `multiplet_sum` takes them, and the background."""
    mixes = int(shape == 2)
    n_lines = (values.size - mixes - degree - 1) // 3
    lines = np.empty((n_lines, 4))
    lines[:, :3] = values[: 3 * n_lines].reshape(n_lines, 3)
    lines[:, 1] *= 2.0
    lines[:, 3] = values[3 * n_lines] if mixes else 1.0 - shape
    return lines, values[3 * n_lines + mixes :]


def _model(
    x: Array, values: Array, offsets: Array, degree: int, shape: int = 0
) -> Array:
    lines, background = _lines(values, degree, shape)
    level = np.polynomial.polynomial.polyval(x, background)
    return np.asarray(level - multiplet_sum(x, lines, offsets))


def _slopes(
    x: Array, values: Array, offsets: Array, degree: int, shape: int = 0
) -> Array:
    lines, _ = _lines(values, degree, shape)
    by_line = -multiplet_jacobian(x, lines, offsets)
    by_line[:, 1] *= 2.0
    rows = [by_line[:, :3].reshape(-1, x.size), np.vander(x, degree + 1, True).T]
    if shape == 2:
        rows.insert(1, by_line[:, 3].sum(axis=0)[None])
    return np.vstack(rows).T
