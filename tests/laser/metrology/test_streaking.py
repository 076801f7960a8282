"""Streaking traces against classical mechanics, spectra and Schroedinger's equation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.constants import (
    ATOMIC_ELECTRIC_FIELD,
    ATOMIC_TIME,
    BOHR_RADIUS,
    ELECTRONVOLT,
    ELEMENTARY_CHARGE,
    HARTREE,
    HBAR,
    SPEED_OF_LIGHT,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser._kernels import streaking as kernels
from qleap.laser._reference import streaking as reference
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.metrology import (
    PhotoDipole,
    coulomb_laser_delay,
    count_electrons,
    first_moment,
    hydrogenic_dipole,
    plot_streaking,
    read_streaking,
    streaking_trace,
)
from qleap.laser.pulses import Pulse

Options = dict[str, Any]

EV = ELECTRONVOLT
NEON = 21.56 * EV
CARRIER = 100.0 * EV
LENGTH = 2.0 * np.pi * HBAR * SPEED_OF_LIGHT / CARRIER


def xuv(fwhm: float = 150e-18, gdd: float = 0.0) -> Pulse:
    return Pulse(shape="gaussian", wavelength=LENGTH, fwhm=fwhm, energy=1e-9, gdd=gdd)


def infrared(intensity: float = 1e16) -> DrivingField:
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=4e-15, energy=1e-6)
    return driving_field(pulse, peak_intensity=intensity, step=10e-18)


def numbers(seed: int, *shape: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("size", [1, 40])
def test_amplitudes_of_electrons_equal_their_twin(size: int) -> None:
    samples, paths = numbers(0, 3, 70), 0.3 * numbers(1, 4, 5, 70)
    electrons, axis = np.abs(numbers(2, 2, 9)), np.array([-0.2, 0.05])
    found = []
    for module in (kernels, reference):
        amplitudes, turns = np.empty((2, 5, 9)), np.empty((9, 140))
        dipole = numbers(3, 2, size)
        module.volkov_amplitudes_into(
            samples, paths, electrons, dipole, axis, amplitudes
        )
        one = np.ascontiguousarray(paths[:, 2:3])
        module.volkov_turns_into(samples[0], one, electrons, dipole, axis, turns)
        found.append((amplitudes, turns))
    assert_allclose(found[0][0], found[1][0], atol=1e-11)
    assert_allclose(found[0][1], found[1][1], atol=1e-12)


def test_without_a_field_the_spectrum_is_that_of_the_light() -> None:
    light, energy = xuv(gdd=5e-33), np.linspace(60.0, 98.0, 60) * EV
    trace = streaking_trace(
        light, None, ionisation_energy=NEON, energies=energy, delays=[0.0]
    )
    width = 4.0 * np.log(2.0) / (150e-18) ** 2
    omega = (energy + NEON - CARRIER) / HBAR
    peak = light.peak_power * 2.0 * np.pi / width
    assert_allclose(
        trace["spectrum"].values[0], peak * np.exp(-(omega**2) / width), rtol=1e-3
    )


@pytest.mark.parametrize("angle", [0.0, np.pi])
def test_electrons_arrive_with_their_momentum_less_the_vector_potential(
    angle: float,
) -> None:
    field, delay = infrared(), np.linspace(-3e-15, 3e-15, 13)
    energy = np.linspace(50.0, 110.0, 120) * EV
    trace = streaking_trace(
        xuv(),
        field,
        ionisation_energy=NEON,
        energies=energy,
        delays=delay,
        angle=angle,
    )
    potential = np.interp(delay, field.time, field.vector_potential[0])
    slope, _ = np.polyfit(ELEMENTARY_CHARGE * potential, first_moment(trace), 1)
    # The pulse is a twentieth of a cycle long and sees a little less.
    assert slope == pytest.approx(-np.cos(angle), rel=0.02)


def test_an_atomic_delay_and_a_later_pulse_do_the_same() -> None:
    delay, energy = np.linspace(-3e-15, 3e-15, 25), np.linspace(55.0, 105.0, 80) * EV
    late = 10e-18
    axis = np.linspace(1.0, 200.0, 50) * EV
    dipole = PhotoDipole(energy=axis, magnitude=np.ones(50), phase=late * axis / HBAR)
    options: Options = {"ionisation_energy": NEON, "energies": energy}
    with_atom = streaking_trace(
        xuv(), infrared(), delays=delay, dipole=dipole, **options
    )
    shifted = streaking_trace(xuv(), infrared(), delays=delay + late, **options)
    a, b = with_atom["spectrum"].values, shifted["spectrum"].values
    assert_allclose(a, b, atol=1e-3 * b.max())
    assert_allclose(dipole.delay([50.0 * EV]), late, rtol=1e-9)


def test_coulomb_laser_delay_is_that_of_a_classical_electron() -> None:
    """The Kepler orbit's response, less the Wigner delay of a Coulomb wave."""
    from scipy.integrate import quad
    from scipy.special import digamma

    kinetic, period = 0.5 * 2.0**2, 110.3
    p, omega = np.sqrt(2.0 * kinetic), 2.0 * np.pi / period
    a = 1.0 / p**2  # r = a (cosh u - 1), t = a (sinh u - u)/p

    def part(u: float) -> float:
        time, speed = a * (np.sinh(u) - u) / p, p * np.sinh(u) / (np.cosh(u) - 1.0)
        fade = np.exp(-((0.003 * omega * time) ** 2))
        weight = fade * a * (np.cosh(u) - 1.0) / p
        return float((speed - p) * np.cos(omega * time) * weight)

    total = -quad(part, 1e-9, 14.5, limit=4000)[0] / p
    wigner = np.log(1.0 / p) / p**3  # arg Gamma(1 - i/p), its classical limit
    found = coulomb_laser_delay(
        kinetic * HARTREE, period * ATOMIC_TIME * SPEED_OF_LIGHT
    )
    assert found / ATOMIC_TIME == pytest.approx(total - wigner, abs=0.02)
    exact = digamma(1.0 - 50j).real  # the limit meant: slow electrons
    assert exact == pytest.approx(np.log(50.0), rel=1e-4)


