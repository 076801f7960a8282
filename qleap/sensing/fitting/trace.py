"""Fits of models to traces: least squares, Poisson likelihood, several at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.costs import COSTS, LOSSES, poisson_residual
from qleap.sensing.fitting.result import FitResult
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Gaussian, Parameter, Uniform

__all__ = ["Problem", "Trace", "fit_trace", "fit_traces", "make_problem", "make_trace"]

Array = NDArray[np.float64]

MISSING: Final = ("raise", "drop")
"""What is done with points at which a value is missing."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Data to fit: y over x, with errors where they are known.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    error : array_like, shape (n,), optional
        Standard errors of y.
    label : str
    x_name, x_unit, unit : str
        What x is called, its unit, and the unit of y.
    notes : tuple of str
        What was guessed when it was read.
    metadata : mapping
        What the file says of the measurement.
    """

    x: Array
    y: Array
    error: Array | None = None
    label: str = ""
    x_name: str = "x"
    x_unit: str = "1"
    unit: str = "1"
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        x = checks.vector("x", self.x, min_size=1)
        columns = {"x": x, "y": checks.vector("y", self.y)}
        if self.error is not None:
            columns["error"] = checks.vector("error", self.error)
            if np.any(columns["error"] <= 0.0):
                row = int(np.argmax(columns["error"] <= 0.0))
                raise InvalidValue(
                    f"error must be > 0, got {columns['error'][row]} at index {row}; "
                    "leave the errors out to have them estimated from the scatter."
                )
        for name, column in columns.items():
            if column.size != x.size:
                raise InvalidValue(
                    f"{name} must have as many points as x, got {column.size} and "
                    f"{x.size}."
                )
            object.__setattr__(self, name, column)


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """Traces with their models, and what is free: a function for a solver.

    Parameters
    ----------
    traces : tuple of Trace
    models : tuple of TraceModel
        One for each trace; parameters of one name are one parameter.
    fixed : mapping of str to float
    limits : mapping of str to (low, high)
        In place of those of the models.
    priors : mapping of str to Gaussian
    cost, loss : str
    noise : float
        Standard error of the points where they have none; it weighs the priors.
    """

    traces: tuple[Trace, ...]
    models: tuple[TraceModel, ...]
    fixed: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    priors: Mapping[str, Gaussian] = field(default_factory=dict)
    cost: str = "least_squares"
    loss: str = "linear"
    noise: float = 1.0

    def __post_init__(self) -> None:
        checks.one_of("cost", self.cost, COSTS)
        checks.one_of("loss", self.loss, LOSSES)
        for name, given in (
            ("fixed", self.fixed),
            ("limits", self.limits),
            ("priors", self.priors),
        ):
            checks.known_keys(name, given, self.names)
        for one in self.parameters:
            if one.name in self.fixed:
                checks.between(
                    f"fixed {one.name}",
                    self.fixed[one.name],
                    one.low,
                    one.high,
                    one.unit,
                )
        if self.cost == "poisson":
            self._refuse_what_are_no_counts()

    def _refuse_what_are_no_counts(self) -> None:
        for trace in self.traces:
            if trace.error is not None:
                raise InvalidValue(
                    "error must be left out for Poisson counts: their errors follow "
                    "from the model."
                )
            if np.any(trace.y < 0.0):
                raise InvalidValue(
                    f"y must be counts >= 0 for the Poisson likelihood, got "
                    f"{trace.y.min()}; take cost='least_squares'."
                )

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """All parameters, each name once."""
        seen: dict[str, Parameter] = {}
        for one in (p for model in self.models for p in model.parameters):
            low, high = self.limits.get(one.name, (one.low, one.high))
            seen.setdefault(one.name, replace(one, low=low, high=high))
        return tuple(seen.values())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters."""
        return tuple(one.name for one in self.parameters)

    @cached_property
    def free(self) -> NDArray[np.bool_]:
        """Which parameters are fitted."""
        return np.array([name not in self.fixed for name in self.names])

    @property
    def errors_given(self) -> bool:
        """Whether residuals are in units of known errors."""
        return self.cost == "poisson" or all(t.error is not None for t in self.traces)

    @cached_property
    def places(self) -> list[NDArray[np.int64]]:
        """Where the parameters of each model stand among all."""
        order = {name: k for k, name in enumerate(self.names)}
        return [np.array([order[n] for n in model.names]) for model in self.models]

    def fitted(self, values: Array) -> list[Array]:
        """Return the models at the points of the traces."""
        triples = zip(self.traces, self.models, self.places, strict=True)
        return [model._evaluate(trace.x, values[at]) for trace, model, at in triples]

    def residuals(self, values: Array) -> list[Array]:
        """Return (model - data) over the error, or signed roots of deviances."""
        found = []
        for trace, model in zip(self.traces, self.fitted(values), strict=True):
            if self.cost == "poisson":
                found.append(poisson_residual(trace.y, model)[0])
            else:
                error = 1.0 if trace.error is None else trace.error
                found.append((model - trace.y) / error)
        return found

    def vector(self, values: Array) -> Array:
        """Return all residuals and those of the priors in one row."""
        at = {name: k for k, name in enumerate(self.names)}
        known = [
            self.noise * (values[at[name]] - prior.mean) / prior.standard_deviation
            for name, prior in self.priors.items()
        ]
        return np.concatenate([*self.residuals(values), known])

    def jacobian(self, values: Array) -> Array:
        """Return the derivatives of `vector` by all parameters."""
        rows = []
        for trace, model, at in zip(self.traces, self.models, self.places, strict=True):
            own = model._jacobian(trace.x, values[at])
            if self.cost == "poisson":
                expected = model._evaluate(trace.x, values[at])
                own = own * poisson_residual(trace.y, expected)[1][:, None]
            elif trace.error is not None:
                own = own / trace.error[:, None]
            full = np.zeros((trace.x.size, len(self.names)))
            full[:, at] = own
            rows.append(full)
        order = {name: k for k, name in enumerate(self.names)}
        for name, prior in self.priors.items():
            known = np.zeros((1, len(self.names)))
            known[0, order[name]] = self.noise / prior.standard_deviation
            rows.append(known)
        return np.concatenate(rows)

    def start(self, given: Mapping[str, float] | None) -> Array:
        """Return start values inside the limits: given, fixed, or guessed."""
        checks.known_keys("start", given or {}, self.names)
        known = {n: checks.finite(f"start {n}", v) for n, v in (given or {}).items()}
        known.update(self.fixed)
        for trace, model in zip(self.traces, self.models, strict=True):
            if any(name not in known for name in model.names):
                for name, value in model.guess(trace.x, trace.y).items():
                    known.setdefault(name, value)
        values = np.array([known[name] for name in self.names], dtype=np.float64)
        for k, one in enumerate(self.parameters):
            if one.name not in self.fixed:
                values[k] = _inside(values[k], one)
        return values


