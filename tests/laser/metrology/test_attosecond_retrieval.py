"""Attosecond pulses are found again in their traces."""

import numpy as np
import pytest
import scipy.stats
import xarray as xr
from numpy.testing import assert_allclose

from qleap.core.constants import ELECTRONVOLT, HBAR, SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser._kernels import crab as kernels
from qleap.laser._reference import crab as reference
from qleap.laser._reference.fft import tables
from qleap.laser.driving import driving_field
from qleap.laser.metrology import (
    PhotoDipole,
    count_electrons,
    plot_attosecond_retrieval,
    retrieve_crab,
    retrieve_streaking,
    streaking_trace,
)
from qleap.laser.metrology.attosecond_result import duration
from qleap.laser.metrology.light_prior import ROUGH, Belief, LightPrior
from qleap.laser.metrology.streaking_model import StreakingModel
from qleap.laser.pulses import Pulse, to_samples

EV = ELECTRONVOLT
NEON = 21.56 * EV
LENGTH = 2.0 * np.pi * HBAR * SPEED_OF_LIGHT / (100.0 * EV)


def light(fwhm: float, gdd: float, shape: str = "gaussian") -> Pulse:
    return Pulse(shape=shape, wavelength=LENGTH, fwhm=fwhm, energy=1e-9, gdd=gdd)


def trace_of(
    fwhm: float,
    gdd: float,
    *,
    reach: float,
    shape: str = "gaussian",
    **options: object,
) -> tuple[xr.Dataset, float]:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=4e-15, energy=1e-6)
    field = driving_field(pulse, peak_intensity=2e16, step=10e-18)
    made = light(fwhm, gdd, shape)
    trace = streaking_trace(
        made,
        field,
        ionisation_energy=NEON,
        energies=np.linspace(78.4 - reach, 78.4 + reach, 80) * EV,
        delays=np.arange(-2.4e-15, 2.4e-15, 150e-18),
        **options,  # type: ignore[arg-type]
    )
    return trace, duration(to_samples(made))


def noisy(trace: xr.Dataset, level: float, seed: int) -> xr.Dataset:
    rng = np.random.default_rng(seed)
    values = trace["spectrum"].values
    made = trace.copy()
    noise = level * values.max() * rng.standard_normal(values.shape)
    made["spectrum"] = (trace["spectrum"].dims, values + noise, {"units": "J/Hz"})
    return made


@pytest.mark.parametrize("name", ["least_squares", "ptychographic"])
def test_passes_equal_their_twins(name: str) -> None:
    rng = np.random.default_rng(1)
    n, delays, stride = 64, 9, 3
    length = n + stride * (delays - 1)
    sizes = np.abs(rng.standard_normal((delays, n)))
    start = rng.standard_normal((4, length))
    start[:2, n:] = 0.0
    found = []
    for module in (kernels, reference):
        fields, room = start.copy(), np.empty((5, 2 * n))
        if name == "least_squares":
            error = module.least_squares_pass_into(
                tables(n), sizes, stride, fields, np.empty((6, length)), room
            )
        else:
            error = module.ptychographic_pass_into(
                tables(n), sizes, stride, np.arange(delays), 0.5, fields, room
            )
        found.append((error, fields))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-12)
    assert_allclose(found[0][1], found[1][1], atol=1e-9)


@pytest.mark.parametrize(
    ("fwhm", "gdd", "reach"), [(80e-18, 3e-33, 56.0), (300e-18, 0.0, 26.0)]
)
def test_least_squares_finds_durations_to_two_attoseconds(
    fwhm: float, gdd: float, reach: float
) -> None:
    trace, true = trace_of(fwhm, gdd, reach=reach)
    found = retrieve_streaking(
        trace, ionisation_energy=NEON, wavelength=800e-9, n_bootstrap=20
    )
    assert found.fwhm == pytest.approx(true, abs=2e-18)
    assert found.error < 1e-3
    assert found.converged
    assert found.fwhm_interval[0] < found.fwhm_interval[1]


@pytest.mark.parametrize("method", ["least squares", "ptychography"])
def test_crab_finds_a_chirped_pulse_of_narrow_band(method: str) -> None:
    trace, true = trace_of(200e-18, -10e-33, reach=34.0)
    found = retrieve_crab(
        trace, ionisation_energy=NEON, method=method, n_points=128, n_bootstrap=3
    )
    assert found.fwhm == pytest.approx(true, abs=4e-18)
    assert found.error < 0.02
    data = found.to_dataset()
    assert data.attrs["kind"] == "laser.attosecond_retrieval"
    assert data["residual"].shape == trace["spectrum"].shape


