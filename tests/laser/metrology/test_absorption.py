"""Absorption of levels against exact line shapes, shifts and splittings."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.constants import (
    BOHR_RADIUS,
    ELECTRON_MASS,
    ELECTRONVOLT,
    ELEMENTARY_CHARGE,
    HBAR,
    SPEED_OF_LIGHT,
    VACUUM_PERMITTIVITY,
)
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser._kernels import levels as kernels
from qleap.laser._reference import levels as reference
from qleap.laser.driving import DrivingField, driving_field
from qleap.laser.harmonics.emission import dipole_dataset
from qleap.laser.metrology import (
    Levels,
    absorption_of,
    fano_from_phase,
    phase_from_fano,
    plot_absorption,
    transient_absorption,
    transmission,
)
from qleap.laser.pulses import Pulse
from qleap.laser.pulses.light import carrier

EV = ELECTRONVOLT
DEBYE = ELEMENTARY_CHARGE * BOHR_RADIUS
BRIGHT = 21.2 * EV
WIDTH = 0.06 * EV
OMEGA = carrier(800e-9)
ENERGIES = np.linspace(20.6, 21.8, 601) * EV


def short() -> DrivingField:
    pulse = Pulse(
        shape="gaussian",
        wavelength=2.0 * np.pi * HBAR * SPEED_OF_LIGHT / BRIGHT,
        fwhm=200e-18,
        energy=1e-9,
    )
    return driving_field(pulse, peak_intensity=1e12, step=6e-18)


def two(d: float = 0.4) -> Levels:
    return Levels(
        energies=np.array([0.0, BRIGHT]),
        dipoles=DEBYE * np.array([[0.0, d], [d, 0.0]]),
        widths=np.array([0.0, WIDTH]),
    )


def three(third: float, coupling: float, width: float = WIDTH) -> Levels:
    d = np.array([[0.0, 0.4, 0.0], [0.4, 0.0, coupling], [0.0, coupling, 0.0]])
    return Levels(
        energies=np.array([0.0, BRIGHT, third]),
        dipoles=DEBYE * d,
        widths=np.array([0.0, WIDTH, width]),
    )


def flat(field: float, first: float, last: float, ramp: float) -> DrivingField:
    time = np.arange(first, last, 40e-18)
    rise = np.clip(np.minimum(time - first, last - time) / ramp, 0.0, 1.0)
    wave = field * np.cos(OMEGA * time) * np.sin(0.5 * np.pi * rise) ** 2
    return DrivingField(time=time, field=wave, wavelength=800e-9)


def exact(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weak cross-section of two levels, both terms."""
    half = 0.5j * WIDTH
    poles = 1.0 / (BRIGHT - energy - half) + 1.0 / (BRIGHT + energy + half)
    strength = energy / HBAR * (0.4 * DEBYE) ** 2
    strength /= VACUUM_PERMITTIVITY * SPEED_OF_LIGHT
    return np.asarray(strength * poles.imag)


def test_driven_levels_equal_their_twin() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((4, 4))
    values, vectors = np.linalg.eigh(matrix + matrix.T)
    free = np.array([[0.0, 0.4, 0.7, 0.9], [0.0, 0.01, 0.02, 0.0]])
    fields = rng.standard_normal((3, 200))
    found = []
    for module in (kernels, reference):
        state, dipole = np.zeros((2, 3, 4)), np.empty((3, 200))
        state[0, :, 0] = 1.0
        module.driven_levels_into(
            free, vectors.copy(), values, fields, 0.02, state, dipole
        )
        found.append((state, dipole))
    assert_allclose(found[0][0], found[1][0], atol=1e-12)
    assert_allclose(found[0][1], found[1][1], atol=1e-12)


def test_without_dressing_the_line_is_lorentzian_and_light_decays_exponentially() -> (
    None
):
    data = transient_absorption(
        two(), short(), None, delays=[0.0, 1e-15], energies=ENERGIES
    )
    section = data["cross_section"].values
    assert_allclose(section[0], exact(ENERGIES), rtol=1e-4)
    assert_allclose(section[1], section[0], rtol=1e-9)
    share = transmission(data, 1e24, 1e-3)[0]
    assert_allclose(share, np.exp(-1e21 * exact(ENERGIES)), rtol=1e-4)
    assert np.all(data["response"].values > 0.0)


def test_the_sum_over_the_line_is_the_oscillator_strength() -> None:
    wide = BRIGHT + 400.0 * WIDTH * np.linspace(-0.6, 0.6, 4001)
    strength = 2.0 * ELECTRON_MASS * BRIGHT * (0.4 * BOHR_RADIUS / HBAR) ** 2
    total = np.trapezoid(exact(wide), wide / HBAR)
    rule = 0.5 * np.pi * ELEMENTARY_CHARGE**2 * strength
    rule /= VACUUM_PERMITTIVITY * ELECTRON_MASS * SPEED_OF_LIGHT
    assert total == pytest.approx(rule, rel=0.02)


def test_resonant_dressing_splits_the_line_by_the_rabi_frequency() -> None:
    rabi = 0.24 * EV
    field = flat(rabi / (3.0 * DEBYE), -30e-15, 200e-15, 15e-15)
    levels = three(BRIGHT + HBAR * OMEGA, 3.0)
    data = transient_absorption(levels, short(), field, delays=[0.0], energies=ENERGIES)
    section = data["cross_section"].values[0]
    middle = ENERGIES.size // 2
    low = ENERGIES[np.argmax(section[:middle])]
    high = ENERGIES[middle + np.argmax(section[middle:])]
    assert (high - low) == pytest.approx(rabi, rel=0.02)


