r"""Electrons that come back: the classical model of three steps.

An electron is born at rest at the nucleus, moves in the field alone, and may return
(Corkum, Phys. Rev. Lett. 71, 1994 (1993)). In light of two components it would miss the
nucleus: it returns if it is born with the right velocity across the field.
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks, results
from qleap.core.constants import ELECTRON_MASS, ELEMENTARY_CHARGE
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.driving import DrivingField

if TYPE_CHECKING:
    import xarray as xr
    from scipy.interpolate import PPoly

__all__ = ["RECOLLISIONS", "cosine_return", "recollisions"]

Floats = NDArray[np.float64]

RECOLLISIONS: Final = "laser.recollisions"

BIRTHS: Final = 256
"""In a cycle."""

STEPS: Final = 96
"""In a cycle, in which returns are looked for."""

HALVINGS: Final = 28
"""Of such a step, until a return is known to 4e-11 of a cycle."""

MOST_PAIRS: Final = 20_000_000
"""Births times steps after each."""

AXES: Final = ("birth_time", "visit")

PULL: Final = ELEMENTARY_CHARGE / ELECTRON_MASS
"""Acceleration by a field, C/kg."""


def cosine_return(birth_phase: ArrayLike) -> tuple[Floats, Floats]:
    r"""Return phase and energy of the first return in :math:`E_0\cos\phi`.

    Parameters
    ----------
    birth_phase : array_like
        :math:`\phi'` from 0, a crest of the field, to :math:`\pi/2`, rad. Electrons
        of the other half before a crest never return.

    Returns
    -------
    phase : ndarray
        :math:`\phi`, rad, the root of
        :math:`\cos\phi - \cos\phi' + (\phi-\phi')\sin\phi' = 0` after the birth.
    energy : ndarray
        In ponderomotive energies, :math:`2(\sin\phi-\sin\phi')^2`; at most 3.17314,
        of births at 17.96 degrees and returns at 252.0.
    """
    try:
        born = np.asarray(birth_phase, np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidKind(
            f"birth_phase must be real numbers in rad, got {birth_phase!r:.60}."
        ) from error
    if not ((born >= 0.0) & (born <= 0.5 * np.pi)).all():
        raise InvalidValue(
            "birth_phase must lie between 0 and pi/2 rad, the quarter of a cycle from "
            f"which electrons return, got values from {born.min():g} to {born.max():g}."
        )
    sine, cosine = np.sin(born), np.cos(born)
    # In tau = phi - phi' the double root at the birth is divided out.
    low, high = np.full(born.shape, 1e-9), 2.0 * np.pi - born
    for _ in range(60):
        middle = 0.5 * (low + high)
        excess = np.cos(born + middle) - cosine + middle * sine
        low = np.where(excess < 0.0, middle, low)
        high = np.where(excess < 0.0, high, middle)
    phase = born + 0.5 * (low + high)
    return phase, np.asarray(2.0 * (np.sin(phase) - sine) ** 2)


def recollisions(
    driving: DrivingField,
    *,
    births: ArrayLike | None = None,
    visits: int = 1,
    longest_excursion: float | None = None,
) -> "xr.Dataset":
    r"""Return when electrons come back in any field, and with what energy.

    Parameters
    ----------
    driving : DrivingField
        Of one component or of two.
    births : array_like, optional
        Times of birth, s; by default 256 in every cycle.
    visits : int
        How many passages of the nucleus are counted.
    longest_excursion : float, optional
        Longest time until a return, s; by default 1.5 cycles, and half a cycle more
        for every further visit.

    Returns
    -------
    xarray.Dataset
        Of the kind ``laser.recollisions`` over ``birth_time`` (s) and ``visit`` (from
        1): ``return_time`` (s) and ``return_energy`` (J, kinetic), NaN where the
        electron is not born in the field, or does not return within it and the
        excursion. Of two components ``birth_velocity`` too (m/s), see below.

    Notes
    -----
    With :math:`A=-\int E\,dt` the position is
    :math:`(e/m)[\int_{t'}^tA - A(t')(t-t')]`. The field goes over its times as a cubic
    spline.

    Of two components the part of that position along the field at birth counts. By the
    part across it the electron would miss the nucleus, but for a velocity at birth,
    across the field there, that takes it back: ``birth_velocity``, with which electrons
    are born the more seldom the larger it is.
    """
    from scipy.interpolate import CubicSpline

    if not isinstance(driving, DrivingField):
        raise InvalidKind(
            f"driving must be a DrivingField, got {driving!r:.60}; see driving_field."
        )
    count = checks.count("visits", visits, 1, 16)
    longest = (
        driving.cycle * (1.0 + 0.5 * count)
        if longest_excursion is None
        else checks.positive("longest_excursion", longest_excursion, "s")
    )
    time = driving.time
    step = driving.cycle / STEPS
    born = (
        np.arange(time[0], time[-1], driving.cycle / BIRTHS)
        if births is None
        else checks.vector("births", births, "s", min_size=1)
    )
    steps = max(math.ceil(longest / step), 2)
    if born.size * steps > MOST_PAIRS:
        raise InvalidValue(
            f"births times the steps of an excursion must be <= {MOST_PAIRS}, got "
            f"{born.size} times {steps}; give fewer births or a shorter excursion."
        )
    field = CubicSpline(time, driving.field.T)
    integral = field.antiderivative()
    twice = field.antiderivative(2)
    along = np.ones((born.size, 1))
    if driving.components == 2:
        along = field(born) / np.maximum(_length(field(born)), 1e-300)[:, None]
    delays = step * np.arange(steps + 1.0)
    returned = _returns(integral, twice, along, born, delays, count)
    latest = np.minimum(born + longest, time[-1])
    inside = (born >= time[0])[:, None] & (returned <= latest[:, None])
    returned[~inside] = np.nan
    begun = integral(born)[:, None]
    variables = {"return_time": (AXES, returned, "s")}
    if driving.components == 2:
        delay = (returned - born[:, None])[..., None]
        mean = (twice(returned) - twice(born)[:, None]) / delay
        variables["birth_velocity"] = (AXES, PULL * _length(begun - mean), "m/s")
        begun = mean
    velocity = PULL * _length(integral(returned) - begun)
    variables["return_energy"] = (AXES, 0.5 * ELECTRON_MASS * velocity**2, "J")
    return results.dataset(
        kind=RECOLLISIONS,
        coords={
            "birth_time": (born, "s"),
            "visit": (np.arange(1, count + 1), "1"),
        },
        variables=variables,
        parameters={
            "driving": driving.parameters(),
            "longest_excursion": longest,
        },
    )


def _length(vectors: Floats) -> Floats:
    return np.asarray(np.sqrt((vectors**2).sum(axis=-1)))


def _returns(
    integral: "PPoly",
    twice: "PPoly",
    along: Floats,
    born: Floats,
    delays: Floats,
    count: int,
) -> Floats:
    """Return the times of the first ``count`` returns, NaN where there is none.

    ``along``, shape ``(births, components)``, is the direction that counts.
    """
    start, slope = twice(born)[:, None], integral(born)[:, None]

    def position(time: Floats) -> Floats:
        moved = twice(time) - start - slope * (time - born[:, None])[..., None]
        return np.asarray((moved * along[:, None]).sum(axis=-1))

    away = np.signbit(position(born[:, None] + delays[1:]))
    crossed = away[:, 1:] != away[:, :-1]
    passed = np.cumsum(crossed, axis=1)
    found = np.full((born.size, count), np.nan)
    for visit in range(1, count + 1):
        here = crossed & (passed == visit)
        index = here.argmax(axis=1)
        low = (born + delays[1 + index])[:, None]
        high = (born + delays[2 + index])[:, None]
        sign = np.signbit(position(low))
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            same = np.signbit(position(middle)) == sign
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        found[:, visit - 1] = np.where(here.any(axis=1), low[:, 0], np.nan)
    return found
