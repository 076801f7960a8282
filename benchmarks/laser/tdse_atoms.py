"""Atoms in light by partial waves: exact laws, a published solver, NumPy and SciPy."""

import time
from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from qleap.bench import Accuracy, Peer, Speed
from qleap.core.constants import ATOMIC_ELECTRIC_FIELD, ATOMIC_TIME, SPEED_OF_LIGHT
from qleap.laser.driving import DrivingField
from qleap.laser.tdse.atom import solve_atom
from qleap.laser.tdse.partial_waves import PartialWaves
from qleap.laser.tdse.potentials import central_potential
from qleap.laser.tdse.radial_states import radial_levels
from qleap.laser.tdse.radii import RadialGrid, RadialOperator, radial_grid

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

HYDROGEN = central_potential("H")
STATIC = {0.06: 5.150775e-4, 0.08: 4.539658e-3}
"""Static field to exact rate, atomic units; complex scaling, as in the tests."""

SCID = "SCID-TDSE, doc/EXAMPLES.txt and examples/hydrogen_1S_hhg_linear.out_ref"
HARMONICS = {0: 0.9895077107302, 4: 1.122838071140e-3}
"""Angular momentum to population after the pulse of SCID-TDSE's example E8."""

POINTS, STEPS, TIME_STEP, FIELD = 2000, 8, 0.05, 0.04

ROUNDS = 200
"""Pairs of one and two threads: in some of them nothing else wants the second core."""


def cases(quick: bool) -> Iterator[Accuracy | Speed]:  # noqa: ARG001  all are quick
    """Yield levels, rates and yields, then steps on two thousand radii."""
    yield Accuracy(
        name="laser.tdse_atoms.levels",
        title="largest error of nine levels of hydrogen, hartree",
        unit="1",
        evidence="analytic",
        reference="Bohr's formula",
        measure=_level_error,
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.tdse_atoms.static_rates",
        title="largest relative error of hydrogen's rate of ionisation, static fields",
        unit="1",
        evidence="analytic",
        reference="complex scaling, fields of 0.06 and 0.08 atomic units",
        measure=_rate_error,
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.tdse_atoms.harmonics",
        title="relative difference of populations after 1e14 W/cm^2 at 800 nm",
        unit="1",
        evidence="simulated",
        reference="SCID-TDSE, s and g waves",
        measure=_population_error,
        prediction=0.0,
        citation=SCID,
    )
    yield Accuracy(
        name="laser.tdse_atoms.two_threads",
        title=f"speed-up of steps of 80 angular momenta on {POINTS} radii by two "
        "threads",
        unit="1",
        evidence="simulated",
        reference="one thread",
        measure=_speed_up,
        alone=True,
        prediction=2.0,
    )
    for n_l in (40, 80):
        yield Speed(
            name=f"laser.tdse_atoms.steps_{n_l}",
            title=f"{STEPS} steps of {n_l} angular momenta on {POINTS} radii",
            run=partial(_steps, n_l),
            peers=(
                Peer(
                    name="NumPy and SciPy's banded solver",
                    distribution="scipy",
                    make=partial(_by_scipy, n_l),
                ),
            ),
            error=_relative_error,
            rtol=1e-9,
            threads=1,
        )


def _relative_error(ours: Floats, theirs: Floats) -> float:
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def _level_error() -> float:
    grid, errors = radial_grid(HYDROGEN, 100.0), []
    for l in range(3):  # noqa: E741
        energies, _ = radial_levels(grid, HYDROGEN, l, 3)
        errors.append(np.abs(energies + 0.5 / (l + 1 + np.arange(3)) ** 2).max())
    return float(max(errors))


def _driving(times: Floats, field: Floats, omega: float) -> DrivingField:
    return DrivingField(
        time=times * ATOMIC_TIME,
        field=field * ATOMIC_ELECTRIC_FIELD,
        wavelength=2.0 * np.pi * SPEED_OF_LIGHT * ATOMIC_TIME / omega,
    )


def _rate_error() -> float:
    times, errors = np.arange(0.0, 200.0, 0.5), []
    rise = np.sin(0.5 * np.pi * np.clip(times / 40.0, 0.0, 1.0)) ** 2
    for strength, rate in STATIC.items():
        driving = _driving(times, strength * rise, 0.05)
        data = solve_atom(driving, "H", radius=40.0, n_l=80, radial_step=0.3)
        slope = np.polyfit(times[-200:], np.log(data["survival"].values[-200:]), 1)[0]
        errors.append(abs(-slope / rate - 1.0))
    return float(max(errors))


