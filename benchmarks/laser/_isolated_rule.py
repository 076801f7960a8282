"""One rule that goes from what a paper says of an experiment to its attosecond pulse.

The rule was written before any duration was computed with it; docs/laser/attosecond.md
says it in words, and what was corrected since. Nothing here chooses by a duration.

A second rule asks for clean pulses (``clean=True``). It was written when predictions
and misses of the first were known, and before any of its own. That ground states are
depleted, and the wide fade of excursions, came later, when what both rules give
without them was known.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import ELECTRONVOLT, HBAR
from qleap.core.errors import InvalidValue
from qleap.laser.attosecond import (
    Bursts,
    ThinFilm,
    find_bursts,
    isolated_pulse,
    with_continuum_at,
)
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics import (
    RecombinationElement,
    recombination_element,
    rescattering_factor,
    sfa_accelerations,
)
from qleap.laser.ionisation import RateTable, atom, rate_table
from qleap.laser.media import XuvMedium

from ._isolated_drivers import STEP, Maker

Floats = NDArray[np.float64]

FILM: Final = (200e-9, 0.5)
"""Thickness, m, and half its range, where none is quoted."""

INTENSITY: Final = 0.1
"""Half the range of the intensity."""

ABOVE: Final = 1.2
"""Lowest photon energy over the ionisation energy."""

PLASMA: Final = 17.0
"""Lowest photon energy behind aluminium, eV: above its plasma's 15 eV."""

WINDOW: Final = 0.1
"""Share of its best transmission at which a film's window ends."""

BEYOND: Final = 1.5
"""Highest photon energy of the band over the cutoff."""

EDGE: Final = 0.4
"""Share of the longest excursion over which excursions fade out: short paths come out
as saddle points have them (tests hold that), with a tenth they do not."""

NEAR: Final = 0.5
"""Share of the largest energy down to which phases are near the best."""

CLEAN: Final = 0.1
"""Largest satellite of a clean pulse, over the power of the strongest burst."""

CLEANEST: Final = 1.5
"""Satellites over the smallest ones up to which phases are near the best, where no
phase makes a clean pulse."""

ROUNDS: Final = 3
"""Of intensity and phases in turn."""

LOOKED_AT: Final = 25e-15
"""Bursts at most that far from the middle are looked at, s."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What an experimenter turns, and what is not known.

    Parameters
    ----------
    phases : tuple of float
        rad.
    away : tuple of float
        -1 to 1: what is uncertain, in halves of its range; 0 is the middle.
    """

    phases: tuple[float, ...]
    away: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """What is published, and where that was read.

    Parameters
    ----------
    name, source : str
    measured : float
        as.
    figure : str
        ``"fwhm"`` or ``"limit"``.
    gas : str
    make : callable
        Returns a `Shape` from durations, delays and strengths, each away from its
        middle by so many halves of its range.
    n_phases, n_unknown : int
        Of the driver.
    centre : float
        Middle of the continuum, eV; of ``highest`` its end.
    highest : float
        eV, 0 where not known.
    film : (str, float, float)
        Formula, thickness (m) and half its range.
    gated : bool
        Whether other half-cycles do not emit: the continuum begins at the floor.
    """

    name: str
    measured: float
    gas: str
    make: Maker
    n_phases: int
    n_unknown: int
    source: str
    centre: float = 0.0
    highest: float = 0.0
    figure: str = "fwhm"
    film: tuple[str, float, float] = ("", 0.0, 0.0)
    gated: bool = False


