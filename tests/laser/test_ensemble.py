"""Many noisy shots: the noise, the coherence, and that nothing depends on the order."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core import results
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidValue
from qleap.laser import Fibre, Grid, Pulse, coherence, propagate_ensemble
from qleap.laser.propagation.ensemble import photon_noise
from qleap.laser.propagation.integrator import march

PULSE = Pulse(wavelength=835e-9, fwhm=50e-15, peak_power=1e3)
GRID = Grid(n_points=512, window=2e-12, wavelength=835e-9)
FIBRE = Fibre(length=0.02, wavelength=835e-9, betas=(-11.83e-27,), gamma=0.11)


def test_noise_is_one_photon_of_random_phase_in_every_mode() -> None:
    noise = photon_noise(GRID, np.random.default_rng(1))
    assert_allclose(np.abs(noise) ** 2 * GRID.window / (HBAR * GRID.omega), 1.0)
    assert abs(np.mean(np.exp(1j * np.angle(noise)))) < 5.0 / np.sqrt(GRID.n_points)


def test_coherence_is_the_mean_over_all_pairs_of_different_shots() -> None:
    rng = np.random.default_rng(2)
    fields = rng.standard_normal((5, 2, 7)) + 1j * rng.standard_normal((5, 2, 7))
    fields += 1.0
    fields[:, 0, 3] = 0.0
    pairs = np.mean(
        [fields[i].conj() * fields[j] for i, j in permutations(range(5), 2)], 0
    )
    mean = np.mean(np.abs(fields) ** 2, axis=0)
    expected = np.abs(pairs) / np.where(mean == 0.0, 1.0, mean)
    assert_allclose(coherence(fields), expected, atol=1e-14)
    with pytest.raises(InvalidValue, match="at least two shots, got 1"):
        coherence(fields[:1])


def test_light_is_coherent_where_it_outshines_the_noise() -> None:
    data = propagate_ensemble(PULSE, FIBRE, n_shots=4, seed=3, grid=GRID)
    assert data.sizes == {"shot": 4, "position": 2, "frequency": 512}
    density = data["spectrum"].values[-1]
    # Seven million photons in the strongest mode, the noise is one.
    bright = density > 1e-4 * density.max()
    found = data["coherence"].values[-1]
    assert found[bright].min() > 0.99
    dark = density < 3e-7 * density.max()
    assert dark.any()
    assert found[dark].mean() < 0.5
    assert_allclose(data["energy"].values[:, 0], PULSE.energy, rtol=1e-3)
    assert float(data["estimated_error"][-1]) < 1e-4


def test_shots_depend_neither_on_threads_nor_on_their_number(tmp_path: Path) -> None:
    one = propagate_ensemble(PULSE, FIBRE, n_shots=3, seed=5, grid=GRID, workers=1)
    two = propagate_ensemble(PULSE, FIBRE, n_shots=3, seed=5, grid=GRID, workers=2)
    few = propagate_ensemble(PULSE, FIBRE, n_shots=2, seed=5, grid=GRID, workers=1)
    other = propagate_ensemble(PULSE, FIBRE, n_shots=2, seed=6, grid=GRID, workers=1)
    shots = one["spectral_envelope"].values
    assert np.array_equal(shots, two["spectral_envelope"].values)
    assert np.array_equal(shots[:2], few["spectral_envelope"].values)
    assert not np.array_equal(shots[0], other["spectral_envelope"].values[0])
    results.save(one, tmp_path / "a.nc")
    stored = results.load(tmp_path / "a.nc", kind="laser.ensemble")
    assert np.array_equal(stored["spectral_envelope"].values, shots)


def test_finished_shots_are_not_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, calls = tmp_path / "shots", []

    def counted(*arguments: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        yield from march(*arguments, **options)  # type: ignore[arg-type]

    options = {"n_shots": 3, "seed": 7, "grid": GRID, "workers": 1, "store": store}
    with monkeypatch.context() as patch:
        patch.setattr("qleap.laser.propagation.ensemble.march", counted)
        with pytest.raises(KeyboardInterrupt):
            propagate_ensemble(PULSE, FIBRE, **options)  # type: ignore[arg-type]
    assert len(list(store.glob("*.point"))) == 1
    resumed = propagate_ensemble(PULSE, FIBRE, **options)  # type: ignore[arg-type]
    whole = propagate_ensemble(PULSE, FIBRE, n_shots=3, seed=7, grid=GRID)
    assert np.array_equal(
        resumed["spectral_envelope"].values, whole["spectral_envelope"].values
    )


@pytest.mark.slow
def test_noise_that_modulation_instability_amplifies_takes_the_coherence() -> None:
    # Dudley et al. (2006), section VI: long pulses of high soliton number lose it.
    long = Pulse(wavelength=835e-9, fwhm=400e-15, peak_power=5e3)
    grid = Grid(n_points=2048, window=4e-12, wavelength=835e-9)
    fibre = Fibre(
        length=0.05, wavelength=835e-9, betas=(-11.83e-27, 8.1038e-41), gamma=0.11
    )
    data = propagate_ensemble(long, fibre, n_shots=6, grid=grid, tolerance=1e-6)
    density = data["spectrum"].values
    weight = density / density.sum(axis=1, keepdims=True)
    mean = (weight * data["coherence"].values).sum(axis=1)
    assert mean[0] > 0.999
    assert mean[1] < 0.8
