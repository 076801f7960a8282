r"""Fisher information of any model, and the Cramér-Rao bound."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sensitivity.dual import differentiate

__all__ = [
    "NOISES",
    "FisherInformation",
    "cramer_rao",
    "fisher_information",
]

Array = NDArray[np.float64]
Model = Callable[..., Any]

NOISES = ("poisson", "gaussian", "binomial", "categorical")
"""How readings scatter about the model."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FisherInformation:
    """What readings tell about parameters.

    Parameters
    ----------
    names : tuple of str
        Of the parameters.
    matrix : ndarray, shape (n, n)
        Information, in one over the units of both parameters.
    """

    names: tuple[str, ...]
    matrix: Array

    def __add__(self, other: "FisherInformation") -> "FisherInformation":
        """Return the information of both, for readings that are independent."""
        if other.names != self.names:
            raise InvalidValue(
                f"names must be the same, got {self.names} and {other.names}."
            )
        return FisherInformation(names=self.names, matrix=self.matrix + other.matrix)

    @property
    def standard_errors(self) -> dict[str, float]:
        """Smallest standard errors with all parameters unknown."""
        errors = np.sqrt(np.diag(cramer_rao(self)))
        return dict(zip(self.names, errors.tolist(), strict=True))

    def known(self, *names: str) -> "FisherInformation":
        """Return the information about the rest where ``names`` are known."""
        for name in names:
            checks.one_of("name", name, self.names)
        kept = [i for i, n in enumerate(self.names) if n not in names]
        return FisherInformation(
            names=tuple(self.names[i] for i in kept),
            matrix=self.matrix[np.ix_(kept, kept)],
        )


def cramer_rao(information: FisherInformation) -> Array:
    """Return the smallest covariance of unbiased estimates, shape ``(n, n)``.

    Raises
    ------
    InvalidValue
        Where the readings do not fix all parameters, with those that they do not.
    """
    matrix = information.matrix
    diagonal = np.diag(matrix)
    blind = [n for n, d in zip(information.names, diagonal, strict=True) if d <= 0.0]
    if not blind:
        scale = 1.0 / np.sqrt(diagonal)
        values, vectors = np.linalg.eigh(scale[:, None] * matrix * scale)
        if values[0] > len(values) * np.finfo(float).eps * values[-1]:
            inner = (vectors / values) @ vectors.T
            return np.asarray(scale[:, None] * inner * scale)
        loose = np.abs(vectors[:, 0]) > 0.1
        blind = [n for n, free in zip(information.names, loose, strict=True) if free]
    raise InvalidValue(
        f"information must fix all parameters, but leaves {', '.join(blind)} open; "
        "hold one of them (known) or add readings at other settings."
    )


def fisher_information(
    model: Model,
    parameters: Mapping[str, float],
    *,
    noise: str,
    sigma: ArrayLike | Model | None = None,
    repetitions: ArrayLike = 1.0,
) -> FisherInformation:
    r"""Return the Fisher information of readings, by exact derivatives.

    Parameters
    ----------
    model : callable
        Called with the parameters by name; returns the expected readings, computed
        with NumPy functions (see `Dual`).
    parameters : mapping of str to float
        The point at which the information is wanted.
    noise : str
        ``"poisson"``: the model returns mean counts; ``"gaussian"``: means with the
        standard deviation ``sigma``; ``"binomial"``: probabilities of one of two
        outcomes; ``"categorical"``: probabilities of all outcomes, along the last
        axis, for any distribution over discrete outcomes.
    sigma : array_like or callable, optional
        For Gaussian noise: a number, one for each reading, a covariance matrix
        ``(m, m)``, or a function of the parameters like the model, whose own
        dependence on them then counts as well.
    repetitions : array_like
        How often each reading is repeated.

    Notes
    -----
    With the derivatives :math:`J_{ia} = \partial\mu_i/\partial\theta_a`

    .. math::
        F_{ab} = \sum_i \frac{J_{ia}J_{ib}}{\mu_i}\ \text{(Poisson)}, \quad
        \sum_i \frac{J_{ia}J_{ib}}{\mu_i(1-\mu_i)}\ \text{(binomial)}, \quad
        J^T\Sigma^{-1}J + 2\sum_i \frac{\partial_a\sigma_i\,\partial_b\sigma_i}
        {\sigma_i^2}\ \text{(Gaussian)}

    (S. M. Kay, Fundamentals of Statistical Signal Processing, 1993, ch. 3).
    """
    checks.one_of("noise", noise, NOISES)
    if (sigma is None) == (noise == "gaussian"):
        raise InvalidValue(
            f"sigma belongs to gaussian noise and to that alone, got noise={noise!r} "
            f"and sigma={sigma!r:.40}."
        )
    mean, slopes = differentiate(model, parameters)
    if np.iscomplexobj(mean):
        raise InvalidValue("model must return real readings, got complex ones.")
    times = np.asarray(repetitions, dtype=np.float64)
    if not np.all(times >= 0.0):
        raise InvalidValue(f"repetitions must be >= 0, got {times.min():g}.")
    if noise == "gaussian":
        matrix = _gaussian(mean, slopes, sigma, parameters, times)
    else:
        matrix = _counting(mean, slopes, noise, times)
    return FisherInformation(names=tuple(parameters), matrix=matrix)


