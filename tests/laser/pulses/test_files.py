"""Files of spectra, retrieved pulses and mirrors: what is read, guessed and refused."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core.errors import InvalidValue, StorageError
from qleap.laser import Grid, Pulse
from qleap.laser.pulses import (
    ChirpedMirror,
    delay_and_derivatives,
    read_frog,
    read_mirror,
    read_spectrum,
    through,
)

C = 299_792_458.0
PULSE = Pulse(
    shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-6, gdd=250e-30
)
GRID = Grid(n_points=1024, window=1.6e-12, wavelength=800e-9)


def _write(path: Path, columns: list[np.ndarray], head: str, mark: str = "\t") -> Path:
    rows = [mark.join(f"{v:.10g}" for v in row) for row in zip(*columns, strict=True)]
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def _lit() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return frequency (Hz), density per frequency, and phase of the pulse."""
    order = np.argsort(GRID.omega)
    spectrum = PULSE.spectrum_on(GRID)[order]
    density = np.abs(spectrum) ** 2 / np.max(np.abs(spectrum)) ** 2
    lit = density > 1e-9
    frequency = GRID.omega[order] / (2.0 * np.pi)
    return frequency[lit], density[lit], np.angle(spectrum[lit])


def _off(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.max(np.abs(found - wanted)) / np.max(np.abs(wanted)))


@pytest.mark.parametrize(
    ("head", "axis"),
    [
        ("Wavelength (nm)\tIntensity\tPhase (rad)\n", lambda f: C / f * 1e9),
        ("wl_um\tspectrum\tphase\n", lambda f: C / f * 1e6),
        ("", lambda f: C / f * 1e9),
        ("f (THz)\tS\tphi\n", lambda f: f * 1e-12),
        ("frequency_PHz\tS\tphase\n", lambda f: f * 1e-15),
        ("omega [rad/fs]\tS\tphase\n", lambda f: 2e-15 * np.pi * f),
        ("energy (eV)\tS\tphase\n", lambda f: 6.62607015e-34 * f / 1.602176634e-19),
        ("wave number (1/cm)\tS\tphase\n", lambda f: f / C / 100.0),
    ],
)
def test_a_spectrum_is_read_whatever_its_axis(
    tmp_path: Path, head: str, axis: object
) -> None:
    assert callable(axis)
    frequency, density, phase = _lit()
    x = axis(frequency)
    if x[0] > x[-1]:  # a density per wavelength
        density = density * frequency**2
    file = _write(tmp_path / "s.txt", [x, density, phase], head)
    found = read_spectrum(file)
    assert_allclose(found.frequency, frequency, rtol=1e-8)
    made = found.pulse(1e-6, wavelength=800e-9, centred=False)
    assert _off(made.envelope_on(GRID), PULSE.envelope_on(GRID)) < 2e-3
    assert any("axis:" in note for note in made.notes)
    assert any("taken per" in note for note in made.notes)


def test_the_density_per_wavelength_is_turned_into_one_per_frequency(
    tmp_path: Path,
) -> None:
    wavelength = np.linspace(600.0, 1200.0, 61)
    file = _write(tmp_path / "flat.csv", [wavelength, np.ones(61)], "wl (nm),S\n", ",")
    found = read_spectrum(file)
    assert_allclose(found.density, (found.frequency[0] / found.frequency) ** 2)
    plain = read_spectrum(file, per="frequency")
    assert_allclose(plain.density, 1.0)


def test_decibels_are_seen_and_said(tmp_path: Path) -> None:
    frequency, density, _ = _lit()
    level = 10.0 * np.log10(density) - 12.0
    for head in ("THz\tlevel (dBm)\n", ""):
        file = _write(tmp_path / "osa.txt", [frequency * 1e-12, level], head)
        found = read_spectrum(file, unit="THz", per="frequency")
        assert_allclose(found.density, density, rtol=1e-6)
        assert any("in dB" in note for note in found.notes)


def test_a_phase_of_another_file_is_interpolated(tmp_path: Path) -> None:
    frequency, density, phase = _lit()
    file = _write(tmp_path / "s.txt", [frequency * 1e-12, density], "f (THz)\tS\n")
    wrapped = np.angle(np.exp(-1j * phase))[::-2]
    wl = C / frequency[::-2] * 1e9
    other = _write(tmp_path / "p.txt", [wl, wrapped], "wl (nm)\tphase (rad)\n")
    found = read_spectrum(file, phase_file=other, phase_sign=-1)
    made = found.pulse(1e-6, wavelength=800e-9)
    assert made.peak_power == pytest.approx(_peak(), rel=2e-2, abs=0.0)
    assert any("held constant" in note for note in found.notes)


def _peak() -> float:
    return float(np.max(np.abs(PULSE.envelope_on(GRID)) ** 2))