def test_far_dressing_shifts_the_line_by_the_stark_shift() -> None:
    third, coupling, field = BRIGHT + 4.0 * EV, 3.0, 4e9
    data = transient_absorption(
        three(third, coupling, 0.0),
        short(),
        flat(field, -20e-15, 200e-15, 15e-15),
        delays=[0.0],
        energies=ENERGIES,
    )
    section = data["cross_section"].values[0]
    shift = ENERGIES[np.argmax(section)] - BRIGHT
    push = 0.25 * (coupling * DEBYE * field) ** 2
    gap, photon = third - BRIGHT, HBAR * OMEGA
    expected = -push * (1.0 / (gap - photon) + 1.0 / (gap + photon))
    assert shift == pytest.approx(expected, abs=0.004 * EV)
    assert abs(expected) > 0.02 * EV


def test_a_sudden_phase_makes_a_fano_line() -> None:
    """A short pulse right after the excitation turns the dipole by its Stark shift."""
    third, coupling = BRIGHT + 6.0 * EV, 3.0
    time = np.arange(0.2e-15, 3.2e-15, 20e-18)
    kick = np.sin(np.pi * (time - time[0]) / 3e-15) ** 4
    field = DrivingField(time=time, field=2.4e10 * kick, wavelength=3e-6)
    levels = three(third, coupling, 0.0)
    dressed = transient_absorption(
        levels, short(), field, delays=[0.0], energies=ENERGIES
    )
    # The static shift of two levels, integrated: exact as the field is slow.
    gap, push = third - BRIGHT, coupling * DEBYE * field.field[0]
    shift = 0.5 * gap - np.sqrt(0.25 * gap**2 + push**2)
    phase = -np.trapezoid(shift, time) / HBAR
    q = fano_from_phase(phase)
    epsilon = (ENERGIES - BRIGHT) / (0.5 * WIDTH)
    line = (q**2 - 1.0 + 2.0 * q * epsilon) / (1.0 + epsilon**2) / (1.0 + q**2)
    section = dressed["cross_section"].values[0] / exact(np.array([BRIGHT]))[0]
    assert 1.0 < phase < 5.0
    # Fano's line is the limit of a kick at once; this one comes after 1.7 fs.
    assert_allclose(section, line, atol=0.2)
    before = np.exp(1j * (ENERGIES - BRIGHT) / HBAR * 1.7e-15)
    before *= np.exp(-0.5 * WIDTH / HBAR * 1.7e-15)
    turned = (1.0 + (np.exp(1j * phase) - 1.0) * before) / (1.0 - 1j * epsilon)
    assert_allclose(section, turned.real, atol=0.03)
    assert section.min() < -0.2
    assert phase_from_fano(q) == pytest.approx(phase)


def test_phases_and_fano_parameters_belong_together() -> None:
    phase = np.array([0.1, 1.0, np.pi, 4.0, 6.0])
    assert_allclose(phase_from_fano(fano_from_phase(phase)), phase)
    assert fano_from_phase(np.pi) == pytest.approx(0.0, abs=1e-15)


def test_dark_levels_appear_and_beat_with_half_the_cycle_of_the_dressing() -> None:
    levels = three(BRIGHT + 1.3 * EV, 2.0)
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=8e-15, energy=1e-6)
    dressing = driving_field(pulse, peak_intensity=3e15, step=20e-18)
    half = np.pi / OMEGA
    delay = half * np.arange(8) / 4.0 - half
    # One photon below the dark level.
    energy = levels.energies[2] - HBAR * OMEGA + np.linspace(-0.2, 0.2, 21) * EV
    data = transient_absorption(
        levels, short(), dressing, delays=delay, energies=energy
    )
    signal = data["response"].values.mean(axis=1)
    beat = np.abs(np.fft.rfft(signal - signal.mean()))
    assert np.argmax(beat) == 2  # two half cycles in the window
    assert plot_absorption(data).get_ylabel() == "photon energy (eV)"


def test_absorption_of_a_dipole_dataset_is_that_of_the_levels() -> None:
    pulse = short()
    time = np.arange(-1e-15, 200e-15, 6e-18)
    half = 0.5 * WIDTH / HBAR
    # The exact weak dipole of two levels: the field, and a decaying sine after it.
    since = time - time[0]
    sine = np.exp(-half * since) * np.sin(BRIGHT / HBAR * since)
    field = np.interp(time, pulse.time, pulse.field[0], left=0.0, right=0.0)
    driven = np.convolve(field, sine)[: time.size] * (time[1] - time[0])
    driven *= 2.0 * (0.4 * DEBYE) ** 2 / HBAR
    driving = DrivingField(time=time, field=field, wavelength=800e-9)
    step = time[1] - time[0]
    curve = np.gradient(np.gradient(driven, step), step)
    data = absorption_of(
        dipole_dataset(driving, curve, {}), pulse, energies=ENERGIES, taper=0.5
    )
    section = data["cross_section"].values[0]
    assert np.corrcoef(section, exact(ENERGIES))[0, 1] > 0.999
    assert section.max() == pytest.approx(exact(ENERGIES).max(), rel=0.1)


def test_wrong_levels_are_refused_in_words() -> None:
    energies, dipoles = np.array([0.0, EV]), np.ones((2, 2))
    with pytest.raises(InvalidValue, match="symmetric"):
        Levels(energies=energies, dipoles=np.triu(dipoles), widths=np.zeros(2))
    with pytest.raises(InvalidValue, match="widths must be 2 values"):
        Levels(energies=energies, dipoles=dipoles, widths=-np.ones(2))
    with pytest.raises(InvalidKind, match="must be Levels"):
        transient_absorption({}, short(), None, delays=[0.0], energies=ENERGIES)  # type: ignore[arg-type]
