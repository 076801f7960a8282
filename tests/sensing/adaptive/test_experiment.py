"""Adaptive experiments against exact posteriors, and their choices."""

import pickle
from time import process_time
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.special import rel_entr
from scipy.stats import beta, binom, gamma, norm, poisson, truncnorm

from qleap.core.errors import InvalidKind, InvalidValue, NotConverged
from qleap.sensing import LineModel, OdmrSpectrum
from qleap.sensing.adaptive import (
    AdaptiveExperiment,
    BinomialNoise,
    Cost,
    GaussianNoise,
    LogUniform,
    PoissonNoise,
    Uniform,
)
from qleap.sensing.adaptive.noise import Noise
from qleap.sensing.adaptive.predictions import predictor
from qleap.sensing.adaptive.prior import Prior
from qleap.sensing.models import (
    FunctionModel,
    Gaussian,
    HahnEcho,
    OdmrLines,
    Polynomial,
    Rabi,
    Ramsey,
    Relaxation,
    TraceModel,
)

STRAIGHT = Polynomial(degree=1)
LINE = OdmrLines(n_lines=1)


def _line_experiment(seed: int, n_particles: int = 20_000) -> AdaptiveExperiment:
    return AdaptiveExperiment(
        LINE,
        {
            "position_1": Uniform(2.85e9, 2.89e9),
            "fwhm_1": LogUniform(0.7e6, 3e6),
            "depth_1": Uniform(0.01, 0.05),
            "background": Gaussian(1.0, 0.01),
        },
        np.linspace(2.85e9, 2.89e9, 401),
        GaussianNoise(0.003),
        n_particles=n_particles,
        rng=np.random.default_rng(seed),
    )


@pytest.mark.parametrize(
    ("model", "low", "high"),
    [
        (LINE, [2.86e9, 1e6, 0.01, 0.9], [2.87e9, 2e6, 0.05, 1.1]),
        (
            OdmrLines(
                n_lines=2, lines=LineModel(background="constant", hyperfine="14N")
            ),
            [2.86e9, 2.88e9, 1e6, 1e6, 0.01, 0.01, 0.9],
            [2.87e9, 2.89e9, 2e6, 2e6, 0.05, 0.05, 1.1],
        ),
        (
            OdmrLines(
                n_lines=1, lines=LineModel(background="constant", shape="gaussian")
            ),
            [2.86e9, 1e6, 0.01, 0.9],
            [2.87e9, 2e6, 0.05, 1.1],
        ),
        (Rabi(), [1, 0.1, 1e6, 1e-6], [2, 0.2, 2e6, 1e-5]),
        (Rabi(averaged=True), [1, 0.1, 1e6, 1e-6, 0], [2, 0.2, 2e6, 1e-5, 1e6]),
        (Rabi(delayed=True), [1, 0.1, 1e6, 1e-6, -3e-8], [2, 0.2, 2e6, 1e-5, 3e-8]),
        (Ramsey(), [1, 0.1, -1e6, 1e-6, 1.0], [2, 0.2, 2e6, 4e-6, 2.0]),
        (
            HahnEcho(revivals=True),
            [1, 0.1, 1e-6, 0.5, 4e-7, 1e-7],
            [2, 0.2, 2e-6, 2.0, 8e-7, 2e-7],
        ),
        (
            Ramsey(hyperfine="15N", stretched=False, phased=True),
            [1, 0.1, 1e6, 1e-6, 0.0],
            [2, 0.2, 2e6, 4e-6, 2.0],
        ),
        (Relaxation(stretched=True), [1, 0.1, 1e-6, 0.5], [2, 0.2, 2e-6, 2.0]),
        (
            Relaxation(stretched=True) + STRAIGHT.renamed(c1="slope"),
            [1, 0.1, 1e-6, 0.5, 1, 1e5],
            [2, 0.2, 2e-6, 2.0, 2, 2e5],
        ),
        (FunctionModel(function=lambda x, a, b: a * np.exp(-b * x)), [1, 0], [2, 1e6]),
        (FunctionModel(function=lambda x, a: x * (a if a > 1.5 else 0.0)), [1], [2]),
    ],
)
def test_predictions_are_those_of_the_model(
    model: TraceModel, low: list[float], high: list[float]
) -> None:
    particles = np.random.default_rng(1).uniform(low, high, (6, len(low))).T.copy()
    over_frequency = isinstance(model, OdmrLines)
    x = np.array([2.862e9, 2.8653e9, 2.88e9] if over_frequency else [0.0, 2e-7, 3e-6])
    found = predictor(model)(x, particles)
    expected = [model.evaluate(x, values) for values in particles.T]
    assert_allclose(found, np.transpose(expected), rtol=1e-9, atol=1e-12)


