"""The second-order answer of a crystal, and poling, which turns its sign."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import VACUUM_PERMITTIVITY
from qleap.core.errors import InvalidValue

__all__ = ["Poling", "Quadratic"]

Floats = NDArray[np.float64]
Field = NDArray[np.float64] | NDArray[np.complex128]

PAIRS = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""Components of the field in each product."""

MOST_WALLS = 10**6
"""Walls of domains in a crystal."""


class Quadratic:
    """``P_i = eps0 (sum chi2_ijk E_j E_k + chi3 E^2 E_i)`` of three real components.

    Parameters
    ----------
    tensor : ndarray, shape (3, 3, 3)
        ``d_ijk = chi2_ijk / 2`` in the frame of the field's components, m/V,
        symmetric in the last two.
    chi3 : float
        Of an isotropic third-order response besides, m^2/V^2.

    Attributes
    ----------
    sign : float
        Of the second-order part; poling turns it.
    """

    conducts = False

    def __init__(self, tensor: Floats, chi3: float = 0.0) -> None:
        from qleap.laser._kernels import quadratic

        twice = 2.0 * VACUUM_PERMITTIVITY
        columns = [
            tensor[:, j, k] if j == k else tensor[:, j, k] + tensor[:, k, j]
            for j, k in PAIRS
        ]
        self._tensor = twice * np.stack(columns, axis=1)
        self._cubic = VACUUM_PERMITTIVITY * chi3
        self._add_into: Callable[..., None] = quadratic.add_quadratic_into
        self.sign = 1.0

    def add_into(
        self,
        position: float,  # noqa: ARG002
        field: Field,
        polarisation: Field,
        current: Field,  # noqa: ARG002
    ) -> None:
        """Add the answer to a field of shape ``(3, n)``."""
        self._add_into(self.sign * self._tensor, self._cubic, field, polarisation)


@dataclass(frozen=True, kw_only=True, slots=True)
class Poling:
    """Domains of alternating sign along a crystal, the first one positive.

    Parameters
    ----------
    period : float
        Of two domains at the entrance, m.
    duty_cycle : float
        Share of the positive domain in a period, between 0 and 1.
    end_period : float, optional
        At the exit, m: the grating's wave number changes linearly along the crystal.
    """

    period: float
    duty_cycle: float = 0.5
    end_period: float | None = None

    def __post_init__(self) -> None:
        checks.positive("period", self.period, "m")
        checks.between("duty_cycle", self.duty_cycle, 0.0, 1.0)
        if self.end_period is not None:
            checks.positive("end_period", self.end_period, "m")

    def wave_number(self, position: float, length: float) -> float:
        """Return ``2 pi`` over the local period in a crystal of ``length``, 1/m."""
        first, rise = self._rates(length)
        return 2.0 * math.pi * (first + rise * position)

    def walls(self, length: float) -> Floats:
        """Return the walls between domains inside a crystal of ``length`` (m)."""
        first, rise = self._rates(length)
        periods = length * (first + 0.5 * rise * length)
        if periods > MOST_WALLS / 2:
            raise InvalidValue(
                f"period must be >= {2.0 * length / MOST_WALLS:.3g} m in a crystal of "
                f"{length:g} m, got {self.period:g} m."
            )
        whole = np.arange(math.ceil(periods) + 1, dtype=np.float64)
        counted = np.concatenate([whole[1:], whole + self.duty_cycle])
        counted = np.sort(counted[counted < periods])
        # first z + rise z^2 / 2 = counted, without cancellation for small rises.
        root = np.sqrt(first**2 + 2.0 * rise * counted)
        places = 2.0 * counted / (first + root)
        return np.asarray(places[(places > 0.0) & (places < length)])

    def _rates(self, length: float) -> tuple[float, float]:
        """Return periods per length at the entrance, and their change per length."""
        first = 1.0 / self.period
        last = first if self.end_period is None else 1.0 / self.end_period
        return first, (last - first) / length
