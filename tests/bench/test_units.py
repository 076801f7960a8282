"""Units of laboratories in those of criteria."""

import pytest

from qleap.bench.filing.units import factor_between, scaled
from qleap.core.errors import InvalidValue


@pytest.mark.parametrize(
    ("given", "asked", "value", "expected"),
    [
        ("1", "1", 0.3, 0.3),
        ("%", "1", 99.7, 0.997),
        ("ppm", "1", 5.0, 5e-6),
        ("fs", "s", 50.0, 50e-15),
        ("s", "fs", 50e-15, 50.0),
        ("ps", "fs", 0.8, 800.0),
        ("µs", "s", 68.0, 68e-6),
        ("min", "s", 2.0, 120.0),
        ("nm", "m", 800.0, 800e-9),
        ("m", "mm", 0.25, 250.0),
        ("cm", "m", 3.0, 0.03),
        ("mm^2", "m^2", 2.0, 2e-6),
        ("pT/√Hz", "T/sqrt(Hz)", 9.0, 9e-12),
        ("nT Hz^-1/2", "T/sqrt(Hz)", 1.5, 1.5e-9),
        ("uG", "T", 1.0, 1e-10),
        ("G", "T", 2.0, 2e-4),
        ("mG", "T", 2.0, 2e-7),
        ("W/cm^2", "W/m^2", 1e14, 1e18),
        ("keV", "eV", 0.1, 100.0),
        ("deg", "rad", 180.0, 3.141592653589793),
        ("kHz", "Hz", 3.0, 3000.0),
    ],
)
def test_value_is_the_nearest_number_in_the_unit_asked_for(
    given: str, asked: str, value: float, expected: float
) -> None:
    assert scaled(value, factor_between(given, asked)) == expected


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("s", "m"),
        ("T", "T/sqrt(Hz)"),
        ("1", "s"),
        ("m", "1"),
        ("mm^2", "m"),
        ("dm^2", "m^2"),
        ("eV", "J"),
        ("furlong", "m"),
    ],
)
def test_other_quantities_are_refused(given: str, asked: str) -> None:
    with pytest.raises(InvalidValue, match="or convert to it, got"):
        factor_between(given, asked)
