"""Random baths: nuclei and paramagnetic centres around a central spin."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import BOHR_MAGNETON, PLANCK
from qleap.core.errors import InvalidValue
from qleap.sensing.bath.crystal import DIAMOND, Crystal
from qleap.sensing.bath.spins import BathSpins
from qleap.sensing.nv.axes import AXES
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.spins.isotopes import ISOTOPES, isotope
from qleap.sensing.spins.spin import dipolar_tensor

__all__ = [
    "diamond_lattice",
    "join_baths",
    "nitrogen_bath",
    "proton_layer",
    "random_bath",
]

Array = NDArray[np.float64]
Seed = int | np.random.Generator | None
Hyperfine = Callable[[Array, float], Array]
"""Positions (n, 3), m, and a Zeeman coefficient, Hz/T, to tensors (n, 3, 3), Hz."""

_MAGNETON: Final = BOHR_MAGNETON / PLANCK  # Hz/T
_P1_G: Final = 2.0024
_P1_PARALLEL: Final = 40.8e-4 * _P1_G * _MAGNETON  # Hz
_P1_PERPENDICULAR: Final = 29.2e-4 * _P1_G * _MAGNETON


def random_bath(
    crystal: Crystal,
    radius: float,
    *,
    isotopes: Mapping[str, float] | None = None,
    seed: Seed = None,
    inner_radius: float = 0.0,
    empty: ArrayLike = ((0.0, 0.0, 0.0),),
    hyperfine: Hyperfine | None = None,
) -> BathSpins:
    """Return nuclei put at random on the sites of a crystal.

    Parameters
    ----------
    crystal : Crystal
    radius : float, m
        Of the sphere around the central spin, which sits on the first atom.
    isotopes : mapping, optional
        Name to share of its element, for example ``{"13C": 0.0107}``; by default
        all that have a spin, with their natural shares.
    seed : int or numpy.random.Generator, optional
        The same seed gives the same bath; in a larger sphere or with larger shares of
        one isotope it gives the same spins and more.
    inner_radius : float, m
        Sites nearer than this stay empty, as for a centre that was chosen for the
        lack of a strongly coupled nucleus.
    empty : array_like, shape (n, 3), m
        Sites without a nucleus of the bath: those of the defect.
    hyperfine : callable, optional
        From positions, m, and Zeeman coefficient, Hz/T, to tensors (n, 3, 3), Hz;
        by default `point_dipoles` of an NV centre.
    """
    checks.non_negative("inner_radius", inner_radius, "m")
    shares = crystal.natural_isotopes() if isotopes is None else dict(isotopes)
    site, kind = crystal.within(radius)
    drawn = _draw(crystal, kind, shares, np.random.default_rng(seed).random(len(site)))
    found = np.flatnonzero(drawn >= 0)
    site, drawn = site[found], drawn[found]
    free = np.linalg.norm(site, axis=1) >= inner_radius
    for place in np.asarray(empty, dtype=np.float64).reshape(-1, 3):
        free &= np.linalg.norm(site - place, axis=1) > 1e-11
    tensors = point_dipoles if hyperfine is None else hyperfine
    places = [np.flatnonzero(free & (drawn == k)) for k in range(len(shares))]
    bath = join_baths(
        *(
            _nuclei(name, site[which], tensors)
            for name, which in zip(shares, places, strict=True)
        )
    )
    return bath.chosen(np.argsort(np.concatenate(places)))


def diamond_lattice(
    radius: float = 4e-9,
    *,
    abundance: float = ISOTOPES["13C"].abundance,
    seed: Seed = None,
    inner_radius: float = 0.0,
    hyperfine: Hyperfine | None = None,
) -> BathSpins:
    """Return the 13C of a diamond around an NV centre.

    The electron spin is a point at the vacancy, the origin; the nitrogen is at
    +0.154 nm along z, and x points along [-1 -1 2]. Both sites hold no 13C.

    Parameters
    ----------
    radius : float, m
    abundance : float
        Share of 13C, 1.07 % in nature.
    seed, inner_radius, hyperfine
        See `random_bath`. Point dipoles leave out the contact term, which reaches
        130 MHz in the first shell; beyond about 0.5 nm what is left is good to the
        accuracy that Hahn echoes ask for. Choose an ``inner_radius``, or a
        ``hyperfine`` of computed tensors, where near sites matter.
    """
    nitrogen = 0.25 * np.sqrt(3.0) * np.linalg.norm(DIAMOND.vectors[0])
    return random_bath(
        DIAMOND,
        radius,
        isotopes={"13C": checks.probability("abundance", abundance)},
        seed=seed,
        inner_radius=inner_radius,
        empty=[[0.0, 0.0, 0.0], [0.0, 0.0, float(nitrogen)]],
        hyperfine=hyperfine,
    )


def nitrogen_bath(
    radius: float, *, ppm: float, seed: Seed = None, inner_radius: float = 0.0
) -> BathSpins:
    r"""Return the electrons of P1 centres in a diamond.

    Each P1 has one of four Jahn-Teller axes and its 14N one of three projections m,
    all equally likely, which shift the electron by :math:`m |A \hat z|` (`local`):
    electrons with different shifts cannot exchange their spins. That is good in
    fields along z well above :math:`A / g \mu_B` = 4 mT and for times short against
    the relaxation of 14N.

    Parameters
    ----------
    radius : float, m
        1 ppm are 176 centres in a sphere of 62 nm.
    ppm : float
        P1 centres in a million atoms.
    seed, inner_radius
        See `random_bath`.

    Notes
    -----
    g = 2.0024, A = 40.8 and 29.2 Oe: Smith et al., Phys. Rev. 115, 1546 (1959),
    abstract. The number of centres is a Poisson variable.
    """
    rng = np.random.default_rng(seed)
    checks.at_least("radius", radius, 1e-9, "m")
    checks.between("ppm", ppm, 0.0, 1e4, "ppm")
    density = 1e-6 * ppm * DIAMOND.density("C")
    number = int(rng.poisson(density * 4.0 / 3.0 * np.pi * radius**3))
    site = DIAMOND.random_sites(number, radius, rng)
    cosine = np.abs(AXES[rng.integers(4, size=len(site))] @ AXES[0])
    sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    splitting = np.hypot(_P1_PARALLEL * cosine, _P1_PERPENDICULAR * sine)
    local = np.zeros((len(site), 3))
    local[:, 2] = splitting * rng.integers(-1, 2, size=len(site))
    far = np.linalg.norm(site, axis=1) >= inner_radius
    zeeman = _P1_G * _MAGNETON
    return BathSpins(
        position=site[far],
        spin=np.full(int(far.sum()), 0.5),
        zeeman=np.full(int(far.sum()), zeeman),
        hyperfine=point_dipoles(site[far], zeeman),
        local=local[far],
    )


def proton_layer(
    depth: float,
    *,
    thickness: float = 1e-9,
    radius: float | None = None,
    density: float = 6e28,
    seed: Seed = None,
    normal: ArrayLike = (0.0, 0.0, 1.0),
) -> BathSpins:
    """Return protons in a flat layer above a shallow centre.

    Parameters
    ----------
    depth : float, m
        Of the centre below the layer.
    thickness : float, m
    radius : float, m, optional
        Of the disc; three depths by default.
    density : float, 1/m^3
        6e28 is that of oils and adsorbed hydrocarbons.
    seed : int or numpy.random.Generator, optional
    normal : array_like, shape (3,)
        Of the surface, in the frame of the centre: along z for a (111) surface,
        at 54.7 degrees to it for a (100) surface.
    """
    rng = np.random.default_rng(seed)
    checks.positive("depth", depth, "m")
    checks.positive("thickness", thickness, "m")
    checks.non_negative("density", density, "1/m^3")
    disc = 3.0 * depth if radius is None else checks.positive("radius", radius, "m")
    number = int(rng.poisson(density * np.pi * disc**2 * thickness))
    up = checks.triple("normal", normal, "1")
    if not np.linalg.norm(up) > 0.0:
        raise InvalidValue("normal must not be 0 in every component, got [0, 0, 0].")
    up = up / np.linalg.norm(up)
    first = np.cross(up, np.eye(3)[int(np.argmin(np.abs(up)))])
    first = first / np.linalg.norm(first)
    across, angle = disc * np.sqrt(rng.random(number)), 2.0 * np.pi * rng.random(number)
    height = depth + thickness * rng.random(number)
    position = (
        (across * np.cos(angle))[:, None] * first
        + (across * np.sin(angle))[:, None] * np.cross(up, first)
        + height[:, None] * up
    )
    return _nuclei("1H", position, point_dipoles)


def join_baths(*baths: BathSpins) -> BathSpins:
    """Return one bath of the spins of several, in their order."""
    if not baths:
        raise InvalidValue("baths must be at least one, got none.")
    optional = {}
    for name, shape in (("quadratic", (3, 3)), ("local", (3,))):
        parts = [getattr(bath, name) for bath in baths]
        if any(part is not None for part in parts):
            optional[name] = np.concatenate(
                [
                    np.zeros((len(bath), *shape)) if part is None else part
                    for bath, part in zip(baths, parts, strict=True)
                ]
            )
    return BathSpins(
        position=np.concatenate([bath.position for bath in baths]),
        spin=np.concatenate([bath.spin for bath in baths]),
        zeeman=np.concatenate([bath.zeeman for bath in baths]),
        hyperfine=np.concatenate([bath.hyperfine for bath in baths]),
        **optional,
    )


def point_dipoles(position: Array, zeeman: float) -> Array:
    """Return the hyperfine tensors of spins to an NV electron at the origin, Hz.

    ``position`` is (n, 3), m; ``zeeman`` the coefficient of the spins, Hz/T.
    """
    electron = NVCentre().gyromagnetic_ratios
    return dipolar_tensor(electron, zeeman, position.reshape(-1, 3))


def _nuclei(name: str, position: Array, hyperfine: Hyperfine) -> BathSpins:
    nucleus = isotope(name)
    zeeman, n = -nucleus.gyromagnetic_ratio, len(position)
    tensors = np.asarray(hyperfine(position, zeeman))
    if tensors.shape != (n, 3, 3):
        raise InvalidValue(
            f"hyperfine must return tensors of the shape ({n}, 3, 3), Hz, got the "
            f"shape {tensors.shape}; one for each position."
        )
    return BathSpins(
        position=position,
        spin=np.full(n, nucleus.spin),
        zeeman=np.full(n, zeeman),
        hyperfine=tensors,
    )


def _draw(
    crystal: Crystal, kind: NDArray[np.int64], shares: Mapping[str, float], u: Array
) -> NDArray[np.int64]:
    """Return which of the isotopes sits on each site, -1 for none of them."""
    chosen = np.full(len(kind), -1)
    used = dict.fromkeys(crystal.elements, 0.0)
    elements = np.array(crystal.elements)
    for place, (name, share) in enumerate(shares.items()):
        checks.probability(f"the share of {name}", share)
        element = name.lstrip("0123456789")
        checks.one_of("element", element, tuple(used))
        low, high = used[element], used[element] + share
        if high > 1.0 + 1e-9:
            raise InvalidValue(
                f"isotopes must share each element up to 1, got {high:.6g} of "
                f"{element}."
            )
        mine = (u >= low) & (u < high)
        chosen[mine & (elements == element)[kind]] = place
        used[element] = high
    return chosen
