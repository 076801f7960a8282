"""The one-call door: datasets, resuming, edges, and independent solvers."""

import dataclasses
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp

from qleap.core import results
from qleap.core.errors import InvalidKind, InvalidValue, QleapWarning
from qleap.laser import (
    Fibre,
    FieldGrid,
    Grid,
    Pulse,
    load_case,
    propagate_fibre,
    spectral_extent,
)
from qleap.laser.propagation import run
from qleap.laser.propagation.fibre import fitting_grid, settled_grid
from qleap.laser.propagation.integrator import march
from qleap.laser.pulses import SampledPulse, train

DUDLEY = Path(__file__).parents[2] / "examples" / "cases" / "dudley2006.toml"
PULSE = Pulse(wavelength=835e-9, fwhm=50e-15, peak_power=1e3)
GRID = Grid(n_points=1024, window=3e-12, wavelength=835e-9)
FIBRE = Fibre(
    length=0.05, wavelength=835e-9, betas=(-11.83e-27, 8.1038e-41), gamma=0.11
)


def test_the_dataset_has_units_and_starts_with_the_pulse() -> None:
    data = propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=5)
    assert data.sizes == {"position": 5, "time": 1024, "frequency": 1024}
    assert all("units" in data[name].attrs for name in data.variables)
    assert_allclose(data["energy"][0], PULSE.energy, rtol=1e-6)
    assert_allclose(
        data["envelope"][0], PULSE.envelope_on(GRID), atol=1e-12 * np.sqrt(1e3)
    )
    spacing = float(data["frequency"][1] - data["frequency"][0])
    assert_allclose(data["spectrum"].sum("frequency") * spacing, data["energy"])
    assert float(data["frequency"][512]) == pytest.approx(2.99792458e8 / 835e-9)


def test_it_agrees_with_an_independent_integration() -> None:
    """Integrate with SciPy, the Raman response sampled in time and summed directly."""
    grid = Grid(n_points=256, window=1.2e-12, wavelength=835e-9)
    n, step = grid.n_points, grid.step
    t1, t2, share = 12.2e-15, 32e-15, 0.18
    # The mean of h over each interval between points, by fine sums: its integral is
    # one to 1e-6 where plain sampling is off by (step/t1)^2/12 = 1 %.
    fine = (np.arange(n * 64) + 0.5) * step / 64
    h = (t1**2 + t2**2) / (t1 * t2**2) * np.exp(-fine / t2) * np.sin(fine / t1)
    omega = 2 * np.pi * np.fft.fftfreq(n, step)
    transform = (h[None, :] * np.exp(1j * omega[:, None] * fine)).sum(1) * step / 64
    kernel = np.fft.fft(transform) / n
    index = (np.arange(n)[:, None] - np.arange(n)[None, :]) % n
    matrix = kernel[index].real
    beta = -11.83e-27 / 2 * omega**2 + 8.1038e-41 / 6 * omega**3

    def slope(z: float, turned: np.ndarray) -> np.ndarray:
        field = np.fft.fft(turned * np.exp(1j * beta * z))
        power = np.abs(field) ** 2
        response = (1 - share) * power + share * (matrix @ power)
        change = 1j * 0.11 * grid.omega / grid.omega0 * np.fft.ifft(field * response)
        return np.asarray(change * np.exp(-1j * beta * z))

    start = np.fft.ifft(PULSE.envelope_on(grid))
    length = 0.02
    found = solve_ivp(
        slope, (0.0, length), start, method="DOP853", rtol=1e-9, atol=1e-12
    )
    expected = np.fft.fft(found.y[:, -1] * np.exp(1j * beta * length))
    fibre = dataclasses.replace(FIBRE, length=length)
    data = propagate_fibre(PULSE, fibre, grid=grid, tolerance=1e-9, n_positions=2)
    error = np.linalg.norm(data["envelope"][-1] - expected)
    assert error / np.linalg.norm(expected) < 2e-4


