"""Light in hollow guides against what theory says of it."""

import dataclasses
import itertools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import cumulative_trapezoid
from scipy.interpolate import CubicSpline

from qleap.core import results, stores
from qleap.core.constants import (
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.modes import Mode
from qleap.laser.guides.profiles import Profile
from qleap.laser.ionisation import adk
from qleap.laser.ionisation.tables import rate_table, tabulated_rates
from qleap.laser.propagation.capillary import propagate_capillary
from qleap.laser.propagation.capillary_equation import CapillaryEquation
from qleap.laser.propagation.capillary_evolution import (
    analytic_signal,
    band_energy,
    light_at,
)
from qleap.laser.propagation.capillary_plots import plot_capillary
from qleap.laser.propagation.effects import Effects
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.propagation.time_grid import entering
from qleap.laser.pulses.pulse import Pulse

OMEGA = 2.0 * np.pi * SPEED_OF_LIGHT / 800e-9
GUIDE = Capillary(core_radius=125e-6, length=1.0, gas="helium", pressure=0.4e5)
PULSE = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=100e-6)


def field_grid(n: int = 2048, highest: float = 4.5) -> FieldGrid:
    step = 0.5 * np.pi / (highest * OMEGA)
    return FieldGrid(
        n_points=n, window=0.999 * n * step, wavelength=800e-9,
        band=(0.25 * OMEGA, highest * OMEGA),
    )  # fmt: skip


def guide(**changes: object) -> Capillary:
    return dataclasses.replace(GUIDE, **changes)  # type: ignore[arg-type]


def test_weak_light_loses_what_the_walls_take() -> None:
    weak = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=1e-9)
    data = propagate_capillary(weak, GUIDE, grid=field_grid(), n_positions=3)
    frequency = data["frequency"].values
    first = data["spectrum"].values[0]
    held = np.maximum(frequency, 1e13)
    left = first * np.exp(-GUIDE.attenuation(2.0 * np.pi * held))
    assert_allclose(data["spectrum"].values[-1], left, atol=1e-7 * first.max())
    share = data["energy"].values[-1] / data["energy"].values[0]
    assert_allclose(share, GUIDE.transmission(800e-9), rtol=1e-3)
    assert_allclose(data["energy"].values[0], 1e-9, rtol=1e-6)


def test_a_second_order_soliton_has_four_times_its_power_at_half_its_period() -> None:
    # J. Satsuma and N. Yajima, Prog. Theor. Phys. Suppl. 55, 284 (1974).
    lossless = guide(loss=0.0)
    t0 = 120e-15 / (2.0 * np.arccosh(np.sqrt(2.0)))
    beta2 = lossless.group_velocity_dispersion(800e-9)
    power = 4.0 * abs(beta2) / (lossless.nonlinear_coefficient(800e-9) * t0**2)
    soliton = Pulse(shape="sech", wavelength=800e-9, fwhm=120e-15, peak_power=power)
    half = 0.25 * np.pi * t0**2 / abs(beta2)
    data = propagate_capillary(
        soliton, guide(loss=0.0, length=half), plasma=None, full_field=False,
        grid=Grid(n_points=1024, window=2e-12, wavelength=800e-9),
        tolerance=1e-6, n_positions=2,
    )  # fmt: skip
    signal = analytic_signal(data, half)
    assert_allclose((np.abs(signal) ** 2).max(), 4.0 * power, rtol=5e-3)
    photons = data["photon_number"].values
    assert_allclose(photons[-1], photons[0], rtol=1e-5)


def test_envelopes_and_fields_without_harmonics_agree() -> None:
    both = [
        propagate_capillary(
            PULSE, GUIDE, plasma=None, third_harmonic=False, grid=grid, tolerance=1e-6,
            n_positions=2,
        )
        for grid in (
            field_grid(4096),
            Grid(n_points=256, window=field_grid(4096).window, wavelength=800e-9),
        )
    ]  # fmt: skip
    signals = [analytic_signal(data, 1.0) for data in both]
    finer = np.interp(both[1]["time"], both[0]["time"], np.abs(signals[0]) ** 2)
    assert_allclose(np.abs(signals[1]) ** 2, finer, atol=2e-3 * finer.max())
    start = np.abs(analytic_signal(both[0], 0.0)) ** 2
    assert np.abs(start - np.abs(signals[0]) ** 2).max() > 0.1 * start.max()


