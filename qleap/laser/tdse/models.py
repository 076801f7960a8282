r"""An atom with one active electron, and the grid on which a field needs it."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import ATOMIC_ELECTRIC_FIELD, ATOMIC_TIME
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField
from qleap.laser.tdse.absorbers import absorber_width
from qleap.laser.tdse.partial_waves import PartialWaves
from qleap.laser.tdse.potentials import CentralPotential, central_potential
from qleap.laser.tdse.radial_states import radial_state
from qleap.laser.tdse.radii import RadialGrid, radial_grid

__all__ = ["AtomModel", "atom_model", "check_driving"]

Floats = NDArray[np.float64]

TIME_STEP: Final = 0.05
"""Longest step by default, atomic units."""

FINEST: Final = {"length": 0.1, "velocity": 0.4}
"""Step at the nucleus over the radius of an electron there. In the velocity gauge turns
and shifts of a pair do not commute next to the nucleus, the less so the finer it is."""

OUTSIDE: Final = 1e-6
"""Largest share of the level to start from beyond which an absorber stands."""


COARSER: Final = math.sqrt(2.0)
"""Radial step of a companion run over that of the run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AtomModel:
    """An atom with one active electron, and the grid on which it is solved.

    Lengths are bohr and times atomic units.

    Parameters
    ----------
    potential : CentralPotential
    n, l, m : int
        The level the electron starts in.
    grid : RadialGrid
    n_l : int
        Angular momenta, from ``abs(m)`` on.
    time_step : float
        Longest; the steps divide those of the field.
    absorb_from : float
        Radius at which absorption begins, out to the end of the grid.
    slowest : float
        Momentum of the slowest electrons that are absorbed well.
    core_radius : float
        Within it the electron counts as bound.
    surface : float, optional
        Radius at which the wave is recorded for spectra of electrons.
    gauge : {"length", "velocity"}
        The length gauge is four times faster a step; the velocity gauge needs fewer
        angular momenta, and shows how far a result depends on the grid.

    See Also
    --------
    atom_model : with values that fit a field.
    """

    potential: CentralPotential
    n: int
    l: int  # noqa: E741
    m: int
    grid: RadialGrid
    n_l: int
    time_step: float
    absorb_from: float
    slowest: float
    core_radius: float
    surface: float | None = None
    gauge: str = "length"

    def __post_init__(self) -> None:
        checks.count("n", self.n)
        checks.count("l", self.l, 0, self.n - 1)
        checks.count("m", self.m, -self.l, self.l)
        checks.count("n_l", self.n_l, self.l - abs(self.m) + 2)
        for name in ("time_step", "absorb_from", "slowest", "core_radius"):
            checks.positive(name, getattr(self, name), "atomic units")
        checks.one_of("gauge", self.gauge, tuple(FINEST))
        if self.surface is not None:
            checks.between("surface", self.surface, 1.0, self.absorb_from, "bohr")

    @property
    def coarser(self) -> "AtomModel":
        """The same with 1.41 times the radial step and twice the step in time.

        With it the errors of both, of fourth and of second order, grow by four.
        """
        grid = self.grid
        wider = RadialGrid(
            n_points=max(64, math.ceil(grid.n_points / COARSER)),
            first_step=COARSER * grid.first_step,
            step=COARSER * grid.step,
            bend=max(2.0, grid.bend / COARSER),
        )
        return replace(self, grid=wider, time_step=2.0 * self.time_step, surface=None)

    def waves(self, time_step: float, threads: int = 1) -> PartialWaves:
        """Return the electron in its level."""
        waves = PartialWaves(
            self.grid,
            self.potential,
            m=self.m,
            n_l=self.n_l,
            step=time_step,
            absorb_from=self.absorb_from,
            slowest=self.slowest,
            core_radius=self.core_radius,
            threads=threads,
        )
        start = np.zeros((self.l - abs(self.m) + 1, self.grid.n_points))
        start[-1] = radial_state(self.grid, self.potential, self.n, self.l)[1]
        self._check_held(start[-1])
        waves.put(start)
        return waves

    def _check_held(self, level: Floats) -> None:
        """Refuse a level that an absorber would eat without any light."""
        share = level**2 * self.grid.stretch
        outside = float(share[self.grid.radii > self.absorb_from].sum())
        if outside > OUTSIDE:
            raise InvalidValue(
                f"radius must hold the level n = {self.n}, l = {self.l}, of which a "
                f"share of {outside:.1e} lies in the absorber beyond "
                f"{self.absorb_from:.4g} bohr (at most {OUTSIDE:g}); give a larger one."
            )

    def parameters(self) -> dict[str, object]:
        """Return plain values."""
        return {"model": "tdse", **asdict(self)}


