"""Answers of a medium to a field: instantaneous, delayed, and of free electrons.

All take a place along the way, because the density of a gas may change on it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import VACUUM_PERMITTIVITY
from qleap.laser.fourier import RealTransform
from qleap.laser.ionisation.tables import RateTable

__all__ = ["Kerr", "KerrEnvelope", "KerrWithoutHarmonic", "Plasma", "PlasmaEnvelope"]

Field = NDArray[np.float64] | NDArray[np.complex128]
Along = Callable[[float], float]


class Kerr:
    """The instantaneous third-order polarisation of a real field, ``eps0 chi3 E^3``.

    Parameters
    ----------
    chi3 : callable
        Third-order susceptibility at a position in m, m^2/V^2.
    """

    conducts = False

    def __init__(self, chi3: Along) -> None:
        from qleap.laser._kernels.responses import cube_into

        self._chi3 = chi3
        self._kernel: Callable[..., None] = cube_into

    def add_into(
        self,
        position: float,
        field: Field,
        polarisation: Field,
        current: Field,  # noqa: ARG002
    ) -> None:
        """Add ``eps0 chi3 E^3``; third harmonics included."""
        self._kernel(field, self.coefficient(position), polarisation)

    def coefficient(self, position: float) -> float:
        """Return ``eps0 chi3`` at a position in m, in C m/V^3."""
        return VACUUM_PERMITTIVITY * self._chi3(position)


class KerrEnvelope:
    """The same for an envelope, without harmonics: ``3/4 eps0 chi3 |E|^2 E``.

    Parameters
    ----------
    chi3 : callable
        Third-order susceptibility at a position in m, m^2/V^2.
    """

    conducts = False

    def __init__(self, chi3: Along) -> None:
        from qleap.laser._kernels.responses import own_intensity_into

        self._chi3 = chi3
        self._kernel: Callable[..., None] = own_intensity_into

    def add_into(
        self,
        position: float,
        field: Field,
        polarisation: Field,
        current: Field,  # noqa: ARG002
    ) -> None:
        """Add ``3/4 eps0 chi3 |E|^2 E``."""
        coefficient = 0.75 * VACUUM_PERMITTIVITY * self._chi3(position)
        self._kernel(field, coefficient, polarisation)


class KerrWithoutHarmonic:
    """The same for a real field whose third harmonic is left out.

    Parameters
    ----------
    chi3 : callable
        Third-order susceptibility at a position in m, m^2/V^2.
    shape : (int, int)
        Transverse points and samples.
    """

    conducts = False

    def __init__(self, chi3: Along, shape: tuple[int, int]) -> None:
        from qleap.laser._kernels.responses import without_harmonic_into

        self._chi3 = chi3
        self._kernel: Callable[..., None] = without_harmonic_into
        kept = shape[1] // 2
        self._transform = RealTransform(shape, kept)
        self._amplitudes = np.empty((shape[0], kept), np.complex128)
        self._quadrature = np.empty(shape)

    def add_into(
        self,
        position: float,
        field: Field,
        polarisation: Field,
        current: Field,  # noqa: ARG002
    ) -> None:
        """Add ``3/4 eps0 chi3 |A|^2 E`` with the analytic signal ``A`` of ``E``."""
        self._transform.to_frequency_into(
            np.asarray(field, np.float64), self._amplitudes
        )
        self._amplitudes *= 1j
        self._transform.to_time_into(self._amplitudes, self._quadrature)
        coefficient = 0.75 * VACUUM_PERMITTIVITY * self._chi3(position)
        self._kernel(field, self._quadrature, coefficient, polarisation)


class Plasma:
    """Free electrons of a real field: their current, and the one that frees them.

    Parameters
    ----------
    table : RateTable
        Momentary rates.
    number_density : callable
        Of atoms at a position in m, 1/m^3.
    step : float
        Between samples, s.
    shape : (int, int)
        Transverse points and samples.
    collision_rate : float
        Of the electrons, 1/s.

    Notes
    -----
    Every pulse meets neutral gas, and atoms lose one electron. Above the table the rate
    is that of its end, so that a step that is too long can be tried again; `fraction`
    refuses such fields.
    """

    conducts = True

    def __init__(
        self,
        table: RateTable,
        number_density: Along,
        step: float,
        shape: tuple[int, int],
        *,
        collision_rate: float = 0.0,
    ) -> None:
        from qleap.laser._kernels.ionisation import plasma_current_into

        self.table = table
        self._kernel: Callable[..., int] = plasma_current_into
        self._density, self._step = number_density, step
        self._collisions = collision_rate
        self._fraction, self._own = np.empty(shape), np.empty(shape)

    def fraction(self, position: float, field: Field) -> NDArray[np.float64]:
        """Return the share of atoms that have lost an electron, shape of ``field``."""
        self._current_into(position, field)
        self.table.refuse(self._above, float(np.abs(field).max()))
        return self._fraction

    def add_into(
        self,
        position: float,
        field: Field,
        polarisation: Field,  # noqa: ARG002
        current: Field,
    ) -> None:
        """Add the current density."""
        peak = max(float(field.max()), -float(field.min()))
        if peak * peak >= self.table.edges[0]:
            current += self._current_into(position, field)

    def constants(self, position: float) -> tuple[object, ...]:
        """Return what the kernel wants to know of the rates, the gas and the grid."""
        table = self.table
        return (
            table.cells,
            table.edges,
            self._step,
            self._density(position),
            table.atom.ionisation_energy,
            self._collisions,
        )

    def _current_into(self, position: float, field: Field) -> NDArray[np.float64]:
        cells, edges, *constants = self.constants(position)
        self._above = self._kernel(
            cells, edges, field, *constants, 0.0, self._fraction, self._own
        )
        return self._own


class PlasmaEnvelope:
    """Free electrons of an envelope.

    Parameters
    ----------
    table : RateTable
        Averages over a cycle.
    number_density : callable
        Of atoms at a position in m, 1/m^3.
    step : float
        Between samples, s.
    shape : (int, int)
        Transverse points and samples.
    omega0 : float
        Of the carrier, rad/s.
    """

    conducts = True

    def __init__(
        self,
        table: RateTable,
        number_density: Along,
        step: float,
        shape: tuple[int, int],
        *,
        omega0: float,
    ) -> None:
        from qleap.laser._kernels.ionisation import envelope_current_into

        self.table = table
        self._kernel: Callable[..., int] = envelope_current_into
        self._density, self._step, self._omega0 = number_density, step, omega0
        self._fraction = np.empty(shape)
        self._own = np.empty(shape, np.complex128)

    def fraction(self, position: float, field: Field) -> NDArray[np.float64]:
        """Return the share of atoms that have lost an electron, shape of ``field``."""
        self._current_into(position, field)
        self.table.refuse(self._above, float(np.abs(field).max()))
        return self._fraction

    def add_into(
        self,
        position: float,
        field: Field,
        polarisation: Field,  # noqa: ARG002
        current: Field,
    ) -> None:
        """Add the envelope of the current density."""
        current += self._current_into(position, field)

    def _current_into(self, position: float, field: Field) -> NDArray[np.complex128]:
        table = self.table
        self._above = self._kernel(
            table.cells,
            table.edges,
            field,
            self._step,
            self._omega0,
            self._density(position),
            table.atom.ionisation_energy,
            0.0,
            0.0,
            self._fraction,
            self._own,
        )
        return self._own
