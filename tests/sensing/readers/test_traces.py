"""Traces from files of every kind, and what damaged ones get."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.io import netcdf_file, savemat

from qleap.core.errors import InvalidValue, StorageError
from qleap.sensing import Trace, read_spectrum, read_trace

TIME = np.linspace(0.0, 2e-6, 21)
SIGNAL = 1.0 - 0.1 * np.sin(np.pi * 1.3e6 * TIME) ** 2
ERROR = np.full(21, 1e-3)


def same(found: Trace, *, error: bool = True) -> None:
    assert_allclose(found.x, TIME, rtol=1e-6, atol=1e-15)
    assert_allclose(found.y, SIGNAL, rtol=1e-6)
    assert (found.error is not None) == error
    if found.error is not None:
        assert_allclose(found.error, ERROR, rtol=1e-6)


def as_v73(path: Path, values: dict[str, Any]) -> Path:
    """Write what MATLAB writes with ``-v7.3``: HDF5 behind 512 bytes, axes reversed."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in values.items():
            array = np.atleast_2d(np.asarray(value, dtype=np.float64))
            file[name] = array.T if array.ndim > 1 else array
            file[name].attrs["MATLAB_class"] = np.bytes_("double")
    with path.open("r+b") as stream:
        head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124)
        stream.write(head + struct.pack("<HH", 0x0200, 0x4D49))
    return path


def text(path: Path) -> Path:
    rows = "\n".join(
        f"{1e9 * t:.9g},{s:.9g},{e:.9g}"
        for t, s, e in zip(TIME, SIGNAL, ERROR, strict=True)
    )
    content = f"# power = -10\ntau (ns),signal,sigma\n{rows}\n"
    path.write_bytes(content.encode("utf-8"))
    return path


def npz(path: Path) -> Path:
    np.savez(path, tau_us=1e6 * TIME, signal=SIGNAL, sigma=ERROR, power=-10)
    return path


def mat5(path: Path) -> Path:
    savemat(
        path,
        {
            "scan": {"tau_us": 1e6 * TIME, "signal": SIGNAL, "err": ERROR},
            "power": -10.0,
            "names": np.array(["a", "bc"], dtype=object),
        },
    )
    return path


def mat73(path: Path) -> Path:
    return as_v73(
        path, {"tau_us": 1e6 * TIME, "signal": SIGNAL, "err": ERROR, "power": -10}
    )


