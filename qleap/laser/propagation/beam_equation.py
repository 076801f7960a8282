"""The parts of a beam in a gas, a glass or in vacuum, put together."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.laser.fourier import ComplexTransform, RealTransform
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.profiles import Profile
from qleap.laser.propagation.effects import (
    Effects,
    current_window,
    plasma_response,
    responses_of,
)
from qleap.laser.propagation.free_space import (
    CrossSection,
    FreeSpace,
    free_space_rates,
    row_energies,
)
from qleap.laser.propagation.gas_raman import Lines
from qleap.laser.propagation.gas_slopes import GasSlopes
from qleap.laser.propagation.linear import PolynomialLinear, UniformLinear
from qleap.laser.propagation.responses import Plasma, PlasmaEnvelope
from qleap.laser.propagation.sources import (
    DARK,
    Response,
    SharedSources,
    Sources,
    Transform,
)
from qleap.laser.propagation.team import Team

__all__ = ["BeamEquation", "Medium", "group_delay"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Shape = tuple[int, int]

SOFT = 0.8
"""Share of the edge's radius beyond which light is absorbed."""


class Medium(Protocol):
    """What a beam needs to know of what it goes through."""

    @property
    def chi3(self) -> float:
        """Third-order susceptibility of the real field, m^2/V^2."""

    @property
    def number_density(self) -> float:
        """Of the atoms that may be ionised, 1/m^3; asked for with plasma alone."""

    def index(self, omega: ArrayLike, *, outside: str = "error") -> Floats:
        """Return the refractive index at angular frequencies, rad/s."""


class BeamEquation:
    """Light that nothing guides; amplitudes in sqrt(W), ``(waves, n)``.

    Parameters
    ----------
    medium : Medium or None
        What the light goes through; None is vacuum.
    section : HankelTransform or PlaneGrid
        Points across the beam and transverse waves.
    grid : Grid or FieldGrid
        Of envelopes or of real fields.
    effects : Effects
        What the medium answers with.
    lines : tuple, optional
        Of rotations and vibrations, such as `qleap.laser.media.GasRaman.lines` has.
    absorption : float
        Of the field at the outermost points, 1/m. It rises softly from 0.8 of the
        edge's radius; zero leaves the edge as the transform has it: a mirror, or a way
        in from the other side.
    team : Team, optional
        Threads that share the work; one by default.
    density : Profile, optional
        Of a gas along the way, over that of ``medium``; one everywhere by default.
    """

    def __init__(
        self,
        medium: Medium | None,
        section: CrossSection,
        grid: Grid | FieldGrid,
        effects: Effects,
        *,
        lines: Lines | None = None,
        absorption: float = 0.0,
        team: Team | None = None,
        density: Profile | None = None,
    ) -> None:
        team = Team(1) if team is None else team
        omega = grid.omega
        self.wavenumber = medium_wavenumber(medium, omega)
        self.space = FreeSpace(section, self.wavenumber, omega, team)
        self._linear = _linear(medium, section, grid, density)
        self.uniform = isinstance(self._linear, UniformLinear)
        self.answers = _Answers(medium, grid, effects, lines, density)
        band, lowest = (
            (grid.pass_band, grid.band[0])
            if isinstance(grid, FieldGrid)
            else (None, float(omega.min()))
        )
        self.weights: Floats = grid.omega0 / np.maximum(omega, lowest)
        self._absorption = _Absorption(section, self.space.admittance, absorption)
        self._sources, self._gas = None, None
        if self.answers.present:
            window = current_window(grid.n_points)

            def sources(points: int) -> Sources:
                shape = (points, grid.n_points)
                return Sources(
                    self.answers.transform(shape),
                    self.answers.responses(shape),
                    omega=omega,
                    pass_band=band,
                    time_window=window,
                )

            gas = [each.gas for each in (sources(1) for _ in range(team.size))]
            known = [each for each in gas if each is not None]
            if known and section.matrices is not None:
                self._gas = GasSlopes(self.space, known, self._absorption.rates, team)
            else:
                self._sources = SharedSources(
                    section.n_points, grid.n_points, sources, team
                )
        if self._gas is None:
            self._field, self._drives = np.empty(
                (2, section.n_points, omega.size), np.complex128
            )

    def propagator_into(self, start: float, end: float, out: Complex) -> None:
        """Write the factor of dispersion and diffraction into ``out``."""
        self._linear.propagator_into(start, end, out)

    def nonlinear_into(
        self, position: float, amplitudes: Complex, out: Complex
    ) -> None:
        """Write the change per length by all that is not linear, or not uniform."""
        if self._gas is not None:
            self._gas.into(position, amplitudes, out)
            return
        if self._sources is None and not self._absorption.rows.size:
            out[...] = 0.0
            return
        self.space.to_points_into(position, amplitudes, self._field)
        if self._sources is None:
            self._drives[...] = 0.0
        else:
            energy = row_energies(self._field)
            lit = energy > DARK * energy.max()
            self._sources.into(position, self._field, lit, self._drives)
        self._absorption.subtract_from(self._drives, self._field)
        self.space.to_modes_into(position, self._drives, out)

    def at_points(self, position: float, amplitudes: Complex) -> Complex:
        """Return the amplitudes of the field (V/m) at the points."""
        out = np.empty_like(amplitudes)
        self.space.to_points_into(position, amplitudes, out)
        return out

    def on_axis(self, amplitudes: Complex) -> Complex:
        """Return the amplitudes of the field (V/m) on the axis, shape ``(n,)``."""
        found = self.space.section.axis @ amplitudes
        return np.asarray(found * self.space.to_field)


