"""Beams against Gaussian optics, published laws of self-focusing, and budgets."""

import dataclasses
import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_banded

from qleap.core.constants import SPEED_OF_LIGHT
from qleap.core.errors import InvalidValue
from qleap.laser.grid import FieldGrid, Grid
from qleap.laser.guides.profiles import Profile
from qleap.laser.media import Material
from qleap.laser.media.nonlinear import chi3_from_n2
from qleap.laser.propagation.beam import propagate_beam
from qleap.laser.propagation.beam_equation import BeamEquation
from qleap.laser.propagation.beam_grid import (
    critical_power,
    self_focusing_distance,
)
from qleap.laser.propagation.beam_shape import Beam
from qleap.laser.propagation.effects import Effects
from qleap.laser.propagation.hankel import HankelTransform
from qleap.laser.propagation.integrator import Snapshot, march
from qleap.laser.pulses.pulse import Pulse

WAVELENGTH = 800e-9
WAVE = 2.0 * np.pi / WAVELENGTH
LONG = Pulse(shape="gaussian", wavelength=WAVELENGTH, fwhm=200e-15, energy=1e-9)
SLOW = Grid(n_points=64, window=1.2e-12, wavelength=WAVELENGTH)


@dataclass(frozen=True)
class Plain:
    """A medium without dispersion."""

    n2: float = 1e-23
    number_density: float = 0.0

    @property
    def chi3(self) -> float:
        return chi3_from_n2(self.n2, 1.0)

    def index(
        self,
        omega: ArrayLike,
        *,
        outside: str = "error",  # noqa: ARG002
    ) -> NDArray[np.float64]:
        return np.ones_like(np.asarray(omega, np.float64))


def test_a_lens_makes_the_waist_that_ray_matrices_say() -> None:
    # q -> q/(1 - q/f), q + z: A. E. Siegman, Lasers (1986), chapter 20.
    radius, focal = 300e-6, 0.1
    data = propagate_beam(
        LONG,
        None,
        Beam(radius=radius, focal_length=focal),
        length=0.2,
        grid=SLOW,
        transverse=(1.5e-3, 96),
        n_positions=9,
    )
    q = 1.0 / (1.0 / (-1j * WAVE * radius**2 / 2.0) - 1.0 / focal)
    expected = np.sqrt(2.0 / (WAVE * (-(1.0 / -(q + data["position"].values))).imag))
    assert_allclose(data["beam_radius"], np.abs(expected), rtol=3e-4)
    assert_allclose(data["energy"], LONG.energy, rtol=1e-9)
    assert_allclose(data["beam_quality"], 1.0, rtol=1e-3)


def test_a_perfect_lens_shifts_the_light_in_its_focus_to_the_blue() -> None:
    # The focus of each colour is as small as its wavelength: the axis has omega^2.
    pulse = Pulse(shape="gaussian", wavelength=WAVELENGTH, fwhm=8e-15, energy=1e-9)
    radius, focal = 400e-6, 0.1
    data = propagate_beam(
        pulse,
        None,
        Beam(radius=radius, focal_length=focal),
        length=focal,
        transverse=(1.8e-3, 160),
        n_positions=2,
        soft_edge=False,
    )
    omega = 2.0 * np.pi * data["frequency"].values
    before, after = data["axis_spectrum"].values
    lit = before > 1e-4 * before.max()
    gain = (omega[lit] / SPEED_OF_LIGHT * radius**2 / (2.0 * focal)) ** 2
    assert_allclose(after[lit] / before[lit], gain, rtol=1e-3)


def rise_by_differences(ratio: float, gains: list[float]) -> NDArray[np.float64]:
    """Return where a beam is so much brighter on axis, over Marburger's distance.

    The paraxial equation of a steady beam by Crank-Nicolson on radii, split steps.
    """
    n, edge, n2 = 1500, 4e-3, 1e-23
    step = edge / n
    radius = (np.arange(n) + 0.5) * step
    critical = critical_power(Plain(n2), WAVELENGTH)
    peak = 2.0 * ratio * critical / np.pi / 1e-3**2
    end = self_focusing_distance(ratio * critical, critical, 1e-3, WAVE)
    light = np.sqrt(peak) * np.exp(-((radius / 1e-3) ** 2)).astype(complex)
    down, up = ((radius + s * step / 2.0) / radius / step**2 for s in (-1.0, 1.0))
    place, seen = 0.0, [(0.0, 1.0)]
    while seen[-1][1] < max(gains):
        h = min(end / 400.0, 0.02 / (WAVE * n2 * abs(light[0]) ** 2))
        half = 1j * WAVE * n2 * h / 2.0
        light *= np.exp(half * np.abs(light) ** 2)
        c = 1j * h / (4.0 * WAVE)
        bands = np.zeros((3, n), complex)
        bands[0, 1:], bands[2, :-1] = -c * up[:-1], -c * down[1:]
        bands[1] = 1.0 + c * (up + down)
        right = light * (1.0 - c * (up + down))
        right[:-1] += c * up[:-1] * light[1:]
        right[1:] += c * down[1:] * light[:-1]
        light = solve_banded((1, 1), bands, right)
        light *= np.exp(half * np.abs(light) ** 2)
        place += h
        seen.append((place / end, abs(light[0]) ** 2 / peak))
    places, rise = np.array(seen).T
    return np.asarray(np.interp(gains, rise, places))