def test_a_dispersive_wave_is_phase_matched_with_the_compressed_soliton() -> None:
    strong = dataclasses.replace(PULSE, energy=250e-6, peak_power=np.nan)
    tube = guide(length=2.6, pressure=0.6e5)
    data = propagate_capillary(
        strong, tube, plasma=None, third_harmonic=False, grid=field_grid(4096, 9.0),
        tolerance=1e-5, n_positions=27,
    )  # fmt: skip
    powers = [
        (np.abs(analytic_signal(data, z)) ** 2).max() for z in data.position.values
    ]
    shift = tube.nonlinear_coefficient(800e-9) * max(powers)
    omega = np.linspace(2.0, 7.0, 2001) * OMEGA
    slope = tube.delay_beyond_vacuum(800e-9) + 1.0 / SPEED_OF_LIGHT
    linear = tube.propagation_constant(omega) - slope * (omega - OMEGA)
    linear = linear - tube.propagation_constant(OMEGA)
    found = 2.0 * np.pi * data["frequency"].values
    dark = np.where(found > 2.5 * OMEGA, data["spectrum"].values[-1], 0.0)
    wave = found[np.argmax(dark)]
    # Between the resonance without the soliton's phase and with all of it (A. V.
    # Husakou and J. Herrmann, Phys. Rev. Lett. 87, 203901 (2001), eq. (4)).
    lowest = omega[np.argmin(np.abs(linear))]
    highest = omega[np.argmin(np.abs(linear - shift * omega / OMEGA))]
    assert lowest < wave < highest < 1.2 * lowest
    assert band_energy(data, (130e-9, 180e-9))[-1] > 1e-3 * data["energy"].values[-1]


def test_electrons_shift_light_to_the_blue_as_their_number_rises() -> None:
    short = guide(length=1e-4, core_radius=40e-6, loss=0.0)
    table = rate_table("He", "ppt", wavelength=800e-9, thresholds=False)
    bright = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, peak_power=12e9)
    grid = field_grid()
    data = propagate_capillary(
        bright, short, kerr=False, plasma=table, grid=grid, n_positions=2
    )
    omega = 2.0 * np.pi * data["frequency"].values
    centre = (data["spectrum"].values @ omega) / data["spectrum"].values.sum(axis=1)
    # d omega/dz = (omega_p^2)' / (2 c omega), averaged over the pulse's energy
    # (S. C. Wilks et al., Phys. Rev. Lett. 62, 2600 (1989)).
    time = np.linspace(-40e-15, 40e-15, 2**15)
    power = bright.field(time) ** 2
    admittance = VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * short.effective_area()
    rate = table(np.sqrt(2.0 / admittance * power))
    step = time[1] - time[0]
    left = np.exp(-np.cumsum(rate) * step)
    electrons = short.number_density() * rate * left
    plasma = electrons * ELEMENTARY_CHARGE**2 / (VACUUM_PERMITTIVITY * ELECTRON_MASS)
    envelope = np.abs(bright.envelope(time)) ** 2
    mean = float((plasma * envelope).sum() / envelope.sum())
    expected = short.length * mean / (2.0 * SPEED_OF_LIGHT * OMEGA)
    assert_allclose(centre[1] - centre[0], expected, rtol=0.01)
    assert expected > 1e-5 * OMEGA


