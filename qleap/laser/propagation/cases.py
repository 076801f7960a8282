"""A propagation written down in a TOML file."""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from qleap.core.documents import Document, load_toml
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import units
from qleap.laser.grid import Grid
from qleap.laser.guides.fibre import Fibre
from qleap.laser.propagation.run import DEFAULT_TOLERANCE, TOLERANCES
from qleap.laser.pulses.pulse import Pulse

__all__ = ["Case", "load_case"]


def _in(unit: str) -> BeforeValidator:
    def convert(given: Any) -> float:
        return _as_value(partial(units.value, "it", given, unit))

    return BeforeValidator(convert)


def _betas(given: Any) -> Any:
    if not isinstance(given, list):
        return given
    return [
        _as_value(partial(units.beta, f"beta{k}", b, k))
        for k, b in enumerate(given, start=2)
    ]


def _as_value(read: Callable[[], float]) -> float:
    """Return what ``read`` returns; pydantic wants a wrong kind as a wrong value."""
    try:
        return read()
    except InvalidKind as error:
        raise InvalidValue(str(error)) from error


Length = Annotated[float, _in("m")]
Time = Annotated[float, _in("s")]


class _PulseSection(Document):
    shape: Literal["gaussian", "sech", "super-gaussian"] = "sech"
    wavelength: Length
    fwhm: Time
    peak_power: Annotated[float, _in("W")] = math.nan
    energy: Annotated[float, _in("J")] = math.nan
    gdd: Annotated[float, _in("s^2")] = 0.0
    tod: Annotated[float, _in("s^3")] = 0.0
    cep: Annotated[float, _in("rad")] = 0.0
    order: int = 1


class _FibreSection(Document):
    length: Length
    wavelength: Length | None = None
    betas: Annotated[tuple[float, ...], BeforeValidator(_betas)]
    gamma: Annotated[float, _in("1/(W m)")]
    loss: Annotated[float, _in("1/m")] = 0.0
    raman: Literal["blow-wood", "lin-agrawal", "none"] = "blow-wood"
    self_steepening: bool = True


class _GridSection(Document):
    n_points: int
    window: Time


class _SolverSection(Document):
    tolerance: Annotated[float, Field(ge=TOLERANCES[0], le=TOLERANCES[1])] = (
        DEFAULT_TOLERANCE
    )
    n_positions: Annotated[int, Field(ge=2)] = 101


class _File(Document):
    title: str = ""
    pulse: _PulseSection
    fibre: _FibreSection
    grid: _GridSection | None = None
    solver: _SolverSection = Field(default_factory=_SolverSection)

    @model_validator(mode="after")
    def _makes_sense(self) -> "_File":
        _assemble(self)
        return self


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """Arguments of `qleap.laser.propagate_fibre`, from a file; no grid is its own."""

    title: str
    pulse: Pulse
    fibre: Fibre
    grid: Grid | None
    tolerance: float
    n_positions: int


def load_case(path: str | os.PathLike[str]) -> Case:
    """Return the case in the TOML file ``path``.

    Raises
    ------
    StorageError
        Where the file cannot be read.
    InvalidValue
        Where it breaks the schema or the physics; the sentence names the key.
    """
    return _assemble(load_toml(path, _File))


def _assemble(file: _File) -> Case:
    given = file.pulse.model_dump()
    pulse = _named("pulse", lambda: Pulse(**given))
    section = file.fibre.model_dump()
    section["wavelength"] = section["wavelength"] or pulse.wavelength
    section["raman"] = None if section["raman"] == "none" else section["raman"]
    fibre = _named("fibre", lambda: Fibre(**section))
    return Case(
        title=file.title,
        pulse=pulse,
        fibre=fibre,
        grid=_named("grid", lambda: _grid(file.grid, pulse)),
        tolerance=file.solver.tolerance,
        n_positions=file.solver.n_positions,
    )


def _grid(section: _GridSection | None, pulse: Pulse) -> Grid | None:
    if section is None:
        return None
    return Grid(
        n_points=section.n_points, window=section.window, wavelength=pulse.wavelength
    )


def _named(section: str, make: Callable[[], Any]) -> Any:
    """Return what ``make`` makes; an error names the section of the file."""
    try:
        return make()
    except ValueError as error:
        raise ValueError(f"[{section}] {error}") from error
