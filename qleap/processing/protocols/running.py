"""Counts of many circuits as one job, here or elsewhere."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.providers import BackendV2

from qleap.core import progress
from qleap.core.errors import InvalidValue, QleapError
from qleap.processing.backends.local import Simulator
from qleap.processing.backends.native import refused
from qleap.processing.backends.stored import StoredBackend, StoredJob
from qleap.processing.bits import bit_strings, tally
from qleap.processing.execution import LARGEST_SEED
from qleap.processing.lowering import check_bound

__all__ = ["counts_on"]


def counts_on(
    circuits: Sequence[QuantumCircuit],
    machine: BackendV2,
    shots: int,
    seed: int,
    *,
    label: str = "circuits",
    job: str | None = None,
) -> tuple[list[dict[str, int]], tuple[str, ...]]:
    """Return the counts of every circuit, and the ids of the stored jobs.

    Parameters
    ----------
    circuits : sequence of QuantumCircuit
        In the gates of the machine.
    machine : BackendV2
        Where they run, all in one job.
    shots, seed : int
        Of every circuit; every one has a random stream of its own.
    label : str
        For the progress bar.
    job : str, optional
        A stored job that has these circuits; it is waited for, nothing is sent.
    """
    for circuit in circuits:
        check_bound(circuit)
    if job is not None:
        return _stored(circuits, machine, job)
    if isinstance(machine, Simulator):
        return _simulated(circuits, machine, shots, seed, label), ()
    options: dict[str, Any] = {"shots": shots}
    if hasattr(machine.options, "seed_simulator"):
        options["seed_simulator"] = seed
    try:
        running = machine.run(list(circuits), **options)
        found = running.result()
    except QleapError:
        raise
    except Exception as error:  # simulators raise many kinds
        raise refused(machine.name, error) from error
    ids = tuple(running.part_ids) if isinstance(running, StoredJob) else ()
    return _read(found, machine, len(circuits)), ids


def _simulated(
    circuits: Sequence[QuantumCircuit],
    machine: Simulator,
    shots: int,
    seed: int,
    label: str,
) -> list[dict[str, int]]:
    seeds = np.random.SeedSequence(seed).generate_state(len(circuits))
    found = []
    with progress.bar(label, len(circuits)) as bar:
        for circuit, own in zip(circuits, seeds & LARGEST_SEED, strict=True):
            packed, _ = machine.measure(circuit, shots, int(own))
            rows, often, _ = tally(packed)
            sizes = [register.size for register in circuit.cregs]
            strings = bit_strings(rows, circuit.num_clbits, sizes)
            found.append(dict(zip(strings, often.tolist(), strict=True)))
            bar.advance()
    return found


def _stored(
    circuits: Sequence[QuantumCircuit], machine: BackendV2, job: str
) -> tuple[list[dict[str, int]], tuple[str, ...]]:
    if not isinstance(machine, StoredBackend):
        raise InvalidValue(
            f"job needs a machine whose jobs are stored, got {machine.name}; leave it "
            "out, the simulator runs the circuits again."
        )
    kept = machine.job(job)
    return _read(kept.result(), machine, len(circuits)), tuple(kept.part_ids)


def _read(found: Any, machine: BackendV2, n_circuits: int) -> list[dict[str, int]]:
    if not found.success:
        raise refused(machine.name, RuntimeError(found.status))
    if len(found.results) != n_circuits:
        raise InvalidValue(
            f"the job has {len(found.results)} circuits, the design {n_circuits}; give "
            "the design and the seed with which the job was sent."
        )
    return [dict(found.get_counts(k)) for k in range(n_circuits)]