def _population_error() -> float:
    times = np.arange(0.0, 1000.0, 0.05)

    def potential(t: Floats) -> Floats:
        x = np.abs(t - 250.0)
        share = np.clip((x - 170.0) / 75.0, 0.0, 1.0 - 1e-12)
        later = 170.0 + 150.0 / np.pi * np.tan(0.5 * np.pi * share)
        width = np.where(x > 170.0, later, x)
        wave = np.exp(-0.35425304363e-4 * width**2) * np.cos(0.05695 * (t - 250.0))
        return np.asarray(0.938582 * wave * (x <= 245.0))

    field = (potential(times - 1e-3) - potential(times + 1e-3)) / 2e-3
    driving = _driving(times, field, 0.05695)
    data = solve_atom(driving, "H", radius=78.0, n_l=64, radial_step=0.3)
    found = data["l_population"].values
    return max(abs(float(found[i]) / value - 1.0) for i, value in HARMONICS.items())


@cache
def _waves(n_l: int, threads: int = 1) -> tuple[PartialWaves, Complex]:
    """Return waves on even radii and a state that fills them."""
    grid = RadialGrid(n_points=POINTS, first_step=0.1, step=0.1)
    waves = PartialWaves(grid, HYDROGEN, n_l=n_l, step=TIME_STEP, threads=threads)
    r, l = grid.radii, np.arange(n_l)[:, None]  # noqa: E741
    shape = np.exp(
        -(((r - 100.0) / 20.0) ** 2) - ((l - 0.45 * n_l) / (0.06 * n_l)) ** 2
    )
    return waves, shape * np.exp(0.8j * r + 0.3j * l)


def _kicks(count: int) -> Floats:
    return np.asarray(TIME_STEP * FIELD * np.cos(0.02 * np.arange(count)))


def _steps(n_l: int) -> Floats:
    waves, start = _waves(n_l)
    waves.put(start)
    return np.asarray(waves.advance(_kicks(STEPS))[:1])


def _speed_up() -> float:
    """Return the time of one thread over that of two, the least of many pairs."""
    times = {1: np.inf, 2: np.inf}
    for threads in times:
        waves, start = _waves(80, threads)
        waves.put(start)
        waves.advance(_kicks(STEPS))
    for _ in range(ROUNDS):
        for threads in times:
            begun = time.perf_counter()
            _waves(80, threads)[0].advance(_kicks(STEPS))
            spent = time.perf_counter() - begun
            times[threads] = min(times[threads], spent)
    return times[1] / times[2]


class _ByScipy:
    """The same steps in array operations, with SciPy's banded solver."""

    def __init__(self, operator: RadialOperator, n_l: int) -> None:
        self.radii, self.stretch = operator.radii, operator.stretch
        half, weight = 0.5j * TIME_STEP, operator.stretch**2
        sides = [
            operator.mass_bands(i, weight * (1.0 + half * operator.potential(i)))
            + half * operator.kinetic_bands(i)
            for i in range(n_l)
        ]
        self.left = np.concatenate(sides, axis=1)
        self.upper = np.stack([side[0] for side in sides]).conj()
        self.middle = np.stack([side[1] for side in sides]).conj()
        self.lower = np.stack([side[2] for side in sides]).conj()
        l = np.arange(n_l - 1)  # noqa: E741
        self.turn = (l + 1) / np.sqrt((2 * l + 1) * (2 * l + 3.0))
        self.force = 2.0 * weight * HYDROGEN.gradient_au(operator.radii)
        self.force[0] *= 13.0 / 12.0
        self.psi = np.zeros((n_l, self.radii.size), np.complex128)

    def advance(self, kicks: Floats) -> Floats:
        psi = self.psi
        for kick in kicks:
            right = self.middle * psi
            right[:, :-1] += self.upper[:, 1:] * psi[:, 1:]
            right[:, 1:] += self.lower[:, :-1] * psi[:, :-1]
            solved = solve_banded(
                (1, 1), self.left, right.ravel(), overwrite_b=True, check_finite=False
            )
            psi = solved.reshape(psi.shape)
            cosine = (psi[:-1].real * psi[1:].real + psi[:-1].imag * psi[1:].imag).T
            seen = self.force @ (cosine @ self.turn)
            for first, share in ((0, 0.5), (1, 1.0), (0, 0.5)):
                angle = share * kick * self.turn[first::2, None] * self.radii
                count = 2 * angle.shape[0]
                a, b = (
                    psi[first : first + count : 2],
                    psi[first + 1 : first + count : 2],
                )
                c, s = np.cos(angle), 1j * np.sin(angle)
                psi[first : first + count : 2], psi[first + 1 : first + count : 2] = (
                    c * a - s * b,
                    c * b - s * a,
                )
        self.psi = psi
        return np.asarray(seen)


def _by_scipy(n_l: int) -> Callable[[], Floats]:
    """Prepare the same steps by SciPy."""
    waves, start = _waves(n_l)
    peer = _ByScipy(waves.operator, n_l)

    def run() -> Floats:
        peer.psi = start / np.sqrt(peer.stretch)
        return peer.advance(_kicks(STEPS))

    return run
