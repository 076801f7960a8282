"""Quantum paths against their equations, classical limits and the full integral."""

from functools import cache

import numpy as np
import pytest
import xarray as xr

from qleap.core.constants import (
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELECTRONVOLT,
    ELEMENTARY_CHARGE,
    HARTREE,
    HBAR,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.harmonics import (
    analytic_field,
    cosine_return,
    cutoff_energy,
    path_spectrum,
    periodic_field,
    plot_quantum_paths,
    quantum_paths,
    recollisions,
    sfa_dipole,
)
from qleap.laser.ionisation import Atom, atom
from qleap.laser.pulses import Pulse, ponderomotive_energy

WAVELENGTH, INTENSITY = 800e-9, 1.5e18
ENERGIES = np.linspace(20.0, 44.0, 49) * ELECTRONVOLT


@cache
def argon() -> xr.Dataset:
    field = periodic_field(WAVELENGTH, INTENSITY)
    return quantum_paths(field, "Ar", ENERGIES, visits=3)


def first(data: xr.Dataset) -> xr.Dataset:
    """Return the pair of the first crest with one visit."""
    return data.isel(pair=int(np.flatnonzero(data["visit"].values == 1)[0]))


def test_paths_obey_the_saddle_point_equations() -> None:
    data, field = argon(), periodic_field(WAVELENGTH, INTENSITY)
    omega = field.spacing_au
    e = field.amplitudes[0].real / 5.14220675112e11
    birth, back = (data[n].values / ATOMIC_TIME for n in ("birth_time", "return_time"))
    a = e / omega
    momentum = a / omega * (np.cos(omega * back) - np.cos(omega * birth))
    momentum /= back - birth
    ip = atom("Ar").energy_au
    born = (momentum + a * np.sin(omega * birth)) ** 2 / 2.0 + ip
    energy = (momentum + a * np.sin(omega * back)) ** 2 / 2.0 + ip
    assert np.abs(born).max() < 1e-10
    assert np.abs(energy - ENERGIES / HARTREE).max() < 1e-10
    assert (birth.imag > 0.0).all()
    assert data.sizes["pair"] == 6


def test_without_a_barrier_the_paths_are_classical() -> None:
    quiver = ponderomotive_energy(INTENSITY, WAVELENGTH)
    free = Atom(name="free", ionisation_energy=1.0001e-20)
    field = periodic_field(WAVELENGTH, INTENSITY)
    ratios = np.array([0.8, 1.6, 2.6])
    energies = free.ionisation_energy + ratios * quiver
    one = first(quantum_paths(field, free, energies))
    times = 2.0 * np.pi / field.cycle * one["birth_time"].values
    ends = ((17.96, 90.0), (0.0, 17.96))
    for path, (low, high) in zip(times, ends, strict=True):
        grid = np.radians(np.linspace(low, high, 4001))
        energy = cosine_return(grid)[1]
        order = np.argsort(energy)
        exact = np.interp(ratios, energy[order], grid[order])
        assert path.real == pytest.approx(exact, abs=4e-3)


def test_both_paths_meet_at_the_cutoff() -> None:
    one = first(argon())
    assert float(one["cutoff"].values.real) == pytest.approx(
        cutoff_energy("Ar", INTENSITY, WAVELENGTH), rel=1e-9
    )
    apart = np.diff(one["return_time"].values.real, axis=0)[0]
    assert (apart > 0.0).all()
    assert (np.diff(apart) < 0.0).all()


def test_phases_have_the_slopes_that_are_told() -> None:
    data, step = argon(), 1e-4
    up, down = (
        quantum_paths(
            periodic_field(WAVELENGTH, INTENSITY * factor), "Ar", ENERGIES, visits=3
        )
        for factor in (1.0 + step, 1.0 - step)
    )
    slope = first(down)["phase"] - first(up)["phase"]
    slope = slope / (2.0 * step * INTENSITY)
    below = 0.97 * float(first(data)["cutoff"].values.real) > ENERGIES
    told = first(data)
    assert slope.values[:, below] == pytest.approx(
        told["intensity_slope"].values[:, below], rel=1e-5, abs=1e-21
    )
    # In the plateau long paths have some 20e-14 cm^2/W at 800 nm, short ones a tenth.
    middle = told["intensity_slope"].values[:, ENERGIES < 35.0 * ELECTRONVOLT] * 1e18
    assert (np.abs(middle[0]) < 3.0).all()
    assert ((middle[1] > 20.0) & (middle[1] < 26.0)).all()
    omega = ENERGIES / HBAR
    delay = np.gradient(told["phase"].values, omega, axis=1)[:, 1:-1]
    assert delay == pytest.approx(told["group_delay"].values[:, 1:-1], rel=1e-3)
    chirp = np.gradient(told["group_delay"].values, omega, axis=1)
    part = slice(4, 30)
    told_chirp = told["delay_dispersion"].values[:, part]
    assert chirp[:, part] == pytest.approx(told_chirp, rel=2e-2)
    assert (told_chirp[0] > 0.0).all()
    assert (told_chirp[1] < 0.0).all()


def full_integral(energy: float, field: float, omega: float, n: int) -> np.ndarray:
    """Return harmonics of a cosine, excursions faded out from 0.8 to 1.1 cycles."""
    dt = 2.0 * np.pi / omega / n
    t = np.arange(n) * dt
    alpha, a = 2.0 * energy, field / omega
    found = np.zeros(n)
    for k in range(1, round(1.1 * n)):
        tau, then = k * dt, t - k * dt
        fade = np.cos(0.5 * np.pi * max(k / n - 0.8, 0.0) / 0.3) ** 2
        p = a / omega * (np.cos(omega * t) - np.cos(omega * then)) / tau
        square = tau / 2.0 - (np.sin(2 * omega * t) - np.sin(2 * omega * then)) / (
            4.0 * omega
        )
        action = energy * tau + 0.5 * (a**2 * square - p**2 * tau)
        v, born = p + a * np.sin(omega * t), p + a * np.sin(omega * then)
        squares = (v**2 + alpha) * (born**2 + alpha)
        wave = 1j * (np.pi / (1e-8 + 0.5j * tau)) ** 1.5 * np.exp(-1j * action)
        found += fade * v * born * field * np.cos(omega * then) / squares**3 * wave.real
    scale = 2.0 * 2.0**7 * alpha**2.5 / np.pi**2 * dt
    return np.conj(np.fft.fft(scale * found)) / n


def test_paths_add_up_to_the_full_integral() -> None:
    # Excursions of more than 0.8 cycles have energies below two quiver energies.
    field = periodic_field(1600e-9, INTENSITY)
    ip, omega = atom("Ar").energy_au, field.spacing_au
    strength = field.amplitudes[0].real / 5.14220675112e11
    quiver = strength**2 / (4.0 * omega**2)
    orders = np.arange(round((ip + 2.0 * quiver) / omega) // 2 * 2 + 1, 193, 2)
    exact = full_integral(ip, strength, omega, 1024)[orders]
    data = quantum_paths(field, "Ar", orders * omega * HARTREE)
    unit = ELEMENTARY_CHARGE * BOHR_RADIUS / ATOMIC_TIME
    scale = -((orders * omega) ** 2) * unit * 2.0 * np.pi / omega
    error = {}
    for how in ("uniform", "separate"):
        found = path_spectrum(data, approximation=how)["amplitude"].values[0] / scale
        error[how] = np.linalg.norm(found - exact) / np.linalg.norm(exact)
    assert error["uniform"] < 0.04
    # By themselves paths fail where they meet.
    assert error["separate"] > 3.0 * error["uniform"]


def test_windows_hold_the_visits_that_the_dipole_promises() -> None:
    field = periodic_field(1600e-9, 1e18)
    steps, orders = 600, np.arange(21, 121, 2)
    time = np.arange(3 * steps) * field.cycle / steps
    omega = 2.0 * np.pi / field.cycle
    wave = field.amplitudes[0].real * np.cos(omega * time)
    driving = DrivingField(time=time, field=wave, wavelength=1600e-9)

    def harmonics(excursion: float | None) -> np.ndarray:
        data = sfa_dipole(driving, "Ar", longest_excursion=excursion)
        last = data["dipole_acceleration"].values[0, 2 * steps :]
        return np.conj(np.fft.fft(last)[orders]) * field.cycle / steps

    def error(excursion: float | None, visits: int) -> float:
        data = quantum_paths(field, "Ar", orders * HBAR * omega, visits=visits)
        exact = harmonics(excursion)
        wrong = np.abs(path_spectrum(data)["amplitude"].values[0] - exact)
        return float(np.median(wrong) / np.sqrt((np.abs(exact) ** 2).mean()))

    assert error(1.05 * field.cycle, 1) < 0.07
    assert error(None, 2) < 0.06
    assert error(None, 1) > 0.1


def test_a_reversed_field_reverses_the_dipole() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=4e-15, energy=1e-6)
    driving = driving_field(pulse, peak_intensity=2e18)
    plain, turned = (
        quantum_paths(driving.scaled(sign), "Ar", ENERGIES) for sign in (1.0, -1.0)
    )
    assert turned["birth_time"].values == pytest.approx(plain["birth_time"].values)
    assert turned["uniform_amplitude"].values == pytest.approx(
        -plain["uniform_amplitude"].values
    )


def test_long_pulses_have_the_paths_of_endless_waves() -> None:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=40e-15, energy=1e-6)
    driving = driving_field(pulse, peak_intensity=INTENSITY)
    data = quantum_paths(driving, "Ar", ENERGIES, weakest=0.94)
    middle = int(np.abs(data["birth_time"].values[:, 0, 0].real).argmin())
    endless = first(argon())
    for name in ("birth_time", "return_time"):
        found = data[name].values[middle] - endless[name].values
        assert np.abs(found[:, ENERGIES < 40.0 * ELECTRONVOLT]).max() < 2e-17


