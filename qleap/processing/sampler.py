"""The Sampler primitive: measured bits for circuits and sets of parameter values."""

import math
import warnings
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.primitives import (
    BaseSamplerV2,
    PrimitiveJob,
    PrimitiveResult,
    SamplerPubLike,
    SamplerPubResult,
)
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.providers import BackendV2

from qleap.core.errors import InvalidKind, InvalidValue, QleapWarning
from qleap.processing.batch import (
    MOST_CLBITS,
    MOST_QUBITS,
    CircuitBatch,
    in_threads,
    run_bindings,
)
from qleap.processing.bits import n_bytes, select
from qleap.processing.execution import as_pubs, check_shots, choose_seed, opened
from qleap.processing.lowering import compile_circuit, used_qubits
from qleap.processing.memory import check_memory
from qleap.processing.parameters import check_values
from qleap.processing.records import pub_record, register_record
from qleap.processing.shots import simulate, split

__all__ = ["Sampler"]

DEFAULT_SHOTS: Final = 1024

CHUNK: Final = 64
"""Circuits that are read and run at once; more would not stay in the cache."""

Bytes = NDArray[np.uint8]
Streams = NDArray[np.uint64]


class Sampler(BaseSamplerV2):  # type: ignore[misc]  # Qiskit is untyped
    """Qiskit's ``SamplerV2``, with measurement anywhere.

    Parameters
    ----------
    backend : str or BackendV2, optional
        What `qleap.processing.backend` opens; circuits are translated to its gates.
        By default the simulator on this machine.
    default_shots : int
        Shots of a PUB that names none.
    seed : int, optional
        The same seed gives the same bits; each PUB and each parameter set has its
        own random stream, so results do not depend on threads or on order.
    """

    def __init__(
        self,
        backend: str | BackendV2 | None = None,
        *,
        default_shots: int = DEFAULT_SHOTS,
        seed: int | None = None,
    ) -> None:
        self._backend = opened(backend)
        self._default_shots = check_shots(default_shots)
        self._seed = None if seed is None else choose_seed(seed)

    @property
    def backend(self) -> BackendV2 | None:
        """Return the backend; None for the simulator on this machine."""
        return self._backend

    @property
    def default_shots(self) -> int:
        """Return the number of shots of a PUB that names none."""
        return self._default_shots

    @property
    def seed(self) -> int | None:
        """Return the seed; None where every run draws a fresh one."""
        return self._seed

    def run(
        self, pubs: Iterable[SamplerPubLike], *, shots: int | None = None
    ) -> PrimitiveJob[PrimitiveResult[SamplerPubResult]]:
        """Start a job for ``pubs``: circuits, or (circuit, values, shots).

        Parameters
        ----------
        pubs : iterable
            As Qiskit defines them; values broadcast to the shape of the PUB.
        shots : int, optional
            For PUBs that name none.

        Returns
        -------
        PrimitiveJob
            Its result holds per PUB one `BitArray` for each classical register.
        """
        from qleap.core.jit import threads

        chosen = self._default_shots if shots is None else check_shots(shots)
        tasks = [_task(k, pub, chosen) for k, pub in enumerate(as_pubs(pubs))]
        if not all(task.registers for task in tasks):
            warnings.warn(
                "a circuit has no classical register, so its result is empty; "
                "end it with circuit.measure_all().",
                QleapWarning,
                stacklevel=2,
            )
        if self._backend is None:
            job = PrimitiveJob(_run, tasks, choose_seed(self._seed), threads())
        else:
            from qleap.processing.backends.primitives import sample_on

            given = [
                SamplerPub(task.circuit, task.values, task.shots, validate=False)
                for task in tasks
            ]
            job = PrimitiveJob(sample_on, self._backend, given, self._seed)
        job._submit()  # Qiskit offers no public way to start it
        return job


class _Task(NamedTuple):
    """A PUB: what Qiskit's own class holds, at a tenth of its cost."""

    circuit: QuantumCircuit
    registers: list[Any]
    values: BindingsArray | None
    shots: int


