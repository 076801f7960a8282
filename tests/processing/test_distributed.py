"""One state over many ranks: the same amplitudes, readings and errors on all of them.

``mpiexec`` runs this file as a script, once for each number of ranks; the tests look
at what it wrote.
"""

import json
import os
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import DiagonalGate
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import SparsePauliOp, random_pauli_list, random_unitary
from qiskit.synthesis import synth_qft_full

from qleap.core.errors import InvalidKind, InvalidValue, MissingExtra, QleapError
from qleap.processing import distribute, expectation, memory, plan_ranks, statevector
from qleap.processing.engine import Precision
from qleap.processing.exchange import join
from qleap.processing.shots import draw

SHOTS = 4000
SEED = 7


def layered(n_qubits: int, depth: int) -> QuantumCircuit:
    rng = np.random.default_rng(3)
    circuit = QuantumCircuit(n_qubits, global_phase=0.4)
    for _ in range(depth):
        for qubit in range(n_qubits):
            circuit.u(*rng.uniform(0, 6, 3), qubit)
        order = rng.permutation(n_qubits).tolist()
        for a, b in zip(order[::2], order[1::2], strict=False):
            circuit.cx(a, b)
    return circuit


def permuted(n_qubits: int) -> QuantumCircuit:
    """Return a circuit that ends by moving every qubit."""
    circuit = layered(n_qubits, 1)
    for qubit in range(n_qubits - 1):
        circuit.swap(qubit, (5 * qubit + 3) % n_qubits or n_qubits - 1)
    return circuit


def wide_gates(n_qubits: int) -> QuantumCircuit:
    """Return dense and diagonal gates on many qubits, with controls."""
    circuit = layered(n_qubits, 1)
    rng = np.random.default_rng(4)
    order = rng.permutation(n_qubits).tolist()
    circuit.unitary(random_unitary(8, seed=1), order[:3])
    phases = np.exp(1j * rng.uniform(0, 6, 16)).tolist()
    circuit.append(DiagonalGate(phases), order[-4:])
    circuit.mcp(0.7, order[:4], order[4])
    circuit.mcx(order[3:7], order[0], ctrl_state=5)
    circuit.unitary(random_unitary(8, seed=2), order[-3:])
    circuit.rzz(0.3, n_qubits - 1, n_qubits - 2)
    return circuit


def measured(n_qubits: int) -> QuantumCircuit:
    circuit = layered(n_qubits, 2)
    circuit.measure_all()
    return circuit


def moved(n_qubits: int) -> QuantumCircuit:
    """Return a circuit whose gates fuse to nothing but a permutation."""
    circuit = QuantumCircuit(n_qubits)
    circuit.x(n_qubits - 1)
    circuit.swap(0, n_qubits - 1)
    circuit.swap(1, n_qubits - 2)
    return circuit


CASES: dict[str, Callable[[], QuantumCircuit]] = {
    **{
        f"random {k}": lambda k=k: random_circuit(11, 10, max_operands=3, seed=k)  # type: ignore[misc]
        for k in range(5)
    },
    "fewest qubits": lambda: layered(10, 4),
    "layered": lambda: layered(16, 8),
    "measured": lambda: measured(12),
    "moved": lambda: moved(12),
    "nothing": lambda: QuantumCircuit(12, global_phase=0.7),
    "permuted": lambda: permuted(12),
    "fourier": lambda: synth_qft_full(12),
    "wide": lambda: wide_gates(12),
}


def observables(n_qubits: int) -> list[SparsePauliOp]:
    """Return sums that flip bits of ranks, of memory and of both, with any signs."""
    rng = np.random.default_rng(8)
    strings = random_pauli_list(n_qubits, 30, seed=9, phase=False)
    top = ["Y" + "I" * (n_qubits - 1), "ZY" + "Y" * (n_qubits - 2), "Z" * n_qubits]
    return [
        SparsePauliOp(strings, rng.normal(size=30)),
        SparsePauliOp(top, [0.3, -1.1, 0.5]),
    ]


def indices(n_qubits: int) -> list[list[int]]:
    return [[0, 1], [2 ** (n_qubits - 1) + 3, 2**n_qubits - 1]]


