"""``qleap fit``: numbers with errors from measured data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qleap.cli import fit_traces
from qleap.cli.console import console, note, print_json, with_error
from qleap.cli.fit_options import Data, Qudi, names_of

if TYPE_CHECKING:
    from qleap.sensing import Estimate, OdmrFit

__all__ = ["app", "odmr"]

app = typer.Typer(help="Fit measured data.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


app.command()(fit_traces.rabi)
app.command()(fit_traces.ramsey)
app.command()(fit_traces.echo)
app.command()(fit_traces.t1)
app.command()(fit_traces.g2)


@app.command()
def odmr(
    data: Data,
    lines: Annotated[int | None, typer.Option(help="1 to 8; found by default.")] = None,
    shape: Annotated[
        str, typer.Option(help="lorentzian, gaussian or pseudo-voigt.")
    ] = "lorentzian",
    hyperfine: Annotated[str, typer.Option(help="none, 14N or 15N.")] = "none",
    background: Annotated[
        str, typer.Option(help="auto, constant, linear or quadratic.")
    ] = "auto",
    polarity: Annotated[str, typer.Option(help="auto, dips or peaks.")] = "auto",
    axes: Annotated[str, typer.Option(help="auto, one or all axes are seen.")] = "auto",
    temperature: Annotated[
        float | None, typer.Option(help="K; gives the zero-field splitting.")
    ] = None,
    zero_field_splitting: Annotated[
        float | None, typer.Option(help="Hz, if it is known.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(help="Frequency, signal[, error] as names or numbers from 0."),
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Of the frequency: Hz, kHz, MHz or GHz.")
    ] = None,
    sort: Annotated[
        bool, typer.Option("--sort", help="Sort points and average repeats.")
    ] = False,
    missing: Annotated[
        str, typer.Option(help="Rows with missing values: raise (refuse) or drop.")
    ] = "raise",
    max_evaluations: Annotated[
        int, typer.Option(help="After how many evaluations a fit gives up.")
    ] = 200,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Dataset; by default <stem>.odmr.nc here.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="PNG, PDF or SVG; default <stem>.odmr.png.")
    ] = None,
    save: Annotated[bool, typer.Option(help="Save dataset and plot.")] = True,
    qudi: Qudi = None,
) -> None:
    """Fit an ODMR spectrum: lines, magnetic field and their uncertainties."""
    import warnings

    from qleap.core.errors import ConvergenceWarning, NotConverged
    from qleap.core.style import check_picture
    from qleap.sensing import LineModel, fit_odmr, read_spectrum, write_qudi

    if plot is not None:
        check_picture(plot)
    model = LineModel(
        shape=shape,
        hyperfine=hyperfine,
        background=background,
        polarity=polarity,
        max_evaluations=max_evaluations,
    )
    known = _known_splitting(temperature, zero_field_splitting)
    names = names_of(columns)
    spectrum = read_spectrum(data, columns=names, unit=unit, sort=sort, missing=missing)
    for guess in spectrum.notes:
        note(f"{data.name}: {guess}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # said below, as an error
        fit = fit_odmr(
            spectrum, n_lines=lines, model=model, axes=axes, zero_field_splitting=known
        )
    saved = _save(fit, data, output, plot) if save or output or plot else []
    if qudi is not None:
        saved.append(write_qudi(qudi, data, fit))
    if json:
        print_json({**fit.to_dict(), "saved": [str(path) for path in saved]})
    else:
        _print(fit)
    for path in saved:
        note(f"saved {path}")
    if not fit.converged:
        raise NotConverged(
            f"the fit of {fit.lines.n_lines} lines did not converge "
            f"({fit.lines.message.rstrip('.')}), so its numbers are not to be used; "
            "give --lines, another --shape, or a larger --max-evaluations."
        )


def _known_splitting(
    temperature: float | None, splitting: float | None
) -> "Estimate | None":
    """Return D with its error: exact as given, or from the temperature."""
    from qleap.core import checks
    from qleap.core.errors import InvalidValue
    from qleap.sensing import Estimate
    from qleap.sensing.nv import zero_field_splitting as splitting_at
    from qleap.sensing.nv.temperature import SAMPLE_SPREAD

    if temperature is not None and splitting is not None:
        raise InvalidValue(
            "--temperature and --zero-field-splitting must not be given together; "
            "leave one out."
        )
    if splitting is not None:
        given = checks.between("zero_field_splitting", splitting, 1e8, 1e11, "Hz")
        return Estimate(given, 0.0)
    if temperature is None:
        return None
    return Estimate(float(splitting_at(temperature)), SAMPLE_SPREAD)


def _save(
    fit: "OdmrFit", data: Path, output: Path | None, plot: Path | None
) -> list[Path]:
    """Write the dataset and the plot; return where."""
    from qleap.core import results, style
    from qleap.sensing import plot_odmr

    dataset = fit.to_dataset()
    saved = [results.save(dataset, output or Path(f"{data.stem}.odmr.nc"))]
    axes = plot_odmr(dataset)
    axes.set_title(data.name)
    target = plot or Path(f"{data.stem}.odmr.png")
    saved.append(style.save_figure(axes.get_figure(root=True), target))  # type: ignore[arg-type]
    return saved


def _print(fit: "OdmrFit") -> None:
    """Print lines and field as tables, and what is not determined."""
    from rich.table import Table

    out = console()
    found = fit.to_dict()
    table = Table(box=None, pad_edge=False, title_justify="left")
    unit = fit.spectrum.unit
    for heading in ("line", "position (MHz)", "width (MHz)", f"depth ({unit})"):
        table.add_column(heading, justify="right")
    rows = zip(found["lines_Hz"], found["widths_Hz"], found["depths"], strict=True)
    for k, (position, width, depth) in enumerate(rows, 1):
        table.add_row(
            str(k), _text(position, 1e6), _text(width, 1e6), _text(depth, 1.0)
        )
    out.print(table)
    out.print()
    for line in _field_lines(found):
        out.print(line, soft_wrap=True)
    for line in _quality(fit):
        out.print(line, soft_wrap=True)


def _field_lines(found: dict[str, Any]) -> list[str]:
    """Return the sentences on the field."""
    lines = []
    for key, name, unit, scale in (
        ("field_magnitude_T", "field", "mT", 1e-3),
        ("field_projection_T", "field along the axis", "mT", 1e-3),
        ("zero_field_splitting_Hz", "zero-field splitting D", "MHz", 1e6),
    ):
        if found[key] is not None:
            lines.append(f"{name}: {_text(found[key], scale)} {unit}")
    vector = found["field_vector_T"]
    if vector is not None:
        pairs = zip(vector["value"], vector["standard_error"], strict=True)
        parts = (_text({"value": v, "standard_error": e}, 1e-3) for v, e in pairs)
        lines.append(f"components along the cubic axes: {', '.join(parts)} mT")
        lines.append(
            f"  {vector['ambiguity']}: {vector['n_equivalent']} equivalent fields"
        )
        rms = vector["line_residual_rms_Hz"] / 1e6
        lines.append(f"  lines miss the Hamiltonian by {rms:.3g} MHz rms")
        lines.extend(
            f"  fits as well: {', '.join(f'{1e3 * b:.4f}' for b in rival)} mT"
            for rival in vector["rivals"]
        )
    names: dict[str, list[str]] = {}
    for name, reason in found["reasons"].items():
        names.setdefault(reason, []).append(name)
    if vector is None:
        lines.extend(
            f"not determined: {', '.join(missing)} ({reason})"
            for reason, missing in names.items()
        )
    return lines


def _quality(fit: "OdmrFit") -> list[str]:
    """Return the sentences on the fit itself."""
    lines, model = fit.lines, fit.lines.model
    given = fit.spectrum.error is not None
    size = (
        f"reduced chi-square {lines.reduced_chi_square:.3g}"
        if given
        else f"rms residual {lines.reduced_chi_square**0.5:.3g} {fit.spectrum.unit}"
    )
    told = [
        f"{model.shape} lines, hyperfine {model.hyperfine}, {model.background} "
        f"background: {size} with {lines.degrees_of_freedom} degrees of freedom"
    ]
    if lines.residual_correlation > 0.3:
        told.append(
            f"neighbouring residuals correlate ({lines.residual_correlation:.2f}): the "
            "errors of the lines are too small"
        )
    return told


def _text(estimate: dict[str, float], scale: float) -> str:
    return with_error(estimate["value"] / scale, estimate["standard_error"] / scale)
