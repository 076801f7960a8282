"""How long a new user waits: a fresh process, with and without a disk cache."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from qleap.bench import Accuracy, Measured

PROGRAM = """
from qiskit import QuantumCircuit
from qleap.processing import run

circuit = QuantumCircuit(16)
for qubit in range(16):
    circuit.u(0.1 + qubit, 0.2, 0.3, qubit)
for qubit in range(15):
    circuit.cx(qubit, qubit + 1)
circuit.measure_all()
assert sum(run(circuit, 1024, seed=1).counts.values()) == 1024
"""
"""From the start of the interpreter to the first counts, Qiskit's import included."""

WARM_RUNS = 5


def cases(quick: bool) -> Iterator[Accuracy]:
    """Yield both waiting times; with quick nothing, since compiling takes long."""
    if quick:
        return
    for name, title in (
        ("cold", "first counts in a fresh process, empty disk cache"),
        ("warm", "first counts in a fresh process, warm disk cache"),
    ):
        yield Accuracy(
            name=f"processing.first_use.{name}",
            title=f"{title}: 16 qubits, wall time of the whole process",
            unit="s",
            evidence="simulated",
            reference="the house's own bar",
            measure=partial(_wait, warm=name == "warm"),
            alone=True,
        )


def _wait(*, warm: bool) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        first = _seconds(Path(folder))
        if not warm:
            return Measured(value=first)
        times = [_seconds(Path(folder)) for _ in range(WARM_RUNS)]
    return Measured(value=float(np.median(times)), low=min(times), high=max(times))


def _seconds(folder: Path) -> float:
    """Return the wall time of a process that keeps all it caches in ``folder``."""
    caches = {"NUMBA_CACHE_DIR": "numba", "XDG_CACHE_HOME": "cache"}
    environment = os.environ | {key: str(folder / at) for key, at in caches.items()}
    environment |= {"XDG_DATA_HOME": str(folder / "data")}
    begin = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begin
    if ended.returncode:
        raise RuntimeError(f"the fresh process failed: {ended.stderr[-300:]}")
    return seconds
