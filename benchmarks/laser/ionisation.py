"""Ionisation: rates against exact and published ones, currents beside NumPy."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from qleap.bench import Accuracy, Peer, Speed
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    HARTREE,
)
from qleap.laser._kernels import ionisation as kernels
from qleap.laser.ionisation import ATOMS, adk, atom, ppt, rate_table

Floats = NDArray[np.float64]

HYDROGEN = {
    0.03: 2.237529e-8,
    0.04: 3.892700e-6,
    0.05: 7.718417e-5,
    0.06: 5.150775e-4,
    0.07: 1.847369e-3,
    0.08: 4.539658e-3,
    0.10: 1.453811e-2,
}
"""Static field to exact rate, atomic units; complex scaling, as in the tests."""

LUNA = "Luna.jl, test/test_ionisation.jl"
TABLE = rate_table("Ar", "ppt", wavelength=800e-9)
DENSITY = 2.5e25
POINTS = 2**14


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield rates of one atom, then the response of a gas to a pulse."""
    yield Accuracy(
        name="laser.ionisation.tunnelling",
        title="largest relative deviation of tunnelling rates of helium and argon",
        unit="1",
        evidence="simulated",
        reference="Luna.jl, four fields",
        measure=_tunnelling_error,
        prediction=0.0,
        citation=LUNA,
    )
    yield Accuracy(
        name="laser.ionisation.multiphoton",
        title="largest relative deviation of multiphoton rates of helium at 800 nm",
        unit="1",
        evidence="simulated",
        reference="Luna.jl, two fields",
        measure=_multiphoton_error,
        prediction=0.0,
        citation=LUNA,
    )
    yield Accuracy(
        name="laser.ionisation.hydrogen",
        title="largest relative error of hydrogen's rate with barrier suppression",
        unit="1",
        evidence="analytic",
        reference="exact rates, fields of 0.03 to 0.1 atomic units",
        measure=_hydrogen_error,
        prediction=0.08,
        citation="Tong and Lin, J. Phys. B 38, 2593 (2005)",
    )
    yield Accuracy(
        name="laser.ionisation.table",
        title="largest relative error of a momentary rate in its table",
        unit="1",
        evidence="simulated",
        reference="the theory itself",
        measure=lambda: TABLE.error,
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.ionisation.energy",
        title="relative difference of the energy lost and that of the electrons freed",
        unit="1",
        evidence="analytic",
        reference="ionisation energy times number",
        measure=_energy_error,
        prediction=0.0,
        citation="Geissler et al., Phys. Rev. Lett. 83, 2930 (1999)",
    )
    rows = 4 if quick else 32
    peer = Peer(
        name="NumPy and SciPy",
        distribution="scipy",
        make=partial(_by_numpy, rows),
    )
    yield Speed(
        name="laser.ionisation.current",
        title=f"currents of {rows} rows of {POINTS} points, threads: 1",
        run=lambda: _currents(rows),
        peers=(peer,),
        error=_relative_error,
        rtol=1e-6,
        threads=1,
    )


def _relative_error(ours: Floats, theirs: Floats) -> float:
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def _tunnelling_error() -> float:
    helium = replace(ATOMS["He"], ionisation_energy=0.9036 * HARTREE)
    argon = replace(ATOMS["Ar"], ionisation_energy=0.5792 * HARTREE, l=0, electrons=1)
    rates = [
        *adk([1e10, 2e10], helium, amplitude="s wave", electrons=1),
        *adk([7e9, 8e9], argon, amplitude="s wave"),
    ]
    published = [1.24163714e-18, 1.07723909, 2.4422306e-8, 4.4947115e-5]
    return float(np.abs(np.array(rates) / published - 1.0).max())


def _multiphoton_error() -> float:
    helium = replace(ATOMS["He"], ionisation_energy=0.9036 * HARTREE)
    fields = [1e10, 1.3e10]
    rates = ppt(fields, helium, 800e-9, cycle_average=False, stark_shift=True)
    published = [2.0 * 1.40432138471583e-5, 2.0 * 0.04517809797503506]
    return float(np.abs(rates / published - 1.0).max())


def _hydrogen_error() -> float:
    fields = np.array(list(HYDROGEN)) * ATOMIC_ELECTRIC_FIELD
    exact = np.array(list(HYDROGEN.values()))
    hydrogen = replace(ATOMS["H"], ionisation_energy=0.5 * HARTREE)
    rates = adk(fields, hydrogen, barrier_suppression=True) * ATOMIC_TIME
    return float(np.abs(rates / exact - 1.0).max())


@cache
def _fields(rows: int) -> tuple[float, Floats]:
    """Return the step and rows of a 25 fs pulse in a window of 800 fs."""
    time = np.linspace(-400e-15, 400e-15, POINTS)
    pulse = np.exp(-((time / 21e-15) ** 2)) * np.cos(2.35e15 * time)
    return time[1] - time[0], np.linspace(3e10, 0.0, rows)[:, None] * pulse


def _currents(rows: int, energy: float | None = None) -> Floats:
    step, field = _fields(rows)
    fraction, current = np.empty_like(field), np.empty_like(field)
    paid = atom("Ar").ionisation_energy if energy is None else energy
    kernels.plasma_current_into(
        TABLE.cells,
        TABLE.edges,
        field,
        step,
        DENSITY,
        paid,
        0.0,
        0.0,
        fraction,
        current,
    )
    return current


def _energy_error() -> float:
    step, field = _fields(2)
    lost = np.sum((_currents(2) - _currents(2, 0.0))[0] * field[0]) * step
    freed = -np.expm1(-np.sum(TABLE(field[0])) * step)
    return float(abs(lost / (freed * DENSITY * atom("Ar").ionisation_energy) - 1.0))


def _by_numpy(rows: int) -> Callable[[], Floats]:
    """Prepare the same in array operations, with a spline of the rate's logarithm."""
    step, field = _fields(rows)
    strength = np.geomspace(TABLE.lowest_field, 1e11, 4096)
    spline = CubicSpline(strength, np.log(TABLE(strength)))
    energy = atom("Ar").ionisation_energy
    push = ELEMENTARY_CHARGE**2 / ELECTRON_MASS * DENSITY

    def integral(values: Floats) -> Floats:
        out = np.zeros_like(values)
        np.cumsum(0.5 * step * (values[:, 1:] + values[:, :-1]), axis=1, out=out[:, 1:])
        end = step / 12.0 * np.gradient(values, axis=1)
        return np.asarray(out - end + end[:, :1])

    def run() -> Floats:
        size = np.abs(field)
        seen = size >= TABLE.lowest_field
        rate = np.zeros_like(field)
        rate[seen] = np.exp(spline(size[seen]))
        fraction = -np.expm1(-np.maximum(integral(rate), 0.0))
        current = integral(push * fraction * field)
        paid = energy * DENSITY * rate[seen] * (1.0 - fraction[seen])
        current[seen] += paid / field[seen]
        return current

    return run
