"""Field vector and D from the lines of all four axes."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.assignment import field_starts, groupings
from qleap.sensing.fitting.estimate import Estimate, inverse_normal_matrix
from qleap.sensing.nv.axes import axis_rotations
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.gradient import resonances_with_gradient

__all__ = ["ObservedLines", "VectorFit", "fit_vector"]

STARTS = 6
"""Pairings of lines that are followed up for each grouping."""

LOOSEST = 0.75
"""Widths by which a merged line may lie off the middle of its group."""

RIVAL = 4.0
"""Two fits whose chi-squares differ by less cannot be told apart."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservedLines:
    """Ascending lines.

    Parameters
    ----------
    positions : ndarray, shape (n,), Hz
    covariance : ndarray, shape (n, n), Hz^2
    widths : ndarray, shape (n,), Hz
    areas : ndarray, shape (n,), optional
        Depth times width in any unit; a hint to how many lines have merged.
    """

    positions: NDArray[np.float64]
    covariance: NDArray[np.float64]
    widths: NDArray[np.float64]
    areas: NDArray[np.float64] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VectorFit:
    """A field along the cubic axes with ``0 <= B_x <= B_y <= B_z``.

    Parameters
    ----------
    field : ndarray, shape (3,), T
    zero_field_splitting : float
        Hz.
    covariance : ndarray, shape (4, 4)
        Of the field (T) and D (Hz), with the excess in it.
    grouping : ndarray of int, shape (8,)
        Observed line of each of the eight ascending lines of the model.
    lines : ndarray, shape (8,), Hz
        Ascending lines of the model.
    residual : ndarray, shape (n_observed,), Hz
        Observed minus model.
    looseness : float
        Largest distance of a merged line from the middle of its group, in widths of
        the observed line.
    chi_square : float
        With the errors of the lines and the excess.
    degrees_of_freedom : int
    excess : float
        Scatter of the lines about the model beyond their errors, Hz: what had to be
        added to all errors in quadrature for a chi-square as expected.
    converged : bool
    """

    field: NDArray[np.float64]
    zero_field_splitting: float
    covariance: NDArray[np.float64]
    grouping: NDArray[np.int64]
    lines: NDArray[np.float64]
    residual: NDArray[np.float64]
    looseness: float
    chi_square: float
    degrees_of_freedom: int
    excess: float
    converged: bool


def fit_vector(
    observed: ObservedLines, centre: NVCentre, known: Estimate | None
) -> list[VectorFit]:
    """Return the fields that explain the lines, best first.

    Parameters
    ----------
    observed : ObservedLines
        4 to 8 lines.
    centre : NVCentre
        Everything but D.
    known : Estimate or None
        D with its error, if it is known beside the lines.

    Returns
    -------
    list of VectorFit
        The best, and those of other fields that the data cannot tell from it; none
        where lines would have to merge that lie too far apart.

    Notes
    -----
    The eight ascending lines of the model are matched with the ascending observed
    ones. With fewer than eight observed, neighbours have merged: every grouping is
    tried, an observed line is the mean of its group, and a group is as narrow as
    the line, give or take its half width.

    Strain and unresolved structure move the lines of the axes differently, all by
    similar amounts, however well each line is measured. Where the chi-square is
    above its expectation, one variance is added to that of every line until it is
    not (Paule and Mandel, J. Res. Natl. Bur. Stand. 87, 377 (1982)).
    """
    fits: list[VectorFit] = []
    for grouping in groupings(observed.positions.size):
        task = _Task(observed, centre, known, grouping)
        starts = field_starts(observed.positions[grouping], STARTS)
        fits.extend(task.fit(*start) for start in starts)

    def cost(fit: VectorFit) -> float:
        return fit.chi_square + _area_misfit(fit, observed.areas)

    fits = sorted(filter(_is_tight, fits), key=cost)
    kept: list[VectorFit] = []
    for fit in fits:
        if cost(fit) > cost(fits[0]) + RIVAL * max(_reduced(fits[0]), 1.0):
            break
        if not any(_same(fit, other) for other in kept):
            kept.append(fit)
    return [_with_excess(fit, observed, centre, known) for fit in kept]


def _with_excess(
    fit: VectorFit, observed: ObservedLines, centre: NVCentre, known: Estimate | None
) -> VectorFit:
    """Return the fit with the smallest excess that brings chi-square to its mean."""
    from scipy.optimize import brentq

    dof = fit.degrees_of_freedom
    if dof < 1 or fit.chi_square <= dof:
        return fit

    def again(excess: float) -> VectorFit:
        added = excess**2 * np.eye(observed.positions.size)
        wider = replace(observed, covariance=observed.covariance + added)
        task = _Task(wider, centre, known, fit.grouping)
        refit = task.fit(fit.field * task.ratio, fit.zero_field_splitting)
        return replace(refit, excess=excess)

    most = 10.0 * float(np.max(np.abs(fit.residual)))
    if again(most).chi_square > dof:  # merged lines that are too wide
        scale = fit.chi_square / dof
        return replace(fit, covariance=fit.covariance * scale)
    excess = brentq(lambda e: again(e).chi_square - dof, 0.0, most, rtol=1e-4)
    return again(float(excess))


