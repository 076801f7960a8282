"""What moving and computing an amplitude costs on this machine, measured once.

Larger blocks make fewer passes over the state but fall out of the cache; longer
contiguous runs are read faster but leave a block less choice of qubits. Which is best
depends on the machine, so that the first large state measures some tenths of a second
and keeps the result on the disk.
"""

import json
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import platformdirs
from numpy.typing import NDArray

import qleap
from qleap.core.atomic import write_text
from qleap.core.errors import StorageError

__all__ = ["Costs", "candidates", "measured", "predict", "time_sweep"]

BLOCK_BYTES: Final = (2**18, 2**19, 2**20)
"""Sizes of a block to choose from."""

RUN_BYTES: Final = (2**8, 2**9, 2**10, 2**11)
"""Lengths of contiguous runs to choose from."""

STATE_QUBITS: Final = (20, 23)
"""States one of which is measured: like the caches of servers, or beyond."""

SMALLEST_SHARED: Final = 13
"""Qubits below which a state is one block and runs on one thread."""

SMALLEST_CHOICE: Final = 16
"""Qubits below which the whole state is a few blocks and there is nothing to choose."""

SHARES: Final = 4
"""Blocks that even a small state is cut into. How many threads there are must not
matter: they would change the order of operations and with it the rounding."""

DISPATCH: Final = 5e-5
"""Seconds that handing a sweep to the threads takes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """Measured costs, seconds an amplitude, in one precision and for states of a size.

    Parameters
    ----------
    memory : dict
        Of reading and writing the state once, by ``"bytes of a contiguous run"``.
    arithmetic : dict
        Of one operation, by ``"bytes of a block"``.
    """

    memory: dict[str, float]
    arithmetic: dict[str, float]


def candidates(n_qubits: int, itemsize: int) -> list[tuple[int, int]]:
    """Return the sizes of a block and its contiguous part (qubits) to choose from."""
    if n_qubits < SMALLEST_SHARED:
        return [(n_qubits, 6)]
    most = n_qubits - SHARES.bit_length() + 1
    if n_qubits < SMALLEST_CHOICE:
        return [(most, 6)]
    costs = measured(_measured_state(n_qubits, itemsize), itemsize)
    # A larger block saves sweeps, a shorter run leaves it more choice of qubits.
    blocks = _worthwhile([(n, costs.arithmetic[f"{n}"]) for n in BLOCK_BYTES[::-1]])
    runs = _worthwhile([(n, costs.memory[f"{n}"]) for n in RUN_BYTES])
    sizes = {min(most, _qubits(size, itemsize)) for size in blocks}
    return [(size, _qubits(run, itemsize)) for size in sorted(sizes) for run in runs]


def _worthwhile(choices: list[tuple[int, float]]) -> list[int]:
    """Return the sizes that cost a tenth less than all before them, which do more."""
    kept, least = [], np.inf
    for size, cost in choices:
        if cost < 0.9 * least:
            kept.append(size)
            least = cost
    return kept


def _measured_state(n_qubits: int, itemsize: int) -> int:
    """Return the measured state that is nearest in size."""
    return min(STATE_QUBITS, key=lambda n: abs(n - n_qubits - (itemsize == 8)))


def predict(
    n_qubits: int,
    itemsize: int,
    block_qubits: int,
    contiguous: int,
    starts: NDArray[np.int64],
    inner: Sequence[int] | NDArray[np.int64],
) -> float:
    """Return the seconds that a schedule will take on one thread.

    Parameters
    ----------
    n_qubits, itemsize : int
        Of the state and of an amplitude (bytes).
    block_qubits, contiguous : int
        Of the schedule.
    starts, inner : ndarray
        As `qleap.processing._kernels.schedule.schedule` returns them.
    """
    costs = measured(_measured_state(n_qubits, itemsize), itemsize)
    run = min(max(itemsize << contiguous, RUN_BYTES[0]), RUN_BYTES[-1])
    block = min(max(itemsize << block_qubits, BLOCK_BYTES[0]), BLOCK_BYTES[-1])
    move = costs.memory[f"{run}"]
    compute = costs.arithmetic[f"{block}"]
    reached, seconds = 0, 0.0
    for k, n_operations in enumerate(np.diff(starts).tolist()):
        reached |= int(inner[k])
        n_blocks = 1 << (reached & ~int(inner[k])).bit_count()
        # Two shears or so run as one operation.
        work = move + 0.5 * n_operations * compute
        seconds += n_blocks * 2.0**block_qubits * work
        seconds += DISPATCH
    return seconds


@cache
def measured(n_qubits: int, itemsize: int) -> Costs:
    """Return the costs of this machine, from the disk or by measuring."""
    path = Path(platformdirs.user_cache_dir("qleap")) / "costs.json"
    key = f"{_machine()}, {itemsize} bytes, {n_qubits} qubits"
    known = _known(path)
    try:
        return Costs(**known[key])
    except (KeyError, TypeError):
        pass  # never measured, or something else lies there
    costs = measure(n_qubits, itemsize)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps({**known, key: asdict(costs)}))
    except (OSError, StorageError):
        pass  # a disk that cannot be written costs a measurement a process, no more
    return costs


def _known(path: Path) -> dict[str, Any]:
    """Return the costs on the disk; none where the file is missing or damaged."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def measure(n_qubits: int, itemsize: int) -> Costs:
    """Measure the costs of a state, which takes some tenths of a second."""
    kind = np.complex128 if itemsize == 16 else np.complex64
    memory, arithmetic = {}, {}
    state = np.zeros(1 << n_qubits, kind)
    for run in RUN_BYTES:
        low = _qubits(run, itemsize)
        block = _qubits(BLOCK_BYTES[1], itemsize)
        high = (1 << (block - low)) - 1 << (n_qubits - block + low)
        seconds = time_sweep(state, [], high | (1 << low) - 1)
        memory[f"{run}"] = seconds / state.size
    for size in BLOCK_BYTES:
        block = _qubits(size, itemsize)
        small = np.zeros(1 << block, kind)
        inner = (1 << block) - 1
        whole = time_sweep(small, [(2, 16)] * 20, inner) - time_sweep(small, [], inner)
        arithmetic[f"{size}"] = max(whole, 0.0) / 20 / small.size
    return Costs(memory=memory, arithmetic=arithmetic)


