"""One state over many ranks: ``mpiexec -n R python script.py``.

Every rank runs the same script and calls the same functions; each holds its part of
the state. How the work is cut into stages is in `qleap.processing.ranks`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core.errors import InvalidValue
from qleap.processing.exchange import agree, exchange, join, machine_ranks, together
from qleap.processing.ranks import MEMORY_FACTOR, block_sizes, local_qubits, stages

if TYPE_CHECKING:
    import os

    from qiskit import QuantumCircuit

    from qleap.processing.engine import Amplitudes, Fused, Precision
    from qleap.processing.program import Program

__all__ = ["DistributedState", "distribute"]

MESSAGE: Final = 1 << 22
"""Most amplitudes of one message to rank 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DistributedState:
    """A state of which each rank holds a part.

    All ranks must call its methods, with the same arguments; all of them return the
    same, except for `gather`.

    Parameters
    ----------
    n_qubits : int
        Of the whole state.
    local : ndarray of complex128 or complex64, shape (2**n / R,)
        Amplitudes of this rank: those whose index begins with its number, in order.
    communicator : communicator
        As mpi4py defines it.
    exchanges : int
        How often qubits changed places between ranks.
    bytes_sent : int
        By this rank in all exchanges.
    """

    n_qubits: int
    local: "Amplitudes"
    communicator: Any
    exchanges: int
    bytes_sent: int

    @property
    def rank(self) -> int:
        """Return the number of this rank."""
        return int(self.communicator.Get_rank())

    def gather(self) -> "Amplitudes | None":
        """Return the whole state on rank 0, shape ``(2**n,)``; None on the others."""
        from qleap.processing.memory import check_memory

        world, size = self.communicator, self.local.size
        first = self.rank == 0

        def allocate() -> NDArray[Any]:
            if not first:
                return self.local
            check_memory(self.n_qubits, self.local.itemsize, "a gathered statevector")
            return np.empty(1 << self.n_qubits, self.local.dtype)

        whole = together(world, allocate)
        if not first:
            for begin in range(0, size, MESSAGE):
                world.Send(self.local[begin : begin + MESSAGE], 0)
            return None
        whole[:size] = self.local
        for rank in range(1, world.Get_size()):
            for begin in range(rank * size, (rank + 1) * size, MESSAGE):
                world.Recv(whole[begin : min(begin + MESSAGE, (rank + 1) * size)], rank)
        return whole

    def norm(self) -> float:
        """Return the norm of the whole state, 1 but for rounding."""
        from qleap.processing.rank_readings import weights

        total = self.communicator.allreduce(float(weights(self.local).sum()))
        return float(np.sqrt(total))

    def probabilities(self, indices: ArrayLike) -> NDArray[np.float64]:
        """Return the probabilities of basis states, in the shape of ``indices``."""
        chosen = together(self.communicator, lambda: _indices(indices, self.n_qubits))
        exact = repr(chosen.shape).encode() + chosen.tobytes()
        agree(self.communicator, "indices", exact)
        place = chosen - self.rank * self.local.size
        mine = (place >= 0) & (place < self.local.size)
        found = np.zeros(chosen.shape)
        taken = self.local[place[mine]].astype(np.complex128)
        found[mine] = taken.real**2 + taken.imag**2
        return np.asarray(self.communicator.allreduce(found), np.float64)

    def sample(self, shots: int, *, seed: int | None = None) -> NDArray[np.int64]:
        """Return the basis states that ``shots`` independent readings find.

        Parameters
        ----------
        shots : int
            Number of readings.
        seed : int, optional
            Reading k depends on the seed and on k alone, not on the number of ranks:
            those of `run` for a circuit that measures all qubits.

        Returns
        -------
        ndarray of int64, shape (shots,)
        """
        from qleap.processing.execution import check_shots, choose_seed
        from qleap.processing.rank_readings import draw

        world = self.communicator
        wanted = together(world, lambda: (check_shots(shots), choose_seed(seed)))
        given = (wanted[0], None if seed is None else wanted[1])
        agree(world, "shots and seed", repr(given).encode())
        return draw(world, self.local, wanted[0], world.bcast(wanted[1]))

    def expectation(self, observable: Any) -> Any:
        r"""Return :math:`\langle\psi|H|\psi\rangle`.

        Parameters
        ----------
        observable : SparsePauliOp, Pauli, SparseObservable, str, mapping, or a list
            Hermitian, as for `qleap.processing.expectation`.

        Returns
        -------
        float or ndarray of float64
            One value for each observable of a list.
        """
        from qleap.processing.paulis import pauli_sum
        from qleap.processing.rank_readings import string_values

        world, several = self.communicator, isinstance(observable, list | tuple)

        def read() -> list[tuple[Any, Any, NDArray[np.float64]]]:
            tables = [
                pauli_sum(one, self.n_qubits)
                for one in (observable if several else [observable])
            ]
            return [(one.x, one.z, one.real_coefficients()) for one in tables]

        tables = together(world, read)
        exact = repr((several, [(x.tolist(), z.tolist()) for x, z, _ in tables]))
        numbers = np.concatenate([np.zeros(0), *(factors for *_, factors in tables)])
        agree(world, "observable", exact.encode(), numbers)
        found = [
            float(factors @ string_values(world, self.local, x, z))
            for x, z, factors in tables
        ]
        return np.array(found) if several else found[0]


