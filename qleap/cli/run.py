"""``qleap run``: counts of an OpenQASM file, with the job stored first."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qleap.cli.console import console, note, print_json

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from qleap.core.jobs import JobStore
    from qleap.processing import RunResult

__all__ = ["print_counts", "run"]

MOST_ROWS = 16
"""Outcomes that the table shows; the rest is summed up in one line."""

BAR = 32
"""Characters of the longest bar."""


def run(
    file: Annotated[Path, typer.Argument(help="OpenQASM 2 or 3 file.")],
    shots: Annotated[int, typer.Option(help="Number of runs.")] = 1024,
    backend: Annotated[
        str, typer.Option(help="local, fake:kawasaki, ...; see `qleap backends`.")
    ] = "local",
    seed: Annotated[
        int | None, typer.Option(help="Repeats a run exactly; drawn by default.")
    ] = None,
    precision: Annotated[
        str, typer.Option(help="double, or single in half the time and memory.")
    ] = "double",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Save the histogram as PNG, PDF or SVG.")
    ] = None,
    store: Annotated[bool, typer.Option(help="Keep the job, for `qleap jobs`.")] = True,
) -> None:
    """Run a circuit and print its counts."""
    from qleap.core.checks import one_of
    from qleap.core.style import check_picture
    from qleap.processing.circuits import load_circuit
    from qleap.processing.execution import check_shots, choose_seed

    if plot is not None:
        check_picture(plot)
    circuit = load_circuit(file)
    options = {
        "shots": check_shots(shots),
        "seed": choose_seed(seed),
        "file": str(file),
        "precision": one_of("precision", precision, ("double", "single")),
    }
    if not store or _keeps_jobs(backend):
        result, jobs, job_id = _measure(circuit, options, backend), None, None
    else:
        jobs, job_id = _store_intent(file, backend, options)
        result = _follow(jobs, job_id, circuit, options, backend)
    values = _plain(result)
    shown = job_id or result.job
    try:
        if jobs is not None and job_id is not None:
            jobs.finish(job_id, values)
    finally:  # a result is shown even where it cannot be stored
        if json:
            print_json({"job": shown, **values})
        else:
            _print_result(result, shown)
    if plot is not None:
        _save_plot(result, plot)


def _keeps_jobs(backend: str) -> bool:
    """Return whether the backend stores its own jobs, as machines elsewhere do."""
    from qleap.processing.backends.door import is_remote

    return backend != "local" and is_remote(backend)


def _store_intent(
    file: Path, backend: str, options: dict[str, Any]
) -> "tuple[JobStore, str]":
    """Store what is about to run; a failure names the way to run without it."""
    from qleap.core.errors import StorageError
    from qleap.core.jobs import JobStore
    from qleap.processing.backends.simulators import calibration_text

    text = file.read_text(encoding="utf-8")
    snapshot = calibration_text(backend)
    try:
        jobs = JobStore()
        job = jobs.create(
            kind="circuit", backend=backend, program=text, options=options
        )
        if snapshot is not None:
            jobs.keep(job.id, calibration=snapshot)
    except StorageError as error:
        raise StorageError(f"{error} Or run without storing: --no-store.") from error
    return jobs, job.id


def _follow(
    jobs: "JobStore",
    job_id: str,
    circuit: "QuantumCircuit",
    options: dict[str, Any],
    backend: str,
) -> "RunResult":
    """Run a stored job and write down how it ended, unless it went well."""
    from qleap.core.errors import QleapError

    jobs.change(job_id, "running")
    try:
        return _measure(circuit, options, backend)
    except QleapError as error:
        jobs.fail(job_id, str(error))
        raise
    except KeyboardInterrupt:
        jobs.change(job_id, "cancelled", note="interrupted on the keyboard")
        raise


def _measure(
    circuit: "QuantumCircuit", options: dict[str, Any], backend: str
) -> "RunResult":
    from qleap.processing import run as run_circuit

    if backend.startswith(("fake:", "aer:")):
        from qleap.processing.devices import load_device

        load_device(
            "fake:" + backend.partition(":")[2]
        )  # an unknown name is said alone
        note(f"simulating {backend} from its recorded calibration ...")
    elif _keeps_jobs(backend):
        note(f"running on {backend}; `qleap jobs` knows the job whatever happens ...")
    return run_circuit(
        circuit,
        options["shots"],
        seed=options["seed"],
        backend=backend,
        precision=options["precision"],
    )


def _plain(result: "RunResult") -> dict[str, Any]:
    """Return the result as JSON-able values."""
    return {
        "counts": result.counts,
        "shots": result.shots,
        "seed": result.seed,
        "backend": result.backend,
        "method": result.method,
        "seconds": result.seconds,
    }


def _print_result(result: "RunResult", job_id: str | None) -> None:
    print_counts(result.counts, result.shots)
    out = console()
    out.print(
        f"{result.shots} shots on {result.backend} ({result.method}), "
        f"seed {result.seed}, {result.seconds:.3g} s"
    )
    if job_id is not None:
        out.print(f"job {job_id[:8]} (qleap jobs show {job_id[:8]})")


def print_counts(counts: dict[str, int], shots: int) -> None:
    """Print the most frequent outcomes with bars, and how many more there are."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("outcome")
    for heading in ("counts", "share"):
        table.add_column(heading, justify="right")
    table.add_column("")
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    for outcome, number in sorted(ranked[:MOST_ROWS]):
        share = f"{number / shots:.1%}"
        table.add_row(outcome, str(number), share, _bar(number / ranked[0][1]))
    out = console()
    out.print(table)
    rest = ranked[MOST_ROWS:]
    if rest:
        left = sum(number for _, number in rest)
        out.print(f"and {len(rest)} more outcomes with {left} shots (--json: all)")


def _bar(fraction: float) -> str:
    """Return a bar of eighths of a character."""
    eighths = max(round(fraction * BAR * 8), 1)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8]


def _save_plot(result: "RunResult", path: Path) -> None:
    from qleap.core import style
    from qleap.processing import plot_counts

    made = style.axes()
    plot_counts(result, ax=made)
    style.save_figure(made.get_figure(root=True), path)  # type: ignore[arg-type]
    note(f"saved {path}")
