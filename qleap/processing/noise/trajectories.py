"""Quantum trajectories: one pure state a shot, noise drawn at random.

Dalibard, Castin and Molmer, Phys. Rev. Lett. 68, 580 (1992); Plenio and Knight, Rev.
Mod. Phys. 70, 101 (1998). The mean of ``|psi><psi|`` over trajectories is the density
matrix, at the memory of a state vector. `unravelling` says how channels become rare
events, `shared_path` how circuits without feedback run; all others run shot by shot in
`qleap.processing._kernels.trajectories`.

A trajectory draws from a stream of its own, so that nothing depends on the number of
threads.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.processing.bits import n_bytes, pack
from qleap.processing.engine import share_blocks
from qleap.processing.lowering import check_bound, used_qubits
from qleap.processing.memory import available_memory
from qleap.processing.noise.gathering import gathered
from qleap.processing.noise.methods import noisy_program
from qleap.processing.noise.misreading import misread
from qleap.processing.noise.model import NoiseModel
from qleap.processing.noise.observed import Mean, Strings, on_qubits
from qleap.processing.noise.shared_path import (
    FUSED_FROM,
    SharedPath,
    clocks,
    uniforms,
)
from qleap.processing.noise.unravelling import noise_tables, unravel
from qleap.processing.paulis import PauliSum, pauli_sum
from qleap.processing.program import Kind, Program
from qleap.processing.shots import STEP_LIMIT, label, split, stream

__all__ = ["Estimate", "estimate", "expectations", "refusal", "sample", "seconds"]

SMALLEST_BATCH: Final = 64
"""Trajectories between two looks at the error."""

MOST_TRAJECTORIES: Final = 1_000_000

MOST_STOPS: Final = 32
"""Channels that always act up to which gates between them are worth fusing."""

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Seeds = NDArray[np.uint64]
State = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate:
    """Expectation values with noise, found from trajectories.

    Parameters
    ----------
    values, standard_errors : ndarray of float64, shape (n_observables,)
        One for each observable.
    n_trajectories : int
        How many were run; zero where no event can happen.
    seed : int
        Repeats the estimate exactly.
    """

    values: Floats
    standard_errors: Floats
    n_trajectories: int
    seed: int


def estimate(
    circuit: QuantumCircuit,
    model: NoiseModel | None,
    observables: Any,
    *,
    standard_error: float,
    max_shots: int = MOST_TRAJECTORIES,
    seed: int | None = None,
) -> Estimate:
    """Return expectation values behind a noisy circuit as exactly as asked.

    Parameters
    ----------
    circuit : QuantumCircuit
        With all parameters bound. Measurements collapse the state.
    model : NoiseModel or None
        Adds to the noise instructions of the circuit.
    observables : SparsePauliOp, Pauli, str, mapping, or a list of them
        Hermitian, on the qubits of the circuit.
    standard_error : float
        Trajectories are added until the error of every mean is at most this.
    max_shots : int
        They end here all the same; the errors tell how far they came.
    seed : int, optional
        The same seed gives the same answer for any number of threads.

    Raises
    ------
    InvalidValue
        For a circuit with free parameters, an observable that does not fit, or a state
        that the memory cannot hold.
    """
    from qleap.processing.execution import choose_seed

    wanted = checks.positive("standard_error", standard_error)
    most = checks.count("max_shots", max_shots, 1, MOST_TRAJECTORIES)
    chosen = choose_seed(seed)
    given = observables if isinstance(observables, list | tuple) else [observables]
    check_bound(circuit)
    noisy = circuit if model is None else model.apply(circuit)
    qubits = used_qubits(noisy)
    sums = [on_qubits(pauli_sum(one, noisy.num_qubits), qubits) for one in given]
    program = noisy_program(noisy, None)
    reason = refusal(program)
    if reason:
        raise InvalidValue(f"trajectories cannot run this: {reason}")
    runs = _Observed(program, sums, chosen)
    samples = np.empty((0, len(sums)))
    mean = Mean.of(runs.exact, runs.weight, samples) if runs.weight == 0.0 else None
    while mean is None or (mean.errors.max() > wanted and len(samples) < most):
        batch = SMALLEST_BATCH
        if mean is not None:
            needed = len(samples) * ((mean.errors.max() / wanted) ** 2 - 1.0)
            batch = int(np.clip(needed, batch, max(len(samples), batch)))
        batch = min(batch, most - len(samples))
        samples = np.concatenate([samples, runs.samples(len(samples), batch)])
        mean = Mean.of(runs.exact, runs.weight, samples)
    return Estimate(
        values=mean.values,
        standard_errors=mean.errors,
        n_trajectories=len(samples),
        seed=chosen,
    )


def refusal(program: Program) -> str | None:
    """Return why a program cannot run, in one sentence, or None."""
    needed, available = 4 * 16 * 2.0**program.n_qubits, available_memory()
    if program.n_qubits > 40 or (available is not None and needed > available):
        return (
            f"four states of {program.n_qubits} qubits need {needed / 2**30:.3g} GiB "
            "of memory, which is more than there is."
        )
    return None


def seconds(program: Program, shots: int) -> float:
    """Return how long so many trajectories take, roughly, in s."""
    from qleap.core.jit import threads

    program = gathered(program)
    amplitudes, n_rows = 2.0**program.n_qubits, len(program.operations)
    found = [unravel(channel) for channel in program.channels]
    rates = np.array([1.0 - one.share for one in found])
    numbers = program.operations[program.operations[:, 0] == Kind.CHANNEL, 4]
    events = float(rates[numbers].sum()) if numbers.size else 0.0
    straight = program.has_terminal_measurements
    loud = -float(np.expm1(-events)) if straight else 1.0
    if _is_fused(program):
        each = 7e-5 + n_rows * (2e-7 + 3e-11 * amplitudes)
        each += events * (5e-5 + 2e-9 * amplitudes)
    else:
        each = n_rows * (1.1e-7 + 3e-10 * amplitudes)
        each += events * (4e-7 + 1.5e-9 * amplitudes)
    planning = 1.6e-4 + 1e-6 * n_rows + 3e-6 * numbers.size
    shared = amplitudes * (1e-8 + 3e-10 * n_rows)
    whole = planning + shared + shots * (4e-8 + loud * each / threads())
    return float(whole)


def sample(program: Program, shots: int, seed: int) -> Bytes:
    """Return the packed bits of every shot, readout errors included.

    Parameters
    ----------
    program : Program
        With noise or without.
    shots : int
        Number of trajectories.
    seed : int
        The bits are the same for the same seed, whatever the number of threads.

    Returns
    -------
    ndarray of uint8, shape (shots, n_bytes)
        As `qleap.processing.bits` packs them.
    """
    program = gathered(program)
    seeds = _seeds(seed, np.arange(shots))
    clock = clocks(uniforms(seeds, 0))
    path = SharedPath(program) if program.has_terminal_measurements else None
    silent = path is not None and path.silent > 0.0
    quiet = clock >= path.total if path and silent else np.zeros(shots, bool)
    outcomes = np.empty(shots, np.int64)
    if path and quiet.any():
        outcomes[quiet] = _readings(path.final(), uniforms(seeds[quiet], 1))
    loud = np.flatnonzero(~quiet)
    if path and _is_fused(program):
        outcomes[loud] = _outcomes(path, seeds[loud], clock[loud])
        return misread(label(outcomes, program), program, seed)
    packed = np.empty((shots, n_bytes(program.n_clbits)), np.uint8)
    packed[quiet] = misread(label(outcomes[quiet], program), program, seed)
    packed[loud] = pack(_shot_by_shot(program, seeds[loud], clock[loud], _NONE)[0])
    return packed


def expectations(
    program: Program, sums: Sequence[PauliSum], shots: int, seed: int
) -> tuple[Floats, Floats]:
    """Return the values of Pauli sums behind a program, and their standard errors.

    Parameters
    ----------
    program : Program
        With noise or without.
    sums : sequence of PauliSum
        Hermitian, on the qubits of the program.
    shots : int
        Number of trajectories. In a circuit without feedback only those with an event
        are sampled; what the others contribute is known.
    seed : int
        The same for any number of threads.
    """
    runs = _Observed(program, sums, seed)
    samples = runs.samples(0, shots) if runs.weight else np.empty((0, len(sums)))
    mean = Mean.of(runs.exact, runs.weight, samples)
    return mean.values, mean.errors


class _Observed:
    """Samples of observables.

    The mean is ``exact`` plus ``weight`` times the mean of the samples.
    """

    def __init__(self, program: Program, sums: Sequence[PauliSum], seed: int) -> None:
        program = gathered(program)
        self.program, self.seed = program, seed
        self.strings = Strings.of(sums)
        self.exact, self.weight = np.zeros(len(sums)), 1.0
        self.path = SharedPath(program) if program.has_terminal_measurements else None
        if self.path is not None and self.path.silent:
            self.weight = -math.expm1(-self.path.total)
            self.exact = self.path.silent * self.strings.values(self.path.final())

    def samples(self, first: int, count: int) -> Floats:
        """Return the values of trajectories ``first`` on, shape (count, n_sums)."""
        seeds = _seeds(self.seed, np.arange(first, first + count))
        clock = clocks(uniforms(seeds, 0), self.weight)
        path = self.path
        if path is not None and path.silent:
            clock = np.minimum(clock, np.nextafter(path.total, 0.0))
        if path is None or not _is_fused(self.program):
            values = _shot_by_shot(self.program, seeds, clock, self.strings)[1]
            return values @ self.strings.weights.T
        found = np.empty((count, len(self.strings.weights)))

        def look(k: int, state: State, numbers: Iterator[float]) -> None:  # noqa: ARG001
            found[k] = self.strings.values(state)

        _each(path, seeds, clock, look)
        return found


_NONE: Final = Strings.of([])


def _seeds(seed: int, numbers: NDArray[np.int64]) -> Seeds:
    return split(np.array([stream(seed)]), numbers)


def _is_fused(program: Program) -> bool:
    """Tell whether it pays to fuse the gates of each trajectory."""
    if program.n_qubits < FUSED_FROM or not program.has_terminal_measurements:
        return False
    always = np.array([unravel(channel).share == 0.0 for channel in program.channels])
    numbers = program.operations[program.operations[:, 0] == Kind.CHANNEL, 4]
    return not numbers.size or int(always[numbers].sum()) <= MOST_STOPS


def _outcomes(path: SharedPath, seeds: Seeds, clock: Floats) -> NDArray[np.int64]:
    """Return the basis state that the reading of each trajectory finds."""
    from qleap.processing._kernels.events import reading

    outcomes = np.empty(seeds.size, np.int64)

    def look(k: int, state: State, numbers: Iterator[float]) -> None:
        outcomes[k] = reading(state.view(np.float64), 2, 1, next(numbers))

    _each(path, seeds, clock, look)
    return outcomes


def _readings(state: State, uniform: Floats) -> NDArray[np.int64]:
    """Return a basis state for each number in [0, 1)."""
    sums = np.cumsum(state.real**2 + state.imag**2)
    last = np.searchsorted(sums, sums[-1])  # the last one that has a probability
    found = np.searchsorted(sums, uniform * sums[-1], "right")
    readings: NDArray[np.int64] = np.minimum(found, last)
    return readings


def _each(
    path: SharedPath,
    seeds: Seeds,
    clock: Floats,
    look: Callable[[int, State, Iterator[float]], None],
) -> None:
    """Run trajectories on all threads; ``look(k, state, numbers)`` at each end."""
    from qleap.core.jit import threads

    # In the order of their first events: neighbours begin at the same kept state.
    order = np.argsort(clock, kind="stable")

    def run(first: int, last: int) -> None:
        state = np.empty_like(path.final())
        for k in order[first:last].tolist():
            look(k, state, path.run(seeds[k], clock[k], state))

    if order.size:
        share_blocks(run, order.size, threads())


def _shot_by_shot(
    program: Program, seeds: Seeds, clock: Floats, strings: Strings
) -> tuple[Bytes, Floats]:
    """Run whole trajectories; return bits and values, a row each."""
    from qleap.core.jit import threads
    from qleap.processing._kernels.trajectories import run_trajectories

    found = [unravel(channel) for channel in program.channels]
    noise = noise_tables(found, program.readouts)
    bits = np.zeros((seeds.size, program.n_clbits), np.uint8)
    values = np.empty((seeds.size, strings.x.size))
    endless = []

    def run(first: int, last: int) -> None:
        here = slice(first, last)
        endless.append(
            run_trajectories(
                program.operations,
                program.wires,
                program.coefficients,
                noise,
                program.n_qubits,
                seeds[here],
                clock[here],
                STEP_LIMIT,
                strings.x,
                strings.z,
                bits[here],
                values[here],
            )
        )

    if seeds.size:
        share_blocks(run, seeds.size, threads())
    if sum(endless):
        raise InvalidValue(
            f"a shot must end within {STEP_LIMIT} operations, but {sum(endless)} of "
            f"{seeds.size} shots did not; give the while loop a condition that becomes "
            "false."
        )
    return bits, values
