"""A fibre whose propagation constant is given at wavelengths: computed or measured."""

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue, StorageError
from qleap.laser.guides.fibre import Fibre

__all__ = ["COLUMNS", "TabulatedFibre", "read_fibre"]

Floats = NDArray[np.float64]

COLUMNS: Final = ("index", "beta", "dispersion")
"""Effective index; propagation constant, 1/m; D of fibre makers, ps/(nm km)."""

DEGREE = 5
"""Of the spline over frequency: the dispersion is smooth to third order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TabulatedFibre(Fibre):
    """A fibre described at many wavelengths instead of by derivatives at one.

    Parameters
    ----------
    wavelengths : tuple of float
        Increasing, in vacuum, at least six, m.
    values : tuple of float
        One for each wavelength, of what ``column`` says.
    column : {"index", "beta", "dispersion"}
        The effective index, the propagation constant (1/m) or the dispersion D in
        ps/(nm km), of which constant and group velocity stay open.
    **others
        Of `Fibre`; ``betas`` are left out, and ``wavelength`` is where gamma holds.

    Notes
    -----
    A spline of fifth degree over frequency. Beyond the table the propagation constant
    goes on straight: light there is carried along, but what it does is not right.
    """

    betas: tuple[float, ...] = field(default=(), init=False)
    wavelengths: tuple[float, ...]
    values: tuple[float, ...]
    column: str = "index"

    def __post_init__(self) -> None:
        Fibre.__post_init__(self)
        checks.one_of("column", self.column, COLUMNS)
        lengths = checks.increasing("wavelengths", self.wavelengths, "m", min_size=6)
        values = checks.vector("values", self.values)
        if values.size != lengths.size or lengths[0] <= 0.0:
            raise InvalidValue(
                "values must be one for each of the wavelengths, which are > 0 m, got "
                f"{values.size} for {lengths.size} from {lengths[0]:g} m."
            )
        object.__setattr__(self, "wavelengths", tuple(lengths.tolist()))
        object.__setattr__(self, "values", tuple(values.tolist()))
        self._refuse_outside("wavelength", self.wavelength)

    def propagation_constant(self, omega: Floats, carrier: float) -> Floats:
        """Return the phase per length in the frame of the carrier's group velocity.

        As `Fibre.propagation_constant`.
        """
        self._refuse_outside("carrier", 2.0 * math.pi * SPEED_OF_LIGHT / carrier)
        spline = self._beta()
        low, high = (
            2.0 * math.pi * SPEED_OF_LIGHT / self.wavelengths[i] for i in (-1, 0)
        )
        held = np.clip(omega, low, high)
        slope = spline.derivative()
        beta = spline(held) + slope(held) * (omega - held)
        tangent = spline(carrier) + slope(carrier) * (omega - carrier)
        return np.asarray(beta - tangent, dtype=np.float64)

    def group_velocity_dispersion(self, wavelength: float) -> float:
        """Return beta2 at ``wavelength`` (m), s^2/m."""
        self._refuse_outside("wavelength", wavelength)
        omega = 2.0 * math.pi * SPEED_OF_LIGHT / wavelength
        return float(self._beta().derivative(2)(omega))

    def soliton_order(self, peak_power: float, t0: float) -> float:
        """Return the order with beta2 at ``wavelength``, as `Fibre.soliton_order`."""
        power = checks.positive("peak_power", peak_power, "W")
        width = checks.positive("t0", t0, "s")
        beta2 = self.group_velocity_dispersion(self.wavelength)
        return math.sqrt(abs(self.gamma * power * width**2 / beta2))

    def _beta(self) -> Any:
        """Return the spline of the propagation constant over angular frequency.

        Less ``omega/c``, which would cost digits; the frame takes it out again.
        """
        from scipy.interpolate import make_interp_spline

        lengths = np.asarray(self.wavelengths)[::-1]
        values = np.asarray(self.values)[::-1]
        omega = 2.0 * np.pi * SPEED_OF_LIGHT / lengths
        if self.column == "index":
            return make_interp_spline(
                omega, (values - 1.0) * omega / SPEED_OF_LIGHT, k=DEGREE
            )
        if self.column == "beta":
            return make_interp_spline(omega, values - omega / SPEED_OF_LIGHT, k=DEGREE)
        # D = -2 pi c beta2 / lambda^2; 1 ps/(nm km) is 1e-6 s/m^2.
        beta2 = -values * 1e-6 * lengths**2 / (2.0 * np.pi * SPEED_OF_LIGHT)
        return make_interp_spline(omega, beta2, k=DEGREE - 2).antiderivative(2)

    def _refuse_outside(self, name: str, wavelength: float) -> None:
        low, high = self.wavelengths[0], self.wavelengths[-1]
        if not low * (1.0 - 1e-12) <= wavelength <= high * (1.0 + 1e-12):
            raise InvalidValue(
                f"{name} must lie in the table, {low:g} to {high:g} m, got "
                f"{wavelength:g} m."
            )


def read_fibre(
    path: str | os.PathLike[str],
    *,
    column: str,
    wavelength_unit: str,
    **fibre: Any,
) -> TabulatedFibre:
    """Return the fibre of a text file with two columns: wavelength and a value.

    Parameters
    ----------
    path : path-like
        Separated by spaces, tabs, commas or semicolons; lines that begin with ``#``
        are skipped. In any order.
    column : {"index", "beta", "dispersion"}
        What the values are, see `TabulatedFibre`.
    wavelength_unit : {"m", "um", "nm"}
        Of the first column.
    **fibre
        The rest of `TabulatedFibre`: ``length``, ``wavelength``, ``gamma``, ...

    Raises
    ------
    StorageError
        Where the file cannot be read or has other than two columns of numbers.
    """
    units = {"m": 1.0, "um": 1e-6, "nm": 1e-9}
    checks.one_of("wavelength_unit", wavelength_unit, tuple(units))
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line.strip() and line.lstrip()[0] != "#"]
        rows = [line.replace(",", " ").replace(";", " ").split() for line in kept]
        columns = np.array(rows, np.float64).reshape(len(rows), 2)
    except (OSError, ValueError) as error:
        raise StorageError(
            f"{path} must be a text file of two columns of numbers, wavelength and "
            f"{column} ({error})."
        ) from error
    lengths, values = _sorted(columns[:, 0] * units[wavelength_unit], columns[:, 1])
    return TabulatedFibre(wavelengths=lengths, values=values, column=column, **fibre)


def _sorted(
    lengths: ArrayLike, values: ArrayLike
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    order = np.argsort(lengths)
    return (
        tuple(np.asarray(lengths)[order].tolist()),
        tuple(np.asarray(values)[order].tolist()),
    )
