"""Least squares of a given number of lines."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.estimate import inverse_normal_matrix
from qleap.sensing.fitting.model import LineModel
from qleap.sensing.fitting.start import Seed
from qleap.sensing.spectrum import Spectrum

__all__ = ["COARSE", "FINE", "LineFit", "Problem"]

FINE, COARSE = 1e-10, 1e-4
"""Relative tolerances of a result, and of a fit on the way to it."""


@dataclass(frozen=True, kw_only=True)
class LineFit:
    """Lines fitted to a spectrum.

    Parameters
    ----------
    model : LineModel
    lines : ndarray, shape (n_lines, 4)
        Ascending position (Hz), width of a component (Hz), its depth (negative for
        a peak) in the unit of the signal, and Lorentzian share.
    names : list of str
        Of the parameters.
    parameters : ndarray, shape (n_parameters,)
        In Hz and the unit of the signal; the background is a polynomial in the
        frequency that runs from -1 to 1 over the spectrum.
    covariance : ndarray, shape (n_parameters, n_parameters)
        Scaled with the reduced chi-square where the points had no errors.
    fitted : ndarray, shape (n,)
        The model at the frequencies of the spectrum.
    reduced_chi_square : float
        With the given errors; without errors the mean squared residual, in the
        squared unit of the signal.
    degrees_of_freedom : int
    residual_correlation : float
        Of neighbouring residuals; well above zero means that the model misses a
        structure or that the noise is not white, and that errors are too small.
    converged : bool
    message : str
        How the solver ended.
    """

    model: LineModel
    lines: NDArray[np.float64]
    names: list[str]
    parameters: NDArray[np.float64]
    covariance: NDArray[np.float64]
    fitted: NDArray[np.float64]
    reduced_chi_square: float
    degrees_of_freedom: int
    residual_correlation: float
    converged: bool
    message: str

    @property
    def n_lines(self) -> int:
        """Number of lines."""
        return len(self.lines)

    @property
    def positions(self) -> NDArray[np.float64]:
        """Ascending positions, Hz."""
        return self.lines[:, 0]

    @property
    def position_covariance(self) -> NDArray[np.float64]:
        """Covariance of the positions, Hz^2."""
        return self.covariance[: self.n_lines, : self.n_lines]

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        """Standard errors of all parameters."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True, slots=True)
class Solution:
    """How a solver ended, in reduced units."""

    x: NDArray[np.float64]
    jac: NDArray[np.float64]
    cost: float
    converged: bool
    message: str


