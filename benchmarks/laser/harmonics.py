"""Harmonics of atoms: strong-field dipoles beside NumPy, and the laws they obey."""

from collections.abc import Iterator
from functools import cache, partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import cumulative_simpson
from scipy.signal.windows import tukey

from qleap.bench import Accuracy, Peer, Speed
from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELEMENTARY_CHARGE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics import harmonic_spectrum, sfa_accelerations, sfa_dipole
from qleap.laser.ionisation import atom

Floats = NDArray[np.float64]

CYCLE = 800e-9 / SPEED_OF_LIGHT
LONGEST = 1.5 * CYCLE
POINTS, CYCLES = 2**14, 40
MANY = (2**13, 32)
"""Points and cycles of each of many dipoles: 256 a cycle."""

LEWENSTEIN = "Lewenstein et al., Phys. Rev. A 49, 2117 (1994)"
FROLOV = "Frolov et al., Phys. Rev. Lett. 100, 173001 (2008)"
AIRY_TOP, AIRY_TENTH = -1.0187929716, 0.8024527198
"""Where the square of the Airy function is largest, and a tenth of that."""


def cases(quick: bool) -> Iterator[Accuracy | Speed]:
    """Yield the laws, then one dipole and many."""
    yield Accuracy(
        name="laser.harmonics.cutoff",
        title="largest relative deviation of the cutoff from 1.32 Ip + 3.17 Up",
        unit="1",
        evidence="analytic",
        reference="the law, in argon and helium",
        measure=_cutoff_error,
        prediction=0.0,
        citation=LEWENSTEIN,
    )
    yield Accuracy(
        name="laser.harmonics.convergence",
        title="largest error of an amplitude with 150 steps a cycle, over the largest",
        unit="1",
        evidence="simulated",
        reference="900 steps a cycle",
        measure=_step_error,
        prediction=0.0,
    )
    yield Accuracy(
        name="laser.harmonics.wavelength",
        title="power of the wavelength with which the yield falls, less 5.5",
        unit="1",
        evidence="simulated",
        reference="solutions of Schroedinger's equation: 5 to 6",
        measure=lambda: abs(_wavelength_power() - 5.5),
        prediction=0.0,
        citation=FROLOV,
    )
    yield Accuracy(
        name="laser.harmonics.sfa_rate",
        title=f"dipoles of {MANY[0]} points and {MANY[1]} cycles in a minute, "
        "threads: 2",
        unit="1/min",
        evidence="simulated",
        reference="one by one",
        measure=partial(_dipoles_per_minute, 64 if quick else 512),
        alone=True,
        prediction=10000.0,
    )
    peer = Peer(
        name="NumPy row by row",
        distribution="numpy",
        make=lambda: _by_numpy,
    )
    yield Speed(
        name="laser.harmonics.sfa_dipole",
        title=f"dipole of argon, {POINTS} points, {CYCLES} cycles, threads: 2",
        run=_dipole,
        peers=(peer,),
        error=_relative_error,
        rtol=0.02,
        threads=2,
    )


