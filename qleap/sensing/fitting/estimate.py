"""A number with its standard error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks

__all__ = ["Estimate", "inverse_normal_matrix"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its standard error in the same unit."""

    value: float
    standard_error: float

    def __post_init__(self) -> None:
        checks.finite("value", self.value)
        checks.non_negative("standard_error", self.standard_error)

    def to_dict(self) -> dict[str, float]:
        """Return both as plain numbers."""
        return {"value": self.value, "standard_error": self.standard_error}


def inverse_normal_matrix(jacobian: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse of ``J^T J``, with its columns scaled to one length first.

    Parameters in units of very different size would else be cut off as if they
    were not determined; those that really are not get a large variance.
    """
    lengths = np.linalg.norm(jacobian, axis=0)
    lengths[lengths == 0.0] = 1.0
    _, sizes, right = np.linalg.svd(jacobian / lengths, full_matrices=False)
    smallest = sizes[0] * np.finfo(np.float64).eps * max(jacobian.shape)
    turned = right.T / np.maximum(sizes, smallest)
    return np.asarray(turned @ turned.T / np.outer(lengths, lengths))
