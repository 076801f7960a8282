"""The setting of a compressor at which a pulse is shortest or strongest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue, NotConverged
from qleap.laser.grid import Grid
from qleap.laser.pulses.elements import Element, PolynomialPhase, through
from qleap.laser.pulses.light import Light, peak_of
from qleap.laser.pulses.phases import compression_quality
from qleap.laser.pulses.sampled import SampledPulse
from qleap.laser.pulses.widths import fwhm

__all__ = ["Compressed", "compress", "compress_by_polynomial"]

Floats = NDArray[np.float64]

Target = Literal["peak_power", "fwhm"]

COARSE: Final = 41
"""Settings that are tried first where there is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Compressed:
    """A compressed pulse and how it came about.

    Parameters
    ----------
    pulse : SampledPulse
    settings : tuple of float
        As the elements were made of.
    quality : float
        Peak power over that at the transform limit.
    fwhm : float
        Full width at half maximum of the intensity, s.
    """

    pulse: SampledPulse
    settings: tuple[float, ...]
    quality: float
    fwhm: float


def compress(
    light: Light,
    elements: Callable[..., Element | Sequence[Element]],
    bounds: Sequence[tuple[float, float]],
    *,
    target: Target = "peak_power",
) -> Compressed:
    """Return ``light`` after the elements at the best setting within bounds.

    Parameters
    ----------
    light : Light
    elements : callable
        Takes the settings, one argument each, and returns an element or several.
    bounds : sequence of (float, float)
        Lowest and highest value of each setting.
    target : {"peak_power", "fwhm"}
        What is made largest, or smallest. The shortest pulse may have most of its
        energy in wings; the strongest has not.

    Raises
    ------
    NotConverged
        Where the search does not end.

    Notes
    -----
    One setting: a scan, then Brent's method about the best. Several: differential
    evolution with a fixed seed, then Nelder and Mead. All settings are compared on
    one grid, which holds the uncompressed pulse and what comes out at the bounds'
    corners.
    """
    from scipy import optimize

    checks.one_of("target", target, ("peak_power", "fwhm"))
    limits = [_bound(i, pair) for i, pair in enumerate(bounds)]
    if not limits:
        raise InvalidValue("bounds must be given for each setting, got none.")
    grid = _common_grid(light, elements, limits)

    def cost(settings: Floats | Sequence[float]) -> float:
        pulse = through(light, *_listed(elements(*settings)), grid=grid)
        if target == "peak_power":
            return -peak_of(pulse.samples)
        return _duration(pulse)

    middle = [0.5 * (low + high) for low, high in limits]
    scale = abs(cost(middle))
    if len(limits) == 1:
        best = _one_setting(lambda x: cost([x]) / scale, limits[0])
    else:
        first = optimize.differential_evolution(
            lambda x: cost(x) / scale, limits, seed=1, polish=False, tol=1e-6,
            maxiter=200, popsize=12,
        )  # fmt: skip
        found = optimize.minimize(
            lambda x: cost(x) / scale, first.x, method="Nelder-Mead", bounds=limits,
            options={"xatol": 1e-9 * max(h - low for low, h in limits),
                     "fatol": 1e-10, "maxiter": 4000},
        )  # fmt: skip
        if not np.isfinite(found.fun):
            raise NotConverged(
                "no setting within the bounds gives a pulse; widen the bounds."
            )
        best = found.x
    settings = tuple(float(x) for x in best)
    pulse = through(light, *_listed(elements(*settings)), grid=grid)
    return Compressed(
        pulse=pulse,
        settings=settings,
        quality=compression_quality(pulse),
        fwhm=_duration(pulse),
    )