def test_two_colours_break_the_symmetry_of_half_cycles() -> None:
    field = periodic_field(WAVELENGTH, INTENSITY, colours={2: (1e16, 0.3)})
    cutoffs = quantum_paths(field, "Ar", ENERGIES)["cutoff"].values.real
    assert cutoffs.size == 2
    assert abs(cutoffs[1] - cutoffs[0]) > 2.0 * ELECTRONVOLT


def test_paths_that_grow_below_a_minimum_of_the_energy_are_left_out() -> None:
    # Two maxima in one half cycle: long and short path of different pairs meet between.
    field = periodic_field(WAVELENGTH, INTENSITY, colours={2: (8e17, 0.7)})
    energies = np.linspace(17.0, 60.0, 44) * ELECTRONVOLT
    data = quantum_paths(field, "Ar", energies)
    assert data.sizes["pair"] == 2
    size = np.abs(data["amplitude"].values)
    real = data["meaningful"].values
    strongest = size[real].max()
    assert size[~real].max() > 100.0 * strongest
    assert np.abs(data["uniform_amplitude"].values).max() < 2.0 * strongest


def test_pictures_show_paths_and_classical_electrons() -> None:
    sampled = periodic_field(WAVELENGTH, INTENSITY).sampled(64.0, after=3e-15)
    figure = plot_quantum_paths(argon(), classical=recollisions(sampled))
    left, right = figure.axes
    assert len(right.lines) == 24
    assert len(left.lines) == 26