@pytest.mark.slow
def test_the_supercontinuum_has_the_published_features() -> None:
    # Dudley, Genty and Coen (2006), figure 3 and section IV: fission after about
    # 0.8 cm, an octave of spectrum, a Raman soliton beyond 1.1 um at 15 cm, and
    # dispersive waves below 600 nm.
    case = load_case(DUDLEY)
    changes = {"tolerance": 1e-6, "n_positions": 61}
    data = propagate_fibre(**{**case.arguments, **changes})
    low, high = spectral_extent(data, level=-30.0)
    assert high / low > 2.0
    wavelength = 2.99792458e8 / data["frequency"].values
    density = data["spectrum"].values[-1] * data["frequency"].values ** 2
    soliton = wavelength[np.argmax(np.where(wavelength > 1.05e-6, density, 0.0))]
    assert 1.1e-6 < soliton < 1.3e-6
    waves = density[(wavelength > 480e-9) & (wavelength < 600e-9)]
    assert waves.max() > 1e-2 * density.max()
    peak = (np.abs(data["envelope"].values) ** 2).max(axis=1)
    fission = float(data["position"][int(np.argmax(peak))])
    assert 0.005 < fission < 0.011
    drift = data["photon_number"][-1] / data["photon_number"][0] - 1.0
    assert abs(float(drift)) < 1e-4


def test_a_smaller_tolerance_comes_nearer_and_the_sum_of_errors_tells() -> None:
    strong = dataclasses.replace(PULSE, peak_power=5e3, energy=np.nan)
    exact = propagate_fibre(strong, FIBRE, grid=GRID, tolerance=1e-11, n_positions=2)
    for tolerance in (1e-5, 1e-7):
        data = propagate_fibre(
            strong, FIBRE, grid=GRID, tolerance=tolerance, n_positions=2
        )
        away = np.linalg.norm(data["envelope"][-1] - exact["envelope"][-1])
        error = away / np.linalg.norm(exact["envelope"][-1])
        assert error < 10.0 * float(data["accumulated_error"][-1])


def test_places_that_cut_all_steps_leave_an_error_that_is_true() -> None:
    many = propagate_fibre(PULSE, FIBRE, grid=GRID, tolerance=1e-5, n_positions=401)
    exact = propagate_fibre(PULSE, FIBRE, grid=GRID, tolerance=1e-11, n_positions=2)
    assert int(many["steps"][-1]) < 500  # the places cut the steps
    spectra = many["spectrum"].values[-1], exact["spectrum"].values[-1]
    error = np.linalg.norm(spectra[0] - spectra[1]) / np.linalg.norm(spectra[1])
    assert 0.3 * error < float(many["estimated_error"][-1]) < 100.0 * error


def test_an_interrupted_propagation_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=9)
    store = tmp_path / "a.nc"

    def interrupted(*arguments: object, **options: object) -> object:
        for i, snapshot in enumerate(original(*arguments, **options)):  # type: ignore[arg-type]
            if i == 4:
                raise KeyboardInterrupt
            yield snapshot

    original = march
    with monkeypatch.context() as patch:
        patch.setattr(run, "march", interrupted)
        with pytest.raises(KeyboardInterrupt):
            propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=9, store=store)
    part = results.load(store, kind="laser.checkpoint")
    assert 1 < part.sizes["place"] < 9
    resumed = propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=9, store=store)
    for name in ("envelope", "spectrum", "steps", "accumulated_error"):
        assert np.array_equal(resumed[name], whole[name]), name
    stored = results.load(store, kind="laser.evolution")
    assert np.array_equal(stored["envelope"], whole["envelope"])


def test_a_finished_store_is_read_and_not_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "a.nc"
    first = propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=3, store=store)

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(run, "march", never)
    again = propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=3, store=store)
    xr.testing.assert_identical(first, again)


def test_a_store_of_another_propagation_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "a.nc"
    propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=3, store=store)
    with pytest.raises(InvalidValue, match="holds a propagation with other parameters"):
        propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=4, store=store)


