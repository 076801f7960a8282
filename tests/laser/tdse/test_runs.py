"""Solutions that are interrupted, killed, damaged or asked for twice."""

import _thread
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from qleap.core import results, stores
from qleap.core.constants import BOHR_RADIUS
from qleap.core.errors import InvalidKind, InvalidValue, StorageError
from qleap.core.stores import Store
from qleap.laser import Fibre, Grid, Pulse, propagate_fibre
from qleap.laser.tdse import SoftCore, line, runs, solve_atom, solve_line
from qleap.laser.tdse.atom_run import AtomRun
from tests.laser.fuse import run_until_killed
from tests.laser.tdse.crash_child import DRIVING, solved

Solver = Callable[[Path | None], xr.Dataset]


def on_a_line(gauge: str) -> Solver:
    def solve(store: Path | None) -> xr.Dataset:
        return solve_line(
            DRIVING, "H", gauge=gauge, surface=30.0 * BOHR_RADIUS,
            spacing=0.3 * BOHR_RADIUS, estimate_error=True, store=store,
        )  # fmt: skip

    return solve


SOLVERS: dict[str, tuple[type, Solver]] = {
    "atom": (AtomRun, solved),
    "line": (line._Run, on_a_line("length")),
    "line, velocity gauge": (line._Run, on_a_line("velocity")),
}


def interrupt(run: type, solve: Solver, store: Path, at: int) -> None:
    """Solve, and press Ctrl-C while part ``at`` is made."""
    made, advance = [0], run.advance  # type: ignore[attr-defined]

    def advance_and_press(self: Any) -> None:
        made[0] += 1
        if made[0] == at:
            _thread.interrupt_main()
        advance(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "advance", advance_and_press)
        with pytest.raises(KeyboardInterrupt):
            solve(store)


def assert_same(found: xr.Dataset, wanted: xr.Dataset) -> None:
    assert set(found.variables) == set(wanted.variables)
    assert results.parameters(found) == results.parameters(wanted)
    for name in wanted.variables:
        assert found[name].values.tobytes() == wanted[name].values.tobytes(), name


@pytest.mark.parametrize("name", SOLVERS)
def test_an_interrupted_solution_goes_on_to_the_same_bits(
    name: str, tmp_path: Path
) -> None:
    run, solve = SOLVERS[name]
    store = tmp_path / "a.nc"
    interrupt(run, solve, store, 2)
    first = results.load(store, kind=runs.CHECKPOINT)
    assert 0 < first["0_time"] < DRIVING.time.size
    assert first["1_time"] == 0
    interrupt(run, solve, store, 4)  # while the companion goes
    later = results.load(store, kind=runs.CHECKPOINT)
    assert later["0_time"] == DRIVING.time.size
    assert 0 < later["1_time"] < DRIVING.time.size
    found = solve(store)
    assert_same(found, solve(None))
    assert_same(results.load(store, kind="laser.dipole"), found)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    store = tmp_path / "a.nc"
    interrupt(AtomRun, solved, store, 2)
    return store


def test_a_finished_store_is_read_and_not_computed(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = solved(checkpoint)

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(AtomRun, "advance", never)
    xr.testing.assert_identical(solved(checkpoint), first)


def test_a_killed_process_is_gone_on_with_to_the_same_bits(tmp_path: Path) -> None:
    store = tmp_path / "a.nc"
    child = Path(__file__).with_name("crash_child.py")
    run_until_killed(child, store, 3)
    assert results.load(store, kind=runs.CHECKPOINT)["0_time"] == 160
    assert_same(solved(store), solved(None))


def test_damage_is_refused_with_the_way_out(checkpoint: Path) -> None:
    whole = checkpoint.read_bytes()
    data = results.load(checkpoint)
    data["0_packed"][0, 5] *= 1.0 + 1e-12
    results.save(data, checkpoint)
    with pytest.raises(
        StorageError, match=r"a\.nc holds a damaged checkpoint .* delet"
    ):
        solved(checkpoint)
    checkpoint.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StorageError, match=r"a\.nc is damaged .* Delete it to begin"):
        solved(checkpoint)


def test_a_checkpoint_of_other_vector_registers_is_refused(checkpoint: Path) -> None:
    data = results.load(checkpoint)
    packed = data["0_packed"]
    half = packed.isel({packed.dims[-1]: slice(4)})
    data = data.drop_vars("0_packed").assign({"0_packed": half})
    data.attrs[stores.CHECKSUM] = stores.checksum(data)
    results.save(data, checkpoint)
    with pytest.raises(StorageError, match="radii times vector registers"):
        solved(checkpoint)


def test_a_store_of_something_else_is_refused_with_what_differs(
    checkpoint: Path, tmp_path: Path
) -> None:
    stronger = dataclasses.replace(DRIVING, field=1.01 * DRIVING.field)
    with pytest.raises(
        InvalidValue, match=r"an atom in light with other parameters \(.*field_sha256"
    ):
        solve_atom(stronger, "H", store=checkpoint)
    with pytest.raises(InvalidValue, match=r"other parameters \(.*potential_sha256"):
        solve_line(DRIVING, SoftCore(softening=1.2), store=checkpoint)
    fibre = Fibre(length=0.01, wavelength=800e-9, betas=(-1e-26,), gamma=0.1)
    pulse = Pulse(wavelength=800e-9, fwhm=50e-15, peak_power=1.0)
    grid = Grid(n_points=256, window=1e-12, wavelength=800e-9)
    other = tmp_path / "b.nc"
    propagate_fibre(pulse, fibre, grid=grid, n_positions=2, store=other)
    with pytest.raises(InvalidValue, match=r"of the kind 'laser\.dipole', got"):
        solved(other)


@pytest.mark.parametrize(
    ("store", "error", "words"),
    [
        (3, InvalidKind, "store must be the path of a file, got 3"),
        (".", InvalidValue, r"got the folder '\.'; give a name"),
        ("", InvalidValue, "got the folder ''; give a name"),
    ],
)
def test_a_store_that_is_no_file_is_refused(
    store: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        Store(store, kind="a", checkpoint="b", parameters={}, work="nothing")


def test_a_store_that_cannot_be_written_is_said_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(AtomRun, "advance")
    with pytest.raises(StorageError, match="could not be written"):
        solved(tmp_path / "missing" / "a.nc")


def test_checkpoints_of_the_same_bits_are_written_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[float] = []
    keep = stores.Store.keep

    def counted(self: stores.Store, coords: Any, variables: Any) -> None:
        written.append(float(np.asarray(variables["0_time"][1])))
        keep(self, coords, variables)

    monkeypatch.setattr(stores.Store, "keep", counted)
    monkeypatch.setattr(stores, "SAVE_EVERY", 0.0)
    assert_same(solved(tmp_path / "a.nc"), solved(None))
    assert written == [0.0, 80.0, 160.0, 240.0, 315.0, *[315.0] * 4]
