"""The sections of a case file and the rules between their keys: the schema."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from qleap.core.documents import Document
from qleap.laser.cases.fields import Along, Betas, Pair, PhaseOrders, Quantity
from qleap.laser.propagation.run import TOLERANCES

__all__ = [
    "DOORS",
    "BeamSection",
    "CapillarySection",
    "CaseFile",
    "CrystalSection",
    "EffectsSection",
    "FibreSection",
    "GridSection",
    "PulseSection",
    "SolverSection",
]

Length = Annotated[float, Quantity("m")]
Time = Annotated[float, Quantity("s")]
Angle = Annotated[float, Quantity("rad")]
Temperature = Annotated[float, Quantity("K")]
Two = tuple[float, float]
Wavelengths = Annotated[Two, Pair("m")]

DOORS: Final = ("fibre", "capillary", "beam", "crystal")
"""Sections of which a case has exactly one."""

SHAPED: Final = frozenset(("shape", "fwhm", "peak_power", "cep", "order", "ramp"))
SPECTRAL: Final = frozenset(("phase", "columns", "per", "decibel", "background"))
MEASURED: Final = frozenset(("unit", "phase_sign"))
RETRIEVED: Final = frozenset(("reverse_time",))
"""Keys of a pulse that belong to one way of giving it."""


class TrainSection(Document):
    """Equal pulses one after another."""

    n_pulses: int
    spacing: Time
    cep_slip: Angle = 0.0


class PulseSection(Document):
    """A pulse: a shape, or the file of a spectrum or of a FROG retrieval.

    Paths are relative to the case file.
    """

    shape: Literal["gaussian", "sech", "super-gaussian", "flat-top"] = "sech"
    wavelength: Length | None = None
    fwhm: Time | None = None
    peak_power: Annotated[float, Quantity("W")] | None = None
    energy: Annotated[float, Quantity("J")] | None = None
    gdd: Annotated[float, Quantity("s^2")] = 0.0
    tod: Annotated[float, Quantity("s^3")] = 0.0
    higher_orders: PhaseOrders = ()
    cep: Angle = 0.0
    order: int = 1
    ramp: Time = 0.0
    spectrum: str | None = None
    phase: str | None = None
    frog: str | None = None
    unit: str | None = None
    columns: tuple[int | str, ...] | None = None
    per: Literal["wavelength", "frequency"] | None = None
    decibel: bool | None = None
    background: float = 0.0
    phase_sign: Literal[1, -1] = 1
    reverse_time: bool = False
    delay: Time = 0.0
    train: TrainSection | None = None
    polarisation: Literal["o", "e", "s", "f"] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> "PulseSection":
        given = self.model_fields_set
        if self.spectrum is not None and self.frog is not None:
            raise ValueError("give one of the files spectrum and frog, got both")
        way, foreign = "a shape", SPECTRAL | MEASURED | RETRIEVED
        if self.spectrum is not None:
            way, foreign = "a spectrum", SHAPED | RETRIEVED
        elif self.frog is not None:
            way, foreign = "a FROG file", SHAPED | SPECTRAL
        wrong = sorted(given & foreign)
        if wrong:
            raise ValueError(
                f"{wrong[0]} is no key of a pulse that is given by {way}; take it out"
            )
        if way != "a shape":
            if self.energy is None:
                raise ValueError(f"energy is missing, which {way} does not hold")
            return self
        for name in ("wavelength", "fwhm"):
            if getattr(self, name) is None:
                raise ValueError(
                    f"{name} is missing; add it, or name a file by spectrum or frog"
                )
        return self


class FibreSection(Document):
    """A solid fibre: betas at a wavelength, or the file of a table."""

    length: Length
    wavelength: Length | None = None
    betas: Betas | None = None
    file: str | None = None
    column: Literal["index", "beta", "dispersion"] | None = None
    wavelength_unit: Literal["m", "um", "nm"] | None = None
    gamma: Annotated[float, Quantity("1/(W m)")]
    loss: Annotated[float, Quantity("1/m")] = 0.0
    raman: Literal["blow-wood", "lin-agrawal", "none"] = "blow-wood"
    self_steepening: bool = True

    @model_validator(mode="after")
    def _makes_sense(self) -> "FibreSection":
        if (self.betas is None) == (self.file is None):
            got = "neither" if self.betas is None else "both"
            raise ValueError(
                f"give betas (beta2, beta3, ...) or the file of a table, got {got}"
            )
        told = [self.column is not None, self.wavelength_unit is not None]
        if self.file is not None and not all(told):
            raise ValueError(
                "a file needs column (index, beta or dispersion) and wavelength_unit "
                "(m, um or nm)"
            )
        if self.file is None and any(told):
            raise ValueError("column and wavelength_unit belong to a file; name it")
        return self


class CapillarySection(Document):
    """A hollow capillary, or with wall_thickness an antiresonant fibre."""

    core_radius: Annotated[Any, Along("m")]
    length: Length
    gas: str
    pressure: Annotated[Any, Along("Pa")]
    temperature: Temperature = 293.15
    cladding: str | float = "fused silica"
    model: Literal["full", "reduced"] = "full"
    loss: float = 1.0
    fit: str | None = None
    equation_of_state: Literal["ideal", "virial"] = "ideal"
    wall_thickness: Length | None = None
    waist: Length | None = None
    """Of the beam that is focused on the entrance."""

    @model_validator(mode="before")
    @classmethod
    def _names_the_radius(cls, given: Any) -> Any:
        _refuse_widths(given, ("diameter", "core_diameter", "radius"), "core_radius")
        return given


class BeamSection(Document):
    """A beam in a gas, a glass or vacuum; its size at the entrance or at the waist."""

    medium: str = "vacuum"
    pressure: Annotated[Any, Along("Pa")] = None
    temperature: Temperature | None = None
    fit: str | None = None
    equation_of_state: Literal["ideal", "virial"] = "ideal"
    length: Length
    radius: Length | None = None
    focal_length: Length | None = None
    order: int = 1
    charge: int = 0
    tilt: Annotated[Two, Pair("rad")] = (0.0, 0.0)
    offset: Annotated[Two, Pair("m")] = (0.0, 0.0)
    waist: Length | None = None
    focus: Length | None = None
    symmetry: Literal["radial", "none"] = "radial"

    @model_validator(mode="before")
    @classmethod
    def _names_the_radius(cls, given: Any) -> Any:
        _refuse_widths(given, ("diameter", "beam_diameter", "fwhm"), "radius")
        return given

    @model_validator(mode="after")
    def _makes_sense(self) -> "BeamSection":
        if (self.radius is None) == (self.waist is None):
            got = "neither" if self.radius is None else "both"
            raise ValueError(
                "give radius (1/e^2 of the intensity, at the entrance) or waist (with "
                f"focus, its distance from the entrance), got {got}"
            )
        entrance = {"focal_length", "order", "charge", "tilt", "offset"}
        wrong = sorted(self.model_fields_set & entrance)
        if self.waist is not None and wrong:
            raise ValueError(f"{wrong[0]} goes with radius, not with waist; take one")
        if self.waist is None and self.focus is not None:
            raise ValueError("focus goes with waist; with radius take focal_length")
        return self


class PolingSection(Document):
    """Domains of alternating sign."""

    period: Length
    duty_cycle: float = 0.5
    end_period: Length | None = None


class CrystalSection(Document):
    """A crystal with a second-order response."""

    material: str
    temperature: Temperature | None = None
    length: Length
    theta: Angle | None = None
    phi: Angle | None = None
    matched: str | None = None
    waist: Length | None = None
    area: Annotated[float, Quantity("m^2")] | None = None
    poling: PolingSection | None = None
    n2: Annotated[float, Quantity("m^2/W")] = 0.0
    absorption: Annotated[float, Quantity("1/m")] = 0.0

    @model_validator(mode="before")
    @classmethod
    def _names_the_radius(cls, given: Any) -> Any:
        _refuse_widths(given, ("diameter", "beam_diameter", "radius"), "waist")
        return given

    @model_validator(mode="after")
    def _makes_sense(self) -> "CrystalSection":
        if self.theta is None and self.matched is None:
            raise ValueError(
                "give theta, or matched (such as 'ooe') to have the angle sought"
            )
        if (self.waist is None) == (self.area is None):
            got = "neither" if self.waist is None else "both"
            raise ValueError(f"give one of waist and area, got {got}")
        return self


class EffectsSection(Document):
    """What acts on the light in a gas or a glass."""

    kerr: bool = True
    third_harmonic: bool = True
    plasma: Literal["ppt", "adk", "none"] | None = None
    raman: bool = False
    full_field: bool = True
    modes: Annotated[int, Field(ge=1, le=50)] = 1


class GridSection(Document):
    """Points and window, instead of those that are found; or the band to keep."""

    n_points: int | None = None
    window: Time | None = None
    wavelengths: Wavelengths | None = None
    edge: Length | None = None
    n_across: int | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> "GridSection":
        for one, other in (("n_points", "window"), ("edge", "n_across")):
            if (getattr(self, one) is None) != (getattr(self, other) is None):
                raise ValueError(f"{one} and {other} go together; give both or neither")
        return self


class SolverSection(Document):
    """How exactly, and how many places are kept."""

    tolerance: Annotated[float, Field(ge=TOLERANCES[0], le=TOLERANCES[1])] | None = None
    n_positions: Annotated[int, Field(ge=2)] | None = None
    estimate_error: bool = True


def _one_or_several(given: Any) -> Any:
    """Return a list of pulses also where there is one, whose keys keep their names."""
    return (PulseSection.model_validate(given),) if isinstance(given, dict) else given


class CaseFile(Document):
    """A whole case: what enters, what it travels through, how, and what is scanned."""

    title: str = ""
    pulse: Annotated[
        tuple[PulseSection, ...],
        Field(min_length=1),
        BeforeValidator(
            _one_or_several, json_schema_input_type=PulseSection | list[PulseSection]
        ),
    ]
    fibre: FibreSection | None = None
    capillary: CapillarySection | None = None
    beam: BeamSection | None = None
    crystal: CrystalSection | None = None
    effects: EffectsSection = Field(default_factory=EffectsSection)
    grid: GridSection = Field(default_factory=GridSection)
    solver: SolverSection = Field(default_factory=SolverSection)
    scan: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _has_one_door(self) -> "CaseFile":
        found = [name for name in DOORS if getattr(self, name) is not None]
        if len(found) != 1:
            sections = ", ".join(f"[{name}]" for name in DOORS)
            got = " and ".join(f"[{name}]" for name in found) or "none of them"
            raise ValueError(f"a case has one of the sections {sections}, got {got}")
        return self

    @property
    def door(self) -> str:
        """Name of the section that says what light travels through."""
        return next(name for name in DOORS if getattr(self, name) is not None)


def _refuse_widths(given: Any, names: tuple[str, ...], right: str) -> None:
    """Say which name a width has here, and that it is a radius."""
    for name in names:
        if isinstance(given, dict) and name in given:
            half = "" if name == "radius" else ", half of the diameter"
            if name == "fwhm":
                half = ", where the intensity has fallen to 1/e^2"
            raise ValueError(
                f"{name} is no key here: the size is given by {right}{half}; write "
                f"{right}"
            )
