"""Our simulators as Qiskit backends, and the one without noise."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import (
    BreakLoopOp,
    ContinueLoopOp,
    ForLoopOp,
    IfElseOp,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.library import (
    DiagonalGate,
    MCPhaseGate,
    MCXGate,
    UnitaryGate,
    get_standard_gate_name_mapping,
)
from qiskit.providers import BackendV2, JobStatus, JobV1, Options
from qiskit.result import Result
from qiskit.result.models import ExperimentResult, ExperimentResultData
from qiskit.transpiler import Target

import qleap
from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.processing.backends.outcomes import circuit_header
from qleap.processing.bits import tally
from qleap.processing.circuits import as_circuit
from qleap.processing.execution import (
    LARGEST_SEED,
    as_pubs,
    check_measured,
    check_shots,
    choose_seed,
    run_local,
)
from qleap.processing.memory import most_qubits

__all__ = ["CONTROL_FLOW", "LocalBackend", "LocalJob", "Simulator", "any_target"]

CONTROL_FLOW = {
    "if_else": IfElseOp,
    "switch_case": SwitchCaseOp,
    "for_loop": ForLoopOp,
    "while_loop": WhileLoopOp,
    "break_loop": BreakLoopOp,
    "continue_loop": ContinueLoopOp,
}
_ANY_WIDTH = {
    "unitary": UnitaryGate,
    "diagonal": DiagonalGate,
    "mcx": MCXGate,
    "mcphase": MCPhaseGate,
}


class Simulator(BackendV2, ABC):  # type: ignore[misc]  # Qiskit is untyped
    """A simulator of qleap for programs written for Qiskit.

    Options of `run`: ``shots``, ``seed_simulator``, ``memory`` (bit strings of every
    shot).
    """

    @abstractmethod
    def measure(
        self, circuit: QuantumCircuit, shots: int, seed: int
    ) -> tuple[NDArray[np.uint8], str]:
        """Return the packed bits of every shot, and how they were found."""

    @property
    def max_circuits(self) -> None:
        """Return no limit."""
        return

    @classmethod
    def _default_options(cls) -> Options:
        return Options(shots=1024, seed_simulator=None, memory=False)

    def run(
        self, run_input: QuantumCircuit | Sequence[QuantumCircuit], **options: Any
    ) -> "LocalJob":
        """Start a job for one circuit or several.

        Parameters
        ----------
        run_input : QuantumCircuit or sequence of QuantumCircuit
            With all parameters bound and something measured.
        **options
            Override those of the backend for this job.
        """
        alone = isinstance(run_input, QuantumCircuit)
        circuits = [as_circuit(c) for c in as_pubs([run_input] if alone else run_input)]
        defaults = dict(self.options)
        checks.known_keys("run", options, sorted(defaults))
        chosen = {**defaults, **options}
        shots = check_shots(chosen["shots"])
        seed = choose_seed(chosen["seed_simulator"])
        for circuit in circuits:
            check_measured(circuit)
        memory = bool(chosen["memory"])

        def work(job_id: str) -> Result:
            return Result(
                backend_name=self.name,
                backend_version=qleap.__version__,
                job_id=job_id,
                success=True,
                results=_simulate(self, circuits, shots, seed, memory=memory),
            )

        job = LocalJob(self, work)
        job.submit()
        return job


class LocalBackend(Simulator):
    """Noiseless simulation on this machine.

    Every pair of qubits is coupled and every standard gate is native; for `run` see
    `Simulator`.
    """

    def __init__(self) -> None:
        super().__init__(
            name="qleap_local",
            description="qleap statevector simulator",
            backend_version=qleap.__version__,
        )

    @property
    def target(self) -> Target:
        """Return the supported instructions; as many qubits as the memory holds."""
        return any_target(most_qubits())

    def measure(
        self, circuit: QuantumCircuit, shots: int, seed: int
    ) -> tuple[NDArray[np.uint8], str]:
        """Return the packed bits of every shot, and how they were found."""
        return run_local(circuit, shots, seed)


class LocalJob(JobV1):  # type: ignore[misc]  # Qiskit is untyped
    """Work in a thread of its own.

    Parameters
    ----------
    backend : BackendV2
        Where it came from.
    work : callable
        Takes the id of the job and returns Qiskit's result.
    """

    def __init__(self, backend: BackendV2, work: Callable[[str], Result]) -> None:
        super().__init__(backend, uuid.uuid4().hex)
        self._work = work
        self._future: Future[Result] | None = None

    def submit(self) -> None:
        """Start the work."""
        if self._future is not None:
            raise InvalidValue("a job can be submitted once; start a new one.")
        executor = ThreadPoolExecutor(max_workers=1)
        self._future = executor.submit(self._work, self.job_id())
        executor.shutdown(wait=False)

    def result(self, timeout: float | None = None) -> Result:
        """Return the result; wait for it, at most ``timeout`` seconds."""
        return self._started().result(timeout)

    def cancel(self) -> bool:
        """Cancel the job if it has not begun; return whether that worked."""
        return self._started().cancel()

    def status(self) -> JobStatus:
        """Return what the job is doing."""
        future = self._started()
        if future.cancelled():
            return JobStatus.CANCELLED
        if not future.done():
            return JobStatus.RUNNING
        return JobStatus.DONE if future.exception() is None else JobStatus.ERROR

    def _started(self) -> "Future[Result]":
        if self._future is None:
            raise InvalidValue("the job has not been submitted; call submit() first.")
        return self._future


def _simulate(
    machine: Simulator,
    circuits: list[QuantumCircuit],
    shots: int,
    seed: int,
    *,
    memory: bool,
) -> list[ExperimentResult]:
    """Run the circuits one after the other, each with its own random stream."""
    seeds = np.random.SeedSequence(seed).generate_state(len(circuits))
    results = []
    for circuit, own in zip(circuits, seeds & LARGEST_SEED, strict=True):
        packed, method = machine.measure(circuit, shots, int(own))
        found = _experiment(circuit, packed, memory=memory)
        found.seed, found.metadata = int(own), {"method": method}
        results.append(found)
    return results


def _experiment(
    circuit: QuantumCircuit, packed: NDArray[np.uint8], *, memory: bool
) -> ExperimentResult:
    """Return Qiskit's record of one circuit; it formats the bit strings itself."""
    rows, often, which = tally(packed)
    values = [hex(int.from_bytes(row.tobytes(), "big")) for row in rows]
    return ExperimentResult(
        shots=packed.shape[0],
        success=True,
        data=ExperimentResultData(
            counts=dict(zip(values, often.tolist(), strict=True)),
            memory=[values[k] for k in which] if memory else None,
        ),
        header=circuit_header(circuit),
    )


@cache
def any_target(n_qubits: int | None) -> Target:
    """Return a target with every gate on any qubits (None: of any number)."""
    target = Target(num_qubits=n_qubits, description="qleap statevector simulator")
    for name, gate in get_standard_gate_name_mapping().items():
        target.add_instruction(gate, name=name)
    for name, kind in {**CONTROL_FLOW, **_ANY_WIDTH}.items():
        target.add_instruction(kind, name=name)
    return target