def distribute(
    circuit: "QuantumCircuit | str | os.PathLike[str]",
    *,
    communicator: Any = None,
    precision: "Precision" = "double",
) -> DistributedState:
    """Return the state that ``circuit`` prepares, shared by all ranks.

    Parameters
    ----------
    circuit : QuantumCircuit, str or path-like
        As for `statevector`, the same one on every rank.
    communicator : communicator, optional
        Of mpi4py; by default all ranks that ``mpiexec`` started, or this program
        alone, for which mpi4py need not be installed.
    precision : {"double", "single"}
        Of the amplitudes.

    Returns
    -------
    DistributedState

    Raises
    ------
    InvalidValue
        On every rank, where the number of ranks is no power of two or too large for
        the circuit, a rank has too little memory, the ranks disagree about the circuit,
        or it has no single final state.
    MissingExtra
        Where several ranks were started, but mpi4py is not installed.
    """
    from qleap.processing.engine import amplitude_type

    world = join(communicator)
    kind = together(world, lambda: np.dtype(amplitude_type(precision)))
    agree(world, "precision", precision.encode())
    program, n_local = together(world, lambda: _program(circuit, int(world.Get_size())))
    exact = program.operations.tobytes() + program.wires.tobytes()
    agree(world, "circuit", exact + b"%d" % program.n_qubits, program.coefficients)
    _check_memory(world, n_local, kind)
    local, exchanges, sent = _evolved(world, program, n_local, precision)
    return DistributedState(
        n_qubits=program.n_qubits,
        local=local,
        communicator=world,
        exchanges=exchanges,
        bytes_sent=sent,
    )


def _indices(given: ArrayLike, n_qubits: int) -> NDArray[np.int64]:
    """Return basis states as integers; refuse what is none."""
    chosen = np.asarray(given)
    if not chosen.size:
        return np.zeros(chosen.shape, np.int64)
    if chosen.dtype.kind not in "iu" or np.any(chosen < 0):
        raise InvalidValue("indices must be whole numbers from 0 on.")
    if np.any(chosen >> n_qubits):
        raise InvalidValue(f"indices must be below 2**{n_qubits}, got {chosen.max()}.")
    return chosen.astype(np.int64)


def _program(circuit: Any, size: int) -> "tuple[Program, int]":
    """Return the program and how many qubits each rank holds."""
    from qleap.processing.circuits import as_circuit
    from qleap.processing.lowering import check_bound
    from qleap.processing.simulation import gate_program

    loaded = as_circuit(circuit)
    n_local = local_qubits(loaded.num_qubits, size)
    check_bound(loaded)
    return gate_program(loaded), n_local


def _check_memory(world: Any, n_local: int, kind: "np.dtype[Any]") -> None:
    """Refuse parts of the state that do not fit, before anything is allocated."""
    from qleap.processing.memory import check_memory

    size, shared = int(world.Get_size()), machine_ranks(world)
    bytes_each, purpose = float(kind.itemsize), "a statevector"
    if size > 1:
        bytes_each *= MEMORY_FACTOR * shared
        purpose = f"this machine's share ({shared} of {size} ranks), parts"
    together(world, lambda: check_memory(n_local, bytes_each, purpose))


def _evolved(
    world: Any, program: "Program", n_local: int, precision: "Precision"
) -> "tuple[Amplitudes, int, int]":
    """Return this rank's part of the state, how many exchanges, and bytes it sent."""
    from qleap.processing.engine import amplitude_type, evolve, fused

    rows = np.flatnonzero(program.is_gate)
    if n_local == program.n_qubits:
        return evolve(program, rows, precision), 0, 0
    # Rank 0 decides: another processor may round, and then fuse, differently.
    whole = together(world, lambda: fused(program, rows))
    work = world.bcast(whole)
    made = together(world, lambda: stages(work, n_local))
    rank = int(world.Get_rank())
    local: Any = np.zeros(1 << n_local, amplitude_type(precision))
    local[0] = rank == 0
    layout, reached = made.stages[0].layout, 0
    exchanges, sent = 0, 0
    for stage in made.stages:
        if stage.layout != layout:
            sent += exchange(world, local, layout, stage.layout, n_local)
            exchanges += 1
            moves = zip(layout, stage.layout, strict=True)
            reached = sum((reached >> old & 1) << new for old, new in moves)
            layout = stage.layout
        reached |= stage.mixed
        _run(stage.work, local, reached, rank << n_local)
    return local, exchanges, sent


def _run(work: "Fused", local: "Amplitudes", reached: int, beyond: int) -> None:
    """Run the operations of a stage on this rank's part."""
    from qleap.processing.engine import plan, run_sweep

    if not work.rows.size and not work.angle:
        return
    if beyond & ~reached:  # no amplitude can have come here yet
        return
    kind = local.dtype
    block, low = block_sizes(work, local.size.bit_length() - 1, kind)
    for sweep in plan(work, kind, reached=reached, block_qubits=block, contiguous=low):
        run_sweep(sweep, local, beyond=beyond)
