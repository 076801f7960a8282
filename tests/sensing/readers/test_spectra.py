"""Spectra from files of all kinds, and what damaged ones get."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue, StorageError
from qleap.sensing import OdmrSpectrum, Spectrum, read_spectrum

FREQUENCY = np.linspace(2.8e9, 2.9e9, 11)
SIGNAL = np.linspace(1.0, 1.1, 11)
ERROR = np.full(11, 1e-3)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def rows(delimiter: str, scale: float = 1.0, comma: bool = False) -> str:
    lines = (
        delimiter.join(f"{v:.10g}" for v in (f * scale, s, e))
        for f, s, e in zip(FREQUENCY, SIGNAL, ERROR, strict=True)
    )
    text = "\n".join(lines) + "\n"
    return text.replace(".", ",") if comma else text


def same(found: Spectrum, *, error: bool) -> None:
    assert_allclose(found.frequency, FREQUENCY, rtol=1e-9)
    assert_allclose(found.signal, SIGNAL, rtol=1e-9)
    if error:
        assert found.error is not None
        assert_allclose(found.error, ERROR)
    else:
        assert found.error is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "Frequency (MHz),Signal,Sigma\n" + rows(",", 1e-6)),
        ("a.tsv", "f_GHz\tcounts\tstd\n" + rows("\t", 1e-9)),
        ("a.txt", "% freq [kHz] signal error\n" + rows(" ", 1e-3)),
        (
            "a.dat",
            "#Data:\n#=====\n#Controlled variable(Hz)\tSignal\tError\n" + rows("\t"),
        ),
        ("b.csv", "Frequenz (Hz);Signal;Fehler (err)\n" + rows(";", 1.0, comma=True)),
        ("d.csv", "freq,signal,error,\n" + rows(",").replace("\n", ",\n")),
        ("c.csv", '\ufeff"frequency","signal","error"\n' + rows(",")),
    ],
)
def test_text_files_are_read_with_names_and_units(
    name: str, text: str, tmp_path: Path
) -> None:
    found = read_spectrum(write(tmp_path / name, text))
    same(found, error=True)
    assert any("columns: frequency" in note for note in found.notes)


@pytest.mark.parametrize(("unit", "scale"), [("Hz", 1.0), ("MHz", 1e-6), ("GHz", 1e-9)])
def test_a_unit_without_name_is_guessed_from_its_size(
    unit: str, scale: float, tmp_path: Path
) -> None:
    found = read_spectrum(write(tmp_path / "plain.txt", rows(" ", scale)))
    same(found, error=False)
    assert f"unit of the frequency: {unit}, from its size" in found.notes
    assert any("not used: column 2" in note for note in found.notes)


def test_numpy_files_are_read(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.column_stack([FREQUENCY, SIGNAL]))
    same(read_spectrum(tmp_path / "a.npy"), error=False)
    np.savez(tmp_path / "a.npz", signal=SIGNAL, freq=FREQUENCY, err=ERROR, other=[1.0])
    same(read_spectrum(tmp_path / "a.npz"), error=True)
    named = np.zeros(11, dtype=[("pl", "f8"), ("freq", "f8")])
    named["pl"], named["freq"] = SIGNAL, FREQUENCY
    np.save(tmp_path / "b.npy", named)
    same(read_spectrum(tmp_path / "b.npy"), error=False)


def test_hdf5_files_are_read_with_their_units(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["scan/freq"] = FREQUENCY / 1e6
        file["scan/freq"].attrs["units"] = "MHz"
        file["scan/signal"] = SIGNAL
        file["scan/camera"] = np.zeros((3, 3))
    same(read_spectrum(tmp_path / "a.h5"), error=False)


def test_a_dataset_of_ours_is_read_back(tmp_path: Path) -> None:
    from qleap.core import results

    model = OdmrSpectrum(field=(0.0, 0.0, 1e-3), fwhm=1e6, contrast=0.02)
    results.save(model.to_dataset(FREQUENCY), tmp_path / "model.nc")
    found = read_spectrum(tmp_path / "model.nc")
    assert_allclose(found.signal, model.evaluate(FREQUENCY))


def test_columns_can_be_named_or_numbered(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "x,y,z\n" + rows(","))
    same(read_spectrum(file, columns=("x", "y", "z")), error=True)
    same(read_spectrum(file, columns=(0, 1)), error=False)
    with pytest.raises(InvalidValue, match="columns must be one of x, y, z, got 'w'"):
        read_spectrum(file, columns=("w", "y"))
    with pytest.raises(InvalidValue, match="columns must be between 0 and 2, got 3"):
        read_spectrum(file, columns=(0, 3))
    with pytest.raises(InvalidValue, match="columns must name frequency, signal"):
        read_spectrum(file, columns=(0,))


def test_a_downward_sweep_is_turned_round(tmp_path: Path) -> None:
    text = "\n".join(reversed(rows(",").splitlines()))
    found = read_spectrum(write(tmp_path / "down.csv", text))
    same(found, error=False)
    assert any("downwards" in note for note in found.notes)


def test_unsorted_rows_are_refused_with_line_and_way_out(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "freq,signal\n2.8e9,1\n2.9e9,1\n2.85e9,2\n")
    with pytest.raises(InvalidValue, match=r"line 4: frequency must increase.*--sort"):
        read_spectrum(file)
    found = read_spectrum(file, sort=True)
    assert_allclose(found.frequency, [2.8e9, 2.85e9, 2.9e9])
    assert_allclose(found.signal, [1.0, 2.0, 1.0])


@pytest.mark.parametrize("bad", ["nan", "", "inf"])
def test_a_missing_value_is_refused_with_its_line(bad: str, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", f"freq,signal\n2.8e9,1\n2.9e9,{bad}\n3.0e9,1\n")
    with pytest.raises(
        InvalidValue, match=r"line 3: 'signal' must be finite.*1 of 3 rows"
    ):
        read_spectrum(file)


def test_a_ragged_row_is_refused_with_its_line(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "freq,signal\n2.8e9,1\n2.9e9\n")
    with pytest.raises(StorageError, match="line 3: a row must have 2 columns"):
        read_spectrum(file)


def test_words_among_numbers_are_refused_with_their_line(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "freq,signal\n2.8e9,1\nlost,lost\n")
    with pytest.raises(
        StorageError, match="line 3: a row must hold numbers, got 'lost"
    ):
        read_spectrum(file)


def test_a_single_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidValue, match="must have columns for frequency and signal"
    ):
        read_spectrum(write(tmp_path / "a.txt", "1.0\n2.0\n"))


def test_a_file_without_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="must hold rows of numbers, but has none"):
        read_spectrum(write(tmp_path / "a.txt", "# nothing\n"))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is none of this name"):
        read_spectrum(tmp_path / "none.csv")


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.h5", "a.csv"])
def test_a_damaged_file_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\x93NUMPY\x01\x00\xff\xfe\x00damaged")
    with pytest.raises(StorageError, match=r"cannot be read as a table"):
        read_spectrum(tmp_path / name)


def test_frequencies_far_from_microwaves_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "freq (Hz),signal\n2.8,1\n2.9,1\n")
    with pytest.raises(InvalidValue, match="must be a microwave frequency"):
        read_spectrum(file)
    with pytest.raises(InvalidValue, match="unit must be one of Hz, kHz, MHz, GHz"):
        read_spectrum(file, unit="ghz")
    assert_allclose(read_spectrum(file, unit="GHz").frequency, [2.8e9, 2.9e9])
