r"""Half-cycles of a driver, and the photon energies that only one of them reaches.

Every half-cycle sends electrons back, up to an energy of its own. Between the highest
two of these cutoffs one half-cycle alone emits: a continuum without harmonics, and one
pulse (amplitude gating, and synthesisers of several colours). Cutoffs of half-cycles
were seen by C. A. Haworth et al., Nature Physics 3, 52 (2007).
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.cutoff import HIGHEST_RETURN, WEAKEST, cutoff_factor
from qleap.laser.harmonics.recollision import recollisions
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.ionisation.states import resolve

__all__ = ["HalfCycles", "half_cycles", "with_continuum_at"]

Floats = NDArray[np.float64]

BIRTHS: Final = 72
"""In a cycle."""

LONGEST: Final = 2.0
"""Cycles within which returns are looked for: more than one, for longer waves."""

STRONG: Final = 0.3
"""Share of the peak field below which no births are looked at."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class HalfCycles:
    """Electrons of the highest energy that every half-cycle sends back.

    Parameters
    ----------
    birth_time, return_time : ndarray, shape (n,)
        s, in the order of births.
    return_energy : ndarray, shape (n,)
        Kinetic, J.
    """

    birth_time: Floats
    return_time: Floats
    return_energy: Floats

    @property
    def main(self) -> int:
        """Index of the half-cycle with the highest energy."""
        return int(np.argmax(self.return_energy))

    @property
    def excursion(self) -> float:
        """Time from birth to return of the highest energy, s.

        Paths up to it are the short ones of that half-cycle.
        """
        return float(self.return_time[self.main] - self.birth_time[self.main])

    def continuum(self, target: Atom | str, floor: float = 0.0) -> tuple[float, float]:
        """Return the photon energies (J) between which one half-cycle alone emits.

        It begins at ``floor`` (J) where all others end below it, or there are none.
        """
        lowest = checks.non_negative("floor", floor, "J")
        others = np.delete(self.return_energy, self.main)
        if others.size:
            lowest = max(lowest, cutoff_of(target, float(others.max())))
        return lowest, cutoff_of(target, float(self.return_energy[self.main]))

    def scaled(self, factor: float) -> "HalfCycles":
        """Return those of a field of ``factor`` times the intensity."""
        times = checks.positive("factor", factor)
        return dataclasses.replace(self, return_energy=times * self.return_energy)

    def only_main(self) -> "HalfCycles":
        """Return the half-cycle with the highest energy alone, as a gate leaves it."""
        one = slice(self.main, self.main + 1)
        return HalfCycles(
            birth_time=self.birth_time[one],
            return_time=self.return_time[one],
            return_energy=self.return_energy[one],
        )


def cutoff_of(target: Atom | str, return_energy: float) -> float:
    """Return the cutoff of half-cycles with a highest energy of returns (J), J.

    The quantum law of `cutoff_energy`, with the ponderomotive energy whose endless
    wave has such returns; where that is too weak for the law, its last factor.
    """
    ip = resolve(target).ionisation_energy
    energy = checks.non_negative("return_energy", return_energy, "J")
    ratio = min(ip * HIGHEST_RETURN / max(energy, 1e-300), WEAKEST)
    return energy + cutoff_factor(ratio) * ip


def half_cycles(
    driving: DrivingField,
    *,
    component: int = 0,
    within: tuple[float, float] = (-math.inf, math.inf),
) -> HalfCycles:
    """Return the highest returns of every half-cycle of a driver.

    Parameters
    ----------
    driving : DrivingField
        Of two components one is looked at, as if the other were zero: in the middle of
        a gate that holds.
    component : int
        0 for x, 1 for y.
    within : (float, float)
        Times, s, between which lies the middle of a path from birth to return.

    Raises
    ------
    InvalidValue
        Where no electron returns.

    Notes
    -----
    Classical first returns within two cycles, of electrons that are born where the
    field is above 0.3 of its peak. A half-cycle is what lies between two zeros.
    """
    field = _component(driving, component)
    earliest, latest = within
    births = np.arange(field.time[0], field.time[-1], field.cycle / BIRTHS)
    at_birth = np.interp(births, field.time, field.field[0])
    births = births[np.abs(at_birth) > STRONG * field.peak_field]
    found = recollisions(field, births=births, longest_excursion=LONGEST * field.cycle)
    back = found["return_time"].values[:, 0]
    energy = found["return_energy"].values[:, 0]
    middle = 0.5 * (births + back)
    kept = np.flatnonzero(
        np.isfinite(energy) & (middle >= earliest) & (middle <= latest)
    )
    if kept.size == 0:
        raise InvalidValue(
            f"within must hold paths of electrons that return, but from {earliest:.4g} "
            f"to {latest:.4g} s there is none; take a wider range or another driver."
        )
    crest = _crests(field, births)
    tops = [
        own[np.argmax(energy[own])]
        for own in (kept[crest[kept] == number] for number in np.unique(crest[kept]))
    ]
    refined = np.array([_summit(births, back, energy, int(top)) for top in tops])
    return HalfCycles(
        birth_time=refined[:, 0], return_time=refined[:, 1], return_energy=refined[:, 2]
    )


