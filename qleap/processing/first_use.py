"""Compiling the kernels of one task at the same time.

Numba compiles one function after another. What a first run needs is therefore shared
among processes: each compiles a part into the cache on disk, from which all read. The
parts call kernels with the types of arguments that runs have, and spare the other
processes the import of Qiskit where they can.
"""

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

__all__ = ["prepare", "prepare_aside", "prepare_counts"]

START: Final = 0.5
"""Seconds that another process needs before it compiles."""


class Part(NamedTuple):
    """Kernels that are compiled together."""

    seconds: float
    """About how long that takes; only the proportions matter."""
    is_ready: Callable[[], bool]
    compile: Callable[[], None]


def prepare_counts(precision: str) -> None:
    """Compile what counts of a circuit need, before it is even read."""
    prepare(
        f"sweep {precision}",
        "fuse",
        "plan",
        "schedule",
        "coefficients",
        f"samples {precision}",
    )


@cache
def prepare(*parts: str) -> None:
    """Compile parts that are missing, shared with processes beside this one."""
    missing = [part for part in parts if not _PARTS[part].is_ready()]
    if not missing:
        return
    from qleap.core.jit import threads

    mine, *others = _shares(missing, threads())
    helpers = []
    for share in others:
        try:
            helpers.append(_compile_aside(share))
        except OSError:  # then this process compiles it when it comes to that
            break
    _compile(mine)
    for helper in helpers:
        helper.wait()


@cache
def prepare_aside(part: str, then: Callable[[], Any]) -> threading.Thread:
    """Compile a part, which this process can do without, in one of its own.

    Return the thread that waits for it and calls ``then``.
    """

    def wait() -> None:
        try:
            _compile_aside([part]).wait()
        except OSError:  # then things stay as they are
            return
        then()

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    return waiting


def _compile_aside(parts: Iterable[str]) -> "subprocess.Popen[bytes]":
    """Start a process that compiles parts, of this qleap and of no other."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "qleap.processing.first_use", *parts],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def _shares(parts: Iterable[str], processes: int) -> list[list[str]]:
    """Share parts among at most as many processes, so that they end together."""
    shares: list[list[str]] = [[] for _ in range(processes)]
    ends = [0.0] + [START] * (processes - 1)
    for part in sorted(parts, key=lambda part: -_PARTS[part].seconds):
        k = ends.index(min(ends))
        shares[k].append(part)
        ends[k] += _PARTS[part].seconds
    return [share for share in shares if share]


def _compile(parts: Iterable[str]) -> None:
    """Compile parts without searches for garbage, a tenth of the time.

    Almost all that numba makes lives on.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        for part in parts:
            _PARTS[part].compile()
    finally:
        if collects:
            gc.enable()


def _is_fused() -> bool:
    from qleap.core.jit import is_compiled
    from qleap.processing._kernels.fusion import fuse

    return is_compiled(fuse)


def _fuse() -> None:
    from qleap.processing._kernels.fusion import fuse

    fuse(8, np.zeros((0, 7), np.int64), np.zeros(0, np.int64), np.zeros(0))


def _is_planned() -> bool:
    from qleap.core.jit import is_compiled
    from qleap.processing._kernels.assembly import assemble

    return is_compiled(assemble)


def _plan() -> None:
    from qleap.processing._kernels.assembly import assemble

    rows, numbers = np.zeros((0, 7), np.int64), np.zeros(0, np.complex128)
    none = np.zeros(0, np.int64)
    assemble(rows, numbers, none, none, 255, 8, 3, 8)


def _is_scheduled() -> bool:
    from qleap.core.jit import is_compiled
    from qleap.processing._kernels.schedule import schedule

    return is_compiled(schedule)


def _schedule() -> None:
    from qleap.processing._kernels.schedule import schedule

    schedule(np.zeros((0, 7), np.int64), np.zeros(0, np.int64), 8, 8, 6)


def _is_compiled_for(kernel: Callable[..., Any], precision: str) -> bool:
    from qleap.core.jit import is_compiled

    single = precision == "single"
    return is_compiled(kernel, lambda types: ("float32" in types) == single)


def _can_sweep(precision: str) -> bool:
    from qleap.processing._kernels.sweep import sweep_blocks

    return _is_compiled_for(sweep_blocks, precision)


def _sweep(precision: str) -> None:
    from qleap.processing.costs import time_sweep

    time_sweep(_small_state(precision), [], (1 << 8) - 1)


def _can_fill() -> bool:
    from qleap.core.jit import is_compiled
    from qleap.processing._kernels.coefficients import fill_coefficients

    return is_compiled(fill_coefficients)


def _fill() -> None:
    from qleap.processing._kernels.coefficients import fill_coefficients

    fill_coefficients(np.zeros((0, 4), np.int64), np.zeros((1, 0)), np.zeros((1, 0)))


def _can_sample(precision: str) -> bool:
    from qleap.processing._kernels.sampling import look_up_into, weigh_into

    kernels = (weigh_into, look_up_into)
    return all(_is_compiled_for(kernel, precision) for kernel in kernels)


def _sample(precision: str) -> None:
    from qiskit import QuantumCircuit

    from qleap.processing.lowering import compile_circuit
    from qleap.processing.shots import sample

    circuit = QuantumCircuit(8)
    circuit.measure_all()
    state = _small_state(precision)
    state[0] = 1.0
    sample(state, compile_circuit(circuit), 1, 0)


def _can_read() -> bool:
    from qleap.core.jit import is_compiled
    from qleap.processing._kernels.reading import read_circuits

    return is_compiled(read_circuits)


def _read() -> None:
    from qiskit import QuantumCircuit

    from qleap.processing.reading import Reader

    Reader().read([QuantumCircuit(1)])


def _small_state(precision: str) -> Any:
    kind = np.complex64 if precision == "single" else np.complex128
    return np.zeros(1 << 8, kind)


_PARTS: Final[Mapping[str, Part]] = {
    "sweep double": Part(5.5, lambda: _can_sweep("double"), lambda: _sweep("double")),
    "sweep single": Part(5.5, lambda: _can_sweep("single"), lambda: _sweep("single")),
    "plan": Part(4.0, _is_planned, _plan),
    "schedule": Part(0.8, _is_scheduled, _schedule),
    "fuse": Part(4.0, _is_fused, _fuse),
    "samples double": Part(
        1.5, lambda: _can_sample("double"), lambda: _sample("double")
    ),
    "samples single": Part(
        1.5, lambda: _can_sample("single"), lambda: _sample("single")
    ),
    "coefficients": Part(1.0, _can_fill, _fill),
    "read": Part(3.0, _can_read, _read),
}

if __name__ == "__main__":
    _compile(sys.argv[1:])