def test_a_background_is_taken_off(tmp_path: Path) -> None:
    frequency, density, _ = _lit()
    file = _write(
        tmp_path / "s.txt", [frequency * 1e-12, density + 0.1], "f (THz)\tS\n"
    )
    found = read_spectrum(file, background=0.1 / 1.1)
    assert_allclose(found.density, density, atol=1e-8)


def test_a_retrieved_pulse_over_time_is_the_pulse(tmp_path: Path) -> None:
    envelope = PULSE.envelope_on(GRID)
    parts = [
        GRID.time * 1e15,
        np.abs(envelope) ** 2 / np.max(np.abs(envelope) ** 2),
        np.unwrap(np.angle(envelope)),
        envelope.real / np.abs(envelope).max(),
        envelope.imag / np.abs(envelope).max(),
    ]
    file = _write(tmp_path / "Ek.dat", parts, "")
    made = read_frog(file, 1e-6, wavelength=800e-9)
    assert _off(made.envelope_on(GRID), envelope) < 1e-6
    assert any("square of the field" in note for note in made.notes)
    turned = read_frog(file, 1e-6, wavelength=800e-9, phase_sign=-1, reverse_time=True)
    wanted = np.roll(envelope[::-1], 1)  # the conjugate, twice
    assert _off(turned.envelope_on(GRID), wanted) < 1e-6


def test_a_retrieved_spectrum_is_per_frequency_over_its_wavelength(
    tmp_path: Path,
) -> None:
    frequency, density, phase = _lit()
    file = _write(
        tmp_path / "Speck.dat", [C / frequency * 1e9, density, phase], "", "  "
    )
    made = read_frog(file, 1e-6, wavelength=800e-9)
    assert _off(made.envelope_on(GRID), PULSE.envelope_on(GRID)) < 2e-3


def test_a_mirror_is_read_with_its_reflectivity(tmp_path: Path) -> None:
    wavelength = np.linspace(600.0, 1150.0, 401)
    table = [wavelength, np.full(401, 9.0), np.full(401, -60.0)]
    file = _write(tmp_path / "m.csv", table, "Wlgth,GDDrp5deg,GDDrp19deg\n", ",")
    table = [wavelength, np.full(401, 50.0), np.full(401, 99.0)]
    other = _write(tmp_path / "r.csv", table, "Wlgth,Rp5deg,Rp19deg\n", ",")
    mirror = read_mirror(file, reflectivity=other, column="GDDrp19deg", bounces=4)
    after = through(PULSE, mirror)
    assert after.energy == pytest.approx(0.99**4 * 1e-6, rel=1e-6, abs=0.0)
    # 250 fs^2 of the pulse less 240 fs^2 of the mirrors.
    assert after.peak_power / 0.99**4 == pytest.approx(
        PULSE.peak_power / np.hypot(1.0, 10e-30 / PULSE.t0**2), rel=1e-4, abs=0.0
    )
    assert any("Rp19deg" in note for note in mirror.notes)
    assert any("not used: GDDrp5deg" in note for note in mirror.notes)


def test_a_group_delay_is_integrated_once(tmp_path: Path) -> None:
    frequency = np.linspace(3.2e14, 4.4e14, 300)
    delay = 100.0 + 3e-14 * (frequency - 3.7e14)  # fs
    file = _write(tmp_path / "gd.txt", [frequency * 1e-12, delay], "f (THz)\tGD (fs)\n")
    mirror = read_mirror(file)
    found = delay_and_derivatives(mirror, 800e-9, 2)
    assert found[1] == pytest.approx(3e-29 / (2.0 * np.pi), rel=1e-3, abs=0.0)


def test_a_gdd_is_integrated_twice_exactly_for_a_cubic_phase() -> None:
    omega = np.linspace(2.0e15, 2.8e15, 501)
    mirror = ChirpedMirror(
        wavelength=(2.0 * np.pi * C / omega)[::-1],
        gdd=(-50e-30 + 200e-45 * (omega - 2.4e15))[::-1],
        bounces=3,
    )
    found = delay_and_derivatives(mirror, 2.0 * np.pi * C / 2.4e15, 3)
    assert_allclose(found[1:], [-150e-30, 600e-45], rtol=1e-4)


def test_a_pair_of_measured_mirrors_is_smoother_than_each(shared_data: Path) -> None:
    mirrors = shared_data / "laser/mirrors"
    curves = [
        read_mirror(
            mirrors / "PC70_GDD.csv", column=name, band=(650e-9, 1000e-9),
            reflectivity=mirrors / "PC70_R.csv",
        )
        for name in ("GDDrp5deg", "GDDrp19deg")
    ]  # fmt: skip
    first, second = (np.asarray(c.gdd) for c in curves)
    # The oscillations of the two angles are made to cancel.
    assert np.std(0.5 * (first + second)) < 0.5 * min(np.std(first), np.std(second))
    assert -120e-30 < np.mean(0.5 * (first + second)) < -20e-30
    assert np.min(np.asarray(curves[0].reflectivity)) > 0.97