def with_continuum_at(
    driving: DrivingField,
    target: Atom | str,
    centre: float,
    *,
    floor: float = 0.0,
    gate: tuple[float, float] | None = None,
    component: int = 0,
) -> tuple[DrivingField, HalfCycles]:
    """Return a driver so strong that its continuum lies about a photon energy.

    Parameters
    ----------
    driving : DrivingField
        Of the right shape and any strength.
    target : Atom or str
    centre : float
        Middle of the continuum, J.
    floor : float
        Lowest photon energy that passes, J, below which the continuum does not count.
    gate : (float, float), optional
        Of gated light: times, s, between which the middle of paths lies. The other
        half-cycles do not emit, and the continuum begins at ``floor``.
    component : int
        As in `half_cycles`.

    Returns
    -------
    driving : DrivingField
    cycles : HalfCycles
        Of that; with a gate only the highest in it. ``cycles.continuum(target,
        floor)`` is the continuum.

    Raises
    ------
    InvalidValue
        Where the centre does not lie above the floor and the cutoff of light that is
        too weak for a plateau.
    """
    from scipy.optimize import brentq

    wanted = checks.positive("centre", centre, "J")
    within = (-math.inf, math.inf) if gate is None else gate
    found = half_cycles(driving, component=component, within=within)
    if gate is not None:
        found = found.only_main()

    def middle(square: float) -> float:
        return 0.5 * sum(found.scaled(square).continuum(target, floor))

    ip = resolve(target).ionisation_energy
    highest = float(found.return_energy[found.main])
    weakest = HIGHEST_RETURN * ip / WEAKEST / highest
    if not max(floor, middle(weakest)) < wanted:
        raise InvalidValue(
            f"centre must lie above the floor of {floor:.4g} J and above "
            f"{middle(weakest):.4g} J, where the field is too weak for a plateau, got "
            f"{wanted:.4g}."
        )
    square = brentq(lambda s: middle(s) / wanted - 1.0, weakest, 2.0 * wanted / highest)
    return driving.scaled(math.sqrt(square)), found.scaled(float(square))


def _component(driving: DrivingField, component: int) -> DrivingField:
    if not isinstance(driving, DrivingField):
        raise InvalidKind(
            f"driving must be a DrivingField, got {driving!r:.60}; see driving_field."
        )
    index = checks.count("component", component, 0, driving.components - 1)
    return DrivingField(
        time=driving.time, field=driving.field[index], wavelength=driving.wavelength
    )


def _summit(
    births: Floats, back: Floats, energy: Floats, top: int
) -> tuple[float, float, float]:
    """Return birth, return and energy at the top of the parabola about an index."""
    raw = float(births[top]), float(back[top]), float(energy[top])
    if not 0 < top < births.size - 1:
        return raw
    here = slice(top - 1, top + 2)
    values, (before, after) = energy[here], np.diff(births[here])
    even = math.isclose(before, after, rel_tol=1e-6)
    if not even or not np.isfinite(values).all():
        return raw
    left, right = values[1] - values[0], values[1] - values[2]
    if left < 0.0 or right < 0.0 or left + right == 0.0:
        return raw
    away = 0.5 * (left - right) / (left + right)
    weights = np.array(
        [0.5 * away * (away - 1.0), 1.0 - away**2, 0.5 * away * (away + 1.0)]
    )
    return (
        float(weights @ births[here]),
        float(weights @ back[here]),
        float(weights @ values),
    )


def _crests(field: DrivingField, births: Floats) -> NDArray[np.intp]:
    """Return of every birth the number of zeros of the field before it."""
    sign = np.signbit(field.field[0])
    passed = np.cumsum(np.concatenate([[False], sign[1:] != sign[:-1]]))
    before = np.searchsorted(field.time, births, side="right") - 1
    return np.asarray(passed[before])