@pytest.mark.parametrize(
    ("fwhm", "gdd", "reach"), [(150e-18, 0.0, 36.0), (200e-18, -10e-33, 34.0)]
)
def test_intervals_of_crab_hold_what_the_approximation_shifts(
    fwhm: float, gdd: float, reach: float
) -> None:
    trace, true = trace_of(fwhm, gdd, reach=reach)
    for seed in (1, 2):
        counted = count_electrons(trace, 2000.0, seed=seed)
        found = retrieve_crab(
            counted, ionisation_energy=NEON, n_points=128, n_bootstrap=8, seed=seed
        )
        low, high = found.fwhm_interval
        assert low < true < high < 1.15 * low
    assert any("local minimum" in line for line in found.ambiguities)
    assert "comes out" in found.ambiguities[-1]


def test_with_five_per_cent_of_noise_durations_and_intervals_hold() -> None:
    trace, true = trace_of(80e-18, 3e-33, reach=56.0)
    found = retrieve_streaking(
        noisy(trace, 0.05, seed=2),
        ionisation_energy=NEON,
        wavelength=800e-9,
        n_bootstrap=40,
        seed=1,
    )
    low, high = found.fwhm_interval
    assert found.fwhm == pytest.approx(true, rel=0.1)
    assert low < true < high
    assert found.error == pytest.approx(0.05, rel=0.1)
    assert found.potential is not None
    made = plot_attosecond_retrieval(found)
    assert made.axes[3].get_title().endswith(")")


def test_without_chirp_five_per_cent_of_noise_cost_two_of_the_duration() -> None:
    trace, true = trace_of(150e-18, 0.0, reach=36.0)
    for seed in (1, 4):
        found = retrieve_streaking(
            noisy(trace, 0.05, seed=seed),
            ionisation_energy=NEON,
            wavelength=800e-9,
            n_bootstrap=40,
        )
        low, high = found.fwhm_interval
        assert found.fwhm == pytest.approx(true, rel=0.02)
        assert low < true < high < 1.2 * low


def test_a_secant_whose_wings_the_noise_hides_keeps_its_duration() -> None:
    trace, true = trace_of(92e-18, 0.0, reach=56.0, shape="sech")
    off = []
    for seed in (401, 402, 403):
        found = retrieve_streaking(
            noisy(trace, 0.05, seed=seed),
            ionisation_energy=NEON,
            wavelength=800e-9,
            n_bootstrap=40,
        )
        low, high = found.fwhm_interval
        assert low < true < high < 1.5 * low
        off.append(found.fwhm / true - 1.0)
    assert np.sqrt(np.mean(np.square(off))) < 0.05


class _FieldPrior(LightPrior):
    """Two other numbers that belong together the more, the longer the coherence."""

    def of_rest(self, belief: Belief) -> tuple[np.ndarray, float]:
        inverse = np.linalg.inv([[1.0, belief.coherence], [belief.coherence, 1.0]])
        return inverse, float(np.linalg.slogdet(inverse)[1])


def test_the_evidence_is_the_probability_of_the_trace() -> None:
    prior = _FieldPrior(8, 2, 12, 1.0)
    rng = np.random.default_rng(3)
    x, slopes = rng.standard_normal(12), rng.standard_normal((14, 12))
    missed = rng.standard_normal(14)
    exact, best = [], []
    beliefs = [
        Belief(rough=rough, order=order, turn=0.5, coherence=coherence)
        for rough in ROUGH
        for order in (2, 3)
        for coherence in (0.2, 0.9)
    ]
    for belief in beliefs:
        covariance = np.linalg.inv(prior.precision(belief)[0])
        spread = np.eye(14) + slopes @ covariance @ slopes.T
        density = scipy.stats.multivariate_normal(slopes @ prior.mean, spread)
        odds = np.log(0.25) if belief.order == 3 else 0.0  # one more order, two sizes
        exact.append(density.logpdf(missed + slopes @ x) + odds)
        gain = covariance @ slopes.T @ np.linalg.inv(spread)
        best.append(prior.mean + gain @ (missed + slopes @ (x - prior.mean)))
    found = prior.judged(beliefs, x, slopes, missed)
    evidence = [one.evidence for one in found]
    assert_allclose(np.diff(evidence), np.diff(exact), rtol=1e-6, atol=1e-6)
    assert_allclose([one.x for one in found], best, atol=1e-6)