def refusals(rank: int) -> dict[str, Callable[[], Any]]:
    """Return calls that every rank must refuse, whichever of them has the reason."""
    free = QuantumCircuit(12)
    free.rx(Parameter("angle") if rank else 0.1, 0)
    middle = QuantumCircuit(12, 1)
    middle.measure(0, 0)
    middle.h(0)
    differs = QuantumCircuit(12)
    differs.rx(0.1 + rank, 0)
    other = QuantumCircuit(12)
    other.h(rank)
    broad = QuantumCircuit(10)
    broad.unitary(np.eye(2**10) - 2 / 2**10, range(10))  # a reflection

    state = distribute(layered(12, 1))

    def without_memory() -> Any:
        found = memory.available_memory
        memory.available_memory = lambda: None if rank else 10**4
        try:
            return distribute(layered(12, 1))
        finally:
            memory.available_memory = found

    return {
        "few": lambda: distribute(layered(8, 1)),
        "free": lambda: distribute(free),
        "middle": lambda: distribute(middle),
        "angle": lambda: distribute(differs),
        "gate": lambda: distribute(other),
        "broad": lambda: distribute(broad),
        "memory": without_memory,
        "precision": lambda: distribute(
            layered(12, 1), precision="single" if rank else "double"
        ),
        "kind": lambda: distribute(layered(12, 1), precision="x" if rank else "double"),  # type: ignore[arg-type]
        "seed": lambda: state.sample(3, seed=-rank),
        "seeds": lambda: state.sample(3, seed=rank),
        "shots": lambda: state.sample(3 + rank, seed=1),
        "none": lambda: state.sample(1 - rank),
        "letter": lambda: state.expectation("XQ"[rank > 0] * 12),
        "string": lambda: state.expectation("XZ"[rank > 0] * 12),
        "factor": lambda: state.expectation({"X" * 12: 1.0 + rank}),
        "index": lambda: state.probabilities([0, rank << 12]),
        "indices": lambda: state.probabilities([0] * (1 + rank)),
    }


def message_of(task: Callable[[], Any]) -> str:
    try:
        task()
    except QleapError as error:
        return str(error)
    return "none"


