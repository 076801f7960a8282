"""Pulses of few numbers behind noisy traces: wings that the noise hides."""

import numpy as np
import pytest

from qleap.laser import Grid, Pulse
from qleap.laser.metrology import Frog, retrieve, simulate_trace
from qleap.laser.metrology.few_numbers import _FewNumbers
from qleap.laser.metrology.light_form import LightForm
from qleap.laser.metrology.light_prior import ROUGH, WIDE, Belief
from qleap.laser.metrology.model import TraceModel
from qleap.laser.metrology.streaking_prior import WINGS
from qleap.laser.metrology.wing_prior import WingPrior
from qleap.laser.pulses import SampledPulse

WINDOW = 453e-15


def form_on(grid: Grid) -> LightForm:
    """Return spectra over the middle half of a grid."""
    end = float(np.abs(grid.detuning).max())
    return LightForm(
        grid.detuning,
        band=(-0.5 * end, 0.5 * end),
        ends=(-end, end),
        n_amplitudes=28,
        n_phases=4,
    )


def test_a_secant_whose_wings_the_noise_hides_keeps_its_duration() -> None:
    grid = Grid(n_points=128, window=WINDOW, wavelength=800e-9)
    pulse = Pulse(shape="sech", wavelength=800e-9, fwhm=40e-15, energy=1e-9)
    clean, off = simulate_trace(pulse, grid=grid), []
    for seed in range(101, 104):
        noisy = clean.with_noise(0.05, np.random.default_rng(seed))
        found = retrieve(noisy, starts=1, resamples=0, seed=seed)
        off.append(found.fwhm / 40e-15 - 1.0)
        assert found.few
        assert found.rough_fwhm > found.fwhm, "free frequencies lose the wings"
    assert np.sqrt(np.mean(np.square(off))) < 0.05


def test_pulses_with_structure_keep_their_free_frequencies() -> None:
    grid = Grid(n_points=64, window=320e-15, wavelength=800e-9)
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=25e-15, energy=1e-9)
    first, second = (pulse.envelope(grid.time + late) for late in (22e-15, -22e-15))
    known = SampledPulse(grid=grid, samples=first + 0.8 * np.exp(1j) * second)
    noisy = simulate_trace(known, grid=grid).with_noise(0.02, np.random.default_rng(0))
    assert not retrieve(noisy, starts=2, resamples=0).few


@pytest.mark.parametrize(("power", "bend"), WINGS)
def test_the_limits_of_the_prior_are_wings_of_any_size(
    power: float, bend: float
) -> None:
    grid = Grid(n_points=64, window=WINDOW, wavelength=800e-9)
    form = form_on(grid)
    spectrum = np.exp(-((grid.detuning / form.band[1] * 2.5) ** 2)).astype(complex)
    prior = WingPrior(form, np.zeros(32), spectrum, WINGS)
    density = np.abs(spectrum) ** 2
    density[density < 0.02] = 0.0
    width = np.sqrt(np.average(grid.detuning**2, weights=density))
    place = form.knots / width
    square = 1.0 + (place / bend) ** 2
    wings = {0.0: np.log(square), 0.5: np.sqrt(square), 1.0: square, 2.0: square**2}
    limit = 1.5 - 0.2 * place - 0.7 * wings[power]
    usual = limit @ limit / (28 * WIDE**2)
    for one in ((power, bend), WINGS[0] if power != 1.0 else WINGS[-1]):
        belief = Belief(rough=ROUGH[0], order=2, turn=1.0, power=one[0], bend=one[1])
        inverse, volume = prior.precision(belief)
        cost = limit @ inverse[:28, :28] @ limit
        if one == (power, bend):
            assert cost == pytest.approx(usual, rel=1e-6)
        else:
            assert cost > 2.0 * usual
        assert volume == pytest.approx(np.linalg.slogdet(inverse)[1], rel=1e-9)


def test_slopes_are_those_of_the_trace() -> None:
    from scipy.optimize import approx_fprime

    grid = Grid(n_points=64, window=WINDOW, wavelength=800e-9)
    form = form_on(grid)
    model = TraceModel(Frog(nonlinearity="shg"), grid, grid.time[::8])
    roots = 1.0 + np.random.default_rng(1).random(model.shape)
    few = _FewNumbers(model, form, roots)
    knots = form.knots / form.band[1]
    x = np.concatenate([-2.0 * knots**2, [1.0, 0.3, -0.2, 0.1]])
    trace, slopes = few.slopes(x)
    wanted = approx_fprime(x, lambda y: few.spectra(y).ravel(), 1e-7)
    np.testing.assert_allclose(trace, few.spectra(x))
    np.testing.assert_allclose(slopes, wanted, atol=1e-5 * np.abs(wanted).max())
