"""Compiled loops over fields against their NumPy twins, and both against integrals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad, solve_ivp

from qleap.core.constants import ELECTRON_MASS, ELEMENTARY_CHARGE
from qleap.laser._kernels import ionisation as kernels
from qleap.laser._reference import ionisation as reference
from qleap.laser.ionisation import RateTable, rate_table

COUNTS = st.integers(2, 700)
SEEDS = st.integers(0, 2**31)
ENERGY = 2.5e-18
DENSITY = 2.5e25
PER_MASS = ELEMENTARY_CHARGE**2 / ELECTRON_MASS


@pytest.fixture(scope="module")
def table() -> RateTable:
    return rate_table("Ar", "adk")


def pulses(rows: int, n: int, seed: int, peak: float = 4e10) -> np.ndarray:
    """Return rows of which some have no field, some a little, some much."""
    rng = np.random.default_rng(seed)
    time = np.linspace(-1.0, 1.0, n)
    shape = np.exp(-((time / 0.3 - rng.uniform(-1.0, 1.0, (rows, 1))) ** 2))
    size = peak * rng.choice([0.0, 0.2, 0.6, 1.0], (rows, 1))
    return np.asarray(size * shape * np.cos(40.0 * time + rng.uniform(0, 6, (rows, 1))))


def random_cells(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return three octaves and a half of cells that begin inside an octave."""
    first = (np.array([3.7e20]).view(np.int64) >> kernels.SHIFT)[0]
    n = 7 * kernels.CELL_BITS * 64
    ends = (np.array([first, first + n]) << kernels.SHIFT).view(np.float64)
    return rng.uniform(-3.0, 3.0, (4, n)), np.array([ends[0], np.nextafter(ends[1], 0)])


