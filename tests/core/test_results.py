"""Datasets: units and provenance in, whole files out, clear words on bad ones."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_array_equal

from qleap.core import results
from qleap.core.errors import InvalidValue, StorageError


@pytest.fixture
def spectrum() -> xr.Dataset:
    return results.dataset(
        kind="odmr",
        coords={"frequency": ([1.0, 2.0, 3.0], "Hz")},
        variables={
            "signal": (("frequency",), np.array([1.0, 0.9, 1.0]), "1"),
            "amplitude": (("frequency",), np.array([1 + 2j, 3j, -1.0]), "V"),
        },
        parameters={"contrast": np.float64(0.1), "axes": np.arange(2)},
        seed=7,
    )


@contextmanager
def file_size_limit(n_bytes: int) -> Iterator[None]:
    """Let every write beyond ``n_bytes`` fail, as on a full disk."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_saved_dataset_comes_back_whole(spectrum: xr.Dataset, tmp_path: Path) -> None:
    found = results.load(results.save(spectrum, tmp_path / "a.nc"), kind="odmr")
    xr.testing.assert_identical(found, spectrum)
    assert results.parameters(found) == {"contrast": 0.1, "axes": [0, 1]}


def test_complex_numbers_come_back_to_the_bit(tmp_path: Path) -> None:
    zeros = [complex(-0.0, 1.0), complex(-0.0, -0.0), complex(1.0, -0.0)]
    values = np.array([*zeros, complex(1.0, np.inf), complex(np.nan, 2.0)])
    for given in (values, values.astype(np.complex64), values[:1].reshape(())):
        dims = ("x",) * given.ndim
        data = results.dataset(
            kind="numbers", coords={}, variables={"z": (dims, given, "1")},
            parameters={},
        )  # fmt: skip
        found = results.load(results.save(data, tmp_path / "a.nc"))["z"]
        assert found.dtype == given.dtype
        assert found.attrs == {"units": "1"}
        assert found.values.tobytes() == given.tobytes()


def test_the_file_opens_without_us(spectrum: xr.Dataset, tmp_path: Path) -> None:
    import h5py

    results.save(spectrum, tmp_path / "a.nc")
    with h5py.File(tmp_path / "a.nc") as file:
        assert_array_equal(file["amplitude__imag"][()], [2.0, 3.0, 0.0])
        assert file["signal"].attrs["units"] in ("1", b"1")


def test_provenance_names_versions_machine_and_time(spectrum: xr.Dataset) -> None:
    text = spectrum.attrs["provenance"]
    for word in ("created_utc", "numpy", "qleap", "machine"):
        assert word in text


def test_an_array_without_a_unit_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"lacks \['y'\]; use '1'"):
        results.dataset(
            kind="k", coords={"x": ([1.0], "m")}, variables={"y": (("x",), [1.0], "")}
        )


def test_a_parameter_that_is_no_plain_value_is_refused() -> None:
    with pytest.raises(InvalidValue, match="parameters must hold plain values"):
        results.dataset(kind="k", coords={}, variables={}, parameters={"f": object()})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none\.nc is not a file"):
        results.load(tmp_path / "none.nc")


def test_a_damaged_file_is_refused_in_a_sentence(
    spectrum: xr.Dataset, tmp_path: Path
) -> None:
    path = results.save(spectrum, tmp_path / "a.nc")
    whole = path.read_bytes()
    for content in (b"", b"not a dataset", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(StorageError, match="is damaged or not a NetCDF4/HDF5"):
            results.load(path)


def test_a_foreign_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    xr.Dataset({"a": 1}).to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    with pytest.raises(StorageError, match="is not a qleap dataset"):
        results.load(tmp_path / "a.nc")


def test_another_kind_is_refused(spectrum: xr.Dataset, tmp_path: Path) -> None:
    results.save(spectrum, tmp_path / "a.nc")
    with pytest.raises(InvalidValue, match="of the kind 'gnlse', got 'odmr'"):
        results.load(tmp_path / "a.nc", kind="gnlse")


def test_a_full_disk_leaves_the_old_file_as_it_was(
    spectrum: xr.Dataset, tmp_path: Path
) -> None:
    path = results.save(spectrum, tmp_path / "a.nc")
    before = path.read_bytes()
    large = results.dataset(
        kind="odmr",
        coords={"x": (np.zeros(100_000), "m")},
        variables={"y": (("x",), np.random.default_rng(1).random(100_000), "1")},
    )
    with (
        file_size_limit(50_000),
        pytest.raises(StorageError, match="could not be written"),
    ):
        results.save(large, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(spectrum: xr.Dataset, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"):
        results.save(spectrum, tmp_path / "none" / "a.nc")
