"""Published experiments again: what was measured, or what other programs find."""

import warnings
from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import brentq

from qleap.bench import Accuracy
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import QleapWarning
from qleap.laser import (
    Capillary,
    Pulse,
    analytic_signal,
    band_energy,
    light_at,
    propagate_capillary,
    propagate_fibre,
)
from qleap.laser.pulses import compress_by_polynomial, fwhm, transform_limited

from .fibre import DUDLEY, FIBRE, GRID, PULSE

Floats = NDArray[np.float64]
Settings = tuple[tuple[float, float], ...]

TRAVERS = "Travers et al., Nat. Photon. 13, 547 (2019), arXiv:1811.05877"
HISOL = f"{TRAVERS}; HiSol.jl, README.md (commit 32c4020), which designs its guide"
LUNA = "Luna.jl, examples/simple_interface (commit 8e73524)"

GNLSE_SHARES = (
    0.079966, 0.095170, 0.101778, 0.042267, 0.341730, 0.035717, 0.011167, 0.289863,
)  # fmt: skip
"""Shares of the energy in 450 to 550 nm, 550 to 650 nm, ... 1150 to 1250 nm of the
supercontinuum of gnlse 2.0.0, with our Raman response and its tolerance at 3e-7."""

HISOL_PRESSURE, HISOL_ORDER = 0.7253185622214363e5, 2.5016708999581865
"""Pa and soliton number of 200 uJ in 10 fs (sech) for a dispersive wave at 160 nm."""

