"""How far a CRAB retrieval is off: pulses like the one found, retrieved again.

The central momentum approximation, noise below square roots and the search shift a
retrieval in ways that resampling of its trace does not show. A trace made without the
approximation, whose pulse is known, shows them.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qleap.core.constants import ATOMIC_TIME
from qleap.laser.metrology import volkov
from qleap.laser.metrology.photoemission import PhotoDipole
from qleap.laser.propagation.team import Team
from qleap.laser.pulses.sampled import SampledPulse

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["interval_about", "remade", "said_of"]

Floats = NDArray[np.float64]


def interval_about(found: float, again: list[float]) -> tuple[float, float]:
    r"""Return an interval of 95 % about a duration; NaN with fewer than two others.

    Parameters
    ----------
    found : float
        Retrieved duration, s.
    again : list of float
        Those of retrievals whose truth is ``found``.

    Notes
    -----
    To both sides :math:`2|b| + t\,s\sqrt{1+1/n}`: mean and standard deviation of the
    deviations, and Student's quantile for the next one of them. The mean counts twice,
    as it is that of a pulse which is off itself: the truth's may be larger.
    """
    from scipy.stats import t as student

    away = np.asarray(again, float) - found
    away = away[np.isfinite(away)]
    n = away.size
    if n < 2:
        return math.nan, math.nan
    reach = float(student.ppf(0.975, n - 1) * away.std(ddof=1) * math.sqrt(1 + 1 / n))
    reach += 2.0 * abs(float(away.mean()))
    return max(found - reach, 0.0), found + reach


def said_of(found: float, again: list[float]) -> str:
    """Return a sentence about what the central momentum approximation does."""
    away = np.asarray(again, float) - found
    away = away[np.isfinite(away)]
    start = "the central momentum approximation: "
    if not away.size:
        return start + "how far it shifts the duration is not known without a bootstrap"
    return start + (
        f"a pulse like this one comes out {1e18 * away.mean():+.2g} as off "
        f"({away.mean() / found:+.1%}), and this one may be as far off or farther"
    )


def remade(
    trace: "xr.Dataset",
    pulse: SampledPulse,
    potential: tuple[Floats, Floats],
    residual: Floats,
    ip: float,
    dipole: PhotoDipole | None,
    count: int,
    rng: np.random.Generator,
) -> Iterator["xr.Dataset"]:
    """Yield traces of a pulse in a potential (s, V s/m), with noise like a residual.

    The momentum of each electron counts; beyond its times a potential stays as it is.
    """
    energy = trace["energy"].values
    measured = trace["spectrum"].values / trace["spectrum"].values.max()
    fitted = measured - residual
    electron = volkov.electrons(energy, ip, pulse.grid.omega0)
    time, value = potential[0] / ATOMIC_TIME, potential[1] / volkov.ATOMIC_POTENTIAL
    most = float(np.abs(value).max())
    swing = float(electron[0].max() * most + 0.5 * most**2)
    samples = volkov.sampled(pulse, electron, swing)
    paths = _paths(time, value, trace["delay"].values / ATOMIC_TIME, samples[0])
    found = volkov.amplitudes(samples, paths, electron, dipole, Team(1))
    clean = found[0] ** 2 + found[1] ** 2
    clean *= np.sum(clean * fitted) / np.sum(clean**2)
    for _ in range(count):
        made = trace.copy()
        noise = residual * rng.choice([-1.0, 1.0], residual.shape)
        made["spectrum"] = (("delay", "energy"), clean + noise)
        yield made


def _paths(time: Floats, potential: Floats, delay: Floats, born: Floats) -> Floats:
    """Return what a potential does, as `volkov.paths_of` (atomic units)."""
    from scipy.interpolate import CubicSpline

    at = delay[:, None] + born
    step = time[1] - time[0]
    low, high = min(at.min(), time[0]) - step, max(at.max(), time[-1]) + 2.0 * step
    fine = np.arange(low, high, step)
    along = np.interp(fine, time, potential)
    curve = CubicSpline(fine, np.array([along, 0.5 * along**2]).T)
    whole = curve.antiderivative()
    value = np.moveaxis(curve(at), -1, 0)
    left = np.moveaxis(whole(fine[-1]) - whole(at), -1, 0)
    return np.ascontiguousarray(np.stack([value[0], value[1], left[0], left[1]]))
