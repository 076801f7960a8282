"""A case that its door would refuse is refused when the file is read."""

from pathlib import Path

import pytest

from qleap.core.errors import InvalidValue
from qleap.laser import load_case

PULSE = """
[pulse]
shape = "gaussian"
wavelength = "800 nm"
fwhm = "30 fs"
energy = "0.2 mJ"
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
gamma = "0.11 1/(W m)"
betas = ["-11.83 ps^2/km"]
"""
GLASS = BEAM.replace('"argon"', '"fused silica"').replace('pressure = "1 bar"\n', "")
VORTEX = """
[beam]
medium = "argon"
pressure = "1 bar"
radius = "1 mm"
charge = 1
length = "6 cm"
"""
COLOURS = """
[[pulse]]
wavelength = "800 nm"
fwhm = "50 fs"
energy = "1 uJ"
polarisation = "o"
[[pulse]]
wavelength = "1200 nm"
fwhm = "50 fs"
energy = "1 uJ"
polarisation = "o"
"""
SQUARE = "symmetry = 'none'\n[grid]\nedge = '1 mm'\nn_across = 65\n"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((PULSE, GLASS, "[effects]\nplasma = 'ppt'\n"), r"effects\] no rates of ion"),
        ((PULSE, GLASS, "[effects]\nraman = true\n"), r"effects\] raman needs one of"),
        ((PULSE, VORTEX), r"\[beam\] a beam of radial symmetry must be round"),
        ((PULSE, BEAM, SQUARE), r"\[grid\] n_across must be even .* got 65; take 66"),
        ((COLOURS, CRYSTAL), r"\[crystal\] phase_matched must be a ThreeWaveMixing"),
        ((PULSE.replace("800", "300"), CRYSTAL), r"\[crystal\] "),
        ((PULSE.replace("0.2 mJ", "2e9 J"), BEAM), r"beam\] the nonlinear index n2"),
        ((PULSE.replace("0.2 mJ", "2 J"), FIBRE), r"fibre\] the nonlinear index n2"),
        (
            (PULSE, BEAM, "[scan]\nbeam.medium = ['argon', 'fused silica']\n",
             "[effects]\nplasma = 'ppt'\n"),
            "pressure|no rates of ionisation",
        ),
    ],
)  # fmt: skip
def test_what_the_door_would_refuse_late_is_refused_when_the_file_is_read(
    tmp_path: Path, parts: tuple[str, ...], message: str
) -> None:
    path = tmp_path / "case.toml"
    path.write_text("".join(parts))
    with pytest.raises(InvalidValue, match=message):
        load_case(path)
