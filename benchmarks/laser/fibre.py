"""Light in fibres: right against theory and published numbers, then fast."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from qleap.bench import Accuracy, Peer, Speed
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.laser import (
    Fibre,
    Grid,
    Material,
    Pulse,
    propagate_ensemble,
    propagate_fibre,
)
from qleap.laser.propagation.ensemble import photon_noise
from qleap.laser.propagation.fibre_equation import FibreEquation
from qleap.laser.propagation.integrator import Snapshot, march

from ._fibre_peers import PyNLO, by_gnlse, by_same_method, by_solve_ivp

Density = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Dudley, Genty and Coen, Rev. Mod. Phys. 78, 1135 (2006), section III and figure 3.
PULSE = Pulse(shape="sech", wavelength=835e-9, fwhm=50e-15, peak_power=10e3)
# 12.5 ps, in whole periods of the carrier: PyNLO wants it on its grid of frequencies.
GRID = Grid(n_points=8192, window=4488 * 835e-9 / SPEED_OF_LIGHT, wavelength=835e-9)
FIBRE = Fibre(
    length=0.15,
    wavelength=835e-9,
    gamma=0.11,
    betas=(
        -11.830e-27,
        8.1038e-41,
        -9.5205e-56,
        2.0737e-70,
        -5.3943e-85,
        1.3486e-99,
        -2.5495e-114,
        3.0524e-129,
        -1.7140e-144,
    ),
)
OUR_TOLERANCE, PYNLO_TOLERANCE, GNLSE_TOLERANCE = 5.6e-7, 3.0e-7, 1.1e-6
"""Of the local error, each in its own norm; see `_packages`."""

DUDLEY = "Dudley, Genty and Coen, Rev. Mod. Phys. 78, 1135 (2006), figure 3"


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield laws of nature and published numbers, then speed beside other solvers."""
    length = 0.02 if quick else FIBRE.length
    yield Accuracy(
        name="laser.media.silica_dispersion",
        title="group-velocity dispersion of fused silica at 800 nm",
        unit="s^2/m",
        evidence="analytic",
        reference="36.16 fs^2/mm",
        measure=lambda: Material(name="fused silica").group_velocity_dispersion(800e-9),
        prediction=36.16e-27,
        citation="Malitson, J. Opt. Soc. Am. 55, 1205 (1965)",
    )
    yield Accuracy(
        name="laser.media.silica_zero_dispersion",
        title="distance of silica's zero-dispersion wavelength from 1.2727 um",
        unit="m",
        evidence="analytic",
        reference="Malitson's fit",
        measure=_zero_dispersion_error,
        prediction=0.0,
        citation="Malitson, J. Opt. Soc. Am. 55, 1205 (1965)",
    )
    yield Accuracy(
        name="laser.fibre.soliton",
        title="largest change of a soliton's field over one period, phase included",
        unit="1",
        evidence="analytic",
        reference="sech(t/T0) exp(i z / 2 L_D)",
        measure=_soliton_error,
        prediction=0.0,
        citation="Agrawal, Nonlinear Fiber Optics (5th ed.), eq. (5.2.15)",
    )
    yield Accuracy(
        name="laser.fibre.third_order_soliton",
        title="change of a third-order soliton's field after one period",
        unit="1",
        evidence="analytic",
        reference="its own input",
        measure=_third_order_error,
        prediction=0.0,
        citation="Satsuma and Yajima, Prog. Theor. Phys. Suppl. 55, 284 (1974)",
    )
    yield Accuracy(
        name="laser.fibre.photon_number",
        title=f"change of the photon number in {100 * length:g} cm of supercontinuum",
        unit="1",
        evidence="simulated",
        reference="conserved exactly by the equation",
        measure=partial(_photon_drift, length),
        prediction=0.0,
        citation=f"{DUDLEY}; conservation: Blow and Wood, IEEE JQE 25, 2665 (1989)",
    )
    yield Accuracy(
        name="laser.fibre.default_accuracy",
        title=f"spectral error of the default tolerance after {100 * length:g} cm",
        unit="1",
        evidence="simulated",
        reference="the same with tolerance 1e-10",
        measure=partial(_default_error, length),
        prediction=0.0,
        citation=DUDLEY,
    )
    yield Accuracy(
        name="laser.fibre.soliton_number",
        title="soliton number of the supercontinuum's pulse",
        unit="1",
        evidence="analytic",
        reference="8.6",
        measure=lambda: FIBRE.soliton_order(PULSE.peak_power, PULSE.t0),
        prediction=8.6,
        citation=f"{DUDLEY}, section IV",
    )
    yield Accuracy(
        name="laser.fibre.estimated_error",
        title=f"true over estimated error of the spectrum after {100 * length:g} cm",
        unit="1",
        evidence="simulated",
        reference="1",
        measure=partial(_share_of_estimate, length),
        prediction=1.0,
        citation=DUDLEY,
    )
    yield Accuracy(
        name="laser.fibre.four_wave_mixing",
        title="error of the amplification of a weak side band by four-wave mixing",
        unit="1",
        evidence="analytic",
        reference="(gamma P/g)^2 sinh^2 g z for the idler",
        measure=_four_wave_mixing_error,
        prediction=0.0,
        citation="Agrawal, Nonlinear Fiber Optics (5th ed.), chapter 10",
    )
    # Fission begins after 0.8 cm; before that any good integrator does well.
    yield _race(0.01, 4096 if quick else 8192)
    if not quick:
        yield _long_race(length)
        yield _packages()
        yield _many_shots(8, FIBRE.length)


