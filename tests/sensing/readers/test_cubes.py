"""Cubes from files: where the frequency is, what is read when."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.io import savemat

from qleap.core.errors import InvalidValue, StorageError
from qleap.sensing import LineModel, StoredCube, read_cube
from qleap.sensing.maps import fit_map
from qleap.sensing.models import OdmrLines
from qleap.sensing.readers.hdf5 import StoredArray

FREQUENCY = np.linspace(2.84e9, 2.90e9, 41)
ROWS, COLUMNS = 6, 9


def picture() -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return spectra of one line whose position tells the pixel."""
    row, column = np.meshgrid(np.arange(ROWS), np.arange(COLUMNS), indexing="ij")
    line = 2.865e9 + 1e6 * row + 0.4e6 * column
    away = (FREQUENCY - line[..., None]) / 2e6
    noise = np.random.default_rng(3).normal(scale=2e-4, size=away.shape)
    return np.asarray(1.0 - 0.05 / (1.0 + away**2) + noise)


CUBE = picture()


def npz(path: Path) -> None:
    np.savez(path, frequency_GHz=FREQUENCY / 1e9, cube=CUBE)


def packed_npz(path: Path) -> None:
    np.savez_compressed(path, freq=FREQUENCY, cube=CUBE)


def fortran_npz(path: Path) -> None:
    np.savez(path, freq=FREQUENCY, cube=np.asfortranarray(CUBE))


def mat5(path: Path) -> None:
    savemat(path, {"map": {"freq_MHz": FREQUENCY / 1e6, "pl": CUBE}})


def mat73(path: Path) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:
        file["freq"] = FREQUENCY[:, None]
        file["pl"] = CUBE.transpose(2, 1, 0)  # as MATLAB lies in the file
        for name in ("freq", "pl"):
            file[name].attrs["MATLAB_class"] = np.bytes_("double")


def hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["scan/f"] = FREQUENCY / 1e6
        file["scan/f"].attrs["units"] = "MHz"
        file.create_dataset("scan/cube", data=CUBE, chunks=(2, 3, 41), compression=1)
        file["dark"] = np.zeros((2, 2, 2))


def nexus(path: Path) -> None:
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["NX_class"] = "NXdata"
        data.attrs["signal"] = "counts"
        data.attrs["axes"] = ["setting", "y", "x"]
        data["counts"] = np.moveaxis(CUBE, 2, 0)
        data["setting"] = FREQUENCY / 1e6
        data["setting"].attrs["units"] = "MHz"
        data["x"], data["y"] = np.arange(9.0), np.arange(6.0)
        file["larger"] = np.zeros((41, 20, 20))


def netcdf(path: Path) -> None:
    import xarray as xr

    data = xr.DataArray(
        np.moveaxis(CUBE, 2, 1),
        dims=("row", "mw_frequency", "column"),
        coords={"mw_frequency": ("mw_frequency", FREQUENCY, {"units": "Hz"})},
        name="signal",
    )
    data.to_netcdf(path, engine="h5netcdf")


FILES: dict[str, Callable[[Path], None]] = {
    "a.npz": npz,
    "packed.npz": packed_npz,
    "fortran.npz": fortran_npz,
    "v5.mat": mat5,
    "v73.mat": mat73,
    "a.h5": hdf5,
    "a.nxs": nexus,
    "a.nc": netcdf,
}


def whole(cube: StoredCube) -> Any:
    return np.moveaxis(np.asarray(cube.data[...]), cube.axis, 2)


@pytest.mark.parametrize("name", FILES)
def test_a_cube_of_each_kind_comes_with_its_frequency_and_axes_in_order(
    name: str, tmp_path: Path
) -> None:
    FILES[name](tmp_path / name)
    found = read_cube(tmp_path / name)
    assert_allclose(found.frequency, FREQUENCY)
    assert found.shape == (ROWS, COLUMNS)
    assert_array_equal(whole(found), CUBE)
    assert found.axis in (0, 2)
    part = found.data[1:3] if found.axis == 2 else found.data[:, 1:3]
    assert_array_equal(np.moveaxis(np.asarray(part), found.axis, 2), CUBE[1:3])


@pytest.mark.parametrize(
    "name", ["a.npz", "fortran.npz", "v73.mat", "a.h5", "a.nxs", "a.nc"]
)
def test_a_cube_stays_in_its_file_until_it_is_sliced(name: str, tmp_path: Path) -> None:
    FILES[name](tmp_path / name)
    data = read_cube(tmp_path / name).data
    assert isinstance(data, StoredArray | np.memmap)
    if isinstance(data, StoredArray):  # as another process gets it
        again = pickle.loads(pickle.dumps(data))
        assert_array_equal(again[2:4, 1, ...], data[...][2:4, 1])


def test_an_npy_file_is_mapped_and_needs_the_frequency(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", CUBE.astype(np.float32))
    found = read_cube(tmp_path / "a.npy", frequency=FREQUENCY)
    assert isinstance(found.data, np.memmap)
    assert found.axis == 2
    with pytest.raises(InvalidValue, match=r"give it: read_cube\(path, frequency"):
        read_cube(tmp_path / "a.npy")
    with pytest.raises(InvalidValue, match=r"as long as an axis of the cube, got 40"):
        read_cube(tmp_path / "a.npy", frequency=FREQUENCY[1:])


@pytest.mark.parametrize("name", ["v73.mat", "a.nxs"])
def test_a_map_is_fitted_from_the_file_as_from_memory(
    name: str, tmp_path: Path
) -> None:
    FILES[name](tmp_path / name)
    cube = read_cube(tmp_path / name)
    model = OdmrLines(n_lines=1, lines=LineModel(background="constant"))
    found = fit_map(model, cube.frequency, cube.data, axis=cube.axis)
    expected = fit_map(model, FREQUENCY, CUBE)
    assert_array_equal(found.values, expected.values)
    row, column = np.indices((ROWS, COLUMNS))
    truth = 2.865e9 + 1e6 * row + 0.4e6 * column
    assert_allclose(found.positions[..., 0], truth, atol=60e3)


def test_an_axis_of_the_same_length_is_said_and_can_be_named(tmp_path: Path) -> None:
    square = np.zeros((41, 5, 41))
    np.savez(tmp_path / "a.npz", freq=FREQUENCY, cube=square)
    found = read_cube(tmp_path / "a.npz")
    assert found.axis == 2
    assert any("axis 0 is as long" in note for note in found.notes)
    assert read_cube(tmp_path / "a.npz", axis=0).axis == 0


def test_what_is_no_cube_is_refused_with_what_there_is(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", freq=FREQUENCY, cube=CUBE + 1j)
    with pytest.raises(StorageError, match=r"a cube: .*'cube': complex numbers"):
        read_cube(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", freq=FREQUENCY, spectrum=CUBE[0, 0])
    with pytest.raises(
        StorageError, match=r"a cube: an array of three dimensions, got"
    ):
        read_cube(tmp_path / "b.npz")
    (tmp_path / "c.csv").write_text("1,2\n", encoding="utf-8")
    with pytest.raises(StorageError, match="must hold a cube"):
        read_cube(tmp_path / "c.csv")
