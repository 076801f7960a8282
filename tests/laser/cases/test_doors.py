"""From a case to the arguments of each door, and what a wrong case is told."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue, StorageError
from qleap.laser import (
    AntiresonantFibre,
    Beam,
    Capillary,
    FieldGrid,
    Grid,
    Material,
    Poling,
    Pulse,
    load_case,
)
from qleap.laser.cases import Case
from qleap.laser.guides import Profile, TabulatedFibre
from qleap.laser.pulses import PulseSum, ShiftedPulse, own_grid

PULSE = """
[pulse]
shape = "gaussian"
wavelength = "800 nm"
fwhm = "30 fs"
energy = "0.2 mJ"
"""
CAPILLARY = """
[capillary]
core_radius = "125 um"
length = "1 m"
gas = "neon"
pressure = ["0 bar", "2.5 bar"]
"""
BEAM = """
[beam]
medium = "argon"
pressure = "1 bar"
waist = "100 um"
focus = "3 cm"
length = "6 cm"
"""
CRYSTAL = """
[crystal]
material = "BBO"
length = "1 mm"
matched = "ooe"
waist = "0.3 mm"
"""
FIBRE = """
[fibre]
length = "1 cm"
gamma = "0.11 1/(W km)"
betas = ["-11.83 ps^2/km"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "case.toml"


def case(path: Path, *parts: str) -> Case:
    path.write_text("".join(parts))
    return load_case(path)


def given(path: Path, *parts: str) -> dict[str, Any]:
    return dict(case(path, *parts).arguments)


def test_a_capillary_has_the_arguments_of_its_door(path: Path) -> None:
    effects = "[effects]\nplasma = 'none'\nmodes = 3\nthird_harmonic = false\n"
    found = given(path, PULSE, CAPILLARY, effects)
    assert found.pop("pulse") == Pulse(
        shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=0.2e-3
    )
    guide = found.pop("capillary")
    wanted = Capillary(core_radius=125e-6, length=1.0, gas="neon", pressure=(0, 2.5e5))
    assert guide == wanted
    assert found == {"plasma": None, "modes": 3, "third_harmonic": False}


def test_tapers_beams_at_the_entrance_and_thin_walls_are_taken(path: Path) -> None:
    taper = CAPILLARY.replace(
        '"125 um"', '{ positions = ["0 m", "1 m"], values = ["125 um", "90 um"] }'
    )
    found = given(path, PULSE, taper, 'wall_thickness = "0.3 um"\nwaist = "80 um"\n')
    guide = found["capillary"]
    assert isinstance(guide, AntiresonantFibre)
    assert guide.core_radius == Profile(positions=(0.0, 1.0), values=(125e-6, 90e-6))
    assert found["launch"][0] ** 2 == pytest.approx(0.981, abs=1e-3)  # Abrams (1972)


def test_a_beam_has_the_arguments_of_its_door(path: Path) -> None:
    grid = '[grid]\nedge = "1 mm"\nn_across = 64\nwavelengths = ["400 nm", "2 um"]\n'
    found = given(path, PULSE, BEAM, grid)
    medium = Material(name="argon", pressure=1e5)
    assert found["medium"] == medium
    beam = found["beam"]
    index = float(medium.index(found["pulse"].omega0))
    assert beam == Beam.with_waist(100e-6, 0.03, 800e-9, index=index)
    assert found["transverse"] == (1e-3, 64)
    assert found["wavelengths"] == (400e-9, 2e-6)
    assert found["length"] == 0.06


def test_pressure_along_a_beam_is_a_density(path: Path) -> None:
    table = '{ positions = ["0 mm", "1 mm", "3 mm"], values = ["0 bar", "2 bar", 0] }'
    section = (
        '[beam]\nmedium = "argon"\nradius = "1 mm"\nlength = "3 mm"\n'
        f"pressure = {table}\n"
    )
    found = given(path, PULSE, section)
    assert found["medium"] == Material(name="argon", pressure=2e5)
    assert found["density"] == Profile(
        positions=(0.0, 1e-3, 3e-3), values=(0.0, 1.0, 0.0)
    )


def test_a_beam_in_vacuum_is_given_at_the_entrance(path: Path) -> None:
    section = '[beam]\nradius = "1 mm"\nfocal_length = "0.5 m"\nlength = "1 m"\n'
    found = given(path, PULSE, section)
    assert found["medium"] is None
    assert found["beam"] == Beam(radius=1e-3, focal_length=0.5)


def test_a_crystal_has_the_arguments_of_its_door(path: Path) -> None:
    poled = CRYSTAL.replace('"ooe"', '"eee"\ntheta = "90 deg"\nphi = "0 deg"')
    found = given(path, PULSE, poled, 'poling = { period = "7 um" }\n')
    assert found["poling"] == Poling(period=7e-6)
    assert found["theta"] == pytest.approx(math.pi / 2.0)
    assert list(found["pulses"]) == ["e"]
    assert (found["phase_matched"], found["waist"]) == ("eee", 0.3e-3)


def test_pulses_of_a_crystal_have_polarisations(path: Path) -> None:
    one = PULSE.replace("[pulse]", "[[pulse]]\npolarisation = 'o'")
    other = PULSE.replace("[pulse]", "[[pulse]]\npolarisation = 'e'")
    found = given(path, one, other, one, CRYSTAL)
    assert {name: len(several) for name, several in found["pulses"].items()} == {
        "o": 2,
        "e": 1,
    }


def test_a_table_of_a_fibre_is_looked_for_beside_the_case(path: Path) -> None:
    lines = [f"{w} {1.45 - 1e-5 * (w - 800)}" for w in range(600, 1100, 50)]
    path.with_name("fibre.txt").write_text("\n".join(lines))
    table = 'file = "fibre.txt"\ncolumn = "index"\nwavelength_unit = "nm"\n'
    section = FIBRE.replace('betas = ["-11.83 ps^2/km"]\n', table)
    fibre = given(path, PULSE, section)["fibre"]
    assert isinstance(fibre, TabulatedFibre)
    assert fibre.wavelengths[0] == pytest.approx(600e-9)
    path.with_name("fibre.txt").unlink()
    with pytest.raises(StorageError, match=r"fibre\.txt must be a text file"):
        load_case(path)


def test_all_shapes_and_phases_are_taken(path: Path) -> None:
    more = 'higher_orders = ["1e5 fs^4"]\nramp = "10 fs"\ncep = "90 deg"\n'
    flat = PULSE.replace('"gaussian"', '"flat-top"')
    found = given(path, flat, more, FIBRE)["pulse"]
    assert found == Pulse(
        shape="flat-top", wavelength=800e-9, fwhm=30e-15, energy=0.2e-3, ramp=10e-15,
        higher_orders=(1e-55,), cep=math.pi / 2.0,
    )  # fmt: skip


def test_spectra_and_their_chirp_are_taken(path: Path) -> None:
    wavelength = np.linspace(700.0, 900.0, 201)
    density = np.exp(-(((wavelength - 800.0) / 20.0) ** 2))
    rows = [f"{w},{d}" for w, d in zip(wavelength, density, strict=True)]
    path.with_name("s.csv").write_text("wavelength (nm),S\n" + "\n".join(rows))
    text = '[pulse]\nspectrum = "s.csv"\nenergy = "1 uJ"\n'
    plain = given(path, text, FIBRE)["pulse"]
    chirped = given(path, text, 'gdd = "500 fs^2"\n', FIBRE)["pulse"]
    assert plain.energy == pytest.approx(1e-6)
    assert chirped.energy == pytest.approx(1e-6, rel=1e-6)
    grid = own_grid(chirped)
    turned = chirped.spectrum_on(grid) / plain.spectrum_on(grid)
    near = np.abs(grid.detuning) < 5e13
    curve = np.polyfit(grid.detuning[near] * 1e-14, np.angle(turned[near]), 2)
    # As the carrier's delay is taken out, the curvature is left.
    assert curve[0] == pytest.approx(250e-30 * 1e28, rel=1e-2)


def test_a_frog_file_is_taken(path: Path) -> None:
    time = np.linspace(-200.0, 200.0, 401)
    power = np.exp(-4.0 * np.log(2.0) * (time / 40.0) ** 2)
    rows = [f"{t} {p} {0.0}" for t, p in zip(time, power, strict=True)]
    path.with_name("Ek.dat").write_text("\n".join(rows))
    text = '[pulse]\nfrog = "Ek.dat"\nunit = "fs"\nenergy = "1 uJ"\n'
    pulse = given(path, text, 'wavelength = "800 nm"\n', FIBRE)["pulse"]
    assert_allclose(pulse.peak_power, 0.9394 * 1e-6 / 40e-15, rtol=1e-3)


def test_colours_delays_and_trains_add_up(path: Path) -> None:
    first = PULSE.replace("[pulse]", "[[pulse]]")
    second = first.replace("800 nm", "400 nm") + 'delay = "20 fs"\n'
    light = given(path, first, second, CAPILLARY)["pulse"]
    assert isinstance(light, PulseSum)
    assert isinstance(light.parts[1], ShiftedPulse)
    assert light.parts[1].delay == pytest.approx(20e-15)
    several = 'train = { n_pulses = 3, spacing = "1 ps" }\n'
    light = given(path, PULSE, several, FIBRE)["pulse"]
    assert light.energy == pytest.approx(0.6e-3)


def test_grids_are_those_that_were_asked_for(path: Path) -> None:
    points = '[grid]\nn_points = 8192\nwindow = "1 ps"\n'
    band = 'wavelengths = ["200 nm", "4 um"]\n'
    full = given(path, PULSE, CAPILLARY, points, band)["grid"]
    assert isinstance(full, FieldGrid)
    assert_allclose(full.band, 2.0 * np.pi * 2.99792458e8 / np.array([4e-6, 200e-9]))
    points = '[grid]\nn_points = 512\nwindow = "1 ps"\n'
    half = given(path, PULSE, CAPILLARY, points, "[effects]\nfull_field = false\n")
    assert half["grid"] == Grid(n_points=512, window=1e-12, wavelength=800e-9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PULSE, r"a case has one of the sections \[fibre\], .* got none of them"),
        (PULSE + FIBRE + CAPILLARY, r"got \[fibre\] and \[capillary\]"),
        (PULSE + FIBRE.replace("fibre", "fiber"), "fiber is unknown; did you mean 'fi"),
        (
            PULSE + CAPILLARY.replace("core_radius", "core_diameter"),
            "capillary: core_diameter is no key here: the size is given by core_radius,"
            " half of the diameter",
        ),
        (
            PULSE + CAPILLARY.replace("core_radius", "diameter"),
            "diameter is no key here: the size is given by core_radius, half of the",
        ),
        (
            PULSE + CAPILLARY.replace("core_radius", "radius"),
            "radius is no key here: the size is given by core_radius; write core_radi",
        ),
        (
            PULSE + BEAM.replace("waist", "diameter"),
            "beam: diameter is no key here: the size is given by radius, half of the",
        ),
        (PULSE + CAPILLARY.replace('"125 um"', '"125 bar"'), "number with a unit .m, "),
        (PULSE + CAPILLARY.replace('"2.5 bar"', '"2.5 m"'), r"capillary\.pressure: it"),
        (PULSE + CAPILLARY.replace('"neon"', '"neom"'), r"\[capillary\] gas must be"),
        (
            PULSE + CAPILLARY.replace('["0 bar", ', "["),
            "a pair for both ends, or a tab",
        ),
        (
            PULSE + FIBRE + "[effects]\nplasma = 'ppt'\n",
            r"\[effects\] plasma is not for a \[fibre\], which has no such section; .*"
            "raman and self_steepening",
        ),
        (
            PULSE + BEAM + "[effects]\nmodes = 2\n",
            r"\[effects\] modes is not for a \[beam\], which takes kerr, third_har",
        ),
        (
            PULSE + FIBRE + '[grid]\nedge = "1 mm"\nn_across = 8\n',
            r"\[grid\] edge is not for a \[fibre\], which takes n_points, window",
        ),
        (
            PULSE + CAPILLARY + '[grid]\nn_points = 64\nwindow = "1 ps"\n',
            r"\[grid\] the grid of real fields needs wavelengths too",
        ),
        (PULSE + CAPILLARY + "[grid]\nn_points = 64\n", "window go together"),
        (
            PULSE + "polarisation = 'o'\n" + FIBRE,
            r"\[pulse\] polarisation is for a \[crystal\], not for a \[fibre\]",
        ),
        (
            PULSE.replace('shape = "gaussian"', 'spectrum = "s.csv"') + FIBRE,
            "pulse: fwhm is no key of a pulse that is given by a spectrum; take it out",
        ),
        (
            '[pulse]\nfrog = "Ek.dat"\n' + FIBRE,
            "pulse: energy is missing, which a FROG file does not hold",
        ),
        (PULSE.replace('fwhm = "30 fs"', "") + FIBRE, "pulse: fwhm is missing; add it"),
        (
            PULSE + FIBRE.replace("betas", "column = 'index'\nbetas"),
            "column and wavelength_unit belong to a file",
        ),
        (PULSE + BEAM + 'radius = "1 mm"\n', "give radius .* or waist .* got both"),
        (PULSE + BEAM.replace('"argon"', '"vacuum"'), "pressure is not for vacuum"),
        (PULSE + CRYSTAL.replace("matched = ", "# "), "give theta, or matched"),
        (
            PULSE + CRYSTAL.replace('matched = "ooe"', 'theta = "29 deg"'),
            r"\[pulse\] polarisation is missing, o or e in BBO; add it",
        ),
        (PULSE + CRYSTAL + 'area = "1 mm^2"\n', "give one of waist and area, got both"),
        (
            PULSE.replace("[pulse]", "[[pulse]]") + "fhwm = 1\n" + FIBRE,
            r"the key pulse\.0\.fhwm is unknown; did you mean 'fwhm'",
        ),
    ],
)
def test_a_wrong_case_gets_one_sentence_with_the_way_out(
    path: Path, text: str, message: str
) -> None:
    path.write_text(text)
    with pytest.raises(InvalidValue, match=message) as caught:
        load_case(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_warm_crystal_of_a_case_is_warm(tmp_path: Path) -> None:
    path = tmp_path / "warm.toml"
    path.write_text(
        '[pulse]\nwavelength = "1064 nm"\nfwhm = "1 ps"\nenergy = "1 uJ"\n'
        'polarisation = "s"\n[crystal]\nmaterial = "LBO"\ntemperature = "422 K"\n'
        'theta = "90 deg"\nlength = "1 mm"\nwaist = "1 mm"\n'
    )
    assert load_case(path).arguments["crystal"].temperature == 422.0
    with pytest.raises(InvalidValue, match=r"\[crystal\] temperature must be 293.15 K"):
        load_case(path, {"crystal.material": "KDP", "pulse.polarisation": "o"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"crystal.length": 0.0}, r"\[crystal\] length must be > 0 m"),
        ({"pulse.polarisation": "o"}, r"\[pulse\] polarisation must be one of s, f"),
    ],
)
def test_a_crystal_is_refused_before_anything_is_computed(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "case.toml"
    path.write_text(
        '[pulse]\nwavelength = "1064 nm"\nfwhm = "1 ps"\nenergy = "1 uJ"\n'
        'polarisation = "s"\n[crystal]\nmaterial = "LBO"\n'
        'theta = "90 deg"\nlength = "1 mm"\nwaist = "1 mm"\n'
    )
    with pytest.raises(InvalidValue, match=message):
        _ = load_case(path, change).arguments


def test_a_range_of_too_many_values_is_refused_before_it_is_made(
    tmp_path: Path,
) -> None:
    path = tmp_path / "case.toml"
    path.write_text(
        PULSE + '[beam]\nmedium = "argon"\nradius = "1 mm"\nlength = "1 cm"\n'
        '[scan]\npulse.energy = { start = "1 nJ", stop = "1 uJ", n_points = 2000000 }'
    )
    with pytest.raises(InvalidValue, match="n_points must be between 2 and 1000000"):
        load_case(path)
