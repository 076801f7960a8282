"""The service under load, with its processes killed in the middle."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from qleap.bench import Accuracy, Measured, Skip
from qleap.core.errors import MissingExtra
from qleap.core.extras import require

if TYPE_CHECKING:
    from ._service import Outcome

    Figure = Callable[[Outcome], float]

REFERENCE = "direct runs of the same programs with the same seeds"


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield what became of 200 jobs of 20 clients; with quick, of 24 jobs of 4."""
    n_jobs, n_clients = (24, 4) if quick else (200, 20)
    under = (
        f"{n_jobs} jobs of {n_clients} clients, a worker killed, then the server with "
        "all workers, and started again"
    )
    figures: dict[str, tuple[str, str, Figure, float | None]] = {
        "killed": ("processes killed", "1", lambda o: o.killed, None),
        "lost": ("jobs that did not succeed", "1", lambda o: o.lost, 0.0),
        "recorded_twice": (
            "jobs whose end was recorded more than once",
            "1",
            lambda o: o.recorded_twice,
            0.0,
        ),
        "wrong": ("jobs with other counts", "1", lambda o: o.wrong, 0.0),
        "begun_again": (
            "jobs that a killed process had begun",
            "1",
            lambda o: o.begun_again,
            None,
        ),
        "throughput": ("jobs a second", "1/s", lambda o: o.n_jobs / o.seconds, None),
        "wait_median": (
            "median wait from submission to end",
            "s",
            lambda o: np.median(o.waits),
            None,
        ),
        "wait_p95": (
            "wait from submission to end that 95 % do not exceed",
            "s",
            lambda o: np.quantile(o.waits, 0.95),
            None,
        ),
    }
    for name, (title, unit, figure, prediction) in figures.items():
        yield Accuracy(
            name=f"processing.service.{name}",
            title=f"{title}: {under}",
            unit=unit,
            evidence="simulated",
            reference=REFERENCE,
            measure=partial(_measure, n_jobs, n_clients, figure),
            alone=True,
            prediction=prediction,
        )


def _measure(n_jobs: int, n_clients: int, figure: "Figure") -> Measured:
    return Measured(value=float(figure(_outcome(n_jobs, n_clients))))


@cache
def _outcome(n_jobs: int, n_clients: int) -> "Outcome":
    """Return the outcome of one load, from which all figures are taken."""
    try:
        for module in ("fastapi", "uvicorn", "python_multipart"):
            require(module, "serve")
    except MissingExtra as error:
        raise Skip(str(error)) from error
    from ._service import load

    return load(n_jobs, n_clients)
