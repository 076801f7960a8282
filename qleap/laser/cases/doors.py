"""From a case file to a door and its arguments: the one place that maps them."""

import importlib
import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.documents import Document
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.cases.lights import light_of, sum_of
from qleap.laser.cases.sections import BeamSection, CaseFile, FibreSection
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.antiresonant import AntiresonantFibre
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.fibre import Fibre
from qleap.laser.guides.modes import gaussian_coupling, linear_modes
from qleap.laser.guides.profiles import Profile
from qleap.laser.guides.tabulated import read_fibre
from qleap.laser.media.crystals import Crystal
from qleap.laser.media.materials import Material
from qleap.laser.propagation.beam_grid import phase_rate
from qleap.laser.propagation.beam_shape import Beam
from qleap.laser.propagation.crystal_processes import Line, direction, matched
from qleap.laser.propagation.effects import ionised, rings
from qleap.laser.propagation.quadratic import Poling
from qleap.laser.propagation.strength import check_cubic
from qleap.laser.pulses.light import Light

__all__ = ["arguments_of", "door"]

Arguments = dict[str, Any]

GRID_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "fibre": ("n_points", "window"),
    "capillary": ("n_points", "window", "wavelengths"),
    "beam": ("n_points", "window", "wavelengths", "edge", "n_across"),
    "crystal": ("n_points", "window", "wavelengths"),
}
"""Keys of the section of the grid that each door takes."""

HINTS: Final[dict[tuple[str, str], str]] = {
    ("effects", "fibre"): " [fibre] has raman and self_steepening.",
    ("effects", "crystal"): " [crystal] has n2.",
}


def door(name: str) -> Callable[..., Any]:
    """Return the function that propagates through what the section ``name`` says."""
    module = importlib.import_module(f"qleap.laser.propagation.{name}")
    function: Callable[..., Any] = getattr(module, f"propagate_{name}")
    return function


def arguments_of(file: CaseFile, folder: Path) -> Arguments:
    """Return what `door` is called with; files are looked for in ``folder``.

    Raises
    ------
    InvalidValue
        Where values contradict physics or each other; the sentence names the section.
    """
    for section in ("effects", "grid", "solver"):
        _check_keys(file, section)
    lights = []
    for one in file.pulse:
        with _named("pulse"):
            lights.append(light_of(one, folder))
    return _BUILDERS[file.door](file, lights, folder)


def _fibre(file: CaseFile, lights: list[Light], folder: Path) -> Arguments:
    section = file.fibre
    assert section is not None
    pulse = _one_light(file, lights)
    with _named("fibre"):
        fibre = _solid(section, pulse.wavelength, folder)
        check_cubic(pulse, fibre.gamma * pulse.peak_power, "gamma in 1/(W m)")
    given = {"pulse": pulse, "fibre": fibre, **_given(file.solver)}
    with _named("grid"):
        grid = _envelope_grid(file, pulse)
    return given if grid is None else {**given, "grid": grid}


def _solid(section: FibreSection, wavelength: float, folder: Path) -> Fibre:
    """Return a fibre by derivatives or by a table."""
    shared: Arguments = {
        "length": section.length,
        "wavelength": section.wavelength or wavelength,
        "gamma": section.gamma,
        "loss": section.loss,
        "raman": None if section.raman == "none" else section.raman,
        "self_steepening": section.self_steepening,
    }
    if section.file is None:
        assert section.betas is not None
        return Fibre(betas=section.betas, **shared)
    assert section.column is not None
    assert section.wavelength_unit is not None
    return read_fibre(
        folder / section.file,
        column=section.column,
        wavelength_unit=section.wavelength_unit,
        **shared,
    )


def _capillary(file: CaseFile, lights: list[Light], folder: Path) -> Arguments:  # noqa: ARG001
    section = file.capillary
    assert section is not None
    pulse = _one_light(file, lights)
    given = _given(section, "waist")
    with _named("capillary"):
        kind = Capillary if section.wall_thickness is None else AntiresonantFibre
        guide = kind(**given)
    _check_effects(file, guide.gas)
    with _named("capillary"):
        launch = {}
        if section.waist is not None:
            modes = linear_modes(file.effects.modes)
            radius = guide.core_radius_at(0.0)
            launch["launch"] = gaussian_coupling(section.waist, radius, modes)
    return {
        "pulse": pulse,
        "capillary": guide,
        **launch,
        **_effects(file),
        **_field_grid(file, pulse),
        **_given(file.solver),
    }