def test_many_predictions_of_any_model_take_milliseconds() -> None:
    def saturating(power: NDArray[np.float64], half: float) -> NDArray[np.float64]:
        return power / (power + half)

    for model, values in (
        (Rabi(averaged=True), [1, 0.1, 1e6, 1e-6, 1e5]),
        (Relaxation(stretched=True), [1, 0.1, 1e-6, 0.5]),
        (FunctionModel(function=saturating), [1e-3]),
    ):
        predict = predictor(model)
        particles = np.repeat(np.array(values, dtype=np.float64)[:, None], 20_000, 1)
        predict(np.array([1e-6]), particles[:, :100])
        begin = process_time()
        predict(np.array([1e-6]), particles)
        assert process_time() - begin < 0.1  # one by one it takes a second


def test_a_measurement_can_be_stopped_and_taken_up_from_a_file() -> None:
    models = (LINE, Rabi(), Ramsey(), STRAIGHT, LINE + STRAIGHT.renamed(c0="level"))
    for model in models:
        assert pickle.loads(pickle.dumps(predictor(model)))
    experiment = _line_experiment(3, 1000)
    experiment.update(2.87e9, 0.98)
    again = pickle.loads(pickle.dumps(experiment))
    for one in (experiment, again):
        one.update(one.choose(), 0.99)
    assert np.array_equal(experiment.estimate().values, again.estimate().values)
    assert experiment.last_setting == again.last_setting


def test_a_linear_model_gets_its_exact_normal_posterior() -> None:
    misses, ratios, widths = [], [], []
    for seed in range(6):
        experiment = AdaptiveExperiment(
            STRAIGHT,
            {"c0": Gaussian(1.0, 2.0), "c1": Gaussian(-1.0, 1.0)},
            np.linspace(-1, 1, 21),
            GaussianNoise(0.5),
            n_particles=40_000,
            rng=np.random.default_rng(seed),
        )
        precision, moment = np.diag([0.25, 1.0]), np.array([0.25, -1.0])
        rng = np.random.default_rng(30 + seed)
        intercept, slope = rng.normal([1.0, -1.0], [2.0, 1.0])
        for _ in range(25):
            x = experiment.choose()
            y = intercept + slope * x + rng.normal(0.0, 0.5)
            experiment.update(x, y)
            row = np.array([1.0, x])
            precision += np.outer(row, row) / 0.25
            moment += row * y / 0.25
        exact = np.linalg.inv(precision)
        errors = np.sqrt(np.diag(exact))
        found = experiment.estimate()
        misses.append((found.mean - exact @ moment) / errors)
        ratios.append((found.covariance - exact) / np.outer(errors, errors))
        for name, error in zip(found.names, errors, strict=True):
            low, high = found.interval(name, 0.683)
            widths.append((high - low) / (2.0 * error))
    assert np.median(np.abs(misses)) < 0.05  # standard errors
    assert_allclose(np.mean(ratios, axis=0), 0.0, atol=0.05)
    assert_allclose(np.mean(widths), 1.0, rtol=0.03)


