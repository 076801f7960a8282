"""The measured costs of the machine, and where they are kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qleap.processing import costs

SOME = costs.Costs(memory={"256": 1e-9}, arithmetic={"262144": 1e-10})


@pytest.fixture
def asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[list[tuple[int, int]]]:
    """Record what is measured; the disk is empty."""
    found: list[tuple[int, int]] = []

    def measure(n_qubits: int, itemsize: int) -> costs.Costs:
        found.append((n_qubits, itemsize))
        return SOME

    monkeypatch.setattr(costs, "measure", measure)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda _: str(tmp_path))
    costs.measured.cache_clear()
    yield found
    costs.measured.cache_clear()


def test_each_size_and_precision_is_measured_once(
    asked: list[tuple[int, int]],
) -> None:
    kinds = [(20, 16), (20, 8), (23, 16)]
    for _ in range(3):  # as many processes
        for kind in kinds:
            assert costs.measured(*kind) == SOME
        costs.measured.cache_clear()
    assert asked == kinds


@pytest.mark.parametrize("text", ["", "[]", '{"x": 1}'])
def test_a_damaged_file_is_written_anew(
    asked: list[tuple[int, int]], tmp_path: Path, text: str
) -> None:
    (tmp_path / "costs.json").write_text(text)
    costs.measured(20, 16)
    assert len(asked) == 1
    kept = json.loads((tmp_path / "costs.json").read_text())
    assert sum("20 qubits" in key for key in kept) == 1


def test_a_measurement_holds_all_sizes_to_choose_from() -> None:
    found = costs.measure(16, 16)
    assert list(found.memory) == [str(size) for size in costs.RUN_BYTES]
    assert list(found.arithmetic) == [str(size) for size in costs.BLOCK_BYTES]
    assert min(found.memory.values()) > 0.0