def _inside(value: float, parameter: Parameter) -> float:
    """Return ``value`` a little inside the limits of a parameter."""
    low, high = parameter.low, parameter.high
    room = high - low if np.isfinite(high - low) else max(abs(value), 1e-30)
    margin = 1e-6 * room
    return float(min(max(value, low + margin), high - margin))


def fit_trace(
    model: TraceModel,
    x: ArrayLike,
    y: ArrayLike,
    error: ArrayLike | None = None,
    *,
    missing: str = "raise",
    **options: Any,
) -> FitResult:
    """Return the parameters of ``model`` for one trace.

    Parameters
    ----------
    model : TraceModel
    x, y : array_like, shape (n,)
    error : array_like, shape (n,), optional
        Standard errors of y; without them the scatter gives the errors.
    missing : str
        ``"raise"``, or ``"drop"``: points that are not finite are left out, and the
        ``notes`` of the trace say how many.
    **options
        See `fit_traces`.
    """
    trace = make_trace(x, y, error, missing)
    return fit_traces([trace], [model], **options)


def make_trace(
    x: ArrayLike, y: ArrayLike, error: ArrayLike | None, missing: str
) -> Trace:
    """Return a trace; points that are not finite are refused or left out."""
    columns: list[Any] = [x, y] if error is None else [x, y, error]
    notes: tuple[str, ...] = ()
    if checks.one_of("missing", missing, MISSING) == "drop":
        arrays = [np.asarray(one, dtype=np.float64) for one in columns]
        if len({one.shape for one in arrays}) == 1 and arrays[0].ndim == 1:
            kept = np.all(np.isfinite(arrays), axis=0)
            columns = [one[kept] for one in arrays]
            if not np.all(kept):
                left = f"{int(np.sum(~kept))} of {kept.size} points"
                notes = (f"{left} have missing values and were left out",)
    return Trace(**dict(zip(("x", "y", "error"), columns, strict=False)), notes=notes)