@cache
def _pulse(points: int, cycles: int) -> tuple[float, Floats]:
    """Return the step and the field of 2e14 W/cm^2 under the square of a sine."""
    step = cycles * CYCLE / points
    turns = np.arange(points) * (cycles / points)
    peak = np.sqrt(2.0 * 2e18 / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
    envelope = np.sin(np.pi * turns / cycles) ** 2
    return step, peak * envelope * np.cos(2.0 * np.pi * turns)


def _dipole() -> Floats:
    step, field = _pulse(POINTS, CYCLES)
    found = sfa_accelerations(
        field[None], step, "Ar", longest_excursion=LONGEST, threads=2
    )
    return np.asarray(found[0])


def _by_numpy() -> Floats:
    """Return the same, every time one row of array operations over the delays."""
    step, field = _pulse(POINTS, CYCLES)
    dt, e = step / ATOMIC_TIME, field / ATOMIC_ELECTRIC_FIELD
    a = -cumulative_simpson(e, dx=dt, initial=0.0)
    b = cumulative_simpson(a, dx=dt, initial=0.0)
    c = cumulative_simpson(a**2, dx=dt, initial=0.0)
    energy = atom("Ar").energy_au
    alpha, count = 2.0 * energy, int(LONGEST / step)
    tau = dt * np.arange(1, count + 1)
    fade = np.clip((LONGEST / ATOMIC_TIME - tau) / (0.1 * LONGEST / ATOMIC_TIME), 0, 1)
    weight = 2.0j * dt * (2.0**3.5 * alpha**1.25 / np.pi) ** 2
    weight = weight * (np.pi / (1e-8 + 0.5j * tau)) ** 1.5
    weight = weight * np.sin(0.5 * np.pi * fade) ** 2
    dipole = np.zeros(e.size)
    for i in range(1, e.size):
        m = min(count, i)
        born = slice(i - 1, i - 1 - m if i > m else None, -1)
        p = (b[i] - b[born]) / tau[:m]
        action = (energy - 0.5 * p * p) * tau[:m] + 0.5 * (c[i] - c[born])
        now, then = p - a[i], p - a[born]
        below = (now * now + alpha) * (then * then + alpha)
        element = now * then * e[born] / (below * below * below)
        dipole[i] = (weight[:m] * element * np.exp(-1j * action)).real.sum()
    omega = 2.0 * np.pi * np.fft.rfftfreq(e.size, step)
    second = np.fft.irfft(-(omega**2) * np.fft.rfft(dipole), e.size)
    return np.asarray(ELEMENTARY_CHARGE * BOHR_RADIUS * second)


def _relative_error(ours: Floats, theirs: Floats) -> float:
    """Return the difference of the spectra, in the plateau and below it."""
    both = [np.fft.rfft(each) for each in (ours, theirs)]
    seen = both[0].size // 4
    size = np.abs(both[0][:seen])
    return float(np.abs(both[0] - both[1])[:seen].max() / size.max())


def _dipoles_per_minute(count: int) -> float:
    step, field = _pulse(*MANY)
    fields = np.linspace(0.5, 1.0, count)[:, None] * field
    best = 0.0
    for _ in range(3):
        begin = perf_counter()
        sfa_accelerations(fields, step, "Ar", longest_excursion=LONGEST, threads=2)
        best = max(best, 60.0 * count / (perf_counter() - begin))
    return best


def _steady(
    intensity: float, cycles: int, steps: int, *, wavelength: float, ramp: float
) -> DrivingField:
    """Return a cosine wave, with soft ends of a share of the window."""
    turns = np.arange(cycles * steps) / steps
    peak = np.sqrt(2.0 * intensity / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
    field = peak * tukey(turns.size, ramp, sym=False) * np.cos(2.0 * np.pi * turns)
    time = turns * wavelength / SPEED_OF_LIGHT
    return DrivingField(time=time, field=field, wavelength=wavelength)


def _cutoff_error() -> float:
    """Compare the turning points of single bursts, Airy functions, with the law."""
    worst = 0.0
    for target, wavelength, intensity, steps in (
        ("Ar", 800e-9, 2e18, 300),
        ("He", 800e-9, 4e18, 500),
        ("Ar", 1300e-9, 3e18, 1400),
    ):
        driving = _steady(intensity, 3, steps, wavelength=wavelength, ramp=0.0)
        data = sfa_dipole(driving, target, longest_excursion=1.1 * driving.cycle)
        late = driving.time / driving.cycle - 1.7
        burst = np.where(np.abs(late) < 0.25, np.cos(2.0 * np.pi * late) ** 2, 0.0)
        burst = burst * data["dipole_acceleration"].values[0]
        bound, quiver = atom(target).ionisation_energy, driving.ponderomotive_energy
        law = 1.32 * bound + 3.17 * quiver
        energy = np.linspace(bound + 2.0 * quiver, law + 1.5 * quiver, 400)
        waves = np.exp(1j / HBAR * np.outer(energy, driving.time))
        power = np.abs(waves @ burst) ** 2
        maxima = np.flatnonzero(np.diff(np.sign(np.diff(power))) < 0) + 1
        last = maxima[power[maxima] > 0.2 * power.max()][-1]
        tenth = last + np.flatnonzero(power[last:] < 0.1 * power[last])[0]
        share = AIRY_TOP / (AIRY_TOP - AIRY_TENTH)
        found = energy[last] + share * (energy[tenth] - energy[last])
        worst = max(worst, float(abs(found / law - 1.0)))
    return worst


def _step_error() -> float:
    def amplitudes(steps: int) -> NDArray[np.complex128]:
        driving = _steady(2e18, 8, steps, wavelength=800e-9, ramp=1.0)
        acceleration = sfa_dipole(driving, "Ar")["dipole_acceleration"].values[0]
        waves = np.outer(np.arange(5.0, 46.0), driving.time) * driving.omega0
        return np.asarray(np.exp(1j * waves) @ acceleration / steps)

    fine = amplitudes(900)
    return float(np.abs(amplitudes(150) - fine).max() / np.abs(fine).max())


def _wavelength_power() -> float:
    waves = np.linspace(800e-9, 1300e-9, 9)
    power = []
    for wavelength in waves:
        steps = round(160 * (wavelength / 800e-9) ** 2)
        driving = _steady(1.6e18, 8, steps, wavelength=wavelength, ramp=0.5)
        data = harmonic_spectrum(sfa_dipole(driving, "Ar"))
        energy = data["frequency"].values * 2.0 * np.pi * HBAR / ELEMENTARY_CHARGE
        inside = (energy > 20.0) & (energy < 50.0)
        total = data["spectrum"].values[0, inside].sum() * energy[1]
        power.append(total / driving.cycle)
    return float(-np.polyfit(np.log(waves), np.log(power), 1)[0])
