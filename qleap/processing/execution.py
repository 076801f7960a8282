"""Running a circuit for counts, here or on a simulated device."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from qleap.core import checks, results
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.processing.bits import bit_strings, tally

if TYPE_CHECKING:
    import os

    import xarray as xr
    from qiskit import QuantumCircuit
    from qiskit.providers import BackendV2

    from qleap.processing.engine import Precision

__all__ = ["RunResult", "run"]

LARGEST_SEED: Final = 2**31 - 1
"""Aer takes no larger one."""

MOST_SHOTS: Final = 10_000_000
"""Bit strings of so many shots take about a GiB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunResult:
    """Counts of a circuit and how they were found.

    Parameters
    ----------
    counts : dict of str to int
        Bit string to number of shots, most frequent first. As in Qiskit the
        rightmost character is classical bit 0, and registers, the last one
        leftmost, are separated by a space.
    shots : int
        Number of runs.
    seed : int
        Repeats the run exactly, drawn where none was given.
    backend : str
        Where it ran.
    method : str
        ``sampling``, ``trajectories``, or the method of the device simulator.
    seconds : float
        Wall time, s, with compilation of the circuit.
    memory : tuple of str or None
        The bit string of every shot in order, where asked for.
    job : str or None
        Id in the job store, for a machine elsewhere.
    """

    counts: dict[str, int]
    shots: int
    seed: int
    backend: str
    method: str
    seconds: float
    memory: tuple[str, ...] | None = None
    job: str | None = None

    def to_dataset(self) -> "xr.Dataset":
        """Return counts and probabilities with binomial standard errors."""
        counts = np.array(list(self.counts.values()), np.int64)
        share = counts / self.shots
        return results.dataset(
            kind="counts",
            coords={"outcome": (np.array(list(self.counts), dtype=np.str_), "1")},
            variables={
                "counts": (("outcome",), counts, "1"),
                "probability": (("outcome",), share, "1"),
                "standard_error": (
                    ("outcome",),
                    np.sqrt(share * (1.0 - share) / self.shots),
                    "1",
                ),
            },
            parameters={
                "shots": self.shots,
                "backend": self.backend,
                "method": self.method,
                "seconds_s": self.seconds,
            },
            seed=self.seed,
        )


def run(
    circuit: "QuantumCircuit | str | os.PathLike[str]",
    shots: int = 1024,
    *,
    seed: int | None = None,
    backend: "str | BackendV2" = "local",
    memory: bool = False,
    precision: "Precision" = "double",
) -> RunResult:
    """Return the counts of ``circuit``.

    Parameters
    ----------
    circuit : QuantumCircuit, str or path-like
        A Qiskit circuit, OpenQASM 2 or 3 text, or the path of such a file.
    shots : int
        Number of runs.
    seed : int, optional
        The same seed gives the same counts, for any number of threads. On a machine
        that is not simulated it only chooses the layout.
    backend : str or BackendV2
        ``"local"``, noiseless; ``"fake:kawasaki"`` and its like, the device's recorded
        calibration as a noise model (extras ``aer`` and ``ibm``); or any other that
        `qleap.processing.backend` opens. Circuits are translated to its gates.
    memory : bool
        Keep the bit string of every shot.
    precision : {"double", "single"}
        Of the amplitudes from which outcomes are drawn: single takes half the time and
        memory. Runs shot by shot and on devices take double all the same.

    Raises
    ------
    InvalidValue
        For a circuit that measures nothing or cannot be simulated, and an unknown
        backend.
    MissingExtra
        Where the backend needs packages that are not installed.
    BackendUnavailable
        Where a provider does not answer; its job is in the job store.
    JobFailed
        Where a job elsewhere ended without a result.
    """
    from qleap.processing.circuits import as_circuit

    loaded = as_circuit(circuit)
    check_shots(shots)
    chosen = choose_seed(seed)
    if not isinstance(memory, bool | np.bool_):
        raise InvalidKind(f"memory must be True or False, got {memory!r:.60}.")
    check_measured(loaded)
    begin = time.perf_counter()
    name, job = "local", None
    if isinstance(backend, str) and backend == "local":
        bits, method = run_local(loaded, shots, chosen, precision)
    else:
        from qleap.processing.backends.running import run_on

        bits, method, name, job = run_on(loaded, shots, chosen, backend)
    rows, often, which = tally(bits)
    sizes = [register.size for register in loaded.cregs]
    strings = bit_strings(rows, loaded.num_clbits, sizes)
    seconds = time.perf_counter() - begin
    return RunResult(
        counts=dict(zip(strings, often.tolist(), strict=True)),
        shots=shots,
        seed=chosen,
        backend=name,
        method=method,
        seconds=seconds,
        memory=tuple(np.array(strings)[which].tolist()) if memory else None,
        job=job,
    )


def run_local(
    circuit: "QuantumCircuit",
    shots: int,
    seed: int,
    precision: "Precision" = "double",
) -> tuple[NDArray[np.uint8], str]:
    """Return the packed bits of every shot, and the method, without noise."""
    from qleap.processing.engine import PLAIN_BELOW, amplitude_type
    from qleap.processing.first_use import prepare_counts
    from qleap.processing.lowering import check_bound, compile_circuit, used_qubits
    from qleap.processing.memory import check_memory
    from qleap.processing.shots import simulate

    check_bound(circuit)
    qubits = used_qubits(circuit)
    size = np.dtype(amplitude_type(precision)).itemsize
    check_memory(len(qubits), size, "a statevector")
    if len(qubits) >= PLAIN_BELOW:
        prepare_counts(precision)
    return simulate(compile_circuit(circuit, qubits=qubits), shots, seed, precision)


def opened(backend: "str | BackendV2 | None") -> "BackendV2 | None":
    """Return the backend of a primitive; None for the simulator on this machine."""
    if backend is None or (isinstance(backend, str) and backend == "local"):
        return None
    from qleap.processing.backends.door import backend as open_backend
    from qleap.processing.backends.local import LocalBackend

    machine = open_backend(backend)
    return None if isinstance(machine, LocalBackend) else machine


def choose_seed(seed: int | None) -> int:
    """Return ``seed``, or a fresh one, which the result will name."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0]) & LARGEST_SEED
    return checks.count("seed", seed, 0, LARGEST_SEED)


def check_shots(shots: int) -> int:
    """Return a number of shots that the memory can take."""
    return checks.count("shots", shots, 1, MOST_SHOTS)


def as_pubs(pubs: Any) -> "Iterable[Any]":
    """Return PUBs, or circuits, as given; refuse what is no list of them."""
    if not isinstance(pubs, Iterable) or hasattr(pubs, "num_qubits"):
        raise InvalidKind(
            f"run needs a list of PUBs or circuits, got {type(pubs).__name__}; put a "
            "single one into a list."
        )
    return pubs


def check_measured(circuit: "QuantumCircuit") -> None:
    """Refuse a circuit whose counts would be empty."""
    if not any(instruction.clbits for instruction in circuit.data):
        raise InvalidValue(
            "counts need a measurement, but the circuit measures no qubit; end it with "
            "circuit.measure_all(), in OpenQASM with measure q -> c;."
        )