def time_sweep(state: NDArray[Any], pairs: list[tuple[int, int]], inner: int) -> float:
    """Return the time of a sweep with shears of pairs of row qubits, one thread."""
    from qleap.core.simd import host_lanes
    from qleap.processing._kernels.sheet import SHEAR_TWO
    from qleap.processing._kernels.sweep import sweep_blocks

    real = state.real.dtype
    operations = np.zeros((len(pairs), 12), np.int64)
    for k, (a, b) in enumerate(pairs):
        operations[k, [0, 1, 5, 9, 10]] = SHEAR_TWO, 2, 0o3210, a, b
    outside = state.size - 1 & ~inner
    best = np.inf
    for _ in range(5):
        begin = time.perf_counter()
        sweep_blocks(
            operations,
            np.zeros(8, real),
            np.zeros((0, 3), np.int64),
            np.zeros(0),
            np.zeros(0, np.int64),
            np.zeros(0),
            inner,
            state.size - 1,
            outside,
            0,
            10,
            0,
            1 << outside.bit_count(),
            np.ones(2, real),
            host_lanes(real.itemsize),
            state.view(real),
        )
        best = min(best, time.perf_counter() - begin)
    return best


def _machine() -> str:
    """Return what the measured costs belong to."""
    from qleap.core.simd import host_bits

    name = platform.processor() or platform.machine()
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        name = next(line for line in text.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name} {host_bits()} {qleap.__version__}"


def _qubits(n_bytes: int, itemsize: int) -> int:
    return (n_bytes // itemsize).bit_length() - 1
