"""``qleap fit rabi`` and its like: one trace, one model, numbers with errors."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qleap.cli.console import console, note, print_json, with_error
from qleap.cli.fit_options import Choices, Data, fit_options, names_of, with_choices

if TYPE_CHECKING:
    from qleap.sensing import FitResult, Trace
    from qleap.sensing.models import TraceModel

__all__ = ["echo", "g2", "rabi", "ramsey", "t1"]

Stretched = Annotated[bool, typer.Option(help="Fit the exponent of the decay.")]

MOST_BASELINE = 3
"""Degree of a polynomial beyond which it takes the place of a signal."""

SUSPECT = 0.01
"""p-value of a test of the residuals below which a sentence says so."""


@with_choices
def rabi(
    data: Data,
    averaged: Annotated[
        bool, typer.Option("--averaged", help="Fit a spread of the detuning.")
    ] = False,
    delayed: Annotated[
        bool, typer.Option("--delayed", help="Fit the rise of the pulses.")
    ] = False,
    *,
    choices: Choices,
) -> None:
    """Fit a Rabi oscillation: frequency, period and decay."""
    from qleap.sensing.models import Rabi

    model = Rabi(averaged=averaged, delayed=delayed)
    _run("rabi", model, data, choices, _rabi_words)


@with_choices
def ramsey(
    data: Data,
    hyperfine: Annotated[str, typer.Option(help="none, 14N or 15N.")] = "none",
    stretched: Stretched = True,
    phased: Annotated[
        bool, typer.Option("--phased", help="Fit the phase of the fringes.")
    ] = False,
    *,
    choices: Choices,
) -> None:
    """Fit Ramsey fringes: detuning and T2*, with the beats of the nitrogen."""
    from qleap.sensing.models import Ramsey

    model = Ramsey(hyperfine=hyperfine, stretched=stretched, phased=phased)
    _run("ramsey", model, data, choices)


@with_choices
def echo(
    data: Data,
    revivals: Annotated[
        bool, typer.Option("--revivals", help="Fit collapses and revivals.")
    ] = False,
    stretched: Stretched = True,
    *,
    choices: Choices,
) -> None:
    """Fit a Hahn echo over the whole free evolution time: T2."""
    from qleap.sensing.models import HahnEcho

    model = HahnEcho(revivals=revivals, stretched=stretched)
    _run("echo", model, data, choices)


@with_choices
def t1(
    data: Data,
    stretched: Stretched = False,
    *,
    choices: Choices,
) -> None:
    """Fit the relaxation of a polarisation: T1."""
    from qleap.sensing.models import Relaxation

    _run("t1", Relaxation(stretched=stretched), data, choices)


@with_choices
def g2(
    data: Data,
    *,
    choices: Choices,
) -> None:
    """Fit the correlation of photons over their delay: one emitter or more."""
    from qleap.sensing.models import Antibunching

    _run("g2", Antibunching(), data, choices, _g2_words)


def _run(
    kind: str,
    model: "TraceModel",
    data: Path,
    choices: Choices,
    derive: "Callable[[FitResult], list[str]] | None" = None,
) -> None:
    """Read, fit, say and save."""
    import warnings

    from qleap.core.errors import ConvergenceWarning, NotConverged
    from qleap.core.style import check_picture
    from qleap.sensing import fit_traces, read_trace

    if choices.plot is not None:
        check_picture(choices.plot)
    options = fit_options(choices)
    model = _with_baseline(model, choices.baseline, options)
    trace = read_trace(
        data,
        kind=kind,
        columns=names_of(choices.columns),
        unit=choices.unit,
        missing=choices.missing,
    )
    for guess in trace.notes:
        note(f"{data.name}: {guess}")
    if choices.poisson:
        trace = _counts(trace, data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # said below, as an error
        fit = fit_traces([trace], [model], **options)
    usable = fit.converged and choices.loss == "linear"
    intervals = fit.intervals(level=choices.level) if usable else {}
    words = [*(derive(fit) if derive and fit.converged else []), *_quality(fit)]
    saved = _save(fit, intervals, kind, data, choices)
    if choices.json:
        found = fit.to_dict()
        for name, (low, high) in intervals.items():
            found["parameters"][name]["interval"] = [low, high]
        found |= {"kind": kind, "model": repr(model), "level": choices.level}
        found |= {"sentences": words, "saved": [str(path) for path in saved]}
        print_json(_finite(found))
    else:
        _print(fit, intervals, choices.level, words)
    for path in saved:
        note(f"saved {path}")
    if not fit.converged:
        raise NotConverged(
            f"the fit did not converge ({fit.message.rstrip('.')}), so its numbers are "
            "not to be used; give --start, --fixed, or a larger --max-evaluations."
        )


def _with_baseline(
    model: "TraceModel", degree: int, options: dict[str, Any]
) -> "TraceModel":
    """Return the model with a polynomial; its constant is the model's own offset."""
    from qleap.core import checks
    from qleap.sensing.models import Polynomial

    if checks.count("baseline", degree, 0, MOST_BASELINE) == 0:
        return model
    options["fixed"] = {"c0": 0.0, **options["fixed"]}
    return model + Polynomial(degree=degree)


def _counts(trace: "Trace", data: Path) -> "Trace":
    """Return the trace without errors, which counts have by themselves."""
    from dataclasses import replace

    if trace.error is not None:
        note(f"{data.name}: errors are not used; counts have those of Poisson")
    return replace(trace, error=None)


