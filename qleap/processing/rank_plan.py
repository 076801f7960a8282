"""What a state on many ranks would need: memory, exchanges, bytes, before any run.

The stages come from the same functions that a run uses; they need no state.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.processing.ranks import (
    MEMORY_FACTOR,
    Layout,
    block_sizes,
    local_qubits,
    stages,
)

if TYPE_CHECKING:
    import os

    from qiskit import QuantumCircuit

    from qleap.processing.engine import Precision

__all__ = ["RankPlan", "moved_share", "plan_ranks"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RankPlan:
    """What a run on many ranks needs.

    Parameters
    ----------
    n_qubits, ranks : int
        Of the state, and how many share it.
    memory : float
        Of each rank, bytes.
    exchanges : int
        How often qubits change places between ranks.
    bytes_sent : float
        By each rank in all exchanges, mean over the ranks, bytes; it receives as many.
    sweeps : int
        How often each rank reads and writes its part.
    network_seconds : float
        Time of the exchanges, s: bytes over the bandwidth of a rank, no latency.
    """

    n_qubits: int
    ranks: int
    memory: float
    exchanges: int
    bytes_sent: float
    sweeps: int
    network_seconds: float


def plan_ranks(
    circuit: "QuantumCircuit | str | os.PathLike[str]",
    *,
    ranks: int | None = None,
    memory_per_rank: float | None = None,
    precision: "Precision" = "double",
    network_bytes_per_second: float = 12.5e9,
) -> RankPlan:
    """Return what `distribute` would need for ``circuit``, without running it.

    Parameters
    ----------
    circuit : QuantumCircuit, str or path-like
        Of up to 62 qubits, all parameters bound.
    ranks : int, optional
        A power of two.
    memory_per_rank : float, optional
        Bytes; instead of ``ranks``, for the smallest number whose memory suffices.
    precision : {"double", "single"}
        Of the amplitudes.
    network_bytes_per_second : float
        That each rank sends while it receives as many, bytes/s; by default those of
        100 Gbit/s.

    Returns
    -------
    RankPlan
        Exchanges and bytes are those of the run, not an estimate.

    Raises
    ------
    InvalidValue
        Where the circuit or the number of ranks does not allow such a run.
    """
    from qleap.processing.circuits import as_circuit
    from qleap.processing.engine import amplitude_type, fused, schedule_sweeps
    from qleap.processing.lowering import check_bound
    from qleap.processing.simulation import gate_program

    kind = np.dtype(amplitude_type(precision))
    checks.positive("network_bytes_per_second", network_bytes_per_second, "B/s")
    loaded = as_circuit(circuit)
    check_bound(loaded)
    whole = MEMORY_FACTOR * kind.itemsize * 2.0**loaded.num_qubits
    count = _count(whole, ranks, memory_per_rank)
    n_local = local_qubits(loaded.num_qubits, count)
    program = gate_program(loaded)
    made = stages(fused(program, np.flatnonzero(program.is_gate)), n_local)
    shares = [moved_share(*pair, n_local) for pair in made.exchanges]
    bytes_sent = sum(shares) * kind.itemsize * 2.0**n_local
    sweeps = 0
    for stage in made.stages:
        if not stage.work.rows.size and not stage.work.angle:
            continue
        sizes = block_sizes(stage.work, n_local, kind)
        sweeps += schedule_sweeps(stage.work, kind, *sizes)[2].size
    return RankPlan(
        n_qubits=loaded.num_qubits,
        ranks=count,
        memory=whole / count,
        exchanges=len(shares),
        bytes_sent=bytes_sent,
        sweeps=sweeps,
        network_seconds=bytes_sent / network_bytes_per_second,
    )


def _count(whole: float, ranks: int | None, memory_per_rank: float | None) -> int:
    """Return the number of ranks, given or the smallest whose memory suffices."""
    if ranks is not None and memory_per_rank is None:
        return checks.count("ranks", ranks)
    if memory_per_rank is None:
        raise InvalidValue(
            "a plan needs either ranks or memory_per_rank, got neither; give one."
        )
    if ranks is not None:
        raise InvalidValue("give either ranks or memory_per_rank, not both.")
    checks.positive("memory_per_rank", memory_per_rank, "B")
    return 1 << max(int(np.ceil(np.log2(whole / memory_per_rank))), 0)


def moved_share(before: Layout, after: Layout, n_local: int) -> float:
    """Return which part of the amplitudes changes its rank.

    Those stay whose rank is the same number before and after: for each bit of it two
    qubits must agree, and every agreement that does not follow from others halves.
    """
    group = list(range(len(before)))
    for bit in range(n_local, len(before)):
        first, second = group[before.index(bit)], group[after.index(bit)]
        group = [first if g == second else g for g in group]
    return 1.0 - 2.0 ** (len(set(group)) - len(group))