def test_a_strong_beam_collapses_as_by_differences_and_near_where_marburger_says() -> (
    None
):
    medium, radius, ratio = Plain(), 1e-3, 4.0
    critical = critical_power(medium, WAVELENGTH)
    assert critical == pytest.approx(9.6e9, rel=1e-3)
    distance = self_focusing_distance(ratio * critical, critical, radius, WAVE)
    given: dict[str, Any] = {
        "n_positions": 33,
        "tolerance": 1e-5,
        "transverse": (4e-3, 96),
    }
    steady = Grid(n_points=128, window=12e-12, wavelength=WAVELENGTH)
    pulse = Pulse(
        shape="gaussian",
        wavelength=WAVELENGTH,
        fwhm=2e-12,
        peak_power=ratio * critical,
    )
    data = propagate_beam(
        pulse, medium, radius, length=0.93 * distance, grid=steady, **given
    )
    rise = data["axis_intensity"].values / data["axis_intensity"].values[0]
    places = data["position"].values / distance
    gains = [3.0, 5.0, 10.0, 20.0]
    found = np.interp(np.log(gains), np.log(rise), places)
    assert_allclose(found, rise_by_differences(ratio, gains), rtol=3e-3)
    # A growth of 20 comes shortly before the collapse, which the formula has 4 % late.
    assert 0.9 < found[-1] < 1.0
    weak = dataclasses.replace(pulse, peak_power=0.8 * critical, energy=np.nan)
    below = propagate_beam(
        weak, medium, radius, length=3.0 * distance, grid=steady, **given
    )
    assert below["axis_intensity"].max() < 3.0 * below["axis_intensity"][0]


def test_the_error_of_a_step_falls_with_its_fourth_power() -> None:
    medium, section = Plain(), HankelTransform.on(4e-4, 24)
    equation = BeamEquation(medium, section, SLOW, Effects())
    across = np.exp(-((section.radius / 1e-4) ** 2)) * np.sqrt(section.area)
    waves = np.outer(section.matrix @ across, np.fft.ifft(LONG.envelope_on(SLOW)))
    # As strong as half of the critical power for a while.
    waves *= np.sqrt(0.75e9 / np.sum(np.abs(waves) ** 2))

    def after(steps: int) -> NDArray[np.complex128]:
        start = Snapshot(position=0.0, amplitudes=waves, step=0.02 / steps)
        *_, last = march(start, equation, [0.02], tolerance=0.0)
        return last.amplitudes.copy()

    results = [after(steps) for steps in (4, 8, 16)]
    near, far = (np.linalg.norm(b - a) for a, b in itertools.pairwise(results))
    assert np.log2(near / far) == pytest.approx(4.0, abs=0.4)


ARGON = Material(name="argon", pressure=1e5, temperature=293.0)
SHORT = Pulse(shape="gaussian", wavelength=WAVELENGTH, fwhm=10e-15, energy=120e-6)
FAST = FieldGrid(
    n_points=1024,
    window=1024 * 0.5 * np.pi / (5.0 * SHORT.omega0),
    wavelength=WAVELENGTH,
    band=(0.25 * SHORT.omega0, 4.9 * SHORT.omega0),
)
TIGHT = Beam(radius=200e-6, focal_length=0.05)
ROOM = (9e-4, 64)


def test_kerr_light_keeps_its_photons_or_its_energy() -> None:
    pulse = with_energy(10e-6)
    given: dict[str, Any] = {
        "length": 0.06,
        "transverse": ROOM,
        "n_positions": 4,
        "tolerance": 1e-6,
    }
    field = propagate_beam(pulse, ARGON, TIGHT, grid=FAST, **given)
    assert_allclose(field["energy"], pulse.energy, rtol=1e-4)
    slow = dataclasses.replace(pulse, fwhm=30e-15, energy=30e-6, peak_power=np.nan)
    grid = Grid(n_points=256, window=3.6e-13, wavelength=WAVELENGTH)
    envelope = propagate_beam(slow, ARGON, TIGHT, grid=grid, **given)
    assert_allclose(envelope["photon_number"], envelope["photon_number"][0], rtol=1e-4)
    assert np.ptp(envelope["energy"].values) / slow.energy < 1e-2


