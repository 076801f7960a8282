"""Crystals as data: cells, sites, and the isotopes that may sit there."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.axes import axis_rotations
from qleap.sensing.spins.isotopes import ISOTOPES

__all__ = ["BORON_NITRIDE", "DIAMOND", "SILICON_CARBIDE", "Crystal"]

Array = NDArray[np.float64]

_MOST_SITES: Final = 1e7
"""Sites that are listed at once: some hundred megabytes, a sphere of 24 nm."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Crystal:
    """A crystal around a defect.

    Parameters
    ----------
    name : str
    vectors : ndarray, shape (3, 3), m
        Rows: edges of the cell.
    sites : ndarray, shape (n, 3)
        Atoms of the cell in units of the edges.
    elements : tuple of str
        Of the sites, for example ``("Si", "C")``.
    frame : ndarray, shape (3, 3)
        Rotation from the coordinates of the edges into the frame of the defect,
        whose z is its own axis; none by default.
    """

    name: str
    vectors: Array
    sites: Array
    elements: tuple[str, ...]
    frame: Array = field(default_factory=lambda: np.eye(3))

    def __post_init__(self) -> None:
        n = len(self.elements)
        for name, shape in (("vectors", (3, 3)), ("sites", (n, 3)), ("frame", (3, 3))):
            array = np.array(getattr(self, name), dtype=np.float64)
            if array.shape != shape or not np.all(np.isfinite(array)):
                raise InvalidValue(
                    f"{name} must be finite and have the shape {shape}, one row a "
                    f"site or edge, got the shape {array.shape}."
                )
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        box = np.prod(np.linalg.norm(self.vectors, axis=1))
        if not self.cell_volume > 1e-9 * box:
            raise InvalidValue(
                f"vectors must span a volume, m, got {self.vectors.tolist()}."
            )
        if not np.allclose(self.frame @ self.frame.T, np.eye(3), atol=1e-9):
            raise InvalidValue(
                f"frame must be a rotation matrix, got {self.frame.tolist()}; build "
                "one with scipy.spatial.transform.Rotation."
            )

    @property
    def cell_volume(self) -> float:
        """Of one cell, m^3."""
        return abs(float(np.linalg.det(self.vectors)))

    def density(self, element: str) -> float:
        """Return the atoms of an element in a volume, 1/m^3."""
        checks.one_of("element", element, tuple(dict.fromkeys(self.elements)))
        return self.elements.count(element) / self.cell_volume

    def natural_isotopes(self) -> dict[str, float]:
        """Return the isotopes with a spin and their natural shares."""
        return {
            name: known.abundance
            for name, known in ISOTOPES.items()
            if name.lstrip("0123456789") in self.elements
        }

    def within(self, radius: float) -> tuple[Array, NDArray[np.int64]]:
        """Return all sites in a sphere around the first atom of the cell.

        Parameters
        ----------
        radius : float, m

        Returns
        -------
        position : ndarray, shape (n, 3), m
            In the frame of the defect, the nearest first: a larger sphere has the
            same sites at its beginning.
        kind : ndarray, shape (n,)
            Place of the site in the cell.
        """
        checks.positive("radius", radius, "m")
        number = 4.19 * radius**3 * len(self.sites) / self.cell_volume
        if number > _MOST_SITES:
            raise InvalidValue(
                f"radius must hold at most {_MOST_SITES:.0e} sites, got {radius:.3g} m "
                f"with {number:.1e}; take a smaller sphere or `random_sites`."
            )
        return _within(self, radius)

    def random_sites(
        self, number: int, radius: float, rng: np.random.Generator
    ) -> Array:
        """Return up to ``number`` different sites of a sphere, shape ``(n, 3)``, m.

        For spheres too large for `within`. Each is the atom of the cell at a
        random point; those outside of the sphere and repeated ones are drawn again.
        """
        found = np.empty((0, 4), dtype=np.int64)
        inverse = np.linalg.inv(self.vectors)
        # A point's atom is up to a cell away: without those beyond the sphere, whose
        # atoms lie inside, the outermost cells would be too empty.
        around = radius + 2.0 * float(np.linalg.norm(self.vectors, axis=1).sum())
        while len(found) < number:
            missing = number - len(found)
            points = rng.normal(size=(missing, 3))
            points *= (
                around
                * np.cbrt(rng.random(missing))[:, None]
                / np.linalg.norm(points, axis=1, keepdims=True)
            )
            cell = np.floor(points @ inverse + rng.random((missing, 3)))
            kind = rng.integers(len(self.sites), size=missing)
            drawn = np.column_stack([cell.astype(np.int64), kind])
            both = np.vstack([found, drawn])
            _, first = np.unique(both, axis=0, return_index=True)
            both = both[np.sort(first)]
            away = np.linalg.norm(self._placed(both[:, :3], both[:, 3]), axis=1)
            found = both[(away < radius) & (away > 0.0)]
        return self._placed(found[:, :3], found[:, 3])

    def _placed(self, cell: NDArray[np.int64], kind: NDArray[np.int64]) -> Array:
        """Return where atoms are in the frame of the defect, m."""
        from_first = cell + self.sites[kind] - self.sites[0]
        return np.asarray(from_first @ self.vectors @ self.frame.T)


