r"""Shapes of pulses: amplitude over time, widths and integrals in closed form.

Amplitudes are 1 at the peak; ``fwhm`` is the full width at half maximum of the
intensity.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue

__all__ = [
    "SHAPES",
    "amplitude",
    "characteristic_time",
    "equivalent_width",
    "fwhm_of",
    "widest_ramp",
]

Floats = NDArray[np.float64]

SHAPES: Final = ("gaussian", "sech", "super-gaussian", "flat-top")

SECH_FWHM: Final = 2.0 * math.acosh(math.sqrt(2.0))
"""Full width at half maximum of ``sech(x)^2``: 1.7627."""

SECH_AUTOCORRELATION: Final = 1.542810558805
"""Width of the intensity autocorrelation of sech^2 over its own: with x the root of
``3 (x cosh x - sinh x) / sinh(x)^3 = 1/2``, 2 x over 1.7627."""

_HALF_OF_RAMP: Final = 2.0 / math.pi * math.acos(math.pow(2.0, -0.25))
"""Share of the ramp ``cos(pi u / 2)^2`` after which the intensity is one half."""


def characteristic_time(shape: str, fwhm: float, order: int) -> float:
    """Return T0 of the shape's definition; half the FWHM of a flat top."""
    if shape == "sech":
        return fwhm / SECH_FWHM
    if shape == "flat-top":
        return 0.5 * fwhm
    return 0.5 * fwhm / math.pow(math.log(2.0), 0.5 / order)


def widest_ramp(fwhm: float) -> float:
    """Return the ramp of a flat top whose plateau has shrunk to nothing, s."""
    return 0.5 * fwhm / _HALF_OF_RAMP


def equivalent_width(shape: str, fwhm: float, order: int, ramp: float) -> float:
    """Return the integral of the intensity over its peak, s."""
    t0 = characteristic_time(shape, fwhm, order)
    if shape == "sech":
        return 2.0 * t0
    if shape == "flat-top":
        # The integral of cos^4 over a ramp is three eighths of it.
        return 2.0 * (_half_plateau(fwhm, ramp) + 0.375 * ramp)
    return 2.0 * t0 * math.gamma(1.0 + 0.5 / order)


def amplitude(shape: str, time: Floats, fwhm: float, order: int, ramp: float) -> Floats:
    """Return the field of a pulse of peak 1 at ``time``."""
    if shape == "flat-top":
        into = np.clip((np.abs(time) - _half_plateau(fwhm, ramp)) / ramp, 0.0, 1.0)
        return np.asarray(np.cos(0.5 * np.pi * into) ** 2)
    x = time / characteristic_time(shape, fwhm, order)
    if shape == "sech":
        return np.asarray(1.0 / np.cosh(np.clip(x, -700.0, 700.0)))
    exponent = 2 * order  # beyond exp(-750) all is zero, not overflow
    bounded = np.minimum(np.abs(x), 1500 ** (1 / exponent))
    return np.asarray(np.exp(-0.5 * bounded**exponent))


def _half_plateau(fwhm: float, ramp: float) -> float:
    return 0.5 * fwhm - _HALF_OF_RAMP * ramp


def fwhm_of(
    shape: str,
    *,
    field_fwhm: float | None = None,
    half_width_e2: float | None = None,
    rms: float | None = None,
    autocorrelation_fwhm: float | None = None,
    t0: float | None = None,
    order: int = 1,
) -> float:
    r"""Return the FWHM of the intensity from another definition of the duration.

    Parameters
    ----------
    shape : {"gaussian", "sech", "super-gaussian"}
        Of the unchirped pulse.
    field_fwhm : float
        Full width at half maximum of the field's envelope, s.
    half_width_e2 : float
        Half width at :math:`1/e^2` of the intensity, s.
    rms : float
        Standard deviation of the intensity, s.
    autocorrelation_fwhm : float
        Full width at half maximum of the intensity autocorrelation, s; Gaussian and
        sech only.
    t0 : float
        :math:`T_0` of the definitions in `Pulse`, s.
    order : int
        m of a super-Gaussian.

    Returns
    -------
    float
        s.

    Raises
    ------
    InvalidValue
        Where not exactly one width is given.
    """
    given = {
        "field_fwhm": field_fwhm,
        "half_width_e2": half_width_e2,
        "rms": rms,
        "autocorrelation_fwhm": autocorrelation_fwhm,
        "t0": t0,
    }
    named = [(name, value) for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise InvalidValue(
            f"exactly one of {', '.join(given)} must be given, got "
            f"{[name for name, _ in named] or 'none'}."
        )
    checks.one_of("shape", shape, SHAPES[:3])
    name, value = named[0]
    width = checks.positive(name, value, "s")
    return width / _width_over_fwhm(shape, name, checks.count("order", order, 1, 20))


def _width_over_fwhm(shape: str, name: str, m: int) -> float:
    unit = characteristic_time(shape, 1.0, m)
    if name == "t0":
        return unit
    if name == "autocorrelation_fwhm":
        if shape == "super-gaussian" and m > 1:
            raise InvalidValue(
                "autocorrelation_fwhm must be of a gaussian or sech pulse, got a "
                "super-gaussian, whose factor has no closed form; use "
                "intensity_autocorrelation and fwhm."
            )
        return SECH_AUTOCORRELATION if shape == "sech" else math.sqrt(2.0)
    if shape == "sech":
        return (
            unit
            * {
                "field_fwhm": 2.0 * math.acosh(2.0),
                "half_width_e2": math.acosh(math.e),
                "rms": math.pi / math.sqrt(12.0),
            }[name]
        )
    return (
        unit
        * {
            "field_fwhm": 2.0 * math.pow(2.0 * math.log(2.0), 0.5 / m),
            "half_width_e2": math.pow(2.0, 0.5 / m),
            "rms": math.sqrt(math.gamma(1.5 / m) / math.gamma(0.5 / m)),
        }[name]
    )
