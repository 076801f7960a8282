"""Qudi's text files: header, measured trace, and results written back."""

import errno
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue, StorageError
from qleap.sensing import (
    FitResult,
    fit_odmr,
    fit_traces,
    read_spectrum,
    read_trace,
    write_qudi,
)
from qleap.sensing.models import Rabi

TIME = np.linspace(1e-8, 1.2e-6, 25)
SIGNAL = 1.1 - 0.05 * np.sin(np.pi * 1.3e6 * TIME) ** 2
OLD = (
    "#Saved Data from the class pulsed_measurement_logic on 16.03.2022 at 14h34m53s.\n"
    "#\n#Parameters:\n#===========\n#\n#Measurement sweeps: -1\n"
    "#analysis parameters: {'signal_start': 1.4e-07, 'method': 'mean_norm'}\n"
    "#alternating: False\n#\n#Data:\n#=====\n#Controlled variable(s)\tSignal\n"
)
CORE = (
    "# [General]\n# timestamp=2023-01-02T03:04:05\n# comments='# '\n# delimiter='\\t'\n"
    "# column_headers='Controlled variable(s);;Signal'\n# \n# [Metadata]\n"
    "# Measurement sweeps=-1\n# alternating=False\n"
    "# analysis parameters={'signal_start': 1.4e-07, 'method': 'mean_norm'}\n# \n"
    "# ---- END HEADER ----\n"
)


def write(path: Path, header: str, end: str = "\n") -> Path:
    rows = [f"{t:.15e}\t{s:.15e}" for t, s in zip(TIME, SIGNAL, strict=True)]
    content = header + "\n".join(rows) + "\n"
    path.write_bytes(content.replace("\n", end).encode("utf-8"))
    return path


def fitted(path: Path) -> FitResult:
    return fit_traces([read_trace(path, kind="rabi")], [Rabi()])


@pytest.mark.parametrize("header", [OLD, CORE], ids=["old", "core"])
def test_settings_in_the_header_are_values(header: str, tmp_path: Path) -> None:
    found = read_trace(write(tmp_path / "a.dat", header), kind="rabi")
    assert_allclose(found.x, TIME)
    assert_allclose(found.y, SIGNAL)
    assert found.metadata["Measurement sweeps"] == -1
    assert found.metadata["alternating"] is False
    assert found.metadata["analysis parameters"]["signal_start"] == 1.4e-07
    assert "'Controlled variable(s)'" in found.notes[0]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("header", [OLD, CORE], ids=["old", "core"])
def test_results_are_added_and_every_other_byte_stays(
    header: str, end: str, tmp_path: Path
) -> None:
    source = write(tmp_path / "a.dat", header, end)
    before = read_trace(source, kind="rabi")
    fit = fitted(source)
    copy = write_qudi(tmp_path / "b.dat", source, fit)
    old, new = source.read_bytes().split(b"\n"), copy.read_bytes().split(b"\n")
    begin = next(k for k, line in enumerate(new) if line != old[k])
    assert new[:begin] + new[begin + len(new) - len(old) :] == old
    after = read_trace(copy, kind="rabi")
    assert np.array_equal(after.x, before.x)
    assert np.array_equal(after.y, before.y)
    assert before.metadata.items() <= after.metadata.items()
    found = after.metadata["fit rabi_frequency"]
    assert found["value"] == fit["rabi_frequency"].value
    assert found["standard_error"] == fit["rabi_frequency"].standard_error
    assert after.metadata["fit converged"] is True


@pytest.mark.parametrize("header", [OLD, CORE], ids=["old", "core"])
def test_results_of_an_earlier_fit_are_replaced_in_place(
    header: str, tmp_path: Path
) -> None:
    source = write(tmp_path / "a.dat", header)
    fit = fitted(source)
    once = write_qudi(tmp_path / "b.dat", source, fit).read_bytes()
    write_qudi(source, source, fit)
    write_qudi(source, source, fit)
    assert source.read_bytes() == once


