"""Bayesian inference of the parameters of models of traces."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.estimate import Estimate
from qleap.sensing.fitting.tempering import temper
from qleap.sensing.fitting.trace import Problem, Trace, make_problem, make_trace
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Gaussian, Parameter, Uniform

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Posterior", "sample_posterior", "sample_posterior_of_traces"]

Array = NDArray[np.float64]

FEWEST: Final = 64
"""Particles; half of them must span the space of the parameters."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Posterior:
    """Weighted samples of the free parameters, given the data and the priors.

    Parameters
    ----------
    names, units : tuple of str
        Of the free parameters.
    samples : ndarray, shape (n, p)
    weights : ndarray, shape (n,)
        They add up to one.
    log_likelihood : ndarray, shape (n,)
    log_evidence : float
        Log of the probability of the data under model and priors; the difference of
        two models with the same data is the log of their Bayes factor.
    log_evidence_error : float
        Statistical, from the scatter of the weights.
    steps : int
        Temperatures that the likelihood went through.
    fixed : mapping of str to float
    seed : int
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    samples: Array
    weights: Array
    log_likelihood: Array
    log_evidence: float
    log_evidence_error: float
    steps: int
    fixed: Mapping[str, float]
    seed: int

    @property
    def mean(self) -> Array:
        """Of the free parameters, shape (p,)."""
        return np.asarray(self.weights @ self.samples)

    @property
    def covariance(self) -> Array:
        """Of the free parameters, shape (p, p)."""
        away = self.samples - self.mean
        return np.asarray((self.weights[:, None] * away).T @ away)

    @property
    def effective_sample_size(self) -> float:
        """Equally weighted samples that are worth as much."""
        return float(1.0 / (self.weights @ self.weights))

    def __getitem__(self, name: str) -> Estimate:
        """Return mean and standard deviation of a parameter."""
        k = self._index(name)
        return Estimate(float(self.mean[k]), float(np.sqrt(self.covariance[k, k])))

    def quantile(self, name: str, share: ArrayLike) -> Array:
        """Return quantiles of a parameter, in the shape of ``share``."""
        values = self.samples[:, self._index(name)]
        order = np.argsort(values)
        sums = np.cumsum(self.weights[order]) - 0.5 * self.weights[order]
        return np.asarray(
            np.interp(np.asarray(share, dtype=np.float64), sums, values[order])
        )

    def interval(self, name: str, *, level: float = 0.6827) -> tuple[float, float]:
        """Return the limits that leave equal shares of the posterior outside."""
        checks.between("level", level, 1e-6, 1.0 - 1e-9)
        low, high = self.quantile(name, [0.5 - 0.5 * level, 0.5 + 0.5 * level])
        return float(low), float(high)

    def _index(self, name: str) -> int:
        return self.names.index(checks.one_of("name", name, self.names))

    def to_dict(self) -> dict[str, Any]:
        """Return the results without the samples as plain values, ready for JSON."""
        return {
            "parameters": {
                name: {
                    **self[name].to_dict(),
                    "interval_68": list(self.interval(name)),
                    "interval_95": list(self.interval(name, level=0.9545)),
                    "unit": unit,
                }
                for name, unit in zip(self.names, self.units, strict=True)
            },
            "covariance": self.covariance.tolist(),
            "log_evidence": self.log_evidence,
            "log_evidence_error": self.log_evidence_error,
            "effective_sample_size": self.effective_sample_size,
            "steps": self.steps,
            "fixed": dict(self.fixed),
        }

    def to_dataset(self) -> "xr.Dataset":
        """Return samples, weights and results as a labelled dataset."""
        from qleap.core import results

        variables: dict[str, Any] = {
            name: (("sample",), self.samples[:, k], unit)
            for k, (name, unit) in enumerate(zip(self.names, self.units, strict=True))
        }
        variables["weight"] = (("sample",), self.weights, "1")
        variables["log_likelihood"] = (("sample",), self.log_likelihood, "1")
        return results.dataset(
            kind="posterior",
            coords={"sample": (np.arange(len(self.samples)), "1")},
            variables=variables,
            parameters={"result": self.to_dict()},
            seed=self.seed,
        )


def sample_posterior(
    model: TraceModel,
    x: ArrayLike,
    y: ArrayLike,
    error: ArrayLike | None = None,
    *,
    missing: str = "raise",
    **options: Any,
) -> Posterior:
    """Return samples of the parameters of ``model``, given one trace and priors.

    Parameters
    ----------
    model : TraceModel
    x, y : array_like, shape (n,)
    error : array_like, shape (n,), optional
        Standard errors of y; without them one unknown error of all points is
        integrated out (prior 1/sigma).
    missing : str
        ``"raise"``, or ``"drop"``: points that are not finite are left out.
    **options
        See `sample_posterior_of_traces`.

    Examples
    --------
    >>> import numpy as np
    >>> from qleap.sensing.models import Polynomial, Uniform
    >>> x = np.linspace(0.0, 1.0, 11)
    >>> flat = {"c0": Uniform(-5.0, 5.0), "c1": Uniform(-5.0, 5.0)}
    >>> found = sample_posterior(Polynomial(degree=1), x, 1 + 2 * x, 0.1 + 0 * x,
    ...                          priors=flat, n_particles=2000)
    >>> print(f"{found['c1'].value:.1f} +- {found['c1'].standard_error:.1f}")
    2.0 +- 0.1
    """
    trace = make_trace(x, y, error, missing)
    return sample_posterior_of_traces([trace], [model], **options)


def sample_posterior_of_traces(
    traces: Sequence[Trace],
    models: Sequence[TraceModel],
    *,
    priors: Mapping[str, Gaussian | Uniform] | None = None,
    fixed: Mapping[str, float] | None = None,
    limits: Mapping[str, tuple[float, float]] | None = None,
    cost: str = "least_squares",
    n_particles: int = 1000,
    seed: int = 0,
) -> Posterior:
    """Return samples of the parameters of models for several traces at once.

    Parameters
    ----------
    traces : sequence of Trace
    models : sequence of TraceModel
        One for each trace; parameters of one name are one parameter.
    priors : mapping of str to Gaussian or Uniform
        For each free parameter; where there is none, it is uniform between limits, if
        these are finite. A Gaussian prior ends at the limits.
    fixed, limits : mapping, optional
        See `make_problem`.
    cost : str
        ``"least_squares"``: normal errors; ``"poisson"``: photon counts.
    n_particles : int
        At least 64. The errors of means fall with the root of it; several modes need
        some hundred particles each.
    seed : int
        Of the random numbers; the same seed gives the same samples.

    Raises
    ------
    InvalidValue
        Where a parameter has neither a prior nor finite limits.
    """
    checks.count("n_particles", n_particles, FEWEST)
    problem = make_problem(
        traces, models, fixed=fixed, limits=limits, priors=priors, cost=cost
    )
    kept = [one for one in problem.parameters if one.name not in problem.fixed]
    if not kept:
        raise InvalidValue("at least one parameter must be free; fix fewer.")
    known = [_Prior(one, problem.priors.get(one.name)) for one in kept]
    rng = np.random.default_rng(seed)
    start = np.column_stack([one.draw(n_particles, rng) for one in known])

    def log_prior(values: Array) -> Array:
        each = [one.log(v) for one, v in zip(known, values.T, strict=True)]
        return np.asarray(np.sum(each, axis=0))

    found = temper(start, log_prior, _Likelihood(problem), rng)
    return Posterior(
        names=tuple(one.name for one in kept),
        units=tuple(one.unit for one in kept),
        samples=found.samples,
        weights=found.weights,
        log_likelihood=found.log_likelihood,
        log_evidence=found.log_evidence,
        log_evidence_error=found.log_evidence_error,
        steps=found.steps,
        fixed=dict(problem.fixed),
        seed=seed,
    )


class _Prior:
    """The prior of one parameter: normal or flat, within its limits."""

    def __init__(self, parameter: Parameter, known: Gaussian | None) -> None:
        self.parameter, self.known = parameter, known
        if known is None:
            room = parameter.high - parameter.low
            if not math.isfinite(room):
                raise InvalidValue(
                    f"{parameter.name} must have a prior or finite limits, in "
                    f"{parameter.unit}; give priors={{'{parameter.name}': "
                    "Uniform(low, high)} or Gaussian(mean, standard_deviation)."
                )
            return
        low, high = self._reduced_limits()
        from scipy.stats import norm

        inside = float(norm.cdf(high) - norm.cdf(low))
        if not inside > 0.0:
            raise InvalidValue(
                f"the prior of {parameter.name} must reach into its limits "
                f"{parameter.low} to {parameter.high} {parameter.unit}, got the mean "
                f"{known.mean}."
            )

    def _reduced_limits(self) -> tuple[float, float]:
        assert self.known is not None
        mean, width = self.known.mean, self.known.standard_deviation
        return (self.parameter.low - mean) / width, (self.parameter.high - mean) / width

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        if self.known is None:
            return rng.uniform(self.parameter.low, self.parameter.high, n)
        from scipy.stats import truncnorm

        low, high = self._reduced_limits()
        drawn = truncnorm.rvs(low, high, size=n, random_state=rng)
        return np.asarray(self.known.mean + self.known.standard_deviation * drawn)

    def log(self, values: Array) -> Array:
        """Return the log of the density up to a constant, as moves compare it."""
        low, high = self.parameter.low, self.parameter.high
        inside = (values >= low) & (values <= high)
        found = np.zeros(values.shape)
        if self.known is not None:
            away = (values - self.known.mean) / self.known.standard_deviation
            found = found - 0.5 * away**2
        return np.where(inside, found, -np.inf)


class _Likelihood:
    """The log-likelihood of rows of free parameters."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.n = sum(trace.x.size for trace in problem.traces)
        self.constant = 0.0
        if problem.cost == "poisson":
            from scipy.special import gammaln

            counts = np.concatenate([trace.y for trace in problem.traces])
            self.constant = -float(np.sum(gammaln(counts + 1.0)))
        elif problem.errors_given:
            errors = [t.error for t in problem.traces if t.error is not None]
            self.constant = -float(np.sum(np.log(np.concatenate(errors))))
            self.constant -= 0.5 * self.n * math.log(2.0 * math.pi)
        else:
            self.constant = math.lgamma(0.5 * self.n) - math.log(2.0)
            self.constant -= 0.5 * self.n * math.log(math.pi)

    def __call__(self, free: Array) -> Array:
        problem = self.problem
        values = np.empty((len(free), len(problem.names)))
        values[:, problem.free] = free
        for name, value in problem.fixed.items():
            values[:, problem.names.index(name)] = value
        total = np.zeros(len(free))
        parts = zip(problem.traces, problem.models, problem.places, strict=True)
        for trace, model, at in parts:
            with np.errstate(all="ignore"):  # far from the data, models may overflow
                expected = model._evaluate_many(trace.x, values[:, at])
                total += self._of(trace, expected)
        if problem.cost != "poisson" and not problem.errors_given:
            total = -0.5 * self.n * np.log(-2.0 * total)
        found = total + self.constant
        return np.where(np.isnan(found), -np.inf, found)

    def _of(self, trace: Trace, expected: Array) -> Array:
        if self.problem.cost == "poisson":
            from scipy.special import xlogy

            logs = np.sum(xlogy(trace.y, expected) - expected, axis=1)
            return np.where(np.all(expected >= 0.0, axis=1), logs, -np.inf)
        error = (
            1.0 if trace.error is None or not self.problem.errors_given else trace.error
        )
        return np.asarray(-0.5 * np.sum(((trace.y - expected) / error) ** 2, axis=1))
