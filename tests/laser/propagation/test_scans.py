"""Many propagations in one dataset: values, order, stores, interruption."""

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from qleap.core import progress, results
from qleap.core.errors import InvalidValue, StorageError
from qleap.laser import Fibre, Grid, Pulse, propagate_fibre, scan
from qleap.laser.propagation import run
from qleap.laser.propagation.scans import files_of

GRID = Grid(n_points=512, window=4e-12, wavelength=1550e-9)


def soliton(
    *, peak_power: float, length: float = 0.05, raman: str = "none", store: Path | None
) -> xr.Dataset:
    pulse = Pulse(wavelength=1550e-9, fwhm=2e-13, peak_power=peak_power)
    fibre = Fibre(
        length=length, wavelength=1550e-9, betas=(-20e-27,), gamma=0.01,
        raman=None if raman == "none" else raman,
    )  # fmt: skip
    return propagate_fibre(
        pulse, fibre, grid=GRID, n_positions=3, store=store, estimate_error=False
    )


VALUES: dict[str, list[Any]] = {
    "peak_power": [100.0, 300.0, 900.0],
    "raman": ["none", "blow-wood"],
}


def test_all_combinations_have_a_place_each_and_are_the_single_calls() -> None:
    data = scan(soliton, VALUES, units={"peak_power": "W"})
    assert data["energy"].dims == ("peak_power", "raman", "position")
    assert data["peak_power"].attrs["units"] == "W"
    for power in VALUES["peak_power"]:
        for raman in VALUES["raman"]:
            one = soliton(peak_power=power, raman=raman, store=None)
            found = data.sel(peak_power=power, raman=raman)
            for name in ("envelope", "spectrum", "steps"):
                assert np.array_equal(found[name], one[name])
    points = results.parameters(data)["points"]
    assert [point["pulse"]["peak_power"] for point in points[::2]] == [100, 300, 900]


def test_values_that_go_together_make_one_axis() -> None:
    data = scan(
        soliton, {"peak_power": [1e2, 3e2], "length": [0.02, 0.04]}, zipped=True
    )
    assert data.sizes["point"] == 2
    assert data["peak_power"].values.tolist() == [1e2, 3e2]
    one = soliton(peak_power=3e2, length=0.04, store=None)
    assert np.array_equal(data["spectrum"][1], one["spectrum"])
    assert np.array_equal(data["position"][1], one["position"])
    assert data["position"].dims == ("point", "position_index")


def test_bits_do_not_depend_on_the_number_of_workers() -> None:
    first, *others = (scan(soliton, VALUES, workers=n) for n in (1, 2, 5))
    for other in others:
        for name in first.variables:
            assert np.array_equal(first[name], other[name]), name


def test_grids_of_their_own_are_filled_up_and_lose_nothing() -> None:
    def fitted(*, n_points: int, store: Path | None) -> xr.Dataset:
        pulse = Pulse(wavelength=1550e-9, fwhm=2e-13, peak_power=300.0)
        fibre = Fibre(length=0.05, wavelength=1550e-9, betas=(-20e-27,), gamma=0.01)
        grid = Grid(n_points=n_points, window=4e-12, wavelength=1550e-9)
        return propagate_fibre(pulse, fibre, grid=grid, n_positions=3, store=store)

    data = scan(fitted, {"n_points": [256, 512]})
    one = fitted(n_points=256, store=None)
    row = data.sel(n_points=256)
    assert np.array_equal(row["spectrum"][:, :256], one["spectrum"])
    assert np.array_equal(row["frequency"][:256], one["frequency"])
    assert np.isnan(row["spectrum"][:, 256:]).all()
    assert np.isfinite(data["spectrum"].sel(n_points=512)).all()


def test_a_name_that_points_have_themselves_is_told_apart() -> None:
    def at(*, energy: float, store: Path | None) -> xr.Dataset:
        return soliton(peak_power=energy * 4e12, store=store)

    data = scan(at, {"energy": [2e-11, 4e-11]})
    assert data["scanned_energy"].values.tolist() == [2e-11, 4e-11]
    assert data["energy"].dims == ("scanned_energy", "position")


