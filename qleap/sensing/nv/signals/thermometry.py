"""Temperature from the zero-field splitting, whatever the magnetic field does."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.inversion import sum_rule
from qleap.sensing.nv.temperature import (
    HIGHEST,
    LOWEST,
    zero_field_splitting,
    zero_field_splitting_slope,
)

__all__ = [
    "FourPointThermometer",
    "splitting_from_lines",
    "temperature_from_splitting",
]

Array = NDArray[np.float64]


def temperature_from_splitting(splitting: ArrayLike) -> Array:
    """Return the temperature, K, at which D has the value ``splitting``, Hz.

    It inverts `zero_field_splitting`; D of different diamonds lies 0.3 MHz apart,
    so calibrate the offset for absolute temperatures. Below 30 K, D is flat to the
    rounding of its value.
    """
    wanted = np.asarray(splitting, dtype=np.float64)
    ends = zero_field_splitting([HIGHEST, LOWEST])
    if not np.all((wanted >= ends[0]) & (wanted <= ends[1])):
        raise InvalidValue(
            f"splitting must lie between {ends[0]:.6g} and {ends[1]:.6g} Hz, the D of "
            f"{HIGHEST:g} and {LOWEST:g} K, got {np.ravel(wanted).tolist()[:3]}."
        )
    grid = np.linspace(HIGHEST, LOWEST, 2000)
    kelvin = np.interp(wanted, zero_field_splitting(grid), grid)
    for _ in range(6):  # Newton; D is smooth and falls everywhere
        step = (zero_field_splitting(kelvin) - wanted) / zero_field_splitting_slope(
            kelvin
        )
        kelvin = np.clip(kelvin - step, LOWEST, HIGHEST)
    return np.asarray(kelvin)


def splitting_from_lines(lines: ArrayLike, *, centre: NVCentre | None = None) -> Array:
    r"""Return D, Hz, from the lines of one axis or of all four, free of the field.

    Parameters
    ----------
    lines : array_like, shape (..., 2) or (..., 4, 2)
        Lower and upper line of the axis or axes, Hz. A pair gives the mean, exact in
        a field along the axis; a field across moves it by :math:`3(\gamma B)^2/2D`.
        Eight lines give D exactly in any field without strain.
    centre : NVCentre, optional
        Whose g factors along and across the axis are taken.

    Notes
    -----
    The determinants of the four Hamiltonians and :math:`\sum_k (n_k\cdot B)^2 =
    \tfrac43 B^2` give

    .. math:: 8D^3 = \sum_k (f_-+f_+)(2f_--f_+)(2f_+-f_-)
        + 27\kappa D \Big[\sum_k (f_-^2+f_+^2-f_-f_+) - 4D^2\Big],\quad
        \kappa = \frac29\,\frac{1-\rho}{1+2\rho},\ \rho = (g_\perp/g_\parallel)^2 .

    The second term is small, but 77 kHz in 37 mT.
    """
    given = np.asarray(lines, dtype=np.float64)
    if given.ndim == 0 or given.shape[-1] != 2:
        raise InvalidValue(
            "lines must have the shape (..., 2) or (..., 4, 2), Hz, got the shape "
            f"{given.shape}."
        )
    lower, upper = given[..., 0], given[..., 1]
    if given.ndim < 2 or given.shape[-2] != 4:
        return np.asarray(0.5 * (lower + upper))
    product = (lower + upper) * (2.0 * lower - upper) * (2.0 * upper - lower)
    product = product.sum(axis=-1)
    g = (NVCentre() if centre is None else centre).gyromagnetic_ratios
    ratio = float(g[0] / g[2]) ** 2
    kappa = 2.0 / 9.0 * (1.0 - ratio) / (1.0 + 2.0 * ratio)
    squares = sum_rule(lower, upper).sum(axis=-1)
    d = np.cbrt(product / 8.0)
    for _ in range(4):  # Newton; the second term is a small correction
        rest = (8.0 + 108.0 * kappa) * d**3 - 27.0 * kappa * squares * d - product
        d = d - rest / (3.0 * (8.0 + 108.0 * kappa) * d**2 - 27.0 * kappa * squares)
    return np.asarray(d)


@dataclass(frozen=True, kw_only=True, slots=True)
class FourPointThermometer:
    r"""Shift of D from the fluorescence at four frequencies of a CW spectrum.

    Two points lie on each flank of a dip, at :math:`D_0 \mp s` :math:`\mp h` and
    :math:`\pm h`. With equal and opposite slopes of the two flanks

    .. math:: D - D_0 = h\,
        \frac{(I_1 + I_2) - (I_3 + I_4)}{(I_1 - I_2) - (I_3 - I_4)},

    free of the brightness, of the contrast, and of a symmetric broadening or
    splitting by a magnetic field.

    Parameters
    ----------
    splitting : float
        :math:`D_0`, Hz.
    flank : float
        Distance s of the flanks from :math:`D_0`, Hz.
    step : float
        h, Hz.

    References
    ----------
    Kucsko et al., Nature 500, 54 (2013).
    """

    splitting: float
    flank: float
    step: float

    def __post_init__(self) -> None:
        checks.positive("splitting", self.splitting, "Hz")
        checks.positive("flank", self.flank, "Hz")
        checks.positive("step", self.step, "Hz")

    @property
    def frequencies(self) -> Array:
        """The four frequencies in ascending order, Hz."""
        offsets = np.array([-1.0, -1.0, 1.0, 1.0]) * self.flank
        offsets += np.array([-1.0, 1.0, -1.0, 1.0]) * self.step
        return self.splitting + offsets

    def shift(self, fluorescence: ArrayLike) -> Array:
        """Return D minus its reference, Hz, from ``fluorescence`` ``(..., 4)``."""
        total, difference = _combined(fluorescence)
        return np.asarray(self.step * total / difference)

    def shift_error(self, photons: ArrayLike) -> Array:
        """Return the standard error of `shift`, Hz, of Poisson counts ``(..., 4)``."""
        counts = np.asarray(photons, dtype=np.float64)
        total, difference = _combined(counts)
        ratio = (total / difference)[..., None]
        by_count = np.array([1.0, 1.0, -1.0, -1.0]) - ratio * np.array(
            [1.0, -1.0, -1.0, 1.0]
        )
        spread = np.sqrt((by_count**2 * counts).sum(axis=-1))
        return np.asarray(self.step * spread / np.abs(difference))

    def temperature(self, fluorescence: ArrayLike, reference: float) -> Array:
        """Return the temperature, K, if D is its reference at ``reference``, K."""
        base = float(zero_field_splitting(reference))
        return temperature_from_splitting(base + self.shift(fluorescence))


def _combined(fluorescence: ArrayLike) -> tuple[Array, Array]:
    given = np.asarray(fluorescence, dtype=np.float64)
    if given.ndim == 0 or given.shape[-1] != 4:
        raise InvalidValue(
            "fluorescence must have four values, at the four frequencies, got the "
            f"shape {given.shape}."
        )
    one, two, three, four = np.moveaxis(given, -1, 0)
    return (one + two) - (three + four), (one - two) - (three - four)