def test_measured_light_and_sums_go_through_a_fibre_like_pulses(
    tmp_path: Path,
) -> None:
    measured = SampledPulse(grid=GRID, samples=PULSE.envelope_on(GRID))
    options: dict[str, Any] = {"n_positions": 3, "estimate_error": False}
    ours = propagate_fibre(PULSE, FIBRE, grid=GRID, **options)
    theirs = propagate_fibre(
        measured, FIBRE, grid=GRID, store=tmp_path / "a.nc", **options
    )
    scale = np.abs(ours["envelope"].values).max()
    assert_allclose(theirs["envelope"], ours["envelope"], atol=1e-9 * scale)
    other = SampledPulse(grid=GRID, samples=1.01 * PULSE.envelope_on(GRID))
    with pytest.raises(InvalidValue, match="other parameters"):
        propagate_fibre(other, FIBRE, grid=GRID, store=tmp_path / "a.nc", **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = propagate_fibre(measured, FIBRE, **options)
        pair = propagate_fibre(train(PULSE, 2, 1e-12), FIBRE, **options)
    assert_allclose(alone["energy"][-1], ours["energy"][-1], rtol=1e-4)
    assert_allclose(pair["energy"][-1], 2.0 * ours["energy"][-1], rtol=1e-3)


def test_light_at_the_edge_of_the_window_is_warned_of() -> None:
    long = dataclasses.replace(FIBRE, betas=(-200e-27,), gamma=0.0, length=1.0)
    with pytest.warns(QleapWarning, match=r"edge of the time grid .* longer window"):
        propagate_fibre(PULSE, long, grid=GRID, n_positions=2)


def test_light_at_the_edge_of_the_spectrum_is_warned_of() -> None:
    strong = dataclasses.replace(PULSE, peak_power=3e4, energy=np.nan)
    grid = Grid(n_points=256, window=3e-12, wavelength=835e-9)
    fibre = dataclasses.replace(FIBRE, betas=(), length=0.01, raman=None)
    with pytest.warns(QleapWarning, match="edge of the frequency grid"):
        propagate_fibre(strong, fibre, grid=grid, n_positions=2)


def test_the_default_grid_holds_the_supercontinuum() -> None:
    given = load_case(DUDLEY).arguments
    grid = fitting_grid(given["pulse"], given["fibre"])
    assert grid.window > 10e-12
    assert grid.omega.min() < 0.1 * grid.omega0
    assert grid.n_points <= 2**16


def test_the_default_grid_is_enough_for_a_plain_pulse() -> None:
    data = propagate_fibre(PULSE, FIBRE, n_positions=2)
    assert data.sizes["position"] == 2


def test_without_nonlinearity_and_dispersion_nothing_happens() -> None:
    nothing = dataclasses.replace(FIBRE, betas=(), gamma=0.0)
    data = propagate_fibre(PULSE, nothing, grid=GRID, n_positions=2)
    assert_allclose(data["envelope"][-1], data["envelope"][0], atol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": 0.0}, "tolerance must lie between 1e-13 and 0.01, got 0.0"),
        ({"n_positions": 1}, "n_positions must be >= 2, got 1"),
        ({"n_positions": 10**6}, "n_positions must be <= 131072 on a grid of 1024"),
    ],
)
def test_options_without_sense_are_refused(
    options: dict[str, float], message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        propagate_fibre(PULSE, FIBRE, grid=GRID, **options)  # type: ignore[arg-type]


def test_other_kinds_of_arguments_are_refused_by_name() -> None:
    with pytest.raises(InvalidKind, match=r"pulse must be light .*, got 1\.0"):
        propagate_fibre(1.0, FIBRE)  # type: ignore[arg-type]
    with pytest.raises(InvalidKind, match=r"fibre must be a Fibre, got Grid\("):
        propagate_fibre(PULSE, GRID)  # type: ignore[arg-type]
    field = FieldGrid(n_points=1024, window=3e-13, wavelength=835e-9, band=(1e15, 5e15))
    with pytest.raises(InvalidKind, match="grid must be a Grid, got a FieldGrid"):
        propagate_fibre(PULSE, FIBRE, grid=field)  # type: ignore[arg-type]


def test_light_too_weak_to_be_squared_goes_through() -> None:
    faint = dataclasses.replace(PULSE, peak_power=1e-300, energy=np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = propagate_fibre(faint, FIBRE, grid=GRID, n_positions=3)
    assert np.array_equal(data["drift"], np.zeros(3))


def test_the_estimated_error_is_the_error() -> None:
    strong = dataclasses.replace(PULSE, peak_power=5e3, energy=np.nan)
    exact = propagate_fibre(
        strong, FIBRE, grid=GRID, tolerance=1e-11, n_positions=3, estimate_error=False
    )
    assert "estimated_error" not in exact
    for tolerance in (1e-5, 1e-7):
        data = propagate_fibre(
            strong, FIBRE, grid=GRID, tolerance=tolerance, n_positions=3
        )
        away = np.linalg.norm(data["spectrum"] - exact["spectrum"], axis=1)
        error = away / np.linalg.norm(exact["spectrum"], axis=1)
        estimated = data["estimated_error"].values
        assert estimated[0] == error[0] == 0.0
        assert_allclose(np.log(estimated[1:] / error[1:]), 0.0, atol=np.log(3.0))


@pytest.mark.parametrize("n_positions", [2, 4, 11, 12, 101])
@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-7])
def test_the_estimated_error_is_honest_where_places_limit_the_steps(
    n_positions: int, tolerance: float
) -> None:
    pulse = Pulse(wavelength=1550e-9, fwhm=200e-15, peak_power=300.0)
    fibre = Fibre(length=0.5, wavelength=1550e-9, betas=(-20e-27,), gamma=0.01)
    grid = Grid(n_points=512, window=6e-12, wavelength=1550e-9)
    options: dict[str, Any] = {"grid": grid, "n_positions": n_positions}
    exact = propagate_fibre(
        pulse, fibre, **options, tolerance=1e-12, estimate_error=False
    )["spectrum"].values[-1]
    data = propagate_fibre(pulse, fibre, **options, tolerance=tolerance)
    found = data["spectrum"].values[-1]
    error = np.linalg.norm(found - exact) / np.linalg.norm(exact)
    estimated = data["estimated_error"].values
    assert np.isfinite(estimated).all()
    # A dozen steps, most of them still growing, are judged less well.
    least = 0.15 if tolerance == 1e-3 else 0.4
    assert least * error < estimated[-1] < 3.0 * error