def test_counts_and_shots_get_their_exact_posteriors() -> None:
    level = FunctionModel(function=lambda x, level: level + 0.0 * x)
    counting = AdaptiveExperiment(
        level, {"level": Uniform(0.0, 40.0)}, [0.0], PoissonNoise(), n_particles=40_000
    )
    for seen in (4, 9, 6):
        counting.update(0.0, seen)
    exact = gamma(1 + 4 + 9 + 6, scale=1 / 3)
    assert_allclose(counting.estimate()["level"].value, exact.mean(), rtol=0.02)
    assert_allclose(counting.estimate()["level"].standard_error, exact.std(), rtol=0.03)
    shooting = AdaptiveExperiment(
        level,
        {"level": Uniform(0.0, 1.0)},
        [0.0],
        BinomialNoise(10),
        n_particles=40_000,
    )
    for seen in (2, 4):
        shooting.update(0.0, seen)
    likely = beta(1 + 6, 1 + 14)
    assert_allclose(
        shooting.estimate().interval("level", 0.9), likely.interval(0.9), atol=0.01
    )


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("within", [-1.0, 0.0, 1.7])
def test_a_level_at_its_limit_gets_its_truncated_posterior(
    within: float, side: float
) -> None:
    """Means of outcomes lie some standard errors within a limit at zero."""
    exact = truncnorm(-within, np.inf, loc=within)
    misses = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        experiment = AdaptiveExperiment(
            LEVEL,
            {"level": Uniform(*np.sort([0.0, 100.0 * side]))},
            [0.0],
            GaussianNoise(40**0.5),
            rng=rng,
        )
        outcomes = rng.normal(0.0, 40**0.5, 40)
        for outcome in outcomes - outcomes.mean() + within:
            experiment.update(0.0, float(side * outcome))
        found = experiment.estimate()
        assert (side * found.values).min() >= 0.0
        low, high = np.sort(np.multiply(side, found.interval("level", 0.8)))
        first, last = exact.interval(0.8)
        misses.append(
            [
                side * found["level"].value - exact.mean(),
                found["level"].standard_error - exact.std(),
                low - first,
                high - last,
            ]
        )
    assert_allclose(np.mean(misses, axis=0) / exact.std(), 0.0, atol=0.12)
    assert abs(np.mean(misses, axis=0)[0]) < 0.1 * exact.std()


def test_credible_intervals_cover_the_truth_as_often_as_they_say() -> None:
    inside = []
    for seed in range(120):
        rng = np.random.default_rng(100 + seed)
        truth = [
            rng.uniform(2.85e9, 2.89e9),
            np.exp(rng.uniform(*np.log([0.7e6, 3e6]))),
            rng.uniform(0.01, 0.05),
            rng.normal(1.0, 0.01),
        ]
        experiment = _line_experiment(seed)
        for _ in range(30):
            x = experiment.choose()
            y = LINE.evaluate([x], truth)[0] + rng.normal(0.0, 0.003)
            experiment.update(x, float(y))
        low, high = experiment.estimate().interval("position_1", 0.8)
        inside.append(low <= truth[0] <= high)
    low, high = binom.ppf([0.001, 0.999], 120, 0.8)
    assert low <= sum(inside) <= high


@pytest.mark.parametrize("utility", ["variance", "information"])
def test_the_expected_information_is_that_of_normal_distributions(utility: str) -> None:
    experiment = AdaptiveExperiment(
        STRAIGHT,
        {"c0": 0.0, "c1": Gaussian(0.0, 1.0)},
        [0.0, 0.5, 1.0, 2.0],
        GaussianNoise(0.5),
        Cost(measuring=[1.0, 1.0, 1.0, 2.0], overhead=1.0),
        n_particles=20_000,
        n_draws=600,
        utility=utility,
    )
    exact = 0.5 * np.log1p(np.array([0.0, 0.5, 1.0, 2.0]) ** 2 / 0.25)
    found = experiment.information_per_second() * [2.0, 2.0, 2.0, 3.0]
    assert_allclose(found, exact, atol=0.12)


LEVEL = FunctionModel(function=lambda x, level: level + 0.0 * x)


