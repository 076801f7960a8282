"""Attosecond metrology: what is found again, and passes of CRAB beside NumPy."""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import scipy.fft
import xarray as xr
from numpy.typing import NDArray
from scipy.constants import fine_structure

from qleap.bench import Accuracy, Peer, Speed
from qleap.core.constants import (
    BOHR_RADIUS,
    ELECTRONVOLT,
    ELEMENTARY_CHARGE,
    HARTREE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.laser import DrivingField, Pulse, driving_field
from qleap.laser._kernels import crab as kernels
from qleap.laser._reference.fft import tables
from qleap.laser.metrology import (
    Levels,
    absorption_of,
    harmonic_train,
    retrieve_rabbitt,
    retrieve_streaking,
    streaking_trace,
    transient_absorption,
)
from qleap.laser.tdse import solve_atom

Floats = NDArray[np.float64]

EV = ELECTRONVOLT
NEON = 21.56 * EV
DELAYS, POINTS = 128, 256

Case = tuple[str, float, float, float]

CASES: tuple[Case, ...] = (
    ("gaussian", 80e-18, 3e-33, 56.0),
    ("gaussian", 150e-18, 0.0, 36.0),
    ("gaussian", 120e-18, -5e-33, 44.0),
)
"""Shape, transform limit (s), GDD (s^2), energies about the centre (eV)."""

SECANT: Case = ("sech", 92e-18, 0.0, 56.0)


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield round trips, exact lines, then the time of passes."""
    some = CASES[:1] if quick else CASES
    yield Accuracy(
        name="laser.attosecond_metrology.streaking",
        title="largest error of a duration from a streaking trace without noise",
        unit="s",
        evidence="simulated",
        reference="the pulse that was streaked, 131 to 167 as",
        measure=lambda: max(_missed(*case, noise=0.0, seed=0) for case in some),
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.attosecond_metrology.noisy_streaking",
        title="root mean square error of durations, 5 % of the peak as noise",
        unit="1",
        evidence="simulated",
        reference="the pulse that was streaked, 33 delays of 80 energies",
        measure=lambda: _noisy_missed(some, 4 if quick else 20),
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.attosecond_metrology.hidden_wings",
        title="the same of a hyperbolic secant at its limit: wings below the noise",
        unit="1",
        evidence="simulated",
        reference="the pulse that was streaked, 92 as, 33 delays of 80 energies",
        measure=lambda: _noisy_missed((SECANT,), 3 if quick else 40),
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.attosecond_metrology.rabbitt",
        title="largest error of a phase difference of harmonics from sidebands",
        unit="rad",
        evidence="simulated",
        reference="phases that were put in",
        measure=_missed_phase,
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.attosecond_metrology.absorption",
        title="largest relative error of the absorption of a line",
        unit="1",
        evidence="analytic",
        reference="Lorentz's line with both terms",
        measure=_missed_line,
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.attosecond_metrology.atom_absorption",
        title="largest relative error of hydrogen's cross section, 15 to 30 eV",
        unit="1",
        evidence="analytic",
        reference="Stobbe's formula; from the dipole that solve_atom finds",
        measure=_missed_hydrogen,
        prediction=0.0,
    )
    peer = Peer(name="NumPy and SciPy", distribution="scipy", make=_by_numpy)
    yield Speed(
        name="laser.attosecond_metrology.crab",
        title=f"20 passes of CRAB, {POINTS} energies, {DELAYS} delays, threads: 1",
        run=_passes,
        peers=(peer,),
        error=lambda ours, theirs: float(np.abs(ours - theirs).max()),
        rtol=1e-6,
        threads=1,
    )


@cache
def _trace(
    shape: str, fwhm: float, gdd: float, reach: float
) -> tuple[xr.Dataset, float]:
    infrared = Pulse(shape="gaussian", wavelength=800e-9, fwhm=4e-15, energy=1e-6)
    light = Pulse(
        shape=shape,
        wavelength=2.0 * np.pi * HBAR * SPEED_OF_LIGHT / (100.0 * EV),
        fwhm=fwhm,
        energy=1e-9,
        gdd=gdd,
    )
    trace = streaking_trace(
        light,
        driving_field(infrared, peak_intensity=2e16, step=10e-18),
        ionisation_energy=NEON,
        energies=np.linspace(78.4 - reach, 78.4 + reach, 80) * EV,
        delays=np.arange(-2.4e-15, 2.5e-15, 150e-18),
    )
    # Of a Gaussian; the others have no chirp.
    stretched = fwhm * np.hypot(1.0, 4.0 * np.log(2.0) * gdd / fwhm**2)
    return trace, float(stretched)


def _missed(
    shape: str, fwhm: float, gdd: float, reach: float, *, noise: float, seed: int
) -> float:
    trace, true = _trace(shape, fwhm, gdd, reach)
    made = trace.copy()
    values = trace["spectrum"].values
    grains = np.random.default_rng(seed).standard_normal(values.shape)
    made["spectrum"] = (trace["spectrum"].dims, values + noise * values.max() * grains)
    made["spectrum"].attrs["units"] = "J/Hz"
    found = retrieve_streaking(
        made, ionisation_energy=NEON, wavelength=800e-9, n_bootstrap=0, threads=1
    )
    return abs(found.fwhm - true)


def _noisy_missed(some: tuple[Case, ...], seeds: int) -> float:
    found = [
        _missed(*case, noise=0.05, seed=seed) / _trace(*case)[1]
        for case in some
        for seed in range(101, 101 + seeds)  # others chose the settings
    ]
    return float(np.sqrt(np.mean(np.square(found))))


def _missed_phase() -> float:
    omega = 2.0 * np.pi * SPEED_OF_LIGHT / 800e-9
    orders = np.arange(13, 24, 2)
    phases = 0.5 * 6e-33 * ((orders - 17) * omega) ** 2 + 0.3 * np.sin(orders)
    light = harmonic_train(orders, np.ones(6), phases, wavelength=800e-9, fwhm=12e-15)
    time = np.arange(-45e-15, 45e-15, 30e-18)
    ramp = np.clip((45e-15 - np.abs(time)) / 10e-15, 0.0, 1.0)
    field = DrivingField(
        time=time, field=2e8 * np.cos(omega * time) * ramp, wavelength=800e-9
    )
    trace = streaking_trace(
        light,
        field,
        ionisation_energy=15.76 * EV,
        energies=np.arange(2.6, 22.0, 0.12) * EV,
        delays=np.arange(-1.4e-15, 1.4e-15, 130e-18),
    )
    found = retrieve_rabbitt(
        trace, ionisation_energy=15.76 * EV, wavelength=800e-9, orders=(13, 23)
    )
    steps = 2.0 * omega * found.extra["group_delay"][1]
    return float(np.abs(np.angle(np.exp(1j * (steps - np.diff(phases))))).max())


def _missed_line() -> float:
    bright, width, dipole = 21.2 * EV, 0.06 * EV, 0.4 * ELEMENTARY_CHARGE * BOHR_RADIUS
    pulse = Pulse(
        shape="gaussian",
        wavelength=2.0 * np.pi * HBAR * SPEED_OF_LIGHT / bright,
        fwhm=200e-18,
        energy=1e-9,
    )
    energy = np.linspace(20.6, 21.8, 401) * EV
    levels = Levels(
        energies=np.array([0.0, bright]),
        dipoles=dipole * np.array([[0.0, 1.0], [1.0, 0.0]]),
        widths=np.array([0.0, width]),
    )
    field = driving_field(pulse, peak_intensity=1e12, step=6e-18)
    data = transient_absorption(levels, field, None, delays=[0.0], energies=energy)
    half = 0.5j * width
    poles = 1.0 / (bright - energy - half) + 1.0 / (bright + energy + half)
    exact = energy / HBAR * dipole**2 * poles.imag
    exact /= VACUUM_PERMITTIVITY * SPEED_OF_LIGHT
    return float(np.abs(data["cross_section"].values[0] / exact - 1.0).max())


def _missed_hydrogen() -> float:
    pulse = Pulse(
        shape="gaussian",
        wavelength=2.0 * np.pi * HBAR * SPEED_OF_LIGHT / (20.0 * EV),
        fwhm=100e-18,
        energy=1e-9,
    )
    time = np.arange(-0.5e-15, 20e-15, 24e-18)
    light = driving_field(pulse, peak_intensity=1e12, time=time)
    energy = np.linspace(15.0, 30.0, 601) * EV
    dipole = solve_atom(
        light, "H", n_l=2, radius=80.0, slowest=0.1, radial_step=0.3, time_step=0.1
    )
    data = absorption_of(dipole, light, energies=energy, taper=0.9)
    x = 1.0 / np.sqrt(2.0 * energy / HARTREE - 1.0)
    exact = np.exp(-4.0 * x * np.arctan(1.0 / x)) / (1.0 - np.exp(-2.0 * np.pi * x))
    exact *= 512.0 * np.pi**2 / 3.0 * fine_structure * BOHR_RADIUS**2
    exact *= (0.5 * HARTREE / energy) ** 4
    return float(np.abs(data["cross_section"].values[0] / exact - 1.0).max())


@cache
def _start() -> tuple[Floats, Floats]:
    """Return roots of a trace, and a pulse and a gate somewhere beside it."""
    rng = np.random.default_rng(0)
    t = np.arange(POINTS) - POINTS // 2
    length = POINTS + DELAYS - 1
    gate = np.exp(1j * 4.0 * np.sin(2.0 * np.pi * np.arange(length) / 70.0))
    pulse = np.exp(-((t / 9.0) ** 2) + 0.02j * t**2)
    at = np.arange(DELAYS)[:, None] + np.arange(POINTS)
    sizes = np.abs(np.fft.ifft(pulse * gate[at], axis=1)) * POINTS
    fields = np.zeros((4, length))
    fields[0, :POINTS] = np.abs(pulse)
    turned = gate * np.exp(0.3j * rng.standard_normal(length))
    fields[2], fields[3] = turned.real, turned.imag
    return sizes, fields


def _passes() -> Floats:
    sizes, start = _start()
    fields = start.copy()
    sums, room = np.empty((6, fields.shape[1])), np.empty((5, 2 * POINTS))
    table = tables(POINTS)
    for _ in range(20):
        kernels.least_squares_pass_into(table, sizes, 1, fields, sums, room)
    return fields[:2, :POINTS]


def _by_numpy() -> Callable[[], Floats]:
    """Prepare the same passes over whole arrays with scipy.fft."""
    sizes, start = _start()
    at = np.arange(DELAYS)[:, None] + np.arange(POINTS)
    length = start.shape[1]
    order = np.argsort(at.ravel(), kind="stable")
    edges = np.searchsorted(at.ravel()[order], np.arange(length))

    def run() -> Floats:
        pulse = start[0, :POINTS] + 1j * start[1, :POINTS]
        gate = start[2] + 1j * start[3]
        for _ in range(20):
            met = gate[at]
            spectra = scipy.fft.ifft(pulse * met, axis=1)
            spectra *= sizes / (np.abs(spectra) + 1e-150)
            signal = scipy.fft.fft(spectra, axis=1) / POINTS
            # The pulse's power is everywhere: sums over delays, point by point.
            above = np.add.reduceat((signal * pulse.conj()).ravel()[order], edges)
            power = np.broadcast_to(pulse.real**2 + pulse.imag**2, at.shape)
            below = np.add.reduceat(power.ravel()[order], edges)
            new = np.einsum("ij,ij->j", signal, met.conj())
            new /= np.einsum("ij,ij->j", met, met.conj()).real
            seen = (below > 1e-9 * below.max()) & (np.abs(above) > 0.0)
            gate = np.where(seen, above / (np.abs(above) + 1e-300), gate)
            pulse = new
        return np.array([pulse.real, pulse.imag])

    return run
