"""Partial waves against their twin, dense exponentials and laws of motion."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import expm

from qleap.core.errors import InvalidValue
from qleap.laser._kernels import partial_waves as kernels
from qleap.laser._reference import partial_waves as reference
from qleap.laser.tdse.partial_waves import PartialWaves
from qleap.laser.tdse.potentials import POTENTIALS
from qleap.laser.tdse.radial_states import radial_state
from qleap.laser.tdse.radii import RadialGrid, RadialOperator, radial_grid

HYDROGEN = POTENTIALS["H"]


def dense(operator: RadialOperator, count: int, force: float) -> np.ndarray:
    """Return the Hamiltonian of the lowest waves of m = 0 under a constant force."""
    n, j = operator.grid.n_points, operator.stretch
    out = np.zeros((count, n, count, n))
    for l in range(count):  # noqa: E741
        mass = np.diag(np.full(n, 10.0)) + np.eye(n, k=1) + np.eye(n, k=-1)
        mass[0, 0] += 2.0 * operator.cusp(l)
        second = np.eye(n, k=1) + np.eye(n, k=-1) - 2.0 * np.eye(n)
        second[0, 0] += 2.0 * operator.cusp(l)
        kinetic = -0.5 * np.linalg.solve(mass / 12.0, second) / np.outer(j, j)
        out[l, :, l] = kinetic + np.diag(operator.potential(l))
        if l + 1 < count:
            c = (l + 1) / np.sqrt((2 * l + 1) * (2 * l + 3))
            out[l, :, l + 1] = out[l + 1, :, l] = force * c * np.diag(operator.radii)
    return out.reshape(count * n, count * n)


@pytest.mark.parametrize("m", [0, 1])
def test_steps_equal_their_twin(m: int, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = RadialGrid(n_points=160, first_step=0.1, step=0.3)
    made = []
    for module in (kernels, reference):
        waves = PartialWaves(grid, HYDROGEN, m=m, n_l=40, step=0.1, absorb_from=20.0)
        start = np.random.default_rng(5).normal(size=(20, 2, 160)) @ np.eye(160)
        waves.put((start[:, 0] + 1j * start[:, 1]) * np.exp(-grid.radii))
        waves._window[0] = 128
        monkeypatch.setattr(kernels, "advance_into", module.advance_into)
        kicks, ends = 0.1 * np.array([0.3, -0.9, 0.1, 0.4]), np.array([1, 3, 4])
        seen, near = waves.advance_seen(kicks, ends, slice(10, 90))
        made.append((waves.waves(), near, seen, waves.window))
    assert_allclose(made[0][0], made[1][0], atol=1e-12)
    assert_allclose(made[0][1], made[1][1], atol=1e-12)
    assert_allclose(made[0][2], made[1][2], rtol=1e-11)
    assert made[0][3] == made[1][3]


def test_waves_seen_beyond_all_that_was_reached_are_zero_whatever_memory_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grid = radial_grid(HYDROGEN, 120.0, step=0.3)
    waves = PartialWaves(grid, HYDROGEN, n_l=16, step=0.1)
    waves.put(radial_state(grid, HYDROGEN)[1])
    reached = waves.window[0]
    assert reached + 70 < grid.n_points
    monkeypatch.setattr(np, "empty", lambda shape, *_: np.full(shape, 7.0))
    part = slice(reached - 9, grid.n_points)
    _, near = waves.advance_seen(np.full(3, 1e-3), np.array([1, 3]), part)
    assert np.abs(near[:, :, :9]).max() < 1e-10
    assert not near[:, :, 73:].any()


def test_bits_do_not_depend_on_threads_nor_on_how_steps_are_grouped() -> None:
    grid = radial_grid(HYDROGEN, 120.0, step=0.3)
    state, kicks = radial_state(grid, HYDROGEN)[1], 0.02 * np.cos(0.02 * np.arange(400))
    made = []
    for threads, groups in ((1, 1), (2, 1), (2, 7), (3, 50)):
        waves = PartialWaves(grid, HYDROGEN, n_l=40, step=0.1, threads=threads)
        waves.put(state)
        begun = waves.window
        for part in np.array_split(kicks, groups):
            seen = waves.advance(part)
        assert waves.window > begun  # more radii and more angular momenta on the way
        made.append((waves.waves().tobytes(), seen.tobytes(), waves.window))
    assert len(set(made)) == 1


def test_waves_follow_the_exponential_of_a_dense_matrix() -> None:
    grid = radial_grid(HYDROGEN, 30.0, step=0.5)
    state = radial_state(grid, HYDROGEN)[1]
    force, time, errors = 0.02, 2.0, []
    for step in (0.1, 0.05):
        waves = PartialWaves(grid, HYDROGEN, n_l=8, step=step)
        hamiltonian = dense(waves.operator, 5, force)
        start = np.zeros((5, grid.n_points))
        start[0] = state * np.sqrt(grid.stretch)
        middle = dense(waves.operator, 5, 1.0) - dense(waves.operator, 5, 0.0)
        begun = expm(-0.5j * force * step * middle) @ start.ravel()
        waves.put(begun.reshape(5, -1) / np.sqrt(grid.stretch))
        kicks = np.full(round(time / step), force * step)
        kicks[-1] *= 0.5
        waves.advance(kicks)
        found = (waves.waves()[:5] * np.sqrt(grid.stretch)).ravel()
        expected = expm(-1j * time * hamiltonian) @ start.ravel()
        errors.append(np.abs(found - expected).max())
    assert errors[1] < 3e-5
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.02)


def test_norms_are_kept_and_the_middle_obeys_newton() -> None:
    grid = radial_grid(HYDROGEN, 60.0, step=0.3)
    waves = PartialWaves(grid, HYDROGEN, n_l=16, step=0.05)
    waves.put(radial_state(grid, HYDROGEN)[1])
    field = 0.03 * np.sin(np.pi * np.arange(400) / 400) ** 2
    seen = np.array([waves.advance([0.05 * f]) for f in field])
    assert waves.populations().sum() == pytest.approx(1.0, abs=1e-12)
    # Before its kick a wave is a half kick behind; neither sum feels that.
    second = np.diff(seen[:, 1], 2) / 0.05**2
    assert_allclose(second, -(seen[:, 0] + field)[1:-1], atol=1.5e-5)


def test_waves_of_a_wrong_shape_are_refused() -> None:
    grid = radial_grid(HYDROGEN, 30.0)
    waves = PartialWaves(grid, HYDROGEN, n_l=8, step=0.1)
    with pytest.raises(InvalidValue, match="waves must have the shape"):
        waves.put(np.zeros((3, 7)))