def test_unfit_fields_are_refused() -> None:
    field = periodic_field(WAVELENGTH, INTENSITY)
    with pytest.raises(InvalidValue, match="above the ionisation energy"):
        quantum_paths(field, "Ar", [10.0 * ELECTRONVOLT])
    with pytest.raises(InvalidKind, match="periodic_field"):
        quantum_paths("cosine", "Ar", ENERGIES)  # type: ignore[arg-type]
    time = np.linspace(0.0, 2.2 * field.cycle, 600)
    cut = DrivingField(
        time=time, field=1e10 * np.cos(2 * np.pi * time / field.cycle), wavelength=8e-7
    )
    with pytest.raises(InvalidValue, match="vanishes at both ends"):
        analytic_field(cut)
    both = DrivingField(time=time, field=np.ones((2, 600)), wavelength=8e-7)
    with pytest.raises(InvalidValue, match="vanishes at both ends"):
        quantum_paths(both, "Ar", ENERGIES)
    for colours in ([2], {2: 1e17}, {2: (1e17,)}):
        with pytest.raises((InvalidKind, InvalidValue), match="colours must be orders"):
            periodic_field(WAVELENGTH, INTENSITY, colours=colours)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="intensity of colour 3 must be > 0"):
        periodic_field(WAVELENGTH, INTENSITY, colours={3: (-1.0, 0.0)})
