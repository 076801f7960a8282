"""Averages over states and lattices: statistics, decay times, published numbers."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qleap.core import results
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.sensing.bath import (
    SILICON_CARBIDE,
    BathSpins,
    diamond_lattice,
    fit_decay,
    generalized_coherence,
    lattice_average,
    nitrogen_bath,
    plot_coherence,
    plot_t2_histogram,
    random_bath,
    random_state,
    revival_times,
    sampled_coherence,
)
from qleap.sensing.bath import sampling as module
from qleap.sensing.bath.expansion import coherence

FIELD = np.array([0.0, 0.0, 0.05])
CARBON = partial(diamond_lattice, 3e-9, inner_radius=5e-10)


@pytest.mark.parametrize(("t2", "exponent"), [(0.3, 1.0), (0.7, 2.0), (1.5, 3.3)])
def test_a_stretched_exponential_is_found_again(t2: float, exponent: float) -> None:
    times = 1e-3 * np.linspace(0.0, 1.6, 31)
    curve = -1j * np.exp(-((times / (1e-3 * t2)) ** exponent))
    found = fit_decay(times, curve)
    assert found.converged
    assert found.time == pytest.approx(1e-3 * t2, rel=1e-5)
    assert found.exponent == pytest.approx(exponent, rel=1e-4)
    assert found.misfit < 1e-6
    assert found.crossing == pytest.approx(1e-3 * t2, rel=5e-3)


def test_a_coherence_that_does_not_decay_has_no_time() -> None:
    times = np.linspace(0.0, 1e-3, 11)
    found = fit_decay(times, np.full(11, 0.99))
    assert not found.converged
    assert np.isnan(found.crossing)


def test_a_coherence_that_is_gone_at_the_first_time_has_no_time() -> None:
    times = np.linspace(0.0, 1e-3, 6)
    found = fit_decay(times, np.where(times > 0.0, 1e-3, 1.0))
    assert not found.converged


@pytest.mark.parametrize("curve", [np.ones(3), np.full(11, np.nan)])
def test_a_curve_that_cannot_be_fitted_is_refused(curve: NDArray[np.float64]) -> None:
    with pytest.raises(InvalidValue, match="coherence"):
        fit_decay(np.linspace(0.0, 1e-3, 11), curve)


def test_the_echo_collapses_and_revives_with_the_larmor_period() -> None:
    # Childress et al., Science 314, 281 (2006)
    field, bath = [0.0, 0.0, 5e-3], diamond_lattice(3e-9, seed=2, inner_radius=6e-10)
    revived = revival_times(field, 1.9e-4)
    assert revived == pytest.approx(2.0 * np.arange(6) / (10.7084e6 * 5e-3), rel=1e-4)
    halfway = revived[1:] - 0.5 * revived[1]
    top, valley = (
        coherence(bath, t, field=field, order=2, distance=8e-10).real
        for t in (revived, halfway)
    )
    assert np.all(top > 0.9)
    assert np.all(np.abs(valley) < 0.35)


def test_revivals_thin_out_evenly_and_must_exist() -> None:
    times = revival_times(FIELD, 1e-3, points=11)
    assert len(times) == 11
    turns = times * 10.7084e6 * 0.05 / 2.0
    assert turns == pytest.approx(np.round(turns), abs=1e-2)
    assert np.ptp(np.diff(turns)) < 1.1
    with pytest.raises(InvalidValue, match="first revival"):
        revival_times(FIELD, 1e-9)


def test_random_states_hold_every_projection() -> None:
    bath = BathSpins(
        position=np.arange(3000.0).reshape(1000, 3),
        spin=np.repeat([0.5, 1.0], 500),
        zeeman=np.ones(1000),
        hyperfine=np.zeros((1000, 3, 3)),
    )
    state = random_state(bath, 3)
    assert set(state[:500]) == {-0.5, 0.5}
    assert set(state[500:]) == {-1.0, 0.0, 1.0}
    assert np.mean(state[500:] == 0.0) == pytest.approx(1.0 / 3.0, abs=0.1)
    np.testing.assert_array_equal(state, random_state(bath, 3))


@pytest.mark.parametrize("generalized", [False, True])
def test_states_of_independent_spins_average_to_the_mixed_bath(
    generalized: bool,
) -> None:
    bath, times = CARBON(seed=3), np.linspace(0.0, 3e-6, 7)
    drawn = sampled_coherence(
        bath,
        times,
        field=FIELD,
        samples=100,
        pulses=0,
        order=1,
        generalized=generalized,
        seed=1,
    )
    mixed = coherence(bath, times, field=FIELD, pulses=0, order=1, distance=1e-9).real
    assert np.ptp(mixed) > 0.5
    away = np.abs(drawn.coherence.real - mixed)
    assert np.all(away <= 4.0 * drawn.standard_error + 1e-3)
    assert np.all(drawn.kept == 1.0)


def test_samples_do_not_depend_on_the_number_of_workers() -> None:
    bath = nitrogen_bath(40e-9, ppm=1.0, seed=6)
    given: dict[str, Any] = {"field": FIELD, "samples": 4, "distance": 2e-8, "seed": 2}
    one, two = (
        sampled_coherence(bath, [0.0, 5e-5, 1e-4], workers=n, **given) for n in (1, 2)
    )
    np.testing.assert_array_equal(one.coherence, two.coherence)


def test_failed_expansions_are_left_out_and_counted() -> None:
    found = np.array([[1.0, 0.5, 7.0], [1.0, np.nan, 9.0], [1.0, 0.1, 8.0]])
    mean = module._averaged(found.astype(np.complex128))
    assert mean.kept == pytest.approx([1.0, 2.0 / 3.0, 0.0])
    assert mean.coherence[:2] == pytest.approx([1.0, 0.3])
    assert np.isnan(mean.coherence[2])
    assert mean.standard_error[1] == pytest.approx(0.2)


def test_the_nitrogen_of_p1_centres_slows_their_flip_flops() -> None:
    times = np.linspace(0.0, 2e-4, 9)
    shifted: list[Any] = []
    equal: list[Any] = []
    for seed in range(15):
        bath = nitrogen_bath(45e-9, ppm=1.0, seed=seed)
        for curves, spins in ((shifted, bath), (equal, replace(bath, local=None))):
            drawn = sampled_coherence(
                spins, times, field=FIELD, samples=5, distance=3e-8, seed=seed
            )
            curves.append(drawn.coherence.real)
    slow, fast = (np.nanmean(curves, axis=0) for curves in (shifted, equal))
    t2_slow, t2_fast = fit_decay(times, slow).time, fit_decay(times, fast).time
    assert 5e-5 < t2_fast < 1.6e-4
    assert t2_slow > 1.7 * t2_fast


def test_lattices_do_not_depend_on_workers_and_are_resumed(tmp_path: Path) -> None:
    times = revival_times(FIELD, 1e-3, points=6)
    given: dict[str, Any] = {"field": FIELD, "seed": 7}
    one = lattice_average(CARBON, 4, times, workers=1, **given)
    two = lattice_average(CARBON, 4, times, workers=2, store=tmp_path / "s", **given)
    (tmp_path / "s" / "2.point").unlink()
    again = lattice_average(CARBON, 4, times, store=tmp_path / "s", **given)
    for other in (two, again):
        np.testing.assert_allclose(other["coherence"], one["coherence"], rtol=1e-12)
    different = lattice_average(CARBON, 4, times, field=FIELD, seed=8)
    assert np.abs(different["coherence"] - one["coherence"]).max() > 1e-3
    path = results.save(one, tmp_path / "average.nc")
    loaded = results.load(path, kind="coherence")
    np.testing.assert_array_equal(loaded["coherence"], one["coherence"])
    assert results.parameters(loaded)["field_T"] == [0.0, 0.0, 0.05]
    with pytest.raises(InvalidValue, match="other values"):
        lattice_average(CARBON, 4, times, field=2.0 * FIELD, store=tmp_path / "s")
    with pytest.raises(InvalidKind, match="make_bath"):
        lattice_average(lambda seed: CARBON(seed=seed), 4, times, store="x", **given)


def test_a_bath_in_place_of_its_maker_is_refused() -> None:
    bath: Any = diamond_lattice(1e-9, seed=1)
    with pytest.raises(InvalidKind, match="make_bath must be a function"):
        lattice_average(bath, 2, np.linspace(0.0, 1e-3, 5), field=FIELD)


def test_every_way_of_computing_a_lattice_is_that_of_its_function() -> None:
    times = np.linspace(0.0, 3e-4, 4)
    bath = diamond_lattice(2e-9, seed=1, inner_radius=5e-10)

    def fixed(seed: object) -> BathSpins:
        del seed
        return bath

    general = lattice_average(fixed, 1, times, field=FIELD, generalized=True)
    expected = generalized_coherence(bath, times, field=FIELD)
    np.testing.assert_allclose(general["coherence"][0], expected, rtol=1e-9)
    drawn = lattice_average(fixed, 1, times, field=FIELD, samples=3)
    plain = lattice_average(fixed, 1, times, field=FIELD)
    away = np.abs(drawn["coherence"] - plain["coherence"]).max()
    assert 0.0 < away < 0.6
    assert int(plain["spins"][0]) == len(bath)


def test_natural_diamond_keeps_coherence_for_the_better_part_of_a_millisecond() -> None:
    # > 0.6 ms: Stanwix et al., Phys. Rev. B 82, 201201 (2010), abstract
    data = lattice_average(CARBON, 40, revival_times(FIELD, 1.6e-3), field=FIELD)
    assert bool(data["converged"].all())
    assert 0.6e-3 < float(data["t2"].median()) < 1.1e-3
    assert 0.6e-3 < float(data["mean_t2"]) < 1.1e-3
    spread = float(data["t2"].std() / data["t2"].mean())
    assert 0.1 < spread < 0.4


def test_t2_is_inversely_proportional_to_the_abundance() -> None:
    found = []
    for abundance in (0.0107, 0.04):
        make = partial(
            diamond_lattice,
            3e-9 * np.cbrt(0.0107 / abundance),
            abundance=abundance,
            inner_radius=4e-10,
        )
        times = revival_times([0.0, 0.0, 0.3], 1.8e-3 * 0.0107 / abundance)
        reach = 8e-10 * np.cbrt(0.0107 / abundance)
        data = lattice_average(make, 40, times, field=[0.0, 0.0, 0.3], distance=reach)
        found.append(float(data["t2"].median()))
    assert found[0] / found[1] == pytest.approx(0.04 / 0.0107, rel=0.15)


def test_silicon_carbide_keeps_coherence_longer_than_diamond() -> None:
    # 1.3 ms measured: Seo et al., Nat. Commun. 7, 12935 (2016), abstract
    times = np.linspace(0.0, 2.5e-3, 41)
    make = partial(random_bath, SILICON_CARBIDE, 3.5e-9, inner_radius=5e-10)
    data = lattice_average(make, 20, times, field=FIELD, distance=9e-10)
    assert 0.9e-3 < float(data["t2"].median()) < 1.8e-3


def test_plots_show_what_they_are_given() -> None:
    data = lattice_average(CARBON, 5, revival_times(FIELD, 1.6e-3), field=FIELD)
    data["converged"][0] = False
    axes = plot_coherence(data)
    assert len(axes.lines) == 5 + 2
    assert "ms" in axes.get_xlabel() or "µs" in axes.get_xlabel()
    axes = plot_t2_histogram(data, bins=4)
    bars: list[Any] = list(axes.patches)
    counted = sum(bar.get_height() for bar in bars)
    assert counted == 4
    labels = axes.get_legend_handles_labels()[1]
    assert any("1 too slow" in label for label in labels)