def _task(k: int, pub: SamplerPubLike, shots: int) -> _Task:
    if isinstance(pub, QuantumCircuit) and not pub.num_parameters:
        return _Task(pub, pub.cregs, None, shots)
    try:
        found = SamplerPub.coerce(pub, shots)
    except TypeError as error:
        raise InvalidKind(_complaint(k, error)) from error
    except (ValueError, QiskitError) as error:
        raise InvalidValue(_complaint(k, error)) from error
    values = found.parameter_values
    whole = values.shape == () and not values.num_parameters
    if values.num_parameters:
        names = found.circuit.parameters
        check_values(names, values.as_array(names))
    circuit, shots = found.circuit, check_shots(found.shots)
    return _Task(circuit, circuit.cregs, None if whole else values, shots)


def _complaint(k: int, error: Exception) -> str:
    reason = str(getattr(error, "message", error)).strip().removesuffix(".")
    return (
        f"PUB {k} is not valid: {reason}; give a circuit or (circuit, values, shots), "
        "the last two optional."
    )


def _run(
    tasks: list[_Task], seed: int, workers: int
) -> PrimitiveResult[SamplerPubResult]:
    """Run all tasks in the thread of the job, which has no number of threads yet."""
    from qleap.core.jit import set_threads

    set_threads(workers)
    drawn = np.random.SeedSequence(seed).generate_state(len(tasks), np.uint64)
    streams = np.asarray(drawn, np.uint64)
    records = _run_together(tasks, split(streams, 0))
    for k, task in enumerate(tasks):
        if records[k] is None:
            records[k] = _record(task, _run_alone(task, streams[k]))
    return PrimitiveResult(records, metadata={"version": 2, "seed": seed})


def _run_together(
    tasks: list[_Task], streams: Streams
) -> list[SamplerPubResult | None]:
    """Run what is small and has no parameters; None for the other tasks."""
    from qleap.core.jit import threads

    records: list[SamplerPubResult | None] = [None] * len(tasks)
    plain = [k for k, task in enumerate(tasks) if task.values is None]
    batches = [CircuitBatch() for _ in range(threads())]

    def run_chunk(begin: int) -> None:
        chosen = plain[begin : begin + CHUNK]
        circuits = [tasks[k].circuit for k in chosen]
        shots = [tasks[k].shots for k in chosen]
        batch = batches.pop()
        found = batch.run(circuits, shots, streams[chosen])
        batches.append(batch)
        for k, bits, is_whole in zip(chosen, *found, strict=True):
            if bits is not None:
                records[k] = _record(tasks[k], bits, is_whole)

    in_threads(run_chunk, range(0, len(plain), CHUNK))
    return records


def _run_alone(task: _Task, stream: np.uint64) -> Bytes:
    """Return the bits of all parameter sets."""
    circuit, _, given, shots = task
    kept = used_qubits(circuit)
    check_memory(len(kept), 16, "a statevector")
    program = compile_circuit(circuit, qubits=kept)
    shape = () if given is None else given.shape
    values = np.empty((math.prod(shape), 0))
    if given is not None and given.num_parameters:
        table = given.as_array(circuit.parameters)
        values = np.asarray(table, np.float64).reshape(
            math.prod(shape), circuit.num_parameters
        )
    streams = split(np.array([stream]), np.arange(len(values)))
    if program.n_qubits <= MOST_QUBITS and 0 < program.n_clbits <= MOST_CLBITS:
        bits = run_bindings(program, values, shots, streams)
    else:
        bits = np.empty((len(values), shots, n_bytes(program.n_clbits)), np.uint8)
        for k, row in enumerate(values):
            bits[k], _ = simulate(program.bind(row), shots, int(streams[k]))
    return bits.reshape(*shape, *bits.shape[1:])


def _record(task: _Task, packed: Bytes, is_whole: bool = False) -> SamplerPubResult:
    """Return Qiskit's record, one array for each register.

    ``is_whole`` says that the only register holds all classical bits in their order.
    """
    circuit, registers, _, shots = task
    metadata = {"shots": shots, "circuit_metadata": circuit.metadata}
    if is_whole:
        (register,) = registers
        return register_record(register.name, packed, register.size, metadata)
    n_clbits = circuit.num_clbits
    data = {}
    for register in registers:
        places = [circuit.find_bit(bit).index for bit in register]
        data[register.name] = select(packed, places, n_clbits), register.size
    return pub_record(data, packed.shape[:-2], metadata)