def _beam(file: CaseFile, lights: list[Light], folder: Path) -> Arguments:  # noqa: ARG001
    section = file.beam
    assert section is not None
    pulse = _one_light(file, lights)
    with _named("beam"):
        checks.positive("length", section.length, "m")
        density, peak = _density(section)
        medium = _medium(section, peak)
        beam = _shape(section, medium, pulse)
        if section.symmetry == "radial":
            beam.check_round()
        if file.effects.kerr:
            check_cubic(pulse, phase_rate(pulse, medium, beam), "radius in m")
    _check_effects(file, None if medium is None else medium.name)
    across = {}
    if file.grid.edge is not None:
        _check_across(file.grid.n_across, section.symmetry)
        across["transverse"] = (file.grid.edge, file.grid.n_across)
    return {
        "pulse": pulse,
        "medium": medium,
        "beam": beam,
        "length": section.length,
        "symmetry": section.symmetry,
        "density": density,
        **across,
        **_effects(file),
        **_field_grid(file, pulse),
        **_given(file.solver),
    }


def _density(section: BeamSection) -> tuple[Profile | None, float | None]:
    """Return the profile of a pressure that changes, over its peak, and that, Pa."""
    pressure = section.pressure
    if isinstance(pressure, tuple):
        pressure = Profile(positions=(0.0, section.length), values=pressure)
    if not isinstance(pressure, Profile):
        return None, pressure
    peak = max(pressure.values)
    if peak == 0.0:
        raise InvalidValue("pressure must be > 0 Pa somewhere, got 0 everywhere.")
    shares = tuple(value / peak for value in pressure.values)
    return Profile(positions=pressure.positions, values=shares), peak


def _medium(section: BeamSection, pressure: float | None) -> Material | None:
    """Return the gas or glass, or None for vacuum."""
    of_gases = ("pressure", "temperature", "fit", "equation_of_state")
    given = _given(section)
    told = {name: given[name] for name in of_gases if name in given}
    if pressure is not None:
        told["pressure"] = pressure
    if section.medium != "vacuum":
        return Material(name=section.medium, **told)
    if told:
        raise InvalidValue(f"{next(iter(told))} is not for vacuum; name the medium.")
    return None


def _shape(section: BeamSection, medium: Material | None, pulse: Light) -> Beam:
    """Return the beam at the entrance, or the one that has its waist on the way."""
    if section.waist is None:
        names = ("radius", "focal_length", "order", "charge", "tilt", "offset")
        given = _given(section)
        return Beam(**{name: given[name] for name in names if name in given})
    index = 1.0 if medium is None else float(medium.index(pulse.omega0))
    return Beam.with_waist(
        section.waist, section.focus or 0.0, pulse.wavelength, index=index
    )


def _crystal(file: CaseFile, lights: list[Light], folder: Path) -> Arguments:  # noqa: ARG001
    section = file.crystal
    assert section is not None
    with _named("crystal"):
        checks.positive("length", section.length, "m")
        crystal = (
            Crystal(name=section.material)
            if section.temperature is None
            else Crystal(name=section.material, temperature=section.temperature)
        )
        poling = section.poling
        given = _given(section, "material", "temperature", "matched", "poling")
        if poling is not None:
            given["poling"] = Poling(**_given(poling))
        if section.matched is not None:
            given["phase_matched"] = section.matched
    pulses: dict[str, list[Light]] = {}
    for one, light in zip(file.pulse, lights, strict=True):
        name: str | None = one.polarisation
        if name is None and len(lights) == 1 and section.matched:
            name = section.matched[0]
        if name is None:
            names = " or ".join(crystal.polarisations)
            raise InvalidValue(
                f"[pulse] polarisation is missing, {names} in {section.material}; add "
                "it."
            )
        with _named("crystal" if one.polarisation is None else "pulse"):
            crystal.check_polarisation(name)
        pulses.setdefault(name, []).append(light)
    if section.matched is not None:
        lines = [
            Line(light.wavelength, name)
            for name, several in pulses.items()
            for light in several
        ]
        with _named("crystal"):
            mixing = matched(section.matched, lines, crystal)
            if section.theta is None or section.phi is None:
                direction(mixing, section.theta, section.phi)
    return {
        "pulses": pulses,
        "crystal": crystal,
        **given,
        **_field_grid(file, lights[0]),
        **_given(file.solver),
    }


