"""From a driver to an attosecond pulse on target in one call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from qleap.core import checks
from qleap.core.constants import HBAR
from qleap.core.errors import InvalidKind
from qleap.laser.attosecond.bursts import Bursts, find_bursts
from qleap.laser.driving import DrivingField
from qleap.laser.harmonics.effort import MOST_HOURS
from qleap.laser.harmonics.emission import emitted_light
from qleap.laser.harmonics.quadrature import EDGE
from qleap.laser.harmonics.recombination import RecombinationElement
from qleap.laser.harmonics.rescattering import rescattering_factor
from qleap.laser.harmonics.sfa import sfa_dipole
from qleap.laser.ionisation.atoms import Atom
from qleap.laser.pulses.elements import Element, through
from qleap.laser.pulses.sampled import SampledPulse
from qleap.laser.tdse.potentials import CentralPotential

if TYPE_CHECKING:
    import xarray as xr

    from qleap.laser.ionisation.tables import RateTable

__all__ = ["SHORT", "IsolatedPulse", "isolated_pulse"]

SHORT: Final = 0.65
"""Cycles of the longest excursion on short paths: that of the cutoff."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class IsolatedPulse:
    """What a driver makes of an atom, behind filters.

    Parameters
    ----------
    driving : DrivingField
    dipole : xarray.Dataset
        Of the kind ``laser.dipole``.
    light : SampledPulse
        Behind the filters; the power is that which one atom radiates.
    bursts : Bursts
        Of that light.
    transmission : float
        Energy behind the filters over that before.
    """

    driving: DrivingField
    dipole: "xr.Dataset"
    light: SampledPulse
    bursts: Bursts
    transmission: float

    def __str__(self) -> str:
        """Return the figures of the bursts and of the filters."""
        return f"{self.bursts}; filters pass {100.0 * self.transmission:.3g} %"


def isolated_pulse(
    driving: DrivingField,
    target: Atom | str,
    energies: tuple[float, float],
    *,
    filters: Sequence[Element] = (),
    longest_excursion: float | None = None,
    excursion_fade: float = EDGE,
    rates: "RateTable | None" = None,
    component: int = 0,
    most_hours: float | None = MOST_HOURS,
    recombination: RecombinationElement | CentralPotential | str | None = None,
) -> IsolatedPulse:
    """Return the attosecond light of an atom, and its bursts.

    Parameters
    ----------
    driving : DrivingField
        From `qleap.laser.driving_field`, `gated_field` or `synthesised_field`.
    target : Atom or str
    energies : (float, float)
        Lowest and highest photon energy, J (times `ELECTRONVOLT`).
    filters : sequence of Element
        Films and mirrors that the light passes. Where one is not tabulated there must
        be no light.
    longest_excursion : float, optional
        Longest time between ionisation and recombination, s; by default 0.65 cycles,
        which leaves the short paths, as phase matching on the axis does.
    excursion_fade : float
        Share of it over which excursions fade out, as in `sfa_dipole`; 0.4 where the
        end lies at the excursion of the cutoff and the light reaches up to that.
    rates : RateTable, optional
        Rates of ionisation, which deplete the ground state (ionisation gating).
    component : int
        Of the light: 0 for x, 1 for y.
    most_hours : float or None
        Dipoles that are estimated to take longer on one core, h, are refused before
        they begin; None allows any.
    recombination : RecombinationElement, CentralPotential or str, optional
        Of real atoms, as in `rescattering_factor`: a name is that of a potential. By
        default electrons recombine as plane waves. ``dipole`` stays without it.

    Notes
    -----
    One atom in the strong-field approximation: propagation, phase matching and the
    average over the beam are those of `qleap.laser.macroscopic`.

    Real recombination is that of electrons that come along the component, as they do
    in linear light and in the middle of a gate.
    """
    if not isinstance(driving, DrivingField):
        raise InvalidKind(
            f"driving must be a DrivingField, got {driving!r:.60}; see driving_field."
        )
    if longest_excursion is None:
        longest_excursion = SHORT * driving.cycle
    longest = checks.positive("longest_excursion", longest_excursion, "s")
    dipole = sfa_dipole(
        driving,
        target,
        longest_excursion=longest,
        excursion_fade=excursion_fade,
        rates=rates,
        most_hours=most_hours,
    )
    emitted = emitted_light(dipole, energies, component=component)
    if recombination is not None:
        emitted = _recombined(emitted, target, recombination)
    light, passed = filtered(emitted, filters)
    return IsolatedPulse(
        driving=driving,
        dipole=dipole,
        light=light,
        bursts=find_bursts(light),
        transmission=passed,
    )


def _recombined(
    light: SampledPulse,
    target: Atom | str,
    element: RecombinationElement | CentralPotential | str,
) -> SampledPulse:
    """Return light with real recombination in place of that of plane waves."""
    grid = light.grid
    factor = rescattering_factor(target, HBAR * grid.omega, element)
    spectrum = grid.to_frequency(light.samples) * factor
    return SampledPulse(grid=grid, samples=grid.to_time(spectrum))


def filtered(
    light: SampledPulse, filters: Sequence[Element]
) -> tuple[SampledPulse, float]:
    """Return light behind filters on its own grid, and the share that passes."""
    if isinstance(filters, Element):
        raise InvalidKind(
            "filters must be a list of elements, got one; put it in a list."
        )
    if not filters:
        return light, 1.0
    behind = through(light, *filters, grid=light.grid)
    return behind, behind.energy / light.energy
