"""Phase mismatch against published numbers and its own geometry."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qleap.core.constants import ELECTRONVOLT, SPEED_OF_LIGHT
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Material, Pulse
from qleap.laser.macroscopic import (
    absorption_length,
    constant_growth,
    critical_ionisation,
    phase_matching_map,
    phase_matching_pressure,
    phase_mismatch,
)
from qleap.laser.pulses import Light, delayed

pytest.importorskip("periodictable", reason="needs qleap[xray]")

Floats = NDArray[np.float64]


@pytest.mark.parametrize(
    ("gas", "energy", "expected"),
    [("argon", 45.0, 0.05), ("neon", 70.0, 0.01), ("helium", 100.0, 0.005)],
)
def test_critical_ionisation_is_the_known_one(
    gas: str, energy: float, expected: float
) -> None:
    # Popmintchev et al., Nature Photonics 4, 822 (2010): about 5 %, 1 %, 0.5 %.
    found = critical_ionisation(Material(name=gas), energy * ELECTRONVOLT, 800e-9)
    assert found == pytest.approx(expected, rel=0.12)


def test_all_is_in_step_at_the_pressure_found() -> None:
    gas = Material(name="argon", temperature=293.0)
    place = {"core_radius": 75e-6, "ionised": 0.02}
    pressure = phase_matching_pressure(gas, 45 * ELECTRONVOLT, 800e-9, **place)
    there = Material(name="argon", temperature=293.0, pressure=pressure)
    found = phase_mismatch(there, 45 * ELECTRONVOLT, 800e-9, **place)
    assert abs(found.total) < 1e-9 * abs(found.geometry)
    with pytest.raises(InvalidValue, match="fewer electrons"):
        phase_matching_pressure(
            gas, 45 * ELECTRONVOLT, 800e-9, core_radius=75e-6, ionised=0.2
        )


def test_the_focus_turns_the_phase_by_half_a_turn_per_order() -> None:
    gas = Material(name="argon", pressure=1e-6)
    waist, order = 30e-6, 29.0
    energy = order * 1.549802 * ELECTRONVOLT
    z = np.linspace(-2.0, 2.0, 20001)  # many Rayleigh lengths
    parts = [
        phase_mismatch(gas, energy, 800e-9, waist=waist, position=float(p)).geometry
        for p in z
    ]
    assert np.trapezoid(parts, z) == pytest.approx(-(order - 1.0) * np.pi, rel=2e-3)


def test_a_dipole_phase_helps_behind_the_focus() -> None:
    gas = Material(name="argon", pressure=1.0)
    intensity, alpha = 2e18, 2e-18

    def phase(z: float) -> float:
        rayleigh = np.pi * 30e-6**2 / 800e-9
        return -alpha * intensity / (1.0 + (z / rayleigh) ** 2)

    for z in (-1e-3, 2e-3):
        found = phase_mismatch(
            gas,
            45 * ELECTRONVOLT,
            800e-9,
            waist=30e-6,
            position=z,
            peak_intensity=intensity,
            alpha=alpha,
        )
        slope = (phase(z + 1e-7) - phase(z - 1e-7)) / 2e-7
        assert found.dipole == pytest.approx(slope, rel=1e-5)
        assert np.sign(found.dipole) == np.sign(z)


def test_growth_saturates_as_constant_says() -> None:
    assert constant_growth(1e-3, 0.0, 1e9) == pytest.approx(1.0, rel=1e-6)
    # L > 3 L_a and l_c > 5 L_a bring more than half of the most: figure 1.
    most = constant_growth(100.0, 0.0, 1.0) * 100.0**2
    good = constant_growth(3.0, np.pi / 5.0, 1.0) * 3.0**2
    assert most == pytest.approx(4.0, rel=1e-9)
    assert good / most == pytest.approx(0.5, rel=0.1)
    assert absorption_length(
        Material(name="argon", pressure=1e4), 45 * ELECTRONVOLT
    ) == pytest.approx(
        10.0 * absorption_length(Material(name="argon"), 45 * ELECTRONVOLT), rel=1e-9
    )


def test_the_map_is_made_of_mismatches() -> None:
    light = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-4)
    gas = Material(name="argon", temperature=293.0)
    found = phase_matching_map(
        gas,
        45 * ELECTRONVOLT,
        light,
        waist=40e-6,
        pressures=[1e3, 5e3],
        intensities=[1.5e18],
        positions=[0.0, 3e-3],
        length=1e-3,
    )
    one = phase_mismatch(
        Material(name="argon", temperature=293.0, pressure=5e3),
        45 * ELECTRONVOLT,
        800e-9,
        ionised=float(found["ionised"][0, 1]),
        waist=40e-6,
        position=3e-3,
        peak_intensity=1.5e18,
        alpha=2e-18,
    )
    assert found["mismatch"].values[0, 1, 1] == pytest.approx(one.total, rel=1e-9)
    assert 0.0 < float(found["ionised"][0, 1]) < float(found["ionised"][0, 0]) < 0.2


def ionised(light: Light) -> Floats:
    found = phase_matching_map(
        Material(name="argon", temperature=293.0),
        45 * ELECTRONVOLT,
        light,
        waist=40e-6,
        pressures=[1e3],
        intensities=[1.5e18],
        positions=[0.0, 3e-3],
        length=1e-3,
    )
    return np.asarray(found["ionised"].values)


def test_delayed_and_chirped_light_frees_electrons_up_to_its_peak() -> None:
    light = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, peak_power=1.0)
    plain = ionised(light)
    cycles = 20 * 800e-9 / SPEED_OF_LIGHT
    assert ionised(delayed(light, cycles)) == pytest.approx(plain, rel=1e-3)
    # A chirped pulse of the same intensity frees more, as it lasts longer; its carrier
    # has another phase at the peak, where a half-cycle more or less counts.
    chirp, nan = 200e-30, float("nan")
    longer = np.hypot(1.0, 4.0 * np.log(2.0) * chirp / 20e-15**2)
    chirped = ionised(dataclasses.replace(light, gdd=chirp))
    stretched = ionised(dataclasses.replace(light, fwhm=20e-15 * longer, energy=nan))
    assert chirped == pytest.approx(stretched, rel=0.1)


def test_what_has_no_phase_matching_is_refused() -> None:
    for lengths in ((-1e-3, 0.0, 1.0), (np.inf, 0.0, 1.0)):
        with pytest.raises(InvalidValue, match="length must be finite and >= 0 m"):
            constant_growth(*lengths)
    with pytest.raises(InvalidValue, match="absorption must be > 0 m"):
        constant_growth(1e-3, 0.0, [1.0, 0.0])
    with pytest.raises(InvalidValue, match="mismatch must be finite"):
        constant_growth(1e-3, np.nan, 1.0)
    # Without absorption grows what keeps in step.
    whole = constant_growth(1e-3, [0.0, 2e3 * np.pi], np.inf)
    assert whole == pytest.approx([1.0, 0.0], abs=1e-12)
    energy, place = 45 * ELECTRONVOLT, {"waist": 4e-5, "alpha": 2e-18, "position": 1e-3}
    with pytest.raises(InvalidValue, match="peak_intensity must be >= 0 W"):
        phase_mismatch(Material(name="argon"), energy, 8e-7, peak_intensity=-1, **place)
    wrong: Any = "argon"
    for function in (phase_mismatch, critical_ionisation):
        with pytest.raises(InvalidKind, match="gas must be a Material, got 'argon'"):
            function(wrong, energy, 8e-7)
    light = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-4)
    with pytest.raises(InvalidValue, match="pressures must be > 0 Pa, got -1"):
        phase_matching_map(
            Material(name="argon"),
            energy,
            light,
            waist=4e-5,
            pressures=[-1.0, 1e3],
            intensities=[1e18],
            positions=[0.0],
            length=1e-3,
        )