def test_a_grid_of_ones_own_is_widened_until_no_light_is_at_its_edges() -> None:
    # A soliton of high order breaks up, and its parts walk away from each other.
    pulse = Pulse(wavelength=835e-9, fwhm=50e-15, peak_power=1.5e3)
    fibre = dataclasses.replace(FIBRE, length=0.3)
    first = fitting_grid(pulse, fibre, share=0.125)
    settled = settled_grid(pulse, fibre)
    assert settled.window > 1.9 * first.window
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = propagate_fibre(
            pulse, fibre, n_positions=33, tolerance=1e-5, estimate_error=False
        )
    assert data.sizes["time"] == settled.n_points
    with pytest.warns(QleapWarning, match="edge of the time grid"):
        propagate_fibre(pulse, fibre, grid=first, n_positions=33, tolerance=1e-5)


def test_a_number_of_photons_that_drifts_is_warned_of() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = propagate_fibre(PULSE, FIBRE, grid=GRID, n_positions=2, tolerance=1e-2)
    assert float(data["drift"][-1]) > 1e-3
    assert any(
        "what the equation conserves changed by" in str(w.message) for w in caught
    )
    lossy = dataclasses.replace(FIBRE, loss=2.0)
    data = propagate_fibre(PULSE, lossy, grid=GRID, n_positions=2)
    assert float(data["energy"][-1] / data["energy"][0]) < 0.95
    assert abs(float(data["drift"][-1])) < 1e-5
