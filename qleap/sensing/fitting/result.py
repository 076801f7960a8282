"""What a fit of traces found, and how far it is to be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.estimate import Estimate

if TYPE_CHECKING:
    import xarray as xr

    from qleap.sensing.fitting.trace import Problem

__all__ = ["FitResult"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class FitResult:
    """Parameters of a model fitted to one or more traces.

    Parameters
    ----------
    names : tuple of str
        Of all parameters, fixed ones included.
    units : tuple of str
    values : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
        Zero in the rows of fixed parameters. Scaled with the reduced chi-square where
        the points had no errors.
    free : ndarray of bool, shape (p,)
    cost : float
        Chi-square, Poisson deviance, or their robust form.
    n_points : int
    residuals : tuple of ndarray
        Of each trace, over the errors.
    fitted : tuple of ndarray
        The model at the points of each trace.
    log_likelihood : float
        At the maximum; for points without errors with the variance that is most
        likely.
    errors_given : bool
        Whether the points had errors (Poisson counts have).
    converged : bool
    message : str
        How the solver ended.
    doubts : tuple of str
        Sentences on parameters that the data do not determine.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    values: Array
    covariance: Array
    free: NDArray[np.bool_]
    cost: float
    n_points: int
    residuals: tuple[Array, ...]
    fitted: tuple[Array, ...]
    log_likelihood: float
    errors_given: bool
    converged: bool
    message: str
    doubts: tuple[str, ...]
    problem: "Problem"

    def __getitem__(self, name: str) -> Estimate:
        """Return a parameter with its standard error."""
        k = self._index(name)
        return Estimate(float(self.values[k]), float(self.standard_errors[k]))

    def _index(self, name: str) -> int:
        from qleap.core import checks

        return self.names.index(checks.one_of("name", name, self.names))

    @property
    def standard_errors(self) -> Array:
        """Of all parameters; zero for fixed ones."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def correlation(self) -> Array:
        """Correlations of the parameters; zero for fixed ones."""
        sizes = np.where(self.standard_errors > 0.0, self.standard_errors, np.inf)
        return np.asarray(self.covariance / np.outer(sizes, sizes))

    @property
    def degrees_of_freedom(self) -> int:
        """Points, and priors, minus free parameters."""
        return self.n_points + len(self.problem.priors) - int(self.free.sum())

    @property
    def reduced_chi_square(self) -> float:
        """Cost over degrees of freedom; without errors the residual variance."""
        return self.cost / max(self.degrees_of_freedom, 1)

    @property
    def aic(self) -> float:
        """Akaike's criterion with the correction for few points; less is better."""
        k = self._n_estimated
        room = self.n_points - k - 1
        if room <= 0:
            return float("inf")
        return 2.0 * (k - self.log_likelihood) + 2.0 * k * (k + 1) / room

    @property
    def bic(self) -> float:
        """Schwarz's criterion; less is better."""
        return self._n_estimated * float(np.log(self.n_points)) - (
            2.0 * self.log_likelihood
        )

    @property
    def _n_estimated(self) -> int:
        """Free parameters, and the variance where it comes from the residuals."""
        return int(self.free.sum()) + (not self.errors_given)

    def interval(self, name: str, *, level: float = 0.6827) -> tuple[float, float]:
        """Return the limits of a parameter by profile likelihood.

        All other parameters follow as it moves; see `profile_interval`.
        """
        from qleap.sensing.fitting.profile import profile_interval

        return profile_interval(self, name, level=level)

    def intervals(self, *, level: float = 0.6827) -> dict[str, tuple[float, float]]:
        """Return `interval` of every free parameter."""
        chosen = zip(self.names, self.free, strict=True)
        return {name: self.interval(name, level=level) for name, free in chosen if free}

    def residual_tests(self) -> dict[str, float]:
        """Return p-values of tests of the residuals; see `residual_tests`."""
        from qleap.sensing.fitting.residuals import residual_tests

        return residual_tests(self)

    @property
    def _signal_unit(self) -> str:
        """Unit of the data, or the word where it is not known or there are several."""
        units = {trace.unit for trace in self.problem.traces}
        return units.pop() if len(units) == 1 and units != {"1"} else "signal"

    def to_dataset(
        self, *, intervals: Mapping[str, tuple[float, float]] | None = None
    ) -> "xr.Dataset":
        """Return data, model, residuals and parameters with units.

        Parameters
        ----------
        intervals : mapping, optional
            From `intervals`; they become ``<name>_low`` and ``<name>_high``.

        Returns
        -------
        xarray.Dataset
            ``x``, ``y``, ``y_error``, ``fit`` and ``residual`` (over the errors) of a
            trace, numbered from 1 where there are several; for each parameter its
            value and ``<name>_error``; ``covariance``. Of the kind ``"trace_fit"``.
        """
        from qleap.sensing.fitting.datasets import fit_dataset

        return fit_dataset(self, intervals or {})

    def to_dict(self) -> dict[str, Any]:
        """Return all results as plain values, ready for JSON."""
        parameters: Mapping[str, Any] = {
            name: {
                "value": float(self.values[k]),
                "standard_error": float(self.standard_errors[k]),
                "unit": self.units[k].replace("signal", self._signal_unit),
                "fixed": not bool(self.free[k]),
            }
            for k, name in enumerate(self.names)
        }
        return {
            "parameters": dict(parameters),
            "covariance": self.covariance.tolist(),
            "cost": self.cost,
            "reduced_chi_square": self.reduced_chi_square,
            "errors_given": self.errors_given,
            "degrees_of_freedom": self.degrees_of_freedom,
            "aic": self.aic,
            "bic": self.bic,
            "residual_tests": self.residual_tests(),
            "converged": self.converged,
            "message": self.message,
            "doubts": list(self.doubts),
        }
