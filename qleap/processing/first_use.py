"""Compiling the kernels of one task at the same time.

Numba compiles one function after another. What a first run needs is therefore shared
among processes: each compiles a part into the cache on disk, from which all read.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import numpy as np

__all__ = ["prepare", "prepare_aside"]


@cache
def prepare(*parts: str) -> None:
    """Compile parts that are missing, all but the first in processes of their own."""
    missing = [part for part in parts if not _PARTS[part][0]()]
    if not missing:
        return
    command = [sys.executable, "-m", "qleap.processing.first_use"]
    nowhere = subprocess.DEVNULL
    helpers = []
    for part in missing[1:]:
        try:
            helpers.append(
                subprocess.Popen([*command, part], stdout=nowhere, stderr=nowhere)
            )
        except OSError:  # then this process compiles it when it comes to that
            break
    _PARTS[missing[0]][1]()
    for helper in helpers:
        helper.wait()


@cache
def prepare_aside(part: str, then: Callable[[], Any]) -> threading.Thread:
    """Compile a part, which this process can do without, in one of its own.

    Return the thread that waits for it and calls ``then``.
    """
    nowhere = subprocess.DEVNULL

    def wait() -> None:
        command = [sys.executable, "-m", "qleap.processing.first_use", part]
        try:
            subprocess.run(command, stdout=nowhere, stderr=nowhere, check=False)
        except OSError:  # then things stay as they are
            return
        then()

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    return waiting


def _gates() -> Any:
    """Return a small program."""
    from qiskit import QuantumCircuit

    from qleap.processing.lowering import compile_circuit

    circuit = QuantumCircuit(8)
    circuit.h(0)
    return compile_circuit(circuit)


def _is_fused() -> bool:
    from qleap.core.jit import is_compiled
    from qleap.processing._kernels.fusion import fuse

    return is_compiled(fuse)


def _fuse() -> None:
    from qleap.processing.engine import fused

    fused(_gates(), np.arange(1))


def _is_planned() -> bool:
    from qleap.core.jit import is_compiled
    from qleap.processing._kernels.assembly import assemble

    return is_compiled(assemble)


def _plan() -> None:
    from qleap.processing.engine import Fused, plan

    none = np.zeros(0, np.int64)
    nothing = Fused(
        rows=np.zeros((0, 7), np.int64),
        numbers=np.zeros(0, np.complex128),
        wires=none,
        coefficients=np.zeros(0),
        n_qubits=8,
        angle=0.0,
    )
    list(plan(nothing, np.dtype(np.complex128)))


def _can_sweep(itemsize: int) -> bool:
    from qleap.core.jit import is_compiled
    from qleap.processing._kernels.sweep import sweep_blocks

    single = itemsize == 8
    return is_compiled(sweep_blocks, lambda types: ("float32" in types) == single)


def _sweep(itemsize: int) -> None:
    from qleap.processing.costs import time_sweep

    kind = np.complex128 if itemsize == 16 else np.complex64
    time_sweep(np.zeros(1 << 8, kind), [], (1 << 8) - 1)


def _can_read() -> bool:
    from qleap.core.jit import is_compiled
    from qleap.processing._kernels.reading import read_circuits

    return is_compiled(read_circuits)


def _read() -> None:
    from qiskit import QuantumCircuit

    from qleap.processing.reading import Reader

    Reader().read([QuantumCircuit(1)])


_PARTS: Final[Mapping[str, tuple[Callable[[], bool], Callable[[], None]]]] = {
    "sweep double": (lambda: _can_sweep(16), lambda: _sweep(16)),
    "sweep single": (lambda: _can_sweep(8), lambda: _sweep(8)),
    "fuse": (_is_fused, _fuse),
    "plan": (_is_planned, _plan),
    "read": (_can_read, _read),
}

if __name__ == "__main__":
    _PARTS[sys.argv[1]][1]()