def test_free_electrons_part_the_light_shift_it_to_the_blue_and_cost_energy() -> None:
    given: dict[str, Any] = {"length": 0.06, "transverse": ROOM, "tolerance": 1e-5}
    alone = propagate_beam(
        SHORT, ARGON, TIGHT, kerr=False, grid=FAST, n_positions=2, **given
    )
    data = propagate_beam(
        SHORT,
        ARGON,
        TIGHT,
        kerr=False,
        plasma="ppt",
        grid=FAST,
        n_positions=61,
        **given,
    )
    assert data["beam_radius"][-1] > 1.3 * alone["beam_radius"][-1]
    frequency, spectrum = data["frequency"].values, data["spectrum"].values
    centre = spectrum @ frequency / spectrum.sum(axis=1)
    assert centre[-1] > 1.005 * centre[0]
    # What is missing has freed the electrons, and a little has moved them.
    area = HankelTransform.on(*ROOM).area
    made = data["electron_density"].values @ area
    paid = np.trapezoid(made, data["position"].values) * ARGON.ionisation_energy
    lost = float(data["energy"][0] - data["energy"][-1])
    assert lost == pytest.approx(paid, rel=0.1)
    assert lost > 0.02 * SHORT.energy


def with_energy(energy: float) -> Pulse:
    return dataclasses.replace(SHORT, energy=energy, peak_power=np.nan)


def test_a_larger_beam_in_thinner_gas_does_the_same() -> None:
    # C. M. Heyl et al., Optica 3, 75 (2016): transverse lengths times a, distances and
    # energy times a^2, pressure over a^2.
    def run(scale: float) -> NDArray[np.float64]:
        gas = dataclasses.replace(ARGON, pressure=1e5 / scale**2)
        data = propagate_beam(
            with_energy(SHORT.energy * scale**2),
            gas,
            Beam(radius=200e-6 * scale, focal_length=0.05 * scale**2),
            length=0.06 * scale**2,
            plasma="ppt",
            grid=FAST,
            transverse=(9e-4 * scale, 64),
            tolerance=1e-5,
            n_positions=7,
        )
        fraction = data["axis_electron_density"].values / gas.number_density
        return np.stack([data["axis_intensity"].values / 1e18, fraction])

    small, large = run(1.0), run(2.0)
    assert small[1].max() > 2e-3
    assert_allclose(large, small, rtol=2e-3, atol=1e-7)


def test_a_jet_disperses_and_frees_by_its_column() -> None:
    jet = Profile(positions=(0.0, 1e-3, 2e-3), values=(0.0, 1.0, 0.0))
    short = Pulse(shape="gaussian", wavelength=800e-9, fwhm=5e-15, energy=1e-6)
    dense = Material(name="argon", pressure=5e6)
    options: dict[str, Any] = {"kerr": False, "n_positions": 3, "estimate_error": False}
    wide = {"full_field": False, "transverse": (1.2e-2, 16), **options}
    # A triangle has the dispersion of half its length of gas at the peak.
    after = propagate_beam(short, dense, 3e-3, length=2e-3, density=jet, **wide)
    cell = propagate_beam(short, dense, 3e-3, length=1e-3, **wide)
    before, expected = cell["axis_field"].values[[0, -1]]
    size = np.abs(expected).max()
    assert np.abs(after["axis_field"].values[-1] - expected).max() < 2e-3 * size
    assert np.abs(before - expected).max() > 0.05 * size
    # Electrons are there where the atoms are.
    pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=30e-15, energy=1e-3)
    thin = Material(name="argon", pressure=1e3)
    options |= {"plasma": "ppt", "density": jet, "transverse": (4e-4, 32)}
    found = propagate_beam(pulse, thin, 1e-4, length=2e-3, **options)
    electrons = found["axis_electron_density"].values
    assert electrons[0] == electrons[-1] == 0.0
    assert 0.01 * thin.number_density < electrons[1] <= thin.number_density
    with pytest.raises(InvalidValue, match="no gas"):
        propagate_beam(
            pulse, Material(name="BK7"), 1e-4, length=1e-3, density=jet, kerr=False
        )
