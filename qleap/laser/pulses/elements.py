"""What a pulse passes as a spectral phase and a transmission: the common ground."""

import math
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.grid import Grid
from qleap.laser.pulses.light import Light, carrier, check_light, own_grid
from qleap.laser.pulses.sampled import SampledPulse

__all__ = [
    "Element",
    "PolynomialPhase",
    "delay_and_derivatives",
    "through",
]

Floats = NDArray[np.float64]

UNKNOWN: Final = 1e-4
"""Share of the energy that may lie where an element is not known."""

NODES: Final = 48
"""Chebyshev nodes of the fit from which derivatives are taken."""


@runtime_checkable
class Element(Protocol):
    r"""Anything linear that a pulse passes.

    The spectrum is multiplied by :math:`\sqrt T e^{+i\phi}`; positive
    :math:`d\phi/d\omega` is a delay.
    """

    @property
    def valid(self) -> tuple[float, float]:
        """Lowest and highest angular frequency at which it is known, rad/s."""

    def phase(self, omega: Floats) -> Floats:
        """Return the spectral phase at angular frequencies within `valid`, rad."""

    def transmission(self, omega: Floats) -> Floats:
        """Return the share of the power that passes, 0 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolynomialPhase:
    """A phase by its derivatives at a wavelength.

    Parameters
    ----------
    wavelength : float
        m.
    derivatives : tuple of float
        GDD, TOD, FOD, ..., s^2, s^3, s^4, ...
    """

    wavelength: float
    derivatives: tuple[float, ...]

    def __post_init__(self) -> None:
        value = checks.positive("wavelength", self.wavelength, "m")
        object.__setattr__(self, "wavelength", value)
        kept = checks.vector("derivatives", self.derivatives, "s^2, s^3, ...")
        object.__setattr__(self, "derivatives", tuple(kept.tolist()))

    @property
    def valid(self) -> tuple[float, float]:
        """Lowest and highest angular frequency at which it is known, rad/s."""
        return 0.0, math.inf

    def phase(self, omega: Floats) -> Floats:
        """Return the spectral phase, rad."""
        away = omega - carrier(self.wavelength)
        total = np.zeros_like(away)
        for k, derivative in enumerate(self.derivatives, start=2):
            total += derivative / math.factorial(k) * away**k
        return total

    def transmission(self, omega: Floats) -> Floats:
        """Return 1: all light passes."""
        return np.ones_like(omega)


def through(light: Light, *elements: Element, grid: Grid | None = None) -> SampledPulse:
    """Return ``light`` after elements, in the frame of its carrier's delay.

    Parameters
    ----------
    light : Light
    *elements : Element
        `GratingPair`, `PrismPair`, `Bulk`, `ChirpedMirror`, `PolynomialPhase`.
    grid : Grid, optional
        By default one that holds what comes out.

    Raises
    ------
    InvalidValue
        Where more than 1e-4 of the energy lies where an element is not known.

    Notes
    -----
    The delay of the carrier and its phase are left out, so that the pulse stays about
    t = 0 and its carrier-envelope phase is that before.
    """
    check_light("light", light)
    for i, element in enumerate(elements):
        if not isinstance(element, Element):
            raise InvalidKind(
                f"elements[{i}] must be an Element (GratingPair, Bulk, ...), got "
                f"{element!r:.60}."
            )
    chosen = _holding(light, elements) if grid is None else grid
    spectrum = light.spectrum_on(chosen)
    for element in elements:
        known = _known(element, chosen, spectrum)
        phase, passed = np.zeros(chosen.n_points), np.zeros(chosen.n_points)
        phase[known] = _in_frame(element, chosen.omega[known], light.omega0)
        passed[known] = element.transmission(chosen.omega[known])
        spectrum = spectrum * np.sqrt(passed) * np.exp(1j * phase)
    if not np.any(spectrum):
        raise InvalidValue("no light passes the elements; check their transmission.")
    return SampledPulse(grid=chosen, samples=chosen.to_time(spectrum))


def delay_and_derivatives(
    element: Element, wavelength: float, highest: int = 4
) -> tuple[float, ...]:
    r"""Return :math:`d\phi/d\omega` (s), GDD (s^2), TOD (s^3), ... at a wavelength.

    Parameters
    ----------
    element : Element
    wavelength : float
        m.
    highest : int
        Order of the last derivative, 1 to 6.

    Notes
    -----
    From a Chebyshev fit over 3 % of the frequency to each side: exact to 1e-6 up to
    the fourth order for smooth phases; measured curves are smoothed over that band.
    """
    last = checks.count("highest", highest, 1, 6)
    centre = carrier(checks.positive("wavelength", wavelength, "m"))
    half = _half_band(element, centre)
    nodes = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    values = element.phase(centre + half * nodes)
    series = np.polynomial.Chebyshev.fit(nodes, values, 12, domain=[-1, 1])
    return tuple(float(series.deriv(k)(0.0)) / half**k for k in range(1, last + 1))


def _half_band(element: Element, centre: float) -> float:
    low, high = element.valid
    half = min(0.03 * centre, 0.999 * (high - centre), 0.999 * (centre - low))
    if half <= 0.0:
        raise InvalidValue(
            f"wavelength must lie where the element is known, {_range(element)}, got "
            f"{2.0 * math.pi * SPEED_OF_LIGHT / centre:.5g} m."
        )
    return half


def _in_frame(element: Element, omega: Floats, omega0: float) -> Floats:
    """Return the phase without the carrier's own and its delay."""
    low, high = element.valid
    centre = min(max(omega0, low * (1.0 + 1e-9)), high * (1.0 - 1e-9))
    step = min(1e-3 * centre, 0.4 * (high - low))
    if centre + step > high:
        centre -= step
    if centre - step < low:
        centre += step
    below, at, above = element.phase(np.array([centre - step, centre, centre + step]))
    slope = (above - below) / (2.0 * step)
    return np.asarray(element.phase(omega) - at - slope * (omega - centre))


