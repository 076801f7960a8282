"""Values with units as people write them."""

import math

import pytest

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import units


@pytest.mark.parametrize(
    ("given", "unit", "expected"),
    [
        ("50 fs", "s", 50e-15),
        ("1.5e1 cm", "m", 0.15),
        ("0.8 µm", "m", 0.8e-6),
        (" 10 kW ", "W", 1e4),
        ("-2000 fs^2", "s^2", -2e-27),
        ("0.11 1/(W m)", "1/(W m)", 0.11),
        ("10 dB/km", "1/m", 0.01 / (10.0 * math.log10(math.e))),
        (3e-15, "s", 3e-15),
    ],
)
def test_a_value_is_read_into_si(given: object, unit: str, expected: float) -> None:
    assert units.value("x", given, unit) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("given", "order", "expected"),
    [
        ("-11.83 ps^2/km", 2, -11.83e-27),
        ("36.2 fs^2/mm", 2, 36.2e-27),
        ("8.1038e-2 ps^3/km", 3, 8.1038e-41),
        (1e-55, 4, 1e-55),
    ],
)
def test_a_dispersion_coefficient_is_read_into_si(
    given: object, order: int, expected: float
) -> None:
    assert units.beta("b", given, order) == pytest.approx(expected)


@pytest.mark.parametrize("given", ["50", "50fs", "fs", "50 kg", "", "1 2 fs"])
def test_what_is_no_value_with_a_unit_is_refused(given: str) -> None:
    with pytest.raises(InvalidValue, match=r"fwhm must be a number with a unit .s, ns"):
        units.value("fwhm", given, "s")


def test_a_coefficient_of_another_order_is_refused() -> None:
    with pytest.raises(
        InvalidValue, match=r"beta3 must be a number with a unit .ps\^3"
    ):
        units.beta("beta3", "1 ps^2/km", 3)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidKind, match="fwhm must be one real number"):
        units.value("fwhm", [1], "s")