def test_the_band_does_not_end_where_noise_hides_the_wings() -> None:
    trace, _ = trace_of(150e-18, 0.0, reach=36.0)
    widths = []
    for made in (trace, *(noisy(trace, 0.05, seed) for seed in range(56001, 56006))):
        pulse = retrieve_streaking(
            made,
            ionisation_energy=NEON,
            wavelength=800e-9,
            iterations=1,
            n_bootstrap=0,
        ).pulse
        density = np.abs(pulse.grid.to_frequency(pulse.samples)) ** 2
        widths.append(np.ptp(pulse.grid.omega[density > 1e-20 * density.max()]))
    assert np.median(widths[1:]) > 0.9 * widths[0]


def test_atomic_phases_are_no_part_of_the_pulse() -> None:
    axis = np.linspace(5.0, 160.0, 60) * EV
    late = 30e-18 * np.linspace(1.0, -1.0, 60)
    phase = np.cumsum(late) * (axis[1] - axis[0]) / HBAR
    dipole = PhotoDipole(energy=axis, magnitude=np.ones(60), phase=phase)
    trace, true = trace_of(150e-18, 0.0, reach=36.0, dipole=dipole)
    options = {"ionisation_energy": NEON, "n_points": 128, "n_bootstrap": 0}
    apart = retrieve_crab(trace, dipole=dipole, **options)  # type: ignore[arg-type]
    assert apart.fwhm == pytest.approx(true, abs=3e-18)


def test_slopes_of_the_model_are_those_of_differences() -> None:
    axis = np.linspace(1.0, 200.0, 100) * EV
    dipole = PhotoDipole(
        energy=axis, magnitude=np.linspace(2.0, 1.0, 100), phase=1e17 * axis
    )
    model = StreakingModel(
        np.linspace(50.0, 110.0, 12) * EV,
        np.linspace(-1e-15, 1e-15, 5),
        ionisation_energy=NEON,
        window=2e-15,
        band=(80.0 * EV, 125.0 * EV),
        cycle=2.67e-15,
        sizes=(8, 3, 8),
        dipole=dipole,
        resolution=EV,
        cosine=-1.0,
        swing=0.3,
        threads=1,
    )
    rng = np.random.default_rng(0)
    x = rng.standard_normal(model.n_numbers)
    x[11:-1] *= 0.01
    value, jacobian = model.slopes(x)
    assert_allclose(value, model.spectra(x), rtol=1e-9, atol=1e-12 * value.max())
    moved = 1e-6 * rng.standard_normal(x.size)
    numeric = 0.5 * (model.spectra(x + moved) - model.spectra(x - moved)).ravel()
    # Tables of the dipole are straight between their points, their slopes are not.
    assert_allclose(jacobian @ moved, numeric, atol=3e-4 * np.abs(numeric).max())


def test_results_do_not_depend_on_the_number_of_threads() -> None:
    trace, _ = trace_of(200e-18, 0.0, reach=30.0)
    found = [
        retrieve_streaking(
            trace,
            ionisation_energy=NEON,
            wavelength=800e-9,
            iterations=1,
            n_bootstrap=0,
            threads=threads,
        ).pulse.samples
        for threads in (1, 2)
    ]
    assert np.array_equal(found[0], found[1])


def test_wrong_traces_are_refused_in_words() -> None:
    trace, _ = trace_of(200e-18, 0.0, reach=30.0)
    with pytest.raises(InvalidValue, match="one of least squares, ptychography"):
        retrieve_crab(trace, ionisation_energy=NEON, method="magic")
    with pytest.raises(InvalidKind, match=r"laser\.streaking"):
        retrieve_crab(xr.Dataset(), ionisation_energy=NEON)
    with pytest.raises(InvalidValue, match=">= 8 delays"):
        retrieve_crab(trace.isel(delay=slice(5)), ionisation_energy=NEON)
    with pytest.raises(InvalidValue, match="over \\(delay, energy\\)"):
        retrieve_crab(trace.transpose("energy", "delay"), ionisation_energy=NEON)
    with pytest.raises(InvalidValue, match="delays must increase"):
        retrieve_crab(trace.isel(delay=slice(None, None, -1)), ionisation_energy=NEON)
    with pytest.raises(InvalidKind, match="dipole must be a PhotoDipole"):
        retrieve_crab(trace, ionisation_energy=NEON, dipole="s")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="counted must be >= 0"):
        count_electrons(noisy(trace, 0.05, seed=1), 10.0, seed=1)
    with pytest.raises(InvalidValue, match="90 degrees"):
        retrieve_streaking(
            trace, ionisation_energy=NEON, wavelength=8e-7, angle=0.5 * np.pi
        )
    with pytest.raises(InvalidValue, match="800 nm are 800e-9"):
        retrieve_streaking(trace, ionisation_energy=NEON, wavelength=800.0)
    with pytest.raises(InvalidValue, match="one eV is"):
        retrieve_crab(trace, ionisation_energy=21.56)
