"""Antiresonant fibres of one ring of tubes: fits to the modes of simulations."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.guides.capillary import Capillary
from qleap.laser.guides.modes import Mode

__all__ = ["TubeLatticeFibre"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

TERMS: Final = 8
"""Modes of the walls that are added up, in each of both orders."""

LOSS_WIDTH, INDEX_WIDTH = 3e-3, 3e-2
"""Of the resonances, in the normalised frequency."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TubeLatticeFibre(Capillary):
    """A core between tubes that do not touch, in its fundamental mode.

    Parameters
    ----------
    wall_thickness : float
        Of the tubes, m.
    tube_radius : float
        Outer radius of the tubes, m.
    n_tubes : int
        Around the core; ``core_radius`` is that of the largest circle between them.
    **others
        Of `Capillary`; ``loss`` scales the model's loss. The area is that of a
        capillary of the same core radius.

    Notes
    -----
    Fits to numerical modes of HE11. Real fibres lose more where they bend.

    References
    ----------
    L. Vincetti, Opt. Express 24, 10313 (2016); L. Vincetti and L. Rosa, Opt. Express
    27, 5230 (2019); L. Rosa, F. Melli and L. Vincetti, Fibers 9, 58 (2021): all as
    quoted by Luna.jl, which corrects eq. (10) of the last one.
    """

    wall_thickness: float
    tube_radius: float
    n_tubes: int

    def __post_init__(self) -> None:
        Capillary.__post_init__(self)
        for name in ("wall_thickness", "tube_radius"):
            checked = checks.positive(name, getattr(self, name), "m")
            object.__setattr__(self, name, checked)
        checks.count("n_tubes", self.n_tubes, 3, 30)
        if self.wall_thickness >= self.tube_radius:
            raise InvalidValue(
                f"wall_thickness must be below tube_radius, {self.tube_radius:g} m, "
                f"got {self.wall_thickness:g} m."
            )
        if self.gap < 0.0:
            most = self._touching_radius()
            raise InvalidValue(
                f"tube_radius must be <= {most:.4g} m, where {self.n_tubes} tubes "
                f"around this core touch, got {self.tube_radius:g} m."
            )

    @property
    def gap(self) -> float:
        """Smallest distance between tubes at the entrance, m."""
        sine = math.sin(math.pi / self.n_tubes)
        core, tube = self.core_radius_at(0.0), self.tube_radius
        return 2.0 * (sine * (core + tube) - tube)

    def _touching_radius(self) -> float:
        sine = math.sin(math.pi / self.n_tubes)
        return self.core_radius_at(0.0) * sine / (1.0 - sine)

    def _excess(
        self, omega: Floats, susceptibility: Floats, radius: float, mode: Mode
    ) -> Complex:
        if mode.name != "HE11":
            raise InvalidValue(f"the fits are those of HE11 alone, got {mode.name}.")
        wavelength = 2.0 * np.pi * SPEED_OF_LIGHT / omega
        glass = np.real(self.cladding_index(omega))
        ratio = self.wall_thickness / self.tube_radius
        frequency = 2.0 * self.wall_thickness / wavelength * np.sqrt(glass**2 - 1.0)
        index = np.sqrt(1.0 + susceptibility)
        wide = self._wide_radius(wavelength, frequency, radius)
        guided = 0.5 * (mode.root * SPEED_OF_LIGHT / (omega * index * wide)) ** 2
        moved = 4.5e-7 / (1.0 - ratio) ** 4 * (wavelength / radius) ** 2
        moved = moved * _strength(1) * _index_resonances(frequency, ratio, glass)
        real = susceptibility / (1.0 + index) - guided + moved
        decibels = self._smallest_loss(wavelength, radius, glass)
        decibels = decibels * _loss_resonances(frequency, ratio, glass)
        power = math.log(10.0) / 10.0 * decibels
        return np.asarray(real + 0.5j * power * SPEED_OF_LIGHT / omega)

    def _wide_radius(
        self, wavelength: Floats, frequency: Floats, radius: float
    ) -> Floats:
        """Return the core radius of a capillary of the same dispersion, m."""
        tube, gap = self.tube_radius, self.gap
        first = 1.027 + 1e-3 * (frequency + 2.0 / frequency**4)
        gaps = 1.0 + (3.0 + 20.0 * wavelength / radius) * gap / tube
        square = radius**2 + self.n_tubes / np.pi * 3.0 / 64.0 * tube**2 * gaps
        return np.asarray(first * np.sqrt(square))

    def _smallest_loss(
        self, wavelength: Floats, radius: float, glass: Floats
    ) -> Floats:
        """Return the loss between resonances, dB/m."""
        tube, wall = self.tube_radius, self.wall_thickness
        size = 3e-4 * wavelength**4.5 / radius**4 * (1.0 - wall / tube) ** -12.0
        size = size * np.sqrt(glass**2 - 1.0) / (wall * math.sqrt(tube))
        return np.asarray(size * np.exp(2.0 * wavelength / (tube * (glass**2 - 1.0))))


def _strength(order: int) -> float:
    return 2e3 * math.exp(-0.05 * abs(order - 1) ** 2.6)


def _loss_resonances(frequency: Floats, ratio: float, glass: Floats) -> Floats:
    total = np.zeros_like(frequency)
    for along in range(1, TERMS + 1):
        for around in range(1, TERMS + 1):
            for cutoff in _cutoffs(around, along, ratio, glass):
                away = (frequency - cutoff) / LOSS_WIDTH
                total = total + _strength(around) / (1.0 + away**2)
    return total


def _index_resonances(frequency: Floats, ratio: float, glass: Floats) -> Floats:
    total = np.zeros_like(frequency)
    for along in range(1, TERMS + 1):
        for cutoff in _cutoffs(1, along, ratio, glass):
            apart = cutoff**2 - frequency**2
            total = total + apart / (apart**2 + (INDEX_WIDTH * frequency) ** 2)
    return total


def _cutoffs(
    around: int, along: int, ratio: float, glass: Floats
) -> tuple[Floats, Floats]:
    """Return the normalised cutoffs of HE and EH modes of a tube's wall."""
    mu, nu = float(around), float(along)
    if along == 1:
        first = abs(0.21 + 0.175 * mu - 0.1 / (mu - 0.35) ** 2)
        hybrid = first * ratio ** (0.55 + 5e-3 * np.sqrt(glass**4 - 1.0))
        hybrid = hybrid + 0.04 * math.sqrt(mu) * ratio
        size = 0.73 + 0.57 * (mu**0.8 + 1.5) / 4.0 - 0.04 / (mu - 0.35)
        power = 0.5 - (glass - 1.0) / (10.0 * (mu + 0.5) ** 0.1)
        return hybrid, size * ratio**power
    hybrid = 0.3 / glass**0.3 * (2.0 / nu) ** 1.2 * abs(mu - 0.8) * ratio + nu - 1.0
    size = 11.5 / (nu**1.2 * (7.75 - nu)) * (0.34 + mu / 4.0 * (glass / 1.2) ** 1.15)
    power = 0.75 + 0.06 / glass**1.15 + 0.1 * np.sqrt(1.44 / glass) * (nu - 2.0)
    return hybrid, size / (mu + 0.2 / glass) ** 0.15 * ratio**power + nu - 1.0
