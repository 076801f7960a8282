"""Kernels: compiled late, kept on disk, NaN-safe, announced when slow."""

import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from qleap.core import jit


def test_reordering_keeps_nan() -> None:
    @jit.kernel
    def total(x: NDArray[np.float64]) -> float:
        s = 0.0
        for i in range(x.size):
            if not np.isnan(x[i]):
                s += x[i]
        return s

    assert total(np.array([1.0, np.nan, 2.0])) == 3.0


def test_division_by_zero_follows_the_floating_point_standard() -> None:
    @jit.kernel
    def ratio(a: float, b: float) -> float:
        return a / b

    assert ratio(1.0, 0.0) == np.inf


def test_the_number_of_threads_can_be_set() -> None:
    before = jit.threads()
    jit.set_threads(1)
    assert jit.threads() == 1
    jit.set_threads(before)


def test_a_long_compilation_is_announced_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    jit.announce("evolve")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    jit.announce("evolve")
    assert "compiling evolve (once" in capsys.readouterr().err


def test_the_announcement_comes_only_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(jit, "announce", said.append)
    monkeypatch.setattr(jit, "ANNOUNCE_AFTER", 0.0)

    import numba

    @numba.njit
    def compiled_now(x):  # type: ignore[no-untyped-def]
        return np.linalg.eigvalsh(np.eye(3) * x).sum()

    if not hasattr(compiled_now, "signatures"):
        pytest.skip("compilation is switched off (NUMBA_DISABLE_JIT)")
    compiled_now(1.0)
    assert said == ["compiled_now"]


def test_the_disk_cache_of_a_kernel_covers_all_kernel_files() -> None:
    from qleap.processing._kernels import statevector

    cached: Any = statevector.apply_one_qubit
    assert cached._cache._cache_file._source_stamp[1] == jit._sources()


def test_copies_of_the_same_kernel_files_share_their_disk_cache() -> None:
    from qleap.processing._kernels import statevector

    kept: Any = statevector.apply_one_qubit._cache  # type: ignore[attr-defined]
    folder = Path(numba.config.CACHE_DIR, f"qleap-{jit._sources()[:16]}")
    assert Path(kept.cache_path) == folder / "processing" / "_kernels"
    flip = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    statevector.apply_one_qubit(np.ones(2), np.zeros(2), 1, 0, 0, flip)
    assert list(Path(kept.cache_path).glob("statevector.apply_one_qubit-*.nbc"))
    assert jit.is_compiled(statevector.apply_one_qubit)


@jit.inner_kernel
def _twice(number: int, step: int) -> int:
    return number + 2 * step


@jit.inner_kernel
def _sum_of_twice(numbers: NDArray[np.int64]) -> int:
    total = 0
    for k in range(numbers.size):
        total = _twice(total, 1) + _twice(numbers[k], 3)
    if total < 0:
        raise ValueError("a negative sum")
    return total


@jit.kernel
def _call_inner(numbers: NDArray[np.int64]) -> int:
    return _sum_of_twice(numbers)


def test_a_kernel_takes_in_its_inner_kernels() -> None:
    assert _call_inner(np.arange(4)) == 6 + 4 * 8
    with pytest.raises(ValueError, match="a negative sum"):
        _call_inner(np.array([-100]))


def test_an_inner_kernel_has_no_machine_code_and_one_version_for_all_numbers() -> None:
    compiled: Any = _twice
    if not hasattr(compiled, "overloads"):
        pytest.skip("compilation is switched off (NUMBA_DISABLE_JIT)")
    for written in (1, 3):
        compiled.get_call_template((jit.types.int64, jit.types.literal(written)), {})
    (version,) = compiled.overloads.values()
    engine = version.library.codegen._engine
    assert not engine.is_symbol_defined(version.fndesc.mangled_name)
