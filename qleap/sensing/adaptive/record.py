"""The course of an adaptive measurement."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["AdaptiveRecord"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class AdaptiveRecord:
    """What was set, what was seen, and what was known after it.

    Parameters
    ----------
    names, units : tuple of str
        Of the ``p`` parameters.
    settings, outcomes, seconds : ndarray, shape (n,)
        One entry for each measurement.
    means, standard_deviations : ndarray, shape (n, p)
        Of the parameters after each measurement.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    settings: Array
    outcomes: Array
    seconds: Array
    means: Array
    standard_deviations: Array

    def measurements_until(self, name: str, standard_deviation: float) -> int | None:
        """Return after how many measurements a parameter was known that well.

        None where it never was.
        """
        checks.one_of("name", name, self.names)
        column = self.standard_deviations[:, self.names.index(name)]
        reached = np.flatnonzero(column <= standard_deviation)
        return int(reached[0]) + 1 if reached.size else None

    def to_dataset(self) -> "xr.Dataset":
        """Return the record as a dataset that `qleap.core.results.save` takes."""
        from qleap.core import results

        along = ("measurement",)
        columns = {
            "setting": (along, self.settings, "1"),
            "outcome": (along, self.outcomes, "1"),
            "duration": (along, self.seconds, "s"),
        }
        for k, (name, unit) in enumerate(zip(self.names, self.units, strict=True)):
            columns[name] = (along, self.means[:, k], unit)
            columns[f"{name}_error"] = (along, self.standard_deviations[:, k], unit)
        return results.dataset(
            kind="adaptive",
            coords={"measurement": (np.arange(1, self.settings.size + 1), "1")},
            variables=columns,
        )