SCAN = (
    (0.5e5, 300e-6), (0.72532e5, 200e-6), (1.0e5, 170e-6), (1.5e5, 130e-6),
    (2.5e5, 90e-6), (4.0e5, 60e-6),
)  # fmt: skip
"""Pressures of helium (Pa) and energies (J) of our choice, by which the dispersive
wave is tuned. The energies keep the soliton number between 2.5 and 4.2."""


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield the supercontinuum, three compressors, and solitons in hollow guides."""
    yield _deviation(
        "dudley_fission",
        "relative distance of the highest peak from the fission length",
        "L_D / N = 0.79 cm",
        _fission_deviation,
        DUDLEY,
        evidence="analytic",
    )
    yield _deviation(
        "dudley_gnlse",
        "largest difference of the energy's shares in eight bands",
        "gnlse 2.0.0 on the same grid, recorded",
        _gnlse_deviation,
        f"{DUDLEY}; gnlse 2.0.0",
    )
    yield _deviation(
        "helium_compressor",
        "relative deviation of the pulse after 1.5 m of helium and a GDD",
        "7.5 fs (Luna.jl, four modes)",
        partial(_helium_deviation, 2 if quick else 3),
        f"{LUNA}/2stage_compressor_RDWemission.jl",
    )
    yield _deviation(
        "helium_gradient",
        "relative deviation of the pulse after 2.5 m of helium from vacuum",
        "3.5 fs, by a split-step program of the laboratory",
        _gradient_deviation,
        "S. Haessler, Nonlinear-propagation (README.md, nonlinearpropagation.m)",
    )
    yield _deviation(
        "neon_compressor",
        "relative deviation of the transform limit after 1.1 m of neon",
        "9 fs, from the measured spectrum",
        _neon_deviation,
        "Weber, Hampel, Grossek, Schultze and Ossiander, "
        "streched_hollow_core_fiber_pulse_compressor, Readme.md",
        evidence="recorded-lab-data",
    )
    yield _deviation(
        "soliton_order",
        "relative deviation of the soliton number in helium",
        "2.5017 (HiSol.jl)",
        _order_deviation,
        HISOL,
    )
    yield _deviation(
        "phase_matching",
        "relative deviation of the phase-matched wavelength in helium",
        "160 nm (HiSol.jl)",
        lambda: abs(phase_matched(_guide(HISOL_PRESSURE)) / 160e-9 - 1.0),
        HISOL,
    )
    yield Accuracy(
        name="laser.experiments.self_compression",
        title="shortest self-compressed pulse in helium",
        unit="fs",
        evidence="simulated",
        reference="measured: sub-cycle (2.67 fs at 800 nm)",
        measure=_shortest,
        prediction=2.67,
        citation=TRAVERS,
    )
    yield Accuracy(
        name="laser.experiments.tuning",
        title="share of dispersive waves at 110 to 400 nm with at least 1 uJ",
        unit="1",
        evidence="simulated",
        reference="all: measured with 1 to 16 uJ",
        measure=partial(_tuning, SCAN[1::2] if quick else SCAN),
        prediction=1.0,
        citation=TRAVERS,
    )
    yield _deviation(
        "recoil",
        "largest relative distance of dispersive waves from phase matching",
        "that of the soliton's own speed and power",
        partial(_recoil_deviation, SCAN[1:4:2] if quick else SCAN[1:5]),
        "Akhmediev and Karlsson, Phys. Rev. A 51, 2602 (1995), as quoted by Travers",
        evidence="analytic",
    )
    yield _deviation(
        "argon",
        "relative distance of the dispersive wave in argon from 245 nm",
        "220 to 270 nm (Luna.jl)",
        partial(
            _band_deviation, "argon", 3.0, 80e2, 10e-15, 60e-6, (150e-9, 4e-6), 245e-9
        ),
        f"{LUNA}/RDWemission_DUV.jl",
    )
    yield _deviation(
        "vacuum_ultraviolet",
        "relative distance of the dispersive wave in a gradient from 120 nm",
        "100 to 140 nm (Luna.jl)",
        partial(
            _band_deviation,
            "helium", 1.5, (0.8e5, 0.0), 7.5e-15, 275e-6, (80e-9, 4e-6), 120e-9,
        ),
        f"{LUNA}/RDWemission_VUV_gradient.jl",
    )  # fmt: skip


def _deviation(
    name: str,
    title: str,
    reference: str,
    measure: Callable[[], float],
    citation: str,
    evidence: str = "simulated",
) -> Accuracy:
    return Accuracy(
        name=f"laser.experiments.{name}",
        title=title,
        unit="1",
        evidence=evidence,  # type: ignore[arg-type]
        reference=reference,
        measure=measure,
        prediction=0.0,
        citation=citation,
    )


@cache
def _supercontinuum() -> xr.Dataset:
    return propagate_fibre(
        PULSE, FIBRE, grid=GRID, n_positions=301, tolerance=1e-6, estimate_error=False
    )


def _fission_deviation() -> float:
    data = _supercontinuum()
    peak = (np.abs(data["envelope"].values) ** 2).max(axis=1)
    place = float(data["position"][int(np.argmax(peak))])
    order = FIBRE.soliton_order(PULSE.peak_power, PULSE.t0)
    length = PULSE.t0**2 / abs(FIBRE.betas[0]) / order
    return abs(place / length - 1.0)


def _gnlse_deviation() -> float:
    data = _supercontinuum()
    density = data["spectrum"].values[-1]
    wavelength = SPEED_OF_LIGHT / data["frequency"].values
    edges = 450e-9 + 100e-9 * np.arange(len(GNLSE_SHARES) + 1)
    found, _ = np.histogram(wavelength, edges, weights=density / density.sum())
    return float(np.abs(found - GNLSE_SHARES).max())


def _helium_deviation(modes: int) -> float:
    """Return the deviation for a compressor of GDD alone: mirrors and wedges."""
    guide = Capillary(
        core_radius=225e-6,
        length=1.5,
        gas="helium",
        pressure=4e5,
        fit="ermolov-2015",
    )
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=35e-15, energy=1e-3)
    data = propagate_capillary(pulse, guide, modes=modes, tolerance=1e-5, n_positions=2)
    out = light_at(data, guide.length, wavelength=800e-9)
    return abs(compress_by_polynomial(out, 2).fwhm / 7.5e-15 - 1.0)


def _gradient_deviation() -> float:
    """Return the deviation where circular light has two thirds of the Kerr effect."""
    guide = Capillary(
        core_radius=268e-6,
        length=2.5,
        gas="helium",
        pressure=(0.0, 1.3e5),
        fit="ermolov-2015",
    )
    pulse = Pulse(
        shape="gaussian", wavelength=800e-9, fwhm=25e-15, energy=6.5e-3 * 2.0 / 3.0
    )
    data = propagate_capillary(pulse, guide, tolerance=1e-5, n_positions=2)
    out = light_at(data, guide.length, wavelength=740e-9)
    return abs(compress_by_polynomial(out, 3).fwhm / 3.5e-15 - 1.0)


def _neon_deviation() -> float:
    """Return the deviation at 25 bar, the most that the vessel holds.

    The pressure of the 9 fs is in a figure that is not at hand: this is the least
    deviation that is possible.
    """
    guide = Capillary(core_radius=125e-6, length=1.1, gas="neon", pressure=25e5)
    pulse = Pulse(shape="gaussian", wavelength=1030e-9, fwhm=150e-15, energy=5.5 / 6e3)
    data = propagate_capillary(pulse, guide, tolerance=1e-5, n_positions=2)
    limit = transform_limited(light_at(data, guide.length, wavelength=1030e-9))
    time = np.linspace(-100e-15, 100e-15, 4001)
    return abs(fwhm(time, np.abs(limit.envelope(time)) ** 2) / 9e-15 - 1.0)


def _guide(pressure: float) -> Capillary:
    """Return the guide of Travers et al., with a fit that reaches 90 nm."""
    return Capillary(
        core_radius=125e-6,
        length=3.0,
        gas="helium",
        pressure=pressure,
        model="reduced",
        fit="ermolov-2015",
    )


def phase_matched(
    guide: Capillary, delay: float = 0.0, wave_number: float = 0.0
) -> float:
    """Return the wavelength that a soliton at 800 nm is in phase with, m.

    ``delay`` (s/m) and ``wave_number`` (1/m) are what it has beyond weak light.
    """
    omega0 = 2.0 * np.pi * SPEED_OF_LIGHT / 800e-9
    slow = 1.0 / SPEED_OF_LIGHT + guide.delay_beyond_vacuum(800e-9) + delay
    own = float(guide.propagation_constant(omega0)) + wave_number

    def mismatch(wavelength: float) -> float:
        omega = 2.0 * np.pi * SPEED_OF_LIGHT / wavelength
        return float(guide.propagation_constant(omega)) - own - slow * (omega - omega0)

    zero = guide.zero_dispersion(120e-9, 790e-9)
    return float(brentq(mismatch, 95e-9, 0.98 * zero))


def _order_deviation() -> float:
    guide = _guide(HISOL_PRESSURE)
    pulse = Pulse(shape="sech", wavelength=800e-9, fwhm=10e-15, energy=200e-6)
    strength = guide.nonlinear_coefficient(800e-9) * pulse.peak_power
    beta2 = abs(guide.group_velocity_dispersion(800e-9))
    return float(abs(np.sqrt(strength * pulse.t0**2 / beta2) / HISOL_ORDER - 1.0))


@cache
def _soliton(pressure: float, energy: float) -> xr.Dataset:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=10e-15, energy=energy)
    return _within_band(pulse, _guide(pressure), (80e-9, 3e-6), 121)


def _within_band(
    pulse: Pulse, guide: Capillary, wavelengths: tuple[float, float], n_positions: int
) -> xr.Dataset:
    """Return the light, without being told of harmonics beyond the band.

    Waves move by less than 1e-3 with a band from 60 nm to 6 um.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "light reached the edge", QleapWarning)
        return propagate_capillary(
            pulse,
            guide,
            tolerance=1e-5,
            n_positions=n_positions,
            wavelengths=wavelengths,
        )


