"""The rate model against SciPy, closed forms and published behaviour."""

import math

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy.integrate import quad, solve_ivp
from scipy.linalg import null_space

from qleap.core.errors import InvalidValue
from qleap.sensing.nv import excited_state
from qleap.sensing.nv.photophysics import (
    ERNST_2023,
    ROBLEDO_2011,
    TETIENNE_2012,
    ChargeRates,
    CwOdmrModel,
    OpticalRates,
    RateModel,
)

TILTED = np.array([0.011, -0.004, 0.02])
PUMP = 8e6
BOTH = [RateModel(), RateModel(charge=ChargeRates(), relaxation_time=1e-3)]


@pytest.mark.parametrize("model", BOTH)
def test_populations_follow_scipys_integration(model: RateModel) -> None:
    start = np.linspace(1.0, 2.0, model.n_levels)
    start /= start.sum()
    times = np.array([0.0, 1e-8, 1e-7, 3e-6])
    matrix = model.generator(PUMP, TILTED, microwave=(0.0, 0.0))
    expected = solve_ivp(
        lambda _, p: matrix @ p,
        (0.0, 3e-6),
        start,
        method="LSODA",
        t_eval=times,
        rtol=1e-11,
        atol=1e-13,
    ).y.T
    assert_allclose(model.evolve(start, times, PUMP, TILTED), expected, atol=1e-9)


@pytest.mark.parametrize("model", BOTH)
def test_the_steady_state_is_the_null_space_of_the_generator(model: RateModel) -> None:
    matrix = model.generator(PUMP, TILTED, microwave=(1e5, 3e6))
    (kernel,) = null_space(matrix / np.abs(matrix).max()).T
    found = model.steady_state(PUMP, TILTED, microwave=(1e5, 3e6))
    assert_allclose(found, kernel / kernel.sum(), atol=1e-11)


@pytest.mark.parametrize("rates", [ERNST_2023, ROBLEDO_2011, TETIENNE_2012])
def test_weak_light_polarises_as_the_branching_says(rates: OpticalRates) -> None:
    # What leaves 0 through the singlet must come back to it from +1 and -1.
    leave = [c / (c + rates.radiative) for c in (rates.crossing_0, rates.crossing_1)]
    ratio = leave[1] * rates.singlet_0 / (leave[0] * 2.0 * rates.singlet_1)
    found = RateModel(optics=rates).polarisation(1.0)
    assert_allclose(found, ratio / (1.0 + ratio), rtol=1e-6)


def test_without_a_singlet_light_saturates_a_two_level_system() -> None:
    rates = OpticalRates(
        radiative=6e7, crossing_0=0.0, crossing_1=0.0, singlet_0=1.0, singlet_1=0.0
    )
    model = RateModel(optics=rates, relaxation_time=1e-3)
    for pump in (1e4, 6e7, 1e9):
        assert_allclose(model.luminescence(pump), 6e7 * pump / (6e7 + pump), rtol=1e-9)


def test_light_saturates_and_its_contrast_grows_from_that_of_weak_light() -> None:
    model = RateModel()
    pumps = np.geomspace(1e2, 1e11, 10)
    light, contrast = model.saturation(pumps)
    assert np.all(np.diff(light) > 0.0)
    assert_allclose(light[1] / light[0], 10.0, rtol=1e-3)
    assert_allclose(light[-1] / light[-2], 1.0, rtol=0.01)
    # All light in the excited state: each cycle ends in the singlet at last.
    held = model.steady_state(pumps[-1])
    assert_allclose(held[:3].sum(), 0.0, atol=1e-2)
    # Three levels that weak light empties by the singlet, two of them mixed
    o = model.optics
    leave = np.array([c / (c + o.radiative) for c in (o.crossing_0, o.crossing_1)])
    back = np.array([o.singlet_0, o.singlet_1])
    free = back[[0, 1, 1]] / leave[[0, 1, 1]]
    mixed = (back.sum() / leave.sum()) * np.array([1.0, 1.0])
    shine = o.radiative / (o.radiative + np.array([o.crossing_0, o.crossing_1]))
    bright = (free * shine[[0, 1, 1]]).sum() / free.sum()
    dim = (mixed * shine).sum() + free[2] * shine[1]
    dim /= mixed.sum() + free[2]
    assert_allclose(contrast[0], 1.0 - dim / bright, rtol=1e-3)


