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
SEARCH: Final = np.geomspace(0.01, 100.0, 33)
"""Factors of the pump rate at the start that a search tries."""

LIKELY: Final = 9.0
"""Larger chi-square, three standard deviations, up to which a minimum is a rival."""


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
    rivals : tuple of CwOdmrModel
        Other minima whose chi-square is larger by less than 9: the spectrum does
        not tell them from ``model``.
    """

    model: CwOdmrModel
    free: tuple[str, ...]
    covariance: Array
    reduced_chi_square: float
    converged: bool
    rivals: tuple[CwOdmrModel, ...] = ()

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
    *,
    search: bool = True,
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
    search : bool
        Try pump rates from a hundredth to a hundred times the start's, too. Width
        and depth can agree at two laser powers; the better one is returned, and
        others that the data do not exclude are its `rivals`.

    Notes
    -----
    Levenberg-Marquardt with exact derivatives; rates are fitted by their logarithm
    and stay positive.
    """
    names = tuple(free)
    first = _begin(spectrum, start, names)
    freedom = spectrum.frequency.size - len(names)
    starts = [first]
    if search and "pump_rate" in names:
        starts = [*starts, *_promising(spectrum, start, names, freedom)]
    found = [_minimum(spectrum, start, names, other) for other in starts]
    best = min(found, key=lambda fit: fit.chi_square)
    reduced = best.chi_square / freedom
    noise = reduced if spectrum.error is None else 1.0
    models = [start.with_values(best.named(names))]
    for fit in found:
        model = start.with_values(fit.named(names))
        apart = min(abs(model.pump_rate / other.pump_rate - 1.0) for other in models)
        near = fit.chi_square - best.chi_square < LIKELY * noise
        if fit.converged and near and apart > 0.01:
            models.append(model)
    return CwOdmrFit(
        model=models[0],
        free=names,
        covariance=best.covariance * noise,
        reduced_chi_square=reduced,
        converged=best.converged,
        rivals=tuple(models[1:]),
    )


def _promising(
    spectrum: Spectrum, start: CwOdmrModel, names: tuple[str, ...], freedom: int
) -> list[Array]:
    """Return starts at the best of many pump rates, with the others fitted to each."""
    others = tuple(name for name in names if name != "pump_rate")
    if not others:
        return [start.pump_rate * np.array([factor]) for factor in SEARCH]
    tried = []
    for pump in start.pump_rate * SEARCH:
        model = start.with_values({"pump_rate": float(pump)})
        if "brightness" in others:
            level = start.brightness * start.pump_rate / pump  # of weak light
            model = model.with_values({"brightness": float(level)})
        first = np.array([model.value(name) for name in others])
        fit = _minimum(spectrum, model, others, first, tolerance=1e-6)
        values = {"pump_rate": float(pump), **fit.named(others)}
        tried.append((fit.chi_square, np.array([values[name] for name in names])))
    best = min(size for size, _ in tried)
    noise = best / freedom if spectrum.error is None else 1.0
    return [at for size, at in tried if size <= best + LIKELY * noise]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Minimum:
    values: Array
    chi_square: float
    covariance: Array
    converged: bool

    def named(self, names: Sequence[str]) -> dict[str, float]:
        return dict(zip(names, self.values.tolist(), strict=True))


def _begin(spectrum: Spectrum, start: CwOdmrModel, names: tuple[str, ...]) -> Array:
    """Return the values at the start, checked."""
    if len(set(names)) < len(names):
        raise InvalidValue(f"free must name each parameter once, got {list(names)}.")
    for name in names:
        checks.one_of("free", name, start.parameters)
        if name not in _SHIFTED and start.value(name) <= 0.0:
            raise InvalidValue(
                f"{name} must be > 0 at the start of a fit that varies it, got "
                f"{start.value(name)}."
            )
    if not 0 < len(names) < spectrum.frequency.size:
        raise InvalidValue(
            f"free must name at least one and fewer than {spectrum.frequency.size} "
            f"parameters, the points of the spectrum, got {len(names)}."
        )
    return np.array([start.value(name) for name in names])


def _minimum(
    spectrum: Spectrum,
    start: CwOdmrModel,
    names: tuple[str, ...],
    first: Array,
    *,
    tolerance: float = 1e-12,
) -> _Minimum:
    """Return the minimum that Levenberg and Marquardt find from ``first``."""
    from scipy.optimize import least_squares

    shifted = np.array([name in _SHIFTED for name in names])
    unit = _units(spectrum, names)
    sigma = np.ones(1) if spectrum.error is None else spectrum.error

    def values(u: Array) -> Array:
        near = np.clip(u, -50.0, 50.0)  # a step too far comes back from here
        grown = np.exp(np.where(shifted, 0.0, near))
        return np.where(shifted, first + unit * near, first * grown)

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
        xtol=tolerance,
        ftol=tolerance,
        gtol=tolerance,
        max_nfev=100,
    )
    best = values(found.x)
    scale = np.where(shifted, unit, best)
    return _Minimum(
        values=best,
        chi_square=float(2.0 * found.cost),
        covariance=inverse_normal_matrix(found.jac) * np.outer(scale, scale),
        converged=bool(found.status > 0),
    )


def _units(spectrum: Spectrum, names: Sequence[str]) -> Array:
    """Return steps of a reasonable size for what is shifted."""
    span = float(np.ptp(spectrum.frequency)) / 20.0
    height = float(np.ptp(spectrum.signal)) or 1.0
    return np.array([height if name == "background" else span for name in names])