def _counting(mean: Array, slopes: Array, noise: str, times: Array) -> Array:
    high = np.inf if noise == "poisson" else 1.0
    if np.any(mean < 0.0) or np.any(mean > high * (1.0 + 1e-12)):
        rule = ">= 0" if noise == "poisson" else "between 0 and 1"
        raise InvalidValue(
            f"model must return values {rule} for {noise} noise, got "
            f"{np.min(mean):g} to {np.max(mean):g}."
        )
    if noise == "categorical":
        total = mean.sum(axis=-1)
        if np.any(np.abs(total - 1.0) > 1e-6):
            raise InvalidValue(
                "model must return probabilities that add up to 1 along the last "
                f"axis, got {np.ravel(total)[0]:.8g}; include all outcomes."
            )
        times = times[..., None] if times.ndim else times
    variance = mean * (1.0 - mean) if noise == "binomial" else mean
    sure = variance <= 0.0
    if np.any(sure & np.any(slopes != 0.0, axis=0)):
        raise InvalidValue(
            "model must not be certain of a reading that depends on a parameter: the "
            "information diverges there; differentiate beside that point."
        )
    weight = np.where(sure, 0.0, times / np.where(sure, 1.0, variance))
    return _contract(slopes, weight)


def _contract(slopes: Array, weight: Array) -> Array:
    flat = slopes.reshape(len(slopes), -1)
    return np.asarray(
        (flat * np.broadcast_to(weight, slopes.shape[1:]).ravel()) @ flat.T
    )


def _gaussian(
    mean: Array,
    slopes: Array,
    sigma: Any,
    parameters: Mapping[str, float],
    times: Array,
) -> Array:
    if callable(sigma):
        width, bend = differentiate(sigma, parameters)
        _positive_sigma(width)
        weight = times / np.broadcast_to(width, mean.shape) ** 2
        fill = (1,) * (mean.ndim - np.ndim(width))
        wide = np.broadcast_to(
            bend.reshape(len(bend), *fill, *np.shape(width)), slopes.shape
        )
        return _contract(slopes, weight) + 2.0 * _contract(wide, weight)
    given = np.asarray(sigma, dtype=np.float64)
    if given.ndim == 2 and mean.ndim == 1:
        _covariance(given, mean.size)
        root = slopes * np.sqrt(times)
        return np.asarray(root @ np.linalg.solve(given, root.T))
    _positive_sigma(given)
    if given.ndim and given.shape != mean.shape:
        raise InvalidValue(
            f"sigma must be one number or one for each of the readings {mean.shape}, "
            f"got the shape {given.shape}."
        )
    return _contract(slopes, times / given**2 * np.ones(mean.shape))


def _positive_sigma(sigma: Array) -> None:
    if not np.all(sigma > 0.0):
        raise InvalidValue(f"sigma must be > 0, got {np.min(sigma):g}.")


def _covariance(sigma: Array, size: int) -> None:
    fits = sigma.shape == (size, size) and np.allclose(sigma, sigma.T)
    if not fits or np.linalg.eigvalsh(sigma)[0] <= 0.0:
        raise InvalidValue(
            f"sigma must be a covariance of the {size} readings, symmetric and "
            f"positive, got the shape {sigma.shape}; leave out readings that repeat "
            "others."
        )