def _race(length: float, n_points: int) -> Speed:
    """Compare on the first part of the fibre, with tolerances of equal error."""
    fibre = replace(FIBRE, length=length)
    grid = replace(GRID, n_points=n_points, window=n_points * GRID.step)
    envelope = PULSE.envelope_on(grid)
    scipy_peer = Peer(
        name="SciPy solve_ivp",
        distribution="scipy",
        make=lambda: partial(by_solve_ivp, fibre, grid, envelope),
    )
    same_peer = Peer(
        name="SciPy ERK4(3)-IP",
        distribution="scipy",
        make=lambda: partial(by_same_method, fibre, grid, envelope),
    )
    gnlse_peer = Peer(
        name="gnlse",
        distribution="gnlse",
        make=partial(by_gnlse, fibre, grid, envelope),
    )
    return Speed(
        name="laser.fibre.supercontinuum",
        title=f"supercontinuum, {100 * length:g} cm, {n_points} points, threads: 1",
        run=lambda: _spectrum(fibre, grid),
        peers=(scipy_peer, same_peer, gnlse_peer),
        error=_relative_error,
        rtol=1e-4,
        threads=1,
        citation=DUDLEY,
    )


def _pynlo(
    fibre: Fibre,
    task: Callable[[PyNLO], Callable[[], Any]],
    tolerance: float = PyNLO.TOLERANCE,
) -> Peer:
    return Peer(
        name="PyNLO",
        distribution="pynlo",
        make=lambda: task(PyNLO(fibre, GRID, tolerance=tolerance)),
    )


def _long_race(length: float) -> Speed:
    """Compare where fission makes the light sensitive, at 2e-4 in the spectrum."""
    fibre, envelope = replace(FIBRE, length=length), PULSE.envelope_on(GRID)
    same = Peer(
        name="SciPy ERK4(3)-IP",
        distribution="scipy",
        make=lambda: partial(by_same_method, fibre, GRID, envelope),
    )
    return Speed(
        name="laser.fibre.fission",
        title=f"supercontinuum at 2e-4, {100 * length:g} cm, 8192 points, threads: 1",
        run=lambda: _spectrum(fibre, GRID),
        peers=(same,),
        error=_relative_error,
        rtol=5e-4,
        threads=1,
        citation=DUDLEY,
    )


def _packages() -> Speed:
    """Compare with other packages, each as fast as it is at an error of 2e-4.

    The error is that of the spectrum, from a converged one on the same grid; every
    tolerance is the loosest of two digits with which it is kept. The fibre is one in
    which fission is over, and the slowest package takes seconds instead of minutes.
    """
    fibre, envelope = replace(FIBRE, length=0.04), PULSE.envelope_on(GRID)

    @cache
    def converged() -> Density:
        return _spectrum(fibre, tolerance=1e-10)

    def error(ours: Density, theirs: Density) -> float:
        return max(_relative_error(found, converged()) for found in (ours, theirs))

    pynlo = _pynlo(fibre, lambda peer: partial(peer.density, envelope), PYNLO_TOLERANCE)
    gnlse = Peer(
        name="gnlse",
        distribution="gnlse",
        make=partial(by_gnlse, fibre, GRID, envelope, GNLSE_TOLERANCE),
    )
    return Speed(
        name="laser.fibre.packages",
        title="supercontinuum, each at 2e-4, 4 cm, 8192 points, threads: 1",
        run=lambda: _spectrum(fibre, tolerance=OUR_TOLERANCE),
        peers=(pynlo, gnlse),
        error=error,
        rtol=2e-4,
        threads=1,
        citation=DUDLEY,
    )