class _Task:
    """One grouping of the eight lines."""

    def __init__(
        self,
        observed: ObservedLines,
        centre: NVCentre,
        known: Estimate | None,
        grouping: NDArray[np.int64],
    ) -> None:
        self.observed, self.centre, self.known = observed, centre, known
        self.grouping = grouping
        self.rotations = axis_rotations()
        self.ratio = float(centre.gyromagnetic_ratios[2])
        n = observed.positions.size
        members = (grouping == np.arange(n)[:, None]).astype(np.float64)
        means = members / members.sum(axis=1, keepdims=True)
        whiten = np.linalg.inv(np.linalg.cholesky(observed.covariance))
        apart = np.eye(grouping.size) - means[grouping]
        apart = apart[members.sum(axis=1)[grouping] > 1]
        widths = observed.widths[grouping][members.sum(axis=1)[grouping] > 1]
        self.means = means
        self.weights = np.vstack([whiten @ means, 2.0 * apart / widths[:, None]])
        self.target = np.zeros(len(self.weights))
        self.target[:n] = whiten @ observed.positions

    def _lines(self, parameters: NDArray[np.float64]) -> Any:
        """Return the ascending lines and their gradient by gamma B and D."""
        centre = self.centre.with_splitting(abs(float(parameters[3])))
        field = parameters[:3] / self.ratio
        lines, slopes = resonances_with_gradient(centre, field, self.rotations)
        order = np.argsort(lines.ravel())
        slopes = slopes.reshape(-1, 4)[order]
        slopes[:, :3] /= self.ratio
        return lines.ravel()[order], slopes

    def residual(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        lines, _ = self._lines(parameters)
        rest: NDArray[np.float64] = self.weights @ lines - self.target
        if self.known is None:
            return rest
        shift = (parameters[3] - self.known.value) / self._known_error()
        return np.append(rest, shift)

    def jacobian(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        slopes = self.weights @ self._lines(parameters)[1]
        if self.known is None:
            return np.asarray(slopes)
        return np.vstack([slopes, [0.0, 0.0, 0.0, 1.0 / self._known_error()]])

    def _known_error(self) -> float:
        assert self.known is not None
        return max(self.known.standard_error, 1.0)  # 1 Hz stands for exact

    def fit(self, start: NDArray[np.float64], splitting: float) -> VectorFit:
        from scipy.optimize import least_squares

        if self.known is not None:
            splitting = self.known.value
        found = least_squares(
            self.residual,
            np.append(start, splitting),
            jac=self.jacobian,
            x_scale=np.array([1e7, 1e7, 1e7, 1e6]),
            xtol=1e-12,
            ftol=1e-12,
            gtol=1e-12,
            max_nfev=100,
        )
        return self._result(found)

    def _result(self, found: Any) -> VectorFit:
        n = self.observed.positions.size
        covariance = inverse_normal_matrix(found.jac)
        dof = n + (self.known is not None) - 4
        order = np.append(np.argsort(np.abs(found.x[:3])), 3)
        units = np.append(np.where(found.x[:3] < 0.0, -1.0, 1.0) / self.ratio, 1.0)
        covariance = (covariance * np.outer(units, units))[np.ix_(order, order)]
        values = (found.x * units)[order]
        lines = self._lines(found.x)[0]
        return VectorFit(
            field=values[:3],
            zero_field_splitting=float(values[3]),
            covariance=covariance,
            grouping=self.grouping,
            lines=lines,
            residual=self.observed.positions - self.means @ lines,
            looseness=float(np.max(np.abs(self.weights[n:] @ lines), initial=0.0)) / 2,
            chi_square=2.0 * float(found.cost),
            degrees_of_freedom=dof,
            excess=0.0,
            converged=bool(found.status > 0),
        )


def _area_misfit(fit: VectorFit, areas: NDArray[np.float64] | None) -> float:
    """Return how unlike areas in proportion to the merged lines are, as chi-square.

    The microwave drives the axes with unlike strengths, so that a factor of two
    counts as one standard deviation.
    """
    if areas is None or areas.size == fit.grouping.size:
        return 0.0
    ratios = np.log2(np.abs(areas) / np.bincount(fit.grouping, minlength=areas.size))
    return float(np.sum((ratios - ratios.mean()) ** 2))


def _is_tight(fit: VectorFit) -> bool:
    return fit.looseness <= LOOSEST


def _reduced(fit: VectorFit) -> float:
    return fit.chi_square / max(fit.degrees_of_freedom, 1)


def _same(one: VectorFit, other: VectorFit) -> bool:
    """Tell whether two fields lie within three standard errors of each other."""
    spread = np.sqrt(np.diag(one.covariance + other.covariance))
    apart = np.append(
        one.field - other.field, one.zero_field_splitting - other.zero_field_splitting
    )
    return bool(np.all(np.abs(apart) <= 3.0 * spread + [1e-9, 1e-9, 1e-9, 1.0]))