def compress_by_polynomial(light: Light, highest: int = 3) -> Compressed:
    """Return ``light`` with the polynomial spectral phase that makes it strongest.

    Parameters
    ----------
    light : Light
    highest : int
        Order of the last term, 2 to 6: 2 is a GDD alone.

    Returns
    -------
    Compressed
        ``settings`` are the GDD, TOD, ... that were added, s^2, s^3, ...

    Notes
    -----
    A scan of the GDD, then Nelder and Mead with one more order at a time, and once
    more from a fit to the spectral phase, weighted with the density. The stronger
    pulse of both is returned, so that another order never makes it worse.
    """
    last = checks.count("highest", highest, 2, 6)
    fitted, width = _fitted_phase(light, last)
    units = width ** (-np.arange(2.0, last + 1))
    reach = 2.0 * max(abs(float(fitted[0])), float(units[0]))
    widest = PolynomialPhase(wavelength=light.wavelength, derivatives=(reach,))
    steepest = PolynomialPhase(
        wavelength=light.wavelength, derivatives=tuple(fitted * 1.5)
    )
    grids = [through(light, phase).grid for phase in (widest, steepest)]
    grid = max(grids, key=lambda grid: grid.window)

    def made(scaled: Floats) -> SampledPulse:
        phase = PolynomialPhase(
            wavelength=light.wavelength,
            derivatives=tuple(scaled * units[: scaled.size]),
        )
        return through(light, phase, grid=grid)

    def weakness(scaled: Floats) -> float:
        return -peak_of(made(scaled).samples)

    scan = np.linspace(-reach, reach, 2 * COARSE + 1) / units[0]
    best = np.array([min(scan, key=lambda x: weakness(np.array([x])))])
    for _ in range(2, last):
        best = np.append(_strongest(weakness, best, rough=True), 0.0)
    tries = [_strongest(weakness, x) for x in (best, fitted / units)]
    chosen = min(tries, key=weakness)
    pulse = made(chosen)
    return Compressed(
        pulse=pulse,
        settings=tuple(float(x) for x in chosen * units),
        quality=compression_quality(pulse),
        fwhm=_duration(pulse),
    )


def _strongest(
    weakness: Callable[[Floats], float], start: Floats, *, rough: bool = False
) -> Floats:
    """Return the setting near ``start`` at which the pulse is strongest."""
    from scipy import optimize

    scale = abs(weakness(start))
    found = optimize.minimize(
        lambda x: weakness(x) / scale, start, method="Nelder-Mead",
        options={"xatol": 1e-3 if rough else 1e-7, "fatol": 1e-5 if rough else 1e-11,
                 "maxiter": 6000, "maxfev": 6000, "adaptive": True},
    )  # fmt: skip
    return np.asarray(found.x)


def _fitted_phase(light: Light, last: int) -> tuple[Floats, float]:
    """Return derivatives that undo the spectral phase, and the bandwidth, rad/s."""
    from qleap.laser.pulses.light import own_grid
    from qleap.laser.pulses.phases import group_delay

    grid = own_grid(light)
    frequency, delay = group_delay(light, grid)
    order = np.argsort(grid.omega)
    density = np.abs(light.spectrum_on(grid)[order]) ** 2
    lit = np.isfinite(delay) & (density > 1e-2 * density.max())
    away = 2.0 * np.pi * frequency[lit] - light.omega0
    width = max(float(np.abs(away).max()), 1e-3 * light.omega0)
    series = np.polynomial.Polynomial.fit(
        away / width, delay[lit], last - 1, domain=[-1, 1],
        w=np.sqrt(density[lit] / density.max()),
    )  # fmt: skip
    orders = np.arange(2, last + 1)
    factorials = np.cumprod(np.arange(1.0, last))
    slopes = np.asarray(series.coef[1:], dtype=np.float64)
    return -slopes * factorials / width ** (orders - 1.0), width


def _one_setting(
    cost: Callable[[float], float], limits: tuple[float, float]
) -> list[float]:
    from scipy import optimize

    tried = np.linspace(*limits, COARSE)
    costs = [cost(float(x)) for x in tried]
    best = int(np.argmin(costs))
    low, high = tried[max(best - 1, 0)], tried[min(best + 1, COARSE - 1)]
    found = optimize.minimize_scalar(
        cost, bounds=(low, high), method="bounded",
        options={"xatol": 1e-9 * (limits[1] - limits[0])},
    )  # fmt: skip
    return [float(found.x) if found.fun <= costs[best] else float(tried[best])]


def _common_grid(
    light: Light,
    elements: Callable[..., Element | Sequence[Element]],
    limits: list[tuple[float, float]],
) -> Grid:
    """Return the largest grid that any corner of the bounds asks for."""
    corners = np.array(np.meshgrid(*limits)).reshape(len(limits), -1).T
    grids = [through(light, *_listed(elements(*corner))).grid for corner in corners]
    return max(grids, key=lambda grid: grid.window)


def _duration(pulse: SampledPulse) -> float:
    """Return the FWHM, sampled eight times as finely."""
    grid = pulse.grid
    time = np.linspace(grid.time[0], grid.time[-1], 8 * grid.n_points)
    try:
        return fwhm(time, np.abs(pulse.envelope(time)) ** 2)
    except InvalidValue:  # so long that it fills the window: no setting to take
        return grid.window


def _listed(made: Element | Sequence[Element]) -> Sequence[Element]:
    return [made] if isinstance(made, Element) else list(made)


def _bound(i: int, pair: tuple[float, float]) -> tuple[float, float]:
    low, high = (checks.finite(f"bounds[{i}]", x) for x in pair)
    if low >= high:
        raise InvalidValue(f"bounds[{i}] must rise, got {low:g} to {high:g}.")
    return low, high
