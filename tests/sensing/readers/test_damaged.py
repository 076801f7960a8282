"""MATLAB files read as SciPy reads them, and files in which bytes have changed."""

import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.io
from numpy.testing import assert_allclose
from scipy.io import loadmat, savemat

from qleap.core.errors import QleapError, StorageError
from qleap.sensing import read_trace
from qleap.sensing.readers.matlab import matlab_contents

TIME = np.linspace(0.0, 3e-6, 31)
SIGNAL = np.cos(1e7 * TIME)
HELD: dict[str, Any] = {
    "tau": TIME,
    "signal": SIGNAL,
    "cube": np.arange(24, dtype=np.int16).reshape(2, 3, 4),
    "scan": {"name": "rabi", "inner": {"a": np.arange(3.0), "b": 5}, "none": []},
    "cells": np.array(["a", np.arange(3)], dtype=object),
    "words": "Zürich",
    "wave": SIGNAL + 1j,
    "runs": np.zeros((1, 3), dtype=[("tau", object)]),
}


@pytest.mark.parametrize("compressed", [False, True])
def test_arrays_structs_and_texts_are_those_of_scipy(
    compressed: bool, tmp_path: Path
) -> None:
    file = tmp_path / "a.mat"
    savemat(file, HELD, do_compression=compressed)
    found, theirs = matlab_contents(file), loadmat(file, simplify_cells=True)
    items = {item.name: item.read() for item in found.items}
    assert set(items) == {"tau", "signal", "cube", "scan.inner.a"}
    for name in ("tau", "signal", "cube"):
        assert_allclose(items[name], theirs[name], rtol=0.0)
    assert_allclose(items["scan.inner.a"], theirs["scan"]["inner"]["a"])
    assert found.header == {
        "scan.name": "rabi",
        "scan.inner.b": "5",
        "words": theirs["words"],
    }
    assert set(found.refused) == {"cells", "wave", "runs", "scan.none"}


SAMPLES = Path(scipy.io.__file__).parent / "matlab/tests/data"


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("testdouble", "testdouble"), ("testmatrix", "testmatrix"),
     ("test3dmatrix", "test3dmatrix"), ("testmulti", "theta"),
     ("teststruct_", "teststruct.doublefield"), ("testunicode", ""),
     ("teststring_", ""), ("testonechar", "")],
)  # fmt: skip
def test_files_of_matlab_4_to_7_of_both_byte_orders_are_those_of_scipy(
    pattern: str, name: str
) -> None:
    files = sorted(SAMPLES.glob(f"{pattern}*.mat"))
    if not files:
        pytest.skip("SciPy is installed without its test data")
    for file in files:
        found, theirs = matlab_contents(file), loadmat(file, simplify_cells=True)
        if not name:
            (text,) = found.header.values()
            assert text == str(theirs[pattern.rstrip("_")])
            continue
        value: Any = theirs
        for part in name.split("."):
            value = value[part]
        (own,) = (item.read() for item in found.items if item.name == name)
        assert_allclose(own, value, rtol=0.0)


def test_changed_bytes_of_a_matlab_file_end_in_an_error_or_in_a_trace(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    # SciPy's reader ends the process on some of these
    file, refused = tmp_path / "a.mat", 0
    for compressed in (False, True):
        savemat(file, HELD, do_compression=compressed)
        whole = np.frombuffer(file.read_bytes(), np.uint8)
        for _ in range(300):
            changed = whole.copy()
            at = rng.integers(changed.size, size=rng.integers(1, 5))
            changed[at] = rng.integers(256, size=at.size)
            file.write_bytes(changed.tobytes())
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    read_trace(file, kind="rabi")
                except QleapError:
                    refused += 1
    assert refused > 200


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (126, b"II", "order of its bytes is b'II'"),
        (128, b"\x05", "unknown type 5"),
        (132, b"\xff\xff\xff", "bytes, of which"),
        (144, b"\x63", "unknown class 99"),
        (160, b"\x02", "31 numbers for the shape"),
        (136, b"\x63", "numbers are of the unknown type 99"),
    ],
)
def test_what_is_wrong_in_a_matlab_file_is_said(
    at: int, value: bytes, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.mat"
    savemat(file, {"tau": TIME, "signal": SIGNAL})
    content = bytearray(file.read_bytes())
    content[at : at + len(value)] = value
    file.write_bytes(content)
    with pytest.raises(StorageError, match=message) as caught:
        read_trace(file, kind="rabi")
    assert str(file) in str(caught.value)


def test_a_damaged_block_of_an_hdf5_file_is_refused_with_its_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.h5"
    with h5py.File(file, "w") as content:
        content["tau"] = TIME
        content.create_dataset("signal", data=SIGNAL, fletcher32=True, chunks=True)
        place = content["signal"].id.get_chunk_info(0).byte_offset
    changed = bytearray(file.read_bytes())
    changed[place + 40] ^= 255
    file.write_bytes(changed)
    with pytest.raises(StorageError, match=r"a\.h5 cannot be read as a table"):
        read_trace(file, kind="rabi")