def _check_effects(file: CaseFile, medium: str | None) -> None:
    """Refuse plasma and molecules of what has no rates or no rotations."""
    default = inspect.signature(door(file.door)).parameters["plasma"].default
    with _named("effects"):
        if (file.effects.plasma or default) not in (None, "none"):
            ionised(medium)
        if file.effects.raman:
            rings(medium)


def _check_across(n_across: int | None, symmetry: str) -> None:
    """Refuse numbers of points that no grid across a beam has."""
    fewest, most = (4, 4096) if symmetry == "radial" else (8, 1024)
    with _named("grid"):
        checks.count("n_across", n_across, fewest, most)
        if symmetry == "none" and n_across is not None and n_across % 2:
            raise InvalidValue(
                "n_across must be even with symmetry = 'none', got "
                f"{n_across}; take {n_across + 1}."
            )


def _effects(file: CaseFile) -> Arguments:
    """Return the effects that are said, and no others."""
    given = _given(file.effects)
    if given.get("plasma") == "none":
        given["plasma"] = None
    return given


def _one_light(file: CaseFile, lights: list[Light]) -> Light:
    """Return the sum of all light; polarisations are for crystals."""
    if any(one.polarisation is not None for one in file.pulse):
        raise InvalidValue(
            f"[pulse] polarisation is for a [crystal], not for a [{file.door}]; "
            "take it out."
        )
    with _named("pulse"):
        return sum_of(lights)


def _envelope_grid(file: CaseFile, pulse: Light) -> Grid | None:
    """Return the grid about the carrier that the case asks for."""
    n_points, window = file.grid.n_points, file.grid.window
    if n_points is None or window is None:
        return None
    return Grid(n_points=n_points, window=window, wavelength=pulse.wavelength)


def _field_grid(file: CaseFile, pulse: Light) -> Arguments:
    """Return the grid, or the band of wavelengths, of a door for real fields."""
    section = file.grid
    with _named("grid"):
        if not file.effects.full_field:
            if section.wavelengths is not None:
                raise InvalidValue(
                    "wavelengths are for real fields; take them out, or full_field."
                )
            grid = _envelope_grid(file, pulse)
            return {} if grid is None else {"grid": grid}
        if section.wavelengths is None:
            if section.n_points is not None:
                raise InvalidValue(
                    "the grid of real fields needs wavelengths too, the shortest and "
                    "the longest that are kept; add them."
                )
            return {}
        if section.n_points is None or section.window is None:
            return {"wavelengths": section.wavelengths}
        short, long = section.wavelengths
        made = FieldGrid(
            n_points=section.n_points,
            window=section.window,
            wavelength=pulse.wavelength,
            band=(
                2.0 * math.pi * SPEED_OF_LIGHT / long,
                2.0 * math.pi * SPEED_OF_LIGHT / short,
            ),
        )
        return {"grid": made}


def _given(section: Document, *leave_out: str) -> Arguments:
    """Return what the file says in a section; doors have defaults for the rest."""
    kept = section.model_fields_set.difference(leave_out)
    found = {name: getattr(section, name) for name in sorted(kept)}
    return {name: value for name, value in found.items() if value is not None}


def _check_keys(file: CaseFile, section: str) -> None:
    """Refuse keys of a shared section that this door does not take."""
    given: Document = getattr(file, section)
    if section == "grid":
        allowed = GRID_KEYS[file.door]
    else:
        options = inspect.signature(door(file.door)).parameters
        allowed = tuple(name for name in type(given).model_fields if name in options)
    wrong = sorted(given.model_fields_set.difference(allowed))
    if wrong:
        has = f"takes {', '.join(allowed)}" if allowed else "has no such section"
        raise InvalidValue(
            f"[{section}] {wrong[0]} is not for a [{file.door}], which {has}; take it "
            f"out.{HINTS.get((section, file.door), '')}"
        )


@contextmanager
def _named(section: str) -> Iterator[None]:
    """Put the section's name before what is wrong in it."""
    try:
        yield
    except (InvalidValue, InvalidKind) as error:
        raise InvalidValue(f"[{section}] {error}") from error


_BUILDERS: Final = {
    "fibre": _fibre,
    "capillary": _capillary,
    "beam": _beam,
    "crystal": _crystal,
}