def test_the_header_of_qudi_core_stays_one_for_its_own_parser(tmp_path: Path) -> None:
    from configparser import ConfigParser

    source = write(tmp_path / "a.dat", CORE)
    copy = write_qudi(tmp_path / "b.dat", source, fitted(source))
    head = copy.read_text(encoding="utf-8").split("# ---- END HEADER ----\n")[0]
    parser = ConfigParser(comment_prefixes=(), delimiters=("=",))
    parser.read_string("\n".join(line[2:] for line in head.splitlines()))
    assert parser.get("Metadata", "alternating", raw=True) == "False"
    assert "'unit': 'Hz'" in parser.get("Fit results", "fit rabi_frequency", raw=True)


def test_other_files_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "a.dat", OLD)
    fit = fitted(source)
    plain = write(tmp_path / "b.dat", "tau (s)\tsignal\n")
    with pytest.raises(
        InvalidValue, match="must be a text file of qudi's, with '#Data:'"
    ):
        write_qudi(tmp_path / "c.dat", plain, fit)
    np.save(tmp_path / "d.npy", np.zeros((3, 2)))
    with pytest.raises(InvalidValue, match="of qudi's, but it is binary"):
        write_qudi(tmp_path / "c.dat", tmp_path / "d.npy", fit)
    assert not (tmp_path / "c.dat").exists()


def test_a_measured_rabi_oscillation_has_its_known_period(
    shared_data: Path, tmp_path: Path
) -> None:
    (file,) = (shared_data / "nv/qudi_hira").glob("*rabi*.dat")
    trace = read_trace(file, kind="rabi")
    assert trace.x.size == trace.metadata["Number of laser pulses"] == 25
    assert trace.metadata["fast counter settings"]["bin_width"] == 1e-9
    assert trace.metadata["Approx. measurement time (s)"] == 4589.3059229850769
    fit = fit_traces([trace], [Rabi(delayed=True)])
    rate = fit["rabi_frequency"]
    # 730.3(28) ns: an independent fit, from the README beside the data
    assert abs(1e9 / rate.value - 730.3) < 0.3
    assert abs(1e9 * rate.standard_error / rate.value**2 - 2.8) < 0.1
    copy = write_qudi(tmp_path / "a.dat", file, fit)
    again = read_trace(copy, kind="rabi")
    assert trace.metadata.items() <= again.metadata.items()
    assert np.array_equal(again.y, trace.y)


def test_results_of_a_measured_spectrum_are_written_back(
    shared_data: Path, tmp_path: Path
) -> None:
    (file,) = (shared_data / "nv/qudi_hira").glob("*ODMR*.dat")
    fit = fit_odmr(read_spectrum(file), n_lines=2)
    copy = write_qudi(tmp_path / "a.dat", file, fit)
    found = read_trace(copy, kind="odmr").metadata["fit lines_Hz"]
    assert_allclose([one["value"] for one in found], fit.lines.positions)


@pytest.mark.parametrize("header", [OLD, CORE], ids=["old", "core"])
def test_numpy_reads_the_columns_as_before(header: str, tmp_path: Path) -> None:
    source = write(tmp_path / "a.dat", header)
    copy = write_qudi(tmp_path / "b.dat", source, fitted(source))
    found = np.loadtxt(copy)
    assert np.array_equal(found, np.loadtxt(source))
    assert_allclose(found, np.column_stack([TIME, SIGNAL]), rtol=1e-15)
    assert copy.read_bytes().count(b"fit rabi_frequency") == 1


@pytest.mark.parametrize("failing", ["write", "flush", "rename", "results"])
def test_a_file_is_whole_whatever_fails(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "a.dat", OLD)
    fit, before = fitted(source), source.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if failing == "results":
        monkeypatch.setattr(type(fit), "to_dict", full)
    elif failing == "write":
        monkeypatch.setattr(Path, "write_bytes", half_written)
    elif failing == "flush":
        monkeypatch.setattr("os.fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    expected = OSError if failing == "results" else StorageError
    with pytest.raises(expected, match="No space left"):
        write_qudi(source, source, fit)
    assert source.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["a.dat"]


def half_written(path: Path, content: bytes) -> int:
    with path.open("wb") as file:
        file.write(content[: len(content) // 2])
    raise OSError(errno.ENOSPC, "No space left on device")
