"""A whole run against the sum over all atoms, each a dipole that radiates by itself."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import j0

from qleap.core.constants import (
    ELECTRONVOLT,
    SPEED_OF_LIGHT,
    VACUUM_PERMEABILITY,
    VACUUM_PERMITTIVITY,
)
from qleap.laser import Beam, Material, Pulse, propagate_beam
from qleap.laser.macroscopic import far_field, generate_harmonics, jet_profile
from qleap.laser.media import XuvMedium

pytest.importorskip("xraydb", reason="needs qleap[xray]")

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

WAVELENGTH, WAIST, LENGTH = 800e-9, 15e-6, 0.6e-3
STRENGTH = 1e-150
OMEGA = 2.0 * np.pi * SPEED_OF_LIGHT / WAVELENGTH
GAS = Material(name="argon", pressure=8e4, temperature=293.0)
PULSE = Pulse(
    shape="gaussian", wavelength=WAVELENGTH, fwhm=15e-15, energy=1e-6, cep=0.7
)
BAND = (12.5 * ELECTRONVOLT, 15.5 * ELECTRONVOLT)


@dataclasses.dataclass(frozen=True)
class Power:
    """Atoms with the dipole ``STRENGTH E^9``."""

    def accelerations(self, fields: Floats, step: float) -> Floats:
        omega = 2.0 * np.pi * np.fft.rfftfreq(fields.shape[1], step)
        cube = fields * fields * fields
        spectrum = np.fft.rfft(STRENGTH * cube * cube * cube, axis=1)
        return np.fft.irfft(-(omega**2) * spectrum, fields.shape[1], axis=1)

    def parameters(self) -> dict[str, object]:
        return {"model": "power"}


def gaussian_field(radius: Floats, depth: float, time: Floats, column: float) -> Floats:
    """Return the field behind a focus and a column of gas, over the time less z/c."""
    n, step = time.size, time[1] - time[0]
    omega = 2.0 * np.pi * np.fft.fftfreq(n, step)
    power = PULSE.field(time)
    # NumPy's forward transform goes with exp(-i omega t), fields here as its conjugate.
    spectrum = np.conj(np.fft.fft(power))
    bright = (omega > 0.5 * OMEGA) & (omega < 1.6 * OMEGA)
    rayleigh = 0.5 * omega[bright] * WAIST**2 / SPEED_OF_LIGHT
    q = 1.0 + 1j * depth / rayleigh
    shape = np.exp(-np.outer(radius**2, 1.0 / (WAIST**2 * q))) / q
    index = GAS.index(omega[bright], outside="extend") - 1.0
    turned = np.exp(1j * omega[bright] / SPEED_OF_LIGHT * index * column)
    peak = np.sqrt(2.0 / (np.pi * WAIST**2))
    to_field = peak * np.sqrt(2.0 / (VACUUM_PERMITTIVITY * SPEED_OF_LIGHT))
    found = np.zeros((radius.size, n), np.complex128)
    found[:, bright] = 2.0 * to_field * spectrum[bright] * turned * shape
    return np.fft.ifft(np.conj(found), axis=1).real


def one_by_one(
    angles: Floats, omega: Floats, share: Callable[[Floats], Floats]
) -> Complex:
    """Return E times distance (V s) of all dipoles, about ``t - (R + LENGTH)/c``."""
    n, window = 2048, 150e-15
    time = np.linspace(-0.5 * window, 0.5 * window, n, endpoint=False)
    radius = (np.arange(60) + 0.5) * 18e-6 / 60
    area = 2.0 * np.pi * radius * radius[0] * 2.0
    xuv = XuvMedium.gas("Ar", pressure=8e4, temperature=293.0, tables="chantler")
    excess = xuv.index(omega) - 1.0
    k = omega / SPEED_OF_LIGHT
    total = np.zeros((angles.size, omega.size), np.complex128)
    places, weights = np.polynomial.legendre.leggauss(64)
    depth = 0.5 * LENGTH * (places + 1.0)
    weights = 0.5 * LENGTH * weights
    fine = np.linspace(0.0, LENGTH, 20001)
    dense = share(fine)
    columns = np.concatenate([[0.0], np.cumsum(0.5 * (dense[1:] + dense[:-1]))])
    columns *= fine[1]
    step = time[1] - time[0]
    for z, weight in zip(depth, weights, strict=True):
        before = float(np.interp(z, fine, columns))
        after = columns[-1] - before
        field = gaussian_field(radius, z, time, before)
        answer = Power().accelerations(field, step)
        phases = np.exp(1j * np.outer(time, omega)) * step
        there = answer @ phases
        rings = j0(k[None, :, None] * np.sin(angles)[:, None, None] * radius) * area
        atoms = GAS.number_density * float(share(np.array(z))) * weight
        way = k * (np.cos(angles)[:, None] - 1.0) * (LENGTH - z) + k * excess * after
        total += atoms * np.exp(1j * way) * np.einsum("akr,rk->ak", rings, there)
    return -VACUUM_PERMEABILITY / (4.0 * np.pi) * total


@pytest.mark.parametrize("full_field", [False, True])
def test_the_far_field_is_that_of_all_dipoles_with_phase(full_field: bool) -> None:
    jet = jet_profile(0.25e-3, centre=0.35e-3)
    driver = propagate_beam(
        PULSE,
        GAS,
        Beam.with_waist(WAIST, 0.0, WAVELENGTH),
        length=LENGTH,
        density=jet,
        kerr=False,
        full_field=full_field,
        n_positions=81,
        amplitudes=True,
        estimate_error=False,
    )
    data = generate_harmonics(driver, Power(), energies=BAND, n_radii=64, weakest=0.3)
    angles = np.linspace(0.0, 20e-3, 6)
    far = far_field(data, angles)
    omega = 2.0 * np.pi * far["frequency"].values[::8]
    expected = one_by_one(angles, omega, np.vectorize(jet.linear))
    # A far field is a quarter of a period late; frames of the gas are early by its
    # column times the delay of the group.
    fine = np.linspace(0.0, LENGTH, 20001)
    ends = np.array([1 - 1e-4, 1 + 1e-4]) * OMEGA
    n = GAS.index(ends)
    late = ((n * ends)[1] - (n * ends)[0]) / (ends[1] - ends[0]) - 1.0
    column = np.trapezoid(np.vectorize(jet.linear)(fine), fine)
    found = -1j * far["far_field"].values[:, ::8]
    found = found * np.exp(1j * omega * late * column / SPEED_OF_LIGHT)
    apart = np.linalg.norm(found - expected) / np.linalg.norm(expected)
    assert apart < 1e-2, apart
