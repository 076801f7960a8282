"""Typed-in constants against those of SciPy (CODATA)."""

import pytest
import scipy.constants as codata

from qleap.core import constants


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SPEED_OF_LIGHT", "speed of light in vacuum"),
        ("PLANCK", "Planck constant"),
        ("HBAR", "reduced Planck constant"),
        ("ELEMENTARY_CHARGE", "elementary charge"),
        ("BOLTZMANN", "Boltzmann constant"),
        ("AVOGADRO", "Avogadro constant"),
        ("VACUUM_PERMITTIVITY", "vacuum electric permittivity"),
        ("VACUUM_PERMEABILITY", "vacuum mag. permeability"),
        ("ELECTRON_MASS", "electron mass"),
        ("BOHR_MAGNETON", "Bohr magneton"),
        ("NUCLEAR_MAGNETON", "nuclear magneton"),
        ("ELECTRON_G_FACTOR", "electron g factor"),
        ("HARTREE", "Hartree energy"),
        ("BOHR_RADIUS", "Bohr radius"),
        ("ELECTRONVOLT", "electron volt"),
        ("ATOMIC_TIME", "atomic unit of time"),
        ("ATOMIC_ELECTRIC_FIELD", "atomic unit of electric field"),
    ],
)
def test_constant_agrees_with_codata(ours: str, theirs: str) -> None:
    # SciPy's edition may be a later one: new editions move the tenth digit.
    expected = codata.physical_constants[theirs][0]
    assert getattr(constants, ours) == pytest.approx(expected, rel=2e-9)


def test_every_constant_is_tested() -> None:
    listed = test_constant_agrees_with_codata.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {name for name, _ in listed} == set(constants.__all__)