def memory_beside(circuit: QuantumCircuit) -> float:
    """Return the bytes that a run allocates at most beside 1.25 local states."""
    distribute(circuit)
    tracemalloc.start()
    state = distribute(circuit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - 1.25 * state.local.nbytes


def main(folder: Path) -> None:
    """Run all cases; rank 0 writes what all ranks found."""
    world = join(None)
    rank, n_ranks = world.Get_rank(), world.Get_size()
    arrays: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    precisions: tuple[Precision, ...] = ("double", "single")
    if n_ranks == 3:
        facts["refused"] = {"three": message_of(lambda: distribute(layered(12, 1)))}
    else:
        facts["refused"] = {
            name: message_of(task) for name, task in refusals(rank).items()
        }
        for name, make in CASES.items():
            for precision in precisions:
                circuit = make()
                state = distribute(circuit, precision=precision)
                plan = plan_ranks(circuit, ranks=n_ranks, precision=precision)
                n = circuit.num_qubits
                found = {
                    "state": state.gather(),
                    "values": state.expectation(observables(n)),
                    "value": state.expectation("X" * n),
                    "samples": state.sample(SHOTS, seed=SEED),
                    "probabilities": state.probabilities(indices(n)),
                    "norm": state.norm(),
                    "run": [state.exchanges, world.allreduce(state.bytes_sent)],
                    "plan": [plan.exchanges, plan.bytes_sent * n_ranks],
                }
                arrays.update(
                    {f"{name}, {precision}, {k}": v for k, v in found.items()}
                )
        facts["beside"] = memory_beside(layered(20, 2))
    gathered = world.allgather(facts)
    if rank == 0:
        np.savez(folder / "found.npz", **arrays)
        (folder / "facts.json").write_text(json.dumps(gathered), encoding="utf-8")


def start(n_ranks: int, folder: Path) -> tuple[dict[str, Any], list[Any]]:
    """Return what ``n_ranks`` ranks found, or skip where they cannot be started."""
    pytest.importorskip("mpi4py", reason="mpi4py is not installed")
    beside = Path(sys.executable).with_name("mpiexec")
    launcher = str(beside) if beside.exists() else shutil.which("mpiexec")
    if launcher is None:
        pytest.skip("there is no mpiexec")
    settings = {
        "NUMBA_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # More ranks than processors, and any user, for Open MPI; others ignore it.
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    }
    result = subprocess.run(
        [launcher, "-n", str(n_ranks), sys.executable, __file__, str(folder)],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return dict(np.load(folder / "found.npz")), facts


@pytest.fixture(scope="module", params=[2, 4])
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], list[Any]]:
    return start(request.param, tmp_path_factory.mktemp("ranks"))


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("name", CASES)
def test_ranks_find_what_one_process_finds(
    name: str, precision: Any, found: tuple[dict[str, Any], list[Any]]
) -> None:
    def of(what: str) -> Any:
        return found[0][f"{name}, {precision}, {what}"]

    circuit = CASES[name]()
    n_qubits = circuit.num_qubits
    state = statevector(circuit, precision=precision)
    atol = 1e-12 if precision == "double" else 1e-5
    assert of("state").dtype == state.dtype
    assert_allclose(of("state"), state, rtol=0, atol=atol)
    chosen = observables(n_qubits)
    assert_allclose(of("values"), expectation(state, chosen), rtol=0, atol=10 * atol)
    assert_allclose(of("value"), expectation(state, "X" * n_qubits), rtol=0, atol=atol)
    weights = np.abs(state[indices(n_qubits)]) ** 2
    assert_allclose(of("probabilities"), weights, rtol=0, atol=atol)
    assert_allclose(of("norm"), 1.0, rtol=0, atol=atol)
    # In single precision rounding moves a few shots to a neighbour.
    differing = np.count_nonzero(of("samples") != draw(state, SHOTS, SEED))
    assert differing <= (0 if precision == "double" else 0.005 * SHOTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_plan_counts_the_exchanges_and_bytes_of_the_run(
    name: str, found: tuple[dict[str, Any], list[Any]]
) -> None:
    for precision in ("double", "single"):
        run, plan = (found[0][f"{name}, {precision}, {k}"] for k in ("run", "plan"))
        assert_array_equal(run, plan)


@pytest.mark.slow
def test_ranks_need_a_quarter_more_than_their_part(
    found: tuple[dict[str, Any], list[Any]],
) -> None:
    for facts in found[1]:
        assert facts["beside"] < 2**18  # tables of operations; a state has 4 MiB


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("few", "each rank must hold at least 8 qubits"),
        ("free", "angle has none"),
        ("middle", "needs a circuit of gates"),
        ("angle", "every rank must pass the same circuit"),
        ("gate", "every rank must pass the same circuit"),
        ("broad", "a gate mixes 10 qubits"),
        ("memory", "GiB of memory"),
        ("precision", "every rank must pass the same precision"),
        ("kind", "precision must be one of"),
        ("seed", "seed must be"),
        ("seeds", "every rank must pass the same shots and seed"),
        ("shots", "every rank must pass the same shots and seed"),
        ("none", "shots must be between 1"),
        ("letter", "a label of an observable"),
        ("string", "every rank must pass the same observable"),
        ("factor", "every rank must pass the same observable"),
        ("index", "indices must be below"),
        ("indices", "every rank must pass the same indices"),
    ],
)
def test_every_rank_refuses_what_one_cannot_do(
    name: str, message: str, found: tuple[dict[str, Any], list[Any]]
) -> None:
    for facts in found[1]:
        assert message in facts["refused"][name]


@pytest.mark.slow
def test_three_ranks_are_refused(tmp_path: Path) -> None:
    _, found = start(3, tmp_path)
    for facts in found:
        assert "must be a power of two, got 3" in facts["refused"]["three"]


def test_one_process_needs_no_mpi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    circuit = layered(5, 2)
    state = distribute(circuit)
    expected = statevector(circuit)
    assert_array_equal(state.local, expected)
    assert_array_equal(state.gather(), expected)
    assert_array_equal(state.sample(100, seed=3), draw(expected, 100, 3))
    assert_allclose(state.norm(), 1.0, rtol=0, atol=1e-14)
    value = state.expectation({"XZIYY": 0.5, "ZIIIZ": 1.0})
    whole = expectation(expected, {"XZIYY": 0.5, "ZIIIZ": 1.0})
    assert_allclose(value, whole, rtol=0, atol=1e-14)
    assert state.exchanges == 0


def test_several_ranks_without_mpi4py_name_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "2")
    with pytest.raises(MissingExtra, match=r"pip install 'qleap\[mpi\]'"):
        distribute(layered(12, 1))


def test_indices_beyond_the_state_are_refused() -> None:
    state = distribute(layered(5, 1))
    with pytest.raises(InvalidValue, match=r"indices must be below 2\*\*5, got 32"):
        state.probabilities([32])
    with pytest.raises(InvalidValue, match="whole numbers"):
        state.probabilities([0.5])
    assert state.probabilities([]).shape == (0,)


def test_a_communicator_is_one_of_mpi4py() -> None:
    with pytest.raises(InvalidKind, match=r"must be one of mpi4py.*got 3"):
        distribute(layered(5, 1), communicator=3)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
