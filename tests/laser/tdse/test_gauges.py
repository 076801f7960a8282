"""The velocity gauge against its twin and against the length gauge."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.constants import ATOMIC_ELECTRIC_FIELD, ATOMIC_TIME, HARTREE
from qleap.laser._kernels import radial_shifts as kernels
from qleap.laser._reference import radial_shifts as reference
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics import harmonic_spectrum
from qleap.laser.tdse.atom import solve_atom
from qleap.laser.tdse.models import atom_model
from qleap.laser.tdse.partial_waves import PartialWaves
from qleap.laser.tdse.potentials import POTENTIALS
from qleap.laser.tdse.radial_states import radial_state
from qleap.laser.tdse.radii import RadialGrid, radial_grid
from qleap.laser.tdse.surface_flux import level_spectrum
from tests.laser.tdse.fields import sine_squared

HYDROGEN = POTENTIALS["H"]


@pytest.mark.parametrize("m", [0, 1])
def test_shifts_and_sums_equal_their_twins(m: int) -> None:
    grid = RadialGrid(n_points=160, first_step=0.1, step=0.3)
    made = []
    for module in (kernels, reference):
        waves = PartialWaves(grid, HYDROGEN, m=m, n_l=40, step=0.1)
        start = np.random.default_rng(5).normal(size=(20, 2, 160))
        start[..., 128:] = 0.0
        waves.put((start[:, 0] + 1j * start[:, 1]) * np.exp(-grid.radii))
        waves._window[0] = 128
        common = waves._starts, waves._waves.reshape(-1), waves._window
        radii, columns = waves._radii.ravel(), waves._columns.ravel()
        pairs, stretch = waves._pairs.ravel(), waves.operator.stretch
        module.shift_into(0.3, radii, stretch, pairs, *common, waves.lanes)
        module.see_into(radii, columns, *common, waves._seen, waves.lanes)
        made.append((waves.waves(), waves._seen.copy()))
    assert_allclose(made[0][0], made[1][0], atol=1e-13)
    assert_allclose(made[0][1], made[1][1], rtol=1e-10)


def test_shifts_move_a_state_and_keep_its_norm() -> None:
    grid = radial_grid(HYDROGEN, 20.0, step=0.2)
    waves = PartialWaves(grid, HYDROGEN, n_l=16, step=0.05)
    waves.put(np.stack([radial_state(grid, HYDROGEN)[1], 0.0 * grid.radii]))
    for _ in range(10):
        seen = waves.shift_along([0.02])
    assert seen[1] == pytest.approx(0.2, rel=3e-4)
    assert waves.populations().sum() == pytest.approx(1.0, abs=1e-13)


def test_both_gauges_give_the_same_yields_and_harmonics() -> None:
    driving = sine_squared(0.07, 0.057, 1.0)
    velocity = atom_model(driving, "H", radius=40.0, n_l=32, gauge="velocity")
    models = replace(velocity, gauge="length"), velocity
    found = [solve_atom(driving, model) for model in models]
    ground = [1.0 - float(data["ground_population"]) for data in found]
    assert ground[1] == pytest.approx(ground[0], rel=1e-2)
    spectra = [harmonic_spectrum(data) for data in found]
    order = spectra[0]["order"].values
    for low, high in ((0.5, 10.0), (10.0, 18.0), (18.0, 28.0)):
        kept = (order >= low) & (order < high)
        first, second = (np.abs(s["amplitude"].values[0, kept]) for s in spectra)
        assert np.linalg.norm(first - second) < 0.02 * np.linalg.norm(first)


def test_populations_are_those_of_the_length_gauge_after_half_a_cycle() -> None:
    time = np.linspace(0.0, 20.0, 201)
    field = 0.06 * np.sin(np.pi * time / 20.0) ** 2
    driving = DrivingField(
        time=time * ATOMIC_TIME, field=field * ATOMIC_ELECTRIC_FIELD, wavelength=8e-7
    )
    found = [
        solve_atom(
            driving, "H", radius=20.0, slowest=0.5, n_l=16, gauge=gauge, time_step=0.1
        )
        for gauge in ("length", "velocity")
    ]
    for name in ("ground_population", "l_population"):
        assert_allclose(found[1][name], found[0][name], atol=1e-3)
    energies = np.array([-0.5, -0.1, 0.2]) * HARTREE
    spectra = [level_spectrum(data, energies, 0.02 * HARTREE) for data in found]
    one, other = (each["spectrum"].sum("l") for each in spectra)
    assert_allclose(other, one, rtol=2e-2)
