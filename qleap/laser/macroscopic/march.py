"""From what all planes radiate to what leaves the gas, a part of the spectrum at once.

Frequencies do not know of each other: a thread carries a part of them through all
planes, twice, in arrays that stay in its cache.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import progress
from qleap.core.constants import SPEED_OF_LIGHT, VACUUM_PERMITTIVITY
from qleap.laser.macroscopic.drivers import Driver
from qleap.laser.macroscopic.sources import Radiation
from qleap.laser.macroscopic.xuv_waves import XuvWaves, mean_over
from qleap.laser.propagation.team import Team, blocks

__all__ = ["Emerging", "marched"]

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

NEIGHBOURS: Final = 4
"""Planes whose sources make up those of a step between them."""

COLUMNS: Final = 64
"""Frequencies that go together."""

REMEMBERED: Final = 2 * NEIGHBOURS + 1
"""Planes whose sources both marches still need."""

ALIKE: Final = 1e-11
"""Relative difference of steps whose weights are the same."""


@dataclass(frozen=True, slots=True)
class Emerging:
    """What leaves the gas.

    Attributes
    ----------
    near_field : ndarray, shape (radii, frequencies)
        V s/m.
    coarse_field : ndarray
        The same from every second plane alone.
    spectra : ndarray, shape (planes, frequencies)
        Energy along the way, J/Hz.
    """

    near_field: Complex
    coarse_field: Complex
    spectra: Floats


@dataclass(frozen=True, slots=True)
class _Way:
    """Planes one after the other.

    Attributes
    ----------
    chosen : list of int
        Their numbers.
    places : list of float
        m.
    means : list of (float, float)
        Over each step: atoms per volume (1/m^3), how much later the frame comes (s/m).
    """

    chosen: list[int]
    places: list[float]
    means: list[tuple[float, float]]


def marched(
    light: Driver, waves: XuvWaves, radiated: Sequence[Radiation], workers: int | None
) -> Emerging:
    """Return what reaches the end from all planes; bits do not depend on workers."""
    n = waves.omega.size
    shape = (waves.section.n_points, n)
    near, coarse = (np.empty(shape, np.complex128) for _ in range(2))
    spectra = np.empty((len(light.planes), n))
    last = len(light.planes) - 1
    ways = [_way(light, [*range(0, last, stride), last]) for stride in (1, 2)]

    def work(_: int, part: slice) -> None:
        own = waves.part(part)
        spectra[:, part], *ends = _part(light, ways, own, radiated, part)
        near[:, part], coarse[:, part] = (own.to_radii(end) for end in ends)
        bar.advance()

    parts = blocks(n, COLUMNS)
    with progress.bar("extreme ultraviolet", len(parts)) as bar:
        Team(workers).run(work, parts)
    return Emerging(near, coarse, spectra)


def _way(light: Driver, chosen: list[int]) -> _Way:
    """Return the way over the chosen planes."""
    places = [light.planes[i].position for i in chosen]
    means = [
        (mean_over(light.density, *step), mean_over(light.slower, *step))
        for step in pairwise(places)
    ]
    return _Way(chosen, places, means)


def _part(
    light: Driver,
    ways: Sequence[_Way],
    waves: XuvWaves,
    radiated: Sequence[Radiation],
    part: slice,
) -> tuple[Floats, Complex, Complex]:
    """Return spectra along the way, and the waves from all and half of the planes."""

    @lru_cache(REMEMBERED)
    def source(i: int) -> Complex:
        here = radiated[i]
        size = light.planes[i].density * here.largest
        return waves.sources(size, here.shape[:, part])

    spectra = np.zeros((len(light.planes), waves.omega.size))
    last = len(light.planes) - 1
    fine, coarse = (_steps(way, waves, source) for way in ways)
    seldom = next(coarse)
    often = waves.empty()
    for i, often in enumerate(fine):
        spectra[i] = (np.abs(often) ** 2).sum(axis=0)
        if i and (i % 2 == 0 or i == last):
            seldom = next(coarse)
    return 2.0 * VACUUM_PERMITTIVITY * SPEED_OF_LIGHT * spectra, often, seldom


def _steps(
    way: _Way, waves: XuvWaves, source: Callable[[int], Complex]
) -> Iterator[Complex]:
    """Yield the waves at the planes of a way, the same array each time."""
    memory = _Memory(waves)
    found = waves.empty()
    yield found
    count = len(way.chosen)
    steps = zip(pairwise(way.places), way.means, strict=True)
    for number, (step, (density, slower)) in enumerate(steps):
        first = min(max(number - 1, 0), max(count - NEIGHBOURS, 0))
        near = range(first, min(first + NEIGHBOURS, count))
        places = [way.places[i] for i in near]
        grown, weights = memory.weights(places, step, density, slower)
        found *= grown
        for i, weight in zip(near, weights, strict=True):
            found += weight * source(way.chosen[i])
        yield found


@dataclass(slots=True)
class _Memory:
    """The weights of the last step, for as long as steps are alike."""

    waves: XuvWaves
    _key: Floats = field(default_factory=lambda: np.zeros(0))
    _kept: tuple[Complex, list[Complex]] | None = None

    def weights(
        self,
        places: Sequence[float],
        step: tuple[float, float],
        density: float,
        slower: float,
    ) -> tuple[Complex, list[Complex]]:
        start, end = step
        away = (np.array(places) - start) / (end - start)
        key = np.array([end - start, density, slower, *away])
        same = key.size == self._key.size and np.allclose(
            key, self._key, rtol=ALIKE, atol=0.0
        )
        if self._kept is None or not same:
            self._kept = self.waves.step_weights(places, step, density, slower)
            self._key = key
        return self._kept
