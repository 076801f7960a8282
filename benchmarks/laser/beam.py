"""Beams: focusing, collapse, filaments and budgets, then a right-hand side's time."""

import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from qleap.bench import Accuracy, Peer, Speed
from qleap.core.constants import (
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.results import parameters
from qleap.laser import (
    Beam,
    FieldGrid,
    Grid,
    Material,
    Pulse,
    critical_power,
    propagate_beam,
    self_focusing_distance,
)
from qleap.laser.ionisation import rate_table
from qleap.laser.propagation.beam_equation import BeamEquation
from qleap.laser.propagation.effects import Effects
from qleap.laser.propagation.hankel import HankelTransform
from qleap.laser.propagation.team import Team

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

WAVELENGTH = 800e-9
OMEGA0 = 2.0 * np.pi * SPEED_OF_LIGHT / WAVELENGTH
MARBURGER = (
    "Marburger, Prog. Quantum Electron. 4, 35 (1975), as quoted by Couairon and "
    "Mysyrowicz, Phys. Rep. 441, 47 (2007)"
)
HEYL = "Heyl et al., Optica 3, 75 (2016), arXiv:1509.01369"

POINTS, RADII = 2**12, 128
SLOPES = 4
"""Right-hand sides of one step."""

EDGE, WAIST, INTENSITY = 1e-3, 2.5e-4, 8e17
ROUNDS = 40


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield laws of optics and self-focusing, a filament, and speed beside NumPy."""
    yield Accuracy(
        name="laser.beam.focus",
        title="largest relative error of the spectrum in the focus of a perfect lens",
        unit="1",
        evidence="analytic",
        reference="Gaussian optics of each colour",
        measure=_focus_error,
        prediction=0.0,
        citation="Siegman, Lasers (1986), chapter 20",
    )
    yield Accuracy(
        name="laser.beam.collapse",
        title="relative difference of a collapse at four critical powers from theory",
        unit="1",
        evidence="simulated",
        reference="0.367 z_R / sqrt((sqrt(P/Pc) - 0.852)^2 - 0.0219)",
        measure=_collapse_error,
        prediction=0.05,
        citation=MARBURGER,
    )
    yield Accuracy(
        name="laser.beam.scaling",
        title="largest relative difference of two filaments that scaling makes alike",
        unit="1",
        evidence="analytic",
        reference="twice as wide, four times as long and strong, in a quarter of gas",
        measure=_scaling_error,
        prediction=0.0,
        citation=HEYL,
    )
    if not quick:
        yield Accuracy(
            name="laser.beam.clamping",
            title="relative difference of the intensities of two pressures of argon",
            unit="1",
            evidence="simulated",
            reference="the same clamped intensity in 0.5 and 1 bar of argon",
            measure=_clamping_difference,
            prediction=0.0,
            citation="Bernhardt et al., Appl. Phys. B 91, 45 (2008)",
        )
        yield Accuracy(
            name="laser.beam.default_accuracy",
            title="largest relative error of a default call's spectrum, norm",
            unit="1",
            evidence="simulated",
            reference="twice the band and the window, one and a half times the radii",
            measure=_default_error,
            prediction=0.0,
        )
    yield Accuracy(
        name="laser.beam.two_threads",
        title=f"speed-up of a right-hand side of {POINTS} times {RADII} by two threads",
        unit="1",
        evidence="simulated",
        reference="one thread",
        measure=_speed_up,
        alone=True,
        prediction=2.0,
    )
    yield Speed(
        name="laser.beam.right_hand_side",
        title=f"{SLOPES} slopes, {POINTS} samples at {RADII} radii, plasma, threads: 2",
        run=lambda: _in_a_row(lambda: _ours(2)),
        peers=(Peer(name="NumPy and pyhank", distribution="pyhank", make=_peer),),
        error=_relative_error,
        rtol=1e-4,
        threads=2,
    )


def _focus_error() -> float:
    radius, focal = 400e-6, 0.1
    pulse = Pulse(shape="gaussian", wavelength=WAVELENGTH, fwhm=8e-15, energy=1e-9)
    data = propagate_beam(
        pulse,
        None,
        Beam(radius=radius, focal_length=focal),
        length=focal,
        transverse=(1.8e-3, 160),
        n_positions=2,
        soft_edge=False,
    )
    omega = 2.0 * np.pi * data["frequency"].values
    before, after = data["axis_spectrum"].values
    lit = before > 1e-4 * before.max()
    gain = (omega[lit] / SPEED_OF_LIGHT * radius**2 / (2.0 * focal)) ** 2
    return float(np.abs(after[lit] / before[lit] / gain - 1.0).max())


def _collapse_error() -> float:
    gas, radius, ratio = _argon(1e5), 1e-3, 4.0
    critical = critical_power(gas, WAVELENGTH)
    wavenumber = OMEGA0 / SPEED_OF_LIGHT * float(gas.index(OMEGA0))
    end = self_focusing_distance(ratio * critical, critical, radius, wavenumber)
    pulse = Pulse(
        shape="gaussian",
        wavelength=WAVELENGTH,
        fwhm=2e-12,
        peak_power=ratio * critical,
    )
    data = propagate_beam(
        pulse,
        gas,
        radius,
        length=0.93 * end,
        grid=Grid(n_points=128, window=12e-12, wavelength=WAVELENGTH),
        transverse=(4e-3, 128),
        tolerance=1e-5,
        n_positions=33,
    )
    # Near the collapse one over the intensity falls to zero on a nearly straight line.
    rise = data["axis_intensity"].values / data["axis_intensity"].values[0]
    places = data["position"].values / end
    tenfold, twentyfold = np.interp(np.log([10.0, 20.0]), np.log(rise), places)
    return float(abs(2.0 * twentyfold - tenfold - 1.0))


@cache
def _argon(pressure: float) -> Material:
    return Material(name="argon", pressure=pressure, temperature=293.0)


def _scaling_error() -> float:
    return float(np.abs(_short_filament(2.0) / _short_filament(1.0) - 1.0).max())


def _short_filament(scale: float) -> Floats:
    """Return the intensity on the axis and the share of ionised atoms on the way."""
    gas = _argon(1e5 / scale**2)
    data = propagate_beam(
        _few_cycles(scale),
        gas,
        Beam(radius=200e-6 * scale, focal_length=0.05 * scale**2),
        length=0.06 * scale**2,
        plasma="ppt",
        grid=_field_grid(1024),
        transverse=(9e-4 * scale, 64),
        tolerance=1e-5,
        n_positions=7,
    )
    fraction = data["axis_electron_density"].values / gas.number_density
    return np.concatenate([data["axis_intensity"].values, fraction[3:6]])


def _default_error() -> float:
    """Return how far the spectrum is from that of a run with more of everything."""
    given: dict[str, Any] = {
        "pulse": _few_cycles(1.0),
        "medium": _argon(1e5),
        "beam": Beam(radius=200e-6, focal_length=0.05),
        "length": 0.06,
        "plasma": "ppt",
        "n_positions": 2,
    }
    found = propagate_beam(**given)
    used = parameters(found)
    grid, edge, radii = used["grid"], used["edge"], used["n_points"]
    low, high = grid["band"]
    wider = FieldGrid(
        n_points=4 * grid["n_points"],
        window=2.0 * grid["window"],
        wavelength=WAVELENGTH,
        band=(low, 2.0 * high),
    )
    better = propagate_beam(
        **given, grid=wider, transverse=(edge, 3 * radii // 2), tolerance=1e-8
    )
    spectrum = found["spectrum"].values[-1]
    # Every second frequency of the longer window is one of the shorter.
    reference = better["spectrum"].values[-1][: 2 * spectrum.size : 2]
    return float(np.linalg.norm(spectrum - reference) / np.linalg.norm(reference))


def _few_cycles(scale: float) -> Pulse:
    return Pulse(
        shape="gaussian",
        wavelength=WAVELENGTH,
        fwhm=10e-15,
        energy=120e-6 * scale**2,
    )


def _clamping_difference() -> float:
    low, high = (_clamped(pressure) for pressure in (0.5e5, 1e5))
    return abs(low / high - 1.0)


def _clamped(pressure: float) -> float:
    """Return the largest intensity (W/m^2) of 0.8 mJ in 30 fs, focused over 0.5 m."""
    pulse = Pulse(shape="gaussian", wavelength=WAVELENGTH, fwhm=30e-15, energy=0.8e-3)
    data = propagate_beam(
        pulse,
        _argon(pressure),
        Beam(radius=1e-3, focal_length=0.5),
        length=0.55,
        plasma="ppt",
        grid=_field_grid(POINTS),
        transverse=(4e-3, 208),
        tolerance=3e-5,
        n_positions=56,
    )
    return float(data["peak_intensity"].max())


def _field_grid(points: int) -> FieldGrid:
    return FieldGrid(
        n_points=points,
        window=points * 0.5 * np.pi / (5.0 * OMEGA0),
        wavelength=WAVELENGTH,
        band=(0.25 * OMEGA0, 4.9 * OMEGA0),
    )


@cache
def _equation(threads: int) -> BeamEquation:
    rates = rate_table("Ar", "ppt", wavelength=WAVELENGTH, thresholds=False)
    return BeamEquation(
        _argon(1e5),
        HankelTransform.on(EDGE, RADII),
        _field_grid(POINTS),
        Effects(rates=rates),
        team=Team(threads),
    )


@cache
def _light() -> Complex:
    """Return waves of a 30 fs pulse that ionises argon on the axis."""
    equation, grid = _equation(1), _field_grid(POINTS)
    radius = equation.space.section.radius
    shape = np.exp(-2.0 * np.log(2.0) * (grid.time / 30e-15) ** 2)
    over_time = np.fft.ifft(shape * np.exp(-1j * OMEGA0 * grid.time))
    over_time = over_time[: grid.n_frequencies] * (grid.pass_band > 0.0)
    across = np.sqrt(INTENSITY) * np.exp(-((radius / WAIST) ** 2))
    waves = np.empty((RADII, grid.n_frequencies), np.complex128)
    equation.space.section.to_waves_into(np.outer(across, over_time), waves)
    return waves


def _ours(threads: int) -> Complex:
    waves = _light()
    out = np.empty_like(waves)
    _equation(threads).nonlinear_into(0.0, waves, out)
    return out


def _in_a_row(work: Callable[[], Complex]) -> Complex:
    """Call ``work`` as often as a step of a propagation does."""
    for _ in range(SLOPES - 1):
        work()
    return work()


def _peer() -> Callable[[], Complex]:
    return partial(_in_a_row, _by_numpy())


def _speed_up() -> float:
    times = {1: np.inf, 2: np.inf}
    for _ in range(ROUNDS):
        for threads in times:
            start = time.perf_counter()
            _ours(threads)
            times[threads] = min(times[threads], time.perf_counter() - start)
    return times[1] / times[2]


def _transform() -> Any:
    import pyhank

    return pyhank.HankelTransform(0, EDGE, RADII)


def _relative_error(ours: Complex, theirs: Complex) -> float:
    """Return the norm of the difference of both changes at the radii."""
    field = _equation(1).at_points(0.0, ours)
    other = np.conj(_transform().iqdht(theirs)) * (2.0 / POINTS)
    return float(np.linalg.norm(field - other) / np.linalg.norm(other))


def _by_numpy() -> Callable[[], Complex]:
    """Prepare the same in array operations, of real fields and real transforms."""
    grid, gas, hankel = _field_grid(POINTS), _argon(1e5), _transform()
    kept, step = grid.n_frequencies, grid.step
    table = rate_table("Ar", "ppt", wavelength=WAVELENGTH, thresholds=False)
    strength = np.geomspace(table.lowest_field, 1e11, 4096)
    spline = CubicSpline(strength, np.log(table(strength)))
    energy, density = table.atom.ionisation_energy, gas.number_density
    push = ELEMENTARY_CHARGE**2 / ELECTRON_MASS * density
    omega = grid.omega
    wavenumber = omega / SPEED_OF_LIGHT * gas.index(omega, outside="extend")
    along = wavenumber**2 - hankel.kr[:, None] ** 2
    driven = along > (0.1 * wavenumber) ** 2
    along = np.sqrt(np.where(driven, along, 1.0))
    scale = driven * omega / (2.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT**2) / along
    band = grid.pass_band
    place = np.arange(POINTS) / POINTS
    fade = np.clip(16.0 * np.minimum(place, 1.0 - place), 0.0, 1.0)
    fade = np.sin(0.5 * np.pi * fade) ** 2
    radius = _equation(1).space.section.radius
    light = _equation(1).at_points(0.0, _light())
    assert np.allclose(radius, hankel.r, rtol=1e-9)
    start = hankel.qdht(np.ascontiguousarray(0.5 * POINTS * np.conj(light)))

    def integral(values: Floats) -> Floats:
        out = np.zeros_like(values)
        np.cumsum(0.5 * step * (values[:, 1:] + values[:, :-1]), axis=1, out=out[:, 1:])
        end = step / 12.0 * np.gradient(values, axis=1)
        return np.asarray(out - end + end[:, :1])

    def current_of(field: Floats) -> Floats:
        size = np.abs(field)
        seen = size >= table.lowest_field
        rate = np.zeros_like(field)
        rate[seen] = np.exp(spline(size[seen]))
        fraction = -np.expm1(-np.maximum(integral(rate), 0.0))
        current = integral(push * fraction * field)
        paid = energy * density * rate[seen] * (1.0 - fraction[seen])
        current[seen] += paid / field[seen]
        return current * fade

    def run() -> Complex:
        field = np.fft.irfft(hankel.iqdht(start), POINTS, axis=1)
        cube = VACUUM_PERMITTIVITY * gas.chi3 * field * field * field
        sources = -1j * omega * np.fft.rfft(cube, axis=1)[:, :kept]
        sources -= np.fft.rfft(current_of(field), axis=1)[:, :kept]
        return np.asarray(scale * hankel.qdht(sources * band))

    return run