def test_energy_goes_into_the_electrons_and_the_walls() -> None:
    narrow = guide(length=2e-3, core_radius=50e-6)
    bright = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, peak_power=26e9)
    data = propagate_capillary(
        bright, narrow, grid=field_grid(), n_positions=21, tolerance=1e-6
    )
    table = rate_table("He", "ppt", wavelength=800e-9, thresholds=False)
    admittance = VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * narrow.effective_area()
    times = data["time"].values
    fine = np.linspace(times[0], times[-1], 2**15)
    step = fine[1] - fine[0]
    charge = ELEMENTARY_CHARGE**2 / ELECTRON_MASS
    spent, freed = [], []
    for z in data["position"].values:
        signal = analytic_signal(data, z).real * np.sqrt(2.0 / admittance)
        field = CubicSpline(times, signal)(fine)
        rate = cumulative_trapezoid(table(field), dx=step, initial=0.0)
        density = narrow.number_density() * (1.0 - np.exp(-rate))
        drift = charge * cumulative_trapezoid(density * field, dx=step, initial=0.0)
        freed.append(density[-1] * table.atom.ionisation_energy)
        spent.append(freed[-1] + float((field * drift).sum() * step))
    area = narrow.effective_area()
    z, energy = data["position"].values, data["energy"].values
    walls = np.trapezoid(energy, z) * float(narrow.attenuation(OMEGA))
    lost = energy[0] - energy[-1]
    assert_allclose(lost, walls + area * np.trapezoid(spent, z), rtol=0.03)
    assert area * np.trapezoid(freed, z) > 0.2 * lost > 0.2 * walls
    assert_allclose(
        data["electron_density"].values[0],
        freed[0] / table.atom.ionisation_energy,
        rtol=2e-3,
    )


def test_half_the_step_has_a_sixteenth_of_the_error() -> None:
    grid = field_grid(1024)
    table = rate_table("He", "ppt", wavelength=800e-9, thresholds=False)
    equation = CapillaryEquation(GUIDE, [Mode()], grid, Effects(rates=table))
    strong = dataclasses.replace(PULSE, energy=400e-6, peak_power=np.nan)

    def arrived(steps: int) -> np.ndarray:
        start = Snapshot(
            position=0.0, amplitudes=entering(strong, grid), step=0.1 / steps
        )
        *_, last = march(start, equation, [0.1], tolerance=0.0)
        return last.amplitudes.copy()

    exact = arrived(640)
    errors = [np.linalg.norm(arrived(steps) - exact) for steps in (40, 80)]
    assert 12.0 < errors[0] / errors[1] < 20.0


def test_a_gradient_from_vacuum_acts_by_its_integral() -> None:
    # Where light only disperses, the mean density counts (but for 1e-6: the index
    # is a root); the mean of the root of z is two thirds.
    weak = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=1e-9)
    ends = [
        propagate_capillary(
            weak, guide(pressure=p), kerr=False, plasma=None, grid=field_grid(),
            n_positions=2,
        )["amplitudes"].values[1, 0]
        for p in ((0.0, 0.6e5), (0.4e5, 0.4e5))
    ]  # fmt: skip
    for amplitudes in ends:  # the frame goes with the light
        power = np.abs(np.fft.fft(amplitudes, 2048)) ** 2
        assert abs(power @ field_grid().time) < 0.1e-15 * power.sum()
    assert_allclose(ends[0], ends[1], atol=1e-5 * np.abs(ends[1]).max())
    start = entering(weak, field_grid()) * field_grid().window
    assert np.abs(ends[0] - start).max() > 0.1 * np.abs(start).max()


def test_a_taper_acts_by_its_integral() -> None:
    weak = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=1e-9)
    bent = guide(core_radius=(150e-6, 100e-6), length=0.3)
    data = propagate_capillary(
        weak, bent, kerr=False, plasma=None, grid=field_grid(), n_positions=2
    )
    assert_allclose(
        data["energy"].values[1] / data["energy"].values[0],
        bent.transmission(800e-9),
        rtol=1e-3,
    )


KINKS = (0.0, 0.10, 0.11, 0.3)


