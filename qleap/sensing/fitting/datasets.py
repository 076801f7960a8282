"""Fits of traces as labelled datasets."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qleap.core import results

if TYPE_CHECKING:
    import xarray as xr

    from qleap.sensing.fitting.result import FitResult

__all__ = ["fit_dataset"]


def fit_dataset(
    fit: "FitResult", intervals: Mapping[str, tuple[float, float]]
) -> "xr.Dataset":
    """Return data, model, residuals and parameters; see `FitResult.to_dataset`."""
    coords: dict[str, tuple[Any, str]] = {}
    variables: dict[str, tuple[tuple[str, ...], Any, str]] = {}
    several = len(fit.problem.traces) > 1
    for k, trace in enumerate(fit.problem.traces):
        end = f"_{k + 1}" if several else ""
        place, unit = (f"x{end}",), trace.unit
        coords[f"x{end}"] = (trace.x, trace.x_unit)
        variables[f"y{end}"] = (place, trace.y, unit)
        if trace.error is not None:
            variables[f"y_error{end}"] = (place, trace.error, unit)
        variables[f"fit{end}"] = (place, fit.fitted[k], unit)
        scale = "1" if fit.errors_given else unit
        variables[f"residual{end}"] = (place, fit.residuals[k], scale)
    found = fit.to_dict()
    coords["parameter"] = (list(fit.names), "1")
    for name, one in found.pop("parameters").items():
        variables[name] = ((), one["value"], one["unit"])
        variables[f"{name}_error"] = ((), one["standard_error"], one["unit"])
        if name in intervals:
            low, high = intervals[name]
            variables[f"{name}_low"] = ((), low, one["unit"])
            variables[f"{name}_high"] = ((), high, one["unit"])
    variables["covariance"] = (
        ("parameter", "other_parameter"),
        found.pop("covariance"),
        "products of the units of the parameters",
    )
    problem = fit.problem
    return results.dataset(
        kind="trace_fit",
        coords=coords,
        variables=variables,
        parameters={
            **found,
            "models": [repr(model) for model in problem.models],
            "labels": [trace.label for trace in problem.traces],
            "x_names": [trace.x_name for trace in problem.traces],
            "notes": [list(trace.notes) for trace in problem.traces],
            "metadata": [_plain(trace.metadata) for trace in problem.traces],
            "fixed": dict(problem.fixed),
            "loss": problem.loss,
            "kind_of_cost": problem.cost,
        },
    )


def _plain(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata with what JSON does not know as text."""
    plain = (str, int, float, bool, list, dict, type(None))
    return {k: v if isinstance(v, plain) else repr(v) for k, v in metadata.items()}
