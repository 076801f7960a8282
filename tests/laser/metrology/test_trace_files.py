"""Measured traces: any order of columns and rows, uneven axes, backgrounds."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue, StorageError
from qleap.laser import Grid, Material, Pulse
from qleap.laser.metrology import (
    DispersionScan,
    Frog,
    InterferometricFrog,
    Miips,
    Scheme,
    TimeDomainPtychography,
    Trace,
    compare_pulses,
    read_trace,
    retrieve,
    simulate_trace,
)
from qleap.laser.metrology.retrieved import duration
from qleap.laser.pulses import Bulk

Floats = NDArray[np.float64]
Numbers = tuple[Floats, Floats, Floats]

GRID = Grid(n_points=64, window=320e-15, wavelength=800e-9)
PULSE = Pulse(
    shape="gaussian", wavelength=800e-9, fwhm=32e-15, energy=1e-9, gdd=300e-30,
    tod=2e3 * 1e-45,
)  # fmt: skip


@pytest.fixture
def measured() -> Numbers:
    """Return delays (fs), wavelengths (nm, falling) and counts per wavelength."""
    trace = simulate_trace(PULSE, grid=GRID)
    wavelength = SPEED_OF_LIGHT / trace.frequency
    counts = 1e4 * trace.intensity / wavelength**2 * (400e-9) ** 2
    return trace.values * 1e15, wavelength * 1e9, counts


def same(found: Trace) -> None:
    wanted = simulate_trace(PULSE, grid=GRID)
    assert found.intensity.shape == wanted.intensity.shape
    np.testing.assert_allclose(found.frequency, wanted.frequency, rtol=1e-6)
    np.testing.assert_allclose(found.values, wanted.values, atol=3e-17)
    np.testing.assert_allclose(found.intensity, wanted.intensity, atol=1e-4)


@pytest.mark.parametrize("turned", [False, True])
def test_a_matrix_with_its_axes_is_read_in_both_orientations(
    measured: Numbers, tmp_path: Path, turned: bool
) -> None:
    delay, wavelength, counts = measured
    whole = np.zeros((65, 65))
    whole[1:, 0], whole[0, 1:], whole[1:, 1:] = delay, wavelength, counts
    path = tmp_path / "trace.csv"
    np.savetxt(path, whole.T if turned else whole, delimiter=",")
    found = read_trace(path, wavelength=800e-9)
    same(found)
    said = " ".join(found.notes)
    assert ("rows: spectral axis" in said) == turned
    assert "taken per wavelength" in said
    assert "background" in said


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_columns_are_read_in_any_order(
    measured: Numbers, tmp_path: Path, order: tuple[int, int, int]
) -> None:
    delay, wavelength, counts = measured
    a, b = np.meshgrid(delay, wavelength, indexing="ij")
    columns = [(a, b, counts)[k].ravel() for k in order]
    path = tmp_path / "trace.txt"
    rows = np.stack(columns, axis=1)
    np.savetxt(path, np.random.default_rng(1).permutation(rows))
    found = read_trace(path, wavelength=800e-9)
    same(found)
    names = ("parameter", "spectral axis", "intensity")
    assert ", ".join(names[k] for k in order) in found.notes[0]


def test_a_point_twice_for_another_is_refused(
    measured: Numbers, tmp_path: Path
) -> None:
    delay, wavelength, counts = measured
    a, b = np.meshgrid(delay, wavelength, indexing="ij")
    rows = np.stack([a.ravel(), b.ravel(), counts.ravel()], axis=1)
    rows[2000] = rows[2001]
    path = tmp_path / "trace.txt"
    np.savetxt(path, rows)
    with pytest.raises(InvalidValue, match="4096 pairs, of which 4096 rows hold 4095"):
        read_trace(path, wavelength=800e-9)


def test_columns_that_are_both_above_zero_must_be_told_apart(
    measured: Numbers, tmp_path: Path
) -> None:
    delay, wavelength, counts = measured
    a, b = np.meshgrid(delay + 700.0, wavelength, indexing="ij")
    path = tmp_path / "trace.txt"
    np.savetxt(path, np.stack([b.ravel(), a.ravel(), counts.ravel()], axis=1))
    with pytest.raises(InvalidValue, match="columns 0 and 1 are both above zero"):
        read_trace(path, wavelength=800e-9)
    same(read_trace(path, wavelength=800e-9, rows="spectral", units=("fs", "nm")))


@pytest.mark.parametrize("turned", [False, True])
def test_a_square_matrix_is_turned_so_that_it_is_even_in_the_delay(
    tmp_path: Path, turned: bool
) -> None:
    trace = simulate_trace(PULSE, grid=GRID)
    matrix = trace.intensity.T if turned else trace.intensity
    path, axes = tmp_path / "bare.csv", tmp_path / "axes.csv"
    np.savetxt(path, matrix, delimiter=",")
    detuning = 2e-15 * np.pi * (trace.frequency - trace.carrier_frequency)
    both = np.stack([detuning, trace.values * 1e15], axis=1)
    np.savetxt(axes, both, delimiter=",")
    found = read_trace(path, axes=axes, units=("fs", "rad/fs"), wavelength=800e-9)
    same(found)
    assert "spectral axis, parameter" in found.notes[0]


def test_columns_about_zero_are_told_apart_beside_delays_alone(tmp_path: Path) -> None:
    scheme = Miips(amplitude=1.5 * np.pi, modulation=22.5e-15)
    shift = np.linspace(0.0, 2.0 * np.pi, 64)
    trace = simulate_trace(PULSE, scheme, shift, grid=GRID)
    path, axes = tmp_path / "miips.csv", tmp_path / "axes.csv"
    rows = slice((GRID.n_points - 64) // 2, (GRID.n_points + 64) // 2)
    np.savetxt(path, trace.intensity[:, rows], delimiter=",")
    detuning = 1e-12 * (trace.frequency[rows] - trace.carrier_frequency)
    np.savetxt(axes, np.stack([shift, detuning], axis=1), delimiter=",")
    options = {"scheme": scheme, "units": ("rad", "THz"), "wavelength": 800e-9}
    with pytest.raises(InvalidValue, match=r"nothing tells which is the shift"):
        read_trace(path, axes=axes, **options)  # type: ignore[arg-type]
    found = read_trace(
        path,
        axes=(shift, detuning),
        **options,  # type: ignore[arg-type]
    )
    assert_allclose(found.values, shift)
    fast = np.stack([np.linspace(-3e-14, 3e-14, 64), detuning], axis=1)
    np.savetxt(axes, fast, delimiter=",")
    units = ("s", "THz")
    found = read_trace(path, axes=axes, units=units, wavelength=800e-9, centre=False)
    assert_allclose(found.values, fast[:, 0])


def test_backgrounds_are_taken_off_and_delays_centred(
    measured: Numbers, tmp_path: Path
) -> None:
    delay, wavelength, counts = measured
    whole = np.zeros((65, 65))
    whole[1:, 0], whole[0, 1:], whole[1:, 1:] = delay + 700.0, wavelength, counts
    whole[1:, 1:] += 300.0
    path = tmp_path / "trace.csv"
    np.savetxt(path, whole, delimiter=",")
    # Delays above zero do not look like delays, so that the rows must be named.
    found = read_trace(
        path, wavelength=800e-9, rows="parameter", units=("fs", "nm"), per="frequency"
    )
    wanted = simulate_trace(PULSE, grid=GRID)
    np.testing.assert_allclose(found.values, wanted.values, atol=1e-16)
    assert found.intensity[0, 0] == pytest.approx(0.0, abs=1e-6)
    assert "7e-13" in " ".join(found.notes)


def test_measured_traces_of_a_fibre_laser_are_read_and_retrieved(
    shared_data: Path,
) -> None:
    folder = shared_data / "laser" / "shg_frog_measured"
    for name, axes, most in (
        ("compressed_pulse_900mA_trace", "axis_compressed_pulse", 0.015),
        ("non_compressed_pulse_2100mA_trace", "axis_non_compressed_pulse", 0.01),
    ):
        trace = read_trace(
            folder / f"{name}.csv", axes=folder / f"{axes}.csv",
            units=("fs", "rad/fs"), wavelength=1550e-9,
        )  # fmt: skip
        assert trace.intensity.shape == (128, 128)
        found = retrieve(trace, starts=2, steps=100, resamples=0)
        assert found.error < most
        assert 20e-15 < found.fwhm < 120e-15


def test_known_traces_of_other_programs_tell_of_one_pulse(shared_data: Path) -> None:
    folder = shared_data / "laser" / "pypret_synth"

    def read(name: str, scheme: Scheme, values: Floats) -> Trace:
        spectral = 2.0 * GRID.omega0 + np.fft.fftshift(GRID.detuning)
        return read_trace(
            folder / f"{name}-shg-trace.hdf5", scheme=scheme, axes=(values, spectral),
            units=(scheme.axis[1], "rad/s"), wavelength=800e-9, background=0.0,
            rows="parameter", centre=False,
        )  # fmt: skip

    bulk = Bulk(material=Material(name="BK7"), length=1e-3)
    scan = read(
        "dscan", DispersionScan(element=bulk, thickness=1e-3),
        np.linspace(-25e-3, 25e-3, 32),
    )  # fmt: skip
    pulse = retrieve(scan, starts=4, resamples=0, smooth=False).pulse
    for name, scheme, values in (
        ("frog", Frog(), GRID.time),
        ("ifrog", InterferometricFrog(), GRID.time),
        (
            "miips",
            Miips(amplitude=1.5 * np.pi, modulation=22.5e-15),
            np.linspace(0.0, 2.0 * np.pi, 32),
        ),
        (
            "tdp",
            TimeDomainPtychography(centre=790e-9, width=10.6e-9),
            np.linspace(GRID.time[0], GRID.time[-1], 32),
        ),
    ):
        theirs = read(name, scheme, values)
        ours = simulate_trace(pulse, scheme, values, grid=GRID)
        assert np.abs(ours.intensity - theirs.intensity).max() < 2e-3, name
        if name in ("frog", "miips"):
            found = retrieve(theirs, starts=4, resamples=0, steps=300)
            off = compare_pulses(found.pulse, pulse, either_direction=name == "frog")
            assert off.error < 2e-3, name


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    with pytest.raises(StorageError, match="cannot be read"):
        read_trace(path)
    np.savetxt(path, np.random.default_rng(0).random((20, 20)), delimiter=",")
    with pytest.raises(InvalidValue, match="give axes="):
        read_trace(path)
    with pytest.raises(InvalidValue, match=r"shape \(5, 20\)"):
        read_trace(path, axes=(np.arange(5.0), np.arange(20.0)))
    axes = (np.linspace(-1e-13, 1e-13, 20), np.linspace(-1.0, 1.0, 20))
    with pytest.raises(InvalidValue, match="give wavelength"):
        read_trace(path, axes=axes, units=("s", "rad/fs"))
    (tmp_path / "broken.h5").write_bytes(b"\x89HDF\r\n\x1a\nnothing")
    with pytest.raises(StorageError, match="as HDF5"):
        read_trace(tmp_path / "broken.h5")


def test_a_scan_over_uneven_wavelengths_is_read_and_retrieved(tmp_path: Path) -> None:
    glass = Bulk(material=Material(name="BK7"), length=1e-3)
    scheme = DispersionScan(element=glass, thickness=1e-3)
    fine = Grid(n_points=256, window=900e-15, wavelength=800e-9)
    insertion = np.linspace(-12e-3, 12e-3, 31)
    trace = simulate_trace(PULSE, scheme, insertion, grid=fine)
    wavelength = np.linspace(385e-9, 416e-9, 220)
    at = np.array([
        np.interp(SPEED_OF_LIGHT / wavelength, trace.frequency, row)
        for row in trace.intensity
    ])  # fmt: skip
    counts = at / wavelength**2
    a, b = np.meshgrid(wavelength * 1e9, insertion * 1e3, indexing="ij")
    path = tmp_path / "scan.dat"
    np.savetxt(path, np.stack([a.ravel(), b.ravel(), counts.T.ravel()], axis=1))
    found = read_trace(path, scheme=scheme, wavelength=800e-9)
    assert "insertion: in mm" in " ".join(found.notes)
    result = retrieve(found, starts=3, steps=100, resamples=0)
    wanted = duration(fine, PULSE.envelope_on(fine))
    assert result.fwhm == pytest.approx(wanted, rel=0.02)
    assert result.error < 5e-3
