"""``qleap propagate``: a pulse through a fibre, as a TOML file describes it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qleap.cli.console import console, note, print_json

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["propagate"]


def propagate(
    case: Annotated[Path, typer.Argument(help="TOML file; see docs/laser.")],
    output: Annotated[
        Path | None,
        typer.Option(help="Where to keep the result; by default CASE.nc here."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Picture of the evolution; CASE.png here.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Propagate a pulse, keep the result, and draw spectrum and time.

    An interrupted call goes on where it stopped when it is given again.
    """
    from qleap.core import style
    from qleap.core.errors import InvalidValue
    from qleap.laser.propagation.cases import load_case
    from qleap.laser.propagation.fibre import propagate_fibre
    from qleap.laser.propagation.plots import plot_evolution

    wanted = load_case(case)
    output = _checked_output(output or Path(f"{case.stem}.nc"))
    plot = style.check_picture(plot or output.with_suffix(".png"))
    if plot.resolve() == output.resolve():
        raise InvalidValue(
            f"the plot must not overwrite the result {output}; give another --output."
        )
    try:
        data = propagate_fibre(
            wanted.pulse,
            wanted.fibre,
            grid=wanted.grid,
            tolerance=wanted.tolerance,
            n_positions=wanted.n_positions,
            store=output,
        )
    except KeyboardInterrupt:
        note(f"interrupted; {output} keeps what is there, and the same call goes on.")
        raise
    style.save_figure(plot_evolution(data), plot)
    summary = _summary(data, wanted.title or case.stem)
    if json:
        print_json({**summary, "output": str(output), "plot": str(plot)})
        return
    _print(summary)
    note(f"saved {output} and {plot}")


def _checked_output(path: Path) -> Path:
    from qleap.core.errors import InvalidValue

    if path.is_dir():
        raise InvalidValue(
            f"output must be a file, but {path} is a folder; write for example "
            f"{path / 'result.nc'}."
        )
    return path


def _summary(data: "xr.Dataset", title: str) -> dict[str, Any]:
    """Return what the result amounts to, as plain values in SI units."""
    from qleap.laser.pulses.widths import spectral_extent

    energy = data["energy"].values
    photons = data["photon_number"].values
    low, high = spectral_extent(data, level=-30.0)
    return {
        "title": title,
        "length_m": float(data["position"].values[-1]),
        "input_energy_J": float(energy[0]),
        "output_energy_J": float(energy[-1]),
        "photon_number_change": float(photons[-1] / photons[0] - 1.0),
        "drift": float(data["drift"].values[-1]),
        "estimated_error": float(data["estimated_error"].values[-1]),
        "accumulated_error": float(data["accumulated_error"].values[-1]),
        "steps": int(data["steps"].values[-1]),
        "rejected_steps": int(data["rejected_steps"].values[-1]),
        "spectrum_from_m": low,
        "spectrum_to_m": high,
    }


def _print(summary: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(title=summary["title"], box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column()
    table.add_row("length", f"{summary['length_m']:.6g} m")
    energies = summary["input_energy_J"], summary["output_energy_J"]
    table.add_row("energy", f"{energies[0]:.4g} J -> {energies[1]:.4g} J")
    table.add_row("photon number", f"{summary['photon_number_change']:+.1e} (relative)")
    ends = summary["spectrum_from_m"] * 1e9, summary["spectrum_to_m"] * 1e9
    table.add_row("spectrum (-30 dB)", f"{ends[0]:.0f} nm to {ends[1]:.0f} nm")
    steps = f"{summary['steps']} and {summary['rejected_steps']} tried again"
    table.add_row("steps", steps)
    table.add_row("estimated error", f"{summary['estimated_error']:.1e} (spectrum)")
    table.add_row("conserved", f"to {abs(summary['drift']):.1e} (relative)")
    table.add_row("local errors", f"{summary['accumulated_error']:.1e} (sum, relative)")
    console().print(table)