@pytest.mark.parametrize(
    "changes",
    [
        {"core_radius": Profile(positions=KINKS, values=(150e-6, 150e-6, 50e-6, 1e-4))},
        {"core_radius": (100e-6, 25e-6), "pressure": (0.0, 1e5)},
        {"pressure": (0.0, 2e5)},
        {"pressure": Profile(positions=KINKS, values=(0.0, 0.0, 5e5, 0.0))},
    ],
)
def test_weak_light_meets_every_kink_of_a_guide_however_few_places_are_kept(
    changes: dict[str, Any],
) -> None:
    weak = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=1e-9)
    bent = guide(length=0.3, **changes)
    grid = field_grid(1024, 2.5)
    data = propagate_capillary(
        weak, bent, kerr=False, plasma=None, grid=grid, n_positions=2
    )
    start = entering(weak, grid) * grid.window
    lit = np.abs(start) > 1e-3 * np.abs(start).max()
    omega = grid.omega[lit]
    # Independent: the index itself at many places, by the rule of the middle in pieces.
    total = np.zeros(omega.size, complex)
    for left, right in itertools.pairwise(KINKS):
        shares = np.linspace(0.0, 1.0, 1501) ** 2  # fine where a flow begins
        edges = left + (right - left) * shares
        for z, dz in zip(0.5 * (edges[1:] + edges[:-1]), np.diff(edges), strict=True):
            total += dz * 1j * omega / SPEED_OF_LIGHT * bent.index_excess(omega, z)
    ratio = data["amplitudes"].values[1, 0, lit] / (start[lit] * np.exp(total))
    assert_allclose(np.abs(ratio), 1.0, atol=1e-5)
    phase = np.unwrap(np.angle(ratio))
    phase -= np.polynomial.Polynomial.fit(omega, phase, 1)(omega)  # the frame's
    assert_allclose(phase, 0.0, atol=1e-3)


@pytest.mark.parametrize(
    ("positions", "values"),
    [
        ((0.0, 0.21, 0.22, 0.5, 0.51), (0.0, 0.0, 5e5, 5e5, 0.0)),
        ((0.0, 0.44, 0.45, 0.46), (0.0, 0.0, 20e5, 0.0)),
        ((0.0, 1.0), (0.0, 1e5)),
    ],
)
def test_self_phase_modulation_in_a_cell_is_all_of_its_gas(
    positions: tuple[float, ...], values: tuple[float, ...]
) -> None:
    # A long pulse: dispersion does nothing, the phase at the peak is int gamma P dz.
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=1e-12, energy=4e-4)
    flow = Profile(positions=positions, values=values)
    cell = guide(gas="argon", pressure=flow, loss=0.0)
    grid = Grid(n_points=1024, window=6e-12, wavelength=800e-9)
    data = propagate_capillary(
        pulse, cell, plasma=None, grid=grid, n_positions=2, tolerance=1e-7
    )
    signal = analytic_signal(data, 1.0, carrier=800e-9)
    power = np.abs(signal) ** 2
    phase = np.unwrap(np.angle(signal))[power > 1e-4 * power.max()]
    z = np.concatenate(
        [
            a + (b - a) * np.linspace(0.0, 1.0, 4001) ** 2
            for a, b in itertools.pairwise((*positions, cell.length))
        ]
    )
    gamma = [cell.nonlinear_coefficient(800e-9, x) for x in z]
    expected = np.trapezoid(gamma, z) * pulse.peak_power
    assert_allclose(phase.max() - phase[0], expected, rtol=2e-3)


def test_an_interrupted_run_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qleap.laser.propagation import run

    arguments: dict[str, Any] = {
        "grid": field_grid(1024), "n_positions": 5, "tolerance": 1e-5,
    }  # fmt: skip
    graded = guide(pressure=(0.0, 0.8e5))
    whole = propagate_capillary(PULSE, graded, **arguments)
    saved = run._save_checkpoint
    monkeypatch.setattr(stores, "SAVE_EVERY", 0.0)
    count = 0

    def crash(*given: object) -> None:
        nonlocal count
        count += 1
        saved(*given)  # type: ignore[arg-type]
        if count == 9:
            raise KeyboardInterrupt

    monkeypatch.setattr(run, "_save_checkpoint", crash)
    store = tmp_path / "light.nc"
    with pytest.raises(KeyboardInterrupt):
        propagate_capillary(PULSE, graded, store=store, **arguments)
    monkeypatch.setattr(run, "_save_checkpoint", saved)
    assert results.load(store).attrs["kind"] == run.CHECKPOINT
    again = propagate_capillary(PULSE, graded, store=store, **arguments)
    assert np.array_equal(again["amplitudes"].values, whole["amplitudes"].values)
    assert (
        again["accumulated_error"].values[-1] == whole["accumulated_error"].values[-1]
    )


