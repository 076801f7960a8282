"""What is known about free memory, on systems that tell and that do not."""

import subprocess
import sys
from pathlib import Path

import pytest

from qleap.processing import memory


def test_free_memory_is_plausible_here() -> None:
    free = memory.available_memory()
    assert free is not None
    assert 2**20 < free < 2**50


def test_the_tighter_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_meminfo", lambda: 5 * memory.GIB)
    monkeypatch.setattr(memory, "_control_group", lambda: 2 * memory.GIB)
    assert memory.available_memory() == 2 * memory.GIB
    assert memory.most_qubits(bytes_per_amplitude=16) == 27


def test_physical_memory_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_meminfo", lambda: None)
    monkeypatch.setattr(memory, "_control_group", lambda: None)
    assert memory.available_memory() == memory._physical()


def test_limit_of_a_container_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    assert memory._control_group() is None
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("300\n")
    assert memory._control_group() == 700
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._control_group() is None


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "size"), [("double", 16), ("single", 8)])
def test_a_state_and_its_samples_take_little_more_than_the_amplitudes(
    precision: str, size: int
) -> None:
    code = f"""
import resource
from qiskit import QuantumCircuit
from qleap.processing import run, statevector

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def circuit(n):
    made = QuantumCircuit(n)
    for qubit in range(n):
        made.h(qubit)
        made.rz(0.1 * qubit, qubit)
        made.cx(qubit, (qubit + 1) % n)
        made.swap(qubit, (qubit + 3) % n)
    made.measure_all()
    return made

run(circuit(18), 100, seed=1, precision={precision!r})
before = peak()
run(circuit(25), 100, seed=1, precision={precision!r})
print((peak() - before) / ({size} * 2**25))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert float(result.stdout) < 1.1
