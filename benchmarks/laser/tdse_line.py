"""An atom on a line: against exact laws, and beside a split operator at one error."""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from qleap.bench import Accuracy, Peer, Speed
from qleap.core import results
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    HARTREE,
    SPEED_OF_LIGHT,
)
from qleap.laser import DrivingField
from qleap.laser.tdse import SoftCore, line_states, solve_line
from qleap.laser.tdse.bound_states import states_on
from qleap.laser.tdse.line_grid import Line
from qleap.laser.tdse.line_steps import Atomic, CompactSteps, Impulses, SpectralSteps

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

HYDROGEN = SoftCore(softening=np.sqrt(2.0))
LINE = Line(16384, 0.1)
OMEGA, STRENGTH = 0.057, 0.06  # 800 nm, 1.3e14 W/cm^2
CYCLE = 2.0 * np.pi / OMEGA

OURS, THEIRS = 192, 320
"""Steps of half a cycle with about the same error, 4e-4 of the wave function."""

WIDTH_AT = 0.07
WIDTH = 0.014408604326
"""Static field, and the width of hydrogen's level in it by complex scaling."""


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield levels, rates, gauges and defaults, then time at the same error."""
    yield Accuracy(
        name="laser.tdse_line.level",
        title="error of hydrogen's level on a line, hartree",
        unit="1",
        evidence="analytic",
        reference="-1/2",
        measure=_level_error,
        prediction=2.1e-8,
    )
    yield Accuracy(
        name="laser.tdse_line.rate",
        title="relative error of the rate at which a static field frees electrons",
        unit="1",
        evidence="simulated",
        reference="complex scaling of the level",
        measure=_rate_error,
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.tdse_line.gauges",
        title="difference of the ground state's population in both gauges",
        unit="1",
        evidence="analytic",
        reference="each other",
        measure=_gauge_difference,
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.tdse_line.default_accuracy",
        title="relative error of the acceleration with spacing and step by default",
        unit="1",
        evidence="simulated",
        reference="half the spacing and a quarter of the step",
        measure=_default_error,
        prediction=2e-6,
    )
    yield Accuracy(
        name="laser.tdse_line.equal_error",
        title="error of the wave function of our steps over that of the peer's",
        unit="1",
        evidence="simulated",
        reference="a factorisation of fourth order, converged",
        measure=_error_ratio,
        prediction=0.82,
    )
    halves = 2 if quick else 8
    yield Speed(
        name="laser.tdse_line.cycle",
        title=f"{halves} half cycles, {LINE.n_points} points, at the same error",
        run=lambda: _ours(CompactSteps, OURS, halves),
        peers=(
            Peer(
                name="NumPy and SciPy",
                distribution="scipy",
                make=lambda: partial(_split_operator, THEIRS, halves),
            ),
        ),
        error=_apart,
        rtol=2e-2,
    )


def _apart(ours: Complex, theirs: Complex) -> float:
    """Return the distance of two wave functions whatever their phase."""
    overlap = LINE.spacing * np.vdot(ours, theirs)
    return float(np.sqrt(max(0.0, 2.0 - 2.0 * float(abs(overlap)))))


def _field(time: NDArray[Any]) -> Floats:
    return np.asarray(STRENGTH * np.sin(OMEGA * time))


@cache
def _atom() -> Atomic:
    values = HYDROGEN.values_au(LINE.x)
    return Atomic(
        line=LINE,
        values=values,
        gradient=HYDROGEN.gradient_au(LINE.x),
        loss=np.zeros(LINE.n_points),
        state=states_on(LINE, values, 1)[1][0],
        inside=np.ones(LINE.n_points),
    )


def _ours(
    kind: type[CompactSteps] | type[SpectralSteps], count: int, halves: int = 1
) -> Complex:
    time = np.linspace(0.0, halves * CYCLE / 2.0, halves * 64 + 1)
    impulses = Impulses.of(time, _field(time), count // 64)
    steps = kind(_atom(), impulses, halves * count)
    steps.advance()
    return steps.values(np.arange(LINE.n_points))


def _split_operator(count: int, halves: int = 1) -> Complex:
    """Return the same by Strang's splitting, as it is mostly written."""
    dt = CYCLE / 2.0 / count
    k = 2.0 * np.pi * scipy.fft.fftfreq(LINE.n_points, LINE.spacing)
    free = np.exp(-0.5j * dt * k**2)
    still, pull = -0.5j * dt * _atom().values, -0.5j * dt * LINE.x
    psi = _atom().state.astype(np.complex128)
    for strength in _field(dt * np.arange(0.5, halves * count)):
        half = np.exp(still + strength * pull)
        psi *= half
        psi = scipy.fft.fft(psi, overwrite_x=True)
        psi *= free
        psi = scipy.fft.ifft(psi, overwrite_x=True)
        psi *= half
    return psi


def _error_ratio() -> float:
    exact = _ours(SpectralSteps, 256)
    ours, theirs = _ours(CompactSteps, OURS), _split_operator(THEIRS)
    return _apart(ours, exact) / _apart(theirs, exact)


def _level_error() -> float:
    data = line_states(HYDROGEN, half_width=60.0 * BOHR_RADIUS)
    return abs(float(data["energy"][0]) / HARTREE + 0.5)


def _driving(time: Floats, field: Floats) -> DrivingField:
    return DrivingField(
        time=time * ATOMIC_TIME,
        field=field * ATOMIC_ELECTRIC_FIELD,
        wavelength=2.0 * np.pi * SPEED_OF_LIGHT * ATOMIC_TIME / OMEGA,
    )


def _rate_error() -> float:
    time = np.linspace(0.0, 200.0, 401)
    field = WIDTH_AT * np.sin(0.5 * np.pi * np.minimum(time / 60.0, 1.0)) ** 2
    data = solve_line(
        _driving(time, field),
        HYDROGEN,
        surface=40.0 * BOHR_RADIUS,
        half_width=90.0 * BOHR_RADIUS,
    )
    late = time > 110.0
    falling = np.log(data["survival"].values[late])
    return float(abs(-np.polyfit(time[late], falling, 1)[0] / WIDTH - 1.0))


@cache
def _burst() -> DrivingField:
    time = np.linspace(0.0, 2.0 * CYCLE, 500)
    envelope = np.sin(0.25 * OMEGA * time) ** 2
    momentum = CubicSpline(time, envelope * np.sin(OMEGA * time))
    return _driving(time, STRENGTH / OMEGA * momentum.derivative()(time))


def _gauge_difference() -> float:
    length, velocity = (
        solve_line(
            _burst(),
            HYDROGEN,
            gauge=gauge,
            spacing=spacing * BOHR_RADIUS,
            time_step=0.1 * ATOMIC_TIME,
            half_width=450.0 * BOHR_RADIUS,
            absorber=False,
        )
        for gauge, spacing in (("length", 0.1), ("velocity", 0.25))
    )
    name = "state_population"
    return float(np.abs(length[name] - velocity[name]).max())


def _default_error() -> float:
    data = solve_line(_burst(), HYDROGEN)
    used = results.parameters(data)
    fine = solve_line(
        _burst(),
        HYDROGEN,
        spacing=used["spacing"] / 2.0,
        time_step=used["time_step"] / 4.0,
    )
    name = "dipole_acceleration"
    return float(np.abs(data[name] - fine[name]).max() / np.abs(fine[name]).max())