def fit_traces(
    traces: Sequence[Trace],
    models: Sequence[TraceModel],
    *,
    start: Mapping[str, float] | None = None,
    max_evaluations: int = 2000,
    **options: Any,
) -> FitResult:
    """Return the parameters of models for several traces at once.

    Parameters
    ----------
    traces : sequence of Trace
    models : sequence of TraceModel
        One for each trace. Parameters of one name are one parameter of all traces;
        `TraceModel.renamed` keeps apart what differs.
    start : mapping, optional
        Start values; those that are missing are guessed from the data.
    max_evaluations : int
    **options
        ``fixed``, ``limits``, ``priors``, ``cost``, ``loss``: see `make_problem`.

    Raises
    ------
    InvalidValue
        For unknown names, impossible limits, and data that cannot be fitted.

    Warns
    -----
    ConvergenceWarning
        Where the solver gave up; ``converged`` is then False.
    """
    problem = make_problem(traces, models, **options)
    from qleap.sensing.fitting.solve import solve

    return solve(problem, problem.start(start), max_evaluations)


def make_problem(
    traces: Sequence[Trace],
    models: Sequence[TraceModel],
    *,
    fixed: Mapping[str, float] | None = None,
    limits: Mapping[str, tuple[float, float]] | None = None,
    priors: Mapping[str, Gaussian | Uniform] | None = None,
    cost: str = "least_squares",
    loss: str = "linear",
) -> Problem:
    """Return what is to be fitted.

    Parameters
    ----------
    traces, models
        See `fit_traces`.
    fixed : mapping, optional
        Parameters that are not fitted, and their values.
    limits : mapping of str to (low, high), optional
        In place of those of the models.
    priors : mapping of str to Gaussian or Uniform, optional
        What is known of parameters from elsewhere; uniform ones are limits.
    cost : str
        ``"least_squares"``, or ``"poisson"``: maximum likelihood of photon counts.
    loss : str
        ``"linear"``, or a robust one against outliers: ``"soft_l1"``, ``"huber"``,
        ``"cauchy"``. Residuals must then be in units of errors; without errors they
        are scaled by their median deviation first.
    """
    if len(traces) != len(models) or not traces:
        raise InvalidValue(
            f"models must be one for each trace, got {len(models)} models and "
            f"{len(traces)} traces."
        )
    given = dict(priors or {})
    flat = {n: (p.low, p.high) for n, p in given.items() if isinstance(p, Uniform)}
    return Problem(
        traces=tuple(traces),
        models=tuple(models),
        fixed=dict(fixed or {}),
        limits={**(limits or {}), **flat},
        priors={n: p for n, p in given.items() if isinstance(p, Gaussian)},
        cost=cost,
        loss=loss,
    )
