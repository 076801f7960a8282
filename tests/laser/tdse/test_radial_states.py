"""Bound states against exact hydrogen and against measured ionisation energies."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.constants import HARTREE
from qleap.core.errors import InvalidValue, NotConverged
from qleap.laser.ionisation import atom
from qleap.laser.tdse.potentials import POTENTIALS
from qleap.laser.tdse.radial_states import radial_levels, radial_state, relaxed_state
from qleap.laser.tdse.radii import RadialGrid, radial_grid

HYDROGEN = POTENTIALS["H"]


@pytest.mark.parametrize(("l", "error"), [(0, 1.3e-6), (1, 1.2e-8), (2, 1.2e-8)])
def test_hydrogen_has_bohrs_levels(l: int, error: float) -> None:  # noqa: E741
    grid = radial_grid(HYDROGEN, 100.0)
    energies, _ = radial_levels(grid, HYDROGEN, l, 3)
    n = l + 1 + np.arange(3)
    assert_allclose(energies, -0.5 / n**2, atol=error)


def test_errors_fall_with_the_fourth_power_of_the_step() -> None:
    errors = []
    for step in (0.1, 0.05):
        grid = RadialGrid(n_points=round(25 / step), first_step=step, step=step)
        errors.append(radial_state(grid, HYDROGEN)[0] + 0.5)
    assert errors[0] / errors[1] == pytest.approx(16.0, rel=0.1)


def test_hydrogen_has_the_exact_dipoles() -> None:
    grid = radial_grid(HYDROGEN, 60.0)
    states = [
        radial_state(grid, HYDROGEN, *level)[1] for level in ((1, 0), (2, 1), (3, 2))
    ]

    def radial(a: np.ndarray, b: np.ndarray) -> float:
        return abs(float((a * b * grid.radii) @ grid.stretch))

    # Integrals of the closed forms (Bethe and Salpeter, section 63).
    assert radial(*states[:2]) == pytest.approx(2**7 * np.sqrt(6.0) / 3**5, rel=4e-6)
    second = 720.0 * 1.2**7 * 2.0 / (81.0 * np.sqrt(180.0))
    assert radial(*states[1:]) == pytest.approx(second, rel=1e-6)
    norm = (states[1] ** 2) @ grid.stretch
    assert norm == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "deviation"),
    [("He", 4e-4), ("Ne", 1.2e-3), ("Ar", 1.0e-3), ("Kr", 2e-4), ("Xe", 2.3e-3)],
)
def test_model_atoms_have_nearly_the_measured_energy(
    name: str, deviation: float
) -> None:
    potential = POTENTIALS[name]
    grid = radial_grid(potential, 40.0)
    energy = -radial_state(grid, potential)[0] * HARTREE
    assert energy == pytest.approx(atom(name).ionisation_energy, rel=deviation)


@pytest.mark.parametrize("name", ["He", "Ne", "Ar"])
def test_imaginary_time_finds_the_lowest_state(name: str) -> None:
    potential = POTENTIALS[name]  # of argon, the lowest lies below -100 hartree
    grid = radial_grid(potential, 20.0)
    for l in (0, 1):  # noqa: E741
        energy, state = relaxed_state(grid, potential, l)
        exact = radial_levels(grid, potential, l, 1)
        assert energy == pytest.approx(exact[0][0], abs=1e-9)
        assert_allclose(state, exact[1][0], atol=2e-4)


def test_imaginary_time_that_cannot_settle_ends() -> None:
    grid = radial_grid(POTENTIALS["Ne"], 10.0)
    with pytest.raises(NotConverged, match=r"did not settle in 10000 .* tolerance"):
        relaxed_state(grid, POTENTIALS["Ne"], 0, tolerance=1e-300, step=1e-6)
    with pytest.raises(InvalidValue, match="tolerance must be a finite number"):
        relaxed_state(grid, POTENTIALS["Ne"], 0, tolerance=float("nan"))


def test_steps_too_wide_for_the_nucleus_are_refused() -> None:
    grid = RadialGrid(n_points=100, first_step=0.2, step=0.2)
    with pytest.raises(InvalidValue, match="first_step must be below"):
        radial_state(grid, POTENTIALS["Ar"])
