"""What a gas or a glass answers to light, for guides and beams alike."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.ionisation.tables import RateTable, rate_table
from qleap.laser.media.raman_gas import RAMAN_GASES, GasRaman
from qleap.laser.propagation.gas_raman import DelayedResponse, Lines
from qleap.laser.propagation.responses import (
    Kerr,
    KerrEnvelope,
    KerrWithoutHarmonic,
    Plasma,
    PlasmaEnvelope,
)
from qleap.laser.propagation.sources import Response

__all__ = [
    "Effects",
    "current_window",
    "ionisation_rates",
    "ionised",
    "lines_of",
    "plasma_response",
    "raman_lines",
    "responses_of",
    "rings",
]

Along = Callable[[float], float]
Shape = tuple[int, int]

MOLECULES: Final = {
    "helium": "He", "neon": "Ne", "argon": "Ar", "krypton": "Kr", "xenon": "Xe",
    "hydrogen": "H2", "nitrogen": "N2", "oxygen": "O2",
}  # fmt: skip
"""Atoms or molecules of the gases whose rates of ionisation are known."""

TAPER: Final = 1.0 / 16.0
"""Share of the time window at each end over which the current is faded out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effects:
    """What the medium answers with.

    Parameters
    ----------
    kerr, third_harmonic : bool
        The instantaneous third-order response, and whether it makes harmonics.
    raman : bool
        Rotation and vibration of molecules.
    rates : RateTable, optional
        Of ionisation; None for no plasma.
    """

    kerr: bool = True
    third_harmonic: bool = True
    raman: bool = False
    rates: RateTable | None = None


def ionisation_rates(
    plasma: str | RateTable | None,
    medium: str | None,
    wavelength: float,
    *,
    full_field: bool,
) -> RateTable | None:
    """Return the table of rates that is meant.

    Parameters
    ----------
    plasma : {"ppt", "adk"}, RateTable or None
        Formula, or the table itself; None for no plasma.
    medium : str or None
        Name of the gas.
    wavelength : float
        Of the carrier, m.
    full_field : bool
        Whether momentary rates of real fields are needed, or averages over a cycle.

    Raises
    ------
    InvalidValue
        Where the medium has no rates, or the table is of the other kind.
    """
    if plasma is None:
        return None
    if isinstance(plasma, RateTable):
        if plasma.cycle_average == full_field:
            kind = "momentary rates" if full_field else "averages over a cycle"
            raise InvalidValue(
                f"plasma must be a table of {kind} here, got {plasma.source}."
            )
        return plasma
    checks.one_of("plasma", plasma, ("ppt", "adk"))
    molecule = ionised(medium)
    if plasma == "adk":
        return rate_table(molecule, "adk", cycle_average=not full_field)
    return rate_table(
        molecule,
        "ppt",
        wavelength=wavelength,
        cycle_average=not full_field,
        thresholds=False,
    )


def ionised(medium: str | None) -> str:
    """Return the atom or molecule of a gas whose rates are known, or refuse it."""
    if medium not in MOLECULES:
        raise InvalidValue(
            f"no rates of ionisation of {medium} are known; take plasma=None, or give "
            "a RateTable."
        )
    return MOLECULES[medium]


def rings(medium: str | None) -> str:
    """Return the name of a gas whose molecules rotate and vibrate, or refuse it."""
    if medium not in RAMAN_GASES:
        raise InvalidValue(
            f"raman needs one of {', '.join(RAMAN_GASES)}, got {medium}; leave it out."
        )
    return medium


def raman_lines(gas: str, number_density: float, temperature: float) -> Lines:
    """Return rotations and vibrations of a gas (1/m^3, K); none where it is empty."""
    if number_density == 0.0:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    return GasRaman(
        name=gas, number_density=number_density, temperature=temperature
    ).lines()


def lines_of(medium: object) -> Lines:
    """Return the rotations and vibrations of a gas, a `Material`."""
    gas = rings(getattr(medium, "name", None))
    density = getattr(medium, "number_density", math.nan)
    return raman_lines(gas, density, getattr(medium, "temperature", math.nan))


def responses_of(
    effects: Effects,
    grid: Grid | FieldGrid,
    shape: Shape,
    *,
    chi3: Along,
    number_density: Along,
    lines: Callable[[float], Lines] | None = None,
) -> list[Response]:
    """Return the answers to fields of one polarisation.

    Parameters
    ----------
    effects : Effects
        Which ones.
    grid : Grid or FieldGrid
        Of envelopes or of real fields.
    shape : (int, int)
        Transverse points and samples.
    chi3, number_density : callable
        From a position (m) to the third-order susceptibility (m^2/V^2), and to the
        density of atoms (1/m^3).
    lines : callable, optional
        From a position to what `raman_lines` returns; None for no molecules.
    """
    found: list[Response] = []
    if effects.kerr and not isinstance(grid, FieldGrid):
        found.append(KerrEnvelope(chi3))
    elif effects.kerr:
        harmonic = effects.third_harmonic
        found.append(Kerr(chi3) if harmonic else KerrWithoutHarmonic(chi3, shape))
    if lines is not None:
        found.append(DelayedResponse(lines, grid.step, shape))
    if effects.rates is not None:
        found.append(plasma_response(effects.rates, grid, shape, number_density))
    return found


def plasma_response(
    rates: RateTable, grid: Grid | FieldGrid, shape: Shape, number_density: Along
) -> Plasma | PlasmaEnvelope:
    """Return the free electrons at points, ``shape`` being points and samples."""
    if isinstance(grid, FieldGrid):
        return Plasma(rates, number_density, grid.step, shape)
    return PlasmaEnvelope(rates, number_density, grid.step, shape, omega0=grid.omega0)


def current_window(samples: int) -> NDArray[np.float64]:
    """Return one but for a soft fall to zero at both ends of the time window."""
    place = np.arange(samples) / samples
    edge = np.clip(np.minimum(place, 1.0 - place) / TAPER, 0.0, 1.0)
    return np.asarray(np.sin(0.5 * np.pi * edge) ** 2)