@dataclass(frozen=True, kw_only=True)
class Band:
    """Photon energies that are looked at (J), and the longest excursion (s)."""

    energies: tuple[float, float]
    excursion: float


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What the rule gives.

    Parameters
    ----------
    nominal : Bursts
        With the middle of all ranges and the best phases.
    phases : tuple of float
        Those, rad.
    values : ndarray
        Durations or limits of the draws, as.
    """

    nominal: Bursts
    phases: tuple[float, ...]
    values: Floats

    def band(self, share: float) -> tuple[float, float]:
        """Return the ends of the central share of the draws, as."""
        tail = 50.0 * (1.0 - share)
        low, high = np.percentile(self.values, [tail, 100.0 - tail])
        return float(low), float(high)


def film_of(experiment: Experiment, away: float = 0.0) -> ThinFilm:
    """Return the film: the one quoted, else aluminium below 72 eV, zirconium above.

    Aluminium is that of tables which begin at 10 eV where the centre lies below 45 eV.
    """
    formula, thickness, spread = experiment.film
    if not formula:
        formula = "Al" if experiment.centre < 72.0 else "Zr"
        thickness, spread = FILM
    low = formula == "Al" and experiment.centre < 45.0
    medium = XuvMedium(formula=formula, tables="chantler" if low else "henke")
    return ThinFilm(medium=medium, thickness=thickness * (1.0 + spread * away))


@cache
def floor_of(experiment: Experiment) -> float:
    """Return the lowest photon energy that counts, J."""
    film = film_of(experiment)
    least = max(film.valid[0] * HBAR / ELECTRONVOLT, PLASMA)
    energy = np.arange(least + 0.5, 300.0, 0.25)
    passed = film.transmission(energy * ELECTRONVOLT / HBAR)
    first = float(energy[np.argmax(passed > WINDOW * passed.max())])
    gas = atom(experiment.gas).ionisation_energy
    return max(first * ELECTRONVOLT, ABOVE * gas)


def driver_of(experiment: Experiment, setting: Setting) -> tuple[DrivingField, Band]:
    """Return the driver whose continuum lies where it is published, and its band."""
    shape = experiment.make(setting.away).driver(np.array(setting.phases))
    floor = floor_of(experiment)
    centre = experiment.centre * ELECTRONVOLT
    if experiment.highest:
        centre = 0.5 * (floor + experiment.highest * ELECTRONVOLT)
    gate = (-0.5 * shape.cycle, 0.5 * shape.cycle) if experiment.gated else None
    driver, cycles = with_continuum_at(
        shape, experiment.gas, centre, floor=floor, gate=gate
    )
    low, cutoff = cycles.continuum(experiment.gas, floor)
    return driver, Band(
        energies=(low, BEYOND * cutoff), excursion=cycles.excursion / (1.0 - 0.5 * EDGE)
    )


def energies_of(
    experiment: Experiment, fields: Floats, band: Band, film: ThinFilm
) -> Floats:
    """Return the energies behind the film of many fields, in any unit."""
    accelerations = sfa_accelerations(
        fields,
        STEP,
        experiment.gas,
        longest_excursion=band.excursion,
        excursion_fade=EDGE,
        rates=_rates(experiment.gas),
    )[:, 0]
    omega = np.array(2.0 * np.pi * np.fft.rfftfreq(accelerations.shape[1], STEP))
    low, high = (energy / HBAR for energy in band.energies)
    inside = (omega >= low) & (omega <= high)
    omega = omega[inside]
    weight = (
        film.transmission(omega)
        * np.abs(
            rescattering_factor(
                experiment.gas, HBAR * omega, _recombination(experiment.gas)
            )
        )
        ** 2
    )
    spectra = np.abs(np.fft.rfft(accelerations, axis=1)[:, inside]) ** 2
    return np.asarray(spectra @ weight)


def satellites_of(
    experiment: Experiment, drivers: Iterable[DrivingField], band: Band, film: ThinFilm
) -> Floats:
    """Return the satellite ratios behind the film of many drivers.

    It is 1 where the light has no burst of its own in the part that is looked at.
    """
    ratios = []
    for driver in drivers:
        try:
            ratios.append(_behind(experiment, driver, band, film).satellite_ratio)
        except InvalidValue:
            ratios.append(1.0)
    return np.array(ratios)


def chosen(energy: Floats, satellites: Floats) -> tuple[int, NDArray[np.bool_]]:
    """Return which phases are best and which are near them.

    Those with the most energy among clean pulses, and near them clean pulses with at
    least half of it; where no pulse is clean the cleanest.
    """
    if satellites.min() > CLEAN:
        return int(np.argmin(satellites)), satellites <= CLEANEST * satellites.min()
    allowed = np.where(satellites <= CLEAN, energy, 0.0)
    return int(np.argmax(allowed)), allowed >= NEAR * allowed.max()


def best_phases(
    experiment: Experiment, points: int, *, clean: bool = False
) -> tuple[tuple[float, ...], Floats]:
    """Return the phases with the most energy in the band, and those near them.

    At one strength and one band over all phases, as in a laboratory: those of the
    driver whose continuum lies where it is published with the best phases so far. A
    ``clean`` pulse is the second rule; the first takes any.
    """
    middle = (0.0,) * experiment.n_unknown
    shape = experiment.make(middle)
    best = np.zeros(experiment.n_phases)
    tried, steps = _phases(experiment.n_phases, points)
    film = film_of(experiment)
    near = tried[:1]
    for _ in range(ROUNDS):
        setting = Setting(phases=tuple(best.tolist()), away=middle)
        driver, band = driver_of(experiment, setting)
        factor = driver.peak_field / shape.driver(best).peak_field
        offered = np.vstack([best[None], tried, best + steps])
        energy = energies_of(experiment, factor * shape.fields(offered), band, film)
        satellites = np.zeros(energy.size)
        if clean:
            drivers = (shape.driver(phases).scaled(factor) for phases in offered)
            satellites = satellites_of(experiment, drivers, band, film)
        index, kept = chosen(energy, satellites)
        near = offered[kept]
        if index == 0:
            break
        best = offered[index]
    return tuple(best.tolist()), near


def predicted(
    experiment: Experiment,
    *,
    points: int,
    draws: int,
    seed: int = 1,
    clean: bool = False,
) -> Prediction:
    """Return what the rule gives for an experiment.

    Parameters
    ----------
    experiment : Experiment
    points : int
        Phases that are tried, over the whole turn and again about the best.
    draws : int
        Of what is not known.
    seed : int
    clean : bool
        Whether phases make clean pulses, as the second rule asks.
    """
    best, near = best_phases(experiment, points, clean=clean)
    random = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        setting = Setting(
            phases=tuple(near[random.integers(len(near))].tolist()),
            away=tuple(random.uniform(-1.0, 1.0, experiment.n_unknown).tolist()),
        )
        made = _bursts(experiment, setting, *random.uniform(-1.0, 1.0, 2))
        values.append(1e18 * float(getattr(made, experiment.figure)))
    return Prediction(
        nominal=nominal(experiment, best), phases=best, values=np.array(values)
    )


def nominal(experiment: Experiment, phases: tuple[float, ...]) -> Bursts:
    """Return the bursts with the middle of all ranges."""
    middle = Setting(phases=phases, away=(0.0,) * experiment.n_unknown)
    return _bursts(experiment, middle, 0.0, 0.0)


def _bursts(
    experiment: Experiment, setting: Setting, intensity: float, thickness: float
) -> Bursts:
    """Return the bursts of a setting, with intensity and film away from theirs."""
    driver, band = driver_of(experiment, setting)
    stronger = driver.scaled(math.sqrt(1.0 + INTENSITY * intensity))
    return _behind(experiment, stronger, band, film_of(experiment, thickness))


def _behind(
    experiment: Experiment, driver: DrivingField, band: Band, film: ThinFilm
) -> Bursts:
    """Return the bursts of a driver behind a film."""
    made = isolated_pulse(
        driver,
        experiment.gas,
        band.energies,
        filters=[film],
        longest_excursion=band.excursion,
        excursion_fade=EDGE,
        rates=_rates(experiment.gas),
        recombination=_recombination(experiment.gas),
    )
    return find_bursts(made.light, within=(-LOOKED_AT, LOOKED_AT))


@cache
def _recombination(gas: str) -> RecombinationElement:
    return recombination_element(gas)


def _rates(gas: str) -> RateTable:
    """Return rates of tunnelling: some fields lie above the barrier's suppression."""
    return rate_table(gas, "adk", barrier_suppression=True)


def _phases(count: int, points: int) -> tuple[Floats, Floats]:
    """Return phases over the whole turn, and steps of half a radian about the best."""
    from scipy.stats import norm, qmc

    if count == 1:
        turn = 2.0 * np.pi * np.arange(points)[:, None] / points
        return turn, np.zeros((0, 1))
    turn = 2.0 * np.pi * qmc.Sobol(count, scramble=False).random(points)
    inside = qmc.Sobol(count, seed=7).random(points)
    return turn, 0.5 * norm.ppf(np.clip(inside, 1e-3, 1.0 - 1e-3))
