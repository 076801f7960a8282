r"""Half-cycles of a driver, and the photon energies that only one of them reaches.

Every half-cycle sends electrons back, up to an energy of its own. Between the highest
two of these cutoffs one half-cycle alone emits: a continuum without harmonics, and one
pulse (amplitude gating, and synthesisers of several colours). Half-cycles that hardly
ionise are not counted. Cutoffs of half-cycles were seen by C. A. Haworth et al., Nature
Physics 3, 52 (2007).
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import ATOMIC_ELECTRIC_FIELD
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

LEAST: Final = 0.1
"""Rate of ionisation, over the largest, below which a half-cycle is not seen."""

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
    birth_field : ndarray, shape (n,)
        Length of the field at the birth, V/m.
    """

    birth_time: Floats
    return_time: Floats
    return_energy: Floats
    birth_field: Floats

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

    def emitting(self, target: Atom | str, least: float = LEAST) -> "HalfCycles":
        r"""Return those that ionise ``target`` enough to be seen.

        Parameters
        ----------
        target : Atom or str
        least : float
            Rate of tunnelling at the birth over that of the half-cycle with the
            largest, :math:`\propto\exp[-2(2I_p)^{3/2}/3E]` in atomic units.
        """
        share = checks.between("least", least, 0.0, 1.0)
        kappa = math.sqrt(2.0 * resolve(target).energy_au)
        exponent = 2.0 * kappa**3 / 3.0 * ATOMIC_ELECTRIC_FIELD / self.birth_field
        rate = np.exp(exponent.min() - exponent)
        return self._only(np.flatnonzero(rate >= share))

    def continuum(
        self, target: Atom | str, floor: float = 0.0, *, least: float = LEAST
    ) -> tuple[float, float]:
        """Return the photon energies (J) between which one half-cycle alone emits.

        Of those that are `emitting`; it begins at ``floor`` (J) or the ionisation
        energy where the others end below that, or there are none.
        """
        lowest = checks.non_negative("floor", floor, "J")
        lowest = max(lowest, resolve(target).ionisation_energy)
        seen = self.emitting(target, least)
        others = np.delete(seen.return_energy, seen.main)
        if others.size:
            lowest = max(lowest, cutoff_of(target, float(others.max())))
        return lowest, cutoff_of(target, float(seen.return_energy[seen.main]))

    def scaled(self, factor: float) -> "HalfCycles":
        """Return those of a field of ``factor`` times the intensity."""
        times = checks.positive("factor", factor)
        return dataclasses.replace(
            self,
            return_energy=times * self.return_energy,
            birth_field=math.sqrt(times) * self.birth_field,
        )

    def only_main(self) -> "HalfCycles":
        """Return the half-cycle with the highest energy alone, as a gate leaves it."""
        return self._only(np.array([self.main]))

    def _only(self, kept: NDArray[np.intp]) -> "HalfCycles":
        return HalfCycles(
            birth_time=self.birth_time[kept],
            return_time=self.return_time[kept],
            return_energy=self.return_energy[kept],
            birth_field=self.birth_field[kept],
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
    at_top = np.abs(np.interp(refined[:, 0], field.time, field.field[0]))
    return HalfCycles(
        birth_time=refined[:, 0],
        return_time=refined[:, 1],
        return_energy=refined[:, 2],
        birth_field=at_top,
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
        Of that, those that are `HalfCycles.emitting`; with a gate only the highest.
        ``cycles.continuum(target, floor)`` is the continuum.

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

    def cycles(square: float) -> HalfCycles:
        seen = found.scaled(square).emitting(target)
        return seen if gate is None else seen.only_main()

    def middle(square: float) -> float:
        return 0.5 * sum(cycles(square).continuum(target, floor))

    ip = resolve(target).ionisation_energy
    weakest = HIGHEST_RETURN * ip / WEAKEST / float(found.return_energy.max())
    if not max(floor, middle(weakest)) < wanted:
        raise InvalidValue(
            f"centre must lie above the floor of {floor:.4g} J and above "
            f"{middle(weakest):.4g} J, where the field is too weak for a plateau, got "
            f"{wanted:.4g}."
        )
    strongest = 2.0 * wanted / float(found.return_energy.min())
    square = float(brentq(lambda s: middle(s) / wanted - 1.0, weakest, strongest))
    return driving.scaled(math.sqrt(square)), cycles(square)


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