def test_excited_states_live_as_long_as_robledo_measured() -> None:
    # Robledo et al. 2011: 13.7 ns and 7.3 ns
    model, times = RateModel(), np.array([0.0, 5e-9])
    for level, lifetime in ((4, 13.7e-9), (3, 7.3e-9), (5, 7.3e-9)):
        start = np.eye(7)[level]
        seen = model.evolve(start, times, 0.0) @ model.emission_rates()
        assert_allclose(5e-9 / math.log(seen[0] / seen[1]), lifetime, rtol=0.02)


def test_a_pulse_of_light_tells_the_spins_apart_by_thirty_percent() -> None:
    model = RateModel()
    bright = model.polarised(1e6)
    early = model.photons([3e-7], 1e6)[0]
    contrast = 1.0 - early @ model.flipped(bright) / (early @ bright)
    assert 0.25 < contrast < 0.35


def test_a_field_across_the_axis_takes_light_contrast_and_lifetime() -> None:
    # Tetienne et al. 2012: all three fall with an increasing off-axis field.
    model = RateModel(optics=TETIENNE_2012)
    fields = np.linspace(0.0, 0.04, 9)[:, None] * [1.0, 0.0, 0.0]
    light = model.luminescence(1e6, fields)
    driven = model.luminescence(1e6, fields, microwave=(0.0, 1e6))
    out = model.jumps(0.0, fields)[:, 4].sum(axis=-1)
    assert np.all(np.diff(light) < 0.0)
    assert np.all(np.diff((1.0 - driven / light)[1:]) < 0.0)
    assert np.all(np.diff(1.0 / out) < 0.0)
    assert light[-1] / light[0] < 0.85


def test_light_is_lost_where_the_levels_cross() -> None:
    sizes = np.linspace(0.03, 0.12, 901)
    angle = np.radians(1.0)
    along = np.array([np.sin(angle), 0.0, np.cos(angle)])
    seen = RateModel().luminescence(1e6, sizes[:, None] * along)
    dips = sizes[1:-1][(seen[1:-1] < seen[:-2]) & (seen[1:-1] < seen[2:])]
    # Excited state near 51 mT, ground state near 102.4 mT
    assert_allclose(dips, [0.0507, 0.1024], atol=5e-4)


def test_a_field_along_the_axis_mixes_nothing() -> None:
    model = RateModel()
    assert_allclose(model.jumps(PUMP, [0, 0, 0.07]), model.jumps(PUMP), atol=1e-3)


def test_all_jumps_together_are_kept_by_mixing() -> None:
    # The overlaps of two bases are doubly stochastic.
    model = RateModel()
    for levels in (slice(0, 3), slice(3, 6)):
        away = np.setdiff1d(np.arange(7), np.arange(7)[levels])
        mixed, plain = model.jumps(PUMP, TILTED), model.jumps(PUMP)
        assert_allclose(
            mixed[levels][:, away].sum(), plain[levels][:, away].sum(), rtol=1e-12
        )


@pytest.mark.parametrize("model", BOTH)
def test_photons_are_the_integral_of_what_is_emitted(model: RateModel) -> None:
    start = model.spin_state(-1)
    integral, _ = quad(
        lambda t: float(
            model.evolve(start, [t], PUMP, TILTED)[0] @ model.emission_rates()
        ),
        0.0,
        4e-7,
        epsrel=1e-10,
    )
    found = model.photons([4e-7], PUMP, TILTED)[0] @ start
    assert_allclose(found, integral, rtol=1e-9)


def test_initialisation_takes_the_time_in_which_late_changes_fade() -> None:
    model, pump = RateModel(), 5e6
    constant = model.initialisation_time(pump)
    times = np.array([12.0, 13.0]) * constant
    late = model.evolve(model.spin_state(1), times, pump) - model.steady_state(pump)
    assert_allclose(late[0, 1] / late[1, 1], math.e, rtol=1e-3)


def test_stronger_light_initialises_faster_until_the_singlet_holds_it() -> None:
    model = RateModel()
    times = [model.initialisation_time(p) for p in (1e5, 1e6, 1e7, 1e9)]
    assert np.all(np.diff(times) < 0.0)
    assert times[-1] > ROBLEDO_2011.singlet_lifetime / 2.0