def _save(
    fit: "FitResult",
    intervals: dict[str, tuple[float, float]],
    kind: str,
    data: Path,
    choices: Choices,
) -> list[Path]:
    """Write what is wanted; return where."""
    from qleap.core import results, style
    from qleap.sensing import plot_fit, write_qudi

    saved = []
    if choices.save or choices.output or choices.plot:
        target = choices.output or Path(f"{data.stem}.{kind}.nc")
        saved.append(results.save(fit.to_dataset(intervals=intervals), target))
        upper, _ = plot_fit(fit)
        figure: Any = upper.get_figure(root=True)
        picture = choices.plot or Path(f"{data.stem}.{kind}.png")
        saved.append(style.save_figure(figure, picture))
    if choices.qudi is not None:
        saved.append(write_qudi(choices.qudi, data, fit))
    return saved


def _print(
    fit: "FitResult",
    intervals: dict[str, tuple[float, float]],
    level: float,
    words: list[str],
) -> None:
    """Print parameters as a table, then the sentences."""
    from rich.table import Table

    out = console()
    table = Table(box=None, pad_edge=False)
    table.add_column("parameter")
    table.add_column("value", justify="right")
    table.add_column(f"{100 * level:.4g} % interval", justify="right")
    table.add_column("unit")
    for name, one in fit.to_dict()["parameters"].items():
        scale, unit = _scale(one["value"], one["standard_error"], one["unit"])
        value, error = one["value"] / scale, one["standard_error"] / scale
        told = f"{value:.6g} (fixed)" if one["fixed"] else with_error(value, error)
        low, high = intervals.get(name, (math.nan, math.nan))
        ends = "" if math.isnan(low) else _ends(low / scale, high / scale, error)
        table.add_row(name, told, ends, unit)
    out.print(table)
    out.print()
    for line in words:
        out.print(line, soft_wrap=True)


def _scale(value: float, error: float, unit: str) -> tuple[float, str]:
    """Return an SI prefix that suits a parameter, as factor, and the unit with it."""
    from qleap.core.style import engineering

    if unit not in {"s", "Hz", "W", "V"}:
        return 1.0, "" if unit == "1" else unit
    size = max(abs(value), error if math.isfinite(error) else 0.0)
    scaled, prefixed = engineering([size], unit)
    return (size / float(scaled[0]), prefixed) if size else (1.0, unit)


def _ends(low: float, high: float, error: float) -> str:
    if not 0.0 < error < math.inf:
        return f"{low:.6g} to {high:.6g}"
    digits = min(max(1 - math.floor(math.log10(error)), 0), 9)
    return f"{low:.{digits}f} to {high:.{digits}f}"


def _quality(fit: "FitResult") -> list[str]:
    """Return the sentences on the fit, worst last."""
    tests = fit.residual_tests()
    freedom = f"{fit.degrees_of_freedom} degrees of freedom"
    if fit.errors_given:
        told = [
            f"reduced chi-square {fit.reduced_chi_square:.3g} with {freedom} "
            f"(p = {tests['chi_square']:.2g})"
        ]
    else:
        rms = math.sqrt(fit.reduced_chi_square)
        told = [f"rms residual {rms:.3g} with {freedom}; errors from the scatter"]
    told.append(
        "residuals: "
        + ", ".join(
            f"{name} p = {tests[name]:.2g}"
            for name in ("runs", "correlation", "normality")
        )
    )
    if tests["chi_square"] < SUSPECT:
        told.append(
            "the points miss the model by more than their errors: the model lacks "
            "something, or the errors are too small; those of the parameters are then "
            f"too small by about {math.sqrt(fit.reduced_chi_square):.2g}"
        )
    if tests["chi_square_low"] < SUSPECT:
        told.append(
            "the points lie closer to the model than their errors let expect: these "
            "are too large, and those of the parameters by about "
            f"{1.0 / math.sqrt(max(fit.reduced_chi_square, 1e-300)):.2g}"
        )
    if min(tests["runs"], tests["correlation"]) < SUSPECT:
        told.append(
            "neighbouring residuals are alike: the model misses a structure, and the "
            "errors of the parameters are too small; where the baseline drifts, "
            "--baseline 1 (to 3) fits a polynomial with it"
        )
    if tests["normality"] < SUSPECT:
        told.append("the residuals have outliers; try --loss soft_l1")
    told.extend(fit.doubts)
    return told


def _rabi_words(fit: "FitResult") -> list[str]:
    """Return the period and the length of a pi pulse."""
    found = fit["rabi_frequency"]
    period = 1.0 / found.value
    error = found.standard_error * period**2
    lines = []
    for name, share in (("period", 1.0), ("pi pulse", 0.5)):
        scale, unit = _scale(share * period, share * error, "s")
        told = with_error(share * period / scale, share * error / scale)
        lines.append(f"{name}: {told} {unit}")
    tests = fit.residual_tests()
    if "delay" not in fit.names and min(tests["runs"], tests["correlation"]) < SUSPECT:
        lines.append("the model begins at zero; --delayed fits the rise of the pulses")
    return lines


def _g2_words(fit: "FitResult") -> list[str]:
    """Return the correlation at zero delay with its error."""
    import numpy as np

    offset, amplitude = fit["offset"].value, fit["amplitude"].value
    total = offset + amplitude
    at = [fit.names.index(name) for name in ("offset", "amplitude")]
    slope = np.array([amplitude, -offset]) / total**2
    error = float(np.sqrt(slope @ fit.covariance[np.ix_(at, at)] @ slope))
    value = offset / total
    verdict = "not clearly below 1/2: this does not show one emitter"
    if value + 2.0 * error < 0.5:
        verdict = "below 1/2 by more than two errors: one emitter"
    return [f"g2(0) = {with_error(value, error)}, {verdict}"]


def _finite(value: Any) -> Any:
    """Return plain values with null for what JSON cannot hold."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