def _information(
    noise: Noise, low: float, high: float, utility: str, n_runs: int
) -> NDArray[np.float64]:
    """Return the expected information of a uniform level, computed many times."""
    experiment = AdaptiveExperiment(
        LEVEL, {"level": Uniform(low, high)}, [0.0], noise, utility=utility
    )
    return np.array([experiment.information_per_second()[0] for _ in range(n_runs)])


@pytest.mark.parametrize("utility", ["variance", "information"])
@pytest.mark.parametrize(
    ("shots", "within"), [(1, 0.0), (5, 0.0), (25, 0.0), (100, 0.1)]
)
def test_information_of_shots_is_a_sum_over_all_outcomes(
    utility: str, shots: int, within: float
) -> None:
    # At a uniform probability every number of successes is equally probable.
    p = (np.arange(2000) + 0.5) / 2000
    known = np.mean(binom.entropy(shots, p))
    found = _information(BinomialNoise(shots), 0.0, 1.0, utility, 30)
    assert_allclose(found.mean(), np.log(shots + 1) - known, atol=0.01 + within)
    if shots == 1:
        assert_allclose(known, 0.5, rtol=1e-3)
        assert found.std() < 0.03  # sampled outcomes scatter by 0.1


@pytest.mark.parametrize(
    ("noise", "high", "gaussian"),
    [(GaussianNoise(0.05), 1.0, 1.06), (GaussianNoise(0.3), 1.0, 1.0),
     (PoissonNoise(), 2.0, 0.84), (PoissonNoise(), 20.0, 0.91)],
)  # fmt: skip
def test_expected_information_is_that_of_quadrature(
    noise: Noise, high: float, gaussian: float
) -> None:
    level = high * (np.arange(1000) + 0.5) / 1000
    if isinstance(noise, GaussianNoise):
        seen = np.linspace(-0.5 * high, 1.5 * high, 1001)[:, None]
        seen = seen * (1.0 + 6.0 * noise.standard_deviation)
        told = norm.pdf(seen, level, noise.standard_deviation) * (seen[1] - seen[0])
    else:
        told = poisson.pmf(np.arange(60)[:, None], level)
    exact = rel_entr(told, told.mean(axis=1, keepdims=True)).sum(axis=0).mean()
    sampled = _information(noise, 0.0, high, "information", 40)
    error = sampled.std() / 40**0.5
    assert error < 0.02
    assert abs(sampled.mean() - exact) < 4.0 * error + 0.015  # of few particles
    normal = _information(noise, 0.0, high, "variance", 40)
    assert_allclose(normal.mean(), gaussian * exact, rtol=0.03)


def test_an_estimate_stays_what_it_was_while_the_measurement_goes_on() -> None:
    experiment = _line_experiment(5, 1000)
    kept = []
    for k in range(60):
        x = experiment.choose()
        experiment.update(x, float(LINE.evaluate([x], [2.87e9, 1e6, 0.03, 1.0])[0]))
        if k % 7 == 0:
            found = experiment.estimate()
            kept.append((found, found.values.copy(), found.weights.copy()))
    for found, values, weights in kept:
        assert np.array_equal(found.values, values)
        assert np.array_equal(found.weights, weights)


def test_a_known_parameter_keeps_its_value_to_the_last_bit() -> None:
    experiment = AdaptiveExperiment(
        STRAIGHT, {"c0": 0.1, "c1": Gaussian(0.0, 1.0)}, [-1.0, 1.0], GaussianNoise(0.3)
    )
    rng = np.random.default_rng(9)
    experiment.run(lambda x: 0.1 + 0.5 * x + rng.normal(0.0, 0.3), 40)
    found = experiment.estimate()
    assert np.all(found.values[0] == 0.1)
    assert found.standard_deviations[0] < 1e-12