def test_the_phase_of_the_coulomb_laser_delay_has_it_as_its_slope() -> None:
    plain = hydrogenic_dipole(NEON, (5.0 * EV, 150.0 * EV))
    energy = np.array([20.0, 60.0, 120.0]) * EV
    found = plain.with_coulomb_laser(800e-9).delay(energy)
    assert_allclose(found, coulomb_laser_delay(energy, 800e-9), rtol=1e-3)
    assert np.all(np.diff(np.abs(plain(energy))) < 0.0)


def test_a_trace_is_that_of_schroedingers_equation() -> None:
    """Mean momenta from a short-ranged well in both fields, in one dimension."""
    mean, centres, seen = schroedinger_means([-0.25, 0.0, 0.25])
    assert_allclose(mean - mean[1], seen - seen[1], atol=2e-3)
    assert_allclose(mean - mean[1], centres - centres[1], atol=0.01)
    assert abs(mean[0] - mean[2]) > 0.1


def schroedinger_means(
    cycles: list[float],
) -> tuple[NDArray[np.float64], ...]:
    """Return mean momenta by the equation, minus the potential, and by `qleap`."""
    n, dx, dt = 2048, 0.4, 0.06
    x = dx * (np.arange(n) - n // 2)
    k = 2.0 * np.pi * np.fft.fftfreq(n, dx)
    well = -1.2 / np.cosh(np.clip(x, -300.0, 300.0)) ** 2
    omega, size, xuv_omega = 0.057, 0.06, 3.4
    state = np.exp(-(x**2)).astype(complex)
    for _ in range(1500):
        state *= np.exp(-0.01 * well)
        state = np.fft.ifft(np.exp(-0.01 * k**2) * np.fft.fft(state))
        state *= np.exp(-0.01 * well)
        state /= np.sqrt(np.sum(np.abs(state) ** 2) * dx)
    found, potentials, traces = [], [], []
    energy = np.sum(np.abs(np.fft.fft(state)) ** 2 * k**2) / np.sum(
        np.abs(np.fft.fft(state)) ** 2
    )
    bound = 0.5 * energy + np.sum(well * np.abs(state) ** 2) * dx
    for cycle in cycles:
        late = cycle * 2.0 * np.pi / omega
        time = np.arange(-71.0, 75.0, dt)
        potential = size * np.sin(omega * (time + late)) * (np.abs(time) < 70.0)
        potential *= np.cos(0.5 * np.pi * time / 70.0) ** 2
        middle = potential + 0.05 * np.exp(-((time / 6.0) ** 2)) * np.sin(
            xuv_omega * time
        )
        psi = state.copy()
        half = np.exp(-0.5j * dt * well)
        for a in middle:
            psi *= half
            psi = np.fft.ifft(np.exp(-0.5j * dt * (k + a) ** 2) * np.fft.fft(psi))
            psi *= half
        far = psi * (x > 25.0)
        spectrum = np.abs(np.fft.fft(far)) ** 2
        fast = k > 1.6
        found.append(np.sum(k[fast] * spectrum[fast]) / spectrum[fast].sum())
        potentials.append(-np.interp(0.0, time, potential))
        field = DrivingField(
            time=time * ATOMIC_TIME,
            field=-np.gradient(potential, dt) * ATOMIC_ELECTRIC_FIELD,
            wavelength=800e-9,
        )
        light = Pulse(
            wavelength=2.0 * np.pi * SPEED_OF_LIGHT * ATOMIC_TIME / xuv_omega,
            shape="gaussian",
            fwhm=6.0 * np.sqrt(2.0 * np.log(2.0)) * ATOMIC_TIME,
            energy=1e-9,
        )
        trace = streaking_trace(
            light,
            field,
            ionisation_energy=-bound * HARTREE,
            energies=0.5 * np.linspace(1.6, 3.2, 100) ** 2 * HARTREE,
            delays=[0.0],
        )
        traces.append(first_moment(trace)[0] * BOHR_RADIUS / HBAR)
    return np.array(found), np.array(potentials), np.array(traces)


def test_the_spectrometer_blurs_and_keeps_the_number_of_electrons() -> None:
    energy = np.linspace(50.0, 110.0, 200) * EV
    options: Options = {"ionisation_energy": NEON, "energies": energy, "delays": [0.0]}
    sharp = streaking_trace(xuv(), None, **options)["spectrum"].values[0]
    soft = streaking_trace(xuv(), None, resolution=6.0 * EV, **options)
    blurred = soft["spectrum"].values[0]
    assert blurred.sum() == pytest.approx(sharp.sum(), rel=1e-3)

    def square(spectrum: NDArray[np.float64]) -> float:
        mean = float((energy * spectrum).sum() / spectrum.sum())
        return float(((energy - mean) ** 2 * spectrum).sum() / spectrum.sum())

    added = (square(blurred) - square(sharp)) * 8.0 * np.log(2.0)
    assert added == pytest.approx((6.0 * EV) ** 2, rel=0.02)


def test_counts_are_poissonian_and_follow_the_seed() -> None:
    energy = np.linspace(60.0, 95.0, 80) * EV
    trace = streaking_trace(
        xuv(),
        infrared(),
        ionisation_energy=NEON,
        energies=energy,
        delays=np.linspace(-1e-15, 1e-15, 10),
    )
    counted = count_electrons(trace, 400.0, background=5.0, seed=3)
    again = count_electrons(trace, 400.0, background=5.0, seed=3)
    assert np.array_equal(counted["spectrum"], again["spectrum"])
    mean = 400.0 * trace["spectrum"].values / trace["spectrum"].values.max() + 5.0
    away = (counted["spectrum"].values - mean) / np.sqrt(mean)
    assert away.std() == pytest.approx(1.0, abs=0.08)
    assert plot_streaking(counted).get_xlabel() == "delay (fs)"


@pytest.mark.parametrize("layout", ["matrix", "transposed", "columns"])
def test_files_of_every_layout_give_the_same_trace(layout: str, tmp_path: Path) -> None:
    delay, energy = np.array([2.0, -1.0, 0.5]), np.array([50.0, 60.0, 75.0, 71.0])
    counts = np.arange(12.0).reshape(3, 4) + 7.0
    file = tmp_path / "trace.txt"
    if layout == "columns":
        rows = [
            f"{e} {c} {d}"
            for d, line in zip(delay, counts, strict=True)
            for e, c in zip(energy, line, strict=True)
        ]
        file.write_text("energy counts delay\n" + "\n".join(rows))
    else:
        table = np.zeros((5, 4))
        table[0, 1:], table[1:, 0], table[1:, 1:] = delay, energy, counts.T
        np.savetxt(file, table if layout == "matrix" else table.T)
    trace = read_streaking(file, layout=layout, columns=("delay", "energy", "counts"))
    assert_allclose(trace["delay"], [-1e-15, 0.5e-15, 2e-15])
    assert_allclose(trace["energy"] / EV, [50.0, 60.0, 71.0, 75.0])
    assert_allclose(trace["spectrum"][2], [7.0, 8.0, 10.0, 9.0])
    clean = read_streaking(
        file,
        layout=layout,
        columns=("delay", "energy", "counts"),
        background="minimum",
        reverse_delay=True,
    )
    assert float(clean["spectrum"].mean("delay").min()) == pytest.approx(0.0)
    assert_allclose(clean["delay"], [-2e-15, -0.5e-15, 1e-15])


def test_pulses_that_the_field_does_not_reach_see_it_whole_or_not_at_all() -> None:
    """A pulse before the field gets its whole impulse, one after it nothing."""
    time = np.arange(0.0, 2e-15, 10e-18)
    kick = DrivingField(
        time=time, field=1.5e9 * np.sin(np.pi * time / 2e-15) ** 2, wavelength=800e-9
    )
    energy = np.linspace(55.0, 105.0, 120) * EV
    options: Options = {"ionisation_energy": NEON, "energies": energy}
    far = [-1e300, -1.0, -4e-15, 6e-15, 1e-9, 1.0]
    trace = streaking_trace(xuv(), kick, delays=far, **options)
    alone = streaking_trace(xuv(), None, delays=[0.0], **options)
    spectrum = trace["spectrum"].values
    assert_allclose(spectrum[1:3], spectrum[[0, 0]], rtol=1e-9)
    bare = alone["spectrum"].values
    assert_allclose(spectrum[3:], np.repeat(bare, 3, 0), atol=1e-6 * bare.max())
    early, late = first_moment(trace)[[0, -1]]
    impulse = -ELEMENTARY_CHARGE * np.trapezoid(kick.field[0], time)
    assert early - late == pytest.approx(impulse, rel=0.01)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"resolution": 1e-300}, "the widest step of the energies"),
        ({"resolution": 1e300}, "resolution must be 0, or lie between"),
        (
            {"resolution": 1e-20, "energies": np.linspace(50.0, 60.0, 2**14 + 1) * EV},
            "where a resolution blurs them",
        ),
        (
            {"energies": [1e300, 2e300]},
            r"energies\[-1\] must lie between 0 and 1e-14 J",
        ),
        ({"field": infrared().scaled(1e150)}, r"\(V/m\) of the field"),
        (
            {"delays": np.linspace(0.0, 1e-15, 2**21), "energies": [70 * EV, 80 * EV]},
            "take fewer delays at a time",
        ),
    ],
)
def test_traces_beyond_memory_and_sense_are_refused(
    change: dict[str, Any], words: str
) -> None:
    given = {
        "field": infrared(),
        "ionisation_energy": NEON,
        "energies": np.linspace(60.0, 90.0, 31) * EV,
        "delays": [0.0],
        **change,
    }
    with pytest.raises(InvalidValue, match=words):
        streaking_trace(xuv(), **given)


