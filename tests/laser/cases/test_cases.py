"""Cases in TOML: the shipped one, and what a wrong one is told."""

import math
from pathlib import Path

import pytest

from qleap.core.errors import InvalidValue, StorageError
from qleap.laser import load_case

DUDLEY = Path(__file__).parents[3] / "examples" / "cases" / "dudley2006.toml"

GOOD = """
[pulse]
wavelength = "835 nm"
fwhm = "50 fs"
peak_power = "1 kW"
[fibre]
length = "1 cm"
gamma = "0.11 1/(W m)"
betas = ["-11.83 ps^2/km"]
[grid]
n_points = 1024
window = "3 ps"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "case.toml"


def test_the_shipped_case_is_the_published_one() -> None:
    case = load_case(DUDLEY)
    pulse, fibre, grid = (case.arguments[x] for x in ("pulse", "fibre", "grid"))
    assert pulse.peak_power == 1e4
    assert fibre.betas[0] == pytest.approx(-11.830e-27)
    assert fibre.betas[8] == pytest.approx(-1.7140e-144)
    assert grid.window == pytest.approx(12.5e-12)
    assert pulse.energy == pytest.approx(0.567e-9, rel=1e-3)


def test_a_case_without_a_grid_leaves_it_to_the_propagation(path: Path) -> None:
    path.write_text(GOOD.partition("[grid]")[0])
    assert "grid" not in load_case(path).arguments


def test_the_phase_of_the_carrier_may_be_given_in_degrees(path: Path) -> None:
    path.write_text(GOOD.replace("[pulse]", '[pulse]\ncep = "90 deg"'))
    assert load_case(path).arguments["pulse"].cep == pytest.approx(math.pi / 2.0)


def test_a_pulse_may_be_given_by_its_energy(path: Path) -> None:
    path.write_text(GOOD.replace('peak_power = "1 kW"', 'energy = "50 pJ"'))
    pulse = load_case(path).arguments["pulse"]
    assert pulse.energy == pytest.approx(50e-12)
    assert math.isfinite(pulse.peak_power)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("fwhm =", "fhwm =", r"the key pulse.fhwm is unknown; did you mean 'fwhm'"),
        ('"50 fs"', '"-50 fs"', r"\[pulse\] fwhm must be > 0 s, got -5e-14"),
        (
            '"50 fs"',
            '"50"',
            r"pulse.fwhm: (?!.*got.*got).* a unit .s, ns, ps",
        ),
        ('"50 fs"', "[1]", r"pulse.fwhm: .*must be one real number"),
        ('gamma = "0.11 1/(W m)"', "", "the key fibre.gamma is missing; add it"),
        ("n_points = 1024", "n_points = 1000", r"\[grid\] n_points must be a power"),
        ('"-11.83 ps^2/km"', '"-11.83 ps^3/km"', "fibre.betas: beta2 must be a number"),
        ('["-11.83 ps^2/km"]', "[nan]", "beta2 must be a finite number"),
        ("[grid]", "[grid", r"is not valid TOML: .*line 10"),
        ("[pulse]", '[pulse]\nshape = "sesh"', "did you mean 'sech'"),
        ("[grid]", "[solver]\ntolerance = -1\n[grid]", "solver.tolerance: .* got -1"),
        ("[grid]", "[solver]\nn_positions = 1\n[grid]", "solver.n_positions: .* got 1"),
        ('peak_power = "1 kW"', "", r"\[pulse\] a pulse needs either peak_power"),
    ],
)
def test_a_wrong_case_gets_one_sentence_with_file_and_key(
    path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(InvalidValue, match=message) as caught:
        load_case(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_said(path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot be read .No such file"):
        load_case(path)