def hdf5(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["raw/tau"] = 1e6 * TIME
        file["raw/tau"].attrs["units"] = "µs"
        file["raw/signal"] = SIGNAL
        file["raw/error"] = ERROR
        file["camera"] = np.zeros(500)
        file["dark"] = np.zeros(500)
        file.attrs["power"] = -10
    return path


def netcdf(path: Path) -> Path:
    import xarray as xr

    data = xr.Dataset(
        {"signal": ("tau", SIGNAL), "signal_error": ("tau", ERROR)},
        coords={"tau": ("tau", 1e6 * TIME, {"units": "us"})},
        attrs={"power": -10},
    )
    data.to_netcdf(path, engine="h5netcdf")
    return path


def netcdf3(path: Path) -> Path:
    with netcdf_file(path, "w") as file:
        file.createDimension("tau", TIME.size)
        for name, values in (("tau", 1e6 * TIME), ("pl", SIGNAL), ("pl_err", ERROR)):
            variable = file.createVariable(name, "d", ("tau",))
            variable[:] = values
            variable.units = "us" if name == "tau" else "1"
        file.power = -10
    return path


def nexus(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        file.attrs["power"] = -10
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        entry.attrs["default"] = "data"
        entry["detector/rate"] = SIGNAL
        entry["detector/time_stamp"] = np.arange(21.0)
        data = entry.create_group("data")
        data.attrs["NX_class"] = "NXdata"
        data.attrs["signal"] = "quantity"
        data.attrs["axes"] = np.array(["setting"], dtype=h5py.string_dtype())
        data["quantity"] = h5py.SoftLink("/entry/detector/rate")
        data["setting"] = 1e9 * TIME
        data["setting"].attrs["units"] = "ns"
        data["quantity_errors"] = ERROR
        data["signal"] = data["tau"] = np.arange(21.0)[::-1]  # not what counts
    return path


def old_nexus(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        data = file.create_group("entry/data")
        data.attrs["NX_class"] = b"NXdata"
        data["a"] = np.arange(21.0)
        data["b"] = SIGNAL
        data["b"].attrs["signal"] = 1
        data["c"] = 1e9 * TIME
        data["c"].attrs["units"] = b"ns"
        data["c"].attrs["axis"] = 1
        data["errors"] = ERROR
        file.attrs["power"] = b"-10"
    return path


FILES: dict[str, Callable[[Path], Path]] = {
    "a.csv": text,
    "a.npz": npz,
    "v5.mat": mat5,
    "v73.mat": mat73,
    "a.h5": hdf5,
    "a.nc": netcdf,
    "classic.nc": netcdf3,
    "a.nxs": nexus,
    "old.nxs": old_nexus,
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_each_kind_is_read_with_units_errors_and_metadata(
    name: str, tmp_path: Path
) -> None:
    found = read_trace(FILES[name](tmp_path / name), kind="rabi")
    same(found)
    assert found.metadata["power"] == -10
    assert found.x_unit == "s"
    assert found.label == name
    assert any(
        note.startswith("columns: length of the drive =") for note in found.notes
    )
    assert any(
        note.startswith("unit of the length of the drive:") for note in found.notes
    )


@pytest.mark.parametrize("name", ["a.npz", "v5.mat", "v73.mat", "a.h5", "a.nxs"])
def test_what_a_file_is_called_does_not_matter(name: str, tmp_path: Path) -> None:
    wrong = FILES[name](tmp_path / name).rename(tmp_path / "other.dat")
    same(read_trace(wrong, kind="rabi"))


@pytest.mark.parametrize(
    ("kind", "factor", "unit"),
    [
        ("rabi", 1e9, "ns"),
        ("rabi", 1e6, "us"),
        ("rabi", 1.0, "s"),
        ("ramsey", 1e9, "ns"),
        ("t1", 1e3, "ms"),
        ("g2", 1e9, "ns"),
    ],
)
def test_a_time_without_unit_is_guessed_from_its_size(
    kind: str, factor: float, unit: str, tmp_path: Path
) -> None:
    stretch = 2000.0 if kind == "t1" else 1.0
    table = np.column_stack([TIME * stretch * factor, SIGNAL])
    np.savetxt(tmp_path / "a.txt", table)
    found = read_trace(tmp_path / "a.txt", kind=kind)
    assert_allclose(found.x, TIME * stretch, rtol=1e-9, atol=1e-18)
    assert any(f": {unit}, from its size" in note for note in found.notes)


def test_without_a_kind_the_written_unit_says_what_x_is(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = "\n".join(f"{k},{k}" for k in range(1, 4))
    for name, unit, scale in (
        ("power (mW)", "W", 1e-3),
        ("f (GHz)", "Hz", 1e9),
        ("tau (µs)", "s", 1e-6),
        ("angle (deg)", "deg", 1.0),
        ("angle", "1", 1.0),
    ):
        file.write_text(f"{name},counts\n{rows}\n", encoding="utf-8")
        found = read_trace(file)
        assert found.x_unit == unit
        assert_allclose(found.x, np.array([1.0, 2.0, 3.0]) * scale)


def test_a_column_that_counts_the_rows_is_not_taken_for_the_sweep(
    tmp_path: Path,
) -> None:
    table = np.column_stack([np.arange(21.0), 1e9 * TIME, SIGNAL])
    np.savetxt(tmp_path / "a.txt", table)
    found = read_trace(tmp_path / "a.txt", kind="rabi", columns=None)
    assert_allclose(found.x, TIME, atol=1e-15)


def test_columns_are_found_by_their_name_without_unit_and_group(tmp_path: Path) -> None:
    file = hdf5(tmp_path / "a.h5")
    same(read_trace(file, kind="rabi", columns=("tau", "signal", "error")))
    same(read_trace(file, kind="rabi", columns=("raw/tau", "raw/signal")), error=False)
    with pytest.raises(InvalidValue, match="columns must be one of"):
        read_trace(file, kind="rabi", columns=("tua", "signal"))


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_encodings_and_ends_of_lines_of_other_systems_are_read(
    encoding: str, end: str, tmp_path: Path
) -> None:
    rows = [f"{1e6 * t:.9g}\t{s:.9g}" for t, s in zip(TIME, SIGNAL, strict=True)]
    content = end.join(["tau (µs)\tsignal", *rows, ""])
    (tmp_path / "a.txt").write_bytes(content.encode(encoding))
    found = read_trace(tmp_path / "a.txt", kind="rabi")
    same(found, error=False)
    assert "us, from its name" in found.notes[1]


def test_packed_and_missing_values_of_netcdf_are_unpacked(tmp_path: Path) -> None:
    import xarray as xr

    stored = {
        "dtype": "int16",
        "scale_factor": 1e-3,
        "add_offset": 1.0,
        "_FillValue": -9,
    }
    data = xr.Dataset(
        {"signal": ("time", SIGNAL.copy())},
        coords={"time": ("time", TIME, {"units": "s"})},
    )
    data.to_netcdf(tmp_path / "a.nc", engine="h5netcdf", encoding={"signal": stored})
    found = read_trace(tmp_path / "a.nc", kind="rabi")
    assert_allclose(found.y, SIGNAL, atol=6e-4)
    data["signal"][3] = np.nan
    data.to_netcdf(tmp_path / "b.nc", engine="h5netcdf", encoding={"signal": stored})
    with pytest.raises(InvalidValue, match=r"row 3: 'signal' must be finite"):
        read_trace(tmp_path / "b.nc", kind="rabi")


def write_complex_npz(path: Path) -> None:
    np.savez(path, tau=TIME, signal=SIGNAL + 1j)


def write_objects(path: Path) -> None:
    np.savez(path, tau=TIME, signal=np.array([{}] * 21, dtype=object))


def write_pickled_npy(path: Path) -> None:
    np.save(path, np.array([{}] * 21, dtype=object))


def write_cells(path: Path) -> None:
    savemat(path, {"tau": TIME, "signal": np.array([SIGNAL, "x"], dtype=object)})


def write_struct_array(path: Path) -> None:
    one = np.zeros((1, 3), dtype=[("tau", object), ("signal", object)])
    savemat(path, {"runs": one})


def write_complex_mat(path: Path) -> None:
    savemat(path, {"tau": TIME, "signal": SIGNAL + 1j})


def write_cells_v73(path: Path) -> None:
    as_v73(path, {"tau": TIME})
    with h5py.File(path, "r+") as file:
        file["#refs#/a"] = SIGNAL
        cells = np.array([[file["#refs#/a"].ref]], dtype=h5py.ref_dtype)
        file["signal"] = cells
        file["signal"].attrs["MATLAB_class"] = np.bytes_("cell")


def write_complex_v73(path: Path) -> None:
    as_v73(path, {"tau": TIME})
    pairs = np.zeros((21, 1), dtype=[("real", "f8"), ("imag", "f8")])
    with h5py.File(path, "r+") as file:
        file["signal"] = pairs
        file["signal"].attrs["MATLAB_class"] = np.bytes_("double")


def write_words(path: Path) -> None:
    path.write_text("a letter to the editor\nwithout any numbers\n", encoding="utf-8")


def write_complex_text(path: Path) -> None:
    path.write_text("tau,signal\n1,1+2j\n2,1-1j\n", encoding="utf-8")


def write_one_array(path: Path) -> None:
    np.savez(path, signal=SIGNAL)


def write_empty_arrays(path: Path) -> None:
    np.savez(path, tau=np.zeros(0), signal=np.zeros(0))


def write_workbook(path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")


def write_nothing(path: Path) -> None:
    path.write_bytes(b"")


def write_binary(path: Path) -> None:
    path.write_bytes(b"LVDATA\0\0\1\2" * 50)


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("a.npz", write_complex_npz, r"'signal': complex numbers; save the real part"),
        ("a.npz", write_objects, "pickled Python objects, which can run code"),
        ("a.npy", write_pickled_npy, "pickled Python objects, which can run code"),
        ("a.mat", write_cells, r"'signal': a cell array; save cell2mat"),
        ("a.mat", write_struct_array, r"'runs': an array of structs"),
        ("a.mat", write_complex_mat, r"'signal': complex numbers"),
        ("a.mat", write_cells_v73, r"'signal': a cell array; save cell2mat"),
        ("a.mat", write_complex_v73, r"'signal': complex numbers"),
        ("a.txt", write_words, "rows of numbers, but has none; its last line is 'with"),
        ("a.csv", write_complex_text, r"but has none; its last line is '2,1-1j'"),
        ("a.npz", write_one_array, r"arrays of equal length.*got 'signal' \(21,\)"),
        ("a.npz", write_empty_arrays, r"'tau': empty, shape \(0,\)"),
        ("a.xlsx", write_workbook, "it is a workbook; save the sheet as CSV"),
        ("a.h5", write_nothing, r"it is empty \(0 bytes\)"),
        ("a.tdms", write_binary, "it is binary and of no known kind"),
    ],
)
def test_a_bad_file_is_refused_with_what_it_holds(
    name: str, make: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    make(tmp_path / name)
    with pytest.raises(StorageError, match=message):
        read_trace(tmp_path / name, kind="rabi")


@pytest.mark.parametrize(
    "name", ["a.npz", "v5.mat", "v73.mat", "a.h5", "a.nxs", "classic.nc"]
)
@pytest.mark.parametrize("share", [0.02, 0.4, 0.8])
def test_a_truncated_file_is_refused_and_never_read_as_less(
    name: str, share: float, tmp_path: Path
) -> None:
    file = FILES[name](tmp_path / name)
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(StorageError):
        read_trace(file, kind="rabi")


def test_a_time_is_refused_as_spectrum_and_a_frequency_as_rabi_trace(
    tmp_path: Path,
) -> None:
    file = text(tmp_path / "a.csv")
    with pytest.raises(InvalidValue, match=r"must be a frequency in .* unit 'ns'"):
        read_spectrum(file)
    (tmp_path / "b.csv").write_text(
        "f (MHz),signal\n2870,1\n2871,2\n", encoding="utf-8"
    )
    with pytest.raises(InvalidValue, match="must be a length of the drive in s, ms"):
        read_trace(tmp_path / "b.csv", kind="rabi")
    with pytest.raises(InvalidValue, match="kind must be one of odmr, rabi"):
        read_trace(file, kind="raby")
