"""Laser and microwave power, rates and lines behind a measured spectrum."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.estimate import Estimate, inverse_normal_matrix
from qleap.sensing.nv.photophysics.cw_odmr import CwOdmrModel
from qleap.sensing.spectrum import Spectrum

__all__ = ["CwOdmrFit", "fit_cw_odmr"]

Array = NDArray[np.float64]
_SHIFTED: Final = ("line_minus", "line_plus", "background")


@dataclass(frozen=True, kw_only=True, eq=False)
class CwOdmrFit:
    """A fitted model of a spectrum under steady light and microwave.

    Parameters
    ----------
    model : CwOdmrModel
        With the values found.
    free : tuple of str
        Names of the parameters that were fitted.
    covariance : ndarray, shape (n, n)
        Of these, in their units.
    reduced_chi_square : float
        Mean square residual over the errors of the spectrum, per degree of freedom;
        without errors, the covariance is scaled to make it one, and this is the
        variance of a point.
    converged : bool
    """

    model: CwOdmrModel
    free: tuple[str, ...]
    covariance: Array
    reduced_chi_square: float
    converged: bool

    def estimate(self, name: str) -> Estimate:
        """Return the value and standard error of a fitted parameter."""
        place = self.free.index(checks.one_of("name", name, self.free))
        error = float(np.sqrt(self.covariance[place, place]))
        return Estimate(self.model.value(name), error)


def fit_cw_odmr(
    spectrum: Spectrum,
    start: CwOdmrModel,
    free: Sequence[str] = (
        "pump_rate",
        "rabi_frequency",
        "line_minus",
        "line_plus",
        "brightness",
    ),
) -> CwOdmrFit:
    """Return the model that fits a spectrum best, by least squares.

    Parameters
    ----------
    spectrum : Spectrum
    start : CwOdmrModel
        Where to begin, and the values of what is not fitted.
    free : sequence of str
        Which of `CwOdmrModel.parameters` to fit. One line has a width, a depth and a
        level: of pump rate, Rabi frequency, dephasing rate and brightness three can
        be found, the fourth must be known.

    Notes
    -----
    Levenberg-Marquardt with exact derivatives; rates are fitted by their logarithm
    and stay positive.
    """
    from scipy.optimize import least_squares

    names = tuple(free)
    for name in names:
        checks.one_of("free", name, start.parameters)
    if not 0 < len(names) < spectrum.frequency.size:
        raise InvalidValue(
            f"free must name at least one and fewer than {spectrum.frequency.size} "
            f"parameters, the points of the spectrum, got {len(names)}."
        )
    first = np.array([start.value(name) for name in names])
    shifted = np.array([name in _SHIFTED for name in names])
    if np.any(first[~shifted] <= 0.0):
        at_zero = names[int(np.argmax(~shifted & (first <= 0.0)))]
        raise InvalidValue(
            f"{at_zero} must be > 0 at the start of a fit that varies it, got "
            f"{start.value(at_zero)}."
        )
    unit = _units(spectrum, names)
    sigma = np.ones(1) if spectrum.error is None else spectrum.error

    def values(u: Array) -> Array:
        grown = np.exp(np.clip(np.where(shifted, 0.0, u), -50.0, 50.0))
        return np.where(shifted, first + unit * u, first * grown)

    def both(u: Array) -> tuple[Array, Array]:
        at = values(u)
        model = start.with_values(dict(zip(names, at.tolist(), strict=True)))
        signal, slopes = model.signal_and_jacobian(spectrum.frequency, names)
        turned = slopes * np.where(shifted, unit, at)
        return (signal - spectrum.signal) / sigma, turned / sigma[:, None]

    found = least_squares(
        lambda u: both(u)[0],
        np.zeros(len(names)),
        jac=lambda u: both(u)[1],
        method="lm",
        xtol=1e-12,
        ftol=1e-12,
        gtol=1e-12,
    )
    best = values(found.x)
    model = start.with_values(dict(zip(names, best.tolist(), strict=True)))
    freedom = spectrum.frequency.size - len(names)
    chi_square = float(2.0 * found.cost / freedom)
    scale = np.where(shifted, unit, best)
    covariance = inverse_normal_matrix(found.jac) * np.outer(scale, scale)
    if spectrum.error is None:
        covariance = covariance * chi_square
    return CwOdmrFit(
        model=model,
        free=names,
        covariance=covariance,
        reduced_chi_square=chi_square,
        converged=bool(found.status > 0),
    )


def _units(spectrum: Spectrum, names: Sequence[str]) -> Array:
    """Return steps of a reasonable size for what is shifted."""
    span = float(np.ptp(spectrum.frequency)) / 20.0
    height = float(np.ptp(spectrum.signal)) or 1.0
    return np.array([height if name == "background" else span for name in names])