def test_green_light_keeps_less_than_three_quarters_in_the_negative_charge() -> None:
    # Aslam et al. 2013 (abstract): below 75 % from 450 to 610 nm
    model = RateModel(charge=ChargeRates())
    shares = [model.steady_state(p)[:7].sum() for p in (1e4, 1e6, 1e7)]
    assert all(0.6 < share < 0.75 for share in shares)


def test_without_recombination_the_charge_is_lost() -> None:
    model = RateModel(charge=ChargeRates(recombination=0.0))
    later = model.evolve(model.spin_state(0), [1.0], PUMP)[0]
    assert later[:7].sum() < 1e-9
    assert_allclose(later.sum(), 1.0, rtol=1e-8)


def test_the_singlet_lives_longer_in_the_cold() -> None:
    times = [
        OpticalRates.at_temperature(t).singlet_lifetime for t in (100.0, 200.0, 300.0)
    ]
    assert np.all(np.diff(times) < 0.0)
    # 320 ns (1 - exp(-16.6 meV / k_B T)) at 300 K
    assert_allclose(
        times[2], 320e-9 * (1.0 - math.exp(-16.6e-3 / 0.0258520)), rtol=1e-4
    )


def test_wrong_inputs_are_told_what_is_meant() -> None:
    with pytest.raises(InvalidValue, match=r"between 100 and 500 K, got 4\.2\."):
        OpticalRates.at_temperature(4.2)
    with pytest.raises(InvalidValue, match=r"projection must be \+1, 0 or -1, got 2"):
        RateModel().spin_state(2)
    with pytest.raises(InvalidValue, match=r"populations must have 7 values"):
        RateModel().evolve([1.0, 0.0], [0.0], PUMP)
    with pytest.raises(InvalidValue, match=r"relaxation_time must be > 0 s"):
        RateModel(relaxation_time=0.0)
    with pytest.raises(InvalidValue, match=r"pump_rate must be > 0 1/s"):
        RateModel().steady_state(0.0)


def test_light_meets_the_excited_state_of_the_spin_hamiltonian() -> None:
    # One set of constants: the levels cross where `excited_state` has them cross.
    assert RateModel().excited == excited_state()
    field = [0.0, 0.0, 0.0505]
    odmr = CwOdmrModel.at_field(field)
    same = CwOdmrModel.at_field(field, excited=excited_state())
    assert odmr.share is not None
    assert same.share is not None
    assert_allclose(odmr.share, same.share, rtol=0.0, atol=0.0)


APART = OpticalRates(
    radiative=6e7, crossing_0=0.0, crossing_1=0.0, singlet_0=1e6, singlet_1=1e6
)


@pytest.mark.parametrize(
    "model",
    [
        RateModel(optics=APART),
        RateModel(charge=ChargeRates(ionisation=0.0, recombination=0.0)),
    ],
)
def test_levels_that_nothing_connects_have_no_steady_state(model: RateModel) -> None:
    with pytest.raises(InvalidValue, match="rates must lead to one steady state"):
        model.steady_state(1e6)
    odmr = CwOdmrModel(lines=(2.87e9,), optics=model.optics, charge=model.charge)
    with pytest.raises(InvalidValue, match="rates must lead to one steady state"):
        odmr.evaluate([2.87e9])


def test_wrong_times_and_projections_are_refused_by_name() -> None:
    model = RateModel()
    start = model.spin_state(0)
    with pytest.raises(InvalidValue, match="times must be >= 0 s"):
        model.evolve(start, [-1e-6], 1e6)
    with pytest.raises(InvalidValue, match="durations must be >= 0 s"):
        model.photons([-1e-6], 1e6)
    with pytest.raises(InvalidValue, match=r"projection must be \+1, 0 or -1, got 3"):
        model.flipped(start, 3)


@pytest.mark.parametrize("model", BOTH)
def test_qutip_evolves_the_levels_of_the_rate_model(model: RateModel) -> None:
    hamiltonian, collapse = model.to_qutip(PUMP, TILTED)
    start = qutip.basis(model.n_levels, 1).proj()
    found = qutip.mesolve(
        hamiltonian,
        start,
        [0.0, 2e-7],
        collapse,
        options={"atol": 1e-12, "rtol": 1e-10},
    ).final_state
    assert_allclose(
        found.diag().real,
        model.evolve(model.spin_state(0), [2e-7], PUMP, TILTED)[0],
        atol=1e-9,
    )
