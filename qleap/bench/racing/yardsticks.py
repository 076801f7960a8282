"""Work of known kinds, with which a machine is examined."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

__all__ = ["LIVE_SUITE", "Load", "arithmetic", "loads"]

LIVE_SUITE = '''"""The same work in two live workers."""

from qleap.bench import Speed
from qleap.bench.racing.yardsticks import arithmetic


def cases(quick):
    yield Speed(
        name="doctor.live.same",
        title="arithmetic in the cache",
        run=arithmetic(),
        peers=(),
        error=lambda ours, theirs: float(abs(ours - theirs).max()),
        rtol=0.0,
    )
'''


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """A kind of work, and on how many threads it runs."""

    name: str
    work: Callable[[], Any]
    threads: int = 1


def arithmetic() -> Callable[[], Any]:
    """Return work that stays in the cache."""
    return partial(np.sin, np.random.default_rng(0).random(20_000))


def loads(threads: int) -> list[Load]:
    """Return work of each kind, and on ``threads`` threads where that is more."""
    rng = np.random.default_rng(0)
    large, rows = rng.random(4_000_000), rng.random((32, 4096))
    found = [
        Load(name="arithmetic in the cache", work=arithmetic()),
        Load(name="streaming through main memory", work=partial(np.add, large, 1.0)),
    ]
    for count in sorted({1, threads}):
        words = f", {count} threads" if count > 1 else ", one thread"
        found += [
            Load(
                name=f"Fourier transforms{words}",
                work=partial(_transforms, rows, count),
                threads=count,
            ),
            Load(name=f"a compiled kernel{words}", work=_kernel(count), threads=count),
        ]
    return found


def _transforms(rows: Any, threads: int) -> Any:
    from scipy import fft

    return fft.rfft(rows, workers=threads)


def _kernel(threads: int) -> Callable[[], Any]:
    """Return the dipole of an atom in a strong field."""
    from qleap.laser.harmonics import sfa_accelerations

    points, cycle = 2048, 800e-9 / 299792458.0
    step = 8.0 * cycle / points
    turns = np.arange(points) * (8.0 / points)
    field = 3e10 * np.sin(np.pi * turns / 8.0) ** 2 * np.cos(2.0 * np.pi * turns)
    return partial(
        sfa_accelerations,
        field[None],
        step,
        "Ar",
        longest_excursion=1.5 * cycle,
        threads=threads,
    )
