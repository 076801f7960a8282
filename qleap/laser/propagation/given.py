"""What the doors are given: kinds that nothing later would refuse with a clear word."""

from typing import Any, Final

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.profiles import Profile
from qleap.laser.pulses.light import check_light

__all__ = [
    "check_band_input",
    "check_beam_input",
    "check_kind",
    "check_medium",
    "ends_of",
    "pair",
]


LONGEST: Final = 60
"""Characters of a value that is repeated in a message."""


def check_kind(
    name: str, given: object, kinds: type | tuple[type, ...], way_out: str
) -> None:
    """Refuse what is of none of the ``kinds``."""
    if not isinstance(given, kinds):
        several = kinds if isinstance(kinds, tuple) else (kinds,)
        names = " or ".join(kind.__name__ for kind in several)
        raise InvalidKind(f"{name} must be a {names}, got {_told(given)}; {way_out}.")


def pair(name: str, given: Any, what: str) -> tuple[Any, Any]:
    """Return the two things that ``given`` holds."""
    try:
        first, second = given
    except (TypeError, ValueError) as error:
        raise InvalidKind(f"{name} must be {what}, got {_told(given)}.") from error
    return first, second


def ends_of(wavelengths: Any) -> tuple[float, float]:
    """Return the shortest and the longest wavelength that are kept, m."""
    what = "the shortest and the longest that are kept, m"
    several = pair("wavelengths", wavelengths, what)
    shortest, longest = (checks.positive("wavelengths", x, "m") for x in several)
    if not shortest < longest:
        raise InvalidValue(
            "wavelengths must be the shortest and the longest that are kept, got "
            f"{shortest:g} and {longest:g} m."
        )
    return shortest, longest


def check_band_input(wavelengths: object, grid: object, *, full_field: bool) -> None:
    """Refuse wavelengths where a grid, or an envelope, has a band of its own."""
    if wavelengths is None:
        return
    if grid is not None:
        raise InvalidValue(
            "wavelengths must be left out where a grid is given, whose band is kept; "
            f"got {_told(wavelengths)}."
        )
    if not full_field:
        raise InvalidValue(
            "wavelengths must be left out with full_field=False: envelopes are kept "
            f"about their carrier, got {_told(wavelengths)}; give a Grid, or take real "
            "fields."
        )


def check_medium(medium: object) -> None:
    """Refuse what has no index and no nonlinearity."""
    if not (hasattr(medium, "chi3") and hasattr(medium, "index")):
        raise InvalidKind(
            "medium must be a Material, or something else with index and chi3, or None "
            f"for vacuum, got {_told(medium)}; take for example "
            'Material(name="argon", pressure=1e5).'
        )


def check_beam_input(
    pulse: object, medium: object, grid: object, transverse: object, density: object
) -> None:
    """Refuse what can be no pulse, medium, grid or profile of a beam."""
    check_light("pulse", pulse)
    if medium is not None:
        check_medium(medium)
    if grid is not None:
        check_kind("grid", grid, (FieldGrid, Grid), "leave it out for one of estimates")
    if transverse is not None:
        pair("transverse", transverse, "the edge (m) and the number of points")
    if density is not None:
        _check_density(density, medium)


def _check_density(density: object, medium: object) -> None:
    """Refuse a profile of what is no gas."""
    check_kind(
        "density", density, Profile, "give Profile(positions=..., values=...) over one"
    )
    if not getattr(medium, "is_gas", medium is not None):
        raise InvalidValue(
            "density must be left out where the medium is no gas, got "
            f"{_told(density)} with {_told(medium)}."
        )


def _told(given: object) -> str:
    """Return what came: as it is written where that is short, or its kind."""
    written = repr(given)
    return written if len(written) <= LONGEST else f"a {type(given).__name__}"
