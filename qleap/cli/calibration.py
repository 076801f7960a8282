"""``qleap calibration``: what a device was like, and what has drifted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qleap.cli.console import console, note, print_json

if TYPE_CHECKING:
    from qleap.processing.snapshots import CalibrationSnapshot

__all__ = ["app"]

app = typer.Typer(help="Show, save and compare calibrations.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="fake:NAME, a saved snapshot, or a provider's JSON file."
    ),
]


@app.command("list")
def list_devices(json: Json = False) -> None:
    """List the recorded devices that are installed."""
    from qleap.processing.snapshots import recorded_devices

    names = recorded_devices()
    if json:
        print_json(names)
        return
    console().print(*names, sep="\n")


@app.command()
def show(source: Source, json: Json = False) -> None:
    """Show the medians of a calibration and what had to be repaired."""
    from qleap.processing.snapshots import repaired, snapshot

    found = repaired(snapshot(source))
    summary = _summary(found)
    if json:
        print_json(summary)
        return
    out = console()
    repairs = summary.pop("repairs")
    for name, value in summary.items():
        out.print(f"{name:26s} {value}")
    for line in repairs:
        out.print(f"repaired: {line}")


@app.command()
def save(
    source: Source,
    output: Annotated[Path, typer.Argument(metavar="FILE.nc", help="Where to.")],
) -> None:
    """Save a calibration as a dataset."""
    from qleap.processing.snapshots import snapshot

    note(f"saved {snapshot(source).save(output)}")


@app.command()
def compare(
    before: Source,
    after: Annotated[str, typer.Argument(metavar="LATER", help="Likewise.")],
    limit: Annotated[int, typer.Option(help="Show so many changes.")] = 20,
    plot: Annotated[
        Path | None, typer.Option(help="Draw all changes into this file.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what has drifted between two calibrations, the largest changes first."""
    from qleap.processing.snapshots import compare as drift_between
    from qleap.processing.snapshots import snapshot

    drift = drift_between(snapshot(before), snapshot(after))
    if plot is not None:
        from qleap.processing import plot_drift

        figure: Any = plot_drift(drift).figure
        figure.savefig(plot, bbox_inches="tight")
        note(f"saved {plot}")
    if json:
        print_json(
            [
                {
                    "quantity": change.quantity,
                    "qubits": list(change.qubits),
                    "unit": change.unit,
                    "before": _known(change.before),
                    "after": _known(change.after),
                }
                for change in drift.changes
            ]
        )
        return
    out = console()
    if not drift.changes:
        out.print("nothing has changed.")
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("quantity", "qubits", "before", "after", "factor"):
        table.add_column(heading)
    for change in drift.changes[:limit]:
        table.add_row(
            change.quantity,
            ", ".join(map(str, change.qubits)),
            f"{change.before:.4g} {change.unit}".removesuffix(" 1"),
            f"{change.after:.4g} {change.unit}".removesuffix(" 1"),
            f"{change.factor:.3g}",
        )
    out.print(table)
    if len(drift.changes) > limit:
        out.print(f"... and {len(drift.changes) - limit} smaller changes.")


def _summary(found: "CalibrationSnapshot") -> dict[str, Any]:
    import numpy as np

    def middle(values: Any) -> float | None:
        return _known(float(np.median(values))) if len(values) else None

    return {
        "device": found.device,
        "taken": None if found.taken is None else found.taken.isoformat(),
        "qubits": found.n_qubits,
        "gates": sorted({name for name, _ in found.gates}),
        "median t1 (s)": middle(found.t1),
        "median t2 (s)": middle(found.t2),
        "median readout error": middle(found.readout_error),
        "median one-qubit error": middle(found.one_qubit_error),
        f"median {found.coupler} error": middle(found.two_qubit_error),
        "repairs": list(found.repairs),
    }


def _known(value: float) -> float | None:
    """Return a number; None where it is not one, which JSON cannot hold."""
    return value if abs(value) < float("inf") else None