@given(COUNTS, SEEDS)
def test_rates_equal_their_twin(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, edges = random_cells(rng)
    ends = np.log(edges) / 2.0
    field = np.exp(rng.uniform(ends[0] - 1.0, ends[1] + 0.1, (3, n)))
    field *= rng.choice([-1.0, 0.0, 1.0], (3, n))
    phase = np.exp(1j * rng.uniform(0.0, 6.0, (3, n)))
    ours, theirs = np.empty((3, n)), np.empty((3, n))
    above = kernels.rate_into(cells, edges, field, ours)
    assert above == reference.rate_into(cells, edges, field, theirs)
    assert_allclose(ours, theirs, rtol=1e-11)
    # Turning the phase moves a field that lies on an edge to its other side.
    clear = np.abs(field**2 / edges[0] - 1.0) > 1e-12
    kernels.envelope_rate_into(cells, edges, field * phase, ours)
    assert_allclose(ours[clear], theirs[clear], rtol=1e-7)


@given(COUNTS, SEEDS)
def test_envelope_rates_equal_their_twin(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, edges = random_cells(rng)
    size = np.sqrt(edges[1])
    field = size * (rng.standard_normal((2, n)) + 1j * rng.standard_normal((2, n)))
    results = []
    for module in (kernels, reference):
        out = np.empty((2, n))
        results.append((module.envelope_rate_into(cells, edges, field, out), out))
    assert results[0][0] == results[1][0]
    assert_allclose(results[0][1], results[1][1], rtol=1e-11)


@given(COUNTS, SEEDS, st.sampled_from([0.0, 0.3, 1.0]))
def test_fractions_equal_their_twin(n: int, seed: int, fraction0: float) -> None:
    rng = np.random.default_rng(seed)
    rate = rng.random((3, n)) * 10.0 ** rng.uniform(-15.0, 1.0, (3, 1))
    rate[0, : n // 2] = 0.0
    rate[1, n // 3 :] = 0.0
    ours, theirs = np.empty((3, n)), np.empty((3, n))
    kernels.electron_fraction_into(rate, 0.01, fraction0, ours)
    reference.electron_fraction_into(rate, 0.01, fraction0, theirs)
    for row in range(3):
        scale = 1e-15 * theirs[row].max()
        assert_allclose(ours[row], theirs[row], rtol=1e-12, atol=scale)
    assert (ours >= fraction0 * (1.0 - 1e-15)).all()


@given(COUNTS, SEEDS, st.sampled_from([0.0, 1e13]), st.sampled_from([0.0, 0.2]))
def test_currents_equal_their_twin(
    table: RateTable, n: int, seed: int, collision_rate: float, fraction0: float
) -> None:
    field = pulses(4, n, seed, 1.5e11)
    args = (DENSITY, ENERGY, collision_rate, fraction0)
    results = []
    for module in (kernels, reference):
        fraction, current = np.empty_like(field), np.empty_like(field)
        above = module.plasma_current_into(
            table.cells, table.edges, field, 2e-17, *args, fraction, current
        )
        results.append((above, fraction, current))
    scale = np.abs(results[1][2]).max() + 1e-300
    assert results[0][0] == results[1][0]
    for ours, theirs in zip(results[0][1], results[1][1], strict=True):
        assert_allclose(ours, theirs, rtol=1e-9, atol=1e-15 * theirs.max())
    assert_allclose(results[0][2], results[1][2], atol=1e-11 * scale)


@given(COUNTS, SEEDS, st.sampled_from([0.0, 1e13]))
def test_envelope_currents_equal_their_twin(
    table: RateTable, n: int, seed: int, collision_rate: float
) -> None:
    envelope = pulses(3, n, seed) * np.exp(0.3j * np.arange(n))
    args = (2e-16, 2.35e15, DENSITY, ENERGY, collision_rate, 0.1)
    results = []
    for module in (kernels, reference):
        fraction, current = np.empty(envelope.shape), np.empty_like(envelope)
        above = module.envelope_current_into(
            table.cells, table.edges, envelope, *args, fraction, current
        )
        results.append((above, fraction, current))
    scale = np.abs(results[1][2]).max() + 1e-300
    assert results[0][0] == results[1][0]
    for ours, theirs in zip(results[0][1], results[1][1], strict=True):
        assert_allclose(ours, theirs, rtol=1e-9, atol=1e-15 * theirs.max())
    assert_allclose(results[0][2], results[1][2], atol=1e-11 * scale)


def test_rows_do_not_depend_on_each_other(table: RateTable) -> None:
    field = pulses(5, 1000, 7)
    args = (2e-17, DENSITY, ENERGY, 1e12, 0.0)
    fraction, current = np.empty_like(field), np.empty_like(field)
    kernels.plasma_current_into(
        table.cells, table.edges, field, *args, fraction, current
    )
    for row in range(5):
        alone, drift = np.empty((1, 1000)), np.empty((1, 1000))
        kernels.plasma_current_into(
            table.cells, table.edges, field[row : row + 1], *args, alone, drift
        )
        assert (alone[0] == fraction[row]).all()
        assert (drift[0] == current[row]).all()


def rate_of_time(t: float) -> float:
    return 3e14 * float(np.exp(-((t / 3e-15) ** 2)))


def test_fraction_is_the_integral_to_fourth_order() -> None:
    errors = []
    for n in (65, 129):
        time = np.linspace(-9e-15, 9e-15, n)
        rate = np.array([[rate_of_time(t) for t in time]])
        out = np.empty_like(rate)
        kernels.electron_fraction_into(rate, time[1] - time[0], 0.0, out)
        exact = [quad(rate_of_time, time[0], t, epsrel=1e-12)[0] for t in time]
        errors.append(np.abs(out[0] + np.expm1(-np.array(exact))).max())
    assert errors[1] < 2e-6
    assert errors[0] / errors[1] > 14.0


def test_a_constant_rate_gives_an_exponential_to_rounding() -> None:
    rate = np.full((1, 1001), 1e11)
    out = np.empty_like(rate)
    kernels.electron_fraction_into(rate, 1e-14, 0.2, out)
    expected = 1.0 - 0.8 * np.exp(-1e-3 * np.arange(1001))
    assert_allclose(out[0], expected, rtol=1e-12)


def test_tiny_fractions_keep_their_digits() -> None:
    rate = np.full((1, 500), 1.0)
    out = np.empty_like(rate)
    kernels.electron_fraction_into(rate, 1e-18, 0.0, out)
    assert_allclose(out[0], 1e-18 * np.arange(500), rtol=1e-13)


@pytest.mark.parametrize("collision_rate", [0.0, 2e14])
def test_current_solves_its_equation(table: RateTable, collision_rate: float) -> None:
    # With everything ionised the current is linear in the field.
    errors = []
    for n in (400, 799):
        time = np.linspace(-20e-15, 20e-15, n)

        def field(t: float) -> float:
            return 1e6 * float(np.exp(-((t / 6e-15) ** 2)) * np.sin(2.35e15 * t))

        values = np.array([[field(t) for t in time]])
        fraction, current = np.empty_like(values), np.empty_like(values)
        kernels.plasma_current_into(
            table.cells,
            table.edges,
            values,
            time[1] - time[0],
            DENSITY,
            ENERGY,
            collision_rate,
            1.0,
            fraction,
            current,
        )
        found = solve_ivp(
            lambda t, j: PER_MASS * DENSITY * field(t) - collision_rate * j,
            (time[0], time[-1]),
            [0.0],
            "DOP853",
            time,
            rtol=1e-11,
            atol=1e-3,
        )
        scale = np.abs(found.y).max()
        errors.append(np.abs(current[0] - found.y[0]).max() / scale)
    assert errors[1] < 4e-6
    assert errors[0] / errors[1] > 12.0


def test_field_pays_for_the_electrons_it_frees(table: RateTable) -> None:
    time = np.linspace(-30e-15, 30e-15, 8192)
    step = time[1] - time[0]
    field = 3e10 * np.exp(-((time / 8e-15) ** 2)) * np.cos(2.35e15 * time)
    powers = []
    for energy in (ENERGY, 0.0):
        fraction, current = np.empty((1, time.size)), np.empty((1, time.size))
        kernels.plasma_current_into(
            table.cells,
            table.edges,
            field[None],
            step,
            DENSITY,
            energy,
            0.0,
            0.0,
            fraction,
            current,
        )
        powers.append(np.sum(current[0] * field) * step)
    spent = powers[0] - powers[1]
    assert_allclose(spent, ENERGY * DENSITY * fraction[0, -1], rtol=1e-9)


def test_envelope_current_is_that_of_the_carrier(table: RateTable) -> None:
    # Fully ionised, so that both see the same electrons.
    omega, nu = 2.35e15, 1e14
    time = np.linspace(-150e-15, 150e-15, 2**15)
    envelope = 1e6 * np.exp(-((time / 40e-15) ** 2)) * np.exp(0.02e15j * time)
    carrier = np.exp(-1j * omega * time)
    args = (DENSITY, ENERGY, nu, 1.0)
    fraction, current = np.empty((1, time.size)), np.empty((1, time.size))
    kernels.plasma_current_into(
        table.cells,
        table.edges,
        (envelope * carrier).real[None].copy(),
        time[1] - time[0],
        *args,
        fraction,
        current,
    )
    slow = np.empty((1, time.size), np.complex128)
    kernels.envelope_current_into(
        table.cells,
        table.edges,
        envelope[None],
        time[1] - time[0],
        omega,
        *args,
        fraction,
        slow,
    )
    again = (slow[0] * carrier).real
    assert_allclose(current[0], again, atol=6e-4 * np.abs(again).max())


def test_envelope_pays_for_the_electrons_it_frees(table: RateTable) -> None:
    time = np.linspace(-30e-15, 30e-15, 4096)
    step = time[1] - time[0]
    envelope = 3e10 * np.exp(-((time / 8e-15) ** 2)) * np.exp(1j * (time / 1e-14) ** 2)
    powers = []
    for energy in (ENERGY, 0.0):
        fraction = np.empty((1, time.size))
        current = np.empty((1, time.size), np.complex128)
        kernels.envelope_current_into(
            table.cells,
            table.edges,
            envelope[None],
            step,
            2.35e15,
            DENSITY,
            energy,
            0.0,
            0.0,
            fraction,
            current,
        )
        powers.append(0.5 * np.sum(current[0] * envelope.conj()).real * step)
    spent = powers[0] - powers[1]
    assert_allclose(spent, ENERGY * DENSITY * fraction[0, -1], rtol=1e-9)
