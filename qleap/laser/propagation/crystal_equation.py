"""The parts of a crystal with a second-order response, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.fourier import RealTransform
from qleap.laser.grid import FieldGrid
from qleap.laser.media.crystals import Crystal
from qleap.laser.media.nonlinear import chi3_from_n2
from qleap.laser.propagation.crystal_waves import CrystalWaves, rotated_tensor
from qleap.laser.propagation.equation import UnidirectionalEquation
from qleap.laser.propagation.given import check_kind
from qleap.laser.propagation.linear import UniformLinear
from qleap.laser.propagation.quadratic import Poling, Quadratic

__all__ = ["Absorption", "CrystalEquation", "Cut"]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

Absorption = float | Callable[[Floats], Floats]
"""Power absorbed per length, 1/m; where a function, of wavelengths in m."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """A piece of crystal and how light goes through it.

    Parameters
    ----------
    crystal : Crystal
        Its material.
    length : float
        m.
    theta, phi : float
        Direction of the wave vectors, rad.
    area : float
        Effective area, m^2.
    poling : Poling, optional
        Domains; None for one.
    n2 : float
        Nonlinear index of an isotropic third-order response, m^2/W.
    absorption : float or callable
        1/m, the same for both waves.
    """

    crystal: Crystal
    length: float
    theta: float
    phi: float
    area: float
    poling: Poling | None = None
    n2: float = 0.0
    absorption: Absorption = 0.0

    def __post_init__(self) -> None:
        checks.positive("length", self.length, "m")
        checks.positive("area", self.area, "m^2")
        if self.poling is not None:
            check_kind("poling", self.poling, Poling, "take Poling(period=...)")
        checks.finite("n2", self.n2, "m^2/W")
        for name in ("theta", "phi"):
            checks.finite(name, getattr(self, name), "rad")
        if not callable(self.absorption):
            checks.non_negative("absorption", self.absorption, "1/m")

    def absorption_at(self, omega: Floats) -> Floats:
        """Return the absorption at angular frequencies (rad/s) above zero, 1/m."""
        if not callable(self.absorption):
            return np.full(omega.shape, float(self.absorption))
        found = np.asarray(self.absorption(2.0 * np.pi * SPEED_OF_LIGHT / omega), float)
        if found.shape != omega.shape or not np.all(found >= 0.0):
            raise InvalidValue(
                "absorption must return one number >= 0 1/m for each wavelength, got "
                f"an array {found.shape} for {omega.shape}, or negative ones."
            )
        return found

    def chi3(self, wavelength: float, polarisation: str) -> float:
        """Return the third-order susceptibility for ``n2`` at a wavelength (m)."""
        index = self.crystal.refractive_index(
            wavelength, polarisation, self.theta, self.phi
        )
        return chi3_from_n2(self.n2, float(index))


class CrystalEquation(UnidirectionalEquation):
    """Real fields of both polarisations; amplitudes in sqrt(W), shape ``(2, n)``.

    Parameters
    ----------
    cut : Cut
        The crystal.
    grid : FieldGrid
        Time and frequencies.
    polarisation : str
        Whose group velocity at the grid's wavelength is the frame's.
    """

    def __init__(self, cut: Cut, grid: FieldGrid, polarisation: str) -> None:
        omega = grid.omega
        self.waves = CrystalWaves(cut.crystal, omega, cut.theta, cut.phi, cut.area)
        at = (grid.wavelength, polarisation, cut.theta, cut.phi)
        delay = cut.crystal.beta(1, *at)
        rates = 1j * omega * (self.waves.index / SPEED_OF_LIGHT - delay)
        rates -= 0.5 * cut.absorption_at(np.maximum(omega, omega[1]))
        self._quadratic = Quadratic(
            rotated_tensor(cut.crystal, cut.theta, cut.phi),
            cut.chi3(grid.wavelength, polarisation),
        )
        self._cut = cut
        # Photons count, but those far below the band would count without bound.
        weights = grid.omega0 / np.maximum(omega, 0.5 * grid.band[0])
        super().__init__(
            UniformLinear(np.asarray(rates, np.complex128)),
            self.waves,
            [self._quadratic],
            RealTransform((3, grid.n_points), grid.n_frequencies),
            omega=omega,
            weights=weights,
            pass_band=grid.pass_band,
        )

    @cached_property
    def walls(self) -> Floats:
        """Walls between domains, m."""
        poling = self._cut.poling
        return np.empty(0) if poling is None else poling.walls(self._cut.length)

    def enter(self, position: float) -> None:
        """Take the domain beyond ``position`` (m)."""
        passed = int(np.searchsorted(self.walls, position, side="right"))
        self._quadratic.sign = -1.0 if passed % 2 else 1.0