def _powers(data: xr.Dataset) -> Floats:
    places = data["position"].values
    return np.abs([analytic_signal(data, z) for z in places]) ** 2


def _shortest() -> float:
    data = _soliton(*SCAN[1])
    time = data["time"].values
    return 1e15 * min(fwhm(time, power) for power in _powers(data)[::3])


def strongest_wavelength(data: xr.Dataset, longest: float) -> float:
    """Return where the last spectrum per wavelength is highest below ``longest``."""
    frequency = data["frequency"].values[1:]
    wavelength = SPEED_OF_LIGHT / frequency
    density = data["spectrum"].values[-1][1:] * frequency**2
    inside = (wavelength > 90e-9) & (wavelength < longest)
    return float(wavelength[np.argmax(np.where(inside, density, 0.0))])


def _tuning(scan: Settings) -> float:
    """Return the share; the wave is what lies within 20 % of its highest point."""
    right = 0
    for pressure, energy in scan:
        data = _soliton(pressure, energy)
        zero = _guide(pressure).zero_dispersion(120e-9, 790e-9)
        wave = strongest_wavelength(data, 0.8 * zero)
        held = band_energy(data, (0.8 * wave, 1.2 * wave))[-1]
        right += 110e-9 < wave < 400e-9 and held >= 1e-6
    return right / len(scan)


def _recoil_deviation(scan: Settings) -> float:
    """Return the largest deviation, the soliton's speed being that of its peak.

    It is taken about the place where the peak is highest.
    """
    worst = 0.0
    for pressure, energy in scan:
        data, guide = _soliton(pressure, energy), _guide(pressure)
        powers, places = _powers(data), data["position"].values
        best = int(powers.max(axis=1).argmax())
        near = slice(max(best - 4, 0), best + 5)
        arrival = data["time"].values[powers.argmax(axis=1)]
        delay = float(np.polyfit(places[near], arrival[near], 1)[0])
        strength = guide.nonlinear_coefficient(800e-9) * powers.max()
        expected = phase_matched(guide, delay, 0.5 * strength)
        zero = guide.zero_dispersion(120e-9, 790e-9)
        found = strongest_wavelength(data, 0.75 * zero)
        worst = max(worst, abs(found / expected - 1.0))
    return worst


def _band_deviation(
    gas: str,
    length: float,
    pressure: float | tuple[float, float],
    duration: float,
    energy: float,
    wavelengths: tuple[float, float],
    middle: float,
) -> float:
    guide = Capillary(
        core_radius=125e-6,
        length=length,
        gas=gas,
        pressure=pressure,
        fit="ermolov-2015" if gas == "helium" else None,
    )
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=duration, energy=energy)
    data = _within_band(pulse, guide, wavelengths, 2)
    return abs(strongest_wavelength(data, 1.5 * middle) / middle - 1.0)