def atom_model(
    driving: DrivingField,
    target: CentralPotential | str,
    *,
    n: int | None = None,
    l: int | None = None,  # noqa: E741
    m: int = 0,
    radius: float | None = None,
    radial_step: float = 0.2,
    nucleus_step: float | None = None,
    n_l: int | None = None,
    time_step: float = TIME_STEP,
    slowest: float = 0.2,
    core_radius: float = 20.0,
    surface: float | None = None,
    gauge: str = "length",
) -> AtomModel:
    r"""Return an atom on a grid that fits a field.

    Parameters
    ----------
    driving : DrivingField
    target : CentralPotential or str
        Potential, or name of one in `POTENTIALS`.
    n, l : int, optional
        By default those of the active electron.
    m : int
        Along the polarisation of the light.
    radius : float, optional
        Free of absorption, bohr. By default 30, and 2.5 times the amplitude
        :math:`E/\omega^2` at which a free electron quivers.
    radial_step : float
        Far out, bohr; near the nucleus steps are smaller.
    nucleus_step : float, optional
        There, over the radius of an electron next to it (one over the charge, at most
        half a bohr). By default 0.1, in the velocity gauge 0.4.
    n_l : int, optional
        Angular momenta. By default 32 and ten for each photon in the ponderomotive
        energy; those that nothing reaches cost nothing.
    time_step, slowest, core_radius, surface, gauge
        Of `AtomModel`.

    Notes
    -----
    A run refuses a level of which more than 1e-6 lies beyond ``radius``: give highly
    excited ones a larger one.
    """
    check_driving(driving)
    potential = central_potential(target) if isinstance(target, str) else target
    if not isinstance(potential, CentralPotential):
        raise InvalidKind(
            "target must be a CentralPotential or the name of an atom, got "
            f"{target!r:.80}."
        )
    checks.one_of("gauge", gauge, tuple(FINEST))
    field = driving.peak_field / ATOMIC_ELECTRIC_FIELD
    omega = driving.omega0 * ATOMIC_TIME
    chosen_l = potential.l if l is None else l
    free = 30.0 + 2.5 * field / omega**2 if radius is None else radius
    photons = field**2 / (4.0 * omega**3)
    end = checks.positive("radius", free, "bohr")
    end += absorber_width(checks.positive("slowest", slowest, "atomic units"))
    finest = FINEST[gauge]
    if nucleus_step is not None:
        finest = checks.between("nucleus_step", nucleus_step, 1e-3, 0.5)
    return AtomModel(
        potential=potential,
        n=potential.n if n is None else n,
        l=chosen_l,
        m=m,
        grid=radial_grid(potential, end, step=radial_step, finest=finest),
        n_l=min(1024, 32 + math.ceil(10.0 * photons)) if n_l is None else n_l,
        time_step=time_step,
        absorb_from=free,
        slowest=slowest,
        core_radius=core_radius,
        surface=surface,
        gauge=gauge,
    )


def check_driving(driving: DrivingField) -> None:
    """Refuse what is no field along one axis."""
    if not isinstance(driving, DrivingField):
        raise InvalidKind(
            f"driving must be a DrivingField, got {driving!r:.80}; driving_field makes "
            "one of light."
        )
    if driving.components != 1:
        raise InvalidValue(
            "driving must be linearly polarised, got two components; a field that "
            "turns mixes all m."
        )
