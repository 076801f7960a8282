"""What a readout is worth: noise, windows, conversion to charge."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.sensing.nv.photophysics import (
    ChargeRates,
    RateModel,
    SpinToCharge,
    charge_readout,
    distribution_noise,
    optimum_window,
    poisson_mixture,
    readout_noise,
    threshold_fidelity,
)


def test_poissonian_counts_have_barrys_noise() -> None:
    a, b = 0.05, 0.035
    expected = np.sqrt(1.0 + 2.0 * (a + b) / (a - b) ** 2)
    assert_allclose(readout_noise(a, b), expected, rtol=1e-14)
    counts = [poisson_mixture([1.0], [mean], 30) for mean in (a, b)]
    assert_allclose(distribution_noise(*counts), expected, rtol=1e-9)


def test_yes_or_no_has_the_noise_of_a_threshold() -> None:
    p, q = 0.83, 0.36
    found = readout_noise(p, q, p * (1 - p), q * (1 - q))
    assert_allclose(found, np.sqrt((p + q) * (2 - p - q)) / (p - q), rtol=1e-14)
    assert readout_noise(1.0, 0.0, 0.0, 0.0) == 1.0


def test_noise_is_how_much_worse_a_phase_is_known() -> None:
    # Spins halfway between the states: the spread of the estimated probability over
    # that of projection noise, 1 / (2 sqrt(N)).
    rng = np.random.default_rng(2)
    a, b, spins, runs = 3.0, 1.0, 400, 4000
    up = rng.binomial(spins, 0.5, size=runs)
    counts = rng.poisson(a * up + b * (spins - up))
    estimate = (counts / spins - b) / (a - b)
    ratio = estimate.std() * 2.0 * np.sqrt(spins)
    assert_allclose(ratio, readout_noise(a, b), rtol=0.04)  # 1 / sqrt(2 runs) = 1.1 %


def test_equal_counts_tell_nothing() -> None:
    assert readout_noise(1.0, 1.0) == np.inf


def test_a_threshold_between_well_separated_counts_is_almost_sure() -> None:
    bright, dark = (poisson_mixture([1.0], [m], 120) for m in (50.0, 2.0))
    threshold, fidelity = threshold_fidelity(bright, dark)
    right = 0.5 * (bright[threshold:].sum() + dark[:threshold].sum())
    assert 10 < threshold < 30
    assert_allclose(fidelity, right, rtol=1e-12)
    assert fidelity > 0.99999


@pytest.mark.parametrize("pump", [1e6, 2e7])
def test_no_other_window_has_less_noise(pump: float) -> None:
    model, efficiency, background = RateModel(), 0.02, 3e3
    best = optimum_window(model, pump, efficiency=efficiency, background=background)
    bright = model.polarised(pump)
    dark = model.flipped(bright)
    windows = best.duration * np.linspace(0.5, 2.0, 301)
    worth = efficiency * model.photons(windows, pump)
    more = background * windows
    noise = readout_noise(worth @ bright + more, worth @ dark + more)
    assert best.noise <= noise.min() * (1.0 + 1e-9)
    assert_allclose(windows[noise.argmin()], best.duration, rtol=0.02)
    assert 0.15 < best.contrast < 0.32
    assert_allclose(best.fidelity * best.noise, 1.0)


def test_better_collection_reads_with_less_noise() -> None:
    noise = [optimum_window(RateModel(), 2e7, efficiency=e).noise for e in (0.01, 0.04)]
    # Far from projection noise sigma_R goes as one over the root of the counts.
    assert_allclose(noise[0] / noise[1], 2.0, rtol=0.01)


def test_perfect_charges_leave_the_noise_of_the_conversion() -> None:
    bright = poisson_mixture([1.0], [200.0], 400)
    dark = poisson_mixture([1.0], [0.01], 400)
    scc = SpinToCharge(
        negative_0=0.8, negative_1=0.3, counts_negative=bright, counts_neutral=dark
    )
    p, q = 0.8, 0.3
    expected = np.sqrt((p + q) * (2 - p - q)) / (p - q)
    assert_allclose(scc.noise(), expected, rtol=1e-6)
    assert_allclose(scc.spin_fidelity(), 0.5 * (1.0 + p - q), rtol=1e-6)


def test_conversion_to_charge_reads_better_than_fluorescence() -> None:
    # Shields et al. 2015 (abstract): within a factor of three of projection noise.
    bright, dark = charge_readout(
        2e4, 1e3, ionisation=20.0, recombination=5.0, duration=5e-3
    )
    scc = SpinToCharge(
        negative_0=0.75, negative_1=0.35, counts_negative=bright, counts_neutral=dark
    )
    threshold, fidelity = scc.charge_fidelity()
    assert fidelity > 0.97
    assert scc.noise() < 3.0
    assert scc.noise() <= scc.noise(threshold)
    assert scc.noise() < optimum_window(RateModel(), 2e7, efficiency=0.02).noise / 5.0
    first, second = scc.distributions()
    assert_allclose([first.sum(), second.sum()], 1.0, atol=1e-9)


def test_shelved_spins_keep_their_charge() -> None:
    # A short strong pulse ionises from the excited state; what waits in the singlet
    # is spared, so that more of m_S = -1 than of 0 stays negative.
    model = RateModel(charge=ChargeRates(ionisation=0.3, recombination=0.0))
    kept = [
        model.evolve(model.spin_state(m), [1e-7], 1e8)[0][:7].sum() for m in (0, -1)
    ]
    assert kept[1] > 1.2 * kept[0]
