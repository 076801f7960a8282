"""Widths and extents of sampled light."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue

if TYPE_CHECKING:
    import xarray as xr

    from qleap.laser.grid import Grid

__all__ = ["fwhm", "rms_width", "spectral_extent", "time_bandwidth_product"]

Complex = NDArray[np.complex128]


def fwhm(x: ArrayLike, y: ArrayLike) -> float:
    """Return the full width at half maximum of a sampled curve.

    Parameters
    ----------
    x : array_like, shape (n,)
        Increasing places, in any unit.
    y : array_like, shape (n,)
        Values, not negative at the peak.

    Returns
    -------
    float
        Distance of the outermost places where the curve passes half its maximum,
        interpolated linearly, in the unit of ``x``.

    Raises
    ------
    InvalidValue
        Where the curve does not fall to half its maximum on both sides.
    """
    places = checks.increasing("x", x, min_size=3)
    values = checks.vector("y", y, min_size=3)
    if values.size != places.size:
        raise InvalidValue(
            f"y must have as many values as x ({places.size}), got {values.size}."
        )
    half = 0.5 * values.max()
    above = np.flatnonzero(values >= half)
    first, last = int(above[0]), int(above[-1])
    if first == 0 or last == values.size - 1 or half <= 0.0:
        raise InvalidValue(
            "the curve must fall to half its maximum on both sides, but it does not "
            "within the places given; widen them."
        )
    rising = _crossing(places, values, first - 1, half)
    falling = _crossing(places, values, last, half)
    return falling - rising


def _crossing(
    x: NDArray[np.float64], y: NDArray[np.float64], i: int, level: float
) -> float:
    share = (level - y[i]) / (y[i + 1] - y[i])
    return float(x[i] + share * (x[i + 1] - x[i]))


def time_bandwidth_product(grid: "Grid", envelope: Complex) -> float:
    """Return the FWHM duration times the FWHM bandwidth in Hz of a sampled pulse.

    At the transform limit 0.4413 for a Gaussian and 0.3148 for sech^2.

    Notes
    -----
    The spectrum is sampled more finely by padding the window with zeros.
    """
    duration = fwhm(grid.time, np.abs(envelope) ** 2)
    fine = 16
    padded = np.pad(envelope, (0, (fine - 1) * envelope.size))
    density = np.abs(np.fft.fftshift(np.fft.ifft(padded))) ** 2
    frequency = np.fft.fftshift(np.fft.fftfreq(padded.size, grid.step))
    return duration * fwhm(frequency, density)


def spectral_extent(
    data: "xr.Dataset", *, level: float = -30.0, position: int = -1
) -> tuple[float, float]:
    """Return the shortest and longest wavelength (m) with light above ``level``.

    Parameters
    ----------
    data : xarray.Dataset
        From `qleap.laser.propagate_fibre`.
    level : float
        dB below the peak of the energy per wavelength.
    position : int
        Index of the place along the fibre.
    """
    checks.between("level", level, -300.0, 0.0, "dB")
    frequency = data["frequency"].values
    density = data["spectrum"].values[position] * frequency**2
    lit = frequency[density >= density.max() * 10.0 ** (level / 10.0)]
    return float(SPEED_OF_LIGHT / lit[-1]), float(SPEED_OF_LIGHT / lit[0])


def rms_width(x: ArrayLike, y: ArrayLike) -> float:
    """Return the standard deviation of ``x`` under the weight ``y``, in its unit.

    Parameters
    ----------
    x : array_like, shape (n,)
        Increasing places, at any distances.
    y : array_like, shape (n,)
        Weights, not negative.
    """
    places = checks.increasing("x", x, min_size=3)
    weight = checks.vector("y", y, min_size=3)
    if weight.size != places.size or weight.min() < 0.0 or weight.max() <= 0.0:
        raise InvalidValue(
            f"y must be {places.size} weights >= 0 and not all 0, got {weight.size} "
            f"values from {weight.min():.4g} to {weight.max():.4g}."
        )
    share = weight * np.gradient(places)
    share /= share.sum()
    mean = np.sum(share * places)
    return float(np.sqrt(np.sum(share * (places - mean) ** 2)))