def _known(element: Element, grid: Grid, spectrum: NDArray[np.complex128]) -> Floats:
    low, high = element.valid
    known = (grid.omega >= low) & (grid.omega <= high)
    density = np.abs(spectrum) ** 2
    lost = float(density[~known].sum() / max(density.sum(), 1e-300))
    if lost > UNKNOWN:
        raise InvalidValue(
            f"the light must lie where {type(element).__name__} is known, "
            f"{_range(element)}, but {lost:.2g} of its energy (at most {UNKNOWN:g}) "
            "does not; take other data or a narrower spectrum."
        )
    return np.asarray(known)


def _range(element: Element) -> str:
    low, high = element.valid
    ends = [2e9 * math.pi * SPEED_OF_LIGHT / w if w else math.inf for w in (high, low)]
    return f"{ends[0]:.4g} to {ends[1]:.4g} nm"


def _holding(light: Light, elements: tuple[Element, ...]) -> Grid:
    """Return a grid for what comes out: the window grows by the spread of delays."""
    half = 0.5 * light.extent[0]
    omega = light.omega0 + np.linspace(-half, half, 801)
    first = own_grid(light)
    density = np.interp(
        omega,
        np.sort(first.omega),
        np.abs(light.spectrum_on(first)[np.argsort(first.omega)]) ** 2,
    )
    spread = 0.0
    for element in elements:
        low, high = element.valid
        lit = (density > 1e-6 * density.max()) & (omega >= low) & (omega <= high)
        lit &= omega > 0.0
        if np.count_nonzero(lit) > 2:
            phase = _in_frame(element, omega[lit], light.omega0)
            spread += float(np.abs(np.gradient(phase, omega[lit])).max())
    return own_grid(light, longer=4.0 * spread)