class Problem:
    """A spectrum prepared for fits: reduced frequency, weights, offsets."""

    def __init__(self, spectrum: Spectrum, model: LineModel) -> None:
        self.spectrum, self.model = spectrum, model
        low, high = spectrum.frequency[0], spectrum.frequency[-1]
        self.centre, self.half = 0.5 * (low + high), 0.5 * (high - low)
        self.x = (spectrum.frequency - self.centre) / self.half
        self.offsets = model.offsets() / self.half
        error = spectrum.error
        self.weights = np.ones_like(self.x) if error is None else 1.0 / error
        # A common scale keeps sums of squares near one for any unit of the signal.
        spread = float(np.std(spectrum.signal * self.weights)) or 1.0
        self.scale = 1.0 if error is not None else 1.0 / spread

    def residual(self, parameters: NDArray[np.float64], n: int) -> Any:
        """Return (data - model) over the error."""
        model = self.model.evaluate(self.x, parameters, n, self.offsets)
        return (self.spectrum.signal - model) * (self.weights * self.scale)

    def _jacobian(self, parameters: NDArray[np.float64], n: int) -> Any:
        slopes = self.model.jacobian(self.x, parameters, n, self.offsets)
        return slopes * (-self.weights * self.scale)[:, None]

    def n_lines(self, parameters: NDArray[np.float64]) -> int:
        """Return how many lines have this many parameters."""
        return (parameters.size - self.model.degree - 1) // 3

    def background(
        self, dips: NDArray[np.float64] | float = 0.0
    ) -> NDArray[np.float64]:
        """Return the least-squares background of the signal with ``dips`` filled."""
        basis = np.vander(self.x, self.model.degree + 1, True)
        values = (self.spectrum.signal + dips) * self.weights
        weighted = basis * self.weights[:, None]
        return np.asarray(np.linalg.lstsq(weighted, values)[0])

    def start(self, lines: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return start values from positions, widths (Hz) and depths of lines."""
        reduced = lines / [self.half, self.half, 1.0]
        reduced[:, 0] = (lines[:, 0] - self.centre) / self.half
        mixing = [0.5] if self.model.mixes else []
        line_part = np.concatenate([reduced.T.ravel(), mixing])
        dips = -self.model.evaluate(
            self.x,
            np.concatenate([line_part, np.zeros(self.model.degree + 1)]),
            len(lines),
            self.offsets,
        )
        return np.concatenate([line_part, self.background(dips)])

    def extend(self, parameters: NDArray[np.float64], n: int, seed: Seed) -> Any:
        """Return start values of ``n + 1`` lines from those of ``n``."""
        lines = self.model.lines(parameters, n)[:, :3]
        new = np.array([[seed.position, seed.fwhm, seed.depth]])
        rest = parameters[3 * n :]
        if self.model.mixes and n == 0:
            rest = np.concatenate([[0.5], rest])
        return np.concatenate([np.concatenate([lines, new]).T.ravel(), rest])

    def solve(
        self, start: NDArray[np.float64], n: int, tolerance: float = FINE
    ) -> Solution:
        """Return the least squares of ``n`` lines from ``start``."""
        solver = self._solve_within if self.model.mixes else self._solve_free
        found = solver(start, n, tolerance)
        widths = slice(n, 2 * n)
        found.x[widths] = np.abs(found.x[widths])  # lines are even in their width
        return found

    def _solve_free(
        self, start: NDArray[np.float64], n: int, tolerance: float
    ) -> Solution:
        """Call MINPACK itself: the newer front door costs half of a fit's time."""
        from scipy.optimize import leastsq

        x, _, info, message, status = leastsq(
            self.residual,
            start,
            args=(n,),
            Dfun=lambda *arguments: self._jacobian(*arguments).T,
            col_deriv=True,
            full_output=True,
            ftol=tolerance,
            xtol=tolerance,
            gtol=tolerance,
            maxfev=self.model.max_evaluations,
        )
        cost = 0.5 * float(info["fvec"] @ info["fvec"])
        return Solution(x, self._jacobian(x, n), cost, status in (1, 2, 3, 4), message)

    def _solve_within(
        self, start: NDArray[np.float64], n: int, tolerance: float
    ) -> Solution:
        """Keep the Lorentzian share between 0 and 1."""
        from scipy.optimize import least_squares

        low, high = np.full((2, start.size), np.inf) * [[-1.0], [1.0]]
        low[3 * n], high[3 * n] = 0.0, 1.0
        found = least_squares(
            self.residual,
            start,
            jac=self._jacobian,
            args=(n,),
            bounds=(low, high),
            x_scale="jac",
            ftol=tolerance,
            xtol=tolerance,
            gtol=tolerance,
            max_nfev=self.model.max_evaluations,
        )
        return Solution(
            found.x, found.jac, float(found.cost), found.status > 0, found.message
        )

    def is_sensible(self, parameters: NDArray[np.float64], n: int) -> bool:
        """Tell whether every line is inside and wider than a point, not than half."""
        lines = self.model.lines(parameters, n)
        step = float(np.min(np.diff(self.x)))
        inside = np.abs(lines[:, 0]) <= 1.0
        wide = (lines[:, 1] > 0.5 * step) & (lines[:, 1] < 1.0)
        return bool(np.all(inside & wide))

    def finish(self, found: Solution, n: int) -> LineFit:
        """Return the result in Hz, lines ascending, with its covariance."""
        order = np.argsort(found.x[:n])
        ranks = np.concatenate([order, n + order, 2 * n + order])
        ranks = np.concatenate([ranks, np.arange(3 * n, found.x.size)])
        units = np.ones(found.x.size)
        units[: 2 * n] = self.half
        dof = self.x.size - found.x.size
        inverse = inverse_normal_matrix(found.jac)
        variance = 2.0 * found.cost / self.scale**2 / dof
        noise = 1.0 if self.spectrum.error is not None else 2.0 * found.cost / dof
        covariance = (noise * inverse * np.outer(units, units))[np.ix_(ranks, ranks)]
        parameters = (found.x * units)[ranks]
        parameters[:n] += self.centre
        residual = self.residual(found.x, n)
        return LineFit(
            model=self.model,
            lines=self.model.lines(parameters, n),
            names=self.model.names(n),
            parameters=parameters,
            covariance=covariance,
            fitted=self.model.evaluate(self.x, found.x, n, self.offsets),
            reduced_chi_square=variance,
            degrees_of_freedom=dof,
            residual_correlation=_neighbour_correlation(residual),
            converged=found.converged and self.is_sensible(found.x, n),
            message=" ".join(found.message.split()),
        )


def _neighbour_correlation(residual: NDArray[np.float64]) -> float:
    total = float(residual @ residual)
    return float(residual[1:] @ residual[:-1]) / total if total > 0.0 else 0.0
