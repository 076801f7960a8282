"""Answers to fields of two components: rows of x, then as many rows of y."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import (
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    VACUUM_PERMITTIVITY,
)
from qleap.laser.ionisation.tables import RateTable

__all__ = ["VectorKerr", "VectorPlasma"]

Field = NDArray[np.float64] | NDArray[np.complex128]
Floats = NDArray[np.float64]
Along = Callable[[float], float]


class VectorKerr:
    """The instantaneous response of an isotropic gas.

    ``eps0 chi3 (E . E) E`` of real fields; of envelopes, without harmonics,
    ``eps0 chi3 (2 |A|^2 A + (A . A) A*) / 4``.

    Parameters
    ----------
    chi3 : callable
        Third-order susceptibility at a position in m, m^2/V^2.
    """

    conducts = False

    def __init__(self, chi3: Along) -> None:
        from qleap.laser._kernels import responses as kernels

        self._chi3 = chi3
        self._real: Callable[..., None] = kernels.vector_cube_into
        self._envelope: Callable[..., None] = kernels.vector_intensity_into

    def add_into(
        self,
        position: float,
        field: Field,
        polarisation: Field,
        current: Field,  # noqa: ARG002
    ) -> None:
        """Add the polarisation."""
        coefficient = VACUUM_PERMITTIVITY * self._chi3(position)
        if np.iscomplexobj(field):
            self._envelope(_both(field), 0.75 * coefficient, _both(polarisation))
        else:
            self._real(_both(field), coefficient, _both(polarisation))


class VectorPlasma:
    """Free electrons of a real field; rates are those of its momentary size.

    Parameters
    ----------
    table : RateTable
        Momentary rates.
    number_density : callable
        Of atoms at a position in m, 1/m^3.
    step : float
        Between samples, s.
    shape : (int, int)
        Transverse points, twice, and samples.
    """

    conducts = True

    def __init__(
        self,
        table: RateTable,
        number_density: Along,
        step: float,
        shape: tuple[int, int],
    ) -> None:
        from qleap.laser._kernels import ionisation, responses

        self.table, self._density, self._step = table, number_density, step
        self._rate_into: Callable[..., int] = ionisation.rate_into
        self._fraction_into: Callable[..., None] = ionisation.electron_fraction_into
        self._current_into: Callable[..., None] = responses.vector_current_into
        points = (shape[0] // 2, shape[1])
        self._rate, self._fraction = np.empty(points), np.empty(points)
        self._own = np.empty((2, *points))

    def fraction(self, position: float, field: Field) -> Floats:  # noqa: ARG002
        """Return the share of atoms that have lost an electron, ``(points, n)``."""
        above, largest = self._ionise(field)
        self.table.refuse(above, largest)
        return self._fraction

    def add_into(
        self,
        position: float,
        field: Field,
        polarisation: Field,  # noqa: ARG002
        current: Field,
    ) -> None:
        """Add the current density."""
        self._ionise(field)
        density = self._density(position)
        self._current_into(
            _both(field),
            self._rate,
            self._fraction,
            self._step,
            ELEMENTARY_CHARGE**2 / ELECTRON_MASS * density,
            self.table.atom.ionisation_energy * density,
            self._own,
        )
        current += self._own.reshape(field.shape)

    def _ionise(self, field: Field) -> tuple[int, float]:
        """Find rates and fractions; return points above the table, largest field."""
        x, y = _both(np.asarray(field, np.float64))
        size = np.hypot(x, y)
        table = self.table
        above = self._rate_into(table.cells, table.edges, size, self._rate)
        self._fraction_into(self._rate, self._step, 0.0, self._fraction)
        return above, float(size.max())


def _both(field: Field) -> Field:
    """Return rows as ``(2, points, samples)``."""
    return field.reshape(2, -1, field.shape[-1])
