"""Steps in made series: how often they are found, and how often where none is."""

from collections.abc import Callable

import numpy as np
import pytest

from qleap.bench.trail.steps import CRITICAL, FALSE_ALARM, SIZES, find_steps

Draw = Callable[[int], np.ndarray]


def alarms(draw: Draw, size: int, trials: int) -> int:
    return sum(bool(find_steps(draw(size))) for _ in range(trials))


@pytest.mark.parametrize("size", [12, 40])
def test_steady_noise_shows_no_more_steps_than_it_says(
    rng: np.random.Generator, size: int
) -> None:
    found = alarms(lambda n: rng.normal(size=n), size, 300)
    # Binomial: at 1 % more than 9 of 300 have a chance of 1e-3.
    assert found <= 9


def test_long_tails_are_not_steps(rng: np.random.Generator) -> None:
    found = alarms(lambda n: rng.standard_t(3.0, size=n), 40, 200)
    assert found <= 8  # 1.5 % are expected; more than 8 have a chance of 3e-3


def test_limits_are_those_of_drawn_noise(rng: np.random.Generator) -> None:
    from qleap.bench.trail import steps

    for size, limit in zip(SIZES[1:3], CRITICAL[1:3], strict=True):
        noise = rng.standard_normal((1500, size))
        beyond = sum(steps._furthest(steps._scaled(one))[2] > limit for one in noise)
        assert 4 <= beyond <= 28  # of 15 expected, at four standard deviations
    assert FALSE_ALARM == 0.01


@pytest.mark.parametrize(("after", "size", "least"), [(10, 5.0, 97), (3, 6.0, 90)])
def test_step_is_found_where_it_is(
    rng: np.random.Generator, after: int, size: float, least: int
) -> None:
    hits = 0
    for _ in range(100):
        values = rng.normal(size=20 + after)
        values[20:] += size
        hits += find_steps(values) in ([19], [20], [21])
    assert hits >= least


def test_level_that_came_back_is_two_steps(rng: np.random.Generator) -> None:
    values = np.exp(0.02 * rng.normal(size=30))  # a ratio of times with 2 % scatter
    values[12:18] *= 1.1
    assert find_steps(values) == [12, 18]


def test_slow_down_of_a_tenth_is_found_whatever_the_scale(
    rng: np.random.Generator,
) -> None:
    values = 1e-9 * np.exp(0.02 * rng.normal(size=16))
    values[10:] *= 0.9
    assert find_steps(values) == [10]
    assert find_steps(-values) == [10]


def test_one_value_that_sticks_out_is_no_step(rng: np.random.Generator) -> None:
    values = rng.normal(size=25)
    values[[9, 10, 24]] = 40.0
    assert find_steps(values) == []


def test_values_without_scatter_step_wherever_they_change() -> None:
    assert find_steps([1e-15, 1e-15, 2e-3]) == [2]
    assert find_steps([1.0, 1.0, 1.0, 2.0, 2.0, 1.0]) == [3, 5]
    assert find_steps([3.0] * 5) == []
    assert find_steps([0.0] * 5) == []
    assert find_steps([0.0, 0.0, 1e-9, 1e-9]) == [2]


def test_last_digits_are_no_steps() -> None:
    assert find_steps([1e10 * (1.0 + 2e-16 * k) for k in range(9)]) == []
    assert find_steps([-1e10 * (1.0 + 2e-16 * k) for k in range(9)]) == []


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [1.0, 2.0, 9.0, 9.5]])
def test_few_values_show_nothing(values: list[float]) -> None:
    assert find_steps(values) == []


def test_long_series_shows_its_newest_part(rng: np.random.Generator) -> None:
    values = rng.normal(size=400)
    values[380:] += 6.0
    assert find_steps(values) == [380]


def test_long_series_that_became_exact_has_steps_where_it_changes(
    rng: np.random.Generator,
) -> None:
    values = np.concatenate([rng.normal(size=300), np.full(97, 5.0), np.full(3, 6.0)])
    assert find_steps(values) == [397]
