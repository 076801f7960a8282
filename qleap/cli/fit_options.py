"""Options that the fits of traces share, and what they mean."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = ["Choices", "Data", "Qudi", "fit_options", "names_of", "with_choices"]

Data = Annotated[
    Path,
    typer.Argument(help="CSV, TSV, TXT, DAT, NPY, NPZ, MAT, NetCDF, NeXus or HDF5."),
]
Qudi = Annotated[
    Path | None,
    typer.Option(help="Copy of the qudi text file with the results in its header."),
]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Options of every command, with their help and defaults."""

    columns: Annotated[
        str | None, typer.Option(help="x, signal[, error] as names or numbers from 0.")
    ] = None
    unit: Annotated[str | None, typer.Option(help="Of the time: s, ms, us or ns.")] = (
        None
    )
    missing: Annotated[
        str, typer.Option(help="Rows with missing values: raise (refuse) or drop.")
    ] = "raise"
    poisson: Annotated[
        bool, typer.Option("--poisson", help="Maximum likelihood of photon counts.")
    ] = False
    loss: Annotated[
        str, typer.Option(help="linear, or against outliers soft_l1, huber, cauchy.")
    ] = "linear"
    baseline: Annotated[
        int, typer.Option(help="Degree of a drift that is fitted too: 0 to 3.")
    ] = 0
    fixed: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE (SI): not fitted. Repeatable.")
    ] = None
    start: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE (SI): start. Repeatable.")
    ] = None
    limits: Annotated[
        list[str] | None, typer.Option(help="NAME=LOW:HIGH (SI). Repeatable.")
    ] = None
    level: Annotated[float, typer.Option(help="Coverage of the intervals.")] = 0.6827
    max_evaluations: Annotated[
        int, typer.Option(help="After how many evaluations a fit gives up.")
    ] = 2000
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False
    output: Annotated[
        Path | None, typer.Option(help="Dataset; by default <stem>.<kind>.nc here.")
    ] = None
    plot: Annotated[
        Path | None, typer.Option(help="PNG, PDF or SVG; default <stem>.<kind>.png.")
    ] = None
    save: Annotated[bool, typer.Option(help="Save dataset and plot.")] = True
    qudi: Qudi = None


def with_choices(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command for typer in which ``choices`` are options of their own."""
    own = dict(inspect.signature(command).parameters)
    del own["choices"]
    shared = inspect.signature(Choices).parameters

    def called(**given: Any) -> None:
        choices = Choices(**{name: given.pop(name) for name in shared})
        command(**given, choices=choices)

    merged = {**own, **shared}
    keyword = inspect.Parameter.KEYWORD_ONLY
    signature = inspect.Signature([p.replace(kind=keyword) for p in merged.values()])
    called.__signature__ = signature  # type: ignore[attr-defined]
    called.__annotations__ = {name: p.annotation for name, p in merged.items()}
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    return called


def names_of(columns: str | None) -> list[str] | None:
    """Return the columns in an option."""
    return None if columns is None else [name.strip() for name in columns.split(",")]


def fit_options(choices: Choices) -> dict[str, Any]:
    """Return the options of `fit_traces`."""
    from qleap.core import checks

    checks.between("level", choices.level, 0.01, 0.9999)
    limits = {}
    for name, text in _pairs("limits", choices.limits, "LOW:HIGH"):
        low, colon, high = text.partition(":")
        if not colon:
            raise _misspelt("limits", f"{name}={text}", "LOW:HIGH")
        ends = [
            _number("limits", name, part, otherwise)
            for part, otherwise in ((low, -math.inf), (high, math.inf))
        ]
        limits[name] = (ends[0], ends[1])
    return {
        "start": _values("start", choices.start),
        "fixed": _values("fixed", choices.fixed),
        "limits": limits,
        "cost": "poisson" if choices.poisson else "least_squares",
        "loss": choices.loss,
        "max_evaluations": checks.count("max_evaluations", choices.max_evaluations),
    }


def _values(option: str, given: list[str] | None) -> dict[str, float]:
    pairs = _pairs(option, given, "VALUE")
    return {name: _number(option, name, text, None) for name, text in pairs}


def _pairs(option: str, given: list[str] | None, right: str) -> list[tuple[str, str]]:
    """Return names and texts of ``NAME=...`` options."""
    found = []
    for text in given or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise _misspelt(option, text, right)
        found.append((name.strip(), value.strip()))
    return found


def _number(option: str, name: str, text: str, otherwise: float | None) -> float:
    if not text and otherwise is not None:
        return otherwise
    try:
        return float(text)
    except ValueError:
        raise _misspelt(option, f"{name}={text}", "a number in SI units") from None


def _misspelt(option: str, got: str, right: str) -> Exception:
    from qleap.core.errors import InvalidValue

    return InvalidValue(
        f"--{option} must be NAME={right}, got {got!r}; for example "
        f"--{option} {'t2=1e-6:1e-3' if option == 'limits' else 'offset=1.0'}."
    )
