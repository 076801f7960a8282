"""What is in a store after a crash, a full disk or damage, and what is said of it."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from qleap.core import results, stores
from qleap.core.errors import InvalidValue, StorageError
from qleap.laser import propagate_fibre
from qleap.laser.propagation import run
from qleap.laser.propagation.integrator import march
from tests.laser.fuse import run_until_killed
from tests.laser.propagation.crash_child import FIBRE, GRID, N_POSITIONS, PULSE


def propagated(store: Path | None) -> xr.Dataset:
    return propagate_fibre(
        PULSE, FIBRE, grid=GRID, n_positions=N_POSITIONS, store=store
    )


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a store in which a propagation was interrupted."""
    store = tmp_path / "a.nc"
    original = march

    def interrupted(*arguments: object, **options: object) -> object:
        for i, snapshot in enumerate(original(*arguments, **options)):  # type: ignore[arg-type]
            if i == 40:
                raise KeyboardInterrupt
            yield snapshot

    with monkeypatch.context() as patch:
        patch.setattr(run, "march", interrupted)
        with pytest.raises(KeyboardInterrupt):
            propagated(store)
    return store


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 20, 45])
def test_a_killed_process_is_gone_on_with_to_the_same_bits(
    tmp_path: Path, k: int
) -> None:
    store = tmp_path / "a.nc"
    child = Path(__file__).with_name("crash_child.py")
    run_until_killed(child, store, k)
    part = results.load(store, kind="laser.checkpoint")
    assert part["steps"].values.max() >= k - 1
    found, wanted = propagated(store), propagated(None)
    for name in wanted.data_vars:
        assert np.array_equal(found[name], wanted[name]), name


def test_a_full_disk_keeps_the_last_checkpoint_and_is_said(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = checkpoint.read_bytes()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(StorageError, match=r"a\.nc could not be written \(No spa"):
            propagated(checkpoint)
    assert checkpoint.read_bytes() == before
    assert np.array_equal(propagated(checkpoint)["energy"], propagated(None)["energy"])


def test_a_truncated_store_is_refused_with_the_way_out(checkpoint: Path) -> None:
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StorageError, match=r"a\.nc is damaged .* Delete it to begin"):
        propagated(checkpoint)


def test_changed_numbers_in_a_checkpoint_are_noticed(checkpoint: Path) -> None:
    data = results.load(checkpoint)
    data["amplitudes"][-1, 5] *= 1.0 + 1e-12
    results.save(data, checkpoint)
    with pytest.raises(
        StorageError, match=r"a\.nc holds a damaged checkpoint .* delet"
    ):
        propagated(checkpoint)


def test_a_store_of_another_task_is_refused_with_what_differs(checkpoint: Path) -> None:
    words = r"other parameters \(grid.window, tolerance\); choose another file or del"
    longer = type(GRID)(n_points=1024, window=3.1e-12, wavelength=835e-9)
    with pytest.raises(InvalidValue, match=words):
        propagate_fibre(
            PULSE, FIBRE, grid=longer, n_positions=N_POSITIONS, tolerance=1e-6,
            store=checkpoint,
        )  # fmt: skip


def test_a_place_that_was_met_and_not_yet_kept_is_kept_on_going_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, original = tmp_path / "a.nc", march

    def interrupted(*arguments: object, **options: object) -> object:
        for snapshot in original(*arguments, **options):  # type: ignore[arg-type]
            yield snapshot
            if snapshot.position == FIBRE.length / (N_POSITIONS - 1):
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "march", interrupted)
        with pytest.raises(KeyboardInterrupt):
            propagated(store)
    # As it is where Ctrl-C comes before the place is appended.
    part = results.load(store).isel(place=[0, -1])
    part.attrs[stores.CHECKSUM] = stores.checksum(part)
    results.save(part, store)
    found, wanted = propagated(store), propagated(None)
    assert np.array_equal(found["position"], wanted["position"])
    for name in wanted.data_vars:
        assert np.array_equal(found[name], wanted[name]), name