def test_costly_settings_are_left_for_cheap_ones() -> None:
    settings = np.linspace(-1.0, 1.0, 3)
    prior: Prior = {"c0": 0.0, "c1": Gaussian(0.0, 1.0)}
    chosen = [
        AdaptiveExperiment(STRAIGHT, prior, settings, GaussianNoise(1.0), cost).choose()
        for cost in (Cost(measuring=[9.0, 9.0, 1.0]), Cost(measuring=[1.0, 9.0, 9.0]))
    ]
    assert chosen == [1.0, -1.0]
    staying = AdaptiveExperiment(
        STRAIGHT, prior, settings, GaussianNoise(1.0), Cost(moving=20.0)
    )
    staying.update(-1.0, 0.3)
    assert staying.choose() == -1.0


def test_equal_seeds_give_equal_runs() -> None:
    def run(seed: int) -> NDArray[np.float64]:
        experiment = _line_experiment(seed, 1000)
        record = experiment.run(
            lambda x: float(LINE.evaluate([x], [2.87e9, 1e6, 0.03, 1.0])[0]), 20
        )
        return record.means

    assert np.array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))


def test_an_axis_of_the_hamiltonian_is_found() -> None:
    diamond = OdmrSpectrum(field=(1e-3, 1e-3, 1e-3), fwhm=1e6, contrast=0.06, axes=(0,))
    position, _ = diamond.lines()[0]
    settings = np.linspace(position - 20e6, position + 20e6, 401)
    experiment = AdaptiveExperiment(
        LINE,
        {
            LINE.names[0]: Uniform(settings[0], settings[-1]),
            LINE.names[1]: 1e6,
            LINE.names[2]: Uniform(0.01, 0.08),
            LINE.names[3]: Gaussian(1.0, 0.01),
        },
        settings,
        GaussianNoise(0.005),
    )
    rng = np.random.default_rng(4)
    record = experiment.run(
        lambda f: float(diamond.evaluate([f])[0] + rng.normal(0.0, 0.005)), 150
    )
    found = experiment.estimate()["position_1"]
    assert found.standard_error < 40e3
    assert abs(found.value - position) < 4.0 * found.standard_error
    near = np.abs(record.settings[-50:] - position) < 1.5e6
    assert near.mean() > 0.6  # later ones lie on the line
    assert record.measurements_until("position_1", 1e5) is not None
    assert record.measurements_until("position_1", 1.0) is None
    data = record.to_dataset()
    assert data["position_1"].attrs["units"] == "Hz"
    assert data["position_1_error"].values[-1] == record.standard_deviations[-1, 0]


def test_one_telling_outcome_is_taken_in_by_steps() -> None:
    experiment = AdaptiveExperiment(
        STRAIGHT,
        {"c0": Gaussian(0.0, 1.0), "c1": 0.0},
        [0.0],
        GaussianNoise(1e-4),
        n_particles=20_000,
    )
    experiment.update(0.0, 0.5)  # 1 of 10 000 particles lies within an error
    found = experiment.estimate()["c0"]
    assert abs(found.value - 0.5) < 2e-4
    assert found.standard_error < 3e-4
    assert experiment.estimate().effective_sample_size > 2000


def test_an_outcome_that_nothing_explains_ends_soon_and_changes_nothing() -> None:
    experiment = _line_experiment(6, 2000)
    experiment.update(2.87e9, 0.99)
    before = experiment.estimate()
    values, weights = before.values.copy(), before.weights.copy()
    for outcome in (1e6, 1e300):  # a spike in the data
        with pytest.raises(NotConverged, match="leave the outcome out"):
            experiment.update(2.86e9, outcome)
        assert np.array_equal(experiment.estimate().values, values)
        assert np.array_equal(experiment.estimate().weights, weights)
    assert experiment.last_setting == 2.87e9
    experiment.update(2.86e9, 1.0)


@pytest.mark.parametrize("share", [0.0, 0.02, 1.0])
def test_any_threshold_of_resampling_learns_the_mean(share: float) -> None:
    experiment = AdaptiveExperiment(
        STRAIGHT,
        {"c0": Gaussian(0.0, 1.0), "c1": 0.0},
        [0.0],
        GaussianNoise(0.2),
        resample_below=share,
    )
    for outcome in (0.6, 0.4) * 8:
        experiment.update(0.0, outcome)
    found = experiment.estimate()["c0"]
    exact = 1.0 / (1.0 + 16 / 0.04)  # variance
    assert abs(found.value - 8.0 / 0.04 * exact) < 0.1 * exact**0.5
    assert abs(found.standard_error / exact**0.5 - 1.0) < 0.1


