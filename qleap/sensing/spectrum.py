"""A measured spectrum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = ["Spectrum"]


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """Signal over microwave frequency.

    Parameters
    ----------
    frequency : array_like, shape (n,), Hz
        Strictly increasing; see `Spectrum.sorted` for other sweeps.
    signal : array_like, shape (n,)
        Fluorescence, contrast or lock-in output, in ``unit``.
    error : array_like, shape (n,), optional
        Standard error of each point, in ``unit``.
    unit : str
        Unit of the signal.
    label : str
        Where it comes from.
    notes : tuple of str
        What was guessed when it was read.
    """

    frequency: NDArray[np.float64]
    signal: NDArray[np.float64]
    error: NDArray[np.float64] | None = None
    unit: str = "1"
    label: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        frequency = checks.increasing("frequency", self.frequency, "Hz", min_size=1)
        columns = {"frequency": frequency}
        columns["signal"] = checks.vector("signal", self.signal, self.unit)
        if self.error is not None:
            columns["error"] = checks.vector("error", self.error, self.unit)
        for name, column in columns.items():
            if column.size != frequency.size:
                raise InvalidValue(
                    f"{name} must have as many points as frequency, got "
                    f"{column.size} and {frequency.size}."
                )
            object.__setattr__(self, name, column)
        if self.error is not None and np.any(self.error <= 0.0):
            row = int(np.argmax(self.error <= 0.0))
            raise InvalidValue(
                f"error must be > 0, got {self.error[row]} at index {row}; leave the "
                "errors out to have them estimated from the scatter."
            )

    @classmethod
    def sorted(
        cls,
        frequency: ArrayLike,
        signal: ArrayLike,
        error: ArrayLike | None = None,
        *,
        unit: str = "1",
        label: str = "",
    ) -> "Spectrum":
        """Return a spectrum from points in any order; repeats are averaged.

        Points of one frequency are averaged with equal weights, and their errors
        are combined as independent.
        """
        at = checks.vector("frequency", frequency, "Hz")
        values = checks.vector("signal", signal, unit)
        grid, where, counts = np.unique(at, return_inverse=True, return_counts=True)
        mean = np.bincount(where, weights=values) / counts
        errors = None
        if error is not None:
            squares = checks.vector("error", error, unit) ** 2
            errors = np.sqrt(np.bincount(where, weights=squares)) / counts
        return cls(frequency=grid, signal=mean, error=errors, unit=unit, label=label)
