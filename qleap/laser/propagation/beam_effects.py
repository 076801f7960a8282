"""Rates of ionisation and lines of molecules of what a beam goes through."""

import math

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.laser.ionisation.tables import RateTable, rate_table
from qleap.laser.media.raman_gas import RAMAN_GASES, GasRaman
from qleap.laser.propagation.beam_equation import Medium
from qleap.laser.propagation.capillary import ATOMS
from qleap.laser.propagation.gas_raman import Lines

__all__ = ["ionisation_rates", "raman_lines"]


def ionisation_rates(
    plasma: str | RateTable | None, medium: Medium | None, wavelength: float, full: bool
) -> RateTable | None:
    """Return the table of rates that is meant."""
    if plasma is None:
        return None
    if isinstance(plasma, RateTable):
        if plasma.cycle_average == full:
            kind = "momentary rates" if full else "averages over a cycle"
            raise InvalidValue(
                f"plasma must be a table of {kind} here, got {plasma.source}."
            )
        return plasma
    checks.one_of("plasma", plasma, ("ppt", "adk"))
    name = getattr(medium, "name", None)
    if name not in ATOMS:
        raise InvalidValue(
            f"no rates of ionisation of {name} are known; take plasma=None, or give a "
            "RateTable."
        )
    if plasma == "adk":
        return rate_table(ATOMS[name], "adk", cycle_average=not full)
    return rate_table(
        ATOMS[name],
        "ppt",
        wavelength=wavelength,
        cycle_average=not full,
        thresholds=False,
    )


def raman_lines(raman: bool, medium: Medium | None) -> Lines | None:
    """Return the rotations and vibrations of the medium, if it shall have them."""
    if not raman:
        return None
    name = getattr(medium, "name", None)
    if medium is None or name not in RAMAN_GASES:
        raise InvalidValue(
            f"raman needs one of {', '.join(RAMAN_GASES)}, got {name}; leave it out."
        )
    return GasRaman(
        name=name,
        number_density=medium.number_density,
        temperature=getattr(medium, "temperature", math.nan),
    ).lines()
