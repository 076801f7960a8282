"""``qleap propagate``: light through fibres, capillaries, media and crystals."""

import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qleap.cli.console import console, note, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qleap.laser.cases import Case

__all__ = ["propagate"]

ROUNDED = 5e-5
"""Share of the energy that is nothing with two digits of a per cent."""


def propagate(
    case: Annotated[
        Path | None, typer.Argument(help="TOML file; see docs/laser/cases.md.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Where to keep the result; by default CASE.nc here."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(help="Picture of the way; by default CASE.png here."),
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="KEY=VALUE instead of the file's. Repeatable."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Points of a scan at a time; by default one a core."),
    ] = None,
    dask: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler for a scan.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of case files.")
    ] = False,
) -> None:
    """Propagate a pulse, keep the result, and draw it along the way and at the end.

    An interrupted call goes on where it stopped when it is given again.
    A scan keeps its points in CASE.points, and all of them together in CASE.nc.
    """
    from qleap.core import style
    from qleap.core.errors import InvalidValue
    from qleap.laser.cases import case_schema, load_case

    if schema:
        print_json(case_schema())
        return
    if case is None:
        raise InvalidValue("a case is needed: the name of a TOML file, or --schema.")
    output = _checked_output(output or Path(f"{case.stem}.nc"))
    plot = style.check_picture(plot or output.with_suffix(".png"))
    if plot.resolve() == output.resolve():
        raise InvalidValue(
            f"the plot must not overwrite the result {output}; give another --output."
        )
    wanted = load_case(case, dict(_change(text) for text in change or []))
    if wanted.axes:
        _scan(wanted, output, plot, workers, dask, json=json)
    else:
        _single(wanted, output, plot, json=json)


def _single(wanted: "Case", output: Path, plot: Path, *, json: bool) -> None:
    from qleap.core import style
    from qleap.laser.cases import plot_output, plot_propagation, summary

    with _interruptible(output):
        data = wanted.propagate(output)
    second = plot.with_name(f"{plot.stem}.output{plot.suffix}")
    style.save_figure(plot_propagation(data), plot)
    style.save_figure(plot_output(data), second)
    found = {"title": wanted.title, "door": wanted.door, **summary(data)}
    if json:
        files = {"output": str(output), "plot": str(plot), "output_plot": str(second)}
        print_json({**found, **files})
        return
    _print(found)
    note(f"saved {output}, {plot} and {second}")


def _scan(
    wanted: "Case",
    output: Path,
    plot: Path,
    workers: int | None,
    dask: str | None,
    *,
    json: bool,
) -> None:
    from qleap.core import results, style
    from qleap.laser.cases import plot_scan, summary
    from qleap.laser.propagation.scans import files_of

    folder = output.with_suffix(".points")
    with _interruptible(folder), _client(dask) as executor:
        data = wanted.propagate(folder, workers=workers, executor=executor)
    results.save(data, output)
    style.save_figure(plot_scan(data), plot)
    rows = []
    for values, path in files_of(folder):
        rows.append({**values, **summary(results.load(path)), "file": str(path)})
    if json:
        print_json(
            {
                "title": wanted.title,
                "door": wanted.door,
                "points": rows,
                "output": str(output),
                "plot": str(plot),
            }
        )
        return
    _print_points(wanted, rows)
    note(f"saved {output}, {plot} and the points in {folder}")


def _change(text: str) -> tuple[str, Any]:
    """Return key and value of ``KEY=VALUE``; what is not TOML is a text."""
    from qleap.core.errors import InvalidValue

    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InvalidValue(
            f"--set must be KEY=VALUE, got {text!r}; for example "
            "--set pulse.energy='2 uJ'."
        )
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()


@contextmanager
def _interruptible(store: Path) -> "Iterator[None]":
    try:
        yield
    except KeyboardInterrupt:
        note(f"interrupted; {store} keeps what is there, and the same call goes on.")
        raise