def _many_shots(n_shots: int, length: float) -> Speed:
    """Compare shots with noise, two threads against a loop."""
    fibre = replace(FIBRE, length=length)

    def entering() -> list[Complex]:
        streams = np.random.default_rng(0).spawn(n_shots)
        clean = PULSE.envelope_on(GRID)
        return [clean + np.fft.fft(photon_noise(GRID, rng)) for rng in streams]

    def ours() -> Density:
        data = propagate_ensemble(
            PULSE, fibre, n_shots=n_shots, grid=GRID, workers=2, estimate_error=False
        )
        return np.asarray(data["spectrum"].values[-1])

    def looped(solve: Callable[[Complex], Density]) -> Callable[[], Density]:
        shots = entering()
        return lambda: np.mean([solve(shot) for shot in shots], axis=0)

    same = Peer(
        name="SciPy ERK4(3)-IP",
        distribution="scipy",
        make=lambda: looped(partial(by_same_method, fibre, GRID)),
    )
    return Speed(
        name="laser.fibre.ensemble",
        title=f"{n_shots} shots with noise, {100 * length:g} cm, threads: 2",
        run=ours,
        peers=(same, _pynlo(fibre, lambda peer: looped(peer.density))),
        error=_relative_error,
        rtol=5e-4,
        threads=2,
        citation=DUDLEY,
    )


def _spectrum(fibre: Fibre, grid: Grid = GRID, **options: Any) -> Density:
    settings = {"n_positions": 2, "estimate_error": False, **options}
    data = propagate_fibre(PULSE, fibre, grid=grid, **settings)
    return np.asarray(data["spectrum"].values[-1])


def _relative_error(ours: Density, theirs: Density) -> float:
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


def _zero_dispersion_error() -> float:
    silica = Material(name="fused silica")
    found = brentq(silica.group_velocity_dispersion, 1.1e-6, 1.5e-6)
    return abs(float(found) - 1.2727e-6)


def _soliton(order: int) -> tuple[Pulse, Fibre, Grid]:
    """Return a soliton and one period of fibre, T0 = 100 fs, beta2 = -20 ps^2/km."""
    t0, beta2, gamma = 100e-15, -20e-27, 2e-3
    fwhm = 2.0 * math.acosh(math.sqrt(2.0)) * t0
    power = order**2 * abs(beta2) / (gamma * t0**2)
    fibre = Fibre(
        length=0.5 * math.pi * t0**2 / abs(beta2),
        wavelength=1550e-9,
        betas=(beta2,),
        gamma=gamma,
        raman=None,
        self_steepening=False,
    )
    grid = Grid(n_points=1024, window=6e-12, wavelength=1550e-9)
    return Pulse(wavelength=1550e-9, fwhm=fwhm, peak_power=power), fibre, grid


def _soliton_error() -> float:
    pulse, fibre, grid = _soliton(1)
    data = propagate_fibre(pulse, fibre, grid=grid, n_positions=2)
    turned = pulse.envelope_on(grid) * np.exp(0.25j * math.pi)
    away = np.abs(data["envelope"].values[-1] - turned).max()
    return float(away / math.sqrt(pulse.peak_power))


def _third_order_error() -> float:
    pulse, fibre, grid = _soliton(3)
    data = propagate_fibre(pulse, fibre, grid=grid, n_positions=2)
    field = np.abs(data["envelope"].values)
    return float(np.abs(field[-1] - field[0]).max() / math.sqrt(pulse.peak_power))


def _photon_drift(length: float) -> float:
    fibre = replace(FIBRE, length=length)
    data = propagate_fibre(PULSE, fibre, grid=GRID, n_positions=2)
    photons = data["photon_number"].values
    return abs(float(photons[-1] / photons[0]) - 1.0)


def _default_error(length: float) -> float:
    fibre = replace(FIBRE, length=length)
    return _relative_error(_spectrum(fibre), _spectrum(fibre, tolerance=1e-10))


def _share_of_estimate(length: float) -> float:
    fibre = replace(FIBRE, length=length)
    data = propagate_fibre(PULSE, fibre, grid=GRID, n_positions=2)
    exact = _spectrum(fibre, tolerance=1e-10)
    away = _relative_error(data["spectrum"].values[-1], exact)
    return away / float(data["estimated_error"].values[-1])


def _four_wave_mixing_error() -> float:
    """Return the relative error of an idler that grows 300 times its seed."""
    _, fibre, grid = _soliton(1)
    power, length, number = 50.0, 20.0, 4
    amplitudes = np.zeros(grid.n_points, np.complex128)
    amplitudes[0], amplitudes[number] = math.sqrt(power), 1e-5
    start = Snapshot(position=0.0, amplitudes=amplitudes, step=1e-3)
    *_, end = march(start, FibreEquation(fibre, grid), [length], tolerance=1e-9)
    total = fibre.gamma * power
    mismatch = fibre.betas[0] * grid.detuning[number] ** 2 + 2.0 * total
    gain = math.sqrt(total**2 - mismatch**2 / 4.0)
    expected = (total / gain * math.sinh(gain * length)) ** 2
    found = float(np.abs(end.amplitudes[-number]) ** 2) / 1e-10
    return abs(found / expected - 1.0)