def test_grids_widen_until_no_light_stands_at_their_edges() -> None:
    strong = dataclasses.replace(PULSE, energy=250e-6, peak_power=np.nan)
    tube = guide(length=1.0, pressure=1.5e5)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        propagate_capillary(
            strong, tube, plasma=None, wavelengths=(250e-9, 2e-6), tolerance=1e-5,
            n_positions=5,
        )  # fmt: skip
    assert any("in high frequency" in str(warning.message) for warning in said)
    data = propagate_capillary(strong, tube, plasma=None, tolerance=1e-5, n_positions=5)
    assert data["frequency"].values[-1] > 1.2 * SPEED_OF_LIGHT / 160e-9


def test_molecules_turn_light_red() -> None:
    # Photons are scattered, not lost: their number stays while energy goes.
    nitrogen = Capillary(
        core_radius=100e-6, length=0.5, gas="nitrogen", pressure=1e5, loss=0.0
    )
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, peak_power=2e9)
    data = propagate_capillary(
        pulse, nitrogen, plasma=None, raman=True, full_field=False, n_positions=2,
        grid=Grid(n_points=512, window=700e-15, wavelength=800e-9), tolerance=1e-6,
    )  # fmt: skip
    photons, energy = data["photon_number"].values, data["energy"].values
    assert_allclose(photons[1], photons[0], rtol=1e-6)
    assert energy[1] < (1.0 - 2e-3) * energy[0]
    quantum = energy / photons / HBAR
    assert quantum[1] < (1.0 - 2e-3) * quantum[0]


def test_fields_that_strip_atoms_bare_are_refused() -> None:
    brutal = dataclasses.replace(PULSE, energy=0.2, peak_power=np.nan)
    with pytest.raises(InvalidValue, match=r"field must be <= .* V/m in this table"):
        propagate_capillary(
            brutal, guide(length=1e-9, core_radius=5e-5), kerr=False,
            grid=field_grid(), n_positions=2,
        )  # fmt: skip


@pytest.mark.parametrize("grid", [None, field_grid()])
def test_too_strong_light_is_refused_before_the_first_step(
    grid: FieldGrid | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> object:
        raise AssertionError

    monkeypatch.setattr("qleap.laser.propagation.capillary.march", never)
    monkeypatch.setattr("qleap.laser.propagation.run.march", never)
    joules = dataclasses.replace(PULSE, energy=1.0, peak_power=np.nan)
    with pytest.raises(InvalidValue, match=r"field must be <= .* V/m in this table"):
        propagate_capillary(joules, GUIDE, grid=grid, estimate_error=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pulse": None}, r"pulse must be light .*, got None"),
        ({"capillary": "glass"}, "capillary must be a Capillary, got 'glass'"),
        ({"grid": 1024}, "grid must be a FieldGrid or Grid, got 1024"),
        ({"modes": 1.5}, "modes must be a whole number, got 1.5"),
        ({"modes": [1]}, "modes must be a Mode, got 1"),
        ({"modes": 0}, "modes must be between 1 and 50, got 0"),
        ({"modes": ()}, "modes must be at least one"),
    ],
)
def test_other_kinds_of_arguments_are_refused_by_name(
    options: dict[str, Any], message: str
) -> None:
    call: dict[str, Any] = {"pulse": PULSE, "capillary": GUIDE, **options}
    with pytest.raises((InvalidKind, InvalidValue), match=message):
        propagate_capillary(call.pop("pulse"), call.pop("capillary"), **call)


def test_calls_that_cannot_be_are_refused() -> None:
    air = Capillary(core_radius=1e-4, length=1.0, gas="air", pressure=1e5)
    with pytest.raises(InvalidValue, match="no rates of ionisation of air"):
        propagate_capillary(PULSE, air)
    with pytest.raises(InvalidValue, match="raman needs one of"):
        propagate_capillary(PULSE, GUIDE, raman=True, grid=field_grid())
    table = rate_table("He", "adk", cycle_average=True)
    with pytest.raises(InvalidValue, match="must be a table of momentary rates"):
        propagate_capillary(PULSE, GUIDE, plasma=table)
    with pytest.raises(InvalidValue, match="the grid must hold the pulse"):
        propagate_capillary(PULSE, GUIDE, grid=field_grid(64))
    with pytest.raises(InvalidValue, match="wavelengths must be the shortest"):
        propagate_capillary(PULSE, GUIDE, wavelengths=(9e-7, 2e-6))