@pytest.mark.parametrize("columns", [None, 3, (0, 1), (0, 1, 2, 2), "012", {0, 1, 2}])
def test_columns_that_are_not_three_are_refused(columns: Any, tmp_path: Path) -> None:
    file = tmp_path / "t.txt"
    file.write_text("0 50 1\n0 60 2\n1 50 3\n1 60 4\n")
    with pytest.raises(InvalidKind, match="columns must be those of the delay"):
        read_streaking(file, layout="columns", columns=columns)


def test_points_twice_and_scattered_points_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.txt"
    file.write_text("0 50 1\n0 60 2\n1 50 3\n1 60 4\n1 60 5\n")
    with pytest.raises(InvalidValue, match="1 of its 5 rows repeat"):
        read_streaking(file, layout="columns")
    with pytest.raises(InvalidValue, match="three different ones"):
        read_streaking(file, layout="columns", columns=(0, 1, 1))
    # A matrix of these would take 7 GB.
    scattered = np.random.default_rng(0).random((30_000, 3))
    np.savetxt(file, scattered, fmt="%.9f")
    with pytest.raises(InvalidValue, match=r"lacks \d+ of \d+ points; complete"):
        read_streaking(file, layout="columns")


def test_wrong_input_is_refused_in_words(tmp_path: Path) -> None:
    energy = np.array([50.0, 60.0]) * EV
    options: Options = {"ionisation_energy": NEON, "energies": energy, "delays": [0.0]}
    with pytest.raises(InvalidKind, match="field must be a DrivingField"):
        streaking_trace(xuv(), xuv(), **options)  # type: ignore[arg-type]
    both = DrivingField(
        time=np.arange(9.0) * 1e-16, field=np.ones((2, 9)), wavelength=8e-7
    )
    with pytest.raises(InvalidValue, match="linear"):
        streaking_trace(xuv(), both, **options)
    with pytest.raises(InvalidValue, match=r"energies\[0\] must be > 0 J"):
        streaking_trace(
            xuv(), None, ionisation_energy=NEON, energies=[0.0, EV], delays=[0.0]
        )
    with pytest.raises(InvalidValue, match="energy must be > 0"):
        coulomb_laser_delay([0.0], 800e-9)
    file = tmp_path / "holes.txt"
    file.write_text("0 50 1\n0 60 2\n1 50 3\n")
    with pytest.raises(InvalidValue, match="lacks 1 of 4 points"):
        read_streaking(file, layout="columns")
    with pytest.raises(InvalidValue, match="magnitude must be > 0"):
        PhotoDipole(energy=np.arange(1.0, 5.0), magnitude=np.arange(4.0))
