"""Potentials of one electron against exact levels, NIST and SciPy."""

import numpy as np
import pytest
from scipy.linalg import eigh_tridiagonal

from qleap.core.constants import ELECTRONVOLT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.ionisation import ATOMS, Atom
from qleap.laser.tdse import POTENTIALS, CentralPotential, SoftCore, soft_core
from qleap.laser.tdse.potentials import central_potential


def level(potential: CentralPotential, n: int) -> float:
    """Return the active electron's level, hartree, by differences over r = x^2."""
    x = (np.arange(n) + 0.5) * np.sqrt(80.0) / n
    h, r, stretch = x[1] - x[0], x**2, 2.0 * x
    half = np.zeros(n + 1)
    half[1:] = 1.0 / (2.0 * h * np.arange(1, n + 1))
    diagonal = 0.5 * (half[1:] + half[:-1]) / (h**2 * stretch)
    diagonal += 0.5 * potential.l * (potential.l + 1) / r**2 + potential.values_au(r)
    off = -0.5 * half[1:-1] / (h**2 * np.sqrt(stretch[1:] * stretch[:-1]))
    k = potential.nodes
    return float(
        eigh_tridiagonal(
            diagonal, off, eigvals_only=True, select="i", select_range=(k, k)
        )[0]
    )


@pytest.mark.parametrize("name", ["Ne", "Ar", "Kr", "Xe"])
def test_the_active_electron_lies_at_the_ionisation_energy_of_nist(name: str) -> None:
    potential = central_potential(name)
    found = (4.0 * level(potential, 5000) - level(potential, 2500)) / 3.0
    # Tong and Lin state their fits to a few hundredths of an electronvolt.
    assert -found == pytest.approx(ATOMS[name].energy_au, rel=3e-3)


@pytest.mark.parametrize(
    ("name", "charge"),
    [("H", 1), ("He", 2), ("Ne", 10), ("Ar", 18), ("Kr", 36), ("Xe", 54)],
)
def test_an_electron_sees_the_nucleus_inside_and_the_ion_outside(
    name: str, charge: int
) -> None:
    potential = POTENTIALS[name]
    assert potential.nuclear_charge == pytest.approx(charge, abs=1e-12)
    assert -1e-7 * potential.values_au(1e-7) == pytest.approx(charge, rel=1e-4)
    assert -60.0 * potential.values_au(60.0) == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("potential", [*POTENTIALS.values(), soft_core("Ar")])
def test_gradients_are_those_of_the_values(
    potential: CentralPotential | SoftCore,
) -> None:
    r = np.array([0.1, 0.7, 2.0, 9.0])
    h = 1e-5
    slopes = (potential.values_au(r + h) - potential.values_au(r - h)) / (2.0 * h)
    assert potential.gradient_au(r) == pytest.approx(slopes, rel=1e-6)


def test_soft_cores_have_the_levels_of_their_atoms() -> None:
    # Exact: a^2 = 2 makes (1 + sqrt(x^2 + 2)) exp(-sqrt(x^2 + 2)) the state at -1/2.
    assert SoftCore(softening=np.sqrt(2.0)).ground_energy_au == pytest.approx(
        -0.5, rel=1e-10
    )
    assert SoftCore(softening=1 / np.sqrt(2.0), charge=2.0).ground_energy_au == (
        pytest.approx(-2.0, rel=1e-10)
    )
    helium = soft_core("He")
    assert helium.ground_energy_au == pytest.approx(-ATOMS["He"].energy_au, rel=1e-9)
    assert helium.softening**2 == pytest.approx(0.484, rel=3e-3)


def test_impossible_potentials_are_refused() -> None:
    with pytest.raises(InvalidValue, match="six numbers"):
        CentralPotential(name="x", screening=(1.0, -1.0, 0.0, 0.0, 0.0, 0.0))
    with pytest.raises(InvalidValue, match="l must be between 0 and 0"):
        CentralPotential(name="x", n=1, l=1)
    with pytest.raises(InvalidValue, match="name must be one of"):
        central_potential("Rn")
    with pytest.raises(InvalidKind):
        SoftCore(softening="wide")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="a level that a softening"):
        soft_core(Atom(name="deep", ionisation_energy=1000.0 * ELECTRONVOLT))