@contextmanager
def _client(address: str | None) -> "Iterator[Any]":
    """Yield a client of a Dask scheduler, or None."""
    if address is None:
        yield None
        return
    from qleap.core.errors import BackendUnavailable
    from qleap.core.extras import require

    distributed = require("distributed", "distributed")
    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise BackendUnavailable(
            f"no Dask scheduler answers at {address} ({error}); check the address."
        ) from error
    with client:
        yield client


def _checked_output(path: Path) -> Path:
    from qleap.core.errors import InvalidValue

    if path.is_dir():
        raise InvalidValue(
            f"output must be a file, but {path} is a folder; write for example "
            f"{path / 'result.nc'}."
        )
    return path


def _print(found: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(title=found["title"], box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column()
    for row in _rows(found):
        table.add_row(*row)
    console().print(table)


def _rows(found: dict[str, Any]) -> "Iterator[tuple[str, str]]":
    """Yield the lines of a summary."""
    yield "length", _in(found["length_m"], "m")
    yield "energy", _change_of(found, "energy_J", "J")
    share = found["lost_share"]
    lost = f"{0.0 if abs(share) < ROUNDED else share:.2%} of the energy"
    if "share_of_energy" not in found:  # mixing in a crystal changes their number
        lost += f", photon number {found['photon_number_change']:+.1e}"
    yield "lost", lost
    yield "duration (FWHM)", _change_of(found, "fwhm_s", "s")
    ends = found["spectrum_from_m"] * 1e9, found["spectrum_to_m"] * 1e9
    yield "spectrum (-30 dB)", f"{ends[0]:.0f} nm to {ends[1]:.0f} nm"
    if "largest_peak_intensity_W_m2" in found:
        largest = found["largest_peak_intensity_W_m2"] * 1e-4
        yield "largest intensity", f"{largest:.3g} W/cm^2"
    if "largest_electron_density_1_m3" in found:
        electrons = found["largest_electron_density_1_m3"] * 1e-6
        yield "electrons", f"{electrons:.3g} 1/cm^3"
    if "output_beam_radius_m" in found:
        size = _in(found["output_beam_radius_m"], "m")
        quality = f"M^2 {found['output_beam_quality']:.3g}"
        core = _in(found["smallest_core_radius_m"], "m")
        yield "beam radius", f"{size} at the end, {quality}; smallest core {core}"
        yield "absorbed at the edge", f"{found['absorbed_at_edge']:.1e} of the energy"
    for band, share in found.get("share_of_energy", {}).items():
        yield band, f"{share:.2%} of the energy"
    steps = f"{found['steps']} and {found['rejected_steps']} tried again"
    yield "steps", steps
    if "estimated_error" in found:
        yield "estimated error", f"{found['estimated_error']:.1e} (spectrum)"
    if "drift" in found:
        yield "conserved", f"to {abs(found['drift']):.1e} (relative)"
    yield "local errors", f"{found['accumulated_error']:.1e} (sum, relative)"


def _change_of(found: dict[str, Any], name: str, unit: str) -> str:
    ends = [found[f"{end}_{name}"] for end in ("input", "output")]
    return " -> ".join("none" if x is None else _in(x, unit) for x in ends)


def _in(value: float, unit: str) -> str:
    from qleap.core import style

    scaled, written = style.engineering(value, unit)
    return f"{float(scaled):.4g} {written}"


def _print_points(wanted: "Case", rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table(title=wanted.title, box=None, pad_edge=False)
    for axis in wanted.axes:
        table.add_column(axis.key, justify="right")
    for name in ("energy", "duration", "spectrum (-30 dB)", "error"):
        table.add_column(name, justify="right")
    for row in rows:
        values = [
            _in(row[axis.name], axis.unit)
            if isinstance(row[axis.name], float | int)
            else str(row[axis.name])
            for axis in wanted.axes
        ]
        ends = row["spectrum_from_m"] * 1e9, row["spectrum_to_m"] * 1e9
        width = row["output_fwhm_s"]
        table.add_row(
            *values,
            _in(row["output_energy_J"], "J"),
            "none" if width is None else _in(width, "s"),
            f"{ends[0]:.0f} nm to {ends[1]:.0f} nm",
            f"{row.get('estimated_error', row['accumulated_error']):.1e}",
        )
    console().print(table)
