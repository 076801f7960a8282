"""How many atoms are still neutral along a field."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.ionisation.tables import RateTable

__all__ = ["survival_along", "survival_probability"]

Floats = NDArray[np.float64]


def survival_probability(field: ArrayLike, step: float, rates: RateTable) -> Floats:
    r"""Return :math:`\exp(-\int w\,dt)` along a field.

    Parameters
    ----------
    field : array_like, shape (n,) or (components, n)
        V/m; of two components its length counts.
    step : float
        Between times, s.
    rates : RateTable
        Momentary rates.

    Raises
    ------
    InvalidKind
        Where rates are no table, or the field is not real.
    InvalidValue
        Where they are averages over a cycle, or the field lies above the table.
    """
    if not isinstance(rates, RateTable):
        raise InvalidKind(
            f"rates must be a RateTable, got {rates!r:.60}; see rate_table."
        )
    if rates.cycle_average:
        raise InvalidValue(
            "rates must be momentary ones, got averages over a cycle; make the table "
            "with cycle_average=False."
        )
    given = np.asarray(field)
    if given.dtype.kind not in "iuf" or given.ndim not in (1, 2):
        raise InvalidKind(
            "field must be real numbers in V/m of the shape (n,) or (components, n), "
            f"got {given.dtype} of {given.shape}."
        )
    length = np.sqrt((np.atleast_2d(given.astype(np.float64)) ** 2).sum(axis=0))
    rate = rates(length) * checks.positive("step", step, "s")
    freed = np.zeros_like(rate)
    np.cumsum(0.5 * (rate[1:] + rate[:-1]), out=freed[1:])
    return np.asarray(np.exp(-freed))


def survival_along(
    driving: DrivingField, rates: RateTable | None, survival: ArrayLike | None
) -> Floats:
    """Return the survival over a field's times: 1, from rates, or as it is given.

    Raises
    ------
    InvalidValue
        Where both are given, or the survival is none over these times.
    """
    if survival is None:
        if rates is None:
            return np.ones(driving.time.size)
        return survival_probability(driving.field, driving.step, rates)
    if rates is not None:
        raise InvalidValue("either rates or survival must be given, got both.")
    alive = checks.vector("survival", survival)
    if alive.size != driving.time.size or alive.min() < 0.0 or alive.max() > 1.0:
        raise InvalidValue(
            f"survival must have {driving.time.size} values from 0 to 1, got "
            f"{alive.size} from {alive.min():g} to {alive.max():g}."
        )
    return alive
