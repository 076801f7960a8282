"""Answers of a medium to a field: instantaneous, delayed, and of free electrons."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import VACUUM_PERMITTIVITY

__all__ = ["Kerr", "KerrEnvelope"]

Field = NDArray[np.float64] | NDArray[np.complex128]


class Kerr:
    """The instantaneous third-order polarisation of a real field, ``eps0 chi3 E^3``.

    Parameters
    ----------
    chi3 : callable
        Third-order susceptibility at a position in m, m^2/V^2.
    """

    conducts = False

    def __init__(self, chi3: Callable[[float], float]) -> None:
        self._chi3 = chi3

    def add_into(
        self,
        position: float,
        field: Field,
        polarisation: Field,
        current: Field,  # noqa: ARG002
    ) -> None:
        """Add ``eps0 chi3 E^3``; third harmonics included."""
        polarisation += VACUUM_PERMITTIVITY * self._chi3(position) * field**3


class KerrEnvelope:
    """The same for an envelope, without harmonics: ``3/4 eps0 chi3 |E|^2 E``.

    Parameters
    ----------
    chi3 : callable
        Third-order susceptibility at a position in m, m^2/V^2.
    """

    conducts = False

    def __init__(self, chi3: Callable[[float], float]) -> None:
        self._chi3 = chi3

    def add_into(
        self,
        position: float,
        field: Field,
        polarisation: Field,
        current: Field,  # noqa: ARG002
    ) -> None:
        """Add ``3/4 eps0 chi3 |E|^2 E``."""
        size = field.real**2 + field.imag**2
        polarisation += 0.75 * VACUUM_PERMITTIVITY * self._chi3(position) * size * field
