r"""Radii for waves around a nucleus: narrow at it, wide far out.

Lengths are bohr and energies hartree. Derivatives over the number of the point are of
fourth order, by a mass matrix of three diagonals, whose first element knows the cusp at
a nucleus.

References
----------
H. G. Muller, Laser Phys. 9, 138 (1999); D. Bauer and P. Koval, Comput. Phys. Commun.
174, 396 (2006), section 3: the scheme on even radii.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.tdse.potentials import CentralPotential

__all__ = ["RadialGrid", "RadialOperator", "radial_grid"]

Floats = NDArray[np.float64]

SIDE: Final = 1.0 / 12.0
"""Of the mass matrix, beside the diagonal; 10/12 stand on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RadialGrid:
    r"""Radii :math:`r(x) = s_0x + (s_1 - s_0)(x - X\tanh(x/X))` of ``x = 1, 2, ...``.

    Parameters
    ----------
    n_points : int
    first_step, step : float
        Distance of neighbours at the nucleus and far out, bohr.
    bend : float
        Points ``X`` over which it goes from one to the other.

    See Also
    --------
    radial_grid : for an atom, out to a radius.
    """

    n_points: int
    first_step: float
    step: float
    bend: float = 20.0

    def __post_init__(self) -> None:
        checks.count("n_points", self.n_points, 64, 2**20)
        checks.positive("first_step", self.first_step, "bohr")
        checks.at_least("step", self.step, self.first_step, "bohr")
        checks.at_least("bend", self.bend, 2.0)

    @property
    def places(self) -> Floats:
        """Numbers of the points, from 1."""
        return np.arange(1, self.n_points + 1, dtype=np.float64)

    @property
    def radii(self) -> Floats:
        """Radii, bohr, ``(n_points,)``."""
        x, wider = self.places, self.step - self.first_step
        return self.first_step * x + wider * (x - self.bend * np.tanh(x / self.bend))

    @property
    def stretch(self) -> Floats:
        """Distance of neighbours ``dr/dx``, bohr."""
        wider = self.step - self.first_step
        return self.first_step + wider * np.tanh(self.places / self.bend) ** 2

    @property
    def potential(self) -> Floats:
        r"""What uneven radii add to a potential, hartree.

        With :math:`u = \sqrt{J}\varphi` and :math:`J = dr/dx` the kinetic energy is
        :math:`-\frac12 J^{-1}\partial_x^2J^{-1}` of :math:`J\varphi`, and
        :math:`(3J'^2/J^2 - 2J''/J)/8J^2`.
        """
        wider, j = self.step - self.first_step, self.stretch
        t = np.tanh(self.places / self.bend)
        first = 2.0 * wider * t * (1.0 - t**2) / self.bend
        second = 2.0 * wider * (1.0 - 3.0 * t**2) * (1.0 - t**2) / self.bend**2
        return np.asarray((3.0 * first**2 / j**2 - 2.0 * second / j) / (8.0 * j**2))


def radial_grid(
    potential: CentralPotential,
    radius: float,
    *,
    step: float = 0.2,
    finest: float = 0.1,
) -> RadialGrid:
    """Return a grid for an atom.

    Parameters
    ----------
    potential : CentralPotential
    radius : float
        Where it ends, bohr.
    step : float
        Far out, bohr. The fastest electrons need three steps a radian: 0.2 carries
        them up to a momentum of 1.6.
    finest : float
        At the nucleus, over the radius of an electron there (one over its charge, at
        most half a bohr).
    """
    far = checks.positive("radius", radius, "bohr")
    wide = checks.positive("step", step, "bohr")
    near = min(
        wide, checks.positive("finest", finest) / max(2.0, potential.nuclear_charge)
    )
    bend = max(20.0, 4.0 / wide, math.sqrt(60.0 * potential.nuclear_charge))
    n_points = math.ceil((far + (wide - near) * bend) / wide)
    return RadialGrid(n_points=n_points, first_step=near, step=wide, bend=bend)


class RadialOperator:
    r"""The energy of the radial motion, as two matrices of three diagonals.

    For :math:`u = \sqrt{J}\varphi` the energy of the angular momentum ``l`` is
    :math:`J^{-1}M^{-1}DJ^{-1} + V_l` of :math:`J\varphi`; what is solved is the same
    times :math:`MJ` from the left.

    Parameters
    ----------
    grid : RadialGrid
    potential : CentralPotential
    """

    def __init__(self, grid: RadialGrid, potential: CentralPotential) -> None:
        if not isinstance(potential, CentralPotential):
            raise InvalidKind(
                f"potential must be a CentralPotential, got {potential!r:.80}; "
                "central_potential gives that of an atom."
            )
        self.grid = grid
        self.radii, self.stretch = grid.radii, grid.stretch
        self.static = potential.values_au(self.radii) + grid.potential
        near = potential.nuclear_charge * grid.first_step
        if not near < 0.6:
            raise InvalidValue(
                f"first_step must be below {0.6 / potential.nuclear_charge:.3g} bohr "
                f"for a nuclear charge of {potential.nuclear_charge:.4g}, got "
                f"{grid.first_step:g}."
            )
        self.near = near

    def cusp(self, l: int) -> float:  # noqa: E741
        """Return what the first elements of both matrices change by.

        Numerov's formula at the first point wants the second derivative at the nucleus,
        ``-2 Z u'`` for ``l = 0`` (the cited papers) and ``u/(r^2/2)`` for ``l = 1``.
        """
        if l == 0:
            return self.near / (12.0 - 10.0 * self.near)
        return -1.0 / (10.0 - 3.0 * self.near) if l == 1 else 0.0

    def potential(self, l: int) -> Floats:  # noqa: E741
        """Return the potential with the barrier of the angular momentum."""
        return np.asarray(self.static + 0.5 * l * (l + 1) / self.radii**2)

    def mass_bands(self, l: int, weight: Floats) -> NDArray[np.complex128]:  # noqa: E741
        """Return the bands of the mass matrix times ``weight``, ``(3, n)``."""
        n = self.grid.n_points
        bands = np.zeros((3, n), np.result_type(weight, np.float64))
        bands[0, 1:], bands[2, :-1] = SIDE * weight[1:], SIDE * weight[:-1]
        bands[1] = 10.0 * SIDE * weight
        bands[1, 0] += 2.0 * self.cusp(l) * SIDE * weight[0]
        return bands

    def kinetic_bands(self, l: int) -> Floats:  # noqa: E741
        """Return the bands of ``-1/2`` times the second difference, ``(3, n)``."""
        bands = np.zeros((3, self.grid.n_points))
        bands[0, 1:] = bands[2, :-1] = -0.5
        bands[1] = 1.0
        bands[1, 0] -= self.cusp(l)
        return bands

    def shifted(self, l: int, energy: complex) -> NDArray[np.complex128]:  # noqa: E741
        """Return the bands of ``M J (H - energy) J``, ``(3, n)``."""
        weight = self.stretch**2 * (self.potential(l) - energy)
        return np.asarray(self.kinetic_bands(l) + self.mass_bands(l, weight))

    def times_mass(self, l: int, wave: NDArray[Any]) -> NDArray[Any]:  # noqa: E741
        """Return ``M J^2`` times a wave."""
        bands = self.mass_bands(l, self.stretch**2)
        out = bands[1] * wave
        out[:-1] += bands[0, 1:] * wave[1:]
        out[1:] += bands[2, :-1] * wave[:-1]
        return np.asarray(out)