@lru_cache(maxsize=8)
def _within(crystal: Crystal, radius: float) -> tuple[Array, NDArray[np.int64]]:
    # Planes of cells are 1 / |row of the inverse| apart.
    apart = 1.0 / np.linalg.norm(np.linalg.inv(crystal.vectors), axis=0)
    reach = np.ceil(radius / apart).astype(int) + 1
    ranges = [np.arange(-n, n + 1) for n in reach]
    cells = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3)
    parts = [
        crystal._placed(cells, np.full(len(cells), kind))
        for kind in range(len(crystal.sites))
    ]
    position = np.concatenate(parts)
    kinds = np.repeat(np.arange(len(crystal.sites)), len(cells))
    distance = np.linalg.norm(position, axis=1)
    inside = np.flatnonzero(distance <= radius)
    # Rounded, so that shells are not ordered by rounding errors.
    keys = np.round(np.column_stack([position, distance])[inside], 15)
    order = inside[np.lexsort(keys.T)]
    position, kinds = position[order], kinds[order]
    position.flags.writeable = kinds.flags.writeable = False
    return position, kinds


def _hexagonal(a: float, c: float) -> Array:
    return np.array([
        [a, 0.0, 0.0], [-0.5 * a, np.sqrt(0.75) * a, 0.0], [0.0, 0.0, c],
    ])  # fmt: skip


_FACES: Final = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]) / 2.0

DIAMOND: Final = Crystal(
    name="diamond",
    vectors=3.567e-10 * np.eye(3),
    sites=np.concatenate([_FACES, _FACES + 0.25]),
    elements=("C",) * 8,
    frame=axis_rotations()[0],
)
"""Lattice constant 0.3567 nm. z is [111] and x is [-1 -1 2], as in `axis_rotations`."""

SILICON_CARBIDE: Final = Crystal(
    name="4H silicon carbide",
    vectors=_hexagonal(3.073e-10, 10.053e-10),
    sites=np.array([
        [0.0, 0.0, 0.0], [0.0, 0.0, 0.5],
        [1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75],
        [0.0, 0.0, 0.1875], [0.0, 0.0, 0.6875],
        [1 / 3, 2 / 3, 0.4375], [2 / 3, 1 / 3, 0.9375],
    ]),
    elements=("Si",) * 4 + ("C",) * 4,
)  # fmt: skip
"""4H, z is c. Space group 186, a 0.3073 nm, c 1.0053 nm (TU Graz, Microelectronics and
Micromechanics, SiC 4H); idealised heights of the Wyckoff sites 2a and 2b:
Landolt-Börnstein III/43A4, SiC 4H. The first atom, where a defect sits, is a silicon
on 2a."""

BORON_NITRIDE: Final = Crystal(
    name="hexagonal boron nitride",
    vectors=_hexagonal(2.504e-10, 6.661e-10),
    sites=np.array([
        [1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75],
        [1 / 3, 2 / 3, 0.75], [2 / 3, 1 / 3, 0.25],
    ]),
    elements=("B", "B", "N", "N"),
)  # fmt: skip
"""Space group 194, B on 2c and N on 2d: AFLOW prototype AB_hP4_194_c_d. Lattice
constants 0.2504 and 0.6661 nm, those in common use; no source of them was opened. Every
site has a spin: quadrupole tensors are not part of the data."""