def test_a_measured_high_dispersion_mirror_compresses_a_pulse(
    shared_data: Path,
) -> None:
    mirror = read_mirror(shared_data / "laser/mirrors/HD59_GDD.dat", bounces=4)
    found = delay_and_derivatives(mirror, 1030e-9, 2)[1]
    wanted = 4.0 * np.interp(1030e-9, mirror.wavelength, mirror.gdd)  # type: ignore[arg-type]
    assert found == pytest.approx(wanted, rel=2e-2, abs=0.0)
    stretched = Pulse(
        shape="sech", wavelength=1030e-9, fwhm=200e-15, energy=1e-6, gdd=-found
    )
    assert through(stretched, mirror).peak_power > 0.99 * stretched.peak_power


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "must hold rows of numbers"),
        ("700 1\n701 x\n", "line 2: a row must hold numbers"),
        ("1\n2\n3\n", "must have two columns or more"),
    ],
)
def test_files_without_columns_are_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    file = tmp_path / "bad.txt"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(StorageError, match=message):
        read_spectrum(file)


def test_missing_and_binary_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is none of this name"):
        read_mirror(tmp_path / "none.csv")
    file = tmp_path / "a.spe"
    file.write_bytes(b"\x00\x01\x02" * 100)
    with pytest.raises(StorageError, match="is binary; export CSV"):
        read_spectrum(file)


def test_a_damaged_text_in_utf_16_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cut.csv"
    file.write_bytes("wl (nm)\tS\n800\t1\n801\t2\n".encode("utf-16")[:-1])
    with pytest.raises(StorageError, match=r"cut.csv must be text in UTF-16.*damaged"):
        read_spectrum(file)


def test_rows_at_wavelength_zero_are_refused_by_their_line(tmp_path: Path) -> None:
    rows = "wl (nm)\tS\n0\t0\n799\t1\n800\t2\n801\t2\n802\t1\n"
    file = tmp_path / "zero.csv"
    file.write_text(rows, encoding="utf-8")
    for read in (read_spectrum, read_mirror):
        with pytest.raises(InvalidValue, match=r"line 2: .* must be > 0 nm .* got 0"):
            read(file)


def test_columns_that_say_nothing_are_refused_with_the_way_out(tmp_path: Path) -> None:
    x = np.linspace(1e6, 2e6, 20)
    odd = _write(tmp_path / "odd.txt", [x, np.ones(20)], "")
    with pytest.raises(InvalidValue, match="give unit= as one of nm, um"):
        read_spectrum(odd)
    with pytest.raises(InvalidValue, match=r"must be one of nm.*got 'nn'"):
        read_spectrum(odd, unit="nn")
    named = _write(tmp_path / "n.txt", [x, np.ones(20)], "wl (nm)\tcounts\n")
    with pytest.raises(InvalidValue, match="did you mean 'counts'"):
        read_spectrum(named, columns=("wl", "count"))
    time = _write(tmp_path / "t.txt", [x - 1.5e6, np.ones(20)], "time (fs)\tI\n")
    with pytest.raises(InvalidValue, match="must have a spectral axis"):
        read_spectrum(time)
    twice = _write(tmp_path / "d.txt", [np.full(9, 800.0), np.ones(9)], "wl (nm)\tS\n")
    with pytest.raises(InvalidValue, match="every place once"):
        read_spectrum(twice)
    dark = _write(tmp_path / "z.txt", [np.arange(700.0, 709.0), np.zeros(9)], "")
    with pytest.raises(InvalidValue, match="density must be above zero somewhere"):
        read_spectrum(dark)


def test_a_retrieved_pulse_without_carrier_or_phase_is_refused(tmp_path: Path) -> None:
    t = np.linspace(-50.0, 50.0, 64)
    file = _write(tmp_path / "Ek.dat", [t, np.exp(-(t**2) / 200), 0 * t], "")
    with pytest.raises(InvalidValue, match="give wavelength"):
        read_frog(file, 1e-6)
    two = _write(tmp_path / "two.dat", [t, t**2], "")
    with pytest.raises(InvalidValue, match="read_spectrum reads spectra without phase"):
        read_frog(two, 1e-6)


def test_impossible_mirrors_are_refused() -> None:
    x = np.linspace(7e-7, 9e-7, 10)
    with pytest.raises(InvalidValue, match="exactly one of gdd"):
        ChirpedMirror(wavelength=x)
    with pytest.raises(InvalidValue, match="percents are divided by 100"):
        ChirpedMirror(wavelength=x, gdd=x, reflectivity=np.full(10, 99.0))
    with pytest.raises(InvalidValue, match="where ChirpedMirror is known, 700 to 900"):
        through(
            Pulse(shape="gaussian", wavelength=700e-9, fwhm=20e-15, energy=1.0),
            ChirpedMirror(wavelength=x, gdd=0.0 * x),
        )