class _Absorption:
    """What takes light away at the outermost points."""

    def __init__(
        self, section: CrossSection, admittance: Floats, strength: float
    ) -> None:
        share = section.radius / section.edge
        rise = np.clip((share - SOFT) / (1.0 - SOFT), 0.0, 1.0)
        self.rates: Floats = strength * np.sin(0.5 * np.pi * rise) ** 2
        self.rows = np.flatnonzero(self.rates)
        self._current = 2.0 * admittance

    def subtract_from(self, drives: Complex, field: Complex) -> None:
        if self.rows.size:
            rates = self.rates[self.rows, None]
            drives[self.rows] -= rates * (self._current * field[self.rows])


class _Answers:
    """What makes responses for a number of points."""

    def __init__(
        self,
        medium: Medium | None,
        grid: Grid | FieldGrid,
        effects: Effects,
        lines: Lines | None,
        density: Profile | None,
    ) -> None:
        self._medium, self._grid = medium, grid
        self._effects, self._lines = effects, lines
        self._share = _everywhere if density is None else density.linear
        parts = (effects.kerr, effects.rates is not None, lines is not None)
        self.present = medium is not None and any(parts)

    def transform(self, shape: Shape) -> Transform:
        if not isinstance(self._grid, FieldGrid):
            return ComplexTransform(shape)
        return RealTransform(shape, self._grid.n_frequencies)

    def responses(self, shape: Shape) -> Sequence[Response]:
        assert self._medium is not None
        chi3, lines = self._medium.chi3, self._lines
        return responses_of(
            self._effects,
            self._grid,
            shape,
            chi3=lambda z: chi3 * self._share(z),
            number_density=self.number_density,
            lines=None if lines is None else lambda z: _thinner(lines, self._share(z)),
        )

    def plasma(self, shape: Shape) -> Plasma | PlasmaEnvelope | None:
        """Return what frees electrons at as many points."""
        rates = self._effects.rates
        if rates is None or self._medium is None:
            return None
        return plasma_response(rates, self._grid, shape, self.number_density)

    def number_density(self, position: float) -> float:
        """Return the atoms per volume at a place, 1/m^3."""
        assert self._medium is not None
        return self._medium.number_density * self._share(position)


def _linear(
    medium: Medium | None,
    section: CrossSection,
    grid: Grid | FieldGrid,
    density: Profile | None,
) -> UniformLinear | PolynomialLinear:
    """Return dispersion and diffraction, in the frame of the local group velocity."""
    omega = grid.omega
    delay = group_delay(medium, grid.omega0)
    vacuum = omega / SPEED_OF_LIGHT
    more = medium_wavenumber(medium, omega) - vacuum

    def rates(share: float) -> Complex:
        frame = share * delay + (1.0 - share) / SPEED_OF_LIGHT
        there = vacuum + share * more
        return free_space_rates(section.wavenumber, there, omega, frame)

    if density is None or min(density.values) == max(density.values):
        return UniformLinear(rates(1.0 if density is None else density.values[0]))
    ends = (min(density.values), max(density.values))
    return PolynomialLinear(rates, density.linear, ends, density.positions, degree=2)


def _everywhere(position: float) -> float:  # noqa: ARG001
    return 1.0


def _thinner(lines: Lines, share: float) -> Lines:
    """Return the lines of less gas."""
    frequencies, strengths, decays = lines
    return frequencies, np.asarray(strengths) * share, decays


def medium_wavenumber(medium: Medium | None, omega: Floats) -> Floats:
    """Return ``n omega / c`` over frequency, rad/m; beyond its fit as that goes on."""
    vacuum = omega / SPEED_OF_LIGHT
    return vacuum if medium is None else vacuum * medium.index(omega, outside="extend")


def group_delay(medium: Medium | None, omega: float) -> float:
    """Return the inverse group velocity, s/m, by a difference of two wave numbers."""
    ends = omega * np.array([1.0 - 1e-4, 1.0 + 1e-4])
    low, high = medium_wavenumber(medium, ends)
    return float((high - low) / (ends[1] - ends[0]))
