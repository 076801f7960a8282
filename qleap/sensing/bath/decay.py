"""Times after which coherence is lost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.spins.isotopes import isotope

__all__ = ["Decay", "fit_decay", "revival_times"]


@dataclass(frozen=True, kw_only=True)
class Decay:
    r"""Stretched exponential :math:`e^{-(t/T)^p}` next to a coherence.

    Parameters
    ----------
    time : float, s
        T.
    exponent : float
        p, between 0.3 and 6.
    misfit : float
        Root mean square of the distance.
    crossing : float, s
        When the coherence first falls below 1/e; nan where it does not.
    converged : bool
        False where the coherence stays too high to tell T, or is gone before the
        first time after 0.
    """

    time: float
    exponent: float
    misfit: float
    crossing: float
    converged: bool


def fit_decay(times: ArrayLike, coherence: ArrayLike) -> Decay:
    """Return the stretched exponential nearest to the modulus of a coherence.

    Parameters
    ----------
    times : array_like, shape (t,), s
        Ascending. Where the echo collapses and revives, those of its revivals
        (`revival_times`).
    coherence : array_like, shape (t,)
    """
    from scipy.optimize import least_squares

    t = checks.increasing("times", times, "s", min_size=4)
    size = np.abs(np.asarray(coherence))
    if size.shape != t.shape or not np.all(np.isfinite(size)):
        raise InvalidValue(
            f"coherence must be finite and have the shape of times, {t.shape}, got "
            f"{size.shape}."
        )
    crossing = _first_below(t, size, np.exp(-1.0))
    unit = t[-1]
    start = np.log((crossing if np.isfinite(crossing) else t[-1]) / unit)

    def distance(p: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.exp(-((t / unit * np.exp(-p[0])) ** p[1])) - size)

    found = least_squares(
        distance, [start, 1.5], bounds=([-20.0, 0.3], [5.0, 6.0]), x_scale=[0.1, 0.1]
    )
    time = float(unit * np.exp(found.x[0]))
    seen = size[t > 0.0].max(initial=0.0) > 0.05
    return Decay(
        time=time,
        exponent=float(found.x[1]),
        misfit=float(np.sqrt(np.mean(found.fun**2))),
        crossing=crossing,
        converged=bool(
            found.success and seen and size.min() < 0.9 and time < 5.0 * unit
        ),
    )


def revival_times(
    field: ArrayLike, longest: float, *, nucleus: str = "13C", points: int = 51
) -> NDArray[np.float64]:
    r"""Return times of free evolution at which the Hahn echo revives.

    After :math:`t = 2 k / (\gamma |B|)`, nuclei that precess about the field alone
    while the electron is in m = 0 have made k whole turns in each half, and their
    modulation of the echo is gone: Childress et al., Science 314, 281 (2006), as
    quoted by Zhao et al., Phys. Rev. B 85, 115303 (2012).

    Parameters
    ----------
    field : array_like, shape (3,), T
    longest : float, s
    nucleus : str
    points : int
        At most, as evenly spread as the revivals allow; the first is 0.
    """
    b = float(np.linalg.norm(checks.triple("field", field, "T")))
    period = 2.0 / abs(isotope(nucleus).gyromagnetic_ratio * checks.positive("|B|", b))
    last = int(checks.positive("longest", longest, "s") / period)
    if last < 1:
        raise InvalidValue(
            f"longest must be at least {period:.4g} s, the first revival at "
            f"{b:.4g} T, got {longest:.4g}."
        )
    number = min(checks.count("points", points, low=2), last + 1)
    return np.unique(np.round(np.linspace(0, last, number))) * period


def _first_below(
    t: NDArray[np.float64], size: NDArray[np.float64], level: float
) -> float:
    below = np.flatnonzero(size < level)
    if not below.size or below[0] == 0:
        return float("nan")
    k = int(below[0])
    share = (size[k - 1] - level) / (size[k - 1] - size[k])
    return float(t[k - 1] + share * (t[k] - t[k - 1]))