def test_a_store_has_a_file_for_each_point_and_is_gone_on_with(tmp_path: Path) -> None:
    store = tmp_path / "scan"

    def fails_late(**given: object) -> xr.Dataset:
        if given["peak_power"] == 900.0:
            raise RuntimeError("the last one")
        return soliton(**given)  # type: ignore[arg-type]

    with pytest.raises(RuntimeError, match="the last one"):
        scan(fails_late, VALUES, store=store, workers=1)
    assert len(list(store.glob("*.nc"))) == 4
    calls = []

    def counted(**given: object) -> xr.Dataset:
        path = given["store"]
        assert isinstance(path, Path)
        calls.append(path.exists())
        return soliton(**given)  # type: ignore[arg-type]

    found = scan(counted, VALUES, store=store, workers=1)
    assert calls == [True] * 4 + [False] * 2
    assert np.array_equal(found["envelope"], scan(soliton, VALUES)["envelope"])
    values, path = files_of(store)[-1]
    assert values == {"peak_power": 900.0, "raman": "blow-wood"}
    last = results.load(path, kind="laser.evolution")
    assert np.array_equal(last["spectrum"], found["spectrum"][-1, -1])


def test_a_store_of_another_scan_is_refused_before_anything_is_computed(
    tmp_path: Path,
) -> None:
    scan(soliton, {"peak_power": [1e2]}, store=tmp_path)
    with pytest.raises(InvalidValue, match="holds a scan of other values; choose anot"):
        scan(soliton, {"peak_power": [2e2]}, store=tmp_path)


def test_a_damaged_note_of_a_store_is_said(tmp_path: Path) -> None:
    (tmp_path / "scan.json").write_text("{")
    with pytest.raises(StorageError, match=r"cannot be used .* choose another folder"):
        scan(soliton, {"peak_power": [1e2]}, store=tmp_path)
    with pytest.raises(StorageError, match="is no store of a scan"):
        files_of(tmp_path)


@pytest.mark.parametrize(
    ("values", "zipped", "words"),
    [
        ({}, False, "one value or more a name"),
        ({"a": []}, False, "one value or more a name"),
        ({"a": [1], "b": [1, 2]}, True, "zipped must be equally many"),
    ],
)
def test_values_that_make_no_scan_are_refused(
    values: dict[str, list[int]], zipped: bool, words: str
) -> None:
    with pytest.raises(InvalidValue, match=words):
        scan(soliton, values, zipped=zipped)


def test_an_interruption_stops_the_points_under_way_and_keeps_them(
    tmp_path: Path,
) -> None:
    stop = threading.Event()
    kept = tmp_path / "a.nc"

    def later() -> None:
        while not kept.exists():
            time.sleep(0.01)
        stop.set()

    threading.Thread(target=later, daemon=True).start()
    with run.stopped_by(stop), pytest.raises(KeyboardInterrupt):
        soliton(peak_power=3e5, length=100.0, store=kept)
    assert results.load(kept).attrs["kind"] == "laser.checkpoint"


def test_a_failing_point_stops_the_others_where_they_are(tmp_path: Path) -> None:
    def one_fails(*, k: int, store: Path | None) -> xr.Dataset:
        assert store is not None
        if k == 0:
            while not store.with_name("point-00001.nc").exists():
                time.sleep(0.01)
            raise RuntimeError("no such pulse")
        return soliton(peak_power=3e5, length=100.0, store=store)

    with pytest.raises(RuntimeError, match="no such pulse"):
        scan(one_fails, {"k": [0, 1, 2]}, store=tmp_path, workers=2)
    left = results.load(tmp_path / "point-00001.nc")
    assert left.attrs["kind"] == "laser.checkpoint"


def test_one_bar_is_drawn_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress.bar("outer", 2) as outer, progress.bar("inner", 3) as inner:
        assert outer._drawing is not None
        assert inner._drawing is None
    with progress.bar("again", 1) as again:
        assert again._drawing is not None
