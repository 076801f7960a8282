"""The best settings of a protocol, and what leaving them costs."""

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.sensitivity.device import Device
from qleap.sensing.sensitivity.protocols import Ramsey

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Optimum", "best_ramsey", "optimise", "tradeoff"]

Objective = Callable[..., float]


@dataclass(frozen=True, kw_only=True)
class Optimum:
    """The best settings found.

    Parameters
    ----------
    settings : mapping of str to float
    value : float
        Of the objective there.
    evaluations : int
        How often the objective was called.
    at_bounds : tuple of str
        Settings that ended at a bound: beyond it may be better.
    """

    settings: Mapping[str, float]
    value: float
    evaluations: int
    at_bounds: tuple[str, ...]


def optimise(
    objective: Objective,
    bounds: Mapping[str, tuple[float, float]],
    *,
    integers: tuple[str, ...] = (),
    grid: int = 12,
) -> Optimum:
    """Return the settings with the smallest objective, mostly a sensitivity.

    Parameters
    ----------
    objective : callable
        Called with the settings by name; returns a positive number.
    bounds : mapping of str to (float, float)
        Lowest and highest of each setting, above zero: the search is in logarithms.
    integers : tuple of str
        Settings that are whole numbers, such as pulses.
    grid : int
        Values of each setting that are tried first; the three best combinations
        start a search with a simplex (Nelder and Mead).
    """
    from scipy.optimize import minimize

    names = tuple(bounds)
    low, high = (np.log([_bound(n, bounds[n])[i] for n in names]) for i in (0, 1))
    for name in integers:
        checks.one_of("integers", name, names)
    calls = itertools.count()

    def settings(x: ArrayLike) -> dict[str, float]:
        values = np.exp(np.clip(x, low, high))
        return {
            n: float(max(1, round(v))) if n in integers else float(v)
            for n, v in zip(names, values, strict=True)
        }

    def cost(x: ArrayLike) -> float:
        next(calls)
        given = settings(x)
        value = float(objective(**_whole(given, integers)))
        return math.log(value) if 0.0 < value < math.inf else math.inf

    axes = [
        np.linspace(a, b, checks.count("grid", grid, 2))
        for a, b in zip(low, high, strict=True)
    ]
    tried = [(cost(x), x) for x in itertools.product(*axes)]
    tried.sort(key=lambda pair: pair[0])
    if tried[0][0] == math.inf:
        raise InvalidValue(
            "objective must be a positive number somewhere within the bounds, but "
            "was not at any of the first settings; check bounds and units."
        )
    found = [
        minimize(
            cost, x, method="Nelder-Mead", bounds=list(zip(low, high, strict=True)),
            options={"xatol": 1e-8, "fatol": 1e-13, "maxiter": 400 * len(names)},
        )
        for _, x in tried[:3]
    ]  # fmt: skip
    best = min(found, key=lambda result: float(result.fun))
    chosen, value = settings(best.x), float(best.fun)
    return Optimum(
        settings=chosen,
        value=math.exp(value),
        evaluations=next(calls),
        at_bounds=tuple(
            n for n in names
            if min(abs(math.log(chosen[n] / b)) for b in bounds[n]) < 1e-6
        ),
    )  # fmt: skip


def _bound(name: str, pair: tuple[float, float]) -> tuple[float, float]:
    low, high = (checks.positive(f"bounds[{name!r}]", value) for value in pair)
    if low >= high:
        raise InvalidValue(
            f"bounds[{name!r}] must be (low, high) with low < high, got {pair}."
        )
    return low, high


def _whole(given: dict[str, float], integers: tuple[str, ...]) -> dict[str, float]:
    return {n: int(v) if n in integers else v for n, v in given.items()}


def best_ramsey(
    device: Device, *, bandwidth: float | None = None, double_quantum: bool = False
) -> Ramsey:
    """Return the Ramsey protocol with the best precession time.

    Parameters
    ----------
    device : Device
    bandwidth : float, optional
        Hz; readings must come twice as often, which shortens the precession.
    double_quantum : bool
        As in `Ramsey`.
    """
    time = device.dephasing_time
    best = optimise(
        lambda tau: Ramsey(tau=tau, double_quantum=double_quantum).sensitivity(device),
        {"tau": (1e-3 * time, 3.0 * time)},
    ).settings["tau"]
    if bandwidth is not None:
        cycle = 0.5 / checks.positive("bandwidth", bandwidth, "Hz")
        longest = cycle * device.duty - device.initialisation - device.readout
        if longest <= 0.0:
            raise InvalidValue(
                f"bandwidth must be < {0.5 / device.cycle(0.0):g} Hz, got "
                f"{bandwidth:g} Hz; shorten the initialisation or the readout."
            )
        best = min(best, longest)
    return Ramsey(tau=best, double_quantum=double_quantum)


def tradeoff(
    objective: Objective,
    axes: Mapping[str, ArrayLike],
    *,
    units: Mapping[str, str],
    unit: str = "T/sqrt(Hz)",
) -> "xr.Dataset":
    """Return an objective on a grid of one or two settings, as a dataset.

    Parameters
    ----------
    objective : callable
        Called with the settings by name.
    axes : mapping of str to array_like
        Values of each setting.
    units : mapping of str to str
        Of each setting.
    unit : str
        Of the objective.
    """
    from qleap.core import results

    if not 1 <= len(axes) <= 2:
        raise InvalidValue(f"axes must be one or two settings, got {len(axes)}.")
    grids = {n: checks.vector(n, v, units.get(n, "1")) for n, v in axes.items()}
    values = [
        objective(**dict(zip(grids, point, strict=True)))
        for point in itertools.product(*(g.tolist() for g in grids.values()))
    ]
    shape = [g.size for g in grids.values()]
    return results.dataset(
        kind="tradeoff",
        coords={n: (g, units.get(n, "")) for n, g in grids.items()},
        variables={
            "sensitivity": (tuple(grids), np.reshape(values, shape), unit),
        },
    )