def test_light_that_leaves_is_a_pulse_that_can_be_launched_again() -> None:
    first = propagate_capillary(PULSE, GUIDE, grid=field_grid(4096), n_positions=2)
    out = light_at(first, 1.0, wavelength=800e-9)
    assert_allclose(out.energy, first["energy"].values[-1], rtol=1e-3)
    both = [
        propagate_capillary(
            light, guide(length=length), grid=field_grid(4096), n_positions=2
        )["spectrum"].values[-1]
        for light, length in ((out, 1.0), (PULSE, 2.0))
    ]
    assert_allclose(both[0], both[1], atol=1e-2 * both[1].max())


def test_a_band_of_light_is_let_through() -> None:
    data = propagate_capillary(PULSE, GUIDE, grid=field_grid(), n_positions=2)
    third = (200e-9, 350e-9)
    signal = analytic_signal(data, 1.0, wavelengths=third)
    step = float(data["time"].values[1] - data["time"].values[0])
    energy = band_energy(data, third)[-1]
    assert_allclose((np.abs(signal) ** 2).sum() * step, energy, rtol=1e-9)
    assert 0.0 < energy < 1e-2 * data["energy"].values[-1]
    with pytest.raises(InvalidValue, match="the shorter and the longer one"):
        band_energy(data, (350e-9, 200e-9))


def test_a_picture_shows_spectrum_power_energy_and_electrons() -> None:
    data = propagate_capillary(PULSE, GUIDE, grid=field_grid(), n_positions=5)
    figure = plot_capillary(data)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels[:2] == ["position (m)", "position (m)"]
    assert any("energy" in label for label in labels)
    assert any("electron density" in label for label in labels)
    with pytest.raises(InvalidValue, match="take what propagate_capillary returns"):
        plot_capillary(data.assign_attrs(kind="other"))


def test_the_estimated_error_is_that_of_the_spectrum() -> None:
    strong = dataclasses.replace(PULSE, energy=300e-6, peak_power=np.nan)
    long = guide(length=2.0)
    spectra, estimates = [], []
    for tolerance in (1e-9, 1e-6):
        data = propagate_capillary(
            strong, long, grid=field_grid(2048, 9.0), tolerance=tolerance, n_positions=3
        )
        spectra.append(data["spectrum"].values[-1])
        estimates.append(data["estimated_error"].values[-1])
    error = np.linalg.norm(spectra[1] - spectra[0]) / np.linalg.norm(spectra[0])
    assert 0.2 * error < estimates[1] < 5.0 * error
    assert estimates[0] < 1e-6 < estimates[1] < 1e-3


def test_the_estimated_error_is_honest_in_a_flow_from_vacuum() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=4e-4)
    flow = guide(length=0.5, gas="neon", pressure=(0.0, 2e5))
    options: dict[str, Any] = {"grid": field_grid(1024, 3.0), "plasma": None}
    exact, data = (
        propagate_capillary(pulse, flow, **options, tolerance=t, n_positions=2)
        for t in (1e-10, 1e-7)
    )
    apart = np.linalg.norm(data["spectrum"][-1] - exact["spectrum"][-1])
    error = float(apart / np.linalg.norm(exact["spectrum"][-1]))
    assert 0.4 * error < float(data["estimated_error"][-1]) < 3.0 * error


def test_a_store_with_other_rates_of_the_same_name_is_refused(tmp_path: Path) -> None:
    field = np.geomspace(1e10, 2e11, 80)
    slow, fast = (
        tabulated_rates(
            field, scale * adk(field, "He"), "He", cycle_average=False, source="ours"
        )
        for scale in (1.0, 2.0)
    )
    given = {"grid": field_grid(512), "n_positions": 2, "store": tmp_path / "a.nc"}
    short = guide(length=1e-3)
    first = propagate_capillary(PULSE, short, plasma=slow, **given)  # type: ignore[arg-type]
    again = propagate_capillary(PULSE, short, plasma=slow, **given)  # type: ignore[arg-type]
    assert again.identical(first)
    with pytest.raises(InvalidValue, match=r"other parameters \(.*ionisation"):
        propagate_capillary(PULSE, short, plasma=fast, **given)  # type: ignore[arg-type]
