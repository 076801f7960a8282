"""Points in parallel: order, names of failures, resuming, equal random numbers."""

import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qleap.core.errors import InvalidKind, InvalidValue, StorageError
from qleap.core.parallel import map_points


def square(x: float) -> float:
    return x * x


def late_first(x: int) -> int:
    time.sleep(0.02 * (5 - x))
    return x


def draw(_: int, rng: np.random.Generator) -> float:
    return float(rng.random())


def invert(x: float) -> float:
    return 1.0 / x


class Counting:
    """A function that knows how often it was called, and can stop at a point."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.calls: list[int] = []
        self.stop_at = stop_at

    def __call__(self, x: int) -> int:
        if x == self.stop_at:
            raise KeyboardInterrupt
        self.calls.append(x)
        return 10 * x


def test_results_keep_the_order_of_the_points() -> None:
    assert map_points(late_first, range(5), workers=5) == [0, 1, 2, 3, 4]


def test_no_points_give_no_results() -> None:
    assert map_points(square, []) == []


def test_points_run_side_by_side() -> None:
    barrier = threading.Barrier(2, timeout=10.0)
    map_points(lambda _: barrier.wait(), [0, 1], workers=2)


def test_the_failing_point_is_named() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        map_points(invert, [1.0, 2.0, 0.0])
    assert caught.value.__notes__ == ["while computing point 2: 0.0"]


def test_random_numbers_do_not_depend_on_the_number_of_workers() -> None:
    one, two = (
        map_points(draw, range(20), workers=n, rng=np.random.default_rng(3))
        for n in (1, 4)
    )
    assert one == two
    assert len(set(one)) == 20


def test_another_executor_is_accepted() -> None:
    with ProcessPoolExecutor(1) as pool:
        assert map_points(square, [1.0, 2.0], executor=pool) == [1.0, 4.0]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_dask_client_is_accepted() -> None:
    distributed = pytest.importorskip("distributed", reason="needs qleap[distributed]")
    with (
        distributed.LocalCluster(
            n_workers=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert map_points(square, [3.0, 3.0, 4.0], executor=client) == [9, 9, 16]
        with pytest.raises(ZeroDivisionError) as caught:
            map_points(invert, [1.0, 0.0], executor=client)
    assert "while computing point 1: 0.0" in caught.value.__notes__


def test_an_executor_that_cannot_submit_is_refused() -> None:
    with pytest.raises(InvalidKind, match="executor must have a method submit"):
        map_points(square, [1.0], executor=3)  # type: ignore[arg-type]


def test_workers_below_one_are_refused() -> None:
    with pytest.raises(InvalidValue, match="workers must be >= 1, got 0"):
        map_points(square, [1.0], workers=0)


def test_an_interrupted_calculation_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = Counting(stop_at=3)
    with pytest.raises(KeyboardInterrupt):
        map_points(first, range(6), workers=1, store=tmp_path / "s")
    kept = {int(p.stem) for p in (tmp_path / "s").glob("*.point")}
    assert {0, 1, 2} <= kept
    assert 3 not in kept
    second = Counting()
    assert map_points(second, range(6), store=tmp_path / "s") == [
        0, 10, 20, 30, 40, 50,
    ]  # fmt: skip
    assert set(second.calls) == set(range(6)) - kept


def test_points_under_way_at_a_failure_are_kept(tmp_path: Path) -> None:
    begun = threading.Event()

    def slow_or_failing(x: int) -> int:
        if x == 0:
            begun.wait(10.0)
            raise ValueError("no such point")
        begun.set()
        time.sleep(0.2)
        return x

    with pytest.raises(ValueError, match="no such point"):
        map_points(slow_or_failing, [0, 7], workers=2, store=tmp_path)
    assert (tmp_path / "1.point").exists()


def test_a_damaged_point_is_computed_again(tmp_path: Path) -> None:
    map_points(square, [2.0, 3.0], store=tmp_path)
    (tmp_path / "1.point").write_bytes(b"\x80broken")
    assert map_points(square, [2.0, 3.0], store=tmp_path) == [4.0, 9.0]


def test_a_store_of_other_points_is_refused(tmp_path: Path) -> None:
    map_points(square, [2.0, 3.0], store=tmp_path)
    with pytest.raises(InvalidValue, match="computed from other values than these"):
        map_points(square, [2.0, 3.5], store=tmp_path)
    with pytest.raises(InvalidValue, match="holds points of"):
        map_points(invert, [2.0, 3.0], store=tmp_path)


def test_a_store_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be used"):
        map_points(square, [1.0], store=tmp_path / "file" / "s")
    wrong: Any = 5
    with pytest.raises(InvalidKind, match="store must be the path of a folder, got 5"):
        map_points(square, [1.0], store=wrong)