def test_a_model_that_is_not_finite_is_refused_with_the_setting() -> None:
    root = FunctionModel(function=lambda x, a: np.sqrt(a - x))
    for utility in ("variance", "information"):
        experiment = AdaptiveExperiment(
            root, {"a": Uniform(1.0, 2.0)}, [0.5, 1.5], GaussianNoise(0.1),
            utility=utility,
        )  # fmt: skip
        with np.errstate(invalid="ignore"):
            with pytest.raises(InvalidValue, match=r"finite.*at the setting 1\.5"):
                experiment.choose()
            with pytest.raises(InvalidValue, match=r"finite.*at the setting 1\.5"):
                experiment.update(1.5, 0.3)
        experiment.update(0.5, 1.0)


def test_mistakes_are_named() -> None:
    with pytest.raises(InvalidValue, match=r"prior must name every.*lacks c1"):
        AdaptiveExperiment(STRAIGHT, {"c0": 0.0}, [0.0], GaussianNoise(1.0))
    with pytest.raises(InvalidValue, match="number of successes from 0 to 5"):
        BinomialNoise(5).check(6)
    with pytest.raises(InvalidValue, match="one for each of the 1 settings"):
        AdaptiveExperiment(
            STRAIGHT,
            {"c0": 0, "c1": 0},
            [0.0],
            GaussianNoise(1.0),
            Cost(measuring=[1, 2]),
        )
    with pytest.raises(InvalidValue, match="must have low < high"):
        Uniform(1.0, 1.0)
    with pytest.raises(InvalidValue, match="low must be < high"):
        LogUniform(2.0, 1.0)
    with pytest.raises(InvalidValue, match=r"fwhm_1 must lie within its limits 0.0"):
        AdaptiveExperiment(
            LINE,
            {"position_1": 1, "fwhm_1": -1, "depth_1": 1, "background": 1},
            [0.0],
            GaussianNoise(1.0),
        )
    pair: Any = (0, 1)
    with pytest.raises(InvalidKind, match=r"c0 must be a Uniform.*got \(0, 1\)"):
        AdaptiveExperiment(STRAIGHT, {"c0": pair, "c1": 0}, [0.0], GaussianNoise(1.0))
    with pytest.raises(InvalidValue, match="overlap its limits"):
        AdaptiveExperiment(
            Rabi(),
            {
                "offset": 0,
                "amplitude": 1,
                "decay_time": 1,
                "rabi_frequency": Uniform(-2, -1),
            },
            [0.0],
            GaussianNoise(1.0),
        )
    sure = AdaptiveExperiment(
        STRAIGHT, {"c0": 0.0, "c1": 0.0}, [0.0], GaussianNoise(1.0)
    )
    sure.estimate().weights[:] = 0.0
    with pytest.raises(NotConverged, match="contradicts every particle"):
        sure.update(0.0, 1.0)


def test_a_bare_number_is_neither_noise_nor_cost() -> None:
    prior: Prior = {"c0": 0.0, "c1": Gaussian(0.0, 1.0)}
    number: Any = 0.05
    with pytest.raises(InvalidKind, match=r"noise must be a Noise, got 0\.05; write G"):
        AdaptiveExperiment(STRAIGHT, prior, [0.0], number)
    with pytest.raises(InvalidKind, match=r"cost must be a Cost, got 0\.05; write C"):
        AdaptiveExperiment(STRAIGHT, prior, [0.0], GaussianNoise(0.1), number)
    for bad in (np.inf, [1.0, np.nan], [1.0, np.inf]):
        with pytest.raises(InvalidValue, match="measuring must be finite"):
            Cost(measuring=bad)
